//! Whether `DATA_KEY` opens what the database holds.

use super::Finding;
use crate::config::{DEMO_KEY_FILE, Settings};
use crate::security::{Keyring, MasterKeys};
use crate::storage::Db;

const NAME: &str = "keys";

/// Returns the finding, and the keys if they can be used for further checks.
pub(super) async fn check(settings: &Settings, db: Option<&Db>) -> (Finding, Option<Keyring>) {
    let well_formed = |why| {
        (
            Finding::ok(NAME, format!("DATA_KEY is well formed; {why}")),
            None,
        )
    };
    let masters = match &settings.data_key {
        Some(masters) => masters.clone(),
        None => match demo_masters(settings) {
            Ok(Some(masters)) => masters,
            Ok(None) => {
                let found = "the demo makes its own at the first start";
                return (Finding::ok(NAME, found), None);
            }
            Err(finding) => return (finding, None),
        },
    };
    let Some(db) = db else {
        return well_formed("there is no database to open yet");
    };
    match db.migrations().await {
        Ok((applied, known)) if applied == known => {}
        _ => return well_formed("looked at after the migration"),
    }
    match Keyring::find(db, masters).await {
        Ok(Some(keys)) => (
            Finding::ok(NAME, "DATA_KEY opens this database"),
            Some(keys),
        ),
        Ok(None) => well_formed("the first start seals this database with it"),
        Err(error) => {
            let to_do =
                "find the key this database was made with; without it personal data cannot be read";
            (Finding::fail(NAME, error.to_string(), to_do), None)
        }
    }
}

fn demo_masters(settings: &Settings) -> Result<Option<MasterKeys>, Finding> {
    let path = settings.data_folder().join(DEMO_KEY_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(&path, &error.to_string())),
    };
    match MasterKeys::parse(text.trim()) {
        Ok(masters) => Ok(Some(masters)),
        Err(_) => Err(unusable(&path, "it does not hold a key")),
    }
}

fn unusable(path: &std::path::Path, why: &str) -> Finding {
    Finding::fail(
        NAME,
        format!("{} cannot be used: {why}", path.display()),
        "restore the file, or remove the whole data folder to begin a new demo",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::id::Ids;

    #[tokio::test]
    async fn a_key_that_does_not_open_the_database_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/x.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        let settings_with = |key: String| {
            let url = url.clone();
            Settings::from_lookup(move |name| match name {
                "DATABASE_URL" => Some(url.clone()),
                "DATA_KEY" => Some(key.clone()),
                _ => None,
            })
            .unwrap()
        };
        let (right, wrong) = (MasterKeys::generate(), MasterKeys::generate());
        let (finding, keys) = check(&settings_with(wrong.clone()), Some(&db)).await;
        assert!(
            !finding.is_failure() && keys.is_none(),
            "looking seals nothing"
        );
        let masters = MasterKeys::parse(&right).unwrap();
        let now = Clock::system().now();
        Keyring::load(&db, masters, &Ids::random(), now)
            .await
            .unwrap();
        let (finding, keys) = check(&settings_with(right), Some(&db)).await;
        assert!(!finding.is_failure() && keys.is_some());
        let (finding, keys) = check(&settings_with(wrong), Some(&db)).await;
        assert!(finding.is_failure() && keys.is_none());
    }
}
