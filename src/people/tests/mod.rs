//! Tests of the room as a whole.

mod gate;
mod merging;
mod proofs;
mod records;
mod registry;
mod rig;
mod samples;
