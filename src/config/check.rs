//! What a sound value looks like. Each check returns the value, or the problem in
//! words that follow the variable's name.

use std::net::{IpAddr, SocketAddr};

use super::LogFormat;

#[expect(clippy::unnecessary_wraps, reason = "checks share one shape")]
pub(super) fn text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("must be address:port, such as 127.0.0.1:8080, not `{text}`"))
}

pub(super) fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!(
            "must be a number from {least} to {most}, not `{text}`"
        )),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => Err(format!("must be auto, json or text, not `{text}`")),
    }
}

pub(super) fn database_url(text: &str) -> Result<String, String> {
    let is_known = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|start| text.len() > start.len() && text.starts_with(start));
    if !is_known {
        return Err("must start with sqlite:// or postgres://".to_owned());
    }
    // One reader of it would undo the escapes and another would not.
    if text.starts_with("sqlite:") && text.contains('%') {
        return Err("must have the path as it is: no % and no escapes such as %20".to_owned());
    }
    Ok(text.to_owned())
}

/// `ARN-` and up to six digits, as AMFI issues them.
pub(super) fn arn(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("ARN-").unwrap_or("");
    if (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("must look like ARN-123456, not `{text}`"))
    }
}

/// The number of a person who may advise on funds.
pub(super) fn euin(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('E').unwrap_or("");
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("must look like E123456, not `{text}`"))
    }
}

/// Meta's ids of numbers and accounts.
pub(super) fn graph_id(text: &str) -> Result<String, String> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(
            "must be the id from Meta's dashboard, digits only (not the phone number with its +)"
                .to_owned(),
        )
    }
}

/// `v` and two numbers.
pub(super) fn api_version(text: &str) -> Result<String, String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    if parts.is_some_and(|(major, minor)| is_number(major) && is_number(minor)) {
        Ok(text.to_owned())
    } else {
        Err(format!("must look like v24.0, not `{text}`"))
    }
}

pub(super) fn off_or_web_address(text: &str) -> Result<Option<String>, String> {
    if text == "off" {
        return Ok(None);
    }
    web_address(text).map(Some)
}

/// `off`, `nse`, or where one file a day is: an address or a path with `{day}` in it.
pub(super) fn closing_files(text: &str) -> Result<Option<String>, String> {
    match text {
        "off" => Ok(None),
        "nse" => Ok(Some(text.to_owned())),
        place if !place.contains("{day}") => {
            Err("is `nse`, `off`, or an address or path with `{day}` in it".to_owned())
        }
        place if place.contains("://") => {
            web_address(&place.replace("{day}", "24082026"))?;
            Ok(Some(place.to_owned()))
        }
        path => Ok(Some(path.to_owned())),
    }
}

/// An `https` address without query, or a plain `http` one on this machine, where
/// nobody can listen in.
pub(super) fn web_address(text: &str) -> Result<String, String> {
    let (is_plain, rest) = if let Some(rest) = text.strip_prefix("https://") {
        (false, rest)
    } else if let Some(rest) = text.strip_prefix("http://") {
        (true, rest)
    } else {
        return Err("must start with https://".to_owned());
    };
    if rest.contains(['@', '?', '#', '\\']) || rest.chars().any(char::is_whitespace) {
        return Err("must be a plain address without user, query or spaces".to_owned());
    }
    let host = host_of(rest.split('/').next().unwrap_or(""));
    if host.is_empty() {
        return Err("names no host".to_owned());
    }
    if is_plain && !is_loopback(host) {
        return Err("must use https: plain http is for this machine only".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Values that documents and examples are full of.
const SAMPLES: &[&str] = &[
    "changeme",
    "change-me",
    "secret",
    "password",
    "test-app-secret",
];
const SAMPLE_MARKS: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "your-",
    "your_",
    "<",
    "xxxx",
    "test-",
];
const SHORTEST_SECRET: usize = 16;

/// Refuses a secret that anybody could guess.
pub(super) fn no_sample(text: &str) -> Result<(), String> {
    let lower = text.to_lowercase();
    if SAMPLES.contains(&lower.as_str()) || SAMPLE_MARKS.iter().any(|mark| lower.contains(mark)) {
        return Err("is a sample value; a live service needs a secret of its own".to_owned());
    }
    let distinct: std::collections::BTreeSet<char> = text.chars().collect();
    if text.chars().count() < SHORTEST_SECRET || distinct.len() < 6 {
        return Err(format!(
            "is too easy to guess; use at least {SHORTEST_SECRET} characters that do not repeat"
        ));
    }
    Ok(())
}

/// A secret that stands in the path of an address.
pub(super) fn path_secret(text: &str) -> Result<(), String> {
    if !text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        return Err("must be made of letters, digits, - and _: it stands in an address".to_owned());
    }
    no_sample(text)
}

/// Refuses a data key such as 32 zeros.
pub(super) fn no_sample_key(text: &str) -> Result<(), String> {
    let is_even = |key: &str| {
        let distinct: std::collections::BTreeSet<char> = key.chars().collect();
        distinct.len() < 12
    };
    if text.split(',').any(|key| is_even(key.trim())) {
        return Err("is a sample value; make one with `openssl rand -base64 32`".to_owned());
    }
    Ok(())
}
