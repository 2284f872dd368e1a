//! One serving process per SQLite file.

use std::fs::{File, OpenOptions, TryLockError};

use super::{Engine, Error, engine};

/// Held by the process that serves a SQLite database; the system frees it when the
/// process ends, however it ends. On PostgreSQL many may serve, and it holds nothing.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl ServeLock {
    /// Takes the lock, or says who to look for.
    pub fn acquire(url: &str) -> Result<Self, Error> {
        if Engine::of(url)? == Engine::Postgres {
            return Ok(Self { _file: None });
        }
        let path = format!("{}.lock", engine::sqlite_path(url));
        let cannot =
            |e: std::io::Error| Error::Setup(format!("cannot use the lock file {path}: {e}"));
        if let Some(folder) = std::path::Path::new(&path).parent() {
            std::fs::create_dir_all(folder).map_err(cannot)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::Setup(format!(
                "another process already serves this database ({path} is locked); \
                 stop it first, or use PostgreSQL to run several"
            ))),
            Err(TryLockError::Error(e)) => Err(cannot(e)),
        }
    }
}
