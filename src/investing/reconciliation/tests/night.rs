//! The nightly run: what it reads, whom it pauses, and what releases them.

use super::*;
use crate::contacts::store::{Merge, load};
use crate::investing::{move_dealings, move_holdings};

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

async fn join(rig: &TestDb, pair: (ContactId, ContactId)) {
    let input = (rig.keys.clone(), rig.ids.clone(), rig.db.lock_rows(), pair);
    let run = rig.db.write(input, |conn, (keys, ids, lock_rows, pair)| {
        Box::pin(async move {
            let rows = [pair.0.to_string(), pair.1.to_string()];
            let loaded = load(conn, keys, &rows).await?;
            let merge = Merge {
                from: (pair.0, &loaded[&rows[0]].key),
                into: (pair.1, &loaded[&rows[1]].key),
                lock_rows,
            };
            move_dealings(conn, merge).await?;
            move_holdings(conn, keys, ids, *pair, Timestamp::UNIX_EPOCH).await
        })
    });
    run.await.unwrap();
}

#[tokio::test]
async fn orders_of_two_who_prove_to_be_one_each_have_their_transaction_however_alike() {
    let rig = TestDb::new(1).await;
    let contacts = rig.contacts(1, 2).await;
    let mut orders = Vec::new();
    for (number, who) in (1..).zip(&contacts) {
        let id = FolioId::from(uuid::Uuid::from_u128(number));
        orders.push(book(&rig, *who, &format!("ord_{}", id.uuid().simple())).await);
    }
    join(&rig, (contacts[0], contacts[1])).await;
    let clean = Run {
        investors: 1,
        ..Run::default()
    };
    assert_eq!(night(&rig, &Orders(orders)).await, clean);
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
