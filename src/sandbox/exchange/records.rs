//! What the exchange keeps, and the words it speaks of it.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An id that sorts the way it was given out.
pub(crate) type Id = String;

/// How far an investor's account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountState {
    AwaitingAuthorisation,
    UnderProcess,
    Active,
    Suspended,
}

/// An investor's account. Of what was said at registration only what its pages show is
/// kept: no PAN, no mobile number, no address, and of the account number the last digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Investor {
    pub(crate) ucc: Id,
    pub(crate) name: String,
    pub(crate) bank: String,
    pub(crate) state: AccountState,
    pub(crate) next: Option<Timestamp>,
}

/// What an order does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderKind {
    Purchase,
    Redemption,
    Switch,
}

/// How much, paise or units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quantity {
    Amount(i64),
    Units(Decimal),
    All,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderState {
    /// An instalment of which the investor was told and that is not debited yet.
    Created,
    AwaitingAuthorisation,
    AwaitingPayment,
    PaymentProcessing,
    SentToRta,
    Allotted,
    RedeemedPaid,
    Rejected,
    Cancelled,
    Expired,
    RefundDue,
    Refunded,
}

impl OrderState {
    /// Returns whether nothing will happen to it any more.
    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Allotted
                | Self::RedeemedPaid
                | Self::Rejected
                | Self::Cancelled
                | Self::Expired
                | Self::Refunded
        )
    }
}

/// Why a bank did not pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bounce {
    InsufficientFunds,
    AccountProblem,
    MandateProblem,
    Technical,
}

impl Bounce {
    /// Returns the bank's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "04 balance insufficient",
            Self::AccountProblem => "01 account closed or frozen",
            Self::MandateProblem => "21 mandate not active or its limit too low",
            Self::Technical => "68 no answer from the bank",
        }
    }

    /// Picks one by number.
    pub(crate) fn number(number: u64) -> Self {
        match number {
            1 => Self::AccountProblem,
            2 => Self::MandateProblem,
            3 => Self::Technical,
            _ => Self::InsufficientFunds,
        }
    }
}

/// What the registrar made of an order; amounts in paise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Allotment {
    pub(crate) folio: String,
    pub(crate) nav_date: Date,
    pub(crate) nav: Decimal,
    pub(crate) units: Decimal,
    pub(crate) amount: i64,
    pub(crate) stamp_duty: i64,
    pub(crate) exit_load: i64,
    pub(crate) stt: i64,
}

/// What happens to an order by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// The demo's invisible hand approves or pays.
    Approve,
    Pay,
    /// Nobody approved or paid.
    Expire,
    /// The bank is asked, and answers.
    Debit,
    Funds,
    /// Units are there.
    Allot,
    /// Money is paid, or paid back.
    PayOut,
    Refund,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: Id,
    pub(crate) reference: Option<String>,
    pub(crate) ucc: Id,
    pub(crate) kind: OrderKind,
    pub(crate) scheme: u32,
    pub(crate) target: Option<u32>,
    pub(crate) quantity: Quantity,
    pub(crate) folio: Option<String>,
    pub(crate) mandate: Option<Id>,
    pub(crate) plan: Option<Id>,
    /// Which day's instalment it is, before holidays move it.
    pub(crate) due: Option<Date>,
    pub(crate) status: OrderState,
    /// A finer word than the status.
    pub(crate) raw: String,
    pub(crate) reason: Option<String>,
    pub(crate) bounce: Option<Bounce>,
    pub(crate) paid: Option<i64>,
    /// The investor approved: the time-stamp that counts for the cut-off.
    pub(crate) asked: Option<Timestamp>,
    pub(crate) nav_date: Option<Date>,
    pub(crate) allotment: Option<Allotment>,
    pub(crate) switched_in: Option<Allotment>,
    pub(crate) placed: Timestamp,
    pub(crate) next: Option<(Timestamp, Step)>,
}

/// Which way a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanKind {
    Sip,
    Stp,
    Swp,
}

/// How often a plan runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frequency {
    Daily,
    Weekly,
    Fortnightly,
    Monthly,
    Quarterly,
    HalfYearly,
    Yearly,
}

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PlanState {
    #[serde(rename = "awaiting_2fa")]
    AwaitingApproval,
    #[serde(rename = "awaiting_mandate")]
    AwaitingMandate,
    #[serde(rename = "active")]
    Active,
    #[serde(rename = "paused")]
    Paused,
    #[serde(rename = "completed")]
    Completed,
    #[serde(rename = "cancelled_by_investor")]
    CancelledByInvestor,
    #[serde(rename = "cancelled_by_exchange")]
    CancelledByExchange,
    #[serde(rename = "auto_cancelled")]
    AutoCancelled,
    #[serde(rename = "mandate_unlinked")]
    MandateUnlinked,
}

impl PlanState {
    /// Returns whether it still runs, or may run some day.
    pub(crate) fn is_open(self) -> bool {
        matches!(
            self,
            Self::AwaitingApproval | Self::AwaitingMandate | Self::Active | Self::Paused
        )
    }
}

/// By how much a plan grows: paise or percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepUpBy {
    Amount(i64),
    Percent(Decimal),
}

/// How a plan grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepUp {
    pub(crate) by: StepUpBy,
    pub(crate) every_months: u32,
    pub(crate) cap: Option<i64>,
}

/// A change that waits for the investor's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub(crate) enum Change {
    Pause { instalments: u32 },
    Resume,
    Cancel { reason: u8, words: Option<String> },
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) id: Id,
    pub(crate) reference: String,
    pub(crate) ucc: Id,
    pub(crate) kind: PlanKind,
    pub(crate) scheme: u32,
    pub(crate) target: Option<u32>,
    pub(crate) amount: i64,
    pub(crate) frequency: Frequency,
    pub(crate) start: Date,
    pub(crate) instalments: Option<u32>,
    pub(crate) folio: Option<String>,
    pub(crate) mandate: Option<Id>,
    pub(crate) step_up: Option<StepUp>,
    pub(crate) status: PlanState,
    /// How many periods after the start `due` lies.
    pub(crate) slot: u32,
    /// The next instalment's day, before holidays move it.
    pub(crate) due: Date,
    /// Instalments so far, left-out ones counted.
    pub(crate) used: u32,
    /// Instalments still to leave out.
    pub(crate) skip: u32,
    /// Failures in a row.
    pub(crate) failures: u32,
    pub(crate) pending: Option<Change>,
    pub(crate) orders: Vec<Id>,
    pub(crate) placed: Timestamp,
    /// When something happens to it by itself.
    pub(crate) next: Option<Timestamp>,
}

/// How a bank is told to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MandateKind {
    Upi,
    Enach,
}

/// How far a mandate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MandateState {
    AwaitingInvestor,
    UnderProcess,
    Active,
    Paused,
    Rejected,
    Cancelled,
    Expired,
}

/// A mandate; the limit is in paise a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mandate {
    pub(crate) id: Id,
    pub(crate) reference: String,
    pub(crate) ucc: Id,
    pub(crate) kind: MandateKind,
    pub(crate) limit: i64,
    pub(crate) start: Date,
    pub(crate) end: Date,
    pub(crate) status: MandateState,
    pub(crate) reason: Option<String>,
    /// The day debits were asked for last, and how much of the limit they took.
    pub(crate) used: Option<(Date, i64)>,
    pub(crate) placed: Timestamp,
    pub(crate) next: Option<Timestamp>,
}

/// Units that came in together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lot {
    pub(crate) date: Date,
    pub(crate) units: Decimal,
}

/// What a folio holds of a scheme, oldest lot first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holding {
    pub(crate) folio: String,
    pub(crate) scheme: u32,
    pub(crate) lots: Vec<Lot>,
}

impl Holding {
    /// Returns the units there are.
    pub(crate) fn units(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.units).sum()
    }
}

/// A notice that the member did not take yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// Where it stands in the queue; copies of one notice have places of their own.
    pub(crate) place: u64,
    pub(crate) due: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) body: String,
}
