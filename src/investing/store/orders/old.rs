//! What is kept for a while only.

use jiff::Timestamp;

use crate::storage::{Conn, Error, list, padded, sql};

/// What is forgotten.
#[derive(Debug, Clone, Copy)]
pub(in crate::investing) enum Old {
    /// Drafts that expired and that nobody confirmed.
    Drafts,
    /// Operations no limit looks at any more.
    Operations,
}

impl Old {
    fn table(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Operations => "money_operations",
        }
    }
}

/// Lists up to `most` ids of what is older, from after an id on. Confirmed drafts stay for
/// ever, and it goes past all of them: it is read beside the writer.
pub(in crate::investing) async fn list_old(
    conn: &mut Conn,
    old: Old,
    before: Timestamp,
    (after, most): (&str, i64),
) -> Result<Vec<String>, Error> {
    let select = match old {
        Old::Drafts => {
            "select d.id from drafts d
              where d.expires_at < $1 and d.id > $2
                and not exists (select 1 from orders o where o.draft_id = d.id)
                and not exists (select 1 from plans p where p.draft_id = d.id)
                and not exists (select 1 from mandates m where m.draft_id = d.id)
              order by d.id limit $3"
        }
        Old::Operations => {
            "select id from money_operations where at < $1 and id > $2 order by id limit $3"
        }
    };
    let ids = sqlx::query_scalar(select)
        .bind(before.as_millisecond())
        .bind(after)
        .bind(most)
        .fetch_all(conn)
        .await?;
    Ok(ids)
}

/// Deletes these.
pub(in crate::investing) async fn delete(
    conn: &mut Conn,
    old: Old,
    ids: &[String],
) -> Result<(), Error> {
    for run in padded(ids, 1) {
        let (table, places) = (old.table(), list(run.len()));
        let mut delete = sqlx::query(sql(format!("delete from {table} where id in ({places})")));
        for id in run.filled() {
            delete = delete.bind(id);
        }
        delete.execute(&mut *conn).await?;
    }
    Ok(())
}
