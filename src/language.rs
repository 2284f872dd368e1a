//! The languages we speak, for every room that speaks: chat, notifications, documents.

use serde::{Deserialize, Serialize};

/// A language we answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Hindi in Devanagari.
    Hi,
    /// Hindi in Latin letters, mixed with English.
    Hinglish,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::En, Self::Hi, Self::Hinglish];

    /// Returns the code it is stored under.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Hi => "hi",
            Self::Hinglish => "hinglish",
        }
    }

    /// Returns the language stored under a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }
}
