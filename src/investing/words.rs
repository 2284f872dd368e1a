//! Plan and option, read from words: AMFI's texts have hundreds of spellings.

use super::scheme::{OptionKind, Plan};

/// Words that say how a plan or option works and are no part of a scheme's name.
const TRAILING: &[&str] = &[
    "a",
    "and",
    "annual",
    "annually",
    "bi",
    "bonus",
    "capital",
    "cum",
    "cumulative",
    "daily",
    "dcw",
    "direct",
    "discretionary",
    "distribution",
    "div",
    "dividend",
    "flexi",
    "fortnightly",
    "growth",
    "half",
    "halfyearly",
    "idcw",
    "income",
    "institutional",
    "investment",
    "monthly",
    "normal",
    "of",
    "option",
    "others",
    "payout",
    "periodic",
    "plan",
    "quarterly",
    "re",
    "regular",
    "reinvest",
    "reinvestment",
    "retail",
    "standard",
    "weekly",
    "withdrawal",
    "yearly",
];

/// Returns the lower-cased words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Classifies a plan by word.
pub(super) fn plan(text: &str) -> Plan {
    let (mut direct, mut regular) = (false, false);
    for word in words(text) {
        direct |= word == "direct";
        regular |= word == "regular";
    }
    match (direct, regular) {
        (true, false) => Plan::Direct,
        (false, true) => Plan::Regular,
        _ => Plan::Unknown,
    }
}

/// Classifies an option by word; wrong spellings (`MONTHLY DCW Payout`) included.
pub(super) fn option(text: &str) -> OptionKind {
    let mut kind = OptionKind::Other;
    for word in words(text) {
        match word.as_str() {
            "idcw" | "dcw" | "icdw" | "dividend" | "div" | "payout" | "reinvestment"
            | "distribution" | "withdrawal" => return OptionKind::Idcw,
            "bonus" => kind = OptionKind::Bonus,
            "growth" | "cumulative" | "grwoth" if kind != OptionKind::Bonus => {
                kind = OptionKind::Growth;
            }
            _ => {}
        }
    }
    kind
}

/// Splits `HDFC Flexi Cap Fund - Direct Plan - Growth` before the plan and option words
/// it ends with. The second part is empty if it ends with none.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    let mut cut = name.len();
    let mut kept = name;
    let mut plan_or_option = false;
    while let Some(last) = kept.split(is_gap).rfind(|word| !word.is_empty()) {
        let lower = last.to_lowercase();
        if !TRAILING.contains(&lower.as_str()) {
            break;
        }
        plan_or_option |= plan(&lower) != Plan::Unknown || option(&lower) != OptionKind::Other;
        let start = last.as_ptr().addr() - name.as_ptr().addr();
        kept = &name[..start];
        cut = start;
    }
    let short = name[..cut].trim_end_matches(is_gap);
    if !plan_or_option || short.is_empty() {
        return (name.trim(), "");
    }
    (short.trim_start(), &name[cut..])
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '–' | '/' | '&' | '(' | ')' | '.' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_classified_by_word_whatever_the_spelling() {
        let table = [
            ("GROWTH OPTION", OptionKind::Growth),
            ("Cumulative", OptionKind::Growth),
            ("Regular Growth", OptionKind::Growth),
            ("MONTHLY DCW Payout", OptionKind::Idcw),
            (
                "Income Distribution cum capital withdrawal",
                OptionKind::Idcw,
            ),
            ("Quarterly Dividend Option", OptionKind::Idcw),
            ("Bonus Option - Principal Units", OptionKind::Bonus),
            ("", OptionKind::Other),
        ];
        for (text, kind) in table {
            assert_eq!(option(text), kind, "{text}");
        }
    }

    #[test]
    fn long_names_are_cut_before_plan_and_option() {
        let table = [
            (
                "HDFC Flexi Cap Fund - Direct Plan - Growth",
                "HDFC Flexi Cap Fund",
                Plan::Direct,
            ),
            (
                "UTI Floater Fund - Regular Plan - Half-Yearly IDCW",
                "UTI Floater Fund",
                Plan::Regular,
            ),
            (
                "Franklin India Multi Asset Fund- Direct-Growth",
                "Franklin India Multi Asset Fund",
                Plan::Direct,
            ),
            (
                "ICICI Prudential Medium Term Bond Fund - Bonus",
                "ICICI Prudential Medium Term Bond Fund",
                Plan::Unknown,
            ),
            (
                "Edelweiss Large Cap Fund",
                "Edelweiss Large Cap Fund",
                Plan::Unknown,
            ),
            (
                "ICICI Prudential Blended Plan B",
                "ICICI Prudential Blended Plan B",
                Plan::Unknown,
            ),
        ];
        for (name, short, kind) in table {
            let (found, rest) = split_name(name);
            assert_eq!(found, short);
            assert_eq!(plan(rest), kind, "{name}: {rest}");
        }
    }
}
