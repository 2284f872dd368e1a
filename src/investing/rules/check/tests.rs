//! Each rule, with what it lets pass and what not.

use jiff::civil::{Date, date};

use super::*;
use crate::investing::rules::{Nfo, PanLimit, Per};
use crate::investing::scheme::SchemeCode;

const DAY: Date = date(2026, 8, 24);

fn rules() -> SchemeRules {
    let monthly = PlanTerms {
        minimum: Some(Paise(50_000)),
        multiple: Some(Paise(50_000)),
        days: Some(vec![1, 5, 10]),
        instalments: Some(6),
    };
    let weekly = PlanTerms {
        days: Some(vec![1, 2]),
        ..monthly.clone()
    };
    SchemeRules {
        purchase: Some(true),
        redemption: Some(true),
        switch_in: Some(true),
        switch_out: Some(true),
        minimum_new: Some(Paise(500_000)),
        minimum_additional: Some(Paise(100_000)),
        multiple: Some(Paise(100)),
        minimum_redemption: Some(Paise(50_000)),
        minimum_redemption_units: Some(Decimal::ONE),
        minimum_balance: Some(Paise(100_000)),
        sip: [
            (Frequency::Monthly, Offer::Yes(monthly.clone())),
            (Frequency::Weekly, Offer::Yes(weekly)),
            (Frequency::Daily, Offer::No),
        ]
        .into(),
        stp: [(Frequency::Monthly, Offer::Yes(monthly))].into(),
        ..SchemeRules::silent(SchemeCode(1), DAY, "a test")
    }
}

fn buy(rupees: i64) -> PurchaseAsk {
    PurchaseAsk {
        amount: Paise(rupees * 100),
        additional: false,
        already: Paise(0),
        on: DAY,
    }
}

fn refused(checked: Checked) -> Vec<Refusal> {
    checked.unwrap_err()
}

#[test]
fn a_purchase_is_measured_by_every_rule_on_record() {
    let mut rules = rules();
    assert_eq!(rules.check_purchase(&buy(5_000)), Ok(()));
    let minimum = Paise(500_000);
    assert_eq!(
        refused(rules.check_purchase(&buy(4_999))),
        [Refusal::BelowMinimum { minimum }]
    );
    let additional = PurchaseAsk {
        additional: true,
        ..buy(1_000)
    };
    assert_eq!(rules.check_purchase(&additional), Ok(()));
    let odd = PurchaseAsk {
        amount: Paise(500_050),
        ..buy(0)
    };
    assert_eq!(
        refused(rules.check_purchase(&odd)),
        [Refusal::NotAMultiple {
            from: minimum,
            step: Paise(100)
        }]
    );
    assert_eq!(
        refused(rules.check_purchase(&buy(0))),
        [Refusal::NotAnAmount]
    );
    rules.maximum = Some(Paise(10_000_000));
    let limit = PanLimit {
        amount: Paise(20_000_000),
        per: Per::Month,
    };
    rules.pan_limit = Some(limit);
    let more = PurchaseAsk {
        already: Paise(15_000_000),
        ..buy(100_001)
    };
    assert_eq!(
        refused(rules.check_purchase(&more)),
        [
            Refusal::AboveMaximum {
                maximum: Paise(10_000_000)
            },
            Refusal::AbovePanLimit {
                limit,
                left: Paise(5_000_000)
            },
        ]
    );
    let opens = date(2026, 9, 1);
    rules.nfo = Some(Nfo {
        opens,
        closes: date(2026, 9, 15),
    });
    assert_eq!(
        refused(rules.check_purchase(&buy(5_000))),
        [Refusal::NfoNotOpen { opens }]
    );
    rules.nfo = None;
    rules.purchase = Some(false);
    let not_sold = [Refusal::NotAllowed(Fact::Purchase)];
    assert_eq!(refused(rules.check_purchase(&buy(5_000))), not_sold);
}

#[test]
fn what_is_not_on_record_lets_no_money_move() {
    let silent = SchemeRules::silent(SchemeCode(1), DAY, "a test");
    assert_eq!(
        refused(silent.check_purchase(&buy(5_000))),
        [
            Refusal::NotOnRecord(Fact::Purchase),
            Refusal::NotOnRecord(Fact::MinimumNew)
        ]
    );
    let monthly = Frequency::Monthly;
    let ask = PlanAsk {
        amount: Paise(50_000),
        frequency: monthly,
        start: DAY,
        instalments: None,
        already: Paise(0),
    };
    assert_eq!(
        refused(silent.check_sip(&ask)),
        [Refusal::NotOnRecord(Fact::Sip(monthly))]
    );
    assert_eq!(
        refused(silent.check_swp(&ask)),
        [Refusal::NotOnRecord(Fact::Swp)]
    );
}

#[test]
fn a_sip_keeps_to_its_frequency_days_and_length() {
    let rules = rules();
    let ask = PlanAsk {
        amount: Paise(100_000),
        frequency: Frequency::Monthly,
        start: date(2026, 9, 5),
        instalments: None,
        already: Paise(0),
    };
    assert_eq!(rules.check_sip(&ask), Ok(()));
    let wrong = PlanAsk {
        amount: Paise(75_000),
        start: date(2026, 9, 6),
        instalments: Some(5),
        ..ask
    };
    assert_eq!(
        refused(rules.check_sip(&wrong)),
        [
            Refusal::NotAMultiple {
                from: Paise(50_000),
                step: Paise(50_000)
            },
            Refusal::DayNotOffered {
                days: vec![1, 5, 10]
            },
            Refusal::TooFewInstalments { minimum: 6 },
        ]
    );
    // 7 September 2026 is a Monday.
    let weekly = PlanAsk {
        frequency: Frequency::Weekly,
        start: date(2026, 9, 7),
        ..ask
    };
    assert_eq!(rules.check_sip(&weekly), Ok(()));
    let friday = PlanAsk {
        start: date(2026, 9, 11),
        ..weekly
    };
    assert_eq!(
        refused(rules.check_sip(&friday)),
        [Refusal::DayNotOffered { days: vec![1, 2] }]
    );
    let daily = PlanAsk {
        frequency: Frequency::Daily,
        ..ask
    };
    assert_eq!(
        refused(rules.check_sip(&daily)),
        [Refusal::NotAllowed(Fact::Sip(Frequency::Daily))]
    );
}

#[test]
fn a_redemption_leaves_nothing_too_small_behind() {
    let rules = rules();
    let d = Decimal::from;
    let ask = |quantity| RedemptionAsk {
        quantity,
        held: d(100),
        free: d(80),
        nav: Some(d(50)),
    };
    let free = d(80);
    assert_eq!(rules.check_redemption(&ask(Quantity::Units(d(80)))), Ok(()));
    assert_eq!(
        refused(rules.check_redemption(&ask(Quantity::Units(d(81))))),
        [Refusal::NotEnoughUnits { free }]
    );
    assert_eq!(
        refused(rules.check_redemption(&ask(Quantity::All))),
        [Refusal::LockedIn { free }]
    );
    assert_eq!(
        rules.check_redemption(&ask(Quantity::Amount(Paise(50_000)))),
        Ok(())
    );
    assert_eq!(
        refused(rules.check_redemption(&ask(Quantity::Amount(Paise(49_999))))),
        [Refusal::BelowMinimum {
            minimum: Paise(50_000)
        }]
    );
    assert_eq!(
        refused(rules.check_redemption(&ask(Quantity::Units(Decimal::new(5, 1))))),
        [Refusal::BelowMinimumUnits {
            minimum: Decimal::ONE
        }]
    );
    let unlocked = RedemptionAsk {
        free: d(100),
        ..ask(Quantity::Units(d(90)))
    };
    assert_eq!(
        refused(rules.check_redemption(&unlocked)),
        [Refusal::RemainderTooSmall {
            minimum: Paise(100_000)
        }]
    );
    let all = RedemptionAsk {
        quantity: Quantity::All,
        ..unlocked
    };
    assert_eq!(rules.check_redemption(&all), Ok(()));
}

#[test]
fn a_switch_needs_both_ends_and_one_fund_house() {
    let source = rules();
    let target = SchemeRules {
        code: SchemeCode(2),
        ..rules()
    };
    let out = RedemptionAsk {
        quantity: Quantity::All,
        held: Decimal::TEN,
        free: Decimal::TEN,
        nav: None,
    };
    let uneven = PurchaseAsk {
        amount: Paise(500_001),
        ..buy(0)
    };
    assert_eq!(
        check_switch(&source, &target, true, &out, Some(&uneven)),
        Ok(())
    );
    assert_eq!(
        refused(check_switch(&source, &target, false, &out, Some(&buy(100)))),
        [
            Refusal::OtherFundHouse,
            Refusal::BelowMinimum {
                minimum: Paise(500_000)
            }
        ]
    );
    assert_eq!(
        refused(check_switch(&source, &source, true, &out, None)),
        [Refusal::SameScheme]
    );
    let shut = SchemeRules {
        switch_in: Some(false),
        ..target.clone()
    };
    assert_eq!(
        refused(check_switch(&source, &shut, true, &out, None)),
        [Refusal::NotAllowed(Fact::SwitchIn)]
    );
    let ask = PlanAsk {
        amount: Paise(50_000),
        frequency: Frequency::Monthly,
        start: date(2026, 9, 5),
        instalments: Some(6),
        already: Paise(0),
    };
    assert_eq!(check_stp(&source, &target, true, &ask), Ok(()));
    let none = SchemeRules {
        stp: [(Frequency::Monthly, Offer::No)].into(),
        ..source.clone()
    };
    assert_eq!(
        refused(check_stp(&none, &target, true, &ask)),
        [Refusal::NotAllowed(Fact::Stp)]
    );
    let weekly = PlanAsk {
        frequency: Frequency::Weekly,
        ..ask
    };
    assert_eq!(
        refused(check_stp(&source, &target, true, &weekly)),
        [Refusal::NotOnRecord(Fact::Stp)]
    );
}
