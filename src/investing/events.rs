//! What happened in the business, for whoever tells people about it. No word of how:
//! channels are known further up.
//!
//! An event is [`record`]ed in the transaction that makes it true; whoever tells people
//! reads [`untold`] ones in order and [`mark_told`]s each with the message it became.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::money::Paise;
use super::orders::{BounceReason, MandateKind, OrderKind, PlanKind};
use super::scheme::SchemeCode;
pub use super::store::events::{Recorded, find, mark_told, record, untold};
use crate::id::{ContactId, DocumentId, InstalmentId, MandateId, OrderId, PlanId};

/// Something that happened to one investor, with all that telling it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Whom it happened to.
    pub contact: ContactId,
    /// Of all events with the same key only the first counts (`allotted:ord_…`).
    pub key: String,
    /// What.
    pub what: What,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyFile {
    /// Where it is kept.
    pub document: DocumentId,
    /// Media type.
    pub mime: String,
    /// A name to save it under.
    pub file_name: String,
    /// What it shows, in the investor's language.
    pub caption: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the vocabulary of `orders`")]
pub enum What {
    /// An instalment will be debited.
    InstalmentDue {
        plan: PlanId,
        instalment: InstalmentId,
        scheme: SchemeCode,
        amount: Paise,
        on: Date,
    },
    /// An instalment was debited.
    InstalmentDebited {
        plan: PlanId,
        instalment: InstalmentId,
        scheme: SchemeCode,
        amount: Paise,
        on: Date,
    },
    /// An instalment could not be debited.
    InstalmentFailed {
        plan: PlanId,
        instalment: InstalmentId,
        scheme: SchemeCode,
        amount: Paise,
        on: Date,
        reason: BounceReason,
        /// Failures that may still happen before the plan is ended.
        left: u32,
    },
    /// The investor has to approve a plan, or a change of one.
    PlanAwaiting {
        plan: PlanId,
        kind: PlanKind,
        scheme: SchemeCode,
        amount: Paise,
        is_change: bool,
        link: String,
    },
    /// A plan runs from now on.
    PlanActive {
        plan: PlanId,
        kind: PlanKind,
        scheme: SchemeCode,
        amount: Paise,
        first: Date,
    },
    /// A plan stands still.
    PlanPaused {
        plan: PlanId,
        kind: PlanKind,
        scheme: SchemeCode,
        until: Option<Date>,
    },
    /// A plan runs again.
    PlanResumed {
        plan: PlanId,
        kind: PlanKind,
        scheme: SchemeCode,
        next: Option<Date>,
    },
    /// A plan ended; `by` is its last status.
    PlanEnded {
        plan: PlanId,
        kind: PlanKind,
        scheme: SchemeCode,
        by: super::orders::PlanStatus,
    },
    /// The investor has to approve a mandate.
    MandateAwaiting {
        mandate: MandateId,
        kind: MandateKind,
        limit: Paise,
        link: String,
    },
    /// A mandate may be used.
    MandateActive {
        mandate: MandateId,
        kind: MandateKind,
        limit: Paise,
    },
    /// A mandate failed or ended.
    MandateFailed {
        mandate: MandateId,
        kind: MandateKind,
        reason: Option<String>,
    },
    /// An order was placed and waits for the investor's approval or payment.
    OrderPlaced {
        order: OrderId,
        kind: OrderKind,
        scheme: SchemeCode,
        amount: Option<Paise>,
        link: Option<String>,
    },
    /// A payment on the exchange's page did not go through; the order still waits for one.
    PaymentFailed {
        order: OrderId,
        scheme: SchemeCode,
        amount: Option<Paise>,
        reason: String,
        link: String,
    },
    /// Units were allotted.
    OrderAllotted {
        order: OrderId,
        scheme: SchemeCode,
        amount: Paise,
        units: Decimal,
        nav: Decimal,
        nav_date: Date,
    },
    /// Money of a redemption was paid.
    OrderRedeemed {
        order: OrderId,
        scheme: SchemeCode,
        amount: Paise,
        units: Decimal,
        nav: Decimal,
        nav_date: Date,
    },
    /// An order failed.
    OrderRejected {
        order: OrderId,
        kind: OrderKind,
        scheme: SchemeCode,
        reason: String,
        refund: Option<Paise>,
    },
    /// A statement can be fetched until `expires`; the file is there for a channel that
    /// carries it.
    DocumentReady {
        title: String,
        link: String,
        expires: Date,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<ReadyFile>,
    },
    /// The KYC state changed; in the words of `people`.
    KycChanged { state: String },
    /// The investor has to approve their account with the exchange.
    AccountAwaiting { link: String },
    /// Orders may be placed through the account with the exchange from now on.
    AccountActive {},
    /// The exchange did not open the account, or stopped it.
    AccountFailed { reason: Option<String> },
}

impl What {
    /// Returns the word it is stored under.
    pub fn word(&self) -> &'static str {
        match self {
            Self::InstalmentDue { .. } => "instalment_due",
            Self::InstalmentDebited { .. } => "instalment_debited",
            Self::InstalmentFailed { .. } => "instalment_failed",
            Self::PlanAwaiting { .. } => "plan_awaiting",
            Self::PlanActive { .. } => "plan_active",
            Self::PlanPaused { .. } => "plan_paused",
            Self::PlanResumed { .. } => "plan_resumed",
            Self::PlanEnded { .. } => "plan_ended",
            Self::MandateAwaiting { .. } => "mandate_awaiting",
            Self::MandateActive { .. } => "mandate_active",
            Self::MandateFailed { .. } => "mandate_failed",
            Self::OrderPlaced { .. } => "order_placed",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::OrderAllotted { .. } => "order_allotted",
            Self::OrderRedeemed { .. } => "order_redeemed",
            Self::OrderRejected { .. } => "order_rejected",
            Self::DocumentReady { .. } => "document_ready",
            Self::KycChanged { .. } => "kyc_changed",
            Self::AccountAwaiting { .. } => "account_awaiting",
            Self::AccountActive {} => "account_active",
            Self::AccountFailed { .. } => "account_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_counted_under_the_word_it_is_stored_as() {
        let what = What::KycChanged {
            state: "verified".to_owned(),
        };
        let json = serde_json::to_value(&what).unwrap();
        assert_eq!(json["event"], what.word());
        let what = What::PlanPaused {
            plan: crate::id::PlanId::from(uuid::Uuid::nil()),
            kind: PlanKind::Stp,
            scheme: SchemeCode(1),
            until: None,
        };
        assert_eq!(serde_json::to_value(&what).unwrap()["event"], what.word());
    }
}
