//! The data key of a demo, made on its first start.

use std::io::{self, Write};
use std::path::Path;

use crate::security::MasterKeys;

/// Name of the file beside the database that keeps a demo's key.
pub const DEMO_KEY_FILE: &str = "demo-data-key";

/// Returns the demo's `DATA_KEY` text, kept in [`DEMO_KEY_FILE`] of `folder`; makes it the
/// first time, readable by the owner only.
///
/// It is written under another name and moved into place, so that a crash leaves
/// either no key or a whole one: half a key would make the demo's data unreadable.
pub fn demo_data_key(folder: &Path) -> io::Result<String> {
    let path = folder.join(DEMO_KEY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    std::fs::create_dir_all(folder)?;
    let key = MasterKeys::generate();
    let draft = folder.join(format!("{DEMO_KEY_FILE}.{}", std::process::id()));
    let mut file = owner_only(&draft)?;
    writeln!(file, "{key}")?;
    file.sync_all()?;
    // A link fails where a rename would replace the key another process just made.
    let linked = std::fs::hard_link(&draft, &path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(std::fs::read_to_string(&path)?.trim().to_owned()),
    }
}

/// Opens a file to be written anew; one that is made can be read by the owner only.
#[cfg(unix)]
pub(crate) fn owner_only(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file to be written anew.
#[cfg(not(unix))]
pub(crate) fn owner_only(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("data");
        let first = demo_data_key(&inside).unwrap();
        let second = demo_data_key(&inside).unwrap();
        assert_eq!(first, second);
        assert!(MasterKeys::parse(&first).is_ok());
        assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(inside.join("demo-data-key")).unwrap();
            assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn two_demos_have_two_keys() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_ne!(
            demo_data_key(one.path()).unwrap(),
            demo_data_key(other.path()).unwrap()
        );
    }
}
