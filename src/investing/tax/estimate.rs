//! What a redemption or a switch would come to if it were done at a NAV: units, exit load,
//! transaction tax, gains by lot.

use jiff::Span;
use jiff::civil::{Date, date};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::term::is_grandfathered;
use super::{Gains, Section, TaxClass, Term, grandfathered_cost, section, term};
use crate::investing::lots::{Lot, split};
use crate::investing::money::Paise;
use crate::investing::orders::Quantity;
use crate::investing::rules::DatedLoad;

/// Securities transaction tax on units of equity funds that are sold: 0.001 %.
const STT: Decimal = Decimal::from_parts(1, 0, 0, false, 5);
const UNIT_DECIMALS: u32 = 3;
/// Estimates by class begin with the rates of this day.
const KNOWN_SINCE: Date = date(2024, 7, 23);

/// A redemption or switch out that is thought of.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    /// Lots of the folio's scheme, oldest first.
    pub lots: &'a [Lot],
    /// How gains are taxed.
    pub class: TaxClass,
    /// Exit loads in order of their days.
    pub loads: &'a [DatedLoad],
    /// Years each lot is locked in (three for ELSS); 0 if it is not.
    pub locked_years: i32,
    /// Rupees per unit.
    pub nav: Decimal,
    /// The day of that NAV.
    pub date: Date,
    /// The day the request counts as received on: exit loads go by it.
    pub received: Date,
    /// How much.
    pub quantity: Quantity,
    /// The NAV of 31-Jan-2018, for units of before.
    pub nav_31_jan_2018: Option<Decimal>,
}

/// Why there is nothing to estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEstimate {
    /// Nothing was asked for, or the NAV is not above zero.
    #[error("there is nothing to redeem")]
    Nothing,
    /// More than may go.
    #[error("only {available} units may be redeemed, {locked} more are locked in")]
    TooMuch {
        /// Units that may go.
        available: Decimal,
        /// Units that are locked in.
        locked: Decimal,
        /// The first day on which more may go.
        next: Option<Date>,
    },
}

/// What units of one lot would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedemptionPart {
    /// The day their holding counts from.
    pub bought: Date,
    /// How many.
    pub units: Decimal,
    /// Days held until the request, as exit loads count them.
    pub days: i32,
    /// Units times NAV.
    pub gross: Paise,
    /// Kept back by the fund; `None` where the load is not on record.
    pub exit_load: Option<Paise>,
    /// What counts as their cost for tax.
    pub cost: Paise,
    /// Proceeds after load, less cost.
    pub gain: Paise,
    /// Short or long.
    pub term: Term,
    /// By what section.
    pub section: Section,
    /// The cost would be that of 31-Jan-2018, whose NAV is not on record.
    pub lacks_nav_of_2018: bool,
}

/// An estimate; the registrar's own figures are what counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedemptionEstimate {
    /// Units that would go.
    pub units: Decimal,
    /// Units that would stay.
    pub left: Decimal,
    /// Units times NAV.
    pub gross: Paise,
    /// Kept back by the fund; `None` where the load of a lot is not on record.
    pub exit_load: Option<Paise>,
    /// Securities transaction tax; `None` where the class is not on record.
    pub stt: Option<Paise>,
    /// What would be paid, as far as load and tax are on record.
    pub net: Paise,
    /// Gains by kind, to be added to the year's.
    pub gains: Gains,
    /// Lot by lot, oldest first.
    pub parts: Vec<RedemptionPart>,
}

/// Estimates a redemption, first in, first out.
pub fn redemption_estimate(proposal: &Proposal<'_>) -> Result<RedemptionEstimate, NoEstimate> {
    let held: Decimal = proposal.lots.iter().map(|lot| lot.units).sum();
    let free = |lot: &&Lot| unlocks(proposal, lot) <= proposal.date;
    let available: Decimal = proposal.lots.iter().filter(free).map(|lot| lot.units).sum();
    let units = units_of(proposal, available).ok_or(NoEstimate::Nothing)?;
    if units <= Decimal::ZERO {
        return Err(if held > Decimal::ZERO && available.is_zero() {
            too_much(proposal, available, held)
        } else {
            NoEstimate::Nothing
        });
    }
    if units > available {
        return Err(too_much(proposal, available, held));
    }
    let mut wanted = units;
    let mut parts = Vec::new();
    for lot in proposal.lots.iter().filter(free) {
        let part = wanted.min(lot.units);
        if part > Decimal::ZERO {
            parts.push(part_of(proposal, lot, part));
            wanted -= part;
        }
    }
    let gross = parts.iter().map(|part| part.gross).sum();
    let exit_load: Option<Paise> = parts.iter().map(|part| part.exit_load).sum();
    let stt = match proposal.class {
        TaxClass::NotOnRecord => None,
        TaxClass::Equity => Paise::from_rupees(units * proposal.nav * STT),
        _ => Some(Paise(0)),
    };
    let mut gains = Gains::default();
    for part in &parts {
        let place = match (proposal.class, part.term) {
            (_, Term::NotOnRecord) => &mut gains.not_on_record,
            _ if proposal.date < KNOWN_SINCE => &mut gains.not_on_record,
            (TaxClass::Equity, Term::Short) => &mut gains.equity_short,
            (TaxClass::Equity, Term::Long) => &mut gains.equity_long,
            (_, Term::Short) => &mut gains.other_short,
            (_, Term::Long) => &mut gains.other_long,
        };
        *place = *place + part.gain;
    }
    Ok(RedemptionEstimate {
        units,
        left: held - units,
        gross,
        exit_load,
        stt,
        net: gross - exit_load.unwrap_or_default() - stt.unwrap_or_default(),
        gains,
        parts,
    })
}

fn unlocks(proposal: &Proposal<'_>, lot: &Lot) -> Date {
    lot.date
        .saturating_add(Span::new().years(proposal.locked_years))
}

fn too_much(proposal: &Proposal<'_>, available: Decimal, held: Decimal) -> NoEstimate {
    let days = proposal.lots.iter().map(|lot| unlocks(proposal, lot));
    NoEstimate::TooMuch {
        available,
        locked: held - available,
        next: days.filter(|day| *day > proposal.date).min(),
    }
}

fn units_of(proposal: &Proposal<'_>, available: Decimal) -> Option<Decimal> {
    if proposal.nav <= Decimal::ZERO {
        return None;
    }
    match proposal.quantity {
        Quantity::All => Some(available),
        Quantity::Units(units) => Some(units),
        Quantity::Amount(amount) => {
            let units = amount.rupees().checked_div(proposal.nav)?;
            let half_up = RoundingStrategy::MidpointAwayFromZero;
            Some(units.round_dp_with_strategy(UNIT_DECIMALS, half_up))
        }
    }
}

fn part_of(proposal: &Proposal<'_>, lot: &Lot, units: Decimal) -> RedemptionPart {
    let class = proposal.class;
    let days = (proposal.received - lot.date).get_days();
    let gross = Paise::from_rupees(units * proposal.nav).unwrap_or_default();
    let exit_load = DatedLoad::of(proposal.loads, lot.date)
        .and_then(|load| load.on(units, proposal.nav, days, (lot.bought, lot.units)));
    let proceeds = gross - exit_load.unwrap_or_default();
    let paid = split(lot.cost, units, lot.units);
    // Units that came by a merger were others on that day, whose NAV is not asked for.
    let nav = proposal.nav_31_jan_2018.filter(|_| !lot.merged);
    let grandfathered = is_grandfathered(class, lot.date, proposal.date)
        .then(|| grandfathered_cost(lot.date, units, (paid, proceeds), nav));
    let cost = grandfathered.flatten().unwrap_or(paid);
    RedemptionPart {
        bought: lot.date,
        units,
        days,
        gross,
        exit_load,
        cost,
        gain: proceeds - cost,
        term: term(class, lot.date, proposal.date),
        section: section(class, lot.date, proposal.date),
        lacks_nav_of_2018: grandfathered == Some(None),
    }
}
