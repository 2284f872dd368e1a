//! The promises under violence: real server processes, the emulator, a crowd that talks,
//! and kill -9 at random moments. `PROOF_SCALE` multiplies how often.

#![expect(clippy::print_stderr, reason = "a rig says what it counted")]

mod crowd;
mod kill;
mod meanwhile;
mod money;
mod outage;
mod outlived;
mod power;
mod shuffled;
mod standing;
mod stop;
mod two;
mod unknown;
mod verdict;
mod world;

/// Held by each rig that runs servers: two crowds at once would measure the machine.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
