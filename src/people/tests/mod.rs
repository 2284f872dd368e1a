//! Tests of the room as a whole.

mod gate;
mod records;
mod rig;
