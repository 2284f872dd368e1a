//! Accounts, plans and mandates.

use jiff::civil::date;
use serde_json::{Value, json};

use super::{count, gateway, last, plain, purchase, sealed, settled, sip, told};
use crate::investing::gateway::bse::open::{Open, Payloads};
use crate::investing::gateway::port::{
    GatewayError, InvestorState, NewInvestor, NewMandate, NewOrder, NewPlan, OrderGateway, Page,
    PlanChange, PlanStepUp, Reference, StepUpBy,
};
use crate::investing::gateway::tests::fake_bse::FakeBse;
use crate::investing::money::Paise;
use crate::investing::orders::{MandateKind, MandateStatus, PlanStatus};
use crate::people::Nominee;

fn investor() -> NewInvestor {
    NewInvestor {
        ucc: "ASHA01".to_owned(),
        name: "Asha Devi Rao".to_owned(),
        pan: "ABCPE1234F".to_owned(),
        date_of_birth: date(1990, 1, 1),
        mobile: "919000000000".to_owned(),
        email: "asha@example.invalid".to_owned(),
        account_number: "001234567890".to_owned(),
        ifsc: "HDFC0000001".to_owned(),
        nominees: vec![
            Nominee {
                name: "Ravi Kumar Rao".to_owned(),
                relationship: "spouse".to_owned(),
                share: 60,
                date_of_birth: None,
                guardian: None,
            },
            Nominee {
                name: "Mira".to_owned(),
                relationship: "son".to_owned(),
                share: 40,
                date_of_birth: Some(date(2015, 5, 1)),
                guardian: Some("Ravi Kumar Rao".to_owned()),
            },
        ],
    }
}

#[tokio::test]
async fn an_account_is_registered_with_the_members_own_codes_beneath() {
    let (bse, gateway) = plain().await;
    bse.book().account = None;
    assert_eq!(gateway.find_investor("ASHA01").await.unwrap(), None);
    let new = investor();
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
    assert_eq!(sent["is_nomination_opted"], true);
    let nominees = json!([
        {"person": {"first_name": "Ravi", "last_name": "Kumar Rao"}, "percent": 60,
            "relation": "06", "minor": false, "auth_mode": "O"},
        {"person": {"first_name": "Mira", "dob": "2015-05-01"}, "percent": 40, "relation": "01",
            "minor": true, "guardian": [{"name": "Ravi Kumar Rao"}], "auth_mode": "O"},
    ]);
    assert_eq!(sent["nomination"], nominees);
    let page = Page::Investor {
        ucc: "ASHA01".to_owned(),
    };
    gateway.page(&page).await.unwrap();
    assert_eq!(last(&bse, "get_2fa_link")[0]["event"], "ucc_auth");
}

#[tokio::test]
async fn a_nominee_of_whom_something_could_not_be_told_is_not_told() {
    let places = |text: Value| text.as_object().cloned();
    let whole = json!({"name": "{name}", "share": "{share}", "relation": "{relationship}",
        "dob": "{born}", "guardian": "{guardian}"});
    let without = |key: &str| {
        let mut shape = places(whole.clone()).unwrap();
        shape.remove(key);
        Open {
            nominee_template: Some(shape),
            ..settled(Payloads::Plain)
        }
    };
    let unset = Open {
        nominee_template: None,
        ..settled(Payloads::Plain)
    };
    let uncoded = Open {
        relation_codes: places(json!({"spouse": "06"})),
        ..without("")
    };
    let unknown = Open {
        nominee_template: places(json!({"name": "{nickname}"})),
        ..settled(Payloads::Plain)
    };
    for (open, why) in [
        (unset, "BSE_NOMINEE_TEMPLATE is not set"),
        (uncoded, "BSE_RELATION_CODES has no code of `son`"),
        (unknown, "`nickname`"),
        (without("name"), "name"),
        (without("share"), "share"),
        (without("relation"), "relationship"),
        (without("dob"), "date of birth"),
        (without("guardian"), "guardian"),
    ] {
        let (bse, url) = FakeBse::start(None).await;
        let refused = gateway(&url, open).register_investor(&investor()).await;
        let error = refused.unwrap_err();
        assert!(
            matches!(error, GatewayError::NotSetUp(ref said) if said.contains(why)),
            "{why}: {error}"
        );
        assert_eq!(count(&bse, "add_ucc"), 0);
    }
    let (bse, url) = FakeBse::start(None).await;
    let mut nobody = investor();
    nobody.nominees.clear();
    let bare = Open {
        nominee_template: None,
        relation_codes: None,
        ..settled(Payloads::Plain)
    };
    gateway(&url, bare)
        .register_investor(&nobody)
        .await
        .unwrap();
    let sent = last(&bse, "add_ucc");
    assert_eq!(
        (&sent["is_nomination_opted"], &sent["nomination"]),
        (&json!(false), &json!([]))
    );
}

#[tokio::test]
async fn a_plan_and_a_new_folio_say_whether_there_are_nominees() {
    let (bse, gateway) = plain().await;
    for (at, has_nominees) in [(1, true), (2, false)] {
        let plan = NewPlan {
            has_nominees,
            ..sip(&format!("2026-00010{at}"))
        };
        gateway.register_plan(&plan).await.unwrap();
        let said = &last(&bse, "sxp_register")["is_nomination_opted"];
        assert_eq!(*said, json!(has_nominees));
        let order = NewOrder {
            has_nominees: Some(has_nominees),
            ..purchase(&format!("2026-00020{at}"))
        };
        gateway.place_order(&order).await.unwrap();
        let said = &last(&bse, "order_new")["orders"][0]["is_nomination_opted"];
        assert_eq!(*said, json!(has_nominees));
    }
}

#[tokio::test]
async fn a_sip_is_registered_paused_resumed_and_cancelled() {
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
    let new = NewMandate {
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
}

#[tokio::test]
async fn what_is_not_taken_is_refused_too_and_all_that_is_taken_is_placed() {
    let (_bse, gateway) = plain().await;
    let takes = gateway.takes();
    for (at, kind) in MandateKind::ALL.iter().enumerate() {
        let new = NewMandate {
            reference: Reference(format!("2026-00030{at}")),
            ucc: "ASHA01".to_owned(),
            kind: *kind,
            limit: Paise(2_000_000),
            start: date(2026, 8, 24),
            end: date(2056, 8, 23),
        };
        let placed = gateway.register_mandate(&new).await;
        assert_eq!(placed.is_ok(), takes.mandates.contains(kind), "{placed:?}");
    }
    let grows = NewPlan {
        step_up: Some(PlanStepUp {
            by: StepUpBy::Amount(Paise(50_000)),
            every_months: 12,
            cap: None,
        }),
        ..sip("2026-000304")
    };
    let placed = gateway.register_plan(&grows).await;
    assert_eq!(placed.is_ok(), takes.step_up, "{placed:?}");
}

#[tokio::test]
async fn an_instalment_that_does_not_read_keeps_no_other_from_being_read() {
    let (bse, gateway) = told().await;
    let new = sip("8");
    gateway.register_plan(&new).await.unwrap();
    let order = |id: u32, status: &str, due: &str| json!({"id": id, "type": "r", "status": status, "sxp_due_date": due});
    {
        let mut book = bse.book();
        let plan = book.plans.get_mut("8").unwrap();
        plan["status"] = json!("active");
        plan["next_date"] = json!("2026-11-07");
        plan["skips_left"] = json!(0);
        plan["orders"] = json!([
            order(1, "redempt_payout_failed", "2026-09-07"),
            order(2, "half_done", "2026-10-07"),
        ]);
    }
    let plan = gateway.find_plan(&new.reference).await.unwrap().unwrap();
    assert_eq!(plan.status, PlanStatus::Active);
    let read: Vec<_> = plan.instalments.iter().map(|one| one.due).collect();
    assert_eq!(read, [Some(date(2026, 9, 7))]);
    let unread: Vec<_> = plan.unread.iter().map(|one| one.due).collect();
    assert_eq!(unread, [Some(date(2026, 10, 7))]);
    assert!(plan.unread[0].why.contains("half_done"));
    assert!(plan.ahead.is_some());
    bse.book().plans.get_mut("8").unwrap()["orders"][1]["sxp_due_date"] = json!("soon");
    let plan = gateway.find_plan(&new.reference).await.unwrap().unwrap();
    assert_eq!(plan.ahead, None, "the day left out may be any");
}
