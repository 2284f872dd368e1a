//! The one way to a model: any server that speaks `OpenAI`'s chat completions.
//!
//! `async-openai` tries again by itself and reads answers of any length. Both are switched
//! off by the service below it: each call is one request, its answer is bounded, looked at
//! before the library sees it, and in no log.

use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ports::{Call, Completion, Message, Model, ModelError};

/// Longest answer that is read.
const LONGEST: usize = 64 * 1024;
/// Tokens a model may write in one go.
const MOST_TOKENS: u32 = 600;
/// Calls of one completion that are looked at.
const MOST_CALLS: usize = 4;
/// Longest a single call may take, whatever whoever waits for it thinks.
const TIMEOUT: Duration = Duration::from_secs(8);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Where a model is and what it is called.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address up to and without `/chat/completions`.
    pub base_url: String,
    /// Key; a server on this machine may need none.
    pub api_key: Option<SecretString>,
    /// Name of the model.
    pub model: String,
}

/// Speaks to one server.
pub struct OpenAi {
    client: Client<Address>,
    model: String,
}

/// The server as the library is told it. Unlike the library's own it reads nothing from
/// the environment.
struct Address {
    base_url: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Config for Address {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

impl OpenAi {
    /// Builds the client of a server.
    pub fn new(server: &Server) -> anyhow::Result<Self> {
        let url = Url::parse(&server.base_url)?;
        let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
        let is_here =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let mut http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT);
        if is_here {
            http = http.no_proxy();
        }
        let key = server.api_key.clone().unwrap_or_default();
        let mut headers = HeaderMap::new();
        if !key.expose_secret().is_empty() {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = http.build()?;
        let address = Address {
            base_url: server.base_url.trim_end_matches('/').to_owned(),
            key,
            headers,
        };
        let client = Client::build(http.clone(), address).with_http_service(Once { http });
        Ok(Self {
            client,
            model: server.model.clone(),
        })
    }
}

impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.model
    }

    fn complete<'a>(
        &'a self,
        messages: &'a [Message],
        tools: &'a Value,
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async move {
            let mut request = json!({
                "model": self.model,
                "messages": messages.iter().map(on_the_wire).collect::<Vec<_>>(),
                "max_completion_tokens": MOST_TOKENS,
                "stream": false,
            });
            // An empty list of tools is refused by some.
            if tools.as_array().is_some_and(|tools| !tools.is_empty()) {
                request["tools"] = tools.clone();
            }
            let answer: Result<Answer, OpenAIError> = self.client.chat().create_byot(request).await;
            match answer {
                Ok(answer) => completion(answer),
                Err(OpenAIError::Boxed(error)) => Err(error
                    .downcast::<ModelError>()
                    .map_or(ModelError::Unreachable("an error of the client"), |known| {
                        *known
                    })),
                Err(OpenAIError::JSONDeserialize(..)) => Err(ModelError::Unreadable),
                Err(OpenAIError::ApiError(error)) => {
                    Err(ModelError::Refused(error.status_code.as_u16()))
                }
                Err(_) => Err(ModelError::Unreachable("an error of the client")),
            }
        }
        .boxed()
    }
}

fn on_the_wire(message: &Message) -> Value {
    match message {
        Message::System(text) => json!({ "role": "system", "content": text }),
        Message::User(text) => json!({ "role": "user", "content": text }),
        Message::Calls(calls) => {
            let call = |call: &Call| {
                json!({ "id": call.id, "type": "function",
                        "function": { "name": call.name, "arguments": call.arguments } })
            };
            let calls: Vec<_> = calls.iter().map(call).collect();
            json!({ "role": "assistant", "content": null, "tool_calls": calls })
        }
        Message::Result { id, content } => {
            json!({ "role": "tool", "tool_call_id": id, "content": content })
        }
    }
}

/// What is read of an answer. Providers differ in what they leave out.
#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Called>>,
}

#[derive(Deserialize)]
struct Called {
    #[serde(default)]
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

#[derive(Deserialize, Default)]
struct Usage {
    #[serde(default)]
    prompt_tokens: i64,
    #[serde(default)]
    completion_tokens: i64,
}

fn completion(answer: Answer) -> Result<Completion, ModelError> {
    let said = answer
        .choices
        .into_iter()
        .next()
        .ok_or(ModelError::Unreadable)?;
    let calls = said
        .message
        .tool_calls
        .unwrap_or_default()
        .into_iter()
        .take(MOST_CALLS);
    let calls = calls.enumerate().map(|(at, called)| Call {
        id: called
            .id
            .map_or_else(|| format!("call_{at}"), |id| short(&id)),
        name: short(&called.function.name),
        // Some send an object where the API has a text.
        arguments: match called.function.arguments {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        },
    });
    let usage = answer.usage.unwrap_or_default();
    Ok(Completion {
        text: said.message.content.filter(|text| !text.trim().is_empty()),
        calls: calls.collect(),
        tokens_in: usage.prompt_tokens.clamp(0, 10_000_000),
        tokens_out: usage.completion_tokens.clamp(0, 10_000_000),
    })
}

/// What a model made up is said back to it, but not at any length.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Sends a request once and reads so much of the answer and no more.
#[derive(Clone)]
struct Once {
    http: reqwest::Client,
}

impl tower::Service<HttpRequestFactory> for Once {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let http = self.http.clone();
        async move {
            let request = request.build().await?;
            let body = read(&http, request).await;
            let body = body.map_err(|error| OpenAIError::Boxed(Box::new(error)))?;
            Ok(http::Response::new(body).into())
        }
        .boxed()
    }
}

async fn read(http: &reqwest::Client, request: reqwest::Request) -> Result<Vec<u8>, ModelError> {
    let unreachable = |error: reqwest::Error| {
        ModelError::Unreachable(if error.is_timeout() {
            "it took too long"
        } else {
            "no connection, or a broken one"
        })
    };
    let mut response = http.execute(request).await.map_err(unreachable)?;
    let status = response.status();
    if !status.is_success() {
        return Err(ModelError::Refused(status.as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(ModelError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    // The library would write what it cannot read into the log.
    match serde_json::from_slice::<Answer>(&body) {
        Ok(_) => Ok(body),
        Err(_) => Err(ModelError::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(answer: &str) -> Result<Completion, ModelError> {
        completion(serde_json::from_str(answer).map_err(|_| ModelError::Unreadable)?)
    }

    #[test]
    fn what_providers_leave_out_or_do_otherwise_is_read_all_the_same() {
        let plain = reads(r#"{"choices":[{"message":{"content":"Hello"}}]}"#).unwrap();
        assert_eq!((plain.text.as_deref(), plain.tokens_in), (Some("Hello"), 0));
        let call = reads(
            r#"{"choices":[{"message":{"content":"","tool_calls":[
                {"function":{"name":"fund","arguments":{"query":"x"}}}]}}],
                "usage":{"prompt_tokens":7}}"#,
        )
        .unwrap();
        assert_eq!((call.text, call.tokens_in), (None, 7));
        assert_eq!(call.calls[0].arguments, r#"{"query":"x"}"#);
        assert_eq!(reads(r#"{"choices":[]}"#), Err(ModelError::Unreadable));
        assert_eq!(reads(r#"{"oops":1}"#), Err(ModelError::Unreadable));
    }

    #[test]
    fn no_more_calls_are_taken_than_a_round_may_have() {
        let call = json!({ "id": "1", "function": { "name": "fund", "arguments": "{}" } });
        let calls = vec![call; 500];
        let answer = json!({ "choices": [{ "message": { "tool_calls": calls } }] });
        assert_eq!(reads(&answer.to_string()).unwrap().calls.len(), MOST_CALLS);
    }
}
