//! How far orders are, and when money or units are to be expected by the calendar
//! ("paisa kab aayega").

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::session::State;
use super::super::super::texts::{OrderLine, Text};
use super::super::person;
use super::{call_off, opens, say};
use crate::investing::money::units;
use crate::investing::orders::order::Order;
use crate::investing::orders::service::About;
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
    let mut lines = Vec::new();
    for order in &orders {
        let mut line = line(scene, dealings, order);
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

fn line(scene: &Scene<'_>, dealings: &dyn Dealings, order: &Order) -> OrderLine {
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
        status: order.status.as_str(),
        expected: expected(scene, dealings, order),
        allotted: allotted.map(|allotted| units(allotted.units)),
        nav: allotted.map(|allotted| crate::investing::inr(allotted.nav, 4)),
        nav_date: allotted.map(|allotted| say::day(allotted.nav_date)),
        link: None,
    }
}

/// Returns the day units or money are to be expected, while the order is on its way.
fn expected(scene: &Scene<'_>, dealings: &dyn Dealings, order: &Order) -> Option<String> {
    let on_its_way = match order.kind {
        OrderKind::Redemption => !matches!(order.status, OrderStatus::RedeemedPaid),
        OrderKind::Purchase | OrderKind::Switch => !order.status.is_allotted(),
    };
    if !on_its_way || order.status.is_failed() {
        return None;
    }
    let terms = dealings.terms(order.scheme, scene.today)?;
    let into = order
        .target
        .and_then(|target| dealings.terms(target, scene.today));
    // What still waits for the investor counts from now at the earliest.
    let from = if order.status.waits_for_investor() {
        scene.now
    } else {
        order.made_at
    };
    let calendar = dealings.calendar();
    let expected = terms.expected(order.kind, into.as_ref(), &calendar, from)?;
    Some(say::day(expected.by))
}
