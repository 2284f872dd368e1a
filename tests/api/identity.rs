//! Who is who: two names of one person, and one number of two.

use serde_json::{Value, json};
use sipbrewery::contacts::store::{self, Split};
use sipbrewery::id::AttentionId;
use sipbrewery::pipeline::way_back::{self, Found, PutBack};
use sipbrewery::whatsapp::Recipient;

use crate::harness::line::now;
use crate::harness::network::NUMBER;
use crate::harness::{Fate, Line};

const ASHA: &str = "919000000000";
const NEW: &str = "919800000009";
const NEWER: &str = "919000000098";

/// Lets a second pass by Meta's clock, which counts no less.
fn later(line: &Line) {
    line.ground.clock.advance(std::time::Duration::from_secs(1));
}

#[tokio::test]
async fn a_stop_and_a_persons_hold_survive_that_two_contacts_turn_out_to_be_one() {
    let line = Line::start().await;
    line.says((None, Some("IN.1")), "wamid.1", "hi").await;
    line.channel.made(1).await;
    line.leave("update contacts set marketing = 'opted_out', owner = 'human'")
        .await;
    line.says((Some(ASHA), None), "wamid.2", "hi").await;
    line.channel.made(2).await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.3", "hi").await;
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
    line.says((Some(ASHA), Some("IN.1")), "wamid.1", "hi").await;
    line.channel.made(1).await;
    line.says((Some(ASHA), Some("IN.2")), "wamid.2", "hi").await;
    line.channel.made(2).await;
    line.says((Some(ASHA), None), "wamid.3", "hi").await;
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

/// Meta says that a message of ours was delivered to somebody of these names.
async fn reached(line: &Line, (phone, user): (&str, &str)) {
    later(line);
    let mut conn = line.ground.db.read().await.unwrap();
    let id: String = sqlx::query_scalar("select id from outbox order by id limit 1")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    drop(conn);
    let value = json!({
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "statuses": [{"id": "wamid.out.1", "status": "delivered", "recipient_id": phone,
            "recipient_user_id": user, "timestamp": now(line).to_string(),
            "biz_opaque_callback_data": format!("{id}.1")}],
    });
    deliver_change(line, &json!({"field": "messages", "value": value})).await;
}

#[tokio::test]
async fn whoever_a_message_reached_is_the_same_person_under_their_user_id_alone() {
    let line = Line::start().await;
    line.says((Some(ASHA), None), "wamid.1", "hi").await;
    line.channel.made(1).await;
    reached(&line, (ASHA, "IN.1")).await;
    later(&line);
    line.says((None, Some("IN.1")), "wamid.2", "hi").await;
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);
    assert_eq!(line.scalar("select count(*) from identities").await, 2);
    assert_eq!(with(&line, "IN.1").await, 2);
}

#[tokio::test]
async fn a_status_makes_nobody_who_is_not_known() {
    let line = Line::start().await;
    line.says((Some(ASHA), None), "wamid.1", "hi").await;
    line.channel.made(1).await;
    reached(&line, (NEW, "IN.9")).await;
    line.until("select count(*) from outbox where state = 'delivered'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);
    assert_eq!(line.scalar("select count(*) from identities").await, 1);
}

fn said(line: &Line, wamid: &str, from: &str, body: &str) -> Value {
    later(line);
    json!({"from": from, "id": wamid, "timestamp": now(line).to_string(),
           "type": "text", "text": {"body": body}})
}

fn number_changed(line: &Line, from: &str, to: &str) -> Value {
    later(line);
    json!({"from": from, "id": "wamid.system", "timestamp": now(line).to_string(), "type": "system",
           "system": {"type": "user_changed_number", "wa_id": to, "body": "User changed"}})
}

async fn deliver(line: &Line, messages: &[Value]) {
    let value = json!({
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "messages": messages,
    });
    deliver_change(line, &json!({"field": "messages", "value": value})).await;
}

async fn deliver_change(line: &Line, change: &Value) {
    let body = json!({"entry": [{"id": "2", "time": 5, "changes": [change]}]});
    line.deliver(body.to_string().as_bytes()).await;
}

/// What was said to whom, in the order of the calls.
fn numbers(line: &Line) -> Vec<String> {
    let number = |call: sipbrewery::pipeline::Call| match call.to {
        Recipient::Phone(number) | Recipient::UserId(number) => number,
    };
    line.channel.calls().into_iter().map(number).collect()
}

#[tokio::test]
async fn somebody_who_changes_their_number_goes_on_under_the_new_one_and_trust_does_not() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "join")]).await;
    line.channel.made(1).await;
    line.until(
        "select count(*) from contacts where marketing = 'opted_in'",
        1,
    )
    .await;
    // All in one webhook: before it, the change, under the new number, under the old one.
    deliver(
        &line,
        &[
            said(&line, "wamid.2", ASHA, "before"),
            number_changed(&line, ASHA, NEW),
            said(&line, "wamid.3", NEW, "after"),
            said(&line, "wamid.4", ASHA, "somebody else"),
        ],
    )
    .await;
    line.channel.made(4).await;
    line.stop().await;
    assert_eq!(line.scalar("select count(*) from contacts").await, 2);
    assert_eq!(
        line.scalar(
            "select count(*) from inbox where kind = 'message'
                and contact_id = (select contact_id from inbox order by id limit 1)"
        )
        .await,
        3
    );
    let said: Vec<_> = line
        .channel
        .texts()
        .into_iter()
        .zip(numbers(&line))
        .collect();
    for (text, number) in [
        ("join", ASHA),
        ("after", NEW),
        // Whoever wrote, the answer goes to where they are now.
        ("before", NEW),
        ("somebody else", ASHA),
    ] {
        assert!(
            said.contains(&(text.to_owned(), number.to_owned())),
            "{said:?}"
        );
    }
    assert_eq!(
        line.scalar(
            "select count(*) from contacts where unverified_since is not null and marketing = 'not_asked'"
        )
        .await,
        1
    );
    let open = way_back::attention(&line.ground.db, false).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].kind, "number_changed");
    let id = open[0].id.parse().unwrap();
    let verified = Found {
        verified: true,
        outcome: None,
    };
    let done = way_back::resolve(&line.ground, id, verified.clone(), "operator").await;
    assert!(matches!(done.unwrap(), PutBack::Done(_)));
    assert_eq!(
        line.scalar("select count(*) from contacts where unverified_since is not null")
            .await,
        0
    );
    let again = way_back::resolve(&line.ground, id, verified, "operator").await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
}

#[tokio::test]
async fn a_stop_and_the_conversation_move_with_the_number() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    line.channel.made(1).await;
    line.leave("update contacts set marketing = 'opted_out', owner = 'human'")
        .await;
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    deliver(&line, &[said(&line, "wamid.2", NEW, "still me")]).await;
    line.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    line.stop().await;
    assert_eq!(
        line.scalar("select count(*) from contacts where marketing = 'opted_out'")
            .await,
        1
    );
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);
    assert_eq!(line.scalar("select count(*) from attention").await, 1);
}

#[tokio::test]
async fn a_number_that_somebody_else_writes_from_is_not_given_away() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    deliver(&line, &[said(&line, "wamid.2", NEW, "hello")]).await;
    line.channel.made(2).await;
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    deliver(&line, &[said(&line, "wamid.3", NEW, "again")]).await;
    line.channel.made(3).await;
    line.stop().await;
    // The one goes on as they were, the other has no name left that anybody could use.
    assert_eq!(
        line.scalar(
            "select count(*) from inbox where kind = 'message' and contact_id =
                (select contact_id from inbox where id = (select max(id) from inbox))"
        )
        .await,
        2
    );
    assert_eq!(line.scalar("select count(*) from identities").await, 1);
    let open = way_back::attention(&line.ground.db, false).await.unwrap();
    assert!(
        open[0].detail.contains("already writes as con_"),
        "{open:?}"
    );
}

#[tokio::test]
async fn a_new_user_id_is_the_same_person_and_only_a_new_number_is_doubted() {
    let line = Line::start().await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.1", "hi").await;
    line.channel.made(1).await;
    let update = |wa_id: Option<&str>, previous: &str, current: &str| {
        json!({"field": "user_id_update", "value": {"user_id_update": [
            {"wa_id": wa_id, "detail": "d", "timestamp": 1_787_545_800,
             "user_id": {"previous": previous, "current": current}}]}})
    };
    deliver_change(&line, &update(Some(ASHA), "IN.1", "IN.2")).await;
    line.says((None, Some("IN.2")), "wamid.2", "hi").await;
    line.channel.made(2).await;
    let doubted = "select count(*) from contacts where unverified_since is not null";
    assert_eq!(line.scalar(doubted).await, 0);
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);

    // A number and a user id change together, told in either order.
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    line.says((Some(NEW), Some("IN.3")), "wamid.3", "hi").await;
    deliver_change(&line, &update(Some(NEW), "IN.2", "IN.3")).await;
    line.says((None, Some("IN.3")), "wamid.4", "hi").await;
    line.channel.made(4).await;
    line.stop().await;
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);
    assert_eq!(line.scalar(doubted).await, 1);
    assert_eq!(line.scalar("select count(*) from identities").await, 2);
}

/// Returns how many messages are with the contact that a name is of.
async fn with(line: &Line, name: &str) -> i64 {
    let contact = line.contact(name).await;
    let mut conn = line.ground.db.read().await.unwrap();
    sqlx::query_scalar("select count(*) from inbox where kind = 'message' and contact_id = $1")
        .bind(contact.to_string())
        .fetch_one(&mut *conn)
        .await
        .unwrap()
}

async fn splits(line: &Line, name: &'static str) -> Split {
    let input = line.ground.clone();
    let done = line.ground.db.write(input, move |conn, ground| {
        Box::pin(async move {
            let now = ground.clock.now();
            let tools = (&ground.keys, &ground.ids);
            store::split(conn, tools, name, "operator", now).await
        })
    });
    done.await.unwrap()
}

#[tokio::test]
async fn a_message_from_before_a_number_changed_is_theirs_however_late_it_comes() {
    let line = Line::start().await;
    let before = said(&line, "wamid.1", ASHA, "before");
    let changed = number_changed(&line, ASHA, NEW);
    let somebody_else = said(&line, "wamid.2", ASHA, "somebody else");
    let after = said(&line, "wamid.3", NEW, "after");
    for message in [somebody_else, after, changed, before] {
        deliver(&line, &[message]).await;
    }
    line.channel.made(3).await;
    line.stop().await;
    assert_eq!(with(&line, NEW).await, 2);
    assert_eq!(with(&line, ASHA).await, 1);
    let doubted = "select count(*) from contacts where unverified_since is not null";
    assert_eq!(line.scalar(doubted).await, 1);
}

#[tokio::test]
async fn a_message_from_before_a_number_changed_hands_is_of_whoever_had_it_then() {
    let line = Line::start().await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.1", "hi").await;
    let late = said(&line, "wamid.2", ASHA, "late");
    line.says((Some(ASHA), Some("IN.2")), "wamid.3", "hi").await;
    line.channel.made(2).await;
    deliver(&line, &[late]).await;
    line.channel.made(3).await;
    line.stop().await;
    assert_eq!(with(&line, "IN.1").await, 2);
    assert_eq!(with(&line, "IN.2").await, 1);
}

#[tokio::test]
async fn what_was_agreed_to_before_a_number_changed_is_no_agreement_when_it_comes_late() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    line.channel.made(1).await;
    let before = said(&line, "wamid.2", ASHA, "join");
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    deliver(&line, &[before]).await;
    line.channel.made(2).await;
    let agreed = "select count(*) from contacts where marketing = 'opted_in'";
    assert_eq!(line.scalar(agreed).await, 0);
    // Whoever writes from there now may be somebody else.
    deliver(&line, &[said(&line, "wamid.3", NEW, "join")]).await;
    line.channel.made(3).await;
    assert_eq!(line.scalar(agreed).await, 0);
    let open = way_back::attention(&line.ground.db, false).await.unwrap();
    let verified = Found {
        verified: true,
        ..Found::default()
    };
    let id = open[0].id.parse().unwrap();
    let done = way_back::resolve(&line.ground, id, verified, "operator").await;
    assert!(matches!(done.unwrap(), PutBack::Done(_)));
    assert_eq!(
        line.scalar(agreed).await,
        0,
        "what was said in doubt stays no agreement"
    );
    later(&line);
    deliver(&line, &[said(&line, "wamid.4", NEW, "join")]).await;
    line.channel.made(4).await;
    line.until(agreed, 1).await;
    line.stop().await;
}

#[tokio::test]
async fn contacts_that_were_joined_too_soon_are_parted_when_older_messages_come() {
    let line = Line::start().await;
    let user = |message: Value, user: &str| {
        let mut message = message;
        message["from_user_id"] = user.into();
        message
    };
    let alone = said(&line, "wamid.1", ASHA, "one");
    let first = user(said(&line, "wamid.2", ASHA, "two"), "IN.1");
    let second = user(said(&line, "wamid.3", ASHA, "three"), "IN.2");
    for message in [alone, second] {
        deliver(&line, &[message]).await;
    }
    line.channel.made(2).await;
    assert_eq!(with(&line, "IN.2").await, 2, "as far as anybody knows");
    deliver(&line, &[first]).await;
    line.channel.made(3).await;
    line.stop().await;
    assert_eq!(with(&line, "IN.1").await, 2);
    assert_eq!(with(&line, "IN.2").await, 1);
    assert_eq!(with(&line, ASHA).await, 1, "it is theirs now");
}

#[tokio::test]
async fn who_wrote_under_a_number_before_somebody_came_to_it_is_another_though_told_late() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "one")]).await;
    line.channel.made(1).await;
    let before = said(&line, "wamid.2", NEW, "two");
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    deliver(&line, &[said(&line, "wamid.3", NEW, "three")]).await;
    line.channel.made(2).await;
    assert_eq!(with(&line, NEW).await, 2, "as far as anybody knows");
    deliver(&line, &[before]).await;
    line.channel.made(3).await;
    line.stop().await;
    // As where it is told in its order: the number stays whose it was.
    assert_eq!(line.scalar("select count(*) from contacts").await, 2);
    assert_eq!(with(&line, NEW).await, 2);
    let theirs = "select count(*) from inbox where kind = 'message' and contact_id =
                    (select contact_id from inbox order by id limit 1)";
    assert_eq!(line.scalar(theirs).await, 1);
}

#[tokio::test]
async fn a_name_is_that_of_the_newest_message_also_where_it_says_nothing() {
    let line = Line::start().await;
    let called = async |name: &str, message: Value| {
        let value = json!({
            "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
            "contacts": [{"wa_id": ASHA, "profile": {"name": name}}], "messages": [message],
        });
        deliver_change(&line, &json!({"field": "messages", "value": value})).await;
    };
    called("Asha", said(&line, "wamid.1", ASHA, "one")).await;
    let late = said(&line, "wamid.2", ASHA, "two");
    let mut reaction = said(&line, "wamid.3", ASHA, "");
    reaction["type"] = "reaction".into();
    reaction["reaction"] = json!({"message_id": "wamid.out.1", "emoji": "👍"});
    called("Asha Rao", reaction).await;
    line.until("select count(*) from inbox where state = 'done'", 2)
        .await;
    called("Asha R", late).await;
    line.until("select count(*) from inbox where state = 'done'", 3)
        .await;
    line.stop().await;
    let contact = line.contact(ASHA).await.to_string();
    let mut conn = line.ground.db.read().await.unwrap();
    let stored = store::load(&mut conn, &line.ground.keys, std::slice::from_ref(&contact)).await;
    let name = stored.unwrap()[&contact].contact.name.clone();
    assert_eq!(name.as_deref(), Some("Asha Rao"));
}

#[tokio::test]
async fn an_operator_parts_what_was_joined_and_money_of_both_waits() {
    let line = Line::start().await;
    line.says((None, Some("IN.1")), "wamid.1", "hi").await;
    line.says((Some(ASHA), None), "wamid.2", "hi").await;
    // What was still to be said to one of two who are joined is not said.
    line.channel.made(2).await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.3", "hi").await;
    line.channel.made(3).await;
    assert_eq!(with(&line, ASHA).await, 3);
    later(&line);
    let Split::Done { from, to, .. } = splits(&line, "IN.1").await else {
        panic!("it was one of two names");
    };
    assert_ne!(from, to);
    assert_eq!((with(&line, ASHA).await, with(&line, "IN.1").await), (1, 2));
    let doubted = "select count(*) from contacts where unverified_since is not null";
    assert_eq!(line.scalar(doubted).await, 2);
    let told = "select count(*) from audit where actor = 'operator'
                   and action in ('contact_split', 'contact_split_off')";
    assert_eq!(line.scalar(told).await, 2);
    assert!(matches!(splits(&line, "IN.1").await, Split::Alone(alone) if alone == to));
    assert!(matches!(splits(&line, "IN.7").await, Split::Unknown));
    // Seen together once more, the number is theirs; what was another's stays another's.
    line.says((Some(ASHA), Some("IN.1")), "wamid.4", "hi").await;
    line.channel.made(4).await;
    line.stop().await;
    assert_eq!(with(&line, ASHA).await, 3);
    let others =
        "select count(*) from inbox where contact_id = (select contact_id from former_names)";
    assert_eq!(line.scalar(others).await, 1);
    let moved = "select count(*) from attention where kind = 'number_moved'";
    assert_eq!(line.scalar(moved).await, 1);
}

#[tokio::test]
async fn what_waited_when_a_number_changed_is_not_told_to_whoever_has_it_and_new_answers_are() {
    let line = Line::start().await;
    line.channel.fate("first", Fate::Hold);
    deliver(&line, &[said(&line, "wamid.1", ASHA, "first")]).await;
    line.channel.made(1).await;
    deliver(&line, &[said(&line, "wamid.2", ASHA, "of before")]).await;
    let queued = "select count(*) from outbox where state = 'queued'";
    line.until(queued, 1).await;
    deliver(
        &line,
        &[
            number_changed(&line, ASHA, NEW),
            said(&line, "wamid.3", NEW, "after"),
        ],
    )
    .await;
    line.until(
        "select count(*) from outbox where state = 'cancelled' and reason = 'number_in_doubt'",
        1,
    )
    .await;
    line.channel.release();
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "after"]);
}

#[tokio::test]
async fn a_doubt_is_taken_back_only_by_whoever_looked_into_it() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    line.channel.made(1).await;
    let open = async || {
        let open = way_back::attention(&line.ground.db, false).await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        open[0].id.parse::<AttentionId>().unwrap()
    };
    let verified = Found {
        verified: true,
        ..Found::default()
    };
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    let first = open().await;
    later(&line);
    let again = json!({"from": NEW, "id": "wamid.system.2", "timestamp": now(&line).to_string(),
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": NEWER, "body": "User changed"}});
    deliver(&line, &[again]).await;
    let second = open().await;
    assert_ne!(first, second, "nobody looked into it yet");
    let doubted = "select count(*) from contacts where unverified_since is not null";
    let done = way_back::resolve(&line.ground, first, verified.clone(), "operator").await;
    assert!(matches!(done.unwrap(), PutBack::Impossible(_)));
    assert_eq!(line.scalar(doubted).await, 1);
    let done = way_back::resolve(&line.ground, second, verified, "operator").await;
    assert!(matches!(done.unwrap(), PutBack::Done(_)));
    assert_eq!(line.scalar(doubted).await, 0);
    line.stop().await;
}

#[tokio::test]
async fn whoever_proves_who_they_are_after_their_change_was_closed_is_not_in_doubt_any_more() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    line.channel.made(1).await;
    deliver(&line, &[number_changed(&line, ASHA, NEW)]).await;
    let open = way_back::attention(&line.ground.db, false).await.unwrap();
    let id = open[0].id.parse::<AttentionId>().unwrap();
    let doubted = "select count(*) from contacts where unverified_since is not null";
    for (verified, left) in [(false, 1), (true, 0)] {
        let found = Found {
            verified,
            ..Found::default()
        };
        let done = way_back::resolve(&line.ground, id, found, "operator").await;
        assert!(matches!(done.unwrap(), PutBack::Done(_)));
        assert_eq!(line.scalar(doubted).await, left);
    }
    line.stop().await;
}

#[tokio::test]
async fn a_change_told_late_is_looked_into_with_every_doubt_that_metas_clock_is_ahead_with() {
    let line = Line::start().await;
    deliver(&line, &[said(&line, "wamid.1", ASHA, "hi")]).await;
    line.channel.made(1).await;
    later(&line);
    let changed = |id: &str, to: &str, at: i64| {
        json!({"from": ASHA, "id": id, "timestamp": at.to_string(), "type": "system",
               "system": {"type": "user_changed_number", "wa_id": to, "body": "User changed"}})
    };
    let (behind, ahead) = (now(&line), now(&line) + 100);
    later(&line);
    deliver(&line, &[changed("wamid.s2", NEW, ahead)]).await;
    deliver(&line, &[changed("wamid.s1", NEWER, behind)]).await;
    let doubted = "select count(*) from contacts where unverified_since is not null";
    let unverified = line.scalar(doubted).await;
    assert!(unverified > 0);
    for one in way_back::attention(&line.ground.db, false).await.unwrap() {
        let found = Found {
            verified: one.kind == "number_changed",
            ..Found::default()
        };
        let id = one.id.parse::<AttentionId>().unwrap();
        let done = way_back::resolve(&line.ground, id, found, "operator").await;
        assert!(matches!(done.unwrap(), PutBack::Done(_)));
    }
    assert_eq!(line.scalar(doubted).await, 0);
    line.stop().await;
}
