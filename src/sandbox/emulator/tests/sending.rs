use super::*;

#[tokio::test]
async fn an_accepted_send_is_told_as_sent_delivered_and_read() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let (status, body) = rig.sends("+91 90000-00000", "hello").await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(body["contacts"][0]["input"], "+91 90000-00000");
    assert_eq!(body["contacts"][0]["wa_id"], ASHA);
    rig.passes(Duration::from_secs(1)).await;
    let heard = rig.hears().await;
    let status = &heard["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!(status["id"], body["messages"][0]["id"]);
    assert_eq!(status["biz_opaque_callback_data"], "cb-hello");
    assert_eq!(status["pricing"]["pricing_model"], "PMP");
    rig.emulator.read_chat(ASHA).await;
    rig.passes(Duration::from_secs(1)).await;
    let told: Vec<_> = rig.statuses().into_iter().map(|(name, _)| name).collect();
    assert!(told.ends_with(&["read".to_owned()]), "{told:?}");
    assert_eq!(rig.emulator.sends_by_callback()["cb-hello"], 1);
}

#[tokio::test]
async fn outside_the_window_a_send_fails_later_and_a_template_does_not() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.passes(Duration::from_hours(24)).await;
    assert_eq!(rig.sends(ASHA, "late").await.unwrap().0, 200);
    let due = super::templates::creation("sip_due", "Your SIP is due.");
    rig.emulator.know_templates(&[due]).unwrap();
    let template = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
        "template": {"name": "sip_due", "language": {"code": "en"}}});
    assert_eq!(rig.posts(&template).await.unwrap().0, 200);
    rig.passes(Duration::from_secs(1)).await;
    let mut told = rig.statuses();
    told.sort();
    let sent = |name: &str| (name.to_owned(), None);
    let failed = ("failed".to_owned(), Some(131_047));
    assert_eq!(told, [sent("delivered"), failed, sent("sent")]);

    let strict = Options {
        refuse_outside_window: true,
        ..Options::default()
    };
    rig.emulator.set_options(strict);
    let (status, body) = rig.sends(ASHA, "late").await.unwrap();
    assert_eq!(
        (status, body["error"]["code"].as_i64()),
        (400, Some(131_047))
    );
}

#[tokio::test]
async fn a_thumb_or_news_of_a_number_opens_no_window_and_none_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let strict = Options {
        refuse_outside_window: true,
        ..Options::default()
    };
    let rig = Rig::start(builder().options(strict).persist(&file)).await;
    let wamid = rig.emulator.user_says(ASHA, "hi").await;
    rig.emulator.advance(Duration::from_hours(24));
    rig.emulator.user_reacts(ASHA, &wamid, "👍").await;
    let moved = json!({"type": "user_changed_number", "wa_id": ASHA, "body": "moved"});
    rig.emulator.user_sends(ASHA, "system", moved).await;
    let refused = rig.sends(ASHA, "late").await.unwrap();
    assert_eq!(super::templates::code(&refused), 131_047);
    rig.stops().await;
    let rig = Rig::start(builder().options(strict).persist(&file)).await;
    let refused = rig.sends(ASHA, "late").await.unwrap();
    assert_eq!(super::templates::code(&refused), 131_047);
    rig.emulator.user_says(ASHA, "back").await;
    assert_eq!(rig.sends(ASHA, "in time").await.unwrap().0, 200);
    rig.stops().await;
}

#[tokio::test]
async fn what_is_refused_was_not_accepted() {
    let rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    for (kind, fault, status, code) in [
        (
            FaultKind::RefuseSends,
            Fault::times(1).amount(131_031),
            403,
            Some(131_031),
        ),
        (
            FaultKind::ThrottleSends,
            Fault::times(1),
            400,
            Some(130_429),
        ),
        (FaultKind::ServerErrors, Fault::times(1), 503, Some(2)),
        (FaultKind::HtmlErrors, Fault::times(1), 502, None),
    ] {
        rig.emulator.set_fault(kind, fault);
        let (found, body) = rig.sends(ASHA, "x").await.unwrap();
        assert_eq!((found, body["error"]["code"].as_i64()), (status, code));
    }
    assert!(rig.emulator.accepted().is_empty());
    assert_eq!(rig.sends(ASHA, "x").await.unwrap().0, 200);
    assert_eq!(rig.sends("0000", "x").await.unwrap().0, 400);
    let stranger = rig.http.post(format!("{}/messages", rig.graph));
    let answer = stranger
        .bearer_auth("wrong")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(rig.emulator.accepted().len(), 1);
}

#[tokio::test]
async fn whoever_stopped_marketing_gets_none_until_they_allow_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let mut rig = Rig::start(builder().persist(&file)).await;
    let notice = super::templates::creation("notice", "Your SIP is due.");
    let mut offer = super::templates::creation("offer", "Look at what this chat does.");
    offer["category"] = "MARKETING".into();
    rig.emulator.know_templates(&[notice, offer]).unwrap();
    let template = |name: &str| {
        json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
            "template": {"name": name, "language": {"code": "en"}}})
    };
    let arrived = || vec![("delivered".to_owned(), None), ("sent".to_owned(), None)];
    let failed = || vec![("failed".to_owned(), Some(131_050))];
    assert!(rig.emulator.user_settles(ASHA, false).await);
    for (name, wanted) in [("offer", failed()), ("notice", arrived())] {
        assert_eq!(rig.posts(&template(name)).await.unwrap().0, 200);
        rig.passes(Duration::from_secs(1)).await;
        let mut told = rig.statuses();
        told.sort();
        assert_eq!(told, wanted, "{name}");
    }
    assert_eq!(rig.emulator.chat(ASHA)[0].failure, Some(131_050));
    rig.stops().await;

    let mut rig = Rig::start(builder().persist(&file)).await;
    for (is_allowed, wanted) in [(false, failed()), (true, arrived())] {
        if is_allowed {
            rig.emulator.user_settles(ASHA, true).await;
        }
        assert_eq!(rig.posts(&template("offer")).await.unwrap().0, 200);
        rig.passes(Duration::from_secs(1)).await;
        let mut told = rig.statuses();
        told.sort();
        assert_eq!(told, wanted, "also after a restart");
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_send_that_was_accepted_can_fail_later_with_any_code() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    for (fault, code) in [
        (Fault::times(1), 131_049),
        (Fault::times(1).amount(130_472), 130_472),
    ] {
        rig.emulator.set_fault(FaultKind::FailLater, fault);
        assert_eq!(rig.sends(ASHA, "x").await.unwrap().0, 200);
        rig.passes(Duration::from_secs(1)).await;
        assert_eq!(rig.statuses(), [("failed".to_owned(), Some(code))]);
    }
    assert_eq!(rig.sends(ASHA, "x").await.unwrap().0, 200);
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses().len(), 2);
    rig.stops().await;
}

#[tokio::test]
async fn a_dropped_send_was_accepted_and_is_told_so() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::AcceptThenDrop, Fault::times(1));
    let error = rig.sends(ASHA, "lost").await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert_eq!(rig.emulator.accepted().len(), 1);
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses().len(), 2);
}

#[tokio::test]
async fn a_hanging_send_was_accepted_or_not_as_was_asked() {
    let rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "text": {"body": "x"}});
    for (kind, accepted) in [
        (FaultKind::HangUnaccepted, 0),
        (FaultKind::AcceptThenHang, 1),
    ] {
        rig.emulator.set_fault(kind, Fault::times(1));
        let send = rig.http.post(format!("{}/messages", rig.graph)).json(&body);
        let send = send
            .bearer_auth("sandbox-access-token")
            .timeout(Duration::from_millis(100));
        assert!(send.send().await.unwrap_err().is_timeout());
        assert_eq!(rig.emulator.accepted().len(), accepted);
    }
}

#[tokio::test]
async fn late_statuses_come_late() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let late = Fault::times(1).amount(5_000);
    rig.emulator.set_fault(FaultKind::DelayStatuses, late);
    rig.sends(ASHA, "x").await.unwrap();
    rig.passes(Duration::from_secs(4)).await;
    assert_eq!(rig.statuses(), []);
    rig.passes(Duration::from_secs(2)).await;
    assert_eq!(rig.statuses().len(), 2);
}

#[tokio::test]
async fn a_status_can_come_before_the_response() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::StatusBeforeResponse, Fault::times(1).amount(500));
    let clock = rig.emulator.clock().clone();
    let graph = rig.graph.clone();
    let http = rig.http.clone();
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "text": {"body": "x"}});
    let send = tokio::spawn(async move {
        let request = http.post(format!("{graph}/messages")).json(&body);
        request.bearer_auth("sandbox-access-token").send().await
    });
    let heard = rig.hears().await;
    assert!(heard.to_string().contains("\"statuses\""));
    assert!(!send.is_finished());
    clock.advance(Duration::from_secs(1));
    assert_eq!(send.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn statuses_can_stay_away_in_part_or_whole() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::MissingStatuses, Fault::times(1));
    rig.sends(ASHA, "none").await.unwrap();
    rig.emulator
        .set_fault(FaultKind::MissingDelivered, Fault::times(1));
    rig.sends(ASHA, "some").await.unwrap();
    rig.passes(Duration::from_secs(5)).await;
    assert_eq!(rig.statuses(), [("sent".to_owned(), None)]);
}

#[tokio::test]
async fn a_message_can_be_told_as_delivered_and_as_failed() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::DeliveredAndFailed, Fault::times(1));
    rig.sends(ASHA, "x").await.unwrap();
    rig.passes(Duration::from_secs(1)).await;
    let mut told = rig.statuses();
    told.sort();
    let plain = |name: &str| (name.to_owned(), None);
    let failed = ("failed".to_owned(), Some(131_026));
    assert_eq!(told, [plain("delivered"), failed, plain("sent")]);
    assert_eq!(rig.emulator.chat(ASHA)[1].tick, Tick::Delivered);
}

#[tokio::test]
async fn the_price_is_told_with_sent_and_with_the_first_of_delivered_and_read() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let free = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service",
        "category": "service"});
    let none = Value::Null;
    for (is_withheld, with_delivery, with_read) in
        [(false, Some(&free), &none), (true, None, &free)]
    {
        let fault = Fault::times(u64::from(is_withheld));
        rig.emulator.set_fault(FaultKind::MissingDelivered, fault);
        rig.sends(ASHA, "x").await.unwrap();
        rig.passes(Duration::from_secs(1)).await;
        rig.emulator.read_chat(ASHA).await;
        rig.passes(Duration::from_secs(1)).await;
        let told = rig.prices();
        let mut wanted = vec![(json!("sent"), free.clone())];
        wanted.extend(with_delivery.map(|price| (json!("delivered"), price.clone())));
        wanted.push((json!("read"), with_read.clone()));
        assert_eq!(told, wanted);
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_utility_template_costs_nothing_while_the_window_is_open_before_october() {
    let mut rig = Rig::start(builder()).await;
    let due = super::templates::creation("sip_due", "Your SIP is due.");
    rig.emulator.know_templates(&[due]).unwrap();
    let template = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
        "template": {"name": "sip_due", "language": {"code": "en"}}});
    for (writes_first, billable, kind) in [
        (false, true, "regular"),
        (true, false, "free_customer_service"),
    ] {
        if writes_first {
            rig.emulator.say(ASHA, "hi");
            rig.hears().await;
        }
        assert_eq!(rig.posts(&template).await.unwrap().0, 200);
        rig.passes(Duration::from_secs(1)).await;
        for (_, price) in rig.prices() {
            assert_eq!(price["category"], "utility");
            assert_eq!(
                (&price["billable"], &price["type"]),
                (&json!(billable), &json!(kind))
            );
        }
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_read_receipt_reaches_the_phone_and_shows_typing() {
    let mut rig = Rig::start(builder()).await;
    let wamid = rig.emulator.user_says(ASHA, "hi").await;
    rig.hears().await;
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid,
        "typing_indicator": {"type": "text"}});
    let (status, body) = rig.posts(&receipt).await.unwrap();
    assert_eq!((status, body), (200, json!({"success": true})));
    assert_eq!(rig.emulator.chat(ASHA)[0].tick, Tick::Read);
}

#[tokio::test]
async fn somebody_without_a_phone_is_reached_by_user_id() {
    let kabir = Person::without_phone("IN.2081978709342942", "Kabir");
    let rig = Rig::start(builder().people(vec![kabir])).await;
    rig.emulator.say("IN.2081978709342942", "hi");
    let body = json!({"messaging_product": "whatsapp", "recipient": "IN.2081978709342942",
        "text": {"body": "hello"}});
    let (status, answer) = rig.posts(&body).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["contacts"][0]["user_id"], "IN.2081978709342942");
    assert!(answer["contacts"][0].get("wa_id").is_none());
    assert_eq!(rig.emulator.chat("IN.2081978709342942").len(), 2);
}

#[tokio::test]
async fn a_one_time_code_goes_to_a_number_and_to_no_user_id() {
    let kabir = Person::without_phone("IN.2081978709342942", "Kabir");
    let asha = Person::with_phone(ASHA, "Asha");
    let by_id = asha.user_id.clone();
    let rig = Rig::start(builder().people(vec![kabir, asha])).await;
    let code_template = json!({"name": "code", "language": "en", "category": "AUTHENTICATION",
        "components": [{"type": "BODY", "add_security_recommendation": true},
            {"type": "BUTTONS", "buttons": [
                {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}]}]});
    rig.emulator.know_templates(&[code_template]).unwrap();
    let sends = |to: Value| {
        let mut body = json!({"messaging_product": "whatsapp", "type": "template",
            "template": {"name": "code", "language": {"code": "en"}, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "A1B2C3"}]},
                {"type": "button", "sub_type": "url", "index": "0",
                 "parameters": [{"type": "text", "text": "A1B2C3"}]}]}});
        let (all, to) = (body.as_object_mut().unwrap(), to);
        all.extend(to.as_object().unwrap().clone());
        body
    };
    for id in ["IN.2081978709342942", &by_id] {
        let refused = rig.posts(&sends(json!({"recipient": id}))).await.unwrap();
        assert_eq!(super::templates::code(&refused), 131_062, "{refused:?}");
    }
    // If both are given, the number wins.
    for to in [json!({"to": ASHA}), json!({"to": ASHA, "recipient": by_id})] {
        assert_eq!(rig.posts(&sends(to)).await.unwrap().0, 200);
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_doctor_sees_the_number() {
    let rig = Rig::start(builder()).await;
    let ask = rig.http.get(format!("{}?fields=verified_name", rig.graph));
    let answer = ask
        .bearer_auth("sandbox-access-token")
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        body,
        json!({"id": "106540352242922", "verified_name": "SIP Brewery"})
    );
}
