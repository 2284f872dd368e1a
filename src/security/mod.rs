//! Keeps personal data unreadable to whoever gets the files.
//!
//! `DATA_KEY` wraps data keys; data keys seal fields with AES-256-GCM. A sealed field
//! names its key, and table, column and row are bound to it, so that it cannot be moved
//! to another row. What has to be found again (a phone number) is found by a keyed
//! hash, whose key does not change when `DATA_KEY` does.

pub mod audit;
mod keyring;
mod seal;
mod store;

pub use keyring::{InvalidDataKey, Keyring, MasterKeys, WrappedKey, secret_token};
pub use seal::{DataKey, Place, SealError};
