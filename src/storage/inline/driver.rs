//! Makes [`Inline`] known to `sqlx::Any`.
//!
//! A driver has to name types for rows, values and the like; through `Any` none of them
//! is ever made: see [`never`](super::never).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use futures::future::BoxFuture;
use sqlx::{Any, Describe, Error, SqlStr, Transaction};
use sqlx_core::any::driver::AnyDriver;
use sqlx_core::any::{AnyConnectOptions, AnyConnectionBackend, AnyStatement};
use sqlx_core::connection::{ConnectOptions, Connection};
use sqlx_core::database::Database;
use sqlx_core::error::{DatabaseError, ErrorKind};

use super::never::{Never, NoArguments};
use super::{
    AnyArguments, AnyRow, AnyTypeInfo, BoxStream, Either, FutureExt, Inline, Step, StreamExt,
    TryStreamExt, future, stream,
};

/// The scheme of its addresses.
const SCHEME: &str = "sqlite-inline";

/// What `sqlx::Any` is told about.
pub(in crate::storage) const DRIVER: AnyDriver = AnyDriver::without_migrate::<InlineSqlite>();

/// Returns the options of a connection to a file.
pub(in crate::storage) fn options(path: &str) -> Result<AnyConnectOptions, Error> {
    let mut options: AnyConnectOptions = format!("{SCHEME}:/").parse()?;
    let mut pairs = options.database_url.query_pairs_mut();
    pairs.append_pair("path", path);
    drop(pairs);
    Ok(options)
}

/// The driver.
#[derive(Debug)]
pub(in crate::storage) struct InlineSqlite;

impl Database for InlineSqlite {
    type Connection = Inline;
    type TransactionManager = Never;
    type Row = Never;
    type QueryResult = ();
    type Column = Never;
    type TypeInfo = Never;
    type Value = Never;
    type ValueRef<'r> = Never;
    type Arguments = NoArguments;
    type ArgumentBuffer = ();
    type Statement = Never;

    const NAME: &'static str = "SQLite";
    const URL_SCHEMES: &'static [&'static str] = &[SCHEME];
}

impl AnyConnectionBackend for Inline {
    fn name(&self) -> &str {
        InlineSqlite::NAME
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), Error>> {
        Connection::close(*self).boxed()
    }

    fn close_hard(self: Box<Self>) -> BoxFuture<'static, Result<(), Error>> {
        Connection::close(*self).boxed()
    }

    fn ping(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        future::ok(()).boxed()
    }

    fn begin(&mut self, statement: Option<SqlStr>) -> BoxFuture<'_, Result<(), Error>> {
        let text =
            statement.map_or_else(|| "begin immediate".to_owned(), |s| s.as_str().to_owned());
        async move { self.run(&text, None, 0).map(drop).map_err(refused) }.boxed()
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async move { self.run("commit", None, 0).map(drop).map_err(refused) }.boxed()
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async move { self.run("rollback", None, 0).map(drop).map_err(refused) }.boxed()
    }

    fn start_rollback(&mut self) {
        // It fails where the engine has undone the transaction already.
        let _ = self.run("rollback", None, 0);
    }

    fn get_transaction_depth(&self) -> usize {
        usize::from(!self.conn.is_autocommit())
    }

    fn shrink_buffers(&mut self) {}

    fn flush(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        future::ok(()).boxed()
    }

    fn should_flush(&self) -> bool {
        false
    }

    fn fetch_many(
        &mut self,
        query: SqlStr,
        _persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxStream<'_, Result<Step, Error>> {
        stream::once(async move {
            let steps = self.run(query.as_str(), arguments, usize::MAX);
            steps.map(|steps| stream::iter(steps.into_iter().map(Ok)))
        })
        .map_err(refused)
        .try_flatten()
        .boxed()
    }

    fn fetch_optional(
        &mut self,
        query: SqlStr,
        _persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxFuture<'_, Result<Option<AnyRow>, Error>> {
        async move {
            let steps = self.run(query.as_str(), arguments, 1).map_err(refused)?;
            Ok(steps.into_iter().find_map(Either::right))
        }
        .boxed()
    }

    fn prepare_with<'c, 'q: 'c>(
        &'c mut self,
        _sql: SqlStr,
        _parameters: &[AnyTypeInfo],
    ) -> BoxFuture<'c, Result<AnyStatement, Error>> {
        let why = "statements are prepared when they are run";
        future::err(Error::AnyDriverError(why.into())).boxed()
    }

    fn describe(&mut self, _sql: SqlStr) -> BoxFuture<'_, Result<Describe<Any>, Error>> {
        let why = "statements are described when they are run";
        future::err(Error::AnyDriverError(why.into())).boxed()
    }
}

impl Connection for Inline {
    type Database = InlineSqlite;
    type Options = Options;

    async fn close(self) -> Result<(), Error> {
        self.conn.close().map_err(|(_, error)| refused(error))
    }

    async fn close_hard(self) -> Result<(), Error> {
        self.close().await
    }

    async fn ping(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn begin(
        &mut self,
    ) -> impl Future<Output = Result<Transaction<'_, InlineSqlite>, Error>> + Send + '_ {
        Transaction::begin(self, None)
    }

    fn shrink_buffers(&mut self) {}

    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn should_flush(&self) -> bool {
        false
    }
}

/// Which file to open.
#[derive(Debug, Clone)]
pub(in crate::storage) struct Options {
    path: String,
}

impl<'a> TryFrom<&'a AnyConnectOptions> for Options {
    type Error = Error;

    fn try_from(options: &'a AnyConnectOptions) -> Result<Self, Error> {
        let mut pairs = options.database_url.query_pairs();
        let path = pairs.find(|(name, _)| name == "path");
        let (_, path) = path.ok_or_else(|| Error::Configuration("no path".into()))?;
        let path = path.into_owned();
        Ok(Self { path })
    }
}

impl FromStr for Options {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(&text.parse::<AnyConnectOptions>()?)
    }
}

impl ConnectOptions for Options {
    type Connection = Inline;

    fn from_url(url: &sqlx_core::Url) -> Result<Self, Error> {
        url.as_str().parse()
    }

    async fn connect(&self) -> Result<Inline, Error> {
        Inline::open(&self.path).map_err(refused)
    }

    fn log_statements(self, _: log::LevelFilter) -> Self {
        self
    }

    fn log_slow_statements(self, _: log::LevelFilter, _: std::time::Duration) -> Self {
        self
    }
}

/// What SQLite refused, in the shape of `sqlx`.
#[derive(Debug)]
struct Refused(rusqlite::Error);

fn refused(error: rusqlite::Error) -> Error {
    match error {
        rusqlite::Error::SqliteFailure(..) => Error::Database(Box::new(Refused(error))),
        other => Error::AnyDriverError(Box::new(other)),
    }
}

impl Refused {
    fn extended_code(&self) -> i32 {
        match &self.0 {
            rusqlite::Error::SqliteFailure(error, _) => error.extended_code,
            _ => 0,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) {}", self.extended_code(), self.message())
    }
}

impl std::error::Error for Refused {}

impl DatabaseError for Refused {
    fn message(&self) -> &str {
        match &self.0 {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message,
            _ => "SQLite refused a statement",
        }
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.extended_code().to_string().into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        use rusqlite::ffi;
        match self.extended_code() {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                ErrorKind::UniqueViolation
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
            ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
            ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }
}
