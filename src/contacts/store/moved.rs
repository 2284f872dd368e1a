//! Acts on Meta's word that somebody has another number or user id.
//!
//! The identity moves: the conversation goes on under the new name, and the old one is
//! free for whoever gets it next. Trust does not: a number is what holdings were bound
//! to and what agreed to marketing, so nothing of theirs is shown and nothing is sold
//! to them until a person has made sure that it is still they.

use jiff::Timestamp;
use sqlx::Row;

use super::super::Profile;
use super::identify::{KINDS, Name, add_name, blinds, look_up};
use super::{load, save_profile};
use crate::id::{AttentionId, Ids};
use crate::security::{Keyring, audit};
use crate::storage::{Conn, Error};
use crate::whatsapp::Sender;

/// Moves a contact from its names so far to those it has from now on. Nobody we know is
/// nobody to move; doing it twice is doing it once.
pub async fn move_names(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    was: &Sender,
    is: &Sender,
    now: Timestamp,
) -> Result<(), Error> {
    let (old, new) = (blinds(keys, was), blinds(keys, is));
    let wanted: Vec<[u8; 16]> = old
        .iter()
        .chain(&new)
        .flatten()
        .map(|(_, blind, _)| *blind)
        .collect();
    let owners = look_up(conn, &wanted).await?;
    let owner = |name: &Option<Name<'_>>| name.and_then(|(_, blind, _)| owners.get(&blind));
    // The user id tells who it is; a number may be somebody else's by now.
    let Some(contact) = owner(&old[1]).or_else(|| owner(&old[0])).cloned() else {
        return Ok(());
    };
    let loaded = load(conn, keys, std::slice::from_ref(&contact)).await?;
    let Some(stored) = loaded.get(&contact) else {
        return Ok(());
    };
    let mut moved = false;
    let mut taken_by = None;
    for at in 0..KINDS.len() {
        let Some(name) = new[at] else { continue };
        if old[at].is_some_and(|before| before.1 == name.1) {
            continue;
        }
        match owners.get(&name.1) {
            None => {
                add_name(conn, &contact, &stored.key, name, now).await?;
                moved = true;
            }
            Some(other) if *other != contact => taken_by = Some(other.clone()),
            Some(_) => {}
        }
        if let Some((_, before, _)) = old[at] {
            moved |= forget_name(conn, &contact, before).await?;
        }
    }
    if !moved && taken_by.is_none() {
        return Ok(());
    }
    let mut profile = stored.profile.clone();
    rename(&mut profile, was, is, taken_by.is_some());
    save_profile(conn, stored.contact.id, &stored.key, &profile).await?;
    audit::record(conn, ids, "system", "identity_moved", &contact, now).await?;
    // A user id that changes while the number stays says nothing about who holds it.
    let keeps_number =
        was.wa_id.is_some() && was.wa_id == is.wa_id && owner(&old[0]) == Some(&contact);
    if keeps_number && taken_by.is_none() {
        return Ok(());
    }
    doubt(conn, &contact, now).await?;
    tell(conn, ids, &contact, taken_by.as_deref(), now).await
}

/// Keeps the addresses to send to in step with the names.
fn rename(profile: &mut Profile, was: &Sender, is: &Sender, taken: bool) {
    let moves = |old: &Option<String>, new: &Option<String>, current: &mut Option<String>| {
        if new.is_none() || old == new {
            return;
        }
        if !taken {
            current.clone_from(new);
        } else if current == old {
            *current = None;
        }
    };
    moves(&was.wa_id, &is.wa_id, &mut profile.phone);
    moves(&was.user_id, &is.user_id, &mut profile.user_id);
}

async fn forget_name(conn: &mut Conn, contact: &str, blind: [u8; 16]) -> Result<bool, Error> {
    let forgotten = sqlx::query("delete from identities where blind = $1 and contact_id = $2")
        .bind(blind.to_vec())
        .bind(contact)
        .execute(conn)
        .await?;
    Ok(forgotten.rows_affected() == 1)
}

/// From now on it is doubtful who this is. A STOP stands, an agreement does not.
async fn doubt(conn: &mut Conn, contact: &str, now: Timestamp) -> Result<(), Error> {
    sqlx::query(
        "update contacts
            set unverified_since = $2,
                marketing_at = case when marketing = 'opted_in' then $2 else marketing_at end,
                marketing = case when marketing = 'opted_in' then 'not_asked' else marketing end
          where id = $1",
    )
    .bind(contact)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

async fn tell(
    conn: &mut Conn,
    ids: &Ids,
    contact: &str,
    taken_by: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    let detail = match taken_by {
        None => "their number changed: nothing bound to the old one is shown until you have made sure it is they \
                 (attention resolve, with --verified)".to_owned(),
        Some(other) => format!(
            "their new number already writes as {other}: what was bound to them stays here; make sure who it is \
             before binding it anew"
        ),
    };
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at)
         values ($1, 'number_changed', $2, $3, $4)
         on conflict do nothing",
    )
    .bind(ids.next::<AttentionId>(now).to_string())
    .bind(contact)
    .bind(detail)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the doubt back: a person made sure who it is. Returns whether there was one.
pub async fn verified(
    conn: &mut Conn,
    contact: &str,
    ids: &Ids,
    by: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let doubted = sqlx::query(
        "update contacts set unverified_since = null
          where id = $1 and unverified_since is not null
      returning id",
    )
    .bind(contact)
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(row) = &doubted {
        let contact: String = row.get(0);
        audit::record(conn, ids, by, "identity_verified", &contact, now).await?;
    }
    Ok(doubted.is_some())
}
