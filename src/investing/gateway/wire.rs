//! One request out, one honest outcome back, for every gateway.
//!
//! It never retries and never follows a redirect: whoever asked decides, on what is
//! known. Whether something may have been taken depends on two things only: whether a
//! byte of it was written, and whether asking had an effect at all.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Url, redirect};

use super::port::GatewayError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A page of a scheme master is the longest thing anybody answers.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// What a request does at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it may be asked again whatever became of it.
    Reads,
    /// Something that must not be done twice.
    Writes,
}

/// A whole answer, whatever it says.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Says that this answer is not the gateway's: a proxy's page, or half a one.
    pub(super) fn unreadable(&self, effect: Effect) -> GatewayError {
        let what = format!(
            "status {} with a body that is not the gateway's",
            self.status
        );
        lost(effect, what)
    }
}

/// Returns what an answer that cannot be understood means.
pub(super) fn lost(effect: Effect, what: String) -> GatewayError {
    match effect {
        Effect::Reads => GatewayError::Unavailable(what),
        Effect::Writes => GatewayError::Unknown(what),
    }
}

/// Builds the client of a gateway at `base`; `timeout` bounds each call as a whole.
pub(super) fn client(base: &Url, timeout: Duration) -> anyhow::Result<Client> {
    let local = is_loopback(base);
    if base.scheme() != "https" && !(base.scheme() == "http" && local) {
        anyhow::bail!("a gateway is reached by https, or by http on this machine");
    }
    let mut client = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .tcp_nodelay(true);
    if base.scheme() == "http" {
        // Reading the system's certificates takes half a second and serves nobody here.
        client = client.http1_only().tls_certs_only([]);
    }
    if local {
        client = client.no_proxy();
    }
    Ok(client.build()?)
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Makes one call.
pub(super) async fn call(request: RequestBuilder, effect: Effect) -> Result<Reply, GatewayError> {
    let mut response = request.send().await.map_err(|e| broken(&e, effect))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| broken(&e, effect))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err(lost(effect, "the answer is too long".to_owned()));
        }
    }
    Ok(Reply { status, body })
}

/// Only a failed connect proves that nothing was written. A pooled connection that breaks
/// may have carried the request first.
fn broken(error: &reqwest::Error, effect: Effect) -> GatewayError {
    if error.is_connect() {
        GatewayError::Unavailable("no connection".to_owned())
    } else if error.is_timeout() {
        lost(effect, "timed out".to_owned())
    } else {
        lost(effect, "the connection broke".to_owned())
    }
}
