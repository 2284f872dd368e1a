//! The JSON as casparser has it, and the checks each scheme must pass.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::StatedScheme;
use crate::investing::money::Paise;
use crate::investing::scheme::{Isin, Nav, SchemeCode};
use crate::investing::transaction::{Kind, MOST, Transaction};

#[derive(Deserialize)]
pub(super) struct Shape {
    pub(super) file_type: Option<String>,
    pub(super) accounts: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct RawStatement {
    pub(super) statement_period: RawPeriod,
    pub(super) cas_type: Option<String>,
    pub(super) investor_info: Option<RawInvestor>,
    pub(super) folios: Vec<RawFolio>,
    #[serde(default)]
    pub(super) parse_warnings: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct RawPeriod {
    pub(super) from: String,
    pub(super) to: String,
}

#[derive(Deserialize, Default)]
pub(super) struct RawInvestor {
    pub(super) name: Option<String>,
    pub(super) mobile: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawFolio {
    pub(super) folio: String,
    pub(super) amc: String,
    #[serde(rename = "PAN")]
    pub(super) pan: Option<String>,
    /// Each read on its own: a cell that is no date refuses its scheme alone.
    pub(super) schemes: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct RawScheme {
    pub(super) scheme: String,
    pub(super) advisor: Option<String>,
    pub(super) rta_code: Option<String>,
    pub(super) isin: Option<String>,
    pub(super) amfi: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) open: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    pub(super) close: Option<Decimal>,
    pub(super) valuation: Option<RawValuation>,
    #[serde(default)]
    pub(super) transactions: Vec<RawTransaction>,
}

#[derive(Deserialize)]
pub(super) struct RawValuation {
    pub(super) date: Option<Date>,
    #[serde(default, deserialize_with = "number")]
    pub(super) nav: Option<Decimal>,
}

#[derive(Deserialize)]
pub(super) struct RawTransaction {
    pub(super) date: Date,
    #[serde(default, deserialize_with = "number")]
    pub(super) amount: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    pub(super) units: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    pub(super) nav: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    pub(super) balance: Option<Decimal>,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) description: Option<String>,
}

/// What the statement says of units that come back: casparser calls their row a purchase.
const CAME_BACK: [&str; 4] = ["reversal", "reversed", "rejection", "rejected"];

impl RawScheme {
    pub(super) fn read(scheme: serde_json::Value) -> Result<Self, String> {
        serde_json::from_value(scheme).map_err(|error| format!("it cannot be read: {error}"))
    }

    pub(super) fn check(self, detailed: bool) -> Result<StatedScheme, String> {
        let close = bounded(self.close)?.ok_or("it has no closing balance")?;
        let open = bounded(self.open)?.unwrap_or_default();
        let transactions: Vec<Transaction> = self
            .transactions
            .into_iter()
            .map(RawTransaction::check)
            .collect::<Result<_, _>>()?;
        let moved: Decimal = transactions.iter().filter_map(|t| t.units).sum();
        if detailed && open + moved != close {
            let sum = open + moved;
            return Err(format!(
                "its transactions come to {sum} units, the statement says {close}"
            ));
        }
        if close.is_sign_negative() && !close.is_zero() {
            return Err(format!("its closing balance is {close} units"));
        }
        let isin = self.isin.as_deref().and_then(Isin::parse);
        let rta = self.rta_code.map(|code| code.trim().to_owned());
        let rta = rta.filter(|code| !code.is_empty());
        let nav = self.valuation.and_then(|v| v.nav.zip(v.date));
        bounded(nav.map(|(value, _)| value))?;
        Ok(StatedScheme {
            key: match (isin, &rta) {
                (Some(isin), _) => isin.as_str().to_owned(),
                (None, Some(code)) => code.clone(),
                (None, None) => self.scheme.clone(),
            },
            isin,
            rta_code: rta,
            amfi: self
                .amfi
                .and_then(|code| code.trim().parse().ok())
                .map(SchemeCode),
            name: self.scheme,
            advisor: self.advisor.filter(|advisor| !advisor.trim().is_empty()),
            open,
            close,
            nav: nav
                .filter(|(value, _)| *value > Decimal::ZERO)
                .map(|(value, date)| Nav { value, date }),
            transactions,
        })
    }
}

impl RawTransaction {
    fn kind(&self) -> Kind {
        let is_in = self.units > Some(Decimal::ZERO);
        let text = self.description.as_deref().unwrap_or_default();
        let text = text.to_lowercase();
        if self.kind.is_purchase() && is_in && CAME_BACK.iter().any(|word| text.contains(word)) {
            return Kind::Reversal;
        }
        self.kind.in_units(self.units)
    }

    fn check(self) -> Result<Transaction, String> {
        let amount = bounded(self.amount)?.map(|amount| {
            Paise::from_rupees(amount).ok_or_else(|| format!("its amount {amount} is too large"))
        });
        Ok(Transaction {
            date: self.date,
            kind: self.kind(),
            amount: amount.transpose()?,
            units: bounded(self.units)?,
            nav: bounded(self.nav)?,
            balance: bounded(self.balance)?,
        })
    }
}

/// Refuses a number nobody can hold, so that no sum of them goes over.
fn bounded(number: Option<Decimal>) -> Result<Option<Decimal>, String> {
    match number {
        Some(number) if number.abs() > MOST => Err(format!("{number} is no figure of a folio")),
        number => Ok(number),
    }
}

/// Reads a decimal written as a text (since casparser 1.0), a number, or null.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Number(serde_json::Number),
    }
    let text = match Option::<Written>::deserialize(from)? {
        None => return Ok(None),
        Some(Written::Text(text)) => text.replace(',', ""),
        Some(Written::Number(number)) => number.to_string(),
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().or_else(|_| Decimal::from_scientific(text));
    number.map(Some).map_err(serde::de::Error::custom)
}
