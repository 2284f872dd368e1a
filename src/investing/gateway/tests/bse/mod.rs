//! Contract tests of the BSE adapter, plain and sealed.

mod doubt;
mod open;
mod orders;
mod registered;
mod sealed;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use serde_json::{Value, json};

use super::fake_bse::{FakeBse, shape};
use crate::clock::Clock;
use crate::id::Ids;
use crate::investing::gateway::BseGateway;
use crate::investing::gateway::bse::Member;
use crate::investing::gateway::bse::jose::Keys;
use crate::investing::gateway::bse::open::{Open, Payloads, V2Calls};
use crate::investing::gateway::port::{NewOrder, NewPlan, Reference};
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, OrderKind, PlanKind, Quantity};
use crate::investing::scheme::SchemeCode;

const OUR_KEY: &str = include_str!("../../../../../tests/data/bse/member.key.pem");
const OUR_PUBLIC: &str = include_str!("../../../../../tests/data/bse/member.pub.pem");
const THEIR_KEY: &str = include_str!("../../../../../tests/data/bse/exchange.key.pem");
const THEIR_PUBLIC: &str = include_str!("../../../../../tests/data/bse/exchange.pub.pem");

fn ours() -> Keys {
    Keys::from_pem(OUR_KEY, THEIR_PUBLIC).unwrap()
}

fn theirs() -> Keys {
    Keys::from_pem(THEIR_KEY, OUR_PUBLIC).unwrap()
}

fn settled(payloads: Payloads) -> Open {
    Open {
        payloads: Some(payloads),
        v2_calls: Some(V2Calls {
            all: false,
            except: ["add_ucc", "get_ucc", "get_2fa_link"]
                .map(str::to_owned)
                .into(),
        }),
        switch_target_key: Some("dest_scheme".to_owned()),
        switch_in_key: None,
        plan_ahead_keys: None,
        all_units_key: Some("all_units".to_owned()),
        mandate_reference_key: Some("member_ref".to_owned()),
        plan_change_event: Some("verify_sxp_change".to_owned()),
        unsigned_webhooks: true,
        nominee_template: json!({
            "person": {"first_name": "{first_name}", "last_name": "{last_name}", "dob": "{born}"},
            "percent": "{share}", "relation": "{relationship}", "minor": "{is_minor}",
            "guardian": [{"name": "{guardian}"}], "auth_mode": "O",
        })
        .as_object()
        .cloned(),
        relation_codes: json!({"spouse": "06", "son": "01"}).as_object().cloned(),
        ucc_template: json!({"tax_code": "01", "holder": [{"occ_code": "02"}]})
            .as_object()
            .cloned(),
    }
}

fn gateway(url: &str, open: Open) -> BseGateway {
    let member = Member {
        base_url: url.to_owned(),
        member: "91010".to_owned(),
        username: "member/91010/api".to_owned(),
        password: "secret of the test".into(),
    };
    let codes = |code: SchemeCode| match code.0 {
        1 => Some("02-DP".to_owned()),
        2 => Some("03-DP".to_owned()),
        _ => None,
    };
    let clock = Clock::standing("2026-08-24T10:00:00+05:30".parse().unwrap());
    let ids = Ids::seeded(1);
    BseGateway::new(
        member,
        open,
        Arc::new(codes),
        Duration::from_secs(5),
        clock,
        ids,
    )
    .unwrap()
}

async fn plain() -> (FakeBse, BseGateway) {
    let (bse, url) = FakeBse::start(None).await;
    bse.book().account = Some(shape!("get_ucc.json")["data"].clone());
    (bse, gateway(&url, settled(Payloads::Plain)))
}

async fn sealed() -> (FakeBse, BseGateway) {
    let (bse, url) = FakeBse::start(Some(theirs())).await;
    bse.book().account = Some(shape!("get_ucc.json")["data"].clone());
    let keys = Payloads::Jose(Box::new(ours()));
    (bse, gateway(&url, settled(keys)))
}

fn purchase(reference: &str) -> NewOrder {
    NewOrder {
        reference: Reference(reference.to_owned()),
        ucc: "ASHA01".to_owned(),
        kind: OrderKind::Purchase,
        scheme: SchemeCode(1),
        target: None,
        quantity: Quantity::Amount(Paise(500_050)),
        folio: None,
        has_nominees: Some(true),
        mandate: None,
        euin: Some("E123456".to_owned()),
    }
}

fn sip(reference: &str) -> NewPlan {
    NewPlan {
        reference: Reference(reference.to_owned()),
        ucc: "ASHA01".to_owned(),
        kind: PlanKind::Sip,
        scheme: SchemeCode(1),
        target: None,
        amount: Paise(500_000),
        frequency: Frequency::Monthly,
        start: date(2026, 9, 7),
        instalments: None,
        folio: None,
        has_nominees: true,
        mandate: Some("501342".to_owned()),
        step_up: None,
        euin: None,
    }
}

fn last(bse: &FakeBse, call: &str) -> Value {
    let book = bse.book();
    let mut calls = book.calls.iter().rev();
    calls.find(|(name, _)| name == call).unwrap().1.clone()
}

fn count(bse: &FakeBse, call: &str) -> usize {
    let book = bse.book();
    book.calls.iter().filter(|(name, _)| name == call).count()
}

/// A gateway that was told what the documents leave open of switches and of plans to come.
async fn told() -> (FakeBse, BseGateway) {
    let (bse, url) = FakeBse::start(None).await;
    bse.book().account = Some(shape!("get_ucc.json")["data"].clone());
    let open = Open {
        switch_in_key: Some("switch_in".to_owned()),
        plan_ahead_keys: Some(("next_date".to_owned(), "skips_left".to_owned())),
        ..settled(Payloads::Plain)
    };
    (bse, gateway(&url, open))
}
