//! NAV history in the shape of mfapi.in, a community mirror of AMFI's data: for filling
//! gaps, never for correcting what AMFI said.
//!
//! Its traps: a scheme it does not know is a success with an empty list and the code 0;
//! zero NAVs occur; it has stood still for days; dates are `dd-MM-yyyy` and every NAV has
//! five decimals. Before anything is taken over, the days both know are compared: a file
//! that disagrees there is another scheme's.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::amfi::{HistoryFile, decimal};
use super::scheme::{Nav, SchemeCode};

/// Days both sides must know before they are compared.
const ENOUGH_DAYS: usize = 5;
/// Percent of those days on which they may differ by more than [`FAR`].
const MOST_APART: usize = 10;
/// A part of the NAV: what lies further apart is no revision.
const FAR: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Why a backfill was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadBackfill {
    /// It is not JSON of that shape.
    #[error("the backfill cannot be read: {0}")]
    Unreadable(String),
    /// The mirror says why.
    #[error("the mirror answered: {0}")]
    Answered(String),
    /// The mirror does not know the scheme, which it calls a success.
    #[error("the mirror knows no such scheme")]
    NoSuchScheme,
    /// It has the scheme and no NAV of it.
    #[error("the backfill of {0} has no usable NAV")]
    Empty(SchemeCode),
    /// Not the scheme that was asked for.
    #[error("the backfill is of {found}, not of {asked}")]
    OtherScheme {
        /// Asked for.
        asked: SchemeCode,
        /// Found.
        found: SchemeCode,
    },
    /// It contradicts AMFI too often to be the same scheme.
    #[error(
        "the backfill of {code} lies more than 1 % from AMFI's NAV on {apart} of {both} days: it \
         is another scheme's"
    )]
    Disagrees {
        /// Scheme.
        code: SchemeCode,
        /// Days on which they are far apart.
        apart: usize,
        /// Days both know.
        both: usize,
    },
}

/// A backfill of one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backfill {
    /// Which scheme.
    pub code: SchemeCode,
    /// Its NAVs, as one series.
    pub file: HistoryFile,
}

#[derive(Deserialize)]
struct File {
    meta: Option<Meta>,
    data: Option<Vec<Row>>,
    status: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    scheme_code: u32,
}

#[derive(Deserialize)]
struct Row {
    date: String,
    nav: String,
}

/// Reads a file as of `today`; `asked` is the scheme it should be of, if that is known.
pub(super) fn parse(
    bytes: &[u8],
    asked: Option<SchemeCode>,
    today: Date,
) -> Result<Backfill, BadBackfill> {
    let file: File = serde_json::from_slice(bytes)
        .map_err(|error| BadBackfill::Unreadable(error.to_string()))?;
    if let Some(error) = file.error {
        return Err(BadBackfill::Answered(error.chars().take(80).collect()));
    }
    if let Some(status) = file.status.filter(|status| status != "SUCCESS") {
        return Err(BadBackfill::Answered(status.chars().take(80).collect()));
    }
    let missing = |what: &str| BadBackfill::Unreadable(format!("it has no `{what}`"));
    let found = SchemeCode(file.meta.ok_or_else(|| missing("meta"))?.scheme_code);
    let rows = file.data.ok_or_else(|| missing("data"))?;
    if found == SchemeCode(0) {
        return Err(BadBackfill::NoSuchScheme);
    }
    if let Some(asked) = asked.filter(|asked| *asked != found) {
        return Err(BadBackfill::OtherScheme { asked, found });
    }
    let mut history = HistoryFile::default();
    for row in rows {
        history.report.rows += 1;
        let Ok(date) = Date::strptime("%d-%m-%Y", &row.date) else {
            history.report.bad_date += 1;
            continue;
        };
        match decimal(&row.nav) {
            None => history.report.not_a_number += 1,
            Some(value) if value.is_zero() => history.report.zero += 1,
            Some(value) => history.put(found, Nav { value, date }),
        }
    }
    if history.report.priced == 0 {
        return Err(BadBackfill::Empty(found));
    }
    Ok(Backfill {
        code: found,
        file: history.finish(today),
    })
}

/// Returns the NAVs that fill gaps of `known`: of days AMFI's list has not passed yet by
/// `latest`, its newest NAV, and has no value for.
pub(super) fn gaps(
    backfill: &Backfill,
    known: &BTreeMap<Date, Nav>,
    latest: Option<Date>,
) -> Result<Vec<Nav>, BadBackfill> {
    let series = backfill.file.series.get(&backfill.code);
    let rows = || series.into_iter().flat_map(BTreeMap::values);
    let pairs = rows().filter_map(|row| Some((row, known.get(&row.date)?)));
    let (mut both, mut apart) = (0, 0);
    for (theirs, amfi) in pairs {
        both += 1;
        let distance = (theirs.value - amfi.value).abs();
        apart += usize::from(distance > amfi.value * FAR);
    }
    if both >= ENOUGH_DAYS && apart * 100 > both * MOST_APART {
        return Err(BadBackfill::Disagrees {
            code: backfill.code,
            apart,
            both,
        });
    }
    let is_gap = |nav: &&Nav| {
        !known.contains_key(&nav.date) && latest.is_none_or(|latest| nav.date <= latest)
    };
    Ok(rows().filter(is_gap).copied().collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const FILE: &[u8] = include_bytes!("../../tests/data/amfi/history/122640.json");
    const CODE: SchemeCode = SchemeCode(122_640);
    const DAY: Date = date(2026, 8, 22);

    #[test]
    fn a_real_series_is_read() {
        let backfill = parse(FILE, Some(CODE), DAY).unwrap();
        let report = &backfill.file.report;
        assert_eq!((report.rows, report.priced, report.schemes), (259, 259, 1));
        assert_eq!(report.last, Some(date(2026, 8, 20)));
        let nav = backfill.file.series[&CODE][&date(2026, 8, 19)];
        assert_eq!(nav.value, "82.3905".parse().unwrap());
    }

    #[test]
    fn the_mirrors_traps_are_seen() {
        let unknown = r#"{"meta":{"scheme_code":0},"data":[],"status":"SUCCESS"}"#;
        let zero = r#"{"meta":{"scheme_code":7},"data":[{"date":"01-08-2026","nav":"0.00000"}],"status":"SUCCESS"}"#;
        let table = [
            (unknown, "knows no such scheme"),
            (
                r#"{"error":"invalid scheme_code"}"#,
                "answered: invalid scheme_code",
            ),
            (r#"{"status":"ERROR"}"#, "answered: ERROR"),
            (zero, "no usable NAV"),
            ("<html>", "cannot be read"),
            (
                r#"{"meta":{"scheme_code":7},"status":"SUCCESS"}"#,
                "no `data`",
            ),
        ];
        for (text, what) in table {
            let error = parse(text.as_bytes(), None, DAY).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let other = parse(FILE, Some(SchemeCode(1)), DAY).unwrap_err();
        assert_eq!(other.to_string(), "the backfill is of 122640, not of 1");
        let odd = r#"{"meta":{"scheme_code":7},"data":[{"date":"2026-08-01","nav":"5"},
            {"date":"02-08-2026","nav":"-"},{"date":"03-08-2026","nav":"5.00000"}]}"#;
        let report = parse(odd.as_bytes(), None, DAY).unwrap().file.report;
        assert_eq!(
            (report.bad_date, report.not_a_number, report.priced),
            (1, 1, 1)
        );
    }

    fn nav(day: i8, value: i64) -> Nav {
        Nav {
            date: date(2026, 8, day),
            value: Decimal::from(value),
        }
    }

    fn backfill(navs: impl IntoIterator<Item = Nav>) -> Backfill {
        let mut file = HistoryFile::default();
        for nav in navs {
            file.put(CODE, nav);
        }
        Backfill { code: CODE, file }
    }

    #[test]
    fn only_gaps_are_filled_and_never_beyond_amfis_newest_day() {
        let known: BTreeMap<_, _> = [nav(3, 100), nav(5, 102)].map(|n| (n.date, n)).into();
        let theirs = backfill([nav(3, 999), nav(4, 101), nav(5, 102), nav(6, 103)]);
        let latest = Some(date(2026, 8, 5));
        assert_eq!(gaps(&theirs, &known, latest), Ok(vec![nav(4, 101)]));
        assert_eq!(gaps(&theirs, &BTreeMap::new(), None).unwrap().len(), 4);
    }

    #[test]
    fn another_schemes_series_is_refused() {
        let known: BTreeMap<_, _> = (1..=10).map(|n| (date(2026, 8, n), nav(n, 100))).collect();
        let theirs = backfill((1..=10).map(|n| nav(n, if n <= 2 { 102 } else { 100 })));
        let refused = gaps(&theirs, &known, None);
        assert_eq!(
            refused,
            Err(BadBackfill::Disagrees {
                code: CODE,
                apart: 2,
                both: 10
            })
        );
        let near = backfill((1..=10).map(|n| nav(n, if n == 1 { 102 } else { 100 })));
        assert_eq!(gaps(&near, &known, None), Ok(vec![]));
    }
}
