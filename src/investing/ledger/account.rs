//! The accounts of the ledger, and units as it counts them.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::id::FolioId;
use crate::investing::scheme::SchemeCode;

/// Where money is. All are one investor's; some belong to an order as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MoneyAccount {
    /// The investor's bank, outside of what we know.
    Bank,
    /// The exchange's clearing corporation.
    Clearing,
    /// Paid for an order that is not allotted yet.
    Order,
    /// Put into a scheme; less than nothing once gains were taken out.
    Scheme(SchemeCode),
    /// Between the two legs of a switch.
    Switching,
    /// Of a redemption, on its way to the bank.
    PayoutDue,
    /// Of an order that failed, on its way back.
    RefundDue,
    /// Stamp duty taken.
    StampDuty,
    /// Exit load taken.
    ExitLoad,
    /// Securities transaction tax taken.
    Stt,
}

/// Where units are, of one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitAccount {
    /// With the registrar: what a folio holds is missing here.
    Issued,
    /// In a folio.
    Folio(FolioId),
}

/// Words of accounts that stand alone.
const MONEY: [(MoneyAccount, &str); 9] = [
    (MoneyAccount::Bank, "bank"),
    (MoneyAccount::Clearing, "clearing"),
    (MoneyAccount::Order, "order"),
    (MoneyAccount::Switching, "switching"),
    (MoneyAccount::PayoutDue, "payout_due"),
    (MoneyAccount::RefundDue, "refund_due"),
    (MoneyAccount::StampDuty, "stamp_duty"),
    (MoneyAccount::ExitLoad, "exit_load"),
    (MoneyAccount::Stt, "stt"),
];

impl MoneyAccount {
    /// Reads the words it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(code) = text.strip_prefix("scheme:") {
            return code.parse().ok().map(SchemeCode).map(Self::Scheme);
        }
        let found = MONEY.iter().find(|(_, word)| *word == text);
        found.map(|(account, _)| *account)
    }
}

impl fmt::Display for MoneyAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme(code) => write!(f, "scheme:{}", code.0),
            other => {
                let word = MONEY.iter().find(|(account, _)| account == other);
                f.write_str(word.map_or("", |(_, word)| word))
            }
        }
    }
}

impl UnitAccount {
    /// Reads the words it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("folio:") {
            Some(folio) => folio.parse().ok().map(Self::Folio),
            None => (text == "issued").then_some(Self::Issued),
        }
    }
}

impl fmt::Display for UnitAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued => f.write_str("issued"),
            Self::Folio(folio) => write!(f, "folio:{folio}"),
        }
    }
}

/// Units in ten-thousandths, the finest that registrars give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Units(pub i64);

impl Units {
    const SCALE: u32 = 4;

    /// Takes units over exactly; `None` if they are finer or beyond counting.
    pub fn exact(units: Decimal) -> Option<Self> {
        let scaled = units.checked_mul(Decimal::from(10_000))?;
        scaled.fract().is_zero().then_some(())?;
        scaled.to_i64().map(Self)
    }

    /// Returns the units as a decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, Self::SCALE).normalize()
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    #[test]
    fn every_account_reads_back_as_what_it_was_written_for() {
        let scheme = MoneyAccount::Scheme(SchemeCode(101_762));
        for account in MONEY
            .map(|(account, _)| account)
            .into_iter()
            .chain([scheme])
        {
            assert_eq!(MoneyAccount::parse(&account.to_string()), Some(account));
        }
        let folio = UnitAccount::Folio(Ids::seeded(1).next(jiff::Timestamp::UNIX_EPOCH));
        for account in [UnitAccount::Issued, folio] {
            assert_eq!(UnitAccount::parse(&account.to_string()), Some(account));
        }
        assert_eq!(MoneyAccount::parse("folio:x"), None);
        assert_eq!(UnitAccount::parse("bank"), None);
    }

    #[test]
    fn units_are_taken_over_exactly_or_not_at_all() {
        let exact = |text: &str| Units::exact(text.parse().unwrap());
        assert_eq!(exact("10.4545"), Some(Units(104_545)));
        assert_eq!(exact("-0.001"), Some(Units(-10)));
        assert_eq!(exact("0.00001"), None);
        assert_eq!(exact("1.50000"), Some(Units(15_000)));
        assert_eq!(exact("922337203685477.5808"), None);
        assert_eq!(Units(104_540).decimal().to_string(), "10.454");
    }
}
