//! What happens to units of a scheme in a folio. A transaction on record never changes:
//! what turns out wrong is undone by a reversal beside it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::money::Paise;

/// The largest number of a folio there can be, in units or rupees: a million million. Sums
/// and products of what is below it do not go over.
pub(super) const MOST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
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

    /// Returns what it is with so many units: income that comes in units was reinvested,
    /// whatever a statement's reader calls it.
    pub(super) fn in_units(self, units: Option<Decimal>) -> Self {
        match self {
            Self::DividendPayout if units > Some(Decimal::ZERO) => Self::DividendReinvest,
            other => other,
        }
    }

    /// Returns the kind under which sources that name things differently agree: one
    /// calls an instalment what the other calls a purchase.
    pub(super) fn class(self) -> Self {
        match self {
            Self::PurchaseSip | Self::SwitchIn => Self::Purchase,
            Self::SwitchOut => Self::Redemption,
            other => other,
        }
    }
}

/// One movement. Amount and units are negative for what is given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: Kind,
    /// Money, without stamp duty and after exit load.
    pub amount: Option<Paise>,
    /// Units.
    pub units: Option<Decimal>,
    /// NAV it was done at.
    pub nav: Option<Decimal>,
    /// Units after it.
    pub balance: Option<Decimal>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_that_reads_back() {
        for (kind, word) in KINDS {
            assert_eq!(Kind::from_word(word), Some(*kind));
            assert_eq!(kind.as_str(), *word);
        }
    }
}
