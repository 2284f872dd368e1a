//! `migrate`: the tables, without the service.

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::storage::{Db, ServeLock};

/// Bring the database's tables up to date, and stop.
///
/// `serve` does this by itself. Run it alone before an upgrade of several processes
/// on one PostgreSQL, or to see whether the database can be reached.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Applies what is missing.
pub(super) async fn run(_args: Args, settings: Settings) -> anyhow::Result<()> {
    let url = settings.database.url.expose_secret();
    let _alone = ServeLock::acquire(url)?;
    let db = Db::open(url, 1).await.context("migrating the database")?;
    db.close().await;
    super::say("the database is up to date");
    Ok(())
}
