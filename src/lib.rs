//! SIP Brewery: a WhatsApp-first investing service for Indian mutual-fund distributors.

pub mod clock;
pub mod id;

pub mod security;
pub mod storage;

pub mod whatsapp;

pub mod contacts;
pub mod pipeline;

pub mod investing;

pub mod dialogue;
