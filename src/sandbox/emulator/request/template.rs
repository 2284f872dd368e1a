//! What is filled into a template.

use std::collections::HashSet;

use super::super::error::GraphError;
use super::super::fields::Fields;
use super::media;

/// What a template message says and shows.
struct Filled {
    words: Vec<String>,
    files: Vec<(String, String)>,
}

/// Checks a `template` object; returns its words, and kind and id of its files.
pub(super) fn check(content: &Fields<'_>) -> Result<(String, Vec<(String, String)>), GraphError> {
    content.only(&["name", "language", "components"])?;
    let name = content.text("name", 512)?;
    if !name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    {
        return Err(GraphError::value(
            &content.path("name"),
            "may hold lowercase letters, digits and underscores only",
        ));
    }
    content.object("language")?.text("code", 16)?;
    let mut filled = Filled {
        words: vec![format!("[{name}]")],
        files: Vec::new(),
    };
    if content.get("components").is_some() {
        filled.components(content, false)?;
    }
    Ok((filled.words.join(" "), filled.files))
}

impl Filled {
    fn components(&mut self, of: &Fields<'_>, is_card: bool) -> Result<(), GraphError> {
        for component in of.objects("components", 20)? {
            if component.text("type", 32)?.eq_ignore_ascii_case("carousel") {
                if is_card {
                    let path = component.path("type");
                    return Err(GraphError::value(&path, "is not allowed on a card"));
                }
                self.cards(&component)?;
            } else if component.get("parameters").is_some() {
                self.parameters(&component)?;
            }
        }
        Ok(())
    }

    fn cards(&mut self, carousel: &Fields<'_>) -> Result<(), GraphError> {
        carousel.only(&["type", "cards"])?;
        let mut seen = HashSet::new();
        for card in carousel.objects("cards", 10)? {
            card.only(&["card_index", "components"])?;
            let path = card.path("card_index");
            let index = card.get("card_index");
            let index = index.ok_or_else(|| GraphError::missing(&path))?;
            let index = index.as_u64();
            let index = index
                .ok_or_else(|| GraphError::parameter(format!("Param {path} must be a number.")))?;
            if !seen.insert(index) {
                return Err(GraphError::value(&path, "must be unique"));
            }
            self.components(&card, true)?;
        }
        Ok(())
    }

    fn parameters(&mut self, component: &Fields<'_>) -> Result<(), GraphError> {
        for parameter in component.objects("parameters", 64)? {
            match parameter.text("type", 32)? {
                "text" => self.words.push(text(&parameter)?.to_owned()),
                kind @ ("image" | "video" | "document") => {
                    let file = parameter.object(kind)?;
                    media(kind, &file)?;
                    let id = file.optional_text("id", 255)?;
                    self.files
                        .extend(id.map(|id| (kind.to_owned(), id.to_owned())));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn text<'a>(parameter: &Fields<'a>) -> Result<&'a str, GraphError> {
    let text = parameter.text("text", 1024)?;
    if text.contains(['\n', '\t']) || text.contains("     ") {
        return Err(GraphError::new(
            132_018,
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces.",
        ));
    }
    Ok(text)
}
