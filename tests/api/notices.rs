//! What happened with somebody's money reaches their phone through the whole service.

use jiff::civil::Date;
use sipbrewery::clock::ist;
use sipbrewery::id::{ContactId, InstalmentId, PlanId};
use sipbrewery::investing::events::{Event, What, record};
use sipbrewery::investing::orders::BounceReason;
use sipbrewery::investing::{Paise, SchemeCode};
use sipbrewery::notifications::service::create_calendar_link;

use crate::harness::TestApp;

const ASHA: &str = "919000000000";
/// HDFC Flexi Cap Fund, regular plan, growth.
const SCHEME: SchemeCode = SchemeCode(101_762);

fn failed(app: &TestApp, on: Date) -> What {
    let (ids, now) = (&app.app.ground.ids, app.app.ground.clock.now());
    What::InstalmentFailed {
        plan: ids.next::<PlanId>(now),
        instalment: ids.next::<InstalmentId>(now),
        scheme: SCHEME,
        amount: Paise(500_000),
        on,
        reason: BounceReason::InsufficientFunds,
        left: 2,
    }
}

async fn happens(app: &TestApp, contact: ContactId, key: &str, what: What) -> bool {
    let event = Event {
        contact,
        key: key.to_owned(),
        what,
    };
    let ground = &app.app.ground;
    let recorded = ground
        .db
        .write((ground.clone(), event), |conn, (ground, event)| {
            Box::pin(async move {
                let now = ground.clock.now();
                record(conn, &ground.keys, &ground.ids, event, now).await
            })
        });
    let is_new = recorded.await.expect("the event is recorded");
    ground.wakes.events.wake();
    is_new
}

#[tokio::test]
async fn a_failed_instalment_is_told_on_the_phone_once_at_any_hour() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    let today = app.app.ground.clock.now().to_zoned(ist()).date();
    assert!(happens(&app, contact, "failed:1", failed(&app, today)).await);
    assert!(!happens(&app, contact, "failed:1", failed(&app, today)).await);
    let told = app.next_reply(ASHA).await;
    for part in [
        "HDFC Flexi Cap Fund",
        "₹5,000.00",
        "too little money",
        "2 more",
    ] {
        assert!(told.text.contains(part), "{}", told.text);
    }
    let delivered = "select count(*) from outbox where lane = 'utility'
                      and state in ('delivered', 'read')";
    app.until(delivered, 1).await;
    assert_eq!(app.scalar("select count(*) from notices").await, 1);
    app.stop().await;
}

#[tokio::test]
async fn a_calendar_is_served_by_its_link_until_there_is_another() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    let ground = &app.app.ground;
    let link = || async {
        let write = ground
            .db
            .write((ground.clone(), contact), |conn, (ground, contact)| {
                Box::pin(async move {
                    let now = ground.clock.now();
                    create_calendar_link(conn, ground, *contact, now).await
                })
            });
        write.await.expect("the link is made")
    };
    let path = link().await;
    for path in [path.clone(), format!("{path}.ics")] {
        let (status, calendar) = app.get(&path).await;
        assert_eq!(status, 200, "{calendar}");
        assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n"), "{calendar}");
    }
    let (status, _) = app.get(&format!("{path}x")).await;
    assert_eq!(status, 404);
    let another = link().await;
    assert_eq!(app.get(&path).await.0, 404);
    assert_eq!(app.get(&another).await.0, 200);
    app.stop().await;
}
