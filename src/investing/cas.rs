//! Consolidated account statements as casparser writes them (`CASData` JSON).
//!
//! What does not add up is left out with a reason, scheme by scheme; a statement of
//! another shape is refused whole.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::money::Paise;
use super::scheme::{Isin, Nav, SchemeCode};

/// Why a statement was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadStatement {
    /// Not JSON of the shape `CASData`.
    #[error("this is not a statement as casparser writes it: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// From a depository, whose statements say nothing of folios' transactions.
    #[error("this is a {0} statement; only CAMS and KFintech statements can be imported")]
    Depository(String),
    /// A period that does not read as dates.
    #[error("the statement period `{0}` does not read as a date")]
    Period(String),
}

/// A statement, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Registrar it came from (`CAMS`).
    pub source: String,
    /// Whether it lists transactions.
    pub detailed: bool,
    /// Investor's name.
    pub name: Option<String>,
    /// Investor's mobile number as registered.
    pub mobile: Option<String>,
    /// What is held.
    pub folios: Vec<StatedFolio>,
    /// Schemes left out: name and reason.
    pub rejected: Vec<(String, String)>,
    /// What casparser warned of.
    pub warnings: Vec<String>,
}

/// A folio on a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedFolio {
    /// Its number as the fund house writes it.
    pub number: String,
    /// Fund house.
    pub amc: String,
    /// PAN of the first holder.
    pub pan: Option<String>,
    /// Schemes in it.
    pub schemes: Vec<StatedScheme>,
}

/// A scheme in a folio on a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedScheme {
    /// ISIN, else the registrar's code, else the name: tells schemes of a folio apart.
    pub key: String,
    /// ISIN.
    pub isin: Option<Isin>,
    /// AMFI's code, as casparser found it.
    pub amfi: Option<SchemeCode>,
    /// Name as the statement has it.
    pub name: String,
    /// ARN of the distributor.
    pub advisor: Option<String>,
    /// Units at the start; not zero if the history begins before the statement.
    pub open: Decimal,
    /// Units at the end.
    pub close: Decimal,
    /// The statement's NAV.
    pub nav: Option<Nav>,
    /// In the order of the statement.
    pub transactions: Vec<Transaction>,
}

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are casparser's and say it all")]
pub enum Kind {
    Purchase,
    PurchaseSip,
    Redemption,
    SwitchIn,
    SwitchInMerger,
    SwitchOut,
    SwitchOutMerger,
    DividendPayout,
    DividendReinvest,
    SttTax,
    StampDutyTax,
    TdsTax,
    Segregation,
    Reversal,
    Misc,
    #[serde(other)]
    Unknown,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Purchase, "purchase"),
    (Kind::PurchaseSip, "purchase_sip"),
    (Kind::Redemption, "redemption"),
    (Kind::SwitchIn, "switch_in"),
    (Kind::SwitchInMerger, "switch_in_merger"),
    (Kind::SwitchOut, "switch_out"),
    (Kind::SwitchOutMerger, "switch_out_merger"),
    (Kind::DividendPayout, "dividend_payout"),
    (Kind::DividendReinvest, "dividend_reinvest"),
    (Kind::SttTax, "stt_tax"),
    (Kind::StampDutyTax, "stamp_duty_tax"),
    (Kind::TdsTax, "tds_tax"),
    (Kind::Segregation, "segregation"),
    (Kind::Reversal, "reversal"),
    (Kind::Misc, "misc"),
    (Kind::Unknown, "unknown"),
];

impl Kind {
    /// Returns its word in the database.
    pub fn as_str(self) -> &'static str {
        let row = KINDS.iter().find(|(kind, _)| *kind == self);
        row.map_or("unknown", |(_, word)| word)
    }

    /// Reads a word of [`Kind::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        let row = KINDS.iter().find(|(_, other)| *other == word);
        row.map(|(kind, _)| *kind)
    }

    /// Whether money is given for units.
    pub fn is_purchase(self) -> bool {
        matches!(self, Self::Purchase | Self::PurchaseSip | Self::SwitchIn)
    }
}

/// A line of a statement. Amount and units are negative for what is given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: Kind,
    /// Money, without stamp duty.
    pub amount: Option<Paise>,
    /// Units.
    pub units: Option<Decimal>,
    /// NAV it was done at.
    pub nav: Option<Decimal>,
    /// Units after it.
    pub balance: Option<Decimal>,
}

/// Reads a statement.
pub fn parse(json: &[u8]) -> Result<Statement, BadStatement> {
    let shape: Shape = serde_json::from_slice(json)?;
    let source = shape.file_type.unwrap_or_else(|| "unknown".to_owned());
    if matches!(source.as_str(), "NSDL" | "CDSL") || shape.accounts.is_some() {
        return Err(BadStatement::Depository(source));
    }
    let raw: RawStatement = serde_json::from_slice(json)?;
    let mut rejected = Vec::new();
    let detailed = raw.cas_type.as_deref() != Some("SUMMARY");
    let mut folios = Vec::new();
    for folio in raw.folios {
        let mut schemes = Vec::new();
        for scheme in folio.schemes {
            let name = scheme.scheme.clone();
            match scheme.check(detailed) {
                Ok(scheme) => schemes.push(scheme),
                Err(reason) => rejected.push((name, reason)),
            }
        }
        folios.push(StatedFolio {
            number: folio.folio.split_whitespace().collect::<Vec<_>>().join(" "),
            amc: folio.amc,
            pan: folio.pan.filter(|pan| !pan.trim().is_empty()),
            schemes,
        });
    }
    let investor = raw.investor_info.unwrap_or_default();
    Ok(Statement {
        from: day(&raw.statement_period.from)?,
        to: day(&raw.statement_period.to)?,
        source,
        detailed,
        name: investor.name,
        mobile: investor.mobile,
        folios,
        rejected,
        warnings: raw.parse_warnings.iter().map(ToString::to_string).collect(),
    })
}

fn day(text: &str) -> Result<Date, BadStatement> {
    let text = text.trim();
    Date::strptime("%d-%b-%Y", text)
        .or_else(|_| text.parse())
        .map_err(|_| BadStatement::Period(text.to_owned()))
}

#[derive(Deserialize)]
struct Shape {
    file_type: Option<String>,
    accounts: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct RawStatement {
    statement_period: RawPeriod,
    cas_type: Option<String>,
    investor_info: Option<RawInvestor>,
    folios: Vec<RawFolio>,
    #[serde(default)]
    parse_warnings: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct RawPeriod {
    from: String,
    to: String,
}

#[derive(Deserialize, Default)]
struct RawInvestor {
    name: Option<String>,
    mobile: Option<String>,
}

#[derive(Deserialize)]
struct RawFolio {
    folio: String,
    amc: String,
    #[serde(rename = "PAN")]
    pan: Option<String>,
    schemes: Vec<RawScheme>,
}

#[derive(Deserialize)]
struct RawScheme {
    scheme: String,
    advisor: Option<String>,
    rta_code: Option<String>,
    isin: Option<String>,
    amfi: Option<String>,
    #[serde(default, deserialize_with = "number")]
    open: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    close: Option<Decimal>,
    valuation: Option<RawValuation>,
    #[serde(default)]
    transactions: Vec<RawTransaction>,
}

#[derive(Deserialize)]
struct RawValuation {
    date: Option<Date>,
    #[serde(default, deserialize_with = "number")]
    nav: Option<Decimal>,
}

#[derive(Deserialize)]
struct RawTransaction {
    date: Date,
    #[serde(default, deserialize_with = "number")]
    amount: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    units: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    nav: Option<Decimal>,
    #[serde(default, deserialize_with = "number")]
    balance: Option<Decimal>,
    #[serde(rename = "type")]
    kind: Kind,
}

impl RawScheme {
    fn check(self, detailed: bool) -> Result<StatedScheme, String> {
        let close = self.close.ok_or("it has no closing balance")?;
        let open = self.open.unwrap_or_default();
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
        let rta = self.rta_code.filter(|code| !code.trim().is_empty());
        let nav = self.valuation.and_then(|v| v.nav.zip(v.date));
        Ok(StatedScheme {
            key: match (isin, rta) {
                (Some(isin), _) => isin.as_str().to_owned(),
                (None, Some(code)) => code.trim().to_owned(),
                (None, None) => self.scheme.clone(),
            },
            isin,
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
    fn check(self) -> Result<Transaction, String> {
        let amount = self.amount.map(|amount| {
            Paise::from_rupees(amount).ok_or_else(|| format!("its amount {amount} is too large"))
        });
        Ok(Transaction {
            date: self.date,
            kind: self.kind,
            amount: amount.transpose()?,
            units: self.units,
            nav: self.nav,
            balance: self.balance,
        })
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

/// What an import of a statement came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Folios on the statement, and how many of them were new.
    pub folios: (usize, usize),
    /// Schemes taken.
    pub schemes: usize,
    /// Transactions added, and those that were on record already.
    pub transactions: (usize, usize),
    /// Schemes left out: name and reason.
    pub rejected: Vec<(String, String)>,
    /// Schemes whose history begins before the statement.
    pub incomplete: Vec<String>,
    /// Schemes of which a newer statement is on record; its balance was kept.
    pub older: usize,
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folios, new) = self.folios;
        let (added, known) = self.transactions;
        writeln!(f, "{folios} folios ({new} new), {} schemes", self.schemes)?;
        writeln!(f, "{added} transactions added, {known} on record already")?;
        for name in &self.incomplete {
            writeln!(f, "history begins before the statement: {name}")?;
        }
        if self.older > 0 {
            writeln!(
                f,
                "{} schemes kept the balance of a newer statement",
                self.older
            )?;
        }
        for (name, reason) in &self.rejected {
            writeln!(f, "left out: {name}: {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../tests/data/cas/sample-cas-synthetic.json");

    #[test]
    fn the_sample_statement_is_read_whole() {
        let statement = parse(SAMPLE.as_bytes()).unwrap();
        assert_eq!(statement.to, jiff::civil::date(2026, 8, 21));
        assert_eq!(statement.mobile.as_deref(), Some("+919000000000"));
        assert!(statement.rejected.is_empty() && statement.detailed);
        let flexi = &statement.folios[0].schemes[0];
        assert_eq!(flexi.key, "INF179K01608");
        assert_eq!(flexi.amfi, Some(SchemeCode(101_762)));
        assert_eq!(flexi.transactions.len(), 14);
        assert_eq!(flexi.transactions[12].amount, Some(Paise(-1_040_050)));
        assert_eq!(flexi.transactions[13].kind, Kind::SttTax);
    }

    #[test]
    fn numbers_and_nulls_are_read_and_unknown_types_are_kept() {
        let text = SAMPLE
            .replace("\"4999.75\"", "4999.75")
            .replace("\"balance\": \"2.618\"", "\"balance\": null")
            .replace("\"STT_TAX\"", "\"A_NEW_TAX\"");
        let statement = parse(text.as_bytes()).unwrap();
        let first = &statement.folios[0].schemes[0].transactions;
        assert_eq!(first[0].amount, Some(Paise(499_975)));
        assert_eq!(first[0].balance, None);
        assert_eq!(first[13].kind, Kind::Unknown);
    }

    #[test]
    fn a_scheme_that_does_not_add_up_is_left_out_with_the_reason() {
        let text = SAMPLE.replace("\"close\": \"10.454\"", "\"close\": \"11.000\"");
        let statement = parse(text.as_bytes()).unwrap();
        assert_eq!(statement.folios[0].schemes.len(), 1);
        let (name, reason) = &statement.rejected[0];
        assert!(name.starts_with("HDFC Flexi Cap"));
        assert!(
            reason.contains("10.454") && reason.contains("11.000"),
            "{reason}"
        );
    }

    #[test]
    fn depository_statements_and_other_json_are_refused() {
        let nsdl = br#"{"accounts": [], "statement_period": {}, "file_type": "NSDL"}"#;
        let error = parse(nsdl).unwrap_err().to_string();
        assert!(error.contains("NSDL statement"), "{error}");
        assert!(matches!(parse(b"{}"), Err(BadStatement::Unreadable(_))));
        assert!(matches!(parse(b"%PDF"), Err(BadStatement::Unreadable(_))));
    }

    #[test]
    fn every_kind_has_a_word_that_reads_back() {
        for (kind, word) in KINDS {
            assert_eq!(Kind::from_word(word), Some(*kind));
            assert_eq!(kind.as_str(), *word);
        }
    }
}
