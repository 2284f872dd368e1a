//! What a scheme and a mandate allow.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::draft::{MandateProposal, OrderProposal, Refusal};
use super::mandate::Mandate;
use super::plan::PlanTerms;
use super::ports::{HeldUnits, PlanRule, SchemeTerms};
use super::{Frequency, OrderKind, PlanKind, Quantity};
use crate::investing::money::Paise;

/// The rules of the schemes of a proposal.
pub(super) struct Rules {
    /// Of the one it starts from.
    pub(super) from: SchemeTerms,
    /// Of the one units are bought of, if that is another.
    pub(super) into: Option<SchemeTerms>,
}

/// Checks what an order is for, and how much.
pub(super) fn check_order(order: &OrderProposal, rules: &Rules) -> Result<(), Refusal> {
    let is_taken = match order.kind {
        OrderKind::Purchase => rules.from.purchase.is_some() && order.target.is_none(),
        OrderKind::Redemption => rules.from.redemption.is_some() && order.target.is_none(),
        OrderKind::Switch => {
            let into = rules.into.as_ref();
            rules.from.switch.0 && into.is_some_and(|into| into.switch.1)
        }
    };
    if !is_taken {
        return Err(Refusal::NotTaken);
    }
    let rule = match order.kind {
        OrderKind::Purchase => rules.from.purchase,
        OrderKind::Redemption | OrderKind::Switch => rules.from.redemption,
    };
    match (order.quantity, rule) {
        (Quantity::Amount(amount), Some(rule)) => rule.check(amount),
        (Quantity::Amount(amount), None) if amount > Paise(0) => Ok(()),
        (Quantity::Units(units), _) if order.kind != OrderKind::Purchase => {
            let decimals = rules.from.unit_decimals;
            let fits = units > Decimal::ZERO && units.normalize().scale() <= decimals;
            if fits { Ok(()) } else { Err(Refusal::NotTaken) }
        }
        (Quantity::All, _) if order.kind != OrderKind::Purchase => Ok(()),
        _ => Err(Refusal::NotTaken),
    }
}

/// Checks what a plan is for, how much, how often and on which day.
pub(super) fn check_plan(terms: &PlanTerms, rules: &Rules) -> Result<(), Refusal> {
    let rule = rules
        .from
        .plans
        .iter()
        .find(|rule| rule.kind == terms.kind && rule.frequency == terms.frequency)
        .ok_or(Refusal::NoSuchPlan)?;
    let switches = match (terms.kind, &rules.into) {
        (PlanKind::Stp, Some(into)) => rules.from.switch.0 && into.switch.1,
        (PlanKind::Stp, None) => false,
        _ => terms.target.is_none(),
    };
    if !switches || !is_a_day(rule, terms.start) {
        return Err(Refusal::NoSuchPlan);
    }
    if terms.instalments.is_some_and(|n| n < rule.instalments) {
        return Err(Refusal::TooFewInstalments(rule.instalments));
    }
    rule.amount.check(terms.amount)?;
    // Every later amount is taken in the same steps.
    if terms.step_up.is_some() {
        let cap = terms.step_up.and_then(|step| step.cap);
        cap.map_or(Ok(()), |cap| rule.amount.check(cap.max(terms.amount)))?;
    }
    Ok(())
}

fn is_a_day(rule: &PlanRule, start: Date) -> bool {
    let day = match rule.frequency {
        Frequency::Daily => return true,
        Frequency::Weekly | Frequency::Fortnightly => start.weekday().to_monday_one_offset(),
        _ => start.day(),
    };
    rule.days.is_empty() || rule.days.contains(&day)
}

/// Checks a mandate's limit and days.
pub(super) fn check_mandate(mandate: &MandateProposal, today: Date) -> Result<(), Refusal> {
    if mandate.limit > mandate.kind.ceiling() || mandate.limit <= Paise(0) {
        return Err(Refusal::AboveCeiling(mandate.kind.ceiling()));
    }
    let longest = Span::new().years(mandate.kind.longest_years());
    let last = mandate.start.saturating_add(longest);
    if mandate.start < today || mandate.end <= mandate.start || mandate.end > last {
        return Err(Refusal::MandateDates);
    }
    Ok(())
}

/// Returns whether a mandate's days cover a plan's: until cancelled means as long as the
/// mandate lasts.
pub(super) fn covers(mandate: &Mandate, terms: &PlanTerms) -> bool {
    let last = terms.instalments.map_or(terms.start, |_| terms.last_day());
    mandate.start <= terms.start && mandate.end >= last
}

/// Returns how many units a quantity means in a folio; an amount by the latest NAV,
/// rounded up, and nothing where there is none.
pub(super) fn units_of(quantity: Quantity, held: &HeldUnits) -> Decimal {
    match quantity {
        Quantity::Units(units) => units,
        Quantity::All => held.units,
        Quantity::Amount(amount) => held
            .nav
            .and_then(|nav| amount.rupees().checked_div(nav))
            .map(|units| units.round_dp_with_strategy(3, RoundingStrategy::AwayFromZero))
            .unwrap_or_default(),
    }
}
