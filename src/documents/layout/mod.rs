//! From words and figures to marks in their places; nothing is drawn here.

pub mod lines;
pub mod paper;
pub mod sheet;
pub mod table;
pub mod typeface;
