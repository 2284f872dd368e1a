//! The cards of a carousel: taken in, and filled
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates>).

use serde_json::Value;

use super::fit::{approved_part, buttons_of, fits_part, given, index_of, text_of};
use super::places::ParameterFormat;
use super::refuse::check_component;
use crate::sandbox::emulator::error::GraphError;

/// Characters on a card.
const BODY: usize = 160;

fn cards_of(components: &Value) -> &[Value] {
    let part = approved_part(components, "CAROUSEL");
    let cards = part.and_then(|part| part["cards"].as_array());
    cards.map_or(&[], Vec::as_slice)
}

/// Returns the approved cards, each with what was sent for it.
pub(super) fn pairs<'a>(sent: &'a Value, approved: &'a Value) -> Vec<(&'a Value, &'a Value)> {
    let carousels = given(sent, "CAROUSEL").into_iter();
    let sent: Vec<&Value> = carousels
        .filter_map(|one| one["cards"].as_array())
        .flatten()
        .collect();
    let mut pairs = Vec::new();
    for (index, card) in cards_of(approved).iter().enumerate() {
        let mut all = sent.iter();
        let of_card = all.find(|one| one["card_index"].as_u64() == u64::try_from(index).ok());
        pairs.extend(of_card.map(|one| (&one["components"], &card["components"])));
    }
    pairs
}

/// Refuses cards that are not those that were approved.
pub(super) fn fits(sent: &Value, approved: &Value) -> Result<(), GraphError> {
    let carousels = given(sent, "CAROUSEL").into_iter();
    let count: usize = carousels
        .filter_map(|one| one["cards"].as_array())
        .map(Vec::len)
        .sum();
    let expected = cards_of(approved).len();
    let pairs = pairs(sent, approved);
    if count != expected || pairs.len() != expected {
        let why = format!(
            "carousel: number of cards ({count}) does not match the expected number of cards ({expected})"
        );
        return Err(GraphError::new(132_000, why));
    }
    for (card, approved) in pairs {
        fits_part(card, approved, BODY)?;
        let given = given(card, "BUTTON");
        for (at, button) in buttons_of(approved).iter().enumerate() {
            let is_filled = given.iter().any(|one| index_of(one) == Some(at));
            if button["type"] == "QUICK_REPLY" && !is_filled {
                let why = "carousel: a button of a card is not filled.";
                return Err(GraphError::new(132_012, why));
            }
        }
    }
    Ok(())
}

/// Checks the cards of a template that is handed in.
pub(super) fn check(
    carousel: &mut Value,
    category: &str,
    format: ParameterFormat,
) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::parameter(why));
    if category != "MARKETING" {
        return refuse("Only templates of category MARKETING can have a CAROUSEL.");
    }
    let Some(cards) = carousel["cards"].as_array_mut() else {
        return Err(GraphError::missing("components['CAROUSEL']['cards']"));
    };
    if !(2..=10).contains(&cards.len()) {
        return refuse("A carousel must have 2 to 10 cards.");
    }
    for card in cards.iter_mut() {
        check_card(&mut card["components"], category, format)?;
    }
    let shapes: Vec<_> = cards
        .iter()
        .map(|card| shape(&card["components"]))
        .collect();
    if shapes.windows(2).any(|pair| pair[0] != pair[1]) {
        return refuse("All cards of a carousel must have the same components.");
    }
    Ok(())
}

fn check_card(
    components: &mut Value,
    category: &str,
    format: ParameterFormat,
) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::parameter(why));
    for one in components.as_array_mut().into_iter().flatten() {
        if !matches!(one["type"].as_str(), Some("HEADER" | "BODY" | "BUTTONS")) {
            return refuse("A card has HEADER, BODY and BUTTONS only.");
        }
        check_component(one, category, format)?;
    }
    let header = approved_part(components, "HEADER").unwrap_or(&Value::Null);
    if !matches!(header["format"].as_str(), Some("IMAGE" | "VIDEO")) {
        return refuse("The header of a card must have the format IMAGE or VIDEO.");
    }
    if text_of(components, "BODY").chars().count() > BODY {
        let why = "The body of a card has at most 160 characters.";
        return Err(GraphError::new(2_388_040, why));
    }
    if buttons_of(components).len() > 2 {
        return refuse("A card has at most 2 buttons.");
    }
    Ok(())
}

/// Returns what must be the same about all cards.
fn shape(components: &Value) -> (Value, bool, Vec<Value>) {
    let header = approved_part(components, "HEADER").map(|one| one["format"].clone());
    let kinds = buttons_of(components).iter().map(|one| one["type"].clone());
    (
        header.unwrap_or_default(),
        approved_part(components, "BODY").is_some(),
        kinds.collect(),
    )
}
