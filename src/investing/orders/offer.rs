//! What a scheme offers by its rules, and what an order in it is to be expected to come
//! to. What no scheme master states is not offered: nothing that moves money is guessed.

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::LONGEST_PAUSE;
use super::ports::{AmountRule, PlanRule, SchemeTerms};
use super::{Frequency, OrderKind, PlanKind};
use crate::investing::calendar::{Applied, Calendar, Side};
use crate::investing::money::Paise;
use crate::investing::rules::{Offer, PlanTerms};

impl SchemeTerms {
    /// Returns what purchases are taken, if any: the first in a folio, or a further one.
    pub fn purchase(&self, additional: bool) -> Option<AmountRule> {
        if self.rules.purchase != Some(true) {
            return None;
        }
        let further = self.rules.minimum_additional.filter(|_| additional);
        Some(AmountRule {
            minimum: further.or(self.rules.minimum_new)?,
            multiple: self.rules.multiple?,
            maximum: self.rules.maximum,
        })
    }

    /// Returns what redemptions in money are taken, if any.
    pub fn redemption(&self) -> Option<AmountRule> {
        if self.rules.redemption != Some(true) {
            return None;
        }
        Some(AmountRule {
            minimum: self.rules.minimum_redemption?,
            multiple: Paise(1),
            maximum: None,
        })
    }

    /// Returns the plans that are taken, by kind and frequency.
    pub fn plans(&self) -> impl Iterator<Item = PlanRule> + '_ {
        let kinds = [
            (PlanKind::Sip, &self.rules.sip),
            (PlanKind::Swp, &self.rules.swp),
            (PlanKind::Stp, &self.rules.stp),
        ];
        kinds.into_iter().flat_map(move |(kind, offers)| {
            let each = offers.iter();
            each.filter_map(move |(frequency, offer)| self.offered(kind, *frequency, offer))
        })
    }

    /// Returns what plans of a kind and frequency are taken, if any.
    pub fn plan(&self, kind: PlanKind, frequency: Frequency) -> Option<PlanRule> {
        let is_it = |rule: &PlanRule| rule.kind == kind && rule.frequency == frequency;
        self.plans().find(is_it)
    }

    fn offered(&self, kind: PlanKind, frequency: Frequency, offer: &Offer) -> Option<PlanRule> {
        let Offer::Yes(PlanTerms {
            minimum,
            multiple,
            days,
            instalments,
        }) = offer
        else {
            return None;
        };
        let is_sip = kind == PlanKind::Sip;
        Some(PlanRule {
            kind,
            frequency,
            amount: AmountRule {
                minimum: (*minimum)?,
                multiple: (*multiple)?,
                maximum: self.most_each(frequency).filter(|_| is_sip),
            },
            days: days.clone().unwrap_or_default(),
            instalments: instalments.unwrap_or(1),
        })
    }

    /// Returns the most that one instalment of a SIP may be: more is above the scheme's
    /// limit by itself, or so often in the time it is for.
    fn most_each(&self, every: Frequency) -> Option<Paise> {
        let limit = self.rules.pan_limit;
        let limit = limit.map(|limit| Paise(limit.amount.0 / limit.per.times(every)));
        self.rules.most_of_sip().into_iter().chain(limit).min()
    }

    /// Returns the most instalments of a plan that may be left out at once: also of one
    /// that goes on while the scheme takes no new ones.
    pub fn longest_pause(&self, kind: PlanKind) -> u32 {
        match kind {
            PlanKind::Sip => self.rules.sip_pause.unwrap_or(0).min(LONGEST_PAUSE),
            PlanKind::Swp | PlanKind::Stp => 0,
        }
    }

    /// Returns the risk-o-meter's level.
    pub fn risk(&self) -> &'static str {
        let risk = self.rules.risk;
        risk.map_or("not on record", |risk| risk.level.as_str())
    }

    /// Returns the first day of the month the risk-o-meter's level is of: it is read every
    /// month anew.
    pub fn risk_month(&self) -> Option<Date> {
        self.rules.risk.map(|risk| risk.month)
    }

    /// Returns the exit load of units bought now, in words.
    pub fn load_words(&self) -> String {
        let Some(load) = &self.rules.exit_load else {
            return "not on record".to_owned();
        };
        if load.slabs.is_empty() {
            return "nil".to_owned();
        }
        let each = load.slabs.iter().map(|slab| {
            let plural = if slab.days == 1 { "" } else { "s" };
            format!("{} % up to {} day{plural}", slab.percent, slab.days)
        });
        let free = load.free_percent;
        let free = (!free.is_zero()).then(|| format!("{free} % of the units free"));
        each.chain(free).collect::<Vec<_>>().join(", ")
    }

    /// Returns what an order asked for `at` is expected to come to; a switch into `into`
    /// buys when the money of its way out is there. What is bought in a new fund offer gets
    /// the one issue price and no NAV. `None` where how a NAV applies is not on record.
    pub fn expected(
        &self,
        kind: OrderKind,
        into: Option<&Self>,
        calendar: &Calendar,
        at: Timestamp,
    ) -> Option<Expected> {
        let side = side_of(kind);
        let first = self.rules.expected(calendar, side, at, None)?;
        let second = match into.filter(|_| kind == OrderKind::Switch) {
            Some(into) => Some(into.rules.expected_in(calendar, first.settles)?),
            None => None,
        };
        let bought = match kind {
            OrderKind::Purchase => Some((self, first)),
            OrderKind::Switch => into.zip(second),
            OrderKind::Redemption => None,
        };
        let offer = bought.and_then(|(terms, paid)| terms.rules.offer_on(paid.received));
        let is_priced = offer.is_none();
        let settles = second.map_or(first.settles, |second| second.settles);
        Some(Expected {
            first,
            nav: (is_priced || second.is_some()).then_some(first.nav),
            target_nav: second.filter(|_| is_priced).map(|second| second.nav),
            by: offer.map_or(settles, |offer| {
                calendar.add_business_days(offer.closes, LATEST_OFFER_DAYS)
            }),
        })
    }

    /// Returns when the money of units that went at the NAV of a day is there, or the units
    /// it buys of `into`. `None` where how a NAV applies is not on record.
    pub fn expected_after(
        &self,
        into: Option<&Self>,
        calendar: &Calendar,
        nav: Date,
    ) -> Option<Date> {
        let paid = self.rules.paid_out(calendar, nav)?;
        match into {
            Some(into) => Some(into.rules.expected_in(calendar, paid)?.settles),
            None => Some(paid),
        }
    }
}

/// Returns the way an order goes by which its first NAV applies.
pub(super) fn side_of(kind: OrderKind) -> Side {
    match kind {
        OrderKind::Purchase => Side::Purchase,
        OrderKind::Redemption | OrderKind::Switch => Side::Redemption,
    }
}

/// Business days after a new fund offer closes by which its units are allotted.
const LATEST_OFFER_DAYS: u32 = 5;

/// What an order is expected to come to; never a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Itself, or its way out.
    pub first: Applied,
    /// The day whose NAV that gets; none at the issue price of a new fund offer.
    pub nav: Option<Date>,
    /// Of a switch, the day whose NAV its way in gets.
    pub target_nav: Option<Date>,
    /// When its units or its money are there.
    pub by: Date,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::rules::parse;

    const HEAD: &str = "code,scheme,effective_from,source,class,purchase,redemption,switch_in,\
        switch_out,min_new,multiple,max_purchase,min_redemption,purchase_cutoff,\
        redemption_cutoff,platform_purchase_cutoff,sip_monthly,sip_weekly,sip_pause_max,stp,\
        stp_weekly,swp_quarterly,exit_load,lock_in\r\n";

    fn terms(row: &str) -> SchemeTerms {
        let file = format!("{HEAD}101762,Flexi,2026-04-01,a master,{row}\r\n");
        let rules = parse(file.as_bytes()).unwrap().remove(0);
        SchemeTerms {
            name: "Flexi Cap Fund".to_owned(),
            amc: "A Mutual Fund".to_owned(),
            loads: Vec::new(),
            rules,
            tax_class: crate::investing::tax::TaxClass::Equity,
            unit_decimals: 3,
        }
    }

    #[test]
    fn terms_are_what_the_rules_say() {
        let row = "equity,yes,yes,no,yes,500,100,500000,700,15:00,15:00,14:30,\
            min=600 step=50 days=1-28 instalments=6,no,3,min=800 step=1 instalments=4,\
            min=900 step=1 days=1-5 instalments=12,min=1000 step=1,1% until 365d; free 10%,3y";
        let terms = terms(row);
        let purchase = AmountRule {
            minimum: Paise(500_00),
            multiple: Paise(100_00),
            maximum: Some(Paise(5_00_000_00)),
        };
        assert_eq!(terms.purchase(false), Some(purchase));
        assert_eq!(terms.redemption().map(|r| r.minimum), Some(Paise(700_00)));
        let words = "1 % up to 365 days, 10 % of the units free";
        assert_eq!(terms.load_words(), words);
        let plans: Vec<_> = terms
            .plans()
            .map(|plan| (plan.kind, plan.frequency, plan.instalments))
            .collect();
        let monthly = Frequency::Monthly;
        let wanted = [
            (PlanKind::Sip, monthly, 6),
            (PlanKind::Swp, Frequency::Quarterly, 1),
            (PlanKind::Stp, Frequency::Weekly, 12),
            (PlanKind::Stp, monthly, 4),
        ];
        assert_eq!(plans, wanted);
        let sip = terms.plan(PlanKind::Sip, monthly).unwrap();
        assert_eq!(sip.amount.multiple, Paise(50_00));
        assert_eq!(sip.amount.maximum, Some(Paise(5_00_000_00)));
        assert_eq!(sip.days.len(), 28);
        assert_eq!(terms.longest_pause(PlanKind::Sip), 3);
        assert_eq!(terms.longest_pause(PlanKind::Swp), 0);
    }

    #[test]
    fn what_a_liquid_fund_pays_counts_from_the_request_and_not_from_its_nav() {
        let calendar = Calendar::shipped();
        let mut liquid = terms("liquid,yes,yes,,,500,1,,500,,,,,,,,,,nil,");
        let at = "2026-09-04T11:00:00+05:30".parse().unwrap();
        let asked = liquid.expected(OrderKind::Redemption, None, &calendar, at);
        let asked = asked.unwrap();
        let (sunday, monday) = (jiff::civil::date(2026, 9, 6), jiff::civil::date(2026, 9, 7));
        assert_eq!((asked.first.nav, asked.by), (sunday, monday));
        let priced = |terms: &SchemeTerms| terms.expected_after(None, &calendar, sunday);
        assert_eq!(priced(&liquid), Some(monday));
        liquid.rules.payout_days = Some(2);
        assert_eq!(priced(&liquid), Some(jiff::civil::date(2026, 9, 8)));
    }

    #[test]
    fn a_new_fund_offer_has_no_nav_date_and_its_units_come_after_it_closes() {
        use jiff::civil::date;
        let calendar = Calendar::shipped();
        let mut new = terms("equity,yes,yes,yes,,500,1,,500,15:00,15:00,,,,,,,,nil,");
        new.rules.nfo = Some(crate::investing::rules::Nfo {
            opens: date(2026, 8, 17),
            closes: date(2026, 8, 28),
        });
        let expected = |kind, into, day: &str| {
            let at = format!("{day}T11:00:00+05:30").parse().unwrap();
            let found = new.expected(kind, into, &calendar, at).unwrap();
            (found.nav, found.target_nav, found.by)
        };
        let allotted = calendar.add_business_days(date(2026, 8, 28), 5);
        let bought = expected(OrderKind::Purchase, None, "2026-08-20");
        assert_eq!(bought, (None, None, allotted));
        let sold = expected(OrderKind::Redemption, None, "2026-08-20");
        assert_eq!(sold.0, Some(date(2026, 8, 20)));
        let later = expected(OrderKind::Purchase, None, "2026-08-31");
        assert_eq!(later.0, Some(date(2026, 8, 31)));
        let switched = expected(OrderKind::Switch, Some(&new), "2026-08-18");
        assert_eq!((switched.0.is_some(), switched.1), (true, None));
        assert_eq!(switched.2, allotted);
    }

    #[test]
    fn what_is_not_on_record_is_not_offered() {
        let bare = terms("equity,yes,yes,,,,,,,15:00,15:00,,,,,,,,,");
        assert_eq!((bare.purchase(false), bare.redemption()), (None, None));
        assert_eq!(bare.plans().count(), 0);
        assert_eq!(bare.load_words(), "not on record");
        assert_eq!(bare.risk(), "not on record");
        let closed = terms("equity,no,no,,,500,1,,500,15:00,15:00,,,,,,,,nil,");
        assert_eq!((closed.purchase(false), closed.redemption()), (None, None));
        assert_eq!(closed.load_words(), "nil");
    }
}
