//! From marks in their places to bytes: PDF for paper, PNG for a phone.

pub mod pdf;
pub mod png;
