//! What was last heard of the account: its limits, a stop.

use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::Row;

use super::super::account::{ACCOUNT_STOPPED, AccountState, DAILY_LIMIT, Stopped, alarm};
use super::super::inbox::Heard;
use super::sending::HELD_TOGETHER;
use super::settle::close_attentions;
use super::templates::hear_of_template;
use super::{close_attention, instant, open_attention};
use crate::id::Ids;
use crate::storage::{Conn, Error, padded, sql, values_from};
use crate::whatsapp::{DailyLimit, News};

/// Returns what the account may do. With its row locked no news changes it before this
/// write commits, so that what news lets go is not held by what was so before.
pub async fn account_state(conn: &mut Conn, lock_rows: &str) -> Result<AccountState, Error> {
    let text = format!(
        "select daily_limit, per_second, stopped, stopped_until, first_only, refused,
                refused_until, slowed, slowed_until, answers_until
           from account_state where id = 1{lock_rows}"
    );
    let row = sqlx::query(sql(text)).fetch_optional(conn).await?;
    let Some(row) = row else {
        return Ok(AccountState::default());
    };
    let limit: Option<i64> = row.get(0);
    let per_second: Option<i64> = row.get(1);
    let time = |at: usize| row.get::<Option<i64>, _>(at).map(instant);
    let stop = |at: usize, first_only| {
        let why: Option<String> = row.get(at);
        why.map(|why| Stopped {
            why,
            until: time(at + 1),
            first_only,
            answers_until: None,
        })
    };
    let told = stop(2, row.get::<i64, _>(4) == 1).map(|told| Stopped {
        answers_until: time(9),
        ..told
    });
    Ok(AccountState {
        daily_limit: limit.map(|most| match u32::try_from(most) {
            Ok(most) => DailyLimit::People(most),
            Err(_) => DailyLimit::Unlimited,
        }),
        per_second: per_second.and_then(|rate| u32::try_from(rate).ok()),
        stops: [told, stop(5, false), stop(7, true)]
            .into_iter()
            .flatten()
            .collect(),
    })
}

/// Returns which of these people were written to first since a time.
pub(in crate::pipeline) async fn written_first(
    conn: &mut Conn,
    contacts: &[String],
    since: i64,
) -> Result<HashSet<String>, Error> {
    let mut found = HashSet::new();
    for run in padded(contacts, 1) {
        let text = format!(
            "select distinct contact_id from outbox
              where writes_first = 1 and sending_at > $1 and contact_id in (values {})",
            values_from(2, run.len(), 1)
        );
        let mut query = sqlx::query(sql(text)).bind(since);
        for contact in run.filled() {
            query = query.bind(contact);
        }
        let rows = query.fetch_all(&mut *conn).await?;
        found.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    Ok(found)
}

/// Returns when the first of those was written to.
pub(in crate::pipeline) async fn first_written_first(
    conn: &mut Conn,
    since: i64,
) -> Result<Option<i64>, Error> {
    let at = sqlx::query_scalar(
        "select min(sending_at) from outbox where writes_first = 1 and sending_at > $1",
    );
    Ok(at.bind(since).fetch_one(conn).await?)
}

/// Counts the people who were written to first since a time.
pub(in crate::pipeline) async fn count_written_first(
    conn: &mut Conn,
    since: i64,
) -> Result<i64, Error> {
    let count = sqlx::query_scalar(
        "select count(distinct contact_id) from outbox where writes_first = 1 and sending_at > $1",
    );
    Ok(count.bind(since).fetch_one(conn).await?)
}

/// Takes news in: what it changes, and what a person should know of it. Returns whether it
/// changed anything: what is older than what was heard before does not.
pub(in crate::pipeline) async fn hear(
    conn: &mut Conn,
    ids: &Ids,
    heard: &Heard,
    now: Timestamp,
) -> Result<bool, Error> {
    let Heard { news, at } = heard;
    let millis = now.as_millisecond();
    let is_news = match news {
        News::Template {
            name,
            language,
            id,
            what,
        } => hear_of_template(conn, (name, language, id), what, (*at, now)).await?,
        News::DailyLimit(limit) => hear_of_limit(conn, *limit, *at, millis).await?,
        News::Upgraded => {
            set_account(conn, "per_second = $2", UPGRADED, millis).await?;
            true
        }
        News::Stopped {
            why,
            until,
            first_only,
            answers_until,
        } => {
            let stop = Stopped {
                why: why.clone(),
                until: *until,
                first_only: *first_only,
                answers_until: *answers_until,
            };
            hear_of_stop(conn, Some(&stop), *at, millis).await?
        }
        News::Reinstated => {
            let is_news = hear_of_stop(conn, None, *at, millis).await?;
            if is_news {
                lift_all(conn, millis).await?;
            }
            is_news
        }
        News::Number(_) | News::Name { .. } | News::Told { .. } => true,
    };
    if !is_news {
        tracing::info!(
            ?news,
            "older than what was heard before: it changes nothing"
        );
        return Ok(false);
    }
    if let Some((kind, subject, detail)) = alarm(news) {
        open_attention(conn, ids, kind, &subject, &detail, millis).await?;
    }
    Ok(true)
}

async fn hear_of_limit(
    conn: &mut Conn,
    limit: DailyLimit,
    at: Timestamp,
    now: i64,
) -> Result<bool, Error> {
    let most = match limit {
        DailyLimit::People(most) => i64::from(most),
        DailyLimit::Unlimited => -1,
    };
    make_account(conn, now).await?;
    // Of two limits at the same time the higher one counts, whichever came first.
    let changed = sqlx::query(
        "update account_state set daily_limit = $1, limit_at = $2, updated_at = $3
          where id = 1 and (limit_at is null or limit_at < $2
                            or (limit_at = $2
                                and ($1 < 0 or (daily_limit >= 0 and daily_limit <= $1))))",
    )
    .bind(most)
    .bind(at.as_millisecond())
    .bind(now)
    .execute(&mut *conn)
    .await?;
    let is_news = changed.rows_affected() == 1;
    if is_news {
        close_attention(conn, DAILY_LIMIT, "account", now).await?;
        release(conn, DAILY_LIMIT, now).await?;
    }
    Ok(is_news)
}

async fn hear_of_stop(
    conn: &mut Conn,
    stop: Option<&Stopped>,
    at: Timestamp,
    now: i64,
) -> Result<bool, Error> {
    make_account(conn, now).await?;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    let until = millis(stop.and_then(|stop| stop.until));
    let answers_until = millis(stop.and_then(|stop| stop.answers_until));
    let first_only = stop.is_some_and(|stop| stop.first_only);
    let holds_answers = match answers_until.or(until) {
        _ if first_only => 0,
        end => end.unwrap_or(i64::MAX),
    };
    // At the same time an end follows what it ends, and of two stops that counts which
    // stops more or longer, whichever came first.
    let changed = sqlx::query(
        "update account_state
            set stopped = $1, stopped_until = $2, first_only = $3, stop_at = $4, updated_at = $5,
                answers_until = $7
          where id = 1
            and (stop_at is null or stop_at < $4
                 or (stop_at = $4
                     and (cast($1 as text) is null
                          or (stopped is not null
                              and (case when first_only = 1 then 0
                                        else coalesce(answers_until, stopped_until, $6) end < $8
                                   or (case when first_only = 1 then 0
                                            else coalesce(answers_until, stopped_until, $6) end = $8
                                       and (coalesce(stopped_until, $6) < coalesce($2, $6)
                                            or (coalesce(stopped_until, $6) = coalesce($2, $6)
                                                and stopped <= $1))))))))",
    )
    .bind(stop.map(|stop| stop.why.as_str()))
    .bind(until)
    .bind(i64::from(first_only))
    .bind(at.as_millisecond())
    .bind(now)
    .bind(i64::MAX)
    .bind(answers_until)
    .bind(holds_answers)
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// A stop of ours that a refusal of Meta's led to, beside what Meta told of and the other one:
/// what was told before and after it counts as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ours {
    /// Nobody is written to.
    Refused,
    /// Nobody is written to first.
    Slowed,
}

/// Stops until a time, unless that is stopped already.
pub(super) async fn stop_until(
    conn: &mut Conn,
    what: Ours,
    (why, until): (&str, i64),
    now: i64,
) -> Result<(), Error> {
    make_account(conn, now).await?;
    let text = match what {
        Ours::Refused => {
            "update account_state set refused = $1, refused_until = $2, updated_at = $3
              where id = 1 and (refused is null or refused_until <= $3)"
        }
        Ours::Slowed => {
            "update account_state set slowed = $1, slowed_until = $2, updated_at = $3
              where id = 1 and (slowed is null or slowed_until <= $3)"
        }
    };
    let stop = sqlx::query(text).bind(why).bind(until).bind(now);
    stop.execute(conn).await?;
    Ok(())
}

/// Lifts the stop that is in force for this reason: because a person says so, or because
/// its time is over. Older news of it stays without effect. What it held goes, unless another
/// stop holds it.
pub(in crate::pipeline) async fn lift_stop(
    conn: &mut Conn,
    why: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let now = now.as_millisecond();
    let mut lifted = 0;
    for text in [
        "update account_state
            set stopped = null, stopped_until = null, first_only = 0, answers_until = null,
                updated_at = $2
          where id = 1 and stopped = $1",
        "update account_state set refused = null, refused_until = null, updated_at = $2
          where id = 1 and refused = $1",
        "update account_state set slowed = null, slowed_until = null, updated_at = $2
          where id = 1 and slowed = $1",
    ] {
        let done = sqlx::query(text).bind(why).bind(now);
        lifted += done.execute(&mut *conn).await?.rows_affected();
    }
    if lifted == 0 {
        return Ok(false);
    }
    if !is_stopped(conn).await? {
        release(conn, ACCOUNT_STOPPED, now).await?;
    }
    Ok(true)
}

async fn is_stopped(conn: &mut Conn) -> Result<bool, Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "select id from account_state
          where id = 1 and (stopped is not null or refused is not null or slowed is not null)",
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Lifts a stop whose time is over, and takes back what a person was told of it.
pub(in crate::pipeline) async fn end_stop(
    conn: &mut Conn,
    why: &str,
    now: Timestamp,
) -> Result<(), Error> {
    if !lift_stop(conn, why, now).await? {
        return Ok(());
    }
    let now = now.as_millisecond();
    if is_stopped(conn).await? {
        close_attention(conn, ACCOUNT_STOPPED, why, now).await?;
        return Ok(());
    }
    close_attentions(conn, ACCOUNT_STOPPED, now).await
}

/// The account is in order again: lets go what any stop held, and takes back what a person
/// was told of it.
async fn lift_all(conn: &mut Conn, now: i64) -> Result<(), Error> {
    sqlx::query(
        "update account_state
            set refused = null, refused_until = null, slowed = null, slowed_until = null
          where id = 1",
    )
    .execute(&mut *conn)
    .await?;
    close_attentions(conn, ACCOUNT_STOPPED, now).await?;
    release(conn, ACCOUNT_STOPPED, now).await
}

/// Lets the first of those go that a reason holds, since it holds no more.
async fn release(conn: &mut Conn, reason: &str, now: i64) -> Result<(), Error> {
    let_go(conn, reason, now, "").await.map(drop)
}

/// Has some of the messages looked at now that wait for one of the account's reasons, which
/// does not hold any more; returns how many. The rounds of the sender see to the rest.
pub(in crate::pipeline) async fn let_go(
    conn: &mut Conn,
    reason: &str,
    now: i64,
    lock_free_rows: &str,
) -> Result<u64, Error> {
    let text = format!(
        "update outbox set due_at = $2, reason = null
          where id in (select id from outbox
                        where state = 'queued' and reason in ('{ACCOUNT_STOPPED}', '{DAILY_LIMIT}')
                          and reason = $1
                        limit {HELD_TOGETHER}{lock_free_rows})"
    );
    let released = sqlx::query(sql(text))
        .bind(reason)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(released.rows_affected())
}

/// Messages a second of a number that was upgraded.
const UPGRADED: i64 = 1_000;

async fn set_account(
    conn: &mut Conn,
    change: &'static str,
    number: i64,
    now: i64,
) -> Result<(), Error> {
    make_account(conn, now).await?;
    let text = format!("update account_state set {change}, updated_at = $1 where id = 1");
    sqlx::query(sql(text))
        .bind(now)
        .bind(number)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn make_account(conn: &mut Conn, now: i64) -> Result<(), Error> {
    sqlx::query("insert into account_state (id, updated_at) values (1, $1) on conflict do nothing")
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
