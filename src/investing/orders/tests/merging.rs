//! Two contacts prove to be one person while something of theirs is under way.

use std::sync::Arc;

use super::rig::{Rig, no_limits};
use crate::contacts::store::{Merge, load};
use crate::investing::move_dealings;
use crate::investing::orders::{Frequency, PlanKind};
use crate::investing::store::orders::{Stamp, book, mandates, plans};
use crate::storage::{Conn, Error};

/// Gives what the first of the rig's people had done to the second.
async fn merge(conn: &mut Conn, rig: &Rig) -> Result<(), Error> {
    let rows = [rig.people[0].to_string(), rig.people[1].to_string()];
    let loaded = load(conn, &rig.base.keys, &rows).await?;
    let merge = Merge {
        from: (rig.people[0], &loaded[&rows[0]].key),
        into: (rig.people[1], &loaded[&rows[1]].key),
        lock_rows: rig.base.db.lock_rows(),
    };
    move_dealings(conn, merge).await
}

#[tokio::test]
async fn what_was_read_before_its_investor_proved_to_be_another_is_read_again() {
    let rig = Arc::new(Rig::new(2, no_limits()).await);
    let [from, into] = [rig.people[0], rig.people[1]];
    let order = rig.order(from, 5_000_00).await;
    let mandate = rig.mandate(from).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-10-05");
    let plan = rig.plan(from, terms, Some(mandate)).await;
    let input = (Arc::clone(&rig), order, plan, mandate);
    let run = rig
        .base
        .db
        .write(input, |conn, (rig, order, plan, mandate)| {
            Box::pin(async move {
                let keys = &rig.base.keys;
                let read_order = book::find(conn, keys, *order).await?.unwrap();
                let read_plan = plans::find(conn, keys, *plan).await?.unwrap();
                let read_mandate = mandates::find(conn, *mandate).await?.unwrap();
                merge(conn, rig).await?;
                let by = Stamp {
                    now: rig.clock.now(),
                    by: "gateway",
                    detail: None,
                };
                let mut late = (read_order.clone(), read_plan.clone(), read_mandate.clone());
                let late = [
                    book::update(conn, keys, (&read_order, &mut late.0), None, &by).await,
                    plans::update(conn, (&read_plan, &mut late.1), None, &by).await,
                    mandates::update(conn, (&read_mandate, &mut late.2), None, &by).await,
                ];
                for end in late {
                    assert!(matches!(end, Err(Error::Again(_))), "{end:?}");
                }
                // Whoever reads it again gets on.
                let before = book::find(conn, keys, *order).await?.unwrap();
                book::update(conn, keys, (&before, &mut before.clone()), None, &by).await?;
                let again = book::find(conn, keys, *order).await?.unwrap();
                Ok((
                    again,
                    read_order,
                    plans::find(conn, keys, *plan).await?.unwrap(),
                ))
            })
        });
    let (again, read, plan) = run.await.unwrap();
    assert_eq!((again.contact, again.details), (into, read.details));
    assert_eq!(plan.contact, into);
}
