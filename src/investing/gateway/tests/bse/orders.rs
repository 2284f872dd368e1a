//! Orders, the scheme master and webhooks, in the documented shapes.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{count, last, plain, purchase, sealed};
use crate::investing::gateway::port::{GatewayError, OrderGateway, Page, Subject};
use crate::investing::gateway::tests::fake_bse::shape;
use crate::investing::money::Paise;
use crate::investing::orders::OrderStatus;

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
            "is_nomination_opted": true,
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

#[tokio::test]
async fn what_the_registrar_rejected_was_paid_and_what_bse_rejected_may_not_be() {
    let (bse, gateway) = plain().await;
    gateway.place_order(&purchase("1")).await.unwrap();
    let amount = Some(Paise(500_050));
    for (word, paid) in [("rta_rejected", amount), ("platform_rejected", None)] {
        bse.book().orders.get_mut("1").unwrap()["status"] = json!(word);
        let order = gateway.read_order("5001203566").await.unwrap().unwrap();
        assert_eq!(
            (order.status, order.paid),
            (OrderStatus::Rejected, paid),
            "{word}"
        );
    }
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
async fn money_of_a_redemption_that_did_not_arrive_is_read_as_that_with_a_reason() {
    let (bse, gateway) = plain().await;
    gateway.place_order(&purchase("1")).await.unwrap();
    let put = |key: &str, value: Value| bse.book().orders.get_mut("1").unwrap()[key] = value;
    put("type", json!("r"));
    for (word, failed) in [
        ("redempt_payout_attempted", false),
        ("redempt_payout_failed", true),
        ("REDEMPT_FUND_RETURNED_AMC", true),
    ] {
        put("status", json!(word));
        let order = gateway.read_order("5001203566").await.unwrap().unwrap();
        assert_eq!(
            (order.status, order.payout_failed, order.reason.is_some()),
            (OrderStatus::SentToRta, failed, failed),
            "{word}"
        );
    }
    put("remarks", json!("ACCOUNT CLOSED"));
    let order = gateway.read_order("5001203566").await.unwrap().unwrap();
    assert_eq!(order.reason.as_deref(), Some("ACCOUNT CLOSED"));
}
