//! The calendar of SIP dates.
//!
//! What was once in somebody's calendar is remembered, so that it can be moved or called
//! off under its own name (RFC 5545, sections 3.8.4.7 and 3.8.7.4): an entry's UID never
//! changes and its SEQUENCE rises with every change. The calendar is brought up to date
//! from the plans each time it is fetched, so the two cannot disagree.

pub mod ics;
pub mod reconcile;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::PlanId;

/// An entry as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Names it for ever.
    pub uid: String,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// Day.
    pub date: Date,
    /// Title.
    pub title: String,
    /// What else there is to say.
    pub description: String,
}

/// An entry as it was last given out. Its words are not kept, only what tells whether they
/// have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Names it for ever.
    pub uid: String,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// Day.
    pub date: Date,
    /// Stands for its words.
    pub digest: String,
    /// Rises with every change.
    pub sequence: i64,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// When it last changed.
    pub changed_at: Timestamp,
}
