//! Errors in the shape of the Graph API.

use serde_json::{Value, json};

/// A refusal, as the Graph API words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GraphError {
    /// HTTP status.
    pub(crate) http: u16,
    /// Meta's code; what a client must decide by.
    pub(crate) code: i64,
    /// Subcode, where one is known to be sent.
    pub(crate) subcode: Option<i64>,
    /// What is wrong in this request.
    pub(crate) details: String,
}

impl GraphError {
    /// Returns the error with `code` and the HTTP status and title that go with it.
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        Self {
            http: http_status(code),
            code,
            subcode: None,
            details: details.into(),
        }
    }

    /// Returns the error with a subcode, by which Meta tells one refusal from another.
    pub(crate) fn subcoded(code: i64, subcode: i64, details: impl Into<String>) -> Self {
        Self {
            subcode: Some(subcode),
            ..Self::new(code, details)
        }
    }

    /// A parameter that must be there is not.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(131_008, format!("The parameter {parameter} is required."))
    }

    /// A parameter has a value that it must not have.
    pub(crate) fn value(parameter: &str, why: &str) -> Self {
        Self::new(131_009, format!("Param {parameter} {why}."))
    }

    /// A parameter is unknown or of the wrong type.
    pub(crate) fn parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// The object that was asked for does not exist.
    pub(crate) fn no_such_object(id: &str) -> Self {
        Self {
            subcode: Some(33),
            ..Self::parameter(format!(
                "Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation"
            ))
        }
    }

    /// Returns the body of the answer.
    pub(crate) fn body(&self, trace: u64) -> Value {
        let mut error = json!({
            "message": format!("(#{}) {}", self.code, title(self.code)),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": format!("A{trace:022x}"),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if matches!(self.code, 1 | 2 | 131_000 | 131_016 | 133_004) {
            error["is_transient"] = true.into();
        }
        json!({"error": error})
    }

    /// Returns the item of `errors` in a status webhook.
    pub(crate) fn item(code: i64) -> Value {
        json!({
            "code": code,
            "title": title(code),
            "message": title(code),
            "error_data": {"details": details(code)},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }
}

/// Returns the HTTP status Meta last documented for a code.
pub(crate) fn http_status(code: i64) -> u16 {
    match code {
        0 | 102 | 104 | 190 => 401,
        10 | 200..=299 | 368 | 130_497 | 131_005 | 131_031 => 403,
        132_001 => 404,
        2 | 133_004 => 503,
        3 | 131_000 | 131_016 | 131_045 | 131_057 | 133_000 | 134_102 => 500,
        _ => 400,
    }
}

fn title(code: i64) -> &'static str {
    match code {
        0 => "AuthException",
        1 => "API Unknown",
        2 => "API Service",
        4 => "API Too Many Calls",
        10 => "Permission Denied",
        100 => "Invalid parameter",
        190 => "Access token has expired or is invalid",
        200 => "API Permission",
        368 => "Temporarily blocked for policies violations",
        80_007 => "Rate limit issues",
        130_429 => "Rate limit hit",
        130_472 => "User's number is part of an experiment",
        131_000 => "Something went wrong",
        131_008 => "Required parameter is missing",
        131_009 => "Parameter value is not valid",
        131_016 => "Service unavailable",
        131_026 => "Message undeliverable",
        131_031 => "Business Account locked",
        131_042 => "Business eligibility payment issue",
        131_047 => "Re-engagement message",
        131_048 => "Spam rate limit hit",
        131_049 => "Message withheld to keep the ecosystem healthy",
        131_050 => "User has stopped marketing messages",
        131_051 => "Unsupported message type",
        131_053 => "Media upload error",
        131_056 => "(Business Account, Consumer Account) pair rate limit hit",
        131_057 => "Business Account is in maintenance mode",
        131_062 => "Business-scoped User ID (BSUID) recipients are not supported for this message",
        132_000 => "Template Param Count Mismatch",
        132_001 => "Template does not exist",
        132_005 => "Template Hydrated Text Too Long",
        132_012 => "Template Parameter Format Mismatch",
        132_015 => "Template is Paused",
        132_016 => "Template is Disabled",
        132_018 => "Template parameter contents are not valid",
        139_001 => "Updating attempt failed",
        139_002 => "Publishing failed",
        139_003 => "Deprecating failed",
        139_004 => "Deleting failed",
        _ => "Request refused",
    }
}

fn details(code: i64) -> &'static str {
    match code {
        131_026 => "Message Undeliverable.",
        131_047 => {
            "Message failed to send because more than 24 hours have passed since the customer \
             last replied to this number."
        }
        _ => title(code),
    }
}
