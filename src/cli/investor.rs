//! `investor`: what is on record about an investor.

use anyhow::{Context as _, bail};
use jiff::civil::Date;

use super::{open_app, say};
use crate::config::Settings;
use crate::people::ports::KycReport;
use crate::people::{Investor, KycState, Nomination, PennyDrop, Recorded};

/// Investors' records
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Show(Show),
    Kyc(Kyc),
    Bank(Bank),
    Account(Account),
}

/// Show what is on record, with PAN and account numbers masked.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Record what a KYC agency says about an investor.
#[derive(Debug, clap::Args)]
pub(super) struct Kyc {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
    /// The agency's own words ("KYC Validated", "On Hold"); what is not known is refused.
    #[arg(value_name = "STATUS")]
    pub(super) status: String,
    /// Which agency said so (CVL, NDML, CAMS, KFintech, `DotEx`).
    #[arg(long)]
    pub(super) agency: Option<String>,
    /// Last day it is good for, as yyyy-mm-dd.
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<Date>,
}

/// Record what a payment of one rupee to a bank account came to.
///
/// With the name the bank credited it to; without one, that the bank refused it. With --choose,
/// money goes to and comes from a verified account from then on.
#[derive(Debug, clap::Args)]
pub(super) struct Bank {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
    /// The last four digits of the account number.
    #[arg(value_name = "DIGITS")]
    pub(super) digits: String,
    /// The holder's name as the bank has it.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Have money go to and come from this account, once the exchange has it too.
    #[arg(long, conflicts_with = "name")]
    pub(super) choose: bool,
}

/// Have the account with the exchange opened, or asked about, by the running service.
///
/// It happens by itself as soon as a record is whole; this is for after a refusal that was
/// put right with the exchange.
#[derive(Debug, clap::Args)]
pub(super) struct Account {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Shows or records.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        Command::Show(args) => {
            let contact = app.find_contact(&args.contact).await?;
            app.looked_at("investor_read", contact).await?;
            if let Some(door) = app.came_by(contact).await? {
                say(format!("came by: {door}"));
            }
            show(&app.people.investor(contact).await?);
        }
        Command::Kyc(args) => {
            let contact = app.find_contact(&args.contact).await?;
            let state = KycState::from_registry(&args.status);
            let is_none = args.status.eq_ignore_ascii_case("not available");
            if state == KycState::Unknown && !is_none {
                let known = KycState::ALL.map(KycState::as_str).join(", ");
                bail!("`{}` is no status we know: {known}", args.status);
            }
            let report = KycReport {
                state,
                raw: args.status,
                agency: args.agency,
                name: None,
                valid_until: args.until,
            };
            let said = app.people.record_kyc(contact, report, app.operator()).await;
            match said.context("the KYC status was not recorded")? {
                Recorded::Done => say(format!("KYC is {} now", state.as_str())),
                Recorded::Already => say(format!("KYC was {} before", state.as_str())),
                Recorded::Refused(why) => bail!("refused: {why}"),
            }
        }
        Command::Bank(args) => {
            let contact = app.find_contact(&args.contact).await?;
            let investor = app.people.investor(contact).await?;
            let ends_so = |number: &str| number.ends_with(&args.digits);
            let banks = investor.banks.iter();
            let found: Vec<_> = banks
                .filter(|bank| ends_so(bank.account.number.as_str()))
                .collect();
            let [bank] = found[..] else {
                bail!("{} accounts end in {}", found.len(), args.digits);
            };
            let by = app.operator();
            let recorded = if args.choose {
                app.people.choose_bank(contact, bank.id, by).await
            } else {
                let drop = args
                    .name
                    .map_or(PennyDrop::Failed, |name| PennyDrop::Credited { name });
                app.people
                    .record_penny_drop(contact, bank.id, drop, by)
                    .await
            };
            match recorded.context("it was not recorded")? {
                Recorded::Refused(why) => bail!("refused: {why}"),
                Recorded::Done | Recorded::Already => {
                    let investor = app.people.investor(contact).await?;
                    let now = investor.banks.iter().find(|now| now.id == bank.id);
                    let state = now.map_or("gone", |now| now.verification.as_str());
                    let is_chosen = now.is_some_and(|now| now.is_default);
                    let use_of_it = if is_chosen { ", and the one used" } else { "" };
                    say(format!("the account is {state} now{use_of_it}"));
                }
            }
        }
        Command::Account(args) => {
            let contact = app.find_contact(&args.contact).await?;
            let lacks = app.have_account_opened(contact).await?;
            if !lacks.is_empty() {
                bail!("the record lacks: {}", lacks.join(", "));
            }
            say("the service will ask the exchange; see `investor show`");
        }
    }
    app.ground.db.close().await;
    Ok(())
}

fn show(investor: &Investor) {
    let missing = || "not on record".to_owned();
    let line = |what: &str, value: Option<String>| {
        say(format!("{what}: {}", value.unwrap_or_else(missing)));
    };
    line("contact", Some(investor.contact.to_string()));
    let bound = investor.binding.as_ref();
    line(
        "bound",
        bound.map(|binding| format!("by {}", binding.proof)),
    );
    line("PAN", investor.pan.as_ref().map(crate::people::Pan::masked));
    let kyc = &investor.kyc;
    let raw = kyc
        .raw
        .as_ref()
        .map_or(String::new(), |raw| format!(" ({raw})"));
    let until = kyc
        .valid_until
        .map_or(String::new(), |day| format!(" until {day}"));
    line("KYC", Some(format!("{}{raw}{until}", kyc.state.as_str())));
    for bank in &investor.banks {
        let (number, state) = (bank.account.number.masked(), bank.verification.as_str());
        let chosen = if bank.is_default { ", chosen" } else { "" };
        line("bank", Some(format!("{number}, {state}{chosen}")));
    }
    let nomination = match &investor.nomination {
        Nomination::NotSaid => None,
        Nomination::OptedOut => Some("opted out".to_owned()),
        Nomination::Nominees { nominees } => Some(format!("{} named", nominees.len())),
    };
    line("nominees", nomination);
    let fatca = investor.fatca.as_ref();
    line(
        "FATCA",
        fatca.map(|f| format!("declared on {}", f.declared_on)),
    );
    let risk = investor.risk.as_ref();
    line("risk profile", risk.map(|risk| risk.category.clone()));
    for account in &investor.accounts {
        let (gateway, ucc, state) = (&account.gateway, &account.ucc, account.state.as_str());
        let why = account.reason.as_ref();
        let why = why.map_or(String::new(), |why| format!(": {why}"));
        line("exchange", Some(format!("{gateway} {ucc}, {state}{why}")));
    }
    if let Some(pause) = &investor.money_paused {
        line("money", Some(format!("paused: {}", pause.reason)));
    }
}
