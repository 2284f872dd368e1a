//! Changes of an investor's record: what may become of it, and what may not.

use jiff::Timestamp;
use jiff::civil::Date;

use super::bank::{BankAccount, NewBank, PennyDrop, Verification};
use super::fatca::Fatca;
use super::investor::{
    Binding, ExchangeAccount, HoldingMode, Investor, Reachable, Refusal, check_birth, check_holding,
};
use super::kyc::KycState;
use super::nominee::{NewNominee, Nomination};
use super::pan::Pan;
use super::ports::KycReport;
use super::risk::{Answers, Questionnaire};
use crate::id::BankAccountId;

/// A change of an investor's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The person behind this number is this investor.
    Bind {
        /// WhatsApp number, or user id where there is none.
        number: String,
        /// How that was proven.
        proof: String,
    },
    /// PAN.
    Pan(Pan),
    /// Name as per PAN.
    Name(String),
    /// Date of birth.
    DateOfBirth(Date),
    /// Who is to hold; only one person can yet.
    Holding(HoldingMode),
    /// E-mail address.
    Email(Reachable),
    /// Mobile number.
    Mobile(Reachable),
    /// One more bank account; the first is the one that counts.
    Bank(NewBank),
    /// What came of a penny drop to an account.
    PennyDrop(BankAccountId, PennyDrop),
    /// Which account counts.
    ChooseBank(BankAccountId),
    /// Nominees.
    Nominees(Vec<NewNominee>),
    /// No nominee, in so many words.
    OptOutOfNomination,
    /// FATCA/CRS declaration.
    Fatca(Fatca),
    /// Answers to the risk questions.
    Risk(Answers),
    /// What the KYC agencies say.
    Kyc(KycReport),
    /// What they say of this PAN and date of birth: of nobody else's.
    KycOf(Pan, Date, KycReport),
    /// How far the account with an exchange is.
    Account(ExchangeAccount),
}

impl Change {
    /// Returns the word the audit trail has for it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Bind { .. } => "investor_bound",
            Self::Pan(_) => "pan_recorded",
            Self::Name(_) => "name_recorded",
            Self::DateOfBirth(_) => "date_of_birth_recorded",
            Self::Holding(_) => "holding_chosen",
            Self::Email(_) => "email_recorded",
            Self::Mobile(_) => "mobile_recorded",
            Self::Bank(_) => "bank_recorded",
            Self::PennyDrop(..) => "bank_verified",
            Self::ChooseBank(_) => "bank_chosen",
            Self::Nominees(_) => "nominees_recorded",
            Self::OptOutOfNomination => "nomination_opted_out",
            Self::Fatca(_) => "fatca_recorded",
            Self::Risk(_) => "risk_profile_recorded",
            Self::Kyc(_) | Self::KycOf(..) => "kyc_recorded",
            Self::Account(_) => "exchange_account_recorded",
        }
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is on record.
    Done,
    /// It was before; nothing was written.
    Already,
    /// It cannot be.
    Refused(Refusal),
}

/// What a change comes to, ready to be written.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Binding(Binding),
    /// KYC begins anew.
    Pan(Pan),
    /// What banks said of the name before counts no more.
    Name(String),
    DateOfBirth(Date),
    Email(Reachable),
    Mobile(Reachable),
    Bank {
        new: NewBank,
        is_default: bool,
    },
    Verified {
        bank: BankAccountId,
        verification: Verification,
        /// It takes the place of one that turned out not to be theirs.
        is_default: bool,
    },
    ChooseBank(BankAccountId),
    Nomination(Nomination),
    Fatca(Fatca),
    Risk {
        answers: Answers,
        version: String,
        score: super::risk::Score,
    },
    Kyc(KycReport),
    Account(ExchangeAccount),
}

/// What the rules go by.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Nominees at most.
    pub nominee_limit: usize,
    /// The risk questions.
    pub questions: Questionnaire,
}

/// Decides what a change comes to; `Ok(None)` means that it is on record already.
pub(super) fn decide(
    investor: &Investor,
    change: &Change,
    rules: &Rules,
    now: Timestamp,
    today: Date,
) -> Result<Option<Step>, Refusal> {
    let step = match change {
        Change::Bind { number, proof } => {
            let bound = investor.binding.as_ref().map(|binding| &binding.number);
            (bound != Some(number)).then(|| {
                Step::Binding(Binding {
                    number: number.clone(),
                    proof: proof.clone(),
                    at_millis: now.as_millisecond(),
                })
            })
        }
        Change::Pan(pan) => {
            let is_same = investor.pan.as_ref() == Some(pan);
            if !is_same && investor.pan.is_some() && is_fixed(investor) {
                return Err(Refusal::PanFixed);
            }
            (!is_same).then(|| Step::Pan(pan.clone()))
        }
        Change::Name(name) => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            if !name.chars().any(char::is_alphabetic) || name.chars().count() > 120 {
                return Err(Refusal::Name);
            }
            let is_same = investor.name.as_ref() == Some(&name);
            if !is_same && investor.name.is_some() && is_fixed(investor) {
                return Err(Refusal::NameFixed);
            }
            (!is_same).then_some(Step::Name(name))
        }
        Change::DateOfBirth(born) => {
            check_birth(*born, today)?;
            let is_same = investor.date_of_birth == Some(*born);
            if !is_same && investor.date_of_birth.is_some() && is_fixed(investor) {
                return Err(Refusal::DateOfBirthFixed);
            }
            (!is_same).then_some(Step::DateOfBirth(*born))
        }
        Change::Holding(mode) => {
            check_holding(*mode)?;
            None
        }
        Change::Email(email) => {
            (investor.email.as_ref() != Some(email)).then(|| Step::Email(email.clone()))
        }
        Change::Mobile(mobile) => {
            (investor.mobile.as_ref() != Some(mobile)).then(|| Step::Mobile(mobile.clone()))
        }
        Change::Bank(_) | Change::PennyDrop(..) | Change::ChooseBank(_) => {
            bank_step(investor, change)?
        }
        Change::Nominees(new) => {
            nomination_step(investor, Nomination::of(new, rules.nominee_limit, today)?)
        }
        Change::OptOutOfNomination => nomination_step(investor, Nomination::OptedOut),
        Change::Fatca(fatca) => {
            fatca.check()?;
            (investor.fatca.as_ref() != Some(fatca)).then(|| Step::Fatca(fatca.clone()))
        }
        Change::Risk(answers) => Some(Step::Risk {
            answers: answers.clone(),
            version: rules.questions.version.clone(),
            score: rules.questions.score(answers)?,
        }),
        // Written each time, for the time it was asked at; audited when it changed.
        Change::Kyc(report) => Some(Step::Kyc(report.clone())),
        // They may have been corrected while the agency was asked.
        Change::KycOf(pan, born, report) => {
            let is_of_them =
                investor.pan.as_ref() == Some(pan) && investor.date_of_birth == Some(*born);
            is_of_them.then(|| Step::Kyc(report.clone()))
        }
        Change::Account(account) => {
            let on_record = investor.account(&account.gateway);
            (on_record != Some(account)).then(|| Step::Account(account.clone()))
        }
    };
    Ok(step)
}

/// Once an agency knows them, PAN, name and date of birth are what they are.
fn is_fixed(investor: &Investor) -> bool {
    !matches!(investor.kyc.state, KycState::Unknown | KycState::Rejected)
}

fn nomination_step(investor: &Investor, nomination: Nomination) -> Option<Step> {
    (investor.nomination != nomination).then_some(Step::Nomination(nomination))
}

/// Says whether money goes to and comes from a bank account from now on: the one before turned
/// out not to be theirs, and no exchange knows of it. Otherwise a person chooses: an account
/// that is swapped is how money is stolen.
fn takes_over(investor: &Investor, bank: &BankAccount, verification: Verification) -> bool {
    let has_failed = |before: &BankAccount| {
        matches!(
            before.verification,
            Verification::Failed | Verification::NameMismatch
        )
    };
    verification == Verification::Verified
        && !bank.is_default
        && investor.accounts.is_empty()
        && investor.bank().is_some_and(has_failed)
}

fn bank_step(investor: &Investor, change: &Change) -> Result<Option<Step>, Refusal> {
    let find = |id: &BankAccountId| {
        let found = investor.banks.iter().find(|bank| bank.id == *id);
        found.ok_or(Refusal::NoSuchBank)
    };
    match change {
        Change::Bank(new) => {
            let is_there = investor
                .banks
                .iter()
                .any(|bank| bank.account.number == new.number && bank.account.ifsc == new.ifsc);
            let is_default = investor.banks.is_empty();
            Ok((!is_there).then(|| Step::Bank {
                new: new.clone(),
                is_default,
            }))
        }
        Change::PennyDrop(id, drop) => {
            let bank = find(id)?;
            let name = investor.name.as_ref().ok_or(Refusal::NameFirst)?;
            let verification = drop.verification(name);
            // A late "sent" takes nothing back.
            let is_late = verification == Verification::PennyDropSent
                && bank.verification != Verification::Unverified
                && bank.verification != Verification::Failed;
            let is_new = bank.verification != verification && !is_late;
            Ok(is_new.then_some(Step::Verified {
                bank: *id,
                verification,
                is_default: takes_over(investor, bank, verification),
            }))
        }
        Change::ChooseBank(id) => {
            let bank = find(id)?;
            if bank.verification != Verification::Verified {
                return Err(Refusal::BankNotVerified);
            }
            Ok((!bank.is_default).then_some(Step::ChooseBank(*id)))
        }
        _ => Ok(None),
    }
}
