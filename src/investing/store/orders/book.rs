//! Orders.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{
    Stamp, damaged, insert_history, instant, key_of, open_json, seal_json, word, write_back,
};
use crate::id::{ContactId, InstalmentId, OrderId};
use crate::investing::gateway::port::Reference;
use crate::investing::money::Paise;
use crate::investing::orders::flags::Before;
use crate::investing::orders::limits::{History, day_of};
use crate::investing::orders::order::{Order, Submission};
use crate::investing::orders::{OrderKind, OrderStatus, Quantity};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::read;
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error, sql};

const TABLE: &str = "orders";
const SELECT: &str = "select o.id, o.contact_id, o.draft_id, o.plan_id, o.instalment_id, o.kind,
        o.scheme, o.target, o.quantity, o.amount, o.units, o.mandate_id, o.status, o.submission,
        o.asked_at, o.reference, o.gateway_id, o.reason, o.paid, o.details, o.made_at, o.version,
        k.id, k.wrapped_by, k.wrapped
   from orders o join contacts c on c.id = o.contact_id join keys k on k.id = c.key_id";
const KEY: usize = 22;

fn place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "details",
        row,
    }
}

/// Inserts an order unless its draft or instalment has one; returns whether it is new.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    keys: &Keyring,
    order: &Order,
    gateway: &str,
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<bool, Error> {
    let key = key_of(conn, keys, order.contact).await?;
    let id = order.id.to_string();
    let (quantity, amount, units) = match order.quantity {
        Quantity::Amount(amount) => ("amount", Some(amount.0), None),
        Quantity::Units(units) => ("units", None, Some(units.normalize().to_string())),
        Quantity::All => ("all", None, None),
    };
    let (plan, instalment) = order.instalment.unzip();
    let inserted = sqlx::query(
        "insert into orders (id, contact_id, draft_id, plan_id, instalment_id, kind, scheme, target,
                             quantity, amount, units, mandate_id, status, submission, asked_at,
                             reference, gateway, gateway_id, reason, paid, details, day,
                             confirmed_by, made_at, poll_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(order.contact.to_string())
    .bind(order.draft.map(|draft| draft.to_string()))
    .bind(plan.map(|plan| plan.to_string()))
    .bind(instalment.map(|instalment| instalment.to_string()))
    .bind(order.kind.as_str())
    .bind(i64::from(order.scheme.0))
    .bind(order.target.map(|target| i64::from(target.0)))
    .bind(quantity)
    .bind(amount)
    .bind(units)
    .bind(order.mandate.map(|mandate| mandate.to_string()))
    .bind(order.status.as_str())
    .bind(order.submission.as_str())
    .bind(order.asked_at.map(jiff::Timestamp::as_millisecond))
    .bind(&order.reference.0)
    .bind(gateway)
    .bind(&order.gateway_id)
    .bind(&order.reason)
    .bind(order.paid.map(|paid| paid.0))
    .bind(seal_json(&key, place(&id), &order.details))
    .bind(day_of(order.made_at))
    .bind(stamp.by)
    .bind(order.made_at.as_millisecond())
    .bind(poll_at)
    .bind(order.version)
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    insert_history(conn, &id, order.version, order.status.as_str(), stamp).await?;
    Ok(true)
}

/// Writes an order back over the version it was read at, and raises that; whoever else
/// changed it in between, or gave it to another contact, makes this run again.
pub(in crate::investing) async fn update(
    conn: &mut Conn,
    keys: &Keyring,
    (before, order): (&Order, &mut Order),
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    order.version = before.version + 1;
    let key = key_of(conn, keys, order.contact).await?;
    let id = order.id.to_string();
    let update = sqlx::query(
        "update orders
            set status = $3, submission = $4, asked_at = $5, gateway_id = $6, reason = $7,
                paid = $8, details = $9, poll_at = $10, version = version + 1
          where id = $1 and version = $2 and contact_id = $11",
    )
    .bind(&id)
    .bind(before.version)
    .bind(order.status.as_str())
    .bind(order.submission.as_str())
    .bind(order.asked_at.map(jiff::Timestamp::as_millisecond))
    .bind(&order.gateway_id)
    .bind(&order.reason)
    .bind(order.paid.map(|paid| paid.0))
    .bind(seal_json(&key, place(&id), &order.details))
    .bind(poll_at)
    .bind(order.contact.to_string());
    let row = (&*id, order.version);
    let statuses = (before.status.as_str(), order.status.as_str());
    write_back(conn, "the order", row, statuses, update, stamp).await
}

pub(in crate::investing) async fn find(
    conn: &mut Conn,
    keys: &Keyring,
    id: OrderId,
) -> Result<Option<Order>, Error> {
    one(conn, keys, "o.id = $1", &id.to_string()).await
}

pub(in crate::investing) async fn find_by_reference(
    conn: &mut Conn,
    keys: &Keyring,
    reference: &Reference,
) -> Result<Option<Order>, Error> {
    one(conn, keys, "o.reference = $1", &reference.0).await
}

pub(in crate::investing) async fn find_by_gateway(
    conn: &mut Conn,
    keys: &Keyring,
    gateway: &str,
    gateway_id: &str,
) -> Result<Option<Order>, Error> {
    let text = format!("{SELECT} where o.gateway_id = $1 and o.gateway = $2");
    let row = sqlx::query(sql(text))
        .bind(gateway_id)
        .bind(gateway)
        .fetch_optional(conn)
        .await?;
    row.map(|row| of(&row, keys)).transpose()
}

pub(in crate::investing) async fn find_by_instalment(
    conn: &mut Conn,
    keys: &Keyring,
    id: InstalmentId,
) -> Result<Option<Order>, Error> {
    one(conn, keys, "o.instalment_id = $1", &id.to_string()).await
}

async fn one(
    conn: &mut Conn,
    keys: &Keyring,
    condition: &'static str,
    value: &str,
) -> Result<Option<Order>, Error> {
    let text = format!("{SELECT} where {condition}");
    let row = sqlx::query(sql(text))
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.map(|row| of(&row, keys)).transpose()
}

/// Lists a contact's orders, newest first, those before an id if one is given.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
    before: Option<OrderId>,
    most: i64,
) -> Result<Vec<Order>, Error> {
    let text = format!(
        "{SELECT} where o.contact_id = $1 and ($2 = '' or o.id < $2) order by o.id desc limit $3"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .bind(before.map(|id| id.to_string()).unwrap_or_default())
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

/// Lists the orders that instalments of a contact's plans made, oldest first.
pub(in crate::investing) async fn list_of_plans(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<Vec<Order>, Error> {
    let text = format!("{SELECT} where o.contact_id = $1 and o.plan_id is not null order by o.id");
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

/// Lists a contact's orders that take units out of a scheme and are not decided yet.
pub(in crate::investing) async fn list_leaving(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
    scheme: SchemeCode,
) -> Result<Vec<Order>, Error> {
    let text = format!(
        "{SELECT} where o.contact_id = $1 and o.scheme = $2 and o.kind in ('redemption', 'switch')
            and o.status in ('created', 'awaiting_authorisation', 'awaiting_payment',
                             'payment_processing', 'sent_to_rta')"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .bind(i64::from(scheme.0))
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

/// Returns the money of a contact's purchases of a day that did not come to nothing.
/// Instalments do not count: their mandate limits them.
pub(in crate::investing) async fn purchased_on(
    conn: &mut Conn,
    contact: ContactId,
    day: &str,
) -> Result<Paise, Error> {
    let sum: i64 = sqlx::query_scalar(
        "select cast(coalesce(sum(amount), 0) as bigint) from orders
          where contact_id = $1 and day = $2 and kind = 'purchase' and draft_id is not null
            and status not in ('rejected', 'cancelled', 'expired', 'refund_due', 'refunded')",
    )
    .bind(contact.to_string())
    .bind(day)
    .fetch_one(conn)
    .await?;
    Ok(Paise(sum))
}

/// Lists a contact's switches into a scheme since a day, those of transfer plans among
/// them, that did not come to nothing.
pub(in crate::investing) async fn list_switched_since(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
    scheme: SchemeCode,
    since: Option<Date>,
) -> Result<Vec<Order>, Error> {
    let text = format!(
        "{SELECT} where o.contact_id = $1 and o.target = $2 and o.day >= $3 and o.kind = 'switch'
            and o.status not in ('rejected', 'cancelled', 'expired', 'refund_due', 'refunded')"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .bind(i64::from(scheme.0))
        .bind(since.map(|day| day.to_string()).unwrap_or_default())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

/// Returns the money of a contact's purchases of a scheme since a day that did not come to
/// nothing, with or without the instalments among them.
pub(in crate::investing) async fn purchased_since(
    conn: &mut Conn,
    contact: ContactId,
    scheme: SchemeCode,
    since: Option<Date>,
    with_instalments: bool,
) -> Result<Paise, Error> {
    let only = if with_instalments {
        ""
    } else {
        " and draft_id is not null"
    };
    let text = format!(
        "select cast(coalesce(sum(amount), 0) as bigint) from orders
          where contact_id = $1 and scheme = $2 and day >= $3 and kind = 'purchase'{only}
            and status not in ('rejected', 'cancelled', 'expired', 'refund_due', 'refunded')"
    );
    let sum: i64 = sqlx::query_scalar(sql(text))
        .bind(contact.to_string())
        .bind(i64::from(scheme.0))
        .bind(since.map(|day| day.to_string()).unwrap_or_default())
        .fetch_one(conn)
        .await?;
    Ok(Paise(sum))
}

/// Returns how much history there is.
pub(in crate::investing) async fn history_of(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<History, Error> {
    let row = sqlx::query(
        "select count(*), min(made_at) from orders
          where contact_id = $1 and status in ('allotted', 'redeemed_paid')",
    )
    .bind(contact.to_string())
    .fetch_one(conn)
    .await?;
    let first: Option<i64> = row.try_get(1)?;
    let first = first.map(|at| instant(TABLE, "min(made_at)", at));
    Ok(History {
        allotted: row.try_get(0)?,
        first: first.transpose()?,
    })
}

fn of(row: &AnyRow, keys: &Keyring) -> Result<Order, Error> {
    let id: String = row.try_get(0)?;
    let text = |at: usize| row.try_get::<String, _>(at);
    let maybe = |at: usize| row.try_get::<Option<String>, _>(at);
    let number = |at: usize| row.try_get::<Option<i64>, _>(at);
    let sealed: Vec<u8> = row.try_get(19)?;
    let details = open_json(row, KEY, place(&id), &sealed, keys)?;
    let code = |number: i64| {
        let code = u32::try_from(number).map(SchemeCode);
        code.map_err(|_| damaged(TABLE, &id, "its scheme is no code"))
    };
    let quantity = match (text(8)?.as_str(), number(9)?, maybe(10)?) {
        ("amount", Some(amount), _) => Quantity::Amount(Paise(amount)),
        ("units", _, Some(units)) => Quantity::Units(read::<Decimal>(TABLE, &id, &units)?),
        ("all", ..) => Quantity::All,
        _ => return Err(damaged(TABLE, &id, "no quantity")),
    };
    let plan = maybe(3)?.map(|plan| read(TABLE, &id, &plan)).transpose()?;
    let instalment = maybe(4)?.map(|one| read(TABLE, &id, &one)).transpose()?;
    let asked = number(14)?.map(|at| instant(TABLE, &id, at)).transpose()?;
    Ok(Order {
        id: read(TABLE, &id, &id)?,
        contact: read(TABLE, &id, &text(1)?)?,
        draft: maybe(2)?.map(|one| read(TABLE, &id, &one)).transpose()?,
        instalment: plan.zip(instalment),
        kind: word(TABLE, &id, &text(5)?, OrderKind::parse)?,
        scheme: code(row.try_get(6)?)?,
        target: number(7)?.map(code).transpose()?,
        quantity,
        mandate: maybe(11)?.map(|one| read(TABLE, &id, &one)).transpose()?,
        status: word(TABLE, &id, &text(12)?, OrderStatus::parse)?,
        submission: word(TABLE, &id, &text(13)?, Submission::parse)?,
        asked_at: asked,
        reference: Reference(text(15)?),
        gateway_id: maybe(16)?,
        reason: maybe(17)?,
        paid: number(18)?.map(Paise),
        details,
        made_at: instant(TABLE, &id, row.try_get(20)?)?,
        version: row.try_get(21)?,
    })
}

/// Returns what the investor of an order bought before it.
pub(in crate::investing) async fn bought_before(
    conn: &mut Conn,
    order: &Order,
    lately: Timestamp,
    now: Timestamp,
) -> Result<Before, Error> {
    const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
    let row = sqlx::query(
        "select cast(coalesce(max(amount), 0) as bigint),
                cast(coalesce(sum(case when made_at > $3 then 1 else 0 end), 0) as bigint)
           from orders
          where contact_id = $1 and id <> $2 and kind = 'purchase' and draft_id is not null
            and made_at > $4",
    )
    .bind(order.contact.to_string())
    .bind(order.id.to_string())
    .bind(lately.as_millisecond())
    .bind((now - YEAR).as_millisecond())
    .fetch_one(conn)
    .await?;
    Ok(Before {
        largest: Paise(row.try_get(0)?),
        lately: row.try_get(1)?,
    })
}
