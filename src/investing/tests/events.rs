//! Events over a real database.

use super::rig::{TestDb, at};
use crate::id::ContactId;
use crate::investing::events::{Event, What, mark_told, record, untold};

fn changed(contact: ContactId, key: &str) -> Event {
    Event {
        contact,
        key: key.to_owned(),
        what: What::KycChanged {
            state: "verified".to_owned(),
        },
    }
}

async fn recorded(rig: &TestDb, event: Event) -> bool {
    let input = (rig.keys.clone(), rig.ids.clone(), event);
    let run = rig.db.write(input, |conn, (keys, ids, event)| {
        Box::pin(async move { record(conn, keys, ids, event, at("2026-08-24T04:30:00Z")).await })
    });
    run.await.unwrap()
}

#[tokio::test]
async fn an_event_is_recorded_once_told_once_and_in_order() {
    let rig = TestDb::new(1).await;
    let people = rig.contacts(1, 2).await;
    assert!(recorded(&rig, changed(people[0], "a")).await);
    assert!(recorded(&rig, changed(people[1], "b")).await);
    assert!(!recorded(&rig, changed(people[1], "a")).await);
    let mut conn = rig.db.read().await.unwrap();
    let events = untold(&mut conn, &rig.keys, 10, &[]).await.unwrap();
    let events: Vec<_> = events.into_iter().map(Result::unwrap).collect();
    drop(conn);
    let keys: Vec<_> = events.iter().map(|e| e.event.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(events[0].event, changed(people[0], "a"));
    let id = events[0].id;
    for first in [true, false] {
        let told = rig.db.write(id, |conn, id| {
            Box::pin(mark_told(conn, *id, at("2026-08-24T04:31:00Z")))
        });
        assert_eq!(told.await.unwrap(), first);
    }
    let mut conn = rig.db.read().await.unwrap();
    let left = untold(&mut conn, &rig.keys, 10, &[]).await.unwrap();
    assert_eq!(left.len(), 1);
    let left_out = [left[0].as_ref().unwrap().id];
    let none = untold(&mut conn, &rig.keys, 10, &left_out).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn nothing_is_recorded_of_somebody_who_was_erased() {
    let rig = TestDb::new(1).await;
    let person = rig.contacts(1, 1).await[0];
    assert!(recorded(&rig, changed(person, "a")).await);
    let erase = rig.db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query(
                "update keys set wrapped = null, destroyed_at = 1 where purpose = 'contact'",
            )
            .execute(conn)
            .await?;
            Ok(())
        })
    });
    erase.await.unwrap();
    assert!(!recorded(&rig, changed(person, "b")).await);
    let mut conn = rig.db.read().await.unwrap();
    let left = untold(&mut conn, &rig.keys, 10, &[]).await.unwrap();
    assert!(left.is_empty());
}
