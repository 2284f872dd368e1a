//! A database, keys, ids and contacts for the tests of this room.

use jiff::Timestamp;

use crate::contacts::store::Merge;
use crate::contacts::store::identify;
use crate::id::{ContactId, Ids};
use crate::people::store::merge_records;
use crate::people::{By, Investor, People, Questionnaire, Rules};
use crate::security::{Keyring, MasterKeys};
use crate::storage::Db;
use crate::whatsapp::Sender;

pub(in crate::people) struct Rig {
    pub(in crate::people) db: Db,
    pub(in crate::people) people: People,
    keys: Keyring,
    ids: Ids,
    _folder: tempfile::TempDir,
    on_server: Option<(String, String)>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn server() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL").ok();
    url.filter(|url| !url.is_empty())
}

async fn on_server(server: &str, statement: String) {
    use sqlx::Connection as _;
    crate::storage::install_drivers();
    let mut conn = sqlx::AnyConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(&mut conn)
        .await
        .unwrap();
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
        let mut made = None;
        if let Some(server) = server() {
            let random: ContactId = Ids::random().next(Timestamp::UNIX_EPOCH);
            let name = format!("people_{}", random.uuid().simple());
            on_server(&server, format!("create database {name}")).await;
            let (head, _) = server.rsplit_once('/').unwrap();
            url = format!("{head}/{name}");
            made = Some((server, name));
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
            on_server: made,
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

impl Drop for Rig {
    fn drop(&mut self) {
        let Some((server, name)) = self.on_server.take() else {
            return;
        };
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let drop = format!("drop database if exists {name} with (force)");
            runtime.block_on(on_server(&server, drop));
        });
        let _ = dropping.join();
    }
}
