//! What somebody holds, and when it is not shown.

use super::conversation::{Chat, holding, words};
use crate::dialogue::disclosures::{MARKET_RISK, PAST_PERFORMANCE, RULES};
use crate::investing::{Holding, Return};

#[test]
fn a_portfolio_shows_figures_dates_and_an_honest_word_for_every_missing_xirr() {
    let cases = [
        (Return::Yearly(0.1), "XIRR: 10.00%"),
        (Return::UnderOneYear, "XIRR: after 1 year"),
        (Return::IncompleteHistory, "XIRR: statement incomplete"),
        (Return::NotPriced, "XIRR: no NAV on record"),
        (Return::Ambiguous, "XIRR: more than one rate fits"),
        (Return::None, "XIRR: no rate fits"),
    ];
    let holdings = cases
        .iter()
        .map(|(xirr, _)| holding("HDFC Flexi Cap Fund", *xirr))
        .collect();
    let mut chat = Chat::holding(holdings);

    let reply = chat.writes("my portfolio");
    let text = words(&reply);
    for part in [
        "₹74,073.60",
        "25.00%",
        "12.34% a year",
        "₹12,345.60",
        "₹2,345.60",
        "23.46%",
        "123.456 units",
        "20-Aug-2026 – 21-Aug-2026",
        "18-Aug-2026",
        PAST_PERFORMANCE,
        MARKET_RISK,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for (_, part) in cases {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        reply.replies[0].disclosures,
        ["past_performance", "market_risk", RULES]
    );
}

#[test]
fn the_value_of_a_part_is_called_that_and_no_cost_of_all_stands_beside_it() {
    let priced = holding("HDFC Flexi Cap Fund", Return::UnderOneYear);
    let unpriced = Holding {
        nav: None,
        value: None,
        gain: None,
        ..holding("Parag Parikh Flexi Cap Fund", Return::NotPriced)
    };
    for (language, part) in [
        ("en", "Value of the funds that have a NAV: *₹12,345.60*"),
        ("hi", "जिन फंड की NAV है, उनका मूल्य: *₹12,345.60*"),
        ("hinglish", "Jin funds ki NAV hai, unki value: *₹12,345.60*"),
    ] {
        let mut chat = Chat::holding(vec![priced.clone(), unpriced.clone()]);
        chat.contact.language = Some(language.into());
        let text = chat.asks("portfolio");
        assert!(text.contains(part), "{text}");
        assert!(!text.contains("₹20,000"), "{text}");
    }
    let mut chat = Chat::holding(vec![priced.clone(), priced]);
    chat.contact.language = Some("en".into());
    let text = chat.asks("portfolio");
    assert!(
        text.contains("Value: *₹24,691.20*") && text.contains("Cost: ₹20,000"),
        "{text}"
    );
}

#[test]
fn a_long_portfolio_stays_one_bubble_and_says_how_much_is_left_out() {
    for language in ["en", "hi", "hinglish"] {
        let mut chat = Chat::holding(vec![
            holding(&"Long name ".repeat(20), Return::UnderOneYear);
            80
        ]);
        chat.contact.language = Some(language.into());
        chat.contact.last_inbound_at = None;
        chat.writes("5000 sip calculator");
        let reply = chat.writes("portfolio");
        let text = words(&reply);
        assert!(text.chars().count() <= 4_096);
        let shown = text.matches("123.456").count();
        assert!(
            shown > 3 && text.contains(&format!("{} ", 80 - shown)),
            "{shown} in {text}"
        );
        assert!(text.contains(MARKET_RISK));
    }
}

#[test]
fn without_an_import_the_portfolio_says_how_to_get_it_here() {
    let text = Chat::going_on().asks("portfolio");
    assert!(
        text.contains("CAS") && text.contains("Demo Distributor"),
        "{text}"
    );
}

#[test]
fn to_somebody_whose_number_changed_nothing_is_shown_until_a_person_has_made_sure() {
    let held = holding("HDFC Flexi Cap Fund", Return::Yearly(0.1));
    let mut chat = Chat::holding(vec![held]);
    assert!(chat.asks("portfolio").contains("HDFC Flexi Cap"));
    chat.contact.unverified_since = Some(chat.now);
    let text = chat.asks("portfolio");
    assert!(text.contains("number has changed"), "{text}");
    assert!(!text.contains("HDFC") && !text.contains('₹'), "{text}");
    chat.contact.unverified_since = None;
    assert!(chat.asks("portfolio").contains("HDFC Flexi Cap"));
}
