//! Empties what was kept long enough, a few rows at a time, through indexes of what
//! still has contents.

use crate::storage::{Conn, Error, sql};

/// A statement that empties or forgets the oldest rows, `$1` being the time before which
/// and `$2` the most at a time.
fn statements() -> [(&'static str, Since); 4] {
    [
        (
            // Of what nobody could read nothing can come any more either.
            "update inbox set payload = null,
                    outcome = case when state = 'quarantined' then 'emptied' else outcome end,
                    state = case when state = 'quarantined' then 'done' else state end
              where id in (select id from inbox
                            where received_at < $1 and payload is not null
                              and state in ('done', 'stored', 'quarantined')
                            order by received_at limit $2)",
            Since::Contents,
        ),
        (
            "update outbox set payload = null
              where id in (select id from outbox
                            where created_at < $1 and payload is not null
                              and state not in ('queued', 'sending', 'unknown')
                            order by created_at limit $2)",
            Since::Contents,
        ),
        (
            "delete from attention
              where id in (select id from attention
                            where resolved_at < $1 order by resolved_at limit $2)",
            Since::Contents,
        ),
        (
            "delete from early_statuses
              where (wamid, status) in (select wamid, status from early_statuses
                                         where at < $1 order by at limit $2)",
            Since::EarlyStatus,
        ),
    ]
}

/// Which of the two times a statement goes by.
#[derive(Debug, Clone, Copy)]
enum Since {
    Contents,
    EarlyStatus,
}

/// Empties up to `most` rows of each table of what is older than `before`, also by the
/// statements of `others`, and forgets statuses older than `early` that no message claimed;
/// returns how many rows that were.
pub(in crate::pipeline) async fn empty(
    conn: &mut Conn,
    (before, others): (i64, &[&'static str]),
    early: i64,
    most: i64,
) -> Result<u64, Error> {
    let mut emptied = 0;
    let others = others.iter().map(|statement| (*statement, Since::Contents));
    for (statement, since) in statements().into_iter().chain(others) {
        let at = match since {
            Since::Contents => before,
            Since::EarlyStatus => early,
        };
        let done = sqlx::query(sql(statement.to_owned()))
            .bind(at)
            .bind(most)
            .execute(&mut *conn)
            .await?;
        emptied += done.rows_affected();
    }
    Ok(emptied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Db;
    use sqlx::Row as _;

    /// What SQLite says it would do for a statement, a line each.
    async fn plan(db: &Db, statement: &str) -> Vec<String> {
        let mut conn = db.read().await.unwrap();
        let explained = format!("explain query plan {statement}");
        let rows = sqlx::query(sql(explained))
            .bind(1_i64)
            .bind(1_i64)
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        rows.iter().map(|row| row.get("detail")).collect()
    }

    #[tokio::test]
    async fn no_table_is_read_from_end_to_end_to_find_what_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        let indexes = [
            "inbox_contents",
            "outbox_contents",
            "attention_resolved",
            "early_statuses_at",
        ];
        for ((statement, _), index) in statements().into_iter().zip(indexes) {
            let steps = plan(&db, statement).await;
            let reads_all = steps.iter().any(|step| step.starts_with("SCAN"));
            assert!(!reads_all, "{steps:?}");
            let goes_by = steps.iter().any(|step| step.contains(index));
            assert!(goes_by, "{index} is not used: {steps:?}");
            let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(!sorts, "{steps:?}");
        }
        let unindexed = plan(&db, "select id from outbox where disclosures = $1 limit $2").await;
        assert!(unindexed[0].starts_with("SCAN"), "{unindexed:?}");
    }
}
