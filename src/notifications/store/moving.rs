//! Two contacts turned out to be one person: what one of them is told, and how they want
//! to be told, goes to the other.

use crate::contacts::store::{Merge, SealedTable, rehome, rehome_missing, rehome_sealed};
use crate::storage::{Conn, Error};

const LETTERS: SealedTable = SealedTable::new("letters", "payload");

/// Moves notices, letters, wishes and calendars of one contact to another, on the caller's
/// transaction. A wish of whoever stays counts before one of whoever goes.
pub async fn move_notices(conn: &mut Conn, merge: Merge<'_>) -> Result<(), Error> {
    rehome_sealed(conn, LETTERS, merge, Ok).await?;
    rehome(conn, "notices", merge).await?;
    rehome(conn, "calendar_links", merge).await?;
    rehome_missing(conn, "notice_wishes", &["scope"], "", merge).await?;
    rehome_missing(conn, "calendar_entries", &["uid"], "", merge).await
}
