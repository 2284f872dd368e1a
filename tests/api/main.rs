//! The promises of the durable path, the channel, the journeys and the API, over real
//! databases and real HTTP. One binary, so that it is linked once.
//!
//! Runs on SQLite unless `TEST_DATABASE_URL` names a PostgreSQL server.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(unreachable_pub, reason = "modules of a test binary have no outside")]

mod account;
mod assistant;
mod attachments;
mod audit;
mod beside;
mod carousel;
mod consent;
mod conversations;
mod copies;
mod errors;
mod follow_up;
mod forms;
mod harness;
mod heard;
mod identity;
mod jobs;
mod journeys;
mod media;
mod merging;
mod migrations;
mod money;
mod notices;
mod odd;
mod pace;
mod pipeline;
mod receipts;
mod refusals;
mod replay;
mod rigs;
mod send;
mod templates;
mod trail;
mod way_back;
mod webhook;
