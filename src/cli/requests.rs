//! `requests`: the register of complaints and of what people want done with their data.

use jiff::Timestamp;

use super::way_back::when;
use super::{open_app, say};
use crate::config::Settings;
use crate::contacts::requests::{Entry, register};

/// The register of complaints, and of copies, erasures and changes of personal data
///
/// With dates, age and what came of each. A complaint or change is closed with
/// `attention resolve`; the rest is done by the service.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also what is closed.
    #[arg(long)]
    all: bool,
    /// As CSV.
    #[arg(long)]
    csv: bool,
}

/// Prints the register.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let db = &app.ground.db;
    let entries = register(&mut *db.read().await?, args.all).await?;
    let now = app.ground.clock.now();
    if args.csv {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record([
            "number", "kind", "contact", "opened", "closed", "days", "outcome",
        ])?;
        for entry in &entries {
            csv.write_record(columns(entry, now))?;
        }
        say(String::from_utf8(csv.into_inner()?)?.trim_end());
    } else {
        for entry in &entries {
            let [number, kind, contact, opened, closed, days, outcome] = columns(entry, now);
            let closed = if closed.is_empty() {
                format!("open for {days} days")
            } else {
                format!("closed {closed} after {days} days: {outcome}")
            };
            say(format!("{number}  {kind:9}  {contact}  {opened}  {closed}"));
        }
        if entries.is_empty() {
            say("nothing is open; `--all` shows what was");
        }
    }
    db.close().await;
    Ok(())
}

fn columns(entry: &Entry, now: Timestamp) -> [String; 7] {
    let until = entry.closed_at.unwrap_or(now);
    let days = until.duration_since(entry.opened_at).as_hours() / 24;
    [
        entry.number.clone(),
        entry.kind.clone(),
        entry.contact.clone(),
        when(entry.opened_at),
        entry.closed_at.map(when).unwrap_or_default(),
        days.to_string(),
        entry.outcome.clone().unwrap_or_default(),
    ]
}
