//! What we may say, in Meta's shapes and within Meta's limits.
//!
//! Meta refuses what is too long instead of cutting it, so everything is checked
//! before it is queued ([`Outgoing::check`]). Lengths count characters, not bytes.

mod limits;
mod request;
mod template;

use serde::{Deserialize, Serialize};

pub use limits::OverLimit;
pub use request::{Recipient, read_receipt, typing_indicator};
pub use template::{ButtonParameter, Header, Parameter, Template};

/// A message to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing {
    /// Words.
    Text {
        /// At most 4,096 characters.
        body: String,
    },
    /// Words with one to three buttons.
    Buttons {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// One to three.
        buttons: Vec<Button>,
    },
    /// Words with a list to open.
    List {
        /// At most 4,096 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// Label that opens the list; at most 20 characters.
        button: String,
        /// At most ten, with at most ten rows in all.
        sections: Vec<Section>,
    },
    /// An approved template: may be sent when the 24-hour window is closed.
    Template(Template),
}

impl Outgoing {
    /// Returns the words of it, as they read above any buttons.
    pub fn words(&self) -> &str {
        match self {
            Self::Text { body } | Self::Buttons { body, .. } | Self::List { body, .. } => body,
            Self::Template(template) => &template.words,
        }
    }
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// At most 20 characters, different from its siblings'.
    pub title: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// At most 24 characters.
    pub title: String,
    /// What can be chosen.
    pub rows: Vec<Row>,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when it is chosen; at most 200 characters.
    pub id: String,
    /// At most 24 characters.
    pub title: String,
    /// At most 72 characters.
    pub description: Option<String>,
}
