//! The folder files are kept in. Names in it are hashes and nothing else: none ever comes
//! from whoever sent the file, and what lies there is sealed and cannot be executed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What a file is called: the SHA-256, in hex, of what lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName(String);

impl FileName {
    /// Returns the name of what will lie there.
    pub(super) fn of(sealed: &[u8]) -> Self {
        use std::fmt::Write as _;

        let mut name = String::with_capacity(64);
        for byte in Sha256::digest(sealed) {
            let _ = write!(name, "{byte:02x}");
        }
        Self(name)
    }

    /// Reads a name; anything that is not one leads out of the folder or nowhere.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where files are kept.
#[derive(Debug, Clone)]
pub struct MediaFolder {
    root: PathBuf,
}

impl MediaFolder {
    /// Returns the folder; it is made when the first file comes.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Makes sure that a file can be written to it, and leaves none there.
    pub fn probe(&self) -> io::Result<()> {
        make_folder(&self.root)?;
        let trial = self.root.join(format!("{}.trial", std::process::id()));
        write_whole(&trial, b"may be deleted")?;
        fs::remove_file(trial)
    }

    /// Writes a file: after this it is there whole, through power loss too.
    pub(super) async fn put(&self, name: &FileName, sealed: Vec<u8>) -> io::Result<()> {
        let (place, part) = (self.place(name), self.part(name));
        blocking(move || {
            let below = place.parent().unwrap_or(&place);
            make_folder(below)?;
            write_whole(&part, &sealed)?;
            fs::rename(&part, &place)?;
            sync_folder(below)
        })
        .await
    }

    /// Reads a file; `None` if it is not there.
    pub(super) async fn get(&self, name: &FileName) -> io::Result<Option<Vec<u8>>> {
        let place = self.place(name);
        blocking(move || match fs::read(place) {
            Ok(sealed) => Ok(Some(sealed)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Removes a file, and what was written of it; one that is not there is no fault.
    pub(super) async fn remove(&self, name: &FileName) -> io::Result<()> {
        let places = [self.part(name), self.place(name)];
        blocking(move || {
            for place in places {
                match fs::remove_file(place) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        })
        .await
    }

    fn place(&self, FileName(name): &FileName) -> PathBuf {
        self.root.join(&name[..2]).join(name)
    }

    fn part(&self, name: &FileName) -> PathBuf {
        self.place(name).with_extension("part")
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
}

/// Nobody but the service looks into it.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name that is not on disk is lost with the power, however whole its file is.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_there_whole_under_its_hash_until_it_is_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = MediaFolder::new(temporary.path().join("media"));
        let name = FileName::of(b"sealed");
        assert_eq!(folder.get(&name).await.unwrap(), None);
        folder.put(&name, b"sealed".to_vec()).await.unwrap();
        assert_eq!(folder.get(&name).await.unwrap().unwrap(), b"sealed");
        let shelf = folder.path().join(&name.as_str()[..2]);
        let there: Vec<_> = fs::read_dir(shelf).unwrap().collect();
        assert_eq!(there.len(), 1, "nothing half-written beside it");
        for _ in 0..2 {
            folder.remove(&name).await.unwrap();
            assert_eq!(folder.get(&name).await.unwrap(), None);
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_may_read_a_file_and_nobody_at_all_execute_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let temporary = tempfile::tempdir().unwrap();
        let folder = MediaFolder::new(temporary.path().join("media"));
        let name = FileName::of(b"MZ");
        folder.put(&name, b"MZ".to_vec()).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.place(&name)), 0o600);
        assert_eq!(mode(folder.path()), 0o700);
    }

    #[test]
    fn only_a_hash_is_a_name() {
        let hash = FileName::of(b"x").0;
        assert!(FileName::parse(&hash).is_some());
        for text in ["", "../../etc/passwd", &hash[1..], &hash.to_uppercase()] {
            assert_eq!(FileName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_noticed_and_one_that_can_is_left_empty() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = MediaFolder::new(temporary.path().join("media"));
        folder.probe().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let file = temporary.path().join("file");
        fs::write(&file, "in the way").unwrap();
        assert!(MediaFolder::new(file).probe().is_err());
    }
}
