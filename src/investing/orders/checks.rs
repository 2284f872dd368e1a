//! What a scheme and a mandate allow.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::draft::{AmountRuleShown, MandateProposal, OrderProposal, Refusal};
use super::mandate::Mandate;
use super::plan::PlanTerms;
use super::ports::{AmountRule, HeldUnits, SchemeTerms};
use super::{OrderKind, PlanKind, Quantity};
use crate::investing::gateway::port::Takes;
use crate::investing::money::Paise;
use crate::investing::rules::{
    Per, PlanAsk, PurchaseAsk, RedemptionAsk, Refusal as Against, check_stp, check_switch,
};

/// The rules of the schemes of a proposal.
pub(super) struct Rules {
    /// Of the one it starts from.
    pub(super) from: SchemeTerms,
    /// Of the one units are bought of, if that is another.
    pub(super) into: Option<SchemeTerms>,
}

/// Checks what an order is for.
pub(super) fn check_order(order: &OrderProposal, rules: &Rules) -> Result<(), Refusal> {
    let is_taken = match order.kind {
        OrderKind::Purchase => rules.from.purchase(false).is_some() && order.target.is_none(),
        OrderKind::Redemption => rules.from.redemption().is_some() && order.target.is_none(),
        OrderKind::Switch => rules.into.is_some(),
    };
    let fits = match order.quantity {
        Quantity::Amount(amount) => amount > Paise(0),
        Quantity::Units(units) => units.normalize().scale() <= rules.from.unit_decimals,
        Quantity::All => true,
    };
    let is_money = matches!(order.quantity, Quantity::Amount(_));
    if is_taken && fits && (is_money || order.kind != OrderKind::Purchase) {
        Ok(())
    } else {
        Err(Refusal::NotTaken)
    }
}

/// Checks a purchase by the rules of its scheme.
pub(super) fn check_purchase(scheme: &SchemeTerms, ask: &PurchaseAsk) -> Result<(), Refusal> {
    let shown = scheme.purchase(ask.additional);
    told(scheme.rules.check_purchase(ask), shown, None)
}

/// Checks units that leave by the rules of their scheme, and of the one they go into:
/// what they are expected to bring there, where that can be told.
pub(super) fn check_leaving(
    rules: &Rules,
    out: &RedemptionAsk,
    incoming: Option<&PurchaseAsk>,
    locked_until: Option<Date>,
) -> Result<(), Refusal> {
    let source = &rules.from;
    if out.free <= Decimal::ZERO {
        return Err(Refusal::TooFewUnits {
            free: out.free,
            locked_until,
        });
    }
    let shown = source.redemption();
    let Some(target) = &rules.into else {
        return told(source.rules.check_redemption(out), shown, locked_until);
    };
    let same_house = source.amc == target.amc;
    let check = |incoming| check_switch(&source.rules, &target.rules, same_house, out, incoming);
    told(check(None), shown, locked_until)?;
    let shown = target.purchase(incoming.is_some_and(|ask| ask.additional));
    told(check(incoming), shown, locked_until)
}

/// What one PAN puts into the scheme of a plan besides that plan.
#[derive(Debug, Default)]
pub(super) struct Besides {
    /// By hand, in the limit's time that is now.
    pub(super) so_far: Paise,
    /// By the other plans that run.
    pub(super) plans: Vec<PlanTerms>,
}

impl Besides {
    /// Returns what that comes to in the limit's time a day is in.
    fn on(&self, day: Date, per: Per, today: Date) -> Paise {
        let is_now = per.began(day) == per.began(today);
        let so_far = if is_now { self.so_far } else { Paise(0) };
        let each = self.plans.iter().map(|plan| {
            let amount = plan.amount_on(day).0;
            Paise(amount.saturating_mul(per.times(plan.frequency)))
        });
        each.fold(so_far, |all, one| all + one)
    }
}

/// Checks what a plan is for, how much, how often and on which day, and that the gateway
/// takes it so.
pub(super) fn check_plan(
    terms: &PlanTerms,
    rules: &Rules,
    besides: &Besides,
    today: Date,
    takes: Takes,
) -> Result<(), Refusal> {
    if terms.step_up.is_some() && !takes.step_up {
        return Err(Refusal::StepUp);
    }
    let rule = rules
        .from
        .plan(terms.kind, terms.frequency)
        .ok_or(Refusal::NoSuchPlan)?;
    if (terms.kind == PlanKind::Stp) != rules.into.is_some()
        || (terms.kind != PlanKind::Stp && terms.target.is_some())
    {
        return Err(Refusal::NoSuchPlan);
    }
    let limit = rules.into.as_ref().unwrap_or(&rules.from).rules.pan_limit;
    let check = |(from, amount)| {
        let already = limit.map_or(Paise(0), |limit| besides.on(from, limit.per, today));
        let ask = PlanAsk {
            already,
            amount,
            frequency: terms.frequency,
            start: terms.start,
            instalments: terms.instalments,
        };
        let source = &rules.from.rules;
        let checked = match (terms.kind, &rules.into) {
            (PlanKind::Stp, Some(into)) => {
                check_stp(source, &into.rules, rules.from.amc == into.amc, &ask)
            }
            (PlanKind::Swp, _) => source.check_swp(&ask),
            _ => source.check_sip(&ask),
        };
        told(checked, Some(rule.amount), None).map_err(|refusal| match refusal {
            Refusal::NotTaken => Refusal::NoSuchPlan,
            refusal => refusal,
        })
    };
    // A growing plan comes to no instalment that its scheme does not take.
    terms.amounts().try_for_each(check)
}

/// Tells the first thing the rules have against something, with what they take.
fn told(
    checked: Result<(), Vec<Against>>,
    shown: Option<AmountRule>,
    locked_until: Option<Date>,
) -> Result<(), Refusal> {
    let Some(first) = checked.err().and_then(|all| all.into_iter().next()) else {
        return Ok(());
    };
    Err(match first {
        Against::NotOnRecord(_) | Against::NotAllowed(_) | Against::SameScheme => Refusal::NotTaken,
        Against::NotAnAmount
        | Against::BelowMinimum { .. }
        | Against::AboveMaximum { .. }
        | Against::NotAMultiple { .. } => shown.map_or(Refusal::NotTaken, |rule| {
            Refusal::Amount(AmountRuleShown::from(rule))
        }),
        Against::AbovePanLimit { limit, left } => Refusal::PanLimit { limit, left },
        Against::NfoNotOpen { opens } => Refusal::NotOpen(opens),
        Against::DayNotOffered { .. } => Refusal::NoSuchPlan,
        Against::TooFewInstalments { minimum } => Refusal::TooFewInstalments(minimum),
        Against::BelowMinimumUnits { minimum } => Refusal::TooFewAtOnce(minimum),
        Against::NotEnoughUnits { free } | Against::LockedIn { free } => {
            Refusal::TooFewUnits { free, locked_until }
        }
        Against::RemainderTooSmall { minimum } => Refusal::LeavesTooLittle(minimum),
        Against::OtherFundHouse => Refusal::OtherFundHouse,
    })
}

/// Checks a mandate's kind, limit and days.
pub(super) fn check_mandate(
    mandate: &MandateProposal,
    today: Date,
    takes: Takes,
) -> Result<(), Refusal> {
    if !takes.mandates.contains(&mandate.kind) {
        return Err(Refusal::MandateKind(mandate.kind));
    }
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
