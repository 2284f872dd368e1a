//! Applies status webhooks, set-wise and only upwards.

use std::collections::{BTreeMap, HashMap};

use sqlx::Row;

use super::super::Ground;
use super::super::outbox::{OutboxState, StatusMove};
use super::refused::{heed, take_contacts};
use super::take_in_order;
use crate::storage::{Conn, Error, list, padded, sql, values};

/// Moves outbox rows up. A status whose row is not known yet waits for it.
pub(in crate::pipeline) async fn move_up(
    conn: &mut Conn,
    ground: &Ground,
    mut moves: Vec<StatusMove>,
    lock_rows: &str,
) -> Result<(), Error> {
    name_rows(conn, &mut moves).await?;
    let refused = moves
        .iter()
        .filter_map(|update| Some((update.id.as_deref()?, update.code)));
    take_contacts(conn, lock_rows, &refused.collect::<Vec<_>>()).await?;
    let rows = moves.iter().filter_map(|update| update.id.as_deref());
    take_in_order(conn, lock_rows, "outbox", rows.collect()).await?;
    let (known, early): (Vec<_>, Vec<_>) =
        moves.into_iter().partition(|update| update.id.is_some());
    let traces = climb(conn, &known).await?;
    super::costs::charge(conn, &known).await?;
    for update in &known {
        if let (Some(id), Some(code)) = (&update.id, update.code) {
            heed(conn, ground, id, (code, update.at)).await?;
        }
    }
    for update in &known {
        let id = update.id.as_deref().unwrap_or_default();
        if let Some(trace) = traces.get(id) {
            tracing::info!(target: "message", trace_id = %trace, outbox = %id, status = update.state.as_str(), "status received");
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
    for run in padded(&nameless, 1) {
        let text = format!(
            "select wamid, id from outbox where wamid in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for wamid in run.filled() {
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

/// What all the statuses of one row at hand come to.
struct Climb<'a> {
    id: &'a str,
    wamid: [u8; 16],
    /// The furthest of them.
    state: OutboxState,
    /// Why it failed first.
    code: Option<i64>,
    first_at: i64,
    /// When it was sent, failed, delivered and read.
    reached: [Option<i64>; 4],
}

/// Returns which of a row's times a state is the reaching of.
fn step(state: OutboxState) -> usize {
    match state {
        OutboxState::Sent => 0,
        OutboxState::Failed => 1,
        OutboxState::Delivered => 2,
        _ => 3,
    }
}

/// Returns whether a failure comes before what is known of others. Of two at the same time
/// the lower code counts, whichever came first.
fn is_earlier((at, code): (i64, Option<i64>), known: (Option<i64>, Option<i64>)) -> bool {
    let last = |code: Option<i64>| code.unwrap_or(i64::MAX);
    known
        .0
        .is_none_or(|known_at| (at, last(code)) < (known_at, last(known.1)))
}

/// Puts the statuses of each row together: one often comes with the next.
fn climbs(moves: &[StatusMove]) -> Vec<Climb<'_>> {
    let mut climbs: BTreeMap<&str, Climb<'_>> = BTreeMap::new();
    for update in moves {
        let Some(id) = update.id.as_deref() else {
            continue;
        };
        let climb = climbs.entry(id).or_insert_with(|| Climb {
            id,
            wamid: update.wamid,
            state: update.state,
            code: None,
            first_at: update.at,
            reached: [None; 4],
        });
        let reached = &mut climb.reached[step(update.state)];
        let failed = update.state == OutboxState::Failed;
        if failed && is_earlier((update.at, update.code), (*reached, climb.code)) {
            climb.code = update.code;
        }
        *reached = Some(reached.map_or(update.at, |known| known.min(update.at)));
        climb.first_at = climb.first_at.min(update.at);
        if update.state.rank() > climb.state.rank() {
            climb.state = update.state;
        }
    }
    climbs.into_values().collect()
}

/// Moves rows up and returns the trace of each.
async fn climb(conn: &mut Conn, moves: &[StatusMove]) -> Result<HashMap<String, String>, Error> {
    let is_told = tracing::enabled!(target: "message", tracing::Level::INFO);
    let told = if is_told {
        " returning outbox.id, outbox.trace"
    } else {
        ""
    };
    let mut traces = HashMap::new();
    for run in padded(&climbs(moves), 10) {
        // Meta accepted whatever it reports about, so the row is settled in any case, and
        // each time is that of the earliest that says so, however far the state has gone.
        let [sent, failed, delivered, read, accepted] = [
            ("sent_at", 7),
            ("failed_at", 8),
            ("delivered_at", 9),
            ("read_at", 10),
            ("accepted_at", 6),
        ]
        .map(|(time, column)| {
            format!(
                "{time} = case when {time} <= v.column{column} then {time}
                               else coalesce(v.column{column}, {time}) end"
            )
        });
        let text = format!(
            "update outbox
                set {sent}, {failed}, {delivered}, {read}, {accepted},
                    code = case when v.column8 is null then code
                                when failed_at is null or v.column8 < failed_at
                                     or (v.column8 = failed_at
                                         and (code is null or v.column5 < code))
                                then coalesce(v.column5, code)
                                else code end,
                    wamid = coalesce(wamid, v.column2),
                    state = case when rank < v.column4 then v.column3 else state end,
                    rank = case when rank < v.column4 then v.column4 else rank end
               from (values {}) as v
              where outbox.id = v.column1{told}",
            values(run.len(), 10)
        );
        let mut query = sqlx::query(sql(text));
        for climb in run.filled() {
            query = query
                .bind(climb.id)
                .bind(climb.wamid.to_vec())
                .bind(climb.state.as_str())
                .bind(climb.state.rank())
                .bind(climb.code)
                .bind(climb.first_at);
            for at in climb.reached {
                query = query.bind(at);
            }
        }
        for row in query.fetch_all(&mut *conn).await? {
            traces.insert(row.get(0), row.get(1));
        }
    }
    Ok(traces)
}

async fn keep_early(conn: &mut Conn, update: &StatusMove) -> Result<(), Error> {
    // Of several of the same kind the earliest counts, of two at the same time the lower
    // code, and of two prices one, whichever came first.
    sqlx::query(
        "insert into early_statuses (wamid, status, rank, at, code, pricing)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (wamid, status) do update
            set at = case when excluded.at < early_statuses.at then excluded.at
                          else early_statuses.at end,
                code = case when excluded.code is not null
                                 and (early_statuses.code is null
                                      or excluded.at < early_statuses.at
                                      or (excluded.at = early_statuses.at
                                          and excluded.code < early_statuses.code))
                            then excluded.code
                            else early_statuses.code end,
                pricing = case when early_statuses.pricing is null
                                    or excluded.pricing < early_statuses.pricing
                               then coalesce(excluded.pricing, early_statuses.pricing)
                               else early_statuses.pricing end",
    )
    .bind(update.wamid.to_vec())
    .bind(update.state.as_str())
    .bind(update.state.rank())
    .bind(update.at)
    .bind(update.code)
    .bind(
        update
            .pricing
            .as_ref()
            .map(|one| serde_json::to_string(one).expect("words are plain data")),
    )
    .execute(conn)
    .await?;
    Ok(())
}
