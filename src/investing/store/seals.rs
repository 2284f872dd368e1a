//! What is personal about a folio opens and closes with its contact's key.

use super::events::key_of;
use crate::id::ContactId;
use crate::investing::ports::Seal;
use crate::security::{DataKey, Keyring, Place};
use crate::storage::{Conn, Error};

/// Seals the folios of one contact.
pub(in crate::investing) struct FolioSeal {
    key: DataKey,
}

/// Returns the seal of a contact, whose key must be there.
pub(in crate::investing) async fn of(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<FolioSeal, Error> {
    let key = key_of(conn, keys, contact).await?;
    let key = key.ok_or_else(|| Error::Damaged {
        table: "contacts",
        row: contact.to_string(),
        what: "its key was destroyed".to_owned(),
    })?;
    Ok(FolioSeal { key })
}

impl From<DataKey> for FolioSeal {
    fn from(key: DataKey) -> Self {
        Self { key }
    }
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "folios",
        column: "sealed",
        row,
    }
}

impl Seal for FolioSeal {
    fn seal(&self, row: &str, plain: &[u8]) -> Vec<u8> {
        self.key.seal(place(row), plain)
    }

    fn open(&self, row: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(self.key.open(place(row), sealed)?)
    }
}
