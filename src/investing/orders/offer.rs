//! A scheme's rules as dealing takes them. What no scheme master states is not offered:
//! nothing that moves money is guessed.

use super::charges::LoadSlab;
use super::ports::{AmountRule, PlanRule, SchemeTerms};
use super::{Frequency, PlanKind};
use crate::investing::calendar::Side;
use crate::investing::rules::{Offer, PlanTerms, SchemeRules};
use crate::investing::scheme::Scheme;
use crate::investing::tax::TaxClass;

impl SchemeTerms {
    /// Returns the rules of a day; `None` if not even how its NAV applies is on record.
    pub fn of(rules: &SchemeRules, listed: &Scheme) -> Option<Self> {
        let class = rules.class?;
        let purchase = || {
            Some(AmountRule {
                minimum: rules.minimum_new?,
                multiple: rules.multiple?,
                maximum: rules.maximum,
            })
        };
        let redemption = || {
            Some(AmountRule {
                minimum: rules.minimum_redemption?,
                multiple: super::super::money::Paise(1),
                maximum: None,
            })
        };
        let load = rules.exit_load.as_ref();
        let slabs = load.map(|load| {
            let each = load.slabs.iter().map(|slab| LoadSlab {
                within_days: slab.days,
                percent: slab.percent,
            });
            each.collect::<Vec<_>>()
        });
        let words = match slabs.as_deref() {
            None => "not on record".to_owned(),
            Some([]) => "nil".to_owned(),
            Some(slabs) => {
                let each = slabs.iter().map(|slab| {
                    let plural = if slab.within_days == 1 { "" } else { "s" };
                    format!("{} % up to {} day{plural}", slab.percent, slab.within_days)
                });
                each.collect::<Vec<_>>().join(", ")
            }
        };
        Some(Self {
            name: listed.full_name(),
            amc: listed.amc.clone(),
            class,
            risk: rules
                .risk
                .map_or("not on record", |risk| risk.level.as_str())
                .to_owned(),
            purchase: (rules.purchase == Some(true)).then(purchase).flatten(),
            redemption: (rules.redemption == Some(true)).then(redemption).flatten(),
            switch: (
                rules.switch_out == Some(true),
                rules.switch_in == Some(true),
            ),
            plans: plans(rules),
            cutoff: (
                rules.cutoff(Side::Purchase)?,
                rules.cutoff(Side::Redemption)?,
            ),
            exit_load: slabs,
            exit_load_words: words,
            tax_class: TaxClass::of(rules.tax_class, &listed.category),
            lock_in_months: rules.lock_in_months.unwrap_or(0),
            unit_decimals: 3,
        })
    }
}

fn plans(rules: &SchemeRules) -> Vec<PlanRule> {
    let pause = rules.sip_pause.is_some_and(|most| most > 0);
    let kinds = [
        (PlanKind::Sip, &rules.sip, pause),
        (PlanKind::Swp, &rules.swp, false),
        (PlanKind::Stp, &rules.stp, false),
    ];
    let each = kinds.into_iter().flat_map(|(kind, offers, pause)| {
        offers
            .iter()
            .filter_map(move |(frequency, offer)| plan(kind, *frequency, offer, pause))
    });
    each.collect()
}

fn plan(kind: PlanKind, frequency: Frequency, offer: &Offer, may_pause: bool) -> Option<PlanRule> {
    let Offer::Yes(PlanTerms {
        minimum,
        multiple,
        days,
        instalments,
    }) = offer
    else {
        return None;
    };
    Some(PlanRule {
        kind,
        frequency,
        amount: AmountRule {
            minimum: (*minimum)?,
            multiple: (*multiple)?,
            maximum: None,
        },
        days: days.clone().unwrap_or_default(),
        instalments: instalments.unwrap_or(1),
        may_pause,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;
    use crate::investing::calendar::NavClass;
    use crate::investing::money::Paise;
    use crate::investing::rules::parse;
    use crate::investing::scheme::{OptionKind, Plan, SchemeCode};

    const HEAD: &str = "code,scheme,effective_from,source,class,purchase,redemption,switch_in,\
        switch_out,min_new,multiple,max_purchase,min_redemption,purchase_cutoff,\
        redemption_cutoff,platform_purchase_cutoff,sip_monthly,sip_weekly,sip_pause_max,stp,\
        stp_weekly,swp_quarterly,exit_load,lock_in\r\n";

    fn listed() -> Scheme {
        Scheme {
            code: SchemeCode(101_762),
            name: "Flexi Cap Fund".to_owned(),
            plan: Plan::Regular,
            option: OptionKind::Growth,
            option_text: String::new(),
            amc: "A Mutual Fund".to_owned(),
            category: "Equity: Flexi Cap".to_owned(),
            nav: None,
        }
    }

    fn terms(row: &str) -> Option<SchemeTerms> {
        let file = format!("{HEAD}101762,Flexi,2026-04-01,a master,{row}\r\n");
        let rules = parse(file.as_bytes()).unwrap();
        SchemeTerms::of(&rules[0], &listed())
    }

    #[test]
    fn terms_are_what_the_rules_say() {
        let row = "equity,yes,yes,no,yes,500,100,500000,700,15:00,15:00,14:30,\
            min=600 step=50 days=1-28 instalments=6,no,3,min=800 step=1 instalments=4,\
            min=900 step=1 days=1-5 instalments=12,min=1000 step=1,1% until 365d,3y";
        let terms = terms(row).unwrap();
        let purchase = AmountRule {
            minimum: Paise(500_00),
            multiple: Paise(100_00),
            maximum: Some(Paise(5_00_000_00)),
        };
        assert_eq!(terms.purchase, Some(purchase));
        assert_eq!(terms.redemption.map(|r| r.minimum), Some(Paise(700_00)));
        assert_eq!(terms.switch, (true, false), "out, and not in");
        assert_eq!(terms.class, NavClass::Equity);
        assert_eq!(terms.cutoff, (time(14, 30, 0, 0), time(15, 0, 0, 0)));
        assert_eq!(terms.exit_load_words, "1 % up to 365 days");
        assert_eq!(terms.tax_class, TaxClass::Equity);
        assert_eq!(terms.lock_in_months, 36);
        let plans: Vec<_> = terms
            .plans
            .iter()
            .map(|plan| (plan.kind, plan.frequency, plan.instalments, plan.may_pause))
            .collect();
        let monthly = Frequency::Monthly;
        let wanted = [
            (PlanKind::Sip, monthly, 6, true),
            (PlanKind::Swp, Frequency::Quarterly, 1, false),
            (PlanKind::Stp, Frequency::Weekly, 12, false),
            (PlanKind::Stp, monthly, 4, false),
        ];
        assert_eq!(plans, wanted);
        assert_eq!(terms.plans[0].amount.multiple, Paise(50_00));
        assert_eq!(terms.plans[0].days.len(), 28);
    }

    #[test]
    fn what_is_not_on_record_is_not_offered() {
        let no_class = ",yes,yes,,,500,1,,500,15:00,15:00,,,,,,,,,";
        assert!(terms(no_class).is_none());
        let bare = "equity,yes,yes,,,,,,,15:00,15:00,,,,,,,,,";
        let bare = terms(bare).unwrap();
        assert_eq!((bare.purchase, bare.redemption), (None, None));
        assert_eq!((bare.switch, bare.plans), ((false, false), vec![]));
        assert_eq!(bare.exit_load_words, "not on record");
        assert_eq!(bare.risk, "not on record");
        let closed = terms("equity,no,no,,,500,1,,500,15:00,15:00,,,,,,,,nil,").unwrap();
        assert_eq!((closed.purchase, closed.redemption), (None, None));
        assert_eq!(closed.exit_load_words, "nil");
    }
}
