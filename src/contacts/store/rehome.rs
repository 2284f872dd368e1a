//! Two contacts turn out to be one person: rows that other rooms keep for one of them
//! become the other's.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::id::ContactId;
use crate::security::{DataKey, Place};
use crate::storage::{Conn, Error, sql};

/// Two contacts that are one person from now on, each with its key.
#[derive(Clone, Copy)]
pub struct Merge<'a> {
    /// Who is no more.
    pub from: (ContactId, &'a DataKey),
    /// Who stays.
    pub into: (ContactId, &'a DataKey),
    /// Keeps what is selected as it is until the write commits.
    pub lock_rows: &'static str,
}

/// A table whose rows are one contact's each (`contact_id`), with a column sealed under
/// that contact's key by the row's id.
#[derive(Debug, Clone, Copy)]
pub struct SealedTable {
    name: &'static str,
    column: &'static str,
    versioned: bool,
}

impl SealedTable {
    /// Returns the table of this name with this column.
    pub const fn new(name: &'static str, column: &'static str) -> Self {
        Self {
            name,
            column,
            versioned: false,
        }
    }

    /// Returns it with a version that guards its rows.
    #[must_use]
    pub const fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }
}

/// What the version of a row becomes when it changes hands: whoever read it before finds
/// no row to write back to and reads it again, with the other contact and key.
const RAISED: &str = ", version = version + 1";

/// Moves the rows of a table and seals them anew, after `change` of what they say. What was
/// let go of is empty and stays so.
pub async fn rehome_sealed(
    conn: &mut Conn,
    table: SealedTable,
    merge: Merge<'_>,
    change: impl Fn(Vec<u8>) -> Result<Vec<u8>, Error>,
) -> Result<(), Error> {
    let SealedTable {
        name,
        column,
        versioned,
    } = table;
    // In one order, so that two that meet do not wait for each other.
    let text = format!(
        "select id, {column} from {name} where contact_id = $1 order by id{}",
        merge.lock_rows
    );
    let raised = if versioned { RAISED } else { "" };
    let rows: Vec<AnyRow> = sqlx::query(sql(text))
        .bind(merge.from.0.to_string())
        .fetch_all(&mut *conn)
        .await?;
    for row in rows {
        let (id, sealed): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let place = Place {
            table: name,
            column,
            row: &id,
        };
        let sealed = if sealed.is_empty() {
            sealed
        } else {
            let plain = merge.from.1.open(place, &sealed);
            let plain = plain.map_err(|e| Error::Damaged {
                table: name,
                row: id.clone(),
                what: e.to_string(),
            })?;
            merge.into.1.seal(place, &change(plain)?)
        };
        let text =
            format!("update {name} set contact_id = $2, {column} = $3{raised} where id = $1");
        sqlx::query(sql(text))
            .bind(&id)
            .bind(merge.into.0.to_string())
            .bind(sealed)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Moves the rows of a table that seals nothing.
pub async fn rehome(conn: &mut Conn, table: &'static str, merge: Merge<'_>) -> Result<(), Error> {
    give(conn, table, "", merge).await
}

/// Moves the rows of a table that seals nothing and whose rows a version guards.
pub async fn rehome_versioned(
    conn: &mut Conn,
    table: &'static str,
    merge: Merge<'_>,
) -> Result<(), Error> {
    give(conn, table, RAISED, merge).await
}

async fn give(
    conn: &mut Conn,
    table: &'static str,
    raised: &'static str,
    merge: Merge<'_>,
) -> Result<(), Error> {
    let text = format!("update {table} set contact_id = $2{raised} where contact_id = $1");
    sqlx::query(sql(text))
        .bind(merge.from.0.to_string())
        .bind(merge.into.0.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves the rows of a table of which a contact has one for each value of `key` (one at
/// all, where it is empty); what whoever stays has already is left as it is. `open` limits
/// what counts as such a row.
pub async fn rehome_missing(
    conn: &mut Conn,
    table: &'static str,
    key: &[&'static str],
    open: &'static str,
    merge: Merge<'_>,
) -> Result<(), Error> {
    let same = key
        .iter()
        .map(|column| format!(" and o.{column} = {table}.{column}"));
    let same: String = same.collect();
    let text = format!(
        "delete from {table} where contact_id = $1{open}
            and exists (select 1 from {table} o where o.contact_id = $2{same}{})",
        open.replace(" and ", " and o.")
    );
    sqlx::query(sql(text))
        .bind(merge.from.0.to_string())
        .bind(merge.into.0.to_string())
        .execute(&mut *conn)
        .await?;
    rehome(conn, table, merge).await
}
