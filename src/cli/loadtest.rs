//! `loadtest`: how much the service carries, and whether anything is lost.

use std::path::PathBuf;

use crate::config::Settings;

/// Send signed webhooks from many contacts to a running service and measure.
///
/// Start a service whose Graph base URL is the emulator this command runs, then run it
/// with the same settings. Prints ack and end-to-end times (p50, p99), messages
/// a second, CPU per message, peak memory, and lost, doubled and disordered replies,
/// which must all be 0.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The service's webhook address.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080/webhooks/whatsapp"
    )]
    pub(super) webhook: String,
    /// How many people write.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(super) contacts: u32,
    /// How many messages each of them sends.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) messages: u32,
    /// Messages a second in all; 0 sends as fast as it can.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) rate: u32,
    /// Connections open at once.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(super) concurrency: u32,
    /// File of texts, one a line, sent in turn instead of the built-in script.
    #[arg(long, value_name = "FILE")]
    pub(super) texts: Option<PathBuf>,
    /// Process id of the service, for its CPU time and memory.
    #[arg(long, value_name = "PID")]
    pub(super) pid: Option<u32>,
    /// Also measure, in alternation, a bare server that only verifies, commits one row
    /// and sends a fixed reply, and print the ratios.
    #[arg(long)]
    pub(super) bound: bool,
}

/// Runs the load and prints what came of it.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("loadtest is not wired yet")
}
