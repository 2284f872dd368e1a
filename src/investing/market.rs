//! Index levels of the exchanges, at the end of a day: the file NSE publishes as
//! `ind_close_all_DDMMYYYY.csv`.
//!
//! These are price indices. A fund is compared with its total-return index, which is
//! another figure and not in this file, so a level is told as a level and never held
//! against a fund's return.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An index at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexClose {
    /// Its name of today (`Nifty 50`).
    pub name: String,
    /// Its name in the source.
    pub raw_name: String,
    /// The day.
    pub date: Date,
    /// The level.
    pub close: Decimal,
    /// Price to earnings, if the source has it.
    pub pe: Option<Decimal>,
    /// Price to book, if the source has it.
    pub pb: Option<Decimal>,
    /// Dividend yield in percent, if the source has it.
    pub dividend_yield: Option<Decimal>,
}

/// What a file met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketReport {
    /// Rows read.
    pub rows: usize,
    /// Rows with a level.
    pub levels: usize,
    /// The day they are of, the last one if there are several.
    pub date: Option<Date>,
    /// Rows whose level is `-`.
    pub missing: usize,
    /// Rows without a name, a date or a number where one should be.
    pub unreadable: usize,
    /// Indices found under an earlier name.
    pub renamed: usize,
}

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMarketFile {
    /// Nothing in it.
    #[error("the file of index levels has no level")]
    Empty,
    /// A web page came instead.
    #[error("the file of index levels is a web page (`{0}`), the exchange may want a browser")]
    Html(String),
    /// It is no CSV.
    #[error("the file of index levels is no CSV: {0}")]
    NotCsv(String),
    /// A column that has to be there.
    #[error("the file of index levels has no column `{0}`")]
    MissingColumn(&'static str),
}

/// Names that indices had, and those they have.
const RENAMED: &[(&str, &str)] = &[
    ("S&P CNX Nifty", "Nifty 50"),
    ("CNX Nifty", "Nifty 50"),
    ("Nifty", "Nifty 50"),
    ("CNX Nifty Junior", "Nifty Next 50"),
    ("CNX 100", "Nifty 100"),
    ("CNX 200", "Nifty 200"),
    ("S&P CNX 500", "Nifty 500"),
    ("CNX 500", "Nifty 500"),
    ("CNX Midcap", "Nifty Midcap 100"),
    ("Nifty Free Float Midcap 100", "Nifty Midcap 100"),
    ("CNX Smallcap", "Nifty Smallcap 100"),
    ("Nifty Free Float Smallcap 100", "Nifty Smallcap 100"),
    ("CNX Bank", "Nifty Bank"),
    ("Bank Nifty", "Nifty Bank"),
    ("CNX IT", "Nifty IT"),
    ("CNX Auto", "Nifty Auto"),
    ("CNX FMCG", "Nifty FMCG"),
    ("CNX Pharma", "Nifty Pharma"),
    ("CNX Finance", "Nifty Financial Services"),
];

/// Returns the name an index has today; one that was never renamed keeps its own.
pub fn name_of_today(name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let row = RENAMED
        .iter()
        .find(|(was, _)| was.eq_ignore_ascii_case(&name));
    row.map_or(name, |(_, is)| (*is).to_owned())
}

/// Reads a file of index closes.
pub fn parse(bytes: &[u8]) -> Result<(Vec<IndexClose>, MarketReport), BadMarketFile> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    if start.starts_with(b"<") {
        let start = String::from_utf8_lossy(&start[..start.len().min(60)]);
        return Err(BadMarketFile::Html(start.into_owned()));
    }
    let not_csv = |error: csv::Error| BadMarketFile::NotCsv(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let header = reader.headers().map_err(not_csv)?.clone();
    let find = |name: &str| {
        header
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))
    };
    let need = |name: &'static str| find(name).ok_or(BadMarketFile::MissingColumn(name));
    let (name, date) = (need("Index Name")?, need("Index Date")?);
    let close = need("Closing Index Value")?;
    let ratios = ["P/E", "P/B", "Div Yield"].map(find);
    let (mut closes, mut report) = (Vec::new(), MarketReport::default());
    for record in reader.records() {
        let record = record.map_err(not_csv)?;
        report.rows += 1;
        let cell = |at: usize| record.get(at).unwrap_or("");
        if cell(close) == "-" {
            report.missing += 1;
            continue;
        }
        let day = Date::strptime("%d-%m-%Y", cell(date)).ok();
        let level = number(cell(close)).filter(|level| *level > Decimal::ZERO);
        let (Some(day), Some(level), false) = (day, level, cell(name).is_empty()) else {
            report.unreadable += 1;
            continue;
        };
        let [pe, pb, dividend_yield] = ratios.map(|at| number(cell(at?)));
        let close = IndexClose {
            name: name_of_today(cell(name)),
            raw_name: cell(name).to_owned(),
            date: day,
            close: level,
            pe,
            pb,
            dividend_yield,
        };
        report.renamed += usize::from(close.name != close.raw_name);
        report.date = report.date.max(Some(day));
        report.levels += 1;
        closes.push(close);
    }
    if closes.is_empty() {
        return Err(BadMarketFile::Empty);
    }
    Ok((closes, report))
}

/// `.54` is a number and so is `-.54`; `-` and nothing are none.
fn number(text: &str) -> Option<Decimal> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let has_digit = digits.bytes().any(|b| b.is_ascii_digit());
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let whole = if digits.starts_with('.') { "0" } else { "" };
    (has_digit && is_plain)
        .then(|| format!("{sign}{whole}{digits}").parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HEADER: &str = "Index Name,Index Date,Open Index Value,High Index Value,Low Index Value,Closing Index Value,Points Change,Change(%),Volume,Turnover (Rs. Cr.),P/E,P/B,Div Yield\n";

    #[test]
    fn levels_are_read_with_all_their_oddities() {
        let text = format!(
            "{HEADER}S&P CNX Nifty,21-08-2026,24500.1,24600,24400,24555.25,-12.3,-.05,1000,250.5,22.5,3.4,1.25\n\
             Nifty Bank,21-08-2026,-,-,-,52100,.54,.01,-,-,-,-,-\n\
             India VIX,21-08-2026,12,13,11,.54,.1,.8,-,-,-,-,-\n\
             Nifty Closed,21-08-2026,-,-,-,-,-,-,-,-,-,-,-\n\
             Nifty Odd,2026-08-21,1,1,1,1,1,1,1,1,1,1,1\n\
             Nifty Text,21-08-2026,1,1,1,n/a,1,1,1,1,1,1,1\n"
        );
        let (closes, report) = parse(text.as_bytes()).unwrap();
        assert_eq!((report.rows, report.levels, report.missing), (6, 3, 1));
        assert_eq!((report.unreadable, report.renamed), (2, 1));
        assert_eq!(report.date, Some(date(2026, 8, 21)));
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        let nifty = &closes[0];
        assert_eq!(
            (nifty.name.as_str(), nifty.raw_name.as_str()),
            ("Nifty 50", "S&P CNX Nifty")
        );
        assert_eq!((nifty.close, nifty.pe), (d("24555.25"), Some(d("22.5"))));
        assert_eq!((closes[1].pe, closes[1].close), (None, d("52100")));
        assert_eq!(closes[2].close, d("0.54"));
        assert_eq!(
            (number("-.05"), number("-"), number(".")),
            (Some(d("-0.05")), None, None)
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let table = [
            ("<html>Access Denied</html>", "a web page"),
            ("Index Name,Index Date\n", "no column `Closing Index Value`"),
            (HEADER, "no level"),
            ("", "no column `Index Name`"),
        ];
        for (text, what) in table {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn an_index_is_found_by_its_earlier_names() {
        for name in ["Nifty 50", "cnx  nifty", "S&P CNX NIFTY", "nifty"] {
            assert_eq!(name_of_today(name).to_lowercase(), "nifty 50");
        }
        assert_eq!(name_of_today("India VIX"), "India VIX");
    }
}
