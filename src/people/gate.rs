//! The gate before each purchase: everything that has to be so before an order may be
//! placed, from facts alone.
//!
//! [`check`] never says yes by leaving something out: what is not known blocks, or has
//! to be acknowledged in writing. Whoever places an order asks twice, before the terms
//! are shown and again in the transaction that creates the order.

use jiff::civil::Date;

use super::bank::Verification;
use super::investor::{AccountState, Investor};
use super::kyc::{Allowance, KycState};
use super::risk::RiskLevel;
use crate::id::ContactId;

/// What a purchase is, and what is known around it.
#[derive(Debug, Clone)]
pub struct Purchase<'a> {
    /// The investor's record.
    pub investor: &'a Investor,
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

/// Returns what stands between a purchase and its order.
pub fn check(purchase: &Purchase<'_>) -> Verdict {
    let mut blockers = who(purchase);
    blockers.extend(bank(purchase));
    blockers.extend(declarations(purchase));
    blockers.extend(mandate(purchase));
    blockers.extend(scheme(purchase));
    let (blocked, needed) = suitability(purchase);
    blockers.extend(blocked);
    let acknowledged = |needed: &Acknowledgement| purchase.acknowledged.contains(needed);
    Verdict {
        blockers,
        acknowledgements: needed.into_iter().filter(|n| !acknowledged(n)).collect(),
        steps: steps(purchase),
    }
}

fn who(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let investor = purchase.investor;
    let needs = investor.kyc.on(purchase.today).buying(purchase.is_new_amc);
    let mut found = standing(
        investor,
        purchase.asked_by,
        purchase.asked_from,
        purchase.gateway,
    );
    if needs != Allowance::Go {
        let state = investor.kyc.on(purchase.today);
        found.push(Blocker::Kyc { state, needs });
    }
    found
}

/// What has to be so whichever way money goes.
fn standing(
    investor: &Investor,
    asked_by: ContactId,
    asked_from: Option<&str>,
    gateway: &str,
) -> Vec<Blocker> {
    let mut found = Vec::new();
    let is_bound = investor
        .binding
        .as_ref()
        .is_some_and(|binding| Some(binding.number.as_str()) == asked_from);
    if asked_by != investor.contact || !is_bound {
        found.push(Blocker::NotBound);
    }
    if investor.money_paused.is_some() {
        found.push(Blocker::MoneyPaused);
    }
    if investor.pan.is_none() {
        found.push(Blocker::PanMissing);
    }
    match investor.account(gateway).map(|account| account.state) {
        None => found.push(Blocker::AccountMissing),
        Some(AccountState::Active) => {}
        Some(state) => found.push(Blocker::AccountNotActive(state)),
    }
    found
}

fn bank(purchase: &Purchase<'_>) -> Option<Blocker> {
    // Units that pay need no bank now; the folio they come from has one.
    if purchase.payment == Payment::ByUnits {
        return None;
    }
    verified_bank(purchase.investor)
}

fn verified_bank(investor: &Investor) -> Option<Blocker> {
    match investor.bank().map(|bank| bank.verification) {
        None => Some(Blocker::BankMissing),
        Some(Verification::Verified) => None,
        Some(other) => Some(Blocker::BankNotVerified(other)),
    }
}

fn declarations(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let mut found = Vec::new();
    match &purchase.investor.fatca {
        None => found.push(Blocker::FatcaMissing),
        Some(fatca) if fatca.is_north_american() && purchase.scheme.refuses_north_americans => {
            found.push(Blocker::NorthAmerican);
        }
        Some(_) => {}
    }
    if purchase.opens_folio && !purchase.investor.nomination.is_settled() {
        found.push(Blocker::NominationMissing);
    }
    found
}

fn mandate(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let Payment::ByMandate(mandate) = purchase.payment else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !mandate.is_active {
        found.push(Blocker::MandateNotActive);
    }
    let highest = mandate.highest_debit_paise.max(purchase.amount_paise);
    let needed_paise = highest.saturating_add(mandate.committed_paise);
    if needed_paise > mandate.limit_paise {
        let limit_paise = mandate.limit_paise;
        found.push(Blocker::MandateTooSmall {
            limit_paise,
            needed_paise,
        });
    }
    let last = mandate.last_debit.unwrap_or(mandate.first_debit);
    if mandate.first_debit < mandate.from || last > mandate.to || mandate.first_debit > mandate.to {
        let (from, to) = (mandate.from, mandate.to);
        found.push(Blocker::MandateDates { from, to });
    }
    found
}

fn scheme(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let scheme = &purchase.scheme;
    let amount = purchase.amount_paise;
    let mut found = Vec::new();
    if scheme.is_open == Some(false) {
        found.push(Blocker::SchemeClosed);
    }
    if scheme.is_open.is_none() || scheme.minimum_paise.is_none() {
        found.push(Blocker::SchemeRulesMissing);
    }
    // A zero or negative amount is below any minimum there could be.
    let minimum_paise = scheme.minimum_paise.unwrap_or(1).max(1);
    if amount < minimum_paise {
        found.push(Blocker::BelowMinimum { minimum_paise });
    }
    if let Some(maximum_paise) = scheme.maximum_paise.filter(|most| amount > *most) {
        found.push(Blocker::AboveMaximum { maximum_paise });
    }
    let multiple = scheme.multiple_paise.filter(|step| *step > 0);
    if let Some(multiple_paise) = multiple.filter(|step| amount % step != 0) {
        found.push(Blocker::NotAMultiple { multiple_paise });
    }
    if !scheme.is_regular {
        found.push(Blocker::NotRegular);
    }
    if scheme.allows_physical == Some(false) {
        found.push(Blocker::DematOnly);
    }
    found
}

fn suitability(purchase: &Purchase<'_>) -> (Option<Blocker>, Option<Acknowledgement>) {
    let Some(advice) = purchase.advice else {
        return (Some(Blocker::AdviceMissing), None);
    };
    let profile = purchase.investor.risk.as_ref().map(|risk| risk.highest);
    let is_advised = advice == Advice::Euin;
    match (purchase.scheme.risk, profile) {
        (_, None) if is_advised => (Some(Blocker::RiskProfileMissing), None),
        (None, _) => (None, Some(Acknowledgement::RiskNotOnRecord)),
        (Some(scheme), None) => (None, Some(Acknowledgement::NoProfile { scheme })),
        (Some(scheme), Some(profile)) if scheme <= profile => (None, None),
        (Some(scheme), Some(profile)) => {
            let blocker = Blocker::OnlyExecutionOnly { scheme, profile };
            let written = Acknowledgement::RiskierThanProfile { scheme, profile };
            (is_advised.then_some(blocker), Some(written))
        }
    }
}

fn steps(purchase: &Purchase<'_>) -> Vec<Step> {
    let shown = purchase.shown;
    let steps = [
        (shown.cut_off, Step::ShowCutOff),
        (shown.nav_date, Step::ShowNavDate),
        (shown.documents, Step::ShowDocuments),
        (shown.disclaimer, Step::ShowDisclaimer),
        (purchase.is_confirmed, Step::Confirm),
    ];
    let open = steps.into_iter().filter(|(is_done, _)| !is_done);
    open.map(|(_, step)| step).collect()
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

/// Returns what stands between a redemption and its order. The limits of units (locked,
/// too few) are the portfolio's to say.
pub fn check_redemption(redemption: &Redemption<'_>) -> Verdict {
    let investor = redemption.investor;
    let mut blockers = standing(
        investor,
        redemption.asked_by,
        redemption.asked_from,
        redemption.gateway,
    );
    let state = investor.kyc.on(redemption.today);
    let needs = state.redeeming();
    if needs != Allowance::Go {
        blockers.push(Blocker::Kyc { state, needs });
    }
    blockers.extend(verified_bank(investor));
    let confirm = (!redemption.is_confirmed).then_some(Step::Confirm);
    Verdict {
        blockers,
        acknowledgements: Vec::new(),
        steps: confirm.into_iter().collect(),
    }
}
