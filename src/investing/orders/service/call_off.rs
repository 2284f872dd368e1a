//! Calling an order off while it still waits for its investor.
//!
//! The wish is on record as a job, once for an order, and the order moves when the
//! gateway's report of it shows that it was called off. Asking again changes nothing.

use super::{Dealing, Sent};
use crate::id::{ContactId, OrderId};
use crate::investing::gateway::port::GatewayError;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::limits::Operation;
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
        let key = format!("call_off:{subject}");
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
        let Some(gateway_id) = order.gateway_id else {
            return Ok(Sent::Again(
                "the gateway does not have the order yet".to_owned(),
            ));
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
}
