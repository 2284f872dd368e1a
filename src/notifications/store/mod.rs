//! The SQL of notices.

pub(super) mod calendar;
mod forget;
pub(super) mod letters;
mod moving;
pub(super) mod notices;
pub(super) mod wishes;

pub use forget::{FORGET, FORGET_LINKS, LET_GO};
pub use moving::move_notices;

use crate::storage::Error;

fn damaged(table: &'static str, row: &str, what: &str) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
