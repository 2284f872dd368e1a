//! What Meta tells us about the account: its templates, its number, its limits.
//!
//! Every field of it is also kept as it came; this reads what changes what may be sent, or
//! what a person should hear of. A value we do not know changes nothing.

use jiff::Timestamp;
use serde_json::Value;

use super::lenient::{text, time};
use crate::whatsapp::templates::{Category, Quality, Status};

/// Something about the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something about a template.
    Template {
        /// Its name.
        name: String,
        /// Meta's code of its language.
        language: String,
        /// Meta's id.
        id: String,
        /// What.
        what: TemplateNews,
    },
    /// How many people may be written to first in 24 hours.
    DailyLimit(DailyLimit),
    /// The number may send a thousand a second from now on.
    Upgraded,
    /// What Meta thinks of the number, in its word (`FLAGGED`, `DOWNGRADE`).
    Number(String),
    /// The name people see was decided about.
    Name {
        /// Meta's word.
        decision: String,
        /// Why it was refused.
        reason: Option<String>,
    },
    /// Nothing may be sent until then, or until a person has changed something.
    Stopped {
        /// Why, in Meta's words.
        why: String,
        /// Until when, where Meta says so.
        until: Option<Timestamp>,
        /// Whether those who wrote within 24 hours may still be answered.
        first_only: bool,
        /// When they may be answered again, if that is before the end.
        answers_until: Option<Timestamp>,
    },
    /// What was stopped goes on.
    Reinstated,
    /// A person should read it: what it is about, and Meta's words.
    Told {
        /// What it is about.
        about: &'static str,
        /// Meta's words.
        words: String,
    },
}

/// What happened to a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateNews {
    /// It has another status.
    Status {
        /// The status; none for a mere warning.
        status: Option<Status>,
        /// Meta's word of the event.
        event: String,
        /// Why, and what Meta recommends.
        reason: Option<String>,
        /// How long it is paused: none until somebody lifts it.
        pause: Option<std::time::Duration>,
    },
    /// People think otherwise of it.
    Quality(Quality),
    /// Meta takes it for another category.
    Category {
        /// The one that counts now.
        now: Option<Category>,
        /// The one that will count soon.
        soon: Option<Category>,
    },
    /// Its text was changed in the account.
    Text,
}

/// How many people may be written to first in 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DailyLimit {
    /// So many.
    People(u32),
    /// Any number.
    Unlimited,
}

impl DailyLimit {
    /// Reads Meta's word (`TIER_2K`) or number.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.strip_prefix("TIER_").unwrap_or(word);
        match word {
            "UNLIMITED" | "-1" => Some(Self::Unlimited),
            word => {
                let (digits, thousands) = match word.strip_suffix('K') {
                    Some(digits) => (digits, 1_000),
                    None => (word, 1),
                };
                let number: u32 = digits.parse().ok()?;
                number.checked_mul(thousands).map(Self::People)
            }
        }
    }
}

/// Returns whether a value names another number than the one that looks like this.
pub fn is_of_other_number(raw: &str, display_number: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let value: Value = serde_json::from_str(raw).unwrap_or_default();
    let named = text(&value, "display_phone_number").map(|named| digits(&named));
    named.is_some_and(|named| !named.is_empty() && named != digits(display_number))
}

/// Reads the value of a field; nothing if it is none of ours or does not read.
pub fn read(field: &str, raw: &str) -> Option<News> {
    let value: Value = serde_json::from_str(raw).ok()?;
    match field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update" => template(field, &value),
        "phone_number_quality_update" => number(&value),
        "business_capability_update" => limit(&value).map(News::DailyLimit),
        "phone_number_name_update" => Some(News::Name {
            decision: text(&value, "decision")?,
            reason: text(&value, "rejection_reason").filter(|reason| reason != "NONE"),
        }),
        "account_update" => account(&value),
        "account_alerts" => {
            let alert = value.get("alert_info").unwrap_or(&value);
            told(
                "account_alert",
                alert,
                &["alert_severity", "alert_type", "alert_description"],
            )
        }
        "account_review_update" => told("account_review", &value, &["decision"]),
        "security" => told(
            "account_security",
            &value,
            &["event", "display_phone_number"],
        ),
        "flows" => form(&value),
        _ => None,
    }
}

fn template(field: &str, value: &Value) -> Option<News> {
    let what = if let Some(quality) = text(value, "new_quality_score") {
        // One example of Meta's has this content under the field of the status.
        TemplateNews::Quality(Quality::parse(&quality))
    } else {
        match field {
            "template_category_update" => category(value)?,
            "message_template_components_update" => TemplateNews::Text,
            _ => status(value)?,
        }
    };
    Some(News::Template {
        name: text(value, "message_template_name")?,
        language: text(value, "message_template_language")?,
        id: text(value, "message_template_id").unwrap_or_default(),
        what,
    })
}

fn category(value: &Value) -> Option<TemplateNews> {
    let read = |key: &str| text(value, key).and_then(|word| Category::parse(&word));
    match read("correct_category") {
        Some(soon) => Some(TemplateNews::Category {
            now: None,
            soon: Some(soon),
        }),
        None => read("new_category").map(|now| TemplateNews::Category {
            now: Some(now),
            soon: None,
        }),
    }
}

fn status(value: &Value) -> Option<TemplateNews> {
    const HOUR: u64 = 60;
    let event = text(value, "event")?;
    let title = value.pointer("/other_info/title").and_then(Value::as_str);
    let hours = match title {
        Some("FIRST_PAUSE") => Some(3),
        Some("SECOND_PAUSE") => Some(6),
        _ => None,
    };
    let words: Vec<String> = [
        text(value, "reason").filter(|reason| reason != "NONE"),
        title.map(str::to_owned),
        value
            .pointer("/rejection_info")
            .and_then(|info| text(info, "reason")),
        value
            .pointer("/rejection_info")
            .and_then(|info| text(info, "recommendation")),
    ]
    .into_iter()
    .flatten()
    .collect();
    Some(TemplateNews::Status {
        status: Status::after_event(&event),
        event,
        reason: (!words.is_empty()).then(|| words.join("; ")),
        pause: hours.map(|hours| std::time::Duration::from_mins(hours * HOUR)),
    })
}

fn number(value: &Value) -> Option<News> {
    match text(value, "event")?.as_str() {
        "THROUGHPUT_UPGRADE" => Some(News::Upgraded),
        "FLAGGED" => Some(News::Number("FLAGGED".to_owned())),
        event => match limit(value) {
            Some(limit) => Some(News::DailyLimit(limit)),
            // Others without a limit say that the number is new, or better again.
            None => (event == "DOWNGRADE").then(|| News::Number(event.to_owned())),
        },
    }
}

fn limit(value: &Value) -> Option<DailyLimit> {
    let keys = [
        "max_daily_conversations_per_business",
        "max_daily_conversation_per_phone",
        "current_limit",
    ];
    keys.iter()
        .find_map(|key| DailyLimit::parse(&text(value, key)?))
}

fn account(value: &Value) -> Option<News> {
    let event = text(value, "event")?;
    match event.as_str() {
        "ACCOUNT_RESTRICTION" => Some(restriction(value)),
        "DISABLED_UPDATE" => match value
            .pointer("/ban_info/waba_ban_state")
            .and_then(Value::as_str)
        {
            Some("REINSTATE") => Some(News::Reinstated),
            Some("SCHEDULE_FOR_DISABLE") => Some(News::Told {
                about: "account",
                words: "Meta will disable the account; see Business Support Home".to_owned(),
            }),
            _ => Some(News::Stopped {
                why: "account disabled".to_owned(),
                until: None,
                first_only: false,
                answers_until: None,
            }),
        },
        "ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED" => Some(News::Stopped {
            why: event.to_lowercase().replace('_', " "),
            until: None,
            first_only: false,
            answers_until: None,
        }),
        "ACCOUNT_RECONNECTED" => Some(News::Reinstated),
        "ACCOUNT_VIOLATION" => {
            let kind = value
                .pointer("/violation_info/violation_type")
                .and_then(Value::as_str);
            Some(News::Told {
                about: "account",
                words: format!("account violation: {}", kind.unwrap_or("not named")),
            })
        }
        _ => None,
    }
}

/// Reads the restrictions of an account, each of which has an end of its own.
fn restriction(value: &Value) -> News {
    let all = value.get("restriction_info").and_then(Value::as_array);
    let all: Vec<_> = all
        .into_iter()
        .flatten()
        .map(|one| (text(one, "restriction_type"), time(one, "expiration")))
        .collect();
    let kinds: Vec<_> = all.iter().filter_map(|(kind, _)| kind.as_deref()).collect();
    let why = format!("account restricted: {}", kinds.join(", "));
    // Restrictions on adding numbers, for one, stop no message. What has no name stops all
    // of them, unless another has one.
    let ends_of = |word: &str| -> Vec<Option<Timestamp>> {
        all.iter()
            .filter(|(kind, _)| match kind {
                Some(kind) => kind.contains("MESSAGING") && kind.contains(word),
                None => kinds.is_empty(),
            })
            .map(|(_, end)| *end)
            .collect()
    };
    let messaging = ends_of("");
    if messaging.is_empty() && !kinds.is_empty() {
        return News::Told {
            about: "account",
            words: why,
        };
    }
    let answering = ends_of("CUSTOMER_INITIATED");
    let (until, answers_until) = (last(&messaging), last(&answering));
    News::Stopped {
        why,
        until,
        first_only: answering.is_empty() && !kinds.is_empty(),
        answers_until: answers_until.filter(|at| Some(*at) != until),
    }
}

/// Returns the last of these ends; none if one of them has no time, and for ever is last.
fn last(ends: &[Option<Timestamp>]) -> Option<Timestamp> {
    let ends: Option<Vec<_>> = ends.iter().copied().collect();
    ends?.into_iter().max()
}

/// Reads that Meta holds a form back, or is about to: nobody is offered it then, and nobody
/// would miss it. The words leave out how bad it is, or each reading would be told anew.
fn form(value: &Value) -> Option<News> {
    let event = text(value, "event")?;
    let id = text(value, "flow_id").unwrap_or_else(|| "without an id".to_owned());
    let word = |key| text(value, key).unwrap_or_default();
    let words = match word("new_status").as_str() {
        status @ ("THROTTLED" | "BLOCKED") => format!("form {id} is {status}"),
        _ if word("alert_state") == "ACTIVATED" => format!("{event} of form {id}"),
        _ => return None,
    };
    Some(News::Told {
        about: "form",
        words,
    })
}

fn told(about: &'static str, value: &Value, keys: &[&str]) -> Option<News> {
    let words: Vec<_> = keys.iter().filter_map(|key| text(value, key)).collect();
    (!words.is_empty()).then(|| News::Told {
        about,
        words: words.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(field: &str, value: &Value) -> Option<News> {
        read(field, &value.to_string())
    }

    fn named(mut value: Value) -> Value {
        value["message_template_id"] = 1_689_556_908_129_832_i64.into();
        value["message_template_name"] = "sip_offer".into();
        value["message_template_language"] = "en".into();
        value
    }

    fn template_news(field: &str, value: Value) -> Option<TemplateNews> {
        match of(field, &named(value))? {
            News::Template {
                name,
                language,
                id,
                what,
            } => {
                let names = (name.as_str(), language.as_str(), id.as_str());
                assert_eq!(names, ("sip_offer", "en", "1689556908129832"));
                Some(what)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_pause_says_how_long_and_a_refusal_why() {
        let paused =
            json!({"event": "PAUSED", "reason": "NONE", "other_info": {"title": "FIRST_PAUSE"}});
        let told = template_news("message_template_status_update", paused).unwrap();
        let hours = |hours: u64| Some(std::time::Duration::from_mins(60 * hours));
        assert_eq!(
            told,
            TemplateNews::Status {
                status: Some(Status::Paused),
                event: "PAUSED".into(),
                reason: Some("FIRST_PAUSE".into()),
                pause: hours(3),
            }
        );
        let refused = json!({"event": "REJECTED", "reason": "INVALID_FORMAT",
            "rejection_info": {"reason": "r", "recommendation": "write it otherwise"}});
        let told = template_news("message_template_status_update", refused).unwrap();
        assert_eq!(
            told,
            TemplateNews::Status {
                status: Some(Status::Rejected),
                event: "REJECTED".into(),
                reason: Some("INVALID_FORMAT; r; write it otherwise".into()),
                pause: None,
            }
        );
        let new = json!({"event": "SOMETHING", "reason": null});
        let told = template_news("message_template_status_update", new).unwrap();
        assert!(matches!(told, TemplateNews::Status { status: None, .. }));
    }

    #[test]
    fn quality_is_known_by_its_content_whatever_the_field() {
        for field in [
            "message_template_status_update",
            "message_template_quality_update",
        ] {
            let value = json!({"previous_quality_score": "GREEN", "new_quality_score": "RED"});
            assert_eq!(
                template_news(field, value),
                Some(TemplateNews::Quality(Quality::Red))
            );
        }
    }

    #[test]
    fn a_notice_of_a_category_is_told_from_the_change_itself() {
        let notice = json!({"new_category": "UTILITY", "correct_category": "MARKETING"});
        let soon = TemplateNews::Category {
            now: None,
            soon: Some(Category::Marketing),
        };
        assert_eq!(
            template_news("template_category_update", notice),
            Some(soon)
        );
        let done = json!({"previous_category": "UTILITY", "new_category": "MARKETING"});
        let now = TemplateNews::Category {
            now: Some(Category::Marketing),
            soon: None,
        };
        assert_eq!(template_news("template_category_update", done), Some(now));
    }

    #[test]
    fn each_restriction_ends_at_its_own_time_and_those_without_one_never() {
        const FIRST: &str = "RESTRICTED_BIZ_INITIATED_MESSAGING";
        const ANSWERS: &str = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING";
        const NUMBERS: &str = "RESTRICTED_ADD_PHONE_NUMBER_ACTION";
        let day = |day: i64| 1_763_596_800 + day * 86_400;
        let is_at = |at: i64| Some(Timestamp::from_second(day(at)).unwrap());
        for (restrictions, (until, first_only, answers_until)) in [
            (
                vec![(FIRST, Some(3)), (ANSWERS, Some(1))],
                (is_at(3), false, is_at(1)),
            ),
            (
                vec![(ANSWERS, Some(3)), (FIRST, Some(1))],
                (is_at(3), false, None),
            ),
            (
                vec![(FIRST, None), (ANSWERS, Some(1))],
                (None, false, is_at(1)),
            ),
            (vec![(ANSWERS, None), (FIRST, Some(1))], (None, false, None)),
            (
                vec![(FIRST, Some(1)), (NUMBERS, Some(3))],
                (is_at(1), true, None),
            ),
            (vec![(FIRST, Some(1)), (FIRST, None)], (None, true, None)),
        ] {
            let info: Vec<_> = restrictions
                .iter()
                .map(|(kind, end)| json!({"restriction_type": kind, "expiration": end.map(day)}))
                .collect();
            let value = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": info});
            let kinds: Vec<_> = restrictions.iter().map(|(kind, _)| *kind).collect();
            let expected = News::Stopped {
                why: format!("account restricted: {}", kinds.join(", ")),
                until,
                first_only,
                answers_until,
            };
            assert_eq!(of("account_update", &value), Some(expected), "{value}");
        }
    }

    /// Every field that concerns the account, and what it changes.
    #[expect(clippy::too_many_lines, reason = "a table with a row for each event")]
    #[test]
    fn every_field_of_the_account_has_its_meaning() {
        let stopped = |why: &str, until: Option<i64>| News::Stopped {
            why: why.into(),
            until: until.map(|at| Timestamp::from_second(at).unwrap()),
            first_only: until.is_some(),
            answers_until: None,
        };
        let told = |about, words: &str| News::Told {
            about,
            words: words.into(),
        };
        let people = |count| News::DailyLimit(DailyLimit::People(count));
        for (field, value, expected) in [
            (
                "phone_number_quality_update",
                json!({"event": "THROUGHPUT_UPGRADE"}),
                Some(News::Upgraded),
            ),
            (
                "phone_number_quality_update",
                json!({"event": "FLAGGED", "current_limit": "TIER_250"}),
                Some(News::Number("FLAGGED".into())),
            ),
            (
                "phone_number_quality_update",
                json!({"event": "ONBOARDING", "max_daily_conversations_per_business": "TIER_10K"}),
                Some(people(10_000)),
            ),
            (
                "phone_number_quality_update",
                json!({"event": "ONBOARDING", "max_daily_conversations_per_business": "TIER_NOT_SET"}),
                None,
            ),
            (
                "phone_number_quality_update",
                json!({"event": "UNFLAGGED"}),
                None,
            ),
            (
                "phone_number_quality_update",
                json!({"event": "DOWNGRADE"}),
                Some(News::Number("DOWNGRADE".into())),
            ),
            (
                "business_capability_update",
                json!({"max_daily_conversations_per_business": "TIER_UNLIMITED"}),
                Some(News::DailyLimit(DailyLimit::Unlimited)),
            ),
            (
                "business_capability_update",
                json!({"max_daily_conversations_per_business": 2000}),
                Some(people(2_000)),
            ),
            (
                "business_capability_update",
                json!({"max_daily_conversation_per_phone": -1}),
                Some(News::DailyLimit(DailyLimit::Unlimited)),
            ),
            (
                "business_capability_update",
                json!({"max_daily_conversations_per_business": "TIER_NOT_SET"}),
                None,
            ),
            (
                "phone_number_name_update",
                json!({"decision": "REJECTED", "rejection_reason": "NAME"}),
                Some(News::Name {
                    decision: "REJECTED".into(),
                    reason: Some("NAME".into()),
                }),
            ),
            (
                "account_update",
                json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
                {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_763_596_800}]}),
                Some(stopped(
                    "account restricted: RESTRICTED_BIZ_INITIATED_MESSAGING",
                    Some(1_763_596_800),
                )),
            ),
            (
                "account_update",
                json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
                {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}]}),
                Some(told(
                    "account",
                    "account restricted: RESTRICTED_ADD_PHONE_NUMBER_ACTION",
                )),
            ),
            (
                "account_update",
                json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}),
                Some(stopped("account disabled", None)),
            ),
            (
                "account_update",
                json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}),
                Some(News::Reinstated),
            ),
            (
                "account_update",
                json!({"event": "ACCOUNT_DELETED"}),
                Some(stopped("account deleted", None)),
            ),
            (
                "account_update",
                json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}}),
                Some(told("account", "account violation: SCAM")),
            ),
            (
                "account_update",
                json!({"event": "MM_LITE_TERMS_SIGNED"}),
                None,
            ),
            (
                "account_alerts",
                json!({"alert_info": {"alert_severity": "CRITICAL", "alert_type": "T", "alert_description": "d"}}),
                Some(told("account_alert", "CRITICAL, T, d")),
            ),
            (
                "account_review_update",
                json!({"decision": "REJECTED"}),
                Some(told("account_review", "REJECTED")),
            ),
            (
                "security",
                json!({"event": "PIN_CHANGED", "display_phone_number": "91"}),
                Some(told("account_security", "PIN_CHANGED, 91")),
            ),
            ("flows", json!({"event": "FLOW_STATUS_CHANGE"}), None),
            (
                "flows",
                json!({"event": "FLOW_STATUS_CHANGE", "flow_id": "7", "new_status": "PUBLISHED"}),
                None,
            ),
            (
                "flows",
                json!({"event": "FLOW_STATUS_CHANGE", "flow_id": 7, "new_status": "BLOCKED"}),
                Some(told("form", "form 7 is BLOCKED")),
            ),
            (
                "flows",
                json!({"event": "ENDPOINT_ERROR_RATE", "flow_id": "7", "alert_state": "ACTIVATED",
                    "error_rate": 14.28, "threshold": 10}),
                Some(told("form", "ENDPOINT_ERROR_RATE of form 7")),
            ),
            (
                "flows",
                json!({"event": "ENDPOINT_ERROR_RATE", "flow_id": "7", "alert_state": "DEACTIVATED"}),
                None,
            ),
            ("account_update", json!("nonsense"), None),
        ] {
            assert_eq!(of(field, &value), expected, "{field} {value}");
        }
        assert_eq!(read("account_update", "{"), None);
    }
}
