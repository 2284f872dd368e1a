//! What one way did not carry goes another, unless it may have arrived.

use std::time::Duration;

use super::super::samples;
use super::super::{Posted, Scope, Wish};
use super::rig::{LETTERS, OUTBOX, Rig};
use crate::pipeline::way_back::{PutBack, retry_message};
use crate::whatsapp::Outgoing;

const FAILED: &str = "update outbox set state = 'failed', code = 131026, reason = 'no WhatsApp'
                       where contact_id = $1 and $2 = 0";

/// It comes into doubt who they are, which takes back what waits for them.
async fn is_doubted(rig: &Rig) {
    rig.became("update contacts set unverified_since = 1 where id = $1 and $2 = 0")
        .await;
    rig.became(
        "update outbox set state = 'cancelled', reason = 'number_in_doubt'
          where contact_id = $1 and $2 = 0",
    )
    .await;
}

#[tokio::test]
async fn what_whatsapp_certainly_did_not_deliver_goes_by_letter_once() {
    let rig = Rig::new().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.became(FAILED).await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
    rig.post().await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told"]);
    rig.after(Duration::from_hours(48));
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
}

#[tokio::test]
async fn whom_no_template_reached_three_times_gets_letters_until_they_write() {
    let rig = Rig::new().await;
    rig.approves_templates(true).await;
    rig.closed().await;
    for (key, sent) in [
        ("allotted:1", 1),
        ("allotted:2", 2),
        ("allotted:3", 3),
        ("allotted:4", 3),
    ] {
        rig.happens(key, samples::allotted()).await;
        rig.follow().await;
        assert_eq!(rig.count(OUTBOX).await, sent, "{key}");
        rig.became(
            "update outbox set state = 'failed', code = 131026, sending_at = created_at
              where contact_id = $1 and $2 = 0",
        )
        .await;
        rig.after(Duration::from_mins(1));
        rig.follow().await;
    }
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (3, 4));
    rig.wrote(rig.ground.clock.now()).await;
    rig.happens("allotted:5", samples::allotted()).await;
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (4, 4));
}

#[tokio::test]
async fn a_notice_whose_message_waits_unsent_is_looked_at_until_the_end() {
    let rig = Rig::new().await;
    *rig.world.email.lock().unwrap() = None;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    for _ in 0..40 {
        rig.after(Duration::from_hours(6));
        rig.follow().await;
    }
    assert_eq!(rig.states().await, ["handed"]);
    rig.became(FAILED).await;
    rig.after(Duration::from_mins(30));
    rig.follow().await;
    assert_ne!(rig.states().await, ["told"]);
    assert_ne!(rig.states().await, ["unknown"]);
}

#[tokio::test]
async fn what_is_held_back_for_hours_goes_by_letter_and_by_nothing_else() {
    let rig = Rig::new().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.after(Duration::from_hours(3));
    rig.follow().await;
    assert_eq!(rig.count(LETTERS).await, 0);
    rig.after(Duration::from_hours(1));
    rig.follow().await;
    let taken_back = "select count(*) from outbox where state = 'cancelled'";
    assert_eq!(
        (rig.count(LETTERS).await, rig.count(taken_back).await),
        (1, 1)
    );
    let again = retry_message(&rig.ground, rig.message().await, "test").await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
    rig.post().await;
    rig.after(Duration::from_hours(6));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told"]);
    assert_eq!(rig.count(OUTBOX).await, 1);
}

#[tokio::test]
async fn what_a_person_did_with_its_message_counts_for_a_notice() {
    const ASKED: &str = "select count(*) from attention where kind = 'notice_not_told'";
    let rig = Rig::new().await;
    rig.happens("a", samples::allotted()).await;
    rig.follow().await;
    rig.became(
        "update outbox set state = 'failed', accepted_at = 1, code = 131000
          where contact_id = $1 and $2 = 0",
    )
    .await;
    let again = retry_message(&rig.ground, rig.message().await, "test").await;
    assert!(matches!(again.unwrap(), PutBack::Done(_)));
    rig.became(
        "update outbox set state = 'delivered', accepted_at = 1
          where contact_id = $1 and again_as is null and $2 = 0",
    )
    .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told"]);

    rig.happens("b", samples::allotted()).await;
    rig.follow().await;
    rig.became(
        "update outbox set state = 'superseded', reason = 'settled by a person'
          where contact_id = $1 and state = 'queued' and $2 = 0",
    )
    .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told", "unknown"]);
    assert_eq!((rig.count(ASKED).await, rig.count(LETTERS).await), (0, 0));
}

#[tokio::test]
async fn a_notice_whose_message_is_gone_is_put_before_a_person() {
    let rig = Rig::new().await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.became("delete from outbox where contact_id = $1 and $2 = 0")
        .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["shown"]);
}

#[tokio::test]
async fn a_template_that_lost_a_required_text_is_as_none_and_a_person_hears_of_it() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.became(
        "update message_templates set content = replace(content, 'market risks', 'risks')
          where name <> $1 and $2 = 0",
    )
    .await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    let sent = (rig.count(OUTBOX).await, rig.count(LETTERS).await);
    assert_eq!(sent, (1, 1), "a failure owes none");
    let told = "select count(*) from attention
                 where kind = 'template_text' and subject = 'order_allotted/en'";
    assert_eq!(rig.count(told).await, 1);
}

#[tokio::test]
async fn what_went_as_a_template_is_kept_in_the_approved_words() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.became(
        "update message_templates set content = replace(content, 'Units are allotted', 'Done')
          where name <> $1 and $2 = 0",
    )
    .await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    let sent = rig.outbox().await;
    let words = sent[0].words();
    assert!(words.starts_with("Done. You have 12345.678"), "{words}");
    let recorded = "select count(*) from outbox where disclosures like 'market_risk,%'";
    assert_eq!(rig.count(recorded).await, 1);
}

#[tokio::test]
async fn what_may_have_arrived_is_never_said_another_way() {
    let rig = Rig::new().await;
    for (key, sql, state) in [
        (
            "a",
            "update outbox set state = 'unknown' where contact_id = $1 and $2 = 0",
            "unknown",
        ),
        (
            "b",
            "update outbox set state = 'failed', accepted_at = 1, code = 131000
                where contact_id = $1 and $2 = 0",
            "shown",
        ),
        (
            "c",
            "update outbox set state = 'sent', accepted_at = 1 where contact_id = $1 and $2 = 0",
            "told",
        ),
    ] {
        rig.happens(key, samples::allotted()).await;
        rig.follow().await;
        rig.became(sql).await;
        for _ in 0..40 {
            rig.wrote(rig.ground.clock.now()).await;
            rig.after(Duration::from_hours(6));
            rig.follow().await;
        }
        assert_eq!(rig.states().await.last().unwrap(), state);
    }
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (3, 0));
}

#[tokio::test]
async fn a_letter_that_may_have_gone_is_never_posted_again_nor_said_on_whatsapp() {
    let rig = Rig::new().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    rig.letters.answers.lock().unwrap().push(Posted::Unknown {
        reason: "the line broke".into(),
    });
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.post().await;
    for _ in 0..10 {
        rig.after(Duration::from_hours(6));
        rig.post().await;
        rig.follow().await;
    }
    assert_eq!(rig.letters.posted.lock().unwrap().len(), 1);
    assert_eq!(rig.states().await, ["unknown"]);
    assert_eq!(rig.count(OUTBOX).await, 0);
    let asked = "select count(*) from attention where kind = 'unknown_letter'";
    assert_eq!(rig.count(asked).await, 1);
}

#[tokio::test]
async fn a_letter_that_was_refused_goes_on_whatsapp() {
    let rig = Rig::new().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    rig.letters.answers.lock().unwrap().push(Posted::Refused {
        code: Some(550),
        reason: "no such mailbox".into(),
    });
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.post().await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.count(OUTBOX).await, 1);
    assert_eq!(
        rig.count("select code from letters where state = 'failed'")
            .await,
        550
    );
}

#[tokio::test]
async fn a_template_that_does_not_fit_what_was_approved_is_not_tried() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.became(
        "update message_templates set content = replace(content, '{{', '{{other_')
          where name <> $1 and $2 = 0",
    )
    .await;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (0, 1));
}

#[tokio::test]
async fn what_did_not_fit_goes_another_way_and_not_the_same_again() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 0));
    rig.became(
        "update outbox set state = 'cancelled', reason = 'template_misfit'
          where contact_id = $1 and $2 = 0",
    )
    .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
}

#[tokio::test]
async fn the_link_of_a_document_goes_where_the_document_itself_failed_to() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.happens("document:1", super::following::statement("application/pdf"))
        .await;
    rig.follow().await;
    rig.became(
        "update outbox set state = 'failed', code = 131053, reason = 'media'
          where contact_id = $1 and $2 = 0",
    )
    .await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    let sent = rig.outbox().await;
    let [Outgoing::Template(carrying), Outgoing::Template(in_words)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(carrying.header.is_some() && in_words.header.is_none());
    assert!(in_words.words.contains("https://example.in/documents/x"));
    assert_eq!(rig.count(LETTERS).await, 0);
}

#[tokio::test]
async fn a_notice_that_meta_takes_for_marketing_by_now_goes_by_letter_to_whoever_wants_none() {
    for (agreed, sent) in [(false, (0, 1)), (true, (1, 0))] {
        let rig = Rig::new().await;
        rig.closed().await;
        rig.approves_templates(true).await;
        rig.became(
            "update message_templates set category = 'MARKETING' where name <> $1 and $2 = 0",
        )
        .await;
        if agreed {
            rig.became(
                "update contacts set marketing = 'opted_in', marketing_at = 1
                  where id = $1 and $2 = 0",
            )
            .await;
        }
        rig.happens("failed:1", samples::failed(2)).await;
        rig.follow().await;
        let counted = (rig.count(OUTBOX).await, rig.count(LETTERS).await);
        assert_eq!(counted, sent, "agreed: {agreed}");
    }
}

#[tokio::test]
async fn where_the_template_in_words_failed_a_letter_goes_and_not_the_same_again() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    // The one that would carry the document cannot be sent: its link goes at once.
    rig.became(
        "update message_templates set status = 'PAUSED'
          where name = 'document_attached' and $1 <> '' and $2 = 0",
    )
    .await;
    rig.happens("document:1", super::following::statement("application/pdf"))
        .await;
    rig.follow().await;
    rig.became(FAILED).await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
}

#[tokio::test]
async fn what_was_not_sent_because_their_number_is_in_doubt_goes_by_letter() {
    let rig = Rig::new().await;
    rig.closed().await;
    rig.approves_templates(true).await;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    is_doubted(&rig).await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!((rig.count(OUTBOX).await, rig.count(LETTERS).await), (1, 1));
}

#[tokio::test]
async fn a_notice_that_waited_is_not_said_beside_what_a_person_had_sent_again() {
    let rig = Rig::new().await;
    *rig.world.email.lock().unwrap() = None;
    rig.happens("failed:1", samples::failed(2)).await;
    rig.follow().await;
    is_doubted(&rig).await;
    rig.after(Duration::from_mins(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["waiting"]);
    rig.became("update contacts set unverified_since = null where id = $1 and $2 = 0")
        .await;
    let again = retry_message(&rig.ground, rig.message().await, "test").await;
    assert!(matches!(again.unwrap(), PutBack::Done(_)));
    for _ in 0..2 {
        rig.after(Duration::from_mins(6));
        rig.follow().await;
    }
    assert_eq!(rig.states().await, ["handed"]);
    assert_eq!(rig.count(OUTBOX).await, 2, "said again once");
    rig.became(
        "update outbox set state = 'delivered', accepted_at = 1
          where contact_id = $1 and again_as is null and $2 = 0",
    )
    .await;
    rig.after(Duration::from_hours(1));
    rig.follow().await;
    assert_eq!(rig.states().await, ["told"]);
}

#[tokio::test]
async fn a_notice_that_waited_long_is_followed_to_its_end_once_it_has_left() {
    let rig = Rig::new().await;
    *rig.world.email.lock().unwrap() = None;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    for _ in 0..30 {
        rig.after(Duration::from_hours(1));
        rig.follow().await;
    }
    rig.became(
        "update outbox set state = 'accepted', accepted_at = 1 where contact_id = $1 and $2 = 0",
    )
    .await;
    for _ in 0..3 {
        rig.after(Duration::from_hours(1));
        rig.follow().await;
        assert_eq!(rig.states().await, ["handed"], "it may still fail");
    }
    rig.became(FAILED).await;
    rig.after(Duration::from_hours(6));
    rig.follow().await;
    assert_eq!(rig.states().await, ["waiting"], "for another way");
}
