//! The types that a driver must name and that are never made when it is used through
//! `sqlx::Any`: one that cannot be made, and one that takes nothing.

use std::borrow::Cow;
use std::fmt;

use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::{Error, FromRow, IntoArguments, SqlStr, Type};
use sqlx_core::any::AnyConnectionBackend;
use sqlx_core::arguments::Arguments;
use sqlx_core::column::{Column, ColumnIndex};
use sqlx_core::encode::Encode;
use sqlx_core::error::BoxDynError;
use sqlx_core::statement::Statement;
use sqlx_core::transaction::TransactionManager;
use sqlx_core::type_info::TypeInfo;
use sqlx_core::value::{Value, ValueRef};

use super::driver::InlineSqlite;
use super::{Either, Inline};

/// What cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::storage) enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl TransactionManager for Never {
    type Database = InlineSqlite;

    async fn begin(conn: &mut Inline, statement: Option<SqlStr>) -> Result<(), Error> {
        AnyConnectionBackend::begin(conn, statement).await
    }

    async fn commit(conn: &mut Inline) -> Result<(), Error> {
        AnyConnectionBackend::commit(conn).await
    }

    async fn rollback(conn: &mut Inline) -> Result<(), Error> {
        AnyConnectionBackend::rollback(conn).await
    }

    fn start_rollback(conn: &mut Inline) {
        AnyConnectionBackend::start_rollback(conn);
    }

    fn get_transaction_depth(conn: &Inline) -> usize {
        AnyConnectionBackend::get_transaction_depth(conn)
    }
}

impl sqlx::Row for Never {
    type Database = InlineSqlite;

    fn columns(&self) -> &[Self] {
        match *self {}
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, _: I) -> Result<Self, Error> {
        match *self {}
    }
}

impl Column for Never {
    type Database = InlineSqlite;

    fn ordinal(&self) -> usize {
        match *self {}
    }

    fn name(&self) -> &str {
        match *self {}
    }

    fn type_info(&self) -> &Self {
        match *self {}
    }
}

impl TypeInfo for Never {
    fn is_null(&self) -> bool {
        match *self {}
    }

    fn name(&self) -> &str {
        match *self {}
    }
}

impl Value for Never {
    type Database = InlineSqlite;

    fn as_ref(&self) -> Self {
        match *self {}
    }

    fn type_info(&self) -> Cow<'_, Self> {
        match *self {}
    }

    fn is_null(&self) -> bool {
        match *self {}
    }
}

impl ValueRef<'_> for Never {
    type Database = InlineSqlite;

    fn to_owned(&self) -> Self {
        match *self {}
    }

    fn type_info(&self) -> Cow<'_, Self> {
        match *self {}
    }

    fn is_null(&self) -> bool {
        match *self {}
    }
}

impl Statement for Never {
    type Database = InlineSqlite;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[Self], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[Self] {
        match *self {}
    }

    fn query(&self) -> Query<'_, InlineSqlite, NoArguments> {
        match *self {}
    }

    fn query_with<A: IntoArguments<InlineSqlite>>(&self, _: A) -> Query<'_, InlineSqlite, A> {
        match *self {}
    }

    fn query_as<O: for<'r> FromRow<'r, Self>>(&self) -> QueryAs<'_, InlineSqlite, O, NoArguments> {
        match *self {}
    }

    fn query_as_with<'s, O, A>(&'s self, _: A) -> QueryAs<'s, InlineSqlite, O, A>
    where
        O: for<'r> FromRow<'r, Self>,
        A: IntoArguments<InlineSqlite>,
    {
        match *self {}
    }

    fn query_scalar<O>(&self) -> QueryScalar<'_, InlineSqlite, O, NoArguments>
    where
        (O,): for<'r> FromRow<'r, Self>,
    {
        match *self {}
    }

    fn query_scalar_with<'s, O, A>(&'s self, _: A) -> QueryScalar<'s, InlineSqlite, O, A>
    where
        (O,): for<'r> FromRow<'r, Self>,
        A: IntoArguments<InlineSqlite>,
    {
        match *self {}
    }
}

/// Arguments that take none: through `Any` they come as `Any`'s own.
#[derive(Debug, Default)]
pub(in crate::storage) struct NoArguments;

impl Arguments for NoArguments {
    type Database = InlineSqlite;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T: Encode<'t, InlineSqlite> + Type<InlineSqlite>>(
        &mut self,
        _: T,
    ) -> Result<(), BoxDynError> {
        Err("this driver is used through sqlx::Any only".into())
    }

    fn len(&self) -> usize {
        0
    }
}
