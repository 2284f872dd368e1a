//! `commission`: how commission is divided, and dividing it.

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{open_app, say};
use crate::app::App;
use crate::config::Settings;
use crate::investing::commission::{self, Divided, NewCommission};
use crate::investing::{Paise, inr};

/// Commission of fund houses, divided among those who share it
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Load(Load),
    Divide(Divide),
    TakeBack(TakeBack),
}

/// Load how commission is divided.
///
/// The file is JSON: {"splits": [{"kind": "trail", "from": "2026-04-01", "shares":
/// [{"party": "distributor", "`basis_points"`: 8000}, …]}]}. Shares make exactly 10000; a
/// split that counts already is never changed.
#[derive(Debug, clap::Args)]
pub(super) struct Load {
    /// The file.
    pub(super) file: PathBuf,
}

/// Divide a line of a fund house's statement, once.
#[derive(Debug, clap::Args)]
pub(super) struct Divide {
    /// Names the line, unique for ever (hdfc:2026-08:17).
    pub(super) source: String,
    /// Kind, as the splits name it.
    pub(super) kind: String,
    /// The day it was earned, as yyyy-mm-dd: chooses the split.
    pub(super) on: Date,
    /// Rupees.
    #[arg(allow_negative_numbers = true)]
    pub(super) amount: Decimal,
}

/// Take some or all of a commission back from those who got it.
#[derive(Debug, clap::Args)]
pub(super) struct TakeBack {
    /// Names the line that says so, unique for ever.
    pub(super) source: String,
    /// The line that is taken back from.
    pub(super) of: String,
    /// Rupees, of the sign of what was divided.
    #[arg(allow_negative_numbers = true)]
    pub(super) amount: Decimal,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        Command::Load(args) => load(&app, &args).await?,
        Command::Divide(args) => divide(&app, args).await?,
        Command::TakeBack(args) => take_back(&app, args).await?,
    }
    app.ground.db.close().await;
    Ok(())
}

async fn load(app: &App, args: &Load) -> anyhow::Result<()> {
    let name = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let splits = commission::parse_splits(&bytes).with_context(|| format!("{name} was refused"))?;
    let input = (app.ground.ids.clone(), splits, app.ground.clock.now());
    let loaded = app
        .ground
        .db
        .write(input, |conn, (ids, splits, now)| {
            Box::pin(commission::load(conn, ids, splits, "operator", *now))
        })
        .await?;
    let (new, already) = (loaded.new, loaded.already);
    say(format!("splits new: {new}; on record before: {already}"));
    Ok(())
}

async fn divide(app: &App, args: Divide) -> anyhow::Result<()> {
    let new = NewCommission {
        source: args.source,
        kind: args.kind,
        on: args.on,
        amount: paise(args.amount)?,
    };
    let input = (app.ground.ids.clone(), new, app.ground.clock.now());
    let stored = app
        .ground
        .db
        .write(input, |conn, (ids, new, now)| {
            Box::pin(commission::divide(conn, ids, new, "operator", *now))
        })
        .await?;
    show(&stored.divided);
    Ok(())
}

async fn take_back(app: &App, args: TakeBack) -> anyhow::Result<()> {
    let back = paise(args.amount)?;
    let input = (app.ground.ids.clone(), args, app.ground.clock.now());
    let taken = app
        .ground
        .db
        .write(input, move |conn, (ids, args, now)| {
            let by = "operator";
            Box::pin(commission::take_back(
                conn,
                ids,
                &args.source,
                &args.of,
                back,
                by,
                *now,
            ))
        })
        .await?;
    show(&taken);
    Ok(())
}

fn paise(rupees: Decimal) -> anyhow::Result<Paise> {
    let paise = Paise::from_rupees(rupees).context("an amount beyond counting")?;
    anyhow::ensure!(paise.rupees() == rupees, "`{rupees}` has parts of a paisa");
    Ok(paise)
}

fn show(divided: &Divided) {
    for part in &divided.parts {
        say(format!("{}: {}", part.party, inr(part.amount.rupees(), 2)));
    }
    say(format!("in all: {}", inr(divided.amount.rupees(), 2)));
}
