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
    /// What notices of the exchange said that were looked into: what came of them is with
    /// what they were about.
    Notices,
}

impl Old {
    /// A notice stays as a row, so that the same one again has no second effect.
    fn forget(self) -> &'static str {
        match self {
            Self::Drafts => "delete from drafts",
            Self::Operations => "delete from money_operations",
            Self::Notices => "update gateway_notices set body = null",
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
        Old::Notices => {
            "select id from gateway_notices
              where received_at < $1 and id > $2 and body is not null
                and state in ('done', 'unknown')
              order by id limit $3"
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

/// Forgets these.
pub(in crate::investing) async fn forget(
    conn: &mut Conn,
    old: Old,
    ids: &[String],
) -> Result<(), Error> {
    for run in padded(ids, 1) {
        let (forget, places) = (old.forget(), list(run.len()));
        let mut forget = sqlx::query(sql(format!("{forget} where id in ({places})")));
        for id in run.filled() {
            forget = forget.bind(id);
        }
        forget.execute(&mut *conn).await?;
    }
    Ok(())
}
