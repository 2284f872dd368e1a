//! The exchange as this room asks for it.
//!
//! Nothing here is fire and forget: each request carries our own reference, unique for
//! ever, and an outcome that is not known ([`GatewayError::Unknown`]) is settled by
//! asking for that reference before anything is sent again. A reference that the gateway
//! has had before was ours: placing it again returns what became of it.
//!
//! Payments are the gateway's too: the investor pays on a page of the exchange, into the
//! clearing corporation's account, and refunds come from there. We hold no money, so
//! adapters of payment providers have nothing to do in this path; whoever adds one for a
//! fee of their own puts it behind a port beside this one, with the same three outcomes.

use futures::future::BoxFuture;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::investing::money::Paise;
use crate::investing::orders::{
    Allotment, BounceReason, Frequency, MandateKind, MandateStatus, OrderKind, OrderStatus,
    PlanKind, PlanStatus, Quantity,
};
use crate::investing::rules::master::MasterScheme;
use crate::investing::scheme::SchemeCode;
use crate::people::Nominee;

/// An answer of the gateway, sooner or later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, GatewayError>>;

/// Why a request to a gateway did not work.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// It was understood and refused; asking again changes nothing.
    #[error("the gateway refused: {message} ({code})")]
    Refused {
        /// The gateway's own code.
        code: String,
        /// In words, without anything personal.
        message: String,
    },
    /// It was not taken: it may be sent again.
    #[error("the gateway cannot be reached: {0}")]
    Unavailable(String),
    /// It may have been taken or not: ask for its reference before sending it again.
    #[error("the gateway's answer was lost: {0}")]
    Unknown(String),
    /// It needs something that the public documents leave open and no setting says.
    #[error("the gateway is not set up for this: {0}")]
    NotSetUp(String),
}

/// Our reference of a request: 1 to 32 digits and hyphens, unique for ever.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Reference(pub String);

/// An investor's account with the exchange.
#[derive(Debug, Clone)]
pub struct NewInvestor {
    /// Client code (UCC), chosen by us.
    pub ucc: String,
    /// Name as per PAN.
    pub name: String,
    /// PAN.
    pub pan: String,
    /// Date of birth.
    pub date_of_birth: Date,
    /// Mobile number with country code.
    pub mobile: String,
    /// E-mail address.
    pub email: String,
    /// Account number of the bank that pays and is paid.
    pub account_number: String,
    /// IFSC of that bank's branch.
    pub ifsc: String,
    /// Who is to inherit; empty where the investor opted out.
    pub nominees: Vec<Nominee>,
}

/// How far an investor's account with the exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvestorState {
    /// The investor has to approve it.
    AwaitingAuthorisation,
    /// The exchange is at it.
    UnderProcess,
    /// Orders may be placed.
    Active,
    /// Stopped by the exchange.
    Suspended,
}

/// An order to place.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Ours.
    pub reference: Reference,
    /// Client code.
    pub ucc: String,
    /// What it does.
    pub kind: OrderKind,
    /// In which scheme; of a switch, out of which.
    pub scheme: SchemeCode,
    /// Of a switch, into which.
    pub target: Option<SchemeCode>,
    /// How much.
    pub quantity: Quantity,
    /// Folio to use; none makes a new one.
    pub folio: Option<String>,
    /// Whether the investor named nominees, as it was when the order was confirmed; none
    /// where that is not on record.
    pub has_nominees: Option<bool>,
    /// Pays through this mandate instead of by hand.
    pub mandate: Option<String>,
    /// EUIN of the person who advised; none means execution only.
    pub euin: Option<String>,
}

/// A plan to register.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Ours.
    pub reference: Reference,
    /// Client code.
    pub ucc: String,
    /// Which way.
    pub kind: PlanKind,
    /// In which scheme; of an STP, out of which.
    pub scheme: SchemeCode,
    /// Of an STP, into which.
    pub target: Option<SchemeCode>,
    /// Each time.
    pub amount: Paise,
    /// How often.
    pub frequency: Frequency,
    /// First instalment.
    pub start: Date,
    /// Instalments in all; none runs until cancelled.
    pub instalments: Option<u32>,
    /// Folio to use; none makes a new one.
    pub folio: Option<String>,
    /// Whether the investor named nominees.
    pub has_nominees: bool,
    /// The gateway's id of the mandate it is paid through.
    pub mandate: Option<String>,
    /// Step-up, registered with the plan.
    pub step_up: Option<PlanStepUp>,
    /// EUIN of the person who advised; none means execution only.
    pub euin: Option<String>,
}

/// How a plan grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanStepUp {
    /// By how much.
    pub by: StepUpBy,
    /// After so many months each.
    pub every_months: u8,
    /// Never beyond this.
    pub cap: Option<Paise>,
}

/// Amount or percentage of a step-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepUpBy {
    /// So much more.
    Amount(Paise),
    /// So many percent more.
    Percent(Decimal),
}

/// What to do with a plan that is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanChange {
    /// Leave out the next so many instalments.
    Pause {
        /// How many.
        instalments: u32,
    },
    /// Run again.
    Resume,
    /// End it.
    Cancel {
        /// 1 to 13, of the exchange's list.
        reason: u8,
        /// In words, where the list has none (13).
        words: Option<String>,
    },
}

/// A mandate to register.
#[derive(Debug, Clone)]
pub struct NewMandate {
    /// Ours.
    pub reference: Reference,
    /// Client code.
    pub ucc: String,
    /// Which way.
    pub kind: MandateKind,
    /// At most so much a day.
    pub limit: Paise,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
}

/// What the gateway knows of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderReport {
    /// The gateway's id.
    pub id: String,
    /// Ours, if the gateway has one: instalments it makes by itself have none.
    pub reference: Option<Reference>,
    /// The gateway's id of the plan it is an instalment of.
    pub plan: Option<String>,
    /// Which day's instalment it is, before holidays move it.
    pub due: Option<Date>,
    /// How far.
    pub status: OrderStatus,
    /// The gateway's own word for it.
    pub raw_status: String,
    /// Why it was refused, or why its money did not arrive, in the gateway's words.
    pub reason: Option<String>,
    /// Of a redemption: its money was sent and did not arrive.
    pub payout_failed: bool,
    /// Why the bank did not pay.
    pub bounce: Option<BounceReason>,
    /// Money that was debited for it, if any.
    pub paid: Option<Paise>,
    /// What the registrar made of it; of a switch, the way out.
    pub allotment: Option<Allotment>,
    /// Of a switch, the way in.
    pub switched_in: Option<Allotment>,
}

/// What the gateway knows of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReport {
    /// The gateway's id.
    pub id: String,
    /// Ours.
    pub reference: Reference,
    /// How far.
    pub status: PlanStatus,
    /// The gateway's own word for it.
    pub raw_status: String,
    /// A change of it was asked for and has no effect until the investor approves it on
    /// the page of the plan.
    pub change_awaits_approval: bool,
    /// Where it goes on from here, while it runs and if the gateway says.
    pub ahead: Option<Ahead>,
    /// Its instalments so far, oldest first, without those that do not read.
    pub instalments: Vec<OrderReport>,
    /// Instalments that are there and do not read: what they came to is not known.
    pub unread: Vec<Unread>,
}

/// An instalment of which the gateway says something that nobody understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which day's it is, before holidays move it, if that reads.
    pub due: Option<Date>,
    /// What does not read, without anything personal.
    pub why: String,
}

/// Where a plan that runs goes on from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Day of the next instalment that is not made yet, before holidays move it.
    pub next: Date,
    /// As many from that one on are still left out.
    pub left_out: u32,
}

/// What the gateway knows of a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateReport {
    /// The gateway's id.
    pub id: String,
    /// Ours.
    pub reference: Reference,
    /// How far.
    pub status: MandateStatus,
    /// The gateway's own word for it.
    pub raw_status: String,
    /// Why it was refused, in the gateway's words.
    pub reason: Option<String>,
}

/// What an investor has to approve or pay on a page of the gateway's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Approve the account with the exchange.
    Investor {
        /// Client code.
        ucc: String,
    },
    /// Approve an order, by the gateway's id.
    Order(String),
    /// Pay for an order, by the gateway's id.
    Payment(String),
    /// Approve a plan, or a change of it, by the gateway's id.
    Plan(String),
    /// Approve a mandate, by the gateway's id.
    Mandate(String),
}

/// What a webhook says has changed. It is only a hint: the state is read before anything
/// is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The gateway's id of the notice: the same one may come again.
    pub id: String,
    /// What to read.
    pub about: Subject,
}

/// What a notice is about, by the gateway's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An investor's account, by client code.
    Investor(String),
    /// An order.
    Order(String),
    /// A plan.
    Plan(String),
    /// A mandate.
    Mandate(String),
    /// Nothing we act on, with the gateway's word for it.
    Other(String),
}

/// What a gateway takes of what exchanges do. It is asked before anything is offered: what
/// cannot be placed is not to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Kinds of new mandates, in the order in which they are offered.
    pub mandates: &'static [MandateKind],
    /// Whether a plan can be registered with a step-up.
    pub step_up: bool,
}

impl Takes {
    /// Everything there is.
    pub const ALL: Self = Self {
        mandates: &[MandateKind::Upi, MandateKind::Enach],
        step_up: true,
    };
}

/// Places orders with an exchange and says what became of them.
pub trait OrderGateway: Send + Sync + 'static {
    /// Names the gateway for records (`paper`, `bse`).
    fn name(&self) -> &'static str;

    /// Returns what it takes.
    fn takes(&self) -> Takes;

    /// Reads the whole scheme master; `None` of a gateway that has none of its own, whose
    /// rules come from a file.
    fn scheme_master(&self) -> Answer<'_, Option<Vec<MasterScheme>>> {
        Box::pin(async { Ok(None) })
    }

    /// Opens an investor's account, or finds it open.
    fn register_investor<'a>(&'a self, new: &'a NewInvestor) -> Answer<'a, InvestorState>;

    /// Returns how far an investor's account is; `None` if there is none.
    fn find_investor<'a>(&'a self, ucc: &'a str) -> Answer<'a, Option<InvestorState>>;

    /// Places an order and returns what became of it so far.
    fn place_order<'a>(&'a self, new: &'a NewOrder) -> Answer<'a, OrderReport>;

    /// Returns an order by our reference; `None` if the gateway never took it.
    fn find_order<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<OrderReport>>;

    /// Returns an order by the gateway's id.
    fn read_order<'a>(&'a self, id: &'a str) -> Answer<'a, Option<OrderReport>>;

    /// Calls an order off that is not with the registrar yet.
    fn cancel_order<'a>(&'a self, id: &'a str) -> Answer<'a, OrderReport>;

    /// Registers a plan.
    fn register_plan<'a>(&'a self, new: &'a NewPlan) -> Answer<'a, PlanReport>;

    /// Returns a plan by our reference; `None` if the gateway never took it.
    fn find_plan<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<PlanReport>>;

    /// Returns a plan by the gateway's id.
    fn read_plan<'a>(&'a self, id: &'a str) -> Answer<'a, Option<PlanReport>>;

    /// Changes a plan, or asks the investor to approve the change (see
    /// [`PlanReport::change_awaits_approval`]). Doing it again changes nothing.
    fn change_plan<'a>(
        &'a self,
        id: &'a str,
        kind: PlanKind,
        change: &'a PlanChange,
    ) -> Answer<'a, PlanReport>;

    /// Registers a mandate.
    fn register_mandate<'a>(&'a self, new: &'a NewMandate) -> Answer<'a, MandateReport>;

    /// Returns a mandate by our reference; `None` if the gateway never took it.
    fn find_mandate<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<MandateReport>>;

    /// Returns a mandate by the gateway's id.
    fn read_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, Option<MandateReport>>;

    /// Ends a mandate. Doing it again changes nothing.
    fn cancel_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, MandateReport>;

    /// Returns the address of a page on which the investor approves or pays.
    fn page<'a>(&'a self, page: &'a Page) -> Answer<'a, String>;

    /// Reads what a webhook of this gateway says.
    fn read_notice(&self, body: &[u8]) -> Result<Notice, GatewayError>;
}
