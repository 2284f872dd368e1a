//! The JSON of one update, and the envelope around many.

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

#[derive(Serialize)]
struct Metadata<'a> {
    display_phone_number: &'a str,
    phone_number_id: &'a str,
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
pub(crate) fn message(settings: &Settings, person: &Person, hidden: bool, said: &Said) -> String {
    let wa_id = person.wa_id.as_deref().filter(|_| !hidden);
    let message = Message {
        from: wa_id,
        from_user_id: &person.user_id,
        id: &said.wamid,
        timestamp: said.at.as_second().to_string(),
        r#type: &said.kind,
        context: said.reply_to.as_deref().map(|id| Context {
            from: &settings.display_phone_number,
            id,
        }),
        content: std::iter::once((said.kind.as_str(), &said.content))
            .filter(|(_, content)| !content.is_null())
            .collect(),
    };
    change(
        settings,
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
    change(settings, contacts, None, Some([&status]))
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
    settings: &'a Settings,
    contacts: Option<[Contact<'a>; 1]>,
    messages: Option<[&'a T; 1]>,
    statuses: Option<[&'a T; 1]>,
) -> String {
    let change = Change {
        field: "messages",
        value: Update {
            messaging_product: "whatsapp",
            metadata: Metadata {
                display_phone_number: &settings.display_phone_number,
                phone_number_id: &settings.phone_number_id,
            },
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
        "metadata": {
            "display_phone_number": settings.display_phone_number,
            "phone_number_id": settings.phone_number_id,
        },
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

/// How a change begins that carries messages or statuses.
const OF_MESSAGES: &str = "{\"field\":\"messages\"";

/// Returns the body of one POST that carries these changes, each with when it was made. Meta
/// says that of everything but messages and statuses, which tell their own time.
pub(crate) fn envelope<'a>(
    waba_id: &str,
    changes: impl Iterator<Item = (&'a str, Timestamp)>,
) -> String {
    let mut body = String::with_capacity(1024);
    body.push_str("{\"object\":\"whatsapp_business_account\",\"entry\":[");
    for (place, (change, made)) in changes.enumerate() {
        if place > 0 {
            body.push(',');
        }
        body.push_str("{\"id\":\"");
        body.push_str(waba_id);
        body.push_str("\",");
        if !change.starts_with(OF_MESSAGES) {
            body.push_str("\"time\":");
            body.push_str(&made.as_second().to_string());
            body.push(',');
        }
        body.push_str("\"changes\":[");
        body.push_str(change);
        body.push_str("]}");
    }
    body.push_str("]}");
    body
}
