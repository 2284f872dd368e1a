//! What the rooms of the business keep for a contact goes along when two contacts are
//! found to be one person.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::assistant::move_uses;
use crate::contacts::store::{Merge, load};
use crate::contacts::{Merged, Moves};
use crate::documents::move_files;
use crate::id::{ContactId, Ids};
use crate::investing::{move_dealings, move_holdings};
use crate::notifications::move_notices;
use crate::people::store::merge_records;
use crate::pipeline::move_attachments;
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Error};

/// Moves records, folios, dealings, notices, files made and sent, uses of the assistant and
/// requests.
pub(super) struct Belongings {
    pub(super) keys: Keyring,
    pub(super) ids: Ids,
    pub(super) lock_rows: &'static str,
}

impl Belongings {
    async fn key(&self, conn: &mut Conn, contact: ContactId) -> Result<DataKey, Error> {
        let row = contact.to_string();
        let mut loaded = load(conn, &self.keys, std::slice::from_ref(&row)).await?;
        let stored = loaded.remove(&row);
        let stored = stored.ok_or_else(|| anyhow::anyhow!("there is no contact {row} to merge"))?;
        Ok(stored.key)
    }
}

impl Moves for Belongings {
    fn contact_merged<'c>(
        &'c self,
        conn: &'c mut Conn,
        merged: Merged,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let old = self.key(conn, merged.from).await?;
            let new = self.key(conn, merged.into).await?;
            let merge = Merge {
                from: (merged.from, &old),
                into: (merged.into, &new),
                lock_rows: self.lock_rows,
            };
            merge_records(conn, &self.ids, merge, now).await?;
            let pair = (merged.from, merged.into);
            // Whoever books an order has its row before the folios.
            move_dealings(conn, merge).await?;
            move_holdings(conn, &self.keys, &self.ids, pair, now).await?;
            move_notices(conn, merge).await?;
            move_files(conn, merge).await?;
            move_attachments(conn, merge).await?;
            move_uses(conn, merge).await?;
            crate::contacts::requests::move_along(conn, merged).await
        })
    }
}
