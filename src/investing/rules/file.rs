//! A scheme master as a file: CSV whose columns are found by the names in its first row.
//!
//! It is strict, because money moves by it: a column nobody knows, a cell that does not
//! read, or a scheme listed twice for one day refuses the file whole, and every fault is
//! named by row and column. An empty cell is a fact that is not on record.

use std::collections::HashSet;
use std::fmt;

use jiff::civil::Date;

use super::{Cutoffs, Nfo, SchemeRules, cell};
use crate::investing::orders::Frequency;
use crate::investing::scheme::SchemeCode;

/// Faults told at once.
const MOST_FAULTS: usize = 20;

/// Why a rules file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRules {
    /// It is no CSV.
    #[error("the scheme rules are no CSV: {0}")]
    NotCsv(String),
    /// Nothing in it.
    #[error("the scheme rules have no row")]
    Empty,
    /// A column that has to be there.
    #[error("the scheme rules have no column `{0}`")]
    MissingColumn(&'static str),
    /// A column nobody knows, perhaps misspelt.
    #[error("the scheme rules have a column `{0}`, which is not known")]
    UnknownColumn(String),
    /// Cells that do not read.
    #[error("the scheme rules have faults:\n{}", told(.0))]
    Rows(Vec<RowFault>),
}

/// One cell that does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Line of the file, the header being 1.
    pub row: u64,
    /// Name of the column.
    pub column: String,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "row {}, column {}: {}",
            self.row, self.column, self.problem
        )
    }
}

fn told(faults: &[RowFault]) -> String {
    let mut lines: Vec<String> = faults
        .iter()
        .take(MOST_FAULTS)
        .map(ToString::to_string)
        .collect();
    if faults.len() > MOST_FAULTS {
        lines.push(format!("and {} more", faults.len() - MOST_FAULTS));
    }
    lines.join("\n")
}

/// Columns that must be there and filled.
const NEEDED: &[&str] = &["code", "effective_from", "source"];
/// Columns that may be there. `scheme` is for people: the code decides.
const KNOWN: &[&str] = &[
    "scheme",
    "exchange_code",
    "class",
    "tax_class",
    "purchase",
    "redemption",
    "switch_in",
    "switch_out",
    "min_new",
    "min_additional",
    "multiple",
    "max_purchase",
    "max_sip",
    "pan_limit",
    "min_redemption",
    "min_redemption_units",
    "min_balance",
    "purchase_cutoff",
    "redemption_cutoff",
    "platform_purchase_cutoff",
    "platform_redemption_cutoff",
    "sip_daily",
    "sip_weekly",
    "sip_fortnightly",
    "sip_monthly",
    "sip_quarterly",
    "sip_half_yearly",
    "sip_yearly",
    "sip_pause_max",
    "stp",
    "stp_daily",
    "stp_weekly",
    "stp_fortnightly",
    "stp_quarterly",
    "stp_half_yearly",
    "stp_yearly",
    "swp",
    "swp_daily",
    "swp_weekly",
    "swp_fortnightly",
    "swp_quarterly",
    "swp_half_yearly",
    "swp_yearly",
    "exit_load",
    "risk",
    "lock_in",
    "units_days",
    "payout_days",
    "nfo_opens",
    "nfo_closes",
    "closed_days",
];

/// Reads a file.
pub fn parse(bytes: &[u8]) -> Result<Vec<SchemeRules>, BadRules> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let not_csv = |error: csv::Error| BadRules::NotCsv(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header: Vec<String> = {
        let header = reader.headers().map_err(not_csv)?;
        header.iter().map(str::to_owned).collect()
    };
    check_header(&header)?;
    let (mut all, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for record in reader.records() {
        let record = record.map_err(not_csv)?;
        let mut row = Row {
            header: &header,
            record: &record,
            line: record.position().map_or(0, csv::Position::line),
            faults: &mut faults,
        };
        let Some(rules) = row.rules() else {
            continue;
        };
        if !seen.insert((rules.code, rules.from)) {
            let text = format!(
                "{} has rules from {} in an earlier row",
                rules.code, rules.from
            );
            row.fault("code", text);
        }
        all.push(rules);
    }
    if !faults.is_empty() {
        return Err(BadRules::Rows(faults));
    }
    if all.is_empty() {
        return Err(BadRules::Empty);
    }
    Ok(all)
}

fn check_header(header: &[String]) -> Result<(), BadRules> {
    for needed in NEEDED {
        if !header.iter().any(|name| name == needed) {
            return Err(BadRules::MissingColumn(needed));
        }
    }
    for (at, name) in header.iter().enumerate() {
        let known = NEEDED.iter().chain(KNOWN).any(|known| known == name);
        if !known || header[..at].contains(name) {
            return Err(BadRules::UnknownColumn(name.clone()));
        }
    }
    Ok(())
}

struct Row<'a> {
    header: &'a [String],
    record: &'a csv::StringRecord,
    line: u64,
    faults: &'a mut Vec<RowFault>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let at = self.header.iter().position(|name| name == column)?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    fn fault(&mut self, column: &str, problem: String) {
        self.faults.push(RowFault {
            row: self.line,
            column: column.to_owned(),
            problem,
        });
    }

    fn read<T>(&mut self, column: &str, cell: impl Fn(&str) -> cell::Read<T>) -> Option<T> {
        let text = self.text(column)?.to_owned();
        match cell(&text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.fault(column, format!("`{text}` {problem}"));
                None
            }
        }
    }

    fn needed<T>(&mut self, column: &str, cell: impl Fn(&str) -> cell::Read<T>) -> Option<T> {
        if self.text(column).is_none() {
            self.fault(column, "is empty".to_owned());
        }
        self.read(column, cell)
    }

    fn rules(&mut self) -> Option<SchemeRules> {
        let code = self.needed("code", |text| {
            let code = text.parse().map(SchemeCode);
            code.map_err(|_| "is no AMFI scheme code".to_owned())
        });
        let from = self.needed("effective_from", cell::date);
        let source = self.needed("source", |text| Ok(text.to_owned()));
        let nfo = self.nfo();
        let sip = self.offers("sip", "sip_monthly");
        let rules = SchemeRules {
            exchange_code: self.read("exchange_code", |text| Ok(text.to_owned())),
            class: self.read("class", cell::class),
            tax_class: self.read("tax_class", cell::tax_class),
            purchase: self.read("purchase", cell::flag),
            redemption: self.read("redemption", cell::flag),
            switch_in: self.read("switch_in", cell::flag),
            switch_out: self.read("switch_out", cell::flag),
            minimum_new: self.read("min_new", cell::amount),
            minimum_additional: self.read("min_additional", cell::amount),
            multiple: self.read("multiple", cell::amount),
            maximum: self.read("max_purchase", cell::amount),
            maximum_sip: self.read("max_sip", cell::amount),
            pan_limit: self.read("pan_limit", cell::pan_limit),
            minimum_redemption: self.read("min_redemption", cell::amount),
            minimum_redemption_units: self.read("min_redemption_units", cell::units),
            minimum_balance: self.read("min_balance", cell::amount),
            cutoffs: self.cutoffs(),
            sip,
            sip_pause: self.read("sip_pause_max", cell::count),
            stp: self.offers("stp", "stp"),
            swp: self.offers("swp", "swp"),
            exit_load: self.read("exit_load", cell::exit_load),
            risk: self.read("risk", cell::risk),
            lock_in_months: self.read("lock_in", cell::lock_in),
            units_days: self.read("units_days", cell::count),
            payout_days: self.read("payout_days", cell::count),
            nfo,
            closed_days: self.read("closed_days", cell::dates).unwrap_or_default(),
            ..SchemeRules::silent(code?, from?, &source?)
        };
        if rules
            .maximum
            .zip(rules.minimum_new)
            .is_some_and(|(most, least)| most < least)
        {
            self.fault("max_purchase", "is less than min_new".to_owned());
        }
        Some(rules)
    }

    fn cutoffs(&mut self) -> Cutoffs {
        Cutoffs {
            purchase: self.read("purchase_cutoff", cell::clock_time),
            redemption: self.read("redemption_cutoff", cell::clock_time),
            platform_purchase: self.read("platform_purchase_cutoff", cell::clock_time),
            platform_redemption: self.read("platform_redemption_cutoff", cell::clock_time),
        }
    }

    /// Reads the offers of one kind of plan, a column for each frequency.
    fn offers(&mut self, kind: &str, monthly: &str) -> super::Offers {
        let mut offers = super::Offers::new();
        for frequency in Frequency::ALL {
            let last_day = match frequency {
                Frequency::Weekly | Frequency::Fortnightly => 5,
                _ => 31,
            };
            let column = match frequency {
                Frequency::Monthly => monthly.to_owned(),
                other => format!("{kind}_{other}"),
            };
            if let Some(offer) = self.read(&column, |text| cell::offer(text, last_day)) {
                offers.insert(*frequency, offer);
            }
        }
        offers
    }

    fn nfo(&mut self) -> Option<Nfo> {
        let opens: Option<Date> = self.read("nfo_opens", cell::date);
        let closes: Option<Date> = self.read("nfo_closes", cell::date);
        match (opens, closes) {
            (Some(opens), Some(closes)) if opens <= closes => Some(Nfo { opens, closes }),
            (None, None) => None,
            _ => {
                let problem = "needs nfo_opens before it, and both";
                self.fault("nfo_closes", problem.to_owned());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::money::Paise;
    use crate::investing::rules::Offer;

    #[test]
    fn columns_are_found_by_name_and_empty_cells_are_not_on_record() {
        let text = "source,effective_from,code,scheme,min_new,sip_monthly,sip_daily,closed_days\r\n\
            a master,2026-08-01,122640,\"Flexi, Cap\",1000,min=500 days=1-28,no,2026-09-07 2026-11-26\r\n\
            a master,2026-09-01,122640,,,,,\r\n";
        let rules = parse(text.as_bytes()).unwrap();
        let [first, second] = rules.as_slice() else {
            panic!("two rows: {rules:?}");
        };
        assert_eq!(
            (first.code, first.from),
            (SchemeCode(122_640), date(2026, 8, 1))
        );
        assert_eq!(first.minimum_new, Some(Paise(100_000)));
        assert_eq!(first.sip[&Frequency::Daily], Offer::No);
        assert_eq!(first.sip.len(), 2);
        assert_eq!(first.closed_days.len(), 2);
        assert_eq!(
            *second,
            SchemeRules::silent(second.code, date(2026, 9, 1), "a master")
        );
    }

    #[test]
    fn faults_name_row_and_column_and_are_told_together() {
        let text = "code,effective_from,source,min_new,exit_load,nfo_opens,max_purchase\n\
            122640,2026-08-01,m,1000,nil,,\n\
            x,2026-13-01,m,1 lakh,1%,2026-09-01,\n\
            122640,2026-08-01,m,1000,,,500\n\
            7,2026-08-01,,,,,\n";
        let BadRules::Rows(faults) = parse(text.as_bytes()).unwrap_err() else {
            panic!("the rows are at fault");
        };
        let places: Vec<_> = faults.iter().map(|f| (f.row, f.column.as_str())).collect();
        assert_eq!(
            places,
            [
                (3, "code"),
                (3, "effective_from"),
                (3, "nfo_closes"),
                (3, "min_new"),
                (3, "exit_load"),
                (4, "max_purchase"),
                (4, "code"),
                (5, "source"),
            ]
        );
        let told = BadRules::Rows(faults).to_string();
        assert!(
            told.contains("row 3, column min_new: `1 lakh` is no amount"),
            "{told}"
        );
    }

    #[test]
    fn a_file_that_is_not_what_it_should_be_is_refused() {
        let table = [
            ("", "no column `code`"),
            ("code,effective_from\n", "no column `source`"),
            ("code,effective_from,source,minimum\n", "column `minimum`"),
            ("code,effective_from,source,code\n", "column `code`"),
            ("code,effective_from,source\n", "no row"),
            ("code,effective_from,source\n1,2026-08-01\n", "no CSV"),
        ];
        for (text, what) in table {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
