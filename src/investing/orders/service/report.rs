//! What the gateway says of an order, put on record.

use jiff::Timestamp;

use super::pages::{placed_key, unpaid_key};
use super::{Dealing, after, stamp};
use crate::investing::events::What;
use crate::investing::gateway::port::OrderReport;
use crate::investing::money::Paise;
use crate::investing::orders::order::{
    Order, Step, Submission, has_failed_payment, legs_in, status_in, step, with_money_taken,
};
use crate::investing::orders::ports::Moment;
use crate::investing::orders::{OrderKind, OrderStatus};
use crate::investing::store::events;
use crate::investing::store::orders::{book as orders, instalments, plans};
use crate::pipeline::close_attention;
use crate::storage::{Conn, Error};

/// Before a person while the money of a redemption did not arrive.
const UNPAID: &str = "payout_failed";

/// How often an order that is under way is asked about, beside the webhooks.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_mins(30);

/// What a report leads to that goes with a page of the exchange.
enum Sequel {
    /// It waits for the investor, who has no page for it yet.
    Placed(Order),
    /// A payment for it failed, and they have no page yet to pay on again.
    Unpaid(Order),
}

impl Dealing {
    /// Puts a report of an order on record. The same one twice changes nothing.
    pub(super) async fn apply_order(&self, report: OrderReport, by: &str) -> Result<(), Error> {
        let input = (self.clone(), report, by.to_owned());
        let applied = self
            .ground()
            .db
            .write(input, |conn, (dealing, report, by)| {
                Box::pin(dealing.apply_order_on(conn, report, by))
            });
        let sequel = applied.await?;
        self.wake();
        match sequel {
            Some(Sequel::Placed(order)) => self.tell_placed(&order).await,
            Some(Sequel::Unpaid(order)) => self.tell_unpaid(&order).await,
            None => Ok(()),
        }
    }

    /// Returns what the investor has to be told with a page of the exchange, if anything.
    async fn apply_order_on(
        &self,
        conn: &mut Conn,
        report: &OrderReport,
        by: &str,
    ) -> Result<Option<Sequel>, Error> {
        let now = self.now();
        let keys = &self.ground().keys;
        let gateway = self.gateway().name();
        let mut found = None;
        if let Some(reference) = &report.reference {
            found = orders::find_by_reference(conn, keys, reference).await?;
        }
        if found.is_none() {
            found = orders::find_by_gateway(conn, keys, gateway, &report.id).await?;
        }
        // An instalment's order belongs to its plan, whichever way it was found.
        if let Some((plan, instalment)) = found.as_ref().and_then(|order| order.instalment) {
            let plan = plans::find(conn, keys, plan).await?;
            let instalment = instalments::find_by_id(conn, instalment).await?;
            if let Some((plan, instalment)) = plan.zip(instalment) {
                let due = instalment.due;
                self.apply_instalment(conn, &plan, due, report, now).await?;
            }
            return Ok(None);
        }
        if let Some(order) = found {
            let after = self.advance(conn, &order, report, by, now).await?;
            let waits = matches!(
                after.status,
                OrderStatus::AwaitingAuthorisation | OrderStatus::AwaitingPayment
            );
            if waits && !events::is_recorded(conn, &placed_key(after.id)).await? {
                return Ok(Some(Sequel::Placed(after)));
            }
            let is_unpaid = after.status == OrderStatus::AwaitingPayment
                && after.details.failed_payments > 0
                && !events::is_recorded(conn, &unpaid_key(&after)).await?;
            return Ok(is_unpaid.then_some(Sequel::Unpaid(after)));
        }
        if let Some((plan, due)) = report.plan.as_ref().zip(report.due)
            && let Some(plan) = plans::find_by_gateway(conn, keys, gateway, plan).await?
        {
            self.apply_instalment(conn, &plan, due, report, now).await?;
            return Ok(None);
        }
        let subject = format!("{gateway}:{}", report.id);
        let detail = "the gateway knows an order that is not on record here";
        self.show(conn, "unknown_order", &subject, detail, now)
            .await?;
        Ok(None)
    }

    /// Moves an order on by a report, with its books and its events.
    pub(super) async fn advance(
        &self,
        conn: &mut Conn,
        before: &Order,
        report: &OrderReport,
        by: &str,
        now: Timestamp,
    ) -> Result<Order, Error> {
        let report = &with_money_taken(report, before.paid);
        let status = status_in(report, before.kind);
        let mut order = before.clone();
        order.submission = Submission::Taken;
        order.asked_at = None;
        if !report.id.is_empty() {
            order.gateway_id = Some(report.id.clone());
        }
        if let Some(paid) = report.paid.filter(|paid| *paid > Paise(0)) {
            order.paid = Some(order.paid.map_or(paid, |before| before.max(paid)));
        }
        match step(before.status, status) {
            Step::Nothing => {}
            Step::Contradiction => {
                let detail = format!("on record as {}, reported as {status}", before.status);
                let id = order.id.to_string();
                self.show(conn, "order_contradicted", &id, &detail, now)
                    .await?;
            }
            Step::To(status) => {
                order.status = status;
                order.reason = report.reason.clone().filter(|_| status.is_failed());
            }
        }
        if order.status == OrderStatus::AwaitingPayment && has_failed_payment(before.status, report)
        {
            // The same failure is reported until they pay again.
            if before.status != order.status || report.reason != before.reason {
                order.details.failed_payments += 1;
            }
            order.reason.clone_from(&report.reason);
        }
        if order.is_payout_due() {
            order.reason = report.reason.clone().filter(|_| report.payout_failed);
        }
        // The first allotment is the truth; a later report never restates it.
        if order.status.is_allotted() && order.details.allotment.is_none() {
            let (out, into) = legs_in(report, before.kind);
            order.details.allotment = out.cloned();
            order.details.switched_in = into.cloned();
        }
        if order == *before {
            return Ok(order);
        }
        let open = !order.status.is_closed(order.kind);
        let poll_at = open.then(|| after(now, LOOK_EVERY));
        let keys = &self.ground().keys;
        let word = Some(report.raw_status.as_str());
        let by = stamp(now, by, word);
        orders::update(conn, keys, (before, &mut order), poll_at, &by).await?;
        self.book(conn, before, &order, now).await?;
        self.show_unpaid(conn, before, &order, now).await?;
        self.tell_of(conn, before, &order, now).await?;
        Ok(order)
    }

    /// Puts a redemption whose money did not arrive before a person, until it does.
    async fn show_unpaid(
        &self,
        conn: &mut Conn,
        before: &Order,
        order: &Order,
        now: Timestamp,
    ) -> Result<(), Error> {
        let id = order.id.to_string();
        match &order.reason {
            Some(why) if order.is_unpaid() => self.show(conn, UNPAID, &id, why, now).await,
            _ if before.is_unpaid() => {
                close_attention(conn, UNPAID, &id, now.as_millisecond()).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Puts what happened to an order on the books, each moment once.
    async fn book(
        &self,
        conn: &mut Conn,
        before: &Order,
        order: &Order,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut moments = Vec::new();
        if before.paid.is_none() && order.paid.is_some() {
            moments.push(Moment::Paid);
        }
        if before.status != order.status {
            if order.status.is_allotted() && !before.status.is_allotted() {
                moments.push(Moment::Allotted);
            }
            match order.status {
                OrderStatus::RedeemedPaid => moments.push(Moment::Redeemed),
                OrderStatus::RefundDue => moments.push(Moment::RefundDue),
                OrderStatus::Refunded => {
                    if before.status != OrderStatus::RefundDue {
                        moments.push(Moment::RefundDue);
                    }
                    moments.push(Moment::Refunded);
                }
                _ => {}
            }
        }
        for moment in moments {
            self.inner.books.post(conn, order, moment, now).await?;
        }
        Ok(())
    }

    async fn tell_of(
        &self,
        conn: &mut Conn,
        before: &Order,
        order: &Order,
        now: Timestamp,
    ) -> Result<(), Error> {
        if before.status == order.status {
            return Ok(());
        }
        let what = match order.status {
            OrderStatus::Allotted if order.kind != OrderKind::Redemption => allotted(order),
            OrderStatus::RedeemedPaid => redeemed(order),
            OrderStatus::Rejected | OrderStatus::Expired | OrderStatus::RefundDue => {
                // A debit that failed is told as that, by its instalment.
                let is_debit = order.instalment.is_some()
                    && order.paid.is_none()
                    && order.kind == OrderKind::Purchase;
                (!is_debit).then(|| What::OrderRejected {
                    order: order.id,
                    kind: order.kind,
                    scheme: order.scheme,
                    reason: order.reason.clone().unwrap_or_default(),
                    refund: match order.status {
                        OrderStatus::RefundDue => order.paid,
                        _ => None,
                    },
                })
            }
            _ => None,
        };
        match what {
            Some(what) => {
                let key = format!("{}:{}", order.status, order.id);
                self.tell(conn, order.contact, key, what, now).await
            }
            None => Ok(()),
        }
    }
}

fn allotted(order: &Order) -> Option<What> {
    let (scheme, units_in) = match order.kind {
        OrderKind::Switch => (order.target?, order.details.switched_in.as_ref()?),
        _ => (order.scheme, order.details.allotment.as_ref()?),
    };
    Some(What::OrderAllotted {
        order: order.id,
        scheme,
        amount: units_in.amount + units_in.stamp_duty,
        units: units_in.units,
        nav: units_in.nav,
        nav_date: units_in.nav_date,
    })
}

fn redeemed(order: &Order) -> Option<What> {
    let out = order.details.allotment.as_ref()?;
    Some(What::OrderRedeemed {
        order: order.id,
        scheme: order.scheme,
        amount: out.amount - out.exit_load - out.stt,
        units: out.units,
        nav: out.nav,
        nav_date: out.nav_date,
    })
}
