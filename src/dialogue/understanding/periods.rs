//! Stretches of time that a message looks back at: financial years and periods.

use super::amount::Quantities;
use super::lexicon::{Hit, LEXICON};
use super::normalise;
use super::words::Word;

/// Returns the financial year named in the text, as `2024-25`: from `2024-25`, `24-25`,
/// `2024-2025`, `fy25`, `fy 2025` (the year it ends in).
pub fn fiscal_year(raw: &str) -> Option<String> {
    let normal = normalise::text(raw);
    let numbers: Vec<&str> = normal
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .collect();
    let pair = numbers.windows(2).find_map(|pair| {
        let stands_together = ["-", "/", " - ", " to ", " se ", " से "]
            .iter()
            .any(|between| stands_alone(&normal, &format!("{}{between}{}", pair[0], pair[1])));
        let (begins, ends) = (year(pair[0])?, year(pair[1])?);
        (stands_together && ends == begins + 1).then_some(begins)
    });
    let single = || {
        let at = normal.find("fy")? + 2;
        let digits: String = normal[at..]
            .trim_start()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        year(&digits).map(|ends| ends - 1)
    };
    let begins = pair.or_else(single)?;
    Some(format!("{begins}-{:02}", (begins + 1) % 100))
}

/// Says whether the text has this, and not as part of a date (`24-25-2026`).
fn stands_alone(normal: &str, pair: &str) -> bool {
    let joins = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
    normal.match_indices(pair).any(|(at, _)| {
        let before = normal[..at].chars().next_back();
        let after = normal[at + pair.len()..].chars().next();
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

fn year(digits: &str) -> Option<u32> {
    let value: u32 = digits.parse().ok()?;
    match digits.len() {
        4 if (2000..2100).contains(&value) => Some(value),
        2 => Some(2000 + value),
        _ => None,
    }
}

/// Returns the period a message names: `3m`, `1y`, `today`, `yesterday`, `this_month`,
/// `last_month`, `this_year`, `last_year`.
pub fn period(words: &[Word], hits: &[Hit], quantities: &Quantities) -> Option<String> {
    let named = hits.iter().find_map(|hit| {
        let name = LEXICON.name(hit.concept);
        let is_period = matches!(
            name,
            "yesterday" | "this_month" | "last_month" | "this_year" | "last_year"
        );
        is_period.then(|| name.to_owned())
    });
    let counted = || match (&quantities.years[..], &quantities.months[..]) {
        ([years], []) => Some(format!("{}y", years.normalize())),
        ([], [months]) => Some(format!("{}m", months.normalize())),
        _ => None,
    };
    named.or_else(counted).filter(|_| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_financial_year_is_read_in_each_of_its_spellings() {
        for text in [
            "fy 2024-25",
            "24-25 ka statement",
            "2024-2025",
            "FY25",
            "fy 2025",
            "2024 se 2025",
            "२०२४-२५",
        ] {
            assert_eq!(fiscal_year(text).as_deref(), Some("2024-25"), "{text}");
        }
        for text in ["2024-26", "5-6", "24 25", "statement", "fy", "11-12-2024"] {
            assert_eq!(fiscal_year(text), None, "{text}");
        }
    }
}
