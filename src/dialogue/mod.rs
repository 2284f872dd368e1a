//! What is said, and why.

pub mod understanding;
