//! What a year's gains come to: losses set off, exemption, rates.

use jiff::civil::{Date, date};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use crate::investing::money::Paise;

/// Gains of one tax year; losses are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Gains {
    /// Equity, short.
    pub equity_short: Paise,
    /// Equity, long.
    pub equity_long: Paise,
    /// Anything else, short: at the slab.
    pub other_short: Paise,
    /// Anything else, long.
    pub other_long: Paise,
    /// Of schemes whose class is not on record: taxed somehow, in no sum here.
    pub not_on_record: Paise,
}

impl Gains {
    /// Adds up two years, or a year and a proposal.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            equity_short: self.equity_short + other.equity_short,
            equity_long: self.equity_long + other.equity_long,
            other_short: self.other_short + other.other_short,
            other_long: self.other_long + other.other_long,
            not_on_record: self.not_on_record + other.not_on_record,
        }
    }
}

/// An estimate of the tax on a year's gains, without surcharge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// On short gains of equity.
    pub short_tax: Paise,
    /// On long gains, the exemption taken off those of equity.
    pub long_tax: Paise,
    /// Both, before cess.
    pub total: Paise,
    /// Both, with 4 % cess.
    pub with_cess: Paise,
    /// Gains taxed at the investor's own slab, in no sum here.
    pub at_slab: Paise,
    /// Short losses that are left, to be carried for eight years.
    pub short_loss_carried: Paise,
    /// Long losses that are left, to be carried for eight years.
    pub long_loss_carried: Paise,
}

/// Rates for sales since 23-Jul-2024: on equity held short, and on anything held long.
const SINCE: Date = date(2024, 7, 23);
const SHORT_RATE: Decimal = Decimal::from_parts(20, 0, 0, false, 2);
const LONG_RATE: Decimal = Decimal::from_parts(125, 0, 0, false, 3);
const EXEMPT: Paise = Paise(12_500_000);
const CESS: Decimal = Decimal::from_parts(104, 0, 0, false, 2);

/// Estimates the tax on the gains of a tax year that begins on `from`; `None` for years of
/// other rates.
///
/// A short loss goes first against short gains, then against long ones; a long loss
/// against long gains only. What no exemption covers is set off first.
pub fn assess(gains: &Gains, from: Date) -> Option<Assessment> {
    if from < SINCE {
        return None;
    }
    let mut short = [gains.equity_short, gains.other_short];
    let mut long = [gains.other_long, gains.equity_long];
    let short_loss = take_losses(&mut short);
    let long_loss = take_losses(&mut long);
    let short_loss = set_off(short_loss, &mut short);
    let short_loss_carried = set_off(short_loss, &mut long);
    let long_loss_carried = set_off(long_loss, &mut long);
    let [equity_short, at_slab] = short;
    let [other_long, equity_long] = long;
    let taxed_long = other_long + (equity_long - EXEMPT).max(Paise(0));
    let short_tax = equity_short.rupees() * SHORT_RATE;
    let long_tax = taxed_long.rupees() * LONG_RATE;
    Some(Assessment {
        short_tax: paise(short_tax),
        long_tax: paise(long_tax),
        total: paise(short_tax + long_tax),
        with_cess: paise((short_tax + long_tax) * CESS),
        at_slab,
        short_loss_carried,
        long_loss_carried,
    })
}

/// Leaves the gains and returns the sum of the losses.
fn take_losses(sums: &mut [Paise]) -> Paise {
    let mut loss = Paise(0);
    for sum in sums.iter_mut().filter(|sum| **sum < Paise(0)) {
        loss = loss - *sum;
        *sum = Paise(0);
    }
    loss
}

fn set_off(mut loss: Paise, gains: &mut [Paise]) -> Paise {
    for gain in gains {
        let used = loss.min(*gain);
        *gain = *gain - used;
        loss = loss - used;
    }
    loss
}

fn paise(rupees: Decimal) -> Paise {
    let rounded = rupees.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Paise::from_rupees(rounded).unwrap_or_default()
}
