//! A contact's key, as the rooms above `security` ask for it.

use crate::contacts::store::StoredContact;
use crate::investing::ports::Seal;
use crate::security::{DataKey, Place};

/// Seals what is theirs under one contact's key.
pub struct ContactSeal {
    key: DataKey,
}

impl From<StoredContact> for ContactSeal {
    fn from(stored: StoredContact) -> Self {
        Self { key: stored.key }
    }
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "folios",
        column: "sealed",
        row,
    }
}

impl Seal for ContactSeal {
    fn seal(&self, row: &str, plain: &[u8]) -> Vec<u8> {
        self.key.seal(place(row), plain)
    }

    fn open(&self, row: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(self.key.open(place(row), sealed)?)
    }
}
