//! The Graph client: one request out, one honest outcome back.
//!
//! It never retries and never follows a redirect: whoever asked decides, on what is
//! known. The token is in no error and no debug output.

mod forms;
mod list;
mod media;
mod number;
mod samples;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::outcome::{Broken, GraphError, SendOutcome};
use super::outgoing::{read_receipt, typing_indicator};

pub(crate) use list::id_of;
pub use media::{NotDownloaded, NotUploaded};
pub use number::NumberLimits;

/// How long a send may take unless the settings say otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Meta's file hosts turn away who does not say who they are.
const USER_AGENT: &str = concat!("sipbrewery/", env!("CARGO_PKG_VERSION"));
/// A page of templates is the longest of Graph's answers; nobody gets to fill our memory.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Why a client cannot be built.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// Not an address of the web.
    #[error("the Graph address is not an http or https address without user, query or fragment")]
    Address,
    /// A token would travel in the clear.
    #[error("the Graph address may be plain http only for this machine")]
    PlainHttp,
    /// Not a version.
    #[error("the Graph version must look like v25.0")]
    Version,
    /// Not an id.
    #[error("the phone number id must be letters and digits")]
    PhoneNumberId,
    /// Not a token.
    #[error("the access token has characters that no token has")]
    Token,
    /// The TLS or socket library refused.
    #[error("the http client cannot be built")]
    Client,
}

/// Why a call other than a send brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No whole answer came.
    #[error("graph cannot be reached: {0}")]
    Unreachable(&'static str),
    /// Graph said no.
    #[error("graph answered with error {code} (status {status}): {reason}")]
    Refused {
        /// Graph's code.
        code: i64,
        /// HTTP status.
        status: u16,
        /// Graph's words, with long numbers and tokens masked.
        reason: String,
    },
    /// The answer was not Graph's.
    #[error("the answer with status {0} is not Graph's")]
    Unreadable(u16),
}

/// What Graph says about our number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct NumberFacts {
    /// As people see it.
    pub display_phone_number: Option<String>,
    /// The name people see.
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_rating: Option<String>,
}

/// Speaks to Graph for one number.
#[derive(Clone)]
pub struct GraphClient {
    http: Client,
    /// Above all ids: address and version.
    root: Url,
    number_id: String,
    number: Url,
    messages: Url,
    authorization: HeaderValue,
    /// The same token as the resumable upload wants it.
    upload_authorization: HeaderValue,
}

struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl GraphClient {
    /// Builds a client; `timeout` bounds each call as a whole.
    pub fn new(
        base_url: &str,
        version: &str,
        phone_number_id: &str,
        access_token: &SecretString,
        timeout: Duration,
    ) -> Result<Self, BadSettings> {
        let base = check_base_url(base_url)?;
        if !is_version(version) {
            return Err(BadSettings::Version);
        }
        if phone_number_id.is_empty() || !phone_number_id.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return Err(BadSettings::PhoneNumberId);
        }
        let carrying = |scheme: &str| {
            let header = format!("{scheme} {}", access_token.expose_secret());
            let mut header = HeaderValue::from_str(&header).map_err(|_| BadSettings::Token)?;
            header.set_sensitive(true);
            Ok(header)
        };
        let (authorization, upload_authorization) = (carrying("Bearer")?, carrying("OAuth")?);

        let root = below(&base, version)?;
        let number = below(&root, phone_number_id)?;
        let messages = below(&number, "messages")?;

        let mut http = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .tcp_nodelay(true);
        if base.scheme() == "http" {
            http = http.http1_only();
        }
        if is_loopback(&base) {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(|_| BadSettings::Client)?,
            root,
            number_id: phone_number_id.to_owned(),
            number,
            messages,
            authorization,
            upload_authorization,
        })
    }

    /// Sends a message: the JSON of [`Outgoing::request`](super::Outgoing::request).
    pub async fn send(&self, request_body: Vec<u8>) -> SendOutcome {
        match self.call(self.post(request_body)).await {
            Ok(answer) => SendOutcome::from_answer(answer.status, &answer.body, answer.retry_after),
            Err(broken) => SendOutcome::from_broken(&broken),
        }
    }

    /// Marks a message, and all before it, as read.
    pub async fn mark_read(&self, wamid: &str) -> Result<(), CallError> {
        self.acknowledge(&read_receipt(wamid)).await
    }

    /// Marks a message as read and shows that an answer is being written.
    pub async fn show_typing(&self, wamid: &str) -> Result<(), CallError> {
        self.acknowledge(&typing_indicator(wamid)).await
    }

    /// Asks Graph about our number, which shows whether the token is good.
    pub async fn check_token(&self) -> Result<NumberFacts, CallError> {
        let fields = "display_phone_number,verified_name,quality_rating";
        let request = self
            .http
            .get(self.number.clone())
            .query(&[("fields", fields)]);
        let (status, body) = self.ask(request).await?;
        serde_json::from_value(body).map_err(|_| CallError::Unreadable(status))
    }

    /// Returns whether an app is told of what happens to the account: without, no webhook
    /// ever comes.
    pub async fn is_subscribed(&self, account: &str) -> Result<bool, CallError> {
        let address = self.object(&[account, "subscribed_apps"]);
        let (status, body) = self.ask(self.http.get(address)).await?;
        let apps = body.get("data").and_then(Value::as_array);
        apps.map(|apps| !apps.is_empty())
            .ok_or(CallError::Unreadable(status))
    }

    /// Returns the address of an object other than our number.
    fn object(&self, path: &[&str]) -> Url {
        let mut address = self.number.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop().extend(path);
        }
        address
    }

    async fn acknowledge(&self, request: &Value) -> Result<(), CallError> {
        let (status, body) = self
            .ask(self.post(request.to_string().into_bytes()))
            .await?;
        if body.get("success") == Some(&Value::Bool(true)) {
            Ok(())
        } else {
            Err(CallError::Unreadable(status))
        }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(u16, Value), CallError> {
        self.ask_as(&self.authorization, request).await
    }

    async fn ask_as(
        &self,
        authorization: &HeaderValue,
        request: RequestBuilder,
    ) -> Result<(u16, Value), CallError> {
        let called = self.call_as(authorization, request).await;
        let answer = called.map_err(|broken| match broken {
            Broken::BeforeWriting => CallError::Unreachable("no connection"),
            Broken::Perhaps(reason) => CallError::Unreachable(reason),
        })?;
        let status = answer.status;
        let body: Value =
            serde_json::from_slice(&answer.body).map_err(|_| CallError::Unreadable(status))?;
        if let Some(error) = GraphError::in_body(&body) {
            return Err(CallError::Refused {
                code: error.code,
                status,
                reason: error.details(),
            });
        }
        if (200..300).contains(&status) {
            Ok((status, body))
        } else {
            Err(CallError::Unreadable(status))
        }
    }

    /// Begins a call to something below our number.
    fn request(&self, method: Method, below: &[&str]) -> RequestBuilder {
        let mut url = self.number.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(below);
        }
        self.http.request(method, url)
    }

    fn post(&self, body: Vec<u8>) -> RequestBuilder {
        self.http
            .post(self.messages.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body)
    }

    async fn call(&self, request: RequestBuilder) -> Result<Answer, Broken> {
        self.call_as(&self.authorization, request).await
    }

    async fn call_as(
        &self,
        authorization: &HeaderValue,
        request: RequestBuilder,
    ) -> Result<Answer, Broken> {
        let request = request.header(AUTHORIZATION, authorization.clone());
        let mut response = request.send().await.map_err(|error| broken(&error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(Broken::Perhaps("the answer is too long"));
            }
        }
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }
}

impl fmt::Debug for GraphClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphClient")
            .field("messages", &self.messages.as_str())
            .finish_non_exhaustive()
    }
}

/// Returns the address to put Graph's paths behind. A token may leave this machine
/// only under TLS.
pub fn check_base_url(base_url: &str) -> Result<Url, BadSettings> {
    let url = Url::parse(base_url).map_err(|_| BadSettings::Address)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match url.scheme() {
        "https" | "http" if !plain => Err(BadSettings::Address),
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(BadSettings::PlainHttp),
        _ => Err(BadSettings::Address),
    }
}

fn below(url: &Url, part: &str) -> Result<Url, BadSettings> {
    let mut url = url.clone();
    url.path_segments_mut()
        .map_err(|()| BadSettings::Address)?
        .pop_if_empty()
        .push(part);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn is_version(version: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version
        .strip_prefix('v')
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| number(major) && number(minor))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Only a failed connect proves that nothing was written. A pooled connection that
/// breaks may have carried the request first.
fn broken(error: &reqwest::Error) -> Broken {
    if error.is_connect() {
        Broken::BeforeWriting
    } else if error.is_timeout() {
        Broken::Perhaps("timed out")
    } else {
        Broken::Perhaps("the connection broke")
    }
}

mod templates;
#[cfg(test)]
mod tests;
