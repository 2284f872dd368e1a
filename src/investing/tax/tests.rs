use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::*;
use crate::investing::lots::Lot;
use crate::investing::money::Paise;
use crate::investing::orders::Quantity;
use crate::investing::rules::{DatedLoad, ExitLoad, Slab};
use crate::investing::tests::vectors::{self, decimal};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn paise(value: &serde_json::Value) -> Paise {
    Paise::from_rupees(decimal(value)).unwrap()
}

fn day(value: &serde_json::Value) -> Date {
    vectors::date(value)
}

fn one_percent() -> [DatedLoad; 1] {
    [DatedLoad {
        from: date(2000, 1, 1),
        load: Some(ExitLoad {
            slabs: vec![Slab {
                days: 365,
                percent: Decimal::ONE,
            }],
            free_percent: Decimal::ZERO,
        }),
    }]
}

fn lot(bought: Date, units: &str, rupees: &str) -> Lot {
    Lot {
        date: bought,
        units: d(units),
        bought: d(units),
        cost: Paise::from_rupees(d(rupees)).unwrap(),
        merged: false,
    }
}

fn proposal<'a>(lots: &'a [Lot], loads: &'a [DatedLoad], quantity: Quantity) -> Proposal<'a> {
    Proposal {
        lots,
        class: TaxClass::Equity,
        loads,
        locked_years: 0,
        nav: d("55"),
        date: date(2026, 8, 21),
        received: date(2026, 8, 21),
        quantity,
        nav_31_jan_2018: None,
    }
}

#[test]
fn a_redemption_comes_to_what_the_vectors_say() {
    let wanted = vectors::section("lots");
    let lots: Vec<Lot> = wanted["lots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let cost = decimal(&row["units"]) * decimal(&row["nav"]);
            lot(
                day(&row["date"]),
                row["units"].as_str().unwrap(),
                &cost.to_string(),
            )
        })
        .collect();
    let loads = one_percent();
    let units = decimal(&wanted["redeem"]["units"]);
    let found = redemption_estimate(&proposal(&lots, &loads, Quantity::Units(units))).unwrap();
    assert_eq!(found.gross, paise(&wanted["gross"]));
    assert_eq!(found.exit_load, Some(paise(&wanted["exit_load"])));
    assert_eq!(found.stt, Some(paise(&wanted["stt_0p001pct"])));
    assert_eq!(found.gains.equity_long, paise(&wanted["ltcg"]));
    assert_eq!(found.gains.equity_short, paise(&wanted["stcg"]));
    assert_eq!(found.left, decimal(&wanted["remaining"][0]["units"]));
    assert_eq!(found.net, Paise(990_000 - 4_400 - 10));
    let rows = wanted["consumed"].as_array().unwrap();
    assert_eq!(rows.len(), found.parts.len());
    for (row, part) in rows.iter().zip(&found.parts) {
        assert_eq!(i64::from(part.days), row["held_days"].as_i64().unwrap());
        assert_eq!(part.exit_load, Some(paise(&row["exit_load"])), "{row}");
        assert_eq!(part.gross, paise(&row["gross"]));
        let net = part.gross - part.exit_load.unwrap();
        assert_eq!(net, paise(&row["net"]));
        assert_eq!(part.cost, paise(&row["cost"]));
        assert_eq!(part.gain, paise(&row["gain"]), "{row}");
        let long = row["term"] == "LTCG";
        assert_eq!(part.term == Term::Long, long);
        let number = if long { "198" } else { "196" };
        assert_eq!(part.section, Section::Of2025(number));
    }
}

#[test]
fn gains_of_before_2018_are_free_as_the_vectors_have_it() {
    let rows = vectors::section("lots");
    let rows = rows["grandfathering"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let units = decimal(&row["units"]);
        let money = |column: &str| Paise::from_rupees(units * decimal(&row[column])).unwrap();
        let (bought, proceeds) = (day(&row["buy"]), money("sale_nav"));
        let nav = Some(decimal(&row["fmv_31jan2018"]));
        let figures = (money("buy_nav"), proceeds);
        let cost = grandfathered_cost(bought, units, figures, nav).unwrap();
        assert_eq!(cost, money("cost_used"), "{row}");
        assert_eq!(proceeds - cost, paise(&row["ltcg"]), "{row}");
        assert_eq!(grandfathered_cost(bought, units, figures, None), None);
        let later = grandfathered_cost(date(2018, 2, 1), units, figures, nav);
        assert_eq!(later, Some(figures.0));
    }
}

#[test]
fn the_nav_of_2018_counts_only_for_long_gains_that_are_taxed() {
    use super::term::is_grandfathered;
    let equity = TaxClass::Equity;
    for (class, bought, sold, counts) in [
        (equity, date(2010, 5, 10), date(2016, 5, 10), false),
        (equity, date(2010, 5, 10), date(2018, 3, 31), false),
        (equity, date(2010, 5, 10), date(2018, 4, 1), true),
        (equity, date(2017, 10, 3), date(2018, 6, 1), false),
        (equity, date(2018, 2, 1), date(2026, 6, 1), false),
    ] {
        let found = is_grandfathered(class, bought, sold);
        assert_eq!(found, counts, "{bought} {sold}");
    }
}

#[test]
fn units_are_long_from_the_day_after_a_year_as_the_vectors_have_it() {
    let rows = vectors::section("lots");
    for row in rows["holding_boundary_equity"].as_array().unwrap() {
        let found = term(TaxClass::Equity, day(&row["buy"]), day(&row["sell"]));
        assert_eq!(found == Term::Long, row["term"] == "LTCG", "{row}");
    }
}

#[test]
fn a_years_tax_is_what_the_vectors_say() {
    for row in vectors::rows("tax") {
        let gains = Gains {
            equity_long: paise(&row["equity_ltcg"]),
            equity_short: paise(&row["equity_stcg"]),
            ..Gains::default()
        };
        let found = assess(&gains, date(2026, 4, 1)).unwrap();
        assert_eq!(found.long_tax, paise(&row["ltcg_tax"]), "{row}");
        assert_eq!(found.short_tax, paise(&row["stcg_tax"]), "{row}");
        assert_eq!(found.total, paise(&row["total"]), "{row}");
        assert_eq!(found.with_cess, paise(&row["with_4pct_cess"]), "{row}");
        let loss = (-gains.equity_long).max(Paise(0));
        assert_eq!(found.long_loss_carried, loss, "{row}");
    }
    assert_eq!(assess(&Gains::default(), date(2024, 4, 1)), None);
}

#[test]
fn losses_and_other_kinds_find_their_places() {
    let gains = Gains {
        equity_short: Paise(-100_000),
        other_short: Paise(30_000),
        other_long: Paise(50_000),
        equity_long: Paise(10_000),
        ..Gains::default()
    };
    let found = assess(&gains, date(2026, 4, 1)).unwrap();
    assert_eq!((found.at_slab, found.total), (Paise(0), Paise(0)));
    assert_eq!(found.short_loss_carried, Paise(10_000));
    let gains = Gains {
        other_short: Paise(70_000),
        other_long: Paise(100_000),
        ..Gains::default()
    };
    let found = assess(&gains, date(2026, 4, 1)).unwrap();
    assert_eq!(
        (found.at_slab, found.long_tax),
        (Paise(70_000), Paise(12_500))
    );
}

#[test]
fn each_class_has_its_terms_and_sections() {
    use Section::{NotOnRecord, Of1961, Of2025, Slab};
    use Term::{Long, Short};
    let (before, since) = (date(2023, 3, 31), date(2023, 4, 1));
    let sold = date(2026, 6, 1);
    let table = [
        (TaxClass::Debt, before, sold, Long, Of2025("197")),
        (TaxClass::Debt, since, sold, Short, NotOnRecord),
        (
            TaxClass::Debt,
            since,
            date(2026, 3, 31),
            Short,
            Of1961("50AA"),
        ),
        (
            TaxClass::Debt,
            date(2022, 1, 3),
            date(2024, 1, 3),
            Short,
            Slab,
        ),
        (
            TaxClass::Debt,
            date(2022, 1, 3),
            date(2024, 1, 4),
            Short,
            Slab,
        ),
        (
            TaxClass::Debt,
            date(2021, 1, 4),
            date(2024, 1, 5),
            Long,
            Of1961("112"),
        ),
        (TaxClass::Other, date(2024, 6, 1), sold, Short, Slab),
        (
            TaxClass::Other,
            date(2024, 5, 31),
            sold,
            Long,
            Of2025("197"),
        ),
        (
            TaxClass::Other,
            since,
            date(2025, 3, 31),
            Short,
            Of1961("50AA"),
        ),
        (
            TaxClass::OtherListed,
            date(2025, 5, 31),
            sold,
            Long,
            Of2025("197"),
        ),
        (
            TaxClass::Equity,
            date(2024, 6, 1),
            date(2026, 3, 31),
            Long,
            Of1961("112A"),
        ),
        (
            TaxClass::Equity,
            date(2010, 5, 10),
            date(2018, 3, 31),
            Long,
            NotOnRecord,
        ),
        (
            TaxClass::Equity,
            date(2025, 6, 1),
            date(2026, 3, 31),
            Short,
            Of1961("111A"),
        ),
        (
            TaxClass::NotOnRecord,
            before,
            sold,
            Term::NotOnRecord,
            NotOnRecord,
        ),
    ];
    for (class, bought, sold, wanted, by) in table {
        assert_eq!(
            term(class, bought, sold),
            wanted,
            "{class:?} {bought} {sold}"
        );
        assert_eq!(
            section(class, bought, sold),
            by,
            "{class:?} {bought} {sold}"
        );
    }
}

#[test]
fn the_class_comes_from_the_category_and_is_not_guessed() {
    let table = [
        ("Equity: Flexi Cap", TaxClass::Equity),
        ("Hybrid: Arbitrage", TaxClass::Equity),
        ("Equity: Sectoral / Thematic", TaxClass::NotOnRecord),
        ("Equity: Sectoral", TaxClass::NotOnRecord),
        ("Equity: Thematic", TaxClass::NotOnRecord),
        ("ETF: Equity", TaxClass::NotOnRecord),
        ("ETF: Overseas", TaxClass::OtherListed),
        ("Debt: Liquid", TaxClass::Debt),
        ("Hybrid: Balanced", TaxClass::Other),
        ("Hybrid: Balanced Advantage", TaxClass::NotOnRecord),
        ("Fund of Funds: Domestic", TaxClass::NotOnRecord),
        ("Fund of Funds: Overseas", TaxClass::NotOnRecord),
        ("Lunar Scheme - Far Side", TaxClass::NotOnRecord),
        ("", TaxClass::NotOnRecord),
    ];
    for (category, class) in table {
        assert_eq!(TaxClass::of(None, category), class, "{category}");
    }
    let stated = Some(TaxClass::Equity);
    assert_eq!(TaxClass::of(stated, "ETF: Equity"), TaxClass::Equity);
}

#[test]
fn an_amount_becomes_units_and_all_takes_every_unit() {
    let lots = [lot(date(2024, 1, 1), "10.4567", "400")];
    let loads = one_percent();
    let all = redemption_estimate(&proposal(&lots, &loads, Quantity::All)).unwrap();
    assert_eq!((all.units, all.left), (d("10.4567"), Decimal::ZERO));
    let amount = Quantity::Amount(Paise(10_000));
    let some = redemption_estimate(&proposal(&lots, &loads, amount)).unwrap();
    assert_eq!(some.units, d("1.818"));
    let too_much = Quantity::Amount(Paise(100_000));
    let error = redemption_estimate(&proposal(&lots, &loads, too_much)).unwrap_err();
    assert!(matches!(error, NoEstimate::TooMuch { available, .. } if available == d("10.4567")));
    let none = redemption_estimate(&proposal(&[], &loads, Quantity::All));
    assert_eq!(none.unwrap_err(), NoEstimate::Nothing);
}

#[test]
fn locked_units_do_not_go_and_a_load_nobody_knows_is_not_nil() {
    let lots = [
        lot(date(2023, 8, 21), "10", "400"),
        lot(date(2023, 8, 22), "5", "200"),
    ];
    let mut elss = proposal(&lots, &[], Quantity::All);
    elss.locked_years = 3;
    let found = redemption_estimate(&elss).unwrap();
    assert_eq!((found.units, found.left), (d("10"), d("5")));
    assert_eq!(found.exit_load, None, "not on record");
    elss.quantity = Quantity::Units(d("11"));
    let wanted = NoEstimate::TooMuch {
        available: d("10"),
        locked: d("5"),
        next: Some(date(2026, 8, 22)),
    };
    assert_eq!(redemption_estimate(&elss).unwrap_err(), wanted);
}

#[test]
fn the_load_is_that_of_the_day_of_purchase_and_some_units_are_free() {
    let mut loads = one_percent().to_vec();
    loads.push(DatedLoad {
        from: date(2026, 1, 1),
        load: Some(ExitLoad {
            slabs: vec![Slab {
                days: 365,
                percent: d("2"),
            }],
            free_percent: d("10"),
        }),
    });
    let mut lots = [
        lot(date(2025, 12, 31), "100", "4000"),
        lot(date(2026, 1, 1), "100", "4000"),
    ];
    let all = redemption_estimate(&proposal(&lots, &loads, Quantity::All)).unwrap();
    let load: Vec<_> = all
        .parts
        .iter()
        .map(|part| part.exit_load.unwrap().0)
        .collect();
    assert_eq!(load, [5_500, 9_900], "1 % of 5,500; 2 % of 90 units");
    lots[1].units = d("94");
    let all = redemption_estimate(&proposal(&lots, &loads, Quantity::All)).unwrap();
    assert_eq!(
        all.parts[1].exit_load,
        Some(Paise(9_900)),
        "6 of 10 free went"
    );
}

#[test]
fn a_tax_year_reads_back_and_begins_in_april() {
    let year: TaxYear = "2026-27".parse().unwrap();
    assert_eq!(year, "26-27".parse().unwrap());
    assert_eq!(
        (year.first_day(), year.last_day()),
        (date(2026, 4, 1), date(2027, 3, 31))
    );
    assert!(year.has(date(2027, 3, 31)) && !year.has(date(2026, 3, 31)));
    assert_eq!(year.to_string(), "2026-27");
    for text in ["2026", "2026-28", "26-28", "x-y", "2026-2028", ""] {
        assert!(text.parse::<TaxYear>().is_err(), "{text}");
    }
}
