//! Answers of the exchange that arrive after newer ones were put on record.

use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt;
use sqlx::Row;
use tokio::sync::Notify;

use super::plans::{until, view};
use super::rig::{Rig, no_limits};
use crate::id::PlanId;
use crate::investing::orders::service::Sent;
use crate::investing::orders::{Frequency, MandateStatus, PlanKind, PlanStatus};
use crate::storage::Error;

async fn running() -> (Rig, PlanId) {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-10").await;
    (rig, plan)
}

/// The exchange has answered, and its answer is on its way until the returned is told.
async fn is_answered<T: std::fmt::Debug>(
    rig: &Rig,
    call: &mut Pin<Box<impl Future<Output = T>>>,
) -> Arc<Notify> {
    let arrives = Arc::new(Notify::new());
    rig.exchange.state().slow = Some(Arc::clone(&arrives));
    while rig.exchange.state().slow.is_some() {
        assert!(call.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    arrives
}

#[tokio::test]
async fn an_answer_from_before_a_pause_does_not_undo_it() {
    let (rig, plan) = running().await;
    let (who, id) = (rig.people[0], plan.to_string());
    let mut look = Box::pin(rig.dealing.look_at(&id));
    let arrives = is_answered(&rig, &mut look).await;
    rig.dealing.pause_plan(who, plan, 2, "chat").await.unwrap();
    rig.run_jobs().await;
    assert_eq!(view(&rig, who, plan).await.plan.status, PlanStatus::Paused);
    arrives.notify_one();
    assert!(matches!(look.await, Err(Error::Again(_))));
    rig.dealing.look_at(&id).await.unwrap();
    let paused = view(&rig, who, plan).await.plan;
    assert_eq!((paused.status, paused.pause_left), (PlanStatus::Paused, 2));
    let told = "select count(*) from business_events where kind = 'plan_resumed'";
    assert_eq!(rig.count(told).await, 0);
}

#[tokio::test]
async fn an_answer_about_a_mandate_from_before_one_that_changed_nothing_is_read_again() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.mandate(rig.people[0]).await.to_string();
    let say = |status| {
        let mut state = rig.exchange.state();
        state.mandates.values_mut().next().unwrap().status = status;
    };
    say(MandateStatus::Paused);
    let mut look = Box::pin(rig.dealing.look_at(&id));
    let arrives = is_answered(&rig, &mut look).await;
    say(MandateStatus::Active);
    rig.dealing.look_at(&id).await.unwrap();
    arrives.notify_one();
    assert!(matches!(look.await, Err(Error::Again(_))));
    let active = "select count(*) from mandates where status = 'active'";
    assert_eq!(rig.count(active).await, 1);
}

#[tokio::test]
async fn what_a_change_came_to_is_read_where_its_answer_was_overtaken() {
    let (rig, plan) = running().await;
    let who = rig.people[0];
    rig.dealing.pause_plan(who, plan, 2, "chat").await.unwrap();
    let mut conn = rig.base.db.read().await.unwrap();
    let change = sqlx::query("select id from plan_changes");
    let change: String = change.fetch_one(&mut *conn).await.unwrap().get(0);
    drop(conn);
    let mut run = Box::pin(rig.dealing.run_change(&change));
    let arrives = is_answered(&rig, &mut run).await;
    let overtaken = rig.base.db.write((), |conn, ()| {
        Box::pin(async move {
            let text = "update plans set version = version + 1";
            Ok(sqlx::query(text).execute(conn).await?.rows_affected())
        })
    });
    overtaken.await.unwrap();
    arrives.notify_one();
    assert!(matches!(run.await, Err(Error::Again(_))));
    let calls = rig.exchange.state().calls;
    assert_eq!(rig.dealing.run_change(&change).await.unwrap(), Sent::Done);
    assert_eq!(view(&rig, who, plan).await.plan.status, PlanStatus::Paused);
    assert_eq!(
        rig.exchange.state().calls,
        calls,
        "it is not asked for twice"
    );
    let done = "select count(*) from plan_changes where state = 'done'";
    assert_eq!(rig.count(done).await, 1);
}
