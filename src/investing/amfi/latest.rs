//! AMFI's `NAVAll.txt`: the latest NAV of every scheme code.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use jiff::civil::Date;

use super::lines::{self, Header, Heading, NoNav, check_text};
use super::{BadFile, ImportReport, Listed, NavFile, STALE_DAYS, latest_day, main_date};
use crate::investing::scheme::{Isin, Nav, OptionKind, Plan, Scheme, SchemeCode};
use crate::investing::{category, words};

struct Columns {
    count: usize,
    code: usize,
    isins: [usize; 2],
    name: usize,
    plan: Option<usize>,
    option: Option<usize>,
    nav: usize,
    date: usize,
}

/// Columns of either layout.
const KNOWN: &[&str] = &[
    "Scheme Code",
    "ISIN Div Payout/ ISIN Growth",
    "ISIN Div Reinvestment",
    "Scheme Name",
    "Plan",
    "Option",
    "Net Asset Value",
    "Date",
];

impl Columns {
    fn of(header: &str) -> Result<Self, BadFile> {
        let header = Header::of(header);
        let need = |column| header.need(column);
        // What is missing is said before what is strange: it is the plainer fault.
        need("Scheme Code")?;
        header.only(KNOWN)?;
        Ok(Self {
            count: header.count(),
            code: need("Scheme Code")?,
            isins: [
                need("ISIN Div Payout/ ISIN Growth")?,
                need("ISIN Div Reinvestment")?,
            ],
            name: need("Scheme Name")?,
            plan: header.find("Plan"),
            option: header.find("Option"),
            nav: need("Net Asset Value")?,
            date: need("Date")?,
        })
    }
}

/// Reads a file as of `today`; `last_rows` is the row count of the import before.
pub fn parse(bytes: &[u8], today: Date, last_rows: Option<usize>) -> Result<NavFile, BadFile> {
    let text = check_text(bytes)?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let columns = Columns::of(lines.next().ok_or(BadFile::Empty)?.trim())?;
    let mut reader = Reader::default();
    for line in lines {
        if line.contains(';') {
            reader.row(&columns, line);
        } else {
            reader.heading(line.trim());
        }
    }
    let file = reader.finish(today);
    match (file.report.rows, last_rows) {
        (0, _) => Err(BadFile::Empty),
        (rows, Some(last)) if rows * 100 < last * 95 => Err(BadFile::TooFew { rows, last }),
        _ => Ok(file),
    }
}

#[derive(Default)]
struct Reader {
    schemes: Vec<Listed>,
    codes: HashSet<SchemeCode>,
    amcs: HashSet<String>,
    amc: String,
    category: String,
    category_unknown: bool,
    report: ImportReport,
}

impl Reader {
    fn heading(&mut self, line: &str) {
        match lines::heading(line) {
            Heading::Category(raw) => {
                let known = category::normalise(raw);
                self.category_unknown = known.is_none();
                self.category = known.unwrap_or_else(|| raw.to_owned());
                self.report.sections += 1;
            }
            Heading::House(name) => {
                name.clone_into(&mut self.amc);
                self.amcs.insert(self.amc.clone());
            }
        }
    }

    fn row(&mut self, columns: &Columns, line: &str) {
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        let code = fields.get(columns.code).and_then(|c| c.parse().ok());
        let (Some(code), true) = (code.map(SchemeCode), fields.len() == columns.count) else {
            self.report.unreadable += 1;
            return;
        };
        if !self.codes.insert(code) {
            self.report.repeated_codes += 1;
            return;
        }
        self.report.rows += 1;
        if self.category_unknown {
            let unknown = self.report.unknown_categories.entry(self.category.clone());
            *unknown.or_default() += 1;
        }
        let column = |at: Option<usize>| at.map_or("", |at| fields[at]);
        let (plan_text, option_text) = (column(columns.plan), column(columns.option));
        let blank = |at: Option<usize>| usize::from(at.is_some_and(|at| fields[at].is_empty()));
        self.report.blank_plan += blank(columns.plan);
        self.report.blank_option += blank(columns.option);
        let mut described = describe(fields[columns.name], plan_text, option_text);
        if let Some(long) = long_name(code).filter(|_| plan_text.is_empty()) {
            let known = describe(long, "", "");
            if described.plan == Plan::Unknown {
                described.plan = known.plan;
            }
            if described.option_text.is_empty() {
                (described.option, described.option_text) = (known.option, known.option_text);
            }
        }
        if described.option == OptionKind::Other && !described.option_text.is_empty() {
            self.report.unclear_option += 1;
        }
        let nav = self.nav(fields[columns.nav], fields[columns.date]);
        let isins = columns.isins.map(|at| self.isin(fields[at]));
        let scheme = Scheme {
            code,
            name: described.name,
            plan: described.plan,
            option: described.option,
            option_text: described.option_text,
            amc: self.amc.clone(),
            category: self.category.clone(),
            nav,
        };
        self.schemes.push(Listed { scheme, isins });
    }

    fn nav(&mut self, value: &str, date: &str) -> Option<Nav> {
        match lines::nav(value, date) {
            Ok(nav) => {
                self.report.trailing_point += usize::from(value.ends_with('.'));
                self.report.priced += 1;
                return Some(nav);
            }
            Err(NoNav::BadDate) => self.report.bad_date += 1,
            Err(NoNav::NotANumber) => self.report.not_a_number += 1,
            Err(NoNav::Zero) => self.report.zero += 1,
        }
        None
    }

    fn isin(&mut self, text: &str) -> Option<Isin> {
        let isin = Isin::parse(text);
        if isin.is_none() && !matches!(text, "" | "-") {
            self.report.odd_isins += 1;
        }
        isin
    }

    fn finish(mut self, today: Date) -> NavFile {
        let report = &mut self.report;
        report.amcs = self.amcs.len();
        let last = latest_day(today);
        for listed in &mut self.schemes {
            let slip = listed.scheme.nav.take_if(|nav| nav.date > last);
            report.too_far_ahead += usize::from(slip.is_some());
        }
        report.priced -= report.too_far_ahead;
        let navs = || self.schemes.iter().filter_map(|s| s.scheme.nav);
        let main = main_date(navs().map(|nav| nav.date));
        report.main_date = main;
        report.of_main_date = navs().filter(|nav| Some(nav.date) == main).count();
        report.ahead = navs().filter(|nav| nav.date > today).count();
        report.stale = navs()
            .filter(|nav| main.is_some_and(|main| (main - nav.date).get_days() > STALE_DAYS))
            .count();
        let mut owners: HashMap<Isin, HashSet<SchemeCode>> = HashMap::new();
        for listed in &self.schemes {
            for isin in listed.isins.into_iter().flatten() {
                owners.entry(isin).or_default().insert(listed.scheme.code);
            }
        }
        report.shared_isins = owners.values().filter(|codes| codes.len() > 1).count();
        NavFile {
            schemes: self.schemes,
            report: self.report,
        }
    }
}

/// AMFI's last long names, of 18 August 2026, of schemes that have had no plan or option
/// since: in order of code.
const LONG_NAMES: &str = include_str!("long-names.txt");

/// Returns the last long name of a scheme whose plan or option AMFI leaves blank today.
fn long_name(code: SchemeCode) -> Option<&'static str> {
    static NAMES: OnceLock<HashMap<SchemeCode, &str>> = OnceLock::new();
    let read = |line: &'static str| {
        let (code, name) = line.split_once(';')?;
        Some((SchemeCode(code.parse().ok()?), name))
    };
    let names = NAMES.get_or_init(|| LONG_NAMES.lines().filter_map(read).collect());
    names.get(&code).copied()
}

struct Described {
    name: String,
    plan: Plan,
    option: OptionKind,
    option_text: String,
}

/// Plan and option from their columns, else from the words the name ends with.
fn describe(name: &str, plan_text: &str, option_text: &str) -> Described {
    let (short, rest) = words::split_name(name);
    let name = short.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut plan = words::plan(plan_text);
    if plan == Plan::Unknown {
        plan = words::plan(if rest.is_empty() { option_text } else { rest });
    }
    let mut option = words::option(option_text);
    let mut option_text = option_text.to_owned();
    if option_text.is_empty() {
        option = words::option(rest);
        let is_plan =
            |word: &&str| matches!(word.to_lowercase().as_str(), "direct" | "regular" | "plan");
        let mut left = rest
            .split([' ', '-'])
            .filter(|w| !w.is_empty() && !is_plan(w))
            .peekable();
        if left.peek().is_some() {
            option_text = left.collect::<Vec<_>>().join(" ");
        }
    }
    Described {
        name,
        plan,
        option,
        option_text,
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    const CURRENT: &[u8] = include_bytes!("../../../demo/amfi/NAVAll.txt");
    const LEGACY: &[u8] = include_bytes!("../../../tests/data/amfi/NAVAll-legacy-6col.txt");
    const DAY: Date = jiff::civil::date(2026, 8, 22);

    fn find(file: &NavFile, code: u32) -> &Listed {
        let mut all = file.schemes.iter();
        all.find(|s| s.scheme.code == SchemeCode(code)).unwrap()
    }

    #[test]
    fn the_current_layout_is_read_and_its_oddities_counted() {
        let file = parse(CURRENT, DAY, None).unwrap();
        let report = &file.report;
        assert_eq!(
            (report.rows, report.amcs, report.sections),
            (14_282, 52, 101)
        );
        assert_eq!(report.main_date, Some(jiff::civil::date(2026, 8, 21)));
        assert_eq!(report.priced + report.zero + report.not_a_number, 14_282);
        assert_eq!(
            (report.trailing_point, report.zero),
            (17, 241),
            "{report:?}"
        );
        assert_eq!(report.blank_plan, 5_867, "{report:?}");
        assert_eq!(report.shared_isins, 5);
        assert!(report.unknown_categories.is_empty(), "{report:?}");
        assert_eq!((report.ahead, report.too_far_ahead), (91, 0), "{report:?}");
        assert!(report.odd_isins > 0 && report.unreadable == 0);
        let fund = find(&file, 122_640);
        assert_eq!(fund.scheme.name, "Parag Parikh Flexi Cap Fund");
        assert_eq!(fund.scheme.plan, Plan::Regular);
        assert_eq!(fund.scheme.category, "Equity: Flexi Cap");
        assert_eq!(fund.scheme.nav.unwrap().value.to_string(), "82.6988");
        assert_eq!(fund.isins[0].unwrap().as_str(), "INF879O01019");
    }

    #[test]
    fn the_old_layout_gives_the_same_schemes_from_their_long_names() {
        let old = parse(LEGACY, DAY, None).unwrap();
        let new = parse(CURRENT, DAY, Some(old.report.rows)).unwrap();
        for code in [122_640, 118_955, 108_273, 120_438, 119_553] {
            let (was, is) = (&find(&old, code).scheme, &find(&new, code).scheme);
            assert_eq!(was.name.to_lowercase(), is.name.to_lowercase());
            assert_eq!((was.plan, was.option), (is.plan, is.option), "{}", is.name);
        }
        let clear = |f: &NavFile| {
            f.schemes
                .iter()
                .filter(|s| s.scheme.plan != Plan::Unknown)
                .count()
        };
        assert!(
            clear(&old) >= clear(&new),
            "{} {}",
            clear(&old),
            clear(&new)
        );
    }

    #[test]
    fn a_blank_plan_is_that_of_the_last_long_name() {
        let file = parse(CURRENT, DAY, None).unwrap();
        for (code, plan) in [(127_039, Plan::Regular), (127_042, Plan::Direct)] {
            let scheme = &find(&file, code).scheme;
            assert_eq!(
                (scheme.plan, scheme.option),
                (plan, OptionKind::Growth),
                "{code}"
            );
            assert_eq!(scheme.name, "Motilal Oswal Midcap Fund");
        }
        assert!(
            LONG_NAMES
                .lines()
                .all(|line| line.split_once(';').is_some())
        );
    }

    #[test]
    fn broken_files_are_refused_with_what_is_wrong() {
        let header = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;Net Asset Value;Date\r\n";
        let table: [(Vec<u8>, &str); 7] = [
            (b"".to_vec(), "empty"),
            (b"\r\n".to_vec(), "empty"),
            (
                b"<html><body>Object Moved</body></html>".to_vec(),
                "web page",
            ),
            (
                b"Code;Name;NAV\r\n1;A;2\r\n".to_vec(),
                "no column `Scheme Code`",
            ),
            (header.into(), "empty"),
            (
                header
                    .replace("Scheme Name;", "Scheme Name;Plan Type;")
                    .into(),
                "a column `Plan Type`",
            ),
            (vec![0xff, 0xfe, 0], "not UTF-8"),
        ];
        for (bytes, what) in table {
            let error = parse(&bytes, DAY, None).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let cut = &CURRENT[..CURRENT.len() / 2];
        assert!(matches!(
            parse(cut, DAY, Some(14_282)),
            Err(BadFile::TooFew { .. })
        ));
    }

    #[test]
    fn columns_are_found_by_name_and_odd_rows_are_skipped() {
        let text = "Date;Scheme Code;Scheme Name;Net Asset Value;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment\n\
            Open Ended Schemes ( Equity Scheme - Lunar Fund )\nMoon Mutual Fund\n\
            21-Aug-2026;7;Moon Fund - Direct - Growth;10.;INF000000001;Redeemed\n\
            21-Aug-2026;7;Moon Fund again;11;-;-\n\
            21-Aug-2026;8;Moon B;N.A.;-;-\nshort;row\n31-Feb-2026;9;Moon C;1;;\n";
        let file = parse(text.as_bytes(), DAY, None).unwrap();
        let report = &file.report;
        assert_eq!(
            (report.rows, report.priced, report.trailing_point),
            (3, 1, 1)
        );
        assert_eq!((report.repeated_codes, report.not_a_number), (1, 1));
        assert_eq!(
            (report.unreadable, report.bad_date, report.odd_isins),
            (1, 1, 1)
        );
        assert_eq!(report.unknown_categories["Equity Scheme - Lunar Fund"], 3);
        let moon = &file.schemes[0].scheme;
        assert_eq!(
            (moon.name.as_str(), moon.option_text.as_str()),
            ("Moon Fund", "Growth")
        );
        assert_eq!(moon.nav.unwrap().value, Decimal::TEN);
        assert_eq!(moon.category, "Equity Scheme - Lunar Fund");
    }
}
