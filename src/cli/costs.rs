//! `costs`: what Meta charges for a month.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{open_app, say};
use crate::clock::ist;
use crate::config::Settings;
use crate::investing::inr;
use crate::pipeline::{Cost, Month, costs_by_conversation, costs_by_purpose};
use crate::whatsapp::rates::{self, tiers};

/// What delivered messages cost by Meta's rate card, with GST beside it
///
/// One row was written for each message that Meta said was delivered. The month is
/// India's; its first answers are free as the rate card says. Costs are at list rates unless
/// you give Meta's volume tiers with `--tiers`. GST is in whole paise, half a paisa rounded up:
/// of each line by itself, and of the month on its sum, which is what is billed. What Meta
/// bills is on its invoice; numbers of the same business portfolio that this service does not
/// send by are not in here, though they count towards the tiers.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The month, as 2026-11; this one unless given.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// By what the messages were for, or by conversation, the dearest first.
    #[arg(long, value_enum, default_value_t = By::Purpose)]
    by: By,
    /// Meta's volume tiers for utility and authentication, as CSV with the columns
    /// from,category,after,millipaise: the first day, the category, the charged messages of a
    /// month before the tier, and what each one beyond costs in thousandths of a paisa.
    #[arg(long, value_name = "FILE")]
    tiers: Option<PathBuf>,
    /// As CSV: the cost in thousandths of a paisa, the GST in paise.
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Purpose,
    Conversation,
}

/// Prints the table.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let tiers = args.tiers.as_deref().map(tiers_of).transpose()?;
    let app = open_app(&settings).await?;
    let today = app.ground.clock.now().to_zoned(ist()).date();
    let month = args
        .month
        .unwrap_or_else(|| format!("{:04}-{:02}", today.year(), today.month()));
    let first = first_day(&month)?;
    let allowance = rates::rate("service", first).map_or(0, |rate| rate.free_a_month);
    let counting = tiers::on(tiers.as_deref().unwrap_or_default(), first);
    let of = Month {
        name: &month,
        allowance,
        tiers: &counting,
    };
    let mut conn = app.ground.db.read().await?;
    let costs = match args.by {
        By::Purpose => costs_by_purpose(&mut conn, of).await?,
        By::Conversation => costs_by_conversation(&mut conn, of).await?,
    };
    drop(conn);
    let gst = rates::gst(first);
    let by_rates = if counting.is_empty() { LIST } else { TIERED };
    for line in if args.csv {
        csv(&costs, gst)
    } else {
        table(&costs, &month, gst, by_rates)
    } {
        say(line);
    }
    app.ground.db.close().await;
    Ok(())
}

fn first_day(month: &str) -> anyhow::Result<Date> {
    let day = format!("{month}-01").parse();
    day.ok()
        .filter(|_| month.len() == 7)
        .with_context(|| format!("a month looks like 2026-11, not `{month}`"))
}

/// Which rates a month was reckoned by.
const LIST: &str = "at list rates, without volume tiers";
const TIERED: &str = "with the volume tiers given";

fn tiers_of(path: &Path) -> anyhow::Result<Vec<tiers::Tier>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    tiers::read(&text).with_context(|| format!("the tiers of {shown} are not taken"))
}

fn csv(costs: &[Cost], gst: i64) -> Vec<String> {
    let head = "of,category,messages,free,unrated,millipaise,gst_paise".to_owned();
    let line = |cost: &Cost| {
        let Cost {
            of,
            category,
            messages,
            free,
            unrated,
            millipaise,
        } = cost;
        let tax = rates::tax_paise(*millipaise, gst);
        format!("{of},{category},{messages},{free},{unrated},{millipaise},{tax}")
    };
    std::iter::once(head)
        .chain(costs.iter().map(line))
        .collect()
}

fn table(costs: &[Cost], month: &str, gst: i64, by_rates: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<36} {:<16} {:>9} {:>9} {:>14} {:>12}",
        "", "category", "messages", "free", "cost", "GST"
    )];
    for cost in costs {
        lines.push(format!(
            "{:<36} {:<16} {:>9} {:>9} {:>14} {:>12}",
            cost.of,
            cost.category,
            cost.messages,
            cost.free,
            rupees(cost.millipaise),
            paise(rates::tax_paise(cost.millipaise, gst))
        ));
    }
    let sum = |of: fn(&Cost) -> i64| costs.iter().map(of).sum::<i64>();
    lines.push(format!(
        "{month}: {} messages delivered, {} free, {} without GST, {by_rates}",
        sum(|cost| cost.messages),
        sum(|cost| cost.free),
        rupees(sum(|cost| cost.millipaise))
    ));
    let whole = sum(|cost| cost.millipaise);
    let tax = rates::tax_paise(whole, gst);
    // Rounded to the paisa before the tax goes on it, so that the line adds up.
    let with_tax = rates::tax_paise(whole, 1_000) + tax;
    lines.push(format!(
        "GST at {} %: {} on the sum, rounded half up to the paisa; with it {}",
        Decimal::new(gst, 1).normalize(),
        paise(tax),
        paise(with_tax)
    ));
    let unrated = sum(|cost| cost.unrated);
    if unrated > 0 {
        lines.push(format!(
            "{unrated} of them are of a category the rate card has no rate for"
        ));
    }
    lines
}

/// Thousandths of a paisa, in rupees: rounded once, at the end, half a paisa up as the tax is.
fn rupees(millipaise: i64) -> String {
    paise(rates::tax_paise(millipaise, 1_000))
}

fn paise(paise: i64) -> String {
    inr(Decimal::new(paise, 2), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_or_refused_with_its_form() {
        assert!(first_day("2026-11").is_ok());
        for wrong in ["2026", "2026-13", "2026-1", "November"] {
            assert!(
                first_day(wrong)
                    .unwrap_err()
                    .to_string()
                    .contains("2026-11"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn half_paise_add_up_before_they_are_rounded() {
        let cost = |category: &str, messages| Cost {
            of: "chat".into(),
            category: category.into(),
            messages,
            free: 0,
            unrated: 0,
            millipaise: messages * 11_500,
        };
        let costs = [cost("service", 3), cost("utility", 10)];
        let lines = table(&costs, "2026-11", 180, LIST);
        // 34.5 paise, and 6.21 of tax on them.
        let ends = |line: &str, cost: &str, tax: &str| {
            let columns: Vec<_> = line.split_whitespace().collect();
            assert_eq!(columns[columns.len() - 2..], [cost, tax], "{line}");
        };
        ends(&lines[1], "₹0.35", "₹0.06");
        ends(&lines[2], "₹1.15", "₹0.21");
        assert!(
            lines[3].starts_with("2026-11: 13 messages delivered, 0 free, ₹1.50"),
            "{}",
            lines[3]
        );
        assert!(lines[3].ends_with("at list rates, without volume tiers"));
        // 26.91 paise on the sum of 149.5.
        assert_eq!(
            lines[4],
            "GST at 18 %: ₹0.27 on the sum, rounded half up to the paisa; with it ₹1.77"
        );
        let lines = csv(&[cost("service", 3)], 180);
        assert_eq!(lines[1], "chat,service,3,0,0,34500,6");
    }
}
