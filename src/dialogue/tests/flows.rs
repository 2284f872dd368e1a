//! Conversations about everything else.

use super::conversation::{Chat, body, id, ids, media, words};
use crate::contacts::{ContactChange, Marketing, Owner};
use crate::dialogue::disclosures::{IDENTITY, MARKET_RISK, RULES};
use crate::pipeline::StoredSession;
use crate::whatsapp::{Content, MediaKind, Outgoing};

#[test]
fn the_first_message_of_a_conversation_says_who_we_are_in_the_same_bubble() {
    let mut chat = Chat::new(Vec::new());

    let first = chat.writes("hi");
    let text = words(&first);
    for part in [
        "Demo Distributor",
        IDENTITY,
        "ARN-000000",
        "automated assistant",
        "person",
        "Asha",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(first.replies[0].disclosures, ["identity", RULES]);
    assert!(matches!(first.replies[0].message, Outgoing::List { .. }));
    assert_eq!(first.outcome, "answered");

    assert!(!chat.asks("hi").contains("ARN-000000"));
    chat.waits(25);
    assert!(chat.asks("hi").contains("ARN-000000"));
}

#[test]
fn one_fund_is_shown_with_its_facts_and_what_is_not_on_record() {
    let mut chat = Chat::going_on();

    let reply = chat.writes("hdfc flexi cap nav");
    let text = words(&reply);
    for part in [
        "HDFC Flexi Cap Fund",
        "₹2,012.3450",
        "21-Aug-2026",
        "Equity: Flexi Cap",
        "Regular",
        "risk-o-meter",
        MARKET_RISK,
        "commission",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        reply.replies[0].disclosures,
        ["commission", "market_risk", RULES]
    );

    assert!(chat.asks("nav zeta old").contains("more than a week old"));
    let empty = chat.asks("nav zeta empty");
    assert!(
        empty.contains("NAV: not on our record") && !empty.contains('₹'),
        "{empty}"
    );
}

#[test]
fn several_funds_are_offered_and_picked_by_tap_or_number() {
    let mut chat = Chat::going_on();
    let offer = chat.writes("aaj ki nav parag parikh");
    assert_eq!(ids(&offer).len(), 2);

    let picked = chat.taps(&id(&offer, "122639"));
    assert!(words(&picked).contains("₹92.0000"));

    chat.writes("parag parikh nav");
    assert!(chat.asks("1").contains("₹85.0000"));
}

#[test]
fn a_name_is_asked_for_and_an_unknown_one_is_said_to_be_unknown() {
    let mut chat = Chat::going_on();
    assert!(chat.asks("nav").contains("Which fund"));
    assert!(chat.asks("xyz").contains("no scheme for “xyz”"));
    assert!(chat.asks("hdfc flexi").contains("₹2,012.3450"));
}

#[test]
fn a_bare_fund_name_shows_its_nav_and_a_likely_one_is_guessed() {
    let mut chat = Chat::going_on();
    assert!(chat.asks("hdfc flexi cap").contains("₹2,012.3450"));

    let guess = chat.writes("zeta empty");
    assert!(
        words(&guess).contains("Did you mean the NAV of *Zeta Empty Fund"),
        "{}",
        words(&guess)
    );
    assert!(words(&chat.taps(&id(&guess, ":8"))).contains("Zeta Empty Fund"));

    assert!(chat.asks("asdfgh").contains("did not understand"));
}

#[test]
fn a_tap_on_an_earlier_message_has_no_effect_and_gets_a_polite_answer() {
    let mut chat = Chat::going_on();
    let old = chat.writes("menu");
    chat.writes("menu");
    let reply = chat.taps(&id(&old, "agent"));
    assert!(words(&reply).contains("earlier message"));
    assert_eq!((reply.changes.len(), chat.contact.owner), (0, Owner::Bot));

    let years = chat.writes("sip calculator 5000");
    chat.taps(&id(&years, "years:"));
    let stale = chat.taps(&id(&years, "years:"));
    assert!(
        words(&stale).contains("earlier message") && words(&stale).contains("Which yearly rate")
    );

    let foreign = chat.hears(Content::Tap {
        id: "whatever".into(),
        title: "My portfolio".into(),
    });
    assert!(
        words(&foreign).contains("CAS"),
        "an id that is none of ours is read by its label"
    );
}

#[test]
fn a_session_that_cannot_be_read_leads_to_the_menu_with_an_apology() {
    for stored in [
        (99, "{}"),
        (1, "not json"),
        (1, r#"{"state":{"flow":"gone"}}"#),
    ] {
        let mut chat = Chat::going_on();
        chat.session = Some(StoredSession {
            version: stored.0,
            generation: 5,
            state: stored.1.into(),
        });
        let reply = chat.writes("menu");
        assert!(words(&reply).contains("lost track"));
        assert_eq!(reply.session.unwrap().generation, 6);
        assert!(!chat.asks("menu").contains("lost track"));
    }
}

#[test]
fn stop_takes_effect_in_every_state_and_keeps_it() {
    let lead_ins: [&[&str]; 6] = [
        &[],
        &["menu"],
        &["nav"],
        &["parag parikh nav"],
        &["sip calculator"],
        &["5000 ki calculator", "10 years"],
    ];
    for lead_in in lead_ins {
        for stop in ["STOP", "stop", "band karo", "बंद करो", "unsubscribe"] {
            let mut chat = Chat::going_on();
            for text in lead_in {
                chat.writes(text);
            }
            let reply = chat.writes(stop);
            assert_eq!(
                reply.changes,
                [ContactChange::Marketing(Marketing::OptedOut)],
                "{lead_in:?} {stop}"
            );
            assert_eq!(reply.replies.len(), 1);
        }
    }
    let mut chat = Chat::going_on();
    chat.writes("sip calculator 5000");
    chat.writes("stop");
    assert!(
        chat.asks("10 years").contains("Which yearly rate"),
        "the sum goes on"
    );
}

#[test]
fn marketing_starts_again_only_by_the_very_words() {
    let mut chat = Chat::going_on();
    chat.writes("stop");
    for text in ["hi", "yes", "start sip 500", "haan", "portfolio"] {
        chat.writes(text);
        assert_eq!(chat.contact.marketing, Marketing::OptedOut, "{text}");
    }
    chat.writes("START");
    assert_eq!(chat.contact.marketing, Marketing::OptedIn);

    let mut chat = Chat::going_on();
    assert!(
        chat.asks("start").contains("OPT IN"),
        "a first start is a hello, not consent"
    );
    assert_eq!(chat.contact.marketing, Marketing::NotAsked);
    chat.writes("opt in");
    assert_eq!(chat.contact.marketing, Marketing::OptedIn);
}

#[test]
fn a_person_takes_over_and_the_bot_is_silent_until_then_but_for_stop() {
    let mut chat = Chat::going_on();
    let reply = chat.writes("talk to a person");
    assert_eq!(
        reply.changes,
        [ContactChange::HandOff("asked for a person".into())]
    );
    assert!(words(&reply).contains("grievance@example.in"));

    for text in ["hi", "portfolio", "agent", "start"] {
        let held = chat.writes(text);
        assert_eq!(
            (held.outcome, held.replies.len(), held.changes.len()),
            ("held", 0, 0),
            "{text}"
        );
        assert!(held.session.is_none());
    }
    let held = chat.writes("STOP");
    assert_eq!((held.outcome, held.replies.len()), ("held", 0));
    assert_eq!(
        held.changes,
        [ContactChange::Marketing(Marketing::OptedOut)]
    );
    assert!(chat.apology().is_empty());

    chat.contact.owner = Owner::Bot;
    assert_eq!(chat.writes("hi").replies.len(), 1);
    assert_eq!(chat.apology().len(), 1);
}

#[test]
fn a_complaint_is_handed_over_with_where_else_to_turn() {
    let reply = Chat::going_on().writes("paisa kat gaya units nahi aaye, shikayat karni hai");
    let [ContactChange::HandOff(reason)] = &reply.changes[..] else {
        panic!("not handed over: {:?}", reply.changes);
    };
    assert_eq!(reply.heard, Some("hinglish"));
    assert!(reason.starts_with("complaint C-260824-"), "{reason}");
    assert!(words(&reply).contains("scores.sebi.gov.in"));
}

#[test]
fn what_cannot_be_done_here_is_said_so_and_a_person_is_offered() {
    for text in [
        "start sip 5000",
        "stop sip",
        "redeem 20k",
        "invest 1L",
        "best fund batao",
    ] {
        let mut chat = Chat::going_on();
        chat.contact.language = Some("en".into());
        let reply = chat.writes(text);
        let said = words(&reply);
        assert!(
            said.contains("not available in this chat yet") || said.contains("cannot recommend"),
            "{said}"
        );
        assert!(reply.changes.is_empty());
        chat.taps(&id(&reply, "person:call"));
        assert_eq!(chat.contact.owner, Owner::Human, "{text}");
    }
}

#[test]
fn every_type_of_message_gets_its_policy() {
    let unreadable = [
        media(MediaKind::Audio),
        media(MediaKind::Video),
        media(MediaKind::Sticker),
        media(MediaKind::Image),
        media(MediaKind::Document),
        Content::Location,
        Content::Contacts,
        Content::Order,
        Content::FlowReply("{}".into()),
        Content::Unsupported("poll".into()),
    ];
    for content in unreadable {
        let mut chat = Chat::going_on();
        chat.writes("sip calculator 5000");
        let said = words(&chat.hears(content.clone()));
        assert!(
            said.contains("cannot open") && !said.contains('\n'),
            "{content:?}: {said}"
        );
        assert!(
            chat.asks("10 years").contains("Which yearly rate"),
            "the sum goes on"
        );
    }
    let unanswered = [
        (Content::Reaction(Some("👍".into())), "ignored"),
        (Content::Reaction(None), "ignored"),
        (
            Content::System("customer_identity_changed".into()),
            "recorded",
        ),
        (Content::Edit, "recorded"),
        (Content::Revoke, "recorded"),
        (Content::CallPermission, "recorded"),
    ];
    for (content, outcome) in unanswered {
        let decision = Chat::going_on().hears(content);
        assert_eq!((decision.outcome, decision.replies.len()), (outcome, 0));
        assert!(decision.session.is_none());
    }
    assert!(words(&Chat::going_on().hears(Content::Welcome)).contains("Hello Asha"));
    let button = Content::TemplateButton {
        payload: "x".into(),
        text: "Stop promotions".into(),
    };
    assert_eq!(
        Chat::going_on().hears(button).changes,
        [ContactChange::Marketing(Marketing::OptedOut)]
    );
}

#[test]
fn a_profile_name_cannot_format_or_fill_the_greeting() {
    let mut chat = Chat::going_on();
    chat.contact.name = Some(format!("*_~\u{202e}{}", "x".repeat(300)));
    let said = chat.asks("hi");
    assert!(
        said.chars().count() < 300 && !said.contains('\u{202e}') && !said.contains("*_~"),
        "{said}"
    );
}

#[test]
fn yes_and_no_to_nothing_say_so() {
    for text in ["yes", "no"] {
        let reply = Chat::going_on().writes(text);
        assert!(
            body(&reply.replies[0].message).contains("nothing waiting"),
            "{text}"
        );
    }
}

#[test]
fn a_voice_note_and_a_sound_file_are_told_apart_in_every_language() {
    for (language, voice_note, file) in [
        ("en", "voice messages", "audio files"),
        ("hi", "वॉइस मैसेज", "ऑडियो फ़ाइल"),
        ("hinglish", "voice message", "audio file"),
    ] {
        for (voice, said) in [(true, voice_note), (false, file)] {
            let mut chat = Chat::going_on();
            chat.contact.language = Some(language.into());
            let sound = Content::Media {
                kind: MediaKind::Audio,
                id: "1".into(),
                mime_type: "audio/ogg; codecs=opus".into(),
                caption: None,
                voice,
            };
            let line = words(&chat.hears(sound));
            assert!(line.contains(said), "{language}: {line}");
        }
    }
}

#[test]
fn words_below_a_picture_count_if_they_are_understood() {
    let captioned = |words: &str| Content::Media {
        kind: MediaKind::Image,
        id: "1".into(),
        mime_type: "image/png".into(),
        caption: Some(words.to_owned()),
        voice: false,
    };
    let mut chat = Chat::going_on();
    assert!(words(&chat.hears(captioned("hdfc flexi cap nav"))).contains("₹2,012.3450"));
    assert!(words(&chat.hears(captioned("asdf"))).contains("cannot open pictures"));
    chat.contact.owner = Owner::Human;
    let held = chat.hears(captioned("STOP"));
    assert_eq!(
        held.changes,
        [ContactChange::Marketing(Marketing::OptedOut)]
    );
}
