//! The JSON of one update.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Settings;
use super::chat::Person;
use super::price::{PaidAs, Price};
use super::sign::escape;

#[derive(Serialize)]
struct Change<'a, T> {
    field: &'static str,
    value: Update<'a, T>,
}

#[derive(Serialize)]
struct Update<'a, T> {
    messaging_product: &'static str,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<[Contact<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<[&'a T; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<[&'a T; 1]>,
}

/// The number of a business that an update is about.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Metadata<'a> {
    pub(crate) display_phone_number: &'a str,
    pub(crate) phone_number_id: &'a str,
}

impl Settings {
    /// Returns the number that the emulator is for.
    pub(crate) fn metadata(&self) -> Metadata<'_> {
        Metadata {
            display_phone_number: &self.display_phone_number,
            phone_number_id: &self.phone_number_id,
        }
    }
}

#[derive(Serialize)]
struct Contact<'a> {
    profile: Profile<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<&'a str>,
    user_id: &'a str,
}

#[derive(Serialize)]
struct Profile<'a> {
    name: &'a str,
}

/// A message from a person, before it is put into JSON.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) wamid: String,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) reply_to: Option<String>,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    from_user_id: &'a str,
    id: &'a str,
    timestamp: String,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    #[serde(flatten)]
    content: std::collections::BTreeMap<&'a str, &'a Value>,
}

#[derive(Serialize)]
struct Context<'a> {
    from: &'a str,
    id: &'a str,
}

/// What became of a message, before it is put into JSON.
#[derive(Debug, Clone)]
pub(crate) struct Became {
    pub(crate) wamid: String,
    pub(crate) status: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) callback: Option<String>,
    /// What it costs, if this status is to tell.
    pub(crate) price: Option<Price>,
    pub(crate) error: Option<Value>,
}

#[derive(Serialize)]
struct Status<'a> {
    id: &'a str,
    #[serde(rename = "status")]
    name: &'a str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_id: Option<&'a str>,
    recipient_user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<[&'a Value; 1]>,
}

#[derive(Serialize)]
struct Pricing {
    billable: bool,
    #[serde(rename = "pricing_model")]
    model: &'static str,
    r#type: &'static str,
    category: PaidAs,
}

/// Returns the escaped JSON of a change that carries a message.
pub(crate) fn message(
    metadata: Metadata<'_>,
    person: &Person,
    hidden: bool,
    said: &Said,
) -> String {
    let wa_id = person.wa_id.as_deref().filter(|_| !hidden);
    let message = Message {
        from: wa_id,
        from_user_id: &person.user_id,
        id: &said.wamid,
        timestamp: said.at.as_second().to_string(),
        r#type: &said.kind,
        context: said.reply_to.as_deref().map(|id| Context {
            from: metadata.display_phone_number,
            id,
        }),
        content: std::iter::once((said.kind.as_str(), &said.content))
            .filter(|(_, content)| !content.is_null())
            .collect(),
    };
    change(
        metadata,
        Some([contact(person, wa_id)]),
        Some([&message]),
        None,
    )
}

/// Returns the escaped JSON of a change that carries a status.
pub(crate) fn status(settings: &Settings, person: &Person, hidden: bool, it: &Became) -> String {
    let wa_id = person.wa_id.as_deref().filter(|_| !hidden);
    let failed = it.error.is_some();
    let status = Status {
        id: &it.wamid,
        name: it.status,
        timestamp: it.at.as_second().to_string(),
        recipient_id: wa_id,
        recipient_user_id: &person.user_id,
        biz_opaque_callback_data: it.callback.as_deref(),
        pricing: it.price.map(pricing),
        errors: it.error.as_ref().map(|error| [error]),
    };
    let contacts = (!failed).then(|| [contact(person, wa_id)]);
    change(settings.metadata(), contacts, None, Some([&status]))
}

fn pricing(price: Price) -> Pricing {
    Pricing {
        billable: price.is_billable,
        model: "PMP",
        r#type: if price.is_billable {
            "regular"
        } else {
            "free_customer_service"
        },
        category: price.paid_as,
    }
}

fn contact<'a>(person: &'a Person, wa_id: Option<&'a str>) -> Contact<'a> {
    Contact {
        profile: Profile { name: &person.name },
        wa_id,
        user_id: &person.user_id,
    }
}

fn change<'a, T: Serialize>(
    metadata: Metadata<'a>,
    contacts: Option<[Contact<'a>; 1]>,
    messages: Option<[&'a T; 1]>,
    statuses: Option<[&'a T; 1]>,
) -> String {
    let change = Change {
        field: "messages",
        value: Update {
            messaging_product: "whatsapp",
            metadata,
            contacts,
            messages,
            statuses,
        },
    };
    escape(&serde_json::to_string(&change).expect("texts and numbers always make JSON"))
}

/// Returns the escaped JSON of what somebody settled about marketing.
pub(crate) fn preference(
    settings: &Settings,
    person: &Person,
    hidden: bool,
    wants_marketing: bool,
    at: Timestamp,
) -> String {
    let wa_id = person.wa_id.as_deref().filter(|_| !hidden);
    let (value, detail) = if wants_marketing {
        ("resume", "User requested to resume marketing messages")
    } else {
        ("stop", "User requested to stop marketing messages")
    };
    let value = serde_json::json!({
        "messaging_product": "whatsapp",
        "metadata": settings.metadata(),
        "contacts": [contact(person, wa_id)],
        "user_preferences": [{
            "wa_id": wa_id, "user_id": person.user_id, "detail": detail,
            "category": "marketing_messages", "value": value, "timestamp": at.as_second(),
        }],
    });
    any("user_preferences", &value)
}

/// Returns the escaped JSON of a change of any field.
pub(crate) fn any(field: &str, value: &Value) -> String {
    escape(&serde_json::json!({ "field": field, "value": value }).to_string())
}
