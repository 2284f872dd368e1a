//! The channel as Meta defines it: wire types, signature, Graph client, errors.
//!
//! Nothing here knows who we are or what we sell. Facts about the wire come from
//! Meta's Cloud API documentation
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api>).

pub mod client;
pub mod errors;
pub mod inbound;
pub mod outcome;
pub mod outgoing;
pub mod signature;

pub use client::{CallError, GraphClient};
pub use errors::Scope;
pub use inbound::{
    Content, Event, IdentityChange, InboundMessage, MediaKind, OtherEvent, Sender, Status,
    StatusUpdate,
};
pub use outcome::SendOutcome;
pub use outgoing::{
    Button, ButtonParameter, Header, Outgoing, OverLimit, Parameter, Recipient, Row, Section,
    Template,
};
pub use signature::AppSecret;

#[cfg(test)]
mod mutations;
