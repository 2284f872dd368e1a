//! Consent: what for, and how it can be shown later. The marketing flag of a contact is
//! what is obeyed; the ledger is what proves it, and the two are written together.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ConsentId;

/// What somebody agrees to. Each is asked for, and withdrawn, on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentPurpose {
    /// That we keep their data and write to them about what they ordered.
    Service,
    /// That we write to them about more, by one channel.
    Marketing(MarketingChannel),
    /// That their data goes to somebody who needs it for their orders.
    DataSharing(DataRecipient),
}

/// A channel of marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MarketingChannel {
    WhatsApp,
    Email,
    Sms,
    Voice,
}

/// Who gets data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataRecipient {
    /// Fund houses.
    Amc,
    /// Registrars.
    Rta,
    /// KYC registration agencies.
    Kra,
}

/// Every purpose and the word it is stored as.
const PURPOSES: [(ConsentPurpose, &str); 8] = [
    (ConsentPurpose::Service, "service"),
    (
        ConsentPurpose::Marketing(MarketingChannel::WhatsApp),
        "marketing:whatsapp",
    ),
    (
        ConsentPurpose::Marketing(MarketingChannel::Email),
        "marketing:email",
    ),
    (
        ConsentPurpose::Marketing(MarketingChannel::Sms),
        "marketing:sms",
    ),
    (
        ConsentPurpose::Marketing(MarketingChannel::Voice),
        "marketing:voice",
    ),
    (
        ConsentPurpose::DataSharing(DataRecipient::Amc),
        "data_sharing:amc",
    ),
    (
        ConsentPurpose::DataSharing(DataRecipient::Rta),
        "data_sharing:rta",
    ),
    (
        ConsentPurpose::DataSharing(DataRecipient::Kra),
        "data_sharing:kra",
    ),
];

impl ConsentPurpose {
    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        let found = PURPOSES.iter().find(|(_, word)| *word == text);
        found.map(|(purpose, _)| *purpose)
    }

    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        let found = PURPOSES.iter().find(|(purpose, _)| *purpose == self);
        found.map_or("", |(_, word)| word)
    }
}

impl fmt::Display for ConsentPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was put before somebody, and what they said. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentProof {
    /// The text, word for word.
    pub shown: String,
    /// What they answered (a button's title, or their words).
    pub answer: String,
}

impl fmt::Debug for ConsentProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsentProof(..)")
    }
}

/// Consent to put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// What for.
    pub purpose: ConsentPurpose,
    /// Given, or withdrawn.
    pub given: bool,
    /// Where it was said (`chat`, `api`, `operator`, `merge`).
    pub source: &'static str,
    /// What was shown and answered.
    pub proof: ConsentProof,
    /// Version of the text shown.
    pub version: String,
}

/// Consent on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// What for.
    pub purpose: ConsentPurpose,
    /// Given, or withdrawn.
    pub given: bool,
    /// Where it was said.
    pub source: String,
    /// What was shown and answered.
    pub proof: ConsentProof,
    /// Version of the text shown.
    pub version: String,
    /// When.
    pub at: Timestamp,
}

/// Returns whether a purpose is agreed to now: what was said last counts, and nothing
/// said is no.
pub fn is_given(ledger: &[Consent], purpose: ConsentPurpose) -> bool {
    let last = ledger.iter().rfind(|consent| consent.purpose == purpose);
    last.is_some_and(|consent| consent.given)
}

/// What is agreed to with one answer when an account is opened: none of it can be left out
/// when units are bought.
pub const ACCOUNT: [ConsentPurpose; 4] = [
    ConsentPurpose::Service,
    ConsentPurpose::DataSharing(DataRecipient::Amc),
    ConsentPurpose::DataSharing(DataRecipient::Rta),
    ConsentPurpose::DataSharing(DataRecipient::Kra),
];

/// Returns whether all that an account takes is agreed to now.
pub fn is_account_given(ledger: &[Consent]) -> bool {
    ACCOUNT.iter().all(|purpose| is_given(ledger, *purpose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_reads_back_as_what_it_was_written_for() {
        for (purpose, word) in PURPOSES {
            assert_eq!(ConsentPurpose::parse(word), Some(purpose));
            assert_eq!(purpose.to_string(), word);
        }
        assert_eq!(ConsentPurpose::parse("marketing"), None);
    }
}
