//! What a message says besides its intent.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::language::Language;
use super::starts::Starts;

/// What a message says besides its intent. The first sixteen are the public ones; the rest
/// are for the conversation, which asked for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slots {
    /// Rupees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The fund as it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fund: Option<String>,
    /// All funds, where several are named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funds: Vec<String>,
    /// The fund that money is to go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_fund: Option<String>,
    /// Day of the month, 1 to 31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
    /// How often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// Years, as said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Decimal>,
    /// Percent per year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Months, as said (years are not counted in; see [`Slots::duration_months`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Units of a fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Decimal>,
    /// Everything there is: all units, all SIPs.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Financial year, as in `2024-25`; or `last`, `current` where the year was not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fy: Option<String>,
    /// A stretch of time looked back at: `1y`, `3m`, `today`, `yesterday`, `this_month` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The language asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// A code: one-time code, invitation code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A kind of fund, as in `large_cap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,

    /// A language asked for that we do not speak, by its code (`gu`, `ta`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_language: Option<String>,
    /// A small number without a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Decimal>,
    /// Which of the offered ones, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<usize>,
    /// From when on something is to happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<Starts>,
    /// As little as there may be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub least: bool,
    /// A date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// An e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A PAN, in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pan: Option<String>,
    /// The words themselves, where words were asked for (a name, a reason).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How often something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every business day.
    Daily,
    /// Every week.
    Weekly,
    /// Every two weeks.
    Fortnightly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    HalfYearly,
    /// Every year.
    Yearly,
}

impl Slots {
    /// Returns the public slots as JSON: numbers as numbers, and of the rest nothing.
    pub fn public(&self) -> serde_json::Value {
        use serde_json::{Map, Value, json};
        let mut slots = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                slots.insert(name.to_owned(), value);
            }
        };
        put("amount", self.amount.and_then(plain_number));
        put("fund", self.fund.as_ref().map(|fund| json!(fund)));
        put("funds", (!self.funds.is_empty()).then(|| json!(self.funds)));
        put("to_fund", self.to_fund.as_ref().map(|fund| json!(fund)));
        put("day", self.day.map(|day| json!(day)));
        put("frequency", self.frequency.map(|often| json!(often)));
        put("years", self.years.and_then(plain_number));
        put("rate", self.rate.and_then(plain_number));
        put("months", self.months.map(|months| json!(months)));
        put("units", self.units.and_then(plain_number));
        put("all", self.all.then_some(json!(true)));
        put("fy", self.fy.as_ref().map(|year| json!(year)));
        put("period", self.period.as_ref().map(|period| json!(period)));
        let language = self.language.map(|language| language.code().to_owned());
        let language = language.or_else(|| self.other_language.clone());
        put("language", language.map(|code| json!(code)));
        put("code", self.code.as_ref().map(|code| json!(code)));
        put("category", self.category.as_ref().map(|kind| json!(kind)));
        Value::Object(slots)
    }

    /// Returns how long, in months, if the message says so: years and months together.
    pub fn duration_months(&self) -> Option<u32> {
        let years = self.years.unwrap_or_default() * Decimal::from(12);
        let months = Decimal::from(self.months.unwrap_or_default());
        (years + months)
            .round()
            .to_u32()
            .filter(|months| *months > 0)
    }
}

/// Whole numbers without a point; they are for reading, not for reckoning.
fn plain_number(value: Decimal) -> Option<serde_json::Value> {
    let value = value.normalize();
    match value.to_i64().filter(|_| value.fract().is_zero()) {
        Some(whole) => Some(serde_json::json!(whole)),
        None => value.to_f64().map(|number| serde_json::json!(number)),
    }
}
