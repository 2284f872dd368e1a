//! Buttons, lists, links and requests.

use std::collections::HashSet;

use super::super::error::GraphError;
use super::super::fields::Fields;
use super::{is_url, media};

/// Checks an `interactive` object; returns its words, and kind and id of the files above it
/// and on its cards.
pub(super) fn check(content: &Fields<'_>) -> Result<(String, Vec<(String, String)>), GraphError> {
    content.only(&["type", "header", "body", "footer", "action"])?;
    let kind = content.text("type", 32)?;
    let longest = if kind == "list" { 4096 } else { 1024 };
    let body = content.object("body")?;
    body.only(&["text"])?;
    let words = body.text("text", longest)?.to_owned();
    if let Some(footer) = content.optional_object("footer")? {
        footer.only(&["text"])?;
        footer.text("text", 60)?;
    }
    let mut files = Vec::new();
    if let Some(header) = content.optional_object("header")? {
        files.extend(self::header(kind, &header)?);
    }
    let action = content.object("action")?;
    match kind {
        "carousel" => {
            // Above cards stand words and nothing else.
            content.only(&["type", "body", "action"])?;
            files = carousel(&action)?;
        }
        "button" => buttons(&action)?,
        "list" => list(&action)?,
        "cta_url" => link(&action)?,
        "flow" => form(&action)?,
        "location_request_message" => request(content, &action, "send_location")?,
        "request_contact_info" => request(content, &action, "request_contact_info")?,
        other => {
            let why = format!("Interactive type \"{other}\" is not supported.");
            return Err(GraphError::parameter(why));
        }
    }
    Ok((words, files))
}

/// Two to ten cards, all with the same kinds of buttons.
fn carousel(action: &Fields<'_>) -> Result<Vec<(String, String)>, GraphError> {
    action.only(&["cards"])?;
    let cards = action.objects("cards", 10)?;
    if cards.len() < 2 {
        let why = "must have 2 to 10 elements";
        return Err(GraphError::value(&action.path("cards"), why));
    }
    let (mut indices, mut ids) = (HashSet::new(), HashSet::new());
    let (mut files, mut shapes) = (Vec::new(), HashSet::new());
    for card in &cards {
        card.only(&["card_index", "type", "header", "body", "action"])?;
        let index = card.get("card_index").and_then(serde_json::Value::as_u64);
        let path = card.path("card_index");
        let index = index.ok_or_else(|| GraphError::missing(&path))?;
        if index >= 10 || !indices.insert(index) {
            return Err(GraphError::value(&path, "must be unique and from 0 to 9"));
        }
        let kind = card.optional_text("type", 16)?;
        if kind.is_some_and(|kind| kind != "cta_url") {
            return Err(GraphError::value(&card.path("type"), "must be cta_url"));
        }
        let header = card.object("header")?;
        let word = header.text("type", 16)?;
        if !matches!(word, "image" | "video") {
            let why = "must be image or video";
            return Err(GraphError::value(&header.path("type"), why));
        }
        files.extend(picture(word, &header)?);
        if let Some(body) = card.optional_object("body")? {
            body.only(&["text"])?;
            if body.text("text", 160)?.matches('\n').count() > 2 {
                let why = "may have 2 line breaks";
                return Err(GraphError::value(&body.path("text"), why));
            }
        }
        let buttons = card_buttons(&card.object("action")?, &mut ids)?;
        shapes.insert((word, buttons));
    }
    if shapes.len() > 1 {
        let why = "must all have the same header type and buttons";
        return Err(GraphError::value(&action.path("cards"), why));
    }
    Ok(files)
}

/// Returns how many quick replies a card has; none if it has a link.
fn card_buttons<'a>(action: &Fields<'a>, ids: &mut HashSet<&'a str>) -> Result<usize, GraphError> {
    if action.get("buttons").is_none() {
        link(action)?;
        return Ok(0);
    }
    action.only(&["buttons"])?;
    let buttons = action.objects("buttons", 2)?;
    for button in &buttons {
        button.only(&["type", "quick_reply"])?;
        if button.text("type", 16)? != "quick_reply" {
            let path = button.path("type");
            return Err(GraphError::value(&path, "must be quick_reply"));
        }
        let reply = button.object("quick_reply")?;
        reply.only(&["id", "title"])?;
        unique(ids, &reply, "id", 256)?;
        reply.text("title", 20)?;
    }
    Ok(buttons.len())
}

/// Returns kind and id of the file above the words, if it goes by an id.
fn header(kind: &str, header: &Fields<'_>) -> Result<Option<(String, String)>, GraphError> {
    let header_kind = header.text("type", 16)?;
    match header_kind {
        "text" => {
            header.only(&["type", "text"])?;
            header.text("text", 60)?;
            Ok(None)
        }
        "image" | "video" | "document" if kind != "list" => picture(header_kind, header),
        _ => {
            let why = format!("is not allowed for interactive type {kind}");
            Err(GraphError::value(&header.path("type"), &why))
        }
    }
}

/// Checks a header that is a file; returns its kind and id, if it goes by one.
fn picture(kind: &str, header: &Fields<'_>) -> Result<Option<(String, String)>, GraphError> {
    header.only(&["type", kind])?;
    let file = header.object(kind)?;
    media(kind, &file)?;
    let id = file.optional_text("id", 255)?;
    Ok(id.map(|id| (kind.to_owned(), id.to_owned())))
}

fn buttons(action: &Fields<'_>) -> Result<(), GraphError> {
    action.only(&["buttons"])?;
    let mut titles = HashSet::new();
    let mut ids = HashSet::new();
    for button in action.objects("buttons", 3)? {
        button.only(&["type", "reply"])?;
        if button.text("type", 16)? != "reply" {
            return Err(GraphError::value(&button.path("type"), "must be reply"));
        }
        let reply = button.object("reply")?;
        reply.only(&["id", "title"])?;
        unique(&mut ids, &reply, "id", 256)?;
        unique(&mut titles, &reply, "title", 20)?;
    }
    Ok(())
}

fn list(action: &Fields<'_>) -> Result<(), GraphError> {
    action.only(&["button", "sections"])?;
    action.text("button", 20)?;
    let sections = action.objects("sections", 10)?;
    let mut ids = HashSet::new();
    let mut rows = 0;
    for section in &sections {
        section.only(&["title", "rows"])?;
        if sections.len() > 1 {
            section.text("title", 24)?;
        } else {
            section.optional_text("title", 24)?;
        }
        for row in section.objects("rows", 10)? {
            row.only(&["id", "title", "description"])?;
            unique(&mut ids, &row, "id", 200)?;
            row.text("title", 24)?;
            row.optional_text("description", 72)?;
            rows += 1;
        }
    }
    if rows > 10 {
        let why = format!("may have 10 rows in all, found {rows}");
        return Err(GraphError::value(&action.path("sections"), &why));
    }
    Ok(())
}

fn link(action: &Fields<'_>) -> Result<(), GraphError> {
    action.only(&["name", "parameters"])?;
    if action.text("name", 32)? != "cta_url" {
        return Err(GraphError::value(&action.path("name"), "must be cta_url"));
    }
    let parameters = action.object("parameters")?;
    parameters.only(&["display_text", "url"])?;
    parameters.text("display_text", 20)?;
    if !is_url(parameters.text("url", 2000)?) {
        return Err(GraphError::value(
            &parameters.path("url"),
            "is not a valid URI",
        ));
    }
    Ok(())
}

fn form(action: &Fields<'_>) -> Result<(), GraphError> {
    action.only(&["name", "parameters"])?;
    if action.text("name", 32)? != "flow" {
        return Err(GraphError::value(&action.path("name"), "must be flow"));
    }
    let parameters = action.object("parameters")?;
    parameters.only(&[
        "flow_message_version",
        "flow_id",
        "flow_name",
        "flow_cta",
        "flow_token",
        "flow_action",
        "flow_action_payload",
        "mode",
    ])?;
    if parameters.text("flow_message_version", 8)? != "3" {
        let path = parameters.path("flow_message_version");
        return Err(GraphError::value(&path, "must be 3"));
    }
    let id = parameters.optional_text("flow_id", 64)?;
    let name = parameters.optional_text("flow_name", 200)?;
    if id.is_some() == name.is_some() {
        let path = parameters.path("flow_id");
        return Err(GraphError::value(&path, "or flow_name is needed, not both"));
    }
    parameters.text("flow_cta", 20)?;
    parameters.optional_text("flow_token", 1024)?;
    let known = |field: &str, values: [&str; 2]| match parameters.optional_text(field, 32)? {
        Some(value) if !values.contains(&value) => {
            let why = format!("must be {} or {}", values[0], values[1]);
            Err(GraphError::value(&parameters.path(field), &why))
        }
        _ => Ok(()),
    };
    known("flow_action", ["navigate", "data_exchange"])?;
    known("mode", ["draft", "published"])
}

/// A request has nothing but its words and the name of its button.
fn request(content: &Fields<'_>, action: &Fields<'_>, name: &str) -> Result<(), GraphError> {
    content.only(&["type", "body", "action"])?;
    action.only(&["name"])?;
    if action.text("name", 32)? != name {
        let why = format!("must be {name}");
        return Err(GraphError::value(&action.path("name"), &why));
    }
    Ok(())
}

fn unique<'a>(
    seen: &mut HashSet<&'a str>,
    fields: &Fields<'a>,
    key: &str,
    most: usize,
) -> Result<(), GraphError> {
    if seen.insert(fields.text(key, most)?) {
        Ok(())
    } else {
        Err(GraphError::value(&fields.path(key), "must be unique"))
    }
}
