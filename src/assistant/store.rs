//! Uses of the assistant and what they cost, in the database.

use jiff::civil::Date;
use sqlx::Row;

use super::budget::Cost;
use super::record::Use;
use crate::contacts::store::{Merge, SealedTable, rehome_sealed};
use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// What is erased with a contact; `$1` is the contact.
pub const FORGET: &[&str] = &[
    "delete from assistant_uses where contact_id = $1",
    "delete from assistant_spend where contact_id = $1",
];

/// What is kept for a while only: uses before `$1` (milliseconds), `$2` at most.
pub const LET_GO: &str = "delete from assistant_uses
      where id in (select id from assistant_uses where at < $1 order by at limit $2)";

/// Returns what was used on a day: by a contact, and by all.
pub(super) async fn spent(
    conn: &mut Conn,
    day: Date,
    contact: ContactId,
) -> Result<(Cost, Cost), Error> {
    let rows = sqlx::query(
        "select contact_id, tokens, cost from assistant_spend
          where day = $1 and (contact_id = $2 or contact_id = '')",
    )
    .bind(day.to_string())
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let (mut own, mut all) = (Cost::default(), Cost::default());
    for row in rows {
        let of: String = row.try_get(0)?;
        let cost = Cost {
            tokens: row.try_get(1)?,
            micropaise: row.try_get(2)?,
        };
        if of.is_empty() {
            all = cost;
        } else {
            own = cost;
        }
    }
    Ok((own, all))
}

/// Lets uses go along when two contacts prove to be one person, and what they cost count
/// as one budget.
pub async fn move_uses(conn: &mut Conn, merge: Merge<'_>) -> Result<(), Error> {
    let uses = SealedTable::new("assistant_uses", "sealed");
    rehome_sealed(conn, uses, merge, Ok).await?;
    sqlx::query(
        "insert into assistant_spend (day, contact_id, tokens, cost)
         select day, $2, tokens, cost from assistant_spend where contact_id = $1
         on conflict (day, contact_id) do update
            set tokens = assistant_spend.tokens + excluded.tokens,
                cost = assistant_spend.cost + excluded.cost",
    )
    .bind(merge.from.0.to_string())
    .bind(merge.into.0.to_string())
    .execute(&mut *conn)
    .await?;
    sqlx::query("delete from assistant_spend where contact_id = $1")
        .bind(merge.from.0.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a use down and counts it.
pub(super) async fn insert(conn: &mut Conn, used: &Use) -> Result<(), Error> {
    sqlx::query(
        "insert into assistant_uses (id, contact_id, at, model, prompt, verdict, tokens_in,
             tokens_out, cost, millis, sealed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(used.id.to_string())
    .bind(used.contact.to_string())
    .bind(used.at.as_millisecond())
    .bind(&used.model)
    .bind(&used.prompt)
    .bind(used.verdict)
    .bind(used.tokens_in)
    .bind(used.tokens_out)
    .bind(used.cost.micropaise)
    .bind(used.millis)
    .bind(&used.sealed)
    .execute(&mut *conn)
    .await?;
    // Everybody's row last: it is the one that others wait for.
    for contact in [used.contact.to_string(), String::new()] {
        sqlx::query(
            "insert into assistant_spend (day, contact_id, tokens, cost)
             values ($1, $2, $3, $4)
             on conflict (day, contact_id) do update
                set tokens = assistant_spend.tokens + excluded.tokens,
                    cost = assistant_spend.cost + excluded.cost",
        )
        .bind(used.day.to_string())
        .bind(contact)
        .bind(used.cost.tokens)
        .bind(used.cost.micropaise)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
