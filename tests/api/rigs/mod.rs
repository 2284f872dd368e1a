//! The promises under violence: real server processes, the emulator, a crowd that talks,
//! and kill -9 at random moments. `PROOF_SCALE` multiplies how often.

#![expect(clippy::print_stderr, reason = "a rig says what it counted")]

mod crowd;
mod kill;
mod stop;
mod two;
mod unknown;
mod verdict;
