//! What we may say, in Meta's shapes and within Meta's limits.
//!
//! Meta refuses what is too long instead of cutting it, so everything is checked
//! before it is queued ([`Outgoing::check`]). Lengths count characters, not bytes.

mod cards;
mod carousel;
mod limits;
mod media;
mod request;
mod template;
mod wording;

use serde::{Deserialize, Serialize};

pub use cards::{Card, CardAction};
pub use carousel::CardParameters;
pub use limits::OverLimit;
pub use media::{Media, Source};
pub use request::{Recipient, read_receipt, typing_indicator};
pub use template::{ButtonParameter, Header, Parameter, Template};
pub use wording::{shorten, split};

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
    /// Words with cards below them, side by side.
    Cards {
        /// At most 1,024 characters.
        body: String,
        /// Two to ten, all with the same kinds of buttons.
        cards: Vec<Card>,
    },
    /// Words with a form behind a button.
    Form {
        /// At most 1,024 characters.
        body: String,
        /// Label that opens it; at most 20 characters.
        button: String,
        /// Name of the form in the account.
        name: String,
        /// Comes back with every step of it.
        token: String,
    },
    /// Words with a button that opens a page.
    Link {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// Its label; at most 20 characters.
        title: String,
        /// The page.
        url: String,
    },
    /// Words with a button that sends where they are.
    AskLocation {
        /// At most 1,024 characters.
        body: String,
    },
    /// Words with a button that sends their phone number: of somebody known by a user id.
    AskPhone {
        /// At most 1,024 characters.
        body: String,
    },
    /// A picture, file, video or sound.
    Media(Media),
    /// An emoji on a message of theirs; none takes it away again.
    Reaction {
        /// Meta's id of their message.
        to: String,
        /// One emoji.
        emoji: Option<String>,
    },
    /// An answer that shows which message of theirs it answers.
    Quoting {
        /// Meta's id of their message.
        wamid: String,
        /// The answer.
        message: Box<Self>,
    },
    /// An approved template: may be sent when the 24-hour window is closed.
    Template(Template),
}

impl Outgoing {
    /// Returns the words of it, as they read above any buttons.
    pub fn words(&self) -> &str {
        match self {
            Self::Text { body }
            | Self::Buttons { body, .. }
            | Self::List { body, .. }
            | Self::Cards { body, .. }
            | Self::Form { body, .. }
            | Self::Link { body, .. }
            | Self::AskLocation { body }
            | Self::AskPhone { body } => body,
            Self::Media(media) => media.caption.as_deref().unwrap_or(""),
            Self::Reaction { emoji, .. } => emoji.as_deref().unwrap_or(""),
            Self::Quoting { message, .. } => message.words(),
            Self::Template(template) => &template.words,
        }
    }

    /// Returns what can be said in place of cards whose pictures cannot be had: the same words
    /// and buttons, where they are few enough.
    pub fn without_pictures(&self) -> Option<Self> {
        match self {
            Self::Cards { body, cards } => cards::as_buttons(body, cards),
            Self::Quoting { wamid, message } => {
                let plain = message.without_pictures()?;
                Some(plain.quoting(wamid))
            }
            _ => None,
        }
    }

    /// Has it show which message of theirs it answers.
    #[must_use]
    pub fn quoting(self, wamid: &str) -> Self {
        Self::Quoting {
            wamid: wamid.to_owned(),
            message: Box::new(self),
        }
    }

    /// Returns the message itself, without what it quotes.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Quoting { message, .. } => message.bare(),
            other => other,
        }
    }

    /// Returns the names of the files of ours that go with it and have to be uploaded.
    pub fn kept_files(&self) -> Vec<&str> {
        let sources = self.sources().into_iter();
        let kept = sources.filter_map(|source| match source {
            Source::Kept(name) => Some(name.as_str()),
            _ => None,
        });
        kept.collect()
    }

    /// Returns the ids of the files at Meta's that go with it.
    pub fn media_ids(&self) -> Vec<&str> {
        let sources = self.sources().into_iter();
        let uploaded = sources.filter_map(|source| match source {
            Source::Uploaded(id) => Some(id.as_str()),
            _ => None,
        });
        uploaded.collect()
    }

    /// Has its file of this name be the one that Meta has under this id.
    #[must_use]
    pub fn uploaded(mut self, name: &str, media_id: &str) -> Self {
        let mut inner = &mut self;
        while let Self::Quoting { message, .. } = inner {
            inner = message;
        }
        let sources: Vec<&mut Source> = match inner {
            Self::Media(media) => vec![&mut media.source],
            Self::Cards { cards, .. } => cards.iter_mut().map(|card| &mut card.source).collect(),
            Self::Template(template) => {
                let header = match &mut template.header {
                    Some(Header::Media { media }) => Some(&mut media.source),
                    _ => None,
                };
                let cards = template.cards.iter_mut().map(|card| &mut card.source);
                header.into_iter().chain(cards).collect()
            }
            _ => Vec::new(),
        };
        for source in sources {
            if matches!(source, Source::Kept(kept) if kept == name) {
                *source = Source::Uploaded(media_id.to_owned());
            }
        }
        self
    }

    fn sources(&self) -> Vec<&Source> {
        match self.bare() {
            Self::Media(media) => vec![&media.source],
            Self::Cards { cards, .. } => cards.iter().map(|card| &card.source).collect(),
            Self::Template(template) => {
                let header = match &template.header {
                    Some(Header::Media { media }) => Some(&media.source),
                    _ => None,
                };
                let cards = template.cards.iter().map(|card| &card.source);
                header.into_iter().chain(cards).collect()
            }
            _ => Vec::new(),
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
