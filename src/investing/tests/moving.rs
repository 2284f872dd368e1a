//! Holdings go along when two contacts are found to be one person.

use std::sync::Arc;

use jiff::civil::date;

use super::rig::{TestDb, at};
use crate::contacts::Merged;
use crate::contacts::store::identify;
use crate::id::ContactId;
use crate::investing::cas::{self, Statement};
use crate::investing::{Investing, Portfolio, move_holdings};
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
        self.give_this(contact, &sample()).await;
    }

    async fn give_this(&self, contact: ContactId, statement: &Statement) {
        let seal = Arc::new(self.base.seal(contact).await);
        let now = at("2026-08-24T04:30:00Z");
        let ids = &self.base.ids;
        let import = self
            .investing
            .import_cas(contact, statement, now, ids, seal);
        import.await.unwrap();
    }

    async fn portfolio(&self, contact: ContactId) -> Option<Portfolio> {
        let seal = self.base.seal(contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(contact, today, &seal).await;
        found.unwrap()
    }
}

fn sample() -> Statement {
    cas::parse(SAMPLE.as_bytes()).unwrap()
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
async fn a_folio_is_the_same_by_its_schemes_where_its_fund_house_is_called_otherwise() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    rig.give(phone).await;
    let before = rig.portfolio(phone).await.unwrap();
    let mut renamed = sample();
    for folio in &mut renamed.folios {
        folio.amc = format!("{} (formerly another)", folio.amc);
    }
    // Named by the registrar's code, as statements without ISINs are.
    let flexi = &mut renamed.folios[0].schemes[0];
    (flexi.isin, flexi.key) = (None, "H02".to_owned());
    rig.give_this(user, &renamed).await;
    rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(rig.portfolio(phone).await.unwrap(), before);
}

#[tokio::test]
async fn equal_numbers_of_two_fund_houses_stay_two_folios() {
    let rig = rig().await;
    let (user, _) = rig.hear(None, Some("IN.1")).await;
    let (phone, _) = rig.hear(Some("919000000000"), None).await;
    let (mut one, mut other) = (sample(), sample());
    one.folios.truncate(1);
    other.folios.remove(0);
    other.folios[0].number.clone_from(&one.folios[0].number);
    rig.give_this(phone, &one).await;
    rig.give_this(user, &other).await;
    rig.hear(Some("919000000000"), Some("IN.1")).await;
    assert_eq!(rig.portfolio(phone).await.unwrap().folios.len(), 2);
}

#[tokio::test]
async fn of_two_versions_in_one_folio_that_both_had_the_newer_statements_counts() {
    let mut corrected = sample();
    corrected.to = date(2026, 8, 22);
    let scheme = &mut corrected.folios[0].schemes[0];
    scheme.close = "10.440".parse().unwrap();
    scheme.transactions[10].units = "2.400".parse().ok();
    for is_moved in [false, true] {
        let rig = rig().await;
        let (user, _) = rig.hear(None, Some("IN.1")).await;
        let (phone, _) = rig.hear(Some("919000000000"), None).await;
        let (newer, older) = if is_moved {
            (user, phone)
        } else {
            (phone, user)
        };
        rig.give_this(newer, &corrected).await;
        rig.give(older).await;
        let expected = rig.portfolio(newer).await.unwrap();
        rig.hear(Some("919000000000"), Some("IN.1")).await;
        assert_eq!(rig.portfolio(phone).await.unwrap(), expected);
    }
}
