//! The language models of the assistant: where they are, and what they may cost.

use secrecy::SecretString;
use url::Url;

use super::check;
use super::reader::Reader;

/// Which models are asked, and what they may cost.
#[derive(Debug, Clone)]
pub struct Llm {
    /// In the order they are asked; without one the bot answers by its rules alone.
    pub servers: Vec<LlmServer>,
    /// Whether the demo's own scripted model is asked; its name then says how it behaves.
    pub sandbox: Option<String>,
    /// Rupees for a million tokens, read and written.
    pub rupees_per_million: (u32, u32),
    /// Tokens of a day, for one contact and for all.
    pub daily_tokens: (u32, u32),
    /// Rupees of a day, for one contact and for all.
    pub daily_rupees: (u32, u32),
}

/// A server that speaks `OpenAI`'s chat completions.
#[derive(Debug, Clone)]
pub struct LlmServer {
    /// Address up to and without `/chat/completions`.
    pub base_url: String,
    /// Key, if it wants one.
    pub api_key: Option<SecretString>,
    /// Name of the model.
    pub model: String,
}

const SANDBOX: &str = "sandbox";

pub(super) fn llm(reader: &mut Reader<'_>, production: bool) -> Llm {
    let mut servers = Vec::new();
    let mut sandbox = None;
    for [address, key, model] in [
        ["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"],
        [
            "LLM_FALLBACK_BASE_URL",
            "LLM_FALLBACK_API_KEY",
            "LLM_FALLBACK_MODEL",
        ],
    ] {
        let base_url = reader.optional(address, |text| server(text, production));
        let api_key = reader.secret(key, |text| check::text(text).map(|_| ()));
        let name = reader.optional(model, check::text);
        match (base_url, name) {
            (Some(base_url), Some(model)) if base_url == SANDBOX => sandbox = Some(model),
            (Some(base_url), Some(model)) => servers.push(LlmServer {
                base_url,
                api_key,
                model,
            }),
            (Some(_), None) if !reader.is_set(model) => {
                reader.missing(model, &format!("is needed beside {address}"));
            }
            (None, Some(_)) if !reader.is_set(address) => {
                reader.missing(address, &format!("is needed beside {model}"));
            }
            _ => {}
        }
    }
    if reader.is_set("LLM_FALLBACK_BASE_URL") && !reader.is_set("LLM_BASE_URL") {
        reader.missing("LLM_BASE_URL", "is needed before LLM_FALLBACK_BASE_URL");
    }
    Llm {
        servers,
        sandbox,
        rupees_per_million: reader.checked("LLM_RUPEES_PER_MILLION", pair),
        daily_tokens: reader.checked("LLM_DAILY_TOKENS", pair),
        daily_rupees: reader.checked("LLM_DAILY_RUPEES", pair),
    }
}

fn server(text: &str, production: bool) -> Result<String, String> {
    const FORM: &str = "must be an address such as https://api.openai.com/v1";
    if text == SANDBOX {
        return if production {
            Err("may be `sandbox` in a demo only".to_owned())
        } else {
            Ok(text.to_owned())
        };
    }
    let url = Url::parse(text).map_err(|_| FORM.to_owned())?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let is_here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" if is_plain => {}
        "http" if is_plain && is_here => {}
        "http" if is_plain => return Err("may be plain http on this machine only".to_owned()),
        _ => return Err(FORM.to_owned()),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Two whole numbers with a comma between them.
fn pair(text: &str) -> Result<(u32, u32), String> {
    let both = text.split_once(',');
    let both = both.and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    both.ok_or_else(|| format!("must be two whole numbers such as 5,500, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn settings(set: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::from_lookup(|name| {
            let found = set.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
        .map_err(|faults| faults.to_string())
    }

    #[test]
    fn a_model_needs_an_address_and_a_name_and_a_second_one_needs_a_first() {
        assert!(settings(&[]).unwrap().llm.servers.is_empty());
        let one = [
            ("LLM_BASE_URL", "https://llm.example/v1/"),
            ("LLM_MODEL", "m"),
        ];
        let llm = settings(&one).unwrap().llm;
        assert_eq!(llm.servers[0].base_url, "https://llm.example/v1");
        assert!(settings(&one[..1]).unwrap_err().contains("LLM_MODEL"));
        assert!(settings(&one[1..]).unwrap_err().contains("LLM_BASE_URL"));
        let second = [
            ("LLM_FALLBACK_BASE_URL", "https://b.example"),
            ("LLM_FALLBACK_MODEL", "m"),
        ];
        assert!(settings(&second).unwrap_err().contains("LLM_BASE_URL"));
    }

    #[test]
    fn addresses_and_pairs_are_read_or_refused() {
        assert!(server("http://127.0.0.1:11434/v1", true).is_ok());
        assert!(server("sandbox", false).is_ok() && server("sandbox", true).is_err());
        for wrong in [
            "http://llm.example/v1",
            "https://u:p@llm.example",
            "llm.example",
            "ftp://x",
        ] {
            assert!(server(wrong, true).is_err(), "{wrong}");
        }
        assert_eq!(pair("5, 500"), Ok((5, 500)));
        assert!(pair("5").is_err() && pair("-1,2").is_err());
    }
}
