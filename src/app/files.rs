//! Files that people send: where they are kept, what fetches them and what lets them go.

use std::sync::Arc;

use super::{App, channel};
use crate::assistant;
use crate::investing;
use crate::notifications;
use crate::pipeline::{Attachments, FetchFile, JobHandler, MediaFolder, RemoveFiles, Retention};

/// What else holds what was said.
const WORDS: &[&str] = &[notifications::LET_GO, assistant::LET_GO, investing::LET_GO];

impl App {
    /// Returns the files that people sent.
    pub fn attachments(&self) -> Attachments {
        let folder = MediaFolder::new(self.settings.media_folder());
        Attachments::new(self.ground.clone(), folder)
    }
}

/// Returns what fetches them.
pub(super) fn fetching(app: &App, graph: Arc<channel::Graph>) -> Arc<dyn JobHandler> {
    Arc::new(FetchFile::new(app.attachments(), graph))
}

/// Returns the jobs that let them go: with whoever sent them, or with time, as messages do.
pub(super) fn jobs(app: &App) -> [Arc<dyn JobHandler>; 2] {
    let files = app.attachments();
    let retention =
        Retention::new(app.ground.clone(), app.settings.retention, files.clone()).and(WORDS);
    [Arc::new(retention), Arc::new(RemoveFiles(files))]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::demo_app;

    /// Ended or used on the first day of 1970.
    const OLD: [&str; 2] = [
        "insert into letters (id, contact_id, payload, state, due_at, expires_at, created_at,
             ended_at)
         select 'let_old', id, id, 'sent', 0, 0, 0, 1 from contacts limit 1",
        "insert into assistant_uses (id, contact_id, at, model, prompt, verdict, tokens_in,
             tokens_out, cost, millis, sealed)
         select 'use_old', id, 1, 'm', 'p', 'answered', 0, 0, 0, 0, id from contacts limit 1",
    ];
    const WAITING: &str = "insert into letters (id, contact_id, payload, state, due_at,
             expires_at, created_at)
         select 'let_new', id, id, 'queued', 0, 0, 0 from contacts limit 1";

    async fn plant(app: &App, rows: impl IntoIterator<Item = &'static str>) {
        for text in rows {
            let planted = app.ground.db.write(text, |conn, text| {
                Box::pin(async move {
                    sqlx::query(*text).execute(conn).await?;
                    Ok(())
                })
            });
            planted.await.unwrap();
        }
    }

    #[tokio::test]
    async fn letters_and_questions_to_the_assistant_go_when_messages_do() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        plant(&app, OLD.into_iter().chain([WAITING])).await;
        let [retention, _] = jobs(&app);
        let now = app.ground.clock.now();
        assert!(app.settings.retention > Duration::from_hours(24));
        retention.run(b"", now).await.unwrap();
        let mut conn = app.ground.db.read().await.unwrap();
        let left: Vec<String> =
            sqlx::query_scalar("select id from letters union select id from assistant_uses")
                .fetch_all(&mut *conn)
                .await
                .unwrap();
        assert_eq!(left, ["let_new"], "only what is not posted yet stays");
    }

    /// Something that was told, and something that was not yet; a question to a person that
    /// was answered, and an open one.
    const TOLD: &str = "insert into business_events (id, contact_id, unique_key, kind, payload,
             at, told_at)
         select 'evt_old', c.id, 'old', 'order_allotted', k.wrapped, 0, 1
           from contacts c join keys k on k.id = c.key_id limit 1";
    const UNTOLD: &str =
        "insert into business_events (id, contact_id, unique_key, kind, payload, at)
         select 'evt_new', c.id, 'new', 'order_allotted', k.wrapped, 0
           from contacts c join keys k on k.id = c.key_id limit 1";
    const LOOKED_AT: &str = "insert into attention (id, kind, subject, detail, opened_at,
             resolved_at)
         values ('att_old', 'a_kind', 'old', '', 0, 1), ('att_new', 'a_kind', 'new', '', 0, null)";

    #[tokio::test]
    async fn what_was_told_and_what_a_person_has_looked_at_go_when_messages_do() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        plant(&app, [TOLD, UNTOLD, LOOKED_AT]).await;
        let [retention, _] = jobs(&app);
        let now = app.ground.clock.now();
        for _ in 0..2 {
            retention.run(b"", now).await.unwrap();
        }
        let mut conn = app.ground.db.read().await.unwrap();
        let mut left = Vec::new();
        for text in [
            "select id from business_events where id in ('evt_old', 'evt_new') order by id",
            "select id from business_events where length(payload) = 0",
            "select id from attention where kind = 'a_kind'",
        ] {
            let found: Vec<String> = sqlx::query_scalar(text)
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            left.push(found);
        }
        let both_keys: &[&str] = &["evt_new", "evt_old"];
        assert_eq!(left[0], both_keys, "what happens once is told once");
        assert_eq!(left[1], ["evt_old"]);
        assert_eq!(left[2], ["att_new"]);
    }
}
