//! Short conversations, with facts made by hand.

mod chaos;
mod conversation;
mod deeds;
mod flows;
mod house;
mod languages;
mod limits;
mod money;
mod portfolio;
mod services;
mod sips;
mod sums;
mod taken;
mod wording;
