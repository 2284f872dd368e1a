//! Whether Meta takes our token for our number.

use std::time::Duration;

use super::Finding;
use crate::config::{Channel, Settings};
use crate::whatsapp::{CallError, GraphClient};

const NAME: &str = "graph token";
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns nothing for a demo, which has no token.
pub(super) async fn check(settings: &Settings) -> Option<Finding> {
    let Channel::Production(credentials) = &settings.channel else {
        return None;
    };
    let client = GraphClient::new(
        &settings.graph.base_url,
        &settings.graph.version,
        &credentials.phone_number_id,
        &credentials.access_token,
        PATIENCE,
    );
    let asked = match client {
        Ok(client) => client.check_token().await,
        Err(error) => {
            let to_do = "correct the WHATSAPP_ settings (.env.example explains them)";
            return Some(Finding::fail(NAME, error.to_string(), to_do));
        }
    };
    Some(match asked {
        Ok(number) => judge_quality(number.quality_rating.as_deref()),
        Err(error) => Finding::fail(NAME, error.to_string(), to_do(&error)),
    })
}

fn judge_quality(rating: Option<&str>) -> Finding {
    let found = "Meta knows the number and takes the token";
    match rating {
        Some("RED") => Finding::warn(
            NAME,
            format!("{found}; the number's quality is RED"),
            "people block or report it: send less marketing, and see WhatsApp Manager, Insights",
        ),
        _ => Finding::ok(NAME, found),
    }
}

fn to_do(error: &CallError) -> &'static str {
    match error {
        CallError::Refused { code, .. } => match code {
            0 | 102 | 104 | 190 => {
                "the token has expired or was withdrawn: make a system user's token without an \
                 end (Business settings, System users) and set WHATSAPP_ACCESS_TOKEN"
            }
            3 | 10 | 200..=299 | 131_005 => {
                "the token lacks a permission: give the system user the app and the WhatsApp \
                 account, and make a token with whatsapp_business_messaging and \
                 whatsapp_business_management"
            }
            33 | 100 => {
                "Meta knows no such number for this token: WHATSAPP_PHONE_NUMBER_ID is the id \
                 from WhatsApp Manager, not the phone number, and its account must be given to \
                 the token's system user"
            }
            4 | 613 | 80_007 => "too many questions for now: run this again in an hour",
            368 | 131_031 => "Meta has restricted the account: see Business Support Home",
            _ => "look the code up in Meta's list of Cloud API errors",
        },
        CallError::Unreachable(_) => {
            "see that this machine reaches WHATSAPP_API_BASE_URL (DNS, firewall, proxy)"
        }
        CallError::Unreadable(_) => {
            "something else answers in Meta's place: see WHATSAPP_API_BASE_URL and proxies"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_demo_has_no_token_to_ask_about() {
        let settings = Settings::from_lookup(|_| None).unwrap();
        assert_eq!(check(&settings).await, None);
    }

    #[test]
    fn each_refusal_says_what_to_do_about_it() {
        let refused = |code| {
            to_do(&CallError::Refused {
                code,
                status: 400,
                reason: String::new(),
            })
        };
        assert!(refused(190).contains("expired"));
        assert!(refused(200).contains("permission") && refused(10) == refused(299));
        assert!(refused(100).contains("WHATSAPP_PHONE_NUMBER_ID"));
        assert!(refused(-1).contains("list"));
        assert!(to_do(&CallError::Unreachable("no connection")).contains("WHATSAPP_API_BASE_URL"));
    }

    #[test]
    fn a_bad_number_is_news_and_no_failure() {
        assert!(judge_quality(Some("RED")).to_string().starts_with("warn"));
        assert!(judge_quality(Some("GREEN")).to_string().starts_with("ok"));
    }
}
