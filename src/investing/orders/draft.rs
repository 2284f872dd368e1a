//! What is put before an investor to be confirmed, and why sometimes nothing is.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::charges::Charges;
use super::limits;
use super::mandate;
use super::plan::{NotNow, PlanTerms};
use super::ports::AmountRule;
use super::{MandateKind, OrderKind, OrderStatus, PlanKind, Quantity};
use crate::id::{ContactId, DraftId, MandateId, OrderId, PlanId};
use crate::investing::money::Paise;
use crate::investing::rules::PanLimit;
use crate::investing::scheme::SchemeCode;

/// How long a draft may be confirmed.
pub const EXPIRES_AFTER: Duration = Duration::from_mins(10);

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    /// One order.
    Order(OrderProposal),
    /// A plan, perhaps in place of another.
    Plan(PlanProposal),
    /// A mandate.
    Mandate(MandateProposal),
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProposal {
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
    /// Pays through this mandate instead of by hand.
    pub mandate: Option<MandateId>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProposal {
    /// What it does.
    pub terms: PlanTerms,
    /// Paid through this mandate; withdrawals and transfers need none.
    pub mandate: Option<MandateId>,
    /// Folio to use; none makes a new one.
    pub folio: Option<String>,
    /// The plan it takes the place of.
    pub replaces: Option<PlanId>,
}

/// A mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateProposal {
    /// Which way.
    pub kind: MandateKind,
    /// At most so much a day.
    pub limit: Paise,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
}

/// The exact terms that are shown before a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What would be done.
    pub proposal: Proposal,
    /// The scheme by name, with plan and option; empty for a mandate.
    pub scheme: String,
    /// The scheme a switch or transfer goes into.
    pub target: Option<String>,
    /// Its fund house.
    pub amc: String,
    /// Day of the order, or the one on which the first instalment is carried out.
    pub date: Date,
    /// Bank that pays or is paid.
    pub bank: String,
    /// The NAV date to be expected if everything is done in time; never a promise.
    pub expected_nav_date: Option<Date>,
    /// Of a switch, the NAV date of its way in to be expected then.
    pub target_nav_date: Option<Date>,
    /// When units or money are to be expected then.
    pub expected_by: Option<Date>,
    /// Until when on that day the platform takes it, in India's time.
    pub cutoff: Option<jiff::civil::Time>,
    /// Risk-o-meter of the scheme units are bought of.
    pub risk: Option<String>,
    /// First day of the month it is of.
    #[serde(default)]
    pub risk_month: Option<Date>,
    /// What is kept back, estimated.
    pub charges: Charges,
    /// What it should come to, estimated at the latest NAV: units bought, or money got.
    pub estimate: Option<Estimate>,
    /// Day until which a folio's units are locked in, where some are.
    pub locked_until: Option<Date>,
    /// Version of the rules behind the required texts.
    pub rules: String,
}

/// What an order should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimate {
    /// So many units.
    Units(Decimal),
    /// So much money.
    Money(Paise),
    /// So much money before an exit load that cannot be told beforehand, other charges taken
    /// off.
    BeforeLoad(Paise),
}

/// Terms that may be confirmed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Ours.
    pub id: DraftId,
    /// Whose.
    pub contact: ContactId,
    /// The exact terms.
    pub terms: Terms,
    /// Made at.
    pub made_at: Timestamp,
    /// No use any more from then on.
    pub expires_at: Timestamp,
}

/// What a confirmation made, or had made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An order.
    Order(OrderId),
    /// A plan.
    Plan(PlanId),
    /// A mandate.
    Mandate(MandateId),
}

/// What came of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// This confirmation made it.
    Now(Made),
    /// An earlier one had made it.
    Before(Made),
}

impl Confirmed {
    /// Returns what there is now.
    pub fn made(&self) -> Made {
        match self {
            Self::Now(made) | Self::Before(made) => *made,
        }
    }
}

/// Why nothing is proposed, confirmed or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing on record says what the scheme allows.
    #[error("the rules of the scheme are not on record")]
    SchemeRulesMissing,
    /// The scheme does not take it.
    #[error("the scheme takes no such order")]
    NotTaken,
    /// Not an amount the scheme takes.
    #[error("not an amount the scheme takes")]
    Amount(AmountRuleShown),
    /// More than one PAN may have of the scheme.
    #[error("more than the scheme takes of one PAN")]
    PanLimit {
        /// The limit.
        limit: PanLimit,
        /// What is left of it.
        left: Paise,
    },
    /// The new fund offer has not begun.
    #[error("the new fund offer opens on {0}")]
    NotOpen(Date),
    /// Fewer units than the scheme gives back at once.
    #[error("at least {0} units")]
    TooFewAtOnce(Decimal),
    /// What would be left is too little to stay.
    #[error("what is left has to be worth {0:?} paise, or all has to go")]
    LeavesTooLittle(Paise),
    /// The scheme has no such plan, or not on that day.
    #[error("the scheme has no such plan")]
    NoSuchPlan,
    /// Too few instalments.
    #[error("at least {0} instalments")]
    TooFewInstalments(u32),
    /// The first instalment comes too soon.
    #[error("the first instalment can be on {0}")]
    TooSoon(Date),
    /// A switch stays within one fund house.
    #[error("a switch stays within one fund house")]
    OtherFundHouse,
    /// Nothing is held there.
    #[error("no units of the scheme are held through us")]
    NothingHeld,
    /// Held in several folios; one has to be named.
    #[error("held in several folios")]
    WhichFolio(Vec<String>),
    /// Less is free than was asked for.
    #[error("only {free} units are free")]
    TooFewUnits {
        /// Units neither locked in nor on their way out.
        free: Decimal,
        /// Until when the others are locked in.
        locked_until: Option<Date>,
    },
    /// Units of the scheme are locked in for a while, and when these were bought is not
    /// on record.
    #[error("the record does not say when the units were bought, so nor which are locked in")]
    DaysUnknown,
    /// The investor may not deal yet.
    #[error("the investor may not deal: {}", .0.join(", "))]
    Blocked(Vec<String>),
    /// Money is paused for the investor.
    #[error("money is paused for the investor")]
    Paused,
    /// A limit was met.
    #[error(transparent)]
    Limit(#[from] limits::OverLimit),
    /// The mandate does not suffice.
    #[error(transparent)]
    Mandate(#[from] mandate::OverLimit),
    /// No such mandate, or none that will work.
    #[error("the plan needs a mandate that works")]
    MandateMissing,
    /// More than a mandate of the kind may allow.
    #[error("a mandate of this kind allows at most {0:?} paise a day")]
    AboveCeiling(Paise),
    /// The exchange takes no new mandate of this kind.
    #[error("the exchange takes no {0} mandate")]
    MandateKind(MandateKind),
    /// The exchange takes no plan that grows.
    #[error("the exchange takes no plan with a step-up")]
    StepUp,
    /// A mandate's days are not what they can be.
    #[error("the days of the mandate do not fit")]
    MandateDates,
    /// No such draft of theirs.
    #[error("no such draft")]
    NoDraft,
    /// The draft is too old.
    #[error("the draft has expired")]
    Expired,
    /// No such plan of theirs.
    #[error("no such plan")]
    NoPlan,
    /// No such order of theirs.
    #[error("no such order")]
    NoOrder,
    /// The order is too far along.
    #[error("the order is {0}")]
    OrderIs(OrderStatus),
    /// The plan cannot be changed so now.
    #[error(transparent)]
    NotNow(#[from] NotNow),
}

/// The amounts that are taken, as they may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountRuleShown {
    /// At least.
    pub minimum: Paise,
    /// In steps of.
    pub multiple: Paise,
    /// At most.
    pub maximum: Option<Paise>,
}

impl From<AmountRule> for AmountRuleShown {
    fn from(rule: AmountRule) -> Self {
        Self {
            minimum: rule.minimum,
            multiple: rule.multiple,
            maximum: rule.maximum,
        }
    }
}

impl AmountRule {
    /// Checks an amount.
    pub fn check(&self, amount: Paise) -> Result<(), Refusal> {
        let above = self.maximum.is_some_and(|maximum| amount > maximum);
        let steps = self.multiple.0.max(1);
        if amount <= Paise(0)
            || amount < self.minimum
            || above
            || (amount - self.minimum).0 % steps != 0
        {
            return Err(Refusal::Amount((*self).into()));
        }
        Ok(())
    }
}

impl Proposal {
    /// Returns the schemes it is about: the one it starts from and the one units are
    /// bought of, if any.
    pub fn schemes(&self) -> Option<(SchemeCode, Option<SchemeCode>)> {
        match self {
            Self::Order(order) => {
                let bought = match order.kind {
                    OrderKind::Purchase => Some(order.scheme),
                    OrderKind::Redemption => None,
                    OrderKind::Switch => order.target,
                };
                Some((order.scheme, bought))
            }
            Self::Plan(plan) => {
                let bought = match plan.terms.kind {
                    PlanKind::Sip => Some(plan.terms.scheme),
                    PlanKind::Swp => None,
                    PlanKind::Stp => plan.terms.target,
                };
                Some((plan.terms.scheme, bought))
            }
            Self::Mandate(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_to_reach_the_minimum_in_steps_and_stay_under_the_cap() {
        let rule = AmountRule {
            minimum: Paise(500_00),
            multiple: Paise(100_00),
            maximum: Some(Paise(10_000_00)),
        };
        for good in [500_00, 600_00, 10_000_00] {
            assert_eq!(rule.check(Paise(good)), Ok(()));
        }
        for bad in [0, -500_00, 400_00, 550_00, 500_01, 10_100_00] {
            assert!(rule.check(Paise(bad)).is_err(), "{bad}");
        }
    }
}
