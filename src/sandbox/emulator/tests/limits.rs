//! How fast a number may send, to how many, and how much marketing.

use super::*;

const RAVI: &str = "919000000001";

impl Rig {
    /// Sends a template; returns the code by which it failed later.
    async fn sends_notice(&mut self, to: &str, name: &str) -> Option<i64> {
        let body = json!({"messaging_product": "whatsapp", "to": to, "type": "template",
            "template": {"name": name, "language": {"code": "en"}}});
        assert_eq!(self.posts(&body).await.unwrap().0, 200);
        self.passes(Duration::from_secs(1)).await;
        self.statuses().into_iter().find_map(|(_, code)| code)
    }

    /// Gives the account a notice, `due`, and an advertisement, `new`.
    fn has_templates(&self) {
        let due = super::templates::creation("due", "Your SIP is due.");
        let mut new = super::templates::creation("new", "A fund is new.");
        new["category"] = "MARKETING".into();
        self.emulator.know_templates(&[due, new]).unwrap();
    }
}

#[tokio::test]
async fn limits_are_kept_when_they_are_switched_on() {
    let rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.emulator.set_options(Options {
        throughput: Some(2),
        ..Options::default()
    });
    let mut codes = Vec::new();
    for _ in 0..3 {
        let (_, body) = rig.sends(ASHA, "x").await.unwrap();
        codes.push(body["error"]["code"].as_i64());
    }
    assert_eq!(codes, [None, None, Some(130_429)]);
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.sends(ASHA, "x").await.unwrap().0, 200);
}

#[tokio::test]
async fn beyond_the_messaging_limit_only_those_in_their_window_are_reached() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.add_person(Person::with_phone(RAVI, "Ravi"));
    rig.has_templates();
    rig.emulator.set_options(Options {
        messaging_limit: Some(1),
        ..Options::default()
    });
    let field = "106540352242922?fields=whatsapp_business_manager_messaging_limit";
    let (_, shown) = rig.asks(rig.http.get(rig.address(field))).await;
    let tier = &shown["whatsapp_business_manager_messaging_limit"];
    assert_eq!(tier, "TIER_250");
    assert_eq!(rig.sends_notice(ASHA, "due").await, None);
    assert_eq!(rig.sends_notice(RAVI, "due").await, Some(131_048));
    assert_eq!(rig.sends_notice(ASHA, "due").await, None, "counted already");
    rig.emulator.say(RAVI, "hi");
    assert_eq!(rig.sends_notice(RAVI, "due").await, None);
    rig.passes(Duration::from_hours(24)).await;
    assert_eq!(rig.sends_notice(RAVI, "due").await, None, "a day later");
    assert_eq!(rig.sends_notice(ASHA, "due").await, Some(131_048));
    rig.stops().await;
}

#[tokio::test]
async fn somebody_gets_so_much_marketing_a_day_and_more_only_in_their_window() {
    let mut rig = Rig::start(builder()).await;
    rig.has_templates();
    rig.emulator.set_options(Options {
        marketing_cap: Some(1),
        ..Options::default()
    });
    assert_eq!(rig.sends_notice(ASHA, "new").await, None);
    assert_eq!(rig.sends_notice(ASHA, "new").await, Some(131_049));
    assert_eq!(rig.sends_notice(ASHA, "due").await, None, "no marketing");
    rig.emulator.say(ASHA, "hi");
    assert_eq!(rig.sends_notice(ASHA, "new").await, None);
    rig.passes(Duration::from_hours(24)).await;
    assert_eq!(rig.sends_notice(ASHA, "new").await, None, "a day later");
    assert_eq!(rig.sends_notice(ASHA, "new").await, Some(131_049));
    rig.stops().await;
}

#[tokio::test]
async fn messages_of_a_new_template_are_held_until_it_is_known_what_people_think() {
    let folder = tempfile::tempdir().unwrap();
    let paced = Options {
        template_pacing: Some(1),
        ..Options::default()
    };
    for (score, wanted) in [
        ("GREEN", vec![("delivered", None), ("sent", None)]),
        ("RED", vec![("failed", Some(132_015))]),
    ] {
        let name = score.to_lowercase();
        let file = folder.path().join(&name);
        let mut rig = Rig::start(builder().options(paced).persist(&file)).await;
        let mut new = super::templates::creation(&name, &format!("A fund is new: {name}."));
        new["category"] = "MARKETING".into();
        rig.emulator.know_templates(&[new]).unwrap();
        let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
            "biz_opaque_callback_data": "second",
            "template": {"name": name, "language": {"code": "en"}}});
        for status in ["accepted", "held_for_quality_assessment"] {
            let (_, answer) = rig.posts(&body).await.unwrap();
            assert_eq!(answer["messages"][0]["message_status"], status);
        }
        rig.passes(Duration::from_secs(1)).await;
        assert_eq!(rig.statuses().len(), 2, "of the first only");
        let shown = rig.emulator.chat(ASHA).len();
        rig.stops().await;

        let mut rig = Rig::start(builder().options(paced).persist(&file)).await;
        let deed = TemplateDeed::Quality {
            score: score.to_owned(),
        };
        assert!(rig.emulator.treat_template(&name, "en", &deed));
        assert!(rig.emulator.saved().await);
        rig.passes(Duration::from_secs(1)).await;
        let mut told = rig.told();
        told.sort_by_key(|status| status["status"].to_string());
        let seen: Vec<_> = told
            .iter()
            .map(|one| {
                (
                    one["status"].as_str().unwrap(),
                    one["errors"][0]["code"].as_i64(),
                )
            })
            .collect();
        assert_eq!(seen, wanted, "also after a restart");
        assert_eq!(told[0]["biz_opaque_callback_data"], "second");
        assert_eq!(rig.emulator.chat(ASHA).len(), shown + 1);
        let again = rig.posts(&body).await.unwrap();
        let code = again.1["error"]["code"].as_i64();
        assert_eq!(code, (score == "RED").then_some(132_015), "it is paused");
        let lifts = TemplateDeed::Unpause;
        assert!(rig.emulator.treat_template(&name, "en", &lifts));
        assert_eq!(rig.posts(&body).await.unwrap().0, 200);
        rig.stops().await;
    }
}

#[tokio::test]
async fn messages_held_for_a_template_fail_when_it_is_deleted() {
    let mut rig = Rig::start(builder()).await;
    rig.has_templates();
    rig.emulator.set_options(Options {
        template_pacing: Some(1),
        ..Options::default()
    });
    assert_eq!(rig.sends_notice(ASHA, "new").await, None);
    assert_eq!(rig.sends_notice(ASHA, "new").await, None, "it is held");
    rig.emulator.delete_template("new", None).unwrap();
    rig.passes(Duration::from_secs(1)).await;
    let codes: Vec<_> = rig.statuses().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [Some(132_015)]);
    rig.stops().await;
}

#[tokio::test]
async fn no_more_of_a_template_go_out_after_a_restart_while_earlier_messages_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator");
    let options = Options {
        template_pacing: Some(1),
        ..Options::default()
    };
    let starts = || Rig::start(builder().options(options).persist(&file));
    let mut rig = starts().await;
    rig.has_templates();
    for _ in 0..2 {
        assert_eq!(rig.sends_notice(ASHA, "new").await, None);
        assert_eq!(rig.emulator.chat(ASHA).len(), 1, "only the first goes out");
    }
    rig.stops().await;
    let mut rig = starts().await;
    assert_eq!(rig.sends_notice(ASHA, "new").await, None);
    assert_eq!(rig.emulator.chat(ASHA).len(), 1, "held like the one before");
    rig.stops().await;
}
