//! Short conversations, with facts made by hand.

mod conversation;
mod flows;
mod limits;
mod wording;
