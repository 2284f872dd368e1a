//! The bodies BSE takes, and what its answers hold, field by field.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::open::Open;
use super::session::Member;
use super::status;
use crate::investing::gateway::port::{
    Ahead, GatewayError, MandateReport, NewInvestor, NewMandate, NewOrder, NewPlan, OrderReport,
    PlanReport, Reference, Unread,
};
use crate::investing::money::Paise;
use crate::investing::orders::{
    Allotment, Frequency, MandateKind, OrderKind, OrderStatus, PlanKind, Quantity,
};

/// An investor's way to be reached and paid, as BSE itself has it.
pub(super) struct Contact {
    pub(super) email: String,
    pub(super) mobile: String,
    pub(super) ifsc: String,
    pub(super) account: String,
    pub(super) account_type: String,
}

/// A number as JSON writes it, without going through a float of ours.
fn number(value: Decimal) -> Value {
    let text = value.normalize().to_string();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn rupees(paise: Paise) -> Value {
    number(paise.rupees())
}

pub(super) fn order(
    new: &NewOrder,
    scheme: &str,
    target: Option<&str>,
    member: &Member,
    contact: &Contact,
    open: &Open,
) -> Result<Value, GatewayError> {
    let mut body = json!({
        "member": member.member,
        "investor": {"ucc": new.ucc},
        "mem_ord_ref_id": new.reference,
        "type": match new.kind {
            OrderKind::Purchase => "p",
            OrderKind::Redemption => "r",
            OrderKind::Switch => "s",
        },
        "scheme": scheme,
        "cur": "INR",
        "phys_or_demat": "p",
        "is_fresh": new.folio.is_none(),
        "mem_details": {"euin_flag": new.euin.is_some()},
        "holder": [{"holder_rank": "1", "email": contact.email, "mobnum": contact.mobile}],
        "kyc_passed": true,
        "dpc": true,
    });
    if let Some(euin) = &new.euin {
        body["mem_details"]["euin"] = json!(euin);
    }
    match (&new.folio, new.has_nominees) {
        (Some(folio), _) => body["folio"] = json!(folio),
        // It is the new folio they are of; one that is there has its own.
        (None, Some(has_nominees)) => body["is_nomination_opted"] = json!(has_nominees),
        (None, None) => {}
    }
    if let Some(target) = target {
        body[open.switch_target_key()?.as_str()] = json!(target);
    }
    if let Some(mandate) = &new.mandate {
        body["exch_mandate_id"] = id_number(mandate)?;
    }
    match new.quantity {
        Quantity::Amount(amount) => body["amount"] = rupees(amount),
        Quantity::Units(units) => body["units"] = number(units),
        Quantity::All => body[open.all_units_key()?.as_str()] = json!(true),
    }
    Ok(json!({"orders": [body]}))
}

/// BSE's ids of mandates and orders are numbers in requests.
pub(super) fn id_number(id: &str) -> Result<Value, GatewayError> {
    id.parse::<u64>()
        .map(|id| json!(id))
        .map_err(|_| GatewayError::Refused {
            code: "id".to_owned(),
            message: "this is no id of BSE's".to_owned(),
        })
}

/// A SIP with a mandate is an XSIP to whoever changes it.
pub(super) fn changed_type(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::Sip => "XSIP",
        PlanKind::Stp => "STP",
        PlanKind::Swp => "SWP",
    }
}

fn frequency(frequency: Frequency) -> (&'static str, u32) {
    // The letter, and how many times in thirty years, which is as long as "until
    // cancelled" gets.
    match frequency {
        Frequency::Daily => ("d", 7_500),
        Frequency::Weekly => ("w", 1_560),
        Frequency::Fortnightly => ("f", 780),
        Frequency::Monthly => ("m", 360),
        Frequency::Quarterly => ("q", 120),
        Frequency::HalfYearly => ("h", 60),
        Frequency::Yearly => ("y", 30),
    }
}

pub(super) fn plan(
    new: &NewPlan,
    scheme: &str,
    target: Option<&str>,
    member: &Member,
    contact: &Contact,
) -> Result<Value, GatewayError> {
    let (freq, for_ever) = frequency(new.frequency);
    let mut body = json!({
        "sxp_type": match new.kind {
            PlanKind::Sip => "SIP",
            PlanKind::Stp => "STP",
            PlanKind::Swp => "SWP",
        },
        "mem_sxp_ref_id": new.reference,
        "investor": {"ucc": new.ucc},
        "member": member.member,
        "mem_details": {"euin_flag": new.euin.is_some()},
        "src_scheme": scheme,
        "amount": rupees(new.amount),
        "cur": "INR",
        "start_date": new.start,
        "freq": freq,
        // BSE refuses a day that is not the start's.
        "txn_date": new.start.day(),
        "ninstallments": new.instalments.unwrap_or(for_ever),
        "first_order_today": false,
        "phys_or_demat": "p",
        "is_fresh": new.folio.is_none(),
        "is_nomination_opted": new.has_nominees,
        // A mobile number here is refused, whatever it is.
        "holder": [{"holder_rank": "1", "email": contact.email}],
        "kyc_passed": true,
        "dpc": true,
    });
    if let Some(euin) = &new.euin {
        body["mem_details"]["euin"] = json!(euin);
    }
    if let Some(folio) = &new.folio {
        body["src_folio"] = json!(folio);
    }
    if let Some(target) = target {
        body["dest_scheme"] = json!(target);
    }
    if let Some(mandate) = &new.mandate {
        body["exch_mandate_id"] = id_number(mandate)?;
    }
    Ok(body)
}

pub(super) fn mandate(
    new: &NewMandate,
    today: Date,
    member: &Member,
    contact: &Contact,
    reference_key: &str,
) -> Result<Value, GatewayError> {
    let bank = json!({
        "ifsc": contact.ifsc, "no": contact.account, "type": contact.account_type,
    });
    let (kind, mode) = match new.kind {
        MandateKind::Enach => ("N", "ACH"),
        MandateKind::Upi => {
            let why = "a UPI mandate needs the investor's UPI id, which is not on record";
            return Err(GatewayError::NotSetUp(why.to_owned()));
        }
    };
    let mut body = json!({
        "investor": {"ucc": new.ucc},
        "member": member.member,
        "investor_bank_details": bank,
        "amount": rupees(new.limit),
        "start_date": new.start,
        "valid_till": new.end,
        "reg_date": today,
        "type": kind,
        "mode": mode,
        "frequency": "AS AND WHEN PRESENTED",
        "request_type": "REGISTRATION",
    });
    body[reference_key] = json!(new.reference);
    Ok(body)
}

/// The investor's own details over the member's template.
pub(super) fn ucc(
    new: &NewInvestor,
    nominees: &[Value],
    member: &Member,
    template: &Map<String, Value>,
) -> Value {
    let mut names = new.name.split_whitespace();
    let first = names.next().unwrap_or_default();
    let last = names.collect::<Vec<_>>().join(" ");
    let mobile = new.mobile.strip_prefix("91").unwrap_or(&new.mobile);
    let own = json!({
        "member": {"member_id": member.member},
        "investor": {"client_code": new.ucc},
        "holding_nature": "SI",
        "is_client_physical": true,
        "is_client_demat": false,
        "is_nomination_opted": !nominees.is_empty(),
        "nomination": nominees,
        "holder": [{
            "holder_rank": "1",
            "is_pan_exempt": false,
            "identifier": [{"identifier_type": "pan", "identifier_number": new.pan}],
            "kyc_type": "K",
            "person": {"first_name": first, "last_name": last, "dob": new.date_of_birth},
            "contact": [{
                "contact_number": mobile, "country_code": "91", "whose_contact_number": "SE",
                "email_address": new.email, "whose_email_address": "SE", "contact_type": "PR",
            }],
        }],
        "bank_account": [{
            "ifsc_code": new.ifsc, "bank_acc_num": new.account_number, "bank_acc_type": "SB",
            "account_owner": "SELF",
        }],
    });
    let mut whole = Value::Object(template.clone());
    overlay(&mut whole, own);
    whole
}

/// What is ours wins; objects are joined, lists item by item.
fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(under), Value::Array(over)) => {
            under.resize(over.len().max(under.len()), Value::Null);
            for (under, over) in under.iter_mut().zip(over) {
                overlay(under, over);
            }
        }
        (under, over) => *under = over,
    }
}

/// Returns the first record of an answer: `items`, `lists`, or the data itself.
pub(super) fn record(data: &Value) -> Option<&Value> {
    for list in ["items", "lists", "list"] {
        if let Some(items) = data.get(list).and_then(Value::as_array) {
            return items.first();
        }
    }
    let has_something = data.as_object().is_some_and(|data| !data.is_empty());
    has_something.then_some(data)
}

/// Returns the first of some fields that is there, as text.
pub(super) fn text(record: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match record.get(*name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn decimal(record: &Value, names: &[&str]) -> Option<Decimal> {
    let text = text(record, names)?;
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(&text).ok())
}

pub(super) fn money(record: &Value, names: &[&str]) -> Option<Paise> {
    Paise::from_rupees(decimal(record, names)?)
}

fn day(record: &Value, names: &[&str]) -> Option<Date> {
    text(record, names)?.get(..10)?.parse().ok()
}

pub(super) fn contact(data: &Value) -> Option<Contact> {
    let record = record(data)?;
    let holder = record.pointer("/holder/0/contact/0")?;
    let bank = record.pointer("/bank_account/0")?;
    Some(Contact {
        email: text(holder, &["email_address"])?,
        mobile: format!("+91{}", text(holder, &["contact_number"])?),
        ifsc: text(bank, &["ifsc_code"])?,
        account: text(bank, &["bank_acc_num"])?,
        account_type: text(bank, &["bank_acc_type"]).unwrap_or_else(|| "SB".to_owned()),
    })
}

pub(super) fn order_report(record: &Value, open: &Open) -> Result<OrderReport, GatewayError> {
    let missing = |what: &str| GatewayError::Unavailable(format!("an order without {what}"));
    let id = text(record, &["id", "order_id"]).ok_or_else(|| missing("an id"))?;
    let raw = text(record, &["status"]).ok_or_else(|| missing("a status"))?;
    let kind = match text(record, &["type"]).as_deref() {
        Some("r" | "R") => OrderKind::Redemption,
        Some("s" | "S") => OrderKind::Switch,
        _ => OrderKind::Purchase,
    };
    let status = status::order(&raw, kind)?;
    let is_done = matches!(status, OrderStatus::Allotted | OrderStatus::RedeemedPaid);
    // The registrar gets, and so can refuse, only what is paid.
    let was_paid = matches!(status, OrderStatus::SentToRta | OrderStatus::RefundDue)
        || is_done
        || raw.eq_ignore_ascii_case("rta_rejected");
    let amount = money(record, &["amount"]);
    let unpaid = status::payout_failure(&raw);
    let reason = text(record, &["remarks", "rejection_reason", "event_message"]);
    Ok(OrderReport {
        id,
        reference: text(record, &["mem_ord_ref_id"]).map(Reference),
        plan: text(record, &["sxp_reg_num", "reg_no"]),
        due: due(record),
        status,
        raw_status: raw,
        reason: reason.or_else(|| unpaid.map(str::to_owned)),
        payout_failed: unpaid.is_some(),
        bounce: None,
        paid: amount.filter(|_| was_paid && kind == OrderKind::Purchase),
        allotment: is_done.then(|| allotment(record)).flatten(),
        switched_in: open
            .switch_in_key
            .as_ref()
            .filter(|_| is_done && kind == OrderKind::Switch)
            .and_then(|key| allotment(record.get(key)?)),
    })
}

/// Which day's instalment an order is.
fn due(record: &Value) -> Option<Date> {
    day(record, &["sxp_due_date"])
}

/// The registrar's figures, if all that make an allotment are there; half of them are
/// none.
fn allotment(record: &Value) -> Option<Allotment> {
    Some(Allotment {
        folio: text(record, &["folio", "folio_num"])?,
        nav_date: day(record, &["nav_date"])?,
        nav: decimal(record, &["nav"])?,
        units: decimal(record, &["allotted_units", "units"])?,
        amount: money(record, &["allotted_amount"])?,
        stamp_duty: money(record, &["stamp_duty"]).unwrap_or_default(),
        exit_load: money(record, &["exit_load"]).unwrap_or_default(),
        stt: money(record, &["stt"]).unwrap_or_default(),
    })
}

pub(super) fn plan_report(record: &Value, open: &Open) -> Result<PlanReport, GatewayError> {
    let missing = |what: &str| GatewayError::Unavailable(format!("a plan without {what}"));
    let raw = text(record, &["status"]).ok_or_else(|| missing("a status"))?;
    let orders = record.get("orders").and_then(Value::as_array);
    let (mut instalments, mut unread) = (Vec::new(), Vec::new());
    for order in orders.into_iter().flatten() {
        match order_report(order, open) {
            Ok(report) => instalments.push(report),
            // One that does not read keeps no other from being put on record.
            Err(error) => unread.push(Unread {
                due: due(order),
                why: error.to_string(),
            }),
        }
    }
    // Which one is not known may be any, so what comes next tells nothing of those before.
    let is_whole = unread.iter().all(|one| one.due.is_some());
    let status = status::plan(&raw)?;
    Ok(PlanReport {
        id: text(record, &["reg_no", "sxp_reg_num", "sxp_id", "id"])
            .ok_or_else(|| missing("a number"))?,
        reference: Reference(text(record, &["mem_sxp_ref_id"]).unwrap_or_default()),
        status,
        raw_status: raw,
        change_awaits_approval: text(record, &["pending_2fa"]).is_some(),
        ahead: ahead(record, open).filter(|_| is_whole && status.is_running()),
        instalments,
        unread,
    })
}

/// What a plan does next, if both that makes it up is there.
fn ahead(record: &Value, open: &Open) -> Option<Ahead> {
    let (next, left_out) = open.plan_ahead_keys.as_ref()?;
    Some(Ahead {
        next: day(record, &[next])?,
        left_out: text(record, &[left_out])?.parse().ok()?,
    })
}

pub(super) fn mandate_report(record: &Value, key: &str) -> Result<MandateReport, GatewayError> {
    let missing = |what: &str| GatewayError::Unavailable(format!("a mandate without {what}"));
    let raw = text(record, &["status"]).ok_or_else(|| missing("a status"))?;
    Ok(MandateReport {
        id: text(record, &["exch_mandate_id", "id"]).ok_or_else(|| missing("an id"))?,
        reference: Reference(text(record, &[key]).unwrap_or_default()),
        status: status::mandate(&raw)?,
        raw_status: raw,
        reason: text(record, &["remarks", "rejection_reason"]),
    })
}
