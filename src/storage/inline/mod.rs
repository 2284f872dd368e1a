//! SQLite on the caller's own thread, for the writer.
//!
//! The driver of `sqlx` gives each SQLite connection a thread and sends it every
//! statement; with some forty statements behind one message, most of what the writer
//! cost was waking that thread and being woken by it. The writer has a thread of its own
//! anyway (`writer`), so its connection runs there and then. To whoever writes SQL it is
//! a [`Conn`](super::Conn) like any other; readers keep the driver of `sqlx`, because a
//! reader must not hold up the runtime's threads.

mod driver;
mod never;

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt, future, stream};
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::{Null, ValueRef};
use rusqlite::{Connection, Row};
use sqlx::Either;
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyTypeInfo, AnyTypeInfoKind, AnyValue};
use sqlx_core::any::{AnyColumn, AnyValueKind};
use sqlx_core::ext::ustr::UStr;

pub(super) use driver::{DRIVER, options};

/// Statements that stay prepared.
const PREPARED: usize = 256;

/// Rows and counts, in the order SQLite gives them.
type Step = Either<AnyQueryResult, AnyRow>;

/// A connection that runs statements where it is called.
#[derive(Debug)]
pub(super) struct Inline {
    conn: Connection,
    /// What is known of statements that were run before.
    shapes: HashMap<String, Arc<Shape>>,
}

/// What goes into a statement and comes out of it.
#[derive(Debug)]
struct Shape {
    /// Which argument each parameter takes: SQLite numbers `$2` first where it meets it
    /// first.
    order: Vec<usize>,
    columns: Vec<AnyColumn>,
    names: Arc<sqlx_core::HashMap<UStr, usize>>,
}

impl Inline {
    fn open(path: &str) -> Result<Self, rusqlite::Error> {
        let conn = Connection::open(path)?;
        conn.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self {
            conn,
            shapes: HashMap::new(),
        })
    }

    /// Runs a text: with arguments it is one statement and stays prepared, without it may
    /// be several.
    fn run(
        &mut self,
        text: &str,
        arguments: Option<AnyArguments>,
        most: usize,
    ) -> Result<Vec<Step>, rusqlite::Error> {
        let mut steps = Vec::new();
        // `sqlx::query` hands over an empty list where nothing is bound.
        let arguments = arguments.filter(|arguments| !arguments.values.0.is_empty());
        let Some(arguments) = arguments else {
            let mut batch = rusqlite::Batch::new(&self.conn, text);
            while let Some(mut statement) = batch.next()? {
                let shape = Shape::of(&statement);
                step(&self.conn, &mut statement, &shape, most, &mut steps)?;
            }
            return Ok(steps);
        };
        let mut statement = self.conn.prepare_cached(text)?;
        let shape = if let Some(shape) = self.shapes.get(text) {
            Arc::clone(shape)
        } else {
            if self.shapes.len() >= 2 * PREPARED {
                self.shapes.clear();
            }
            let shape = Arc::new(Shape::of(&statement));
            self.shapes.insert(text.to_owned(), Arc::clone(&shape));
            shape
        };
        for (parameter, argument) in shape.order.iter().enumerate() {
            let value = arguments.values.0.get(*argument);
            bind(&mut statement, parameter + 1, value)?;
        }
        step(&self.conn, &mut statement, &shape, most, &mut steps)?;
        Ok(steps)
    }
}

impl Shape {
    fn of(statement: &rusqlite::Statement<'_>) -> Self {
        let names = statement.column_names();
        let names: Vec<UStr> = names.into_iter().map(UStr::new).collect();
        Self {
            order: order(statement),
            columns: names.iter().enumerate().map(column).collect(),
            names: Arc::new(names.into_iter().zip(0..).collect()),
        }
    }
}

/// Reads the argument's place out of the parameter's name.
fn order(statement: &rusqlite::Statement<'_>) -> Vec<usize> {
    (1..=statement.parameter_count())
        .map(|parameter| {
            let name = statement.parameter_name(parameter).unwrap_or_default();
            let number = name.get(1..).and_then(|digits| digits.parse().ok());
            number.unwrap_or(parameter) - 1
        })
        .collect()
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    parameter: usize,
    value: Option<&AnyValueKind>,
) -> Result<(), rusqlite::Error> {
    use AnyValueKind as Kind;
    match value {
        Some(Kind::Bool(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Kind::SmallInt(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Kind::Integer(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Kind::BigInt(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Kind::Real(value)) => statement.raw_bind_parameter(parameter, f64::from(*value)),
        Some(Kind::Double(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Kind::Text(value)) => statement.raw_bind_parameter(parameter, value.as_str()),
        Some(Kind::TextSlice(value)) => statement.raw_bind_parameter(parameter, &**value),
        Some(Kind::Blob(value)) => statement.raw_bind_parameter(parameter, value.as_slice()),
        _ => statement.raw_bind_parameter(parameter, Null),
    }
}

fn step(
    conn: &Connection,
    statement: &mut rusqlite::Statement<'_>,
    shape: &Shape,
    most: usize,
    steps: &mut Vec<Step>,
) -> Result<(), rusqlite::Error> {
    if statement.column_count() == 0 {
        let rows_affected = statement.raw_execute()?;
        steps.push(done(u64::try_from(rows_affected).unwrap_or(u64::MAX)));
        return Ok(());
    }
    let mut rows = statement.raw_query();
    let mut left = most;
    while left > 0
        && let Some(row) = rows.next()?
    {
        let values = (0..shape.columns.len()).map(|at| value(row, at));
        steps.push(Either::Right(AnyRow {
            column_names: Arc::clone(&shape.names),
            values: values.collect::<Result<_, _>>()?,
            columns: shape.columns.clone(),
        }));
        left -= 1;
    }
    drop(rows);
    steps.push(done(conn.changes()));
    Ok(())
}

fn done(rows_affected: u64) -> Step {
    Either::Left(AnyQueryResult {
        rows_affected,
        last_insert_id: None,
    })
}

fn column((ordinal, name): (usize, &UStr)) -> AnyColumn {
    AnyColumn {
        ordinal,
        name: name.clone(),
        type_info: AnyTypeInfo {
            kind: AnyTypeInfoKind::Null,
        },
    }
}

fn value(row: &Row<'_>, at: usize) -> Result<AnyValue, rusqlite::Error> {
    let text = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|error| rusqlite::Error::Utf8Error(at, error))
    };
    let kind = match row.get_ref(at)? {
        ValueRef::Null => AnyValueKind::Null(AnyTypeInfoKind::Null),
        ValueRef::Integer(value) => AnyValueKind::BigInt(value),
        ValueRef::Real(value) => AnyValueKind::Double(value),
        ValueRef::Text(bytes) => AnyValueKind::Text(Arc::new(text(bytes)?)),
        ValueRef::Blob(bytes) => AnyValueKind::Blob(Arc::new(bytes.to_vec())),
    };
    Ok(AnyValue { kind })
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Row as _};

    use super::*;

    async fn memory() -> crate::storage::Conn {
        crate::storage::install_drivers();
        let options = options(":memory:").unwrap();
        crate::storage::Conn::connect_with(&options).await.unwrap()
    }

    #[tokio::test]
    async fn a_statement_means_the_same_as_with_the_drivers_own_thread() {
        let mut conn = memory().await;
        sqlx::query("create table t (a text primary key, b bigint, c bytea, d double precision)")
            .execute(&mut conn)
            .await
            .unwrap();
        // Out of order, and one twice.
        let added =
            sqlx::query("insert into t (b, a, c, d) values ($2, $1, $3, $4), ($2, $5, null, $4)")
                .bind("é")
                .bind(7_i64)
                .bind(vec![1_u8, 2])
                .bind(0.5)
                .bind("second")
                .execute(&mut conn)
                .await
                .unwrap();
        assert_eq!(added.rows_affected(), 2);
        let rows = sqlx::query("select a, b, c, d from t where b = $1 order by c is null")
            .bind(7_i64)
            .fetch_all(&mut conn)
            .await
            .unwrap();
        assert_eq!(rows[0].get::<String, _>(0), "é");
        assert_eq!(rows[0].get::<i64, _>("b"), 7);
        assert_eq!(rows[0].get::<Option<Vec<u8>>, _>(2), Some(vec![1, 2]));
        assert_eq!(rows[1].get::<Option<Vec<u8>>, _>(2), None);
        assert!((rows[1].get::<f64, _>(3) - 0.5).abs() < f64::EPSILON);
        let told: i64 = sqlx::query_scalar("update t set b = b + 1 where a = $1 returning b")
            .bind("é")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(told, 8);
    }

    #[tokio::test]
    async fn what_sqlite_refuses_is_told_by_its_code() {
        let mut conn = memory().await;
        sqlx::query("create table t (a text primary key); insert into t values ('x')")
            .execute(&mut conn)
            .await
            .unwrap();
        let twice = sqlx::query("insert into t (a) values ($1)")
            .bind("x")
            .execute(&mut conn)
            .await;
        let error = crate::storage::Error::from(twice.unwrap_err());
        assert!(error.is_taken());
        let nonsense = sqlx::query("selec 1").execute(&mut conn).await;
        assert!(matches!(nonsense, Err(sqlx::Error::Database(_))));
    }
}
