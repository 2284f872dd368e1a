//! AMFI's history report: NAVs of every day in a range, of one fund house or all.
//!
//! Its columns stand in another order than those of the daily list, its section lines
//! have spaces inside, and it describes schemes less well, so nothing but code, date and
//! NAV is taken from it.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::lines::{self, Header, NoNav, check_text};
use super::{BadFile, latest_day};
use crate::investing::scheme::{Nav, SchemeCode};

/// What a history report or a backfill met, for people to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryReport {
    /// Rows read.
    pub rows: usize,
    /// Rows with a usable NAV.
    pub priced: usize,
    /// Schemes among them.
    pub schemes: usize,
    /// The first day.
    pub first: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
    /// NAVs of zero.
    pub zero: usize,
    /// `N.A.`, `-` and other texts where a NAV should be.
    pub not_a_number: usize,
    /// Rows without a readable date.
    pub bad_date: usize,
    /// NAVs dated after the day of the import.
    pub ahead: usize,
    /// NAVs dated so far after it that they are left out.
    pub too_far_ahead: usize,
    /// Days of a scheme listed again; the last is kept.
    pub repeated: usize,
    /// Lines with the wrong number of fields or no scheme code.
    pub unreadable: usize,
}

/// NAVs of many days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFile {
    /// Of each scheme, in order of days.
    pub series: BTreeMap<SchemeCode, BTreeMap<Date, Nav>>,
    /// What was odd about it.
    pub report: HistoryReport,
}

impl HistoryFile {
    /// Adds a row.
    pub(in crate::investing) fn put(&mut self, code: SchemeCode, nav: Nav) {
        let days = self.series.entry(code).or_default();
        let repeated = days.insert(nav.date, nav).is_some();
        self.report.repeated += usize::from(repeated);
        self.report.priced += 1;
    }

    /// Works out what the report says about the whole.
    pub(in crate::investing) fn finish(mut self, today: Date) -> Self {
        let beyond = latest_day(today).saturating_add(Span::new().days(1));
        for days in self.series.values_mut() {
            self.report.too_far_ahead += days.split_off(&beyond).len();
        }
        self.series.retain(|_, days| !days.is_empty());
        self.report.priced -= self.report.too_far_ahead;
        let days = || self.series.values().flat_map(BTreeMap::keys).copied();
        self.report.first = days().min();
        self.report.last = days().max();
        self.report.ahead = days().filter(|day| *day > today).count();
        self.report.schemes = self.series.len();
        self
    }
}

struct Columns {
    count: usize,
    code: usize,
    nav: usize,
    date: usize,
}

/// Columns of either layout.
const KNOWN: &[&str] = &[
    "Scheme Code",
    "NAV Name",
    "Scheme Name",
    "Plan",
    "Option",
    "ISIN Div Payout/ISIN Growth",
    "ISIN Div Reinvestment",
    "Net Asset Value",
    "Repurchase Price",
    "Sale Price",
    "Date",
];

impl Columns {
    fn of(line: &str) -> Result<Self, BadFile> {
        let header = Header::of(line);
        header.need("Scheme Code")?;
        header.need("Net Asset Value")?;
        // The report's own columns: a daily list given by mistake is refused.
        if header.find("NAV Name").is_none() {
            header.need("Scheme Name")?;
            header.need("Repurchase Price")?;
        }
        header.need("ISIN Div Payout/ISIN Growth")?;
        header.only(KNOWN)?;
        Ok(Self {
            count: header.count(),
            code: header.need("Scheme Code")?,
            nav: header.need("Net Asset Value")?,
            date: header.need("Date")?,
        })
    }
}

/// Reads a report as of `today`.
pub fn parse(bytes: &[u8], today: Date) -> Result<HistoryFile, BadFile> {
    let text = check_text(bytes)?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let columns = Columns::of(lines.next().ok_or(BadFile::Empty)?.trim())?;
    let mut file = HistoryFile::default();
    for line in lines.filter(|line| line.contains(';')) {
        row(&mut file, &columns, line);
    }
    if file.report.rows == 0 {
        return Err(BadFile::Empty);
    }
    Ok(file.finish(today))
}

fn row(file: &mut HistoryFile, columns: &Columns, line: &str) {
    let fields: Vec<&str> = line.split(';').map(str::trim).collect();
    let code = fields.get(columns.code).and_then(|c| c.parse().ok());
    let (Some(code), true) = (code.map(SchemeCode), fields.len() == columns.count) else {
        file.report.unreadable += 1;
        return;
    };
    file.report.rows += 1;
    match lines::nav(fields[columns.nav], fields[columns.date]) {
        Ok(nav) => file.put(code, nav),
        Err(NoNav::BadDate) => file.report.bad_date += 1,
        Err(NoNav::NotANumber) => file.report.not_a_number += 1,
        Err(NoNav::Zero) => file.report.zero += 1,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2026, 8, 22);
    const NEW: &str = "Scheme Code;NAV Name;Plan;Option;ISIN Div Payout/ISIN Growth;ISIN Div Reinvestment;Net Asset Value;Date\r\n \r\nOpen Ended Schemes ( Equity Scheme - Flexi Cap Fund )\r\n \r\nPPFAS Mutual Fund\r\n \r\n122640;Parag Parikh Flexi Cap Fund;Regular Plan;Growth;INF879O01019;;82.6988;20-Aug-2026\r\n122640;Parag Parikh Flexi Cap Fund;Regular Plan;Growth;INF879O01019;;82.3905;19-Aug-2026\r\n";
    const OLD: &str = "Scheme Code;Scheme Name;ISIN Div Payout/ISIN Growth;ISIN Div Reinvestment;Net Asset Value;Repurchase Price;Sale Price;Date\r\n\r\nOpen Ended Schemes ( Equity Scheme - Flexi Cap Fund )\r\n\r\nPPFAS Mutual Fund\r\n\r\n122640;Parag Parikh Flexi Cap Fund - Regular Plan - Growth;INF879O01019;;82.6988;;;20-Aug-2026\r\n122640;Parag Parikh Flexi Cap Fund - Regular Plan - Growth;INF879O01019;;82.3905;;;19-Aug-2026\r\n";

    #[test]
    fn both_layouts_give_the_same_series() {
        let new = parse(NEW.as_bytes(), DAY).unwrap();
        let old = parse(OLD.as_bytes(), DAY).unwrap();
        assert_eq!(new, old);
        let series = &new.series[&SchemeCode(122_640)];
        let navs: Vec<_> = series.values().map(|nav| nav.value.to_string()).collect();
        assert_eq!(navs, ["82.3905", "82.6988"], "in order of days");
        let report = &new.report;
        assert_eq!((report.rows, report.priced, report.schemes), (2, 2, 1));
        assert_eq!(
            (report.first, report.last),
            (Some(date(2026, 8, 19)), Some(date(2026, 8, 20)))
        );
    }

    #[test]
    fn odd_rows_are_counted_and_the_last_of_a_day_is_kept() {
        let text = format!(
            "{NEW}122640;P;R;G;;;83.1;20-Aug-2026\n1;A;R;G;;;N.A.;20-Aug-2026\n\
             1;A;R;G;;;0.0000;20-Aug-2026\n1;A;R;G;;;5;20-08-2026\nx;y;z\n\
             2;B;R;G;;;10.;27-Aug-2026\n3;C;R;G;;;10;28-Aug-2026\n"
        );
        let file = parse(text.as_bytes(), DAY).unwrap();
        let r = &file.report;
        assert_eq!((r.rows, r.priced, r.repeated), (8, 4, 1));
        assert_eq!(
            (r.not_a_number, r.zero, r.bad_date, r.unreadable, r.ahead),
            (1, 1, 1, 1, 1)
        );
        assert_eq!(r.too_far_ahead, 1, "more than five days");
        assert!(!file.series.contains_key(&SchemeCode(3)));
        let kept = file.series[&SchemeCode(122_640)][&date(2026, 8, 20)];
        assert_eq!(kept.value.to_string(), "83.1");
    }

    #[test]
    fn another_file_is_refused() {
        let daily = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;Net Asset Value;Date\n1;-;-;A;1;20-Aug-2026\n";
        let header = NEW.lines().next().unwrap();
        let table = [
            (daily, "no column `Repurchase Price`"),
            ("<html>404</html>", "web page"),
            (" ", "empty"),
            (header, "empty"),
        ];
        for (text, what) in table {
            let error = parse(text.as_bytes(), DAY).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
