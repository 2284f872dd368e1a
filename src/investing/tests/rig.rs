//! A database, keys, ids and contacts for the tests of this room that need them.

use jiff::Timestamp;

use crate::contacts::store::identify;
use crate::id::{ContactId, Ids};
use crate::investing::store::seals::{self, FolioSeal};
use crate::postgres::OnServer;
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
    _on_server: Option<OnServer>,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl TestDb {
    pub(crate) async fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut url = format!("sqlite://{}/t.db", folder.path().display());
        let on_server = OnServer::create(true).await;
        if let Some(made) = &on_server {
            url = made.url();
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
            _on_server: on_server,
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
                let mut found = Vec::with_capacity(people.len());
                // One after the other: those made together get their ids in any order.
                for one in people {
                    let now = Timestamp::UNIX_EPOCH;
                    let known = identify(conn, keys, ids, &[one], now).await?;
                    found.push(known.of(keys, one).unwrap().parse().unwrap());
                }
                Ok(found)
            })
        });
        run.await.unwrap()
    }
}
