//! Contract tests of the BSE adapter: register, order, SIP, mandate, status, cancel,
//! webhook, tokens, lost answers; plain and sealed.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::fake_bse::{FakeBse, shape};
use crate::clock::Clock;
use crate::id::Ids;
use crate::investing::gateway::BseGateway;
use crate::investing::gateway::bse::Member;
use crate::investing::gateway::bse::jose::{Keys, NotGenuine};
use crate::investing::gateway::bse::open::{Open, Payloads, V2Calls};
use crate::investing::gateway::port::{
    Ahead, GatewayError, InvestorState, NewInvestor, NewMandate, NewOrder, NewPlan, OrderGateway,
    Page, PlanChange, Reference, Subject,
};
use crate::investing::money::Paise;
use crate::investing::orders::{
    Frequency, MandateKind, MandateStatus, OrderKind, OrderStatus, PlanKind, PlanStatus, Quantity,
};
use crate::investing::scheme::SchemeCode;

const OUR_KEY: &str = include_str!("../../../../tests/data/bse/member.key.pem");
const OUR_PUBLIC: &str = include_str!("../../../../tests/data/bse/member.pub.pem");
const THEIR_KEY: &str = include_str!("../../../../tests/data/bse/exchange.key.pem");
const THEIR_PUBLIC: &str = include_str!("../../../../tests/data/bse/exchange.pub.pem");

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

#[tokio::test]
async fn an_order_is_placed_read_and_called_off_in_the_documented_shapes() {
    for (bse, gateway) in [plain().await, sealed().await] {
        let new = purchase("2026-000001");
        let placed = gateway.place_order(&new).await.unwrap();
        assert_eq!(
            (placed.id.as_str(), placed.raw_status.as_str()),
            ("5001203566", "received")
        );
        let sent = last(&bse, "order_new")["orders"][0].clone();
        let expected = json!({
            "member": "91010", "investor": {"ucc": "ASHA01"}, "mem_ord_ref_id": "2026-000001",
            "type": "p", "scheme": "02-DP", "amount": 5000.5, "cur": "INR",
            "phys_or_demat": "p", "is_fresh": true, "kyc_passed": true, "dpc": true,
            "mem_details": {"euin_flag": true, "euin": "E123456"},
            "holder": [{"holder_rank": "1", "email": "asha@example.invalid",
                "mobnum": "+919000000000"}],
        });
        assert_eq!(sent, expected);
        let read = gateway.read_order("5001203566").await.unwrap().unwrap();
        assert_eq!(read.status, OrderStatus::AwaitingAuthorisation);
        assert_eq!(read.reference, Some(new.reference));
        let page = gateway.page(&Page::Order(read.id.clone())).await.unwrap();
        assert_eq!(page, "https://bse.example.invalid/2fa/1");
        assert_eq!(last(&bse, "get_2fa_link")[0]["event"], "verify_order_new");
        let page = gateway.page(&Page::Payment(read.id)).await.unwrap();
        assert_eq!(page, "https://bse.example.invalid/pay/1");
        for _ in 0..2 {
            let ended = gateway.cancel_order("5001203566").await.unwrap();
            assert_eq!(ended.status, OrderStatus::Cancelled);
        }
        assert_eq!(count(&bse, "order_cancel"), 1);
        assert_eq!(gateway.read_order("1").await.unwrap(), None);
        let book = bse.book();
        let traced = |headers: &axum::http::HeaderMap| {
            headers["x-starmfv2-trace-id"]
                .to_str()
                .unwrap()
                .parse::<uuid::Uuid>()
                .is_ok()
        };
        assert!(book.headers.iter().all(traced));
        assert_eq!(book.logins, 1);
    }
}

#[tokio::test]
async fn an_allotment_is_read_whole_or_not_at_all() {
    let (bse, gateway) = plain().await;
    gateway.place_order(&purchase("1")).await.unwrap();
    let put = |key: &str, value: Value| bse.book().orders.get_mut("1").unwrap()[key] = value;
    put("status", json!("done"));
    let half = gateway.read_order("5001203566").await.unwrap().unwrap();
    assert_eq!((half.status, half.allotment), (OrderStatus::Allotted, None));
    for (key, value) in shape!("order_done.json").as_object().unwrap() {
        put(key, value.clone());
    }
    let whole = gateway.read_order("5001203566").await.unwrap().unwrap();
    let made = whole.allotment.unwrap();
    assert_eq!(
        (made.units, made.nav),
        (Decimal::new(60_457, 3), Decimal::new(826_988, 4))
    );
    assert_eq!((made.amount, made.stamp_duty), (Paise(499_975), Paise(25)));
    put("status", json!("half_done"));
    let error = gateway.read_order("5001203566").await.unwrap_err();
    assert!(matches!(error, GatewayError::NotSetUp(why) if why.contains("half_done")));
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

#[tokio::test]
async fn both_legs_of_a_switch_are_read_where_it_is_known_how_they_are_shown() {
    for (is_told, (bse, gateway)) in [(false, plain().await), (true, told().await)] {
        let switch = NewOrder {
            kind: OrderKind::Switch,
            target: Some(SchemeCode(2)),
            folio: Some("91234567/01".to_owned()),
            ..purchase("1")
        };
        gateway.place_order(&switch).await.unwrap();
        let done = shape!("order_done.json");
        {
            let mut book = bse.book();
            let order = book.orders.get_mut("1").unwrap();
            order["status"] = json!("done");
            for (key, value) in done.as_object().unwrap() {
                order[key.as_str()] = value.clone();
            }
            order["switch_in"] = done.clone();
            order["switch_in"]["nav"] = json!("10.5");
        }
        let read = gateway.read_order("5001203566").await.unwrap().unwrap();
        assert!(read.allotment.is_some());
        let came = read.switched_in.map(|made| made.nav);
        assert_eq!(came, is_told.then(|| Decimal::new(105, 1)));
        bse.book().orders.get_mut("1").unwrap()["switch_in"]["nav"] = json!(null);
        let half = gateway.read_order("5001203566").await.unwrap().unwrap();
        assert_eq!(half.switched_in, None, "half a leg is none");
    }
}

#[tokio::test]
async fn what_a_plan_leaves_out_is_read_where_it_is_known_how_it_is_shown() {
    for (is_told, (bse, gateway)) in [(false, plain().await), (true, told().await)] {
        let new = sip("8");
        gateway.register_plan(&new).await.unwrap();
        let put = |key: &str, value: Value| {
            let mut book = bse.book();
            book.plans.values_mut().next().unwrap()[key] = value;
        };
        put("next_date", json!("2026-10-07"));
        put("skips_left", json!(2));
        let ahead = async || {
            gateway
                .find_plan(&new.reference)
                .await
                .unwrap()
                .unwrap()
                .ahead
        };
        assert_eq!(ahead().await, None, "it does not run yet");
        put("status", json!("paused"));
        let next = Ahead {
            next: date(2026, 10, 7),
            left_out: 2,
        };
        assert_eq!(ahead().await, is_told.then_some(next));
        put("skips_left", json!("many"));
        assert_eq!(ahead().await, None, "half of it is none");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_duplicate_was_ours() {
    let (bse, gateway) = plain().await;
    let new = purchase("7");
    bse.book().drop_answer = true;
    let error = gateway.place_order(&new).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(_)), "{error}");
    let found = gateway.find_order(&new.reference).await.unwrap().unwrap();
    let again = gateway.place_order(&new).await.unwrap();
    assert_eq!(again, found);
    assert_eq!(bse.book().orders.len(), 1);
    bse.book().drop_answer = true;
    let plan = sip("8");
    assert!(matches!(
        gateway.register_plan(&plan).await,
        Err(GatewayError::Unknown(_))
    ));
    let registered = gateway.register_plan(&plan).await.unwrap();
    assert_eq!(registered.reference, plan.reference);
    assert_eq!(bse.book().plans.len(), 1);
}

#[tokio::test]
async fn a_success_without_an_order_is_in_doubt_and_may_be_asked_for_again() {
    let (bse, gateway) = plain().await;
    bse.book().make_none = true;
    let error = gateway.place_order(&purchase("9")).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(_)), "{error}");
    bse.book().make_none = false;
    let placed = gateway.place_order(&purchase("9")).await.unwrap();
    assert_eq!(bse.book().orders.len(), 1);
    assert_eq!(placed.reference, Some(purchase("9").reference));
}

#[tokio::test]
async fn many_calls_share_one_login_and_an_expired_token_is_renewed_once() {
    let (bse, gateway) = plain().await;
    let reads = || (0..20).map(|_| gateway.read_order("1"));
    for answer in futures::future::join_all(reads()).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(bse.book().logins, 1);
    bse.book().expire = true;
    for answer in futures::future::join_all(reads()).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(bse.book().logins, 2);
    bse.book().expire = true;
    gateway.place_order(&purchase("3")).await.unwrap();
    assert_eq!(bse.book().orders.len(), 1);
}

#[tokio::test]
async fn an_account_is_registered_with_the_members_own_codes_beneath() {
    let (bse, gateway) = plain().await;
    bse.book().account = None;
    assert_eq!(gateway.find_investor("ASHA01").await.unwrap(), None);
    let new = NewInvestor {
        ucc: "ASHA01".to_owned(),
        name: "Asha Devi Rao".to_owned(),
        pan: "ABCPE1234F".to_owned(),
        date_of_birth: date(1990, 1, 1),
        mobile: "919000000000".to_owned(),
        email: "asha@example.invalid".to_owned(),
        account_number: "001234567890".to_owned(),
        ifsc: "HDFC0000001".to_owned(),
        nominees: vec![("Ravi Rao".to_owned(), 100)],
    };
    let state = gateway.register_investor(&new).await.unwrap();
    assert_eq!(state, InvestorState::AwaitingAuthorisation);
    let sent = last(&bse, "add_ucc");
    assert_eq!(
        (&sent["tax_code"], &sent["holder"][0]["occ_code"]),
        (&json!("01"), &json!("02"))
    );
    let holder = &sent["holder"][0];
    assert_eq!(holder["identifier"][0]["identifier_number"], "ABCPE1234F");
    assert_eq!(holder["person"]["last_name"], "Devi Rao");
    assert_eq!(holder["contact"][0]["contact_number"], "9000000000");
    assert_eq!(sent["nomination"][0]["nomination_percent"], 100);
    let page = Page::Investor {
        ucc: "ASHA01".to_owned(),
    };
    gateway.page(&page).await.unwrap();
    assert_eq!(last(&bse, "get_2fa_link")[0]["event"], "ucc_auth");
}

#[tokio::test]
async fn a_sip_is_registered_paused_resumed_topped_up_and_cancelled() {
    for (bse, gateway) in [plain().await, sealed().await] {
        let new = sip("2026-000002");
        let plan = gateway.register_plan(&new).await.unwrap();
        assert_eq!(plan.status, PlanStatus::Awaiting2fa);
        let sent = last(&bse, "sxp_register");
        assert_eq!(
            (&sent["sxp_type"], &sent["freq"]),
            (&json!("SIP"), &json!("m"))
        );
        assert_eq!(
            (&sent["txn_date"], &sent["start_date"]),
            (&json!(7), &json!("2026-09-07"))
        );
        assert_eq!(
            (&sent["ninstallments"], &sent["exch_mandate_id"]),
            (&json!(360), &json!(501_342))
        );
        let page = Page::Plan(plan.id.clone());
        gateway.page(&page).await.unwrap();
        assert_eq!(last(&bse, "get_2fa_link")[0]["event"], "verify_sxp_reg");
        bse.book().plans.get_mut("2026-000002").unwrap()["status"] = json!("active");
        let pause = PlanChange::Pause { instalments: 2 };
        let paused = gateway
            .change_plan(&plan.id, new.kind, &pause)
            .await
            .unwrap();
        assert_eq!(paused.status, PlanStatus::Paused);
        assert_eq!(last(&bse, "sxp_set_pause")["ninstallments"], 2);
        gateway.page(&page).await.unwrap();
        assert_eq!(last(&bse, "get_2fa_link")[0]["event"], "verify_sxp_change");
        let running = gateway
            .change_plan(&plan.id, new.kind, &PlanChange::Resume)
            .await;
        assert_eq!(running.unwrap().status, PlanStatus::Active);
        let start = date(2027, 9, 7);
        gateway
            .top_up_plan(&plan.id, Paise(50_000), "y", start)
            .await
            .unwrap();
        assert_eq!(last(&bse, "sxp_topup")["reg_num"], "202600000125896");
        let cancel = PlanChange::Cancel {
            reason: 13,
            words: Some("moving".to_owned()),
        };
        for _ in 0..2 {
            let ended = gateway
                .change_plan(&plan.id, new.kind, &cancel)
                .await
                .unwrap();
            assert_eq!(ended.status, PlanStatus::CancelledByInvestor);
        }
        let sent = last(&bse, "sxp_cancel");
        assert_eq!(
            (&sent["sxp_type"], &sent["reason_cd"]),
            (&json!("XSIP"), &json!(13))
        );
        assert_eq!(count(&bse, "sxp_cancel"), 1);
    }
}

#[tokio::test]
async fn a_mandate_is_registered_once_and_ended_once() {
    let (bse, gateway) = plain().await;
    let mut new = NewMandate {
        reference: Reference("2026-000003".to_owned()),
        ucc: "ASHA01".to_owned(),
        kind: MandateKind::Enach,
        limit: Paise(2_000_000),
        start: date(2026, 8, 24),
        end: date(2056, 8, 23),
    };
    for _ in 0..2 {
        let mandate = gateway.register_mandate(&new).await.unwrap();
        assert_eq!(mandate.status, MandateStatus::AwaitingInvestor);
    }
    assert_eq!(count(&bse, "mandate_register"), 1);
    let sent = last(&bse, "mandate_register");
    assert_eq!(
        (&sent["type"], &sent["mode"], &sent["amount"]),
        (&json!("N"), &json!("ACH"), &json!(20_000))
    );
    assert_eq!(sent["investor_bank_details"]["no"], "001234567890");
    for _ in 0..2 {
        let ended = gateway.cancel_mandate("501342").await.unwrap();
        assert_eq!(ended.status, MandateStatus::Cancelled);
    }
    assert_eq!(count(&bse, "mandate_cancel"), 1);
    new.kind = MandateKind::Upi;
    new.reference = Reference("2026-000004".to_owned());
    assert!(matches!(
        gateway.register_mandate(&new).await,
        Err(GatewayError::NotSetUp(_))
    ));
}

#[tokio::test]
async fn what_the_documents_leave_open_is_not_guessed() {
    let (bse, url) = FakeBse::start(None).await;
    let bare = gateway(&url, Open::default());
    let error = bare.place_order(&purchase("1")).await.unwrap_err();
    assert!(error.to_string().contains("BSE_V2_CALLS"), "{error}");
    assert!(
        bare.read_notice(b"{}")
            .unwrap_err()
            .to_string()
            .contains("BSE_WEBHOOK_SIGNATURE")
    );
    let set = || settled(Payloads::Plain);
    bse.book().account = Some(shape!("get_ucc.json")["data"].clone());
    let mut switch = purchase("2");
    switch.kind = OrderKind::Switch;
    switch.target = Some(SchemeCode(2));
    let mut all = purchase("3");
    all.kind = OrderKind::Redemption;
    all.quantity = Quantity::All;
    let cases: [(Open, &NewOrder, &str); 3] = [
        (
            Open {
                payloads: None,
                ..set()
            },
            &switch,
            "BSE_PAYLOADS",
        ),
        (
            Open {
                switch_target_key: None,
                ..set()
            },
            &switch,
            "BSE_SWITCH_TARGET_KEY",
        ),
        (
            Open {
                all_units_key: None,
                ..set()
            },
            &all,
            "BSE_ALL_UNITS_KEY",
        ),
    ];
    for (open, new, setting) in cases {
        let error = gateway(&url, open).place_order(new).await.unwrap_err();
        assert!(
            matches!(error, GatewayError::NotSetUp(ref why) if why.contains(setting)),
            "{error}"
        );
    }
    assert_eq!(count(&bse, "order_new"), 0);
    let mut stranger = purchase("4");
    stranger.scheme = SchemeCode(9);
    let error = gateway(&url, set())
        .place_order(&stranger)
        .await
        .unwrap_err();
    assert!(matches!(error, GatewayError::NotSetUp(_)), "{error}");
}

#[tokio::test]
async fn a_webhook_names_what_to_read_and_is_for_this_member() {
    let (_bse, gateway) = plain().await;
    let mut body = shape!("webhook_order.json");
    let read = |body: &Value| gateway.read_notice(body.to_string().as_bytes());
    let notice = read(&body).unwrap();
    assert_eq!(notice.id, "5f0d6d0a-2f0e-4c3f-9d55-0c6c6f1b2a10");
    assert_eq!(notice.about, Subject::Order("5001203566".to_owned()));
    for (kind, key, expected) in [
        ("SXP", "sxp_reg_num", Subject::Plan("77".to_owned())),
        ("MANDATES", "mandate_id", Subject::Mandate("77".to_owned())),
        ("UCC", "data", Subject::Investor("ASHA01".to_owned())),
        ("NEWS", "data", Subject::Other("NEWS".to_owned())),
    ] {
        body["action"]["event_type"] = json!(kind);
        body["action"][key] = json!(77);
        assert_eq!(read(&body).unwrap().about, expected);
    }
    body["action"]["event_type"] = json!("PAYMENT GATEWAY");
    body["action"]["pg_order_ids"] = json!(["5001203566"]);
    assert_eq!(
        read(&body).unwrap().about,
        Subject::Order("5001203566".to_owned())
    );
    body["member"]["member_id"] = json!("66899");
    assert!(read(&body).is_err());
    assert!(gateway.read_notice(b"not json").is_err());
}

#[tokio::test]
async fn the_scheme_master_is_read_in_its_own_shape() {
    let (_bse, gateway) = plain().await;
    let schemes = gateway.scheme_master().await.unwrap().unwrap();
    assert_eq!(schemes.len(), 1);
    let scheme = &schemes[0];
    assert_eq!((scheme.code.as_str(), scheme.is_active), ("02-DP", true));
    let terms = &scheme.lumpsum[0];
    assert_eq!(
        (terms.minimum, terms.minimum_additional),
        (Some(Paise(50_000)), Some(Paise(10_000)))
    );
    assert_eq!(terms.cutoff, Some(jiff::civil::time(14, 30, 0, 0)));
    assert_eq!(scheme.plans[0].days, [1, 7, 17, 24]);
}

#[tokio::test]
async fn a_sealed_answer_that_was_changed_on_the_way_is_not_believed() {
    let (bse, gateway) = sealed().await;
    bse.book().tamper = true;
    let read = gateway.read_order("1").await;
    assert!(
        matches!(read, Err(GatewayError::Unavailable(_))),
        "{read:?}"
    );
    bse.book().tamper = false;
    gateway.place_order(&purchase("5")).await.unwrap();
    let book = bse.book();
    let org = book.headers.last().unwrap()["x-api-org-id"]
        .to_str()
        .unwrap();
    assert!(
        org.starts_with("member/91010:") && org.len() == 13 + 44,
        "{org}"
    );
}

#[test]
fn a_sealed_payload_opens_for_the_other_side_alone_and_only_unchanged() {
    let text = ours().seal(b"{\"data\":{}}").unwrap();
    assert_eq!(theirs().open(&text).unwrap(), b"{\"data\":{}}");
    assert_eq!(ours().open(&text), Err(NotGenuine));
    // Sealed for them, but signed by somebody who is not us.
    let stranger = Keys::from_pem(THEIR_KEY, THEIR_PUBLIC).unwrap();
    assert_eq!(
        theirs().open(&stranger.seal(b"x").unwrap()),
        Err(NotGenuine)
    );
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 5);
    for place in 0..5 {
        let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let other = if changed[place].starts_with('A') {
            "B"
        } else {
            "A"
        };
        changed[place].replace_range(..1, other);
        assert_eq!(
            theirs().open(&changed.join(".")),
            Err(NotGenuine),
            "part {place}"
        );
    }
    assert_eq!(theirs().open("a.b.c"), Err(NotGenuine));
}
