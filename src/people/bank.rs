//! Bank accounts: what they are called, and how far we know they are the investor's.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::BankAccountId;

/// The code of a branch: four letters, a zero, six letters or digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ifsc(String);

/// An account number: nine to eighteen digits. It never shows itself in a log.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(String);

/// Why a bank account cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BankFault {
    /// Not a branch code.
    #[error("an IFSC is four letters, a zero, and six letters or digits")]
    Ifsc,
    /// Not an account number.
    #[error("an account number is 9 to 18 digits")]
    AccountNumber,
    /// Nobody's name on it.
    #[error("a bank account needs its holder's name")]
    Holder,
}

impl Ifsc {
    /// Reads a branch code as people write it.
    pub fn parse(text: &str) -> Result<Self, BankFault> {
        let text = text.trim().to_ascii_uppercase();
        let bytes = text.as_bytes();
        let is_of_form = bytes.len() == 11
            && bytes[..4].iter().all(u8::is_ascii_uppercase)
            && bytes[4] == b'0'
            && bytes[5..].iter().all(u8::is_ascii_alphanumeric);
        is_of_form.then_some(Self(text)).ok_or(BankFault::Ifsc)
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AccountNumber {
    /// Reads an account number as people write it, with spaces or hyphens.
    pub fn parse(text: &str) -> Result<Self, BankFault> {
        let kept = |c: &char| !matches!(c, ' ' | '-');
        let digits: String = text.chars().filter(kept).collect();
        let is_of_form =
            (9..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_of_form
            .then_some(Self(digits))
            .ok_or(BankFault::AccountNumber)
    }

    /// Returns the number, for the exchange.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what may be shown: `xxxx6789`.
    pub fn masked(&self) -> String {
        format!("xxxx{}", &self.0[self.0.len() - 4..])
    }
}

impl TryFrom<String> for Ifsc {
    type Error = BankFault;

    fn try_from(text: String) -> Result<Self, BankFault> {
        Self::parse(&text)
    }
}

impl From<Ifsc> for String {
    fn from(ifsc: Ifsc) -> Self {
        ifsc.0
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = BankFault;

    fn try_from(text: String) -> Result<Self, BankFault> {
        Self::parse(&text)
    }
}

impl From<AccountNumber> for String {
    fn from(number: AccountNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountNumber(..)")
    }
}

/// A bank account as the investor gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBank {
    /// Account number.
    pub number: AccountNumber,
    /// Branch.
    pub ifsc: Ifsc,
    /// Whose it is, as the bank has it.
    pub holder: String,
}

impl NewBank {
    /// Reads an account from its three texts.
    pub fn parse(number: &str, ifsc: &str, holder: &str) -> Result<Self, BankFault> {
        let holder = holder.split_whitespace().collect::<Vec<_>>().join(" ");
        if holder.is_empty() {
            return Err(BankFault::Holder);
        }
        Ok(Self {
            number: AccountNumber::parse(number)?,
            ifsc: Ifsc::parse(ifsc)?,
            holder,
        })
    }
}

/// How far we know that an account is the investor's. Money may move only to and from a
/// verified one: a third party's may not pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Nobody looked yet.
    Unverified,
    /// One rupee is on its way.
    PennyDropSent,
    /// The bank's name is the investor's.
    Verified,
    /// The bank has another name.
    NameMismatch,
    /// The bank refused it.
    Failed,
}

impl Verification {
    const ALL: [Self; 5] = [
        Self::Unverified,
        Self::PennyDropSent,
        Self::Verified,
        Self::NameMismatch,
        Self::Failed,
    ];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::PennyDropSent => "penny_drop_sent",
            Self::Verified => "verified",
            Self::NameMismatch => "name_mismatch",
            Self::Failed => "failed",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What came of a penny drop, as whoever made it reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PennyDrop {
    /// It was sent.
    Sent,
    /// The bank credited it to somebody of this name.
    Credited {
        /// Name as the bank has it.
        name: String,
    },
    /// The bank refused it.
    Failed,
}

impl PennyDrop {
    /// Returns what is known of an account after this; `investor` is the name as per PAN.
    pub fn verification(&self, investor: &str) -> Verification {
        match self {
            Self::Sent => Verification::PennyDropSent,
            Self::Credited { name } if same_person(name, investor) => Verification::Verified,
            Self::Credited { .. } => Verification::NameMismatch,
            Self::Failed => Verification::Failed,
        }
    }
}

/// Returns whether two names are one person's as banks and the tax office write it: the
/// same words in any order, titles left out, an initial for a word.
pub fn same_person(a: &str, b: &str) -> bool {
    const TITLES: [&str; 6] = ["MR", "MRS", "MS", "SHRI", "SMT", "DR"];
    let words = |name: &str| -> Vec<String> {
        let upper = name.to_uppercase();
        let words = upper.split(|c: char| !c.is_alphanumeric() && !is_mark(c));
        words
            .filter(|word| !word.is_empty() && !TITLES.contains(word))
            .map(str::to_owned)
            .collect()
    };
    let (mut left, mut right) = (words(a), words(b));
    // Whole words first, so that an initial is left for the word it stands for.
    left.retain(|word| {
        let same = right.iter().position(|other| other == word);
        same.map(|at| right.remove(at)).is_none()
    });
    let whole_words_matched = left.len() < words(a).len();
    left.retain(|word| {
        let same = right.iter().position(|other| is_initial_of(word, other));
        same.map(|at| right.remove(at)).is_none()
    });
    whole_words_matched && left.is_empty() && right.is_empty()
}

/// Vowel signs belong to the letter before them.
fn is_mark(c: char) -> bool {
    ('\u{0900}'..='\u{097f}').contains(&c)
}

fn is_initial_of(a: &str, b: &str) -> bool {
    let short = |x: &str| x.chars().count() == 1;
    (short(a) || short(b)) && a.chars().next() == b.chars().next()
}

/// A bank account on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// Its id.
    pub id: BankAccountId,
    /// What the investor gave.
    pub account: NewBank,
    /// How far we know that it is theirs.
    pub verification: Verification,
    /// When that was last learnt.
    pub verified_at: Option<Timestamp>,
    /// Whether money goes to and from this one.
    pub is_default: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_codes_and_account_numbers_keep_to_their_rules() {
        assert_eq!(Ifsc::parse(" hdfc0001234").unwrap().as_str(), "HDFC0001234");
        for text in [
            "HDFC1001234",
            "HDF00001234",
            "HDFC000123",
            "HDFC00012345",
            "HDFC0-01234",
        ] {
            assert_eq!(Ifsc::parse(text), Err(BankFault::Ifsc), "{text}");
        }
        assert_eq!(
            AccountNumber::parse("5010 0123-4567").unwrap().as_str(),
            "501001234567"
        );
        for text in ["12345678", "1234567890123456789", "12345678x", ""] {
            let fault = AccountNumber::parse(text).unwrap_err();
            assert_eq!(fault, BankFault::AccountNumber, "{text}");
        }
        assert_eq!(
            NewBank::parse("501001234567", "HDFC0001234", "  "),
            Err(BankFault::Holder)
        );
    }

    #[test]
    fn an_account_number_shows_only_its_end() {
        let number = AccountNumber::parse("501001234567").unwrap();
        assert_eq!(number.masked(), "xxxx4567");
        assert!(!format!("{number:?}").contains("4567"));
    }

    #[test]
    fn a_penny_drop_verifies_only_the_investors_own_account() {
        let credited = |name: &str| {
            let drop = PennyDrop::Credited {
                name: name.to_owned(),
            };
            drop.verification("Asha Rao Mehta")
        };
        for name in ["ASHA RAO MEHTA", "Mrs. Mehta Asha Rao", "ASHA R MEHTA"] {
            assert_eq!(credited(name), Verification::Verified, "{name}");
        }
        for name in [
            "RAVI MEHTA",
            "ASHA MEHTA",
            "A R M",
            "ASHA RAO MEHTA AND RAVI",
            "",
        ] {
            assert_eq!(credited(name), Verification::NameMismatch, "{name}");
        }
        assert_eq!(PennyDrop::Failed.verification("x"), Verification::Failed);
    }
}
