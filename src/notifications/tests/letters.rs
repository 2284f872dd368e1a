//! Letters over SMTP, and the post office around them.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::gateway::{Server as At, Smtp, Tls};
use super::super::ports::Post;
use super::super::{Attachment, Letter, PostOffice, Posted, Scope, Wish, samples};
use super::rig::{Rig, noon};
use super::smtp_server::{Fault, ROOT, Server};
use crate::clock::Clock;

fn letter() -> Letter {
    Letter {
        to: "asha@example.in".into(),
        subject: "यूनिट मिल गई हैं".into(),
        body: "नमस्ते,\n\n₹12,34,567.89\n.\n..a line of dots\n".into(),
        attachments: vec![Attachment {
            name: "statement.pdf".into(),
            media_type: "application/pdf".into(),
            content: b"%PDF-1.7 \x00\xff".to_vec(),
        }],
        may_be_declined: true,
    }
}

fn smtp(server: &Server) -> Smtp {
    let at = At {
        host: "127.0.0.1".into(),
        port: server.port,
        tls: Tls::None,
        login: Some(("bot".into(), "p:ss".into())),
    };
    let clock = Clock::standing(noon());
    Smtp::new(at, "Sahyadri Wealth <notices@sahyadri.example>", clock)
        .unwrap()
        .with_timeout(Duration::from_secs(20))
}

/// Returns a header of a letter, unfolded.
fn header(words: &str, name: &str) -> Option<String> {
    let unfolded = words.replace("\r\n ", " ").replace("\r\n\t", " ");
    let head = unfolded.split("\r\n\r\n").next().unwrap_or("").to_owned();
    let lines = head.split("\r\n");
    let mut found = lines.filter_map(|line| line.split_once(": "));
    found
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.to_owned())
}

#[tokio::test]
async fn a_letter_arrives_with_its_own_name_its_words_and_its_attachment() {
    let server = Server::start().await;
    let posted = smtp(&server).deliver("let_1", &letter()).await;
    assert_eq!(posted, Posted::Taken);
    let received = server.received();
    let [one] = received.as_slice() else {
        panic!("{received:?}");
    };
    assert_eq!(one.from, "notices@sahyadri.example");
    assert_eq!(one.to, ["asha@example.in"]);
    assert_eq!(one.login, Some(STANDARD.encode("\0bot\0p:ss")));
    let words = &one.words;
    let known = |name| header(words, name).unwrap_or_else(|| panic!("{name} in {words}"));
    assert_eq!(known("Message-ID"), "<let_1@sahyadri.example>");
    assert_eq!(known("Date"), "Sat, 05 Sep 2026 06:30:00 +0000");
    assert_eq!(known("Auto-Submitted"), "auto-generated");
    assert!(known("List-Unsubscribe").starts_with("<mailto:notices@sahyadri.example"));
    let subject = known("Subject");
    assert!(
        subject.is_ascii() && subject.starts_with("=?utf-8?b?"),
        "{subject}"
    );
    let decoded: Vec<u8> = subject
        .split(' ')
        .flat_map(|word| {
            let inner = word.trim_start_matches("=?utf-8?b?").trim_end_matches("?=");
            STANDARD.decode(inner).unwrap()
        })
        .collect();
    assert_eq!(String::from_utf8(decoded).unwrap(), letter().subject);
    assert!(words.is_ascii());
    let squeezed = words.replace("\r\n", "");
    let body = letter().body.replace('\n', "\r\n");
    assert!(
        squeezed.contains(&STANDARD.encode(&body)) || squeezed.contains("=E2=82=B912,34,567.89"),
        "{words}"
    );
    assert!(squeezed.contains(&STANDARD.encode(&letter().attachments[0].content)));
    assert!(words.contains("filename=\"statement.pdf\""));
}

#[tokio::test]
async fn a_required_notice_offers_no_way_out() {
    let server = Server::start().await;
    let required = Letter {
        may_be_declined: false,
        attachments: Vec::new(),
        ..letter()
    };
    assert_eq!(
        smtp(&server).deliver("let_1", &required).await,
        Posted::Taken
    );
    assert_eq!(
        header(&server.received()[0].words, "List-Unsubscribe"),
        None
    );
}

#[derive(Debug, PartialEq)]
enum Kind {
    Again,
    Refused(Option<u16>),
    Unknown,
    Taken,
}

async fn outcome(server: &Server, smtp: &Smtp, fault: Fault) -> Kind {
    server.breaks(Some(fault));
    let posted = smtp.deliver("let_1", &letter()).await;
    match posted {
        Posted::Taken => Kind::Taken,
        Posted::Again { .. } => Kind::Again,
        Posted::Refused { code, reason } => {
            assert!(!reason.contains("asha@"), "{reason}");
            Kind::Refused(code)
        }
        Posted::Unknown { .. } => Kind::Unknown,
    }
}

/// The step at which it breaks off decides what is known.
#[tokio::test]
async fn the_step_at_which_a_conversation_breaks_off_decides_what_is_known() {
    use Fault::{Answers, HangsUp};
    let server = Server::start().await;
    let smtp = smtp(&server);
    for (fault, known) in [
        (Answers("EHLO", "421 too busy"), Kind::Again),
        // Not the letter's fault, however final it sounds.
        (Answers("AUTH", "535 wrong password"), Kind::Again),
        (Answers("MAIL", "451 later"), Kind::Again),
        (
            Answers("MAIL", "550 not from you"),
            Kind::Refused(Some(550)),
        ),
        (Answers("RCPT", "450 greylisted"), Kind::Again),
        (
            Answers("RCPT", "550 no such mailbox <asha@example.in>"),
            Kind::Refused(Some(550)),
        ),
        (Answers("DATA", "452 no room"), Kind::Again),
        (Answers(".", "451 try again"), Kind::Again),
        (
            Answers(".", "554 looks like spam"),
            Kind::Refused(Some(554)),
        ),
        (HangsUp("EHLO"), Kind::Again),
        (HangsUp("RCPT"), Kind::Again),
        (HangsUp("DATA"), Kind::Again),
        (HangsUp("."), Kind::Unknown),
        (Answers(".", "what?"), Kind::Unknown),
        (HangsUp("QUIT"), Kind::Taken),
    ] {
        assert_eq!(outcome(&server, &smtp, fault).await, known, "{fault:?}");
    }
    assert_eq!(server.received().len(), 1, "only the last was taken");
}

#[tokio::test]
async fn silence_is_unknown_only_after_the_words_were_handed_over() {
    let server = Server::start().await;
    let smtp = smtp(&server).with_timeout(Duration::from_millis(300));
    let silent = |on| Fault::IsSilent(on);
    assert_eq!(outcome(&server, &smtp, silent("RCPT")).await, Kind::Again);
    assert_eq!(outcome(&server, &smtp, silent(".")).await, Kind::Unknown);
}

#[tokio::test]
async fn how_a_server_takes_leave_changes_nothing_that_is_known() {
    let server = Server::start().await;
    let smtp = smtp(&server).with_timeout(Duration::from_millis(300));
    for (on, line, known) in [
        ("RCPT", "550 no such mailbox", Kind::Refused(Some(550))),
        (".", "554 looks like spam", Kind::Refused(Some(554))),
        (".", "451 try again", Kind::Again),
        (".", "250 queued", Kind::Taken),
    ] {
        let fault = Fault::FallsSilent(on, line);
        assert_eq!(outcome(&server, &smtp, fault).await, known, "{fault:?}");
    }
}

#[tokio::test]
async fn without_the_protection_it_wants_nothing_is_said() {
    let server = Server::start().await;
    let at = At {
        host: "127.0.0.1".into(),
        port: server.port,
        tls: Tls::Required,
        login: Some(("bot".into(), "p:ss".into())),
    };
    let smtp = Smtp::new(at, "notices@sahyadri.example", Clock::standing(noon())).unwrap();
    assert!(matches!(
        smtp.deliver("let_1", &letter()).await,
        Posted::Again { .. }
    ));
    assert_eq!(server.received().len(), 0);
    let nobody = At {
        host: "127.0.0.1".into(),
        port: 1,
        tls: Tls::None,
        login: None,
    };
    let smtp = Smtp::new(nobody, "notices@sahyadri.example", Clock::standing(noon())).unwrap();
    assert!(matches!(
        smtp.deliver("let_1", &letter()).await,
        Posted::Again { .. }
    ));
}

fn starttls(server: &Server) -> Smtp {
    let at = At {
        host: "localhost".into(),
        port: server.port,
        tls: Tls::Required,
        login: Some(("bot".into(), "p:ss".into())),
    };
    let clock = Clock::standing(noon());
    let smtp = Smtp::new(at, "notices@sahyadri.example", clock).unwrap();
    smtp.with_timeout(Duration::from_secs(20))
}

#[tokio::test]
async fn a_letter_goes_under_starttls_with_nothing_of_it_in_the_clear() {
    let server = Server::with_starttls().await;
    let smtp = starttls(&server).trusting(ROOT).unwrap();
    assert_eq!(smtp.deliver("let_1", &letter()).await, Posted::Taken);
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].login, Some(STANDARD.encode("\0bot\0p:ss")));
    assert_eq!(server.in_the_clear(), ["EHLO", "STARTTLS"]);
}

#[tokio::test]
async fn where_starttls_fails_nothing_is_said_but_hello() {
    // A certificate nobody vouches for, a server that will not, and one that cannot.
    for (fault, trusted) in [
        (None, false),
        (Some(Fault::Answers("STARTTLS", "454 not now")), true),
        (
            Some(Fault::Answers("EHLO", "250-mail.test\r\n250 AUTH PLAIN")),
            true,
        ),
    ] {
        let server = Server::with_starttls().await;
        server.breaks(fault);
        let mut smtp = starttls(&server);
        if trusted {
            smtp = smtp.trusting(ROOT).unwrap();
        }
        let posted = smtp.deliver("let_1", &letter()).await;
        assert!(
            matches!(posted, Posted::Again { .. }),
            "{fault:?}: {posted:?}"
        );
        let said = server.in_the_clear();
        let harmless = ["EHLO", "STARTTLS", "QUIT"];
        assert!(
            said.iter().all(|verb| harmless.contains(&verb.as_str())),
            "{said:?}"
        );
        assert_eq!(server.received().len(), 0);
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_asking_anybody() {
    let server = Server::start().await;
    for wrong in ["", "asha", "a@b@c", "asha@example.in\r\nRCPT TO:<x@y.in>"] {
        let to_nobody = Letter {
            to: wrong.into(),
            ..letter()
        };
        let posted = smtp(&server).deliver("let_1", &to_nobody).await;
        assert!(
            matches!(posted, Posted::Refused { code: None, .. }),
            "{wrong}"
        );
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn an_event_reaches_the_mail_server_once_through_trouble_and_several_processes() {
    let rig = Rig::new().await;
    let server = Server::start().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    for n in 0..6 {
        rig.happens(&format!("allotted:{n}"), samples::allotted())
            .await;
    }
    rig.follow().await;
    let office_of = |ground| PostOffice::new(ground, Arc::new(smtp(&server)));
    server.breaks(Some(Fault::Answers("RCPT", "450 greylisted")));
    let first = office_of(rig.ground.clone());
    while first.round().await.unwrap() {}
    assert_eq!(server.received().len(), 0);
    server.breaks(None);
    rig.after(Duration::from_mins(2));
    let offices = [
        office_of(rig.ground.clone()),
        office_of(rig.another_process().await),
        office_of(rig.another_process().await),
    ];
    let rounds = offices
        .iter()
        .map(|office| async { while office.round().await.unwrap() {} });
    futures::future::join_all(rounds).await;
    let received = server.received();
    let names: std::collections::BTreeSet<_> = received
        .iter()
        .map(|one| header(&one.words, "Message-ID"))
        .collect();
    assert_eq!((received.len(), names.len()), (6, 6));
    assert_eq!(
        rig.count("select count(*) from letters where state = 'sent'")
            .await,
        6
    );
    assert_eq!(
        rig.count("select cast(sum(attempts) as bigint) from letters")
            .await,
        12
    );
}

/// Whoever was posting is gone: nobody knows whether it went, so no machine posts it again.
#[tokio::test]
async fn a_letter_whose_sender_was_lost_is_left_to_a_person() {
    let rig = Rig::new().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.follow().await;
    rig.run(rig.ground.clone(), |conn, ground| {
        Box::pin(async move {
            let stuck = jiff::SignedDuration::from_mins(5);
            let (keys, ids, now) = (&ground.keys, &ground.ids, ground.clock.now());
            super::super::store::letters::claim(conn, keys, ids, stuck, now).await?;
            Ok(())
        })
    })
    .await;
    rig.after(Duration::from_mins(4));
    rig.post().await;
    assert_eq!(
        rig.count("select count(*) from letters where state = 'sending'")
            .await,
        1
    );
    rig.after(Duration::from_mins(2));
    rig.post().await;
    assert_eq!(
        rig.count("select count(*) from letters where state = 'unknown'")
            .await,
        1
    );
    assert_eq!(rig.letters.posted.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_letter_waits_through_the_night_and_not_for_ever() {
    let rig = Rig::new().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    rig.happens("allotted:1", samples::allotted()).await;
    rig.at("2026-09-05T20:59:30");
    rig.follow().await;
    rig.letters.answers.lock().unwrap().push(Posted::Again {
        reason: "greylisted".into(),
    });
    rig.post().await;
    rig.at("2026-09-05T21:05:00");
    rig.post().await;
    assert_eq!(rig.letters.posted.lock().unwrap().len(), 1);
    rig.at("2026-09-06T08:00:00");
    rig.post().await;
    assert_eq!(rig.letters.posted.lock().unwrap().len(), 2);

    rig.at("2026-09-04T12:00:00");
    rig.happens("due:1", samples::due()).await;
    rig.follow().await;
    rig.at("2026-09-06T09:00:00");
    rig.post().await;
    assert_eq!(rig.letters.posted.lock().unwrap().len(), 2);
    assert_eq!(
        rig.count("select count(*) from letters where state = 'failed'")
            .await,
        1
    );
}
