//! Capital gains: by lot and tax year, and what a proposed redemption or switch would
//! come to. Everything is an estimate for information, never tax advice: the registrar's
//! statement is what counts.
//!
//! Rules are those for sales since 23-Jul-2024, by the Income-tax Act 2025 from tax year
//! 2026-27 on; of earlier sales gains and terms are told, no tax.

mod assess;
mod estimate;
mod term;
#[cfg(test)]
mod tests;
mod year;

pub use assess::{Assessment, Gains, assess};
pub use estimate::{NoEstimate, Proposal, RedemptionEstimate, RedemptionPart, redemption_estimate};
pub use term::{Section, Term, grandfathered_cost, section, term};
pub use year::{GainRow, GainsReport, TaxYear};
pub(super) use year::{Sold, report};

use serde::{Deserialize, Serialize};

/// How gains of a scheme are taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxClass {
    /// At least 65 % Indian equity.
    Equity,
    /// More than 65 % debt and money market.
    Debt,
    /// Neither: gold, silver, overseas, 35 to 65 % equity.
    Other,
    /// Neither, and listed on an exchange.
    OtherListed,
    /// The category does not say; the scheme's own papers do.
    NotOnRecord,
}

/// Categories (normalised) whose mandate decides it. Those that leave the share of equity
/// to the manager are not among them, nor those that hold funds of Indian and of foreign
/// shares alike ([`OPEN`], exchange traded funds), nor funds of funds: one that holds foreign
/// bonds is taxed as debt is.
const CLASSES: &[(&str, TaxClass)] = &[
    ("Equity: ", TaxClass::Equity),
    ("Hybrid: Aggressive", TaxClass::Equity),
    ("Hybrid: Arbitrage", TaxClass::Equity),
    ("Hybrid: Equity Savings", TaxClass::Equity),
    ("Index: Equity", TaxClass::Equity),
    ("Debt: ", TaxClass::Debt),
    ("Hybrid: Conservative", TaxClass::Debt),
    ("Index: Debt", TaxClass::Debt),
    ("ETF: Debt", TaxClass::Debt),
    ("Hybrid: Balanced", TaxClass::Other),
    ("ETF: Gold", TaxClass::OtherListed),
    ("ETF: Overseas", TaxClass::OtherListed),
    ("ETF: Silver", TaxClass::OtherListed),
    ("Gold", TaxClass::OtherListed),
    ("Silver", TaxClass::OtherListed),
];

/// Equity of a sector or theme, which may be that of another country.
const OPEN: &[&str] = &[
    "Equity: Sectoral / Thematic",
    "Equity: Sectoral",
    "Equity: Thematic",
];

impl TaxClass {
    /// Returns the class of a scheme: what its rules state, else what its category tells.
    pub fn of(stated: Option<Self>, category: &str) -> Self {
        stated.unwrap_or_else(|| Self::of_category(category))
    }

    fn of_category(category: &str) -> Self {
        if OPEN.contains(&category) {
            return Self::NotOnRecord;
        }
        let fits = |(name, _): &&(&str, Self)| {
            category == *name || (name.ends_with(' ') && category.starts_with(name))
        };
        let found = CLASSES.iter().find(fits);
        found.map_or(Self::NotOnRecord, |(_, class)| *class)
    }
}
