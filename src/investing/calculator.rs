//! Sums with assumed rates. Every result is an illustration, never a promise.

use rust_decimal::Decimal;

/// What a monthly plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SipIllustration {
    /// Sum of the instalments, rupees.
    pub invested: Decimal,
    /// Value at the end, rupees, rounded to paise.
    pub value: Decimal,
}

/// Computes a SIP of `monthly` rupees over `months`, instalment at the start of the month,
/// at a nominal `yearly_rate` (fraction) compounded monthly.
pub fn sip(_monthly: Decimal, _yearly_rate: Decimal, _months: u32) -> SipIllustration {
    unimplemented!()
}
