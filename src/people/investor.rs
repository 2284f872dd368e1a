//! An investor: a contact, and what is on record about them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::bank::BankAccount;
use super::fatca::{Fatca, FatcaFault};
use super::kyc::Kyc;
use super::nominee::{Nomination, NomineeFault};
use super::pan::Pan;
use super::risk::{AnswerFault, RiskProfile};
use crate::id::ContactId;

/// What is on record about an investor; what is not there was never given.
#[derive(Debug, Clone)]
pub struct Investor {
    /// Who.
    pub contact: ContactId,
    /// The number this record was bound to, and how.
    pub binding: Option<Binding>,
    /// Name as per PAN.
    pub name: Option<String>,
    /// PAN.
    pub pan: Option<Pan>,
    /// Date of birth, as per PAN.
    pub date_of_birth: Option<Date>,
    /// E-mail address.
    pub email: Option<Reachable>,
    /// Mobile number with country code.
    pub mobile: Option<Reachable>,
    /// KYC.
    pub kyc: Kyc,
    /// Bank accounts, oldest first.
    pub banks: Vec<BankAccount>,
    /// Nominees.
    pub nomination: Nomination,
    /// FATCA/CRS declaration.
    pub fatca: Option<Fatca>,
    /// Newest risk profile.
    pub risk: Option<RiskProfile>,
    /// Accounts with exchanges.
    pub accounts: Vec<ExchangeAccount>,
    /// Set while no money of theirs may move.
    pub money_paused: Option<MoneyPause>,
}

impl Investor {
    /// Returns somebody of whom nothing is on record.
    pub fn unknown(contact: ContactId) -> Self {
        Self {
            contact,
            binding: None,
            name: None,
            pan: None,
            date_of_birth: None,
            email: None,
            mobile: None,
            kyc: Kyc::unknown(),
            banks: Vec::new(),
            nomination: Nomination::NotSaid,
            fatca: None,
            risk: None,
            accounts: Vec::new(),
            money_paused: None,
        }
    }

    /// Returns the bank account that money goes to and comes from.
    pub fn bank(&self) -> Option<&BankAccount> {
        self.banks.iter().find(|bank| bank.is_default)
    }

    /// Returns the account with an exchange.
    pub fn account(&self, gateway: &str) -> Option<&ExchangeAccount> {
        self.accounts
            .iter()
            .find(|account| account.gateway == gateway)
    }
}

/// That the person behind a WhatsApp number is this investor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The number (or user id, where Meta shows no number) it was bound to.
    pub number: String,
    /// How it was proven (`one_time_code`, `statement`, `operator`, or
    /// [`Binding::WRITTEN_FROM`]).
    pub proof: String,
    /// When, in epoch milliseconds.
    pub at_millis: i64,
}

impl Binding {
    /// The proof of a record that its investor gave in the chat, from that number.
    pub const WRITTEN_FROM: &str = "wrote_from_it";

    /// Says whether the record was given in the chat, by somebody who waits for an answer.
    pub fn is_from_chat(&self) -> bool {
        self.proof == Self::WRITTEN_FROM
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binding({})", self.proof)
    }
}

/// An address at which the exchange and the fund house reach an investor. It must be
/// theirs or their family's, never the distributor's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachable {
    /// The address or number.
    pub address: String,
    /// Whose it is.
    pub belongs_to: BelongsTo,
}

impl fmt::Debug for Reachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reachable({:?})", self.belongs_to)
    }
}

/// Whose an e-mail address or a mobile number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the exchanges' list")]
pub enum BelongsTo {
    Myself,
    Spouse,
    DependentChild,
    DependentParent,
    DependentSibling,
}

/// Why an address cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Not an Indian mobile number.
    #[error("not an Indian mobile number")]
    Mobile,
}

impl Reachable {
    /// Reads an e-mail address.
    pub fn email(text: &str, belongs_to: BelongsTo) -> Result<Self, AddressFault> {
        let address = text.trim().to_lowercase();
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"()".contains(c);
        let (local, domain) = address.split_once('@').ok_or(AddressFault::Email)?;
        let labels: Vec<_> = domain.split('.').collect();
        let is_label =
            |label: &&str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        let ok = !local.is_empty()
            && address.len() <= 254
            && address.chars().all(is_plain)
            && !domain.contains('@')
            && labels.len() >= 2
            && labels.iter().all(is_label);
        ok.then(|| Self {
            address: address.clone(),
            belongs_to,
        })
        .ok_or(AddressFault::Email)
    }

    /// Reads an Indian mobile number; kept as WhatsApp names it (`919…`).
    pub fn mobile(text: &str, belongs_to: BelongsTo) -> Result<Self, AddressFault> {
        let digits = crate::contacts::wa_id(text).ok_or(AddressFault::Mobile)?;
        let national = digits.strip_prefix("91").filter(|rest| rest.len() == 10);
        let is_mobile = national.is_some_and(|rest| rest.starts_with(['6', '7', '8', '9']));
        is_mobile
            .then_some(Self {
                address: digits,
                belongs_to,
            })
            .ok_or(AddressFault::Mobile)
    }
}

/// An investor's account with an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeAccount {
    /// Which exchange (`paper`, `bse`).
    pub gateway: String,
    /// Client code (UCC).
    pub ucc: String,
    /// How far it is.
    pub state: AccountState,
    /// Why it was refused or stopped, in the exchange's words.
    pub reason: Option<String>,
}

/// How far an account with an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// The investor has to approve it.
    AwaitingAuthorisation,
    /// The exchange is at it.
    UnderProcess,
    /// Orders may be placed.
    Active,
    /// Stopped by the exchange.
    Suspended,
    /// Not opened: the exchange did not take what is on record.
    Refused,
}

impl AccountState {
    const ALL: [Self; 5] = [
        Self::AwaitingAuthorisation,
        Self::UnderProcess,
        Self::Active,
        Self::Suspended,
        Self::Refused,
    ];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingAuthorisation => "awaiting_authorisation",
            Self::UnderProcess => "under_process",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Refused => "refused",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Returns how long after one look at it the exchange is asked again; `None` where
    /// nothing is waited for, and a notice of the exchange says what changes.
    pub const fn look_again_after(self) -> Option<Duration> {
        match self {
            Self::AwaitingAuthorisation | Self::UnderProcess => Some(Duration::from_mins(5)),
            Self::Suspended => Some(Duration::from_hours(24)),
            Self::Active | Self::Refused => None,
        }
    }
}

/// That no money of an investor's may move until a person has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyPause {
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// Who holds an investment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldingMode {
    /// One person.
    Single,
    /// Several, each of whom has to agree.
    Joint,
    /// Several, any of whom may act.
    AnyoneOrSurvivor,
}

/// Why somebody cannot be served, or a change cannot be made. Said politely further up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Under eighteen: guardians are not supported yet.
    #[error("minors cannot be served yet")]
    Minor,
    /// More than one holder.
    #[error("joint holders cannot be served yet")]
    JointHolders,
    /// Another record has this PAN.
    #[error("this PAN is on another record")]
    PanTaken,
    /// The record has another PAN, under which KYC is known.
    #[error("the PAN on record cannot be changed here")]
    PanFixed,
    /// The record has another name, under which KYC is known.
    #[error("the name on record cannot be changed here")]
    NameFixed,
    /// The record has another date of birth, under which KYC is known.
    #[error("the date of birth on record cannot be changed here")]
    DateOfBirthFixed,
    /// A name of no letters.
    #[error("this is no name")]
    Name,
    /// Born in the future, or before anybody alive.
    #[error("this is no date of birth")]
    DateOfBirth,
    /// There is no such bank account on this record.
    #[error("there is no such bank account")]
    NoSuchBank,
    /// A name to compare with is needed first.
    #[error("the name as per PAN is needed first")]
    NameFirst,
    /// Money may go only through a verified account.
    #[error("this bank account is not verified")]
    BankNotVerified,
    /// Nominees that cannot be taken.
    #[error(transparent)]
    Nominees(#[from] NomineeFault),
    /// A declaration that is not whole.
    #[error(transparent)]
    Fatca(#[from] FatcaFault),
    /// Answers that come to nothing.
    #[error(transparent)]
    Risk(#[from] AnswerFault),
}

/// Returns whether somebody is under eighteen on a day.
pub fn is_minor(born: Date, today: Date) -> bool {
    // Who is born on 29 February comes of age on 1 March of a common year.
    let age = i32::from(today.year()) - i32::from(born.year());
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    age - i32::from(!had_birthday) < 18
}

/// Checks a date of birth.
pub fn check_birth(born: Date, today: Date) -> Result<(), Refusal> {
    if born > today || i32::from(today.year()) - i32::from(born.year()) > 120 {
        return Err(Refusal::DateOfBirth);
    }
    if is_minor(born, today) {
        return Err(Refusal::Minor);
    }
    Ok(())
}

/// Checks who is to hold.
pub fn check_holding(mode: HoldingMode) -> Result<(), Refusal> {
    match mode {
        HoldingMode::Single => Ok(()),
        HoldingMode::Joint | HoldingMode::AnyoneOrSurvivor => Err(Refusal::JointHolders),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn minors_and_joint_holders_are_refused_by_name() {
        let today = date(2026, 8, 24);
        assert_eq!(check_birth(date(2008, 8, 24), today), Ok(()));
        assert_eq!(check_birth(date(2008, 8, 25), today), Err(Refusal::Minor));
        assert_eq!(
            check_birth(date(2026, 8, 25), today),
            Err(Refusal::DateOfBirth)
        );
        assert_eq!(
            check_birth(date(1905, 1, 1), today),
            Err(Refusal::DateOfBirth)
        );
        assert!(is_minor(date(2008, 2, 29), date(2026, 2, 28)));
        assert!(!is_minor(date(2008, 2, 29), date(2026, 3, 1)));
        assert_eq!(check_holding(HoldingMode::Single), Ok(()));
        assert_eq!(
            check_holding(HoldingMode::Joint),
            Err(Refusal::JointHolders)
        );
        let either = HoldingMode::AnyoneOrSurvivor;
        assert_eq!(check_holding(either), Err(Refusal::JointHolders));
    }

    #[test]
    fn addresses_are_read_and_what_is_none_is_refused() {
        let email = |text| Reachable::email(text, BelongsTo::Myself).map(|r| r.address);
        assert_eq!(email(" Asha@Example.In "), Ok("asha@example.in".to_owned()));
        for text in [
            "asha", "a@b", "a b@c.in", "@c.in", "a@b@c.in", "a@.in", "a@c..in", "<a@c.in>",
        ] {
            assert_eq!(email(text), Err(AddressFault::Email), "{text}");
        }
        let mobile = |text| Reachable::mobile(text, BelongsTo::Spouse).map(|r| r.address);
        assert_eq!(mobile("+91 98000 00000"), Ok("919800000000".to_owned()));
        for text in ["022 2345 6789", "+1 415 555 0100", "12345"] {
            assert_eq!(mobile(text), Err(AddressFault::Mobile), "{text}");
        }
    }

    #[test]
    fn what_is_personal_is_not_in_debug_output() {
        let email = Reachable::email("asha@example.in", BelongsTo::Myself).unwrap();
        let binding = Binding {
            number: "919800000000".to_owned(),
            proof: "operator".to_owned(),
            at_millis: 0,
        };
        let text = format!("{email:?} {binding:?}");
        assert!(!text.contains("asha") && !text.contains("9198"), "{text}");
    }
}
