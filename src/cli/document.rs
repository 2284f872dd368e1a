//! `document`: papers and pictures by hand.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::civil::Date;

use super::{open_app, say};
use crate::config::{Settings, owner_only};
use crate::documents::facts::By;
use crate::documents::{Announce, Order};
use crate::investing::tax::TaxYear;
use crate::language::Language;

/// Make a document for a contact.
///
/// Papers are PDF, pictures PNG. The words that go with it are printed; `--publish` also
/// keeps it for the investor and prints the link, which leads to it for three days.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to make.
    #[arg(value_enum)]
    what: What,
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(long, value_name = "PHONE|ID")]
    contact: String,
    /// In which language.
    #[arg(long, value_enum, default_value = "en")]
    language: Tongue,
    /// Where to write the file; not written without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// For `capital-gains`: the year the tax year begins in (2026 for 2026-27); this one
    /// if not given.
    #[arg(long, value_parser = clap::value_parser!(i16).range(1990..2100))]
    year: Option<i16>,
    /// For `transactions`: the first day, as 2026-04-01.
    #[arg(long)]
    from: Option<Date>,
    /// For `transactions`: the last day.
    #[arg(long)]
    to: Option<Date>,
    /// Keep it and print the link.
    #[arg(long)]
    publish: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    Statement,
    Transactions,
    CapitalGains,
    SipSummary,
    PortfolioValue,
    AllocationByCategory,
    AllocationByAmc,
    SipGrowth,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Tongue {
    En,
    Hi,
    Hinglish,
}

/// Makes it, writes it, prints what it says.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let contact = app.find_contact(&args.contact).await?;
    let language = match args.language {
        Tongue::En => Language::En,
        Tongue::Hi => Language::Hi,
        Tongue::Hinglish => Language::Hinglish,
    };
    let today = app.ground.clock.now().to_zoned(crate::clock::ist()).date();
    let order = match args.what {
        What::Statement => Order::Statement,
        What::Transactions => Order::Transactions {
            from: args.from,
            to: args.to,
        },
        What::CapitalGains => Order::CapitalGains {
            year: args
                .year
                .unwrap_or_else(|| TaxYear::of(today).first_day().year()),
        },
        What::SipSummary => Order::SipSummary,
        What::PortfolioValue => Order::PortfolioChart,
        What::AllocationByCategory => Order::AllocationChart(By::Category),
        What::AllocationByAmc => Order::AllocationChart(By::Amc),
        What::SipGrowth => Order::SipGrowthChart,
    };
    let documents = app.documents();
    let document = documents.make(contact, language, order).await?;
    app.looked_at("document_made", contact).await?;
    say(&document.caption);
    if let Some(path) = &args.out {
        // What somebody holds is for whoever runs this, and nobody else on the machine.
        owner_only(path)
            .and_then(|mut file| file.write_all(&document.bytes))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.publish {
        let link = documents.publish(contact, &document, Announce::No).await?;
        say(format!("{} until {}", link.url, link.expires));
    }
    app.ground.db.close().await;
    Ok(())
}
