//! A rules file that is dated before rows of a scheme master.
//!
//! A master's row holds what the master states, and the rest as it was on record on its
//! day. So what a file says of an earlier day is carried on into it where the master is
//! silent: else it would be on record and never count. Rows of another file stay as they
//! are: those say all there is, an empty cell included.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Offer, Offers, RuleBook, SchemeRules, master};
use crate::investing::scheme::SchemeCode;

/// Returns the rows of masters that change by what a file states.
pub(super) fn carried(stated: &[SchemeRules], book: &RuleBook) -> Vec<SchemeRules> {
    let mut book = book.clone();
    let mut changed: BTreeMap<(SchemeCode, Date), SchemeRules> = BTreeMap::new();
    let mut stated: Vec<&SchemeRules> = stated.iter().collect();
    stated.sort_by_key(|rules| rules.from);
    for rules in stated {
        let before = book.get(rules.code, rules.from).cloned();
        let history = book.history(rules.code);
        let later = history.iter().filter(|row| row.from > rules.from);
        let of_master = later.take_while(|row| master::is_source(&row.source));
        let rows: Vec<_> = of_master.cloned().collect();
        book.put(rules.clone());
        for row in rows {
            let mut new = row.clone();
            carry(&mut new, rules, before.as_ref());
            if new != row {
                new.source = master::joint(&rules.source);
                book.put(new.clone());
                changed.insert((new.code, new.from), new);
            }
        }
    }
    changed.into_values().collect()
}

/// Takes into a master's row what masters do not state, where the row says nothing of it
/// or has it from the row before.
fn carry(row: &mut SchemeRules, stated: &SchemeRules, before: Option<&SchemeRules>) {
    macro_rules! carry {
        ($($($field:ident).+),+ $(,)?) => {
            $(fill(
                &mut row.$($field).+,
                stated.$($field).+.as_ref(),
                before.and_then(|before| before.$($field).+.as_ref()),
            );)+
        };
    }
    carry!(
        class,
        tax_class,
        maximum_sip,
        pan_limit,
        minimum_redemption,
        minimum_redemption_units,
        minimum_balance,
        cutoffs.purchase,
        cutoffs.redemption,
        exit_load,
        risk,
        lock_in_months,
        units_days,
        payout_days,
        nfo,
    );
    // None at all is the master's own word.
    if row.sip_pause != Some(0) {
        carry!(sip_pause);
    }
    let had = before.map_or(&[][..], |before| before.closed_days.as_slice());
    if row.closed_days == had && !stated.closed_days.is_empty() {
        row.closed_days.clone_from(&stated.closed_days);
    }
    let offers = |rules: &SchemeRules| [rules.sip.clone(), rules.swp.clone(), rules.stp.clone()];
    let before = before.map(offers).unwrap_or_default();
    let each = [&mut row.sip, &mut row.swp, &mut row.stp];
    for ((row, stated), before) in each.into_iter().zip(offers(stated)).zip(before) {
        carry_offers(row, &stated, &before);
    }
}

/// Which plans there are is the master's word; their least instalment is not.
fn carry_offers(row: &mut Offers, stated: &Offers, before: &Offers) {
    for (every, offer) in row {
        let (Offer::Yes(row), Some(Offer::Yes(stated))) = (offer, stated.get(every)) else {
            continue;
        };
        let before = match before.get(every) {
            Some(Offer::Yes(before)) => Some(before),
            _ => None,
        };
        let minimum = before.and_then(|before| before.minimum.as_ref());
        fill(&mut row.minimum, stated.minimum.as_ref(), minimum);
        let multiple = before.and_then(|before| before.multiple.as_ref());
        fill(&mut row.multiple, stated.multiple.as_ref(), multiple);
        let instalments = before.and_then(|before| before.instalments.as_ref());
        fill(
            &mut row.instalments,
            stated.instalments.as_ref(),
            instalments,
        );
        if row.days.is_none() {
            row.days.clone_from(&stated.days);
        }
    }
}

/// What the row has from before goes with it; what is stated nowhere leaves it alone.
fn fill<T: Clone + PartialEq>(row: &mut Option<T>, stated: Option<&T>, before: Option<&T>) {
    let is_from_before = row.is_none() || row.as_ref() == before;
    if let Some(stated) = stated.filter(|_| is_from_before) {
        *row = Some(stated.clone());
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::calendar::NavClass;
    use crate::investing::money::Paise;
    use crate::investing::orders::Frequency;
    use crate::investing::rules::{ExitLoad, PlanTerms, Slab};

    const CODE: SchemeCode = SchemeCode(122_640);
    const APRIL: Date = date(2026, 4, 1);
    const AUGUST: Date = date(2026, 8, 24);

    fn load(percent: i64) -> ExitLoad {
        ExitLoad {
            slabs: vec![Slab {
                days: 365,
                percent: percent.into(),
            }],
            free_percent: 0.into(),
        }
    }

    fn filed(percent: i64) -> SchemeRules {
        let monthly = PlanTerms {
            minimum: Some(Paise(1_000_00)),
            multiple: Some(Paise(1_00)),
            ..PlanTerms::default()
        };
        SchemeRules {
            class: Some(NavClass::Equity),
            exit_load: Some(load(percent)),
            purchase: Some(true),
            sip_pause: Some(3),
            sip: [
                (Frequency::Monthly, Offer::Yes(monthly.clone())),
                (Frequency::Weekly, Offer::Yes(monthly)),
            ]
            .into(),
            ..SchemeRules::silent(CODE, APRIL, "a file")
        }
    }

    /// A master's row of a day on which nothing else was on record.
    fn of_master() -> SchemeRules {
        let days = PlanTerms {
            days: Some(vec![1, 5]),
            ..PlanTerms::default()
        };
        SchemeRules {
            exchange_code: Some("PP01".to_owned()),
            sip: [(Frequency::Monthly, Offer::Yes(days))].into(),
            sip_pause: Some(0),
            ..SchemeRules::silent(CODE, AUGUST, master::BSE)
        }
    }

    fn book(rows: &[SchemeRules]) -> RuleBook {
        let mut book = RuleBook::default();
        rows.iter().cloned().for_each(|row| book.put(row));
        book
    }

    #[test]
    fn a_file_dated_before_a_master_fills_in_what_the_master_does_not_state() {
        let found = carried(&[filed(1)], &book(&[of_master()]));
        let [row] = found.as_slice() else {
            panic!("one row: {found:?}");
        };
        assert_eq!((row.from, row.class), (AUGUST, Some(NavClass::Equity)));
        assert_eq!(row.exit_load, Some(load(1)));
        assert_eq!(row.source, format!("{}; a file", master::BSE));
        // What a master states, or leaves out on purpose, is its own word.
        assert_eq!((row.purchase, row.sip_pause), (None, Some(0)));
        assert_eq!(row.sip.len(), 1);
        let Some(Offer::Yes(monthly)) = row.sip.get(&Frequency::Monthly) else {
            panic!("{:?}", row.sip);
        };
        assert_eq!(monthly.minimum, Some(Paise(1_000_00)));
        assert_eq!(monthly.days, Some(vec![1, 5]));
    }

    #[test]
    fn what_is_mended_in_a_file_is_mended_in_the_masters_rows_that_have_it_from_there() {
        let built_on = SchemeRules {
            from: AUGUST,
            source: master::joint("a file"),
            ..filed(1)
        };
        let own = SchemeRules {
            from: date(2026, 9, 1),
            exit_load: Some(load(5)),
            ..built_on.clone()
        };
        let known = book(&[filed(1), built_on, own]);
        let found = carried(&[filed(2)], &known);
        let loads: Vec<_> = found.iter().map(|row| row.exit_load.clone()).collect();
        assert_eq!(loads, [Some(load(2))], "the other has a load of its own");
        assert_eq!(carried(&[filed(1)], &known), [], "the same again");
        let other_file = SchemeRules {
            from: date(2026, 6, 1),
            ..filed(1)
        };
        let behind = book(&[filed(1), other_file, of_master()]);
        assert_eq!(carried(&[filed(2)], &behind), [], "that says all there is");
    }
}
