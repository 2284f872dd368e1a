//! SIP Brewery: a WhatsApp-first investing service for Indian mutual-fund distributors.
//!
//! A message comes in by [`http`], is made durable and decided by [`pipeline`] with the
//! help of [`dialogue`], and goes out through [`whatsapp`]. The modules below stand in
//! floors, the ground first: each may use those above it in this list and along the
//! arrows within its floor, never those below. [`app`] alone knows them all.
//!
//! ```text
//!  entrances        http   sandbox   (the sandbox speaks HTTP to the rest, as Meta would)
//!  conversations    dialogue ─▶ assistant   documents   notifications
//!  the business     investing ─▶ people
//!  durable work     pipeline ─▶ contacts ─▶ whatsapp
//!  ground           security   storage   telemetry   clock   id   language   config
//! ```

pub mod clock;
pub mod config;
pub mod id;
pub mod language;
pub mod lifecycle;
pub mod security;
pub mod storage;
pub mod telemetry;

pub mod whatsapp;

pub mod contacts;

pub mod pipeline;

pub mod people;

pub mod investing;

pub mod assistant;
pub mod dialogue;
pub mod documents;

pub mod notifications;

pub mod http;
pub mod sandbox;

pub mod app;
pub mod cli;

#[cfg(test)]
#[path = "../tests/support/postgres.rs"]
mod postgres;
