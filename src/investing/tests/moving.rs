//! Holdings go along when two contacts are found to be one person.

use std::sync::Arc;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::rig::{TestDb, at};
use crate::contacts::Merged;
use crate::contacts::store::identify;
use crate::id::ContactId;
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::scheme::{Isin, SchemeCode};
use crate::investing::{
    Booking, Investing, Movement, Portfolio, cas, move_holdings, record_allotment,
    reverse_allotment,
};
use crate::whatsapp::Sender;

const SAMPLE: &str = include_str!("../../../tests/data/cas/sample-cas-synthetic.json");

struct Rig {
    base: TestDb,
    investing: Investing,
}

async fn rig() -> Rig {
    let base = TestDb::new(1).await;
    let investing = Investing::load(base.db.clone(), None).await.unwrap();
    Rig { base, investing }
}

impl Rig {
    async fn hear(&self, phone: Option<&str>, user: Option<&str>) -> (ContactId, Vec<Merged>) {
        let sender = Sender {
            wa_id: phone.map(str::to_owned),
            user_id: user.map(str::to_owned),
            ..Sender::default()
        };
        let input = (self.base.keys.clone(), self.base.ids.clone(), sender);
        let run = self.base.db.write(input, |conn, (keys, ids, sender)| {
            Box::pin(async move {
                let now = at("2026-08-24T04:30:00Z");
                let known = identify(conn, keys, ids, &[sender], now).await?;
                for merged in known.merged() {
                    let pair = (merged.from, merged.into);
                    move_holdings(conn, keys, ids, pair, now).await?;
                }
                let id = known.of(keys, sender).unwrap().parse().unwrap();
                Ok((id, known.merged().to_vec()))
            })
        });
        run.await.unwrap()
    }

    async fn give(&self, contact: ContactId) {
        let statement = cas::parse(SAMPLE.as_bytes()).unwrap();
        let seal = Arc::new(self.base.seal(contact).await);
        let now = at("2026-08-24T04:30:00Z");
        let ids = &self.base.ids;
        let import = self
            .investing
            .import_cas(contact, &statement, now, ids, seal);
        import.await.unwrap();
    }

    async fn book(&self, contact: ContactId, (reference, allotment): (&str, Allotment)) {
        let is_out = allotment.stt > Paise(0);
        let booking = Booking {
            contact,
            reference: reference.to_owned(),
            movement: if is_out {
                Movement::Redemption
            } else {
                Movement::Purchase
            },
            scheme: SchemeCode(101_762),
            isins: Isin::parse("INF179K01608").into_iter().collect(),
            name: "HDFC Flexi Cap Fund - Regular - Growth".to_owned(),
            amc: "HDFC Mutual Fund".to_owned(),
            allotment,
        };
        let input = (self.base.keys.clone(), self.base.ids.clone(), booking);
        let run = self.base.db.write(input, |conn, (keys, ids, booking)| {
            let now = at("2026-08-24T04:30:00Z");
            Box::pin(async move { record_allotment(conn, keys, ids, booking, now).await })
        });
        run.await.unwrap();
    }

    async fn reverse(&self, contact: ContactId, order: &str) -> usize {
        let input = (self.base.ids.clone(), contact, order.to_owned());
        let run = self.base.db.write(input, |conn, (ids, contact, order)| {
            let (on, now) = (date(2026, 8, 24), at("2026-08-24T04:30:00Z"));
            Box::pin(reverse_allotment(conn, ids, (*contact, order), on, now))
        });
        run.await.unwrap()
    }

    /// Returns units of the sample's HDFC scheme, with what was gained by selling some.
    async fn flexi(&self, contact: ContactId) -> (Decimal, Option<Paise>) {
        let portfolio = self.portfolio(contact).await.unwrap();
        let mut all = portfolio.holdings.iter();
        let held = all.find(|held| held.name.contains("Flexi")).unwrap();
        (held.units, held.realised)
    }

    async fn portfolio(&self, contact: ContactId) -> Option<Portfolio> {
        let seal = self.base.seal(contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(contact, today, &seal).await;
        found.unwrap()
    }
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A movement in the sample's HDFC scheme as the exchange reports it.
fn allotted(nav_date: Date, (units, nav): (&str, &str), amount: i64) -> Allotment {
    Allotment {
        folio: "90000001/11".to_owned(),
        nav_date,
        nav: d(nav),
        units: d(units),
        amount: Paise(amount),
        stamp_duty: Paise(0),
        exit_load: Paise(0),
        stt: Paise(0),
    }
}

/// The sample's redemption, so late that its units count as long as no statement has it.
fn redemption() -> (&'static str, Allotment) {
    let made = allotted(date(2026, 8, 18), ("5.000", "2080.100"), 1_040_050);
    let stt = Paise(10);
    ("ord_1", Allotment { stt, ..made })
}

/// The sample's first purchase.
fn purchase() -> (&'static str, Allotment) {
    let made = allotted(date(2026, 3, 5), ("2.618", "1909.420"), 499_975);
    let stamp_duty = Paise(25);
    ("ord_0", Allotment { stamp_duty, ..made })
}

#[tokio::test]
async fn holdings_bound_to_a_user_id_go_to_the_contact_of_the_phone_number() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    rig.give(user).await;
    let before = rig.portfolio(user).await.unwrap();
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    assert!(rig.portfolio(phone).await.is_none());
    let (both, merged) = rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(both, phone);
    assert_eq!(
        merged,
        [Merged {
            from: user,
            into: phone
        }]
    );
    assert_eq!(rig.portfolio(phone).await.unwrap(), before);
    assert!(rig.portfolio(user).await.is_none());
    let again = rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(again, (phone, Vec::new()));
}

#[tokio::test]
async fn a_folio_that_both_had_counts_once() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    rig.give(user).await;
    rig.give(phone).await;
    let before = rig.portfolio(phone).await.unwrap();
    rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(rig.portfolio(phone).await.unwrap(), before);
}

#[tokio::test]
async fn units_of_an_order_that_the_other_contact_s_statement_has_count_once() {
    for orders_first in [true, false] {
        let rig = rig().await;
        let (user, _) = rig.hear(None, Some("IN.1")).await;
        let (phone, _) = rig.hear(Some("919000000000"), None).await;
        let (ordered, stated) = if orders_first {
            (user, phone)
        } else {
            (phone, user)
        };
        rig.book(ordered, redemption()).await;
        rig.give(stated).await;
        let before = rig.flexi(stated).await;
        rig.hear(Some("919000000000"), Some("IN.1")).await;
        let after = rig.flexi(phone).await;
        assert_eq!(after.0, d("10.454"), "what the statement says");
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn an_order_that_a_statement_had_is_still_confirmed_with_the_other_contact() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    rig.book(user, redemption()).await;
    rig.give(user).await;
    let before = rig.flexi(user).await;
    rig.book(phone, purchase()).await;
    rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(rig.flexi(phone).await, before);
    assert_eq!(before.0, d("10.454"));
}

#[tokio::test]
async fn an_order_undone_after_the_joining_is_undone_where_its_units_are() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    let late = allotted(date(2026, 8, 18), ("2.414", "2071.000"), 499_939);
    rig.book(user, redemption()).await;
    rig.book(user, ("ord_2", late)).await;
    rig.give(phone).await;
    rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(rig.flexi(phone).await.0, d("12.868"));
    assert_eq!(rig.reverse(phone, "ord_1").await, 2);
    assert_eq!(rig.flexi(phone).await.0, d("17.868"), "it was stated there");
    assert_eq!(rig.reverse(phone, "ord_2").await, 1);
    assert_eq!(rig.flexi(phone).await.0, d("15.454"), "it was copied there");
}

#[tokio::test]
async fn an_exit_load_that_only_the_order_knows_counts_once_with_the_other_contact() {
    for is_stated in [true, false] {
        let rig = rig().await;
        let (user, _) = rig.hear(None, Some("IN.1")).await;
        let (phone, _) = rig.hear(Some("919000000000"), None).await;
        rig.give(user).await;
        let without = rig.flexi(user).await.1.unwrap();
        let (order, made) = redemption();
        let exit_load = Paise(10_401);
        rig.book(user, (order, Allotment { exit_load, ..made }))
            .await;
        let before = rig.flexi(user).await;
        assert_eq!(before.1, Some(without - exit_load));
        if is_stated {
            rig.give(phone).await;
        } else {
            rig.book(phone, purchase()).await;
        }
        rig.hear(Some("919000000000"), Some("IN.1")).await;
        assert_eq!(rig.flexi(phone).await, before);
    }
}
