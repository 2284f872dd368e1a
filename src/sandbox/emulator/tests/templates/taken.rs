//! Words and names that another template has, or had.

use super::*;

#[tokio::test]
async fn the_words_of_another_template_are_rejected_in_the_review() {
    let rig = Rig::start(builder()).await;
    let says = |name: &str, language: &str, footer: &str| {
        let mut one = creation(name, "It is known.");
        one["language"] = language.into();
        let footer = json!({"type": "FOOTER", "text": footer});
        one["components"].as_array_mut().unwrap().push(footer);
        one
    };
    for (one, expected) in [
        (says("first", "en", "Ours"), "APPROVED"),
        (says("copy", "en", "Ours"), "REJECTED"),
        (says("closing", "en", "Yours"), "APPROVED"),
        (says("first", "hi", "Ours"), "APPROVED"),
    ] {
        let (_, made) = rig.creates(&one).await;
        assert_eq!(made["status"], expected, "{one}");
    }
    rig.stops().await;
}

#[tokio::test]
async fn the_name_of_a_deleted_template_stays_taken_for_thirty_days_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let known = creation("known", "It is known.");
    let path = "102290129340398/message_templates?name=known";
    let rig = Rig::start(builder().persist(&file)).await;
    assert_eq!(rig.creates(&known).await.0, 200);
    let deleted = rig.asks(rig.http.delete(rig.address(path))).await;
    assert_eq!(deleted.0, 200);
    assert!(rig.emulator.templates().is_empty());
    let (_, refused) = rig.creates(&known).await;
    assert_eq!(refused["error"]["error_subcode"], 2_388_023);
    rig.emulator.advance(Duration::from_hours(29 * 24));
    rig.stops().await;

    let rig = Rig::start(builder().persist(&file)).await;
    assert!(rig.emulator.templates().is_empty());
    assert_eq!(code(&rig.creates(&known).await), 100);
    rig.emulator.advance(Duration::from_hours(24));
    assert_eq!(rig.creates(&known).await.0, 200);
    assert_eq!(rig.emulator.forget_template("known"), 1);
    assert_eq!(rig.creates(&known).await.0, 200);
    rig.stops().await;
}
