//! Asks what our number may do: Meta tells of changes alone, and a database that is new has
//! heard of none.

use serde_json::Value;

use super::{CallError, GraphClient};
use crate::whatsapp::DailyLimit;
use crate::whatsapp::inbound::text;
use crate::whatsapp::templates::Quality;

/// The throughput of a number that may send a thousand a second.
const HIGH: &str = "HIGH";

/// What our number may do. What Graph does not say, or says in another way, is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberLimits {
    /// How many people may be written to first in 24 hours, which is one limit for all
    /// numbers of the portfolio.
    pub daily: Option<DailyLimit>,
    /// Whether it may send a thousand a second.
    pub is_upgraded: bool,
    /// What people think of it.
    pub quality: Quality,
}

impl NumberLimits {
    fn read(number: &Value) -> Self {
        let limit = text(number, "whatsapp_business_manager_messaging_limit");
        let level = number.get("throughput").and_then(|put| text(put, "level"));
        let quality = text(number, "quality_rating");
        Self {
            daily: limit.as_deref().and_then(DailyLimit::parse),
            is_upgraded: level.as_deref() == Some(HIGH),
            quality: quality.map_or(Quality::Unknown, |word| Quality::parse(&word)),
        }
    }
}

impl GraphClient {
    /// Asks Graph what our number may do.
    pub async fn number_limits(&self) -> Result<NumberLimits, CallError> {
        let fields = "whatsapp_business_manager_messaging_limit,throughput,quality_rating";
        let asked = self.http.get(self.number.clone());
        let (_, body) = self.ask(asked.query(&[("fields", fields)])).await?;
        Ok(NumberLimits::read(&body))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_limits_of_a_number_are_read_and_what_is_not_said_is_not_guessed() {
        let none = NumberLimits {
            daily: None,
            is_upgraded: false,
            quality: Quality::Unknown,
        };
        for (number, expected) in [
            (
                json!({"whatsapp_business_manager_messaging_limit": "TIER_250", "id": "1",
                    "throughput": {"level": "STANDARD"}, "quality_rating": "RED"}),
                NumberLimits {
                    daily: Some(DailyLimit::People(250)),
                    quality: Quality::Red,
                    ..none
                },
            ),
            (
                json!({"whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
                    "throughput": {"level": "HIGH"}, "quality_rating": "GREEN"}),
                NumberLimits {
                    daily: Some(DailyLimit::Unlimited),
                    is_upgraded: true,
                    quality: Quality::Green,
                },
            ),
            (
                json!({"whatsapp_business_manager_messaging_limit": "TIER_NOT_SET",
                    "throughput": "HIGH", "quality_rating": null}),
                none,
            ),
            (json!({"id": "1"}), none),
        ] {
            assert_eq!(NumberLimits::read(&number), expected, "{number}");
        }
    }
}
