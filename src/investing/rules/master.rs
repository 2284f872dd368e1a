//! A platform's scheme master as scheme rules.
//!
//! What the master states goes over what is on record of a scheme; what it does not state
//! (exit load, risk, least instalments) stays as the rules file has it. Nothing is guessed:
//! a row that cannot be tied to one scheme, or two rows for one, put nothing up for sale.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Offer, Offers, PlanTerms, RuleBook, SchemeRules};
use crate::investing::money::Paise;
use crate::investing::orders::Frequency;
use crate::investing::scheme::{Isin, SchemeCode};

/// Of the schemes on record that a platform trades, a whole master names so many at least.
const WHOLE_PERCENT: usize = 90;

/// Whose word BSE's scheme master is, as shown beside the facts.
pub const BSE: &str = "BSE StAR MF 2.0 scheme master";

/// Returns whose word rows are that a master was put over.
pub(super) fn joint(of_file: &str) -> String {
    format!("{BSE}; {of_file}")
}

/// Returns whether rules are a master's, alone or over what was on record.
pub(super) fn is_source(source: &str) -> bool {
    source == BSE || source.starts_with(&joint(""))
}

/// One row of a scheme master: what may be done with a scheme, in the platform's terms.
/// What it does not say is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterScheme {
    /// The platform's code.
    pub code: String,
    /// ISIN.
    pub isin: Option<String>,
    /// Name.
    pub name: String,
    /// Fund house.
    pub amc: Option<String>,
    /// Whether it is in use.
    pub is_active: bool,
    /// Terms of orders, by the platform's word for the side.
    pub lumpsum: Vec<LumpsumTerms>,
    /// Terms of plans, by kind and frequency.
    pub plans: Vec<MasterPlan>,
}

/// Terms of orders of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LumpsumTerms {
    /// `Purchase`, `Redemption`, `Switch-IN`, `Switch-OUT`.
    pub side: String,
    /// Until when a request counts for the day.
    pub cutoff: Option<jiff::civil::Time>,
    /// Least, in a new folio.
    pub minimum: Option<Paise>,
    /// Least, in a folio that is there.
    pub minimum_additional: Option<Paise>,
    /// Most.
    pub maximum: Option<Paise>,
    /// Steps.
    pub multiple: Option<Paise>,
}

/// Terms of plans of one kind and frequency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterPlan {
    /// `SIP`, `STP`, `SWP`.
    pub kind: String,
    /// How often: `d`, `w`, `f`, `m`, `q`, `h`, `y`.
    pub frequency: String,
    /// Whether new ones are taken.
    pub open: bool,
    /// Whether they may be paused.
    pub pause: bool,
    /// Days of the month or week, in order.
    pub days: Vec<i8>,
}

/// What a scheme master came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MasterReport {
    /// Its rows.
    pub rows: usize,
    /// Schemes of ours it has rules for.
    pub schemes: usize,
    /// Rows whose ISIN is none, or not in AMFI's list.
    pub unlisted: usize,
    /// Schemes several rows speak of: nothing of theirs is up for sale.
    pub ambiguous: BTreeSet<SchemeCode>,
    /// Schemes the platform traded and does not name any more: closed.
    pub gone: BTreeSet<SchemeCode>,
}

/// Why a scheme master was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMaster {
    /// No rows.
    #[error("the scheme master has no rows")]
    Empty,
    /// Much of what was there yesterday is missing.
    #[error(
        "the scheme master names {named} of the {known} schemes on record that are traded: it is \
         not whole"
    )]
    NotWhole {
        /// Schemes it names.
        named: usize,
        /// Schemes on record with the platform's code.
        known: usize,
    },
}

/// Returns the rules that differ from those on record once a master has been put over
/// them, dated `today`. `by_isin` gives the schemes of an ISIN, `source` is whose word
/// it is.
pub fn overlay(
    master: &[MasterScheme],
    by_isin: impl Fn(Isin) -> Vec<SchemeCode>,
    book: &RuleBook,
    today: Date,
    source: &str,
) -> Result<(Vec<SchemeRules>, MasterReport), BadMaster> {
    if master.is_empty() {
        return Err(BadMaster::Empty);
    }
    let mut report = MasterReport {
        rows: master.len(),
        ..MasterReport::default()
    };
    let mut named: BTreeMap<SchemeCode, Vec<&MasterScheme>> = BTreeMap::new();
    for row in master.iter().filter(|row| !is_high_value(&row.code)) {
        let isin = row.isin.as_deref().and_then(Isin::parse);
        let codes = isin.map(&by_isin).unwrap_or_default();
        match codes.as_slice() {
            [] => report.unlisted += 1,
            [code] => named.entry(*code).or_default().push(row),
            several => report.ambiguous.extend(several),
        }
    }
    let traded: Vec<&SchemeRules> = book
        .all_on(today)
        .filter(|rules| rules.exchange_code.is_some())
        .collect();
    let still = traded.iter().filter(|one| named.contains_key(&one.code));
    let (still, known) = (still.count(), traded.len());
    if still * 100 < known * WHOLE_PERCENT {
        return Err(BadMaster::NotWhole {
            named: still,
            known,
        });
    }
    let mut news = Vec::new();
    for (code, rows) in &named {
        let before = book.get(*code, today);
        let mut rules = base(*code, before, today, source);
        if let Some(row) = the_row(rows, before) {
            put_over(&mut rules, row);
        } else {
            report.ambiguous.insert(*code);
            silence(&mut rules);
        }
        report.schemes += 1;
        news.push(rules);
    }
    for rules in traded {
        if !named.contains_key(&rules.code) {
            report.gone.insert(rules.code);
            let mut rules = base(rules.code, Some(rules), today, source);
            close(&mut rules);
            news.push(rules);
        }
    }
    news.retain(|rules| is_news(rules, book, today));
    Ok((news, report))
}

/// Rows for two lakh rupees and more, which have cut-offs and codes of their own.
fn is_high_value(code: &str) -> bool {
    code.ends_with("-L0") || code.ends_with("-L1")
}

/// Returns the one row that speaks of a scheme; of several in use the one whose code is on
/// record already, as a rules file may say it.
fn the_row<'a>(
    rows: &[&'a MasterScheme],
    before: Option<&SchemeRules>,
) -> Option<&'a MasterScheme> {
    let active: Vec<_> = rows.iter().copied().filter(|row| row.is_active).collect();
    match active.as_slice() {
        [] => rows.first().copied(),
        [one] => Some(one),
        several => {
            let known = before?.exchange_code.as_ref()?;
            several.iter().copied().find(|row| row.code == *known)
        }
    }
}

fn base(code: SchemeCode, before: Option<&SchemeRules>, today: Date, source: &str) -> SchemeRules {
    let Some(before) = before else {
        return SchemeRules::silent(code, today, source);
    };
    let joint = format!("{source}; ");
    let source = if before.source == source || before.source.starts_with(&joint) {
        before.source.clone()
    } else {
        format!("{joint}{}", before.source)
    };
    SchemeRules {
        from: today,
        source,
        ..before.clone()
    }
}

fn put_over(rules: &mut SchemeRules, row: &MasterScheme) {
    rules.exchange_code = Some(row.code.clone());
    if !row.is_active {
        close(rules);
        return;
    }
    let side = |name: &str| row.lumpsum.iter().find(|terms| terms.side == name);
    let has = |name| side(name).map(|_| true);
    rules.purchase = has("Purchase");
    rules.redemption = has("Redemption");
    rules.switch_in = has("Switch-IN");
    rules.switch_out = has("Switch-OUT");
    if let Some(purchase) = side("Purchase") {
        rules.minimum_new = purchase.minimum;
        rules.minimum_additional = purchase.minimum_additional;
        rules.maximum = purchase.maximum;
        rules.multiple = purchase.multiple;
        rules.cutoffs.platform_purchase = purchase.cutoff;
    }
    if let Some(redemption) = side("Redemption") {
        rules.minimum_redemption = redemption.minimum.or(rules.minimum_redemption);
        rules.cutoffs.platform_redemption = redemption.cutoff;
    }
    for (kind, offers) in [
        ("SIP", &mut rules.sip),
        ("STP", &mut rules.stp),
        ("SWP", &mut rules.swp),
    ] {
        *offers = offered(row, kind, offers);
    }
    // Of those that run while it names none it says nothing.
    let mut sips = row
        .plans
        .iter()
        .filter(|plan| plan.kind == "SIP")
        .peekable();
    if sips.peek().is_some() && !sips.any(|plan| plan.pause) {
        rules.sip_pause = Some(0);
    }
}

/// Returns the plans of a kind the master names; their least instalment, which it does not
/// state, is as it was on record.
fn offered(row: &MasterScheme, kind: &str, before: &Offers) -> Offers {
    let mut offers = Offers::new();
    for plan in row.plans.iter().filter(|plan| plan.kind == kind) {
        let Some(frequency) = frequency(&plan.frequency) else {
            continue;
        };
        let terms = match before.get(&frequency) {
            Some(Offer::Yes(terms)) => terms.clone(),
            _ => PlanTerms::default(),
        };
        let days = Some(plan.days.clone()).filter(|days| !days.is_empty());
        let offer = if plan.open {
            Offer::Yes(PlanTerms {
                days: days.or(terms.days.clone()),
                ..terms
            })
        } else {
            Offer::No
        };
        offers.insert(frequency, offer);
    }
    offers
}

fn frequency(letter: &str) -> Option<Frequency> {
    Some(match letter {
        "d" => Frequency::Daily,
        "w" => Frequency::Weekly,
        "f" => Frequency::Fortnightly,
        "m" => Frequency::Monthly,
        "q" => Frequency::Quarterly,
        "h" => Frequency::HalfYearly,
        "y" => Frequency::Yearly,
        _ => return None,
    })
}

/// Nothing goes in any more; what is held may go out as before.
fn close(rules: &mut SchemeRules) {
    rules.purchase = Some(false);
    rules.switch_in = Some(false);
    for offers in [&mut rules.sip, &mut rules.stp] {
        for offer in offers.values_mut() {
            *offer = Offer::No;
        }
    }
}

/// Nobody knows which row is meant: nothing of it is on record.
fn silence(rules: &mut SchemeRules) {
    rules.exchange_code = None;
    rules.purchase = None;
    rules.redemption = None;
    rules.switch_in = None;
    rules.switch_out = None;
    for offers in [&mut rules.sip, &mut rules.stp, &mut rules.swp] {
        offers.clear();
    }
}

fn is_news(rules: &SchemeRules, book: &RuleBook, today: Date) -> bool {
    let before = book.get(rules.code, today);
    before.is_none_or(|before| {
        let from = before.from;
        SchemeRules {
            from,
            ..rules.clone()
        } != *before
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    const SOURCE: &str = "a master";
    const ISIN: &str = "INF179K01608";
    const CODE: SchemeCode = SchemeCode(101_762);
    const TODAY: Date = date(2026, 8, 24);

    fn row(code: &str) -> MasterScheme {
        let side = |side: &str| LumpsumTerms {
            side: side.to_owned(),
            cutoff: Some(time(14, 30, 0, 0)),
            minimum: Some(Paise(500_00)),
            minimum_additional: Some(Paise(100_00)),
            maximum: None,
            multiple: Some(Paise(100)),
        };
        MasterScheme {
            code: code.to_owned(),
            isin: Some(ISIN.to_owned()),
            name: "Flexi Cap".to_owned(),
            amc: None,
            is_active: true,
            lumpsum: vec![side("Purchase"), side("Redemption")],
            plans: ["m", "w", "?"]
                .map(|frequency| plan("SIP", frequency))
                .into(),
        }
    }

    fn plan(kind: &str, frequency: &str) -> MasterPlan {
        MasterPlan {
            kind: kind.to_owned(),
            frequency: frequency.to_owned(),
            open: frequency == "m",
            pause: true,
            days: vec![1, 5],
        }
    }

    fn put(
        master: &[MasterScheme],
        book: &RuleBook,
    ) -> Result<(Vec<SchemeRules>, MasterReport), BadMaster> {
        let by_isin = |isin: Isin| match isin.as_str() {
            ISIN => vec![CODE],
            "INF179K01VK7" => vec![SchemeCode(1), SchemeCode(2)],
            other => other
                .strip_prefix("INF0000000")
                .map_or(Vec::new(), |number| {
                    vec![SchemeCode(number.parse().unwrap())]
                }),
        };
        overlay(master, by_isin, book, TODAY, SOURCE)
    }

    fn book(rules: &[SchemeRules]) -> RuleBook {
        let mut book = RuleBook::default();
        rules.iter().cloned().for_each(|rules| book.put(rules));
        book
    }

    /// What a file said before, with the least instalment that a master does not state.
    fn filed() -> SchemeRules {
        let terms = PlanTerms {
            minimum: Some(Paise(500_00)),
            ..PlanTerms::default()
        };
        SchemeRules {
            sip: [(Frequency::Monthly, Offer::Yes(terms))].into(),
            lock_in_months: Some(36),
            sip_pause: Some(3),
            ..SchemeRules::silent(CODE, date(2026, 8, 1), "a file")
        }
    }

    #[test]
    fn a_master_goes_over_what_is_on_record_and_says_nothing_twice() {
        let (rules, report) = put(&[row("H02")], &book(&[filed()])).unwrap();
        let [now] = rules.as_slice() else {
            panic!("one scheme: {rules:?}");
        };
        assert_eq!((now.from, now.source.as_str()), (TODAY, "a master; a file"));
        assert_eq!(now.exchange_code.as_deref(), Some("H02"));
        assert_eq!((now.purchase, now.switch_in), (Some(true), None));
        assert_eq!(now.minimum_new, Some(Paise(500_00)));
        assert_eq!(now.cutoffs.platform_purchase, Some(time(14, 30, 0, 0)));
        assert_eq!((now.lock_in_months, now.sip_pause), (Some(36), Some(3)));
        let Some(Offer::Yes(monthly)) = now.sip.get(&Frequency::Monthly) else {
            panic!("{:?}", now.sip);
        };
        assert_eq!(monthly.minimum, Some(Paise(500_00)));
        assert_eq!(monthly.days, Some(vec![1, 5]));
        assert_eq!(now.sip.get(&Frequency::Weekly), Some(&Offer::No));
        assert_eq!((report.schemes, now.sip.len()), (1, 2));
        let tomorrow = put(&[row("H02")], &book(&rules)).unwrap();
        assert_eq!(tomorrow.0, [], "the same again is no news");
    }

    #[test]
    fn what_cannot_be_tied_to_one_scheme_is_not_up_for_sale() {
        let (first, _) = put(&[row("H02")], &RuleBook::default()).unwrap();
        let mut unlisted = row("X");
        unlisted.isin = Some("INF999999999".to_owned());
        let mut shared = row("Y");
        shared.isin = Some("INF179K01VK7".to_owned());
        let master = [row("H02"), row("H02-NEW"), unlisted, shared, row("H02-L1")];
        let (rules, report) = put(&master, &RuleBook::default()).unwrap();
        assert_eq!(
            (rules[0].purchase, rules[0].exchange_code.as_ref()),
            (None, None)
        );
        assert_eq!(report.unlisted, 1);
        let ambiguous = [1, 2, CODE.0].map(SchemeCode);
        assert_eq!(report.ambiguous, ambiguous.into());
        // A code that is on record already tells which row is meant.
        let (rules, _) = put(&master, &book(&first)).unwrap();
        assert_eq!(rules, [], "as before");
    }

    #[test]
    fn what_is_gone_is_closed_and_a_master_that_is_not_whole_is_refused() {
        let traded = |number: u32| SchemeRules {
            exchange_code: Some(number.to_string()),
            purchase: Some(true),
            redemption: Some(true),
            ..SchemeRules::silent(SchemeCode(number), date(2026, 8, 1), SOURCE)
        };
        let known = SchemeRules {
            code: CODE,
            ..traded(7)
        };
        let one_more = book(&[known.clone(), traded(1)]);
        let refused = put(&[row("H02")], &one_more).unwrap_err();
        assert_eq!(refused, BadMaster::NotWhole { named: 1, known: 2 });
        assert_eq!(put(&[], &one_more).unwrap_err(), BadMaster::Empty);
        let mut inactive = row("H02");
        inactive.is_active = false;
        let open = (Some(false), Some(true));
        let (rules, _) = put(&[inactive], &book(&[known])).unwrap();
        assert_eq!((rules[0].purchase, rules[0].redemption), open);
        let ten: Vec<_> = (10..20).map(traded).collect();
        let nine: Vec<_> = (10..19)
            .map(|number| MasterScheme {
                isin: Some(format!("INF0000000{number}")),
                ..row(&number.to_string())
            })
            .collect();
        let (rules, report) = put(&nine, &book(&ten)).unwrap();
        assert_eq!(report.gone, [SchemeCode(19)].into());
        let gone = rules
            .iter()
            .find(|rules| rules.code == SchemeCode(19))
            .unwrap();
        assert_eq!((gone.purchase, gone.redemption), open);
    }
}
