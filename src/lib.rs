//! SIP Brewery: a WhatsApp-first investing service for Indian mutual-fund distributors.

pub mod clock;
pub mod config;
pub mod id;
pub mod lifecycle;

pub mod security;
pub mod storage;
pub mod telemetry;

pub mod whatsapp;

pub mod contacts;
pub mod pipeline;

pub mod investing;

pub mod dialogue;

pub mod http;

pub mod cli;
pub mod sandbox;
