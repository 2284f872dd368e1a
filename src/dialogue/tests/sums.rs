//! The calculator, question by question.

use super::conversation::{Chat, id, ids, words};
use crate::dialogue::disclosures::{MARKET_RISK, PAST_PERFORMANCE, RULES};

#[test]
fn a_sum_is_asked_together_step_by_step() {
    let mut chat = Chat::going_on();
    assert!(chat.asks("sip calculator").contains("every month"));
    assert!(chat.asks("5").contains("could not read"));
    let years = chat.writes("5k");
    assert!(words(&years).contains("₹5,000"));
    let rate = chat.taps(&id(&years, "years"));
    assert!(words(&rate).contains("5 years"));
    assert!(chat.asks("a lot").contains("could not read that as a rate"));
    assert!(
        chat.asks("5 years 6 months").contains("5 years 6 months"),
        "what was said can be said anew"
    );
    assert!(chat.asks("5 years").contains("for 5 years."));

    let result = chat.writes("12");
    let text = words(&result);
    for part in [
        "₹3,00,000",
        "assumed 12 %",
        "not a promise",
        PAST_PERFORMANCE,
        MARKET_RISK,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        result.replies[0].disclosures,
        ["illustration", "past_performance", "market_risk", RULES]
    );
}

#[test]
fn a_sum_is_read_from_one_sentence_and_the_rate_has_a_ceiling() {
    let mut chat = Chat::going_on();
    assert!(
        chat.asks("5000 for 10 years at 12%")
            .contains("₹11,61,695.38")
    );

    let text = chat.asks("5000 for 10 years at 20%");
    assert!(
        text.contains("assumed 13 %") && text.contains("asked for 20 %"),
        "{text}"
    );
    assert!(
        chat.asks("₹50 for 10 years at 12%").contains("every month"),
        "under the least amount it asks"
    );
}

#[test]
fn back_goes_one_question_back_and_cancel_drops_it() {
    let mut chat = Chat::going_on();
    chat.writes("sip calculator 5000");
    assert!(chat.asks("back").contains("every month"));
    chat.writes("7000");
    assert!(chat.asks("cancel").contains("dropped"));
    assert!(chat.asks("10 years").contains("did not understand"));
    assert!(
        !ids(&chat.writes("menu"))
            .iter()
            .any(|id| id.starts_with("resume"))
    );
}

#[test]
fn an_interrupted_sum_is_offered_again_for_a_day() {
    let mut chat = Chat::going_on();
    chat.writes("sip calculator 5000");
    let nav = chat.writes("hdfc flexi cap nav");
    assert!(
        words(&nav).contains("continue your SIP calculation of ₹5,000"),
        "{}",
        words(&nav)
    );
    assert!(words(&chat.taps(&id(&nav, "resume"))).contains("how many years"));

    chat.writes("hdfc flexi cap nav");
    assert!(
        !chat
            .asks("hdfc flexi cap nav")
            .contains("continue your SIP"),
        "offered once"
    );
    let menu = chat.writes("menu");
    id(&menu, "resume");
    assert!(chat.asks("yes").contains("how many years"));

    chat.writes("menu");
    chat.waits(25);
    let menu = chat.writes("menu");
    assert!(!ids(&menu).iter().any(|id| id.starts_with("resume")));
}

#[test]
fn a_question_left_open_for_a_day_is_no_longer_answered_by_a_number() {
    let mut chat = Chat::going_on();
    chat.writes("sip calculator");
    chat.waits(25);
    assert!(chat.asks("5000").contains("*₹5,000*: shall I"));
}

#[test]
fn a_time_or_rate_said_later_goes_on_with_the_interrupted_sum() {
    let mut chat = Chat::going_on();
    chat.writes("sip calculator 5000");
    chat.writes("portfolio");
    assert!(chat.asks("10 years").contains("Which yearly rate"));
}

#[test]
fn each_sum_is_chosen_from_the_list_and_asked_for_what_it_needs() {
    for (sum, answers, part) in [
        ("once", ["1 lakh", "10 years", "12", ""], "₹3,10,584.82"),
        (
            "step_up",
            ["10000", "10%", "10 years", "12"],
            "₹33,74,326.26",
        ),
        ("goal", ["1 crore", "15 years", "12", ""], "₹19,818.62"),
        ("swp", ["10 lakh", "8000", "10 years", "8"], "₹7,56,071.95"),
    ] {
        let mut chat = Chat::going_on();
        let choice = chat.writes("calculator");
        assert_eq!(ids(&choice).len(), 5);
        let mut reply = chat.taps(&id(&choice, &format!(":{sum}")));
        for answer in answers.into_iter().filter(|answer| !answer.is_empty()) {
            reply = chat.writes(answer);
        }
        let text = words(&reply);
        assert!(text.contains(part), "{sum}: {part} in {text}");
        let disclosures = ["illustration", "past_performance", "market_risk", RULES];
        assert_eq!(reply.replies[0].disclosures, disclosures, "{sum}");
        assert!(text.contains(MARKET_RISK) && text.contains("not a promise"));
    }
}

#[test]
fn each_sum_is_read_from_one_sentence() {
    for (sentence, parts) in [
        (
            "lumpsum calculator 1 lakh for 10 years at 12%",
            ["₹3,10,584.82", "compounded yearly"],
        ),
        (
            "step up sip calculator 5000, increase 500 every year, 15 years at 12%",
            ["₹37,54,640.32", "₹500 more each year"],
        ),
        (
            "how much sip for 1 crore in 15 years at 12%",
            ["₹19,818.62", "Rounded up: ₹19,900"],
        ),
        (
            "swp calculator 10 lakh 12000 per month 20 years 8%",
            [
                "122 full payments, the one after them ₹536.28",
                "Nothing is left",
            ],
        ),
    ] {
        let text = Chat::going_on().asks(sentence);
        for part in parts {
            assert!(text.contains(part), "{sentence}: {part} in {text}");
        }
    }
}

#[test]
fn money_that_outlasts_forty_years_is_said_to_and_the_year_asked_about_too() {
    let text = Chat::going_on().asks("swp calculator 5 lakh 2500 monthly 5 years 6%");
    assert!(
        text.contains("Left then: *₹5,00,000*") && text.contains("40 years"),
        "{text}"
    );
}

#[test]
fn back_goes_through_the_questions_of_a_longer_sum_and_a_bad_answer_is_asked_again() {
    let mut chat = Chat::going_on();
    chat.writes("step up calculator 10000");
    assert!(
        chat.asks("a lot")
            .contains("could not read that as a yearly")
    );
    assert!(chat.asks("200%").contains("could not read"));
    chat.writes("500");
    assert!(chat.asks("back").contains("By how much does it grow"));
    assert!(chat.asks("back").contains("in the first year"));
    assert!(chat.asks("back").contains("What would you like"));

    let mut swp = Chat::going_on();
    swp.writes("swp calculator 1 lakh");
    assert!(swp.asks("5 lakh").contains("below ₹1,00,000"));
}
