//! How a message is kept between its webhook and its turn: compact JSON that names
//! its version, so that a row written by an older release can still be told apart.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::InboundMessage;

const VERSION: u32 = 1;

/// A stored message cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum BadStored {
    /// Not in any form we wrote.
    #[error("the stored message is malformed")]
    Malformed(#[from] serde_json::Error),
    /// Written by a release that knows more than this one.
    #[error("the stored message has version {0}, which is not known")]
    Version(u32),
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    m: &'a InboundMessage,
}

#[derive(Deserialize)]
struct Tagged<'a> {
    v: u32,
    #[serde(borrow)]
    m: &'a RawValue,
}

impl InboundMessage {
    /// Returns the form to store.
    pub fn to_stored(&self) -> Vec<u8> {
        let written = Written {
            v: VERSION,
            m: self,
        };
        serde_json::to_vec(&written).expect("a message has text keys only")
    }

    /// Reads the stored form back.
    pub fn from_stored(stored: &[u8]) -> Result<Self, BadStored> {
        let tagged: Tagged = serde_json::from_slice(stored)?;
        if tagged.v != VERSION {
            return Err(BadStored::Version(tagged.v));
        }
        Ok(serde_json::from_str(tagged.m.get())?)
    }
}
