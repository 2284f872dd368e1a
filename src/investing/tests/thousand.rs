//! 1,000 invented investors with ten years of history each: what their portfolios come to
//! equals what `tests/oracle/portfolios.py` computed with pyxirr, and a second computation
//! here that shares nothing with the first.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::investing::money::Paise;
use crate::investing::portfolio::{HeldFolio, HeldScheme, value};
use crate::investing::scheme::{Catalog, Nav};
use crate::investing::transaction::{Kind, Transaction};
use crate::investing::{Portfolio, Return};

const GOLDEN: &str = include_str!("../../../tests/data/oracle/portfolios.csv");
const INVESTORS: u64 = 1_000;
const MONTHS: i64 = 120;
/// July 2020.
const DUTY_FROM: i64 = 47;

fn valued_on() -> Date {
    date(2026, 8, 21)
}

/// splitmix64, as the script has it.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) % n).unwrap()
    }
}

fn half_up(number: i64, by: i64) -> i64 {
    (2 * number + by) / (2 * by)
}

/// One scheme of an invented history, in paise, milli units and ten-thousandths of rupees.
#[derive(Default)]
struct Made {
    sip: i64,
    nav: i64,
    kind: i64,
    start: i64,
    held: i64,
    rows: Vec<Transaction>,
}

impl Made {
    fn add(&mut self, date: Date, kind: Kind, paise: i64, milli: i64) {
        self.held += milli;
        self.rows.push(Transaction {
            date,
            kind,
            amount: (paise != 0).then_some(Paise(paise)),
            units: (milli != 0).then(|| Decimal::new(milli, 3)),
            nav: None,
            balance: None,
        });
    }

    fn worth(&self, milli: i64) -> i64 {
        half_up(milli * self.nav, 100_000)
    }

    fn bought(&self, paise: i64) -> i64 {
        half_up(paise * 100_000, self.nav)
    }

    fn buy(&mut self, date: Date, kind: Kind, amount: i64, month: i64) -> (i64, i64, i64) {
        let duty = if month >= DUTY_FROM {
            half_up(amount * 5, 100_000)
        } else {
            0
        };
        let units = self.bought(amount - duty);
        self.add(date, kind, amount - duty, units);
        if duty != 0 {
            self.add(date, Kind::StampDutyTax, duty, 0);
        }
        (amount - duty, duty, units)
    }

    fn month(&mut self, r: &mut Random, event: i64, month: i64, day: &dyn Fn(i8) -> Date) {
        if event != 99 {
            let (net, duty, units) = self.buy(day(5), Kind::PurchaseSip, self.sip, month);
            if event == 13 {
                self.add(day(9), Kind::Reversal, -net, -units);
                if duty != 0 {
                    self.add(day(9), Kind::StampDutyTax, -duty, 0);
                }
            }
        }
        if event < 3 {
            let amount = 100_000 * (1 + r.below(200));
            self.buy(day(12), Kind::Purchase, amount, month);
        }
        if (3..6).contains(&event) {
            let milli = self.held * (1 + r.below(100)) / 100;
            if milli != 0 {
                let paise = self.worth(milli);
                self.add(day(19), Kind::Redemption, -paise, -milli);
                let stt = half_up(paise, 100_000);
                if stt != 0 {
                    self.add(day(19), Kind::SttTax, stt, 0);
                }
            }
        }
        if (8..12).contains(&event) && self.kind >= 2 {
            let paise = self.worth(self.held) * 2 / 100;
            if self.kind == 2 && paise != 0 {
                self.add(day(25), Kind::DividendPayout, paise, 0);
            }
            let units = self.bought(paise);
            if self.kind == 3 && units != 0 {
                self.add(day(25), Kind::DividendReinvest, paise, units);
            }
        }
        if event == 12 && self.held / 10 != 0 {
            self.add(day(27), Kind::Misc, 0, self.held / 10);
        }
    }
}

fn history(investor: u64) -> Vec<Made> {
    let mut r = Random(investor);
    let mut schemes: Vec<Made> = (0..=r.below(6))
        .map(|_| Made {
            sip: 50_000 * (1 + r.below(20)),
            nav: 100_000 + r.below(4_900_000),
            kind: r.below(4),
            start: r.below(60),
            ..Made::default()
        })
        .collect();
    for month in 0..MONTHS {
        let year = i16::try_from(2016 + (7 + month) / 12).unwrap();
        let of_year = i8::try_from((7 + month) % 12 + 1).unwrap();
        let day = move |day| date(year, of_year, day);
        let mut events = Vec::new();
        for scheme in &mut schemes {
            scheme.nav = (scheme.nav * (9_750 + r.below(600)) / 10_000).max(10_000);
            events.push(r.below(100));
        }
        for at in 0..schemes.len() {
            let other = at ^ 1;
            let may = other < schemes.len() && month >= schemes[at].start.max(schemes[other].start);
            if (6..8).contains(&events[at]) && may {
                let milli = schemes[at].held * (1 + r.below(100)) / 100;
                if milli != 0 {
                    let paise = schemes[at].worth(milli);
                    schemes[at].add(day(2), Kind::SwitchOut, -paise, -milli);
                    schemes[other].buy(day(2), Kind::SwitchIn, paise, month);
                }
            }
        }
        for (scheme, event) in schemes.iter_mut().zip(&events) {
            if month >= scheme.start {
                scheme.month(&mut r, *event, month, &day);
            }
        }
    }
    schemes
}

/// Two schemes to a folio, as statements to the last day have them.
fn folios(schemes: &[Made]) -> Vec<HeldFolio> {
    let held = |(at, made): (usize, &Made)| HeldScheme {
        isin: None,
        amfi: None,
        name: format!("Fund {at}"),
        elsewhere: false,
        close: Decimal::new(made.held, 3),
        statement_to: Some(valued_on()),
        detailed: true,
        nav: Some(Nav {
            value: Decimal::new(made.nav, 4),
            date: valued_on(),
        }),
        transactions: made.rows.clone(),
        unconfirmed: Vec::new(),
        past_navs: BTreeMap::new(),
    };
    let all: Vec<HeldScheme> = schemes.iter().enumerate().map(held).collect();
    all.chunks(2)
        .enumerate()
        .map(|(at, pair)| HeldFolio {
            number: at.to_string(),
            amc: "An AMC".to_owned(),
            schemes: pair.to_vec(),
        })
        .collect()
}

fn valued(folios: &[HeldFolio]) -> Portfolio {
    value(folios, &Catalog::default(), valued_on())
}

#[test]
fn a_thousand_portfolios_equal_what_an_independent_script_computed() {
    let mut golden = GOLDEN.lines().skip(1);
    for investor in 0..INVESTORS {
        let schemes = history(investor);
        let found = valued(&folios(&schemes));
        let line = golden.next().unwrap();
        let wanted: Vec<&str> = line.split(',').collect();
        let rows: usize = schemes.iter().map(|made| made.rows.len()).sum();
        let milli: i64 = schemes.iter().map(|made| made.held).sum();
        assert_eq!(wanted[0], investor.to_string());
        assert_eq!(
            [wanted[1], wanted[2]],
            [rows.to_string(), milli.to_string()]
        );
        assert_eq!(wanted[3], found.value.0.to_string(), "value of {investor}");
        assert_eq!(
            wanted[4],
            found.cost.unwrap().0.to_string(),
            "cost of {investor}"
        );
        assert_eq!(
            wanted[5],
            found.realised.unwrap().0.to_string(),
            "gain of {investor}"
        );
        let Return::Yearly(rate) = found.xirr else {
            panic!("{investor}: {:?}", found.xirr);
        };
        let expected: f64 = wanted[6].parse().unwrap();
        assert!(
            (rate - expected).abs() < 1e-9,
            "{investor}: {rate} is not {expected}"
        );
    }
    assert!(golden.next().is_none());
}

/// The balance of an account that earns `rate`, day of flow by day of flow.
fn balance(flows: &BTreeMap<Date, i64>, rate: f64) -> f64 {
    let mut last = None;
    let mut balance = 0.0;
    for (date, paise) in flows {
        let days = last.map_or(0, |last: Date| (*date - last).get_days());
        balance *= (1.0 + rate).powf(f64::from(days) / 365.0);
        balance += paise.to_f64().unwrap();
        last = Some(*date);
    }
    balance
}

/// Cost of the newest purchases that make up what is held, in fractions of paise.
fn cost_of_newest(made: &Made) -> f64 {
    let mut bought: Vec<(i64, i64)> = Vec::new();
    for t in &by_day(made) {
        let milli = t
            .units
            .map_or(0, |u| (u * Decimal::ONE_THOUSAND).to_i64().unwrap());
        let paise = t.amount.unwrap_or_default().0;
        match t.kind {
            Kind::StampDutyTax if paise > 0 => bought.last_mut().unwrap().1 += paise,
            Kind::Reversal => drop(bought.pop()),
            _ if milli > 0 => bought.push((milli, paise)),
            _ => {}
        }
    }
    let (mut left, mut cost) = (made.held, 0.0);
    for (milli, paise) in bought.into_iter().rev() {
        let part = left.min(milli);
        cost += (paise * part).to_f64().unwrap() / milli.to_f64().unwrap();
        left -= part;
    }
    assert_eq!(left, 0);
    cost
}

fn by_day(made: &Made) -> Vec<Transaction> {
    let mut rows = made.rows.clone();
    rows.sort_by_key(|t| t.date);
    rows
}

#[test]
fn a_second_computation_of_another_kind_agrees() {
    for investor in 0..INVESTORS {
        let schemes = history(investor);
        let found = valued(&folios(&schemes));
        let cost: f64 = schemes.iter().map(cost_of_newest).sum();
        let ours = found.cost.unwrap().0.to_f64().unwrap();
        // Each sale out of a lot rounds its part to the paisa.
        assert!(
            (cost - ours).abs() < 10.0,
            "{investor}: {ours} is not {cost}"
        );

        let mut flows: BTreeMap<Date, i64> = BTreeMap::new();
        for t in schemes.iter().flat_map(|made| &made.rows) {
            let paise = t.amount.unwrap_or_default().0;
            *flows.entry(t.date).or_default() += match t.kind {
                Kind::DividendReinvest => 0,
                Kind::DividendPayout => paise,
                _ => -paise,
            };
        }
        *flows.entry(valued_on()).or_default() += found.value.0;
        let (mut low, mut high) = (-0.99, 5.0);
        let low_is_negative = balance(&flows, low) < 0.0;
        for _ in 0..48 {
            let middle = f64::midpoint(low, high);
            if (balance(&flows, middle) < 0.0) == low_is_negative {
                low = middle;
            } else {
                high = middle;
            }
        }
        let Return::Yearly(rate) = found.xirr else {
            panic!("{investor}: {:?}", found.xirr);
        };
        assert!((rate - low).abs() < 1e-8, "{investor}: {rate} is not {low}");
    }
}

/// Prints figures: `cargo test --release --lib how_long_valuing_takes -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures; asserts nothing about time"]
fn how_long_valuing_takes() {
    let all: Vec<_> = (0..INVESTORS).map(|i| folios(&history(i))).collect();
    let rows: usize = all
        .iter()
        .flatten()
        .flat_map(|folio| &folio.schemes)
        .map(|scheme| scheme.transactions.len())
        .sum();
    let mut each = Vec::new();
    let start = Instant::now();
    for folios in &all {
        let one = Instant::now();
        assert!(valued(folios).value > Paise(0));
        each.push(one.elapsed().as_secs_f64() * 1e3);
    }
    let whole = start.elapsed().as_secs_f64();
    each.sort_by(f64::total_cmp);
    let at = |part: usize| each[(each.len() - 1) * part / 100];
    println!(
        "{rows} transactions of {INVESTORS} investors valued in {whole:.3} s; one in \
         {:.2} ms (median), {:.2} ms (p99), {:.2} ms (most)",
        at(50),
        at(99),
        at(100),
    );
}
