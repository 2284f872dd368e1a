//! Documents from a database, and the links to them.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use jiff::{Span, Timestamp};
use serde_json::json;

use crate::clock::Clock;
use crate::contacts::store::{StoredContact, identify};
use crate::documents::facts::By;
use crate::documents::records::Records;
use crate::documents::{Announce, Documents, Issuer, Kind, Order, Purge, Unverified};
use crate::id::{ContactId, Ids};
use crate::investing::events::{What, untold};
use crate::investing::ports::Seal;
use crate::investing::{Investing, SchemeCode, cas};
use crate::language::Language;
use crate::people::{self, Pan, People, Questionnaire, Rules};
use crate::pipeline::{Ground, JobHandler};
use crate::security::{DataKey, Keyring, MasterKeys, Place};
use crate::storage::Db;
use crate::whatsapp::Sender;

struct FolioSeal(DataKey);

fn place(row: &str) -> Place<'_> {
    Place {
        table: "folios",
        column: "sealed",
        row,
    }
}

impl Seal for FolioSeal {
    fn seal(&self, row: &str, plain: &[u8]) -> Vec<u8> {
        self.0.seal(place(row), plain)
    }

    fn open(&self, row: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(self.0.open(place(row), sealed)?)
    }
}

struct Rig {
    documents: Documents,
    ground: Ground,
    investing: Investing,
    contact: ContactId,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 4).await.unwrap();
        let ids = Ids::seeded(11);
        let now: Timestamp = "2026-08-24T04:30:00Z".parse().unwrap();
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, &ids, now).await.unwrap();
        let ground = Ground::new(db.clone(), keys, Clock::standing(now), ids, 10);
        let contact = Self::contact(&ground).await;
        let arn = Some("ARN-000001".to_owned());
        let investing = Investing::load(db, arn).await.unwrap();
        let unseal =
            |contact: &StoredContact| -> Box<dyn Seal> { Box::new(FolioSeal(contact.key.clone())) };
        let issuer = Issuer {
            name: "A Distributor".to_owned(),
            arn: "ARN-000001".to_owned(),
            base_url: "https://bot.example".to_owned(),
        };
        Self {
            documents: Documents::new(ground.clone(), investing.clone(), Arc::new(unseal), issuer),
            ground,
            investing,
            contact,
            _folder: folder,
        }
    }

    async fn contact(ground: &Ground) -> ContactId {
        let person = Sender {
            wa_id: Some("919000000000".to_owned()),
            ..Sender::default()
        };
        let input = (ground.clone(), person);
        let id = ground.db.write(input, |conn, (ground, person)| {
            Box::pin(async move {
                let now = ground.clock.now();
                let (keys, ids) = (&ground.keys, &ground.ids);
                let known = identify(conn, keys, ids, &[person], now).await?;
                Ok(known.of(keys, person).map(str::to_owned))
            })
        });
        id.await.unwrap().unwrap().parse().unwrap()
    }

    async fn stored(&self) -> StoredContact {
        let row = self.contact.to_string();
        let mut conn = self.ground.db.read().await.unwrap();
        let contacts = std::slice::from_ref(&row);
        let found = crate::contacts::store::load(&mut conn, &self.ground.keys, contacts).await;
        found.unwrap().remove(&row).unwrap()
    }

    async fn seal(&self) -> FolioSeal {
        FolioSeal(self.stored().await.key)
    }

    async fn load(&self, order: Order) -> Records {
        let stored = self.stored().await;
        let seal = FolioSeal(stored.key.clone());
        let around = (&self.ground, &self.investing);
        let loaded = Records::load(around, &stored, date(2026, 8, 24), order, &seal);
        loaded.await.unwrap()
    }

    async fn import(&self) {
        let text = include_str!("../../../demo/cas/asha.json");
        let statement = cas::parse(text.as_bytes()).unwrap();
        let seal = self.seal().await;
        let now = self.ground.clock.now();
        self.investing
            .import_cas(
                self.contact,
                &statement,
                now,
                &self.ground.ids,
                Arc::new(seal),
            )
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn each_document_is_made_from_what_is_on_record_and_from_nothing() {
    let rig = Rig::new().await;
    for filled in [false, true] {
        if filled {
            rig.import().await;
        }
        for (kind, order) in [
            (Kind::Statement, Order::Statement),
            (
                Kind::Transactions,
                Order::Transactions {
                    from: None,
                    to: None,
                },
            ),
            (Kind::CapitalGains, Order::CapitalGains { year: 2025 }),
            (Kind::SipSummary, Order::SipSummary),
            (Kind::PortfolioChart, Order::PortfolioChart),
            (Kind::AllocationChart, Order::AllocationChart(By::Amc)),
            (Kind::SipGrowthChart, Order::SipGrowthChart),
        ] {
            let made = rig.documents.make(rig.contact, Language::Hi, order).await;
            let made = made.unwrap();
            assert_eq!(made.kind, kind);
            assert!(made.bytes.len() > 1_000 && !made.caption.is_empty());
        }
        let made = rig
            .documents
            .make(rig.contact, Language::En, Order::Statement)
            .await
            .unwrap();
        assert_eq!(
            made.caption.contains("holdings: 0"),
            !filled,
            "{}",
            made.caption
        );
    }
}

#[tokio::test]
async fn a_paper_names_whoever_told_their_name_where_no_statement_does() {
    let rig = Rig::new().await;
    let named = async || {
        let records = rig.load(Order::Statement).await;
        (records.investor, records.pan)
    };
    assert_eq!(named().await, (None, None));
    let ground = &rig.ground;
    let rules = Rules {
        nominee_limit: 3,
        questions: Questionnaire::built_in(),
    };
    let (db, keys, ids) = (ground.db.clone(), ground.keys.clone(), ground.ids.clone());
    let room = People::new(db, keys, ids, rules);
    let by = people::By {
        who: "contact",
        at: ground.clock.now(),
    };
    room.record_name(rig.contact, "Asha Rao", by).await.unwrap();
    let told = Some("Asha Rao".to_owned());
    assert_eq!(named().await, (told.clone(), None));
    // What they did not tell, their statements do.
    rig.import().await;
    assert_eq!(named().await, (told.clone(), Some("AAAPA0000A".to_owned())));
    let pan = Pan::parse("BNZPM2501F").unwrap();
    room.record_pan(rig.contact, pan, by).await.unwrap();
    assert_eq!(named().await, (told, Some("BNZPM2501F".to_owned())));
}

#[tokio::test]
async fn a_statement_has_the_risk_of_schemes_with_three_years_of_navs_and_of_no_others() {
    let rig = Rig::new().await;
    rig.import().await;
    let now = rig.ground.clock.now();
    let list = async |category: &str, option: &str| {
        let list = format!(
            "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;Plan;\
             Option;Net Asset Value;Date\nOpen Ended Schemes({category})\n\
             HDFC Mutual Fund\n101762;INF179K01608;-;HDFC Flexi Cap Fund;Regular Plan;{option};\
             2082.607;21-Aug-2026\n"
        );
        let listed = rig.investing.import_navs(list.as_bytes(), "list", now);
        assert_eq!(listed.await.unwrap().changed_schemes, 1);
    };
    let flexi = "Equity Scheme - Flexi Cap Fund";
    list(flexi, "Growth").await;
    let code = SchemeCode(101_762);
    for (years, known) in [(2, false), (4, true)] {
        let days = (1..years * 52).map(|week| {
            let date = date(2026, 8, 21).saturating_add(Span::new().weeks(-week));
            let nav = 1_000 + week % 7;
            json!({"date": date.strftime("%d-%m-%Y").to_string(), "nav": format!("{nav}.00000")})
        });
        let days: Vec<_> = days.collect();
        let file = json!({"meta": {"scheme_code": code.0}, "data": days, "status": "SUCCESS"});
        let file = serde_json::to_vec(&file).unwrap();
        let filled = rig
            .investing
            .backfill_navs(&file, Some(code), "mirror", now);
        assert!(filled.await.unwrap().changed_navs > 50);
        let risk = rig.load(Order::Statement).await.account.risk;
        assert_eq!(risk.len(), usize::from(known), "{years} years");
        assert!(
            risk.iter()
                .all(|one| one.volatility > 0.0 && one.fall.0 < 0.0)
        );
        let other = rig.load(Order::SipSummary).await.account.risk;
        assert_eq!(other, [], "no other document reads every NAV");
    }
    // A payout is a fall of the NAV and no loss; and some publish on Sundays as well.
    for (category, option) in [(flexi, "IDCW"), ("Debt Scheme - Liquid Fund", "Growth")] {
        list(category, option).await;
        let risk = rig.load(Order::Statement).await.account.risk;
        assert_eq!(risk, [], "{category}, {option}");
    }
}

#[tokio::test]
async fn whoever_is_not_known_any_more_gets_no_document_and_no_link() {
    let rig = Rig::new().await;
    rig.import().await;
    let make = || {
        let (documents, who) = (&rig.documents, rig.contact);
        documents.make(who, Language::En, Order::Statement)
    };
    let paper = make().await.unwrap();
    let who = rig.contact.to_string();
    let changed = rig.ground.db.write(who, |conn, who| {
        Box::pin(async move {
            sqlx::query("update contacts set unverified_since = 1 where id = $1")
                .bind(&*who)
                .execute(conn)
                .await?;
            Ok(())
        })
    });
    changed.await.unwrap();
    let refused = make().await.unwrap_err();
    assert!(refused.is::<Unverified>(), "{refused:#}");
    let link = rig
        .documents
        .publish(rig.contact, &paper, Announce::Yes)
        .await;
    assert!(link.unwrap_err().is::<Unverified>());
    assert_eq!(rows(&rig).await, 0);
}

#[tokio::test]
async fn a_link_leads_to_its_file_until_it_expires_and_then_nothing_is_left() {
    let rig = Rig::new().await;
    rig.import().await;
    let (documents, contact) = (&rig.documents, rig.contact);
    let made = documents
        .make(contact, Language::En, Order::Statement)
        .await
        .unwrap();
    let link = documents
        .publish(contact, &made, Announce::Yes)
        .await
        .unwrap();
    let other = documents
        .publish(contact, &made, Announce::No)
        .await
        .unwrap();
    let token = link
        .url
        .strip_prefix("https://bot.example/documents/")
        .unwrap();
    assert_eq!(token.len(), 43);
    assert_ne!(link.url, other.url);

    let served = documents.fetch(token).await.unwrap().unwrap();
    assert_eq!(
        (served.mime.as_str(), &served.bytes),
        ("application/pdf", &made.bytes)
    );
    let mut wrong = token.to_owned();
    let last = wrong.pop().unwrap();
    wrong.push(if last == 'A' { 'B' } else { 'A' });
    for wrong in [wrong.as_str(), "", "../../etc/passwd", &link.id.to_string()] {
        assert_eq!(documents.fetch(wrong).await.unwrap(), None);
    }

    // Made on the 24th at ten; what is named is a day of which nothing is missing.
    let mut conn = rig.ground.db.read().await.unwrap();
    let told = untold(&mut conn, &rig.ground.keys, 10, &[]).await.unwrap();
    drop(conn);
    let What::DocumentReady { expires, .. } = &told[0].as_ref().unwrap().event.what else {
        panic!("{told:?}");
    };
    assert_eq!(*expires, date(2026, 8, 27));
    let clock = &rig.ground.clock;
    clock.advance(Duration::from_hours(72 + 14) - Duration::from_millis(1));
    assert!(documents.fetch(token).await.unwrap().is_some());
    clock.advance(Duration::from_millis(1));
    assert_eq!(documents.fetch(token).await.unwrap(), None);

    assert_eq!(rows(&rig).await, 2);
    let purge = Purge::new(rig.ground.clone());
    purge.run(&[], clock.now()).await.unwrap();
    assert_eq!(rows(&rig).await, 0);
    purge.run(&[], clock.now()).await.unwrap();
}

async fn rows(rig: &Rig) -> i64 {
    let mut conn = rig.ground.db.read().await.unwrap();
    sqlx::query_scalar("select count(*) from documents")
        .fetch_one(&mut *conn)
        .await
        .unwrap()
}

#[tokio::test]
async fn neither_the_file_nor_the_secret_is_on_record_in_the_clear() {
    let rig = Rig::new().await;
    let made = rig
        .documents
        .make(rig.contact, Language::En, Order::Statement)
        .await
        .unwrap();
    let link = rig
        .documents
        .publish(rig.contact, &made, Announce::Yes)
        .await
        .unwrap();
    let token = link.url.rsplit('/').next().unwrap();
    let mut conn = rig.ground.db.read().await.unwrap();
    let row: (Vec<u8>, Vec<u8>) = sqlx::query_as("select token_hash, sealed from documents")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_ne!(row.0, token.as_bytes());
    assert_eq!(row.0.len(), 16);
    assert!(!row.1.windows(5).any(|w| w == b"%PDF-"));
    let events = untold(&mut conn, &rig.ground.keys, 10, &[]).await.unwrap();
    let [event] = events.as_slice() else {
        panic!("{events:?}");
    };
    let What::DocumentReady { link: told, .. } = &event.as_ref().unwrap().event.what else {
        panic!("{event:?}");
    };
    assert_eq!(*told, link.url);
    let stored: Vec<u8> = sqlx::query_scalar("select payload from business_events")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert!(!stored.windows(token.len()).any(|w| w == token.as_bytes()));
}

#[tokio::test]
async fn an_erased_contact_has_no_files() {
    let rig = Rig::new().await;
    let made = rig
        .documents
        .make(rig.contact, Language::En, Order::Statement)
        .await
        .unwrap();
    let link = rig
        .documents
        .publish(rig.contact, &made, Announce::No)
        .await
        .unwrap();
    let token = link.url.rsplit('/').next().unwrap();
    assert!(rig.documents.fetch(token).await.unwrap().is_some());
    rig.ground
        .db
        .write(rig.contact.to_string(), |conn, id| {
            Box::pin(async move {
                sqlx::query(
                    "update keys set wrapped = null, destroyed_at = 1 where id =
                         (select key_id from contacts where id = $1)",
                )
                .bind(id)
                .execute(conn)
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    assert_eq!(rig.documents.fetch(token).await.unwrap(), None);
}
