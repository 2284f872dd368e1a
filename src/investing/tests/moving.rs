//! Holdings go along when two contacts are found to be one person.

use std::sync::Arc;

use jiff::civil::date;

use super::rig::{TestDb, at};
use crate::contacts::Merged;
use crate::contacts::store::identify;
use crate::id::ContactId;
use crate::investing::{Investing, Portfolio, cas, move_holdings};
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

    async fn portfolio(&self, contact: ContactId) -> Option<Portfolio> {
        let seal = self.base.seal(contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(contact, today, &seal).await;
        found.unwrap()
    }
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
