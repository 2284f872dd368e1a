//! What both kinds of file have in common.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::BadFile;
use crate::investing::scheme::Nav;

/// Returns the text of a file that is one.
pub(super) fn check_text(bytes: &[u8]) -> Result<&str, BadFile> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| BadFile::NotText)?;
    let start = text.trim_start();
    if start.is_empty() {
        return Err(BadFile::Empty);
    }
    if start.starts_with('<') {
        return Err(BadFile::Html(start.chars().take(60).collect()));
    }
    Ok(text)
}

/// Reads digits with an optional point and decimals; nothing else is a NAV.
pub(in crate::investing) fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    text.trim_end_matches('.').parse().ok()
}

/// What a heading, a line without a semicolon, says.
pub(super) enum Heading<'a> {
    /// Scheme type and category; this is the category.
    Category(&'a str),
    /// A fund house.
    House(&'a str),
}

/// `Open Ended Schemes(Debt Scheme - Gilt Fund)`, with or without spaces inside; a category
/// may have brackets of its own.
pub(super) fn heading(line: &str) -> Heading<'_> {
    let types = [
        "Open Ended Schemes",
        "Close Ended Schemes",
        "Interval Fund Schemes",
    ];
    let is_section = types.iter().any(|kind| {
        line.strip_prefix(kind)
            .is_some_and(|rest| rest.trim_start().starts_with('('))
    });
    let inside = line.find('(').zip(line.rfind(')'));
    match inside.filter(|(open, close)| is_section && open < close) {
        Some((open, close)) => Heading::Category(line[open + 1..close].trim()),
        None => Heading::House(line),
    }
}

/// Why a row has no usable NAV.
pub(super) enum NoNav {
    BadDate,
    NotANumber,
    Zero,
}

/// Reads a NAV and its date.
pub(super) fn nav(value: &str, date: &str) -> Result<Nav, NoNav> {
    let date = Date::strptime("%d-%b-%Y", date).map_err(|_| NoNav::BadDate)?;
    let value = decimal(value).ok_or(NoNav::NotANumber)?;
    if value.is_zero() {
        return Err(NoNav::Zero);
    }
    Ok(Nav { value, date })
}

/// Finds columns by their names.
pub(super) struct Header<'a> {
    names: Vec<&'a str>,
    line: &'a str,
}

impl<'a> Header<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self {
            names: line.split(';').map(str::trim).collect(),
            line,
        }
    }

    /// Refuses columns that are not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), BadFile> {
        let is_known = |name: &str| known.iter().any(|k| k.eq_ignore_ascii_case(name));
        match self.names.iter().find(|name| !is_known(name)) {
            Some(name) => Err(BadFile::StrangeColumn(name.chars().take(60).collect())),
            None => Ok(()),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n.eq_ignore_ascii_case(name))
    }

    pub(super) fn need(&self, column: &'static str) -> Result<usize, BadFile> {
        self.find(column).ok_or_else(|| BadFile::UnknownHeader {
            column,
            header: self.line.chars().take(120).collect(),
        })
    }
}
