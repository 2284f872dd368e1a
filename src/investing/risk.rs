//! Figures about how a NAV has moved: arithmetic over a series, and which of it there is
//! enough data to show.
//!
//! Simple returns between consecutive NAVs; volatility is their sample deviation times
//! √252, which suits schemes that publish on trading days only. A step over days of which
//! no NAV is on record is no daily return, so only what follows the last hole is looked at.

use jiff::civil::Date;

/// A NAV and its day.
pub type Point = (Date, f64);

/// Returns need a year, risk three: less says more about the weeks than about the fund.
const RETURNS_AFTER: i32 = 365;
const RISK_AFTER: i32 = 3 * 365;
const TRADING_DAYS: f64 = 252.0;
/// Days between two NAVs above which the record has a hole that swaying cannot be told over:
/// published records lack two or three weeks now and then.
const LONGEST_PAUSE: i32 = 31;

/// Not as many days are on record as the figure needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not enough data: {days} of {needed} days")]
pub struct NotEnough {
    /// Days between the first and the last NAV.
    pub days: i32,
    /// Days it takes.
    pub needed: i32,
}

/// What may be shown of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// How it grew.
    pub returns: Result<Returns, NotEnough>,
    /// How it swayed.
    pub risk: Result<Risk, NotEnough>,
}

/// How a NAV grew.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    /// First and last day.
    pub between: (Date, Date),
    /// Over all of it, as a fraction.
    pub absolute: f64,
    /// Per year, as a fraction.
    pub cagr: f64,
    /// Of every year there was.
    pub rolling_year: Option<Rolling>,
}

/// How a NAV swayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Per year, as a fraction.
    pub volatility: f64,
    /// Return over the riskless one, by volatility.
    pub sharpe: f64,
    /// The deepest fall from a peak.
    pub drawdown: Drawdown,
}

/// The deepest fall from a peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawdown {
    /// As a fraction, never above zero.
    pub depth: f64,
    /// Day of the peak.
    pub peak: Date,
    /// Day of the lowest NAV after it.
    pub trough: Date,
}

/// Returns over every window of a length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rolling {
    /// How many windows.
    pub count: usize,
    /// The worst.
    pub min: f64,
    /// The best.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// Their median.
    pub median: f64,
}

/// Says what may be said of a series in order of days; `riskless` is a yearly rate.
pub fn figures(series: &[Point], riskless: f64) -> Figures {
    let series = unbroken(series);
    let days = match series {
        [first, .., last] => (last.0 - first.0).get_days(),
        _ => 0,
    };
    let enough = |needed| {
        if days >= needed {
            Ok(())
        } else {
            Err(NotEnough { days, needed })
        }
    };
    Figures {
        returns: enough(RETURNS_AFTER).and_then(|()| {
            returns(series).ok_or(NotEnough {
                days: 0,
                needed: RETURNS_AFTER,
            })
        }),
        risk: enough(RISK_AFTER).and_then(|()| {
            risk(series, riskless).ok_or(NotEnough {
                days: 0,
                needed: RISK_AFTER,
            })
        }),
    }
}

/// Returns what follows the last hole in a series.
fn unbroken(series: &[Point]) -> &[Point] {
    let mut runs = series.chunk_by(|one, next| (next.0 - one.0).get_days() <= LONGEST_PAUSE);
    runs.next_back().unwrap_or_default()
}

fn returns(series: &[Point]) -> Option<Returns> {
    let (first, last) = (*series.first()?, *series.last()?);
    let days = (last.0 - first.0).get_days();
    Some(Returns {
        between: (first.0, last.0),
        absolute: last.1 / first.1 - 1.0,
        cagr: (last.1 / first.1).powf(365.0 / f64::from(days)) - 1.0,
        rolling_year: rolling(series, 365),
    })
}

fn risk(series: &[Point], riskless: f64) -> Option<Risk> {
    let (mean, deviation) = daily(series)?;
    let volatility = deviation * TRADING_DAYS.sqrt();
    Some(Risk {
        volatility,
        sharpe: (mean * TRADING_DAYS - riskless) / volatility,
        drawdown: drawdown(series)?,
    })
}

/// Mean and sample deviation of the simple returns from NAV to NAV.
fn daily(series: &[Point]) -> Option<(f64, f64)> {
    let steps: Vec<f64> = series
        .windows(2)
        .map(|pair| pair[1].1 / pair[0].1 - 1.0)
        .collect();
    if steps.len() < 2 {
        return None;
    }
    let count = count_of(steps.len());
    let mean = steps.iter().sum::<f64>() / count;
    let squares: f64 = steps.iter().map(|step| (step - mean).powi(2)).sum();
    Some((mean, (squares / (count - 1.0)).sqrt()))
}

fn drawdown(series: &[Point]) -> Option<Drawdown> {
    let mut peak = *series.first()?;
    let mut worst = Drawdown {
        depth: 0.0,
        peak: peak.0,
        trough: peak.0,
    };
    for point in series {
        if point.1 > peak.1 {
            peak = *point;
        }
        let depth = point.1 / peak.1 - 1.0;
        if depth < worst.depth {
            worst = Drawdown {
                depth,
                peak: peak.0,
                trough: point.0,
            };
        }
    }
    Some(worst)
}

/// From every NAV whose window ends within the series to the last NAV on or before its
/// end.
fn rolling(series: &[Point], days: i32) -> Option<Rolling> {
    let last = series.last()?.0;
    let mut found = Vec::new();
    for (date, nav) in series {
        let end = date.saturating_add(jiff::Span::new().days(days));
        if end > last {
            break;
        }
        let after = series.partition_point(|(day, _)| *day <= end);
        found.push(series[after - 1].1 / nav - 1.0);
    }
    if found.is_empty() {
        return None;
    }
    let mean = found.iter().sum::<f64>() / count_of(found.len());
    found.sort_by(f64::total_cmp);
    let middle = found.len() / 2;
    let median = if found.len() % 2 == 1 {
        found[middle]
    } else {
        f64::midpoint(found[middle - 1], found[middle])
    };
    Some(Rolling {
        count: found.len(),
        min: found[0],
        max: found[found.len() - 1],
        mean,
        median,
    })
}

fn count_of(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const HISTORIES: [(&str, &str); 4] = [
        (
            "100822",
            include_str!("../../tests/data/amfi/history/100822.json"),
        ),
        (
            "122640",
            include_str!("../../tests/data/amfi/history/122640.json"),
        ),
        (
            "100868",
            include_str!("../../tests/data/amfi/history/100868.json"),
        ),
        (
            "113177",
            include_str!("../../tests/data/amfi/history/113177.json"),
        ),
    ];

    fn vectors() -> Value {
        let text = include_str!("../../tests/data/vectors/real-series-vectors.json");
        serde_json::from_str(text).unwrap()
    }

    fn series(text: &str) -> Vec<Point> {
        let history: Value = serde_json::from_str(text).unwrap();
        let mut points: Vec<Point> = history["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let date = Date::strptime("%d-%m-%Y", row["date"].as_str().unwrap()).unwrap();
                (date, row["nav"].as_str().unwrap().parse().unwrap())
            })
            .collect();
        points.reverse();
        points
    }

    fn near(found: f64, wanted: &Value) {
        let wanted = wanted.as_f64().unwrap();
        assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
    }

    #[test]
    fn real_series_come_to_what_the_vectors_say() {
        let vectors = vectors();
        for (code, text) in HISTORIES {
            let wanted = &vectors[code];
            let series = series(text);
            assert_eq!(series.len() as u64, wanted["points"].as_u64().unwrap());
            let returns = returns(&series).unwrap();
            near(returns.absolute, &wanted["abs_return"]);
            near(returns.cagr, &wanted["cagr"]);
            let days = (returns.between.1 - returns.between.0).get_days();
            assert_eq!(i64::from(days), wanted["days"].as_i64().unwrap());
            near(daily(&series).unwrap().1, &wanted["daily_stdev_sample"]);
            let risk = risk(&series, 0.065).unwrap();
            near(risk.volatility, &wanted["vol_ann_sqrt252"]);
            near(risk.sharpe, &wanted["sharpe_rf6p5"]);
            near(risk.drawdown.depth, &wanted["max_drawdown"]);
            assert_eq!(
                risk.drawdown.peak.to_string(),
                wanted["mdd_peak"].as_str().unwrap()
            );
            assert_eq!(
                risk.drawdown.trough.to_string(),
                wanted["mdd_trough"].as_str().unwrap()
            );
            let rolling = rolling(&series, 90).unwrap();
            let wanted = &wanted["rolling90d"];
            assert_eq!(rolling.count as u64, wanted["n"].as_u64().unwrap());
            near(rolling.min, &wanted["min"]);
            near(rolling.max, &wanted["max"]);
            near(rolling.mean, &wanted["mean"]);
            near(rolling.median, &wanted["median"]);
        }
    }

    #[test]
    fn a_real_sip_comes_to_what_the_vectors_say() {
        use crate::investing::allotment::estimate;
        use crate::investing::money::Paise;
        use rust_decimal::Decimal;
        let vectors = vectors();
        let wanted = &vectors["real_sip_100822"];
        let mut flows = Vec::new();
        let mut units = Decimal::ZERO;
        for row in wanted["instalments"].as_array().unwrap() {
            let text = |at: usize| row[at].as_str().unwrap();
            let found = estimate(Paise(500_000), text(2).parse().unwrap(), 3).unwrap();
            assert_eq!(found.stamp_duty.rupees(), text(3).parse().unwrap());
            assert_eq!(found.units, text(4).parse::<Decimal>().unwrap(), "{row}");
            units += found.units;
            flows.push((text(1).parse().unwrap(), -5_000.0));
        }
        assert_eq!(units.to_string(), wanted["units"].as_str().unwrap());
        let nav: Decimal = "168.18520".parse().unwrap();
        let value = Paise::from_rupees(units * nav).unwrap();
        assert_eq!(
            value.rupees(),
            wanted["value"].as_str().unwrap().parse().unwrap()
        );
        let series = series(HISTORIES[0].1);
        for (date, _) in &flows {
            assert!(
                series.iter().any(|(day, _)| day == date),
                "{date} has a NAV"
            );
        }
        flows.push((jiff::civil::date(2026, 8, 21), 64_078.73));
        let rate = crate::investing::xirr::xirr(&flows).unwrap();
        assert!(
            (rate - wanted["xirr"].as_f64().unwrap()).abs() < 1e-9,
            "{rate}"
        );
        assert_eq!(wanted["invested"].as_i64(), Some(13 * 5_000));
    }

    #[test]
    fn too_short_a_series_says_so() {
        let series = series(HISTORIES[0].1);
        let found = figures(&series, 0.065);
        assert!(found.returns.is_ok());
        assert_eq!(
            found.risk,
            Err(NotEnough {
                days: 402,
                needed: 1_095
            })
        );
        let found = figures(&series[..100], 0.065);
        assert!(found.returns.is_err());
        assert!(figures(&[], 0.065).returns.is_err());
        let text = found.returns.unwrap_err().to_string();
        assert!(text.starts_with("not enough data"), "{text}");
    }

    #[test]
    fn days_before_a_hole_in_the_record_do_not_count() {
        let day = |text: &str| text.parse().unwrap();
        let series = [
            (day("2018-01-31"), 45.0),
            (day("2026-08-17"), 168.0),
            (day("2026-08-18"), 168.4),
            (day("2026-08-19"), 168.2),
            (day("2026-08-21"), 168.18),
        ];
        let found = figures(&series, 0.0);
        assert_eq!(found.risk.unwrap_err().days, 4);
        assert_eq!(found.returns.unwrap_err().days, 4);
    }

    #[test]
    fn long_holidays_are_no_hole() {
        let first = jiff::civil::date(2022, 1, 3);
        let sparse = |at: i32| {
            let day = first.saturating_add(jiff::Span::new().days(at * LONGEST_PAUSE));
            (day, 100.0 + f64::from(at % 3))
        };
        let series: Vec<Point> = (0..120).map(sparse).collect();
        assert!(figures(&series, 0.0).risk.is_ok());
    }
}
