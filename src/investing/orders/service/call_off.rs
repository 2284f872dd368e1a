//! Calling an order off while it still waits for its investor.
//!
//! The wish is on record as a job, and the order moves when the gateway's report of it
//! shows that it was called off, or when the gateway turns out not to have it. Asking again
//! changes nothing.

use super::submit::{BY, Parcel, Trouble};
use super::{Dealing, Sent, stamp};
use crate::id::{ContactId, OrderId};
use crate::investing::gateway::port::GatewayError;
use crate::investing::orders::OrderStatus;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::limits::Operation;
use crate::investing::orders::order::{Order, Submission};
use crate::investing::store::orders::book as orders;
use crate::security::audit;
use crate::storage::{Conn, Error};

/// The kind of the jobs that call an order off at the gateway.
pub const CALL_OFF: &str = "gateway_call_off";

impl Dealing {
    /// Has an order called off, on the caller's transaction; wake the jobs after it. An
    /// instalment's order belongs to its plan and is not called off alone.
    pub async fn call_off_on(
        &self,
        conn: &mut Conn,
        (contact, id): (ContactId, OrderId),
        by: &str,
    ) -> Result<Result<(), Refusal>, Error> {
        let now = self.now();
        self.lock(conn, contact).await?;
        let order = orders::find(conn, &self.ground().keys, id).await?;
        let order = order.filter(|order| order.contact == contact && order.instalment.is_none());
        let Some(order) = order else {
            return Ok(Err(Refusal::NoOrder));
        };
        if !order.status.waits_for_investor() {
            return Ok(Err(Refusal::OrderIs(order.status)));
        }
        if let Err(refusal) = self.count(conn, contact, Operation::Other, now).await? {
            return Ok(Err(refusal));
        }
        let subject = id.to_string();
        audit::record(conn, &self.ground().ids, by, "call_off", &subject, now).await?;
        // An earlier job may have given up.
        let key = format!("call_off:{subject}:{}", now.as_millisecond());
        self.enqueue(conn, CALL_OFF, key, &subject, now).await?;
        Ok(Ok(()))
    }

    /// Calls an order off at the gateway, by its id. One that has moved on meanwhile stays
    /// as it is.
    pub async fn run_call_off(&self, id: &str) -> Result<Sent, Error> {
        let Ok(id) = id.parse::<OrderId>() else {
            return Ok(Sent::Done);
        };
        let mut conn = self.ground().db.read().await?;
        let order = orders::find(&mut conn, &self.ground().keys, id).await?;
        drop(conn);
        let Some(order) = order.filter(|order| order.status.waits_for_investor()) else {
            return Ok(Sent::Done);
        };
        let Some(gateway_id) = order.gateway_id.clone() else {
            return self.call_off_unsent(order).await;
        };
        match self.gateway().cancel_order(&gateway_id).await {
            Ok(report) => {
                self.apply_order(report, "gateway").await?;
                Ok(Sent::Done)
            }
            Err(GatewayError::Unavailable(why) | GatewayError::Unknown(why)) => {
                Ok(Sent::Again(why))
            }
            Err(error) => Ok(Sent::Parked(format!("order {id}: {error}"))),
        }
    }

    /// Calls off an order that has no id at the gateway, unless it turns out to be there.
    async fn call_off_unsent(&self, order: Order) -> Result<Sent, Error> {
        if order.submission == Submission::Asking {
            let why = "whether the gateway has the order is not known yet";
            return Ok(Sent::Again(why.to_owned()));
        }
        // What a person parked may have been asked for before.
        if order.submission != Submission::Waiting {
            match self.look_up(&Parcel::Order(order.clone())).await {
                Ok(true) => return Ok(Sent::Again("the gateway has the order".to_owned())),
                Ok(false) => {}
                Err(Trouble::Gateway(error)) => return Ok(Sent::Again(error.to_string())),
                Err(Trouble::Database(error)) => return Err(error),
            }
        }
        self.cancel_unsent(order, BY).await?;
        Ok(Sent::Done)
    }

    /// Cancels an order on record so that nothing takes it to the gateway any more.
    pub(super) async fn cancel_unsent(&self, order: Order, by: &str) -> Result<(), Error> {
        let input = (self.clone(), order, by.to_owned());
        let cancelled = self
            .ground()
            .db
            .write(input, |conn, (dealing, before, by)| {
                Box::pin(async move {
                    let mut order = before.clone();
                    order.status = OrderStatus::Cancelled;
                    order.submission = Submission::Refused;
                    order.asked_at = None;
                    let keys = &dealing.ground().keys;
                    let by = stamp(dealing.now(), by, None);
                    orders::update(conn, keys, (before, &mut order), None, &by).await
                })
            });
        cancelled.await
    }
}
