//! How far a request to the gateway is, written down before and after each call.

use jiff::Timestamp;

use super::submit::{BY, Parcel, Sent};
use super::{Dealing, after, stamp};
use crate::id::ContactId;
use crate::investing::accounts::ACCOUNT;
use crate::investing::events::What;
use crate::investing::gateway::port::GatewayError;
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::{Order, Submission};
use crate::investing::orders::plan::Plan;
use crate::investing::orders::{MandateStatus, OrderStatus, PlanStatus};
use crate::investing::store::orders::{book as orders, mandates, plans};
use crate::storage::{Conn, Error};

/// What is written about a parcel.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// A call begins.
    Asking,
    /// The answer was lost; no call is under way.
    Doubt,
    /// Nothing arrived.
    Waiting,
    /// A person has to look.
    Parked,
    /// It was refused.
    Refused(String),
    /// Its mandate is not active yet.
    AwaitingMandate,
}

impl Mark {
    fn submission(&self, now: Timestamp) -> (Submission, Option<Timestamp>) {
        match self {
            Self::Asking => (Submission::Asking, Some(now)),
            Self::Doubt => (Submission::Asking, None),
            Self::Waiting | Self::AwaitingMandate => (Submission::Waiting, None),
            Self::Parked => (Submission::Parked, None),
            Self::Refused(_) => (Submission::Refused, None),
        }
    }
}

impl Dealing {
    /// Puts a failed call on record.
    pub(super) async fn failed(&self, subject: &str, error: GatewayError) -> Result<Sent, Error> {
        let (mark, sent) = match error {
            GatewayError::Refused { code, message } => {
                let why = format!("{message} ({code})");
                (Mark::Refused(why), Sent::Done)
            }
            GatewayError::Unavailable(why) => (Mark::Waiting, Sent::Again(why)),
            GatewayError::Unknown(why) => (Mark::Doubt, Sent::Again(why)),
            error @ GatewayError::NotSetUp(_) => (Mark::Parked, Sent::Parked(error.to_string())),
        };
        if let Some(parcel) = self.parcel(subject).await? {
            // Meanwhile a webhook may have said that it was taken after all.
            if parcel.submission().0 == Submission::Asking {
                let refused = matches!(mark, Mark::Refused(_)).then(|| parcel.contact());
                self.mark(parcel, mark).await?;
                if let Some(contact) = refused {
                    self.ask_about_account(contact, subject).await?;
                }
            }
        }
        Ok(sent)
    }

    /// Has the account of somebody whose request was refused asked about: it may have been
    /// stopped without our hearing of it.
    async fn ask_about_account(&self, contact: ContactId, subject: &str) -> Result<(), Error> {
        let key = format!("{ACCOUNT}:{subject}");
        let input = (self.clone(), key, contact.to_string());
        let asked = self.ground().db.write(input, |conn, (dealing, key, id)| {
            let now = dealing.now();
            Box::pin(dealing.enqueue(conn, ACCOUNT, key.clone(), id, now))
        });
        asked.await?;
        self.wake();
        Ok(())
    }

    /// Writes down how far a parcel is, over what was read of it.
    pub(super) async fn mark(&self, parcel: Parcel, mark: Mark) -> Result<(), Error> {
        let input = (self.clone(), parcel, mark);
        let marked = self
            .ground()
            .db
            .write(input, |conn, (dealing, parcel, mark)| {
                Box::pin(async move {
                    let now = dealing.now();
                    match parcel {
                        Parcel::Order(order) => dealing.mark_order(conn, order, mark, now).await,
                        Parcel::Plan(plan) => dealing.mark_plan(conn, plan, mark, now).await,
                        Parcel::Mandate(mandate) => {
                            dealing.mark_mandate(conn, mandate, mark, now).await
                        }
                    }
                })
            });
        marked.await?;
        self.wake();
        Ok(())
    }

    async fn mark_order(
        &self,
        conn: &mut Conn,
        before: &Order,
        mark: &Mark,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut order = before.clone();
        (order.submission, order.asked_at) = mark.submission(now);
        let mut look = Some(after(now, super::confirm::FIRST_LOOK));
        if let Mark::Refused(why) = mark {
            order.status = OrderStatus::Rejected;
            order.reason = Some(why.clone());
            look = None;
        }
        let keys = &self.ground().keys;
        let reason = order.reason.clone();
        let by = stamp(now, BY, reason.as_deref());
        orders::update(conn, keys, (before, &mut order), look, &by).await?;
        if let Mark::Refused(_) = mark {
            let what = What::OrderRejected {
                order: order.id,
                kind: order.kind,
                scheme: order.scheme,
                reason: reason.clone().unwrap_or_default(),
                refund: None,
            };
            let key = format!("rejected:{}", order.id);
            self.tell(conn, order.contact, key, what, now).await?;
        }
        Ok(())
    }

    async fn mark_plan(
        &self,
        conn: &mut Conn,
        before: &Plan,
        mark: &Mark,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut plan = before.clone();
        (plan.submission, plan.asked_at) = mark.submission(now);
        if let Mark::AwaitingMandate = mark {
            plan.status = PlanStatus::AwaitingMandate;
        }
        if let Mark::Refused(why) = mark {
            plan.reason = Some(why.clone());
        }
        if plan == *before {
            return Ok(());
        }
        let look = super::plans::next_look(&plan, now);
        let by = stamp(now, BY, None);
        plans::update(conn, (before, &mut plan), look, &by).await?;
        if let Mark::Refused(_) = mark {
            let status = PlanStatus::CancelledByExchange;
            return self.end(conn, &plan, status, BY, now).await;
        }
        Ok(())
    }

    async fn mark_mandate(
        &self,
        conn: &mut Conn,
        before: &Mandate,
        mark: &Mark,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut mandate = before.clone();
        (mandate.submission, mandate.asked_at) = mark.submission(now);
        let mut look = Some(after(now, super::confirm::FIRST_LOOK));
        if let Mark::Refused(why) = mark {
            mandate.status = MandateStatus::Rejected;
            mandate.reason = Some(why.clone());
            look = None;
        }
        let by = stamp(now, BY, None);
        mandates::update(conn, (before, &mut mandate), look, &by).await?;
        if let Mark::Refused(_) = mark {
            let what = What::MandateFailed {
                mandate: mandate.id,
                kind: mandate.kind,
                reason: mandate.reason.clone(),
            };
            let key = format!("mandate_failed:{}", mandate.id);
            self.tell(conn, mandate.contact, key, what, now).await?;
            self.unlink(conn, mandate.id, now).await?;
        }
        Ok(())
    }
}
