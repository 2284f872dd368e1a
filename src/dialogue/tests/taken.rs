//! What the exchange does not take is not offered, and whoever asks for it is told.

use serde_json::{Value, json};

use super::conversation::{Chat, id, ids, words};
use super::house::{FLEXI, House};
use super::money::{held, paying, running, spoken};
use crate::investing::gateway::port::Takes;
use crate::investing::orders::draft::Proposal;
use crate::investing::orders::{MandateKind, PlanStatus};
use crate::whatsapp::forms::Answer;

/// What is said of a SIP that grows, and of UPI `AutoPay`.
const TOLD: [(&str, &str, &str); 3] = [
    (
        "en",
        "(step-up) cannot be placed",
        "UPI AutoPay cannot be placed",
    ),
    (
        "hi",
        "(step-up) अभी हमारे एक्सचेंज पर नहीं",
        "UPI AutoPay अभी हमारे एक्सचेंज पर नहीं",
    ),
    (
        "hinglish",
        "(step-up) abhi hamare exchange par nahi",
        "UPI AutoPay abhi hamare exchange par nahi",
    ),
];

fn narrow((chat, house): (Chat, House), language: &str) -> (Chat, House) {
    house.book().takes = Some(Takes {
        mandates: &[MandateKind::Enach],
        step_up: false,
    });
    let mut chat = chat;
    spoken(&mut chat, language);
    (chat, house)
}

#[test]
fn a_sip_is_asked_neither_to_grow_nor_to_be_paid_in_a_way_that_is_not_taken() {
    for (language, no_growth, no_upi) in TOLD {
        let (mut chat, house) = narrow(held(), language);
        chat.writes("start sip 5000 hdfc flexi cap");
        let pays = chat.writes("5");
        let offered = ids(&pays);
        let is_offered = |what: &str| offered.iter().any(|id| id.contains(what));
        assert!(is_offered(":enach"), "{offered:?}");
        assert!(!is_offered(":upi") && !is_offered("growth:"), "{offered:?}");
        let text = words(&pays);
        assert!(text.contains(no_upi) && !text.contains(no_growth), "{text}");
        let wanted = id(&pays, ":enach").replace("enach", "upi");
        let told = words(&chat.taps(&wanted));
        assert!(told.contains(no_upi), "{told}");
        assert!(house.book().done.is_empty(), "nothing is to be confirmed");
        let day = chat.writes("back");
        let mandate = chat.taps(&id(&day, ":10"));
        let mandate = chat.taps(&id(&mandate, ":enach"));
        assert!(!ids(&mandate).is_empty());
        let Proposal::Mandate(draft) = house.draft().terms.proposal else {
            panic!("a mandate");
        };
        assert_eq!(draft.kind, MandateKind::Enach);
    }
}

#[test]
fn whoever_asks_for_a_sip_that_grows_is_told_that_it_stays() {
    for (language, no_growth, _) in TOLD {
        for wish in ["step up by 10 percent", "har saal 10% badhao", "step up"] {
            let (mut chat, house) = narrow(paying(), language);
            chat.writes("start sip 5000 hdfc flexi cap");
            let review = words(&chat.writes("5"));
            assert!(!review.contains(no_growth), "{review}");
            let told = words(&chat.writes(wish));
            assert!(told.contains(no_growth), "{wish}: {told}");
            let Proposal::Plan(plan) = house.draft().terms.proposal else {
                panic!("a plan");
            };
            assert_eq!(plan.terms.step_up, None);
        }
        let (mut chat, _house) = narrow(paying(), language);
        let told = chat.asks("start step up sip 5000 hdfc flexi cap");
        assert!(told.contains(no_growth), "{told}");
    }
}

#[test]
fn a_running_sip_is_not_offered_growth() {
    for (language, no_growth, _) in TOLD {
        let (mut chat, house) = narrow(running(PlanStatus::Active), language);
        let ask = chat.writes("change my sip");
        let offered = ids(&ask);
        assert!(
            !offered.iter().any(|id| id.ends_with(":growth")),
            "{offered:?}"
        );
        let wanted = id(&ask, ":amount").replace("amount", "growth");
        let told = words(&chat.taps(&wanted));
        assert!(told.contains(no_growth), "{told}");
        assert!(house.book().done.is_empty());
    }
}

#[test]
fn the_form_offers_what_is_taken_and_takes_nothing_else() {
    let (chat, house) = held();
    let growths = |chat: &Chat| -> Vec<Value> {
        let fields = json!({"name": "flexi", "scheme": FLEXI.to_string(), "searched": "flexi"});
        match chat.fills("FUND", &fields) {
            Answer::Screen { id: "TERMS", data } => vec![
                data["growths"].as_array().unwrap().len().into(),
                data["filled"]["growth"].clone(),
            ],
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(growths(&chat), [json!(3), json!("")]);
    let (chat, _house) = narrow((chat, house), "en");
    assert_eq!(growths(&chat), [json!(1), json!("fixed")]);
    let terms = |growth: &str| {
        let scheme = FLEXI.to_string();
        let fields = json!({"scheme": scheme, "amount": "5000", "day": "5", "growth": growth});
        match chat.fills("TERMS", &fields) {
            Answer::Screen { id, data } => (id, data["errors"]["growth"].is_string()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(terms("percent-10"), ("TERMS", true));
    assert_eq!(terms("fixed"), ("REVIEW", false));
}
