//! One contact proves to be another, or not to be.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::moved::{doubt, put_before_person};
use crate::id::Ids;
use crate::security::audit;
use crate::storage::{Conn, Error};

/// Moves everything that binds us from one contact of a person to the other: names,
/// messages that wait, a STOP, a doubt, and that a person holds the conversation. Messages
/// follow their names.
pub(super) async fn merge(conn: &mut Conn, from: &str, into: &str) -> Result<(), Error> {
    for statement in [
        "update contacts set merged_into = $2 where id = $1 or merged_into = $1",
        "update identities set contact_id = $2 where contact_id = $1",
        "update former_names set contact_id = $2 where contact_id = $1",
        "update name_changes set doubted = $2 where doubted = $1",
        // What waits, or was set aside, comes to whoever they are by then.
        "update inbox set contact_id = $2 where contact_id = $1 and state = 'waiting'",
        "update inbox set contact_id = $2
          where contact_id = $1 and state in ('quarantined', 'parked') and state = 'parked'",
        "update contacts
            set unverified_since = f.unverified_since
           from contacts f
          where contacts.id = $2 and f.id = $1 and f.unverified_since is not null
            and (contacts.unverified_since is null or contacts.unverified_since < f.unverified_since)",
        // By what they came is derived from their messages, but for those from before that
        // was kept with them.
        "update contacts
            set source = f.source
           from contacts f
          where contacts.id = $2 and f.id = $1 and f.source_at is null and contacts.source is null",
        "update contacts
            set owner = 'human', owner_epoch = owner_epoch + 1
          where id = $2 and owner = 'bot'
            and exists (select 1 from contacts f where f.id = $1 and f.owner = 'human')",
        // The subject of what waits for a person is the contact that will be released.
        "update attention set subject = $2
          where kind = 'handoff' and subject = $1 and resolved_at is null
            and not exists (select 1 from attention a where a.kind = 'handoff'
                             and a.subject = $2 and a.resolved_at is null)",
    ] {
        sqlx::query(statement)
            .bind(from)
            .bind(into)
            .execute(&mut *conn)
            .await?;
    }
    pass_on_stop(conn, from, into).await?;
    fence(conn, &BTreeSet::from([from.to_owned()])).await?;
    recount(conn, into).await
}

/// Has a STOP of one contact count for another as well, from the later of their times.
pub(super) async fn pass_on_stop(conn: &mut Conn, from: &str, into: &str) -> Result<(), Error> {
    sqlx::query(
        "update contacts
            set marketing = 'opted_out',
                marketing_at = (select case when f.marketing_at > contacts.marketing_at
                                            then f.marketing_at
                                            else coalesce(contacts.marketing_at, f.marketing_at)
                                       end
                                  from contacts f where f.id = $1)
          where id = $2 and exists (select 1 from contacts f where f.id = $1 and f.marketing = 'opted_out')",
    )
    .bind(from)
    .bind(into)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Parts a contact again from whoever it was taken for. What was moved to them stays there
/// until a person has made sure whose it is.
pub(super) async fn part(
    conn: &mut Conn,
    ids: &Ids,
    (contact, from): (&str, &str),
    now: Timestamp,
) -> Result<(), Error> {
    point(conn, contact, None).await?;
    for (one, other) in [(contact, from), (from, contact)] {
        doubt(conn, one, now.as_millisecond()).await?;
        let detail = format!(
            "they were taken for {other} and are not: nothing of theirs is shown until you have \
             made sure whose it is (attention resolve, with --verified)"
        );
        put_before_person(conn, ids, one, &detail, now).await?;
    }
    audit::record(conn, ids, "system", "identity_parted", contact, now).await
}

/// Says who a contact proved to be, or that it is nobody else.
pub(super) async fn point(conn: &mut Conn, contact: &str, into: Option<&str>) -> Result<(), Error> {
    sqlx::query("update contacts set merged_into = $2 where id = $1")
        .bind(contact)
        .bind(into)
        .execute(conn)
        .await?;
    Ok(())
}

/// A turn that holds one of these contacts finds its epoch gone and its messages elsewhere.
pub(super) async fn fence(conn: &mut Conn, contacts: &BTreeSet<String>) -> Result<(), Error> {
    for contact in contacts {
        sqlx::query(
            "update contacts set lease_epoch = lease_epoch + 1, lease_until = 0 where id = $1",
        )
        .bind(contact)
        .execute(&mut *conn)
        .await?;
        recount(conn, contact).await?;
    }
    Ok(())
}

/// Counts what messages a contact really has waiting.
pub async fn recount(conn: &mut Conn, contact: &str) -> Result<(), Error> {
    sqlx::query(
        "update contacts
            set waiting = (select count(*) from inbox where contact_id = $1 and state = 'waiting')
          where id = $1",
    )
    .bind(contact)
    .execute(conn)
    .await?;
    Ok(())
}
