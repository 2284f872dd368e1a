//! Conversations held again with this build, in memory: what was said then beside what
//! would be said now. Nobody is sent anything and nothing is kept: what was shown can be
//! confirmed (`undone.rs`), and what follows from that is not there for the messages
//! after it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use jiff::Timestamp;

use super::undone::Undone;
use super::{App, demo, gateway};
use crate::assistant::Pace;
use crate::clock::{Clock, ist};
use crate::contacts::{Contact, ContactChange, Marketing, Owner};
use crate::id::ContactId;
use crate::pipeline::{self, Decision, StoredSession, Turn, TurnHandler};
use crate::sandbox::script::{Beat, Check, Event, Script};
use crate::sandbox::{Person, personas};
use crate::whatsapp::{CardAction, Content, InboundMessage, Outgoing, Sender};

/// One message, held again.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// When it was written.
    pub at: Timestamp,
    /// What was written or tapped.
    pub wrote: String,
    /// What was said then, or the words that were to be in it.
    pub then: Vec<String>,
    /// What would be said now.
    pub now: Vec<String>,
    /// Whether that differs.
    pub differs: bool,
    /// What it would set in motion, which was left undone.
    pub undone: usize,
}

/// For a command of its own: the clock is moved to the times of what is held again, and there
/// is no way to the exchange.
impl App {
    /// Holds again what a contact and the service said; also returns how many messages
    /// are left out because they are no longer on record.
    pub async fn replay_contact(&self, contact: &str) -> anyhow::Result<(Vec<Replayed>, usize)> {
        let id = self.find_contact(contact).await?;
        self.looked_at("conversation_read", id).await?;
        let row = id.to_string();
        let mut conn = self.ground.db.read().await?;
        let keys = &self.ground.keys;
        let mut found =
            crate::contacts::store::load(&mut conn, keys, std::slice::from_ref(&row)).await?;
        let stored = found.remove(&row).context("no such contact")?;
        let (exchanges, left_out) = pipeline::conversation(&mut conn, keys, &stored).await?;
        drop(conn);
        self.connect_for_replay()?;
        let mut again = Again::new(self, as_new(stored.contact))?;
        let mut replayed = Vec::with_capacity(exchanges.len());
        for exchange in exchanges {
            // Who held the conversation then is on record with each message.
            again.contact.owner = match exchange.outcome.as_str() {
                "held" => Owner::Human,
                _ => Owner::Bot,
            };
            let wrote = words_of(&exchange.message.content);
            let then: Vec<String> = words(&exchange.answers);
            let decision = again.hears(exchange.message, exchange.at).await?;
            let now = words_said(&decision);
            replayed.push(Replayed {
                at: exchange.at,
                wrote,
                differs: then != now,
                then,
                now,
                undone: decision.effects.len(),
            });
        }
        Ok((replayed, left_out))
    }

    /// Holds a conversation that is written down, with the demo's people.
    pub async fn replay_script(&self, script: &Script) -> anyhow::Result<Vec<Replayed>> {
        self.connect_for_replay()?;
        let mut at = script.begins.unwrap_or_else(|| self.ground.clock.now());
        let mut again: Option<(String, Again)> = None;
        let mut replayed = Vec::new();
        for beat in &script.scenes {
            let (who, contents) = match &beat.event {
                Event::Wait(minutes) => {
                    at += jiff::SignedDuration::from_mins(*minutes);
                    continue;
                }
                Event::Until(time) => {
                    at = next(at, *time)?;
                    continue;
                }
                // What the exchange is told is not there in a replay.
                Event::Restart | Event::Approves(..) | Event::Refuses(..) => continue,
                Event::Release(_) => {
                    if let Some((_, again)) = &mut again {
                        again.contact.owner = Owner::Bot;
                    }
                    continue;
                }
                Event::Says(who, texts) => {
                    (who, texts.iter().cloned().map(Content::Text).collect())
                }
                Event::Taps(who, label) | Event::TapsEarlier(who, label) => {
                    let is_newest = matches!(beat.event, Event::Taps(..));
                    let shown = again.as_ref().and_then(|(_, a)| a.shown(label, is_newest));
                    let id = shown.unwrap_or_default();
                    let title = label.clone();
                    (who, vec![Content::Tap { id, title }])
                }
                Event::Sends(who, what) => (who, vec![Content::Unsupported(what.clone())]),
            };
            let held = match again.take() {
                Some((name, held)) if name == *who => held,
                _ => Again::new(self, self.persona(who).await)?,
            };
            let (_, held) = again.insert((who.clone(), held));
            let (mut wrote, mut now, mut undone) = (Vec::new(), Vec::new(), 0);
            for content in contents {
                wrote.push(words_of(&content));
                let decision = held.hears(written(content, at), at).await?;
                now.extend(words_said(&decision));
                undone += decision.effects.len();
            }
            let then = wanted(beat);
            let is_there = |words: &String| now.iter().any(|said| said.contains(words.as_str()));
            replayed.push(Replayed {
                at,
                wrote: wrote.join(" | "),
                differs: !then.iter().all(is_there),
                then,
                now,
                undone,
            });
        }
        Ok(replayed)
    }

    /// Connects what the running service decides with: the rules of its exchange but not the
    /// exchange, which nothing is to be asked of, as little as of a KYC agency; the model; and
    /// forms, which are taken to be shown wherever they are set up.
    fn connect_for_replay(&self) -> anyhow::Result<()> {
        let (settings, here) = gateway::out_of_reach(&self.settings.gateway);
        self.connect_gateway_of(&settings, Some(&here))?;
        let beside = self.settings.is_demo().then(|| demo::connect_beside(self));
        let model = beside.transpose()?;
        self.connect_assistant(model.as_deref())?;
        let are_set_up = self.forms.get().is_some();
        self.forms_published.store(are_set_up, Ordering::Relaxed);
        Ok(())
    }

    /// One of the demo's people; one who has not written yet is on no record.
    async fn persona(&self, name: &str) -> Contact {
        let people = personas();
        let person = people.iter().find(|person| person.name == name);
        let key = person.map_or(name, Person::key);
        let now = self.ground.clock.now();
        let id = match self.find_contact(key).await {
            Ok(id) => id,
            Err(_) => self.ground.ids.next::<ContactId>(now),
        };
        as_new(Contact {
            id,
            language: None,
            language_heard: None,
            owner: Owner::Bot,
            owner_epoch: 0,
            marketing: Marketing::NotAsked,
            last_inbound_at: None,
            unverified_since: None,
            name: Some(name.to_owned()),
            phone: person.and_then(|person| person.wa_id.clone()),
        })
    }
}

/// A conversation under way, in memory.
struct Again {
    dialogue: crate::dialogue::Dialogue,
    clock: Clock,
    contact: Contact,
    session: Option<StoredSession>,
    /// What could be tapped so far, newest last: label and id.
    tappable: Vec<(String, String)>,
}

impl Again {
    fn new(app: &App, contact: Contact) -> anyhow::Result<Self> {
        Ok(Self {
            // No KYC agency is there to be asked, and nobody is asking: how often they may was
            // looked at when they did.
            dialogue: app.dialogue_with(Arc::new(Undone::new(app.clone())), None, Pace::any())?,
            clock: app.ground.clock.clone(),
            contact,
            session: None,
            tappable: Vec::new(),
        })
    }

    async fn hears(
        &mut self,
        mut message: InboundMessage,
        now: Timestamp,
    ) -> anyhow::Result<Decision> {
        if let Content::Tap { id, title } = &mut message.content
            && !self.tappable.iter().any(|(_, shown)| shown == id)
            && let Some(shown) = self.shown(title, true)
        {
            // This build may number its prompts otherwise: the label is what was meant.
            *id = shown;
        }
        // Whatever reads the clock decides as of then too: how long terms hold, for which day
        // an order is, how long a model may think.
        let ahead = now.as_millisecond() - self.clock.now().as_millisecond();
        self.clock.shift_millis(ahead);
        let turn = Turn {
            contact: self.contact.clone(),
            message,
            later: Vec::new(),
            session: self.session.clone(),
            now,
        };
        let decision = self.dialogue.decide(&turn).await?;
        if let Some(session) = &decision.session {
            self.session = Some(session.clone());
        }
        if let Some(code) = decision.heard {
            self.contact.language_heard = Some(code.to_owned());
        }
        for change in &decision.changes {
            match change {
                ContactChange::Language(code) => self.contact.language = Some((*code).to_owned()),
                ContactChange::Marketing(marketing) => self.contact.marketing = *marketing,
                ContactChange::HandOff(_) => self.contact.owner = Owner::Human,
            }
        }
        self.contact.last_inbound_at = Some(now);
        for reply in &decision.replies {
            self.tappable.extend(tappable(&reply.message));
        }
        Ok(decision)
    }

    fn shown(&self, label: &str, is_newest: bool) -> Option<String> {
        let mut found = self.tappable.iter().filter(|(title, _)| title == label);
        let found = if is_newest {
            found.next_back()
        } else {
            found.next()
        };
        found.map(|(_, id)| id.clone())
    }
}

/// A contact as they were before the first message.
fn as_new(contact: Contact) -> Contact {
    Contact {
        language: None,
        owner: Owner::Bot,
        marketing: Marketing::NotAsked,
        last_inbound_at: None,
        ..contact
    }
}

fn written(content: Content, at: Timestamp) -> InboundMessage {
    InboundMessage {
        phone_number_id: String::new(),
        wamid: String::new(),
        sender: Sender::default(),
        sent_at: at,
        content,
        reply_to: None,
        forwarded: false,
        referral: None,
    }
}

fn wanted(beat: &Beat) -> Vec<String> {
    let wanted = beat.checks.iter().filter_map(|(_, check)| match check {
        Check::Bot(words) | Check::Also(words) => Some(words.clone()),
        _ => None,
    });
    wanted.collect()
}

fn words_said(decision: &Decision) -> Vec<String> {
    let said = decision.replies.iter();
    said.map(|reply| reply.message.words().to_owned()).collect()
}

fn words(messages: &[Outgoing]) -> Vec<String> {
    messages.iter().map(|m| m.words().to_owned()).collect()
}

fn words_of(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Tap { title, .. } => format!("[{title}]"),
        Content::TemplateButton { text, .. } => format!("[{text}]"),
        Content::Unsupported(what) => format!("({what})"),
        other => format!("({other:?})"),
    }
}

fn tappable(message: &Outgoing) -> Vec<(String, String)> {
    match message.bare() {
        Outgoing::Buttons { buttons, .. } => {
            let all = buttons.iter().map(|b| (b.title.clone(), b.id.clone()));
            all.collect()
        }
        Outgoing::List { sections, .. } => {
            let rows = sections.iter().flat_map(|section| &section.rows);
            rows.map(|row| (row.title.clone(), row.id.clone()))
                .collect()
        }
        Outgoing::Cards { cards, .. } => {
            let replies = cards.iter().filter_map(|card| match &card.action {
                CardAction::Replies { buttons } => Some(buttons),
                CardAction::Link { .. } => None,
            });
            let all = replies.flatten();
            all.map(|b| (b.title.clone(), b.id.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The next moment after this one that has this time of day in India.
fn next(at: Timestamp, time: jiff::civil::Time) -> anyhow::Result<Timestamp> {
    let here = at.to_zoned(ist());
    let today = here.date();
    let day = if time > here.time() {
        today
    } else {
        today.tomorrow()?
    };
    Ok(day.to_datetime(time).to_zoned(ist())?.timestamp())
}
