//! The gate before each purchase: everything that has to be so before an order may be
//! placed, from facts alone.
//!
//! [`check()`] never says yes by leaving something out: what is not known blocks, or has
//! to be acknowledged in writing. Whoever places an order asks twice, before the terms
//! are shown and again in the transaction that creates the order.

mod check;

use jiff::civil::Date;

use super::bank::Verification;
use super::investor::{AccountState, Investor};
use super::kyc::{Allowance, KycState};
use super::risk::RiskLevel;
use crate::id::ContactId;

pub use check::{check, check_redemption};

/// What a purchase is, and what is known around it.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact the rules ask for"
)]
pub struct Purchase<'a> {
    /// The investor's record.
    pub investor: &'a Investor,
    /// Whether they agree, now, that their data is kept and passed on for this.
    pub is_consented: bool,
    /// Who asks.
    pub asked_by: ContactId,
    /// The WhatsApp number (or user id) they ask from.
    pub asked_from: Option<&'a str>,
    /// Today, in India.
    pub today: Date,
    /// Which exchange it would go to (`paper`, `bse`).
    pub gateway: &'a str,
    /// Paise to be invested (each time, for a plan).
    pub amount_paise: i64,
    /// Whether they hold nothing with this fund house yet.
    pub is_new_amc: bool,
    /// Whether it opens a new folio.
    pub opens_folio: bool,
    /// The scheme, as its rules of the day have it.
    pub scheme: SchemeFacts,
    /// How it is paid.
    pub payment: Payment,
    /// Who advised; nothing if nobody has said.
    pub advice: Option<Advice>,
    /// What was put before the investor.
    pub shown: Shown,
    /// What they acknowledged in writing.
    pub acknowledged: &'a [Acknowledgement],
    /// Whether they confirmed exactly these terms, by a button.
    pub is_confirmed: bool,
}

/// What a scheme's rules say about this purchase. Nothing on record is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemeFacts {
    /// Whether purchases (or plans) are open.
    pub is_open: Option<bool>,
    /// Least amount for this kind of purchase, in paise.
    pub minimum_paise: Option<i64>,
    /// Most, in paise; `None` also where there is no limit.
    pub maximum_paise: Option<i64>,
    /// Amounts go up in steps of so many paise.
    pub multiple_paise: Option<i64>,
    /// Whether it is the regular plan.
    pub is_regular: bool,
    /// Whether units may be held without a demat account.
    pub allows_physical: Option<bool>,
    /// Risk-o-meter, as last published.
    pub risk: Option<RiskLevel>,
    /// Whether the fund house refuses persons of the United States and Canada.
    pub refuses_north_americans: bool,
}

/// How a purchase is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// On the gateway's page, from the verified account.
    ByHand,
    /// With units of another scheme of the house (switch, STP): no bank is asked.
    ByUnits,
    /// Through a mandate.
    ByMandate(MandateFacts),
}

/// What is known of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MandateFacts {
    /// Whether debits may be asked for.
    pub is_active: bool,
    /// At most so many paise a day.
    pub limit_paise: i64,
    /// What other plans take through it on the same day, at most, in paise.
    pub committed_paise: i64,
    /// The most one debit of this plan ever takes, its last step-up included, in paise.
    pub highest_debit_paise: i64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// First debit.
    pub first_debit: Date,
    /// Last debit; none if the plan runs until it is cancelled.
    pub last_debit: Option<Date>,
}

/// Who advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// A person with an EUIN did: suitability is theirs to answer for.
    Euin,
    /// Nobody did, and the investor declared so.
    ExecutionOnly,
}

/// What was put before the investor with the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing the rules want shown"
)]
pub struct Shown {
    /// The platform's cut-off time.
    pub cut_off: bool,
    /// The expected NAV date.
    pub nav_date: bool,
    /// A link to the scheme's documents.
    pub documents: bool,
    /// The risk disclaimer.
    pub disclaimer: bool,
}

/// What stands in the way. In the order in which it is best put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocker {
    /// The record is not bound to the number that asks.
    NotBound,
    /// Money is paused until a person has looked.
    MoneyPaused,
    /// They never agreed that their data is kept and passed on, or took it back.
    ConsentMissing,
    /// No PAN.
    PanMissing,
    /// KYC does not allow it.
    Kyc {
        /// How far it is, as of today.
        state: KycState,
        /// What to do.
        needs: Allowance,
    },
    /// No account with the exchange.
    AccountMissing,
    /// The account is not active.
    AccountNotActive(AccountState),
    /// No bank account.
    BankMissing,
    /// The bank account is not known to be the investor's.
    BankNotVerified(Verification),
    /// No FATCA/CRS declaration.
    FatcaMissing,
    /// The fund house refuses persons of the United States and Canada.
    NorthAmerican,
    /// A new folio without nominees or an opt-out.
    NominationMissing,
    /// The mandate is not active.
    MandateNotActive,
    /// The mandate does not cover the amount.
    MandateTooSmall {
        /// What it covers a day, in paise.
        limit_paise: i64,
        /// What would be taken on one day, in paise.
        needed_paise: i64,
    },
    /// The mandate begins after the first debit, or ends before the last.
    MandateDates {
        /// First day it covers.
        from: Date,
        /// Last day it covers.
        to: Date,
    },
    /// The scheme takes no such purchase now.
    SchemeClosed,
    /// Whether it does, or its least amount, is not on record.
    SchemeRulesMissing,
    /// Too little.
    BelowMinimum {
        /// Least, in paise.
        minimum_paise: i64,
    },
    /// Too much.
    AboveMaximum {
        /// Most, in paise.
        maximum_paise: i64,
    },
    /// Not in the steps the scheme has.
    NotAMultiple {
        /// Step, in paise.
        multiple_paise: i64,
    },
    /// Not the regular plan: not ours to sell.
    NotRegular,
    /// Units must be held in a demat account.
    DematOnly,
    /// Nobody has said who advised.
    AdviceMissing,
    /// An adviser's name stands on it, and there is no risk profile.
    RiskProfileMissing,
    /// It is riskier than suits: only without an adviser's name on it.
    OnlyExecutionOnly {
        /// The scheme's.
        scheme: RiskLevel,
        /// Highest that suits.
        profile: RiskLevel,
    },
}

impl Blocker {
    /// Returns a stable word for it, for records and for whoever says it in a language.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotBound => "not_bound",
            Self::MoneyPaused => "money_paused",
            Self::ConsentMissing => "consent_missing",
            Self::PanMissing => "pan_missing",
            Self::Kyc { needs, .. } => match needs {
                Allowance::FreshDocuments => "kyc_fresh_documents",
                Allowance::ReKyc => "kyc_again",
                Allowance::Wait => "kyc_wait",
                Allowance::NewKyc | Allowance::Go => "kyc_missing",
            },
            Self::AccountMissing => "account_missing",
            Self::AccountNotActive(_) => "account_not_active",
            Self::BankMissing => "bank_missing",
            Self::BankNotVerified(_) => "bank_not_verified",
            Self::FatcaMissing => "fatca_missing",
            Self::NorthAmerican => "north_american",
            Self::NominationMissing => "nomination_missing",
            Self::MandateNotActive => "mandate_not_active",
            Self::MandateTooSmall { .. } => "mandate_too_small",
            Self::MandateDates { .. } => "mandate_dates",
            Self::SchemeClosed => "scheme_closed",
            Self::SchemeRulesMissing => "scheme_rules_missing",
            Self::BelowMinimum { .. } => "below_minimum",
            Self::AboveMaximum { .. } => "above_maximum",
            Self::NotAMultiple { .. } => "not_a_multiple",
            Self::NotRegular => "not_regular",
            Self::DematOnly => "demat_only",
            Self::AdviceMissing => "advice_missing",
            Self::RiskProfileMissing => "risk_profile_missing",
            Self::OnlyExecutionOnly { .. } => "only_execution_only",
        }
    }
}

/// What the investor has to acknowledge in writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledgement {
    /// The scheme is riskier than suits the profile.
    RiskierThanProfile {
        /// The scheme's.
        scheme: RiskLevel,
        /// Highest that suits.
        profile: RiskLevel,
    },
    /// There is no profile to compare with.
    NoProfile {
        /// The scheme's.
        scheme: RiskLevel,
    },
    /// The scheme's risk is not on record.
    RiskNotOnRecord,
}

impl Acknowledgement {
    /// Returns a stable word for it, for records and for whoever says it in a language.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RiskierThanProfile { .. } => "acknowledge_riskier",
            Self::NoProfile { .. } => "acknowledge_no_profile",
            Self::RiskNotOnRecord => "acknowledge_risk_unknown",
        }
    }
}

/// What is still to be done in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Show the cut-off time.
    ShowCutOff,
    /// Show the expected NAV date.
    ShowNavDate,
    /// Show the link to the documents.
    ShowDocuments,
    /// Show the disclaimer.
    ShowDisclaimer,
    /// Let the investor confirm scheme, amount, date and bank.
    Confirm,
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What stands in the way.
    pub blockers: Vec<Blocker>,
    /// What is still to be acknowledged.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What is still to be shown and confirmed.
    pub steps: Vec<Step>,
}

impl Verdict {
    /// Returns whether terms may be put before the investor.
    pub fn may_show_terms(&self) -> bool {
        self.blockers.is_empty()
    }

    /// Returns whether the order may be placed.
    pub fn may_place(&self) -> bool {
        self.blockers.is_empty() && self.acknowledgements.is_empty() && self.steps.is_empty()
    }
}

/// Money that is to come back.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The investor's record.
    pub investor: &'a Investor,
    /// Who asks.
    pub asked_by: ContactId,
    /// The WhatsApp number (or user id) they ask from.
    pub asked_from: Option<&'a str>,
    /// Today, in India.
    pub today: Date,
    /// Which exchange it would go to.
    pub gateway: &'a str,
    /// Whether they confirmed exactly these terms, by a button.
    pub is_confirmed: bool,
}
