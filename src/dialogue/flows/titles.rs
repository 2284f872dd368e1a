//! What the rows of a list of schemes are called.
//!
//! A row's title has 24 characters, and schemes that are found together mostly begin alike
//! (`Parag Parikh …`), so a title says what differs. Titles of one list are all different;
//! the line below says the whole name, the plan and the option, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::super::compose::{MOST_NOTE, MOST_ROW};
use super::super::voice::clip;

const BETWEEN: &str = " · ";
/// Less of a name than this tells nobody which fund it is.
const LEAST_NAME: usize = 10;

/// A scheme as it is offered.
#[derive(Debug, Clone)]
pub struct Offered<'a> {
    /// Its name without plan and option.
    pub name: &'a str,
    /// Plan and option, as far as they are on record.
    pub variant: Vec<String>,
}

/// Returns a title for each scheme, no two the same.
pub fn titles(offered: &[Offered<'_>]) -> Vec<String> {
    let mut names: Vec<Vec<&str>> = offered.iter().map(|one| words(one.name)).collect();
    let everybody: Vec<usize> = (0..names.len()).collect();
    drop_shared(&mut names, &everybody);
    // What only some of them share is dropped where it would fill their titles.
    for alike in groups(&names, |name| clip(&name.join(" "), MOST_ROW)) {
        drop_shared(&mut names, &alike);
    }
    let mut titles: Vec<String> = names.iter().map(|name| name.join(" ")).collect();
    for alike in groups(&titles, |title| clip(title, MOST_ROW)) {
        let tails = tails(offered, &alike);
        let is_all = alike.len() == titles.len();
        for (at, tail) in alike.into_iter().zip(tails) {
            // One name for all is above the list and below the title.
            titles[at] = if is_all && !tail.is_empty() {
                tail
            } else {
                with_tail(&titles[at], &tail)
            };
        }
    }
    let mut taken = BTreeSet::new();
    titles
        .iter()
        .map(|title| {
            let mut unique = clip(title, MOST_ROW);
            let mut number = 1;
            while !taken.insert(unique.clone()) {
                number += 1;
                let mark = format!(" ({number})");
                unique = clip(title, MOST_ROW - mark.len()) + &mark;
            }
            unique
        })
        .collect()
}

/// Returns the line below the title: the name, clipped before plan and option are.
pub fn note(offered: &Offered<'_>) -> String {
    let mut tail = vec![""];
    tail.extend(offered.variant.iter().map(String::as_str));
    let tail = tail.join(BETWEEN);
    let room = MOST_NOTE.saturating_sub(tail.chars().count());
    clip(
        &(clip(offered.name, room.max(LEAST_NAME)) + &tail),
        MOST_NOTE,
    )
}

/// Returns the words of a name without the `Fund` that nearly every name ends in.
fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    if let [.., before, last] = words[..]
        && last.eq_ignore_ascii_case("fund")
        && !before.eq_ignore_ascii_case("of")
    {
        words.pop();
    }
    words
}

/// Says whether a word is half of a pair (`Large Cap`, `Large & Midcap`, `Nifty 50`).
fn belongs_to_the_word_before(word: &str) -> bool {
    !word.starts_with(char::is_alphabetic)
        || ["cap", "and", "of"]
            .iter()
            .any(|half| word.eq_ignore_ascii_case(half))
}

/// Takes the first words that all of these share from each of them, leaving each something.
fn drop_shared(names: &mut [Vec<&str>], group: &[usize]) {
    let distinct: BTreeSet<_> = group.iter().map(|at| names[*at].clone()).collect();
    let (Some(first), Some(last)) = (distinct.first(), distinct.last()) else {
        return;
    };
    let shortest = distinct.iter().map(Vec::len).min().unwrap_or(0);
    let mut shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    if shared == shortest {
        // One is the beginning of the others: a last word alone (`Cap`) says too little.
        shared = shortest.saturating_sub(2);
    }
    while shared > 0
        && distinct
            .iter()
            .any(|name| belongs_to_the_word_before(name[shared]))
    {
        shared -= 1;
    }
    if distinct.len() > 1 {
        for at in group {
            names[*at].drain(..shared);
        }
    }
}

/// Returns the places of those that look alike, two or more in each group.
fn groups<T>(of: &[T], look: impl Fn(&T) -> String) -> Vec<Vec<usize>> {
    let mut groups = BTreeMap::<String, Vec<usize>>::new();
    for (at, one) in of.iter().enumerate() {
        groups.entry(look(one)).or_default().push(at);
    }
    groups
        .into_values()
        .filter(|group| group.len() > 1)
        .collect()
}

/// Returns what of plan and option tells each of these from the others.
fn tails(offered: &[Offered<'_>], group: &[usize]) -> Vec<String> {
    let differs = |part: &String| !group.iter().all(|at| offered[*at].variant.contains(part));
    let tail = |at: &usize| {
        let parts: Vec<&str> = offered[*at]
            .variant
            .iter()
            .filter(|part| differs(part))
            .map(String::as_str)
            .collect();
        parts.join(BETWEEN)
    };
    group.iter().map(tail).collect()
}

fn with_tail(name: &str, tail: &str) -> String {
    if tail.is_empty() {
        return name.to_owned();
    }
    let most = MOST_ROW - BETWEEN.chars().count() - LEAST_NAME;
    let tail = clip(tail, most);
    let room = MOST_ROW - BETWEEN.chars().count() - tail.chars().count();
    format!("{}{BETWEEN}{tail}", clip(name, room))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offered<'a>(list: &[(&'a str, &[&str])]) -> Vec<Offered<'a>> {
        list.iter()
            .map(|(name, variant)| Offered {
                name,
                variant: variant.iter().map(|part| (*part).to_owned()).collect(),
            })
            .collect()
    }

    const GROWTH: &[&str] = &["Regular", "Growth"];

    #[test]
    fn titles_say_what_differs_and_not_what_all_share() {
        let list = offered(&[
            ("Parag Parikh ELSS Tax Saver Fund", GROWTH),
            ("Parag Parikh Flexi Cap Fund", GROWTH),
            ("Parag Parikh Liquid Fund", GROWTH),
        ]);
        assert_eq!(titles(&list), ["ELSS Tax Saver", "Flexi Cap", "Liquid"]);

        let several_houses = offered(&[
            ("HDFC Small Cap Fund", GROWTH),
            ("Aditya Birla Sun Life Nifty Smallcap 50 Index Fund", GROWTH),
            ("Aditya Birla Sun Life Nifty Midcap 150 Index Fund", GROWTH),
        ]);
        assert_eq!(
            titles(&several_houses),
            ["HDFC Small Cap", "Smallcap 50 Index", "Midcap 150 Index"]
        );

        let one_within_the_other = offered(&[
            ("HDFC Gold ETF", GROWTH),
            ("HDFC Gold ETF Fund of Fund", GROWTH),
        ]);
        assert_eq!(
            titles(&one_within_the_other),
            ["Gold ETF", "Gold ETF Fund of Fund"]
        );

        let pairs = offered(&[
            ("SBI Large Cap Fund", GROWTH),
            ("SBI Large & Midcap Fund", GROWTH),
        ]);
        assert_eq!(titles(&pairs), ["Large Cap", "Large & Midcap"]);
    }

    #[test]
    fn plan_and_option_tell_apart_what_has_one_name() {
        let name = "Parag Parikh Flexi Cap Fund";
        let plans = offered(&[(name, GROWTH), (name, &["Direct", "Growth"])]);
        assert_eq!(titles(&plans), ["Regular", "Direct"]);

        let mixed = offered(&[
            (name, GROWTH),
            (name, &["Direct", "Growth"]),
            ("Parag Parikh Liquid Fund", GROWTH),
        ]);
        assert_eq!(
            titles(&mixed),
            ["Flexi Cap · Regular", "Flexi Cap · Direct", "Liquid"]
        );
    }

    #[test]
    fn the_line_below_says_plan_and_option_once_even_of_a_long_name() {
        let short = offered(&[("HDFC Flexi Cap Fund", GROWTH)]);
        assert_eq!(note(&short[0]), "HDFC Flexi Cap Fund · Regular · Growth");

        let name = "Very ".repeat(30);
        let long = note(&offered(&[(&name, GROWTH)])[0]);
        assert_eq!(long.chars().count(), MOST_NOTE);
        assert!(long.ends_with("… · Regular · Growth"), "{long}");
        let unknown = offered(&[("Zeta Old Fund", &[])]);
        assert_eq!(note(&unknown[0]), "Zeta Old Fund");
    }

    proptest! {
        #[test]
        fn titles_fit_and_are_never_the_same(
            list in prop::collection::vec((
                prop::collection::vec("HDFC|Parag|Parikh|Flexi|Smallcap|Opportunities|Fund|[a-z]{1,30}", 1..8),
                prop::collection::vec("Regular|Direct|Growth|Monthly IDCW Payout|[a-z]{1,40}", 0..3),
            ), 1..10)
        ) {
            let names: Vec<String> = list.iter().map(|(name, _)| name.join(" ")).collect();
            let offered: Vec<_> = names.iter().zip(list).map(|(name, (_, variant))| Offered { name, variant }).collect();
            let titles = titles(&offered);
            prop_assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), offered.len());
            for title in &titles {
                prop_assert!((1..=MOST_ROW).contains(&title.chars().count()), "{}", title);
            }
            for one in &offered {
                prop_assert!(note(one).chars().count() <= MOST_NOTE);
            }
        }
    }
}
