//! What else a refusal tells: about the account, the template, or who was written to.

use jiff::Timestamp;
use serde_json::json;

use super::super::Ground;
use super::super::account::{ACCOUNT_STOPPED, POLICY, SLOWED_DOWN};
use super::super::door::{STOPPED, STOPPED_LONGEST};
use super::super::inbox::Row;
use super::super::leases::millis;
use super::account::Ours;
use super::arrive::opt_out;
use super::reach::is_out_of_reach;
use super::settle::open_since;
use super::templates::template_was_refused;
use super::{account, damaged, instant, open_attention, take_in_order};
use crate::contacts::store::StopTold;
use crate::id::InboxId;
use crate::storage::{Conn, Error};
use crate::whatsapp::errors::{self, Class, UNDELIVERABLE, WINDOW_CLOSED};

/// Takes in why Meta refused a message, by the code and the time it was refused with.
pub(super) async fn heed(
    conn: &mut Conn,
    ground: &Ground,
    outbox: &str,
    (code, at): (i64, i64),
) -> Result<(), Error> {
    let now = ground.clock.now().as_millisecond();
    // What is told late may be put right by now.
    if !errors::asks_to_slow_down(code) || at + millis(SLOWED_DOWN) > now {
        ask_a_person(conn, ground, code, now).await?;
    }
    if errors::stops_the_number(code) {
        stand_still(conn, ground, (code, at), now).await?;
    }
    if code == WINDOW_CLOSED {
        ask_to_reach(conn, ground, outbox, now).await?;
    }
    if code == UNDELIVERABLE {
        ask_for_another_way(conn, ground, outbox).await?;
    }
    template_was_refused(conn, outbox, code, at).await?;
    if errors::has_stopped_marketing(code) {
        stop_marketing(conn, ground, (outbox, code)).await?;
    }
    Ok(())
}

/// Puts before a person what Meta refuses until they change something.
pub(super) async fn ask_a_person(
    conn: &mut Conn,
    ground: &Ground,
    code: i64,
    now: i64,
) -> Result<(), Error> {
    if errors::class(code) != Class::Halt {
        return Ok(());
    }
    tracing::error!(
        code,
        "Meta refuses until a person changes something in the account"
    );
    let subject = subject(code);
    if errors::asks_to_slow_down(code) {
        return slow_down(conn, ground, &subject, now).await;
    }
    let detail = "Meta refuses messages with this code until the account is put right";
    open_attention(conn, &ground.ids, POLICY, &subject, detail, now).await
}

/// Returns what the attention about a code is about, and why nothing is sent meanwhile.
fn subject(code: i64) -> String {
    format!("graph error {code}")
}

/// Has nothing sent for a while where a status tells that Meta stopped the number: it takes
/// messages and fails them later, so that each one tried is lost. The pauses double: each is
/// as long as a person has known.
async fn stand_still(
    conn: &mut Conn,
    ground: &Ground,
    (code, at): (i64, i64),
    now: i64,
) -> Result<(), Error> {
    let why = subject(code);
    let known_since = open_since(conn, POLICY, &why).await?.unwrap_or(now);
    let pause = (now - known_since).clamp(millis(STOPPED), millis(STOPPED_LONGEST));
    let until = at + pause;
    if until <= now {
        return Ok(());
    }
    account::stop_until(conn, Ours::Refused, (why.as_str(), until), now).await?;
    ground.door.rates().is_clear = false;
    Ok(())
}

/// Has nobody written to first for a while: that is what people block and report.
async fn slow_down(conn: &mut Conn, ground: &Ground, why: &str, now: i64) -> Result<(), Error> {
    let until = now + millis(SLOWED_DOWN);
    account::stop_until(conn, Ours::Slowed, (why, until), now).await?;
    let detail = format!(
        "nobody is written to first until {}: Meta limits what we send, for people block or \
         report it, or it has the wrong category; send less of it",
        instant(until)
    );
    open_attention(conn, &ground.ids, ACCOUNT_STOPPED, why, &detail, now).await
}

/// Puts before a person that an answer did not arrive, which Meta had taken before it found
/// the window closed: what was taken once does not wait again.
async fn ask_to_reach(
    conn: &mut Conn,
    ground: &Ground,
    outbox: &str,
    now: i64,
) -> Result<(), Error> {
    let found = sqlx::query_scalar(
        "select coalesce(c.merged_into, c.id)
           from outbox o join contacts c on c.id = o.contact_id
          where o.id = $1 and o.is_template = 0 and o.lane in ('reply', 'agent')",
    );
    let contact: Option<String> = found.bind(outbox).fetch_optional(&mut *conn).await?;
    let Some(contact) = contact else {
        return Ok(());
    };
    let detail = format!(
        "an answer did not arrive, for their 24-hour window had closed; once they write, \
         `sipbrewery outbox retry {outbox}` sends it"
    );
    open_attention(conn, &ground.ids, "window_closed", &contact, &detail, now).await
}

/// Puts before a person that somebody has no WhatsApp, as it seems: notices go another way.
async fn ask_for_another_way(conn: &mut Conn, ground: &Ground, outbox: &str) -> Result<(), Error> {
    let Some((contact, _)) = whom(conn, outbox).await? else {
        return Ok(());
    };
    let id = contact
        .parse()
        .map_err(|_| damaged("contacts", &contact, "its id"))?;
    let now = ground.clock.now();
    if !is_out_of_reach(conn, id, now).await? {
        return Ok(());
    }
    let detail = "Meta delivers nothing to them: their number may have no WhatsApp; until they \
                  write, notices go by e-mail";
    let now = now.as_millisecond();
    open_attention(conn, &ground.ids, "out_of_reach", &contact, detail, now).await
}

/// Takes whom refused messages were to, where the refusal ends marketing to them, before
/// the messages themselves are taken: webhooks and turns too begin with contacts. Where a
/// refusal was kept until its message id is known, the database has one of two that wait
/// for each other try again.
pub(super) async fn take_contacts(
    conn: &mut Conn,
    lock_rows: &str,
    refused: &[(&str, Option<i64>)],
) -> Result<(), Error> {
    if lock_rows.is_empty() {
        return Ok(());
    }
    let mut contacts = Vec::new();
    for (outbox, code) in refused {
        if code.is_some_and(errors::has_stopped_marketing) {
            contacts.extend(whom(conn, outbox).await?.map(|(contact, _)| contact));
        }
    }
    let contacts = contacts.iter().map(String::as_str).collect();
    take_in_order(conn, lock_rows, "contacts", contacts).await
}

/// Returns whom a message was to, as who they are by now, and when it was sent.
async fn whom(conn: &mut Conn, outbox: &str) -> Result<Option<(String, Option<i64>)>, Error> {
    let found = sqlx::query_as(
        "select coalesce(c.merged_into, c.id), o.sending_at
           from outbox o join contacts c on c.id = o.contact_id where o.id = $1",
    );
    Ok(found.bind(outbox).fetch_optional(conn).await?)
}

/// Puts on record that whoever a message was to had stopped marketing in WhatsApp when it
/// was sent: Meta may have told it by nothing but this refusal.
async fn stop_marketing(
    conn: &mut Conn,
    ground: &Ground,
    (outbox, code): (&str, i64),
) -> Result<(), Error> {
    let now = ground.clock.now();
    let Some((contact, sent)) = whom(conn, outbox).await? else {
        return Ok(());
    };
    let stopped = sent.map_or(now, instant);
    take_in_order(conn, ground.db.lock_rows(), "contacts", vec![&contact]).await?;
    let what = json!({ "refused": outbox, "code": code });
    keep(conn, ground, &contact, (stopped, now), &what).await?;
    opt_out(conn, ground, &contact, (StopTold::ByRefusal, stopped), now).await
}

/// Keeps it as an event of theirs, as their own word would be: whoever has their name by
/// what is learnt of names later has stopped it too.
async fn keep(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
    (stopped, now): (Timestamp, Timestamp),
    what: &serde_json::Value,
) -> Result<(), Error> {
    let id = ground.ids.next::<InboxId>(now).to_string();
    let plain = what.to_string();
    let payload = ground.keys.ingest().seal(Row::place(&id), plain.as_bytes());
    sqlx::query(
        "insert into inbox (id, contact_id, kind, field, sent_at, received_at, payload, trace,
                            state, name)
         select $1, c.id, 'event', 'marketing_stopped', $3, $4, $5, $1, 'stored',
                (select i.blind from identities i where i.contact_id = c.id
                  order by i.kind, i.blind limit 1)
           from contacts c where c.id = $2",
    )
    .bind(&id)
    .bind(contact)
    .bind(stopped.as_millisecond())
    .bind(now.as_millisecond())
    .bind(payload)
    .execute(conn)
    .await?;
    Ok(())
}
