//! The command line: one file per command, and what the process says when it ends.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 78 wrong settings (`EX_CONFIG`).
//! Results go to standard output, logs and errors to standard error, so that a command
//! can stand in a pipe.

mod attention;
mod cas;
mod commission;
mod contact;
mod costs;
mod doctor;
mod document;
mod emulator;
mod exchange;
mod forms;
mod inbox;
mod investor;
mod jobs;
mod loadtest;
mod migrate;
mod money;
mod nav;
mod outbox;
mod reference;
mod release;
mod replay;
mod requests;
mod send;
mod serve;
mod templates;
mod understand;
mod way_back;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::app::{App, demo};
use crate::clock::Clock;
use crate::config::{ENV_FILE, Faults, Settings};
use crate::id::Ids;
use crate::telemetry::logs;

/// A WhatsApp-first investing service for Indian mutual-fund distributors.
///
/// Start it without arguments and without settings, and it is a demo: open the address
/// it prints and chat. `sipbrewery doctor` says what is missing for a real number, and
/// `.env.example` explains every setting.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// File of NAME=value settings, .env unless given; the environment comes first.
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Migrate(migrate::Args),
    #[command(subcommand)]
    Nav(nav::Command),
    #[command(subcommand)]
    SchemeRules(reference::SchemeRules),
    #[command(subcommand)]
    Calendar(reference::Calendar),
    #[command(subcommand)]
    Market(reference::Market),
    #[command(subcommand)]
    Cas(cas::Command),
    Document(document::Args),
    Understand(understand::Args),
    Doctor(doctor::Args),
    Loadtest(loadtest::Args),
    Emulator(emulator::Args),
    Exchange(exchange::Args),
    Release(release::Args),
    Replay(replay::Args),
    #[command(subcommand)]
    Templates(templates::Command),
    Send(send::Args),
    #[command(subcommand)]
    Forms(forms::Command),
    #[command(subcommand)]
    Investor(investor::Command),
    #[command(subcommand)]
    Money(money::Command),
    #[command(subcommand)]
    Commission(commission::Command),
    #[command(subcommand)]
    Attention(attention::Command),
    #[command(subcommand)]
    Contact(contact::Command),
    Requests(requests::Args),
    Costs(costs::Args),
    #[command(subcommand)]
    Inbox(inbox::Command),
    #[command(subcommand)]
    Outbox(outbox::Command),
    #[command(subcommand)]
    Jobs(jobs::Command),
}

/// What `sysexits.h` calls a fault in the configuration.
const CONFIGURATION: u8 = 78;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let settings = Settings::from_environment(cli.env_file.as_deref());
    if let Ok(settings) = &settings
        && let Err(error) = logs::install(settings.log_format, &settings.log_filter)
    {
        return failed(CONFIGURATION, &format!("{error:#}"));
    }
    let runtime = match start() {
        Ok(runtime) => runtime,
        Err(error) => return failed(1, &format!("{error:#}")),
    };
    let command = cli
        .command
        .unwrap_or_else(|| Command::Serve(serve::Args::default()));
    let ended = runtime.block_on(run(command, settings));
    // A thread that still reads standard input must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(500));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Faults>() => failed(CONFIGURATION, &format!("{error:#}")),
        Err(error) => failed(1, &format!("{error:#}")),
    }
}

fn start() -> anyhow::Result<tokio::runtime::Runtime> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("TLS is already set up in this process"))?;
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

async fn run(command: Command, settings: Result<Settings, Faults>) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(args, settings?).await,
        Command::Migrate(args) => migrate::run(args, settings?).await,
        Command::Nav(command) => nav::run(command, settings?).await,
        Command::SchemeRules(command) => reference::scheme_rules(command, settings?).await,
        Command::Calendar(command) => reference::calendar(command, settings?).await,
        Command::Market(command) => reference::market(command, settings?).await,
        Command::Cas(cas::Command::Import(args)) => cas::run(args, settings?).await,
        Command::Document(args) => document::run(args, settings?).await,
        Command::Understand(args) => understand::run(args, settings?).await,
        Command::Doctor(args) => doctor::run(args, settings).await,
        Command::Loadtest(args) => loadtest::run(args, settings?).await,
        Command::Emulator(args) => emulator::run(args, settings?).await,
        Command::Exchange(args) => exchange::run(args, settings?).await,
        Command::Release(args) => release::run(args, settings?).await,
        Command::Replay(args) => replay::run(args, settings?).await,
        Command::Investor(command) => investor::run(command, settings?).await,
        Command::Money(command) => money::run(command, settings?).await,
        Command::Commission(command) => commission::run(command, settings?).await,
        Command::Forms(command) => forms::run(command, settings?).await,
        Command::Templates(command) => templates::run(command, settings?).await,
        Command::Send(args) => send::run(args, settings?).await,
        Command::Costs(args) => costs::run(args, settings?).await,
        Command::Attention(command) => attention::run(command, settings?).await,
        Command::Requests(args) => requests::run(args, settings?).await,
        Command::Contact(command) => contact::run(command, settings?).await,
        Command::Inbox(command) => inbox::run(command, settings?).await,
        Command::Outbox(command) => outbox::run(command, settings?).await,
        Command::Jobs(command) => jobs::run(command, settings?).await,
    }
}

fn failed(code: u8, why: &str) -> ExitCode {
    // Nothing is left to do about a standard error that cannot be written.
    let _ = writeln!(std::io::stderr().lock(), "sipbrewery: {why}");
    ExitCode::from(code)
}

/// Opens the service's database and keys for a command beside it. The database is made, and
/// its tables are changed, by the service and `migrate`; see [`open_or_make_app`].
async fn open_app(settings: &Settings) -> anyhow::Result<App> {
    if let Some(file) = missing_file(settings) {
        anyhow::bail!(
            "there is no database at {}: DATABASE_URL, in the environment or in the file of \
             settings (--env-file, or {ENV_FILE} in this folder), names it; run this where the \
             service runs, or start the service once (`sipbrewery serve`)",
            std::path::absolute(&file).unwrap_or(file).display()
        );
    }
    let app = App::open_beside(settings, clock(settings), Ids::random()).await?;
    if settings.is_demo() {
        demo::catch_up(&app).await?;
    }
    Ok(app)
}

/// Opens them for a command that may well be the first one run, and makes the database where
/// there is none.
async fn open_or_make_app(settings: &Settings) -> anyhow::Result<App> {
    if missing_file(settings).is_none() {
        return open_app(settings).await;
    }
    App::open(settings, clock(settings), Ids::random()).await
}

/// Returns the file of the database, if that is not there.
fn missing_file(settings: &Settings) -> Option<PathBuf> {
    settings.sqlite_file().filter(|file| !file.exists())
}

fn clock(settings: &Settings) -> Clock {
    if settings.is_demo() {
        demo::clock()
    } else {
        Clock::system()
    }
}

/// Prints a line of a command's result. Whoever reads it may have gone away, as
/// `head` does, which is no failure of ours.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests;
