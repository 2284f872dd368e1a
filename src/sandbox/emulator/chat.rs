//! People and what was said.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::limits::{Bucket, Marketed};
use super::numbers;
use super::price::Price;

/// Somebody with WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Phone number, digits only; missing for somebody the business knows by user id only.
    pub wa_id: Option<String>,
    /// Business-scoped user id.
    pub user_id: String,
    /// Profile name.
    pub name: String,
    /// A line about them, for whoever plays them.
    #[serde(default)]
    pub about: String,
}

impl Person {
    /// Returns somebody with a phone number.
    pub fn with_phone(wa_id: &str, name: &str) -> Self {
        Self {
            wa_id: Some(wa_id.to_owned()),
            user_id: user_id(wa_id),
            name: name.to_owned(),
            about: String::new(),
        }
    }

    /// Returns somebody whose phone number the business never learns.
    pub fn without_phone(user_id: &str, name: &str) -> Self {
        Self {
            wa_id: None,
            user_id: user_id.to_owned(),
            name: name.to_owned(),
            about: String::new(),
        }
    }

    /// The same with a line about them.
    #[must_use]
    pub fn about(self, about: &str) -> Self {
        Self {
            about: about.to_owned(),
            ..self
        }
    }

    /// Returns the number on their card when they share it, also where the business does
    /// not learn it otherwise.
    pub(crate) fn own_number(&self) -> String {
        let digits = self
            .user_id
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(char::from);
        let made_up = || format!("91{}", digits.take(10).collect::<String>());
        self.wa_id.clone().unwrap_or_else(made_up)
    }

    /// Returns them by the number that Meta may call them by instead of theirs.
    pub(crate) fn by_another_number(&self) -> Self {
        Self {
            wa_id: self.wa_id.as_deref().map(numbers::with_a_one),
            ..self.clone()
        }
    }

    /// Returns the name the emulator knows them by: the phone number if there is one.
    pub fn key(&self) -> &str {
        self.wa_id.as_deref().unwrap_or(&self.user_id)
    }
}

/// The business-scoped id of a phone number: always the same one.
fn user_id(wa_id: &str) -> String {
    let digest = Sha256::digest(wa_id.as_bytes());
    let digits: String = digest[..16]
        .iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .collect();
    format!("IN.{digits}")
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    /// Left its sender.
    #[default]
    Sent,
    /// Never arrived.
    Failed,
    /// Arrived: on the phone, or at the webhook, which answered 200.
    Delivered,
    /// Was read.
    Read,
}

/// One message in a chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bubble {
    /// Rises with every message.
    pub number: u64,
    /// Meta's id.
    pub wamid: String,
    /// Whether the person wrote it; otherwise the business did.
    pub mine: bool,
    /// When.
    pub at: Timestamp,
    /// `text`, `interactive`, `template`, `audio` …
    pub kind: String,
    /// The words of it.
    pub text: String,
    /// The object named after the kind, as it went over the wire.
    pub content: Value,
    /// How far it got.
    pub tick: Tick,
    /// Meta's code, if it failed.
    pub failure: Option<i64>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// The button of it that was tapped.
    pub tapped: Option<String>,
    /// `biz_opaque_callback_data` it was sent with.
    pub callback: Option<String>,
    /// The emoji the other side put on it.
    #[serde(default)]
    pub reaction: Option<String>,
    /// How a template reads on the phone: what was approved, with what was filled in.
    #[serde(default)]
    pub shown: Option<Value>,
    /// What it costs, where no `delivered` told: then `read` does.
    #[serde(default)]
    pub owed: Option<Price>,
}

/// A send that was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Meta's id.
    pub wamid: String,
    /// Whom it is for: the key of the person, or the address if nobody has it.
    pub to: String,
    /// `biz_opaque_callback_data`.
    pub callback: Option<String>,
    /// `text`, `interactive` …
    pub kind: &'static str,
    /// The words of it.
    pub text: String,
    /// The whole request.
    pub body: Value,
    /// When, by the emulator's clock.
    pub at: Timestamp,
    /// When, by the machine, for measuring.
    pub arrived: std::time::Instant,
}

/// Returns whether a message of this kind from a person opens the 24-hour window. Meta does not
/// say that a reaction does, and what tells of a new number nobody wrote.
pub(crate) fn opens_window(kind: &str) -> bool {
    !matches!(kind, "reaction" | "system")
}

/// One person and their chat with the business.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) person: Person,
    pub(crate) bubbles: VecDeque<Bubble>,
    /// Opens the 24-hour window.
    pub(crate) last_inbound: Option<Timestamp>,
    pub(crate) typing_until: Option<Timestamp>,
    /// Whether they stopped marketing from the business in WhatsApp.
    pub(crate) stopped_marketing: bool,
    pub(crate) pair: Bucket,
    pub(crate) marketed: Marketed,
}

impl Chat {
    pub(crate) fn of(person: Person) -> Self {
        Self {
            person,
            bubbles: VecDeque::new(),
            last_inbound: None,
            typing_until: None,
            stopped_marketing: false,
            pair: Bucket::default(),
            marketed: Marketed::default(),
        }
    }

    pub(crate) fn find(&mut self, wamid: &str) -> Option<&mut Bubble> {
        self.bubbles.iter_mut().rev().find(|b| b.wamid == wamid)
    }

    pub(crate) fn unread(&self) -> usize {
        let unread = |b: &&Bubble| !b.mine && !matches!(b.tick, Tick::Read | Tick::Failed);
        self.bubbles.iter().filter(unread).count()
    }

    /// Returns whether free-form messages may be sent to this person.
    pub(crate) fn window_is_open(&self, now: Timestamp) -> bool {
        self.window_ends().is_some_and(|ends| now < ends)
    }

    pub(crate) fn window_ends(&self) -> Option<Timestamp> {
        self.last_inbound
            .map(|at| at + jiff::SignedDuration::from_hours(24))
    }
}
