//! What somebody holds, what it cost and what it is worth.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::lots::{self, Ledger};
use super::money::Paise;
use super::scheme::{Catalog, Isin, Nav, SchemeCode};
use super::transaction::Transaction;
use super::xirr::{NoRate, xirr};

/// Everything one contact holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    /// Per folio and scheme, largest value first.
    pub holdings: Vec<Holding>,
    /// Value of the holdings that have a NAV.
    pub value: Paise,
    /// Cost of the units still held (stamp duty included), where history is complete.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Yearly return over all flows.
    pub xirr: Return,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// The oldest and newest NAV dates among the holdings.
    pub nav_dates: Option<(Date, Date)>,
    /// Period of the statement it came from, last day of it.
    pub statement_to: Option<Date>,
}

/// Units of one scheme in one folio.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Folio number as the fund house writes it.
    pub folio: String,
    /// The scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Its name as the statement has it.
    pub name: String,
    /// Fund house.
    pub amc: String,
    /// Units held, three or four decimals.
    pub units: Decimal,
    /// The NAV it is valued at.
    pub nav: Option<Nav>,
    /// Units times NAV.
    pub value: Option<Paise>,
    /// Cost of the units still held (stamp duty included), if history is complete.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// Yearly return over its flows.
    pub xirr: Return,
    /// Held through another distributor: to be seen only.
    pub elsewhere: bool,
}

/// A yearly return, or why there is none to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Return {
    /// Fraction per year.
    Yearly(f64),
    /// The first flow is less than a year old: show the absolute gain instead.
    UnderOneYear,
    /// The statement does not go back to the first purchase.
    IncompleteHistory,
    /// Two rates fit the flows; showing either would be a choice.
    Ambiguous,
    /// No rate fits (a total loss, flows of one sign).
    None,
}

/// A return over fewer days than this is not shown per year.
const ONE_YEAR: i32 = 365;

/// A folio as it is on record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldFolio {
    pub(super) number: String,
    pub(super) amc: String,
    pub(super) schemes: Vec<HeldScheme>,
}

/// A scheme of a folio as it is on record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldScheme {
    pub(super) isin: Option<Isin>,
    pub(super) amfi: Option<SchemeCode>,
    pub(super) name: String,
    pub(super) elsewhere: bool,
    /// Units at the end of the newest statement; none before the first.
    pub(super) close: Decimal,
    pub(super) statement_to: Option<Date>,
    /// The statement's own NAV.
    pub(super) nav: Option<Nav>,
    pub(super) transactions: Vec<Transaction>,
    /// Movements known from our orders that no statement has yet.
    pub(super) unconfirmed: Vec<(Date, Decimal)>,
}

/// A statement may be printed before the movements of its last days are booked. What it
/// lacks of earlier days it denies.
const BOOKED_WITHIN: i32 = 10;

impl HeldScheme {
    /// Takes over its transactions, each with whether only an order of ours knows it.
    pub(super) fn take(&mut self, lines: impl Iterator<Item = (Transaction, bool)>) {
        for (transaction, unconfirmed) in lines {
            if let (Some(units), true) = (transaction.units, unconfirmed) {
                self.unconfirmed.push((transaction.date, units));
            }
            self.transactions.push(transaction);
        }
    }

    /// Units held now: what the newest statement says, and what was done since.
    pub(super) fn units(&self) -> Decimal {
        let since = self.unconfirmed.iter().filter(|(date, _)| {
            let to = self.statement_to;
            to.is_none_or(|to| (to - *date).get_days() <= BOOKED_WITHIN)
        });
        self.close + since.map(|(_, units)| *units).sum::<Decimal>()
    }
}

/// Values what is on record at the latest NAVs.
pub(super) fn value(folios: &[HeldFolio], catalog: &Catalog, today: Date) -> Portfolio {
    let mut holdings = Vec::new();
    let mut flows = Vec::new();
    let mut complete = true;
    for folio in folios {
        let lists: Vec<_> = folio.schemes.iter().map(|s| &*s.transactions).collect();
        for (held, ledger) in folio.schemes.iter().zip(lots::play(&lists)) {
            let units = held.units();
            let is_complete = !ledger.short && ledger.units == units;
            complete &= is_complete;
            flows.extend_from_slice(&ledger.flows);
            if units > Decimal::ZERO {
                holdings.push(holding(folio, held, &ledger, is_complete, catalog, today));
            }
        }
    }
    holdings.sort_by_key(|h| Reverse(h.value));
    let value = holdings.iter().filter_map(|h| h.value).sum();
    let all_valued = holdings.iter().all(|h| h.value.is_some());
    let cost: Option<Paise> = holdings.iter().map(|h| h.cost).sum();
    let cost = cost.filter(|_| all_valued);
    let gain = cost.map(|cost| value - cost);
    let dates = || holdings.iter().filter_map(|h| h.nav).map(|nav| nav.date);
    let nav_dates = dates().min().zip(dates().max());
    let rate = match nav_dates {
        _ if !complete || !all_valued => Return::IncompleteHistory,
        Some((_, newest)) => rate(&flows, value, newest.min(today)),
        None => rate(&flows, value, today),
    };
    Portfolio {
        value,
        cost,
        gain,
        xirr: rate,
        absolute: fraction(gain, cost),
        nav_dates,
        statement_to: folios
            .iter()
            .flat_map(|folio| &folio.schemes)
            .filter_map(|s| s.statement_to)
            .max(),
        holdings,
    }
}

fn holding(
    folio: &HeldFolio,
    held: &HeldScheme,
    ledger: &Ledger,
    is_complete: bool,
    catalog: &Catalog,
    today: Date,
) -> Holding {
    let scheme = code(held, catalog);
    let listed = scheme.and_then(|code| catalog.get(code)?.nav);
    // The statement may be newer than the list, for a scheme no longer published.
    let nav = [listed, held.nav]
        .into_iter()
        .flatten()
        .reduce(|a, b| if b.date > a.date { b } else { a });
    let units = held.units();
    let value = nav.and_then(|nav| Paise::from_rupees(units.checked_mul(nav.value)?));
    let cost = Paise::from_rupees(ledger.cost()).filter(|_| is_complete);
    let gain = value.zip(cost).map(|(value, cost)| value - cost);
    Holding {
        folio: folio.number.clone(),
        scheme,
        name: held.name.clone(),
        amc: folio.amc.clone(),
        units,
        nav,
        value,
        cost,
        gain,
        absolute: fraction(gain, cost),
        xirr: match (value, nav) {
            (Some(value), Some(nav)) if is_complete => {
                rate(&ledger.flows, value, nav.date.min(today))
            }
            (None, _) | (_, None) if is_complete => Return::None,
            _ => Return::IncompleteHistory,
        },
        elsewhere: held.elsewhere,
    }
}

/// Finds the scheme by AMFI's code where the ISIN agrees or is not listed, else by ISIN,
/// preferring the one that still has NAVs.
pub(super) fn code(held: &HeldScheme, catalog: &Catalog) -> Option<SchemeCode> {
    let by_isin: Vec<_> = held
        .isin
        .into_iter()
        .flat_map(|i| catalog.by_isin(i))
        .collect();
    let by_code = held.amfi.and_then(|code| catalog.get(code));
    if let Some(scheme) = by_code
        && (by_isin.is_empty() || by_isin.iter().any(|s| s.code == scheme.code))
    {
        return Some(scheme.code);
    }
    let newest = by_isin
        .iter()
        .max_by_key(|s| (s.nav.map(|nav| nav.date), Reverse(s.code)));
    newest.map(|s| s.code)
}

fn fraction(gain: Option<Paise>, cost: Option<Paise>) -> Option<Decimal> {
    let (gain, cost) = gain.zip(cost)?;
    gain.rupees().checked_div(cost.rupees())
}

/// The yearly return of flows and of what is held `at` a day.
fn rate(flows: &[(Date, Paise)], value: Paise, at: Date) -> Return {
    let Some((first, last)) = flows
        .iter()
        .map(|(date, _)| *date)
        .min()
        .zip(flows.iter().map(|(date, _)| *date).max())
    else {
        return Return::None;
    };
    let at = at.max(last);
    if (at - first).get_days() < ONE_YEAR {
        return Return::UnderOneYear;
    }
    // By day, so that both sides of a switch cancel.
    let mut by_day: BTreeMap<Date, Paise> = BTreeMap::new();
    for (date, amount) in flows.iter().copied().chain([(at, value)]) {
        let day = by_day.entry(date).or_default();
        *day = *day + amount;
    }
    let flows: Vec<_> = by_day
        .into_iter()
        .map(|(date, amount)| (date, amount.rupees().to_f64().unwrap_or(0.0)))
        .collect();
    match xirr(&flows) {
        Ok(rate) => Return::Yearly(rate),
        Err(NoRate::Ambiguous) => Return::Ambiguous,
        Err(_) => Return::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::transaction::Kind;

    fn row(day: &str, kind: Kind, paise: i64, units: i64) -> Transaction {
        Transaction {
            date: day.parse().unwrap(),
            kind,
            amount: Some(Paise(paise)),
            units: Some(Decimal::from(units)),
            nav: None,
            balance: None,
        }
    }

    fn scheme(transactions: Vec<Transaction>, nav: i64) -> HeldScheme {
        HeldScheme {
            isin: None,
            amfi: None,
            name: "A fund".to_owned(),
            elsewhere: false,
            close: transactions.iter().filter_map(|t| t.units).sum(),
            statement_to: Some(jiff::civil::date(2026, 1, 1)),
            unconfirmed: Vec::new(),
            nav: Some(Nav {
                value: Decimal::from(nav),
                date: jiff::civil::date(2026, 1, 1),
            }),
            transactions,
        }
    }

    fn valued(schemes: Vec<HeldScheme>) -> Portfolio {
        let folio = HeldFolio {
            number: "1".to_owned(),
            amc: "An AMC".to_owned(),
            schemes,
        };
        value(&[folio], &Catalog::default(), jiff::civil::date(2026, 1, 1))
    }

    #[test]
    fn a_switch_counts_for_the_schemes_and_cancels_in_the_whole() {
        let from = vec![
            row("2024-01-01", Kind::Purchase, 1_000_000, 100),
            row("2025-01-01", Kind::SwitchOut, -1_200_000, -100),
        ];
        let to = vec![row("2025-01-01", Kind::SwitchIn, 1_200_000, 10)];
        let portfolio = valued(vec![scheme(from, 1), scheme(to, 1_440)]);
        let [held] = portfolio.holdings.as_slice() else {
            panic!("{portfolio:?}");
        };
        // 12,000 to 14,400 in the 365 days of 2025; 10,000 to 14,400 in 731 days.
        assert!(matches!(held.xirr, Return::Yearly(r) if (r - 0.2).abs() < 1e-9));
        let whole = 1.44_f64.powf(365.0 / 731.0) - 1.0;
        assert!(matches!(portfolio.xirr, Return::Yearly(r) if (r - whole).abs() < 1e-9));
        assert_eq!(portfolio.absolute, Some(Decimal::new(2, 1)));
    }

    #[test]
    fn under_a_year_there_is_no_yearly_return() {
        let day_364 = vec![row("2025-01-02", Kind::Purchase, 10_000, 1)];
        assert_eq!(
            valued(vec![scheme(day_364, 110)]).xirr,
            Return::UnderOneYear
        );
        let day_365 = vec![row("2025-01-01", Kind::Purchase, 10_000, 1)];
        let rate = valued(vec![scheme(day_365, 110)]).xirr;
        assert!(matches!(rate, Return::Yearly(r) if (r - 0.1).abs() < 1e-9));
    }

    #[test]
    fn a_holding_nobody_prices_leaves_the_totals_honest() {
        let mut unpriced = scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 1)], 1);
        unpriced.nav = None;
        let portfolio = valued(vec![unpriced]);
        assert_eq!((portfolio.cost, portfolio.gain), (None, None));
        assert_eq!(portfolio.nav_dates, None);
        assert_eq!(portfolio.holdings[0].value, None);
    }
}
