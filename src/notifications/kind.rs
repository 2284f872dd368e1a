//! The kinds of notices, and what is settled for each once and for all.

use crate::investing::disclosures::Subject;
use crate::investing::events::What;
use crate::pipeline::Purpose;

macro_rules! kinds {
    ($($(#[$doc:meta])* $case:ident = $word:literal,)*) => {
        /// What a notice is about. The word of each is the word of its business event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $case,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$case,)*];

            /// Returns the word it is stored as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)* }
            }

            /// Returns the kind of what happened.
            pub fn of(what: &What) -> Self {
                match what { $(What::$case { .. } => Self::$case,)* }
            }
        }
    };
}

kinds! {
    /// An instalment will be debited.
    InstalmentDue = "instalment_due",
    /// An instalment was debited.
    InstalmentDebited = "instalment_debited",
    /// An instalment could not be debited.
    InstalmentFailed = "instalment_failed",
    /// A plan, or a change of one, has to be approved.
    PlanAwaiting = "plan_awaiting",
    /// A plan runs from now on.
    PlanActive = "plan_active",
    /// A plan stands still.
    PlanPaused = "plan_paused",
    /// A plan runs again.
    PlanResumed = "plan_resumed",
    /// A plan ended.
    PlanEnded = "plan_ended",
    /// A mandate has to be approved.
    MandateAwaiting = "mandate_awaiting",
    /// A mandate may be used.
    MandateActive = "mandate_active",
    /// A mandate cannot be used.
    MandateFailed = "mandate_failed",
    /// An order was placed.
    OrderPlaced = "order_placed",
    /// A payment did not go through.
    PaymentFailed = "payment_failed",
    /// Units were allotted.
    OrderAllotted = "order_allotted",
    /// A redemption was paid.
    OrderRedeemed = "order_redeemed",
    /// An order failed.
    OrderRejected = "order_rejected",
    /// A document can be fetched.
    DocumentReady = "document_ready",
    /// The KYC state changed.
    KycChanged = "kyc_changed",
    /// The account with the exchange has to be approved.
    AccountAwaiting = "account_awaiting",
    /// Orders may be placed.
    AccountActive = "account_active",
    /// The account with the exchange cannot be used.
    AccountFailed = "account_failed",
}

impl Kind {
    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Returns whether nobody may switch it off: money will be taken, moved or failed to
    /// move, a plan or a mandate ended, or the investor has to act before something can go on. What only
    /// keeps them posted is theirs to decline.
    pub const fn is_required(self) -> bool {
        match self {
            Self::InstalmentDue
            | Self::InstalmentFailed
            | Self::PlanEnded
            | Self::PlanAwaiting
            | Self::MandateAwaiting
            | Self::MandateFailed
            | Self::OrderPlaced
            | Self::PaymentFailed
            | Self::OrderAllotted
            | Self::OrderRedeemed
            | Self::OrderRejected
            | Self::KycChanged
            | Self::AccountAwaiting
            | Self::AccountFailed => true,
            Self::InstalmentDebited
            | Self::PlanActive
            | Self::PlanPaused
            | Self::PlanResumed
            | Self::MandateActive
            | Self::DocumentReady
            | Self::AccountActive => false,
        }
    }

    /// Returns whether it only says what a later notice will say anyway, so that one that
    /// came too late is left out and nobody need hear of it.
    pub const fn is_reminder(self) -> bool {
        matches!(self, Self::InstalmentDue)
    }

    /// Returns what it is about for the rules on required texts: those that put a
    /// scheme before somebody owe the risk sentence, those that stop something do not.
    pub const fn subject(self) -> Subject {
        match self {
            Self::InstalmentDue
            | Self::InstalmentDebited
            | Self::PlanAwaiting
            | Self::PlanActive
            | Self::PlanResumed
            | Self::OrderPlaced
            | Self::OrderAllotted
            | Self::OrderRedeemed => Subject::Transaction,
            Self::InstalmentFailed
            | Self::PlanPaused
            | Self::PlanEnded
            | Self::PaymentFailed
            | Self::MandateAwaiting
            | Self::MandateActive
            | Self::MandateFailed
            | Self::OrderRejected
            | Self::DocumentReady
            | Self::KycChanged
            | Self::AccountAwaiting
            | Self::AccountActive
            | Self::AccountFailed => Subject::Talk,
        }
    }

    /// Returns what a message about it is for: one that names money, or leave to take it,
    /// is never said twice by a machine; for what only serves, twice is ugly and not at all
    /// is worse.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::InstalmentDue
            | Self::InstalmentDebited
            | Self::InstalmentFailed
            | Self::PlanAwaiting
            | Self::PlanActive
            | Self::PlanEnded
            | Self::MandateAwaiting
            | Self::MandateActive
            | Self::MandateFailed
            | Self::OrderPlaced
            | Self::PaymentFailed
            | Self::OrderAllotted
            | Self::OrderRedeemed
            | Self::OrderRejected => Purpose::Money,
            Self::PlanPaused
            | Self::PlanResumed
            | Self::DocumentReady
            | Self::KycChanged
            | Self::AccountAwaiting
            | Self::AccountActive
            | Self::AccountFailed => Purpose::Chat,
        }
    }

    /// Returns whether it changes the dates of the investor's calendar.
    pub const fn moves_dates(self) -> bool {
        matches!(
            self,
            Self::PlanActive | Self::PlanPaused | Self::PlanResumed | Self::PlanEnded
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_kind_has_the_word_of_its_event_and_reads_back() {
        for what in samples::all() {
            assert_eq!(Kind::of(&what).as_str(), what.word());
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Kind::parse("all"), None);
    }
}
