//! Whether the files that people send can be kept.

use super::Finding;
use crate::config::Settings;
use crate::pipeline::MediaFolder;

const NAME: &str = "media folder";

/// Writes a file and takes it away again: permissions alone do not tell.
pub(super) fn check(settings: &Settings) -> Finding {
    let folder = MediaFolder::new(settings.media_folder());
    let path = folder.path().display();
    match folder.probe() {
        Err(error) => Finding::fail(
            NAME,
            format!("{path} cannot be written ({error})"),
            "make it a folder that the service's user may write to, or have MEDIA_FOLDER name \
             another; until then what people send is not kept",
        ),
        Ok(()) if settings.sqlite_file().is_none() => Finding::warn(
            NAME,
            format!("{path} can be written"),
            "with more than one process, see that all of them share this folder",
        ),
        Ok(()) => Finding::ok(NAME, format!("{path} can be written")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: String, database: &'static str) -> Settings {
        let named = move |name: &str| match name {
            "MEDIA_FOLDER" => Some(folder.clone()),
            "DATABASE_URL" => Some(database.to_owned()),
            _ => None,
        };
        Settings::from_lookup(named).unwrap()
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_failure_that_names_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("media").display().to_string();
        let sqlite = "sqlite://data/x.db";
        assert!(!check(&settings(folder.clone(), sqlite)).is_failure());
        let shared = check(&settings(folder.clone(), "postgres://127.0.0.1/x"));
        assert!(shared.to_string().contains("share this folder"), "{shared}");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "in the way").unwrap();
        let finding = check(&settings(folder.clone(), sqlite));
        assert!(finding.is_failure() && finding.to_string().contains(&folder));
    }
}
