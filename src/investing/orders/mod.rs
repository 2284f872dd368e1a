//! What an investor may have done with money, and how far it is: orders, plans (SIP,
//! STP, SWP), their instalments, and mandates. One vocabulary for every gateway.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Paise;

/// A word that is stored and spoken between machines.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $word)] $case,)*
        }

        impl $name {
            /// Every case.
            pub const ALL: &'static [Self] = &[$(Self::$case,)*];

            /// Returns the word it is stored as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)* }
            }

            /// Reads the word it is stored as.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|case| case.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub mod charges;
mod checks;
pub mod draft;
pub mod flags;
pub mod instalments;
pub mod limits;
pub mod mandate;
mod offer;
pub mod order;
pub mod plan;
pub mod ports;
pub mod service;
pub mod state;
#[cfg(test)]
mod tests;
pub mod upcoming;

words! {
    /// What an order does.
    OrderKind {
        /// Money becomes units.
        Purchase = "purchase",
        /// Units become money.
        Redemption = "redemption",
        /// Units of one scheme become units of another of the same fund house.
        Switch = "switch",
    }
}

/// How much an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// So much money.
    Amount(Paise),
    /// So many units.
    Units(Decimal),
    /// Every unit there is.
    All,
}

words! {
    /// How far an order is, in the same words whichever gateway it is with.
    OrderStatus {
        /// On record here; the gateway may not know it yet.
        Created = "created",
        /// The investor has to approve it on the gateway's page.
        AwaitingAuthorisation = "awaiting_authorisation",
        /// The investor has to pay.
        AwaitingPayment = "awaiting_payment",
        /// The bank is at it.
        PaymentProcessing = "payment_processing",
        /// With the registrar.
        SentToRta = "sent_to_rta",
        /// Units are there.
        Allotted = "allotted",
        /// The money of a redemption is paid.
        RedeemedPaid = "redeemed_paid",
        /// Refused, with a reason.
        Rejected = "rejected",
        /// Called off by the investor.
        Cancelled = "cancelled",
        /// Not approved or paid in time.
        Expired = "expired",
        /// The order failed and its money is to come back.
        RefundDue = "refund_due",
        /// The money came back.
        Refunded = "refunded",
    }
}

words! {
    /// Which way a plan moves money, time after time.
    PlanKind {
        /// Systematic investment plan.
        Sip = "sip",
        /// Systematic transfer plan: a switch each time.
        Stp = "stp",
        /// Systematic withdrawal plan: a redemption each time.
        Swp = "swp",
    }
}

words! {
    /// How often a plan runs.
    Frequency {
        /// Each business day.
        Daily = "daily",
        /// Each week.
        Weekly = "weekly",
        /// Every two weeks.
        Fortnightly = "fortnightly",
        /// Each month.
        Monthly = "monthly",
        /// Each three months.
        Quarterly = "quarterly",
        /// Each six months.
        HalfYearly = "half_yearly",
        /// Each year.
        Yearly = "yearly",
    }
}

words! {
    /// How far a plan is.
    PlanStatus {
        /// On record here; the gateway may not know it yet.
        Draft = "draft",
        /// The investor has to approve it on the gateway's page.
        Awaiting2fa = "awaiting_2fa",
        /// Its mandate is not active yet.
        AwaitingMandate = "awaiting_mandate",
        /// It runs.
        Active = "active",
        /// It stands still for some instalments.
        Paused = "paused",
        /// All its instalments are done.
        Completed = "completed",
        /// Ended by the investor.
        CancelledByInvestor = "cancelled_by_investor",
        /// Ended by the exchange.
        CancelledByExchange = "cancelled_by_exchange",
        /// Ended after too many failures in a row.
        AutoCancelled = "auto_cancelled",
        /// Its mandate is gone.
        MandateUnlinked = "mandate_unlinked",
    }
}

words! {
    /// How far an instalment is.
    InstalmentStatus {
        /// Due some day.
        Scheduled = "scheduled",
        /// The investor was told of the debit.
        PreDebitNotified = "pre_debit_notified",
        /// The bank was asked.
        DebitSubmitted = "debit_submitted",
        /// The bank paid.
        Debited = "debited",
        /// The bank did not pay.
        Failed = "failed",
        /// Left out: paused, or skipped by the investor.
        Skipped = "skipped",
        /// Its order is with the registrar.
        OrderCreated = "order_created",
        /// Units are there (or, for a withdrawal, the money is paid).
        Allotted = "allotted",
        /// Its order was refused.
        Rejected = "rejected",
        /// The money came back.
        Refunded = "refunded",
    }
}

words! {
    /// How a bank is told to pay.
    MandateKind {
        /// `UPI AutoPay`.
        Upi = "upi",
        /// eNACH.
        Enach = "enach",
    }
}

words! {
    /// How far a mandate is.
    MandateStatus {
        /// On record here.
        Created = "created",
        /// The investor has the link.
        LinkSent = "link_sent",
        /// The investor has to approve it at the bank.
        AwaitingInvestor = "awaiting_investor",
        /// The bank is at it.
        UnderProcess = "under_process",
        /// Debits may be asked for.
        Active = "active",
        /// Stopped for now by the investor, in their own app.
        Paused = "paused",
        /// Refused.
        Rejected = "rejected",
        /// Ended.
        Cancelled = "cancelled",
        /// Past its end.
        Expired = "expired",
        /// Done.
        Completed = "completed",
    }
}

words! {
    /// Why a bank did not pay, in groups: numbers mean different things at different banks.
    BounceReason {
        /// Too little money in the account.
        InsufficientFunds = "insufficient_funds",
        /// Account closed, frozen, or without KYC.
        AccountProblem = "account_problem",
        /// Mandate cancelled, not registered, expired, or its limit too low.
        MandateProblem = "mandate_problem",
        /// Something broke on the way.
        Technical = "technical",
    }
}

/// What a registrar made of an order: the truth about units.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Allotment {
    /// Folio, as the fund house numbers it.
    pub folio: String,
    /// Date of the NAV.
    pub nav_date: Date,
    /// Rupees per unit.
    pub nav: Decimal,
    /// Units given (or taken, for a redemption); never negative.
    pub units: Decimal,
    /// Money for the units: net of stamp duty for a purchase, before load for a redemption.
    pub amount: Paise,
    /// Stamp duty of a purchase.
    pub stamp_duty: Paise,
    /// Exit load of a redemption.
    pub exit_load: Paise,
    /// Securities transaction tax of a redemption.
    pub stt: Paise,
}
