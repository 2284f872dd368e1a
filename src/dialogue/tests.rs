//! Short conversations, with facts made by hand.

mod conversation;
mod deeds;
mod flows;
mod languages;
mod limits;
mod portfolio;
mod sums;
mod wording;
