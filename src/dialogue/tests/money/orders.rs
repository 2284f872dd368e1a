//! What is told of orders that were placed.

use super::*;
use crate::investing::Lot;
use crate::investing::tax::TaxClass;

#[test]
fn orders_say_when_money_is_to_be_expected_and_where_to_go_on() {
    let (mut chat, house) = held();
    let waiting = house.order(OrderKind::Purchase, OrderStatus::AwaitingPayment);
    let leaving = house.order(OrderKind::Redemption, OrderStatus::SentToRta);
    house.book().orders = vec![leaving, waiting];
    let said = chat.asks("order status");
    // Placed on Monday before the cut-off; the bank holiday of Wednesday is left out.
    assert!(said.contains("Money expected by 27-Aug-2026"), "{said}");
    assert!(said.contains("https://exchange.example/page"), "{said}");
}

#[test]
fn money_is_expected_by_the_day_the_order_went_on_and_not_by_the_one_it_was_made() {
    let (mut chat, house) = held();
    let mut leaving = house.order(OrderKind::Redemption, OrderStatus::SentToRta);
    // Made on a Thursday, approved on Monday.
    leaving.made_at = "2026-08-20T04:30:00Z".parse().unwrap();
    let approved = "2026-08-24T04:00:00Z".parse().unwrap();
    house.book().orders = vec![leaving.clone()];
    house.book().with_others_since = Some(approved);
    let said = chat.asks("order status");
    assert!(said.contains("Money expected by 27-Aug-2026"), "{said}");
    // Its NAV says more than its approval does.
    leaving.status = OrderStatus::Allotted;
    leaving.details.allotment = Some(Allotment {
        folio: "123/45".to_owned(),
        nav_date: date(2026, 8, 21),
        nav: Decimal::ONE_HUNDRED,
        units: Decimal::TEN,
        amount: Paise(1_000_00),
        stamp_duty: Paise(0),
        exit_load: Paise(0),
        stt: Paise(0),
    });
    house.book().orders = vec![leaving];
    let said = chat.asks("order status");
    assert!(said.contains("Money expected by 25-Aug-2026"), "{said}");
}

#[test]
fn units_of_an_instalment_are_expected_by_the_day_of_its_debit() {
    let (mut chat, house) = held();
    let mut view = house.sip(PlanStatus::Active);
    let mut order = house.order(OrderKind::Purchase, OrderStatus::SentToRta);
    let row = Instalment {
        id: uuid::Uuid::from_u128(1).into(),
        plan: view.plan.id,
        due: date(2026, 9, 8),
        number: 1,
        amount: Paise(5_000_00),
        status: InstalmentStatus::OrderCreated,
        bounce: None,
        reason: None,
        made_at: order.made_at,
        version: 1,
    };
    order.instalment = Some((view.plan.id, row.id));
    view.instalments.push(row);
    house.book().plans = vec![view];
    house.book().orders = vec![order];
    // Prepared two weeks before, at the latest the night before.
    let said = chat.asks("order status");
    assert!(said.contains("Units expected by 09-Sep-2026"), "{said}");
}

#[test]
fn an_order_that_waits_is_called_off_by_its_button() {
    let (mut chat, house) = held();
    let waiting = house.order(OrderKind::Purchase, OrderStatus::AwaitingPayment);
    let order = waiting.id;
    house.book().orders = vec![waiting];
    let orders = chat.writes("order status");
    let review = chat.taps(&id(&orders, "call_off"));
    assert!(words(&review).contains("₹5,000 ("), "{}", words(&review));
    assert_eq!(house.confirmed(), []);
    chat.taps(&id(&review, "confirm"));
    assert_eq!(house.confirmed(), [Asked::CallOff(order)]);
}

#[test]
fn money_that_did_not_arrive_is_said_in_each_language_and_no_day_is_promised() {
    for (language, part) in [
        ("en", "did not arrive"),
        ("hi", "पहुँचा नहीं"),
        ("hinglish", "pahuncha nahi"),
    ] {
        let (mut chat, house) = held();
        spoken(&mut chat, language);
        let mut unpaid = house.order(OrderKind::Redemption, OrderStatus::Allotted);
        unpaid.reason = Some("account closed".to_owned());
        house.book().orders = vec![unpaid];
        let said = chat.asks("order status");
        assert!(said.contains(part), "{said}");
        assert!(!said.contains("27-Aug-2026"), "{said}");
    }
}

/// What the review of a redemption says, with one lot of that day on record.
fn redeemed(language: &str, bought: Option<jiff::civil::Date>, class: TaxClass) -> String {
    let (mut chat, house) = held();
    spoken(&mut chat, language);
    house.book().class = Some(class);
    house.book().lots = bought.map(|date| {
        vec![Lot {
            date,
            units: Decimal::new(123_456, 3),
            bought: Decimal::new(123_456, 3),
            cost: Paise(10_000_00),
            merged: false,
        }]
    });
    let ask = chat.writes("redeem");
    words(&chat.taps(&id(&ask, ":all:")))
}

#[test]
fn why_the_tax_is_not_estimated_is_what_is_missing() {
    let recent = Some(date(2024, 5, 10));
    let old = Some(date(2010, 5, 10));
    let (equity, unknown) = (TaxClass::Equity, TaxClass::NotOnRecord);
    for (language, bought, class, part) in [
        ("en", None, equity, "the history is not complete"),
        (
            "en",
            recent,
            unknown,
            "how this fund is taxed is not on our record",
        ),
        (
            "en",
            old,
            equity,
            "the NAV of 31-Jan-2018 is not on our record",
        ),
        ("en", recent, equity, "Gain, estimated"),
        ("hi", recent, unknown, "टैक्स कैसे लगता है"),
        ("hinglish", recent, unknown, "tax kaise lagta hai"),
    ] {
        let said = redeemed(language, bought, class);
        assert!(said.contains(part), "{part}: {said}");
        let blames = said.contains("the history is not complete");
        assert_eq!(blames, bought.is_none(), "{said}");
    }
}
