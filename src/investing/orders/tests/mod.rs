//! Dealing over a real database and a scripted exchange.

mod crowd;
mod exchange;
mod limits;
mod plans;
mod rig;
mod submission;
mod words;
mod year;
