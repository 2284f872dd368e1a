//! One call to BSE: login, envelope, errors.
//!
//! The login is shared: whoever finds the token gone renews it, and everybody else waits
//! for that one. A request that was refused for its token alone was not taken, so it is
//! sent once more; nothing else is ever sent twice.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::open::{Open, Payloads};
use crate::clock::Clock;
use crate::id::Ids;
use crate::investing::gateway::port::GatewayError;
use crate::investing::gateway::wire::{self, Effect, Reply};

/// Codes that say the token is not, or no longer, good.
const TOKEN_CODES: [i64; 7] = [508, 509, 510, 580, 672, 673, 1023];
const DUPLICATE: i64 = 539;
const NOT_FOUND: [i64; 4] = [507, 1505, 1507, 3663];

/// Where BSE is and who we are there.
#[derive(Debug, Clone)]
pub struct Member {
    /// Scheme, host and path in front of every call.
    pub base_url: String,
    /// Member code.
    pub member: String,
    /// User of the API.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

/// Why a call brought nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// The reference was used before: by us.
    Duplicate,
    /// There is no such thing.
    NotFound,
    /// Anything else.
    Gateway(GatewayError),
}

impl From<GatewayError> for Fault {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(error)
    }
}

impl From<Fault> for GatewayError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Duplicate => Self::Refused {
                code: DUPLICATE.to_string(),
                message: "duplicate".to_owned(),
            },
            Fault::NotFound => Self::Refused {
                code: "not_found".to_owned(),
                message: "BSE knows no such record".to_owned(),
            },
            Fault::Gateway(error) => error,
        }
    }
}

/// Speaks to BSE for one member.
pub(super) struct Session {
    http: Client,
    base: String,
    pub(super) member: Member,
    pub(super) open: Open,
    /// The token and how often it was renewed.
    token: Mutex<(u64, Option<SecretString>)>,
    /// Makes trace ids.
    ids: Ids,
    clock: Clock,
}

enum Answer {
    Data(Value),
    /// The token is not good; nothing was done.
    BadToken,
}

impl Session {
    pub(super) fn new(
        member: Member,
        open: Open,
        timeout: Duration,
        clock: Clock,
        ids: Ids,
    ) -> anyhow::Result<Self> {
        let url: Url = member.base_url.parse()?;
        Ok(Self {
            http: wire::client(&url, timeout)?,
            base: member.base_url.trim_end_matches('/').to_owned(),
            member,
            open,
            token: Mutex::new((0, None)),
            ids,
            clock,
        })
    }

    /// Makes a call and returns the `data` of its answer.
    pub(super) async fn call(
        &self,
        call: &str,
        data: Value,
        effect: Effect,
    ) -> Result<Value, Fault> {
        let path = self.open.path(call)?;
        self.open.payloads()?;
        for _ in 0..2 {
            let (renewal, token) = self.token().await?;
            match self.try_once(&path, &data, &token, effect).await? {
                Answer::Data(data) => return Ok(data),
                Answer::BadToken => self.forget(renewal).await,
            }
        }
        let why = "BSE does not take a token it has just given".to_owned();
        Err(GatewayError::Unavailable(why).into())
    }

    async fn try_once(
        &self,
        path: &str,
        data: &Value,
        token: &SecretString,
        effect: Effect,
    ) -> Result<Answer, Fault> {
        let trace: Uuid = self.ids.next(self.clock.now());
        let body = json!({"data": data}).to_string();
        let request = self
            .http
            .post(format!("{}/{path}", self.base))
            .bearer_auth(token.expose_secret())
            .header("X-STARMFv2-Trace-ID", trace.to_string());
        let not_sent = |_| GatewayError::Unavailable("a payload cannot be sealed".to_owned());
        let request = match self.open.payloads()? {
            Payloads::Plain => request.header(CONTENT_TYPE, "application/json").body(body),
            Payloads::Jose(keys) => request
                .header(CONTENT_TYPE, "application/jose")
                .header(
                    "X-API-Org-ID",
                    keys.org_id(&self.member.member).map_err(not_sent)?,
                )
                .body(keys.seal(body.as_bytes()).map_err(not_sent)?),
        };
        let reply = wire::call(request, effect).await?;
        self.understood(&reply, effect)
    }

    fn understood(&self, reply: &Reply, effect: Effect) -> Result<Answer, Fault> {
        let plain = match self.open.payloads()? {
            // Errors sometimes come plain; a success that is not sealed is nobody's.
            Payloads::Jose(keys) => std::str::from_utf8(&reply.body)
                .ok()
                .and_then(|text| keys.open(text).ok())
                .or_else(|| is_plain_error(&reply.body).then(|| reply.body.clone())),
            Payloads::Plain => Some(reply.body.clone()),
        };
        let envelope = plain.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        let Some(envelope) = envelope else {
            if reply.status == 401 {
                return Ok(Answer::BadToken);
            }
            return Err(reply.unreadable(effect).into());
        };
        judge(&envelope, reply.status, effect)
    }

    async fn token(&self) -> Result<(u64, SecretString), GatewayError> {
        let mut held = self.token.lock().await;
        if let (renewal, Some(token)) = &*held {
            return Ok((*renewal, token.clone()));
        }
        let token = self.login().await?;
        held.0 += 1;
        held.1 = Some(token.clone());
        Ok((held.0, token))
    }

    /// Forgets a token, unless somebody has renewed it meanwhile.
    async fn forget(&self, renewal: u64) {
        let mut held = self.token.lock().await;
        if held.0 == renewal {
            held.1 = None;
        }
    }

    /// The login stays plain JSON in every mode.
    async fn login(&self) -> Result<SecretString, GatewayError> {
        let body = json!({"data": {
            "username": self.member.username,
            "password": self.member.password.expose_secret(),
        }});
        let request = self.http.post(format!("{}/login", self.base)).json(&body);
        let reply = wire::call(request, Effect::Reads).await?;
        let envelope: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let token = envelope
            .pointer("/data/access_token")
            .and_then(Value::as_str);
        match token {
            Some(token) if reply.is_success() && !token.is_empty() => Ok(token.into()),
            _ => Err(GatewayError::Unavailable(format!(
                "BSE's login answers status {} without a token",
                reply.status
            ))),
        }
    }
}

fn is_plain_error(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|envelope| envelope["status"] == "error")
}

fn judge(envelope: &Value, status: u16, effect: Effect) -> Result<Answer, Fault> {
    let success = (200..300).contains(&status) && envelope["status"] == "success";
    if success {
        return Ok(Answer::Data(envelope["data"].clone()));
    }
    let message = &envelope["messages"][0];
    let code = message["msgid"].as_i64().or_else(|| {
        let text = message["msgid"].as_str();
        text.and_then(|text| text.parse().ok())
    });
    match code {
        Some(code) if TOKEN_CODES.contains(&code) => Ok(Answer::BadToken),
        None if status == 401 => Ok(Answer::BadToken),
        Some(DUPLICATE) => Err(Fault::Duplicate),
        Some(code) if NOT_FOUND.contains(&code) => Err(Fault::NotFound),
        Some(code) if status < 500 => Err(GatewayError::Refused {
            code: code.to_string(),
            message: words(message),
        }
        .into()),
        _ => {
            let what = format!("status {status} and no error of BSE's");
            Err(wire::lost(effect, what).into())
        }
    }
}

/// Says what is wrong with which field; the values, which may be personal, stay out.
fn words(message: &Value) -> String {
    let text = |name: &str| -> String {
        let text = message[name].as_str().unwrap_or("");
        text.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ' '))
            .take(80)
            .collect()
    };
    format!("{} is {}", text("field"), text("errcode"))
}
