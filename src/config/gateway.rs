//! Where orders go: nowhere, to the paper exchange of a demo, or to BSE StAR MF 2.0.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use super::check;
use super::reader::Reader;

/// Where orders go, and how it tells us what became of them.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Where.
    pub exchange: Exchange,
    /// Last part of the address the exchange posts its webhooks to; without one, none
    /// are taken and the poller alone asks.
    pub webhook_secret: Option<SecretString>,
}

/// An exchange.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// None: nothing can be bought or sold.
    None,
    /// The paper exchange: the one of this process, or one that runs alone.
    Paper(Option<PaperAlone>),
    /// BSE StAR MF 2.0.
    Bse(Box<Bse>),
}

impl Exchange {
    /// Returns the name its gateway goes by on records.
    pub const fn name(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Paper(_) => Some("paper"),
            Self::Bse(_) => Some("bse"),
        }
    }
}

/// A paper exchange that runs alone.
#[derive(Debug, Clone)]
pub struct PaperAlone {
    /// Where it is.
    pub url: String,
    /// What our requests carry.
    pub token: SecretString,
}

/// How BSE StAR MF 2.0 is reached, and what its public documents leave open.
#[derive(Debug, Clone)]
pub struct Bse {
    /// Scheme, host and path in front of every call.
    pub base_url: String,
    /// Member code.
    pub member: String,
    /// User of the API.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// Our private key, PKCS#8 in PEM, for JOSE.
    pub private_key: Option<SecretString>,
    /// BSE's public key, in PEM, for JOSE.
    pub exchange_key: Option<String>,
    /// `plain` or `jose`; unset fails every call that is not the login.
    pub payloads: Option<Payloads>,
    /// Which calls go behind `/v2`; unset fails every call that is not the login.
    pub v2_calls: Option<V2Calls>,
    /// Key of a switch's target scheme.
    pub switch_target_key: Option<String>,
    /// Key of the object in which an order shows what a switch's target allotted.
    pub switch_in_key: Option<String>,
    /// Keys of a plan's next day and of how many instalments it still leaves out.
    pub plan_ahead_keys: Option<(String, String)>,
    /// Key of the flag that redeems every unit.
    pub all_units_key: Option<String>,
    /// Key under which a mandate carries our reference and shows it again.
    pub mandate_reference_key: Option<String>,
    /// 2FA event of a change of a plan.
    pub plan_change_event: Option<String>,
    /// Whether webhooks are taken although they carry no signature.
    pub unsigned_webhooks: bool,
    /// JSON of a nominee as `add_ucc` takes it, with places for what is on record.
    pub nominee_template: Option<String>,
    /// JSON of BSE's code of each relationship, by our word.
    pub relation_codes: Option<String>,
    /// JSON of the codes and details that `add_ucc` needs beside ours.
    pub ucc_template: Option<String>,
}

/// How payloads travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payloads {
    /// As JSON.
    Plain,
    /// Signed and encrypted.
    Jose,
}

/// Which calls go behind `/v2`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct V2Calls {
    /// All that `except` does not name; otherwise only those it names.
    pub all: bool,
    /// Calls.
    pub except: BTreeSet<String>,
}

pub(super) fn gateway(reader: &mut Reader<'_>, production: bool) -> Gateway {
    let chosen = reader.checked("ORDER_GATEWAY", |text| match text {
        "auto" | "none" | "paper" | "bse" => Ok(text.to_owned()),
        _ => Err(format!("must be auto, none, paper or bse, not `{text}`")),
    });
    let webhook_secret = reader.secret("GATEWAY_WEBHOOK_SECRET", check::path_secret);
    // All are read, so that what is wrong with one that is not chosen yet is found too.
    let is_bse = chosen == "bse";
    let bse = bse(reader, is_bse, webhook_secret.is_some());
    let paper = paper_alone(reader);
    let exchange = match (chosen.as_str(), production) {
        ("bse", _) => Exchange::Bse(Box::new(bse)),
        ("paper", true) => {
            reader.fault(
                "ORDER_GATEWAY",
                "is paper beside real WhatsApp credentials; investors would believe in orders \
                 that nobody executes, so set it to bse or none",
            );
            Exchange::None
        }
        ("none", _) | (_, true) => Exchange::None,
        _ => Exchange::Paper(paper),
    };
    Gateway {
        exchange,
        webhook_secret,
    }
}

fn paper_alone(reader: &mut Reader<'_>) -> Option<PaperAlone> {
    let url = reader.optional("PAPER_EXCHANGE_URL", check::web_address);
    let token = reader.secret("PAPER_EXCHANGE_TOKEN", |_| Ok(()));
    let url = url?;
    if token.is_none() {
        reader.missing(
            "PAPER_EXCHANGE_TOKEN",
            "is missing while PAPER_EXCHANGE_URL is set; give it what the exchange prints",
        );
    }
    Some(PaperAlone { url, token: token? })
}

fn bse(reader: &mut Reader<'_>, is_chosen: bool, has_webhook_secret: bool) -> Bse {
    let wanted = if is_chosen { &NEEDED[..] } else { &[] };
    for name in wanted.iter().copied() {
        if !reader.is_set(name) {
            reader.missing(name, "is missing while ORDER_GATEWAY is bse");
        }
    }
    let payloads = reader.optional("BSE_PAYLOADS", |text| match text {
        "plain" => Ok(Payloads::Plain),
        "jose" => Ok(Payloads::Jose),
        _ => Err(format!("must be plain or jose, not `{text}`")),
    });
    let unsigned = reader.optional("BSE_WEBHOOK_SIGNATURE", |text| match text {
        "none" => Ok(()),
        _ => Err(format!(
            "must be none, the only scheme that is known, not `{text}`"
        )),
    });
    let private_key = reader.secret("BSE_PRIVATE_KEY", pem("PRIVATE KEY"));
    let exchange_key = reader.optional("BSE_EXCHANGE_KEY", |text| {
        pem("PUBLIC KEY")(text).map(|()| text.to_owned())
    });
    if payloads == Some(Payloads::Jose) {
        for (name, there) in [
            ("BSE_PRIVATE_KEY", private_key.is_some()),
            ("BSE_EXCHANGE_KEY", exchange_key.is_some()),
        ] {
            if !there {
                reader.missing(name, "is needed for BSE_PAYLOADS=jose");
            }
        }
    }
    if unsigned.is_some() && !has_webhook_secret {
        reader.missing(
            "GATEWAY_WEBHOOK_SECRET",
            "is needed where BSE_WEBHOOK_SIGNATURE is none: it is all that tells a webhook of \
             BSE's from anybody's",
        );
    }
    Bse {
        base_url: reader
            .optional("BSE_BASE_URL", check::web_address)
            .unwrap_or_default(),
        member: reader.optional("BSE_MEMBER", word).unwrap_or_default(),
        username: reader
            .optional("BSE_USERNAME", check::text)
            .unwrap_or_default(),
        password: reader
            .secret("BSE_PASSWORD", |_| Ok(()))
            .unwrap_or_else(|| SecretString::from("")),
        private_key,
        exchange_key,
        payloads,
        v2_calls: reader.optional("BSE_V2_CALLS", v2_calls),
        switch_target_key: reader.optional("BSE_SWITCH_TARGET_KEY", word),
        switch_in_key: reader.optional("BSE_SWITCH_IN_KEY", word),
        plan_ahead_keys: reader.optional("BSE_PLAN_AHEAD_KEYS", two_words),
        all_units_key: reader.optional("BSE_ALL_UNITS_KEY", word),
        mandate_reference_key: reader.optional("BSE_MANDATE_REFERENCE_KEY", word),
        plan_change_event: reader.optional("BSE_PLAN_CHANGE_EVENT", word),
        unsigned_webhooks: unsigned.is_some(),
        nominee_template: reader.optional("BSE_NOMINEE_TEMPLATE", json_object),
        relation_codes: reader.optional("BSE_RELATION_CODES", json_object),
        ucc_template: reader.optional("BSE_UCC_TEMPLATE", json_object),
    }
}

/// Without these there is nobody to talk to.
const NEEDED: [&str; 4] = ["BSE_BASE_URL", "BSE_MEMBER", "BSE_USERNAME", "BSE_PASSWORD"];

fn two_words(text: &str) -> Result<(String, String), String> {
    let (next, left_out) = text
        .split_once(',')
        .ok_or_else(|| format!("must be two keys with a comma between them, not `{text}`"))?;
    Ok((word(next.trim())?, word(left_out.trim())?))
}

fn pem(label: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| {
        let begins = format!("-----BEGIN {label}-----");
        if text.trim_start().starts_with(&begins) {
            Ok(())
        } else {
            Err(format!("must be PEM that begins with {begins}"))
        }
    }
}

fn word(text: &str) -> Result<String, String> {
    let fits = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("must be made of letters, digits, _ and -".to_owned())
    }
}

fn json_object(text: &str) -> Result<String, String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err("must be a JSON object".to_owned()),
        Err(error) => Err(format!("must be a JSON object: {error}")),
    }
}

/// `all`, `none`, `all,-sxp_cancel,-order_new`, or the calls that do.
fn v2_calls(text: &str) -> Result<V2Calls, String> {
    let mut calls = V2Calls::default();
    for (at, part) in text.split(',').map(str::trim).enumerate() {
        match (at, part) {
            (0, "all") => calls.all = true,
            (0, "none") => {}
            _ => {
                let name = part.strip_prefix('-').unwrap_or(part);
                if calls.all != part.starts_with('-') || word(name).is_err() || name.is_empty() {
                    return Err("must be none, all, all,-call,-call or a list of calls".to_owned());
                }
                calls.except.insert(name.to_owned());
            }
        }
    }
    Ok(calls)
}

impl Gateway {
    /// Returns the secret part of the webhook's address.
    pub fn webhook_secret(&self) -> Option<&str> {
        self.webhook_secret
            .as_ref()
            .map(ExposeSecret::expose_secret)
    }
}
