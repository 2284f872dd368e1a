//! What happens to one notice, in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::sending::{self, Sending};
use super::{Telling, language, scheme_name};
use crate::clock::ist;
use crate::contacts::Owner;
use crate::contacts::store::{StoredContact, load_readable};
use crate::id::OutboxId;
use crate::investing::events::{self, Recorded};
use crate::notifications::Notice;
use crate::notifications::definitions::ATTACHED;
use crate::notifications::kind::Kind;
use crate::notifications::notice::notice;
use crate::notifications::ports::Planned;
use crate::notifications::preferences::Preferences;
use crate::notifications::route::{Facts, Route, Way, route};
use crate::notifications::store::letters;
use crate::notifications::store::notices::{self, Open, Stand, State};
use crate::notifications::store::wishes;
use crate::notifications::timing::{is_urgent, useful_until};
use crate::pipeline::{QuietHours, Standing, open_attention, standing, window_is_open};
use crate::storage::{Conn, Error};
use crate::telemetry::metrics;

/// When a notice that was handed over is looked at first; later each time after.
const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(20);
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(6);
/// What Meta took and nobody has heard of for so long is left as it is.
const LOOKS: i64 = 24;

/// One event, and what is known for it.
pub(super) struct Case {
    pub(super) telling: Arc<Telling>,
    pub(super) recorded: Recorded,
    pub(super) email: Option<String>,
    pub(super) planned: Option<Vec<Planned>>,
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
    decide(conn, case, BTreeSet::new()).await
}

/// Looks at a notice that waits or is on its way.
pub(super) async fn look_again(conn: &mut Conn, case: &Case, open: &Open) -> Result<Handed, Error> {
    if !notices::take(conn, open).await? {
        return Ok(Handed::Nowhere);
    }
    let Some((way, id)) = &open.on_its_way else {
        return decide(conn, case, open.tried.clone()).await;
    };
    let mut template = None;
    let (became, reason) = match way {
        Way::Email => of_letter(letters::standing(conn, id).await?),
        Way::File | Way::Text | Way::Template => {
            let id: OutboxId = id
                .parse()
                .map_err(|_| Error::Conflict("the outbox row of a notice"))?;
            let standing = standing(conn, id).await?;
            template = standing.as_ref().and_then(|it| it.template.clone());
            of_message(standing)
        }
    };
    let stand = |state, reason: Option<String>| Stand {
        state,
        sent: None,
        tried: open.tried.clone(),
        reason,
    };
    let settled = match became {
        Became::Told => stand(State::Told, reason),
        Became::Unknown => stand(State::Unknown, reason),
        Became::OnItsWay if open.looks >= LOOKS => stand(State::Unknown, reason),
        Became::Accepted if open.looks >= LOOKS => stand(State::Told, reason),
        Became::OnItsWay | Became::Accepted => {
            let doublings = u32::try_from(open.looks.clamp(0, 20)).unwrap_or(0);
            let pause = FIRST_LOOK * 2_i32.pow(doublings.min(12));
            stand(State::Handed(case.now + pause.min(LAST_LOOK)), None)
        }
        Became::NotSent => return decide(conn, case, open.tried.clone()).await,
        Became::Failed => {
            let mut tried = open.tried.clone();
            // Of the template that carries a document its link can still go in words.
            let carried = template.as_deref() == Some(ATTACHED);
            tried.insert(if carried { Way::File } else { *way });
            return decide(conn, case, tried).await;
        }
        Became::FailedPerhaps => {
            let why = reason.unwrap_or_default();
            return show(
                conn,
                case,
                open.tried.clone(),
                &format!("it may have arrived: {why}"),
            )
            .await;
        }
    };
    notices::settle(conn, open.event, &settled, case.now).await?;
    Ok(Handed::Nowhere)
}

/// What became of a message or letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    OnItsWay,
    /// Meta took it and it may still arrive.
    Accepted,
    Told,
    /// Never sent; the same way may be open another time.
    NotSent,
    /// Certainly failed.
    Failed,
    /// Failed, and yet it may have reached one of their devices.
    FailedPerhaps,
    Unknown,
}

fn of_message(standing: Option<Standing>) -> (Became, Option<String>) {
    let Some(it) = standing else {
        return (Became::Unknown, Some("its message is gone".to_owned()));
    };
    let became = match it.state.as_str() {
        "delivered" | "read" | "played" => Became::Told,
        // Tried again it would fit no better.
        "cancelled" if !it.was_accepted && it.reason.as_deref() == Some("template_misfit") => {
            Became::Failed
        }
        "cancelled" if !it.was_accepted => Became::NotSent,
        "failed" if !it.was_accepted || is_never_delivered(it.code) => Became::Failed,
        "failed" | "cancelled" | "superseded" => Became::FailedPerhaps,
        "accepted" | "sent" => Became::Accepted,
        _ => Became::OnItsWay,
    };
    (became, it.reason)
}

/// Returns whether Meta's code says that no device got it: nobody there to get it, the
/// window closed, a file that could not be used, or a template that is not (any more) one.
fn is_never_delivered(code: Option<i64>) -> bool {
    matches!(
        code,
        Some(131_026 | 131_047 | 131_052 | 131_053 | 132_000..=132_016)
    )
}

fn of_letter((state, reason): (String, Option<String>)) -> (Became, Option<String>) {
    let became = match state.as_str() {
        "sent" => Became::Told,
        "failed" => Became::Failed,
        "unknown" => Became::Unknown,
        _ => Became::OnItsWay,
    };
    (became, reason)
}

/// Decides which way a notice goes now, and sends it there.
async fn decide(conn: &mut Conn, case: &Case, tried: BTreeSet<Way>) -> Result<Handed, Error> {
    let telling = &case.telling;
    let event = &case.recorded.event;
    let id = event.contact.to_string();
    let mut found = load_readable(conn, &telling.ground.keys, std::slice::from_ref(&id)).await?;
    let Some(stored) = found.remove(&id) else {
        return show(conn, case, tried, "their record does not read").await;
    };
    let preferences = wishes::preferences(conn, event.contact).await?;
    let speaks = language(stored.contact.speaks());
    let notice = {
        let catalog = telling.investing.catalog();
        notice(&event.what, &|code| scheme_name(&catalog, code))
    };
    let quiet = preferences.quiet.or(telling.quiet);
    let said = telling.voice.say(speaks, &notice)?;
    let template = {
        let open = (&tried, stored.contact.marketing);
        sending::template(conn, case, (speaks, &notice, &said), open).await?
    };
    let facts = facts(
        case,
        &stored,
        &preferences,
        &notice,
        (quiet, template.is_some()),
        tried,
    );
    let stand = |state, reason: &str| Stand {
        state,
        sent: None,
        tried: facts.tried.clone(),
        reason: Some(reason.to_owned()),
    };
    let chosen = route(&facts, case.now);
    let settled = match chosen {
        Route::Go(way) => {
            let quiet = quiet.filter(|_| !facts.is_urgent && facts.quiet_until.is_none());
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
            let settled = Stand {
                state: State::Handed(case.now + FIRST_LOOK),
                sent: Some((way, message)),
                tried: facts.tried.clone(),
                reason: None,
            };
            metrics::notice(notice.kind.as_str(), way.as_str());
            notices::settle(conn, case.recorded.id, &settled, case.now).await?;
            return Ok(handed);
        }
        Route::Show(why) => return show(conn, case, facts.tried, why).await,
        Route::Wait(until, why) => stand(State::Waiting(until), why),
        Route::Decline => stand(State::Declined, "not wanted"),
        Route::Lapse => stand(State::Lapsed, "its day has passed"),
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
    notice: &Notice,
    (quiet, has_template): (Option<QuietHours>, bool),
    tried: BTreeSet<Way>,
) -> Facts {
    let (now, what) = (case.now, &case.recorded.event.what);
    Facts {
        kind: notice.kind,
        wish: preferences.wish(notice.kind),
        is_urgent: is_urgent(what, now.to_zoned(ist()).date()),
        useful_until: useful_until(what, case.recorded.at),
        quiet_until: quiet.and_then(|quiet| quiet.end_after(now)),
        window_is_open: window_is_open(stored.contact.last_inbound_at, now),
        has_file: sending::file(what).is_some(),
        has_template,
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
    };
    notices::settle(conn, case.recorded.id, &settled, case.now).await?;
    Ok(Handed::Nowhere)
}
