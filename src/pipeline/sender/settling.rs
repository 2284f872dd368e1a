//! What may have been sent and was not heard of: decided about and written, once it is due.

use jiff::Timestamp;

use super::{Sender, TOGETHER};
use crate::id::InvalidId;
use crate::pipeline::settle::{CodeMaker, Settlement, settle};
use crate::pipeline::store::{self, Unsettled};
use crate::storage::{Conn, Error};

impl Sender {
    /// Decides about what may have been sent and has not been heard of; returns whether
    /// there may be more.
    pub(super) async fn settle_due(&self, now: Timestamp) -> Result<bool, Error> {
        let millis = now.as_millisecond();
        let most = i64::try_from(TOGETHER).unwrap_or(1);
        let mut due = {
            let mut conn = self.ground.db.read().await?;
            store::unsettled(&mut conn, millis, most, self.codes.is_some()).await?
        };
        let unheard = self.unheard.list();
        due.retain(|one| {
            let is_unheard = unheard.iter().any(|(id, _)| *id == one.id);
            !is_unheard && !self.under_way().contains(&one.id)
        });
        if due.is_empty() {
            return Ok(false);
        }
        let more = due.len() >= TOGETHER;
        let input = (self.ground.ids.clone(), due, now, self.codes.clone());
        self.ground
            .db
            .write(input, |conn, (ids, due, now, codes)| {
                Box::pin(async move {
                    let millis = now.as_millisecond();
                    for one in due {
                        let decided = settle(one.facts);
                        let moved = store::settle(conn, ids, one, decided, millis).await?;
                        if let (true, Settlement::Replace, Some(codes)) = (moved, decided, codes) {
                            replace(conn, codes.as_ref(), one, *now).await?;
                        }
                    }
                    store::close_settled(conn, millis).await
                })
            })
            .await?;
        Ok(more)
    }
}

async fn replace(
    conn: &mut Conn,
    codes: &dyn CodeMaker,
    old: &Unsettled,
    now: Timestamp,
) -> Result<(), Error> {
    let damaged = |what: String| Error::Damaged {
        table: "outbox",
        row: old.id.clone(),
        what,
    };
    let contact = old.contact.parse();
    let contact = contact.map_err(|e: InvalidId| damaged(e.to_string()))?;
    let id = old.id.parse();
    let id = id.map_err(|e: InvalidId| damaged(e.to_string()))?;
    codes.replace(conn, contact, id, now).await
}
