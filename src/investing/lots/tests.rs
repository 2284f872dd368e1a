use super::*;
use crate::investing::tests::vectors;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn rs(text: &str) -> Paise {
    Paise::from_rupees(d(text)).unwrap()
}

fn row(date: &str, kind: Kind, rupees: &str, units: &str) -> Transaction {
    Transaction {
        date: date.parse().unwrap(),
        kind,
        amount: (!rupees.is_empty()).then(|| rs(rupees)),
        units: (!units.is_empty()).then(|| d(units)),
        nav: None,
        balance: None,
    }
}

fn only(rows: &[Transaction]) -> Book {
    played(&[rows], &|_, _| None).pop().unwrap()
}

/// Plays records that nothing is known to be wrong with.
pub(super) fn played(schemes: &[&[Transaction]], navs: Navs<'_>) -> Vec<Book> {
    let records = schemes.iter().map(|transactions| Record {
        transactions,
        gap: None,
    });
    play(&records.collect::<Vec<_>>(), navs)
}

#[test]
fn a_tax_that_is_given_back_comes_back() {
    let book = only(&[
        row("2026-08-18", Kind::SttTax, "0.10", ""),
        row("2026-08-20", Kind::SttTax, "-0.10", ""),
    ]);
    let flows: Vec<_> = book.flows.iter().map(|(_, flow)| flow.0).collect();
    assert_eq!(flows, [-10, 10]);
}

#[test]
fn what_is_left_of_lots_keeps_its_days_and_its_share_of_the_cost() {
    let lot = |day: &str, units: &str, cost: &str| Lot {
        date: day.parse().unwrap(),
        units: d(units),
        bought: d("100"),
        cost: rs(cost),
        merged: false,
    };
    let lots = [
        lot("2024-06-10", "100", "4000"),
        lot("2026-06-10", "100", "5000"),
    ];
    assert_eq!(left_after(&lots, d("0")), lots);
    assert_eq!(left_after(&lots, d("100")), lots[1..]);
    let some = [lot("2026-06-10", "50", "2500")];
    assert_eq!(left_after(&lots, d("150")), some);
    assert_eq!(left_after(&lots, d("300")), []);
}

#[test]
fn the_first_lots_go_first_as_the_vectors_have_it() {
    let lots = vectors::section("lots");
    let mut rows = Vec::new();
    for lot in lots["lots"].as_array().unwrap() {
        let (units, nav) = (
            vectors::decimal(&lot["units"]),
            vectors::decimal(&lot["nav"]),
        );
        let cost = (units * nav).to_string();
        let date = lot["date"].as_str().unwrap();
        rows.push(row(date, Kind::Purchase, &cost, &units.to_string()));
    }
    rows.push(row("2026-08-21", Kind::Redemption, "-9900", "-180.000"));
    let book = only(&rows);
    let left = &lots["remaining"][0];
    assert_eq!(book.lots.len(), 1);
    assert_eq!(book.lots[0].date, vectors::date(&left["date"]));
    assert_eq!(book.lots[0].units, vectors::decimal(&left["units"]));
    assert_eq!(book.lots[0].bought, d("80"));
    assert_eq!((book.cost(), book.gap), (rs("2500"), None));
    let expected = lots["consumed"].as_array().unwrap();
    assert_eq!(book.sales[0].parts.len(), expected.len());
    for (part, wanted) in book.sales[0].parts.iter().zip(expected) {
        assert_eq!(part.bought, vectors::date(&wanted["lot"]));
        assert_eq!(part.units, vectors::decimal(&wanted["units"]));
        assert_eq!(part.cost.rupees(), vectors::decimal(&wanted["cost"]));
        assert_eq!(part.proceeds.rupees(), vectors::decimal(&wanted["gross"]));
    }
}

#[test]
fn stamp_duty_is_cost_and_flow_but_reinvestment_is_no_flow() {
    let book = only(&[
        row("2026-01-05", Kind::Purchase, "999.95", "10"),
        row("2026-01-05", Kind::StampDutyTax, "0.05", ""),
        row("2026-02-05", Kind::DividendReinvest, "50", "0.5"),
        row("2026-02-05", Kind::StampDutyTax, "0.05", ""),
    ]);
    assert_eq!(book.cost(), rs("1050.05"));
    let flows: i64 = book.flows.iter().map(|(_, a)| a.0).sum();
    assert_eq!(flows, -100_000);
}

#[test]
fn income_that_is_paid_out_is_a_flow_and_changes_no_lot() {
    let book = only(&[
        row("2026-01-05", Kind::Purchase, "1000", "10"),
        row("2026-02-05", Kind::DividendPayout, "35", ""),
        row("2026-02-05", Kind::TdsTax, "-3.50", ""),
    ]);
    assert_eq!((book.cost(), book.units), (rs("1000"), d("10")));
    assert_eq!(book.flows[1].1, rs("35"), "the tax is the investor's own");
}

#[test]
fn a_reversed_instalment_leaves_nothing_behind() {
    let book = only(&[
        row("2026-01-05", Kind::Purchase, "1000", "10"),
        row("2026-02-05", Kind::PurchaseSip, "1000", "8"),
        row("2026-02-05", Kind::StampDutyTax, "0.05", ""),
        row("2026-02-07", Kind::Reversal, "-1000", "-8"),
        row("2026-02-07", Kind::StampDutyTax, "-0.05", ""),
    ]);
    assert_eq!(book.lots.len(), 1);
    assert_eq!((book.cost(), book.units), (rs("1000"), d("10")));
    assert_eq!(book.flows.iter().map(|(_, a)| a.0).sum::<i64>(), -100_000);
    assert!(book.sales.is_empty(), "nothing was sold");
}

#[test]
fn a_reversed_redemption_puts_its_lots_back() {
    let before = [
        row("2025-01-06", Kind::Purchase, "1000", "10"),
        row("2026-01-05", Kind::Purchase, "2000", "10"),
    ];
    let mut rows = before.to_vec();
    rows.push(row("2026-02-05", Kind::Redemption, "-2250", "-15"));
    rows.push(row("2026-02-09", Kind::Reversal, "2250", "15"));
    let (book, plain) = (only(&rows), only(&before));
    assert_eq!(book.lots, plain.lots);
    assert!(book.sales.is_empty());
    assert_eq!(book.realised(), Paise(0));
}

#[test]
fn a_merger_carries_days_and_costs_over_and_sells_nothing() {
    let old = [
        row("2020-01-06", Kind::Purchase, "1000", "100"),
        row("2021-01-06", Kind::Purchase, "900", "50"),
        row("2026-01-05", Kind::SwitchOutMerger, "-3000", "-150"),
    ];
    let new = [
        row("2025-06-05", Kind::Purchase, "10", "1"),
        row("2026-01-06", Kind::SwitchInMerger, "3000", "40.001"),
    ];
    let books = played(&[&new, &old], &|_, _| None);
    assert!(books[1].lots.is_empty() && books[1].sales.is_empty());
    assert_eq!(books[1].gap, None);
    let days: Vec<_> = books[0].lots.iter().map(|lot| lot.date.year()).collect();
    assert_eq!(days, [2020, 2021, 2025], "oldest first");
    assert_eq!(books[0].lots[0].units + books[0].lots[1].units, d("40.001"));
    assert_eq!(books[0].cost(), rs("1910"));
}

#[test]
fn half_a_merger_is_noticed_on_either_side() {
    let old = [
        row("2020-01-06", Kind::Purchase, "1000", "100"),
        row("2026-01-05", Kind::SwitchOutMerger, "-2000", "-100"),
    ];
    assert_eq!(only(&old).gap, Some(Gap::HalfAMerger));
    let new = [row("2026-01-05", Kind::SwitchInMerger, "2000", "40")];
    assert_eq!(only(&new).gap, Some(Gap::HalfAMerger));
}

#[test]
fn what_is_not_known_of_merged_units_is_not_known_of_what_they_became() {
    let old = [
        row("2025-01-06", Kind::Purchase, "400", "40"),
        row("2026-01-05", Kind::SwitchOutMerger, "-3000", "-100"),
    ];
    let new = [row("2026-01-05", Kind::SwitchInMerger, "3000", "40")];
    let books = played(&[&old, &new], &|_, _| None);
    assert_eq!(books[1].gap, Some(Gap::BeginsLater), "60 units of before");
    let gap = Some(Gap::BeginsLater);
    let old = [
        row("2025-01-06", Kind::Purchase, "1000", "100"),
        row("2026-01-05", Kind::SwitchOutMerger, "-1500", "-50"),
    ];
    let new = [row("2026-01-05", Kind::SwitchInMerger, "1500", "20")];
    let of = |transactions, gap| Record { transactions, gap };
    let books = play(&[of(&old[..], gap), of(&new[..], None)], &|_, _| None);
    assert_eq!(books[1].gap, gap, "more is held than was bought");
}

#[test]
fn two_mergers_of_one_day_go_by_their_amounts_and_are_in_doubt_without() {
    let bought = |cost: &str| row("2020-01-06", Kind::Purchase, cost, "100");
    let out = |rupees: &str| row("2026-01-05", Kind::SwitchOutMerger, rupees, "-100");
    let into = |rupees: &str| row("2026-01-05", Kind::SwitchInMerger, rupees, "40");
    let merged = |amounts: [&str; 4]| {
        let one = [bought("1000"), out(amounts[0])];
        let two = [bought("2000"), out(amounts[1])];
        let (three, four) = ([into(amounts[2])], [into(amounts[3])]);
        played(&[&one, &two, &three, &four], &|_, _| None)
    };
    let books = merged(["-3000", "-5000", "4999.75", "3000"]);
    assert_eq!((books[2].cost(), books[3].cost()), (rs("2000"), rs("1000")));
    assert!(books.iter().all(|book| book.gap.is_none()));
    let books = merged(["-3000", "-5000", "4000", "3000"]);
    assert_eq!(books[2].cost(), rs("2000"), "the only one that is left");
    for amounts in [["", "", "", ""], ["-3000", "-3000", "3000", "3000"]] {
        let books = merged(amounts);
        let doubtful = |book: &Book| book.gap == Some(Gap::HalfAMerger);
        assert!(books.iter().all(doubtful));
    }
}

#[test]
fn a_merger_whose_way_in_is_booked_first_carries_its_lots_too() {
    let old = [
        row("2020-01-06", Kind::Purchase, "1000", "100"),
        row("2026-01-07", Kind::SwitchOutMerger, "-3000", "-100"),
    ];
    let new = [row("2026-01-05", Kind::SwitchInMerger, "3000", "40")];
    let books = played(&[&old, &new], &|_, _| None);
    assert_eq!((books[0].gap, books[1].gap), (None, None));
    assert_eq!(books[1].cost(), rs("1000"));
    assert!(books[1].lots[0].merged);
}

#[test]
fn bonus_units_cost_nothing_and_overdrawing_is_noticed() {
    let book = only(&[
        row("2026-01-05", Kind::Misc, "", "5"),
        row("2026-02-05", Kind::Redemption, "-60", "-6"),
    ]);
    assert_eq!(book.flows, [(jiff::civil::date(2026, 2, 5), rs("60"))]);
    assert_eq!(book.sales[0].parts[0].cost, Paise(0));
    assert_eq!(book.gap, Some(Gap::BeginsLater));
}

#[test]
fn a_segregated_portfolio_takes_its_part_of_the_cost_by_nav_and_the_days() {
    let main = [
        row("2019-01-07", Kind::Purchase, "1000", "100"),
        row("2019-06-07", Kind::Purchase, "1100", "100"),
    ];
    let mut aside = row("2020-01-24", Kind::Segregation, "", "200");
    aside.nav = Some(d("1"));
    let navs = |at: usize, _: Date| (at == 0).then(|| d("9"));
    let books = played(&[&main, std::slice::from_ref(&aside)], &navs);
    assert_eq!(books[0].cost() + books[1].cost(), rs("2100"));
    assert_eq!(books[1].cost(), rs("210"));
    assert_eq!(books[1].lots[0].date, jiff::civil::date(2019, 1, 7));
    assert_eq!((books[0].gap, books[1].gap), (None, None));
    assert!(books[1].flows.is_empty());

    let books = played(&[&main, &[aside]], &|_, _| None);
    assert_eq!((books[0].cost(), books[1].cost()), (rs("2100"), Paise(0)));
    assert_eq!(books[1].gap, Some(Gap::Unsplit), "said aloud");
}

#[test]
fn a_switch_is_a_sale_here_and_a_purchase_there() {
    let from = [
        row("2024-01-01", Kind::Purchase, "10000", "100"),
        row("2025-01-01", Kind::SwitchOut, "-12000", "-100"),
    ];
    let to = [row("2025-01-01", Kind::SwitchIn, "12000", "10")];
    let books = played(&[&from, &to], &|_, _| None);
    assert_eq!(books[0].realised(), rs("2000"));
    assert_eq!(books[1].lots[0].date, jiff::civil::date(2025, 1, 1));
    assert_eq!(books[1].cost(), rs("12000"));
}

#[test]
fn units_nobody_can_hold_are_in_doubt_and_no_panic() {
    let most = Decimal::MAX.to_string();
    let rows = ["2026-01-05", "2026-02-05"].map(|day| row(day, Kind::Purchase, "1", &most));
    let book = only(&rows);
    assert_eq!(book.gap, Some(Gap::Disagrees));
    assert!(book.units.is_zero());
}

#[test]
fn units_that_move_under_an_unknown_name_are_neither_bought_nor_sold() {
    for units in ["-4", "4"] {
        let book = only(&[
            row("2024-01-05", Kind::Purchase, "1000", "10"),
            row("2025-01-06", Kind::Unknown, "600", units),
        ]);
        assert_eq!(book.gap, Some(Gap::Unnamed), "{units}");
        assert!(book.sales.is_empty(), "{units}");
        assert_eq!(book.flows.len(), 1, "only what was paid in: {units}");
        let held: Decimal = book.lots.iter().map(|lot| lot.units).sum();
        assert_eq!(held, d("10") + d(units));
    }
    let fee = only(&[row("2025-01-06", Kind::Unknown, "5", "")]);
    assert_eq!(fee.gap, None, "no units, no doubt");
}
