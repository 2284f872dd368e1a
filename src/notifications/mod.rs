//! Business events become notices: which way, in which words, and when.
//!
//! The business writes down what happened; the [`Follower`] decides for each event, once,
//! which way it goes (`route`), and hands it over in the very transaction that says so:
//! as a message to the outbox, or as a letter to the [`PostOffice`]. One row an event
//! decides, so that two processes, or a crash between two steps, tell nobody twice.
//! Another way is tried only when the first has certainly failed; what may have arrived
//! is left to its echo or to a person.
//!
//! Nothing is dropped silently: a notice ends as told, declined by wish, lapsed (a
//! reminder whose day has passed), unknown, or shown to a person.

pub mod by_hand;
pub mod calendar;
mod definitions;
mod follower;
pub mod gateway;
mod kind;
mod letter;
mod notice;
pub mod ports;
mod post_office;
mod preferences;
mod route;
#[cfg(test)]
mod samples;
pub mod service;
mod store;
#[cfg(test)]
mod tests;
mod timing;
mod voice;

pub use definitions::{FOLLOW_UP, Faulty, definitions, meta_code};
pub use follower::{Follower, Telling};
pub use kind::Kind;
pub use letter::{Attachment, Distributor, Letter, Posted};
pub use notice::{Filling, Notice, notice};
pub use post_office::PostOffice;
pub use preferences::{Scope, Wish};
pub use route::Way;
pub use store::{FORGET, FORGET_LINKS, LET_GO, move_notices};
pub use voice::Voice;
