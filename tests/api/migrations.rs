//! Migrations on databases that are in use: whatever was on record before one is on record
//! after it, on both engines.

use std::collections::{BTreeMap, BTreeSet};

use sipbrewery::storage::Db;
use sqlx::{AnyConnection, Connection, Row};

use crate::harness::TestDatabase;

/// Rows put in as soon as their table is there. Whoever writes a migration that changes a
/// table, or fills one from another, gives that table rows here: the test asks for them.
const ROWS: [(i64, &str); 8] = [
    (
        1,
        "insert into keys (id, purpose, wrapped_by, wrapped, created_at) values
            ('key_1', 'contact', 'k', 'w1', 1), ('key_2', 'contact', 'k', 'w2', 2);
         insert into contacts (id, key_id, created_at, profile, language, owner, marketing) values
            ('con_1', 'key_1', 1, 'p', 'hi', 'human', 'opted_in'),
            ('con_2', 'key_2', 2, null, null, 'bot', 'opted_out');
         insert into outbox (id, contact_id, trace, lane, purpose, payload, owner_epoch, state,
                             code, due_at, expires_at, created_at) values
            ('out_1', 'con_1', 't', 'reply', 'chat', 'x', 0, 'read', null, 1, 2, 1),
            ('out_2', 'con_2', 't', 'utility', 'money', null, 3, 'failed', 131047, 1, 2, 2);
         insert into identities (blind, contact_id, kind, value, created_at) values
            ('p', 'con_1', 'wa_id', 's', 1), ('u', 'con_1', 'user_id', 's', 2),
            ('q', 'con_2', 'wa_id', 's', 2);
         insert into inbox (id, contact_id, kind, sent_at, received_at, trace, state) values
            ('in_1', 'con_1', 'message', 1, 2, 't', 'done'),
            ('in_2', null, 'event', 1, 2, 't', 'stored');
         insert into early_statuses (wamid, status, rank, at, code) values
            ('w', 'sent', 1, 1, null), ('w', 'failed', 9, 2, 131047);",
    ),
    (
        2,
        "insert into nav_imports (id, source, sha256, row_count, report, started_at) values
            (1, 'NAVAll.txt', 'ab', 3, '{}', 1), (2, 'NAVAll.txt', 'cd', 4, '{}', 2);",
    ),
    (
        3,
        "insert into folios (id, contact_id, amc, sealed, created_at) values
            ('fol_1', 'con_1', 'HDFC', 's1', 1), ('fol_2', 'con_1', 'Axis', 's2', 1),
            ('fol_3', 'con_2', 'HDFC', 's3', 2);
         insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
                             close_units, statement_from, statement_to, nav, nav_date) values
            ('fol_1', 'INF1', 'INF1', 101, 'Flexi', 0, '10.454', '2025-04-01', '2026-08-21',
             '2082.607', '2026-08-21'),
            ('fol_2', 'H02', null, null, 'ELSS', 1, '0', '2025-04-01', '2026-08-21', null, null),
            ('fol_3', 'INF1', 'INF1', 101, 'Flexi', 0, '1', '2025-04-01', '2026-07-31', null, null);
         insert into transactions (folio_id, scheme_key, date, kind, amount, units, nav, balance,
                             ordinal, position, source, imported_at) values
            ('fol_1', 'INF1', '2026-03-05', 'purchase', 500000, '2.618', '1909.42', '2.618', 0, 0,
             'CAMS', 7),
            ('fol_1', 'INF1', '2026-03-05', 'purchase', 500000, '2.618', '1909.42', '2.618', 1, 1,
             'CAMS', 7),
            ('fol_2', 'H02', '2026-04-01', 'redemption', -100, '-1', '', '', 0, 0, 'KFINTECH', 8),
            ('fol_3', 'INF1', '2026-05-01', 'purchase', 1, '', '', '', 0, 0, 'CAMS', 9);",
    ),
    (
        8,
        "insert into transaction_orders (reference, transaction_id)
            select 'ord_1:redemption', id from transactions where kind = 'redemption';",
    ),
    (
        11,
        "insert into business_events (id, contact_id, unique_key, kind, payload, at) values
            ('evt_1', 'con_1', 'a', 'order_placed', 's', 1);
         insert into notices (event_id, contact_id, kind, state, due_at, useful_until, created_at)
            values ('evt_1', 'con_1', 'order_placed', 'told', 1, 2, 1);
         insert into notice_hours (contact_id, quiet_from, quiet_to, changed_at) values
            ('con_1', 1320, 480, 1);
         insert into calendar_links (token, contact_id, reader, created_at, expires_at) values
            ('t1', 'con_1', 'investor', 1, 2), ('t2', 'con_2', 'investor', 1, 2);",
    ),
    (
        14,
        "insert into investors (contact_id, created_at) values ('con_1', 1), ('con_2', 1);
         insert into exchange_accounts (contact_id, gateway, ucc, state, updated_at) values
            ('con_1', 'paper', 'U1', 'active', 5), ('con_2', 'paper', 'U2', 'suspended', 6);",
    ),
    (
        17,
        "insert into contact_requests (number, contact_id, kind, opened_at, closed_at, outcome)
            values ('R1', 'con_1', 'complaint', 1, null, null),
                   ('R2', 'con_2', 'erase', 2, 3, 'done');",
    ),
    (
        21,
        "insert into message_templates (name, language, id, status, category, updated_at) values
            ('due', 'en', '7', 'APPROVED', 'UTILITY', 1);
         insert into account_state (id, daily_limit, stopped, stopped_until, first_only, stop_at,
                             updated_at) values (1, 250, 'restricted', 5, 1, 4, 4);",
    ),
];

/// Tables that go, and with which version: nobody wrote or read them any more.
const GONE: [(i64, &str); 1] = [(32, "notice_hours")];

/// A table's columns, and its rows with each value in the engine's own spelling.
type Table = (Vec<String>, Vec<Vec<String>>);

struct Old {
    conn: AnyConnection,
    is_postgres: bool,
}

impl Old {
    async fn texts(&mut self, query: String) -> Vec<String> {
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        query.fetch_all(&mut self.conn).await.expect("a list")
    }

    async fn tables(&mut self) -> Vec<String> {
        let names = if self.is_postgres {
            "select table_name::text from information_schema.tables
              where table_schema = 'public' and table_type = 'BASE TABLE'"
        } else {
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        };
        let mut names = self.texts(names.to_owned()).await;
        names.retain(|name| name != "_sqlx_migrations");
        names
    }

    async fn table(&mut self, name: &str) -> Table {
        let columns = if self.is_postgres {
            format!(
                "select column_name::text from information_schema.columns
                  where table_schema = 'public' and table_name = '{name}' order by column_name"
            )
        } else {
            format!("select name from pragma_table_info('{name}') order by name")
        };
        let columns = self.texts(columns).await;
        let spelt = columns.iter().map(|column| {
            if self.is_postgres {
                format!("coalesce(\"{column}\"::text, 'null')")
            } else {
                format!("quote(\"{column}\")")
            }
        });
        let spelt: Vec<_> = spelt.collect();
        let query = format!("select {} from \"{name}\"", spelt.join(", "));
        let rows = sqlx::query(sqlx::AssertSqlSafe(query));
        let rows = rows.fetch_all(&mut self.conn).await.expect("the rows");
        let of = |row: &sqlx::any::AnyRow| (0..columns.len()).map(|at| row.get(at)).collect();
        let rows = rows.iter().map(of).collect();
        (columns, rows)
    }

    async fn everything(&mut self) -> BTreeMap<String, Table> {
        let mut all = BTreeMap::new();
        for name in self.tables().await {
            let table = self.table(&name).await;
            all.insert(name, table);
        }
        all
    }
}

/// Returns what a table has in the columns both have, in an order of its own.
fn shared((columns, rows): &Table, other: &Table) -> Vec<Vec<String>> {
    let kept: Vec<usize> = (0..columns.len())
        .filter(|at| other.0.contains(&columns[*at]))
        .collect();
    let row = |row: &Vec<String>| kept.iter().map(|at| row[*at].clone()).collect();
    let mut rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    rows.sort();
    rows
}

/// Returns the tables a migration changes, empties, or reads to fill another.
fn touched(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or(""));
    let text = lines.collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let before_a_table = [["alter", "table"], ["drop", "table"], ["delete", "from"]];
    let mut found = BTreeSet::new();
    for at in 1..words.len() {
        let is_named = before_a_table.contains(&[words[at.saturating_sub(2)], words[at - 1]])
            || ["update", "from", "join"].contains(&words[at - 1]);
        if is_named {
            found.insert(words[at].to_owned());
        }
    }
    found
}

#[tokio::test]
async fn each_migration_keeps_every_row_of_a_database_in_use() {
    let database = TestDatabase::empty().await;
    sipbrewery::storage::install_drivers();
    let url = if database.is_postgres() {
        database.url().to_owned()
    } else {
        format!("{}?mode=rwc", database.url())
    };
    let conn = AnyConnection::connect(&url).await.expect("a database");
    let mut old = Old {
        conn,
        is_postgres: database.is_postgres(),
    };
    let migrator = sqlx::migrate!();
    let mut before: BTreeMap<String, Table> = BTreeMap::new();
    let mut checked = 0;
    for migration in migrator.iter() {
        let version = migration.version;
        for name in touched(migration.sql.as_str()) {
            if let Some((_, rows)) = before.get(&name) {
                assert!(
                    !rows.is_empty(),
                    "migration {version} changes `{name}`, which has no rows in this test"
                );
            }
        }
        let done = migrator.run_direct(Some(version), &mut old.conn, false);
        let done = done.await;
        done.unwrap_or_else(|error| panic!("migration {version}: {error}"));
        let mut after = old.everything().await;
        for (name, table) in &before {
            if GONE.contains(&(version, name.as_str())) {
                continue;
            }
            let now = after.get(name);
            let now = now.unwrap_or_else(|| panic!("migration {version} lost table `{name}`"));
            let (kept, there) = (shared(table, now), shared(now, table));
            assert_eq!(kept, there, "migration {version}, table `{name}`");
            checked += kept.len();
        }
        for (_, rows) in ROWS.iter().filter(|(since, _)| *since == version) {
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe((*rows).to_owned()));
            let put = rows.execute(&mut old.conn).await;
            put.unwrap_or_else(|error| panic!("rows of version {version}: {error}"));
            after = old.everything().await;
        }
        before = after;
    }
    assert!(checked > 300, "only {checked} rows were compared");
    old.conn.close().await.expect("closed");
    // The service takes it as its own.
    let db = Db::open(database.url(), 2).await.expect("it opens");
    let (there, known) = db.migrations().await.expect("they are counted");
    assert_eq!((there, known), (known, migrator.iter().count()));
    let mut conn = db.read().await.expect("a connection");
    let held = "select count(*) from transactions t join folio_schemes s
                  on s.folio_id = t.folio_id and s.scheme_key = t.scheme_key
                join portfolios p on p.version = 1
                join folios f on f.id = t.folio_id and f.contact_id = p.contact_id";
    let held: i64 = sqlx::query_scalar(held)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(held, 4, "all that was held, each transaction once");
    let known = "select count(*) from contacts c join name_pairs p on p.number = c.born_name
                  where c.id = 'con_1' and p.at = 2";
    let known: i64 = sqlx::query_scalar(known)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(known, 1, "names of one contact were seen together");
    drop(conn);
    db.close().await;
}
