//! The Graph API of the demo, called beside the service.

use serde_json::Value;

/// The demo's number and account, as its Graph API knows them.
pub const NUMBER: &str = "106540352242922";
pub const ACCOUNT: &str = "102290129340398";
const TOKEN: &str = "demo-access-token";

/// Returns a client for it.
pub fn client() -> reqwest::Client {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().tls_certs_only([]).build();
    http.expect("a client")
}

/// Calls it as the service does, and returns what it answers.
pub async fn calls(request: reqwest::RequestBuilder) -> Value {
    let answer = request.bearer_auth(TOKEN).send().await.expect("an answer");
    let body = answer.text().await.expect("a body");
    serde_json::from_str(&body).expect("JSON")
}
