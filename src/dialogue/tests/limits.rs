use super::conversation::{Chat, body, holding, media};
use crate::investing::Return;
use crate::pipeline::Reply;
use crate::whatsapp::{Content, MediaKind, Outgoing};

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn assert_within_limits(reply: &Reply, context: &str) {
    reply
        .message
        .check()
        .unwrap_or_else(|over| panic!("{context}: {over}"));
    let text = body(&reply.message);
    assert!(!text.trim().is_empty() && chars(text) <= 4_096, "{context}");
    match reply.message.bare() {
        Outgoing::Buttons { body, buttons, .. } => {
            assert!(chars(body) <= 1_024, "{context}: {}", chars(body));
            assert!((1..=3).contains(&buttons.len()), "{context}");
            for (at, button) in buttons.iter().enumerate() {
                assert!(
                    (1..=20).contains(&chars(&button.title)),
                    "{context}: {}",
                    button.title
                );
                assert!(chars(&button.id) <= 200);
                assert!(
                    buttons[..at]
                        .iter()
                        .all(|other| other.title != button.title && other.id != button.id),
                    "{context}"
                );
            }
        }
        Outgoing::List {
            button, sections, ..
        } => {
            assert!((1..=20).contains(&chars(button)), "{context}");
            let rows: Vec<_> = sections.iter().flat_map(|section| &section.rows).collect();
            assert!((1..=10).contains(&rows.len()), "{context}");
            // What stands alone has its title above it on the sheet: the button's.
            let title = if sections.len() == 1 { 0..=0 } else { 1..=24 };
            for section in sections {
                assert!(
                    title.contains(&chars(&section.title)) && !section.rows.is_empty(),
                    "{context}"
                );
            }
            for (at, row) in rows.iter().enumerate() {
                assert!(
                    (1..=24).contains(&chars(&row.title)),
                    "{context}: {}",
                    row.title
                );
                assert!(
                    row.description
                        .as_ref()
                        .is_none_or(|note| (1..=72).contains(&chars(note))),
                    "{context}"
                );
                assert!(
                    chars(&row.id) <= 200 && rows[..at].iter().all(|other| other.id != row.id),
                    "{context}"
                );
            }
        }
        _ => {}
    }
}

#[test]
fn every_reply_keeps_metas_limits_in_every_language_also_as_a_first_message() {
    let long = "x".repeat(4_096);
    let said = [
        "hi",
        "menu",
        "help",
        "thanks",
        "nav",
        "nav parag parikh",
        "nav hdfc flexi",
        "nav zeta old",
        "portfolio",
        "calculator",
        "5000 for 10 years",
        "5000 for 10 years at 20%",
        "language",
        "hindi",
        "stop",
        "start",
        "opt in",
        "agent",
        "complaint",
        "best fund",
        "start sip",
        "stop sip",
        "redeem",
        "kyc",
        "statement",
        "switch",
        "invest",
        "mandate",
        "pause sip",
        "change sip",
        "sip status",
        "delete my data",
        "weather",
        "asdf",
        "zeta empty",
        "yes",
        "no",
        "back",
        "cancel",
        "5000",
        "what is a sip",
        "what is a lumpsum",
        "👍",
        long.as_str(),
    ];
    for language in ["en", "hi", "hinglish"] {
        for lead_in in [
            &[][..],
            &["calculator 5000"],
            &["nav"],
            &["calculator 5000", "menu"],
        ] {
            for text in said {
                for first in [true, false] {
                    let mut chat =
                        Chat::holding(vec![holding("HDFC Flexi Cap Fund", Return::Ambiguous); 40]);
                    chat.contact.language = Some(language.into());
                    for text in lead_in {
                        chat.writes(text);
                    }
                    if first {
                        chat.contact.last_inbound_at = None;
                    }
                    let decision = chat.writes(text);
                    assert_eq!(decision.replies.len(), 1, "{text}");
                    let short: String = text.chars().take(20).collect();
                    assert_within_limits(
                        &decision.replies[0],
                        &format!("{language} {lead_in:?} {short}"),
                    );
                }
            }
        }
        let mut chat = Chat::new(Vec::new());
        chat.contact.language = Some(language.into());
        assert_within_limits(&chat.hears(media(MediaKind::Audio)).replies[0], "voice");
        assert_within_limits(&chat.taps("menu:open:0:help").replies[0], "tap");
        assert_within_limits(&chat.hears(Content::Welcome).replies[0], "welcome");
        assert_within_limits(&chat.apology()[0], "apology");
    }
}

#[test]
fn the_same_message_in_the_same_situation_gets_the_same_reply() {
    let reply = || Chat::going_on().writes("parag parikh nav").replies;
    assert_eq!(reply(), reply());
}
