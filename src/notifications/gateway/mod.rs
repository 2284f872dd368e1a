//! The mail server.

mod smtp;

pub use smtp::{Server, Smtp, Tls};
