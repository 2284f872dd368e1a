//! What happens to one notice, in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::became::{Became, of_letter, of_message};
use super::sending::{self, Sending};
use super::{Telling, language, scheme_name};
use crate::clock::ist;
use crate::contacts::Owner;
use crate::contacts::store::{StoredContact, load_readable};
use crate::id::OutboxId;
use crate::investing::events::{self, Recorded};
use crate::notifications::definitions::ATTACHED;
use crate::notifications::kind::Kind;
use crate::notifications::notice::notice;
use crate::notifications::ports::Planned;
use crate::notifications::preferences::Preferences;
use crate::notifications::route::{Facts, Route, Way, route};
use crate::notifications::store::letters;
use crate::notifications::store::notices::{self, Open, Stand, State};
use crate::notifications::store::wishes;
use crate::notifications::timing::{is_urgent, may_wake, useful_until};
use crate::pipeline::{
    QuietHours, Standing, is_out_of_reach, let_rest, open_attention, replaced, standing,
    window_is_open, withdraw,
};
use crate::storage::{Conn, Error};
use crate::telemetry::metrics;

/// When a notice that was handed over is looked at first; later each time after.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(20);
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(6);
/// The same for what is not sent yet, which may be of no use any more or need its night's rest.
const LAST_LOOK_AT_WAITING: SignedDuration = SignedDuration::from_hours(1);
/// After so many of them the pause is that long; more do not count.
const LOOKS_AT_WAITING: i64 = 8;
/// How long a message may be held back (the account stopped, its daily limit reached) before
/// a letter goes in its place.
const HELD_BACK: SignedDuration = SignedDuration::from_hours(4);
/// What Meta took and nobody has heard of for so long is left as it is.
const LOOKS: i64 = 24;

/// One event, and what is known for it.
pub(super) struct Case {
    pub(super) telling: Arc<Telling>,
    pub(super) recorded: Recorded,
    pub(super) email: Option<String>,
    pub(super) planned: Option<Vec<Planned>>,
    /// Whether what it announces will not happen any more, or has.
    pub(super) is_over: bool,
    pub(super) now: Timestamp,
}

/// Where a notice went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handed {
    Outbox,
    Letter,
    Nowhere,
}

/// Takes over an event that nobody has.
pub(super) async fn take_over(conn: &mut Conn, case: &Case) -> Result<Handed, Error> {
    let event = &case.recorded.event;
    if !events::mark_told(conn, case.recorded.id, case.now).await? {
        return Ok(Handed::Nowhere);
    }
    let kind = Kind::of(&event.what);
    let until = useful_until(&event.what, case.recorded.at);
    let row = (case.recorded.id, event.contact, kind);
    if !notices::insert(conn, row, until, case.now).await? {
        return Ok(Handed::Nowhere);
    }
    decide(conn, case, BTreeSet::new(), None).await
}

/// Looks at a notice that waits or is on its way.
pub(super) async fn look_again(conn: &mut Conn, case: &Case, open: &Open) -> Result<Handed, Error> {
    if !notices::take(conn, open).await? {
        return Ok(Handed::Nowhere);
    }
    let message = match open.message {
        Some(id) => standing(conn, id).await?,
        None => None,
    };
    // What a person had sent in its place is what has to be replaced.
    let before = message.as_ref().map(|it| it.id);
    let is_sent_again = before.is_some() && before != open.message;
    let on_its_way = open.went.as_ref();
    let Some((way, id)) = on_its_way.filter(|_| open.is_handed || is_sent_again) else {
        return decide(conn, case, open.tried.clone(), before).await;
    };
    let is_message = matches!(way, Way::File | Way::Text | Way::Template);
    let (became, reason) = match &message {
        Some(it) => of_message(it),
        None if is_message => {
            return show(conn, case, open.tried.clone(), "its message is gone").await;
        }
        None => of_letter(letters::standing(conn, id).await?),
    };
    let stand = |state, reason: Option<String>| Stand {
        state,
        sent: None,
        tried: open.tried.clone(),
        reason,
        looks: open.looks + 1,
    };
    let later = |last: SignedDuration| {
        let doublings = u32::try_from(open.looks.clamp(0, 12)).unwrap_or(0);
        let pause = FIRST_LOOK * 2_i32.pow(doublings);
        stand(State::Handed(case.now + pause.min(last)), None)
    };
    let settled = match became {
        Became::Told => stand(State::Told, reason),
        Became::Unknown => stand(State::Unknown, reason),
        Became::OnItsWay if open.looks >= LOOKS => stand(State::Unknown, reason),
        Became::Accepted if open.looks >= LOOKS => stand(State::Told, reason),
        Became::OnItsWay | Became::Accepted => later(LAST_LOOK),
        Became::Waits => {
            if let Some(it) = &message
                && let Some(tried) = taken_back(conn, case, open, it).await?
            {
                return decide(conn, case, tried, before).await;
            }
            // What has not left yet is followed from then on for as long as any other.
            let waits = later(LAST_LOOK_AT_WAITING);
            Stand {
                looks: waits.looks.min(LOOKS_AT_WAITING),
                ..waits
            }
        }
        Became::NotSent => return decide(conn, case, open.tried.clone(), before).await,
        Became::Failed => {
            let mut tried = open.tried.clone();
            // Of the template that carries a document its link can still go in words.
            let template = message.and_then(|it| it.template);
            let carried = template.as_deref() == Some(ATTACHED);
            tried.insert(if carried { Way::File } else { *way });
            return decide(conn, case, tried, before).await;
        }
        Became::FailedPerhaps => {
            let why = format!("it may have arrived: {}", reason.unwrap_or_default());
            return show(conn, case, open.tried.clone(), &why).await;
        }
    };
    notices::settle(conn, open.event, &settled, case.now).await?;
    Ok(Handed::Nowhere)
}

/// Takes back a message that waits unsent, where what it announces is over or a letter is
/// sooner there; returns the ways that are closed by then. One that was to go at any hour
/// and waited gets its quiet hours.
async fn taken_back(
    conn: &mut Conn,
    case: &Case,
    open: &Open,
    message: &Standing,
) -> Result<Option<BTreeSet<Way>>, Error> {
    if case.is_over && withdraw(conn, message.id, "no longer to come").await? {
        return Ok(Some(open.tried.clone()));
    }
    let is_night = |at| {
        case.telling
            .quiet
            .is_some_and(|quiet| quiet.end_after(at).is_some())
    };
    // What only rested is not held back.
    let rested = is_night(case.now) || is_night(case.now - HELD_BACK);
    let is_late = message.since + HELD_BACK <= case.now && !rested;
    let by_letter = case.email.is_some() && !open.tried.contains(&Way::Email);
    if is_late && by_letter && withdraw(conn, message.id, "held back for too long").await? {
        let on_whatsapp = [Way::File, Way::Text, Way::Template];
        return Ok(Some(&open.tried | &on_whatsapp.into()));
    }
    let event = &case.recorded.event;
    // A person who had it sent again chose the hour.
    if Some(message.id) == open.message {
        let wrote = contact(conn, case).await?;
        let wrote = wrote.and_then(|stored| stored.contact.last_inbound_at);
        if let Some(quiet) = case.telling.quiet
            && !may_wake(&event.what, case.now, wrote)
        {
            let_rest(conn, message.id, quiet).await?;
        }
    }
    Ok(None)
}

/// Returns whom a notice is for; `None` where their record does not read.
async fn contact(conn: &mut Conn, case: &Case) -> Result<Option<StoredContact>, Error> {
    let id = case.recorded.event.contact.to_string();
    let keys = &case.telling.ground.keys;
    let mut found = load_readable(conn, keys, std::slice::from_ref(&id)).await?;
    Ok(found.remove(&id))
}

/// Decides which way a notice goes now, and sends it there, in the place of the message it
/// was `before`.
async fn decide(
    conn: &mut Conn,
    case: &Case,
    tried: BTreeSet<Way>,
    before: Option<OutboxId>,
) -> Result<Handed, Error> {
    let telling = &case.telling;
    let event = &case.recorded.event;
    let Some(stored) = contact(conn, case).await? else {
        return show(conn, case, tried, "their record does not read").await;
    };
    let preferences = wishes::preferences(conn, event.contact).await?;
    let speaks = language(stored.contact.speaks());
    let notice = {
        let catalog = telling.investing.catalog();
        notice(&event.what, &|code| scheme_name(&catalog, code))
    };
    let said = telling.voice.say(speaks, &notice)?;
    let template = {
        let open = (&tried, stored.contact.marketing);
        sending::template(conn, case, (speaks, &notice, &said), open).await?
    };
    let is_out_of_reach = is_out_of_reach(conn, stored.contact.id, case.now).await?;
    let by_template = (template.is_some(), is_out_of_reach);
    let facts = facts(case, &stored, &preferences, by_template, tried);
    let stand = |state, reason: &str| Stand {
        state,
        sent: None,
        tried: facts.tried.clone(),
        reason: Some(reason.to_owned()),
        looks: 0,
    };
    let chosen = route(&facts, case.now);
    let settled = match chosen {
        Route::Go(way) => {
            // What may wake somebody now may not tomorrow, if it has to wait.
            let is_night = |quiet: &QuietHours| quiet.end_after(case.now + FIRST_LOOK).is_some();
            let quiet = telling.quiet.filter(|quiet| !is_night(quiet));
            let sending = Sending {
                case,
                stored: &stored,
                notice: &notice,
                said: &said,
                speaks,
                template,
                quiet,
                until: facts.useful_until,
            };
            let (handed, message) = sending.hand_over(conn, way).await?;
            if let Some(before) = before
                && !replaced(conn, before, &message).await?
            {
                // A person has just had it sent again.
                return Err(Error::Again("the message of a notice"));
            }
            let settled = Stand {
                state: State::Handed(case.now + FIRST_LOOK),
                sent: Some((way, message)),
                tried: facts.tried.clone(),
                reason: None,
                looks: 0,
            };
            metrics::notice(notice.kind.as_str(), way.as_str());
            notices::settle(conn, case.recorded.id, &settled, case.now).await?;
            return Ok(handed);
        }
        Route::Show(why) => return show(conn, case, facts.tried, why).await,
        Route::Wait(until, why) => stand(State::Waiting(until), why),
        Route::Decline => stand(State::Declined, "not wanted"),
        Route::Lapse => stand(State::Lapsed, "its day has passed, or it is not to come"),
    };
    if !matches!(chosen, Route::Wait(..)) {
        metrics::notice(notice.kind.as_str(), settled.state.as_str());
    }
    notices::settle(conn, case.recorded.id, &settled, case.now).await?;
    Ok(Handed::Nowhere)
}

fn facts(
    case: &Case,
    stored: &StoredContact,
    preferences: &Preferences,
    (has_template, is_out_of_reach): (bool, bool),
    tried: BTreeSet<Way>,
) -> Facts {
    let (now, what) = (case.now, &case.recorded.event.what);
    let (kind, wrote) = (Kind::of(what), stored.contact.last_inbound_at);
    let night = case.telling.quiet.filter(|_| !may_wake(what, now, wrote));
    Facts {
        kind,
        wish: preferences.wish(kind),
        is_over: case.is_over,
        is_urgent: is_urgent(what, now.to_zoned(ist()).date()),
        useful_until: useful_until(what, case.recorded.at),
        quiet_until: night.and_then(|quiet| quiet.end_after(now)),
        window_is_open: window_is_open(wrote, now),
        has_file: sending::file(what).is_some(),
        has_template,
        is_out_of_reach,
        has_email: case.email.is_some(),
        is_held: stored.contact.owner == Owner::Human,
        is_doubtful: stored.contact.unverified_since.is_some(),
        tried,
    }
}

/// Puts a notice that cannot be told before a person, once for each investor.
async fn show(
    conn: &mut Conn,
    case: &Case,
    tried: BTreeSet<Way>,
    why: &str,
) -> Result<Handed, Error> {
    let event = &case.recorded.event;
    let kind = Kind::of(&event.what);
    let detail = format!("not told of {}: {why}", kind.as_str());
    let subject = event.contact.to_string();
    let ids = &case.telling.ground.ids;
    let now = case.now.as_millisecond();
    open_attention(conn, ids, "notice_not_told", &subject, &detail, now).await?;
    metrics::notice(kind.as_str(), State::Shown.as_str());
    let settled = Stand {
        state: State::Shown,
        sent: None,
        tried,
        reason: Some(why.to_owned()),
        looks: 0,
    };
    notices::settle(conn, case.recorded.id, &settled, case.now).await?;
    Ok(Handed::Nowhere)
}
