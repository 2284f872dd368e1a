//! The channel as Meta defines it: wire types, signature, Graph client, errors.
//!
//! Nothing here knows who we are or what we sell. Facts about the wire come from
//! Meta's Cloud API documentation
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api>).

pub mod inbound;
pub mod outgoing;

pub use inbound::{
    Content, Event, InboundMessage, MediaKind, OtherEvent, Sender, Status, StatusUpdate,
};
pub use outgoing::{Button, Outgoing, Row, Section};
