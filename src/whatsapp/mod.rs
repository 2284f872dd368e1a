//! The channel as Meta defines it: wire types, signature, Graph client, errors.
//!
//! Nothing here knows who we are or what we sell. Facts about the wire come from
//! Meta's Cloud API documentation
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api>).

pub mod client;
pub mod errors;
pub mod forms;
pub mod inbound;
pub mod media;
pub mod outcome;
pub mod outgoing;
pub mod rates;
pub mod signature;
pub mod templates;

pub use client::{CallError, GraphClient, NotDownloaded, NotUploaded, NumberLimits};
pub use errors::Scope;
pub use inbound::news::{DailyLimit, News, TemplateNews};
pub use inbound::{
    Content, Echo, Event, IdentityChange, InboundMessage, MediaKind, OptOut, OtherEvent, Sender,
    Status, StatusUpdate,
};
pub use outcome::SendOutcome;
pub use outgoing::{
    Button, ButtonParameter, Card, CardAction, CardParameters, Header, Media, Outgoing, OverLimit,
    Parameter, Recipient, Row, Section, Source, Template, shorten, split,
};
pub use signature::AppSecret;

#[cfg(test)]
mod mutations;
