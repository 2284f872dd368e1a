//! How well the labelled examples of `tests/data/understanding` are understood: a table by
//! group, its thresholds, and the confusions that would do harm.

use std::collections::BTreeMap;

use super::*;

const EXAMPLES: &str = include_str!("../../../../tests/data/understanding/examples.tsv");
/// Written without a look at the tables, see the README beside them.
const UNSEEN: [&str; 2] = [
    include_str!("../../../../tests/data/understanding/unseen-1.tsv"),
    include_str!("../../../../tests/data/understanding/unseen-2.tsv"),
];
const OTHERWISE: &str = include_str!("../../../../tests/data/understanding/otherwise.tsv");

/// Of a hundred, so many have to be right in all, and in each group.
const RIGHT_IN_ALL: usize = 92;
const RIGHT_IN_EACH: usize = 88;

struct Example {
    intent: &'static str,
    group: &'static str,
    text: &'static str,
}

fn examples() -> impl Iterator<Item = Example> {
    let unseen = UNSEEN.iter().flat_map(|table| table.lines());
    EXAMPLES.lines().chain(unseen).map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap();
        Example {
            intent: field(),
            group: field(),
            text: field(),
        }
    })
}

/// Texts with the words of an order that are none, and what they are.
fn otherwise() -> impl Iterator<Item = (&'static str, &'static str)> {
    OTHERWISE.lines().map(|line| line.split_once('\t').unwrap())
}

fn intent_of(text: &str) -> String {
    let read = understand(text, Expectation::Nothing);
    let name = serde_json::to_value(read.intent.public()).unwrap();
    name.as_str().unwrap().to_owned()
}

fn is_harmful(intent: &str) -> bool {
    matches!(
        intent,
        "redeem" | "switch" | "sip_stop" | "opt_out" | "confirm"
    )
}

#[test]
fn the_labelled_examples_are_understood_well_enough() {
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for example in examples() {
        let got = intent_of(example.text);
        let is_right = got == example.intent;
        for group in [example.group, "~ all"] {
            let (right, of) = table.entry(group).or_default();
            *right += usize::from(is_right);
            *of += 1;
        }
        if !is_right {
            wrong.push(format!("{} is {}, got {got}", example.text, example.intent));
        }
    }
    let shown: Vec<String> = table
        .iter()
        .map(|(group, (right, of))| format!("{group:<10} {right}/{of}"))
        .collect();
    let shown = format!("{}\n{}", shown.join("\n"), wrong.join("\n"));
    for (group, (right, of)) in &table {
        let wanted = if *group == "~ all" {
            RIGHT_IN_ALL
        } else {
            RIGHT_IN_EACH
        };
        assert!(right * 100 >= of * wanted, "{group}\n{shown}");
    }
    assert!(table["~ all"].1 >= 200 && table.len() >= 6, "{shown}");
}

#[test]
fn nothing_that_means_otherwise_is_taken_for_an_order() {
    let mut wrong = Vec::new();
    for (intent, text) in otherwise() {
        let got = intent_of(text);
        if is_harmful(&got) && got != intent {
            wrong.push(format!("{text}: {intent}, got {got}"));
        }
    }
    for example in examples() {
        let got = intent_of(example.text);
        if is_harmful(&got) && got != example.intent {
            wrong.push(format!("{}: {}, got {got}", example.text, example.intent));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_means_otherwise_is_mostly_understood_too() {
    let wrong: Vec<String> = otherwise()
        .map(|(intent, text)| (intent, text, intent_of(text)))
        .filter(|(intent, _, got)| got != intent)
        .map(|(intent, text, got)| format!("{text}: {intent}, got {got}"))
        .collect();
    let of = otherwise().count();
    assert!(wrong.len() * 100 <= of * 12, "{}", wrong.join("\n"));
}

/// Prints how long a reading takes; run it with `--nocapture`, and with `--release` for the
/// figure that counts.
#[test]
fn reading_takes_so_long() {
    let texts: Vec<&str> = examples().map(|example| example.text).collect();
    let read_first = understand(texts[0], Expectation::Nothing);
    let mut took: Vec<_> = texts
        .iter()
        .map(|text| {
            let start = std::time::Instant::now();
            let read = understand(text, Expectation::Nothing);
            (start.elapsed(), *text, read)
        })
        .collect();
    assert_eq!(took[0].2, read_first);
    took.sort_by_key(|(took, ..)| *took);
    let at = |part: usize| took[(took.len() - 1) * part / 100].0;
    println!(
        "{} readings: p50 {:?}, p99 {:?}, slowest {:?} (`{}`)",
        took.len(),
        at(50),
        at(99),
        at(100),
        took[took.len() - 1].1,
    );
}

/// Words put before or around an order that make it none.
const REFUSALS: &[(&str, &str)] = &[
    ("don't ", ""),
    ("do not ", ""),
    ("please don't ", ""),
    ("never ", ""),
    ("I don't want to ", ""),
    ("no need to ", ""),
];
const ORDERS: &[&str] = &[
    "stop my sip",
    "cancel my sip",
    "redeem my units",
    "withdraw all my money",
    "sell 50 units of hdfc flexi cap",
    "switch from sbi liquid to sbi small cap",
    "unsubscribe me",
    "stop the messages",
    "confirm",
    "proceed",
    "go ahead",
];
const HINDI_ORDERS: &[&str] = &[
    "sip band",
    "meri sip cancel",
    "sip rok",
    "units bech",
    "paise nikal",
    "सिप बंद",
    "एसआईपी रद्द",
    "यूनिट बेच",
    "पैसा निकाल",
];
const HINDI_REFUSALS: &[&str] = &[
    "mat karo",
    "mat karna",
    "nahi karna",
    "nahi karni hai",
    "मत करो",
    "मत करना",
    "नहीं करना",
    "mat dena",
    "मत देना",
];

proptest::proptest! {
    #[test]
    fn no_text_makes_understanding_panic(text in ".{0,200}", number in "[0-9,.₹%@ /-]{0,40}[a-z ]{0,12}[0-9]{0,30}") {
        for expects in [
            Expectation::Nothing, Expectation::Number, Expectation::FundName, Expectation::Amount, Expectation::Day,
            Expectation::YesOrNo, Expectation::Code, Expectation::Text, Expectation::Email, Expectation::Pan,
            Expectation::Date, Expectation::Choice(3),
        ] {
            understand(&text, expects);
            understand(&number, expects);
        }
    }

    #[test]
    fn known_words_in_any_order_make_no_panic_and_the_same_reading_twice(
        picks in proptest::collection::vec(0usize..10_000, 0..12)
    ) {
        let words: Vec<&str> = EXAMPLES.split_whitespace().collect();
        let text: Vec<&str> = picks.iter().map(|pick| words[pick % words.len()]).collect();
        let text = text.join(" ");
        proptest::prop_assert_eq!(understand(&text, Expectation::Nothing), understand(&text, Expectation::Nothing));
    }

    #[test]
    fn a_refusal_never_has_the_effect_of_what_it_refuses(
        order in 0..ORDERS.len(), refusal in 0..REFUSALS.len(), hindi in 0..HINDI_ORDERS.len(), mat in 0..HINDI_REFUSALS.len(),
        tail in proptest::sample::select(vec!["", " please", "!", " ok", " ji", "..."]), loud in proptest::bool::ANY
    ) {
        let (before, after) = REFUSALS[refusal];
        let english = format!("{before}{}{after}{tail}", ORDERS[order]);
        let hindi = format!("{} {}{tail}", HINDI_ORDERS[hindi], HINDI_REFUSALS[mat]);
        for text in [english, hindi] {
            let text = if loud { text.to_uppercase() } else { text };
            let got = intent_of(&text);
            proptest::prop_assert!(!is_harmful(&got), "{} is {}", text, got);
        }
    }
}
