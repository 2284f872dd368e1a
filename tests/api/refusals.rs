//! What Meta refuses because somebody stopped marketing in WhatsApp ends marketing to them,
//! whenever and about whomever it is told.

use sqlx::{AnyConnection, Connection as _};

use crate::harness::line::{morning, now};
use crate::harness::webhook::status;
use crate::harness::{Fate, Line};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";

/// Who agreed to marketing, and has not stopped it since.
const AGREED: &str = "select count(*) from contacts
    where merged_into is null and marketing = 'opted_in'
      and coalesce(marketing_stopped_at, 0) < marketing_at";
const ACCEPTED: &str =
    "select count(*) from outbox where lane = 'marketing' and state = 'accepted'";
const WITHHELD: &str = "select count(*) from outbox
    where state = 'cancelled' and reason = 'no_marketing_consent'";

/// Returns a status webhook of a message that was refused because they stopped marketing.
fn stopped(wamid: &str, at: i64) -> Vec<u8> {
    let mut body: serde_json::Value =
        serde_json::from_slice(&status(wamid, "failed", None, at)).expect("plain data");
    let status = "/entry/0/changes/0/value/statuses/0";
    let status = body.pointer_mut(status).expect("a status");
    status["errors"] = serde_json::json!([{"code": 131_050, "title": "Stopped marketing"}]);
    serde_json::to_vec(&body).expect("plain data")
}

#[tokio::test]
async fn whom_meta_refuses_marketing_to_gets_none_until_they_ask_for_it_again() {
    let line = Line::at(morning()).await;
    let at = now(&line);
    let ended = "select count(*) from contacts
                  where marketing_stopped_at >= coalesce(marketing_at, 0)";
    for (who, wamid) in [(ASHA, "wamid.1"), (RAVI, "wamid.2")] {
        line.text(who, wamid, at, "join").await;
    }
    line.channel.made(2).await;
    // One is refused at once, the other by a status of later.
    line.channel.fate("an offer", Fate::Stopped);
    line.offer(ASHA, "an offer").await;
    line.until(ended, 1).await;
    line.offer(RAVI, "a second").await;
    line.until(ACCEPTED, 1).await;
    line.deliver(&stopped("wamid.out.4", at + 5)).await;
    line.until(ended, 2).await;
    assert_eq!(
        line.scalar("select count(*) from consents where given = 0 and source like 'whatsapp%'")
            .await,
        2
    );
    line.offer(ASHA, "a third").await;
    line.offer(RAVI, "a third").await;
    line.until(WITHHELD, 2).await;
    line.text(RAVI, "wamid.3", at + 30, "join").await;
    line.until(ended, 1).await;
    line.offer(RAVI, "a fourth").await;
    line.channel.made(6).await;
    line.stop().await;
    assert_eq!(
        line.channel.texts(),
        ["join", "join", "an offer", "a second", "join", "a fourth"]
    );
}

#[tokio::test]
async fn a_refusal_of_marketing_still_counts_once_two_contacts_turn_out_to_be_one() {
    let line = Line::at(morning()).await;
    line.says((Some(ASHA), None), "wamid.1", "join").await;
    line.says((None, Some("IN.1")), "wamid.2", "join").await;
    line.channel.made(2).await;
    line.until(AGREED, 2).await;
    line.channel.fate("an offer", Fate::Stopped);
    line.offer("IN.1", "an offer").await;
    line.until(AGREED, 1).await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.3", "hello")
        .await;
    line.channel.made(4).await;
    assert_eq!(
        line.scalar("select count(*) from contacts where merged_into is null")
            .await,
        1
    );
    assert_eq!(line.scalar(AGREED).await, 0);
    line.offer(ASHA, "another").await;
    line.until(WITHHELD, 1).await;
    line.stop().await;
}

#[tokio::test]
async fn a_refusal_that_is_told_before_its_message_is_known_counts_once_it_is() {
    let line = Line::at(morning()).await;
    line.says((Some(ASHA), None), "wamid.1", "join").await;
    line.channel.made(1).await;
    line.until(AGREED, 1).await;
    line.channel.fate("an offer", Fate::Hold);
    line.offer(ASHA, "an offer").await;
    line.channel.made(2).await;
    line.deliver(&stopped("wamid.out.2", now(&line) + 5)).await;
    assert_eq!(
        line.scalar("select count(*) from early_statuses").await,
        1,
        "whose message it is, nobody knows yet"
    );
    assert_eq!(line.scalar(AGREED).await, 1);
    line.channel.release();
    line.until(AGREED, 0).await;
    line.offer(ASHA, "another").await;
    line.until(WITHHELD, 1).await;
    line.stop().await;
}

#[tokio::test]
async fn a_refusal_about_somebody_who_proved_to_be_another_counts_for_who_they_are() {
    let line = Line::at(morning()).await;
    line.says((Some(ASHA), None), "wamid.1", "join").await;
    line.says((None, Some("IN.1")), "wamid.2", "join").await;
    line.channel.made(2).await;
    line.until(AGREED, 2).await;
    line.offer("IN.1", "an offer").await;
    line.until(ACCEPTED, 1).await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.3", "hello")
        .await;
    line.channel.made(4).await;
    let merged = "select count(*) from outbox o join contacts c on c.id = o.contact_id
                   where o.lane = 'marketing' and c.merged_into is not null";
    assert_eq!(line.scalar(merged).await, 1);
    assert_eq!(line.scalar(AGREED).await, 1);
    line.deliver(&stopped("wamid.out.3", now(&line) + 5)).await;
    assert_eq!(line.scalar(AGREED).await, 0);
    line.offer(ASHA, "another").await;
    line.until(WITHHELD, 1).await;
    // What they ask for after it is theirs to ask, by either name.
    line.says((None, Some("IN.1")), "wamid.4", "join").await;
    line.until(AGREED, 1).await;
    line.offer(ASHA, "a third").await;
    line.channel.made(6).await;
    line.stop().await;
}

/// Where there is one writer, nobody waits.
#[tokio::test]
async fn a_refusal_takes_whom_it_is_about_before_the_message() {
    let line = Line::at(morning()).await;
    if !line.database.is_postgres() {
        return line.stop().await;
    }
    line.says((Some(ASHA), None), "wamid.1", "join").await;
    line.channel.made(1).await;
    line.until(AGREED, 1).await;
    line.offer(ASHA, "an offer").await;
    line.until(ACCEPTED, 1).await;
    sipbrewery::storage::install_drivers();
    let mut other = AnyConnection::connect(line.database.url()).await.unwrap();
    let mut held = other.begin().await.unwrap();
    sqlx::query("select id from contacts for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let body = stopped("wamid.out.2", now(&line) + 5);
    let looking = async {
        line.until(
            "select count(*) from (
                 select 1 from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock' limit 1) w",
            1,
        )
        .await;
        let free = sqlx::query("select id from outbox for update nowait");
        let free = free.fetch_all(&mut *held).await;
        assert_eq!(free.expect("it waits and holds no message").len(), 2);
        held.rollback().await.unwrap();
    };
    tokio::join!(line.deliver(&body), looking);
    assert_eq!(line.scalar(AGREED).await, 0);
    line.stop().await;
}
