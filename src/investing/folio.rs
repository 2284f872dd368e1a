//! Folio numbers as fund houses and statements write them.

use serde::{Deserialize, Serialize};

/// What is personal about a folio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Personal {
    /// Its number as the fund house writes it.
    pub(super) number: String,
    /// Name of the first holder.
    pub(super) name: Option<String>,
    /// PAN of the first holder.
    pub(super) pan: Option<String>,
}

/// Whether two folios are one: `90000001 / 11`, `90000001/11` and `90000001` are, with one
/// fund house. The part behind the stroke is a check; two different ones are two folios.
pub(super) fn is_same((amc, number): (&str, &str), (other, other_number): (&str, &str)) -> bool {
    is_same_number(number, other_number) && plain(amc) == plain(other)
}

/// Whether two numbers are one folio's, if it is with one fund house.
pub fn is_same_number(number: &str, other: &str) -> bool {
    let (base, check) = parts(number);
    let (other_base, other_check) = parts(other);
    let checks_agree = check.is_none() || other_check.is_none() || check == other_check;
    base == other_base && checks_agree
}

fn parts(number: &str) -> (String, Option<String>) {
    let number: String = number.split_whitespace().collect();
    match number.split_once('/') {
        None => (number, None),
        Some((base, check)) => (base.to_owned(), Some(check.to_owned())),
    }
}

fn plain(amc: &str) -> String {
    let letters = amc.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folio_is_known_with_and_without_its_check_and_only_with_its_fund_house() {
        let ours = ("HDFC Mutual Fund", "90000001 / 11");
        assert!(is_same(ours, ("HDFC MUTUAL FUND", "90000001/11")));
        assert!(is_same(ours, ("HDFC Mutual Fund", "90000001")));
        assert!(!is_same(ours, ("HDFC Mutual Fund", "90000001/12")));
        assert!(!is_same(ours, ("HDFC Mutual Fund", "9000000")));
        assert!(!is_same(ours, ("SBI Mutual Fund", "90000001/11")));
    }
}
