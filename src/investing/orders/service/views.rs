//! What an investor has under way.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Dealing, Outcome, today};
use crate::id::{ContactId, InstalmentId, MandateId, OrderId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::{GatewayError, Page};
use crate::investing::money::Paise;
use crate::investing::orders::OrderStatus;
use crate::investing::orders::draft::{Proposal, Refusal};
use crate::investing::orders::instalments::Instalment;
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::Plan;
use crate::investing::orders::ports::{HeldUnits, Standing};
use crate::investing::orders::upcoming::{Upcoming, upcoming};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::orders::{book as orders, history, instalments, mandates, plans};
use crate::people::gate::Blocker;
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// A plan with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// Its instalments, oldest first.
    pub instalments: Vec<Instalment>,
    /// The next one that is not left out, announced or to come: the day it is carried out,
    /// and how much.
    pub next: Option<(Date, Paise)>,
}

impl PlanView {
    /// Returns what its instalments are by now: a step-up may have raised them.
    pub fn amount(&self, today: Date) -> Paise {
        let of_terms = || self.plan.terms.amount_on(today);
        self.next.map_or_else(of_terms, |(_, amount)| amount)
    }
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Approve or pay for an order.
    Order(OrderId),
    /// Approve a plan, or a change of it.
    Plan(PlanId),
    /// Approve a mandate.
    Mandate(MandateId),
}

/// Lists a contact's plans, newest first.
pub async fn plan_views(
    conn: &mut Conn,
    keys: &Keyring,
    calendar: &Calendar,
    contact: ContactId,
) -> Result<Vec<PlanView>, Error> {
    let mut views = Vec::new();
    for plan in plans::list(conn, keys, contact).await? {
        let instalments = instalments::list(conn, plan.id).await?;
        let announced = instalments.iter().find(|one| !one.status.is_closed());
        let announced = announced.map(|one| (one.due, one.amount));
        let later = plan.next_to_run(calendar);
        let later = later.map(|due| (due, plan.terms.amount_on(due)));
        let next = announced.or(later);
        views.push(PlanView {
            next: next.map(|(due, amount)| (plan.terms.runs_on(calendar, due), amount)),
            instalments,
            plan,
        });
    }
    Ok(views)
}

/// Lists the orders that instalments of a contact's plans made, oldest first.
pub async fn instalment_orders(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<Vec<Order>, Error> {
    orders::list_of_plans(conn, keys, contact).await
}

/// Lists the instalments of somebody's SIPs from one day to another, in order of their
/// days.
pub async fn upcoming_of(
    conn: &mut Conn,
    keys: &Keyring,
    calendar: &Calendar,
    contact: ContactId,
    span: (Date, Date),
) -> Result<Vec<Upcoming>, Error> {
    let mut all = Vec::new();
    for plan in plans::list(conn, keys, contact).await? {
        let on_record = instalments::list(conn, plan.id).await?;
        all.extend(upcoming(&plan, &on_record, calendar, span));
    }
    all.sort_by_key(|one| (one.on, one.plan));
    Ok(all)
}

/// Returns whether an instalment may still be debited.
pub async fn is_to_come(conn: &mut Conn, instalment: InstalmentId) -> Result<bool, Error> {
    instalments::is_to_come(conn, instalment).await
}

impl Dealing {
    /// Lists a contact's orders, newest first; `before` pages on.
    pub async fn orders_of(
        &self,
        contact: ContactId,
        before: Option<OrderId>,
        most: u32,
    ) -> Result<Vec<Order>, Error> {
        let mut conn = self.ground().db.read().await?;
        let keys = &self.ground().keys;
        orders::list(&mut conn, keys, contact, before, i64::from(most)).await
    }

    /// Lists a contact's plans, newest first.
    pub async fn plans_of(&self, contact: ContactId) -> Result<Vec<PlanView>, Error> {
        let mut conn = self.ground().db.read().await?;
        let calendar = self.inner.schemes.calendar();
        plan_views(&mut conn, &self.ground().keys, &calendar, contact).await
    }

    /// Returns the units a contact holds of a scheme through us, by folio; the lots are
    /// those whose way out is not ordered yet.
    pub async fn held(
        &self,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> Result<Vec<HeldUnits>, Error> {
        let mut conn = self.ground().db.read().await?;
        let held = self.staying(&mut conn, contact, scheme).await?;
        Ok(held.into_iter().map(|(folio, _)| folio).collect())
    }

    /// Returns what an investor lacks for something like this, the first to be put right
    /// first; nothing means that it may be proposed.
    pub async fn lacks(&self, contact: ContactId, like: &Proposal) -> Result<Vec<String>, Error> {
        let mut conn = self.ground().db.read().await?;
        if self.is_paused(&mut conn, contact).await? {
            return Ok(vec![Blocker::MoneyPaused.code().to_owned()]);
        }
        let asked = self.asked(contact, like, today(self.now()));
        let standing = self.inner.investors.standing(&mut conn, &asked).await?;
        Ok(match standing {
            Standing::Ready(_) => Vec::new(),
            Standing::Blocked(why) => why,
        })
    }

    /// Lists a contact's mandates, newest first.
    pub async fn mandates_of(&self, contact: ContactId) -> Result<Vec<Mandate>, Error> {
        let mut conn = self.ground().db.read().await?;
        mandates::list(&mut conn, contact).await
    }

    /// Lists the statuses an order, plan, instalment or mandate went through: each with
    /// when (epoch milliseconds) and who moved it.
    pub async fn history_of(&self, subject: &str) -> Result<Vec<(String, i64, String)>, Error> {
        let mut conn = self.ground().db.read().await?;
        history(&mut conn, subject).await
    }

    /// Returns when an order last went on without its investor: it was approved or paid, or
    /// nobody had to.
    pub async fn with_others_since(&self, order: &Order) -> Result<Timestamp, Error> {
        let history = self.history_of(&order.id.to_string()).await?;
        let with_others = history.iter().rev().take_while(|(word, _, _)| {
            OrderStatus::parse(word).is_some_and(|status| !status.waits_for_investor())
        });
        let since = with_others.last();
        let since = since.and_then(|(_, at, _)| Timestamp::from_millisecond(*at).ok());
        Ok(since.unwrap_or(order.made_at))
    }

    /// Returns the address of the gateway's page on which something of a contact's is
    /// approved or paid.
    pub async fn page_link(&self, contact: ContactId, about: About) -> Outcome<String> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        let page = match about {
            About::Order(id) => {
                let order = orders::find(&mut conn, keys, id).await?;
                let order = order.filter(|order| order.contact == contact);
                let order = order.ok_or(Refusal::NoOrder)?;
                let id = order.gateway_id.ok_or(Refusal::OrderIs(order.status))?;
                match order.status {
                    OrderStatus::AwaitingPayment | OrderStatus::PaymentProcessing => {
                        Page::Payment(id)
                    }
                    _ => Page::Order(id),
                }
            }
            About::Plan(id) => {
                let plan = plans::find(&mut conn, keys, id).await?;
                let plan = plan.filter(|plan| plan.contact == contact);
                let id = plan.and_then(|plan| plan.gateway_id);
                Page::Plan(id.ok_or(Refusal::NoPlan)?)
            }
            About::Mandate(id) => {
                let mandate = mandates::find(&mut conn, id).await?;
                let mandate = mandate.filter(|mandate| mandate.contact == contact);
                let id = mandate.and_then(|mandate| mandate.gateway_id);
                Page::Mandate(id.ok_or(Refusal::MandateMissing)?)
            }
        };
        drop(conn);
        let link = self.gateway().page(&page).await;
        Ok(link.map_err(|error: GatewayError| Error::Inside(error.into()))?)
    }
}
