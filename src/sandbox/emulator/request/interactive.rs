//! Buttons, lists and links.

use std::collections::HashSet;

use super::super::error::GraphError;
use super::super::fields::Fields;
use super::is_url;

/// Checks an `interactive` object and returns its words.
pub(super) fn check(content: &Fields<'_>) -> Result<String, GraphError> {
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
    if let Some(header) = content.optional_object("header")? {
        self::header(kind, &header)?;
    }
    let action = content.object("action")?;
    match kind {
        "button" => buttons(&action)?,
        "list" => list(&action)?,
        "cta_url" => link(&action)?,
        other => {
            let why = format!("Interactive type \"{other}\" is not supported.");
            return Err(GraphError::parameter(why));
        }
    }
    Ok(words)
}

fn header(kind: &str, header: &Fields<'_>) -> Result<(), GraphError> {
    let header_kind = header.text("type", 16)?;
    match header_kind {
        "text" => {
            header.only(&["type", "text"])?;
            header.text("text", 60)?;
        }
        "image" | "video" | "document" if kind != "list" => {
            header.only(&["type", header_kind])?;
            header.object(header_kind)?;
        }
        _ => {
            let why = format!("is not allowed for interactive type {kind}");
            return Err(GraphError::value(&header.path("type"), &why));
        }
    }
    Ok(())
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
