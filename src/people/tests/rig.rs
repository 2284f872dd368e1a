//! A database, keys, ids and contacts for the tests of this room.

use jiff::Timestamp;

use crate::contacts::store::Merge;
use crate::contacts::store::identify;
use crate::id::{ContactId, Ids};
use crate::people::store::merge_records;
use crate::people::{By, Investor, People, Questionnaire, Rules};
use crate::postgres::OnServer;
use crate::security::{Keyring, MasterKeys};
use crate::storage::Db;
use crate::whatsapp::Sender;

pub(in crate::people) struct Rig {
    pub(in crate::people) db: Db,
    pub(in crate::people) people: People,
    keys: Keyring,
    ids: Ids,
    _folder: tempfile::TempDir,
    _on_server: Option<OnServer>,
}

/// 24 August 2026, ten in the morning in India.
pub(in crate::people) fn now() -> Timestamp {
    "2026-08-24T04:30:00Z".parse().unwrap()
}

/// The investor says so, now.
pub(in crate::people) fn themselves() -> By<'static> {
    By {
        who: "contact",
        at: now(),
    }
}

impl Rig {
    pub(in crate::people) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut url = format!("sqlite://{}/t.db", folder.path().display());
        let on_server = OnServer::create(true).await;
        if let Some(made) = &on_server {
            url = made.url();
        }
        let db = Db::open(&url, 8).await.unwrap();
        let ids = Ids::seeded(1);
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, &ids, now()).await.unwrap();
        let rules = Rules {
            nominee_limit: 3,
            questions: Questionnaire::built_in(),
        };
        Self {
            people: People::new(db.clone(), keys.clone(), ids.clone(), rules),
            db,
            keys,
            ids,
            _folder: folder,
            _on_server: on_server,
        }
    }

    /// Returns the contact of a phone number.
    pub(in crate::people) async fn contact(&self, number: u64) -> ContactId {
        let person = Sender {
            wa_id: Some(format!("91{}", 9_800_000_000 + number)),
            ..Sender::default()
        };
        let input = (self.keys.clone(), self.ids.clone(), person);
        let run = self.db.write(input, |conn, (keys, ids, person)| {
            Box::pin(async move {
                let known = identify(conn, keys, ids, &[person], now()).await?;
                Ok(known.of(keys, person).unwrap().parse().unwrap())
            })
        });
        run.await.unwrap()
    }

    pub(in crate::people) async fn investor(&self, contact: ContactId) -> Investor {
        self.people.investor(contact).await.unwrap()
    }

    /// Makes one person of two contacts.
    pub(in crate::people) async fn merge(&self, from: ContactId, into: ContactId) {
        let input = (self.keys.clone(), self.ids.clone(), [from, into]);
        let run = self.db.write(input, |conn, (keys, ids, [from, into])| {
            Box::pin(async move {
                let rows = [from.to_string(), into.to_string()];
                let loaded = crate::contacts::store::load(conn, keys, &rows).await?;
                let merge = Merge {
                    from: (*from, &loaded[&rows[0]].key),
                    into: (*into, &loaded[&rows[1]].key),
                    lock_rows: "",
                };
                merge_records(conn, ids, merge, now()).await
            })
        });
        run.await.unwrap();
    }

    /// Counts rows; the text is a whole query.
    pub(in crate::people) async fn count(&self, query: &'static str) -> i64 {
        let mut conn = self.db.read().await.unwrap();
        sqlx::query_scalar(query)
            .fetch_one(&mut *conn)
            .await
            .unwrap()
    }

    /// Returns everything in the room's tables that is not text of our own, in one piece.
    pub(in crate::people) async fn raw_bytes(&self) -> Vec<u8> {
        let mut conn = self.db.read().await.unwrap();
        let mut all = Vec::new();
        for query in [
            "select pan from investors where pan is not null",
            "select name from investors where name is not null",
            "select date_of_birth from investors where date_of_birth is not null",
            "select email from investors where email is not null",
            "select mobile from investors where mobile is not null",
            "select binding from investors where binding is not null",
            "select nomination from investors where nomination is not null",
            "select fatca from investors where fatca is not null",
            "select account from bank_accounts",
            "select answers from risk_profiles",
            "select proof from consents",
        ] {
            let found: Vec<Vec<u8>> = sqlx::query_scalar(query)
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            assert!(!found.is_empty(), "{query}");
            all.extend(found.concat());
        }
        all
    }
}
