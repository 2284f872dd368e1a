//! What somebody holds: the total, then fund by fund, in one bubble.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::compose::MOST_TEXT;
use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::{Figures, Fund, Text};
use super::super::voice::clip;
use super::{funds, menu, resume};
use crate::investing::money::{date, percent, percent_f64, span, units};
use crate::investing::{Holding, Paise, Portfolio, Return, inr};

/// Room left for who we are, the required texts in two languages and an offer to go on.
const RESERVED: usize = 1_100;
const LONGEST_NAME: usize = 100;

/// Shows the portfolio, or how to get it here.
pub fn show(scene: &Scene<'_>, portfolio: Option<&Portfolio>) -> anyhow::Result<Step> {
    let say = match portfolio {
        Some(portfolio) => Say {
            subject: Subject::Holdings {
                shows_return: shows_return(portfolio),
            },
            ..Say::talk(fitting(scene, portfolio)?)
        },
        None => Say::talk(scene.say(&Text::PortfolioNone {
            distributor: &scene.distributor.name,
            has_phone: scene.contact.phone.is_some(),
        })?),
    };
    Ok(Step::to(State::Menu, say))
}

/// Shows one fund of the portfolio: what it is worth, what it cost and how it has done.
/// Of a fund that is not held, the whole is shown with a word about it.
pub fn show_fund(scene: &Scene<'_>, portfolio: &Portfolio, fund: &str) -> anyhow::Result<Step> {
    let held = funds::meant(scene, &portfolio.holdings, fund, |one| {
        (one.scheme, one.name.clone())
    });
    if held.is_empty() {
        let fund = clip(fund, LONGEST_NAME);
        let lead = scene.say(&Text::NotHeld { fund: &fund })?;
        return Ok(show(scene, Some(portfolio))?.led_by(&lead));
    }
    let funds: Vec<Fund> = held.iter().map(|one| self::fund(scene, one)).collect();
    let statement_to = portfolio.statements_to.map(period);
    let text = scene.say(&Text::HeldFund {
        funds: &funds,
        statement_to: statement_to.as_deref(),
    })?;
    let shows_return = held
        .iter()
        .any(|one| has_return(one.gain, one.absolute, one.xirr));
    let say = Say {
        subject: Subject::Holdings { shows_return },
        ..Say::talk(text)
    };
    let whole = scene.label(Label::MenuPortfolio);
    Ok(Step::to(
        State::Menu,
        say.buttons(vec![
            Choice::new(menu::FLOW, "open", "portfolio", whole),
            resume::to_menu(scene),
        ]),
    ))
}

/// Says why nothing is shown to somebody whose number changed.
pub fn withhold(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let text = Text::Unverified {
        distributor: &scene.distributor.name,
    };
    Ok(Step::to(State::Menu, Say::talk(scene.say(&text)?)))
}

fn shows_return(portfolio: &Portfolio) -> bool {
    let figures = portfolio
        .holdings
        .iter()
        .map(|holding| (holding.gain, holding.absolute, holding.xirr));
    figures
        .chain([(portfolio.gain, portfolio.absolute, portfolio.xirr)])
        .any(|(gain, absolute, xirr)| has_return(gain, absolute, xirr))
}

fn has_return(gain: Option<Paise>, absolute: Option<Decimal>, xirr: Return) -> bool {
    gain.is_some() || absolute.is_some() || matches!(xirr, Return::Yearly(_))
}

/// Writes as many funds as fit one bubble, largest first, and says how many are left.
fn fitting(scene: &Scene<'_>, portfolio: &Portfolio) -> anyhow::Result<String> {
    let total = Figures {
        value: portfolio
            .holdings
            .iter()
            .any(|holding| holding.value.is_some())
            .then(|| rupees(portfolio.value)),
        ..figures(
            |reason| scene.label(reason.in_full()),
            None,
            portfolio.cost,
            portfolio.gain,
            portfolio.absolute,
            portfolio.xirr,
        )
    };
    let funds: Vec<Fund> = portfolio
        .holdings
        .iter()
        .map(|holding| fund(scene, holding))
        .collect();
    let statement_to = portfolio.statements_to.map(period);
    let nav_dates = portfolio.nav_dates.map(period);
    let say = |shown: usize| {
        scene.say(&Text::Portfolio {
            total: &total,
            partly: portfolio.is_partly_valued(),
            funds: &funds[..shown],
            more: funds.len() - shown,
            statement_to: statement_to.as_deref(),
            nav_dates: nav_dates.as_deref(),
        })
    };
    // Halving would be faster; a portfolio has tens of funds.
    let mut shown = funds.len();
    loop {
        let text = say(shown)?;
        if shown == 0 || text.chars().count() + RESERVED <= MOST_TEXT {
            return Ok(text);
        }
        shown -= 1;
    }
}

fn fund(scene: &Scene<'_>, holding: &Holding) -> Fund {
    Fund {
        name: clip(&holding.name, LONGEST_NAME),
        units: units(holding.units),
        nav: holding.nav.map(|nav| inr(nav.value, 4)),
        date: holding.nav.map(|nav| date(nav.date)),
        figures: figures(
            |reason| scene.label(reason.in_short()),
            holding.value,
            holding.cost,
            holding.gain,
            holding.absolute,
            holding.xirr,
        ),
        elsewhere: holding.elsewhere,
    }
}

/// Why there is no XIRR: in full once for the whole, in a word or two for each fund.
#[derive(Clone, Copy)]
enum NoXirr {
    UnderOneYear,
    Incomplete,
    NotPriced,
    Ambiguous,
    None,
}

impl NoXirr {
    fn in_full(self) -> Label {
        match self {
            Self::UnderOneYear => Label::XirrUnderOneYear,
            Self::Incomplete => Label::XirrIncomplete,
            Self::NotPriced => Label::XirrNotPriced,
            Self::Ambiguous => Label::XirrAmbiguous,
            Self::None => Label::XirrNone,
        }
    }

    fn in_short(self) -> Label {
        match self {
            Self::UnderOneYear => Label::XirrUnderOneYearShort,
            Self::Incomplete => Label::XirrIncompleteShort,
            Self::NotPriced => Label::XirrNotPricedShort,
            Self::Ambiguous => Label::XirrAmbiguousShort,
            Self::None => Label::XirrNoneShort,
        }
    }
}

fn figures(
    why: impl Fn(NoXirr) -> &'static str,
    value: Option<Paise>,
    cost: Option<Paise>,
    gain: Option<Paise>,
    absolute: Option<Decimal>,
    xirr: Return,
) -> Figures {
    let reason = |reason| (None, Some(why(reason)));
    let (xirr, no_xirr) = match xirr {
        Return::Yearly(rate) => (Some(percent_f64(rate)), None),
        Return::UnderOneYear => reason(NoXirr::UnderOneYear),
        Return::IncompleteHistory => reason(NoXirr::Incomplete),
        Return::NotPriced => reason(NoXirr::NotPriced),
        Return::Ambiguous => reason(NoXirr::Ambiguous),
        Return::None => reason(NoXirr::None),
    };
    Figures {
        value: value.map(rupees),
        cost: cost.map(rupees),
        gain: gain.map(rupees),
        absolute: absolute.map(percent),
        xirr,
        no_xirr,
    }
}

fn period((oldest, newest): (Date, Date)) -> String {
    span(oldest, newest)
}

fn rupees(paise: Paise) -> String {
    inr(paise.rupees(), 2)
}
