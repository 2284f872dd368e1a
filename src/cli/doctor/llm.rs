//! Whether the language models answer.

use super::Finding;
use crate::assistant::client::{OpenAi, Server};
use crate::assistant::{Message, Model, ModelError};
use crate::config::{LlmServer, Settings};

const NAME: &str = "assistant";

/// Returns nothing where no model is set: the bot is complete without one.
pub(super) async fn check(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in &settings.llm.servers {
        findings.push(ask(server).await);
    }
    let costs = settings.llm.rupees_per_million != (0, 0);
    let is_elsewhere = |server: &LlmServer| server.base_url.starts_with("https://");
    if settings.llm.servers.iter().any(is_elsewhere) && !costs {
        findings.push(Finding::warn(
            NAME,
            "what the model costs is not set, so that LLM_DAILY_RUPEES limits nothing",
            "set LLM_RUPEES_PER_MILLION to its price, read and written",
        ));
    }
    findings
}

async fn ask(server: &LlmServer) -> Finding {
    let address = Server {
        base_url: server.base_url.clone(),
        api_key: server.api_key.clone(),
        model: server.model.clone(),
    };
    let model = match OpenAi::new(&address) {
        Ok(model) => model,
        Err(error) => {
            let to_do = "correct LLM_BASE_URL and LLM_API_KEY (.env.example explains them)";
            return Finding::fail(NAME, error.to_string(), to_do);
        }
    };
    let hello = [Message::User("Say OK.".to_owned())];
    match model.complete(&hello, &serde_json::Value::Null).await {
        Ok(_) => Finding::ok(NAME, format!("{} answers", server.model)),
        // The service runs without it, and answers by its rules.
        Err(error) => Finding::warn(NAME, format!("{}: {error}", server.model), to_do(&error)),
    }
}

fn to_do(error: &ModelError) -> &'static str {
    match error {
        ModelError::Refused(401 | 403) => "the key is not taken: see LLM_API_KEY",
        ModelError::Refused(404) => "see LLM_BASE_URL (up to /chat/completions) and LLM_MODEL",
        ModelError::Refused(429) => "its limits or its credit are used up: see the provider's page",
        ModelError::Refused(_) => "see the provider's page of errors for this status",
        ModelError::Unreachable(_) => "see that this machine reaches LLM_BASE_URL",
        ModelError::TooLong | ModelError::Unreadable => {
            "something else answers at LLM_BASE_URL: it must speak OpenAI's chat completions"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_model_that_is_not_there_is_a_warning_and_none_at_all_is_nothing() {
        let none = Settings::from_lookup(|_| None).unwrap();
        assert_eq!(check(&none).await, []);
        let set = |name: &str| match name {
            "LLM_BASE_URL" => Some("http://127.0.0.1:1/v1".to_owned()),
            "LLM_MODEL" => Some("m".to_owned()),
            _ => None,
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let findings = check(&Settings::from_lookup(set).unwrap()).await;
        assert!(
            findings[0].to_string().starts_with("warn"),
            "{}",
            findings[0]
        );
        assert!(!findings[0].is_failure());
    }
}
