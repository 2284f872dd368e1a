//! What reconciliation is told of orders: our own record, and the gateway's.

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::Dealing;
use crate::clock::ist;
use crate::id::ContactId;
use crate::investing::gateway::port::OrderReport;
use crate::investing::orders::OrderKind;
use crate::investing::orders::order::{Order, status_in};
use crate::investing::reconciliation::{BookedOrder, OrderBook, ReportedOrder};
use crate::storage::Error;

const BY: &str = "reconciliation";
/// Orders read at once.
const PAGE: u32 = 200;
/// Business days a registrar may take beyond what is usual before that is a finding:
/// the money's own day, a holiday of one bank, a late feed.
const PATIENCE: u32 = 4;
/// Orders younger than this are compared with the gateway; older ones do not move there.
const RECENT_HOURS: i64 = 45 * 24;

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

    fn booked(&self, order: Order) -> BookedOrder {
        let made_on = order.made_at.to_zoned(ist()).date();
        let calendar = self.inner.schemes.calendar();
        BookedOrder {
            id: order.id.to_string(),
            kind: order.kind,
            scheme: order.scheme,
            target: order.target,
            status: order.status,
            paid: order.paid,
            due: Some(calendar.add_business_days(made_on, PATIENCE)),
            allotment: order.details.allotment,
            switched_in: order.details.switched_in,
        }
    }

    async fn reported(&self, contact: ContactId) -> anyhow::Result<Vec<ReportedOrder>> {
        let orders = self.all_orders(contact).await?;
        let now = self.now();
        let mut reports = Vec::new();
        for order in orders.iter().filter(|order| is_recent(order, now)) {
            let Some(id) = &order.gateway_id else {
                continue;
            };
            let report = self.gateway().read_order(id).await;
            let report = report.with_context(|| format!("asking about {}", order.id))?;
            let Some(report) = report else {
                continue;
            };
            // What the gateway is ahead in is no error: its notice is on its way.
            if is_news(&report, order) {
                unless_overtaken(self.apply_order(report.clone(), BY).await)?;
            }
            reports.push(told(report, Some(order)));
        }
        // Instalments the gateway made by itself: each has to be an order of ours.
        let mut made = Vec::new();
        for view in self.plans_of(contact).await? {
            let Some(id) = &view.plan.gateway_id else {
                continue;
            };
            let report = self.gateway().read_plan(id).await;
            let report = report.with_context(|| format!("asking about {}", view.plan.id))?;
            let Some(report) = report else {
                continue;
            };
            let of = |one: &OrderReport| by_gateway(&orders, &one.id).is_none();
            if report.instalments.iter().any(of) {
                unless_overtaken(self.apply_plan(report.clone()).await)?;
            }
            made.extend(report.instalments);
        }
        let orders = self.all_orders(contact).await?;
        let unknown = made
            .into_iter()
            .filter(|one| by_gateway(&orders, &one.id).is_none());
        reports.extend(unknown.map(|one| told(one, None)));
        Ok(reports)
    }
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
    status_in(report, order.kind) != order.status
        || report.allotment != order.details.allotment
        || report.switched_in != order.details.switched_in
}

fn is_recent(order: &Order, now: Timestamp) -> bool {
    now.duration_since(order.made_at).as_hours() < RECENT_HOURS
}

fn told(report: OrderReport, order: Option<&Order>) -> ReportedOrder {
    let kind = order.map_or(OrderKind::Purchase, |order| order.kind);
    ReportedOrder {
        order: order.map(|order| order.id.to_string()),
        status: status_in(&report, kind),
        gateway_id: report.id,
        paid: report.paid,
        allotment: report.allotment,
        switched_in: report.switched_in,
    }
}

impl OrderBook for Dealing {
    fn orders(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Vec<BookedOrder>>> {
        Box::pin(async move {
            let orders = self.all_orders(contact).await?;
            Ok(orders.into_iter().map(|order| self.booked(order)).collect())
        })
    }

    fn reports<'a>(
        &'a self,
        contact: ContactId,
        _: &'a [BookedOrder],
    ) -> BoxFuture<'a, anyhow::Result<Vec<ReportedOrder>>> {
        Box::pin(self.reported(contact))
    }
}
