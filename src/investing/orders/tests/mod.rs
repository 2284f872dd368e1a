//! Dealing over a real database: with a scripted exchange, and with the paper exchange
//! over HTTP.

mod calling_off;
mod crowd;
mod ends;
mod exchange;
mod forgetting;
mod limits;
mod links;
mod merging;
mod overtaken;
mod paper;
mod plans;
mod polling;
mod rig;
mod scheme_rules;
mod stopping;
mod submission;
mod taken;
mod words;
mod year;
