//! Each kind of error is planted into books that are right, and found.

mod night;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::*;
use crate::id::{ContactId, FolioId, Ids};
use crate::investing::gateway::GatewayError;
use crate::investing::ledger::{self, Occasion};
use crate::investing::tests::rig::TestDb;
use crate::investing::{Booking, Movement, record_allotment};
use crate::people;

const TODAY: Date = date(2026, 8, 24);
const FUND: SchemeCode = SchemeCode(101_762);
const OTHER: SchemeCode = SchemeCode(100_868);

struct Maker {
    ids: Ids,
    contact: ContactId,
    folio: FolioId,
}

impl Maker {
    fn new(contact: ContactId) -> Self {
        let ids = Ids::seeded(8);
        let folio = ids.next(Timestamp::UNIX_EPOCH);
        Self {
            ids,
            contact,
            folio,
        }
    }

    fn occasion(&self, subject: &str) -> Occasion {
        Occasion {
            id: self.ids.next(Timestamp::UNIX_EPOCH),
            contact: self.contact,
            subject: subject.to_owned(),
            on: TODAY,
            at: Timestamp::UNIX_EPOCH,
        }
    }
}

fn allotment(amount: i64, units: i64, duty: i64, load: i64) -> Allotment {
    Allotment {
        folio: "90000001 / 11".to_owned(),
        nav_date: TODAY,
        nav: Decimal::ONE,
        units: Decimal::new(units, 4),
        amount: Paise(amount),
        stamp_duty: Paise(duty),
        exit_load: Paise(load),
        stt: Paise(0),
    }
}

fn order(id: &str, kind: OrderKind, status: OrderStatus) -> BookedOrder {
    BookedOrder {
        id: id.to_owned(),
        kind,
        scheme: FUND,
        target: None,
        status,
        paid: None,
        due: None,
        allotment: None,
        switched_in: None,
    }
}

fn transaction(order: &str, scheme: SchemeCode, units: i64, amount: i64) -> BookedTransaction {
    BookedTransaction {
        id: format!("txn_{order}_{}", scheme.0),
        order: order.to_owned(),
        scheme,
        units: Units(units),
        amount: Paise(amount),
        is_stated: false,
        is_missing_on_statement: false,
    }
}

/// A purchase, a redemption, a switch, a failed purchase and one under way: all right.
fn books(maker: &Maker) -> Claims {
    let folio = maker.folio;
    let bought = allotment(499_975, 24_006, 25, 0);
    let sold = allotment(100_000, 4_000, 0, 1_000);
    let (out, into) = (
        allotment(50_000, 2_000, 0, 0),
        allotment(49_998, 3_000, 2, 0),
    );
    let orders = vec![
        BookedOrder {
            paid: Some(Paise(500_000)),
            allotment: Some(bought.clone()),
            ..order("buy", OrderKind::Purchase, OrderStatus::Allotted)
        },
        BookedOrder {
            allotment: Some(sold.clone()),
            ..order("sell", OrderKind::Redemption, OrderStatus::RedeemedPaid)
        },
        BookedOrder {
            target: Some(OTHER),
            allotment: Some(out.clone()),
            switched_in: Some(into.clone()),
            ..order("switch", OrderKind::Switch, OrderStatus::Allotted)
        },
        BookedOrder {
            paid: Some(Paise(70_000)),
            ..order("failed", OrderKind::Purchase, OrderStatus::RefundDue)
        },
        BookedOrder {
            paid: Some(Paise(30_000)),
            due: Some(TODAY),
            ..order("waiting", OrderKind::Purchase, OrderStatus::SentToRta)
        },
        order("new", OrderKind::Purchase, OrderStatus::AwaitingPayment),
    ];
    let mut claims = Claims {
        orders,
        ..Claims::default()
    };
    let made = [
        ledger::debited(&maker.occasion("buy"), Paise(500_000)),
        ledger::paid(&maker.occasion("buy"), Paise(500_000)),
        ledger::allotted(&maker.occasion("buy"), FUND, folio, &bought),
        ledger::redeemed(&maker.occasion("sell"), FUND, folio, &sold),
        ledger::paid_out(&maker.occasion("sell"), Paise(99_000)),
        ledger::switched(
            &maker.occasion("switch"),
            (FUND, folio, &out),
            (OTHER, folio, &into),
        ),
        ledger::debited(&maker.occasion("failed"), Paise(70_000)),
        ledger::paid(&maker.occasion("failed"), Paise(70_000)),
        ledger::refund_due(&maker.occasion("failed"), Paise(70_000)),
        ledger::debited(&maker.occasion("waiting"), Paise(30_000)),
        ledger::paid(&maker.occasion("waiting"), Paise(30_000)),
    ];
    claims.entries = made.into_iter().map(Result::unwrap).collect();
    claims.transactions = vec![
        transaction("buy", FUND, 24_006, 499_975),
        transaction("sell", FUND, -4_000, -99_000),
        transaction("switch", FUND, -2_000, -50_000),
        transaction("switch", OTHER, 3_000, 49_998),
    ];
    let report = |order: &BookedOrder| ReportedOrder {
        order: Some(order.id.clone()),
        gateway_id: format!("G{}", order.id),
        status: order.status,
        paid: order.paid,
        allotment: order.allotment.clone(),
        switched_in: order.switched_in.clone(),
    };
    claims.reports = claims.orders.iter().map(report).collect();
    claims
}

/// Plants one error; returns what is found.
fn planted(plant: impl FnOnce(&mut Claims, &Maker)) -> Vec<(FindingKind, String)> {
    let maker = Maker::new(Ids::seeded(4).next(Timestamp::UNIX_EPOCH));
    let mut claims = books(&maker);
    plant(&mut claims, &maker);
    let found = compare(&claims, TODAY);
    found.into_iter().map(|f| (f.kind, f.subject)).collect()
}

fn one(kind: FindingKind, subject: &str) -> Vec<(FindingKind, String)> {
    vec![(kind, subject.to_owned())]
}

#[test]
fn books_that_are_right_have_no_findings() {
    assert_eq!(planted(|_, _| {}), []);
}

#[test]
fn a_posting_that_is_missing_doubled_or_of_nobody_is_found() {
    let missing = planted(|c, _| c.entries.retain(|e| e.subject() != "sell"));
    assert_eq!(missing, one(FindingKind::MissingPosting, "sell"));
    let doubled = planted(|c, _| {
        let again: Vec<_> = c
            .entries
            .iter()
            .filter(|e| e.subject() == "buy")
            .cloned()
            .collect();
        c.entries.extend(again);
    });
    assert_eq!(doubled, one(FindingKind::DoubledPosting, "buy"));
    let allotted_twice = planted(|c, _| {
        let again = c
            .entries
            .iter()
            .find(|e| e.source() == "buy:allotted")
            .cloned();
        c.entries.extend(again);
    });
    assert_eq!(allotted_twice, one(FindingKind::DoubledPosting, "buy"));
    let orphan = planted(|c, maker| {
        let made = ledger::debited(&maker.occasion("nobody"), Paise(5));
        c.entries.push(made.unwrap());
    });
    assert_eq!(orphan, one(FindingKind::OrphanPosting, "nobody"));
}

#[test]
fn a_paisa_or_a_ten_thousandth_too_much_in_the_ledger_is_found() {
    let replace = |made: Allotment| {
        planted(move |c, maker| {
            c.entries.retain(|e| e.source() != "buy:allotted");
            let entry = ledger::allotted(&maker.occasion("buy"), FUND, maker.folio, &made);
            c.entries.push(entry.unwrap());
        })
    };
    let units = replace(allotment(499_975, 24_007, 25, 0));
    assert_eq!(units, one(FindingKind::WrongUnits, "buy"));
    let money = replace(allotment(499_974, 24_006, 26, 0));
    assert_eq!(money, one(FindingKind::WrongAmount, "buy"));
    let unpaid = planted(|c, _| c.entries.retain(|e| e.source() != "sell:paid_out"));
    assert_eq!(unpaid, one(FindingKind::WrongAmount, "sell"));
    let half = planted(|c, _| c.entries.retain(|e| e.source() != "buy:paid"));
    assert_eq!(half, one(FindingKind::WrongAmount, "buy"));
}

#[test]
fn a_transaction_that_is_missing_doubled_wrong_or_of_nobody_is_found() {
    let missing = planted(|c, _| c.transactions.retain(|t| t.order != "buy"));
    assert_eq!(missing, one(FindingKind::MissingTransaction, "buy"));
    let one_leg = planted(|c, _| c.transactions.retain(|t| t.scheme != OTHER));
    assert_eq!(one_leg, one(FindingKind::MissingTransaction, "switch"));
    let doubled = planted(|c, _| c.transactions.push(c.transactions[0].clone()));
    assert_eq!(doubled, one(FindingKind::DoubledTransaction, "buy"));
    let units = planted(|c, _| c.transactions[0].units.0 += 1);
    assert_eq!(units, one(FindingKind::WrongUnits, "buy"));
    let money = planted(|c, _| c.transactions[1].amount.0 += 1);
    assert_eq!(money, one(FindingKind::WrongAmount, "sell"));
    let orphan = planted(|c, _| c.transactions.push(transaction("nobody", FUND, 1, 1)));
    assert_eq!(orphan, one(FindingKind::OrphanTransaction, "nobody"));
    let early = planted(|c, _| c.transactions.push(transaction("waiting", FUND, 1, 1)));
    assert_eq!(early, one(FindingKind::OrphanTransaction, "waiting"));
    let unconfirmed = planted(|c, _| c.transactions[0].is_missing_on_statement = true);
    assert_eq!(unconfirmed, one(FindingKind::NotOnStatement, "buy"));
}

#[test]
fn an_allotment_without_an_order_and_an_order_without_an_allotment_are_found() {
    let orphan = planted(|c, _| {
        c.reports.push(ReportedOrder {
            order: None,
            gateway_id: "G9".to_owned(),
            allotment: Some(allotment(1, 1, 0, 0)),
            ..c.reports[0].clone()
        });
    });
    assert_eq!(orphan, one(FindingKind::OrphanAllotment, "G9"));
    let late = planted(|c, _| c.orders[4].due = TODAY.yesterday().ok());
    assert_eq!(late, one(FindingKind::OverdueAllotment, "waiting"));
    let at_the_bank = BookedOrder {
        due: TODAY.yesterday().ok(),
        ..order("bank", OrderKind::Purchase, OrderStatus::PaymentProcessing)
    };
    let claims = Claims {
        orders: vec![at_the_bank],
        ..Claims::default()
    };
    let found = compare(&claims, TODAY);
    assert_eq!(found.len(), 1, "a gateway may name no amount: {found:?}");
    assert_eq!(found[0].kind, FindingKind::OverdueAllotment);
}

#[test]
fn a_gateway_that_says_otherwise_is_found() {
    let of = |plant: fn(&mut ReportedOrder)| planted(move |c, _| plant(&mut c.reports[0]));
    let differs = one(FindingKind::GatewayDiffers, "buy");
    assert_eq!(of(|r| r.paid = Some(Paise(500_001))), differs);
    assert_eq!(of(|r| r.status = OrderStatus::RefundDue), differs);
    assert_eq!(
        of(|r| r.allotment = Some(allotment(499_975, 24_005, 25, 0))),
        differs
    );
    assert_eq!(of(|r| r.allotment = None), differs);
}

#[test]
fn the_last_paise_of_a_statement_that_came_first_are_no_finding() {
    let found = |amount, is_stated| {
        let booked = BookedTransaction {
            is_stated,
            ..transaction("buy", FUND, 24_006, amount)
        };
        let claims = Claims {
            orders: vec![BookedOrder {
                allotment: Some(allotment(499_975, 24_006, 25, 0)),
                ..order("buy", OrderKind::Purchase, OrderStatus::Allotted)
            }],
            transactions: vec![booked],
            ..Claims::default()
        };
        let is_it = |one: &Finding| one.detail.starts_with("transaction");
        compare(&claims, TODAY).iter().any(is_it)
    };
    assert!(!found(499_976, true));
    assert!(found(499_976, false), "the order's own row is exact");
    assert!(found(500_100, true), "that is more than rounding");
}

#[test]
fn a_redemption_on_record_is_after_its_load_whoever_stated_it_first() {
    let found = |amount, is_stated| {
        let booked = BookedTransaction {
            is_stated,
            ..transaction("sell", FUND, -50_000, amount)
        };
        let claims = Claims {
            orders: vec![BookedOrder {
                allotment: Some(allotment(275_000, 50_000, 0, 2_750)),
                ..order("sell", OrderKind::Redemption, OrderStatus::Allotted)
            }],
            transactions: vec![booked],
            ..Claims::default()
        };
        let is_it = |one: &Finding| one.detail.starts_with("transaction");
        compare(&claims, TODAY).iter().any(is_it)
    };
    assert!(!found(-272_250, true) && !found(-272_250, false));
    assert!(found(-275_000, true) && found(-275_000, false));
}

#[test]
fn a_purchase_is_allotted_for_what_was_paid() {
    let bought = |paid, amount, duty| BookedOrder {
        paid: Some(Paise(paid)),
        allotment: Some(allotment(amount, 24_006, duty, 0)),
        ..order("buy", OrderKind::Purchase, OrderStatus::Allotted)
    };
    for (order, adds_up) in [
        (bought(500_000, 499_975, 25), true),
        // BSE names no stamp duty, and the rule takes it.
        (bought(500_000, 499_975, 0), true),
        (bought(500_000, 499_974, 25), false),
        (bought(500_000, 400_000, 20), false),
        (bought(500_000, 500_000, 25), false),
    ] {
        let detail = format!("{:?}", order.allotment);
        let claims = Claims {
            orders: vec![order],
            ..Claims::default()
        };
        let found = compare(&claims, TODAY);
        let is_found = |one: &Finding| one.detail.contains("paise paid");
        assert_eq!(!found.iter().any(is_found), adds_up, "{detail}");
    }
}
