//! A template as the account has it.

use serde_json::Value;

use super::button::Button;
use super::card::Card;
use super::definition::{Category, Content, HeaderFormat};

/// How far Meta's review got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// May be sent.
    Approved,
    /// Is being looked at.
    Pending,
    /// Was refused.
    Rejected,
    /// People did not like it: not for now.
    Paused,
    /// People did not like it: never again.
    Disabled,
    /// The refusal is being looked at again.
    InAppeal,
    /// Is being deleted.
    PendingDeletion,
    /// Is gone.
    Deleted,
    /// The account has too many.
    LimitExceeded,
    /// Put away.
    Archived,
    /// A word we do not know: not sent.
    Other,
}

impl Status {
    const KNOWN: [Self; 10] = [
        Self::Approved,
        Self::Pending,
        Self::Rejected,
        Self::Paused,
        Self::Disabled,
        Self::InAppeal,
        Self::PendingDeletion,
        Self::Deleted,
        Self::LimitExceeded,
        Self::Archived,
    ];

    /// Returns Meta's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Pending => "PENDING",
            Self::Rejected => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
            Self::InAppeal => "IN_APPEAL",
            Self::PendingDeletion => "PENDING_DELETION",
            Self::Deleted => "DELETED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Archived => "ARCHIVED",
            Self::Other => "OTHER",
        }
    }

    /// Reads Meta's word.
    pub fn parse(word: &str) -> Self {
        let known = Self::KNOWN.into_iter();
        known
            .into_iter()
            .find(|status| status.as_str() == word)
            .unwrap_or(Self::Other)
    }

    /// Returns the status that an event of `message_template_status_update` leads to;
    /// nothing for one that only warns.
    pub fn after_event(event: &str) -> Option<Self> {
        match event {
            "REINSTATED" | "UNARCHIVED" => Some(Self::Approved),
            "LOCKED" => Some(Self::Disabled),
            "FLAGGED" => None,
            word => match Self::parse(word) {
                Self::Other => None,
                known => Some(known),
            },
        }
    }
}

/// What people think of a template or a number, as Meta counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quality {
    /// High.
    Green,
    /// Middling.
    Yellow,
    /// Low.
    Red,
    /// Not known yet.
    Unknown,
}

impl Quality {
    /// Returns Meta's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "GREEN",
            Self::Yellow => "YELLOW",
            Self::Red => "RED",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Reads Meta's word; what is none of them is not known.
    pub fn parse(word: &str) -> Self {
        [Self::Green, Self::Yellow, Self::Red]
            .into_iter()
            .find(|quality| quality.as_str() == word)
            .unwrap_or(Self::Unknown)
    }
}

/// A template as the account has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InAccount {
    /// Meta's id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Meta's code of its language.
    pub language: String,
    /// How far the review got.
    pub status: Status,
    /// What Meta takes it for; none that we know, if it is another.
    pub category: Option<Category>,
    /// What people think of it.
    pub quality: Quality,
    /// Why it was refused.
    pub rejected: Option<String>,
    /// What it says.
    pub content: Content,
}

/// The fields to ask for.
pub(crate) const FIELDS: &str =
    "id,name,language,status,category,quality_score,rejected_reason,components";

impl InAccount {
    /// Reads one of Graph's list; nothing if it has no id, name or language.
    pub fn read(json: &Value) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let score = json.pointer("/quality_score/score").and_then(Value::as_str);
        let rejected = text("rejected_reason").filter(|reason| *reason != "NONE");
        Some(Self {
            id: crate::whatsapp::client::id_of(json)?,
            name: text("name")?.to_owned(),
            language: text("language")?.to_owned(),
            status: text("status").map_or(Status::Other, Status::parse),
            category: text("category").and_then(Category::parse),
            quality: score.map_or(Quality::Unknown, Quality::parse),
            rejected: rejected.map(str::to_owned),
            content: content(json.get("components").unwrap_or(&Value::Null)),
        })
    }

    /// Returns whether it says what a definition says.
    pub fn says(&self, category: Category, content: &Content) -> bool {
        if category == Category::Authentication {
            // The words around a code are Meta's, in its own translation.
            return (&self.content.buttons, self.content.expires)
                == (&content.buttons, content.expires);
        }
        self.content == *content
    }
}

fn content(components: &Value) -> Content {
    let mut content = Content::default();
    for component in components.as_array().into_iter().flatten() {
        let text = component.get("text").and_then(Value::as_str);
        let text = text.map(str::to_owned);
        match component.get("type").and_then(Value::as_str) {
            Some("HEADER") => {
                let format = component.get("format").and_then(Value::as_str);
                let of_format = || format.map(HeaderFormat::of);
                content.header = text.map(HeaderFormat::Text).or_else(of_format);
            }
            Some("BODY") => content.body = text.unwrap_or_default(),
            Some("FOOTER") => {
                let minutes = component.get("code_expiration_minutes");
                let minutes = minutes.and_then(Value::as_u64);
                content.expires = minutes.and_then(|minutes| u32::try_from(minutes).ok());
                content.footer = text.filter(|_| content.expires.is_none());
            }
            Some("BUTTONS") => {
                let buttons = component.get("buttons").and_then(Value::as_array);
                content.buttons = buttons.into_iter().flatten().map(button).collect();
            }
            Some("CAROUSEL") => {
                let cards = component.get("cards").and_then(Value::as_array);
                content.cards = cards.into_iter().flatten().map(card).collect();
            }
            _ => {}
        }
    }
    content
}

/// Reads a card, which has components of its own.
fn card(json: &Value) -> Card {
    let inner = content(json.get("components").unwrap_or(&Value::Null));
    let header = match inner.header {
        Some(HeaderFormat::Media(kind)) => Some(kind),
        _ => None,
    };
    Card {
        header,
        body: inner.body,
        buttons: inner.buttons,
    }
}

/// Where the button of a one-time code leads, which Meta shows as a link.
const CODE_LINK: &str = "https://www.whatsapp.com/otp/";

fn button(json: &Value) -> Button {
    let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or("");
    let label = text("text").to_owned();
    match text("type") {
        "QUICK_REPLY" => Button::QuickReply { label },
        "PHONE_NUMBER" => Button::PhoneNumber {
            label,
            number: text("phone_number").to_owned(),
        },
        "OTP" => Button::CopyCode { label },
        "URL" if text("url").starts_with(CODE_LINK) => Button::CopyCode { label },
        "URL" => Button::Url {
            label,
            url: text("url").to_owned(),
        },
        kind => Button::Other {
            kind: kind.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::whatsapp::MediaKind;

    #[test]
    fn what_graph_lists_is_read_and_what_has_no_name_is_not() {
        let listed = json!({"id": "1", "name": "sip_due", "language": "en", "status": "REJECTED",
            "category": "UTILITY", "rejected_reason": "INVALID_FORMAT",
            "quality_score": {"score": "RED", "date": 1}, "components": [
                {"type": "BODY", "text": "On {{date}} it is."},
                {"type": "FOOTER", "text": "f"},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "a"},
                    {"type": "CATALOG", "text": "c"}]}]});
        let read = InAccount::read(&listed).unwrap();
        assert_eq!(
            (read.status, read.quality),
            (Status::Rejected, Quality::Red)
        );
        assert_eq!(read.rejected.as_deref(), Some("INVALID_FORMAT"));
        assert_eq!(
            read.content.buttons[1],
            Button::Other {
                kind: "CATALOG".into()
            }
        );
        assert_eq!(InAccount::read(&json!({"id": "1", "language": "en"})), None);
    }

    #[test]
    fn a_carousel_is_the_same_whatever_picture_meta_shows_with_it() {
        let card = |label: &str| {
            json!({"components": [
                {"type": "HEADER", "format": "IMAGE",
                 "example": {"header_handle": ["https://scontent.whatsapp.net/v/1.png"]}},
                {"type": "BODY", "text": "It is here."},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": label}]}]})
        };
        let listed = json!({"id": "1", "name": "services", "language": "en",
            "status": "APPROVED", "category": "MARKETING", "components": [
                {"type": "BODY", "text": "Look here."},
                {"type": "CAROUSEL", "cards": [card("Go"), card("Show")]}]});
        let ours = |label: &str| Card {
            header: Some(MediaKind::Image),
            body: "It is here.".into(),
            buttons: vec![Button::QuickReply {
                label: label.into(),
            }],
        };
        let mut content = Content {
            body: "Look here.".into(),
            cards: vec![ours("Go"), ours("Show")],
            ..Content::default()
        };
        let read = InAccount::read(&listed).unwrap();
        assert!(read.says(Category::Marketing, &content), "{read:?}");
        content.cards.swap(0, 1);
        assert!(!read.says(Category::Marketing, &content));
    }

    #[test]
    fn a_number_to_call_is_read_with_its_country_code() {
        let listed = json!({"id": "1", "name": "call", "language": "en", "status": "APPROVED",
            "category": "UTILITY", "components": [{"type": "BODY", "text": "Call us."},
                {"type": "BUTTONS", "buttons": [{"type": "PHONE_NUMBER", "text": "Call",
                    "phone_number": "+919812345678"}]}]});
        let ours = |number: &str| Content {
            body: "Call us.".into(),
            buttons: vec![Button::PhoneNumber {
                label: "Call".into(),
                number: number.into(),
            }],
            ..Content::default()
        };
        let read = InAccount::read(&listed).unwrap();
        assert!(read.says(Category::Utility, &ours("+919812345678")));
        assert!(!read.says(Category::Utility, &ours("+919812345679")));
    }

    #[test]
    fn a_code_is_the_same_whatever_words_meta_puts_around_it() {
        let listed = json!({"id": 7, "name": "c", "language": "hi", "status": "APPROVED",
            "category": "AUTHENTICATION", "components": [
                {"type": "BODY", "text": "*{{1}}* आपका कोड है।"},
                {"type": "FOOTER", "text": "10 min", "code_expiration_minutes": 10},
                {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"}]}]});
        let read = InAccount::read(&listed).unwrap();
        let ours = Content {
            buttons: vec![Button::CopyCode {
                label: "Copy".into(),
            }],
            expires: Some(10),
            ..Content::default()
        };
        assert!(read.says(Category::Authentication, &ours));
        let other = Content {
            expires: Some(5),
            ..ours
        };
        assert!(!read.says(Category::Authentication, &other));
    }

    #[test]
    fn every_event_of_a_template_has_its_status_and_a_warning_none() {
        for (event, status) in [
            ("APPROVED", Some(Status::Approved)),
            ("REJECTED", Some(Status::Rejected)),
            ("PENDING", Some(Status::Pending)),
            ("PAUSED", Some(Status::Paused)),
            ("DISABLED", Some(Status::Disabled)),
            ("FLAGGED", None),
            ("IN_APPEAL", Some(Status::InAppeal)),
            ("REINSTATED", Some(Status::Approved)),
            ("LIMIT_EXCEEDED", Some(Status::LimitExceeded)),
            ("LOCKED", Some(Status::Disabled)),
            ("ARCHIVED", Some(Status::Archived)),
            ("UNARCHIVED", Some(Status::Approved)),
            ("DELETED", Some(Status::Deleted)),
            ("PENDING_DELETION", Some(Status::PendingDeletion)),
            ("SOMETHING_NEW", None),
        ] {
            assert_eq!(Status::after_event(event), status, "{event}");
        }
    }
}
