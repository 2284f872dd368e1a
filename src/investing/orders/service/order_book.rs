//! What reconciliation is told of orders: our own record, and the gateway's.

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Dealing;
use crate::clock::ist;
use crate::id::ContactId;
use crate::investing::gateway::port::{GatewayError, OrderReport};
use crate::investing::orders::OrderStatus;
use crate::investing::orders::order::{Order, legs_in, status_in, with_money_taken};
use crate::investing::orders::plan::Plan;
use crate::investing::reconciliation::{BookedOrder, OrderBook, Reported, ReportedOrder};
use crate::investing::store::orders::plans;
use crate::storage::Error;

const BY: &str = "reconciliation";
/// Orders read at once.
const PAGE: u32 = 200;
/// Days on which banks work that a registrar may take from when an order is with the bank
/// or with him: the way of a switch, whose money moves from one scheme to the other in
/// between, and the longest there is.
const PATIENCE: u32 = 4;
/// Orders younger than this are compared with the gateway; older ones do not move there.
const RECENT_HOURS: i64 = 45 * 24;
/// Plans that have not ended longer ago are compared as well. One that the gateway runs on
/// by mistake shows at its next instalment, which is a year away at most, and that takes as
/// long as any order to settle.
const ENDED_HOURS: i64 = 365 * 24 + RECENT_HOURS;

impl Dealing {
    async fn all_orders(&self, contact: ContactId) -> anyhow::Result<Vec<Order>> {
        let mut all = Vec::new();
        loop {
            let before = all.last().map(|order: &Order| order.id);
            let page = self.orders_of(contact, before, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Lists the plans that may still make instalments, or lately might have.
    async fn plans_since(&self, contact: ContactId, since: Timestamp) -> Result<Vec<Plan>, Error> {
        let mut conn = self.ground().db.read().await?;
        plans::list_since(&mut conn, &self.ground().keys, contact, since).await
    }

    /// Returns the day by which the registrar should have answered an order. It counts
    /// from when the order got to where it is: investors may approve and pay days after
    /// they ordered.
    async fn due(&self, order: &Order) -> anyhow::Result<Option<Date>> {
        let is_with_others = matches!(
            order.status,
            OrderStatus::PaymentProcessing | OrderStatus::SentToRta
        );
        if !is_with_others {
            return Ok(None);
        }
        let history = self.history_of(&order.id.to_string()).await?;
        let since = since(&history, order.status).unwrap_or(order.made_at);
        let calendar = self.inner.schemes.calendar();
        let day = since.to_zoned(ist()).date();
        Ok(Some(calendar.add_settlement_days(day, PATIENCE)))
    }

    fn booked(order: Order, due: Option<Date>) -> BookedOrder {
        BookedOrder {
            id: order.id.to_string(),
            kind: order.kind,
            scheme: order.scheme,
            target: order.target,
            status: order.status,
            paid: order.paid,
            due,
            allotment: order.details.allotment,
            switched_in: order.details.switched_in,
        }
    }

    async fn reported(&self, contact: ContactId) -> anyhow::Result<Reported> {
        let orders = self.all_orders(contact).await?;
        let now = self.now();
        let mut reports = Vec::new();
        let mut unknown = 0;
        for order in orders.iter().filter(|order| is_recent(order, now)) {
            let Some(id) = &order.gateway_id else {
                continue;
            };
            let report = self.gateway().read_order(id).await;
            let Some(report) = self
                .known(report, &order.id.to_string(), &mut unknown)
                .await?
            else {
                continue;
            };
            let report = with_money_taken(&report, order.paid);
            // What the gateway is ahead in is no error: its notice is on its way.
            if is_news(&report, order) {
                unless_overtaken(self.apply_order(report.clone(), BY).await)?;
            }
            reports.push(told(report, Some(order)));
        }
        // Instalments the gateway made by itself: each has to be an order of ours.
        let mut made = Vec::new();
        for plan in self.plans_since(contact, now - ENDED_HOURS.hours()).await? {
            let Some(id) = &plan.gateway_id else {
                continue;
            };
            let report = self.gateway().read_plan(id).await;
            let Some(report) = self
                .known(report, &plan.id.to_string(), &mut unknown)
                .await?
            else {
                continue;
            };
            let of = |one: &OrderReport| by_gateway(&orders, &one.id).is_none();
            if report.instalments.iter().any(of) {
                let read_at = Some(plan.version);
                unless_overtaken(self.apply_plan(report.clone(), read_at).await)?;
            }
            made.extend(report.instalments);
        }
        let orders = self.all_orders(contact).await?;
        let of_nobody = made
            .into_iter()
            .filter(|one| by_gateway(&orders, &one.id).is_none());
        reports.extend(of_nobody.map(|one| told(one, None)));
        Ok(Reported {
            orders: reports,
            unknown,
        })
    }

    /// Returns what the gateway answered about one thing. A word that nobody knows is put
    /// before a person and counted: it is no reason to leave the others uncompared.
    async fn known<T>(
        &self,
        answer: Result<Option<T>, GatewayError>,
        id: &str,
        unknown: &mut usize,
    ) -> anyhow::Result<Option<T>> {
        match answer {
            Err(error @ GatewayError::NotSetUp(_)) => {
                self.show_not_taken(id, error.to_string()).await?;
                *unknown += 1;
                Ok(None)
            }
            other => other.with_context(|| format!("asking about {id}")),
        }
    }
}

/// Returns when what went through these statuses last came to one of them.
fn since(history: &[(String, i64, String)], status: OrderStatus) -> Option<Timestamp> {
    let newest = history.iter().rev();
    let stayed = newest.take_while(|(word, _, _)| word == status.as_str());
    let (_, at, _) = stayed.last()?;
    Timestamp::from_millisecond(*at).ok()
}

/// A notice that came meanwhile put the same on record.
fn unless_overtaken(applied: Result<(), Error>) -> Result<(), Error> {
    match applied {
        Err(Error::Again(_)) => Ok(()),
        other => other,
    }
}

fn by_gateway<'a>(orders: &'a [Order], id: &str) -> Option<&'a Order> {
    let mut orders = orders.iter();
    orders.find(|order| order.gateway_id.as_deref() == Some(id))
}

/// Returns whether a report says other than our record.
fn is_news(report: &OrderReport, order: &Order) -> bool {
    let (out, into) = legs_in(report, order.kind);
    status_in(report, order.kind) != order.status
        || out != order.details.allotment.as_ref()
        || into != order.details.switched_in.as_ref()
}

fn is_recent(order: &Order, now: Timestamp) -> bool {
    now.duration_since(order.made_at).as_hours() < RECENT_HOURS
}

fn told(report: OrderReport, order: Option<&Order>) -> ReportedOrder {
    let Some(order) = order else {
        // Whatever moved of an order nobody knows here counts, half of a switch too.
        return ReportedOrder {
            order: None,
            gateway_id: report.id,
            status: report.status,
            paid: report.paid,
            allotment: report.allotment,
            switched_in: report.switched_in,
        };
    };
    let (out, into) = legs_in(&report, order.kind);
    ReportedOrder {
        order: Some(order.id.to_string()),
        status: status_in(&report, order.kind),
        allotment: out.cloned(),
        switched_in: into.cloned(),
        gateway_id: report.id,
        paid: report.paid,
    }
}

impl OrderBook for Dealing {
    fn orders(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Vec<BookedOrder>>> {
        Box::pin(async move {
            let mut booked = Vec::new();
            for order in self.all_orders(contact).await? {
                let due = self.due(&order).await?;
                booked.push(Self::booked(order, due));
            }
            Ok(booked)
        })
    }

    fn reports<'a>(
        &'a self,
        contact: ContactId,
        _: &'a [BookedOrder],
    ) -> BoxFuture<'a, anyhow::Result<Reported>> {
        Box::pin(self.reported(contact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_counts_and_not_an_earlier_one() {
        let at = |status: OrderStatus, at| (status.to_string(), at, String::new());
        let history = [
            at(OrderStatus::PaymentProcessing, 1),
            at(OrderStatus::AwaitingPayment, 2),
            at(OrderStatus::PaymentProcessing, 3),
            at(OrderStatus::PaymentProcessing, 4),
        ];
        let since = |status| since(&history, status).map(Timestamp::as_millisecond);
        assert_eq!(since(OrderStatus::PaymentProcessing), Some(3));
        assert_eq!(since(OrderStatus::SentToRta), None);
    }
}
