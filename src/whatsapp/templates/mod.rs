//! Message templates: what Meta has to approve before it may be sent at any time.
//!
//! A definition is written down in a file (`source`), held against Meta's limits
//! (`check`, `button`, `carousel`), compared with what the account has (`plan`), and what is sent is held
//! against what was approved (`fit`). Rules over values; the calls are the client's
//! (<https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates>).

mod account;
mod button;
mod card;
mod carousel;
mod check;
mod definition;
mod fill;
mod fit;
mod plan;
mod source;

pub(super) use account::FIELDS;
pub use account::{InAccount, Quality, Status};
pub use button::Button;
pub use card::Card;
pub use check::check;
pub use definition::{Category, Content, Definition, Handles, HeaderFormat};
pub use fill::Sayings;
pub use fit::{Misfit, fits};
pub use plan::{Edit, Step, plan};
pub use source::{Fault, Located, parse};
