//! Compares the claims about one investor, order by order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{BookedOrder, BookedTransaction, Claims, Finding, FindingKind, ReportedOrder};
use crate::investing::ledger::{Entry, MoneyAccount, Moved, UnitAccount, Units, balances};
use crate::investing::matching::is_rounding;
use crate::investing::money::Paise;
use crate::investing::orders::charges::stamp_duty;
use crate::investing::orders::{Allotment, OrderKind, OrderStatus};
use crate::investing::scheme::SchemeCode;

/// Returns everything that does not add up, in the order of kinds and orders.
pub fn compare(claims: &Claims, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    let known: BTreeSet<&str> = claims.orders.iter().map(|o| o.id.as_str()).collect();
    let mut entries: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &claims.entries {
        entries.entry(entry.subject()).or_default().push(entry);
    }
    let mut transactions: BTreeMap<&str, Vec<&BookedTransaction>> = BTreeMap::new();
    for transaction in &claims.transactions {
        let of = transactions.entry(&transaction.order).or_default();
        of.push(transaction);
        if transaction.is_missing_on_statement {
            let detail = format!(
                "transaction {} is on no statement of its time",
                transaction.id
            );
            found.push(finding(
                FindingKind::NotOnStatement,
                &transaction.order,
                detail,
            ));
        }
    }
    for order in &claims.orders {
        let none = Vec::new();
        let posted = entries.get(order.id.as_str()).unwrap_or(&none);
        found.extend(ledger(order, posted));
        let none = Vec::new();
        let booked = transactions.get(order.id.as_str()).unwrap_or(&none);
        found.extend(portfolio(order, booked));
        found.extend(overdue(order, today));
        found.extend(unexplained(order));
    }
    for subject in entries.keys().filter(|subject| !known.contains(*subject)) {
        let detail = "the ledger has entries of an order that is not on record";
        found.push(finding(FindingKind::OrphanPosting, subject, detail));
    }
    for order in transactions.keys().filter(|order| !known.contains(*order)) {
        let detail = "a transaction of an order that is not on record";
        found.push(finding(FindingKind::OrphanTransaction, order, detail));
    }
    for report in &claims.reports {
        found.extend(gateway(report, &claims.orders));
    }
    found.sort();
    found.dedup();
    found
}

fn finding(kind: FindingKind, subject: &str, detail: impl Into<String>) -> Finding {
    Finding {
        kind,
        subject: subject.to_owned(),
        detail: detail.into(),
    }
}

/// A place in the ledger, whichever folio it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Money(MoneyAccount),
    Held(SchemeCode),
    Issued(SchemeCode),
}

type Sums = BTreeMap<Place, i128>;

/// What the ledger has of an order, against what the order itself says.
fn ledger(order: &BookedOrder, entries: &[&Entry]) -> Vec<Finding> {
    let Some(expected) = expected(order) else {
        let detail = "its figures are beyond what the ledger can hold";
        return vec![finding(FindingKind::WrongUnits, &order.id, detail)];
    };
    let mut actual = Sums::new();
    for (moved, amount) in balances(entries.iter().copied()) {
        let place = match moved {
            Moved::Money(account) => Place::Money(account),
            Moved::Units(scheme, UnitAccount::Issued) => Place::Issued(scheme),
            Moved::Units(scheme, UnitAccount::Folio(_)) => Place::Held(scheme),
        };
        *actual.entry(place).or_default() += amount;
    }
    actual.retain(|_, amount| *amount != 0);
    if actual == expected {
        return Vec::new();
    }
    if actual.is_empty() {
        let detail = format!("{} and nothing of it is in the ledger", order.status);
        return vec![finding(FindingKind::MissingPosting, &order.id, detail)];
    }
    let is_units = |place: &Place| !matches!(place, Place::Money(_));
    let differing: Vec<Place> = expected
        .keys()
        .chain(actual.keys())
        .copied()
        .filter(|place| expected.get(place) != actual.get(place))
        .collect();
    if is_doubled(&expected, &actual, &differing) {
        let detail = "something of it is in the ledger more than once";
        return vec![finding(FindingKind::DoubledPosting, &order.id, detail)];
    }
    let of = |sums: &Sums, place: &Place| sums.get(place).copied().unwrap_or(0);
    let mut found = Vec::new();
    let differs = |wanted: bool| differing.iter().find(|place| is_units(place) == wanted);
    if let Some(place) = differs(true) {
        let (ours, theirs) = (of(&actual, place), of(&expected, place));
        let detail = format!("ledger {ours}, order {theirs} ten-thousandths of a unit");
        found.push(finding(FindingKind::WrongUnits, &order.id, detail));
    }
    if let Some(place) = differs(false) {
        let (ours, theirs) = (of(&actual, place), of(&expected, place));
        let detail = format!("{place:?}: ledger {ours}, order {theirs} paise");
        found.push(finding(FindingKind::WrongAmount, &order.id, detail));
    }
    found
}

/// Whether the units, or the money, are a whole number of times what they should be.
fn is_doubled(expected: &Sums, actual: &Sums, differing: &[Place]) -> bool {
    let times = |place: &Place| {
        let (wanted, there) = (expected.get(place)?, actual.get(place)?);
        (there % wanted == 0 && there / wanted > 1).then_some(there / wanted)
    };
    let units = |place: &&Place| !matches!(place, Place::Money(_));
    let ends = |place: &&Place| {
        matches!(
            place,
            Place::Money(MoneyAccount::Bank | MoneyAccount::Scheme(_))
        )
    };
    let both = |pick: &dyn Fn(&&Place) -> bool| {
        let picked: Vec<_> = differing.iter().filter(pick).collect();
        !picked.is_empty() && picked.iter().all(|place| times(place).is_some())
    };
    both(&units) || both(&ends)
}

/// What an order in its state has moved, and where it has come to rest. `None` if its
/// figures do not fit.
fn expected(order: &BookedOrder) -> Option<Sums> {
    use MoneyAccount::{
        Bank, ExitLoad, Order, PayoutDue, RefundDue, Scheme, StampDuty, Stt, Switching,
    };
    let mut sums = Sums::new();
    let mut move_money = |from: MoneyAccount, to: MoneyAccount, amount: i128| {
        *sums.entry(Place::Money(from)).or_default() -= amount;
        *sums.entry(Place::Money(to)).or_default() += amount;
    };
    let paise = |amount: Paise| i128::from(amount.0);
    let paid = order.paid.map_or(0, paise);
    if order.kind == OrderKind::Purchase {
        match order.status {
            OrderStatus::RefundDue => move_money(Bank, RefundDue, paid),
            OrderStatus::Refunded => {}
            _ => move_money(Bank, Order, paid),
        }
    }
    if let Some(made) = &order.allotment {
        let scheme = Scheme(order.scheme);
        if order.kind == OrderKind::Purchase {
            move_money(Order, scheme, paise(made.amount));
            move_money(Order, StampDuty, paise(made.stamp_duty));
        } else {
            let to = match (order.kind, order.status) {
                (OrderKind::Switch, _) => Switching,
                (_, OrderStatus::RedeemedPaid) => Bank,
                _ => PayoutDue,
            };
            let kept = paise(made.exit_load) + paise(made.stt);
            move_money(scheme, to, paise(made.amount) - kept);
            move_money(scheme, ExitLoad, paise(made.exit_load));
            move_money(scheme, Stt, paise(made.stt));
        }
    }
    if let (Some(made), Some(target)) = (&order.switched_in, order.target) {
        move_money(Switching, Scheme(target), paise(made.amount));
        move_money(Switching, StampDuty, paise(made.stamp_duty));
    }
    for (scheme, units) in units(order)? {
        *sums.entry(Place::Held(scheme)).or_default() += units;
        *sums.entry(Place::Issued(scheme)).or_default() -= units;
    }
    sums.retain(|_, amount| *amount != 0);
    Some(sums)
}

/// Units an order gave (or took), scheme by scheme.
fn units(order: &BookedOrder) -> Option<Vec<(SchemeCode, i128)>> {
    let exact = |made: &Allotment| Units::exact(made.units).map(|units| i128::from(units.0));
    let mut units = Vec::new();
    if let Some(made) = &order.allotment {
        let sign = if order.kind == OrderKind::Purchase {
            1
        } else {
            -1
        };
        units.push((order.scheme, sign * exact(made)?));
    }
    if let (Some(made), Some(target)) = (&order.switched_in, order.target) {
        units.push((target, exact(made)?));
    }
    Some(units)
}

/// What the portfolio has of an order, against what the order itself says.
fn portfolio(order: &BookedOrder, booked: &[&BookedTransaction]) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(units) = units(order) else {
        return found;
    };
    let mut money = BTreeMap::new();
    if let Some(made) = &order.allotment {
        let net = made.amount.0 - made.exit_load.0;
        let is_in = order.kind == OrderKind::Purchase;
        money.insert(order.scheme, if is_in { made.amount.0 } else { -net });
    }
    if let (Some(made), Some(target)) = (&order.switched_in, order.target) {
        money.insert(target, made.amount.0);
    }
    for (scheme, expected) in &units {
        let mine: Vec<_> = booked.iter().filter(|b| b.scheme == *scheme).collect();
        match mine.as_slice() {
            [] => {
                let detail = format!("no transaction in scheme {}", scheme.0);
                found.push(finding(FindingKind::MissingTransaction, &order.id, detail));
            }
            [one] => {
                if i128::from(one.units.0) != *expected {
                    let detail = format!(
                        "transaction {}: {} units, order {}",
                        one.id,
                        one.units,
                        Units(i64::try_from(*expected).unwrap_or(i64::MAX))
                    );
                    found.push(finding(FindingKind::WrongUnits, &order.id, detail));
                }
                let wanted = money.get(scheme).copied().unwrap_or(0);
                // A statement that came first rounds as its registrar does.
                let is_same = one.amount.0 == wanted
                    || one.is_stated && is_rounding(one.amount, Paise(wanted));
                if !is_same {
                    let (id, there) = (&one.id, one.amount.0);
                    let detail = format!("transaction {id}: {there} paise, order {wanted}");
                    found.push(finding(FindingKind::WrongAmount, &order.id, detail));
                }
            }
            several => {
                let detail = format!("{} transactions in scheme {}", several.len(), scheme.0);
                found.push(finding(FindingKind::DoubledTransaction, &order.id, detail));
            }
        }
    }
    let is_expected = |b: &&&BookedTransaction| units.iter().any(|(scheme, _)| *scheme == b.scheme);
    if let Some(stray) = booked.iter().find(|b| !is_expected(b)) {
        let detail = format!("transaction {} of what was not allotted", stray.id);
        found.push(finding(FindingKind::OrphanTransaction, &order.id, detail));
    }
    found
}

/// With the bank or paid, and the registrar has not answered by the day it should have.
/// What is with the bank was let go by its investor, also where a gateway names no amount.
fn overdue(order: &BookedOrder, today: Date) -> Option<Finding> {
    let waits = matches!(
        order.status,
        OrderStatus::PaymentProcessing | OrderStatus::SentToRta
    ) && order.allotment.is_none();
    let due = order.due.filter(|due| waits && *due < today)?;
    let is_paid = order.kind != OrderKind::Purchase
        || order.status == OrderStatus::PaymentProcessing
        || order.paid.is_some_and(|paid| paid.0 > 0);
    is_paid.then(|| {
        let detail = format!("{}, and due on {due}", order.status);
        finding(FindingKind::OverdueAllotment, &order.id, detail)
    })
}

/// Paid, and allotted for less or more. Where the registrar names no stamp duty, what the rule
/// takes is explained.
fn unexplained(order: &BookedOrder) -> Option<Finding> {
    let made = order.allotment.as_ref()?;
    let paid = order.paid.filter(|_| order.kind == OrderKind::Purchase)?;
    let rest = paid - made.amount - made.stamp_duty;
    let is_duty = made.stamp_duty == Paise(0) && rest == stamp_duty(paid);
    (rest != Paise(0) && !is_duty).then(|| {
        let (paid, amount, duty) = (paid.0, made.amount.0, made.stamp_duty.0);
        let detail = format!("{paid} paise paid, {amount} allotted and {duty} stamp duty");
        finding(FindingKind::WrongAmount, &order.id, detail)
    })
}

/// What the gateway says of an order, against our own record.
fn gateway(report: &ReportedOrder, orders: &[BookedOrder]) -> Option<Finding> {
    let ours = report
        .order
        .as_ref()
        .and_then(|id| orders.iter().find(|order| order.id == *id));
    let Some(ours) = ours else {
        let has_moved = report.allotment.is_some() || report.paid.is_some();
        let detail = format!("{} with the gateway, and no order of ours", report.status);
        return has_moved
            .then(|| finding(FindingKind::OrphanAllotment, &report.gateway_id, detail));
    };
    let differs = |what: String| Some(finding(FindingKind::GatewayDiffers, &ours.id, what));
    if report.allotment != ours.allotment || report.switched_in != ours.switched_in {
        return differs("the gateway has another allotment".to_owned());
    }
    let money = |paid: Option<Paise>| paid.unwrap_or_default();
    if ours.kind == OrderKind::Purchase && money(report.paid) != money(ours.paid) {
        let (theirs, mine) = (money(report.paid).0, money(ours.paid).0);
        return differs(format!(
            "the gateway has {theirs} paise paid, we have {mine}"
        ));
    }
    if report.status != ours.status {
        let (theirs, mine) = (report.status, ours.status);
        return differs(format!("the gateway has `{theirs}`, we have `{mine}`"));
    }
    None
}
