//! What Graph said of our number when it was asked.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::super::account::{NUMBER_QUALITY, alarm};
use super::super::inbox::Heard;
use super::account::{account_state, hear, make_account};
use super::{close_attention, open_attention};
use crate::id::Ids;
use crate::storage::{Conn, Error};
use crate::whatsapp::templates::Quality;
use crate::whatsapp::{News, NumberLimits};

/// Records what our number may do, as it was when it was asked for.
///
/// Only what is not known yet counts as heard: a limit that stays the same lets nothing go
/// that waits for it. Webhooks name whole seconds, so that what one tells of the second in
/// which was asked is not taken for older.
pub async fn record_limits(
    conn: &mut Conn,
    ids: &Ids,
    limits: &NumberLimits,
    (asked, now): (Timestamp, Timestamp),
) -> Result<(), Error> {
    let known = account_state(conn, "").await?;
    let whole = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Floor);
    let at = asked.round(whole).unwrap_or(asked);
    let limit = limits
        .daily
        .filter(|limit| known.daily_limit != Some(*limit));
    let is_upgraded = limits.is_upgraded && known.per_second.is_none();
    let news = [
        limit.map(News::DailyLimit),
        is_upgraded.then_some(News::Upgraded),
    ];
    for news in news.into_iter().flatten() {
        hear(conn, ids, &Heard { news, at }, now).await?;
    }
    hear_of_quality(conn, ids, limits.quality, now.as_millisecond()).await
}

async fn hear_of_quality(
    conn: &mut Conn,
    ids: &Ids,
    quality: Quality,
    now: i64,
) -> Result<(), Error> {
    make_account(conn, now).await?;
    let changed = sqlx::query(
        "update account_state set quality = $1, updated_at = $2
          where id = 1 and coalesce(quality, '') <> $1",
    )
    .bind(quality.as_str())
    .bind(now)
    .execute(&mut *conn)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(());
    }
    let word = Quality::Red.as_str();
    if quality != Quality::Red {
        close_attention(conn, NUMBER_QUALITY, word, now).await?;
        return Ok(());
    }
    if let Some((kind, subject, detail)) = alarm(&News::Number(word.to_owned())) {
        open_attention(conn, ids, kind, &subject, &detail, now).await?;
    }
    Ok(())
}
