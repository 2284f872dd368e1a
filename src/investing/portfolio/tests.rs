use super::*;
use crate::investing::scheme::Catalog;
use crate::investing::transaction::Kind;
use crate::investing::transaction::Transaction;

fn row(day: &str, kind: Kind, paise: i64, units: i64) -> Transaction {
    Transaction {
        date: day.parse().unwrap(),
        kind,
        amount: Some(Paise(paise)),
        units: Some(Decimal::from(units)),
        nav: None,
        balance: None,
    }
}

fn scheme(transactions: Vec<Transaction>, nav: i64) -> HeldScheme {
    HeldScheme {
        isin: None,
        amfi: None,
        name: "A fund".to_owned(),
        elsewhere: false,
        close: transactions.iter().filter_map(|t| t.units).sum(),
        statement_to: Some(jiff::civil::date(2026, 1, 1)),
        detailed: true,
        unconfirmed: Vec::new(),
        past_navs: std::collections::BTreeMap::new(),
        nav: Some(Nav {
            value: Decimal::from(nav),
            date: jiff::civil::date(2026, 1, 1),
        }),
        transactions,
    }
}

fn valued(schemes: Vec<HeldScheme>) -> Portfolio {
    let folio = HeldFolio {
        number: "1".to_owned(),
        amc: "An AMC".to_owned(),
        schemes,
    };
    value(&[folio], &Catalog::default(), jiff::civil::date(2026, 1, 1))
}

#[test]
fn a_switch_counts_for_the_schemes_and_cancels_in_the_whole() {
    let from = vec![
        row("2024-01-01", Kind::Purchase, 1_000_000, 100),
        row("2025-01-01", Kind::SwitchOut, -1_200_000, -100),
    ];
    let to = vec![row("2025-01-01", Kind::SwitchIn, 1_200_000, 10)];
    let portfolio = valued(vec![scheme(from, 1), scheme(to, 1_440)]);
    let [held] = portfolio.holdings.as_slice() else {
        panic!("{portfolio:?}");
    };
    // 12,000 to 14,400 in the 365 days of 2025; 10,000 to 14,400 in 731 days.
    assert!(matches!(held.xirr, Return::Yearly(r) if (r - 0.2).abs() < 1e-9));
    let whole = 1.44_f64.powf(365.0 / 731.0) - 1.0;
    assert!(matches!(portfolio.xirr, Return::Yearly(r) if (r - whole).abs() < 1e-9));
    assert_eq!(portfolio.absolute, Some(Decimal::new(2, 1)));
}

#[test]
fn under_a_year_there_is_no_yearly_return() {
    let day_364 = vec![row("2025-01-02", Kind::Purchase, 10_000, 1)];
    assert_eq!(
        valued(vec![scheme(day_364, 110)]).xirr,
        Return::UnderOneYear
    );
    let day_365 = vec![row("2025-01-01", Kind::Purchase, 10_000, 1)];
    let rate = valued(vec![scheme(day_365, 110)]).xirr;
    assert!(matches!(rate, Return::Yearly(r) if (r - 0.1).abs() < 1e-9));
}

#[test]
fn a_holding_nobody_prices_leaves_the_totals_honest() {
    let mut unpriced = scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 1)], 1);
    unpriced.nav = None;
    let portfolio = valued(vec![unpriced]);
    assert_eq!(
        (portfolio.cost, portfolio.gain),
        (Some(Paise(10_000)), None)
    );
    assert_eq!(portfolio.nav_dates, None);
    assert_eq!(portfolio.holdings[0].value, None);
}
#[test]
fn what_went_is_realised_and_what_is_left_is_not() {
    let rows = vec![
        row("2024-01-01", Kind::Purchase, 1_000_000, 100),
        row("2025-01-01", Kind::Redemption, -720_000, -60),
    ];
    let gone = vec![
        row("2024-01-01", Kind::Purchase, 100_000, 10),
        row("2025-01-01", Kind::Redemption, -90_000, -10),
    ];
    let portfolio = valued(vec![scheme(rows, 130), scheme(gone, 1)]);
    let [held] = portfolio.holdings.as_slice() else {
        panic!("{portfolio:?}");
    };
    assert_eq!(held.realised, Some(Paise(120_000)));
    assert_eq!(
        (held.cost, held.gain),
        (Some(Paise(400_000)), Some(Paise(120_000)))
    );
    assert_eq!(held.cagr.map(|yearly| (yearly * 100.0).round()), Some(14.0));
    assert_eq!(portfolio.closed[0].realised, Some(Paise(-10_000)));
    assert_eq!(portfolio.realised, Some(Paise(110_000)));
    assert!(matches!(portfolio.closed[0].xirr, Return::Yearly(r) if (r + 0.1).abs() < 1e-3));
}

#[test]
fn schemes_folios_and_shares_come_to_the_whole() {
    let buy = |units| vec![row("2024-01-01", Kind::Purchase, units * 10_000, units)];
    let folio = |number: &str, amc: &str, units: &[i64]| HeldFolio {
        number: number.to_owned(),
        amc: amc.to_owned(),
        schemes: units
            .iter()
            .map(|units| HeldScheme {
                name: format!("fund {units}"),
                ..scheme(buy(*units), 110)
            })
            .collect(),
    };
    let folios = [
        folio("1", "One", &[10, 20]),
        folio("2", "One", &[10]),
        folio("1", "Two", &[40]),
    ];
    let today = jiff::civil::date(2026, 1, 1);
    let found = value(&folios, &Catalog::default(), today);
    let names: Vec<_> = found
        .schemes
        .iter()
        .map(|g| (&*g.name, g.value.0))
        .collect();
    assert_eq!(
        names,
        [
            ("fund 40", 440_000),
            ("fund 10", 220_000),
            ("fund 20", 220_000)
        ]
    );
    let numbers: Vec<_> = found.folios.iter().map(|g| (&*g.amc, &*g.name)).collect();
    assert_eq!(numbers, [("Two", "1"), ("One", "1"), ("One", "2")]);
    for groups in [&found.schemes, &found.folios] {
        assert_eq!(groups.iter().map(|g| g.value).sum::<Paise>(), found.value);
        let cost: Option<Paise> = groups.iter().map(|g| g.cost).sum();
        assert_eq!(cost, found.cost);
        assert!(groups.iter().all(|g| matches!(g.xirr, Return::Yearly(_))));
    }
    let shares: Decimal = found.by_amc.iter().map(|share| share.fraction).sum();
    assert_eq!((found.by_amc.len(), shares), (2, Decimal::ONE));
    assert_eq!(found.by_category[0].of, None, "not on record");
}

#[test]
fn why_a_history_is_not_complete_is_said() {
    let mut begins_later = scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 1)], 1);
    begins_later.close = Decimal::from(5);
    let mut disagrees = scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 5)], 1);
    disagrees.close = Decimal::ONE;
    let found = valued(vec![begins_later, disagrees]);
    let gaps: Vec<_> = found.holdings.iter().map(|h| h.gap.unwrap()).collect();
    assert_eq!(gaps, [Gap::BeginsLater, Gap::Disagrees]);
    assert!(
        found
            .holdings
            .iter()
            .all(|h| h.lots.is_empty() && h.cost.is_none())
    );
    assert_eq!(
        (found.realised, found.xirr),
        (None, Return::IncompleteHistory)
    );
}

#[test]
fn records_go_as_far_as_the_oldest_statement_of_what_is_held() {
    let day = |year| jiff::civil::date(year, 3, 31);
    let held = |year| HeldScheme {
        statement_to: Some(day(year)),
        ..scheme(vec![row("2020-01-01", Kind::Purchase, 10_000, 1)], 1)
    };
    let gone = HeldScheme {
        close: Decimal::ZERO,
        ..held(2021)
    };
    let found = valued(vec![held(2026), gone.clone(), held(2024)]);
    assert_eq!(found.statements_to, Some((day(2024), day(2026))));
    let found = valued(vec![gone]);
    assert_eq!(found.statements_to, Some((day(2021), day(2021))));
    assert_eq!(valued(Vec::new()).statements_to, None);
}

#[test]
fn where_a_nav_is_missing_the_costs_still_add_up_and_the_history_is_not_to_blame() {
    let bought = |nav| scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 1)], nav);
    let unpriced = HeldScheme {
        nav: None,
        ..bought(1)
    };
    let found = valued(vec![bought(120), unpriced.clone()]);
    assert_eq!(
        (found.cost, found.gain, found.absolute, found.xirr),
        (Some(Paise(20_000)), None, None, Return::NotPriced)
    );
    assert_eq!(valued(vec![unpriced]).xirr, Return::NotPriced);
}

#[test]
fn a_fund_that_is_gone_hides_no_cost_though_its_past_is_not_complete() {
    let complete = scheme(vec![row("2024-01-01", Kind::Purchase, 10_000, 1)], 120);
    let gone = HeldScheme {
        close: Decimal::ZERO,
        ..scheme(vec![row("2025-06-01", Kind::Redemption, -60_000, -50)], 1)
    };
    let found = valued(vec![complete, gone]);
    assert_eq!(found.holdings.len(), 1);
    assert_eq!(
        (found.cost, found.gain),
        (Some(Paise(10_000)), Some(Paise(2_000)))
    );
    assert_eq!(
        (found.realised, found.xirr),
        (None, Return::IncompleteHistory)
    );
}
