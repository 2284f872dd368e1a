//! What investors may say about their notices, and their calendar.

use jiff::{SignedDuration, Timestamp};

use super::calendar::ics::{self, Method};
use super::calendar::reconcile::{apply, changes};
use super::calendar::{Published, Wanted};
use super::ports::{Planned, Schedule};
use super::preferences::{Scope, Wish, may_wish};
use super::store::{calendar, wishes};
use super::voice::Voice;
use crate::clock::ist;
use crate::contacts::store::load_readable;
use crate::id::{ContactId, Ids};
use crate::investing::{Catalog, inr};
use crate::language::Language;
use crate::pipeline::Ground;
use crate::security::{audit, secret_token};
use crate::storage::{Conn, Error};

/// How long a link to a calendar works.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(24 * 400);
/// How far ahead a calendar shows instalments, in months.
const MONTHS_AHEAD: i32 = 24;

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It counts from now on.
    Yes,
    /// It was refused: investors have to be told of these.
    IsRequired,
}

/// Keeps where somebody wants one kind of notice, or all, on the caller's transaction.
pub async fn set_preference(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    scope: Scope,
    wish: Wish,
    now: Timestamp,
) -> Result<Kept, Error> {
    if !may_wish(scope, wish) {
        return Ok(Kept::IsRequired);
    }
    wishes::set_wish(conn, contact, scope, wish, now).await?;
    let action = format!("notices_{}_{}", scope.as_str(), wish.as_str());
    audit::record(conn, ids, "contact", &action, &contact.to_string(), now).await?;
    Ok(Kept::Yes)
}

/// Returns everything somebody wished for.
pub async fn list_wishes(conn: &mut Conn, contact: ContactId) -> Result<Vec<(Scope, Wish)>, Error> {
    let preferences = wishes::preferences(conn, contact).await?;
    Ok(preferences.wishes.into_iter().collect())
}

/// Makes a link to somebody's calendar and returns its path; the one before works no more,
/// which is how one that went astray is taken back. It cannot be guessed, ends by itself after
/// thirteen months, and is nowhere kept.
pub async fn create_calendar_link(
    conn: &mut Conn,
    ground: &Ground,
    contact: ContactId,
    now: Timestamp,
) -> Result<String, Error> {
    calendar::revoke_links(conn, contact, now).await?;
    let token = secret_token();
    let blind = ground.keys.blind("calendar_links.token", &token);
    let expires_at = now.checked_add(LINK_LIFE).unwrap_or(Timestamp::MAX);
    calendar::insert_link(conn, blind, contact, expires_at, now).await?;
    let subject = contact.to_string();
    audit::record(conn, &ground.ids, "contact", "calendar_link", &subject, now).await?;
    Ok(format!("/calendar/{token}"))
}

/// Returns the calendar a link opens, brought up to date with the plans; `None` if it
/// opens nothing (any more).
pub async fn calendar_of_link(
    ground: &Ground,
    catalog: &Catalog,
    schedule: &dyn Schedule,
    voice: &Voice,
    token: &str,
) -> anyhow::Result<Option<String>> {
    let now = ground.clock.now();
    let blind = ground.keys.blind("calendar_links.token", token);
    let mut conn = ground.db.read().await?;
    let Some(contact) = calendar::find_link(&mut conn, blind, now).await? else {
        return Ok(None);
    };
    let language = language_of(&mut conn, ground, contact).await?;
    drop(conn);
    let planned = planned(schedule, contact, now).await?;
    let wanted = wanted(catalog, voice, language, &planned)?;
    let name = voice.label(language, "calendar_name")?;
    let input = (contact, wanted.clone(), now);
    let entries = ground
        .db
        .write(input, |conn, (contact, wanted, now)| {
            Box::pin(bring_up_to_date(conn, *contact, wanted, *now))
        })
        .await?;
    // The words of what has passed are nowhere kept.
    let today = now.to_zoned(ist()).date();
    let ahead: Vec<_> = entries
        .into_iter()
        .filter(|one| one.date >= today)
        .collect();
    Ok(Some(ics::write(Method::Publish, name, &ahead, &wanted)))
}

/// Returns the instalments of somebody's plans, as far ahead as a calendar shows them.
pub(super) async fn planned(
    schedule: &dyn Schedule,
    contact: ContactId,
    now: Timestamp,
) -> anyhow::Result<Vec<Planned>> {
    let until = now.to_zoned(ist()).date();
    let until = until.saturating_add(jiff::Span::new().months(MONTHS_AHEAD));
    schedule.instalments(contact, until).await
}

/// Returns the entries that instalments make.
pub(super) fn wanted(
    catalog: &Catalog,
    voice: &Voice,
    language: Language,
    planned: &[Planned],
) -> anyhow::Result<Vec<Wanted>> {
    planned
        .iter()
        .map(|one| {
            let scheme = super::follower::scheme_name(catalog, one.scheme);
            let amount = inr(one.amount.rupees(), 2);
            let (title, description) = voice.calendar(language, &amount, &scheme)?;
            Ok(Wanted {
                uid: format!("{}@sipbrewery", one.key),
                plan: one.plan,
                date: one.date,
                title,
                description,
            })
        })
        .collect()
}

/// Writes down what changes in somebody's calendar and returns all of it.
pub(super) async fn bring_up_to_date(
    conn: &mut Conn,
    contact: ContactId,
    wanted: &[Wanted],
    now: Timestamp,
) -> Result<Vec<Published>, Error> {
    let published = calendar::published(conn, contact).await?;
    let changed = changes(&published, wanted, now.to_zoned(ist()).date(), now);
    for entry in &changed {
        calendar::publish(conn, contact, entry).await?;
    }
    Ok(apply(&published, &changed))
}

async fn language_of(
    conn: &mut Conn,
    ground: &Ground,
    contact: ContactId,
) -> Result<Language, Error> {
    let id = contact.to_string();
    let mut found = load_readable(conn, &ground.keys, std::slice::from_ref(&id)).await?;
    let stored = found.remove(&id);
    let speaks = stored.as_ref().and_then(|stored| stored.contact.speaks());
    Ok(super::follower::language(speaks))
}
