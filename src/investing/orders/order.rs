//! An order, and what a report of the gateway makes of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::Moves;
use super::{Allotment, OrderKind, OrderStatus, Quantity};
use crate::id::{ContactId, DraftId, InstalmentId, MandateId, OrderId, PlanId};
use crate::investing::gateway::port::{OrderReport, Reference};
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;

words! {
    /// How far a request to the gateway is.
    Submission {
        /// Nothing was sent yet, or nothing arrived.
        Waiting = "waiting",
        /// A call was begun and its answer is not on record.
        Asking = "asking",
        /// The gateway has it.
        Taken = "taken",
        /// The gateway refused it.
        Refused = "refused",
        /// A person has to look at it.
        Parked = "parked",
    }
}

/// An order on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Ours.
    pub id: OrderId,
    /// Whose.
    pub contact: ContactId,
    /// What was confirmed to make it; none for an instalment.
    pub draft: Option<DraftId>,
    /// The plan and instalment it belongs to; none for one that stands alone.
    pub instalment: Option<(PlanId, InstalmentId)>,
    /// What it does.
    pub kind: OrderKind,
    /// In which scheme; of a switch, out of which.
    pub scheme: SchemeCode,
    /// Of a switch, into which.
    pub target: Option<SchemeCode>,
    /// How much.
    pub quantity: Quantity,
    /// Pays through this mandate.
    pub mandate: Option<MandateId>,
    /// How far.
    pub status: OrderStatus,
    /// How far its way to the gateway is.
    pub submission: Submission,
    /// When the call under way was begun.
    pub asked_at: Option<Timestamp>,
    /// Our reference with the gateway.
    pub reference: Reference,
    /// The gateway's id.
    pub gateway_id: Option<String>,
    /// Why it was refused, why the last payment for it failed, or why its own money did not
    /// arrive.
    pub reason: Option<String>,
    /// Money debited for it.
    pub paid: Option<Paise>,
    /// What is personal about it.
    pub details: OrderDetails,
    /// Made at.
    pub made_at: Timestamp,
    /// Rises with each change.
    pub version: i64,
}

/// What is sealed about an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrderDetails {
    /// Folio to use; none makes a new one.
    pub folio: Option<String>,
    /// Client code with the exchange.
    pub ucc: String,
    /// EUIN of the person who advised.
    pub euin: Option<String>,
    /// Whether the investor had named nominees; none of an order made before that was kept.
    #[serde(default)]
    pub has_nominees: Option<bool>,
    /// What the registrar made of it; of a switch, the way out.
    pub allotment: Option<Allotment>,
    /// Of a switch, the way in.
    pub switched_in: Option<Allotment>,
    /// Payments for it that failed.
    #[serde(default)]
    pub failed_payments: u32,
}

/// What a report changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing new.
    Nothing,
    /// It moves on.
    To(OrderStatus),
    /// The report cannot follow what is on record: a person has to look.
    Contradiction,
}

/// Returns the status a report speaks of, in our words: an order that failed after its
/// money was taken owes it, a switch is done when both its legs are, and a redemption's
/// units are gone days before its money is paid.
pub fn status_in(report: &OrderReport, kind: OrderKind) -> OrderStatus {
    let paid = report.paid.is_some_and(|paid| paid > Paise(0));
    match report.status {
        OrderStatus::Rejected | OrderStatus::Cancelled | OrderStatus::Expired if paid => {
            OrderStatus::RefundDue
        }
        OrderStatus::Allotted | OrderStatus::RedeemedPaid if !is_whole(report, kind) => {
            OrderStatus::SentToRta
        }
        // A redemption's last word is that its money was paid, a purchase's its units.
        OrderStatus::RedeemedPaid if kind != OrderKind::Redemption => OrderStatus::Allotted,
        // Gateways have no word of their own for the days between.
        OrderStatus::SentToRta if kind == OrderKind::Redemption && is_whole(report, kind) => {
            OrderStatus::Allotted
        }
        status => status,
    }
}

/// Returns a report with the money that is on record as taken, where it says of an order that
/// failed nothing about money: BSE names an amount only until then, and what was taken is owed.
pub fn with_money_taken(report: &OrderReport, taken: Option<Paise>) -> OrderReport {
    let has_failed = report.status.is_failed();
    OrderReport {
        paid: report.paid.or(taken.filter(|_| has_failed)),
        ..report.clone()
    }
}

/// Returns the legs of an order that a report settles, out and in: one leg of two is on
/// record with the other, so that nobody's units are ever on their way between schemes.
pub fn legs_in(report: &OrderReport, kind: OrderKind) -> (Option<&Allotment>, Option<&Allotment>) {
    if status_in(report, kind).is_allotted() {
        (report.allotment.as_ref(), report.switched_in.as_ref())
    } else {
        (None, None)
    }
}

/// Returns whether a report says that a payment for an order failed, and the order waits for
/// another one: it names how, or the order was past waiting. Gateways have remarks for much
/// else that an order waits for.
pub fn has_failed_payment(before: OrderStatus, report: &OrderReport) -> bool {
    report.status == OrderStatus::AwaitingPayment
        && (report.bounce.is_some() || before == OrderStatus::PaymentProcessing)
}

/// Returns whether a report has every leg its kind of order has.
fn is_whole(report: &OrderReport, kind: OrderKind) -> bool {
    report.allotment.is_some() && (kind != OrderKind::Switch || report.switched_in.is_some())
}

/// Returns what a status means for an order that is at `from`.
pub fn step(from: OrderStatus, to: OrderStatus) -> Step {
    if from == to {
        Step::Nothing
    } else if from.may_become(to) {
        Step::To(to)
    } else if from.is_failed() != to.is_failed() && (is_settled(from) && is_settled(to)) {
        Step::Contradiction
    } else {
        // An old report that comes late.
        Step::Nothing
    }
}

fn is_settled(status: OrderStatus) -> bool {
    status.is_failed() || status.is_allotted()
}

impl Order {
    /// Returns the amount it was placed for, if it was placed for one.
    pub fn amount(&self) -> Option<Paise> {
        match self.quantity {
            Quantity::Amount(amount) => Some(amount),
            Quantity::Units(_) | Quantity::All => None,
        }
    }

    /// Returns whether its units leave, or are gone, and its money is still to come.
    pub fn is_payout_due(&self) -> bool {
        let leaves = matches!(self.status, OrderStatus::SentToRta | OrderStatus::Allotted);
        leaves && self.kind == OrderKind::Redemption
    }

    /// Returns whether its money was sent and did not arrive.
    pub fn is_unpaid(&self) -> bool {
        self.is_payout_due() && self.reason.is_some()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;

    use super::*;

    pub(in crate::investing::orders) fn allotment() -> Allotment {
        Allotment {
            folio: "1".to_owned(),
            nav_date: date(2026, 8, 24),
            nav: 10.into(),
            units: 10.into(),
            amount: Paise(10_000),
            stamp_duty: Paise(0),
            exit_load: Paise(0),
            stt: Paise(0),
        }
    }

    pub(in crate::investing::orders) fn report(status: OrderStatus) -> OrderReport {
        OrderReport {
            id: "1".to_owned(),
            reference: None,
            plan: None,
            due: None,
            status,
            raw_status: status.to_string(),
            reason: None,
            payout_failed: false,
            bounce: None,
            paid: None,
            allotment: None,
            switched_in: None,
        }
    }

    #[test]
    fn money_taken_for_an_order_that_failed_is_due_back() {
        let mut failed = report(OrderStatus::Rejected);
        assert_eq!(
            status_in(&failed, OrderKind::Purchase),
            OrderStatus::Rejected
        );
        let owed = with_money_taken(&failed, Some(Paise(1)));
        failed.paid = Some(Paise(1));
        for failed in [failed, owed] {
            let status = status_in(&failed, OrderKind::Purchase);
            assert_eq!(status, OrderStatus::RefundDue);
        }
        let on_its_way = report(OrderStatus::SentToRta);
        let taken = with_money_taken(&on_its_way, Some(Paise(1)));
        assert_eq!(taken.paid, None, "it is for the books to compare");
    }

    #[test]
    fn a_switch_with_one_leg_is_not_done() {
        let mut half = report(OrderStatus::Allotted);
        assert_eq!(status_in(&half, OrderKind::Switch), OrderStatus::SentToRta);
        half.allotment = Some(allotment());
        assert_eq!(status_in(&half, OrderKind::Switch), OrderStatus::SentToRta);
        assert_eq!(legs_in(&half, OrderKind::Switch), (None, None));
        assert_eq!(status_in(&half, OrderKind::Purchase), OrderStatus::Allotted);
        half.switched_in = Some(allotment());
        assert_eq!(status_in(&half, OrderKind::Switch), OrderStatus::Allotted);
        let both = (Some(&allotment()), Some(&allotment()));
        assert_eq!(legs_in(&half, OrderKind::Switch), both);
    }

    #[test]
    fn the_units_of_a_redemption_are_gone_before_its_money_is_paid() {
        let mut sold = report(OrderStatus::SentToRta);
        let of = |sold: &OrderReport| status_in(sold, OrderKind::Redemption);
        assert_eq!(of(&sold), OrderStatus::SentToRta);
        assert_eq!(legs_in(&sold, OrderKind::Redemption), (None, None));
        sold.allotment = Some(allotment());
        assert_eq!(of(&sold), OrderStatus::Allotted);
        let out = (Some(&allotment()), None);
        assert_eq!(legs_in(&sold, OrderKind::Redemption), out);
        assert_eq!(
            status_in(&sold, OrderKind::Purchase),
            OrderStatus::SentToRta
        );
        sold.status = OrderStatus::RedeemedPaid;
        assert_eq!(of(&sold), OrderStatus::RedeemedPaid);
    }

    #[test]
    fn late_reports_change_nothing_and_impossible_ones_are_noticed() {
        use OrderStatus as O;
        assert_eq!(step(O::Allotted, O::PaymentProcessing), Step::Nothing);
        assert_eq!(step(O::Rejected, O::Created), Step::Nothing);
        assert_eq!(step(O::Rejected, O::Allotted), Step::Contradiction);
        assert_eq!(step(O::Allotted, O::Rejected), Step::Contradiction);
        assert_eq!(step(O::Expired, O::RefundDue), Step::To(O::RefundDue));
    }
}
