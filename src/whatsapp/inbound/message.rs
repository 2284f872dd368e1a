//! Reads one element of `messages`.

use serde_json::Value;

use super::envelope::Surroundings;
use super::lenient::{flag, text, time};
use super::{Content, Event, InboundMessage, MediaKind, Sender, moved};

/// Reads a message, or names what else it is.
pub(super) fn read(message: &Value, around: &Surroundings) -> Result<Event, &'static str> {
    let phone_number_id = around.phone_number_id.clone().ok_or("unreadable")?;
    let wamid = text(message, "id").ok_or("unreadable")?;
    if is_ours(message, around) {
        return Err("own");
    }
    if message.get("group_id").is_some_and(|id| !id.is_null()) {
        return Err("group");
    }
    if let Some(change) = moved::in_message(message, &phone_number_id, &wamid) {
        return Ok(Event::Moved(change));
    }
    let context = message.get("context").unwrap_or(&Value::Null);
    Ok(Event::Message(InboundMessage {
        phone_number_id,
        wamid,
        sender: sender(message, &around.contacts).ok_or("unreadable")?,
        sent_at: time(message, "timestamp").ok_or("unreadable")?,
        content: content(message),
        reply_to: text(context, "id"),
        forwarded: flag(context, "forwarded") || flag(context, "frequently_forwarded"),
        referral: message.get("referral").and_then(referral),
    }))
}

fn is_ours(message: &Value, around: &Surroundings) -> bool {
    let Some(from) = text(message, "from") else {
        return false;
    };
    let display = around.display_phone_number.as_deref().and_then(phone);
    around.phone_number_id.as_deref() == Some(&from)
        || (display.is_some() && display == phone(&from))
}

fn sender(message: &Value, contacts: &Value) -> Option<Sender> {
    let from = text(message, "from");
    let wa_id = from.as_deref().and_then(phone);
    let user_id = text(message, "from_user_id").or_else(|| from.filter(|from| is_user_id(from)));
    let mut sender = Sender {
        wa_id,
        user_id,
        name: None,
    };
    if sender.wa_id.is_none() && sender.user_id.is_none() {
        return None;
    }
    if let Some(contact) = contact_of(&sender, contacts) {
        let profile = contact.get("profile").unwrap_or(&Value::Null);
        sender.name = text(profile, "name").or_else(|| text(profile, "username"));
        sender.wa_id = sender.wa_id.or_else(|| phone(&text(contact, "wa_id")?));
        sender.user_id = sender.user_id.or_else(|| text(contact, "user_id"));
    }
    Some(sender)
}

/// Several people may share a body, in any order: only their names tell them apart.
fn contact_of<'a>(sender: &Sender, contacts: &'a Value) -> Option<&'a Value> {
    let contacts = contacts.as_array()?;
    let by_user_id = contacts
        .iter()
        .find(|contact| sender.user_id.is_some() && text(contact, "user_id") == sender.user_id);
    by_user_id.or_else(|| {
        contacts.iter().find(|contact| {
            let same_phone = text(contact, "wa_id").and_then(|wa_id| phone(&wa_id)) == sender.wa_id;
            let other_user = sender.user_id.is_some() && text(contact, "user_id").is_some();
            sender.wa_id.is_some() && same_phone && !other_user
        })
    })
}

/// Returns the digits of a phone number however it is written.
pub(super) fn phone(written: &str) -> Option<String> {
    let punctuation = |c: char| matches!(c, '+' | '-' | '(' | ')' | ' ' | '\u{a0}');
    if !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(written.to_owned());
    }
    let digits: String = written.chars().filter(|c| !punctuation(*c)).collect();
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Two capital letters, a dot, and something: `IN.2081978709342942`.
pub(super) fn is_user_id(name: &str) -> bool {
    matches!(name.as_bytes(), [a, b, b'.', _, ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase())
}

fn referral(referral: &Value) -> Option<String> {
    let id = text(referral, "source_id").or_else(|| text(referral, "source_url"))?;
    let kind = text(referral, "source_type").unwrap_or_else(|| "ad".to_owned());
    Some(format!("{kind}:{id}"))
}

fn content(message: &Value) -> Content {
    let kind = text(message, "type").unwrap_or_else(|| "unknown".to_owned());
    let body = message.get(&kind).unwrap_or(&Value::Null);
    let known = match kind.as_str() {
        "text" => body
            .get("body")
            .map(|_| Content::Text(text(body, "body").unwrap_or_default())),
        "interactive" => interactive(body),
        "button" => template_button(body),
        "image" => media(MediaKind::Image, body, false),
        "video" => media(MediaKind::Video, body, false),
        "audio" => media(MediaKind::Audio, body, flag(body, "voice")),
        "voice" => media(MediaKind::Audio, message.get("audio").unwrap_or(body), true),
        "document" => media(MediaKind::Document, body, false),
        "sticker" => media(MediaKind::Sticker, body, false),
        "location" => Some(Content::Location),
        "contacts" => Some(Content::Contacts),
        "reaction" => Some(Content::Reaction(text(body, "emoji"))),
        "order" => Some(Content::Order),
        "system" => Some(Content::System(text(body, "type").unwrap_or_default())),
        "request_welcome" => Some(Content::Welcome),
        "edit" => Some(Content::Edit),
        "revoke" => Some(Content::Revoke),
        "unsupported" => text(body, "type").map(Content::Unsupported),
        _ => None,
    };
    known.unwrap_or(Content::Unsupported(kind))
}

fn interactive(body: &Value) -> Option<Content> {
    let kind = text(body, "type")?;
    let reply = body.get(&kind)?;
    match kind.as_str() {
        "button_reply" | "list_reply" => Some(Content::Tap {
            id: text(reply, "id")?,
            title: text(reply, "title").unwrap_or_default(),
        }),
        "nfm_reply" => Some(Content::FlowReply(match reply.get("response_json") {
            Some(Value::Object(form)) => Value::Object(form.clone()).to_string(),
            _ => text(reply, "response_json").unwrap_or_default(),
        })),
        "call_permission_reply" => Some(Content::CallPermission),
        _ => Some(Content::Unsupported(kind)),
    }
}

fn template_button(body: &Value) -> Option<Content> {
    let label = text(body, "text");
    let payload = text(body, "payload").or_else(|| label.clone())?;
    Some(Content::TemplateButton {
        text: label.unwrap_or_default(),
        payload,
    })
}

fn media(kind: MediaKind, body: &Value, voice: bool) -> Option<Content> {
    Some(Content::Media {
        kind,
        id: text(body, "id")?,
        mime_type: text(body, "mime_type").unwrap_or_default(),
        caption: text(body, "caption"),
        voice,
    })
}
