//! What became of one call to send a message, as far as the call itself can tell.
//!
//! A Graph error decides by its code. Without one, only a call of which nothing was
//! written counts as not sent; everything else is unknown, because a guess in either
//! direction loses or doubles a message.

use std::time::Duration;

use serde_json::Value;

use super::errors::{self, Class, Scope};

/// What became of one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// Meta took it.
    Accepted {
        /// Meta's id of it.
        wamid: String,
    },
    /// Nobody was reached, so it was not sent.
    Unreached,
    /// It was not sent; try again, not before `after` has passed.
    Retry {
        /// The least time to wait.
        after: Duration,
        /// Graph's code, if it gave one.
        code: Option<i64>,
        /// Whether it is for the message itself, and others may fare better.
        is_its_own: bool,
    },
    /// It was not sent, because a limit was reached.
    Throttled {
        /// The least time to wait.
        after: Duration,
        /// Whose limit.
        scope: Scope,
    },
    /// It will never be sent like this.
    Permanent {
        /// Graph's code.
        code: i64,
        /// Graph's words, with long numbers and tokens masked.
        reason: String,
    },
    /// It was not sent, and sending pauses until a person has changed something.
    Policy {
        /// Graph's code.
        code: i64,
    },
    /// It may or may not have been sent.
    Unknown {
        /// What is known.
        reason: String,
        /// Graph's code, if it gave one.
        code: Option<i64>,
    },
}

/// How a call ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Before a byte of it was written.
    BeforeWriting,
    /// After that, or perhaps after that.
    Perhaps(&'static str),
}

/// The least wait where nobody is reached or Meta names none; the sender adds its own backoff.
pub(crate) const SOON: Duration = Duration::from_secs(1);
const PAIR_PACE: Duration = Duration::from_secs(6);
const ACCOUNT_PACE: Duration = Duration::from_mins(1);
/// No answer may park a message for longer than this.
const LONGEST: Duration = Duration::from_hours(72);

impl SendOutcome {
    /// Reads Graph's answer.
    pub fn from_answer(status: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(error) = GraphError::in_body(&body) {
            return error.outcome(status, retry_after);
        }
        let success = (200..300).contains(&status);
        let wamid = body.pointer("/messages/0/id").and_then(Value::as_str);
        match wamid {
            Some(wamid) if success && !wamid.is_empty() => Self::Accepted {
                wamid: wamid.to_owned(),
            },
            _ => Self::Unknown {
                reason: format!("status {status} without a message id or an error code"),
                code: None,
            },
        }
    }

    /// Returns whether Meta said what became of the call.
    pub fn is_answer(&self) -> bool {
        !matches!(self, Self::Unreached | Self::Unknown { .. })
    }

    /// Reads Graph's answer to an upload: the id of the file, or what else it came to.
    pub(super) fn of_upload(
        status: u16,
        body: &[u8],
        retry_after: Option<Duration>,
    ) -> Result<String, Self> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(error) = GraphError::in_body(&body) {
            return Err(error.outcome(status, retry_after).certainly_not_sent());
        }
        let success = (200..300).contains(&status);
        let id = body.get("id").and_then(Value::as_str);
        match id {
            Some(id) if success && !id.is_empty() => Ok(id.to_owned()),
            _ => Err(Self::Retry {
                after: SOON,
                code: None,
                is_its_own: true,
            }),
        }
    }

    /// Returns what it means of a call that sends nothing: what may have been done may be
    /// done again, and whoever has nothing to hand over may fare better.
    #[must_use]
    pub(super) fn certainly_not_sent(self) -> Self {
        match self {
            Self::Unknown { code, .. } => Self::Retry {
                after: SOON,
                code,
                is_its_own: true,
            },
            other => other,
        }
    }

    /// Judges a call that got no whole answer.
    pub fn from_broken(broken: &Broken) -> Self {
        match broken {
            Broken::BeforeWriting => Self::Unreached,
            Broken::Perhaps(reason) => Self::Unknown {
                reason: (*reason).to_owned(),
                code: None,
            },
        }
    }
}

/// The `error` object of Graph.
pub(super) struct GraphError<'a> {
    pub(super) code: i64,
    is_transient: bool,
    message: &'a str,
    details: Option<&'a str>,
    /// What Graph would have a person read, for calls that manage something.
    user_message: Option<&'a str>,
}

impl<'a> GraphError<'a> {
    pub(super) fn in_body(body: &'a Value) -> Option<Self> {
        let error = body.get("error")?;
        let code = match error.get("code")? {
            Value::Number(code) => code.as_i64()?,
            Value::String(code) => code.parse().ok()?,
            _ => return None,
        };
        Some(Self {
            code,
            is_transient: error.get("is_transient") == Some(&Value::Bool(true)),
            message: error.get("message").and_then(Value::as_str).unwrap_or(""),
            details: error.pointer("/error_data/details").and_then(Value::as_str),
            user_message: error.get("error_user_msg").and_then(Value::as_str),
        })
    }

    fn outcome(&self, status: u16, retry_after: Option<Duration>) -> SendOutcome {
        let code = self.code;
        let wait = |least: Duration| retry_after.unwrap_or(least).max(least).min(LONGEST);
        let permanent = || SendOutcome::Permanent {
            code,
            reason: self.reason(),
        };
        let again = |least: Duration, is_its_own| SendOutcome::Retry {
            after: wait(least),
            code: Some(code),
            is_its_own,
        };
        let unknown = || SendOutcome::Unknown {
            reason: format!("graph error {code}"),
            code: Some(code),
        };
        match errors::class(code) {
            Class::Throttled(scope) => SendOutcome::Throttled {
                after: wait(match scope {
                    Scope::Number => SOON,
                    Scope::Account => ACCOUNT_PACE,
                    Scope::Pair => PAIR_PACE,
                }),
                scope,
            },
            Class::MaybeSent => unknown(),
            Class::Later(Some(delay)) => again(delay, true),
            _ if self.is_transient => again(SOON, false),
            Class::Repeat => again(SOON, true),
            Class::Halt => SendOutcome::Policy { code },
            Class::Change | Class::Never | Class::Later(None) => permanent(),
            // A code nobody knows: only the status is left to tell a refusal from a failure.
            Class::Unlisted if status == 429 => SendOutcome::Throttled {
                after: wait(ACCOUNT_PACE),
                scope: Scope::Account,
            },
            Class::Unlisted if (400..500).contains(&status) && status != 408 => permanent(),
            Class::Unlisted => unknown(),
        }
    }

    /// Returns Graph's words for a person; its own message may repeat the token.
    pub(super) fn details(&self) -> String {
        masked(self.user_message.or(self.details).unwrap_or("no details"))
    }

    fn reason(&self) -> String {
        masked(self.details.unwrap_or(self.message))
    }
}

/// Graph's words may repeat what was sent: phone numbers, ids, tokens.
fn masked(words: &str) -> String {
    const LONGEST_REASON: usize = 300;
    const LONGEST_WORD: usize = 40;
    let short: String = words.chars().take(LONGEST_REASON).collect();
    short
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            if digits >= 8 || word.len() > LONGEST_WORD {
                format!("***{}", &piece[word.len()..])
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, error: &Value) -> SendOutcome {
        let body = serde_json::json!({ "error": error }).to_string();
        SendOutcome::from_answer(status, body.as_bytes(), None)
    }

    fn by_code(code: i64) -> SendOutcome {
        refused(400, &serde_json::json!({"code": code, "message": "no"}))
    }

    #[test]
    fn an_accepted_message_brings_its_id() {
        let body = br#"{"messaging_product":"whatsapp","contacts":[{"input":"+91","wa_id":"91"}],"messages":[{"id":"wamid.A"}]}"#;
        let accepted = SendOutcome::Accepted {
            wamid: "wamid.A".into(),
        };
        assert_eq!(SendOutcome::from_answer(200, body, None), accepted);
    }

    #[test]
    fn an_answer_without_id_or_code_is_unknown() {
        let answers: [(u16, &[u8]); 10] = [
            (200, b""),
            (200, b"{}"),
            (200, br#"{"messages":[]}"#),
            (200, br#"{"messages":[{"id":""}]}"#),
            (200, br#"{"messages":[{"id":"wam"#),
            (302, br#"{"messages":[{"id":"wamid.A"}]}"#),
            (502, b"<html>Bad Gateway</html>"),
            (413, b"<html>too large</html>"),
            (500, br#"{"error":"oops"}"#),
            (400, br#"{"error":{"message":"no code"}}"#),
        ];
        for (status, body) in answers {
            let outcome = SendOutcome::from_answer(status, body, None);
            assert!(
                matches!(outcome, SendOutcome::Unknown { .. }),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn each_class_has_its_outcome() {
        use SendOutcome::{Permanent, Policy, Retry, Throttled, Unknown};

        let codes = (0..700).chain(80_000..80_010).chain(130_000..148_000);
        let codes = codes
            .chain(2_388_000..2_388_400)
            .chain(2_494_000..2_494_200);
        for code in codes {
            let outcome = match (errors::class(code), by_code(code)) {
                (Class::Throttled(asked), Throttled { scope, .. }) => asked == scope,
                (
                    Class::Later(Some(asked)),
                    Retry {
                        after, code: told, ..
                    },
                ) => asked == after && told == Some(code),
                (
                    Class::Repeat,
                    Retry {
                        code: told,
                        is_its_own: true,
                        ..
                    },
                )
                | (Class::MaybeSent, Unknown { code: told, .. }) => told == Some(code),
                (Class::Halt, Policy { code: told })
                | (
                    Class::Change | Class::Never | Class::Later(None) | Class::Unlisted,
                    Permanent { code: told, .. },
                ) => told == code,
                _ => false,
            };
            assert!(outcome, "code {code}");
        }
    }

    #[test]
    fn a_transient_error_is_tried_again_unless_it_may_have_been_sent() {
        for (code, again) in [
            (190, true),
            (100, true),
            (424_242, true),
            (131_000, false),
            (2, false),
        ] {
            let error = serde_json::json!({"code": code, "is_transient": true});
            // Meta is not well: nothing is wrong with the message.
            let not_well = SendOutcome::Retry {
                after: SOON,
                code: Some(code),
                is_its_own: false,
            };
            let retried = refused(500, &error) == not_well;
            assert_eq!(retried, again, "code {code}");
        }
    }

    #[test]
    fn an_unlisted_code_goes_by_the_kind_of_status() {
        let error = serde_json::json!({"code": 424_242});
        assert!(matches!(
            refused(400, &error),
            SendOutcome::Permanent { .. }
        ));
        assert!(matches!(
            refused(429, &error),
            SendOutcome::Throttled { .. }
        ));
        for status in [200, 408, 500, 503] {
            assert!(matches!(
                refused(status, &error),
                SendOutcome::Unknown { .. }
            ));
        }
    }

    #[test]
    fn a_code_given_as_text_counts() {
        let error = serde_json::json!({"code": "131056"});
        let after = PAIR_PACE;
        let scope = Scope::Pair;
        assert_eq!(
            refused(403, &error),
            SendOutcome::Throttled { after, scope }
        );
    }

    #[test]
    fn the_wait_meta_names_is_kept_within_reason() {
        let body = br#"{"error":{"code":130429}}"#;
        for (named, kept) in [
            (None, 1),
            (Some(0), 1),
            (Some(7), 7),
            (Some(u64::MAX), 259_200),
        ] {
            let named = named.map(Duration::from_secs);
            let after = Duration::from_secs(kept);
            let scope = Scope::Number;
            let expected = SendOutcome::Throttled { after, scope };
            assert_eq!(SendOutcome::from_answer(400, body, named), expected);
        }
    }

    #[test]
    fn only_what_was_never_written_is_tried_again() {
        let retry = SendOutcome::from_broken(&Broken::BeforeWriting);
        assert_eq!(retry, SendOutcome::Unreached);
        let unknown = SendOutcome::from_broken(&Broken::Perhaps("timed out"));
        assert!(matches!(unknown, SendOutcome::Unknown { .. }));
    }

    #[test]
    fn reasons_do_not_repeat_numbers_or_tokens() {
        let token = "EAAG".repeat(20);
        let words = format!("(#100) to '+919812345678' with {token}, सही");
        assert_eq!(masked(&words), "(#100) to '+***' with ***, सही");
        assert_eq!(masked(&"é ".repeat(400)).chars().count(), 300);
    }
}
