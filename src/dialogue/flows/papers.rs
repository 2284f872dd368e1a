//! Papers and pictures of what somebody holds. They are made after the turn and arrive as
//! a link of their own.

use super::super::commands::{Command, Paper, Service};
use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::{portfolio, resume};
use crate::investing::tax::TaxYear;

/// Name of the flow in tap ids.
pub const FLOW: &str = "papers";

/// Offers papers and pictures, or says how a portfolio gets here.
pub async fn offer(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if let Some(step) = unable(scene).await? {
        return Ok(step);
    }
    let row = |payload: &'static str, label| Choice::new(FLOW, "make", payload, scene.label(label));
    let papers = vec![
        row("statement", Label::PaperStatement),
        row("transactions", Label::PaperTransactions),
        Choice::new(FLOW, "tax", "", scene.label(Label::PaperGains)),
        row("sips", Label::PaperSips),
    ];
    let pictures = vec![
        row("value", Label::PictureValue),
        row("allocation", Label::PictureAllocation),
        row("growth", Label::PictureGrowth),
    ];
    let say = Say {
        controls: Controls::List {
            open: scene.label(Label::OpenPapers),
            sections: vec![
                (scene.label(Label::SectionPapers), papers),
                (scene.label(Label::SectionPictures), pictures),
            ],
        },
        ..Say::talk(scene.say(&Text::PaperChoose {})?)
    };
    Ok(Step::to(State::Menu, say))
}

/// Makes the paper of gains in a year that was named, or asks for the year.
pub async fn gains(scene: &Scene<'_>, fy: Option<&str>) -> anyhow::Result<Step> {
    if let Some(step) = unable(scene).await? {
        return Ok(step);
    }
    let current = TaxYear::of(scene.today).first_day().year();
    if let Some(year) = fy.and_then(|fy| year(fy, current)) {
        return coming(scene, Paper::CapitalGains { year });
    }
    let button = |year: i16| {
        let payload = year.to_string();
        Choice::new(FLOW, "year", payload, named(year))
    };
    let say = Say::talk(scene.say(&Text::TaxChoose {})?).buttons(vec![
        button(current),
        button(current - 1),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Takes a tap.
pub async fn tap(scene: &Scene<'_>, step: &str, payload: &str) -> anyhow::Result<Step> {
    if let Some(step) = unable(scene).await? {
        return Ok(step);
    }
    let paper = match (step, payload) {
        ("make", "statement") => Paper::Statement,
        ("make", "transactions") => Paper::Transactions,
        ("make", "sips") => Paper::SipSummary,
        ("make", "value") => Paper::ValuePicture,
        ("make", "allocation") => Paper::AllocationPicture,
        ("make", "growth") => Paper::GrowthPicture,
        ("tax", _) => return gains(scene, None).await,
        ("year", year) => match year.parse() {
            Ok(year) => Paper::CapitalGains { year },
            Err(_) => return gains(scene, None).await,
        },
        _ => return offer(scene).await,
    };
    coming(scene, paper)
}

/// Says why there is nothing to make papers of, if there is not.
async fn unable(scene: &Scene<'_>) -> anyhow::Result<Option<Step>> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene).map(Some);
    }
    match scene.facts.portfolio(scene.contact, scene.today).await? {
        Some(_) => Ok(None),
        None => portfolio::show(scene, None).map(Some),
    }
}

fn coming(scene: &Scene<'_>, paper: Paper) -> anyhow::Result<Step> {
    let (label, is_tax) = match paper {
        Paper::Statement => (Label::PaperStatement, false),
        Paper::Transactions => (Label::PaperTransactions, false),
        Paper::CapitalGains { .. } => (Label::PaperGains, true),
        Paper::SipSummary => (Label::PaperSips, false),
        Paper::ValuePicture => (Label::PictureValue, false),
        Paper::AllocationPicture => (Label::PictureAllocation, false),
        Paper::GrowthPicture => (Label::PictureGrowth, false),
    };
    let mut what = scene.label(label).to_owned();
    if let Paper::CapitalGains { year } = paper {
        what = format!("{what}, {}", named(year));
    }
    let text = scene.say(&Text::PaperComing {
        what: &what,
        is_tax,
    })?;
    let step = Step::to(State::Menu, Say::talk(text));
    Ok(step.doing(Command::Serve(Service::Paper(paper, scene.language))))
}

/// Returns a financial year as people write it: `FY 2026-27`.
fn named(year: i16) -> String {
    format!("FY {year}-{:02}", (year + 1).rem_euclid(100))
}

/// Reads `2024-25`, `last` or `current` as the year it begins in; a year to come has no
/// gains yet.
fn year(fy: &str, current: i16) -> Option<i16> {
    match fy {
        "current" => Some(current),
        "last" => Some(current - 1),
        named => {
            let year = named.split('-').next()?.parse().ok()?;
            (2006..=current).contains(&year).then_some(year)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_financial_year_is_read_by_where_it_begins() {
        assert_eq!(year("2024-25", 2026), Some(2024));
        assert_eq!(
            (named(2026), named(1999)),
            ("FY 2026-27".into(), "FY 1999-00".into())
        );
        assert_eq!(year("current", 2026), Some(2026));
        assert_eq!(year("last", 2026), Some(2025));
        for none in ["2027-28", "1999-00", "soon", ""] {
            assert_eq!(year(none, 2026), None, "{none}");
        }
    }
}
