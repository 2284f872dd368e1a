//! Each kind of error is planted into books that are right, and found.

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

async fn write(rig: &TestDb, who: ContactId, found: &[Finding]) -> Written {
    let input = (rig.ids.clone(), who, found.to_vec());
    let run = rig.db.write(input, |conn, (ids, who, found)| {
        Box::pin(write_findings(
            conn,
            ids,
            *who,
            found,
            Timestamp::UNIX_EPOCH,
        ))
    });
    run.await.unwrap()
}

async fn is_paused(rig: &TestDb, who: ContactId) -> bool {
    let mut conn = rig.db.read().await.unwrap();
    let paused = people::store::list_money_pauses(&mut conn).await.unwrap();
    paused.iter().any(|(contact, _)| *contact == who)
}

#[tokio::test]
async fn a_finding_pauses_that_investor_only_and_a_release_holds_until_something_new_is_found() {
    let rig = TestDb::new(1).await;
    let contacts = rig.contacts(1, 2).await;
    let (who, other) = (contacts[0], contacts[1]);
    let finding = |subject: &str| Finding {
        kind: FindingKind::WrongUnits,
        subject: subject.to_owned(),
        detail: "ledger 1, order 2".to_owned(),
    };
    let first = write(&rig, who, &[finding("a")]).await;
    assert_eq!((first.new, first.paused), (1, true));
    assert!(is_paused(&rig, who).await && !is_paused(&rig, other).await);
    assert_eq!(write(&rig, other, &[]).await, Written::default());
    let input = (rig.ids.clone(), who);
    let release = rig.db.write(input, |conn, (ids, who)| {
        let now = Timestamp::UNIX_EPOCH;
        Box::pin(people::store::release_money(
            conn, ids, *who, "operator", now,
        ))
    });
    assert!(release.await.unwrap());
    assert_eq!(write(&rig, who, &[finding("a")]).await, Written::default());
    assert!(
        !is_paused(&rig, who).await,
        "a person has looked at this one"
    );
    let second = write(&rig, who, &[finding("a"), finding("b")]).await;
    assert_eq!((second.new, second.paused), (1, true));
    let gone = write(&rig, who, &[finding("b")]).await;
    assert_eq!((gone.new, gone.closed), (0, 1));
    let mut conn = rig.db.read().await.unwrap();
    let open = list_findings(&mut conn).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].contact, &open[0].finding), (who, &finding("b")));
    let shown: i64 = sqlx::query_scalar(
        "select count(*) from attention where kind = 'reconciliation' and resolved_at is null",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(shown, 1);
}

/// Orders as they are on record elsewhere; the gateway says the same.
struct Orders(Vec<BookedOrder>);

impl OrderBook for Orders {
    fn orders(&self, _: ContactId) -> BoxFuture<'_, anyhow::Result<Vec<BookedOrder>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn reports<'a>(
        &'a self,
        _: ContactId,
        _: &'a [BookedOrder],
    ) -> BoxFuture<'a, anyhow::Result<Reported>> {
        Box::pin(async { Ok(Reported::default()) })
    }
}

/// Books an allotted purchase as the service does: transaction and ledger together.
async fn book(rig: &TestDb, who: ContactId, id: &str) -> BookedOrder {
    let made = allotment(499_975, 24_006, 25, 0);
    let booking = Booking {
        contact: who,
        reference: id.to_owned(),
        movement: Movement::Purchase,
        scheme: FUND,
        isins: Vec::new(),
        name: "HDFC Flexi Cap Fund".to_owned(),
        amc: "HDFC Mutual Fund".to_owned(),
        allotment: made.clone(),
    };
    let input = (rig.keys.clone(), rig.ids.clone(), booking);
    let run = rig.db.write(input, |conn, (keys, ids, booking)| {
        Box::pin(async move {
            let now = Timestamp::UNIX_EPOCH;
            let booked = record_allotment(conn, keys, ids, booking, now).await?;
            let folio: FolioId = booked.folio.parse().unwrap();
            let occasion = || Occasion {
                id: ids.next(now),
                contact: booking.contact,
                subject: booking.reference.clone(),
                on: TODAY,
                at: now,
            };
            for entry in [
                ledger::debited(&occasion(), Paise(500_000)),
                ledger::paid(&occasion(), Paise(500_000)),
                ledger::allotted(&occasion(), FUND, folio, &booking.allotment),
            ] {
                ledger::post(conn, &entry.unwrap()).await?;
            }
            Ok(())
        })
    });
    run.await.unwrap();
    BookedOrder {
        paid: Some(Paise(500_000)),
        allotment: Some(made),
        ..order(id, OrderKind::Purchase, OrderStatus::Allotted)
    }
}

async fn plant(rig: &TestDb, statement: &'static str) {
    let run = rig.db.write(statement, |conn, statement| {
        Box::pin(async move {
            sqlx::query(*statement).execute(conn).await?;
            Ok(())
        })
    });
    run.await.unwrap();
}

async fn night(rig: &TestDb, book: &Orders) -> Run {
    let now = Timestamp::UNIX_EPOCH;
    reconcile_all(&rig.db, &rig.ids, book, now, TODAY)
        .await
        .unwrap()
}

#[tokio::test]
async fn only_a_detailed_statement_printed_well_after_an_order_denies_it() {
    let rig = TestDb::new(1).await;
    let who = rig.contacts(1, 1).await[0];
    let id: FolioId = uuid::Uuid::from_u128(1).into();
    book(&rig, who, &format!("ord_{}", id.uuid().simple())).await;
    plant(&rig, "update transactions set date = '2026-08-10'").await;
    let missing = async || {
        let mut conn = rig.db.read().await.unwrap();
        let booked = store::list_transactions(&mut conn, who).await.unwrap();
        assert_eq!(booked.len(), 1);
        booked[0].is_missing_on_statement
    };
    let until = [
        "update folio_schemes set statement_from = '2026-04-01', statement_to = '2026-08-20'",
        "update folio_schemes set statement_to = '2026-08-21'",
        "update folio_schemes set statement_detailed = 0",
    ];
    let mut told = Vec::new();
    for statement in until {
        plant(&rig, statement).await;
        told.push(missing().await);
    }
    assert_eq!(told, [false, true, false]);
}

#[tokio::test]
async fn the_nightly_run_finds_what_is_planted_in_the_tables_and_nothing_else() {
    let rig = TestDb::new(1).await;
    let contacts = rig.contacts(1, 2).await;
    let (who, other) = (contacts[0], contacts[1]);
    let a = FolioId::from(uuid::Uuid::from_u128(1));
    let orders = Orders(vec![
        book(&rig, who, &format!("ord_{}", a.uuid().simple())).await,
    ]);
    let clean = night(&rig, &orders).await;
    assert_eq!(
        clean,
        Run {
            investors: 1,
            ..Run::default()
        }
    );
    plant(
        &rig,
        "update transactions set units = '2.4007' where units <> ''",
    )
    .await;
    let found = night(&rig, &orders).await;
    assert_eq!((found.new, found.paused), (1, 1));
    assert!(is_paused(&rig, who).await && !is_paused(&rig, other).await);
    assert_eq!(night(&rig, &orders).await.new, 0, "found once");
    plant(
        &rig,
        "update transactions set units = '2.4006' where units <> ''",
    )
    .await;
    assert_eq!(night(&rig, &orders).await.closed, 1);
    assert!(is_paused(&rig, who).await, "only a person releases");
    plant(&rig, "delete from transaction_orders").await;
    assert_eq!(
        night(&rig, &orders).await.new,
        1,
        "a transaction is missing"
    );
    let mut conn = rig.db.read().await.unwrap();
    let open = list_findings(&mut conn).await.unwrap();
    assert_eq!(open[0].finding.kind, FindingKind::MissingTransaction);
}

/// Gets no answer of the gateway, or one it cannot use, and counts how often.
struct Silent {
    asked: std::sync::atomic::AtomicUsize,
    error: fn(String) -> GatewayError,
}

impl OrderBook for Silent {
    fn orders(&self, _: ContactId) -> BoxFuture<'_, anyhow::Result<Vec<BookedOrder>>> {
        self.asked
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let error = (self.error)("no answer".to_owned());
        Box::pin(async { Err(anyhow::Error::new(error).context("asking about it")) })
    }

    fn reports<'a>(
        &'a self,
        _: ContactId,
        _: &'a [BookedOrder],
    ) -> BoxFuture<'a, anyhow::Result<Reported>> {
        Box::pin(async { Ok(Reported::default()) })
    }
}

#[tokio::test]
async fn a_gateway_that_answers_nobody_is_not_asked_about_everybody() {
    let rig = TestDb::new(1).await;
    for (number, who) in (1..).zip(rig.contacts(1, 12).await) {
        let id = FolioId::from(uuid::Uuid::from_u128(number));
        book(&rig, who, &format!("ord_{}", id.uuid().simple())).await;
    }
    let now = Timestamp::UNIX_EPOCH;
    for (error, asked) in [
        (GatewayError::Unavailable as fn(String) -> _, 10),
        (GatewayError::NotSetUp, 12),
    ] {
        let silent = Silent {
            asked: 0.into(),
            error,
        };
        let run = reconcile_all(&rig.db, &rig.ids, &silent, now, TODAY).await;
        match run {
            Ok(run) => assert_eq!(run.unread, 12),
            Err(error) => assert!(error.to_string().contains("in a row"), "{error}"),
        }
        assert_eq!(silent.asked.into_inner(), asked);
    }
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
fn a_statement_that_gives_a_redemption_before_its_load_is_no_finding() {
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
    assert!(!found(-272_250, true) && !found(-275_000, true));
    assert!(found(-275_000, false), "the order's own row is after it");
    assert!(found(-270_000, true));
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
