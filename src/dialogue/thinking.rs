//! When the assistant is asked, and what becomes of its word.
//!
//! It is asked where the tables of words are at a loss and nothing in particular is being
//! asked for; never in the middle of a flow, and never about what protects people or
//! confirms something. What it says to open is opened at its first step, with the amounts
//! and days that the person wrote themselves.

use jiff::Timestamp;

use super::flows;
use super::policy::{Heard, hear};
use super::scene::{Say, Scene, Step};
use super::session::Session;
use super::texts::Text;
use super::understanding::{Expectation, Intent, Understood, understand};
use crate::assistant::service::DEADLINE;
use crate::assistant::{Assistant, Opening, Outcome, Pace, Question, Use};
use crate::contacts::Owner;
use crate::pipeline::Turn;
use crate::whatsapp::InboundMessage;

/// Below this, what was understood was a guess.
const SURE: f32 = 0.6;
/// Words of a message that is worth a thought; less is a slip or a name.
const WORTH: usize = 3;

/// What became of thinking.
pub(super) struct Thought {
    /// What to say; nothing if the dialogue has to answer by itself.
    pub(super) step: Option<Step>,
    /// The record of it.
    pub(super) used: Option<Use>,
}

/// Says whether the assistant is to be asked.
fn is_wanted(expects: Expectation, heard: &Understood, words: &str) -> bool {
    let is_long = words.split_whitespace().count() >= WORTH;
    let is_open = match heard.intent {
        Intent::Unknown | Intent::Question | Intent::Explain => true,
        Intent::Nav
        | Intent::FundInfo
        | Intent::FundCompare
        | Intent::FundSearch
        | Intent::Portfolio
        | Intent::OrderStatus
        | Intent::Market
        | Intent::SipInfo
        | Intent::OffTopic => heard.confidence < SURE,
        _ => false,
    };
    let is_answered = flows::glossary::term(words).is_some();
    expects == Expectation::Nothing && is_long && is_open && !is_answered
}

/// Asks the assistant about words and what was understood of them, if it is to be asked.
pub(super) async fn think(
    (assistant, pace): &(Assistant, Pace),
    scene: &Scene<'_>,
    turn: &Turn,
    words: &str,
    heard: &Understood,
) -> anyhow::Result<Option<Thought>> {
    let expects = scene.session.state.expects();
    // What joined the first of them since does not make that understood.
    let is_asked = first_words(turn).is_some_and(|first| {
        if first == words {
            return is_wanted(expects, heard, first);
        }
        is_wanted(expects, &understand(first, expects), first)
    });
    if !is_asked {
        return Ok(None);
    }
    let question = Question {
        contact: &turn.contact,
        message: &turn.message.wamid,
        words,
        language: scene.language,
        now: turn.now,
        deadline: turn.now.checked_add(DEADLINE).unwrap_or(Timestamp::MAX),
        pace,
    };
    let answered = assistant.ask(&question).await;
    let step = match answered.outcome {
        Outcome::Answer(answer) => {
            let note = scene.say(&Text::AssistantNote {})?;
            let say = Say {
                subject: answer.subject,
                ..Say::talk(format!("{}\n\n{note}", answer.text))
            };
            Some(Step::stay(say.buttons(vec![flows::resume::to_menu(scene)])))
        }
        Outcome::Open(opening) => open(scene, &opening, heard, words).await?,
        Outcome::Fallback(_) => None,
    };
    Ok(Some(Thought {
        step,
        used: answered.used,
    }))
}

/// Opens a flow at its first step.
async fn open(
    scene: &Scene<'_>,
    opening: &Opening,
    heard: &Understood,
    words: &str,
) -> anyhow::Result<Option<Step>> {
    let named = serde_json::Value::String(opening.flow.clone());
    let Ok(intent) = serde_json::from_value::<Intent>(named) else {
        return Ok(None);
    };
    // A person is called by the person's own word only.
    if matches!(intent, Intent::Agent | Intent::Complaint) {
        return flows::person::wonder(scene).map(Some);
    }
    let mut slots = heard.slots.clone();
    if slots.fund.is_none() {
        slots.fund = opening.fund.clone().filter(|fund| is_in(fund, words));
    }
    let meant = Understood {
        intent,
        slots,
        ..heard.clone()
    };
    flows::advance(scene, &meant, words).await.map(Some)
}

/// Says whether a fund stands in somebody's words.
fn is_in(fund: &str, words: &str) -> bool {
    let words = words.to_lowercase();
    let mut parts = fund.split_whitespace();
    parts.all(|part| words.contains(&part.to_lowercase()))
}

fn first_words(turn: &Turn) -> Option<&str> {
    match hear(&turn.message.content) {
        Heard::Words(words) => Some(words),
        _ => None,
    }
}

/// Returns all that was written for a turn, a line each.
pub(super) fn all_words(turn: &Turn, first: &str) -> String {
    let later = turn
        .later
        .iter()
        .filter_map(|later| match hear(&later.content) {
            Heard::Words(words) => Some(words),
            _ => None,
        });
    std::iter::once(first)
        .chain(later)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Understands all that was written for a turn: the last line that means something by
/// itself, or what it comes to together.
pub(super) fn understand_all(turn: &Turn, words: &str, expects: Expectation) -> Understood {
    let lines = turn
        .later
        .iter()
        .rev()
        .filter_map(|later| match hear(&later.content) {
            Heard::Words(words) => Some(understand(words, expects)),
            _ => None,
        });
    let mut known = lines.filter(|heard| !is_open(heard.intent));
    known.next().unwrap_or_else(|| understand(words, expects))
}

fn is_open(intent: Intent) -> bool {
    matches!(intent, Intent::Unknown | Intent::Question | Intent::Explain)
}

/// Says whether words that came later are answered together with what is being thought
/// about. What protects, confirms or ends something never is, and no tap.
pub(super) fn takes_in(turn: &Turn, later: &InboundMessage) -> bool {
    let (Some(first), Heard::Words(more)) = (first_words(turn), hear(&later.content)) else {
        return false;
    };
    let session = Session::load(turn.session.as_ref(), turn.now).session;
    let expects = session.state.expects();
    let is_harmless = !matches!(
        understand(more, expects).intent,
        Intent::OptOut
            | Intent::OptIn
            | Intent::Agent
            | Intent::Complaint
            | Intent::Confirm
            | Intent::Deny
            | Intent::Back
            | Intent::Cancel
            | Intent::CallOff
            | Intent::WithdrawConsent
            | Intent::Privacy
            | Intent::Erase
            | Intent::Language
            | Intent::SipStop
            | Intent::SipPause
            | Intent::Redeem
            | Intent::Switch
    );
    turn.contact.owner == Owner::Bot
        && is_wanted(expects, &understand(first, expects), first)
        && is_harmless
}
