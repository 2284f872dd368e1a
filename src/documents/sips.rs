//! SIPs for paper: those made here, with what came of each instalment, and beside them
//! those that only statements show.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::facts::{Sip, Sips};
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::service::PlanView;
use crate::investing::orders::state::Moves;
use crate::investing::orders::{Allotment, Frequency, InstalmentStatus, PlanKind};
use crate::investing::{Kind, Paise, SchemeCode, Transaction, is_same_folio_number};

/// An instalment that bought units, with the stamp duty that was paid with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instalment {
    pub(super) date: Date,
    pub(super) paid: Paise,
    pub(super) units: Decimal,
}

/// What came of the transactions of a scheme in a folio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bought {
    pub(super) instalments: Vec<Instalment>,
    /// Whether units went, so that it is not known of which purchase those left are.
    pub(super) has_sold: bool,
}

/// A scheme in a folio, and the instalments among its transactions.
pub(super) struct Seen<'a> {
    pub(super) folio: &'a str,
    pub(super) scheme: Option<SchemeCode>,
    pub(super) name: &'a str,
    pub(super) instalments: Vec<Instalment>,
    /// Newest NAV; none where units were sold, since it is not known of which purchase.
    pub(super) nav: Option<(Date, Decimal)>,
    /// Whether the records go back to the first purchase.
    pub(super) is_complete: bool,
}

/// Returns the SIPs of somebody. What a plan of ours bought is told with that plan and not
/// again with the statement that has it too.
pub(super) fn sips(
    plans: &[PlanView],
    orders: &[Order],
    schemes: &[Seen<'_>],
    name: &dyn Fn(SchemeCode) -> String,
) -> Sips {
    let mut dates = Vec::new();
    let mut valued = |units: Decimal, nav: Option<(Date, Decimal)>| {
        let (date, nav) = nav?;
        let value = Paise::from_rupees(units.checked_mul(nav)?)?;
        dates.push(date);
        Some(value)
    };
    let mut found = Vec::new();
    for view in plans.iter().filter(|v| v.plan.terms.kind == PlanKind::Sip) {
        let bought: Vec<_> = allotments(orders, view).collect();
        if view.plan.status.is_final() && bought.is_empty() {
            continue;
        }
        let code = view.plan.terms.scheme;
        let folio = bought.first().map(|made| made.folio.clone());
        let folio = folio.or_else(|| view.plan.folio.clone());
        let is_its = |other: &str| {
            folio
                .as_ref()
                .is_some_and(|its| is_same_folio_number(its, other))
        };
        let at = |seen: &&Seen<'_>| seen.scheme == Some(code) && is_its(seen.folio);
        let units = bought.iter().map(|made| made.units).sum();
        let nav = schemes.iter().find(at).and_then(|seen| seen.nav);
        let value = valued(units, nav);
        found.push(of_plan(view, name(code), folio, value));
    }
    for seen in schemes {
        let rest = not_of_plans(seen, plans, orders);
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else {
            continue;
        };
        found.push(Sip {
            scheme: seen.name.to_owned(),
            folio: Some(seen.folio.to_owned()),
            amount: Some(last.paid),
            since: Some(first.date),
            done: rest.len(),
            invested: rest.iter().map(|one| one.paid).sum(),
            value: valued(rest.iter().map(|one| one.units).sum(), seen.nav),
            incomplete: !seen.is_complete,
            ..Sip::default()
        });
    }
    Sips {
        sips: found,
        nav_dates: dates.iter().min().copied().zip(dates.iter().max().copied()),
    }
}

fn of_plan(view: &PlanView, scheme: String, folio: Option<String>, value: Option<Paise>) -> Sip {
    let terms = &view.plan.terms;
    let count = |is: &dyn Fn(InstalmentStatus) -> bool| {
        view.instalments.iter().filter(|one| is(one.status)).count()
    };
    let paid = view.instalments.iter();
    let paid = paid.filter(|one| one.status == InstalmentStatus::Allotted);
    let newest = view.instalments.last().map(|one| one.amount);
    let next = view.next.map(|(_, amount)| amount);
    Sip {
        scheme,
        folio,
        amount: next.or(newest).or(Some(terms.amount)),
        frequency: Some(terms.frequency),
        day: day_of(terms),
        since: Some(terms.start),
        done: count(&|status| status == InstalmentStatus::Allotted),
        missed: count(&|status| status.is_closed() && status != InstalmentStatus::Allotted),
        invested: paid.map(|one| one.amount).sum(),
        value,
        // Of a plan of ours there is no instalment we do not know of.
        incomplete: false,
        status: Some(view.plan.status),
    }
}

/// Only what runs by the month has a day of the month.
fn day_of(terms: &PlanTerms) -> Option<i8> {
    match terms.frequency {
        Frequency::Daily | Frequency::Weekly | Frequency::Fortnightly => None,
        Frequency::Monthly | Frequency::Quarterly | Frequency::HalfYearly | Frequency::Yearly => {
            Some(terms.start.day())
        }
    }
}

fn allotments<'a>(orders: &'a [Order], view: &'a PlanView) -> impl Iterator<Item = &'a Allotment> {
    let of_plan = |order: &&Order| {
        order
            .instalment
            .is_some_and(|(plan, _)| plan == view.plan.id)
    };
    let made = orders.iter().filter(of_plan);
    made.filter_map(|order| order.details.allotment.as_ref())
}

fn not_of_plans(seen: &Seen<'_>, plans: &[PlanView], orders: &[Order]) -> Vec<Instalment> {
    let mut rest = seen.instalments.clone();
    for view in plans
        .iter()
        .filter(|v| Some(v.plan.terms.scheme) == seen.scheme)
    {
        for made in
            allotments(orders, view).filter(|made| is_same_folio_number(&made.folio, seen.folio))
        {
            let is_it = |one: &Instalment| one.date == made.nav_date && one.units == made.units;
            if let Some(at) = rest.iter().position(is_it) {
                rest.remove(at);
            }
        }
    }
    rest
}

/// Tells instalments and sales apart among transactions, which are in order of their days.
/// What was undone is neither: an instalment that bounced bought nothing, and its units
/// that went back were not sold.
pub(super) fn bought(transactions: &[Transaction]) -> Bought {
    // Whatever came in, since a reversal names what it undoes by its units alone.
    let mut came_in: Vec<(Kind, Instalment)> = Vec::new();
    let mut went: Vec<Decimal> = Vec::new();
    let mut just_paid = None;
    for t in transactions {
        let units = t.units.unwrap_or_default();
        match t.kind {
            // Duty stands below the purchase it was paid for.
            Kind::StampDutyTax if just_paid == Some(t.date) => {
                if let Some((_, instalment)) = came_in.last_mut() {
                    instalment.paid = instalment.paid + t.amount.unwrap_or_default();
                }
            }
            Kind::Reversal if units > Decimal::ZERO && take_newest(&mut went, units) => {}
            _ if units > Decimal::ZERO => came_in.push((
                t.kind,
                Instalment {
                    date: t.date,
                    paid: t.amount.unwrap_or_default(),
                    units,
                },
            )),
            _ if units < Decimal::ZERO => {
                let of_it = |(_, one): &(Kind, Instalment)| one.units == -units;
                let undone = came_in.iter().rposition(of_it);
                let undoes = t.kind == Kind::Reversal || t.kind.is_purchase();
                match undone.filter(|_| undoes) {
                    Some(at) => drop(came_in.remove(at)),
                    None => went.push(-units),
                }
            }
            _ => {}
        }
        just_paid = (t.kind == Kind::PurchaseSip && units > Decimal::ZERO).then_some(t.date);
    }
    came_in.retain(|(kind, _)| *kind == Kind::PurchaseSip);
    Bought {
        instalments: came_in.into_iter().map(|(_, one)| one).collect(),
        has_sold: !went.is_empty(),
    }
}

/// Takes the newest sale of so many units back.
fn take_newest(went: &mut Vec<Decimal>, units: Decimal) -> bool {
    let at = went.iter().rposition(|sale| *sale == units);
    at.map(|at| went.remove(at)).is_some()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;
    use crate::id::{ContactId, DraftId, Ids, OrderId, PlanId};
    use crate::investing::gateway::port::Reference;
    use crate::investing::orders::instalments::Instalment as Due;
    use crate::investing::orders::order::{OrderDetails, Submission};
    use crate::investing::orders::plan::Plan;
    use crate::investing::orders::{OrderKind, OrderStatus, PlanStatus, Quantity};

    const FUND: SchemeCode = SchemeCode(101_762);

    fn view(ids: &Ids, statuses: &[InstalmentStatus]) -> PlanView {
        let now = Timestamp::UNIX_EPOCH;
        let plan: PlanId = ids.next(now);
        let due = |at: usize| date(2026, 9 + i8::try_from(at).unwrap(), 5);
        let instalment = |(at, status): (usize, &InstalmentStatus)| Due {
            id: ids.next(now),
            plan,
            due: due(at),
            number: u32::try_from(at).unwrap() + 1,
            amount: Paise(5_000_00),
            status: *status,
            bounce: None,
            reason: None,
            made_at: now,
            version: 1,
        };
        PlanView {
            next: Some((due(statuses.len()), Paise(6_000_00))),
            instalments: statuses.iter().enumerate().map(instalment).collect(),
            plan: Plan {
                id: plan,
                contact: ids.next::<ContactId>(now),
                draft: ids.next::<DraftId>(now),
                terms: PlanTerms {
                    kind: PlanKind::Sip,
                    scheme: FUND,
                    target: None,
                    amount: Paise(5_000_00),
                    frequency: Frequency::Monthly,
                    start: due(0),
                    instalments: None,
                    step_up: None,
                },
                mandate: None,
                folio: None,
                status: PlanStatus::Active,
                replaces: None,
                submission: Submission::Taken,
                asked_at: None,
                reference: Reference("1".to_owned()),
                gateway_id: None,
                next_due: Some(due(statuses.len())),
                prepared: 0,
                pause_left: 0,
                reason: None,
                cancel_by: None,
                made_at: now,
                version: 1,
            },
        }
    }

    fn order(ids: &Ids, view: &PlanView, at: usize) -> Order {
        let now = Timestamp::UNIX_EPOCH;
        let one = &view.instalments[at];
        let allotment = Allotment {
            folio: "91/1".to_owned(),
            nav_date: one.due,
            nav: Decimal::from(100),
            units: Decimal::new(49_998, 3),
            amount: Paise(4_999_75),
            stamp_duty: Paise(25),
            exit_load: Paise(0),
            stt: Paise(0),
        };
        Order {
            id: ids.next::<OrderId>(now),
            contact: view.plan.contact,
            draft: None,
            instalment: Some((view.plan.id, one.id)),
            kind: OrderKind::Purchase,
            scheme: FUND,
            target: None,
            quantity: Quantity::Amount(one.amount),
            mandate: None,
            status: OrderStatus::Allotted,
            submission: Submission::Taken,
            asked_at: None,
            reference: Reference(format!("{at}")),
            gateway_id: None,
            reason: None,
            paid: Some(one.amount),
            details: OrderDetails {
                allotment: Some(allotment),
                ..OrderDetails::default()
            },
            made_at: now,
            version: 1,
        }
    }

    fn seen(instalments: Vec<Instalment>) -> Seen<'static> {
        Seen {
            folio: "91/1",
            scheme: Some(FUND),
            name: "HDFC Flexi Cap",
            instalments,
            nav: Some((date(2026, 12, 1), Decimal::from(110))),
            is_complete: false,
        }
    }

    fn instalment(day: Date, milli: i64) -> Instalment {
        Instalment {
            date: day,
            paid: Paise(5_000_00),
            units: Decimal::new(milli, 3),
        }
    }

    #[test]
    fn a_plan_is_told_with_its_instalments_and_a_statement_does_not_tell_them_again() {
        use InstalmentStatus::{Allotted, Failed, PreDebitNotified};
        let ids = Ids::seeded(1);
        let view = view(&ids, &[Allotted, Failed, PreDebitNotified]);
        let orders = [order(&ids, &view, 0)];
        let ours = instalment(date(2026, 9, 5), 49_998);
        let earlier = instalment(date(2020, 1, 6), 100_000);
        let name = |_| "HDFC Flexi Cap Fund - Regular - Growth".to_owned();
        let all = [seen(vec![earlier, ours.clone()])];
        let told = sips(std::slice::from_ref(&view), &orders, &all, &name);
        let [plan, statement] = &told.sips[..] else {
            panic!("{told:?}");
        };
        assert_eq!((plan.done, plan.missed, plan.day), (1, 1, Some(5)));
        assert_eq!(plan.amount, Some(Paise(6_000_00)), "what comes next");
        assert_eq!(plan.invested, Paise(5_000_00));
        assert_eq!(plan.value, Some(Paise(5_499_78)));
        assert_eq!(plan.status, Some(PlanStatus::Active));
        assert_eq!(plan.folio.as_deref(), Some("91/1"));
        assert_eq!((statement.done, statement.status), (1, None));
        assert_eq!((plan.incomplete, statement.incomplete), (false, true));
        assert_eq!(statement.value, Some(Paise(11_000_00)));
        assert_eq!(told.nav_dates, Some((date(2026, 12, 1), date(2026, 12, 1))));

        let only_ours = sips(
            std::slice::from_ref(&view),
            &orders,
            &[seen(vec![ours])],
            &name,
        );
        assert_eq!(only_ours.sips.len(), 1);
    }

    #[test]
    fn an_instalment_is_told_once_however_its_folio_is_written() {
        let ids = Ids::seeded(1);
        let view = view(&ids, &[InstalmentStatus::Allotted]);
        let orders = [order(&ids, &view, 0)];
        for (folio, rows) in [("91 / 1", 1), ("91", 1), ("91/2", 2)] {
            let all = [Seen {
                folio,
                ..seen(vec![instalment(date(2026, 9, 5), 49_998)])
            }];
            let told = sips(std::slice::from_ref(&view), &orders, &all, &|_| {
                String::new()
            });
            assert_eq!(told.sips.len(), rows, "{folio}");
            let is_valued = told.sips[0].value.is_some();
            assert_eq!(is_valued, rows == 1, "{folio}");
        }
    }

    #[test]
    fn a_plan_that_never_bought_anything_and_is_over_is_left_out() {
        let ids = Ids::seeded(1);
        let mut view = view(&ids, &[]);
        let name = |_| String::new();
        let waiting = sips(std::slice::from_ref(&view), &[], &[], &name);
        assert_eq!((waiting.sips.len(), waiting.sips[0].value), (1, None));
        view.plan.status = PlanStatus::CancelledByExchange;
        assert!(sips(&[view], &[], &[], &name).sips.is_empty());
    }

    fn moved(day: Date, kind: Kind, rupees: i64, milli: i64) -> Transaction {
        Transaction {
            date: day,
            kind,
            amount: Some(Paise(rupees * 100)),
            units: (milli != 0).then(|| Decimal::new(milli, 3)),
            nav: None,
            balance: None,
        }
    }

    #[test]
    fn an_instalment_that_bounced_was_not_paid_and_nothing_of_it_was_sold() {
        let day = |month| date(2026, month, 10);
        for undone in [Kind::Reversal, Kind::PurchaseSip] {
            let all = [
                moved(day(1), Kind::PurchaseSip, 5_000, 8_100),
                moved(day(1), Kind::StampDutyTax, 1, 0),
                moved(day(2), Kind::PurchaseSip, 5_000, 8_000),
                moved(day(2), Kind::StampDutyTax, 1, 0),
                moved(date(2026, 2, 12), undone, -5_000, -8_000),
                moved(date(2026, 2, 12), Kind::StampDutyTax, -1, 0),
                moved(day(3), Kind::Purchase, 5_000, 8_000),
            ];
            let found = bought(&all);
            let paid: Vec<_> = found.instalments.iter().map(|one| one.paid).collect();
            assert_eq!(paid, [Paise(5_001_00)], "{undone:?}");
            assert!(!found.has_sold, "{undone:?}");
        }
    }

    #[test]
    fn units_that_went_were_sold_unless_they_came_back_or_undid_a_purchase() {
        let day = |month| date(2026, month, 10);
        let paid = moved(day(1), Kind::PurchaseSip, 5_000, 8_000);
        let sale = moved(day(2), Kind::Redemption, -2_500, -4_000);
        let back = moved(day(3), Kind::Reversal, 2_500, 4_000);
        let part = moved(day(2), Kind::Reversal, -2_500, -4_000);
        for (all, has_sold) in [
            (vec![paid.clone(), sale.clone()], true),
            (vec![paid.clone(), sale, back], false),
            // Of which purchase it takes a part is not known.
            (vec![paid, part], true),
        ] {
            let found = bought(&all);
            assert_eq!(found.has_sold, has_sold, "{all:?}");
            assert_eq!(found.instalments.len(), 1, "{all:?}");
        }
    }
}
