//! `loadtest`: how much the service carries, and whether anything is lost.
//!
//! This process is both ends of the wire: it writes as many people would, over real
//! signed webhooks, and an emulator takes the replies and tells what became of them.
//! The service under test is a process of its own, so that its CPU time and memory are
//! its own. `script` makes the webhooks, `load` and `client` post them, `book` keeps account,
//! `subject` is the process measured, `run` one measurement, `night` the instalments of a
//! day beside it, `report` what is printed.

mod bare;
mod book;
mod client;
mod load;
mod night;
mod prefill;
mod report;
mod run;
mod script;
mod store;
mod subject;

use std::path::PathBuf;

use crate::config::Settings;

use run::Plan;
use subject::Kind;

/// Send signed webhooks from many contacts to a service and measure.
///
/// Starts the service as a process of its own on a scratch SQLite file (or
/// --database-url), with the Cloud API emulator of this command as the other end, and
/// prints ack and end-to-end times (p50, p99), messages a second, CPU per message,
/// memory, and lost, doubled and disordered replies, which must all be 0. Read receipts
/// (`WHATSAPP_READ_RECEIPTS`) are off: they cost a call beside each reply.
///
/// Without --rate it sends as fast as webhooks are acknowledged for --seconds and then
/// waits for the last reply; the end-to-end time is then mostly waiting. With --rate it
/// sends evenly, which shows the time one message takes.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    /// Measure a service that runs already, by its webhook address. It needs the same
    /// settings as this command, and `WHATSAPP_API_BASE_URL` on a free loopback port,
    /// which the emulator takes.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Process id of that service, for its CPU time and memory.
    #[arg(long, value_name = "PID", requires = "webhook")]
    pid: Option<u32>,
    /// Database of the service under test, such as postgres://…; its tables are made and
    /// filled. One is made for each measurement beside it.
    #[arg(long, value_name = "URL", conflicts_with = "webhook")]
    database_url: Option<String>,
    /// How many people there are.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    contacts: u32,
    /// How many of them write; all, up to 20,000, unless given.
    #[arg(long, value_name = "N")]
    writers: Option<u32>,
    /// Events the service has seen before.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        conflicts_with = "webhook"
    )]
    seen: u64,
    /// Nobody is known to the service before their first message.
    #[arg(long)]
    strangers: bool,
    /// How long to send.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u32,
    /// Send this many messages at most.
    #[arg(long, value_name = "N")]
    messages: Option<u64>,
    /// Messages a second in all, instead of as fast as they are acknowledged.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Connections open at once.
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: u32,
    /// File of texts, one a line, sent in turn instead of the built-in script.
    #[arg(long, value_name = "FILE")]
    texts: Option<PathBuf>,
    /// SIPs due in one day, shared out among the contacts. After the load as it is on a
    /// quiet day their instalments are prepared and announced, with the same load beside.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        requires = "rate",
        conflicts_with_all = ["webhook", "strangers", "bound"]
    )]
    night: u32,
    /// Log filter of the service under test.
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
    /// Also measure, in alternation, a bare server that only verifies, commits one row
    /// and sends a fixed reply, and print the ratios.
    #[arg(long, conflicts_with = "webhook")]
    bound: bool,
    /// Have the emulator tell of each reply that it was sent, delivered and read, three
    /// webhooks a reply, and wait until all of them are acknowledged.
    #[arg(long)]
    statuses: bool,
    /// How often to alternate.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: u32,
}

#[derive(Debug, clap::Subcommand)]
enum Hidden {
    /// The bare server that --bound compares with
    #[command(hide = true)]
    Bare(bare::Args),
}

/// Runs the load and prints what came of it.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    if let Some(Hidden::Bare(bare)) = args.hidden {
        return bare::run(bare).await;
    }
    let script = script::Script::read(args.texts.as_deref())?;
    let plan = Plan {
        contacts: args.contacts.max(1),
        writers: args
            .writers
            .unwrap_or(20_000)
            .clamp(1, args.contacts.max(1)),
        seen: args.seen,
        strangers: args.strangers,
        seconds: args.seconds.max(1),
        messages: args.messages.unwrap_or(u64::MAX),
        rate: args.rate,
        connections: args.connections.max(1),
        database_url: args.database_url,
        log: args.log,
        night: args.night,
        statuses: args.statuses,
    };
    super::say(report::heading(&plan));
    if let Some(webhook) = args.webhook {
        let measured = run::measure_running(&plan, &script, &settings, webhook, args.pid).await?;
        super::say(report::table("service", &measured));
        return report::verdict(&[&measured]);
    }
    if !args.bound {
        let measured = run::measure(&plan, &script, Kind::Service).await?;
        super::say(report::table("service", &measured));
        return report::verdict(&[&measured]);
    }
    let (mut service, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..args.rounds.max(1) {
        for (kind, taken) in [(Kind::Bare, &mut bare), (Kind::Service, &mut service)] {
            let measured = run::measure(&plan, &script, kind).await?;
            super::say(report::table(kind.name(), &measured));
            taken.push(measured);
        }
    }
    super::say(report::ratios(&service, &bare));
    report::verdict(&service.iter().collect::<Vec<_>>())
}
