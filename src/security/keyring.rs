//! The keys above the keys: what `DATA_KEY` holds and what it wraps.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::seal::{DataKey, Place, SealError};
use crate::id::KeyId;

/// `DATA_KEY` does not hold what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "key {position} of DATA_KEY is not 32 bytes of base64; make one with `openssl rand -base64 32`"
)]
pub struct InvalidDataKey {
    /// Counted from 1.
    position: usize,
}

/// The keys of `DATA_KEY`, newest first. The newest wraps; all unwrap.
#[derive(Clone)]
pub struct MasterKeys {
    keys: Vec<Master>,
}

#[derive(Clone)]
struct Master {
    /// First 8 bytes of the key's SHA-256, in hex: says which key it is, not what it is.
    name: String,
    key: DataKey,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.keys.iter().map(|master| &master.name).collect();
        f.debug_tuple("MasterKeys").field(&names).finish()
    }
}

impl MasterKeys {
    /// Reads 32-byte keys in base64, separated by commas, newest first.
    pub fn parse(text: &str) -> Result<Self, InvalidDataKey> {
        let read = |(at, part): (usize, &str)| {
            let position = at + 1;
            let bytes = STANDARD
                .decode(part.trim())
                .map_err(|_| InvalidDataKey { position })?;
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| InvalidDataKey { position })?;
            Ok(Master::new(&bytes))
        };
        let keys = text
            .split(',')
            .enumerate()
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// Makes a new key, in the form `DATA_KEY` takes.
    pub fn generate() -> String {
        STANDARD.encode(random::<32>())
    }

    /// Makes a data key, wrapped for storage.
    pub(super) fn make(&self, id: KeyId) -> (WrappedKey, [u8; 32]) {
        let material: [u8; 32] = random();
        let newest = &self.keys[0];
        let row = id.to_string();
        let wrapped = WrappedKey {
            id,
            wrapped_by: newest.name.clone(),
            bytes: newest.key.seal(wrapped_at(&row), &material),
        };
        (wrapped, material)
    }

    pub(super) fn unwrap(&self, key: &WrappedKey) -> Result<[u8; 32], SealError> {
        let master = self
            .keys
            .iter()
            .find(|master| master.name == key.wrapped_by)
            .ok_or(SealError::OtherKey)?;
        let row = key.id.to_string();
        let material = master.key.open(wrapped_at(&row), &key.bytes)?;
        material.try_into().map_err(|_| SealError::Layout)
    }
}

impl Master {
    fn new(bytes: &[u8; 32]) -> Self {
        use std::fmt::Write as _;
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let mut name = String::with_capacity(16);
        for byte in &digest[..8] {
            let _ = write!(name, "{byte:02x}");
        }
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        let key = DataKey::new(KeyId::from(uuid::Uuid::from_bytes(id)), bytes);
        Self { name, key }
    }
}

fn wrapped_at(row: &str) -> Place<'_> {
    Place {
        table: "keys",
        column: "wrapped",
        row,
    }
}

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Its id.
    pub id: KeyId,
    /// Name of the master key that wraps it.
    pub wrapped_by: String,
    /// The wrapped key.
    pub bytes: Vec<u8>,
}

/// Everything that seals, opens and finds.
#[derive(Clone)]
pub struct Keyring {
    masters: MasterKeys,
    ingest: DataKey,
    index: Hmac<Sha256>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("masters", &self.masters)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    pub(super) fn new(
        masters: MasterKeys,
        ingest: &WrappedKey,
        index: &WrappedKey,
    ) -> Result<Self, SealError> {
        let ingest = DataKey::new(ingest.id, &masters.unwrap(ingest)?);
        let index = Hmac::new_from_slice(&masters.unwrap(index)?).expect("HMAC takes any key");
        Ok(Self {
            masters,
            ingest,
            index,
        })
    }

    /// The key for what has just come in.
    pub fn ingest(&self) -> &DataKey {
        &self.ingest
    }

    /// Makes a key for a new contact.
    pub fn make(&self, id: KeyId) -> (WrappedKey, DataKey) {
        let (wrapped, material) = self.masters.make(id);
        (wrapped, DataKey::new(id, &material))
    }

    /// Opens a stored key.
    pub fn unwrap(&self, key: &WrappedKey) -> Result<DataKey, SealError> {
        Ok(DataKey::new(key.id, &self.masters.unwrap(key)?))
    }

    /// Returns the keyed hash by which `value` of one `column` is found again: 16 bytes,
    /// different for the same value in another column.
    pub fn blind(&self, column: &str, value: &str) -> [u8; 16] {
        let mut mac = self.index.clone();
        mac.update(column.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut blind = [0; 16];
        blind.copy_from_slice(&digest[..16]);
        blind
    }
}

/// Returns bytes nobody can foresee.
#[expect(
    clippy::disallowed_methods,
    reason = "keys and nonces come from the system-seeded generator, never from a test's seed"
)]
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::Rng::fill_bytes(&mut rand::rng(), &mut bytes);
    bytes
}

/// Returns a text nobody can guess, of letters, digits, `-` and `_`.
pub fn secret_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;
    use jiff::Timestamp;

    fn keyring(masters: &MasterKeys) -> (Keyring, WrappedKey, WrappedKey) {
        let ids = Ids::seeded(1);
        let (ingest, _) = masters.make(ids.next(Timestamp::UNIX_EPOCH));
        let (index, _) = masters.make(ids.next(Timestamp::UNIX_EPOCH));
        let keyring = Keyring::new(masters.clone(), &ingest, &index).unwrap();
        (keyring, ingest, index)
    }

    #[test]
    fn a_new_data_key_in_front_still_opens_what_the_old_one_wrapped() {
        let old = MasterKeys::generate();
        let (before, ingest, index) = keyring(&MasterKeys::parse(&old).unwrap());
        let both = format!("{},{old}", MasterKeys::generate());
        let after = Keyring::new(MasterKeys::parse(&both).unwrap(), &ingest, &index).unwrap();
        assert_eq!(before.blind("a", "x"), after.blind("a", "x"));
        let alone = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        assert!(Keyring::new(alone, &ingest, &index).is_err());
    }

    #[test]
    fn blind_indexes_of_two_columns_cannot_be_compared() {
        let (keyring, ..) = keyring(&MasterKeys::parse(&MasterKeys::generate()).unwrap());
        assert_ne!(keyring.blind("wa_id", "91"), keyring.blind("user_id", "91"));
    }

    #[test]
    fn a_data_key_says_which_of_its_parts_is_wrong_and_never_shows_it() {
        let good = MasterKeys::generate();
        let error = MasterKeys::parse(&format!("{good},secret")).unwrap_err();
        assert!(error.to_string().starts_with("key 2 of DATA_KEY"));
        assert!(!format!("{:?}", MasterKeys::parse(&good).unwrap()).contains(&good));
    }
}
