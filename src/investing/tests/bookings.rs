//! Orders and statements tell of the same transactions: each counts once.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;

use super::rig::{TestDb, at};
use crate::id::ContactId;
use crate::investing::cas::{self, Statement};
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::scheme::{Isin, SchemeCode};
use crate::investing::store::portfolios::list_folios;
use crate::investing::{
    Booked, Booking, Investing, Movement, Portfolio, record_allotment, reverse_allotment,
};
use crate::storage::Error;

const SAMPLE: &str = include_str!("../../../tests/data/cas/sample-cas-synthetic.json");

fn now() -> Timestamp {
    at("2026-08-24T04:30:00Z")
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

struct Rig {
    base: TestDb,
    investing: Investing,
    contact: ContactId,
}

async fn rig() -> Rig {
    let base = TestDb::new(1).await;
    let arn = Some("ARN-000001".to_owned());
    Rig {
        investing: Investing::load(base.db.clone(), arn).await.unwrap(),
        contact: base.contacts(1, 1).await[0],
        base,
    }
}

impl Rig {
    async fn give(&self, statement: &Statement) -> cas::ImportSummary {
        let seal = Arc::new(self.base.seal(self.contact).await);
        let ids = &self.base.ids;
        let import = self
            .investing
            .import_cas(self.contact, statement, now(), ids, seal);
        import.await.unwrap()
    }

    async fn book(&self, bookings: &[Booking]) -> Result<Vec<Booked>, Error> {
        let input = (
            self.base.keys.clone(),
            self.base.ids.clone(),
            bookings.to_vec(),
        );
        let run = self.base.db.write(input, |conn, (keys, ids, bookings)| {
            Box::pin(async move {
                let mut all = Vec::new();
                for one in bookings {
                    all.push(record_allotment(conn, keys, ids, one, now()).await?);
                }
                Ok(all)
            })
        });
        run.await
    }

    async fn reverse(&self, reference: &str) -> usize {
        let input = (self.base.ids.clone(), self.contact, reference.to_owned());
        let run = self.base.db.write(input, |conn, (ids, contact, order)| {
            let on = date(2026, 8, 24);
            Box::pin(reverse_allotment(conn, ids, (*contact, order), on, now()))
        });
        run.await.unwrap()
    }

    async fn portfolio(&self) -> Portfolio {
        let seal = self.base.seal(self.contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(self.contact, today, &seal).await;
        found.unwrap().unwrap()
    }

    async fn rows(&self) -> i64 {
        let mut conn = self.base.db.read().await.unwrap();
        sqlx::query_scalar("select count(*) from transactions")
            .fetch_one(&mut *conn)
            .await
            .unwrap()
    }

    /// The first instalment of the sample's HDFC scheme as the exchange reports it.
    fn instalment(&self) -> Booking {
        Booking {
            contact: self.contact,
            reference: "ins_1".to_owned(),
            movement: Movement::Instalment,
            scheme: SchemeCode(101_762),
            isins: Isin::parse("INF179K01608").into_iter().collect(),
            name: "HDFC Flexi Cap Fund - Regular - Growth".to_owned(),
            amc: "HDFC Mutual Fund".to_owned(),
            allotment: Allotment {
                folio: "90000001/11".to_owned(),
                nav_date: date(2026, 3, 5),
                nav: d("1909.420"),
                units: d("2.618"),
                amount: Paise(499_975),
                stamp_duty: Paise(25),
                exit_load: Paise(0),
                stt: Paise(0),
            },
        }
    }
}

fn sample() -> Statement {
    cas::parse(SAMPLE.as_bytes()).unwrap()
}

#[tokio::test]
async fn an_allotment_makes_folio_and_holding_and_booking_it_again_changes_nothing() {
    let rig = rig().await;
    let first = rig.book(&[rig.instalment()]).await.unwrap().remove(0);
    assert_eq!((first.is_new_folio, first.added), (true, 2));
    let again = rig.book(&[rig.instalment()]).await.unwrap().remove(0);
    assert_eq!((again.is_new_folio, again.added), (false, 0));
    assert_eq!(again.folio, first.folio);
    let portfolio = rig.portfolio().await;
    let held = &portfolio.holdings[0];
    assert_eq!((held.units, held.cost), (d("2.618"), Some(Paise(500_000))));
    assert_eq!(portfolio.statements_to, None);
}

#[tokio::test]
async fn what_an_order_put_on_record_is_not_counted_again_when_the_statement_comes() {
    let alone = rig().await;
    alone.give(&sample()).await;
    let expected = alone.portfolio().await;

    let rig = rig().await;
    let mut booking = rig.instalment();
    booking.allotment.folio = "90000001 / 11".to_owned();
    rig.book(&[booking]).await.unwrap();
    let summary = rig.give(&sample()).await;
    assert_eq!(summary.folios, (2, 1), "the folio was the order's");
    assert_eq!(summary.transactions, (19, 2), "{summary}");
    let found = rig.portfolio().await;
    assert_eq!(found, expected);
    assert_eq!(rig.give(&sample()).await.transactions, (0, 21));
    assert_eq!(rig.rows().await, 21);
}

#[tokio::test]
async fn a_folio_that_an_order_opened_takes_its_holder_from_the_statement() {
    let rig = rig().await;
    rig.book(&[rig.instalment()]).await.unwrap();
    let seal = rig.base.seal(rig.contact).await;
    for is_named in [false, true] {
        if is_named {
            rig.give(&sample()).await;
        }
        let mut conn = rig.base.db.read().await.unwrap();
        let folios = list_folios(&mut conn, rig.contact, &seal).await.unwrap();
        let of_order = folios.iter().find(|f| f.personal.number == "90000001/11");
        let personal = &of_order.unwrap().personal;
        assert_eq!(personal.name.is_some(), is_named);
        assert_eq!(personal.pan.is_some(), is_named);
    }
}

#[tokio::test]
async fn a_statement_that_came_before_its_order_is_found_by_it() {
    let rig = rig().await;
    rig.give(&sample()).await;
    let expected = rig.portfolio().await;
    let booked = rig.book(&[rig.instalment()]).await.unwrap().remove(0);
    assert_eq!((booked.is_new_folio, booked.added), (false, 0));
    assert_eq!(rig.portfolio().await, expected);
    let mut another = rig.instalment();
    another.reference = "ins_2".to_owned();
    let booked = rig.book(&[another]).await.unwrap().remove(0);
    assert_eq!(
        booked.added, 2,
        "an equal instalment of another order is another"
    );
}

#[tokio::test]
async fn a_redemption_that_a_statement_gave_before_its_load_counts_after_it() {
    let rig = rig().await;
    rig.give(&sample()).await;
    let realised = |portfolio: Portfolio| portfolio.realised.unwrap();
    let before = realised(rig.portfolio().await);
    let mut redemption = rig.instalment();
    redemption.movement = Movement::Redemption;
    redemption.allotment = Allotment {
        nav_date: date(2026, 8, 18),
        nav: d("2080.100"),
        units: d("5.000"),
        amount: Paise(1_040_050),
        stamp_duty: Paise(0),
        exit_load: Paise(10_401),
        stt: Paise(10),
        ..redemption.allotment
    };
    let booked = rig.book(&[redemption]).await.unwrap().remove(0);
    assert_eq!(booked.added, 0);
    let after = before - Paise(10_401);
    assert_eq!(realised(rig.portfolio().await), after);
    let again = rig.give(&sample()).await;
    assert_eq!(again.transactions, (0, 21), "{again}");
    assert_eq!(realised(rig.portfolio().await), after);
    assert_eq!(rig.reverse("ins_1").await, 2);
}

#[tokio::test]
async fn units_of_an_order_after_the_statement_count_on_top_of_it() {
    let rig = rig().await;
    rig.give(&sample()).await;
    let before = rig.portfolio().await;
    let mut later = rig.instalment();
    later.allotment.nav_date = date(2026, 8, 24);
    rig.book(&[later]).await.unwrap();
    let after = rig.portfolio().await;
    let units = |p: &Portfolio| {
        let held = p.holdings.iter().find(|h| h.name.contains("Flexi"));
        held.map(|h| (h.units, h.cost.unwrap())).unwrap()
    };
    let (old, new) = (units(&before), units(&after));
    assert_eq!(new.0 - old.0, d("2.618"));
    assert_eq!(new.1 - old.1, Paise(500_000));
}

#[tokio::test]
async fn an_order_that_a_later_statement_denies_leaves_the_history_in_doubt() {
    let rig = rig().await;
    let mut wrong = rig.instalment();
    wrong.allotment.nav_date = date(2026, 3, 9);
    rig.book(&[wrong]).await.unwrap();
    rig.give(&sample()).await;
    let portfolio = rig.portfolio().await;
    let mut flexi = portfolio
        .holdings
        .iter()
        .filter(|h| h.name.contains("Flexi"));
    let held = flexi.next().unwrap();
    assert_eq!(
        (held.units, held.cost),
        (d("10.454"), None),
        "the statement's word"
    );
}

#[tokio::test]
async fn a_switch_books_both_legs_or_neither() {
    let rig = rig().await;
    rig.book(&[rig.instalment()]).await.unwrap();
    let mut out = rig.instalment();
    out.reference = "ord_9".to_owned();
    out.movement = Movement::SwitchOut;
    out.allotment.nav_date = date(2026, 8, 20);
    out.allotment.units = d("1.000");
    out.allotment.amount = Paise(208_260);
    out.allotment.exit_load = Paise(2_083);
    out.allotment.stt = Paise(2);
    out.allotment.stamp_duty = Paise(0);
    let mut into = rig.instalment();
    into.reference = "ord_9".to_owned();
    into.movement = Movement::SwitchIn;
    into.scheme = SchemeCode(100_868);
    into.isins = Vec::new();
    into.allotment.nav_date = date(2026, 8, 21);
    into.allotment.amount = Paise(206_165);
    into.allotment.stamp_duty = Paise(10);
    into.allotment.units = d("0.375");
    let mut broken = into.clone();
    broken.contact = rig.base.ids.next(now());
    assert!(rig.book(&[out.clone(), broken]).await.is_err());
    assert_eq!(
        rig.rows().await,
        2,
        "the way out was undone with the way in"
    );
    let booked = rig.book(&[out, into]).await.unwrap();
    assert_eq!([booked[0].added, booked[1].added], [2, 2]);
    let portfolio = rig.portfolio().await;
    let mut units: Vec<_> = portfolio.holdings.iter().map(|h| h.units).collect();
    units.sort_unstable();
    assert_eq!(units, [d("0.375"), d("1.618")]);
}

#[tokio::test]
async fn a_reversal_is_a_row_of_its_own_and_happens_once() {
    let rig = rig().await;
    rig.book(&[rig.instalment()]).await.unwrap();
    assert_eq!(rig.reverse("ins_1").await, 2);
    assert_eq!(rig.reverse("ins_1").await, 0);
    assert_eq!(rig.rows().await, 4, "nothing was edited or deleted");
    let portfolio = rig.portfolio().await;
    assert!(portfolio.holdings.is_empty());
}

#[tokio::test]
async fn an_order_and_a_statement_at_once_still_count_once() {
    let rig = rig().await;
    let statement = sample();
    for _ in 0..5 {
        let bookings = [rig.instalment()];
        let (booked, _) = tokio::join!(rig.book(&bookings), rig.give(&statement));
        booked.unwrap();
    }
    assert_eq!(rig.rows().await, 21);
}
