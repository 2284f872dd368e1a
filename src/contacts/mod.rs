//! Who is on the other end: identities, the 24-hour window, who holds the
//! conversation, and whether they agreed to marketing.

use jiff::Timestamp;

use crate::id::ContactId;

/// Who answers a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The bot.
    Bot,
    /// A person; the bot stays silent.
    Human,
}

/// What a contact said about marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marketing {
    /// Nothing yet: not to be sent any.
    NotAsked,
    /// Agreed.
    OptedIn,
    /// Said stop.
    OptedOut,
}

/// Somebody we talk to, as a turn sees them.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Our own id.
    pub id: ContactId,
    /// Language they chose or were last heard in (`en`, `hi`, `hinglish`).
    pub language: Option<String>,
    /// Who answers.
    pub owner: Owner,
    /// Rises whenever the conversation changes hands.
    pub owner_epoch: i64,
    /// Marketing consent.
    pub marketing: Marketing,
    /// When they last wrote, before the message at hand.
    pub last_inbound_at: Option<Timestamp>,
    /// Profile name.
    pub name: Option<String>,
    /// Phone number, digits with country code, if known.
    pub phone: Option<String>,
}

/// A change that a turn makes to the contact itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactChange {
    /// Speak this language from now on (`en`, `hi`, `hinglish`).
    Language(&'static str),
    /// Agree to marketing, or stop it.
    Marketing(Marketing),
    /// Give the conversation to a person, with the reason for it.
    HandOff(String),
}
