//! Confirmations: a draft becomes an order, a plan or a mandate, once.

use jiff::Timestamp;

use super::{Dealing, Outcome, SUBMIT, after, stamp};
use crate::id::{ContactId, DraftId, OrderId};
use crate::investing::money::Paise;
use crate::investing::orders::draft::{
    Confirmed, Draft, Made, MandateProposal, OrderProposal, PlanProposal, Proposal, Refusal,
};
use crate::investing::orders::limits::{Operation, day_of};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::{Order, OrderDetails, Submission};
use crate::investing::orders::plan::Plan;
use crate::investing::orders::ports::Account;
use crate::investing::orders::state::Moves;
use crate::investing::orders::{MandateStatus, OrderKind, OrderStatus, PlanStatus, Quantity};
use crate::investing::store::orders::{
    book as orders, drafts, lock_contact, mandates, operations, plans,
};
use crate::security::audit;
use crate::storage::{Conn, Error};

/// When the gateway is asked for the first time about something new.
pub(super) const FIRST_LOOK: std::time::Duration = std::time::Duration::from_mins(2);

impl Dealing {
    /// Makes what a draft proposes. However often it is confirmed, at once or one after
    /// the other, one order (plan, mandate) comes of it; `by` is how it was confirmed.
    pub async fn confirm(
        &self,
        contact: ContactId,
        draft: DraftId,
        by: &str,
    ) -> Outcome<Confirmed> {
        let input = (self.clone(), by.to_owned());
        let made = self.ground().db.write(input, move |conn, (dealing, by)| {
            Box::pin(dealing.confirm_on(conn, contact, draft, by))
        });
        let confirmed = made.await??;
        self.wake();
        Ok(confirmed)
    }

    /// As [`Dealing::confirm`], on the caller's transaction; wake the jobs after it.
    pub async fn confirm_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        id: DraftId,
        by: &str,
    ) -> Result<Result<Confirmed, Refusal>, Error> {
        let now = self.now();
        self.lock(conn, contact).await?;
        if let Some(made) = drafts::made(conn, contact, id).await? {
            return Ok(Ok(Confirmed::Before(made)));
        }
        let Some(draft) = drafts::find(conn, &self.ground().keys, contact, id).await? else {
            return Ok(Err(Refusal::NoDraft));
        };
        if now >= draft.expires_at {
            return Ok(Err(Refusal::Expired));
        }
        if self.is_paused(conn, contact).await? {
            return Ok(Err(Refusal::Paused));
        }
        // What was true when the terms were shown may not be any more.
        let terms = &draft.terms;
        let again = self.terms(conn, contact, &terms.proposal, &terms.rules, now);
        let account = match again.await? {
            Ok((_, account)) => account,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.check_limits(conn, &draft, now).await? {
            return Ok(Err(refusal));
        }
        let made = match &draft.terms.proposal {
            Proposal::Order(order) => {
                let order = (order, account);
                self.make_order(conn, &draft, order, by, now).await?
            }
            Proposal::Plan(plan) => self.make_plan(conn, &draft, plan, by, now).await?,
            Proposal::Mandate(mandate) => self.make_mandate(conn, &draft, mandate, by, now).await?,
        };
        let Some(made) = made else {
            // Somebody else's insert came first; the constraint decided.
            let made = drafts::made(conn, contact, id).await?;
            return Ok(made.map(Confirmed::Before).ok_or(Refusal::NoDraft));
        };
        let subject = match made {
            Made::Order(id) => id.to_string(),
            Made::Plan(id) => id.to_string(),
            Made::Mandate(id) => id.to_string(),
        };
        let ids = &self.ground().ids;
        audit::record(conn, ids, by, "confirm", &subject, now).await?;
        let key = format!("submit:{subject}");
        self.enqueue(conn, SUBMIT, key, &subject, now).await?;
        Ok(Ok(Confirmed::Now(made)))
    }

    /// Keeps others from dealing for a contact until the write commits.
    pub(super) async fn lock(&self, conn: &mut Conn, contact: ContactId) -> Result<(), Error> {
        lock_contact(conn, self.ground().db.lock_rows(), contact).await
    }

    /// Counts a money operation, unless there were too many.
    pub(super) async fn count(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        kind: Operation,
        now: Timestamp,
    ) -> Result<Result<(), Refusal>, Error> {
        let rate = self.inner.limits.operations;
        let earlier = operations::since(conn, contact, None, (rate.since(now), now)).await?;
        if let Err(over) = rate.check(&earlier) {
            return Ok(Err(over.into()));
        }
        let ids = &self.ground().ids;
        operations::insert(conn, ids, contact, kind, now).await?;
        Ok(Ok(()))
    }

    async fn check_limits(
        &self,
        conn: &mut Conn,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<Result<(), Refusal>, Error> {
        let (contact, limits) = (draft.contact, &self.inner.limits);
        let mut kind = Operation::Other;
        if let Proposal::Order(order) = &draft.terms.proposal {
            if let (OrderKind::Purchase, Quantity::Amount(amount)) = (order.kind, order.quantity) {
                let so_far = orders::purchased_on(conn, contact, &day_of(now)).await?;
                let history = orders::history_of(conn, contact).await?;
                let cap = limits.daily_cap(history, now);
                if let Err(over) = limits.check_day(cap, so_far, amount) {
                    return Ok(Err(over.into()));
                }
            } else {
                kind = Operation::Redemption;
                let rate = limits.redemptions;
                let since = (rate.since(now), now);
                let earlier = operations::since(conn, contact, Some(kind), since).await?;
                if let Err(over) = rate.check(&earlier)
                    && !operations::use_leave(conn, contact, now).await?
                {
                    return Ok(Err(over.into()));
                }
            }
        }
        self.count(conn, contact, kind, now).await
    }

    /// Gives leave for one redemption beyond the hourly limit, within the next hour. An
    /// agent's word, on the audit trail.
    pub async fn allow_redemption(&self, contact: ContactId, by: &str) -> Outcome<()> {
        let input = (self.clone(), by.to_owned());
        let given = self.ground().db.write(input, move |conn, (dealing, by)| {
            Box::pin(async move {
                let (now, ids) = (dealing.now(), &dealing.ground().ids);
                let within = dealing.inner.limits.redemptions.within;
                let until = now.checked_add(within).unwrap_or(Timestamp::MAX);
                operations::allow(conn, ids, contact, by, now, until).await?;
                let subject = contact.to_string();
                audit::record(conn, ids, by, "allow_redemption", &subject, now).await
            })
        });
        Ok(given.await?)
    }

    async fn make_order(
        &self,
        conn: &mut Conn,
        draft: &Draft,
        (proposal, account): (&OrderProposal, Account),
        by: &str,
        now: Timestamp,
    ) -> Result<Option<Made>, Error> {
        let ground = self.ground();
        let order = Order {
            id: ground.ids.next::<OrderId>(now),
            contact: draft.contact,
            draft: Some(draft.id),
            instalment: None,
            kind: proposal.kind,
            scheme: proposal.scheme,
            target: proposal.target,
            quantity: proposal.quantity,
            mandate: proposal.mandate,
            status: OrderStatus::Created,
            submission: Submission::Waiting,
            asked_at: None,
            reference: self.reference(now),
            gateway_id: None,
            reason: None,
            paid: None,
            details: OrderDetails {
                folio: proposal.folio.clone(),
                ucc: account.ucc,
                euin: account.euin,
                has_nominees: Some(account.has_nominees),
                ..OrderDetails::default()
            },
            made_at: now,
            version: 1,
        };
        let poll_at = Some(after(now, FIRST_LOOK));
        let gateway = self.gateway().name();
        let by = stamp(now, by, None);
        let is_new = orders::insert(conn, &ground.keys, &order, gateway, poll_at, &by).await?;
        if is_new && order.kind == OrderKind::Purchase {
            self.flag(conn, &order, now).await?;
        }
        Ok(is_new.then_some(Made::Order(order.id)))
    }

    /// Puts a purchase before a person that is out of the ordinary for its investor.
    async fn flag(&self, conn: &mut Conn, order: &Order, now: Timestamp) -> Result<(), Error> {
        let ordinary = self.inner.limits.ordinary;
        let Some(amount) = order.amount() else {
            return Ok(());
        };
        let lately = now.checked_sub(ordinary.purchases.within);
        let since = lately.unwrap_or(Timestamp::MIN);
        let before = orders::bought_before(conn, order, since, now).await?;
        let subject = order.id.to_string();
        for (kind, detail) in ordinary.flags(amount, before) {
            self.show(conn, kind, &subject, &detail, now).await?;
        }
        Ok(())
    }

    async fn make_plan(
        &self,
        conn: &mut Conn,
        draft: &Draft,
        proposal: &PlanProposal,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<Made>, Error> {
        let ground = self.ground();
        let calendar = self.inner.schemes.calendar();
        let plan = Plan {
            id: ground.ids.next(now),
            contact: draft.contact,
            draft: draft.id,
            mandate: proposal.mandate,
            folio: proposal.folio.clone(),
            status: PlanStatus::Draft,
            replaces: proposal.replaces,
            submission: Submission::Waiting,
            asked_at: None,
            reference: self.reference(now),
            gateway_id: None,
            next_due: proposal.terms.first_due(&calendar),
            terms: proposal.terms.clone(),
            prepared: 0,
            pause_left: 0,
            reason: None,
            cancel_by: None,
            made_at: now,
            version: 1,
        };
        let poll_at = Some(after(now, FIRST_LOOK));
        let gateway = self.gateway().name();
        let by = stamp(now, by, None);
        let is_new = plans::insert(conn, &ground.keys, &plan, gateway, poll_at, &by).await?;
        Ok(is_new.then_some(Made::Plan(plan.id)))
    }

    async fn make_mandate(
        &self,
        conn: &mut Conn,
        draft: &Draft,
        proposal: &MandateProposal,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<Made>, Error> {
        let mandate = Mandate {
            id: self.ground().ids.next(now),
            contact: draft.contact,
            draft: draft.id,
            kind: proposal.kind,
            limit: proposal.limit,
            start: proposal.start,
            end: proposal.end,
            status: MandateStatus::Created,
            submission: Submission::Waiting,
            asked_at: None,
            reference: self.reference(now),
            gateway_id: None,
            reason: None,
            made_at: now,
            version: 1,
        };
        let poll_at = Some(after(now, FIRST_LOOK));
        let gateway = self.gateway().name();
        let by = stamp(now, by, None);
        let is_new = mandates::insert(conn, &mandate, gateway, poll_at, &by).await?;
        Ok(is_new.then_some(Made::Mandate(mandate.id)))
    }

    /// Calls off an order that was not placed yet, or asks the gateway to.
    pub async fn cancel_order(&self, contact: ContactId, id: OrderId, by: &str) -> Outcome<()> {
        let ground = self.ground();
        let mut conn = ground.db.read().await?;
        let order = orders::find(&mut conn, &ground.keys, id).await?;
        drop(conn);
        let order = order.filter(|order| order.contact == contact);
        let order = order.ok_or(Refusal::NoOrder)?;
        if !order.status.may_become(OrderStatus::Cancelled)
            || order.status == OrderStatus::SentToRta
        {
            return Err(Refusal::OrderIs(order.status).into());
        }
        let is_here = matches!(order.submission, Submission::Waiting | Submission::Parked);
        if is_here && order.asked_at.is_none() {
            return Ok(self.cancel_unsent(order, by).await?);
        }
        let Some(gateway_id) = order.gateway_id else {
            return Err(Refusal::OrderIs(order.status).into());
        };
        match self.gateway().cancel_order(&gateway_id).await {
            Ok(report) => self.apply_order(report, by).await.map_err(Into::into),
            Err(error) => {
                tracing::warn!(%error, order = %id, "an order could not be called off");
                Err(Refusal::OrderIs(order.status).into())
            }
        }
    }

    /// Returns what is left of today's limit for purchases.
    pub async fn left_today(&self, contact: ContactId) -> Outcome<Paise> {
        let now = self.now();
        let mut conn = self.ground().db.read().await?;
        let so_far = orders::purchased_on(&mut conn, contact, &day_of(now)).await?;
        let history = orders::history_of(&mut conn, contact).await?;
        let cap = self.inner.limits.daily_cap(history, now);
        Ok((cap - so_far).max(Paise(0)))
    }
}
