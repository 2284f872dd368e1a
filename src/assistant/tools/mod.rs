//! What the model may look up, and the flows it may open: typed, read-only, about the
//! contact of the turn and nobody else.
//!
//! Whose records are read is no argument of any tool. Everything a model sends is taken as
//! hostile: unknown tools, unknown or oversized arguments and wrong types are refused with
//! a word the model can act on.

mod look;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::facts::Facts;
use super::ports::{Call, Records};
use crate::contacts::Contact;

/// Longest arguments of one call, in bytes.
const LONGEST: usize = 2_000;
/// Longest text in them, in characters.
const LONGEST_TEXT: usize = 100;

/// Flows that may be opened: what each is for. Nothing is confirmed, stopped or signed by
/// opening one; its first step asks the person.
pub const FLOWS: &[(&str, &str)] = &[
    ("portfolio", "show what they hold, with a picture"),
    ("sip_list", "list their SIPs"),
    ("sip_start", "begin to set up a SIP"),
    ("sip_pause", "begin to pause a SIP or skip an instalment"),
    ("sip_resume", "begin to resume a SIP"),
    ("sip_stop", "begin to stop a SIP"),
    ("sip_change", "begin to change a SIP"),
    ("invest_once", "begin to invest a sum once"),
    ("redeem", "begin to take money out"),
    ("switch", "begin to move units between funds"),
    ("order_status", "say where an order or payment is"),
    ("nav", "show the NAV of a fund"),
    ("calculator", "work out a sum together"),
    ("statement", "make a statement"),
    ("tax", "make a capital-gains paper"),
    ("market", "show the close of an index"),
    ("onboarding", "begin to open an account"),
    ("profile", "show or change bank, nominee, KYC"),
    ("language", "change the language"),
    ("privacy", "export or erase their data"),
    (
        "advice",
        "say why nothing is recommended here, and offer a person",
    ),
    ("agent", "offer a person"),
    ("complaint", "offer to take up a complaint"),
    ("menu", "show what can be done here"),
];

/// A flow to be opened, as the model asks for it. The dialogue decides what of it counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Which, one of [`FLOWS`].
    pub flow: String,
    /// The fund as the person wrote it. Amounts, days and the like are read from their
    /// words and taken from no model.
    #[serde(default)]
    pub fund: Option<String>,
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// What the model is told.
    Told(Value),
    /// The conversation goes on in a flow.
    Open(Opening),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    query: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sum {
    monthly_rupees: u64,
    years: u32,
    yearly_rate_percent: u32,
}

/// The turn a tool works for.
pub(super) struct Around<'a> {
    pub(super) records: &'a dyn Records,
    pub(super) contact: &'a Contact,
    pub(super) today: Date,
}

/// Runs one call.
pub(super) async fn run(
    around: &Around<'_>,
    facts: &mut Facts,
    call: &Call,
) -> anyhow::Result<Outcome> {
    let refused = |why: &str| Ok(Outcome::Told(json!({ "error": why })));
    if call.arguments.len() > LONGEST {
        return refused("the arguments are too long");
    }
    let arguments = match call.arguments.trim() {
        "" => "{}",
        given => given,
    };
    macro_rules! read {
        ($kind:ty) => {
            match serde_json::from_str::<$kind>(arguments) {
                Ok(read) => read,
                Err(_) => return refused("the arguments are not those of the tool"),
            }
        };
    }
    let told = match call.name.as_str() {
        "portfolio" => {
            let Nothing {} = read!(Nothing);
            look::portfolio(around, facts).await?
        }
        "sips" => {
            let Nothing {} = read!(Nothing);
            look::plans(around, facts).await?
        }
        "orders" => {
            let Nothing {} = read!(Nothing);
            look::orders(around, facts).await?
        }
        "fund" | "fund_search" => match short(&read!(Query).query) {
            Some(query) if call.name == "fund" => look::fund(around, facts, query),
            Some(query) => look::search(around, facts, query),
            None => return refused("say a fund's name in a few words"),
        },
        "market_close" => match short(&read!(Query).query) {
            Some(name) => look::index(around, facts, name).await?,
            None => return refused("say an index's name in a few words"),
        },
        "calculator" => look::sum(facts, &read!(Sum)),
        "what_we_can_do" => {
            let Nothing {} = read!(Nothing);
            what_we_can_do()
        }
        "open_flow" => {
            let opening = read!(Opening);
            let is_known = FLOWS.iter().any(|(name, _)| *name == opening.flow);
            let is_short = opening
                .fund
                .as_deref()
                .is_none_or(|fund| short(fund).is_some());
            if !is_known || !is_short {
                return refused("there is no such flow");
            }
            return Ok(Outcome::Open(opening));
        }
        _ => return refused("there is no such tool"),
    };
    Ok(Outcome::Told(told))
}

fn short(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_short = !text.is_empty() && text.chars().count() <= LONGEST_TEXT;
    (is_short && !text.chars().any(char::is_control)).then_some(text)
}

fn what_we_can_do() -> Value {
    let flows = FLOWS
        .iter()
        .map(|(name, what)| json!({ "flow": name, "what": what }));
    json!({ "flows": flows.collect::<Vec<_>>() })
}

/// Returns what the model is told of the tools, in the shape of the API.
pub fn describe() -> Value {
    let tool = |name: &str, what: &str, properties: Value, required: &[&str]| {
        json!({ "type": "function", "function": {
            "name": name, "description": what,
            "parameters": { "type": "object", "properties": properties,
                            "required": required, "additionalProperties": false },
        }})
    };
    let none = || json!({});
    let query = || json!({ "query": { "type": "string", "maxLength": LONGEST_TEXT } });
    let whole = |most: u32| json!({ "type": "integer", "minimum": 1, "maximum": most });
    let flows: Vec<_> = FLOWS.iter().map(|(name, _)| *name).collect();
    json!([
        tool(
            "portfolio",
            "What this person holds: values, cost, gain, by fund.",
            none(),
            &[]
        ),
        tool(
            "sips",
            "This person's SIPs: state, amount, next instalment, failures.",
            none(),
            &[]
        ),
        tool(
            "orders",
            "This person's last orders and where they are.",
            none(),
            &[]
        ),
        tool(
            "fund",
            "Facts of one fund: NAV, category, risk-o-meter, minimums, exit load.",
            query(),
            &["query"]
        ),
        tool(
            "fund_search",
            "Funds by words of their names, in alphabetical order.",
            query(),
            &["query"]
        ),
        tool(
            "calculator",
            "What a monthly SIP would come to at an assumed rate, as an illustration.",
            json!({
                "monthly_rupees": whole(10_000_000), "years": whole(look::MOST_YEARS),
                "yearly_rate_percent": whole(look::MOST_RATE),
            }),
            &["monthly_rupees", "years", "yearly_rate_percent"]
        ),
        tool(
            "market_close",
            "The last close of an index, such as Nifty 50.",
            query(),
            &["query"]
        ),
        tool(
            "what_we_can_do",
            "What can be done in this chat.",
            none(),
            &[]
        ),
        tool(
            "open_flow",
            "Hands the conversation to a guided flow instead of answering.",
            json!({
                "flow": { "type": "string", "enum": flows },
                "fund": { "type": "string", "maxLength": LONGEST_TEXT },
            }),
            &["flow"]
        ),
    ])
}
