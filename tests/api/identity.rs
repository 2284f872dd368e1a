//! Who is who: two names of one person, and one number of two.

use crate::harness::Line;
use crate::harness::line::now;
use crate::harness::network::NUMBER;

const ASHA: &str = "919000000000";

/// Delivers "hi" from somebody known by either name, or both.
async fn hi(line: &Line, wamid: &str, phone: Option<&str>, user: Option<&str>) {
    let value = serde_json::json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": phone, "user_id": user}],
        "messages": [{"from": phone, "from_user_id": user, "id": wamid,
                      "timestamp": now(line).to_string(), "type": "text", "text": {"body": "hi"}}],
    });
    let body = serde_json::json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}],
    });
    line.inbox.take(body.to_string().as_bytes()).await;
}

#[tokio::test]
async fn a_stop_and_a_persons_hold_survive_that_two_contacts_turn_out_to_be_one() {
    let line = Line::start().await;
    hi(&line, "wamid.1", None, Some("IN.1")).await;
    line.channel.made(1).await;
    line.leave("update contacts set marketing = 'opted_out', owner = 'human'")
        .await;
    hi(&line, "wamid.2", Some(ASHA), None).await;
    line.channel.made(2).await;
    hi(&line, "wamid.3", Some(ASHA), Some("IN.1")).await;
    line.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    line.stop().await;
    assert_eq!(
        line.scalar(
            "select count(*) from contacts c where c.marketing = 'opted_out' and c.owner = 'human'
                and (select count(*) from identities i where i.contact_id = c.id) = 2"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_number_that_changed_hands_leads_to_somebody_new_and_is_shown_to_a_person() {
    let line = Line::start().await;
    hi(&line, "wamid.1", Some(ASHA), Some("IN.1")).await;
    line.channel.made(1).await;
    hi(&line, "wamid.2", Some(ASHA), Some("IN.2")).await;
    line.channel.made(2).await;
    hi(&line, "wamid.3", Some(ASHA), None).await;
    line.channel.made(3).await;
    line.stop().await;
    assert_eq!(line.scalar("select count(*) from contacts").await, 2);
    assert_eq!(
        line.scalar(
            "select count(*) from inbox where contact_id = (select contact_id from inbox order by id limit 1)"
        )
        .await,
        1
    );
    assert_eq!(
        line.scalar("select count(*) from attention where kind = 'number_moved'")
            .await,
        1
    );
}
