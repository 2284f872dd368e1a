//! The lookups: records in, slots with their meaning out.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Around, Sum};
use crate::assistant::facts::Facts;
use crate::investing::calculator;
use crate::investing::money::{date, month, nav, percent_f64, units};
use crate::investing::rules::Offer;
use crate::investing::{Holding, Paise, Plan, Return, Scheme, inr};

/// Longest sum that is worked out, years.
pub(super) const MOST_YEARS: u32 = 40;
/// Highest rate that may be assumed, percent a year: AMFI's guidance for illustrations.
pub(super) const MOST_RATE: u32 = 13;
/// Lines of a list that the model is told; the flows show them all.
const LINES: usize = 10;

fn rupees(amount: Paise) -> String {
    inr(amount.rupees(), 2)
}

/// What they hold.
pub(super) async fn portfolio(around: &Around<'_>, facts: &mut Facts) -> anyhow::Result<Value> {
    let held = around
        .records
        .portfolio(around.contact, around.today)
        .await?;
    let Some(held) = held else {
        return Ok(json!({ "nothing_on_record": true }));
    };
    let partly = held.is_partly_valued();
    let value = if partly {
        "portfolio.value_with_nav"
    } else {
        "portfolio.value"
    };
    let mut holdings = held.holdings.iter();
    let is_known = held.holdings.is_empty() || holdings.any(|one| one.value.is_some());
    let value = is_known.then(|| facts.figure(value, None, &rupees(held.value)));
    let mut told: Vec<Value> = value.into_iter().collect();
    let count = held.holdings.len().to_string();
    told.push(facts.figure("portfolio.count", None, &count));
    // Beside the value of a part, the cost of all would read as a loss.
    let cost = held.cost.filter(|_| !partly);
    told.extend(cost.map(|cost| facts.figure("portfolio.cost", None, &rupees(cost))));
    told.extend(change(facts, "portfolio", None, held.gain));
    told.extend(yearly(facts, "portfolio.xirr", None, held.xirr));
    let funds: Vec<Value> = held
        .holdings
        .iter()
        .take(LINES)
        .map(|one| holding(facts, one))
        .collect();
    Ok(json!({ "whole": told, "funds": funds, "more_funds": held.holdings.len() > LINES }))
}

fn holding(facts: &mut Facts, one: &Holding) -> Value {
    let name = Some(one.name.as_str());
    let mut told = vec![facts.figure("holding.units", name, &units(one.units))];
    if let (Some(value), Some(of)) = (one.value, one.nav) {
        let shown = format!("{} ({})", rupees(value), date(of.date));
        told.push(facts.figure("holding.value", name, &shown));
    }
    told.extend(
        one.cost
            .map(|cost| facts.figure("holding.cost", name, &rupees(cost))),
    );
    told.extend(change(facts, "holding", name, one.gain));
    told.extend(yearly(facts, "holding.xirr", name, one.xirr));
    json!({ "fund": facts.name(&one.name), "figures": told, "held_elsewhere": one.elsewhere })
}

/// A gain or a loss, each under its own name, so that neither is told as the other.
fn change(facts: &mut Facts, of: &str, name: Option<&str>, gain: Option<Paise>) -> Option<Value> {
    let gain = gain?;
    facts.about().returns = true;
    let (kind, amount) = if gain < Paise(0) {
        ("loss", Paise(gain.0.saturating_neg()))
    } else {
        ("gain", gain)
    };
    Some(facts.figure(&format!("{of}.{kind}"), name, &rupees(amount)))
}

fn yearly(facts: &mut Facts, key: &str, name: Option<&str>, rate: Return) -> Option<Value> {
    let Return::Yearly(rate) = rate else {
        return None;
    };
    facts.about().returns = true;
    Some(facts.figure(key, name, &percent_f64(rate)))
}

/// Their plans.
pub(super) async fn plans(around: &Around<'_>, facts: &mut Facts) -> anyhow::Result<Value> {
    let plans = around.records.plans(around.contact).await?;
    facts.about().scheme |= !plans.is_empty();
    let line = |facts: &mut Facts, plan: &crate::assistant::PlanFacts| {
        let name = Some(plan.scheme.as_str());
        let mut told = vec![facts.figure("plan.amount", name, &rupees(plan.amount))];
        told.extend(plan.next.map(|(on, amount)| {
            facts.figure(
                "plan.next",
                name,
                &format!("{} ({})", rupees(amount), date(on)),
            )
        }));
        if plan.failed > 0 {
            told.push(facts.figure("plan.failed", name, &plan.failed.to_string()));
        }
        json!({ "fund": facts.name(&plan.scheme), "state": plan.status.as_str(),
                "frequency": plan.frequency.as_str(), "figures": told })
    };
    let lines: Vec<Value> = plans
        .iter()
        .take(LINES)
        .map(|plan| line(facts, plan))
        .collect();
    Ok(json!({ "sips": lines, "more": plans.len() > LINES }))
}

/// Their orders.
pub(super) async fn orders(around: &Around<'_>, facts: &mut Facts) -> anyhow::Result<Value> {
    let orders = around.records.orders(around.contact).await?;
    facts.about().scheme |= !orders.is_empty();
    let line = |facts: &mut Facts, order: &crate::assistant::OrderFacts| {
        let name = Some(order.scheme.as_str());
        let mut told = vec![facts.figure("order.made_on", name, &date(order.made_on))];
        told.extend(
            order
                .amount
                .map(|amount| facts.figure("order.amount", name, &rupees(amount))),
        );
        json!({ "fund": facts.name(&order.scheme), "kind": order.kind.as_str(),
                "state": order.status.as_str(), "figures": told })
    };
    let lines: Vec<Value> = orders
        .iter()
        .take(LINES)
        .map(|order| line(facts, order))
        .collect();
    Ok(json!({ "orders": lines, "more": orders.len() > LINES }))
}

/// The facts of one fund, as it is sold here.
pub(super) fn fund(around: &Around<'_>, facts: &mut Facts, query: &str) -> Value {
    let found = around.records.search(query, LINES);
    match &found[..] {
        [] => json!({ "no_such_fund": true }),
        [one] => facts_of(around, facts, one),
        _ => named(facts, &found),
    }
}

fn facts_of(around: &Around<'_>, facts: &mut Facts, scheme: &Scheme) -> Value {
    facts.about().scheme = true;
    let full = scheme.full_name();
    let name = Some(full.as_str());
    let mut told = Vec::new();
    told.extend(scheme.nav.map(|of| {
        facts.figure(
            "scheme.nav",
            name,
            &format!("₹{} ({})", nav(of.value), date(of.date)),
        )
    }));
    if let Some(rules) = around.records.rules(scheme.code, around.today) {
        told.extend(rules.risk.map(|risk| {
            let level = level_in_words(risk.level);
            facts.figure(
                "scheme.risk",
                name,
                &format!("{level} ({})", month(risk.month)),
            )
        }));
        told.extend(
            rules
                .minimum_new
                .map(|least| facts.figure("scheme.minimum", name, &rupees(least))),
        );
        let monthly = rules.sip.get(&crate::investing::orders::Frequency::Monthly);
        if let Some(Offer::Yes(terms)) = monthly {
            told.extend(
                terms
                    .minimum
                    .map(|least| facts.figure("scheme.sip_minimum", name, &rupees(least))),
            );
        }
        told.extend(rules.exit_load.as_ref().map(|load| {
            let slabs = load
                .slabs
                .iter()
                .map(|slab| format!("{}% ≤ {} d", slab.percent.normalize(), slab.days));
            let slabs: Vec<_> = slabs.collect();
            let shown = if slabs.is_empty() {
                "0%".to_owned()
            } else {
                slabs.join(", ")
            };
            facts.figure("scheme.exit_load", name, &shown)
        }));
        told.extend(
            rules
                .lock_in_months
                .map(|months| facts.figure("scheme.lock_in", name, &months.to_string())),
        );
    }
    json!({ "fund": facts.name(&full), "category": facts.name(&scheme.category),
            "fund_house": facts.name(&scheme.amc), "direct_plan": scheme.plan == Plan::Direct,
            "figures": told })
}

fn level_in_words(level: crate::investing::rules::RiskLevel) -> &'static str {
    use crate::investing::rules::RiskLevel as Level;
    match level {
        Level::Low => "Low",
        Level::LowToModerate => "Low to Moderate",
        Level::Moderate => "Moderate",
        Level::ModeratelyHigh => "Moderately High",
        Level::High => "High",
        Level::VeryHigh => "Very High",
    }
}

/// Funds by words of their names.
pub(super) fn search(around: &Around<'_>, facts: &mut Facts, query: &str) -> Value {
    let found = around.records.search(query, LINES);
    named(facts, &found)
}

/// Names in the order of the alphabet, which ranks nothing.
fn named(facts: &mut Facts, found: &[Scheme]) -> Value {
    facts.about().scheme |= !found.is_empty();
    let mut names: Vec<String> = found.iter().map(Scheme::full_name).collect();
    names.sort();
    let names: Vec<Value> = names.iter().map(|name| facts.name(name)).collect();
    json!({ "funds": names, "order": "alphabetical" })
}

/// The last close of an index.
pub(super) async fn index(
    around: &Around<'_>,
    facts: &mut Facts,
    name: &str,
) -> anyhow::Result<Value> {
    let Some(level) = around.records.index(name, around.today).await? else {
        return Ok(json!({ "not_on_record": true }));
    };
    facts.about().returns = true;
    let shown = format!(
        "{} ({})",
        inr(level.close.close, 2).replace('₹', ""),
        date(level.close.date)
    );
    Ok(
        json!({ "index": facts.name(&level.close.name), "is_old": level.is_stale,
               "figures": [facts.figure("index.level", Some(&level.close.name), &shown)] }),
    )
}

/// What a monthly SIP would come to.
pub(super) fn sum(facts: &mut Facts, sum: &Sum) -> Value {
    let is_sound = (1..=MOST_YEARS).contains(&sum.years)
        && (1..=MOST_RATE).contains(&sum.yearly_rate_percent)
        && (1..=10_000_000).contains(&sum.monthly_rupees);
    if !is_sound {
        return json!({ "error": "out of range: see the tool's description" });
    }
    let (monthly, rate) = (
        Decimal::from(sum.monthly_rupees),
        Decimal::from(sum.yearly_rate_percent),
    );
    let months = sum.years * 12;
    let result = calculator::sip(monthly, rate / Decimal::ONE_HUNDRED, months);
    facts.about().rate = Some(rate);
    let terms = format!("{}, {months}, {rate}%", inr(monthly, 0));
    let terms = format!("{} · {}", facts.label("calculator.terms"), terms);
    let value = format!("{} [{terms}]", inr(result.value, 0));
    let figures = [
        facts.figure("calculator.value", None, &value),
        facts.figure("calculator.invested", None, &inr(result.invested, 0)),
        facts.figure("calculator.rate", None, &format!("{rate}%")),
    ];
    json!({ "figures": figures, "is": "an illustration at an assumed rate" })
}
