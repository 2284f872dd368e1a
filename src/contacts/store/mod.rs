//! Contacts in the database.

mod change;
mod consent;
mod erase;
mod identify;
mod load;
mod moved;
mod rehome;
pub mod requests;

pub use change::{apply, release, save_profile};
pub use consent::{list_consents, record_consent};
pub use erase::{destroy, forget};
pub use identify::{Known, find, identify};
pub use load::{StoredContact, came_by, load, load_readable};
pub use moved::{move_names, verified};
pub use rehome::{Merge, SealedTable, rehome, rehome_missing, rehome_sealed};

use crate::storage::Error;

fn damaged(row: &str, what: &str) -> Error {
    Error::Damaged {
        table: "contacts",
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
