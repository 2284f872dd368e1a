//! Questions as people type them, over AMFI's whole list.

use std::sync::OnceLock;

use crate::investing::amfi;
use crate::investing::scheme::{Catalog, Found, OptionKind, Plan, SchemeCode};

pub(super) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let bytes = include_bytes!("../../../demo/amfi/NAVAll.txt");
        let file = amfi::parse(bytes, jiff::civil::date(2026, 8, 24), None).unwrap();
        Catalog::new(file.schemes)
    })
}

fn name(code: SchemeCode) -> String {
    catalog().get(code).unwrap().full_name()
}

pub(super) fn told(found: &Found) -> String {
    match found {
        Found::Nothing => "nothing".to_owned(),
        Found::One(code) => format!("{code} {}", name(*code)),
        Found::Several(codes) => {
            let names: Vec<_> = codes
                .iter()
                .map(|c| format!("\n   {c} {}", name(*c)))
                .collect();
            names.concat()
        }
    }
}

/// A question and the code that must be its one answer.
const CLEAR: &[(&str, u32)] = &[
    ("parag parikh flexi cap", 122_640),
    ("parag parikh flexi", 122_640),
    ("aaj ki nav parag parikh flexi cap", 122_640),
    ("ppfas flexicap nav", 122_640),
    ("parag parikh flexicap fund direct", 122_639),
    (
        "PARAG PARIKH FLEXI CAP FUND - DIRECT PLAN - GROWTH",
        122_639,
    ),
    ("prag parikh flexi cap", 122_640),
    ("parag parekh flexi cap ki nav batao", 122_640),
    ("पराग पारिख फ्लेक्सी कैप", 122_640),
    ("पराग पारिख फ्लेक्सी कैप फंड की एनएवी क्या है", 122_640),
    ("parag parikh flexi cap monthly idcw", 153_965),
    ("hdfc flexi cap nav", 101_762),
    ("hdfc flexicap", 101_762),
    ("hdfcflexicap", 101_762),
    ("hdcf flexi cap", 101_762),
    ("hdfc flexi cap direct growth", 118_955),
    ("hdfc flexi cap dividend", 101_763),
    ("hdfc flexi direct idcw", 118_954),
    ("एचडीएफसी फ्लेक्सी कैप", 101_762),
    ("एचडीएफसी फ्लेक्सी कैप डायरेक्ट", 118_955),
    ("hdfc mid cap", 105_758),
    ("hdfc midcap fund ka nav kya hai", 105_758),
    ("hdfc mid cap regular growth", 105_758),
    ("एचडीएफसी मिड कैप फ़ंड का नाव", 105_758),
    ("sbi small cap", 125_494),
    ("sbi smallcap nav dikhao", 125_494),
    ("एसबीआई स्मॉल कैप", 125_494),
    ("sbi small cap direct", 125_497),
    ("sbi large cap", 103_504),
    ("sbi bluechip", 103_504),
    ("sbi blue chip fund ki nav", 103_504),
    ("sbi liquid fund", 105_274),
    ("nippon small cap", 113_177),
    ("nippon smal cap nav", 113_177),
    ("nipon india small cap", 113_177),
    ("निप्पॉन स्मॉल कैप", 113_177),
    ("reliance small cap", 113_177),
    ("nippon small cap direct bonus", 118_777),
    ("axis elss", 112_323),
    ("axis tax saver", 112_323),
    ("axis long term equity", 112_323),
    ("एक्सिस टैक्स सेवर", 112_323),
    ("axis elss direct growth", 120_503),
    ("uti nifty 50", 100_822),
    ("uti nifty50 index fund", 100_822),
    ("uti nifty fifty", 100_822),
    ("यूटीआई निफ्टी ५०", 100_822),
    ("uti nifty 50 index direct", 120_716),
    ("icici pru balanced advantage", 104_685),
    ("icici prudential baf", 104_685),
    ("icici balanced advantge fund", 104_685),
    ("आईसीआईसीआई बैलेंस्ड एडवांटेज", 104_685),
    ("icici corporate bond", 111_987),
    ("kotak arbitrage", 105_968),
    ("kotk arbitrage nav", 105_968),
    ("hdfc liquid", 100_868),
    ("hdfc overnight", 101_996),
    ("hdfc gold etf fof", 115_934),
    ("hdfc gold fund of fund", 115_934),
    ("absl banking psu debt", 108_273),
    ("101762", 101_762),
    ("nav of 122640", 122_640),
    ("nav १२२६४०", 122_640),
];

#[test]
fn clear_questions_have_one_answer() {
    let mut wrong = Vec::new();
    for (query, code) in CLEAR {
        let found = catalog().search(query, 5);
        if found != Found::One(SchemeCode(*code)) {
            wrong.push(format!("{query}: wanted {code}, found {}", told(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn vague_questions_have_a_short_list_of_funds_with_the_words() {
    let table = [
        ("parag parikh", "Parag Parikh"),
        ("पराग पारिख", "Parag Parikh"),
        ("hdfc", "HDFC"),
        ("icici nifty", "Nifty"),
        ("small cap", "Small"),
        ("liquid fund", "Liquid"),
        ("gold", "Gold"),
        ("hdfc gold", "Gold"),
        ("elss", "ELSS"),
        ("mirae large", "Mirae"),
        ("quant", "quant"),
    ];
    let mut wrong = Vec::new();
    for (query, word) in table {
        let found = catalog().search(query, 5);
        let sound = match &found {
            Found::Several(codes) => {
                let mut names: Vec<_> = codes
                    .iter()
                    .map(|c| &catalog().get(*c).unwrap().name)
                    .collect();
                let all = names
                    .iter()
                    .all(|n| n.to_lowercase().contains(&word.to_lowercase()));
                names.dedup();
                all && names.len() == codes.len() && (2..=5).contains(&codes.len())
            }
            _ => false,
        };
        if !sound {
            wrong.push(format!("{query}: {}", told(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_names_no_fund_finds_nothing() {
    for query in [
        "",
        "hi",
        "nav batao",
        "mera portfolio",
        "asdfgh qwerty",
        "best fund batao",
        "market gir raha hai kya karu",
        "konsa fund double karega",
        "१२",
        "999999999",
        "🙏",
        "baat karni hai kisi se",
    ] {
        let found = catalog().search(query, 5);
        assert_eq!(found, Found::Nothing, "{query}: {}", told(&found));
    }
}

#[test]
fn without_plan_and_option_the_regular_growth_scheme_of_these_days_is_preferred() {
    let catalog = catalog();
    for query in [
        "sbi gilt",
        "hdfc small cap",
        "kotak flexi cap",
        "tata small cap",
    ] {
        let Found::One(code) = catalog.search(query, 5) else {
            panic!("{query}: {}", told(&catalog.search(query, 5)));
        };
        let scheme = catalog.get(code).unwrap();
        assert_eq!(
            (scheme.plan, scheme.option),
            (Plan::Regular, OptionKind::Growth),
            "{query}"
        );
        assert!(
            scheme.nav.unwrap().date >= jiff::civil::date(2026, 8, 20),
            "{query}"
        );
    }
}

#[test]
fn a_closed_scheme_is_found_only_when_it_is_asked_for_precisely() {
    let found = catalog().search(
        "icici prudential fixed maturity plan series 82 1225 days plan b",
        5,
    );
    assert!(
        told(&found).contains("Series 82 - 1225 Days Plan B"),
        "{}",
        told(&found)
    );
}
