//! Splits and what was divided by them. Rows are only ever added.

use anyhow::anyhow;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

use super::split::{Divided, Part, Share, Split, Splits};
use crate::clock::ist;
use crate::id::{CommissionId, Ids};
use crate::investing::money::Paise;
use crate::security::audit;
use crate::storage::{Conn, Error};

/// What loading splits came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// On record now.
    pub new: usize,
    /// On record before, the same.
    pub already: usize,
}

/// Takes splits over. One that counts already cannot be changed: what was divided by it
/// would no longer be explained; another one from a later day can be added.
pub async fn load(
    conn: &mut Conn,
    ids: &Ids,
    splits: &[Split],
    by: &str,
    now: Timestamp,
) -> Result<Loaded, Error> {
    let today = now.to_zoned(ist()).date();
    let on_record = self::splits(conn).await?;
    let mut loaded = Loaded::default();
    for split in splits {
        let same_day = on_record
            .iter()
            .find(|old| old.kind() == split.kind() && old.from() == split.from());
        match same_day {
            Some(old) if old == split => {
                loaded.already += 1;
                continue;
            }
            Some(_) if split.from() <= today => {
                return Err(Error::Inside(anyhow!(
                    "split `{}` from {} counts already and cannot be changed; add one from a later day",
                    split.kind(),
                    split.from()
                )));
            }
            _ => {}
        }
        insert_split(conn, split, now).await?;
        loaded.new += 1;
    }
    if loaded.new > 0 {
        audit::record(conn, ids, by, "commission_splits_loaded", "commission", now).await?;
    }
    Ok(loaded)
}

async fn insert_split(conn: &mut Conn, split: &Split, now: Timestamp) -> Result<(), Error> {
    for (position, share) in (0_i64..).zip(split.shares()) {
        sqlx::query(
            "insert into commission_splits (kind, effective_from, loaded_at, position, party, basis_points)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(split.kind())
        .bind(split.from().to_string())
        .bind(now.as_millisecond())
        .bind(position)
        .bind(&share.party)
        .bind(i64::from(share.basis_points))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Returns every split; of those for the same kind and day the one loaded last.
pub async fn splits(conn: &mut Conn) -> Result<Splits, Error> {
    let rows = sqlx::query(
        "select kind, effective_from, loaded_at, party, basis_points
           from commission_splits order by kind, effective_from, loaded_at, position",
    )
    .fetch_all(conn)
    .await?;
    let mut grouped: Vec<((String, String, i64), Vec<Share>)> = Vec::new();
    for row in rows {
        let of: (String, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let points: i64 = row.try_get(4)?;
        let share = Share {
            party: row.try_get(3)?,
            basis_points: u32::try_from(points)
                .map_err(|_| damaged(&of.0, "its basis points do not read"))?,
        };
        match grouped.last_mut() {
            Some((last, shares)) if *last == of => shares.push(share),
            _ => grouped.push((of, vec![share])),
        }
    }
    let mut splits = Vec::with_capacity(grouped.len());
    for ((kind, from, _), shares) in grouped {
        let from = date(&kind, &from)?;
        let split = Split::new(&kind, from, shares);
        splits.push(split.map_err(|e| damaged(&kind, &e.to_string()))?);
    }
    Ok(Splits::new(splits))
}

/// Commission to divide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommission {
    /// The line of a fund house's statement it comes from, unique for ever.
    pub source: String,
    /// Kind, as the splits name it.
    pub kind: String,
    /// The day it was earned: chooses the split.
    pub on: Date,
    /// How much.
    pub amount: Paise,
}

/// Commission on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCommission {
    /// Its id.
    pub id: CommissionId,
    /// As it came.
    pub new: NewCommission,
    /// From when the split counts that it was divided by.
    pub split_from: Date,
    /// What each party got.
    pub divided: Divided,
    /// What is left to each after what was taken back.
    pub left: Divided,
}

/// Divides commission by the split of its day and puts it on record, once.
pub async fn divide(
    conn: &mut Conn,
    ids: &Ids,
    new: &NewCommission,
    by: &str,
    now: Timestamp,
) -> Result<StoredCommission, Error> {
    if let Some(stored) = find(conn, &new.source).await? {
        if stored.new == *new {
            return Ok(stored);
        }
        return Err(Error::Inside(anyhow!(
            "commission `{}` is on record with another kind, day or amount",
            new.source
        )));
    }
    let splits = splits(conn).await?;
    let split = splits.on(&new.kind, new.on).ok_or_else(|| {
        anyhow!(
            "no split says how `{}` of {} is divided; load one first",
            new.kind,
            new.on
        )
    })?;
    let divided = split.divide(new.amount);
    let id: CommissionId = ids.next(now);
    let row = CommissionRow {
        id,
        new,
        split_from: split.from(),
        reverses: None,
    };
    insert(conn, &row, &divided, now).await?;
    audit::record(conn, ids, by, "commission_divided", &id.to_string(), now).await?;
    Ok(StoredCommission {
        id,
        new: new.clone(),
        split_from: split.from(),
        left: divided.clone(),
        divided,
    })
}

/// Takes some or all of a commission back, by the split it was divided with; `source`
/// names the line that says so, and the same line again changes nothing.
pub async fn take_back(
    conn: &mut Conn,
    ids: &Ids,
    source: &str,
    of: &str,
    back: Paise,
    by: &str,
    now: Timestamp,
) -> Result<Divided, Error> {
    let Some((original, number)) = with_next_number(conn, of).await? else {
        return Err(Error::Inside(anyhow!("commission `{of}` is not on record")));
    };
    if let Some(stored) = by_source(conn, source).await? {
        let is_same = stored.reverses == Some(original.id) && stored.divided.amount == -back;
        return is_same
            .then_some(stored.divided)
            .ok_or_else(|| Error::Inside(anyhow!("`{source}` is on record with another meaning")));
    }
    let (reversal, _) = original
        .left
        .take_back(back)
        .map_err(|e| Error::Inside(e.into()))?;
    let id: CommissionId = ids.next(now);
    let new = NewCommission {
        source: source.to_owned(),
        amount: -back,
        ..original.new
    };
    let row = CommissionRow {
        id,
        new: &new,
        split_from: original.split_from,
        reverses: Some((original.id, number)),
    };
    insert(conn, &row, &reversal, now).await?;
    audit::record(conn, ids, by, "commission_taken_back", &id.to_string(), now).await?;
    Ok(reversal)
}

struct CommissionRow<'a> {
    id: CommissionId,
    new: &'a NewCommission,
    split_from: Date,
    /// What it takes back, and the number of this time among those that did.
    reverses: Option<(CommissionId, i64)>,
}

async fn insert(
    conn: &mut Conn,
    row: &CommissionRow<'_>,
    divided: &Divided,
    now: Timestamp,
) -> Result<(), Error> {
    let (original, number) = row.reverses.unwrap_or((row.id, 0));
    let inserted = sqlx::query(
        "insert into commissions (id, source, kind, earned_on, amount, split_from, original_id, number, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(row.id.to_string())
    .bind(&row.new.source)
    .bind(&row.new.kind)
    .bind(row.new.on.to_string())
    .bind(row.new.amount.0)
    .bind(row.split_from.to_string())
    .bind(original.to_string())
    .bind(number)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(Error::Again("a commission"));
    }
    for (position, part) in (0_i64..).zip(&divided.parts) {
        sqlx::query(
            "insert into commission_parts (commission_id, position, party, basis_points, amount)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(row.id.to_string())
        .bind(position)
        .bind(&part.party)
        .bind(i64::from(part.basis_points))
        .bind(part.amount.0)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

struct Found {
    id: CommissionId,
    new: NewCommission,
    split_from: Date,
    reverses: Option<CommissionId>,
    divided: Divided,
}

/// Returns a commission by its source, with what is left of it.
pub async fn find(conn: &mut Conn, source: &str) -> Result<Option<StoredCommission>, Error> {
    Ok(with_next_number(conn, source)
        .await?
        .map(|(found, _)| found))
}

/// Returns a commission with the number that the next one to take back from it has.
///
/// What is left and the number come from one statement: of two that take back at once, and
/// so saw the same left, the second finds its number taken and runs again.
async fn with_next_number(
    conn: &mut Conn,
    source: &str,
) -> Result<Option<(StoredCommission, i64)>, Error> {
    let Some(found) = by_source(conn, source).await? else {
        return Ok(None);
    };
    if found.reverses.is_some() {
        return Err(Error::Inside(anyhow!("`{source}` takes commission back")));
    }
    let mut left = found.divided.clone();
    let taken = sqlx::query(
        "select p.position, cast(sum(p.amount) as bigint), max(c.number)
           from commissions c join commission_parts p on p.commission_id = c.id
          where c.original_id = $1 and c.id <> $1
          group by p.position",
    )
    .bind(found.id.to_string())
    .fetch_all(conn)
    .await?;
    let mut next = 1;
    for row in taken {
        let (position, amount): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        next = next.max(row.try_get::<i64, _>(2)? + 1);
        let at = usize::try_from(position).ok();
        let part = at.and_then(|at| left.parts.get_mut(at));
        let part = part.ok_or_else(|| damaged(source, "a part too many was taken back"))?;
        part.amount = part.amount + Paise(amount);
    }
    left.amount = left.parts.iter().map(|part| part.amount).sum();
    let stored = StoredCommission {
        id: found.id,
        new: found.new,
        split_from: found.split_from,
        divided: found.divided,
        left,
    };
    Ok(Some((stored, next)))
}

async fn by_source(conn: &mut Conn, source: &str) -> Result<Option<Found>, Error> {
    let row = sqlx::query(
        "select id, kind, earned_on, amount, split_from, original_id
           from commissions where source = $1",
    )
    .bind(source)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let id = id(source, row.try_get(0)?)?;
    let original = self::id(source, row.try_get(5)?)?;
    let (on, split_from): (String, String) = (row.try_get(2)?, row.try_get(4)?);
    let amount = Paise(row.try_get(3)?);
    let parts = sqlx::query(
        "select party, basis_points, amount from commission_parts
          where commission_id = $1 order by position",
    )
    .bind(id.to_string())
    .fetch_all(conn)
    .await?;
    let mut divided = Divided {
        amount,
        parts: Vec::with_capacity(parts.len()),
    };
    for part in parts {
        let points: i64 = part.try_get(1)?;
        divided.parts.push(Part {
            party: part.try_get(0)?,
            basis_points: u32::try_from(points)
                .map_err(|_| damaged(source, "its basis points do not read"))?,
            amount: Paise(part.try_get(2)?),
        });
    }
    Ok(Some(Found {
        id,
        new: NewCommission {
            source: source.to_owned(),
            kind: row.try_get(1)?,
            on: date(source, &on)?,
            amount,
        },
        split_from: date(source, &split_from)?,
        reverses: (original != id).then_some(original),
        divided,
    }))
}

fn id(source: &str, text: &str) -> Result<CommissionId, Error> {
    text.parse()
        .map_err(|_| damaged(source, "its id does not read"))
}

fn date(row: &str, text: &str) -> Result<Date, Error> {
    text.parse()
        .map_err(|_| damaged(row, "a date of it does not read"))
}

fn damaged(row: &str, what: &str) -> Error {
    Error::Damaged {
        table: "commissions",
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
