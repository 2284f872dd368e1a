//! What Meta charges: one row for each message delivered, and their sums.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::outbox::{OutboxState, StatusMove};
use crate::clock::ist;
use crate::storage::{Conn, Error, padded, sql, values};
use crate::whatsapp::rates::tiers::Tier;
use crate::whatsapp::rates::{self, Pricing};

/// A message that was delivered, and what Meta said of its price.
#[derive(Clone, Copy)]
struct Delivered<'a> {
    id: &'a str,
    at: i64,
    pricing: &'a Pricing,
}

impl Delivered<'_> {
    fn order(&self) -> (i64, &str, &str) {
        (self.at, &self.pricing.category, &self.pricing.kind)
    }
}

/// Puts down what delivered messages cost, each once, as the earliest status says that
/// tells of it: Meta says it again with every status that follows. It is paid for whoever
/// the contact proved to be.
pub(in crate::pipeline) async fn charge(
    conn: &mut Conn,
    moves: &[StatusMove],
) -> Result<(), Error> {
    let mut delivered: BTreeMap<&str, Delivered<'_>> = BTreeMap::new();
    for update in moves {
        let (Some(id), Some(pricing)) = (update.id.as_deref(), update.pricing.as_ref()) else {
            continue;
        };
        if update.state.rank() < OutboxState::Delivered.rank() {
            continue;
        }
        let at = update.at;
        let one = Delivered { id, at, pricing };
        let known = delivered.entry(id).or_insert(one);
        if one.order() < known.order() {
            *known = one;
        }
    }
    let delivered: Vec<_> = delivered.into_values().collect();
    for run in padded(&delivered, 7) {
        // No row may meet itself in an upsert, so what fills the statement up is dropped.
        let text = format!(
            "insert into message_costs (outbox_id, contact_id, purpose, category, kind,
                                        delivered_at, month, millipaise, card)
             select distinct o.id, coalesce(c.merged_into, o.contact_id), o.purpose, v.column2,
                    v.column3, v.column4, v.column5, v.column6, v.column7
               from (values {}) as v
               join outbox o on o.id = v.column1
               join contacts c on c.id = o.contact_id
              where true
             on conflict (outbox_id) do update
                set category = excluded.category, kind = excluded.kind,
                    delivered_at = excluded.delivered_at, month = excluded.month,
                    millipaise = excluded.millipaise, card = excluded.card
              where excluded.delivered_at < message_costs.delivered_at
                 or (excluded.delivered_at = message_costs.delivered_at
                     and (excluded.category < message_costs.category
                          or (excluded.category = message_costs.category
                              and excluded.kind < message_costs.kind)))",
            values(run.len(), 7)
        );
        let mut query = sqlx::query(sql(text));
        for one in run.filled() {
            let day = Timestamp::from_millisecond(one.at).unwrap_or_default();
            let day = day.to_zoned(ist()).date();
            let price = rates::price(one.pricing, day);
            query = query
                .bind(one.id)
                .bind(&one.pricing.category)
                .bind(&one.pricing.kind)
                .bind(one.at)
                .bind(format!("{:04}-{:02}", day.year(), day.month()))
                .bind(price.map(|(millipaise, _)| millipaise))
                .bind(price.map(|(_, card)| card.to_string()));
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// What messages to a contact cost; `$1` is the contact. Whatever was delivered had been
/// accepted, and an index has that.
pub(super) const OF_CONTACT: &str = "outbox_id in (select id from outbox
                                  where contact_id = $1 and accepted_at is not null)";

/// Lets what was paid count for whoever each of these contacts, and who they were found to
/// be one with, is by now.
pub(in crate::pipeline) async fn follow(
    conn: &mut Conn,
    contacts: &BTreeSet<String>,
) -> Result<(), Error> {
    let mut selves = BTreeSet::new();
    for contact in contacts {
        let found: Vec<(String, String)> = sqlx::query_as(
            "select id, coalesce(merged_into, id) from contacts where id = $1
             union select id, merged_into from contacts where merged_into = $1",
        )
        .bind(contact)
        .fetch_all(&mut *conn)
        .await?;
        selves.extend(found);
    }
    for (contact, root) in selves {
        sqlx::query(sql(follow_text()))
            .bind(contact)
            .bind(root)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub(super) fn follow_text() -> String {
    format!("update message_costs set contact_id = $2 where {OF_CONTACT}")
}

/// What some messages of a month cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// What they are grouped by: purpose, or contact.
    pub of: String,
    /// Meta's category.
    pub category: String,
    /// Messages delivered.
    pub messages: i64,
    /// Those of them that cost nothing.
    pub free: i64,
    /// Those of them that the rate card has no rate for.
    pub unrated: i64,
    /// Thousandths of a paisa, without tax.
    pub millipaise: i64,
}

/// A month, and what of it does not cost its list rate.
#[derive(Debug, Clone, Copy)]
pub struct Month<'a> {
    /// As `2026-11`.
    pub name: &'a str,
    /// Answers that are free.
    pub allowance: i64,
    /// Tiers that count in it, those of the greatest volume first.
    pub tiers: &'a [&'a Tier],
}

/// Returns what a month cost by purpose and category.
pub async fn costs_by_purpose(conn: &mut Conn, month: Month<'_>) -> Result<Vec<Cost>, Error> {
    costs(conn, "purpose", "purpose, category", month).await
}

/// Returns what a month cost by contact and category, the dearest first.
pub async fn costs_by_conversation(conn: &mut Conn, month: Month<'_>) -> Result<Vec<Cost>, Error> {
    let order = "6 desc, contact_id, category";
    costs(conn, "contact_id", order, month).await
}

async fn costs(
    conn: &mut Conn,
    group: &'static str,
    order: &'static str,
    month: Month<'_>,
) -> Result<Vec<Cost>, Error> {
    // The first answers of a month are free, whatever order their statuses came in. What
    // came by an advertisement is free anyway and uses nothing up. Only what is charged counts
    // towards a tier.
    let mut tiers = String::new();
    for at in 0..month.tiers.len() {
        let (category, after, millipaise) = (3 + 3 * at, 4 + 3 * at, 5 + 3 * at);
        // Writing into a text does not fail.
        let _ = write!(
            tiers,
            " when category = ${category} and millipaise > 0 and charged_nth > ${after}
                   then cast(${millipaise} as bigint)"
        );
    }
    let text = format!(
        "select {group}, category, count(*),
                cast(coalesce(sum(case when charge = 0 then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when charge is null then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(charge), 0) as bigint)
           from (select {group}, category,
                        case when category = 'service' and kind <> 'free_entry_point'
                                  and nth <= $2 then 0{tiers} else millipaise end as charge
                   from (select {group}, category, kind, millipaise,
                                row_number() over (
                                    partition by category,
                                        case when millipaise > 0 then 1 else 0 end
                                    order by delivered_at, outbox_id) as charged_nth,
                                row_number() over (
                                    partition by category,
                                        case when kind = 'free_entry_point' then 1 else 0 end
                                    order by delivered_at, outbox_id) as nth
                           from message_costs where month = $1) counted) priced
          group by {group}, category
          order by {order}"
    );
    let mut query = sqlx::query(sql(text))
        .bind(month.name)
        .bind(month.allowance);
    for tier in month.tiers {
        query = query
            .bind(&tier.category)
            .bind(tier.after)
            .bind(tier.millipaise);
    }
    let rows = query.fetch_all(conn).await?;
    let cost = |row: &AnyRow| Cost {
        of: row.get(0),
        category: row.get(1),
        messages: row.get(2),
        free: row.get(3),
        unrated: row.get(4),
        millipaise: row.get(5),
    };
    Ok(rows.iter().map(cost).collect())
}
