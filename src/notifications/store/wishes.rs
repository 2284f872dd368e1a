//! What investors wished for.

use jiff::Timestamp;
use sqlx::Row;

use super::super::preferences::{Preferences, Scope, Wish};
use super::damaged;
use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// Keeps a wish; the newest counts.
pub(in crate::notifications) async fn set_wish(
    conn: &mut Conn,
    contact: ContactId,
    scope: Scope,
    wish: Wish,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into notice_wishes (contact_id, scope, wish, changed_at) values ($1, $2, $3, $4)
         on conflict (contact_id, scope) do update
            set wish = excluded.wish, changed_at = excluded.changed_at",
    )
    .bind(contact.to_string())
    .bind(scope.as_str())
    .bind(wish.as_str())
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns everything somebody wished for.
pub(in crate::notifications) async fn preferences(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Preferences, Error> {
    let id = contact.to_string();
    let mut found = Preferences::default();
    let rows = sqlx::query("select scope, wish from notice_wishes where contact_id = $1")
        .bind(&id)
        .fetch_all(conn)
        .await?;
    for row in rows {
        let (scope, wish): (String, String) = (row.get(0), row.get(1));
        let wish = Wish::parse(&wish).ok_or_else(|| damaged("notice_wishes", &id, "its wish"))?;
        // A kind that was given up since is no concern of anybody's.
        if let Some(scope) = Scope::parse(&scope) {
            found.wishes.insert(scope, wish);
        }
    }
    Ok(found)
}
