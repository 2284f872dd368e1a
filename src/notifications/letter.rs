//! A letter: what goes out by e-mail.

use serde::{Deserialize, Serialize};

/// Who the letters are from, as they sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributor {
    /// Name.
    pub name: String,
    /// AMFI registration number.
    pub arn: String,
    /// Where an investor complains.
    pub grievance_contact: String,
}

/// A letter as it waits to be posted, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Words.
    pub body: String,
    /// What comes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Whether the investor may decline letters like this one, which mail programs then
    /// offer to do for them (RFC 2369). A required notice makes no such offer.
    pub may_be_declined: bool,
}

/// A file that comes with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Its type (`application/pdf`).
    pub media_type: String,
    /// What is in it.
    #[serde(with = "in_base64")]
    pub content: Vec<u8>,
}

mod in_base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::Deserialize;

    pub(super) fn serialize<S: serde::Serializer>(
        bytes: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        STANDARD
            .decode(text.as_bytes())
            .map_err(serde::de::Error::custom)
    }
}

/// What became of an attempt to post a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// The server took it.
    Taken,
    /// It was certainly not taken: again later.
    Again {
        /// Why.
        reason: String,
    },
    /// The server will never take it.
    Refused {
        /// Its code, if it gave one.
        code: Option<u16>,
        /// Why.
        reason: String,
    },
    /// It may have been taken: the connection was lost after the words were handed over.
    Unknown {
        /// What happened.
        reason: String,
    },
}
