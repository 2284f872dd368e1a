//! The language model, and everything that keeps it harmless.
//!
//! A question comes in with the contact whose it is; what goes out is an answer whose every
//! figure was looked up in this turn ([`grounding`]), that advises nothing ([`policy`]), or
//! a flow to open, or the reason why there is neither, and then the dialogue answers by
//! itself. The model is taken to be hostile: it reads masked words ([`mask`]), looks up only
//! this contact's records and changes nothing ([`tools`]), and has so many seconds, rounds,
//! bytes and paise ([`service`], [`budget`], [`breaker`]).

pub mod breaker;
pub mod budget;
pub mod client;
mod facts;
pub mod grounding;
pub mod mask;
pub mod policy;
mod ports;
pub mod prompt;
mod record;
pub mod service;
mod store;
mod tokens;
pub mod tools;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::contacts::Contact;
use crate::investing::disclosures::Subject;
use crate::language::Language;

pub use budget::Pace;
pub use facts::{About, Facts};
pub use ports::{
    Call, Completion, Found, Message, Model, ModelError, OrderFacts, PlanFacts, Records,
};
pub use record::Use;
pub use service::{Assistant, Rules};
pub use store::{FORGET, LET_GO, move_uses};
pub use tools::Opening;

/// What somebody wants to know.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub contact: &'a Contact,
    /// Meta's id of the message, for the record.
    pub message: &'a str,
    /// Their words.
    pub words: &'a str,
    /// The language to answer in.
    pub language: Language,
    /// When they ask: the day it is, and whose budget it comes from.
    pub now: Timestamp,
    /// By when there has to be a word, whatever happens.
    pub deadline: Timestamp,
    /// How often they may ask.
    pub pace: &'a Pace,
}

/// What came of a question.
#[derive(Debug)]
pub struct Answered {
    /// What to do.
    pub outcome: Outcome,
    /// The record of it, to be written with the turn; none if no model was asked.
    pub used: Option<Use>,
}

/// What to do about a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Say this.
    Answer(Answer),
    /// Go on in a flow.
    Open(Opening),
    /// Answer without the assistant.
    Fallback(Reason),
}

/// An answer that may be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// What it is about; decides the required texts.
    pub subject: Subject,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too many questions are being thought about.
    Busy,
    /// This contact asks too often.
    TooOften,
    /// The day's budget is used up.
    Budget,
    /// The models are left alone for a while, because they did not answer.
    Resting,
    /// It took too long.
    Slow,
    /// No model answered.
    Unanswered,
    /// What it said may not be sent.
    Refused,
    /// It looked things up without end.
    Rounds,
    /// Something of ours failed.
    Trouble,
}

impl Outcome {
    /// Returns the word it is recorded and counted under.
    pub const fn verdict(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answered",
            Self::Open(_) => "opened",
            Self::Fallback(reason) => match reason {
                Reason::Busy => "busy",
                Reason::TooOften => "too_often",
                Reason::Budget => "budget",
                Reason::Resting => "resting",
                Reason::Slow => "slow",
                Reason::Unanswered => "unanswered",
                Reason::Refused => "refused",
                Reason::Rounds => "rounds",
                Reason::Trouble => "trouble",
            },
        }
    }
}

/// Why words of a model may not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// They say a figure of their own.
    #[error(transparent)]
    Ungrounded(#[from] grounding::Ungrounded),
    /// They say what nobody here may say, or say it wrongly.
    #[error(transparent)]
    Breach(#[from] policy::Breach),
}

/// Returns a model's words as they are sent, or why they are not: slots are filled and what
/// was masked is put back, after every rule has seen the words alone.
pub fn judge(
    text: &str,
    slots: &grounding::Slots,
    mask: &mask::Mask,
    language: Language,
    own_host: Option<&str>,
) -> Result<String, Refused> {
    // A chat about money is calm.
    let text = text.trim().replace('!', ".");
    let mut known = slots.clone();
    known.extend(mask.hidden().clone());
    grounding::verify(&text, &known)?;
    let (mut spoken, mut shown) = (String::new(), String::new());
    let mut funds = BTreeSet::new();
    for piece in grounding::pieces(&text)? {
        match piece {
            grounding::Piece::Words(words) => {
                spoken.push_str(words);
                shown.push_str(words);
            }
            grounding::Piece::Slot(name) => {
                spoken.push_str(" \u{fffc} ");
                if facts::is_name(name) {
                    funds.insert(name);
                }
                shown.push_str(known.get(name).map_or("", String::as_str));
            }
        }
    }
    policy::check(&spoken, language, own_host)?;
    policy::check_funds(&spoken, funds.len())?;
    Ok(shown)
}
