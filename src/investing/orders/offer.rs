//! A scheme's rules as dealing takes them. What no scheme master states is not offered:
//! nothing that moves money is guessed.

use super::charges::LoadSlab;
use super::ports::{AmountRule, PlanRule, SchemeTerms};
use super::{Frequency, PlanKind};
use crate::investing::calendar::Side;
use crate::investing::rules::{Offer, PlanTerms, SchemeRules};
use crate::investing::scheme::Scheme;

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
        let slabs = load.map(|load| load.slabs.iter()).into_iter().flatten();
        let slabs: Vec<_> = slabs
            .map(|slab| LoadSlab {
                within_days: slab.days,
                percent: slab.percent,
            })
            .collect();
        let words = match (load, slabs.as_slice()) {
            (None, _) => "not on record".to_owned(),
            (_, []) => "nil".to_owned(),
            (_, slabs) => {
                let each = slabs
                    .iter()
                    .map(|slab| format!("{} % up to {} days", slab.percent, slab.within_days));
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
            bears_stt: listed.category.starts_with("Equity: "),
            lock_in_months: rules.lock_in_months.unwrap_or(0),
            unit_decimals: 3,
        })
    }
}

fn plans(rules: &SchemeRules) -> Vec<PlanRule> {
    let pause = rules.sip_pause.is_some_and(|most| most > 0);
    let mut plans: Vec<_> = rules
        .sip
        .iter()
        .filter_map(|(frequency, offer)| plan(PlanKind::Sip, *frequency, offer, pause))
        .collect();
    for (kind, offer) in [(PlanKind::Swp, &rules.swp), (PlanKind::Stp, &rules.stp)] {
        // The master says of these whether, not how often; monthly is what all have.
        let offer = offer.as_ref();
        plans.extend(offer.and_then(|offer| plan(kind, Frequency::Monthly, offer, false)));
    }
    plans
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
