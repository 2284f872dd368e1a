//! Rupees and how India writes them.

use rust_decimal::Decimal;

/// An amount of money in integer paise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Paise(pub i64);

impl Paise {
    /// Returns the amount in rupees.
    pub fn rupees(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
}

/// Writes an amount as `₹1,23,456.78` with `dp` decimals, rounding half up.
pub fn inr(_amount: Decimal, _dp: u32) -> String {
    unimplemented!()
}

/// Writes an amount as `₹1.5 L` or `₹2.56 Cr`; under a lakh as [`inr`] does without decimals.
pub fn inr_short(_amount: Decimal) -> String {
    unimplemented!()
}
