//! How far orders are, and when money or units are to be expected by the calendar
//! ("paisa kab aayega").

use jiff::civil::Date;

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::session::State;
use super::super::super::texts::{OrderLine, Text};
use super::super::person;
use super::{call_off, opens, say};
use crate::investing::calendar::Calendar;
use crate::investing::money::units;
use crate::investing::orders::order::Order;
use crate::investing::orders::service::{About, PlanView};
use crate::investing::orders::{OrderKind, OrderStatus, Quantity};

/// Orders looked at, and shown.
const LOOKED_AT: u32 = 20;
const MOST: usize = 4;

/// Shows the orders under way and the newest of the others.
pub(super) async fn show(scene: &Scene<'_>, dealings: &dyn Dealings) -> anyhow::Result<Step> {
    let mut orders = dealings.orders(scene.contact.id, LOOKED_AT).await?;
    if orders.is_empty() {
        let say = Say::talk(scene.say(&Text::OrdersNone {})?);
        let buttons = vec![
            opens(scene, "sip_list", Label::MySips),
            super::resume::to_menu(scene),
        ];
        return Ok(Step::to(State::Menu, say.buttons(buttons)));
    }
    // Stable: the newest first among those under way, and among the others.
    orders.sort_by_key(|order| order.status.is_closed(order.kind));
    orders.truncate(MOST);
    // The days of instalments are those of their plans.
    let plans = if orders.iter().any(|order| order.instalment.is_some()) {
        dealings.plans(scene.contact.id).await?
    } else {
        Vec::new()
    };
    let mut lines = Vec::new();
    for order in &orders {
        let expected = expected(scene, dealings, order, &plans).await?;
        let mut line = line(scene, order, expected);
        let waits = matches!(
            order.status,
            OrderStatus::AwaitingAuthorisation | OrderStatus::AwaitingPayment
        );
        let is_first = lines.iter().all(|line: &OrderLine| line.link.is_none());
        if waits && is_first {
            let about = About::Order(order.id);
            line.link = dealings.page(scene.contact.id, about).await;
        }
        lines.push(line);
    }
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(scene.say(&Text::Orders { orders: &lines })?)
    };
    let agent = scene.label(Label::MenuAgent);
    let mut buttons = vec![
        Choice::new(person::FLOW, "call", "sip_status", agent),
        super::resume::to_menu(scene),
    ];
    if orders.iter().any(call_off::suits) {
        buttons.insert(0, opens(scene, "call_off", Label::ConfirmCallOff));
    }
    Ok(Step::to(State::Menu, say.buttons(buttons)))
}

fn line(scene: &Scene<'_>, order: &Order, expected: Option<Date>) -> OrderLine {
    let quantity = match order.quantity {
        Quantity::Amount(amount) => Some(say::rupees(amount)),
        Quantity::Units(_) | Quantity::All => None,
    };
    let count = match order.quantity {
        Quantity::Units(count) => Some(units(count)),
        Quantity::Amount(_) | Quantity::All => None,
    };
    let allotted = order.details.allotment.as_ref();
    OrderLine {
        kind: order.kind.as_str(),
        is_instalment: order.instalment.is_some(),
        fund: say::scheme(scene, order.scheme),
        amount: quantity,
        units: count,
        placed: say::day(order.made_at.to_zoned(crate::clock::ist()).date()),
        status: if order.is_unpaid() {
            "unpaid"
        } else {
            order.status.as_str()
        },
        expected: expected.map(say::day),
        allotted: allotted.map(|allotted| units(allotted.units)),
        nav: allotted.map(|allotted| crate::investing::inr(allotted.nav, 4)),
        nav_date: allotted.map(|allotted| say::day(allotted.nav_date)),
        link: None,
    }
}

/// Returns the day units or money are to be expected, while the order is on its way.
async fn expected(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    order: &Order,
    plans: &[PlanView],
) -> anyhow::Result<Option<Date>> {
    let on_its_way = match order.kind {
        OrderKind::Redemption => !matches!(order.status, OrderStatus::RedeemedPaid),
        OrderKind::Purchase | OrderKind::Switch => !order.status.is_allotted(),
    };
    if !on_its_way || order.status.is_failed() || order.is_unpaid() {
        return Ok(None);
    }
    let Some(terms) = dealings.terms(order.scheme, scene.today) else {
        return Ok(None);
    };
    let into = order
        .target
        .and_then(|target| dealings.terms(target, scene.today));
    let calendar = dealings.calendar();
    // Units that went at a NAV already wait for the money only.
    if let Some(priced) = &order.details.allotment
        && order.kind != OrderKind::Purchase
    {
        return Ok(terms.expected_after(into.as_ref(), &calendar, priced.nav_date));
    }
    // What still waits for the investor counts from now at the earliest, the rest from when
    // they let it go; an instalment is carried out on its day, whenever it was prepared.
    let from = if order.status.waits_for_investor() {
        scene.now
    } else {
        dealings.with_others_since(order).await?
    };
    let due = debited_on(order, plans, &calendar);
    let due = due.and_then(|day| day.to_zoned(crate::clock::ist()).ok());
    let from = due.map_or(from, |due| from.max(due.timestamp()));
    let expected = terms.expected(order.kind, into.as_ref(), &calendar, from);
    Ok(expected.map(|expected| expected.by))
}

/// Returns the day on which the instalment of an order is carried out.
fn debited_on(order: &Order, plans: &[PlanView], calendar: &Calendar) -> Option<Date> {
    let (plan, instalment) = order.instalment?;
    let view = plans.iter().find(|view| view.plan.id == plan)?;
    let mut all = view.instalments.iter();
    let due = all.find(|one| one.id == instalment)?.due;
    Some(view.plan.terms.runs_on(calendar, due))
}
