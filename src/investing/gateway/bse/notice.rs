//! What a webhook of BSE's says: only what to look at. The state itself is read.

use serde_json::Value;

use super::shapes::text;
use crate::investing::gateway::port::{GatewayError, Notice, Subject};

pub(super) fn read(body: &[u8], member: &str) -> Result<Notice, GatewayError> {
    let bad = |why: &str| GatewayError::Refused {
        code: "unreadable".to_owned(),
        message: format!("not a webhook of BSE's: {why}"),
    };
    let body: Value = serde_json::from_slice(body).map_err(|_| bad("no JSON"))?;
    let id = text(&body, &["request_id"]).ok_or_else(|| bad("no request_id"))?;
    let whose = text(&body["member"], &["member_id"]).ok_or_else(|| bad("no member"))?;
    if whose != member {
        return Err(bad("it is for another member"));
    }
    let action = &body["action"];
    let kind = text(action, &["event_type"]).ok_or_else(|| bad("no event_type"))?;
    let order = || text(action, &["order_id"]).map(Subject::Order);
    let about = match kind.as_str() {
        "UCC" => text(&body["investor"], &["client_code"]).map(Subject::Investor),
        "ORDER" => order(),
        "SXP" => text(action, &["sxp_reg_num"])
            .map(Subject::Plan)
            .or_else(order),
        "MANDATES" => text(action, &["mandate_id"]).map(Subject::Mandate),
        "PAYMENT GATEWAY" => {
            // One payment may settle several orders: each is told of by itself as well.
            first_text(&action["pg_order_ids"]).map(Subject::Order)
        }
        _ => Some(Subject::Other(kind)),
    };
    Ok(Notice {
        id,
        about: about.ok_or_else(|| bad("it names nothing"))?,
    })
}

fn first_text(list: &Value) -> Option<String> {
    match list.get(0)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
