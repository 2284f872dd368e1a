//! Changes to a contact, each on the transaction of whoever decided it.

use jiff::Timestamp;

use super::super::{
    ConsentProof, ConsentPurpose, ContactChange, Marketing, MarketingChannel, NewConsent, Profile,
};
use crate::id::{AttentionId, ContactId, HandoffId, Ids};
use crate::security::audit;
use crate::security::{DataKey, Place};
use crate::storage::{Conn, Error};

/// Makes a change that a turn decided, by what they `said` then by Meta's clock.
pub async fn apply(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    ids: &Ids,
    change: &ContactChange,
    said: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let id = contact.to_string();
    let millis = now.as_millisecond();
    match change {
        ContactChange::Language(language) => {
            sqlx::query("update contacts set language = $2 where id = $1")
                .bind(&id)
                .bind(*language)
                .execute(&mut *conn)
                .await?;
        }
        ContactChange::Marketing(Marketing::NotAsked) => {
            sqlx::query("update contacts set marketing = $2, marketing_at = $3 where id = $1")
                .bind(&id)
                .bind(Marketing::NotAsked.as_str())
                .bind(said.as_millisecond())
                .execute(&mut *conn)
                .await?;
        }
        ContactChange::Marketing(wish) => {
            // The words that were shown are in the outbox; these are the two that count.
            let given = *wish == Marketing::OptedIn;
            let answer = if given { "START" } else { "STOP" };
            let new = NewConsent {
                source: "chat",
                version: "chat-1".to_owned(),
                ..about_marketing(
                    given,
                    "Reply START for marketing messages, STOP to end them.",
                    answer,
                )
            };
            super::record_consent(conn, contact, key, ids, &new, said).await?;
        }
        ContactChange::HandOff(reason) => {
            let given = sqlx::query(
                "update contacts set owner = 'human', owner_epoch = owner_epoch + 1
                  where id = $1 and owner = 'bot'",
            )
            .bind(&id)
            .execute(&mut *conn)
            .await?;
            if given.rows_affected() == 0 {
                return Ok(());
            }
            let handoff = ids.next::<HandoffId>(now).to_string();
            let place = Place {
                table: "handoffs",
                column: "reason",
                row: &handoff,
            };
            let reason = key.seal(place, reason.as_bytes());
            sqlx::query(
                "insert into handoffs (id, contact_id, reason, opened_at) values ($1, $2, $3, $4)
                 on conflict do nothing",
            )
            .bind(&handoff)
            .bind(&id)
            .bind(reason)
            .bind(millis)
            .execute(&mut *conn)
            .await?;
            sqlx::query(
                "insert into attention (id, kind, subject, detail, opened_at)
                 values ($1, 'handoff', $2, 'somebody waits for a person; release when done', $3)
                 on conflict do nothing",
            )
            .bind(ids.next::<AttentionId>(now).to_string())
            .bind(&id)
            .bind(millis)
            .execute(&mut *conn)
            .await?;
        }
    }
    audit::record(conn, ids, "contact", change.action(), &id, now).await
}

/// How it is known that somebody stopped marketing in WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopTold {
    /// They said so there.
    Said,
    /// Meta refused a message for it, so they had by then.
    ByRefusal,
}

impl StopTold {
    /// Returns the version of the consent, and what answers for it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Said => ("whatsapp-1", "stop"),
            Self::ByRefusal => ("whatsapp-refusal-1", "Meta refused a message (131050)"),
        }
    }
}

/// Ends marketing by WhatsApp to somebody who had `stopped` it there by then. Who asked for it
/// in the chat after that goes on getting it.
pub async fn opt_out(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    ids: &Ids,
    (told, stopped): (StopTold, Timestamp),
    now: Timestamp,
) -> Result<(), Error> {
    let change = ContactChange::Marketing(Marketing::OptedOut);
    let id = contact.to_string();
    audit::record(conn, ids, "whatsapp", change.action(), &id, now).await?;
    let (version, answer) = told.words();
    let new = NewConsent {
        source: "whatsapp",
        version: version.to_owned(),
        ..about_marketing(false, "Marketing messages (in WhatsApp)", answer)
    };
    super::consent::record_stop(conn, contact, key, ids, &new, stopped).await
}

fn about_marketing(given: bool, shown: &str, answer: &str) -> NewConsent {
    NewConsent {
        purpose: ConsentPurpose::Marketing(MarketingChannel::WhatsApp),
        given,
        source: "",
        proof: ConsentProof {
            shown: shown.to_owned(),
            answer: answer.to_owned(),
        },
        version: String::new(),
    }
}

/// Gives a conversation back to the bot; returns whether a person held it.
pub async fn release(
    conn: &mut Conn,
    contact: ContactId,
    ids: &Ids,
    by: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let id = contact.to_string();
    let given = sqlx::query(
        "update contacts set owner = 'bot', owner_epoch = owner_epoch + 1
          where id = $1 and owner = 'human'",
    )
    .bind(&id)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update handoffs set closed_at = $2, closed_by = $3
          where contact_id = $1 and closed_at is null",
    )
    .bind(&id)
    .bind(now.as_millisecond())
    .bind(by)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update attention set resolved_at = $2
          where kind = 'handoff' and subject = $1 and resolved_at is null",
    )
    .bind(&id)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    let was_held = given.rows_affected() == 1;
    if was_held {
        audit::record(conn, ids, by, "released", &id, now).await?;
    }
    Ok(was_held)
}

/// Stores a profile that a message changed, unless something newer of theirs came: that has
/// told already what they call themselves, or will.
pub async fn learn(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    profile: &Profile,
    said: Timestamp,
) -> Result<(), Error> {
    // By the names they were written under, as the table is sorted.
    let newer: Option<String> = sqlx::query_scalar(
        "select id from inbox
          where name in (select blind from identities where contact_id = $1
                          union select name from former_names where contact_id = $1)
            and sent_at > $2 and contact_id = $1 and kind = 'message' limit 1",
    )
    .bind(contact.to_string())
    .bind(said.as_millisecond())
    .fetch_optional(&mut *conn)
    .await?;
    if newer.is_some() {
        return Ok(());
    }
    save_profile(conn, contact, key, profile).await
}

pub(super) async fn save_profile(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    profile: &Profile,
) -> Result<(), Error> {
    let id = contact.to_string();
    sqlx::query("update contacts set profile = $2 where id = $1")
        .bind(&id)
        .bind(key.seal(Profile::place(&id), &profile.to_bytes()))
        .execute(conn)
        .await?;
    Ok(())
}
