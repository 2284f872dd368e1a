//! A database, keys, ids and contacts for the tests of this room that need them.

use jiff::Timestamp;

use crate::contacts::store::identify;
use crate::id::{ContactId, Ids};
use crate::investing::store::seals::{self, FolioSeal};
use crate::security::{Keyring, MasterKeys};
use crate::storage::Db;
use crate::whatsapp::Sender;

/// A fresh database on the engine of this run: SQLite unless `TEST_DATABASE_URL` names a
/// PostgreSQL server.
pub(crate) struct TestDb {
    pub(crate) db: Db,
    pub(crate) keys: Keyring,
    pub(crate) ids: Ids,
    pub(crate) url: String,
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

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl TestDb {
    pub(crate) async fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut url = format!("sqlite://{}/t.db", folder.path().display());
        let mut made = None;
        if let Some(server) = server() {
            let random: ContactId = Ids::random().next(Timestamp::UNIX_EPOCH);
            let name = format!("lib_{}", random.uuid().simple());
            on_server(&server, format!("create database {name}")).await;
            let (head, _) = server.rsplit_once('/').unwrap();
            url = format!("{head}/{name}");
            made = Some((server, name));
        }
        let db = Db::open(&url, 8).await.unwrap();
        let ids = Ids::seeded(seed);
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, &ids, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        Self {
            db,
            keys,
            ids,
            url,
            _folder: folder,
            on_server: made,
        }
    }

    /// Returns what opens a contact's folios.
    pub(in crate::investing) async fn seal(&self, contact: ContactId) -> FolioSeal {
        let mut conn = self.db.read().await.unwrap();
        seals::of(&mut conn, &self.keys, contact).await.unwrap()
    }

    /// Makes contacts whose phone numbers begin at `first`.
    pub(crate) async fn contacts(&self, first: u64, count: u64) -> Vec<ContactId> {
        let people: Vec<_> = (first..first + count)
            .map(|n| Sender {
                wa_id: Some(format!("91{:010}", 9_000_000_000 + n)),
                ..Sender::default()
            })
            .collect();
        let input = (self.keys.clone(), self.ids.clone(), people);
        let run = self.db.write(input, |conn, (keys, ids, people)| {
            Box::pin(async move {
                let people: Vec<_> = people.iter().collect();
                let now = Timestamp::UNIX_EPOCH;
                let known = identify(conn, keys, ids, &people, now).await?;
                let found = people.iter().map(|one| known.of(keys, one).unwrap());
                Ok(found.map(|id| id.parse().unwrap()).collect())
            })
        });
        run.await.unwrap()
    }
}

impl Drop for TestDb {
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
