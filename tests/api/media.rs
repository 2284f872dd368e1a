//! Files that go with messages: handed over first, sent once, and told apart from what
//! may have been sent.

use std::time::Duration;

use jiff::Timestamp;
use sipbrewery::whatsapp::media::{File, Unfit};
use sipbrewery::whatsapp::{
    Button, Card, CardAction, Media, MediaKind, NotUploaded, Outgoing, SendOutcome, Source,
};

use crate::harness::demo::ASHA;
use crate::harness::line::{morning, now};
use crate::harness::{DemoApp, Fate, Line};

fn paper() -> Outgoing {
    Outgoing::Media(Media {
        kind: MediaKind::Document,
        source: Source::Kept("paper".to_owned()),
        caption: Some("your paper".to_owned()),
        file_name: Some("paper.pdf".to_owned()),
    })
}

fn file(bytes: &[u8]) -> File {
    File {
        mime: "application/pdf".to_owned(),
        name: "paper.pdf".to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn words(body: &str) -> Outgoing {
    Outgoing::Text {
        body: body.to_owned(),
    }
}

/// A line on which Asha has written, and been answered.
async fn line() -> Line {
    let line = Line::start().await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    line
}

fn sent_with(calls: &[sipbrewery::pipeline::Call]) -> Vec<Option<&str>> {
    calls
        .iter()
        .map(|call| call.message.media_ids().first().copied())
        .collect()
}

#[tokio::test]
async fn a_file_is_handed_over_before_its_message_and_what_follows_waits_for_it() {
    let line = line().await;
    line.channel.keep("paper", file(b"%PDF-1.7"));
    line.send(ASHA, paper(), Timestamp::MAX).await;
    line.send(ASHA, words("that was it"), Timestamp::MAX).await;
    let calls = line.channel.made(3).await;
    assert_eq!(sent_with(&calls), [None, Some("media.1"), None]);
    assert_eq!(calls[2].message, words("that was it"));
    assert_eq!(line.channel.uploads(), ["paper.pdf"]);
    line.until("select count(*) from outbox where state = 'accepted'", 3)
        .await;
    line.stop().await;
}

#[tokio::test]
async fn a_hand_over_that_failed_is_repeated_and_nothing_is_doubtful() {
    let line = line().await;
    line.channel.keep("paper", file(b"%PDF-1.7"));
    let after = Duration::ZERO;
    for _ in 0..2 {
        let retry = NotUploaded::Outcome(SendOutcome::Retry {
            after,
            code: None,
            is_its_own: false,
        });
        line.channel.refuse_upload(retry);
    }
    line.send(ASHA, paper(), Timestamp::MAX).await;
    let calls = line.channel.made(2).await;
    assert_eq!(sent_with(&calls), [None, Some("media.3")]);
    line.until(
        "select count(*) from outbox where state = 'accepted' and doubts = 0",
        2,
    )
    .await;
    line.stop().await;
}

fn cards() -> Outgoing {
    let card = |id: &str| Card {
        kind: MediaKind::Image,
        source: Source::Kept("paper".to_owned()),
        body: None,
        action: CardAction::Replies {
            buttons: vec![Button {
                id: id.to_owned(),
                title: id.to_owned(),
            }],
        },
    };
    Outgoing::Cards {
        body: "what I can do".to_owned(),
        cards: vec![card("one"), card("two")],
    }
}

const NOT_REACHED: &str =
    "select count(*) from outbox where state = 'queued' and reason = 'Meta was not reached'";

#[tokio::test]
async fn cards_whose_pictures_meta_does_not_take_are_buttons_and_hold_up_nothing_after_them() {
    let retry = SendOutcome::Retry {
        after: Duration::from_hours(1),
        code: None,
        is_its_own: true,
    };
    let silence = SendOutcome::Unreached;
    for refused in [
        NotUploaded::Outcome(retry),
        NotUploaded::Unfit(Unfit::Empty),
        NotUploaded::Outcome(silence.clone()),
    ] {
        let line = line().await;
        let picture = File {
            mime: "image/png".to_owned(),
            ..file(b"\x89PNG")
        };
        line.channel.keep("paper", picture);
        let is_silent = refused == NotUploaded::Outcome(silence.clone());
        line.channel.refuse_upload(refused);
        line.send(ASHA, cards(), Timestamp::MAX).await;
        line.send(ASHA, words("and that"), Timestamp::MAX).await;
        if is_silent {
            line.until(NOT_REACHED, 1).await;
            line.ground.clock.advance(Duration::from_secs(10));
        }
        line.until("select count(*) from outbox where state = 'accepted'", 3)
            .await;
        let calls = line.channel.made(3).await;
        assert!(matches!(calls[1].message, Outgoing::Buttons { .. }));
        assert_eq!(calls[2].message, words("and that"));
        line.stop().await;
    }
}

#[tokio::test]
async fn cards_that_meta_refuses_or_takes_too_long_over_are_buttons_at_once() {
    for is_refused in [true, false] {
        let line = line().await;
        let picture = File {
            mime: "image/png".to_owned(),
            ..file(b"\x89PNG")
        };
        line.channel.keep("paper", picture);
        if is_refused {
            line.channel.fate("what I can do", Fate::RefusePictures);
        } else {
            line.channel.hang_uploads();
        }
        line.send(ASHA, cards(), Timestamp::MAX).await;
        line.send(ASHA, words("and that"), Timestamp::MAX).await;
        line.until("select count(*) from outbox where state = 'accepted'", 3)
            .await;
        let said = line.channel.calls().split_off(1 + usize::from(is_refused));
        assert!(matches!(said[0].message, Outgoing::Buttons { .. }));
        assert_eq!(said[1].message, words("and that"));
        line.stop().await;
    }
}

#[tokio::test]
async fn while_no_file_reaches_meta_one_message_at_a_time_tries() {
    const TRIED_TWICE: &str = "select count(*) from outbox where attempts = 2";
    let line = Line::at(morning()).await;
    line.channel.keep("paper", file(b"%PDF-1.7"));
    let people: Vec<String> = (0..5).map(|n| format!("91900000002{n}")).collect();
    for phone in &people {
        line.text(phone, &format!("wamid.{phone}"), now(&line), "hi")
            .await;
    }
    line.channel.made(people.len()).await;
    for _ in 0..=people.len() {
        let silence = NotUploaded::Outcome(SendOutcome::Unreached);
        line.channel.refuse_upload(silence);
    }
    for phone in &people {
        line.send(phone, paper(), Timestamp::MAX).await;
    }
    line.until(NOT_REACHED, 5).await;
    assert_eq!(line.scalar(TRIED_TWICE).await, 0);
    line.ground.clock.advance(Duration::from_secs(10));
    line.until(TRIED_TWICE, 1).await;
    line.until(
        "select count(*) from outbox where attempts = 2 and state = 'queued'",
        1,
    )
    .await;
    line.ground.clock.advance(Duration::from_secs(10));
    // The first word ends it.
    line.until("select count(*) from outbox where state = 'accepted'", 10)
        .await;
    assert_eq!(line.channel.uploads().len(), 7);
    line.stop().await;
}

#[tokio::test]
async fn a_message_tried_again_does_not_carry_its_file_again() {
    let line = line().await;
    line.channel.keep("paper", file(b"%PDF-1.7"));
    line.send(ASHA, paper(), Timestamp::MAX).await;
    line.channel.made(2).await;
    line.send(ASHA, paper(), Timestamp::MAX).await;
    let calls = line.channel.made(3).await;
    assert_eq!(sent_with(&calls), [None, Some("media.1"), Some("media.1")]);
    // Refused with it, it is not trusted any more.
    line.channel.fate("your paper", Fate::Refuse);
    line.send(ASHA, paper(), Timestamp::MAX).await;
    line.channel.made(4).await;
    line.channel.fate("your paper", Fate::Accept);
    line.send(ASHA, paper(), Timestamp::MAX).await;
    let calls = line.channel.made(5).await;
    assert_eq!(calls[4].message.media_ids(), ["media.2"]);
    line.stop().await;
}

#[tokio::test]
async fn a_file_that_is_gone_or_unfit_fails_by_name_and_holds_up_nothing() {
    let line = line().await;
    line.send(ASHA, paper(), Timestamp::MAX).await;
    line.until(
        "select count(*) from outbox where state = 'failed'
            and reason = 'its file has expired or was erased'",
        1,
    )
    .await;
    line.channel.keep("paper", file(b"MZ"));
    let said = "application/pdf".to_owned();
    line.channel
        .refuse_upload(NotUploaded::Unfit(Unfit::Disguised { said }));
    line.send(ASHA, paper(), Timestamp::MAX).await;
    line.send(ASHA, words("goes on"), Timestamp::MAX).await;
    let calls = line.channel.made(2).await;
    assert_eq!(calls[1].message, words("goes on"));
    line.until(
        "select count(*) from outbox where state = 'failed'
            and reason = 'the file says application/pdf and is something else'",
        1,
    )
    .await;
    line.stop().await;
}

const HANDED_OVER: &str = "select count(*) from notices where kind = 'document_ready'
    and state in ('handed', 'told') and with_file = 1";

const ON_THE_WAY: &str = "select count(*) from outbox where state in ('queued', 'sending')";

#[tokio::test]
async fn a_statement_and_a_picture_arrive_as_files_that_open() {
    let demo = DemoApp::start().await;
    for (at, row, kind, begins) in [
        (1, "Account statement", "document", &b"%PDF-"[..]),
        (2, "How it is spread", "image", b"\x89PNG"),
    ] {
        demo.emulator.user_says(ASHA, "statement").await;
        demo.rest().await;
        demo.taps(row).await;
        demo.until(HANDED_OVER, at).await;
        demo.until(ON_THE_WAY, 0).await;
        let chat = demo.emulator.chat(ASHA);
        let newest = chat.iter().rev().find(|bubble| bubble.kind == kind);
        let newest = newest.unwrap_or_else(|| panic!("no {kind} in {chat:?}"));
        let id = newest.content["id"].as_str().expect("it goes by an id");
        let file = demo.emulator.file(id).expect("Meta has it");
        assert!(file.bytes.starts_with(begins), "{kind}");
        assert!(!newest.text.is_empty(), "{kind} has words below it");
        assert!(!newest.text.contains("http"), "{}", newest.text);
    }
    let accepted = demo.emulator.accepted();
    let document = accepted.iter().find(|one| one.kind == "document").unwrap();
    let name = &document.body["document"]["filename"];
    assert_eq!(name, "statement-2026-08-24.pdf");
    demo.stop().await;
}
