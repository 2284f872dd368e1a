//! The demo of a test, in a folder of its own.

use super::{App, demo, demo_people};
use crate::config::Settings;
use crate::id::Ids;

/// The statement that is shipped with the demo: Asha's.
pub(super) const STATEMENT: &[u8] = include_bytes!("../../demo/cas/asha.json");

/// Opens a demo with nobody in it; with further settings, if any.
pub(super) async fn open(folder: &tempfile::TempDir, settings: &[(&str, &str)]) -> App {
    let url = format!("sqlite://{}/t.db", folder.path().display());
    let settings = Settings::from_lookup(|name| {
        if name == "DATABASE_URL" {
            return Some(url.clone());
        }
        let mut given = settings.iter();
        given.find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
    });
    App::open(&settings.unwrap(), demo::clock(), Ids::random())
        .await
        .unwrap()
}

/// Opens a demo with its people, and what Asha holds.
pub(super) async fn with_people(folder: &tempfile::TempDir) -> App {
    let app = open(folder, &[]).await;
    app.import_statement(STATEMENT, None).await.unwrap();
    demo_people::fill(&app).await.unwrap();
    app
}
