//! What is said, and why: session, understanding, flows, replies.
//!
//! It decides and never does: no SQL, no network, no clock. One message comes in with what
//! is known about its sender, one [`Decision`] goes out, and the same message in the same
//! situation always leads to the same decision. Order of understanding: a tap's id, the
//! answer that was asked for, the tables of words, the assistant where there is one, and then
//! an honest "I did not understand".

pub mod amount_words;
pub mod commands;
pub mod compose;
pub use crate::investing::disclosures;
pub mod flows;
pub mod forms;
pub mod labels;
pub mod policy;
pub mod ports;
pub mod scene;
pub mod session;
pub mod texts;
mod thinking;
pub mod understanding;
pub mod voice;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::assistant::{Assistant, Pace};
use crate::clock;
use crate::contacts::{Contact, ContactChange, Marketing, Owner};
use crate::pipeline::{Decision, Effect, Purpose, Reply, Turn, TurnHandler};
use crate::whatsapp::forms::{Answer, Exchange};
use crate::whatsapp::inbound::{self, Policy};
use crate::whatsapp::{InboundMessage, Outgoing};
use forms::Ticket;
use labels::Label;
use policy::Heard;
pub use ports::{Commands, Facts, Matches};
use scene::{Controls, Scene, Step, Then};
use session::{Loaded, Session, TapId};
use texts::Text;
use understanding::{Expectation, Intent, Language, Understood, understand};
pub use voice::Voice;

/// A conversation begins anew after this long.
const CONVERSATION: SignedDuration = SignedDuration::from_hours(24);

/// Who we are.
#[derive(Debug, Clone)]
pub struct Distributor {
    /// Registered name.
    pub name: String,
    /// AMFI registration number, as it is to be shown (`ARN-…`).
    pub arn: String,
    /// Where complaints may be sent besides this chat.
    pub grievance_contact: Option<String>,
}

/// What a step of a form leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Filling {
    /// Another screen, or the end.
    Next(Answer),
    /// The form is not good any more; what to say about it.
    Expired(String),
}

/// Decides what to answer.
pub struct Dialogue {
    facts: Arc<dyn Facts>,
    commands: Arc<dyn Commands>,
    voice: Voice,
    distributor: Distributor,
    /// Who thinks, and how often for whom.
    assistant: Option<(Assistant, Pace)>,
}

impl Dialogue {
    /// Returns a dialogue over these facts, with commands carried out there, in these
    /// words, for this distributor.
    pub fn new(
        facts: Arc<dyn Facts>,
        commands: Arc<dyn Commands>,
        voice: Voice,
        distributor: Distributor,
    ) -> Self {
        Self {
            facts,
            commands,
            voice,
            distributor,
            assistant: None,
        }
    }

    /// Has what the tables of words do not understand thought about, for each contact as
    /// often as the pace allows.
    #[must_use]
    pub fn with_assistant(self, assistant: Option<Assistant>, pace: Pace) -> Self {
        let assistant = assistant.map(|assistant| (assistant, pace));
        Self { assistant, ..self }
    }

    async fn answer(&self, turn: &Turn, heard: Heard<'_>) -> anyhow::Result<Decision> {
        let Loaded {
            mut session,
            generation,
            is_lost,
        } = Session::load(turn.session.as_ref(), turn.now);
        session.language = Some(language(&turn.contact, &session, heard));
        let scene = self.scene(turn, &session);
        let mut used = None;
        let mut is_provisional = false;
        let mut step = match heard {
            Heard::Words(words) => {
                let (words, meant) = understood(&scene, turn, words);
                let thought = match &self.assistant {
                    Some(it) => thinking::think(it, &scene, turn, &words, &meant).await?,
                    None => None,
                };
                let (step, record) = thought.map_or((None, None), |t| (t.step, t.used));
                used = record;
                is_provisional = step.is_some();
                match step {
                    Some(step) => step,
                    None => flows::advance(&scene, &meant, &words).await?,
                }
            }
            Heard::Tap { id, title } => match TapId::decode(id) {
                Some(tap) if tap.generation == generation && !is_lost => {
                    flows::tap(&scene, &tap).await?
                }
                Some(tap) if !is_lost || flows::marketing::declines(&tap) => {
                    flows::earlier_tap(&scene, &tap).await?
                }
                Some(_) => flows::menu::show(&scene)?,
                None => respond(&scene, turn, title).await?,
            },
            Heard::Captioned { what, words } => captioned(&scene, what, words).await?,
            Heard::Form(filled) if !is_lost => flows::filled_in(&scene, filled, generation).await?,
            Heard::Form(_) | Heard::ShowAnswer { .. } => flows::menu::show(&scene)?,
            Heard::Unreadable(what) => flows::courtesy::unreadable(&scene, what)?,
            Heard::Opened | Heard::Nothing => flows::menu::greet(&scene)?,
        };
        if is_lost {
            step = step.led_by(&scene.say(&Text::Lost {})?);
        }
        let mut next = after(&scene, &mut step)?;
        let language = step.changes.iter().find_map(|change| match change {
            ContactChange::Language(code) => Language::from_code(code),
            _ => None,
        });
        next.language = language.or(next.language);
        let newly_heard = match language {
            Some(_) => None,
            None => newly_heard(&turn.contact, session.language),
        };
        let scene = Scene {
            language: language.unwrap_or(scene.language),
            ..scene
        };
        // Only a prompt with something to tap makes earlier taps stale.
        let generation = generation + i64::from(step.say.controls != Controls::None);
        let is_first_contact = begins_conversation(&turn.contact, turn.now);
        let mut replies = compose::replies(&scene, step.say, is_first_contact, generation)?;
        if matches!(heard, Heard::Unreadable(_) | Heard::Captioned { .. })
            && let Some(first) = replies.first_mut()
        {
            // An album comes as one message each: it shows which of them is meant.
            let bare = std::mem::replace(
                &mut first.message,
                Outgoing::Text {
                    body: String::new(),
                },
            );
            first.message = bare.quoting(&turn.message.wamid);
        }
        let contact = turn.contact.id;
        let said = turn.later.last().unwrap_or(&turn.message).sent_at;
        let commands = step.commands.into_iter();
        let mut effects: Vec<Box<dyn Effect>> = commands
            .map(|command| self.commands.effect(contact, command, said))
            .collect();
        effects.extend(used.map(|used| Box::new(used) as Box<dyn Effect>));
        Ok(Decision {
            session: Some(next.store(generation)?),
            replies,
            changes: step.changes,
            heard: newly_heard,
            effects,
            is_provisional,
            outcome: "answered",
        })
    }

    /// Returns the screen that follows a step of a form. Without a ticket of ours, or with
    /// one that is too old, it is not good any more.
    pub fn fill_in(
        &self,
        known: Option<(&Ticket, &Contact)>,
        step: &Exchange,
        now: Timestamp,
    ) -> anyhow::Result<Filling> {
        let language = known.map_or(Language::En, |(ticket, _)| ticket.language);
        let dealings = self.facts.dealings();
        let good = known.filter(|(ticket, _)| now < ticket.until).zip(dealings);
        let Some(((_, contact), dealings)) = good else {
            let words = self.voice.say(language, &Text::FormExpired {})?;
            return Ok(Filling::Expired(words));
        };
        let session = Session::load(None, now).session;
        let scene = Scene {
            language,
            ..self.scene_of(contact, &session, now)
        };
        flows::money::sip_form::next(&scene, dealings, step).map(Filling::Next)
    }

    fn scene<'a>(&'a self, turn: &'a Turn, session: &'a Session) -> Scene<'a> {
        Scene {
            sent_at: turn.message.sent_at,
            ..self.scene_of(&turn.contact, session, turn.now)
        }
    }

    fn scene_of<'a>(
        &'a self,
        contact: &'a Contact,
        session: &'a Session,
        now: Timestamp,
    ) -> Scene<'a> {
        Scene {
            voice: &self.voice,
            language: session.language.unwrap_or(Language::En),
            distributor: &self.distributor,
            facts: &*self.facts,
            commands: &*self.commands,
            contact,
            session,
            today: now.to_zoned(clock::ist()).date(),
            now,
            sent_at: now,
        }
    }
}

/// Returns the session after a step, to which it adds what may be done next.
fn after(scene: &Scene<'_>, step: &mut Step) -> anyhow::Result<Session> {
    let mut next = scene.session.clone();
    match &step.then {
        Then::Stay => {}
        Then::Go(state) => next.go_to(state.clone(), scene.now),
        Then::Finish => next.finish(scene.now),
        Then::Leave => next.leave(scene.now),
    }
    next.note_next(step.next);
    let is_idle = next.is_idle();
    if let Some(besides) = next.next.as_mut().filter(|_| is_idle) {
        flows::money::next::offer(scene, besides.wish, step)?;
        besides.offered = true;
    }
    next.asked_marketing |= flows::marketing::asks(step);
    if let Some(kept) = &mut next.kept {
        kept.offered |= flows::resume::offer(scene, kept, step)?;
    }
    Ok(next)
}

impl TurnHandler for Dialogue {
    fn decide<'a>(&'a self, turn: &'a Turn) -> BoxFuture<'a, anyhow::Result<Decision>> {
        async move {
            let content = &turn.message.content;
            let heard = policy::hear(content);
            if turn.contact.owner == Owner::Human {
                return Ok(hold(heard));
            }
            let silent = |outcome| Decision {
                outcome,
                ..Decision::default()
            };
            if let Heard::ShowAnswer { offer, .. } = heard
                && offer.goes_with_a_tap(turn.contact.last_inbound_at, turn.now)
            {
                // The answer goes out by itself, for they wrote; there is nothing to add.
                return Ok(silent("answered"));
            }
            match inbound::policy(content.word()) {
                Policy::Answer => self.answer(turn, heard).await,
                Policy::Act | Policy::Record => Ok(silent("recorded")),
                Policy::Ignore => Ok(silent("ignored")),
            }
        }
        .boxed()
    }

    fn takes_in(&self, turn: &Turn, later: &InboundMessage) -> bool {
        self.assistant.is_some() && thinking::takes_in(turn, later)
    }

    fn apologise(&self, turn: &Turn) -> Vec<Reply> {
        if turn.contact.owner == Owner::Human {
            return Vec::new();
        }
        let Loaded { session, .. } = Session::load(turn.session.as_ref(), turn.now);
        let heard = policy::hear(&turn.message.content);
        let language = language(&turn.contact, &session, heard);
        // Whatever broke the answer must not break the apology.
        let said = self.voice.say(language, &Text::Apology {}).ok();
        said.map(|body| Reply {
            message: Outgoing::Text { body },
            purpose: Purpose::Chat,
            disclosures: Vec::new(),
        })
        .into_iter()
        .collect()
    }
}

async fn respond(scene: &Scene<'_>, turn: &Turn, words: &str) -> anyhow::Result<Step> {
    let (words, heard) = understood(scene, turn, words);
    flows::advance(scene, &heard, &words).await
}

/// Returns all that was written for a turn, and what it means.
fn understood(scene: &Scene<'_>, turn: &Turn, words: &str) -> (String, Understood) {
    let words = thinking::all_words(turn, words);
    let heard = thinking::understand_all(turn, &words, scene.session.state.expects());
    (words, heard)
}

/// Takes the words below a picture if they are understood, else says what cannot be read.
async fn captioned(scene: &Scene<'_>, what: Label, words: &str) -> anyhow::Result<Step> {
    let heard = understand(words, Expectation::Nothing);
    match heard.intent {
        Intent::Unknown => flows::courtesy::unreadable(scene, what),
        _ => flows::advance(scene, &heard, words).await,
    }
}

/// Stays silent beside a person who has taken over; a STOP takes effect all the same.
fn hold(heard: Heard<'_>) -> Decision {
    let says_stop = match heard {
        Heard::Tap { id, .. } => {
            TapId::decode(id).is_some_and(|tap| flows::marketing::declines(&tap))
        }
        Heard::Words(words) | Heard::Captioned { words, .. } => {
            understand(words, Expectation::Nothing).intent == Intent::OptOut
        }
        _ => false,
    };
    let changes = says_stop.then_some(ContactChange::Marketing(Marketing::OptedOut));
    Decision {
        changes: changes.into_iter().collect(),
        outcome: "held",
        ..Decision::default()
    }
}

/// The language they chose, else the one this message is in, else the last one.
fn language(contact: &Contact, session: &Session, heard: Heard<'_>) -> Language {
    let chosen = contact.language.as_deref().and_then(Language::from_code);
    let detected = || match heard {
        Heard::Words(words) | Heard::Captioned { words, .. } => {
            understanding::language::detect_after(session.language, words)
        }
        _ => None,
    };
    chosen
        .or_else(detected)
        .or(session.language)
        .or_else(|| contact.speaks().and_then(Language::from_code))
        .unwrap_or(Language::En)
}

/// Notes the language of somebody who has chosen none, where it is another than before:
/// notices follow it.
fn newly_heard(contact: &Contact, heard: Option<Language>) -> Option<&'static str> {
    let heard = heard.filter(|_| contact.language.is_none())?;
    let before = contact.speaks().and_then(Language::from_code);
    (heard != before.unwrap_or(Language::En)).then(|| heard.code())
}

fn begins_conversation(contact: &Contact, now: Timestamp) -> bool {
    contact
        .last_inbound_at
        .is_none_or(|last| now.duration_since(last) > CONVERSATION)
}
