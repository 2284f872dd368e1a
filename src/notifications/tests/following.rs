//! Events become notices, each once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join_all;

use super::super::samples;
use super::super::service::Kept;
use super::super::{Kind, Scope, Wish};
use super::rig::{LETTERS, OUTBOX, Rig};
use crate::investing::events::{ReadyFile, What};
use crate::whatsapp::{Header, MediaKind, Outgoing};

const ATTENTION: &str = "select count(*) from attention where kind = 'notice_not_told'";

#[tokio::test]
async fn an_event_becomes_words_in_an_open_window_and_nothing_twice() {
    let rig = Rig::new().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.follow().await;
    let sent = rig.outbox().await;
    let [Outgoing::Text { body }] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(body.contains("12345.678") && body.contains("₹12,34,567.89"));
    assert_eq!(rig.count(LETTERS).await, 0);
    let row = "select count(*) from outbox where lane = 'utility' and purpose = 'money'
                and disclosures like 'market_risk%' and is_template = 0";
    assert_eq!(rig.count(row).await, 1);
}

pub(super) fn statement(mime: &str) -> What {
    What::DocumentReady {
        title: "Account statement".to_owned(),
        link: "https://example.in/documents/x".to_owned(),
        expires: "2026-09-08".parse().unwrap(),
        file: Some(ReadyFile {
            document: "doc_018bcfe568007000800000000000000a".parse().unwrap(),
            mime: mime.to_owned(),
            file_name: "statement.pdf".to_owned(),
            caption: "Worth ₹12,34,567.89".to_owned(),
        }),
    }
}

#[tokio::test]
async fn a_document_goes_itself_and_behind_a_button_once_that_has_failed() {
    let rig = Rig::new().await;
    rig.happens("document:1", statement("application/pdf"))
        .await;
    rig.follow().await;
    let sent = rig.outbox().await;
    let [Outgoing::Media(media)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(media.kind, MediaKind::Document);
    assert_eq!(media.file_name.as_deref(), Some("statement.pdf"));
    assert_eq!(media.caption.as_deref(), Some("Worth ₹12,34,567.89"));

    rig.became(
        "update outbox set state = 'failed', code = 131053 where contact_id = $1 and $2 = 0",
    )
    .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    let sent = rig.outbox().await;
    let [_, Outgoing::Link { body, url, .. }] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(body.contains("Account statement") && !body.contains("https://"));
    assert_eq!(url, "https://example.in/documents/x");
    assert_eq!(rig.count(LETTERS).await, 0);
}

#[tokio::test]
async fn what_whatsapp_does_not_carry_goes_behind_a_button_at_once() {
    let rig = Rig::new().await;
    rig.happens("document:1", statement("application/json"))
        .await;
    rig.follow().await;
    let sent = rig.outbox().await;
    assert!(
        matches!(sent.as_slice(), [Outgoing::Link { .. }]),
        "{sent:?}"
    );
}

#[tokio::test]
async fn outside_the_window_a_document_is_a_template_that_carries_it_or_its_link() {
    for (mime, approved, is_carried) in [
        ("application/pdf", true, true),
        ("application/pdf", false, false),
        ("image/png", true, false),
    ] {
        let rig = Rig::new().await;
        rig.closed().await;
        rig.approves_templates(true).await;
        if !approved {
            rig.became(
                "update message_templates set status = 'PAUSED'
                  where name = 'document_attached' and $1 <> '' and $2 = 0",
            )
            .await;
        }
        rig.happens("document:1", statement(mime)).await;
        rig.follow().await;
        let sent = rig.outbox().await;
        let [Outgoing::Template(template)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        let links = template.words.contains("https://example.in/documents/x");
        assert_eq!(links, !is_carried, "{mime} {approved}");
        let Some(Header::Media { media }) = &template.header else {
            assert!(!is_carried, "{mime} {approved}");
            continue;
        };
        assert_eq!(media.kind, MediaKind::Document);
        assert_eq!(media.file_name.as_deref(), Some("statement.pdf"));
        assert!(template.words.contains("Account statement"));
    }
}

#[tokio::test]
async fn outside_the_window_it_is_a_template_in_their_language() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.became("update contacts set language = 'hi' where id = $1 and $2 = 0")
        .await;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    let sent = rig.outbox().await;
    let [Outgoing::Template(template)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(
        (template.name.as_str(), template.language.as_str()),
        ("instalment_failed", "hi")
    );
    assert!(template.words.contains("₹12,34,567.89"));
    assert_eq!(rig.count("select is_template from outbox").await, 1);
}

#[tokio::test]
async fn without_window_and_template_it_is_a_letter() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.post().await;
    let posted = rig.letters.posted.lock().unwrap().clone();
    assert_eq!(posted.len(), 1);
    let letter = &posted[0].1;
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("asha@example.in", "Units are allotted")
    );
    assert!(letter.body.contains("12345.678") && letter.body.contains("ARN-118822"));
    assert!(
        !letter.may_be_declined,
        "an allotment is not to be declined"
    );
    assert_eq!(rig.count(OUTBOX).await, 0);
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told"]);
}

#[tokio::test]
async fn with_no_way_at_all_it_waits_for_the_window_and_then_goes_to_a_person() {
    let rig = Rig::new().await;
    rig.closed().await;
    *rig.world.email.lock().unwrap() = None;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.happens("allotted:2", samples::allotted()).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["waiting", "waiting"]);
    rig.at("2026-09-06T12:00:00");
    rig.wrote(rig.ground.clock.now()).await;
    rig.follow().await;
    assert_eq!(
        (rig.count(OUTBOX).await, rig.count(ATTENTION).await),
        (2, 0)
    );

    rig.happens("allotted:3", samples::allotted()).await;
    rig.wrote(super::rig::noon() - jiff::SignedDuration::from_hours(30))
        .await;
    rig.follow().await;
    rig.at("2026-10-07T12:00:00");
    rig.happens("allotted:4", samples::allotted()).await;
    rig.follow().await;
    assert_eq!(rig.states().await[2..], ["shown", "waiting"]);
    assert_eq!(rig.count(ATTENTION).await, 1);
}

#[tokio::test]
async fn a_reminder_that_came_too_late_is_left_out() {
    let rig = Rig::new().await;
    rig.happens("due:1", samples::due()).await;
    rig.at("2026-09-06T09:00:00");
    rig.follow().await;
    assert_eq!(rig.states().await, ["lapsed"]);
    assert_eq!(
        (rig.count(OUTBOX).await, rig.count(ATTENTION).await),
        (0, 0)
    );
}

#[tokio::test]
async fn wishes_are_kept_by_kind_and_the_required_cannot_be_switched_off() {
    let rig = Rig::new().await;
    assert_eq!(rig.wishes(Scope::Every, Wish::Nowhere).await, Kept::Yes);
    let failed = Scope::Only(Kind::InstalmentFailed);
    assert_eq!(rig.wishes(failed, Wish::Nowhere).await, Kept::IsRequired);
    assert_eq!(
        rig.wishes(Scope::Only(Kind::OrderAllotted), Wish::Email)
            .await,
        Kept::Yes
    );
    rig.happens("debited:1", samples::debited()).await;
    rig.happens("failed:1", samples::failed(1)).await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["declined", "handed", "handed"]);
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
    let kept = "select count(*) from notice_wishes";
    assert_eq!(rig.count(kept).await, 2);
    let audited = "select count(*) from audit where action like 'notices_%'";
    assert_eq!(rig.count(audited).await, 2);
}

#[tokio::test]
async fn nobody_is_woken_at_night_but_for_what_can_only_be_mended_today() {
    let rig = Rig::new().await;
    rig.at("2026-09-05T22:00:00");
    rig.wrote(rig.ground.clock.now()).await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.happens("failed:1", samples::failed(1)).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["waiting", "handed"]);
    rig.at("2026-09-06T07:59:59");
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 1);
    rig.at("2026-09-06T08:00:00");
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 2);
}

#[tokio::test]
async fn what_was_to_go_at_any_hour_rests_at_night_where_it_had_to_wait() {
    const RESTS: &str = "select count(*) from outbox where quiet_from = 1260";
    let rig = Rig::new().await;
    rig.happens("failed:1", samples::failed(1)).await;
    rig.follow().await;
    assert_eq!(rig.count(RESTS).await, 1, "it is not night yet");
    rig.at("2026-09-05T22:00:00");
    rig.happens("failed:2", samples::failed(1)).await;
    rig.follow().await;
    rig.at("2026-09-05T23:50:00");
    rig.follow().await;
    let sent = "select count(*) from outbox where state = 'queued'";
    assert_eq!((rig.count(RESTS).await, rig.count(sent).await), (1, 2));
    rig.at("2026-09-06T00:30:00");
    rig.follow().await;
    let rest = rig.count(RESTS).await;
    assert_eq!(rest, 2, "they cannot mend it today any more");
}

#[tokio::test]
async fn a_reminder_of_what_is_not_to_come_is_left_out_and_taken_back() {
    let rig = Rig::new().await;
    rig.at("2026-09-04T12:00:00");
    rig.happens("due:1", samples::due()).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["handed"]);
    rig.became("update contacts set owner = 'human' where id = $1 and $2 = 0")
        .await;
    rig.happens("due:2", samples::due()).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["handed", "waiting"]);
    rig.became("update contacts set owner = 'bot' where id = $1 and $2 = 0")
        .await;
    rig.world.is_over.store(true, Ordering::Relaxed);
    rig.after(Duration::from_mins(10));
    rig.follow().await;
    assert_eq!(rig.states().await, ["lapsed", "lapsed"]);
    let queued = "select count(*) from outbox where state = 'queued'";
    assert_eq!(rig.count(queued).await, 0);
    assert_eq!(rig.count(ATTENTION).await, 0);
}

#[tokio::test]
async fn while_a_person_holds_the_conversation_only_the_urgent_is_said() {
    let rig = Rig::new().await;
    rig.became("update contacts set owner = 'human' where id = $1 and $2 = 0")
        .await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.happens("failed:1", samples::failed(1)).await;
    rig.follow().await;
    assert_eq!(rig.states().await, ["waiting", "handed"]);
    rig.became("update contacts set owner = 'bot' where id = $1 and $2 = 0")
        .await;
    rig.after(Duration::from_mins(10));
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 2);
}

#[tokio::test]
async fn several_processes_tell_each_event_once_and_in_order() {
    let rig = Rig::new().await;
    rig.at("2026-09-04T12:00:00");
    for n in 0..60 {
        let what = if n % 3 == 0 {
            samples::due()
        } else {
            samples::allotted()
        };
        rig.happens(&format!("e:{n}"), what).await;
    }
    let followers = [
        rig.follower(),
        rig.another_follower().await,
        rig.another_follower().await,
    ];
    let rounds = followers
        .iter()
        .map(|follower| async { while follower.round().await.unwrap() {} });
    join_all(rounds).await;
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 60);
    assert_eq!(
        rig.count("select count(distinct message_id) from notices")
            .await,
        60
    );
    let told = "select count(*) from business_events where told_at is null";
    assert_eq!(rig.count(told).await, 0);
    let in_order = "select count(*) from notices a join notices b on a.event_id < b.event_id
                     where a.message_id > b.message_id";
    assert_eq!(rig.count(in_order).await, 0);
}

/// A follower that ends between taking an event over and enqueueing has done neither.
#[tokio::test]
async fn a_crash_between_claim_and_enqueue_leaves_nothing_half_done() {
    let rig = Rig::new().await;
    rig.happens("allotted:1", samples::allotted()).await;
    // The outbox refuses the row, as a process that ends there would.
    rig.run((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("alter table outbox rename to outbox_elsewhere")
                .execute(conn)
                .await?;
            Ok(())
        })
    })
    .await;
    rig.follower().round().await.unwrap();
    assert_eq!(rig.count("select count(*) from notices").await, 0);
    let untold = "select count(*) from business_events where told_at is null";
    assert_eq!(rig.count(untold).await, 1);
    rig.run((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("alter table outbox_elsewhere rename to outbox")
                .execute(conn)
                .await?;
            Ok(())
        })
    })
    .await;
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(untold).await), (1, 0));
}

#[tokio::test]
async fn whoever_was_erased_is_told_nothing_and_holds_up_nobody() {
    let rig = Rig::new().await;
    *rig.world.email.lock().unwrap() = None;
    rig.closed().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.happens("allotted:2", samples::allotted()).await;
    rig.became(
        "update keys set wrapped = null, destroyed_at = $2 + 1
          where id = (select key_id from contacts where id = $1)",
    )
    .await;
    rig.after(Duration::from_hours(1));
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 0);
}

#[tokio::test]
async fn what_cannot_be_told_is_shown_to_a_person_and_holds_up_nothing() {
    const STUCK: &str = "select count(*) from attention where kind = 'notice_stuck'";
    let rig = Rig::new().await;
    // More than one round takes: events that do not read, and notices of an unknown kind.
    for n in 0..9 {
        rig.happens(&format!("damaged:{n}"), samples::allotted())
            .await;
    }
    rig.became(
        "update business_events set payload = substr(payload, 1, 5) where $1 <> '' and $2 = 0",
    )
    .await;
    let follower = rig.follower();
    for _ in 0..2 {
        follower.round().await.unwrap();
    }
    assert_eq!(rig.count(STUCK).await, 9);
    rig.happens("allotted:1", samples::allotted()).await;
    follower.round().await.unwrap();
    assert_eq!(rig.count(OUTBOX).await, 1);
    rig.became("update notices set kind = 'of_a_later_version', due_at = $2 where $1 <> ''")
        .await;
    rig.happens("allotted:2", samples::allotted()).await;
    follower.round().await.unwrap();
    assert_eq!((rig.count(OUTBOX).await, rig.count(STUCK).await), (2, 10));
    let untold = "select count(*) from business_events where told_at is null";
    assert_eq!(rig.count(untold).await, 9, "none is lost");
}
