//! The exact terms of a draft in words, as they stand before its button.

use super::super::super::disclosures::Subject;
use super::super::super::scene::{Say, Scene};
use super::super::super::texts::Text;
use super::say;
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::units;
use crate::investing::orders::draft::{Draft, Estimate, OrderProposal, Proposal, Terms};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::plan::{PlanTerms, StepUp};
use crate::investing::orders::ports::HeldUnits;
use crate::investing::orders::{MandateStatus, Quantity};
use crate::investing::tax::{self, TaxYear, assess, redemption_estimate};
use crate::investing::{Paise, inr};

/// Returns the terms of a SIP with the mandate that pays for it.
pub(super) fn of_plan(
    scene: &Scene<'_>,
    draft: &Draft,
    mandate: Option<&Mandate>,
) -> anyhow::Result<Say> {
    let shown = &draft.terms;
    let Proposal::Plan(plan) = &shown.proposal else {
        anyhow::bail!("the terms of a plan are of something else");
    };
    let terms = &plan.terms;
    let nav_date = shown.expected_nav_date.map(say::day);
    let duty = shown.charges.stamp_duty.map(paise);
    let (more, percent, cap) = growth(terms);
    let text = scene.say(&Text::ReviewPlan {
        replaces: plan.replaces.is_some(),
        fund: &shown.scheme,
        amount: &say::in_full(scene, terms.amount),
        day: terms.start.day(),
        first: &say::day(shown.date),
        instalments: terms.instalments,
        last: &say::month(terms.last_day()),
        more: more.as_deref(),
        percent: percent.as_deref(),
        cap: cap.as_deref(),
        bank: &shown.bank,
        mandate: mandate.map_or("", |mandate| mandate.kind.as_str()),
        mandate_limit: mandate.map(|mandate| say::rupees(mandate.limit)).as_deref(),
        mandate_active: mandate.is_some_and(|mandate| mandate.status == MandateStatus::Active),
        nav_date: nav_date.as_deref(),
        risk: shown.risk.as_deref().unwrap_or("not_on_record"),
        risk_month: shown.risk_month.map(say::month).as_deref(),
        load: shown.charges.load_rule.as_deref(),
        duty: duty.as_deref(),
    })?;
    with_doubt(scene, shown, text)
}

fn growth(terms: &PlanTerms) -> (Option<String>, Option<String>, Option<String>) {
    let Some(StepUp { by, cap, .. }) = terms.step_up else {
        return (None, None, None);
    };
    let cap = cap.map(say::rupees);
    match by {
        StepUpBy::Amount(more) => (Some(say::rupees(more)), None, cap),
        StepUpBy::Percent(percent) => (None, Some(percent.normalize().to_string()), cap),
    }
}

/// Returns the terms of a mandate.
pub(super) fn of_mandate(scene: &Scene<'_>, draft: &Draft) -> anyhow::Result<Say> {
    let Proposal::Mandate(mandate) = &draft.terms.proposal else {
        anyhow::bail!("the terms of a mandate are of something else");
    };
    let text = scene.say(&Text::ReviewMandate {
        kind: mandate.kind.as_str(),
        limit: &say::in_full(scene, mandate.limit),
        bank: &draft.terms.bank,
        from: &say::day(mandate.start),
        to: &say::day(mandate.end),
    })?;
    Ok(Say::talk(text))
}

/// Returns the terms of an order; of one that takes units out, with an estimate of the
/// tax from the lots of the folio they leave.
pub(super) fn of_order(
    scene: &Scene<'_>,
    draft: &Draft,
    leaves: Option<&HeldUnits>,
) -> anyhow::Result<Say> {
    let shown = &draft.terms;
    let Proposal::Order(order) = &shown.proposal else {
        anyhow::bail!("the terms of an order are of something else");
    };
    let (amount, count) = match order.quantity {
        Quantity::Amount(amount) => (Some(say::in_full(scene, amount)), None),
        Quantity::Units(count) => (None, Some(units(count))),
        Quantity::All => (None, None),
    };
    let (units_bought, proceeds) = match shown.estimate {
        Some(Estimate::Units(count)) => (Some(units(count)), None),
        Some(Estimate::Money(money) | Estimate::BeforeLoad(money)) => (None, Some(paise(money))),
        None => (None, None),
    };
    let before_load = matches!(shown.estimate, Some(Estimate::BeforeLoad(_)));
    let nav_date = shown.expected_nav_date.map(say::day);
    let target_nav_date = shown.target_nav_date.map(say::day);
    let expected = shown.expected_by.map(say::day);
    let cutoff = shown.cutoff.map(|time| time.strftime("%H:%M").to_string());
    let duty = shown.charges.stamp_duty.map(paise);
    let exit_load = shown.charges.exit_load.map(paise);
    let (tax, no_tax) = match leaves.map(|folio| tax_on(scene, shown, order, folio)) {
        Some(Ok(tax)) => (Some(tax), None),
        Some(Err(reason)) => (None, Some(reason.word())),
        None => (None, None),
    };
    let kind = order.kind.as_str();
    let text = scene.say(&Text::ReviewOrder {
        kind,
        fund: &shown.scheme,
        target: shown.target.as_deref(),
        amount: amount.as_deref(),
        units: count.as_deref(),
        all: order.quantity == Quantity::All,
        folio: order.folio.as_deref(),
        bank: &shown.bank,
        nav_date: nav_date.as_deref(),
        target_nav_date: target_nav_date.as_deref(),
        expected: expected.as_deref(),
        cutoff: cutoff.as_deref(),
        risk: shown.risk.as_deref(),
        risk_month: shown.risk_month.map(say::month).as_deref(),
        duty: duty.as_deref(),
        exit_load: exit_load.as_deref(),
        load: shown.charges.load_rule.as_deref(),
        bought: units_bought.as_deref(),
        proceeds: proceeds.as_deref(),
        before_load,
        short: tax.as_ref().map(|tax| paise(tax.short)).as_deref(),
        long: tax.as_ref().map(|tax| paise(tax.long)).as_deref(),
        tax: tax.as_ref().and_then(|tax| tax.due).map(paise).as_deref(),
        no_tax,
    })?;
    with_doubt(scene, shown, text)
}

/// What a redemption would mean for tax, alone in its year.
struct TaxOn {
    short: Paise,
    long: Paise,
    /// With cess; nothing where a gain is taxed at the investor's own slab.
    due: Option<Paise>,
}

/// Why nothing is said of the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoTax {
    /// The days and costs of the units are not known.
    History,
    /// How gains of the fund are taxed is not on record.
    Class,
    /// The NAV of 31-Jan-2018 is not, and counts.
    NavOf2018,
    /// Something else it takes is not: the NAV, its day, the rates of the year.
    NotOnRecord,
}

impl NoTax {
    const fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Class => "class",
            Self::NavOf2018 => "nav_of_2018",
            Self::NotOnRecord => "not_on_record",
        }
    }
}

fn tax_on(
    scene: &Scene<'_>,
    shown: &Terms,
    order: &OrderProposal,
    folio: &HeldUnits,
) -> Result<TaxOn, NoTax> {
    let lots = folio.lots.as_ref().ok_or(NoTax::History)?;
    let terms = scene
        .facts
        .dealings()
        .and_then(|dealings| dealings.terms(order.scheme, scene.today))
        .ok_or(NoTax::NotOnRecord)?;
    let date = shown.expected_nav_date.ok_or(NoTax::NotOnRecord)?;
    let locked_years = terms.rules.lock_in_months.unwrap_or(0) / 12;
    let estimated = redemption_estimate(&tax::Proposal {
        lots,
        class: terms.tax_class,
        loads: &terms.loads,
        locked_years: i32::try_from(locked_years).map_err(|_| NoTax::NotOnRecord)?,
        nav: folio.nav.ok_or(NoTax::NotOnRecord)?,
        date,
        received: shown.date,
        quantity: order.quantity,
        nav_31_jan_2018: None,
    })
    .map_err(|_| NoTax::NotOnRecord)?;
    if estimated.parts.iter().any(|part| part.lacks_nav_of_2018) {
        return Err(NoTax::NavOf2018);
    }
    let gains = estimated.gains;
    if gains.not_on_record != Paise(0) {
        return Err(NoTax::Class);
    }
    let assessed = assess(&gains, TaxYear::of(date).first_day()).ok_or(NoTax::NotOnRecord)?;
    Ok(TaxOn {
        short: gains.equity_short + gains.other_short,
        long: gains.equity_long + gains.other_long,
        due: (assessed.at_slab <= Paise(0)).then_some(assessed.with_cess),
    })
}

/// Returns terms with a word about those of their days that may move yet.
fn with_doubt(scene: &Scene<'_>, shown: &Terms, text: String) -> anyhow::Result<Say> {
    let expected = [
        shown.expected_nav_date,
        shown.target_nav_date,
        shown.expected_by,
    ];
    let days = [shown.date]
        .into_iter()
        .chain(expected.into_iter().flatten());
    Ok(about_scheme(say::with_doubt(scene, text, days)?))
}

fn about_scheme(text: String) -> Say {
    Say {
        subject: Subject::Scheme,
        ..Say::talk(text)
    }
}

fn paise(amount: Paise) -> String {
    inr(amount.rupees(), 2)
}
