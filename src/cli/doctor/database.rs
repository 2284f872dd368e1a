//! Whether the database answers, and whether its tables are of this build.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::Finding;
use crate::config::Settings;
use crate::storage::{Db, Engine};

const NAME: &str = "database";
const PATIENCE: Duration = Duration::from_secs(8);

/// Returns the finding, and the database if it can be used for further checks.
pub(super) async fn check(settings: &Settings) -> (Finding, Option<Db>) {
    let url = settings.database.url.expose_secret();
    if let Some(path) = settings.sqlite_file()
        && !path.exists()
    {
        let found = format!("{} will be made at the first start", path.display());
        return (Finding::ok(NAME, found), None);
    }
    match tokio::time::timeout(PATIENCE, look(url)).await {
        Ok(Ok((db, applied, known))) => (judge(db.engine(), applied, known), Some(db)),
        Ok(Err(error)) => (unreachable_because(&error.to_string()), None),
        Err(_) => (unreachable_because("it did not answer in time"), None),
    }
}

async fn look(url: &str) -> Result<(Db, usize, usize), crate::storage::Error> {
    let db = Db::connect(url, 1).await?;
    let (applied, known) = db.migrations().await?;
    Ok((db, applied, known))
}

fn unreachable_because(reason: &str) -> Finding {
    Finding::fail(
        NAME,
        reason,
        "see that the server runs, that DATABASE_URL names it and its database, and \
         that the user may sign in; for SQLite, that the folder can be written",
    )
}

fn judge(engine: Engine, applied: usize, known: usize) -> Finding {
    let name = match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    if applied > known {
        return Finding::fail(
            NAME,
            format!("{name} holds tables of a newer build ({applied} changes, {known} known here)"),
            "run the newer build again, or restore the backup made before the upgrade",
        );
    }
    if applied < known {
        return Finding::warn(
            NAME,
            format!("{name} answers; {applied} of {known} changes to its tables are applied"),
            "nothing: the next start applies them (or run `sipbrewery migrate`)",
        );
    }
    Finding::ok(NAME, format!("{name} answers, its tables are up to date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_build_is_not_touched() {
        assert!(judge(Engine::Sqlite, 4, 3).is_failure());
        assert!(!judge(Engine::Sqlite, 2, 3).is_failure());
        assert!(!judge(Engine::Postgres, 3, 3).is_failure());
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_yet_is_not_made_by_looking() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        let url = format!("sqlite://{}", file.display());
        let settings =
            Settings::from_lookup(|name| (name == "DATABASE_URL").then(|| url.clone())).unwrap();
        let (finding, db) = check(&settings).await;
        assert!(!finding.is_failure());
        assert!(db.is_none() && !file.exists());
    }

    #[tokio::test]
    async fn an_unreachable_server_is_a_failure_that_shows_no_password() {
        let url = "postgres://asha:hunter2@127.0.0.1:1/x".to_owned();
        let settings =
            Settings::from_lookup(|name| (name == "DATABASE_URL").then(|| url.clone())).unwrap();
        let (finding, _) = check(&settings).await;
        assert!(finding.is_failure());
        assert!(!finding.to_string().contains("hunter2"), "{finding}");
    }
}
