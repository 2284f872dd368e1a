//! `costs`: what Meta charges for a month.

use anyhow::Context as _;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{open_app, say};
use crate::clock::ist;
use crate::config::Settings;
use crate::investing::inr;
use crate::pipeline::{Cost, costs_by_conversation, costs_by_purpose};
use crate::whatsapp::rates;

/// What delivered messages cost by Meta's rate card, without GST
///
/// One row was written for each message that Meta said was delivered. The month is
/// India's; its first answers are free as the rate card says.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The month, as 2026-11; this one unless given.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// By what the messages were for, or by conversation, the dearest first.
    #[arg(long, value_enum, default_value_t = By::Purpose)]
    by: By,
    /// As CSV, in thousandths of a paisa.
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
    let app = open_app(&settings).await?;
    let today = app.ground.clock.now().to_zoned(ist()).date();
    let month = args
        .month
        .unwrap_or_else(|| format!("{:04}-{:02}", today.year(), today.month()));
    let first = first_day(&month)?;
    let allowance = rates::rate("service", first).map_or(0, |rate| rate.free_a_month);
    let mut conn = app.ground.db.read().await?;
    let costs = match args.by {
        By::Purpose => costs_by_purpose(&mut conn, &month, allowance).await?,
        By::Conversation => costs_by_conversation(&mut conn, &month, allowance).await?,
    };
    drop(conn);
    for line in if args.csv {
        csv(&costs)
    } else {
        table(&costs, &month)
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

fn csv(costs: &[Cost]) -> Vec<String> {
    let head = "of,category,messages,free,unrated,millipaise".to_owned();
    let line = |cost: &Cost| {
        let Cost {
            of,
            category,
            messages,
            free,
            unrated,
            millipaise,
        } = cost;
        format!("{of},{category},{messages},{free},{unrated},{millipaise}")
    };
    std::iter::once(head)
        .chain(costs.iter().map(line))
        .collect()
}

fn table(costs: &[Cost], month: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<36} {:<16} {:>9} {:>9} {:>14}",
        "", "category", "messages", "free", "cost"
    )];
    for cost in costs {
        lines.push(format!(
            "{:<36} {:<16} {:>9} {:>9} {:>14}",
            cost.of,
            cost.category,
            cost.messages,
            cost.free,
            rupees(cost.millipaise)
        ));
    }
    let sum = |of: fn(&Cost) -> i64| costs.iter().map(of).sum::<i64>();
    lines.push(format!(
        "{month}: {} messages delivered, {} free, {} without GST",
        sum(|cost| cost.messages),
        sum(|cost| cost.free),
        rupees(sum(|cost| cost.millipaise))
    ));
    let unrated = sum(|cost| cost.unrated);
    if unrated > 0 {
        lines.push(format!(
            "{unrated} of them are of a category the rate card has no rate for"
        ));
    }
    lines
}

/// Thousandths of a paisa, in rupees: rounded once, at the end.
fn rupees(millipaise: i64) -> String {
    inr(Decimal::new(millipaise, 5), 2)
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
        let lines = table(&[cost("service", 3), cost("utility", 10)], "2026-11");
        assert!(
            lines[1].contains("₹0.35") || lines[1].contains("₹0.34"),
            "{}",
            lines[1]
        );
        assert!(
            lines[3].starts_with("2026-11: 13 messages delivered, 0 free, ₹1.50"),
            "{}",
            lines[3]
        );
        assert_eq!(csv(&[cost("service", 3)])[1], "chat,service,3,0,0,34500");
    }
}
