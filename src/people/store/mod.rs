//! All SQL of this room.

mod accounts;
mod acknowledge;
mod find;
mod forget;
mod merge;
mod pauses;
mod write;

pub use accounts::{find_by_account, take_accounts_to_look, without_account};
pub(super) use acknowledge::list_all_acknowledgements;
pub use acknowledge::{NewAcknowledgement, acknowledge, list_acknowledgements};
pub use find::find_investor;
pub(super) use find::{contacts_to_ask, expiring, find_answers, find_by_pan};
pub use forget::FORGET;
pub use merge::merge_records;
pub use pauses::{is_money_paused, list_money_pauses, pause_money, release_money};
pub use write::{Recorder, record};

use crate::security::Place;
use crate::storage::Error;

const INVESTORS: &str = "investors";

fn place<'a>(column: &'static str, contact: &'a str) -> Place<'a> {
    Place {
        table: INVESTORS,
        column,
        row: contact,
    }
}

fn bank_place(row: &str) -> Place<'_> {
    Place {
        table: "bank_accounts",
        column: "account",
        row,
    }
}

fn answers_place(row: &str) -> Place<'_> {
    Place {
        table: "risk_profiles",
        column: "answers",
        row,
    }
}

fn damaged(table: &'static str, row: &str, what: impl Into<String>) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.into(),
    }
}
