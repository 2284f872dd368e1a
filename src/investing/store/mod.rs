//! All SQL of this room.

pub(super) mod bookings;
pub(super) mod events;
pub(super) mod forget;
pub(super) mod market;
pub(super) mod moving;
pub(super) mod navs;
pub(super) mod orders;
pub(super) mod portfolios;
pub(super) mod reference;
pub(super) mod seals;
pub(super) mod statements;
pub(super) mod transactions;

use rust_decimal::Decimal;

use crate::storage::Error;

/// Reads a column that must parse; a failure names table and row.
fn read<T: std::str::FromStr>(table: &'static str, row: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Damaged {
        table,
        row: row.to_owned(),
        what: format!("`{text}` does not read"),
    })
}

/// An empty text is no number.
fn read_decimal(table: &'static str, row: &str, text: &str) -> Result<Option<Decimal>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    read(table, row, text).map(Some)
}

fn written(number: Option<Decimal>) -> String {
    number.map_or_else(String::new, |n| n.normalize().to_string())
}
