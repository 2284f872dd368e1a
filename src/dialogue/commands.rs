//! What a turn may set in motion, as plain values.
//!
//! A flow puts commands into its step. Whoever carries them out does so in the transaction
//! that finishes the turn: the words and what they speak of come true together, or not at
//! all.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::flows::record::Task;
use crate::contacts::NewConsent;
use crate::id::{DraftId, OrderId, PlanId};
use crate::investing::orders::draft::{Confirmed, Draft, Refusal};
use crate::language::Language;
use crate::people::Change;

/// Something to be done for the contact who wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Keep a draft whose terms are shown in this turn, so that it can be confirmed.
    KeepDraft(Box<Draft>),
    /// Something that moves no money.
    Serve(Service),
    /// Put a change of the investor's record, as it was rehearsed, on record.
    Record(Box<Change>),
    /// Put consent, or its refusal, on record.
    Consent(Box<NewConsent>),
    /// What was asked for and confirmed.
    Do(Asked, Means),
}

/// Something done for somebody that moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Make a paper in a language, and tell its link.
    Paper(Paper, Language),
    /// Put a complaint on the register, under a number, and before a person.
    Complaint(String),
    /// Put something about a record on the list of what a person has to do, under a number.
    Task(Task, String),
    /// Have it found out whose a bank account is.
    CheckBank,
    /// Make a copy of what is kept of them, under a number, in a language, and tell its link.
    Export(String, Language),
    /// Erase what is kept of them, under a number, at that moment.
    Erase(String, Timestamp),
    /// Call off the erasure with that number.
    KeepData(String),
    /// Send notices there from now on.
    Notices(NoticeWay),
    /// Make a link to a calendar of SIP dates, and tell it.
    Calendar(Language),
}

/// Where notices go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeWay {
    /// On WhatsApp.
    WhatsApp,
    /// By e-mail.
    Email,
    /// Only those that are required, on WhatsApp.
    Required,
}

impl NoticeWay {
    const ALL: [Self; 3] = [Self::WhatsApp, Self::Email, Self::Required];

    /// Returns the word its row carries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Email => "email",
            Self::Required => "required",
        }
    }

    /// Reads the word of a row.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// A paper or a picture of what somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// What is held.
    Statement,
    /// Every transaction on record.
    Transactions,
    /// Realised gains of a financial year.
    CapitalGains {
        /// The year it begins in.
        year: i16,
    },
    /// The SIPs on record.
    SipSummary,
    /// Value over time.
    ValuePicture,
    /// How it is spread over categories.
    AllocationPicture,
    /// What SIPs became.
    GrowthPicture,
}

impl Paper {
    /// Returns a word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Transactions => "transactions",
            Self::CapitalGains { .. } => "capital_gains",
            Self::SipSummary => "sip_summary",
            Self::ValuePicture => "value",
            Self::AllocationPicture => "allocation",
            Self::GrowthPicture => "growth",
        }
    }
}

/// What somebody has to confirm before it is done. It moves money, or stops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Make what a draft proposes: an order, a plan or a mandate.
    Draft(DraftId),
    /// Leave out the next so many instalments of a plan.
    PausePlan(PlanId, u32),
    /// Let a paused plan go on.
    ResumePlan(PlanId),
    /// End a plan, for a reason of the exchange's list; the last one takes words.
    CancelPlan(PlanId, u8, Option<String>),
    /// Call off an order that still waits for its investor.
    CallOff(OrderId),
}

impl Asked {
    /// Returns what the button that confirms it carries: it names this very thing.
    pub fn key(&self) -> String {
        match self {
            Self::Draft(id) => id.to_string(),
            Self::PausePlan(id, instalments) => format!("pause-{instalments}-{id}"),
            Self::ResumePlan(id) => format!("resume-{id}"),
            Self::CancelPlan(id, reason, _) => format!("cancel-{reason}-{id}"),
            Self::CallOff(id) => format!("call-off-{id}"),
        }
    }
}

/// How something was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By its own button.
    Button,
    /// By repeating its amount.
    Amount,
}

impl Means {
    /// Returns who and how, for the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Button => "investor:button",
            Self::Amount => "investor:amount",
        }
    }
}

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A draft is kept.
    Kept,
    /// A draft was made what it proposes, now or before.
    Made(Confirmed),
    /// The change of a plan, or the end of an order, is on its way.
    Asked,
    /// A plan ends: its debits have stopped by this day.
    EndsBy(Date),
}

/// What a command would come to, or why it is refused.
pub type Outlook = Result<Done, Refusal>;
