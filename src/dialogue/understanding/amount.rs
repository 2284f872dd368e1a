//! Quantities in a sentence: rupees, years, months, rates, units and days of the month.
//!
//! Reads what people write (`₹5,000`, `5k`, `dedh lakh`, `ek hazaar paanch sau`,
//! `१०००`) and refuses what could mean two things: a small bare number, a range, two
//! amounts. A wrong amount is worse than one more question.

use rust_decimal::Decimal;

use super::normalise;
use super::numbers::{self, Token};

/// The quantities of a sentence, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quantities {
    /// Amounts of rupees.
    pub money: Vec<Decimal>,
    /// Small numbers without a unit: they could be anything.
    pub bare: Vec<Decimal>,
    /// Years.
    pub years: Vec<Decimal>,
    /// Months.
    pub months: Vec<Decimal>,
    /// Percentages.
    pub rates: Vec<Decimal>,
    /// Units of a fund.
    pub units: Vec<Decimal>,
    /// Days of the month.
    pub days: Vec<Decimal>,
    /// Numbers of days and weeks: no money and no date.
    pub others: Vec<Decimal>,
    /// Something with digits could not be read, or was negative.
    pub unreadable: bool,
    /// An amount is the upper end of a range, or the second of two to choose from.
    pub is_range: bool,
}

impl Quantities {
    /// Says whether the sentence has no number at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the one amount of the sentence, whatever else it says.
    pub fn amount(&self) -> Option<Decimal> {
        match self.money[..] {
            [one] if !self.unreadable && !self.is_range => Self::rupees(one),
            _ => None,
        }
    }

    /// Returns the number as rupees, if it can be: positive, and in whole paise.
    pub fn rupees(amount: Decimal) -> Option<Decimal> {
        let amount = amount.normalize();
        (amount > Decimal::ZERO && amount.scale() <= 2).then_some(amount)
    }

    /// Returns the one small number without a unit, if there is no other number beside it.
    pub fn only_bare(&self) -> Option<Decimal> {
        match self.bare[..] {
            [one] if !self.unreadable && self.money.is_empty() => Some(one),
            _ => None,
        }
    }
}

/// Returns the amount that the text states, if it states exactly one and nothing else
/// that has a number.
pub fn parse_amount(raw: &str) -> Option<Decimal> {
    let found = quantities(raw);
    let only_money = found.bare.is_empty()
        && found.years.is_empty()
        && found.months.is_empty()
        && found.rates.is_empty()
        && found.units.is_empty()
        && found.days.is_empty()
        && found.others.is_empty();
    found.amount().filter(|_| only_money)
}

/// Returns every quantity of the text.
pub fn quantities(raw: &str) -> Quantities {
    quantities_of(&normalise::text(raw))
}

/// Returns every quantity of a normalised text.
pub fn quantities_of(normal: &str) -> Quantities {
    let Some(tokens) = numbers::tokens(normal) else {
        return Quantities {
            unreadable: true,
            ..Quantities::default()
        };
    };
    let mut found = Quantities::default();
    let (mut at, mut money_until) = (0, None);
    while at < tokens.len() {
        if let Some((kind, value, next)) = quantity(&tokens, at) {
            found.is_range |= kind == Kind::Money && is_upper_end(&tokens, at);
            found.list(kind).push(value);
            money_until = (kind == Kind::Money).then_some(next);
            at = next;
            continue;
        }
        // `ek lakh X hazar`: some of the amount was not read.
        let is_scale = tokens[at].word().and_then(numbers::scale_of).is_some();
        found.unreadable |= is_scale && money_until.is_some_and(|until| until + 1 == at);
        at += 1;
    }
    found
}

/// Says whether an amount ends a range: `5-6 hazar`, `paanch das hazar`, `1000 ya 2000`.
fn is_upper_end(tokens: &[Token], at: usize) -> bool {
    let number = |at: usize| match &tokens[at] {
        Token::Number(value) => Some(*value),
        Token::Word(word) => numbers::cardinal(word).map(Decimal::from),
    };
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    let is_joined = tokens[before]
        .word()
        .is_some_and(|word| matches!(word, "to" | "ya" | "or" | "se" | "या" | "से"));
    if is_joined {
        return before.checked_sub(1).and_then(number).is_some();
    }
    // "Kar do teen hazar" gives; "do teen hazar" and "do dhai hazar" are between two amounts.
    let small = tokens[before].word().and_then(numbers::cardinal);
    let next = tokens[at].word();
    match small {
        Some(2) => matches!(next, Some("teen" | "dhai" | "तीन" | "ढाई")),
        Some(1) | None => false,
        Some(small) => {
            let upper = next.and_then(numbers::cardinal);
            upper.is_some_and(|upper| upper > small && upper <= small * 2)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Money,
    Bare,
    Years,
    Months,
    Rate,
    Units,
    Day,
    Other,
}

impl Quantities {
    fn list(&mut self, kind: Kind) -> &mut Vec<Decimal> {
        match kind {
            Kind::Money => &mut self.money,
            Kind::Bare => &mut self.bare,
            Kind::Years => &mut self.years,
            Kind::Months => &mut self.months,
            Kind::Rate => &mut self.rates,
            Kind::Units => &mut self.units,
            Kind::Day => &mut self.days,
            Kind::Other => &mut self.others,
        }
    }
}

/// Reads the quantity that starts at `at`: its kind, its value and where it ends.
fn quantity(tokens: &[Token], at: usize) -> Option<(Kind, Decimal, usize)> {
    let number = numbers::number(tokens, at)?;
    let before = at.checked_sub(1).and_then(|i| tokens[i].word());
    let after = tokens.get(number.end).and_then(Token::word);
    if let Some((kind, width)) = after.and_then(|word| unit(word, tokens, number.end)) {
        let plausible = match kind {
            Kind::Years => number.value <= Decimal::from(100),
            // `500 mahina` is what is paid each month; 120 months are ten years.
            Kind::Months if matches!(after, Some("mahina" | "महीना")) => {
                let is_whole_years = (number.value % Decimal::from(12)).is_zero();
                number.value < Decimal::ONE_HUNDRED
                    || is_whole_years && number.value <= Decimal::from(360)
            }
            Kind::Months => number.value <= Decimal::from(360),
            Kind::Day => number.value <= Decimal::from(31),
            _ => true,
        };
        if plausible {
            return Some((kind, number.value, number.end + width));
        }
    }
    // A number in words without a scale is too often no number: `do`, `ek`, `one`.
    if !number.has_digits && !number.has_scale {
        return None;
    }
    let kind = if matches!(before, Some("date" | "tarikh" | "तारीख"))
        && number.value <= Decimal::from(31)
    {
        Kind::Day
    } else if is_calendar_year(&number, before, after) {
        Kind::Other
    } else if before == Some("@") && number.value < Decimal::from(100) {
        Kind::Rate
    } else if number.has_scale
        || before.is_some_and(is_currency)
        || after.is_some_and(is_currency)
        || number.value >= SMALLEST_CLEAR
    {
        Kind::Money
    } else {
        Kind::Bare
    };
    Some((kind, number.value, number.end))
}

/// Says whether it is a year, as in `in 2020` and `2020 me`. A round one may be rupees.
fn is_calendar_year(number: &numbers::Number, before: Option<&str>, after: Option<&str>) -> bool {
    let value = number.value;
    let is_of_our_time = value >= Decimal::from(1990) && value < Decimal::from(2050);
    let is_round = (value % Decimal::from(50)).is_zero();
    let is_pointed_at = matches!(before, Some("in" | "since" | "year" | "till" | "until"))
        || matches!(after, Some("me" | "mein" | "में" | "se" | "से" | "tak" | "तक"));
    let is_rupees = before.is_some_and(is_currency) || after.is_some_and(is_currency);
    !number.has_scale
        && !is_rupees
        && is_of_our_time
        && value.fract().is_zero()
        && !is_round
        && is_pointed_at
}

/// Below this a number without a currency or scale may be a day, a count or thousands.
const SMALLEST_CLEAR: Decimal = Decimal::ONE_HUNDRED;

pub(super) fn unit(word: &str, tokens: &[Token], at: usize) -> Option<(Kind, usize)> {
    let one = |kind| Some((kind, 1));
    match word {
        "%" | "percent" | "pct" | "pc" | "pratishat" | "fisdi" | "taka" | "प्रतिशत" | "फीसदी" => {
            one(Kind::Rate)
        }
        "per" => {
            (tokens.get(at + 1).and_then(Token::word) == Some("cent")).then_some((Kind::Rate, 2))
        }
        "year" | "years" | "yr" | "yrs" | "y" | "saal" | "sal" | "saalo" | "salon" | "varsh"
        | "साल" | "सालों" | "वर्ष" | "वर्षों" => {
            one(Kind::Years)
        }
        "month" | "months" | "mth" | "mths" | "mahine" | "mahina" | "mahino" | "maheene"
        | "mhine" | "महीने" | "महीना" | "महीनों" | "माह" => {
            one(Kind::Months)
        }
        "unit" | "units" | "यूनिट" | "यूनिट्स" | "इकाई" => {
            one(Kind::Units)
        }
        "th" | "st" | "nd" | "rd" | "tarikh" | "date" | "तारीख" | "ko" | "को" => {
            one(Kind::Day)
        }
        "din" | "days" | "day" | "दिन" | "week" | "weeks" | "hafte" | "hafta" | "हफ्ते" => {
            one(Kind::Other)
        }
        _ => None,
    }
}

/// Says whether a word only says how much: a number, its scale, its unit or a currency.
pub fn is_measure(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || unit(word, &[], 0).is_some()
        || is_currency(word)
        || numbers::scale_of(word).is_some()
        || numbers::cardinal(word).is_some()
}

/// Says whether a word ends or makes an amount: digits, a scale or a currency, and no unit.
pub fn is_of_an_amount(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || is_currency(word)
        || numbers::scale_of(word).is_some()
}

pub(super) fn is_currency(word: &str) -> bool {
    matches!(
        word,
        "rs" | "re"
            | "inr"
            | "rupee"
            | "rupees"
            | "rupaye"
            | "rupaya"
            | "rupye"
            | "rupay"
            | "rupaiye"
            | "रुपये"
            | "रुपए"
            | "रुपया"
            | "रूपये"
            | "रु"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Value {
        serde_json::from_str(include_str!(
            "../../../tests/data/vectors/finance-vectors.json"
        ))
        .unwrap()
    }

    #[test]
    fn every_amount_of_the_vectors_is_read() {
        let vectors = vectors();
        let rows = vectors["parse_amount"].as_array().unwrap();
        assert!(rows.len() > 30);
        for row in rows {
            let text = row["text"].as_str().unwrap();
            let rupees: Decimal = row["rupees"].as_str().unwrap().parse().unwrap();
            assert_eq!(parse_amount(text), Some(rupees), "{text}");
        }
    }

    #[test]
    fn every_text_of_the_vectors_that_is_no_amount_is_refused() {
        let vectors = vectors();
        for row in vectors["parse_amount_reject"].as_array().unwrap() {
            let text = row.as_str().unwrap();
            assert_eq!(parse_amount(text), None, "{text}");
        }
    }

    #[test]
    fn a_sentence_gives_amount_years_and_rate_apart() {
        let dec = |text: &str| text.parse::<Decimal>().unwrap();
        for (text, money, years, rate) in [
            ("5000 for 10 years at 12%", "5000", "10", "12"),
            ("10 saal ke liye 5k, 12.5 percent", "5000", "10", "12.5"),
            ("das saal dedh lakh @ 8", "150000", "10", "8"),
            ("५ हज़ार १५ साल १० प्रतिशत", "5000", "15", "10"),
        ] {
            let found = quantities(text);
            assert_eq!(found.amount(), Some(dec(money)), "{text}");
            assert_eq!(found.years, [dec(years)], "{text}");
            assert_eq!(found.rates, [dec(rate)], "{text}");
        }
    }

    #[test]
    fn years_of_the_calendar_and_what_is_paid_each_month_are_told_apart() {
        for text in ["since 2019", "2021 me", "in 2020", "२०२१ में"] {
            assert_eq!(quantities(text).money, [], "{text}");
        }
        for (text, rupees) in [
            ("2000 me", 2_000),
            ("invest 2020", 2_020),
            ("paanch sau mahina", 500),
            ("500 per month", 500),
            ("2500 mahine", 2_500),
        ] {
            let found = quantities(text);
            assert_eq!(found.amount(), Some(Decimal::from(rupees)), "{text}");
            assert_eq!(found.months, [], "{text}");
        }
        assert_eq!(quantities("120 months").months, [Decimal::from(120)]);
        assert_eq!(quantities("120 month").months, [Decimal::from(120)]);
        assert_eq!(quantities("180 mahina").months, [Decimal::from(180)]);
        assert_eq!(quantities("18 mahina").months, [Decimal::from(18)]);
        for (text, rupees) in [("₹2021 se", 2_021), ("rs 2025 me", 2_025)] {
            assert_eq!(quantities(text).amount(), Some(Decimal::from(rupees)));
        }
    }

    #[test]
    fn small_words_and_dates_are_not_taken_for_money() {
        assert!(quantities("bata do ek baar").is_empty());
        let found = quantities("SIP chalu karo 5k har mahine 10 tarikh");
        assert_eq!(found.amount(), Some(Decimal::from(5000)));
        assert_eq!(found.days, [Decimal::TEN]);
        assert_eq!(parse_amount("99999999999999999999999999999999 crore"), None);
        assert_eq!(parse_amount("10.555"), None);
    }
}
