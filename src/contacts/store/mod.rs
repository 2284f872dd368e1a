//! Contacts in the database.

mod change;
mod consent;
mod derive;
mod erase;
mod evidence;
mod held;
mod holder;
mod identify;
mod load;
mod merge;
mod moved;
mod regroup;
mod rehome;
pub mod requests;
mod split;

use change::save_profile;
pub use change::{StopTold, apply, learn, opt_out, release};
pub use consent::{list_consents, marketing_of, record_consent};
pub use erase::{NAMES, destroy, forget, hold};
pub use holder::{former_owner, is_in_question};
pub use identify::{Known, NewNames, Sighting, find, identify, look_up, name_of, take_in};
pub use load::{StoredContact, came_by, load, load_readable, selves};
pub use merge::recount;
pub use moved::{Verified, verified};
pub use regroup::Settled;
pub use rehome::{Merge, SealedTable, rehome, rehome_missing, rehome_sealed, rehome_versioned};
pub use split::{Split, find_self, self_of, split};

use crate::storage::Error;

fn damaged(row: &str, what: &str) -> Error {
    Error::Damaged {
        table: "contacts",
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
