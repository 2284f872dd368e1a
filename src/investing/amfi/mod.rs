//! AMFI's files of NAVs: the list of the day ([`parse`]) and the history report
//! ([`parse_history`]), each in the layout from 19-Aug-2026 and the one before it.
//!
//! Columns are found by their names. A file that is not what it should be is refused
//! whole; an odd row in a sound file is counted in the report and never fatal.

mod history;
mod latest;
mod lines;

use std::collections::{BTreeMap, HashMap};

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::scheme::{Isin, Scheme};

pub use history::{HistoryFile, HistoryReport, parse as parse_history};
pub use latest::parse;
pub(super) use lines::decimal;

/// A NAV older than this many days belongs to a scheme that is no longer published.
pub(super) const STALE_DAYS: i32 = 30;

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// Nothing in it.
    #[error("the NAV file is empty")]
    Empty,
    /// A web page came instead.
    #[error("the NAV file is a web page (`{0}`), the address may have moved")]
    Html(String),
    /// Bytes that are no text.
    #[error("the NAV file is not UTF-8 text")]
    NotText,
    /// Columns we do not know.
    #[error("the NAV file has no column `{column}` in its header `{header}`")]
    UnknownHeader {
        /// The missing column.
        column: &'static str,
        /// The header as found, shortened.
        header: String,
    },
    /// A column that was not there before: what it does to the others is not known.
    #[error("the NAV file has a column `{0}`, which is not known")]
    StrangeColumn(String),
    /// Far fewer schemes than last time: cut off on the way.
    #[error("the NAV file has {rows} schemes, fewer than 95 % of the {last} of the last import")]
    TooFew {
        /// Usable rows found.
        rows: usize,
        /// Rows of the last import.
        last: usize,
    },
}

/// What an import met, for people to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportReport {
    /// Scheme rows read.
    pub rows: usize,
    /// Rows with a usable NAV.
    pub priced: usize,
    /// Fund houses.
    pub amcs: usize,
    /// Section lines (scheme type and category).
    pub sections: usize,
    /// The date most NAVs are of.
    pub main_date: Option<Date>,
    /// NAVs of that date.
    pub of_main_date: usize,
    /// NAVs of zero.
    pub zero: usize,
    /// `N.A.`, `-` and other texts where a NAV should be.
    pub not_a_number: usize,
    /// NAVs written like `10.`, taken as 10.
    pub trailing_point: usize,
    /// Rows without a readable date.
    pub bad_date: usize,
    /// NAVs more than 30 days older than the main date.
    pub stale: usize,
    /// NAVs dated after the day of the import.
    pub ahead: usize,
    /// NAVs dated so far after it that they are left out.
    pub too_far_ahead: usize,
    /// Rows with an empty plan column.
    pub blank_plan: usize,
    /// Rows with an empty option column.
    pub blank_option: usize,
    /// Options that fit no known word.
    pub unclear_option: usize,
    /// ISIN texts that are no ISIN (`-` and nothing are not counted).
    pub odd_isins: usize,
    /// ISINs that two scheme codes share.
    pub shared_isins: usize,
    /// Scheme codes listed again; the first is kept.
    pub repeated_codes: usize,
    /// Lines with the wrong number of fields or no scheme code.
    pub unreadable: usize,
    /// Categories we have no name for, kept as they are, with the rows under each.
    pub unknown_categories: BTreeMap<String, usize>,
}

/// A sound file.
#[derive(Debug)]
pub struct NavFile {
    /// Every scheme in it.
    pub schemes: Vec<Listed>,
    /// What was odd about it.
    pub report: ImportReport,
}

/// A scheme with its ISINs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The scheme and its NAV.
    pub scheme: Scheme,
    /// ISIN of growth or payout, then of reinvestment.
    pub isins: [Option<Isin>; 2],
}

/// Returns the last day a NAV published on `today` may be of: over holidays some funds
/// publish a little ahead, and what is dated later is a slip of the pen that would stay
/// the newest for years.
pub(super) fn latest_day(today: Date) -> Date {
    today.saturating_add(Span::new().days(5))
}

/// Returns the date most of `dates` are of: a few are stale, a few dated ahead.
pub(super) fn main_date(dates: impl Iterator<Item = Date>) -> Option<Date> {
    let mut counts: HashMap<Date, usize> = HashMap::new();
    for date in dates {
        *counts.entry(date).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(date, count)| (*count, *date));
    most.map(|(date, _)| date)
}
