//! Consolidated account statements as casparser writes them (`CASData` JSON).
//!
//! What does not add up is left out with a reason, scheme by scheme; a statement of
//! another shape is refused whole.

mod holder;
mod raw;
mod summary;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use summary::ImportSummary;

use super::scheme::{Isin, Nav, SchemeCode};
use super::transaction::Transaction;
use raw::{RawScheme, RawStatement, Shape};

/// Why a statement was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadStatement {
    /// Not JSON of the shape `CASData`.
    #[error("this is not a statement as casparser writes it: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// From a depository, whose statements say nothing of folios' transactions.
    #[error("this is a {0} statement; only CAMS and KFintech statements can be imported")]
    Depository(String),
    /// Folios of more than one person, and nothing says which of them it is for.
    #[error(
        "its folios are of more than one PAN: {}; record the investor's PAN first (they give \
         it in the chat), then import it again",
        .0.join(", ")
    )]
    SeveralHolders(Vec<String>),
    /// Folios of somebody else only.
    #[error(
        "its folios are of another PAN than the one on record: {}; import it for its holder",
        .0.join(", ")
    )]
    AnotherHolder(Vec<String>),
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
    /// The registrar's code.
    pub rta_code: Option<String>,
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
            let name = scheme["scheme"]
                .as_str()
                .unwrap_or("a scheme without a name");
            let name = name.to_owned();
            match RawScheme::read(scheme).and_then(|scheme| scheme.check(detailed)) {
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
