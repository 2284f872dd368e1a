//! Who is on the other end: identities, the 24-hour window, who holds the
//! conversation, and whether they agreed to marketing.

pub mod consent;
pub mod door;
mod names;
mod profile;
pub mod store;

pub use store::requests;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::id::ContactId;
use crate::storage::{Conn, Error};

pub use consent::{
    Consent, ConsentProof, ConsentPurpose, DataRecipient, MarketingChannel, NewConsent, is_given,
};
pub use profile::Profile;

/// Two contacts that were found to be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// Nobody is known by it any more.
    pub from: ContactId,
    /// Who both are from now on.
    pub into: ContactId,
}

/// A room above that keeps something for contacts, and takes it along when two of them
/// are found to be one person.
pub trait Moves: Send + Sync {
    /// Moves what it keeps, on the transaction that merges the contacts.
    fn contact_merged<'c>(
        &'c self,
        conn: &'c mut Conn,
        merged: Merged,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>>;
}

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
    /// Language they chose (`en`, `hi`, `hinglish`).
    pub language: Option<String>,
    /// Language they were last heard in.
    pub language_heard: Option<String>,
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
    /// Since when it is doubtful who this is: their number changed. Nothing that is
    /// theirs is shown or sold to them until a person has made sure.
    pub unverified_since: Option<Timestamp>,
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

impl ContactChange {
    /// Returns the word the audit trail has for it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Language(_) => "language_chosen",
            Self::Marketing(Marketing::OptedIn) => "marketing_opted_in",
            Self::Marketing(Marketing::OptedOut) => "marketing_opted_out",
            Self::Marketing(Marketing::NotAsked) => "marketing_forgotten",
            Self::HandOff(_) => "handed_off",
        }
    }
}

impl Contact {
    /// Returns the language to write to them in unasked: chosen, else last heard.
    pub fn speaks(&self) -> Option<&str> {
        self.language.as_deref().or(self.language_heard.as_deref())
    }
}

impl Owner {
    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Human => "human",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Bot, Self::Human]
            .into_iter()
            .find(|owner| owner.as_str() == text)
    }
}

impl Marketing {
    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::OptedIn => "opted_in",
            Self::OptedOut => "opted_out",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::NotAsked, Self::OptedIn, Self::OptedOut]
            .into_iter()
            .find(|marketing| marketing.as_str() == text)
    }
}

/// Returns the digits of a phone number as WhatsApp names it (country code, no plus), or
/// nothing if it cannot be one. Ten digits without a country code are Indian.
pub fn wa_id(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_digit() || " +-()".contains(c);
    if !text.trim().chars().all(allowed) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let national = digits.trim_start_matches('0');
    match (text.trim().starts_with('+'), national.len()) {
        (false, 10) => Some(format!("91{national}")),
        // E.164 allows 15 digits; the shortest numbers in use have 7.
        (_, 7..=15) if digits == national => Some(digits),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_read_as_people_and_statements_write_them() {
        for text in [
            "+91 90000 00000",
            "919000000000",
            "9000000000",
            "09000000000",
            "+91-9000000000",
        ] {
            assert_eq!(wa_id(text).as_deref(), Some("919000000000"), "{text}");
        }
        for text in [
            "",
            "12345",
            "con_1",
            "+0919000000000",
            "9000000000x",
            "1234567890123456",
        ] {
            assert_eq!(wa_id(text), None, "{text}");
        }
    }
}
