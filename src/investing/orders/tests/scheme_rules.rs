//! The terms shown are those of the scheme's own rules, and what they do not take is refused
//! with the limit.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::rig::{FUND, OTHER, Rig, no_limits, rules_of};
use crate::investing::calendar::NavClass;
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::Paise;
use crate::investing::orders::draft::{Draft, Estimate, Refusal, Terms};
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::ports::{Bought, Way};
use crate::investing::orders::service::{Declined, Outcome};
use crate::investing::orders::{Frequency, PlanKind, Quantity};
use crate::investing::rules::{ExitLoad, Nfo, Offer, PanLimit, Per, PlanTerms, SchemeRules, Slab};
use crate::investing::scheme::SchemeCode;

fn refused(outcome: Outcome<Draft>) -> Refusal {
    match outcome.unwrap_err() {
        Declined::Refused(refusal) => refusal,
        Declined::Failed(error) => panic!("{error}"),
    }
}

impl Rig {
    fn rule(&self, scheme: SchemeCode, change: impl FnOnce(&mut SchemeRules)) {
        let mut rules = rules_of(scheme);
        change(&mut rules);
        self.world.rules.lock().unwrap().insert(scheme, rules);
    }

    async fn buys(&self, rupees: i64, folio: Option<&str>) -> Outcome<Draft> {
        let (who, folio) = (self.people[0], folio.map(str::to_owned));
        let amount = Paise(rupees * 100);
        self.dealing
            .propose_purchase(who, FUND, amount, folio, None, "r1")
            .await
    }

    async fn redeems(&self, quantity: Quantity) -> Outcome<Draft> {
        let who = self.people[0];
        self.dealing
            .propose_redemption(who, FUND, quantity, None, "r1")
            .await
    }

    async fn switches(&self, quantity: Quantity) -> Outcome<Draft> {
        let who = self.people[0];
        self.dealing
            .propose_switch(who, (FUND, OTHER), quantity, None, "r1")
            .await
    }
}

fn days(terms: &Terms) -> [Option<Date>; 3] {
    [
        terms.expected_nav_date,
        terms.target_nav_date,
        terms.expected_by,
    ]
}

#[tokio::test]
async fn the_days_shown_are_those_of_the_scheme_itself() {
    let rig = Rig::new(1, no_limits()).await;
    assert_eq!(rig.today(), date(2026, 8, 24));
    rig.rule(FUND, |rules| {
        rules.closed_days = vec![date(2026, 8, 24)];
        rules.units_days = Some(2);
        rules.payout_days = Some(5);
    });
    let bought = rig.buys(5_000, None).await.unwrap().terms;
    // The banks are closed on the 26th.
    let (nav, units) = (date(2026, 8, 25), date(2026, 8, 28));
    assert_eq!(days(&bought), [Some(nav), None, Some(units)]);
    let sold = rig.redeems(Quantity::All).await.unwrap().terms;
    assert_eq!(days(&sold), [Some(nav), None, Some(date(2026, 9, 2))]);
}

#[tokio::test]
async fn a_switch_shows_the_nav_date_of_its_way_in_and_the_day_of_its_units() {
    let rig = Rig::new(1, no_limits()).await;
    let (out, paid) = (date(2026, 8, 24), date(2026, 8, 27));
    let shown = rig.switches(Quantity::All).await.unwrap().terms;
    assert_eq!(
        days(&shown),
        [Some(out), Some(paid), Some(date(2026, 8, 28))]
    );
    rig.rule(OTHER, |rules| rules.closed_days = vec![paid]);
    let shown = rig.switches(Quantity::All).await.unwrap().terms;
    let (into, units) = (date(2026, 8, 28), date(2026, 8, 31));
    assert_eq!(days(&shown), [Some(out), Some(into), Some(units)]);
}

#[tokio::test]
async fn a_purchase_keeps_to_the_limits_of_its_scheme() {
    let rig = Rig::new(1, no_limits()).await;
    let limit = PanLimit {
        amount: Paise(10_000_00),
        per: Per::Day,
    };
    rig.rule(FUND, |rules| {
        rules.pan_limit = Some(limit);
        rules.minimum_new = Some(Paise(5_000_00));
        rules.minimum_additional = Some(Paise(1_000_00));
    });
    assert!(matches!(
        refused(rig.buys(1_000, None).await),
        Refusal::Amount(_)
    ));
    assert!(rig.buys(1_000, Some("7001/11")).await.is_ok());
    let first = rig.buys(6_000, None).await.unwrap();
    rig.confirmed(&first).await;
    let left = Paise(4_000_00);
    let over = refused(rig.buys(5_000, None).await);
    assert_eq!(over, Refusal::PanLimit { limit, left });
    rig.go_to(date(2026, 8, 25), 10);
    assert!(rig.buys(6_000, None).await.is_ok());
    let opens = date(2026, 9, 1);
    rig.rule(FUND, |rules| {
        let closes = date(2026, 9, 15);
        rules.nfo = Some(Nfo { opens, closes });
    });
    assert_eq!(
        refused(rig.buys(5_000, None).await),
        Refusal::NotOpen(opens)
    );
}

#[tokio::test]
async fn what_leaves_a_scheme_and_what_comes_into_the_other_keep_to_the_rules_of_both() {
    let rig = Rig::new(1, no_limits()).await;
    rig.rule(FUND, |rules| {
        rules.minimum_balance = Some(Paise(1_000_00));
        rules.minimum_redemption_units = Some(5.into());
    });
    let units = |count: u32| Quantity::Units(count.into());
    let left = refused(rig.redeems(units(90)).await);
    assert_eq!(left, Refusal::LeavesTooLittle(Paise(1_000_00)));
    assert_eq!(
        refused(rig.redeems(units(4)).await),
        Refusal::TooFewAtOnce(5.into())
    );
    assert!(rig.redeems(Quantity::All).await.is_ok());
    rig.rule(OTHER, |rules| rules.minimum_new = Some(Paise(5_000_00)));
    // Its folio holds the other scheme already.
    assert!(matches!(
        refused(rig.switches(units(10)).await),
        Refusal::Amount(shown) if shown.minimum == Paise(5_000_00)
    ));
    rig.rule(OTHER, |rules| rules.switch_in = Some(false));
    assert_eq!(refused(rig.switches(units(10)).await), Refusal::NotTaken);
}

#[tokio::test]
async fn a_second_redemption_bears_the_load_of_the_units_it_takes() {
    let rig = Rig::new(1, no_limits()).await;
    let (old, young) = (date(2024, 6, 10), date(2026, 6, 10));
    *rig.world.lots.lock().unwrap() = vec![(old, 100), (young, 100)];
    let load = |terms: &Terms| terms.charges.exit_load;
    let first = rig.redeems(Quantity::Units(60.into())).await.unwrap();
    assert_eq!(load(&first.terms), Some(Paise(0)));
    rig.confirmed(&first).await;
    let second = rig.redeems(Quantity::Units(60.into())).await.unwrap();
    // The first order takes 60 of the old ones, so 20 of these are young: 1 % of ₹500.
    assert_eq!(load(&second.terms), Some(Paise(5_00)));
    let stt = second.terms.charges.stt.unwrap();
    let brings = Paise(1_500_00) - Paise(5_00) - stt;
    assert_eq!(second.terms.estimate, Some(Estimate::Money(brings)));
    let held = rig.dealing.held(rig.people[0], FUND).await.unwrap();
    let lots = held[0].lots.iter().flatten();
    let lots: Vec<_> = lots.map(|lot| (lot.date, lot.units)).collect();
    assert_eq!(lots, [(old, 40.into()), (young, 100.into())]);
}

#[tokio::test]
async fn a_liquid_fund_counts_its_load_to_the_day_of_the_request() {
    let rig = Rig::new(1, no_limits()).await;
    let slab = |(days, percent): (u32, i64)| Slab {
        days,
        percent: Decimal::new(percent, 4),
    };
    rig.rule(FUND, |rules| {
        rules.class = Some(NavClass::Liquid);
        rules.exit_load = Some(ExitLoad {
            slabs: [(4, 55), (5, 50), (6, 45)].map(slab).into(),
            free_percent: Decimal::ZERO,
        });
    });
    // A Friday; bought on Tuesday, at the NAV of the day before.
    rig.go_to(date(2026, 9, 4), 11);
    *rig.world.lots.lock().unwrap() = vec![(date(2026, 8, 31), 40_000)];
    let terms = rig.redeems(Quantity::All).await.unwrap().terms;
    assert_eq!(terms.expected_nav_date, Some(date(2026, 9, 6)), "a Sunday");
    // 0.0055 % of ten lakh: the fourth day, not the sixth.
    assert_eq!(terms.charges.exit_load, Some(Paise(55_00)));
}

#[tokio::test]
async fn the_gate_is_asked_about_the_scheme_that_units_are_bought_of() {
    let rig = Rig::new(1, no_limits()).await;
    let asked = || *rig.world.bought.lock().unwrap();
    let bought = |scheme, amount, way| {
        let opens_folio = way != Way::Switch;
        Some(Bought {
            scheme,
            amount,
            opens_folio,
            way,
        })
    };
    rig.buys(5_000, None).await.unwrap();
    assert_eq!(asked(), bought(FUND, Paise(5_000_00), Way::Purchase));
    rig.redeems(Quantity::All).await.unwrap();
    assert_eq!(asked(), None);
    rig.switches(Quantity::All).await.unwrap();
    assert_eq!(asked(), bought(OTHER, Paise(1), Way::Switch));
    let plan = async |kind, mandate| {
        let terms = rig.terms(kind, Frequency::Monthly, "2026-09-07");
        let who = rig.people[0];
        let plan = rig.dealing.propose_plan(who, terms, mandate, None, "r1");
        plan.await.unwrap();
        asked()
    };
    let transfer = bought(OTHER, Paise(1), Way::Switch);
    assert_eq!(plan(PlanKind::Stp, None).await, transfer);
    assert_eq!(plan(PlanKind::Swp, None).await, None);
    let mandate = rig.mandate(rig.people[0]).await;
    let way = Way::Sip(Frequency::Monthly);
    let sip = bought(FUND, Paise(5_000_00), way);
    assert_eq!(plan(PlanKind::Sip, Some(mandate)).await, sip);
}

#[tokio::test]
async fn a_sip_stays_below_the_most_its_scheme_takes_as_it_grows() {
    let rig = Rig::new(1, no_limits()).await;
    let mandate = rig.mandate(rig.people[0]).await;
    rig.rule(FUND, |rules| rules.maximum = Some(Paise(10_000_00)));
    let plan = async |amount, cap: Option<i64>| {
        let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
        terms.amount = Paise(amount);
        terms.step_up = cap.map(|cap| StepUp {
            by: StepUpBy::Amount(Paise(500_00)),
            every_months: 12,
            cap: Some(Paise(cap)),
        });
        let who = rig.people[0];
        rig.dealing
            .propose_plan(who, terms, Some(mandate), None, "r1")
            .await
    };
    assert!(plan(10_000_00, None).await.is_ok());
    assert!(plan(5_000_00, Some(10_000_00)).await.is_ok());
    for (amount, cap) in [(11_000_00, None), (5_000_00, Some(11_000_00))] {
        let Refusal::Amount(shown) = refused(plan(amount, cap).await) else {
            panic!("{amount}");
        };
        assert_eq!(shown.maximum, Some(Paise(10_000_00)));
    }
    rig.rule(FUND, |rules| {
        rules.maximum = Some(Paise(10_000_00));
        rules.maximum_sip = Some(Paise(6_000_00));
    });
    assert!(plan(6_000_00, None).await.is_ok());
    let Refusal::Amount(shown) = refused(plan(7_000_00, None).await) else {
        panic!("above the most of a SIP");
    };
    assert_eq!(shown.maximum, Some(Paise(6_000_00)));
    assert!(rig.buys(7_000, None).await.is_ok(), "at once it is taken");
}

#[tokio::test]
async fn a_sip_that_grows_comes_to_no_instalment_between_two_steps() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    rig.rule(FUND, |rules| {
        let offer = Offer::Yes(PlanTerms {
            minimum: Some(Paise(500_00)),
            multiple: Some(Paise(500_00)),
            ..PlanTerms::default()
        });
        rules.sip = [(Frequency::Monthly, offer)].into();
    });
    let plan = |by| {
        let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
        terms.amount = Paise(1_500_00);
        terms.step_up = Some(StepUp {
            by,
            every_months: 12,
            cap: Some(Paise(4_500_00)),
        });
        rig.dealing
            .propose_plan(who, terms, Some(mandate), None, "r1")
    };
    // 1,650 in a year's time.
    let percent = refused(plan(StepUpBy::Percent(10.into())).await);
    assert!(matches!(percent, Refusal::Amount(_)), "{percent}");
    assert!(plan(StepUpBy::Amount(Paise(500_00))).await.is_ok());
}

#[tokio::test]
async fn what_is_switched_in_counts_towards_the_limit_of_the_pan() {
    let rig = Rig::new(1, no_limits()).await;
    let limit = PanLimit {
        amount: Paise(2_000_00),
        per: Per::Month,
    };
    rig.rule(OTHER, |rules| rules.pan_limit = Some(limit));
    // 60 units of ₹25.
    let first = rig.switches(Quantity::Units(60.into())).await.unwrap();
    rig.confirmed(&first).await;
    let left = Paise(500_00);
    let over = refused(rig.switches(Quantity::Units(30.into())).await);
    assert_eq!(over, Refusal::PanLimit { limit, left });
    let who = rig.people[0];
    let buy = |amount| {
        rig.dealing
            .propose_purchase(who, OTHER, Paise(amount), None, None, "r1")
    };
    let over = refused(buy(1_000_00).await);
    assert_eq!(over, Refusal::PanLimit { limit, left });
    assert!(buy(500_00).await.is_ok());
}

#[tokio::test]
async fn every_plan_into_a_scheme_counts_towards_the_limit_of_the_pan() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let limit = PanLimit {
        amount: Paise(20_000_00),
        per: Per::Month,
    };
    rig.rule(FUND, |rules| rules.pan_limit = Some(limit));
    let terms = |every, amount| {
        let mut terms = rig.terms(PlanKind::Sip, every, "2026-09-07");
        terms.amount = Paise(amount);
        terms
    };
    let propose = |terms| {
        rig.dealing
            .propose_plan(who, terms, Some(mandate), None, "r1")
    };
    // Five of them fall into some months.
    let weekly = refused(propose(terms(Frequency::Weekly, 4_100_00)).await);
    let left = limit.amount;
    assert_eq!(weekly, Refusal::PanLimit { limit, left });
    let monthly = Frequency::Monthly;
    rig.plan(who, terms(monthly, 12_000_00), Some(mandate))
        .await;
    let left = Paise(8_000_00);
    let second = refused(propose(terms(monthly, 9_000_00)).await);
    assert_eq!(second, Refusal::PanLimit { limit, left });
    assert!(propose(terms(monthly, 8_000_00)).await.is_ok());
    // In the month that has begun, what was bought by hand counts as well.
    let bought = rig.buys(5_000, None).await.unwrap();
    rig.confirmed(&bought).await;
    assert!(propose(terms(monthly, 8_000_00)).await.is_ok());
    let mut soon = terms(monthly, 8_000_00);
    soon.start = date(2026, 8, 28);
    let left = Paise(3_000_00);
    let over = refused(propose(soon).await);
    assert_eq!(over, Refusal::PanLimit { limit, left });
}

#[tokio::test]
async fn a_plan_that_takes_units_out_shows_the_nav_dates_of_a_way_out() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    rig.rule(FUND, |rules| rules.class = Some(NavClass::Liquid));
    let shown = async |kind, mandate| {
        let terms = rig.terms(kind, Frequency::Monthly, "2026-09-07");
        let plan = rig.dealing.propose_plan(who, terms, mandate, None, "r1");
        let terms = plan.await.unwrap().terms;
        (terms.expected_nav_date, terms.target_nav_date)
    };
    let (sunday, monday) = (Some(date(2026, 9, 6)), Some(date(2026, 9, 7)));
    assert_eq!(shown(PlanKind::Sip, Some(mandate)).await, (sunday, None));
    assert_eq!(shown(PlanKind::Swp, None).await, (monday, None));
    // The money of the way out is there on Tuesday.
    let tuesday = Some(date(2026, 9, 8));
    assert_eq!(shown(PlanKind::Stp, None).await, (monday, tuesday));
}

#[tokio::test]
async fn a_switch_whose_load_cannot_be_told_shows_the_other_charges() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    rig.world.lots_unknown.lock().unwrap().insert(who);
    let terms = rig.switches(Quantity::All).await.unwrap().terms;
    let (charges, most) = (&terms.charges, Paise(2_499_97));
    assert_eq!((charges.exit_load, charges.stt), (None, Some(Paise(3))));
    assert_eq!(charges.stamp_duty, Some(Paise(12)), "0.005 % at most");
    assert_eq!(terms.estimate, Some(Estimate::BeforeLoad(most)));
    // Even without a load it would be too little, and perhaps not too much with one.
    rig.rule(OTHER, |rules| rules.maximum = Some(Paise(2_499_00)));
    assert!(rig.switches(Quantity::All).await.is_ok());
    rig.rule(OTHER, |rules| rules.minimum_new = Some(Paise(2_500_00)));
    let too_little = refused(rig.switches(Quantity::All).await);
    assert!(matches!(too_little, Refusal::Amount(_)), "{too_little}");
}
