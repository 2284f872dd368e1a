//! Applies status webhooks, set-wise and only upwards.

use std::collections::HashMap;

use sqlx::Row;

use super::super::outbox::{OutboxState, StatusMove};
use super::take_in_order;
use crate::storage::{Conn, Error, list, runs, sql, values_from};

/// Moves outbox rows up. A status whose row is not known yet waits for it.
pub(in crate::pipeline) async fn move_up(
    conn: &mut Conn,
    mut moves: Vec<StatusMove>,
    lock_rows: &str,
) -> Result<(), Error> {
    name_rows(conn, &mut moves).await?;
    let rows = moves.iter().filter_map(|update| update.id.as_deref());
    take_in_order(conn, lock_rows, "outbox", rows.collect()).await?;
    let (known, early): (Vec<_>, Vec<_>) =
        moves.into_iter().partition(|update| update.id.is_some());
    for state in [
        OutboxState::Sent,
        OutboxState::Failed,
        OutboxState::Delivered,
        OutboxState::Read,
        OutboxState::Played,
    ] {
        let of_state: Vec<_> = known
            .iter()
            .filter(|update| update.state == state)
            .collect();
        for run in runs(&of_state) {
            move_to(conn, state, run).await?;
        }
    }
    for update in &early {
        keep_early(conn, update).await?;
    }
    Ok(())
}

/// Finds the rows of statuses that came without our callback, by message id.
async fn name_rows(conn: &mut Conn, moves: &mut [StatusMove]) -> Result<(), Error> {
    let nameless: Vec<[u8; 16]> = moves
        .iter()
        .filter(|update| update.id.is_none())
        .map(|update| update.wamid)
        .collect();
    let mut found: HashMap<Vec<u8>, String> = HashMap::new();
    for run in runs(&nameless) {
        let text = format!(
            "select wamid, id from outbox where wamid in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for wamid in run {
            query = query.bind(wamid.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            found.insert(row.get(0), row.get(1));
        }
    }
    for update in moves.iter_mut().filter(|update| update.id.is_none()) {
        update.id = found.get(update.wamid.as_slice()).cloned();
    }
    Ok(())
}

/// Column that records when a state was reached.
fn reached(state: OutboxState) -> &'static str {
    match state {
        OutboxState::Sent => "sent_at",
        OutboxState::Failed => "failed_at",
        OutboxState::Delivered => "delivered_at",
        _ => "read_at",
    }
}

async fn move_to(conn: &mut Conn, state: OutboxState, run: &[&StatusMove]) -> Result<(), Error> {
    // Meta accepted whatever it reports about, so the row is settled in any case, and
    // the time is kept even when the state has gone further already.
    let told = if tracing::enabled!(target: "message", tracing::Level::INFO) {
        " returning outbox.id, outbox.trace"
    } else {
        ""
    };
    let text = format!(
        "update outbox
            set {at} = coalesce({at}, v.column2),
                code = case when rank < $2 then coalesce(v.column3, code) else code end,
                wamid = coalesce(wamid, v.column4),
                accepted_at = coalesce(accepted_at, v.column2),
                state = case when rank < $2 then $1 else state end,
                rank = case when rank < $2 then $2 else rank end
           from (values {values}) as v
          where outbox.id = v.column1{told}",
        at = reached(state),
        values = values_from(3, run.len(), 4)
    );
    let mut query = sqlx::query(sql(text))
        .bind(state.as_str())
        .bind(state.rank());
    for update in run {
        query = query
            .bind(update.id.as_deref())
            .bind(update.at)
            .bind(update.code)
            .bind(update.wamid.to_vec());
    }
    for row in query.fetch_all(conn).await? {
        let (outbox, trace): (String, String) = (row.get(0), row.get(1));
        tracing::info!(target: "message", trace_id = %trace, %outbox, status = state.as_str(), "status received");
    }
    Ok(())
}

async fn keep_early(conn: &mut Conn, update: &StatusMove) -> Result<(), Error> {
    sqlx::query(
        "insert into early_statuses (wamid, status, rank, at, code) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(update.wamid.to_vec())
    .bind(update.state.as_str())
    .bind(update.state.rank())
    .bind(update.at)
    .bind(update.code)
    .execute(conn)
    .await?;
    Ok(())
}
