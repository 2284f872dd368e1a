//! Files that come with messages: fetched once, checked, sealed, kept outside the
//! database, and gone with whoever sent them.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;
use sipbrewery::contacts::store::load;
use sipbrewery::id::AttachmentId;
use sipbrewery::pipeline::{Attachments, FetchFile, Intake, Jobs, MediaFetch, MediaFolder};
use sipbrewery::sandbox::{Attachment, Fault, FaultKind, Person, Sent};
use sipbrewery::whatsapp::NotDownloaded;
use sipbrewery::whatsapp::media::File;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::harness::app::PATIENCE;
use crate::harness::demo::ASHA;
use crate::harness::line::now;
use crate::harness::webhook::message;
use crate::harness::{DemoApp, Line, TestApp};

/// Somebody who never dealt.
const RAVI: &str = "919000000001";
const KEPT: &str = "select count(*) from attachments where state = 'kept'";
const REFUSED: &str = "select count(*) from attachments where state = 'refused'";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more";

fn sent(mime: &str, bytes: &[u8]) -> Sent {
    Sent {
        mime: mime.to_owned(),
        name: "../../etc/passwd".to_owned(),
        bytes: bytes.to_vec(),
    }
}

/// Returns id and reason of each file on record, in the order they came.
async fn on_record(demo: &DemoApp) -> Vec<(AttachmentId, Option<String>)> {
    let listed = demo.app.attachments().list(None, 99).await.unwrap();
    let ids = listed
        .into_iter()
        .map(|f| (f.id.parse().unwrap(), f.reason));
    ids.collect()
}

async fn opens(demo: &DemoApp, id: AttachmentId) -> Option<Vec<u8>> {
    demo.app.attachments().open(id, "operator").await.unwrap()
}

#[tokio::test]
async fn pictures_papers_and_voice_notes_are_kept_sealed_and_open_again() {
    let demo = DemoApp::start().await;
    let kinds = [Attachment::Picture, Attachment::Document, Attachment::Voice];
    for kind in kinds {
        demo.emulator.user_attaches(ASHA, kind).await;
        demo.rest().await;
    }
    demo.until(KEPT, 3).await;
    let chat = demo.emulator.chat(ASHA);
    let came: Vec<_> = chat
        .iter()
        .filter(|bubble| bubble.mine)
        .filter_map(|bubble| demo.emulator.file(bubble.content["id"].as_str()?))
        .collect();
    let kept = on_record(&demo).await;
    assert_eq!((came.len(), kept.len()), (3, 3));
    for (sent, (id, _)) in came.iter().zip(&kept) {
        assert_eq!(opens(&demo, *id).await.unwrap(), sent.bytes);
    }
    let files = demo.kept_files();
    assert_eq!(files.len(), 3);
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let is_hash = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(
            is_hash && file.parent().unwrap().ends_with(&name[..2]),
            "{file:?}"
        );
        let lies_there = std::fs::read(&file).unwrap();
        for sent in &came {
            let inside = lies_there
                .windows(8)
                .any(|part| sent.bytes.starts_with(part));
            assert!(!inside, "what was sent can be read in {file:?}");
        }
    }
    let looked = "select count(*) from audit where action = 'file_read' and actor = 'operator'";
    assert_eq!(demo.scalar(looked).await, 3);
    demo.stop().await;
}

#[tokio::test]
async fn the_same_file_of_two_people_is_two_files_under_two_keys() {
    let demo = DemoApp::start().await;
    for who in [ASHA, RAVI] {
        let file = sent("image/png", PNG);
        demo.emulator.user_sends_file(who, file, "").await;
        demo.rest().await;
    }
    demo.until(KEPT, 2).await;
    let files = demo.kept_files();
    assert_eq!(files.len(), 2);
    let [one, other] = [&files[0], &files[1]].map(|file| std::fs::read(file).unwrap());
    assert_ne!(one, other);
    assert_eq!(
        demo.scalar("select count(distinct file) from attachments")
            .await,
        2
    );
    demo.stop().await;
}

#[tokio::test]
async fn a_message_that_comes_again_has_its_file_fetched_once() {
    let demo = DemoApp::start().await;
    let copies = Fault::chance(1.0).amount(5);
    demo.emulator
        .set_fault(FaultKind::DuplicateWebhooks, copies);
    let file = sent("image/png", PNG);
    demo.emulator.user_sends_file(ASHA, file, "").await;
    // A clock that jumps while something is being sent leaves it in doubt for a minute.
    demo.rest().await;
    demo.pass(Duration::from_mins(2)).await;
    demo.until(KEPT, 1).await;
    assert_eq!(demo.scalar("select count(*) from attachments").await, 1);
    assert_eq!(demo.scalar("select tries from attachments").await, 1);
    assert_eq!(demo.kept_files().len(), 1);
    demo.stop().await;
}

#[tokio::test]
async fn what_is_not_what_it_says_is_refused_by_name_and_the_chat_goes_on() {
    let demo = DemoApp::start().await;
    let large = [PNG, &vec![0; 5 * 1024 * 1024]].concat();
    for file in [
        sent("application/pdf", b"MZ\x90\x00"),
        sent("text/html", b"<script>alert(1)</script>"),
        sent("image/png", &large),
        sent("image/png", b""),
    ] {
        demo.emulator.user_sends_file(RAVI, file, "").await;
        demo.rest().await;
    }
    // A paper that its message calls a picture, and one Meta has not got.
    let paper = sent("application/pdf", b"%PDF-1.7");
    demo.emulator.user_sends_file(RAVI, paper, "").await;
    demo.rest().await;
    let chat = demo.emulator.chat(RAVI);
    let paper = chat.iter().rev().find(|bubble| bubble.kind == "document");
    let id = paper.unwrap().content["id"].clone();
    for id in [id, json!("1013859600285441")] {
        let picture = json!({"id": id, "mime_type": "image/png", "sha256": "x"});
        demo.emulator.user_sends(RAVI, "image", picture).await;
        demo.rest().await;
    }
    demo.until(REFUSED, 6).await;
    let reasons = on_record(&demo).await.into_iter();
    let reasons: Vec<_> = reasons.filter_map(|(_, reason)| reason).collect();
    assert_eq!(
        reasons,
        [
            "disguised",
            "type",
            "too_large",
            "empty",
            "other_type",
            "gone_at_meta"
        ]
    );
    assert_eq!(demo.kept_files().len(), 1, "the paper, as it first came");
    let dead = "select count(*) from jobs where state = 'dead'";
    assert_eq!(demo.scalar(dead).await, 0);
    let before = demo.emulator.chat(RAVI).len();
    demo.emulator.user_says(RAVI, "menu").await;
    demo.rest().await;
    assert!(demo.emulator.chat(RAVI).len() > before + 1, "no answer");
    demo.stop().await;
}

#[tokio::test]
async fn a_spoilt_file_is_fetched_anew_and_given_up_when_it_stays_so() {
    let demo = DemoApp::start().await;
    let spoil = |fault| demo.emulator.set_fault(FaultKind::SpoilFiles, fault);
    spoil(Fault::times(2));
    let file = || sent("image/png", PNG);
    demo.emulator.user_sends_file(ASHA, file(), "").await;
    demo.rest().await;
    assert_eq!(demo.scalar(KEPT).await, 0, "nothing spoilt is kept");
    demo.pass(Duration::from_mins(1)).await;
    demo.pass(Duration::from_mins(1)).await;
    demo.until(KEPT, 1).await;
    spoil(Fault::chance(1.0));
    demo.emulator.user_sends_file(ASHA, file(), "").await;
    demo.rest().await;
    for _ in 0..3 {
        demo.pass(Duration::from_mins(1)).await;
    }
    demo.until(REFUSED, 1).await;
    assert_eq!(on_record(&demo).await[1].1.as_deref(), Some("checksum"));
    assert_eq!(demo.kept_files().len(), 1);
    demo.stop().await;
}

#[tokio::test]
async fn a_file_for_a_person_of_ours_is_kept_too() {
    let demo = DemoApp::start().await;
    demo.emulator.user_says(RAVI, "agent").await;
    demo.rest().await;
    let held = "select count(*) from contacts where owner = 'human'";
    demo.until(held, 1).await;
    let file = sent("image/png", PNG);
    demo.emulator.user_sends_file(RAVI, file, "").await;
    demo.rest().await;
    demo.until(KEPT, 1).await;
    demo.stop().await;
}

#[tokio::test]
async fn whoever_is_erased_takes_their_files_along_and_nobody_elses() {
    let demo = DemoApp::start().await;
    for who in [ASHA, RAVI] {
        let file = sent("image/png", PNG);
        demo.emulator.user_sends_file(who, file, "").await;
        demo.rest().await;
    }
    demo.until(KEPT, 2).await;
    demo.emulator.user_says(RAVI, "delete my data").await;
    demo.rest().await;
    demo.taps_as(RAVI, "Erase my data").await;
    demo.rest().await;
    assert_eq!(demo.kept_files().len(), 2, "it can still be called off");
    demo.days(2).await;
    demo.until(
        "select count(*) from contact_requests where outcome = 'erased'",
        1,
    )
    .await;
    demo.rest().await;
    assert_eq!(demo.kept_files().len(), 1);
    let left = on_record(&demo).await;
    assert_eq!(left.len(), 1);
    assert_eq!(opens(&demo, left[0].0).await.unwrap(), PNG);
    demo.stop().await;
}

#[tokio::test]
async fn after_the_time_that_is_kept_a_file_is_gone_and_its_row_says_so() {
    let demo = DemoApp::start().await;
    let file = sent("image/png", PNG);
    demo.emulator.user_sends_file(ASHA, file, "").await;
    demo.rest().await;
    demo.until(KEPT, 1).await;
    let (id, _) = on_record(&demo).await[0];
    let aged = demo.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("update attachments set received_at = 0")
                .execute(conn)
                .await?;
            Ok(())
        })
    });
    aged.await.unwrap();
    demo.days(1).await;
    let gone = "select count(*) from attachments where state = 'gone' and file_key is null";
    demo.until(gone, 1).await;
    assert_eq!(demo.kept_files().len(), 0);
    assert_eq!(opens(&demo, id).await, None);
    demo.stop().await;
}

#[tokio::test]
async fn two_contacts_that_are_one_person_keep_their_files() {
    let demo = DemoApp::start().await;
    let kiran = "919000000077";
    let person = Person::with_phone(kiran, "Kiran");
    let user = person.user_id.clone();
    demo.emulator.add_person(person);
    let hide = |fault| demo.emulator.set_fault(FaultKind::HidePhones, fault);
    hide(Fault::chance(1.0));
    let file = sent("image/png", PNG);
    demo.emulator.user_sends_file(kiran, file, "").await;
    demo.rest().await;
    demo.until(KEPT, 1).await;
    let from = demo.app.find_contact(&user).await.unwrap();
    let before = demo.kept_files();
    crate::merging::knows_the_number(&demo).await;
    hide(Fault::OFF);
    demo.emulator.user_says(kiran, "menu").await;
    demo.rest().await;
    let into = demo.app.find_contact(kiran).await.unwrap();
    assert_ne!(from, into);
    let listed = demo.app.attachments().list(None, 9).await.unwrap();
    assert_eq!(listed[0].contact, into.to_string());
    assert_eq!(demo.kept_files(), before, "no file was touched");
    let id: AttachmentId = listed[0].id.parse().unwrap();
    assert_eq!(opens(&demo, id).await.unwrap(), PNG);
    // The key of whoever is no more opens nothing.
    let row = from.to_string();
    let mut conn = demo.app.ground.db.read().await.unwrap();
    let keys = &demo.app.ground.keys;
    let mut loaded = load(&mut conn, keys, std::slice::from_ref(&row))
        .await
        .unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("select file_key from attachments")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    let place = sipbrewery::security::Place {
        table: "attachments",
        column: "file_key",
        row: &listed[0].id,
    };
    let old = loaded.remove(&row).unwrap().key;
    assert!(old.open_key(place, &sealed).is_err());
    drop(conn);
    demo.stop().await;
}

#[tokio::test]
async fn an_operator_lists_what_was_refused_and_opens_what_is_kept() {
    let app = TestApp::start().await;
    app.knows(RAVI, "Ravi");
    for file in [sent("image/png", PNG), sent("application/pdf", b"MZ")] {
        app.emulator.user_sends_file(RAVI, file, "").await;
        app.next_reply(RAVI).await;
    }
    app.until(KEPT, 1).await;
    app.until(REFUSED, 1).await;
    let (done, all) = app.operator("inbox files").await;
    assert!(done && all.lines().count() == 2, "{all}");
    let (done, refused) = app.operator("inbox files --refused").await;
    assert!(done && refused.lines().count() == 1, "{refused}");
    assert!(
        refused.contains("refused  disguised  application/pdf"),
        "{refused}"
    );
    let kept = all.lines().find(|line| line.contains("  kept  ")).unwrap();
    let id = kept.split(' ').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("picture.png");
    let command = format!("inbox file {id} --out {}", out.display());
    let (done, said) = app.operator(&command).await;
    assert!(done, "{said}");
    assert_eq!(std::fs::read(&out).unwrap(), PNG);
    let (done, said) = app.operator(&command).await;
    assert!(!done && said.contains("cannot write"), "{said}");
    let (_, page) = app.get("/metrics").await;
    for line in [
        "attachments_total{outcome=\"kept\",reason=\"\"}",
        "attachments_total{outcome=\"refused\",reason=\"disguised\"}",
    ] {
        assert!(page.contains(line), "{page}");
    }
    app.stop().await;
}

/// Hangs for as long as it is not let go; counts who asked.
struct Slow {
    asked: Semaphore,
    may_come: Semaphore,
}

impl MediaFetch for Slow {
    fn download<'a>(&'a self, _: &'a str, _: usize) -> BoxFuture<'a, Result<File, NotDownloaded>> {
        Box::pin(async move {
            self.asked.add_permits(1);
            self.may_come.acquire().await.unwrap().forget();
            Ok(File {
                mime: "image/png".to_owned(),
                name: String::new(),
                bytes: PNG.to_vec(),
            })
        })
    }
}

#[tokio::test]
async fn a_fetch_that_hangs_holds_up_neither_the_answer_nor_the_end_and_is_begun_anew() {
    let line = Line::start().await;
    let temporary = tempfile::tempdir().unwrap();
    let files = || {
        let folder = MediaFolder::new(temporary.path().to_owned());
        Attachments::new(line.ground.clone(), folder)
    };
    let slow = Arc::new(Slow {
        asked: Semaphore::new(0),
        may_come: Semaphore::new(0),
    });
    let run = |stop: &CancellationToken| {
        let fetch = FetchFile::new(files(), slow.clone());
        let stages = Jobs::stages(&line.ground, vec![Arc::new(fetch)]);
        tokio::spawn(stages.into_iter().next().unwrap().run(stop.clone()))
    };
    let stop = CancellationToken::new();
    let stage = run(&stop);
    let picture = json!({"id": "1", "mime_type": "image/png", "sha256": "x"});
    let body = message((Some(ASHA), None), "wamid.1", now(&line), "image", &picture);
    assert_eq!(line.deliver(&body).await, Intake::Stored);
    let asked = async || tokio::time::timeout(PATIENCE, slow.asked.acquire()).await;
    asked().await.unwrap().unwrap().forget();
    line.text(ASHA, "wamid.2", now(&line), "hi").await;
    line.channel.made(1).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), stage)
        .await
        .expect("the end does not wait for Meta")
        .unwrap();
    assert_eq!(line.scalar(KEPT).await, 0);
    let stop = CancellationToken::new();
    run(&stop);
    asked().await.unwrap().unwrap().forget();
    slow.may_come.add_permits(1);
    line.until(KEPT, 1).await;
    assert_eq!(line.scalar("select tries from attachments").await, 2);
    stop.cancel();
    line.stop().await;
}

#[tokio::test]
async fn a_fetch_that_was_overtaken_by_another_keeps_nothing() {
    let line = Line::start().await;
    let temporary = tempfile::tempdir().unwrap();
    let folder = MediaFolder::new(temporary.path().to_owned());
    let slow = Arc::new(Slow {
        asked: Semaphore::new(0),
        may_come: Semaphore::new(0),
    });
    let files = Attachments::new(line.ground.clone(), folder);
    let fetch = FetchFile::new(files, slow.clone());
    let stages = Jobs::stages(&line.ground, vec![Arc::new(fetch)]);
    let stop = CancellationToken::new();
    tokio::spawn(stages.into_iter().next().unwrap().run(stop.clone()));
    let picture = json!({"id": "1", "mime_type": "image/png", "sha256": "x"});
    let body = message((Some(ASHA), None), "wamid.1", now(&line), "image", &picture);
    assert_eq!(line.deliver(&body).await, Intake::Stored);
    let asked = async || tokio::time::timeout(PATIENCE, slow.asked.acquire()).await;
    asked().await.unwrap().unwrap().forget();
    // As a process does that takes the job over from one that stands still.
    line.leave("update attachments set tries = tries + 1").await;
    slow.may_come.add_permits(1);
    asked().await.unwrap().unwrap().forget();
    assert_eq!(line.scalar(KEPT).await, 0);
    slow.may_come.add_permits(1);
    line.until(KEPT, 1).await;
    assert_eq!(line.scalar("select tries from attachments").await, 3);
    stop.cancel();
    line.stop().await;
}
