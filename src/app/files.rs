//! Files that people send: where they are kept, what fetches them and what lets them go.

use std::sync::Arc;

use super::{App, channel};
use crate::pipeline::{Attachments, FetchFile, JobHandler, MediaFolder, RemoveFiles, Retention};

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
    let retention = Retention::new(app.ground.clone(), app.settings.retention, files.clone());
    [Arc::new(retention), Arc::new(RemoveFiles(files))]
}
