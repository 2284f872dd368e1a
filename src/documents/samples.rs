//! Invented figures for tests, awkward on purpose: long names, losses, gaps.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::facts::{
    Account, Gains, Growth, History, Holding, Movement, Occasion, Point, SchemeGains, SchemeRisk,
    Sip, Sips, Sold, Term,
};
use crate::investing::Kind;
use crate::investing::Return;
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, PlanStatus};
use crate::language::Language;

const SCHEMES: [(&str, &str, &str); 6] = [
    (
        "HDFC Mutual Fund",
        "HDFC Flexi Cap Fund - Regular Plan - Growth Option",
        "Equity: Flexi Cap",
    ),
    (
        "Aditya Birla Sun Life Mutual Fund",
        "Aditya Birla Sun Life Banking & PSU Debt Fund - Regular Plan - Income Distribution cum Capital Withdrawal (IDCW) Re-investment",
        "Debt: Banking and PSU",
    ),
    (
        "PPFAS Mutual Fund",
        "Parag Parikh Flexi Cap Fund - Regular - Growth",
        "Equity: Flexi Cap",
    ),
    (
        "Nippon India Mutual Fund",
        "Nippon India Small Cap Fund - Growth Plan Growth Option",
        "Equity: Small Cap",
    ),
    (
        "UTI Mutual Fund",
        "UTI Nifty 50 Index Fund - Regular - Growth",
        "Index: Equity",
    ),
    ("SBI Mutual Fund", "SBI Liquid Fund", "Debt: Liquid"),
];

pub(crate) fn occasion(language: Language) -> Occasion {
    let investor = match language {
        Language::Hi => "आशा कृष्णमूर्ति श्रीवास्तव",
        _ => "Asha Krishnamurthy Srivastava",
    };
    Occasion {
        language,
        now: date(2026, 8, 24).at(10, 5, 0, 0),
        distributor: "Shree Mahalakshmi Investment Services and Wealth Advisory".to_owned(),
        arn: "ARN-123456".to_owned(),
        investor: Some(investor.to_owned()),
        pan: Some("ABCPE1234F".to_owned()),
    }
}

fn scheme(at: usize) -> (&'static str, &'static str, &'static str) {
    SCHEMES[at % SCHEMES.len()]
}

fn amount(at: usize, base: i64) -> i64 {
    let n = i64::try_from(at).unwrap() + 1;
    base + n * n * 7_919 * 13 % 90_000_000
}

pub(crate) fn account(count: usize) -> Account {
    let holdings: Vec<_> = (0..count)
        .map(|at| {
            let (amc, name, category) = scheme(at);
            let cost = Paise(amount(at, 1_000_000));
            // Every third holding is at a loss.
            let value = if at % 3 == 1 {
                Paise(cost.0 * 83 / 100)
            } else {
                Paise(cost.0 * 137 / 100)
            };
            let incomplete = at % 11 == 7;
            let nav = Decimal::new(1_234_567 + i64::try_from(at).unwrap() * 1_111, 4);
            Holding {
                amc: amc.to_owned(),
                folio: format!("{}/{}", 12_345_678 + at, at % 100),
                scheme: name.to_owned(),
                category: (at % 5 != 4).then(|| category.to_owned()),
                units: (value.rupees() / nav).round_dp(3),
                nav: Some((nav, date(2026, 8, 21))),
                value: Some(value),
                cost: (!incomplete).then_some(cost),
                gain: (!incomplete).then_some(value - cost),
                elsewhere: at % 13 == 5,
                incomplete,
            }
        })
        .collect();
    let value: Paise = holdings.iter().filter_map(|h| h.value).sum();
    let cost: Option<Paise> = holdings.iter().map(|h| h.cost).sum();
    Account {
        value: Some(value),
        cost,
        gain: cost.map(|cost| value - cost),
        absolute: cost.and_then(|c| (value - c).rupees().checked_div(c.rupees())),
        xirr: Some(if cost.is_some() {
            Return::Yearly(0.1234)
        } else {
            Return::IncompleteHistory
        }),
        nav_dates: (count > 0).then(|| (date(2026, 8, 20), date(2026, 8, 21))),
        records_to: Some((date(2024, 3, 31), date(2026, 8, 20))),
        holdings,
        // The others have too few NAVs on record, or pay income out.
        risk: [0, 2]
            .into_iter()
            .filter(|at| *at < count)
            .map(|at| SchemeRisk {
                scheme: scheme(at).1.to_owned(),
                volatility: 0.1317,
                fall: (-0.1515, date(2026, 1, 2), date(2026, 3, 31)),
            })
            .collect(),
    }
}

pub(crate) fn histories(schemes: usize, each: usize) -> Vec<History> {
    let kinds = [
        Kind::Purchase,
        Kind::PurchaseSip,
        Kind::StampDutyTax,
        Kind::Redemption,
        Kind::SttTax,
        Kind::SwitchInMerger,
        Kind::DividendReinvest,
        Kind::Unknown,
    ];
    (0..schemes)
        .map(|at| {
            let (amc, name, _) = scheme(at);
            let movements = (0..each).map(|n| {
                let kind = kinds[n % kinds.len()];
                let is_tax = matches!(kind, Kind::StampDutyTax | Kind::SttTax);
                let sign = if kind == Kind::Redemption { -1 } else { 1 };
                Movement {
                    date: date(2024, 4, 5) + i64::try_from(n).unwrap().months(),
                    kind,
                    amount: Some(Paise(sign * amount(n, 500_000))),
                    units: (!is_tax).then(|| Decimal::new(sign * 123_456, 3)),
                    nav: (!is_tax).then(|| Decimal::new(1_234_567, 4)),
                    balance: (!is_tax).then(|| Decimal::new(98_765_432, 3)),
                }
            });
            History {
                amc: amc.to_owned(),
                folio: format!("{}", 91_000_000 + at),
                scheme: name.to_owned(),
                movements: movements.collect(),
                incomplete: at == 1,
            }
        })
        .collect()
}

pub(crate) fn gains(schemes: usize) -> Gains {
    let lots = |at: usize| {
        (0..=at % 3 + 1).map(move |n| {
            let cost = Paise(amount(n + at, 300_000));
            let proceeds = if n % 2 == 1 {
                Paise(cost.0 * 71 / 100)
            } else {
                Paise(cost.0 * 129 / 100)
            };
            Sold {
                sold: date(2026, 7, 14),
                bought: date(2022, 1, 9) + i64::try_from(n).unwrap().years(),
                units: Decimal::new(123_456, 3),
                proceeds,
                cost,
                gain: proceeds - cost,
                term: match n {
                    0 => Term::Long,
                    1 => Term::Short,
                    _ => Term::NotOnRecord,
                },
            }
        })
    };
    Gains {
        year: 2026,
        schemes: (0..schemes)
            .map(|at| {
                let (amc, name, _) = scheme(at);
                SchemeGains {
                    amc: amc.to_owned(),
                    folio: format!("{}", 91_000_000 + at),
                    scheme: name.to_owned(),
                    lots: lots(at).collect(),
                }
            })
            .collect(),
        unknown: vec!["SBI Large Cap Fund".to_owned()],
        counts_2018: true,
        lacks_2018: vec!["Nippon India Small Cap Fund".to_owned()],
    }
}

pub(crate) fn sips(count: usize) -> Sips {
    let sips = (0..count).map(|at| {
        let (_, name, _) = scheme(at);
        let invested = Paise(500_000 * i64::try_from(at + 7).unwrap());
        Sip {
            scheme: name.to_owned(),
            folio: (at != 2).then(|| format!("{}", 91_000_000 + at)),
            amount: Some(Paise(500_000)),
            frequency: Some(Frequency::Monthly),
            day: Some(5),
            since: Some(date(2025, 1, 5)),
            done: at + 7,
            missed: at % 3,
            invested,
            value: Some(Paise(invested.0 * 109 / 100)),
            incomplete: at % 4 == 3,
            status: [
                Some(PlanStatus::Active),
                Some(PlanStatus::Paused),
                Some(PlanStatus::AutoCancelled),
                None,
            ][at % 4],
        }
    });
    Sips {
        sips: sips.collect(),
        nav_dates: (count > 0).then(|| (date(2026, 8, 21), date(2026, 8, 21))),
    }
}

/// What SIPs became, with some of them left out.
pub(crate) fn growth(count: usize, left_out: usize) -> Growth {
    Growth {
        points: points(count),
        left_out,
        incomplete: left_out,
    }
}

/// A value that wanders, over daily steps, with a payment each month.
pub(crate) fn points(count: usize) -> Vec<Point> {
    let start: Date = date(2024, 6, 3);
    let (mut value, mut invested) = (0_i64, 0_i64);
    (0..count)
        .map(|at| {
            let at = i64::try_from(at).unwrap();
            if at % 30 == 0 {
                invested += 500_000;
                value += 500_000;
            }
            // A wave, so that it falls below what was put in for a while.
            let swing = (at * 37 % 101) - 47 + (if (150..230).contains(&at) { -60 } else { 12 });
            value += value / 1_000 * swing / 10;
            Point {
                date: start + at.days(),
                value: Paise(value),
                invested: Paise(invested),
            }
        })
        .collect()
}
