//! Whether Meta takes our token for our number, and tells us what happens to it.

use std::time::Duration;

use super::Finding;
use crate::config::{Channel, Settings};
use crate::whatsapp::{CallError, GraphClient};

const NAME: &str = "graph token";
const WEBHOOKS: &str = "webhooks";
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns nothing for a demo, which has no token.
pub(super) async fn check(settings: &Settings) -> Vec<Finding> {
    let Channel::Production(credentials) = &settings.channel else {
        return Vec::new();
    };
    let client = GraphClient::new(
        &settings.graph.base_url,
        &settings.graph.version,
        &credentials.phone_number_id,
        &credentials.access_token,
        PATIENCE,
    );
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            let to_do = "correct the WHATSAPP_ settings (.env.example explains them)";
            return vec![Finding::fail(NAME, error.to_string(), to_do)];
        }
    };
    match client.check_token().await {
        Ok(number) => vec![
            judge_quality(number.quality_rating.as_deref()),
            judge_subscription(client.is_subscribed(&credentials.waba_id).await),
        ],
        Err(error) => vec![Finding::fail(NAME, error.to_string(), to_do(&error))],
    }
}

fn judge_subscription(asked: Result<bool, CallError>) -> Finding {
    match asked {
        Ok(true) => Finding::ok(WEBHOOKS, "Meta tells an app what happens to the account"),
        Ok(false) => Finding::fail(
            WEBHOOKS,
            "no app is subscribed to the account: Meta tells nobody what people write".to_owned(),
            "subscribe it: POST WHATSAPP_WABA_ID/subscribed_apps (README, going live)",
        ),
        Err(error) => Finding::fail(
            WEBHOOKS,
            format!("whether an app is subscribed to the account: {error}"),
            "see that WHATSAPP_WABA_ID is the account of the number and given to the token's \
             system user",
        ),
    }
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
        assert_eq!(check(&settings).await, []);
    }

    #[test]
    fn an_account_nobody_is_told_of_is_a_failure() {
        let judged = |asked| judge_subscription(asked).to_string();
        assert!(judged(Ok(true)).starts_with("ok"));
        assert!(judged(Ok(false)).starts_with("FAIL"));
        assert!(judged(Err(CallError::Unreadable(500))).contains("WHATSAPP_WABA_ID"));
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
