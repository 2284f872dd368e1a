//! No index says again what another one of the same table says.

use std::collections::BTreeMap;

use super::rig::TestDb;
use crate::storage::Engine;

#[tokio::test]
async fn no_index_is_the_beginning_of_another() {
    let base = TestDb::new(1).await;
    let text = match base.db.engine() {
        Engine::Sqlite => {
            "select m.name, l.name, i.name, cast(l.\"unique\" as bigint), cast(l.partial as bigint)
             from sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
             where m.type = 'table' order by l.name, i.seqno"
        }
        Engine::Postgres => {
            "select cast(t.relname as text), cast(x.relname as text), cast(a.attname as text),
                    cast(case when i.indisunique then 1 else 0 end as bigint),
                    cast(case when i.indpred is null then 0 else 1 end as bigint)
             from pg_index i
             join pg_class x on x.oid = i.indexrelid
             join pg_class t on t.oid = i.indrelid
             join pg_namespace n on n.oid = t.relnamespace
             cross join lateral unnest(i.indkey) with ordinality k(num, at)
             join pg_attribute a on a.attrelid = t.oid and a.attnum = k.num
             where n.nspname = 'public' order by x.relname, k.at"
        }
    };
    let mut conn = base.db.read().await.unwrap();
    let rows: Vec<(String, String, Option<String>, i64, i64)> =
        sqlx::query_as(text).fetch_all(&mut *conn).await.unwrap();
    let mut indexes: BTreeMap<(String, String), (Vec<String>, bool)> = BTreeMap::new();
    for (table, index, column, is_unique, is_partial) in rows {
        if is_partial == 0 {
            let entry = indexes.entry((table, index)).or_default();
            entry.0.extend(column);
            entry.1 = is_unique == 1;
        }
    }
    assert!(indexes.len() > 20, "{}", indexes.len());
    let mut doubled = Vec::new();
    for ((table, index), (columns, is_unique)) in &indexes {
        for ((other_table, other), (longer, _)) in &indexes {
            let is_same = table == other_table && index != other && longer.starts_with(columns);
            // A unique one says more than that there is an order.
            if is_same && (!is_unique || longer == columns) {
                doubled.push(format!("{index} on {table} {columns:?} is within {other}"));
            }
        }
    }
    assert!(doubled.is_empty(), "{doubled:#?}");
}
