//! What the rooms of the business keep for a contact goes along when two contacts are
//! found to be one person.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::contacts::{Merged, Moves};
use crate::id::Ids;
use crate::investing::move_holdings;
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// Moves folios and requests.
pub(super) struct Holdings {
    pub(super) keys: Keyring,
    pub(super) ids: Ids,
}

impl Moves for Holdings {
    fn contact_merged<'c>(
        &'c self,
        conn: &'c mut Conn,
        merged: Merged,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let pair = (merged.from, merged.into);
            move_holdings(conn, &self.keys, &self.ids, pair, now).await?;
            crate::contacts::requests::move_along(conn, merged).await
        })
    }
}
