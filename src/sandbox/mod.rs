//! Meta and a phone, without Meta and without a phone.
//!
//! The [`Emulator`] is the other end of the wire: it takes sends as the Graph API
//! does, tells what became of them by signed webhooks, and can misbehave in every way
//! the real one has been seen to. [`phone`] is a page that shows it as a chat, and
//! [`exchange`] is the other end of orders: an exchange for mutual funds. [`model`] is a
//! language model that does as its name says. [`script`] reads conversations that were
//! written down.
//!
//! It talks to the service under test over HTTP only and shares nothing with it but a
//! clock, so what works here does not work by acquaintance.

pub mod emulator;
pub mod exchange;
pub mod model;
pub mod phone;
pub mod script;
mod store;

pub use emulator::{
    Accepted, Attachment, Bubble, BuildError, Builder, Emulator, Fault, FaultKind, FormAction,
    FormState, FormStep, FormTrouble, KeptForm, KeptTemplate, Options, PaidAs, ParameterFormat,
    Person, Price, Sent, TapError, TemplateDeed, Tick,
};
pub use exchange::{Exchange, ExchangeFault, ExchangeOptions, Holidays, Market};
pub use model::ScriptedModel;
pub use phone::{ReleaseHook, personas};
