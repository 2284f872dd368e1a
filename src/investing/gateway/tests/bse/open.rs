//! What the documents leave open: used where a setting says it, refused where none does.

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{count, gateway, plain, purchase, settled, sip, told};
use crate::investing::gateway::bse::open::{Open, Payloads};
use crate::investing::gateway::port::{Ahead, GatewayError, NewOrder, OrderGateway};
use crate::investing::gateway::tests::fake_bse::{FakeBse, shape};
use crate::investing::orders::{OrderKind, Quantity};
use crate::investing::scheme::SchemeCode;

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
