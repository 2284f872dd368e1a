//! What is answered to a send: cut off, or with another number.

use super::*;

#[tokio::test]
async fn an_answer_can_be_cut_off_in_the_middle_and_the_send_was_accepted() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::CutAnswers, Fault::times(1));
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "text": {"body": "x"}});
    let send = rig.http.post(format!("{}/messages", rig.graph)).json(&body);
    let answer = send.bearer_auth("sandbox-access-token").send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "its head arrives");
    assert!(answer.bytes().await.is_err(), "its body does not");
    assert_eq!(rig.emulator.accepted().len(), 1);
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses().len(), 2);
    assert_eq!(rig.sends(ASHA, "y").await.unwrap().0, 200);
    rig.stops().await;
}

#[tokio::test]
async fn somebody_is_reached_however_their_number_is_written_and_called_as_meta_writes_it() {
    let joao = Person::with_phone("551187654321", "João");
    let mut rig = Rig::start(builder().people(vec![joao])).await;
    rig.emulator.wrote("551187654321");
    let (_, body) = rig.sends("+55 11 98765-4321", "oi").await.unwrap();
    assert_eq!(body["contacts"][0]["input"], "+55 11 98765-4321");
    assert_eq!(body["contacts"][0]["wa_id"], "551187654321");
    rig.passes(Duration::from_secs(1)).await;
    for told in rig.told() {
        assert_eq!(told["recipient_id"], "551187654321");
    }
    assert_eq!(rig.emulator.chat("551187654321").len(), 1);
    rig.stops().await;
}

#[tokio::test]
async fn an_answer_can_name_another_number_which_reaches_the_same_person() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    rig.emulator
        .set_fault(FaultKind::OtherNumbers, Fault::times(1));
    let (_, body) = rig.sends(ASHA, "one").await.unwrap();
    let contact = &body["contacts"][0];
    assert_eq!(contact["input"], ASHA);
    let other = contact["wa_id"].as_str().unwrap().to_owned();
    assert_ne!(other, ASHA);
    rig.passes(Duration::from_secs(1)).await;
    let told = rig.told();
    assert_eq!(told.len(), 2);
    for status in told {
        assert_eq!(status["recipient_id"], other.as_str());
    }
    assert_eq!(rig.sends(&other, "two").await.unwrap().0, 200);
    rig.passes(Duration::from_secs(1)).await;
    assert!(rig.told().iter().all(|told| told["recipient_id"] == ASHA));
    assert_eq!(rig.emulator.chat(ASHA).len(), 3);
    rig.stops().await;
}
