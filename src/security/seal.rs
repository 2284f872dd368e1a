//! Sealing of single fields.
//!
//! A sealed field is `1 ‖ key id (16 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`;
//! the leading byte is the version of this layout.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use uuid::Uuid;

use crate::id::KeyId;

const LAYOUT: u8 = 1;
const HEADER: usize = 1 + 16 + 12;

/// Where a sealed field lives. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Primary key of the row.
    pub row: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        // None of the parts holds a bar, so no two places read the same.
        format!("{}|{}|{}", self.table, self.column, self.row).into_bytes()
    }
}

/// Why a field does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Too short, or of another layout.
    #[error("not a sealed field of a known layout")]
    Layout,
    /// Sealed under another key.
    #[error("sealed under another key")]
    OtherKey,
    /// Changed, moved or sealed by somebody else.
    #[error("changed, moved to another row, or sealed under other key material")]
    Forged,
}

/// A key that seals fields.
#[derive(Clone)]
pub struct DataKey {
    id: KeyId,
    cipher: Aes256Gcm,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.id)
    }
}

impl DataKey {
    pub(super) fn new(id: KeyId, material: &[u8; 32]) -> Self {
        Self {
            id,
            cipher: Aes256Gcm::new(material.into()),
        }
    }

    /// Returns the id of the key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Makes a key for one thing of whoever this key is; also returns it sealed under this
    /// one for a place.
    pub fn make_key(&self, place: Place<'_>, id: KeyId) -> (Self, Vec<u8>) {
        let material: [u8; 32] = super::keyring::random();
        let plain = [id.uuid().as_bytes().as_slice(), &material].concat();
        (Self::new(id, &material), self.seal(place, &plain))
    }

    /// Opens a key that was made for this place.
    pub fn open_key(&self, place: Place<'_>, sealed: &[u8]) -> Result<Self, SealError> {
        let plain = self.open(place, sealed)?;
        let (id, material) = plain.split_at_checked(16).ok_or(SealError::Layout)?;
        let id = Uuid::from_slice(id).map_err(|_| SealError::Layout)?;
        let material = material.try_into().map_err(|_| SealError::Layout)?;
        Ok(Self::new(KeyId::from(id), material))
    }

    /// Seals `plain` for one place.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; 12] = super::keyring::random();
        let payload = Payload {
            msg: plain,
            aad: &place.bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .expect("AES-GCM takes any message under 64 GiB");
        let mut field = Vec::with_capacity(HEADER + sealed.len());
        field.push(LAYOUT);
        field.extend_from_slice(self.id.uuid().as_bytes());
        field.extend_from_slice(&nonce);
        field.extend_from_slice(&sealed);
        field
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place<'_>, field: &[u8]) -> Result<Vec<u8>, SealError> {
        if key_of(field)? != self.id {
            return Err(SealError::OtherKey);
        }
        let nonce: [u8; 12] = field[17..HEADER]
            .try_into()
            .map_err(|_| SealError::Layout)?;
        let payload = Payload {
            msg: &field[HEADER..],
            aad: &place.bytes(),
        };
        self.cipher
            .decrypt(&Nonce::from(nonce), payload)
            .map_err(|_| SealError::Forged)
    }
}

/// Reads which key sealed a field.
fn key_of(field: &[u8]) -> Result<KeyId, SealError> {
    if field.len() < HEADER || field[0] != LAYOUT {
        return Err(SealError::Layout);
    }
    let id = Uuid::from_slice(&field[1..17]).map_err(|_| SealError::Layout)?;
    Ok(KeyId::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    const HERE: Place<'static> = Place {
        table: "inbox",
        column: "payload",
        row: "in_1",
    };

    fn key(seed: u64) -> DataKey {
        let id = Ids::seeded(seed).next(jiff::Timestamp::UNIX_EPOCH);
        DataKey::new(id, &[u8::try_from(seed).unwrap(); 32])
    }

    #[test]
    fn a_sealed_field_opens_only_where_it_was_sealed() {
        let sealed = key(1).seal(HERE, b"hello");
        assert_eq!(key(1).open(HERE, &sealed).unwrap(), b"hello");
        for place in [
            Place {
                row: "in_2",
                ..HERE
            },
            Place {
                column: "reason",
                ..HERE
            },
            Place {
                table: "outbox",
                ..HERE
            },
        ] {
            assert_eq!(key(1).open(place, &sealed), Err(SealError::Forged));
        }
        assert_eq!(key(2).open(HERE, &sealed), Err(SealError::OtherKey));
    }

    #[test]
    fn a_key_made_under_another_opens_what_it_sealed_and_only_through_that_other() {
        let id = Ids::seeded(9).next(jiff::Timestamp::UNIX_EPOCH);
        let (made, sealed_key) = key(1).make_key(HERE, id);
        let sealed = made.seal(HERE, b"hello");
        let opened = key(1).open_key(HERE, &sealed_key).unwrap();
        assert_eq!(opened.open(HERE, &sealed).unwrap(), b"hello");
        assert_eq!(key(1).open(HERE, &sealed), Err(SealError::OtherKey));
        assert!(key(2).open_key(HERE, &sealed_key).is_err());
        let cut = key(1).seal(HERE, b"short");
        assert!(key(1).open_key(HERE, &cut).is_err());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = key(1).seal(HERE, b"hello");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(HERE, &changed).is_err(), "byte {at}");
            assert!(key(1).open(HERE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_words_never_look_the_same() {
        assert_ne!(key(1).seal(HERE, b"hello"), key(1).seal(HERE, b"hello"));
    }
}
