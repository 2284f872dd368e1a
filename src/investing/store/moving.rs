//! Two contacts turned out to be one person: what one holds, ordered and was told goes to
//! the other.

use jiff::Timestamp;

use super::portfolios::{self, Folio};
use super::seals;
use super::transactions::{self, NewTransaction, Sourced};
use crate::contacts::store::{
    Merge, SealedTable, rehome, rehome_missing, rehome_sealed, rehome_versioned,
};
use crate::id::{ContactId, Ids};
use crate::investing::events::Event;
use crate::investing::folio;
use crate::investing::matching::{self, OnRecord, Stated};
use crate::investing::money::Paise;
use crate::investing::ports::Seal;
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// Moves the folios of one contact to another and seals them anew. Of a folio that both
/// have, the other gets the transactions it lacks. Returns how many folios moved.
pub async fn move_holdings(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    (from, into): (ContactId, ContactId),
    now: Timestamp,
) -> Result<usize, Error> {
    // In one order, so that two that meet do not wait for each other.
    for contact in [from.min(into), from.max(into)] {
        portfolios::lock(conn, contact).await?;
    }
    let old_seal = seals::of(conn, keys, from).await?;
    let new_seal = seals::of(conn, keys, into).await?;
    let mut theirs = portfolios::list_folios(conn, into, &new_seal).await?;
    let mut moved = 0;
    for folio in portfolios::list_folios(conn, from, &old_seal).await? {
        let name = (&*folio.amc, &*folio.personal.number);
        let same = |f: &&mut Folio| folio::is_same((&f.amc, &f.personal.number), name);
        if let Some(same) = theirs.iter_mut().find(same) {
            portfolios::name_holder(conn, same, &folio.personal, &new_seal).await?;
            add_missing(conn, &folio.id, &same.id, (ids, now)).await?;
        } else {
            let plain = serde_json::to_vec(&folio.personal).expect("three texts are JSON");
            let sealed = new_seal.seal(&folio.id, &plain);
            portfolios::rehome_folio(conn, &folio.id, into, sealed).await?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Moves orders, plans, mandates, drafts, the ledger and events of one contact to another
/// and seals them anew.
pub async fn move_dealings(conn: &mut Conn, merge: Merge<'_>) -> Result<(), Error> {
    for table in [
        SealedTable::new("drafts", "terms"),
        SealedTable::new("plans", "details").versioned(),
        SealedTable::new("orders", "details").versioned(),
    ] {
        rehome_sealed(conn, table, merge, Ok).await?;
    }
    // An event says whom it happened to, as well.
    let theirs = |plain: Vec<u8>| {
        let mut event: Event = serde_json::from_slice(&plain).map_err(anyhow::Error::from)?;
        event.contact = merge.into.0;
        Ok(serde_json::to_vec(&event).map_err(anyhow::Error::from)?)
    };
    let events = SealedTable::new("business_events", "payload");
    rehome_sealed(conn, events, merge, theirs).await?;
    rehome_versioned(conn, "mandates", merge).await?;
    for table in ["ledger_entries", "money_operations", "money_allowances"] {
        rehome(conn, table, merge).await?;
    }
    let key = ["kind", "subject"];
    rehome_missing(
        conn,
        "reconciliation_findings",
        &key,
        " and closed_at is null",
        merge,
    )
    .await
}

/// Adds what one folio has and the other lacks, and has the orders that became movements of
/// the one become those of the other. Of an order that a statement has in either, the one
/// that is left is confirmed: its units are in the statement's.
async fn add_missing(
    conn: &mut Conn,
    from: &str,
    into: &str,
    (ids, now): (&Ids, Timestamp),
) -> Result<(), Error> {
    for key in portfolios::copy_schemes(conn, from, into).await? {
        let here = transactions::list_sourced(conn, (into, &key)).await?;
        let there = transactions::list_sourced(conn, (from, &key)).await?;
        let pairs = pair(&here, &there);
        for ((position, theirs), known) in (0..).zip(&there).zip(pairs) {
            let row = &theirs.row;
            let (id, of_order, load) = if let Some(at) = known {
                let same = &here[at].row;
                let load = matching::load_in_amount(same, &row.transaction);
                (same.id.clone(), same.of_order, load)
            } else {
                let new = NewTransaction {
                    transaction: row.transaction.clone(),
                    exit_load: row.exit_load,
                    position,
                    reverses: None,
                };
                let (place, source) = ((into, &*key), &*theirs.source);
                let made = transactions::insert(conn, place, source, &[new], (ids, now)).await?;
                let id = made.into_iter().next();
                let id = id.ok_or(Error::Conflict("a transaction that was not put on record"))?;
                (id, row.of_order, Paise(0))
            };
            if of_order {
                transactions::confirm_like(conn, &id, &row.id, now).await?;
            }
            if theirs.has_order {
                transactions::move_order(conn, (&row.id, &id), load).await?;
            }
        }
    }
    Ok(())
}

/// For each movement `there`, the place of the same one `here`. What two orders became is
/// two movements, however alike: orders choose first, among what is no order's.
fn pair(here: &[Sourced], there: &[Sourced]) -> Vec<Option<usize>> {
    let mut found = vec![None; there.len()];
    for are_orders in [true, false] {
        let is_free = |at: &usize| {
            let is_taken = found.contains(&Some(*at));
            let is_an_orders = are_orders && here[*at].has_order;
            !(is_taken || is_an_orders)
        };
        let free: Vec<_> = (0..here.len()).filter(is_free).collect();
        let rows: Vec<_> = free.iter().map(|at| here[*at].row.clone()).collect();
        let is_next = |at: &usize| there[*at].has_order == are_orders;
        let next: Vec<_> = (0..there.len()).filter(is_next).collect();
        let stated: Vec<_> = next.iter().map(|at| stated(&there[*at].row)).collect();
        for (at, same) in next.into_iter().zip(matching::pair(&rows, &stated)) {
            found[at] = same.map(|same| free[same]);
        }
    }
    found
}

const fn stated(row: &OnRecord) -> Stated<'_> {
    Stated {
        transaction: &row.transaction,
        exit_load: row.exit_load,
        of_order: row.of_order,
    }
}
