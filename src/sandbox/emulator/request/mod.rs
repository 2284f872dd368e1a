//! What may be posted to `/messages`, and what is refused.
//!
//! The shapes and lengths are Meta's; anything too long or unknown is an error, never
//! cut (<https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>).

use serde_json::Value;

use super::error::GraphError;
use super::fields::Fields;

mod interactive;
mod template;

/// A request that passed.
#[derive(Debug)]
pub(crate) enum Request {
    /// A message to somebody.
    Message(Box<Message>),
    /// A read receipt, perhaps with a typing indicator.
    Read {
        /// The newest message that was read.
        message_id: String,
        /// Whether the other side is shown as typing.
        typing: bool,
    },
}

/// A message that passed.
#[derive(Debug)]
pub(crate) struct Message {
    /// `to` or `recipient`, as it was given.
    pub(crate) input: String,
    /// Digits of a phone number, or a business-scoped user id.
    pub(crate) name: String,
    /// `text`, `interactive`, `template`, `image` …
    pub(crate) kind: &'static str,
    /// The words of it.
    pub(crate) text: String,
    /// Kind and id of the files of it that go by an id.
    pub(crate) files: Vec<(String, String)>,
    /// `biz_opaque_callback_data`.
    pub(crate) callback: Option<String>,
    /// The message it answers.
    pub(crate) reply_to: Option<String>,
    /// The whole request.
    pub(crate) body: Value,
}

impl Message {
    /// Returns whether it goes to a user id; a number has digits only.
    pub(crate) fn is_to_user_id(&self) -> bool {
        self.name.contains('.')
    }
}

/// Reads and checks a body.
pub(crate) fn parse(bytes: &[u8]) -> Result<Request, GraphError> {
    let body: Value = serde_json::from_slice(bytes)
        .map_err(|e| GraphError::parameter(format!("Invalid JSON: {e}")))?;
    let top = Fields::of(String::new(), &body)?;
    if top.text("messaging_product", 32)? != "whatsapp" {
        return Err(GraphError::parameter(
            "Param messaging_product must be one of {WHATSAPP}.",
        ));
    }
    if top.get("status").is_some() {
        return read(&top);
    }
    let checked = message(&top)?;
    Ok(Request::Message(Box::new(Message { body, ..checked })))
}

fn read(top: &Fields<'_>) -> Result<Request, GraphError> {
    top.only(&[
        "messaging_product",
        "status",
        "message_id",
        "typing_indicator",
    ])?;
    if top.text("status", 16)? != "read" {
        return Err(GraphError::value("status", "must be \"read\""));
    }
    let message_id = top.text("message_id", 512)?.to_owned();
    let typing = top.optional_object("typing_indicator")?;
    if let Some(typing) = &typing {
        typing.only(&["type"])?;
        if typing.text("type", 16)? != "text" {
            return Err(GraphError::value(&typing.path("type"), "must be \"text\""));
        }
    }
    let typing = typing.is_some();
    Ok(Request::Read { message_id, typing })
}

const COMMON: [&str; 7] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
];

fn message(top: &Fields<'_>) -> Result<Message, GraphError> {
    let kind = match top.optional_text("type", 32)?.unwrap_or("text") {
        "text" => "text",
        "interactive" => "interactive",
        "template" => "template",
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "document" => "document",
        "sticker" => "sticker",
        "location" => "location",
        "contacts" => "contacts",
        "reaction" => "reaction",
        other => {
            let why = format!("Message type \"{other}\" is not supported.");
            return Err(GraphError::new(131_051, why));
        }
    };
    let mut known = COMMON.to_vec();
    known.push(kind);
    top.only(&known)?;
    let recipient_type = top.optional_text("recipient_type", 16)?;
    if recipient_type.is_some_and(|kind| kind != "individual") {
        return Err(GraphError::value("recipient_type", "must be individual"));
    }
    let (input, name) = addressee(top)?;
    let reply_to = match top.optional_object("context")? {
        Some(context) => {
            context.only(&["message_id"])?;
            Some(context.text("message_id", 512)?.to_owned())
        }
        None => None,
    };
    let callback = top.optional_text("biz_opaque_callback_data", 512)?;
    let (text, files) = content(top, kind)?;
    if kind == "reaction" && reply_to.is_some() {
        return Err(GraphError::value("context", "is not allowed for reactions"));
    }
    Ok(Message {
        input,
        name,
        kind,
        text,
        files,
        callback: callback.map(str::to_owned),
        reply_to,
        body: Value::Null,
    })
}

/// Returns the words of a message, and kind and id of its files.
fn content(top: &Fields<'_>, kind: &str) -> Result<(String, Vec<(String, String)>), GraphError> {
    if kind == "contacts" {
        return Ok((contacts(top)?, Vec::new()));
    }
    let content = top.object(kind)?;
    let text = match kind {
        "text" => text(&content)?,
        "interactive" => return interactive::check(&content),
        "template" => return template::check(&content),
        "location" => location(&content)?,
        "reaction" => reaction(&content)?,
        _ => {
            let id = content.optional_text("id", 255)?;
            let file = id.map(|id| (kind.to_owned(), id.to_owned()));
            return Ok((media(kind, &content)?, file.into_iter().collect()));
        }
    };
    Ok((text, Vec::new()))
}

/// Returns whom it is for, as given and as we name people. If both are given, `to` wins.
fn addressee(top: &Fields<'_>) -> Result<(String, String), GraphError> {
    if let Some(to) = top.optional_text("to", 64)? {
        let digits: String = to
            .chars()
            .filter(|c| !matches!(c, '+' | '-' | '(' | ')' | ' '))
            .collect();
        let plausible = (7..=15).contains(&digits.len());
        if !plausible || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(GraphError::value("to", "is not a valid phone number"));
        }
        return Ok((to.to_owned(), digits));
    }
    match top.optional_text("recipient", 140)? {
        Some(id) if id.as_bytes().get(2) == Some(&b'.') => Ok((id.to_owned(), id.to_owned())),
        Some(_) => Err(GraphError::value("recipient", "is not a valid user id")),
        None => Err(GraphError::missing("to")),
    }
}

fn text(content: &Fields<'_>) -> Result<String, GraphError> {
    content.only(&["body", "preview_url"])?;
    if content
        .get("preview_url")
        .is_some_and(|preview| !preview.is_boolean())
    {
        return Err(GraphError::parameter(
            "Param text['preview_url'] must be a boolean.",
        ));
    }
    Ok(content.text("body", 4096)?.to_owned())
}

fn media(kind: &str, content: &Fields<'_>) -> Result<String, GraphError> {
    content.only(match kind {
        "document" => &["id", "link", "caption", "filename"],
        "audio" => &["id", "link", "voice"],
        "sticker" => &["id", "link"],
        _ => &["id", "link", "caption"],
    })?;
    let link = content.optional_text("link", 2048)?;
    if content.optional_text("id", 255)?.is_none() && link.is_none() {
        return Err(GraphError::missing(&content.path("link")));
    }
    if link.is_some_and(|link| !is_url(link)) {
        return Err(GraphError::value(
            &content.path("link"),
            "is not a valid URI",
        ));
    }
    content.optional_text("filename", 240)?;
    Ok(content
        .optional_text("caption", 1024)?
        .unwrap_or("")
        .to_owned())
}

fn location(content: &Fields<'_>) -> Result<String, GraphError> {
    content.only(&["latitude", "longitude", "name", "address"])?;
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = content
            .get(key)
            .ok_or_else(|| GraphError::missing(&content.path(key)))?;
        // Both are taken as numbers and as texts.
        let degrees = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        if !degrees.is_some_and(|degrees| degrees.abs() <= most) {
            return Err(GraphError::value(&content.path(key), "is not a place"));
        }
    }
    content.optional_text("address", 1024)?;
    Ok(content
        .optional_text("name", 1024)?
        .unwrap_or("")
        .to_owned())
}

fn contacts(top: &Fields<'_>) -> Result<String, GraphError> {
    let mut names = Vec::new();
    for card in top.objects("contacts", 257)? {
        card.only(&[
            "name",
            "phones",
            "emails",
            "addresses",
            "org",
            "urls",
            "birthday",
        ])?;
        names.push(
            card.object("name")?
                .text("formatted_name", 1024)?
                .to_owned(),
        );
    }
    Ok(names.join(", "))
}

/// An empty emoji takes the reaction away.
fn reaction(content: &Fields<'_>) -> Result<String, GraphError> {
    content.only(&["message_id", "emoji"])?;
    content.text("message_id", 512)?;
    match content.get("emoji").and_then(Value::as_str) {
        Some("") => Ok(String::new()),
        _ => Ok(content.text("emoji", 32)?.to_owned()),
    }
}

/// Returns whether it reads as an address of the web.
fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(' '))
}

#[cfg(test)]
mod tests;
