//! Files that go: with a contact who is erased, or after the time that is kept.

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::folder::FileName;
use super::{Attachments, rows};
use crate::id::ContactId;
use crate::pipeline::Ground;
use crate::pipeline::jobs::{Job, JobError, JobHandler, enqueue};
use crate::storage::{Conn, Error};

/// The kind of the job. Its payload is a list of names.
const KIND: &str = "remove_files";

/// Forgets the files of a contact on the caller's transaction, and has them removed from
/// the folder once it holds.
pub async fn forget_attachments(
    conn: &mut Conn,
    ground: &Ground,
    contact: ContactId,
    now: Timestamp,
) -> Result<(), Error> {
    let names = rows::forget(conn, &contact.to_string()).await?;
    if names.is_empty() {
        return Ok(());
    }
    let job = Job {
        kind: KIND,
        unique_key: format!("{KIND}:{contact}:{now}"),
        payload: serde_json::to_vec(&names).map_err(anyhow::Error::from)?,
        run_at: now,
    };
    enqueue(conn, ground, &job).await.map(drop)
}

/// Removes files from the folder. Running it twice finds them gone.
pub struct RemoveFiles(pub Attachments);

impl JobHandler for RemoveFiles {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, payload: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let names: Vec<String> =
                serde_json::from_slice(payload).map_err(|e| JobError::Fail(e.into()))?;
            for name in names.iter().filter_map(|name| FileName::parse(name)) {
                self.0.folder.remove(&name).await?;
            }
            Ok(())
        })
    }
}

impl Attachments {
    /// Removes up to `most` files that came before an instant; returns how many. The file
    /// goes first: a row that names none is no harm, a file that no row names is.
    pub(in crate::pipeline) async fn let_go(&self, before: i64, most: i64) -> anyhow::Result<u64> {
        let mut conn = self.ground.db.read().await?;
        let old = rows::older(&mut conn, before, most).await?;
        drop(conn);
        let count = u64::try_from(old.len())?;
        for file in old.iter().filter_map(|(_, file)| file.as_deref()) {
            if let Some(name) = FileName::parse(file) {
                self.folder.remove(&name).await?;
            }
        }
        let ids: Vec<String> = old.into_iter().map(|(id, _)| id).collect();
        let gone = self
            .ground
            .db
            .write(ids, |conn, ids| Box::pin(rows::let_go(conn, ids)));
        gone.await?;
        Ok(count)
    }
}
