//! How well the labelled messages of `tests/data/understanding` are understood: those that
//! were learnt from, those that were not, and what would do harm.

use std::collections::BTreeMap;

use super::learn::{self, Labelled};
use super::model::{MODEL, Model};
use super::*;

/// The tables, one per writer, in the order of their names.
macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../tests/data/understanding/", $name, ".tsv")))),*]
    };
}

#[rustfmt::skip]
const TABLES: &[(&str, &str)] = tables![
    "added", "english", "examples", "hindi", "hinglish", "other", "otherwise", "second", "traps", "unseen-1", "unseen-2", "unseen-3",
];

fn tables() -> Vec<(&'static str, Vec<Labelled<'static>>)> {
    TABLES
        .iter()
        .map(|(name, table)| (*name, learn::read(table).unwrap()))
        .collect()
}

fn messages() -> Vec<Labelled<'static>> {
    tables().into_iter().flat_map(|(_, table)| table).collect()
}

fn intent_of(text: &str) -> Intent {
    understand(text, Expectation::Nothing).intent.public()
}

/// How many were read as they are labelled, of how many, by a name.
#[derive(Default)]
struct Tally(BTreeMap<String, (usize, usize)>);

impl Tally {
    fn count(&mut self, name: String, is_right: bool) {
        let (right, of) = self.0.entry(name).or_default();
        *right += usize::from(is_right);
        *of += 1;
    }

    fn percent(&self, name: &str) -> f64 {
        let (right, of) = self.0[name];
        100.0 * f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(of).unwrap())
    }

    fn shown(&self) -> String {
        let lines = self.0.iter().map(|(name, (right, of))| {
            format!("{name:<24} {right:>5}/{of:<5} {:.1}", self.percent(name))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn the_model_was_learnt_from_these_messages_and_tables_of_words() {
    assert_eq!(
        MODEL.fingerprint(),
        learn::fingerprint(&messages()),
        "the model is out of date: see tests/data/understanding/README.md"
    );
}

#[test]
fn what_was_learnt_is_known() {
    let mut tally = Tally::default();
    let mut harmful = Vec::new();
    for message in messages().iter().step_by(7) {
        let got = intent_of(message.text);
        let is_right = got == message.intent;
        tally.count("all".to_owned(), is_right);
        if !is_right && got.binds() {
            harmful.push(format!(
                "{}: {:?}, got {got:?}",
                message.text, message.intent
            ));
        }
    }
    assert!(tally.percent("all") >= 96.0, "{}", tally.shown());
    assert!(harmful.is_empty(), "{}", harmful.join("\n"));
}

#[test]
fn nothing_that_means_otherwise_is_taken_for_an_order() {
    let tables = tables();
    let traps = tables
        .iter()
        .filter(|(name, _)| matches!(*name, "traps" | "otherwise"));
    let harmful: Vec<String> = traps
        .flat_map(|(_, table)| table)
        .map(|trap| (trap, intent_of(trap.text)))
        .filter(|(trap, got)| got.binds() && *got != trap.intent)
        .map(|(trap, got)| format!("{}: {:?}, got {got:?}", trap.text, trap.intent))
        .collect();
    assert!(harmful.is_empty(), "{}", harmful.join("\n"));
}

#[test]
fn what_a_message_says_besides_is_read() {
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for message in messages() {
        let Some(wanted) = message.slots else {
            continue;
        };
        let wanted: serde_json::Value = serde_json::from_str(wanted).unwrap();
        let read = understand(message.text, Expectation::Nothing);
        if read.intent.public() != message.intent {
            continue;
        }
        let got = read.slots.public();
        let names = wanted.as_object().into_iter().chain(got.as_object());
        let names: std::collections::BTreeSet<&String> =
            names.flat_map(|slots| slots.keys()).collect();
        for name in names {
            tally.count(name.clone(), said(&wanted[name]) == said(&got[name]));
            tally.count("all".to_owned(), said(&wanted[name]) == said(&got[name]));
            if said(&wanted[name]) != said(&got[name]) {
                wrong.push(format!(
                    "{} {name}: {}, got {}",
                    message.text, wanted[name], got[name]
                ));
            }
        }
    }
    println!("{}\n{}", wrong.join("\n"), tally.shown());
    assert!(
        tally.percent("all") >= 80.0,
        "{}\n{}",
        wrong.join("\n"),
        tally.shown()
    );
}

/// A slot as it is compared: names of funds without regard to case and to the word "fund".
fn said(slot: &serde_json::Value) -> String {
    let words = slot.to_string().to_lowercase();
    let words = words
        .split_whitespace()
        .filter(|word| !word.starts_with("fund"));
    words.collect::<Vec<_>>().join(" ")
}

/// Each writer's messages, read by a model learnt from all others: what to expect of
/// sentences nobody has seen. `PARTS=6` leaves out every sixth message instead. Some minutes
/// without `--release`.
#[test]
#[ignore = "learns a model for each writer; the README beside the tables has the command"]
fn messages_of_a_writer_nobody_has_read_are_understood() {
    let parts: Option<usize> = option_env!("PARTS").map(|parts| parts.parse().unwrap());
    let tables = tables();
    let all: Vec<(usize, &str, Labelled<'_>)> = tables
        .iter()
        .enumerate()
        .flat_map(|(at, (name, table))| table.iter().map(move |message| (at, *name, *message)))
        .collect();
    let part = |at: usize| parts.map_or(all[at].0, |parts| at % parts);
    let mut tally = Tally::default();
    let mut harmful = Vec::new();
    let mut wrong = Vec::new();
    for left_out in 0..parts.unwrap_or(tables.len()) {
        let rest: Vec<Labelled<'_>> = (0..all.len())
            .filter(|at| part(*at) != left_out)
            .map(|at| all[at].2)
            .collect();
        let bytes = learn::learn(&rest);
        let model = Model::read(&bytes).unwrap();
        for at in (0..all.len()).filter(|at| part(*at) == left_out) {
            let (_, writer, message) = all[at];
            let parsed = parse(message.text);
            let (got, sure) = decide::decide_by(&model, message.text, &parsed);
            let is_right = got == message.intent;
            for name in [
                "all".to_owned(),
                format!("by {writer}"),
                format!("in {}", message.group),
                format!("of {:?}", message.intent),
                format!("sure {sure:.1}"),
            ] {
                tally.count(name, is_right);
            }
            if !is_right {
                let line = format!(
                    "{writer} {:?} {got:?} {sure:.2} {}",
                    message.intent, message.text
                );
                if got.binds() {
                    harmful.push(line.clone());
                }
                wrong.push(line);
            }
        }
    }
    println!("{}", wrong.join("\n"));
    println!(
        "\n{} harmful:\n{}\n\n{}",
        harmful.len(),
        harmful.join("\n"),
        tally.shown()
    );
    assert!(tally.percent("all") >= 80.0);
}

/// Prints how long a reading takes; run it with `--nocapture`, and with `--release` for the
/// figure that counts.
#[test]
fn a_reading_takes_less_than_a_moment() {
    let messages = messages();
    understand(messages[0].text, Expectation::Nothing);
    let mut took: Vec<_> = messages
        .iter()
        .step_by(5)
        .map(|message| {
            let start = std::time::Instant::now();
            understand(message.text, Expectation::Nothing);
            (start.elapsed(), message.text)
        })
        .collect();
    took.sort();
    let at = |part: usize| took[(took.len() - 1) * part / 100];
    println!(
        "{} readings: p50 {:?}, p99 {:?}, slowest {:?}",
        took.len(),
        at(50).0,
        at(99).0,
        at(100)
    );
    // Unoptimised, and beside other tests.
    assert!(at(50).0.as_millis() < 20, "{:?}", at(50));
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
            Expectation::Date, Expectation::Choice(3), Expectation::Label, Expectation::Reason(13),
        ] {
            understand(&text, expects);
            understand(&number, expects);
        }
    }

    #[test]
    fn known_words_in_any_order_make_no_panic_and_the_same_reading_twice(
        picks in proptest::collection::vec(0usize..10_000, 0..12)
    ) {
        let words: Vec<&str> = TABLES[0].1.split_whitespace().collect();
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
            proptest::prop_assert!(!got.binds(), "{} is {:?}", text, got);
        }
    }
}

/// Messages that were never learnt from: `tests/data/understanding-blind.tsv`.
const BLIND: &str = include_str!("../../../../tests/data/understanding-blind.tsv");

#[test]
fn messages_nobody_learnt_from_are_understood_and_none_of_them_to_anyones_harm() {
    let harmful = [
        Intent::Redeem,
        Intent::Switch,
        Intent::SipStop,
        Intent::OptOut,
        Intent::Confirm,
    ];
    let mut tally = Tally::default();
    let mut harm = Vec::new();
    for line in BLIND.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [labels, group, text, _slots] = fields[..] else {
            panic!("four fields are wanted: {line}");
        };
        let read = intent_of(text);
        let name = serde_json::to_value(read).unwrap();
        let is_right = labels.split('|').any(|label| name == label);
        tally.count("all".to_owned(), is_right);
        tally.count(group.to_owned(), is_right);
        if !is_right && harmful.contains(&read) {
            harm.push(format!("{text}: {name}"));
        }
    }
    assert!(harm.is_empty(), "{harm:#?}");
    assert!(tally.percent("all") >= 92.0, "{}", tally.shown());
    for group in ["en", "en_typo", "hinglish", "hi", "trap"] {
        assert!(tally.percent(group) >= 88.0, "{}", tally.shown());
    }
}
