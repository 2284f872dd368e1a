//! What each page says of an account, an order, a plan or a mandate.

use super::super::records::{
    AccountState, Change, Frequency, MandateKind, MandateState, Order, OrderKind, OrderState, Plan,
    PlanKind, PlanState, Quantity, StepUpBy,
};
use super::super::state::{Refusal, State};

/// What a page shows: rows, and either buttons or how things stand.
pub(super) struct Sheet {
    pub(super) title: &'static str,
    pub(super) rows: Vec<(&'static str, String)>,
    /// Value, words, and style of each button.
    pub(super) buttons: Vec<(&'static str, String, &'static str)>,
    pub(super) state: String,
    pub(super) bad: bool,
}

/// Returns what a page says now.
pub(super) fn sheet(state: &State, about: &str, id: &str) -> Result<Sheet, Refusal> {
    let (ucc, sheet) = match about {
        "investor" => return investor(state, id),
        "order" => {
            let found = state.order(id)?;
            (found.ucc.clone(), order(state, &found))
        }
        "payment" => {
            let found = state.order(id)?;
            (found.ucc.clone(), payment(state, &found))
        }
        "plan" => {
            let found = state.plan(id)?;
            (found.ucc.clone(), plan(state, &found))
        }
        "mandate" => (state.mandate(id)?.ucc, mandate(state, id)?),
        _ => return Err(Refusal::not_found("page")),
    };
    Ok(if state.check_account(&ucc).is_ok() {
        sheet
    } else {
        stopped(sheet)
    })
}

/// Whoever's account is refused or stopped can say no to what waits, and nothing else.
fn stopped(mut sheet: Sheet) -> Sheet {
    if !sheet.buttons.is_empty() {
        sheet.buttons.retain(|(act, ..)| *act == "refuse");
        "Your account was refused or stopped, so this cannot go on.".clone_into(&mut sheet.state);
        sheet.bad = true;
    }
    sheet
}

fn approve_or_refuse(what: &str) -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("approve", format!("Approve {what}"), "go"),
        ("refuse", "Refuse".to_owned(), "no"),
    ]
}

fn investor(state: &State, ucc: &str) -> Result<Sheet, Refusal> {
    let investor = state.investor(ucc)?;
    let waits = investor.state == AccountState::AwaitingAuthorisation;
    Ok(Sheet {
        title: "Open your account with the exchange",
        rows: vec![
            ("Name", investor.name),
            ("Client code", investor.ucc),
            ("Bank", investor.bank),
        ],
        buttons: if waits {
            approve_or_refuse("account")
        } else {
            Vec::new()
        },
        state: match investor.state {
            AccountState::AwaitingAuthorisation => String::new(),
            AccountState::UnderProcess => "Approved. The account opens in a few minutes.".into(),
            AccountState::Active => "Your account is open.".into(),
            AccountState::Suspended => "This account was refused or stopped.".into(),
        },
        bad: investor.state == AccountState::Suspended,
    })
}

fn scheme_name(state: &State, code: u32) -> String {
    let scheme = state.market.scheme(code);
    scheme.map_or_else(|| format!("Scheme {code}"), |scheme| scheme.name)
}

fn order_rows(state: &State, order: &Order) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Scheme", scheme_name(state, order.scheme))];
    if let Some(target) = order.target {
        rows.push(("Into", scheme_name(state, target)));
    }
    rows.push(match order.quantity {
        Quantity::Amount(paise) => ("Amount", rupees(paise)),
        Quantity::Units(units) => ("Units", units.to_string()),
        Quantity::All => ("Units", "All".to_owned()),
    });
    if let Some(folio) = &order.folio {
        rows.push(("Folio", folio.clone()));
    }
    if let Some(investor) = state.investors.get(&order.ucc) {
        rows.push(("Investor", investor.name.clone()));
        rows.push(("Bank", investor.bank.clone()));
    }
    rows.push(("Order", order.id.clone()));
    rows
}

fn order(state: &State, order: &Order) -> Sheet {
    let waits = order.status == OrderState::AwaitingAuthorisation;
    let title = match order.kind {
        OrderKind::Purchase => "Approve your purchase",
        OrderKind::Redemption => "Approve your redemption",
        OrderKind::Switch => "Approve your switch",
    };
    Sheet {
        title,
        rows: order_rows(state, order),
        buttons: if waits {
            approve_or_refuse("order")
        } else {
            Vec::new()
        },
        state: if waits {
            String::new()
        } else {
            order_words(order)
        },
        bad: is_bad(order),
    }
}

fn payment(state: &State, order: &Order) -> Sheet {
    let waits = order.status == OrderState::AwaitingPayment;
    let amount = match order.quantity {
        Quantity::Amount(paise) => rupees(paise),
        _ => String::new(),
    };
    let buttons = vec![
        ("pay", format!("Pay {amount}"), "go"),
        (
            "fail",
            "Pretend the bank has too little money".to_owned(),
            "no",
        ),
    ];
    Sheet {
        title: "Pay for your order",
        rows: order_rows(state, order),
        buttons: if waits { buttons } else { Vec::new() },
        state: if waits && order.bounce.is_none() {
            String::new()
        } else {
            order_words(order)
        },
        bad: is_bad(order) || order.bounce.is_some(),
    }
}

fn is_bad(order: &Order) -> bool {
    matches!(
        order.status,
        OrderState::Rejected
            | OrderState::Cancelled
            | OrderState::Expired
            | OrderState::RefundDue
            | OrderState::Refunded
    )
}

fn order_words(order: &Order) -> String {
    let words = match order.status {
        OrderState::Created => "The debit is planned.",
        OrderState::AwaitingAuthorisation => "Waits for your approval.",
        OrderState::AwaitingPayment => "Waits for your payment.",
        OrderState::PaymentProcessing => "Your bank is at it.",
        OrderState::SentToRta => "Approved. The order is with the registrar.",
        OrderState::Allotted => "Done: the units are in your folio.",
        OrderState::RedeemedPaid => "Done: the money is on its way to your bank.",
        OrderState::Rejected => "Rejected.",
        OrderState::Cancelled => "Cancelled.",
        OrderState::Expired => "Not approved or paid in time.",
        OrderState::RefundDue => "Rejected. Your money comes back to your bank.",
        OrderState::Refunded => "Rejected. Your money was paid back.",
    };
    match &order.reason {
        Some(reason) => format!("{words} Reason: {reason}."),
        None => words.to_owned(),
    }
}

fn plan(state: &State, plan: &Plan) -> Sheet {
    let mut rows = vec![("Scheme", scheme_name(state, plan.scheme))];
    if let Some(target) = plan.target {
        rows.push(("Into", scheme_name(state, target)));
    }
    rows.push(("Each time", rupees(plan.amount)));
    rows.push(("How often", frequency(plan.frequency).to_owned()));
    rows.push(("First on", plan.start.strftime("%d-%b-%Y").to_string()));
    let count = plan.instalments.map(|count| count.to_string());
    let count = count.unwrap_or_else(|| "Until cancelled".to_owned());
    rows.push(("Instalments", count));
    if let Some(step_up) = plan.step_up {
        let by = match step_up.by {
            StepUpBy::Amount(paise) => rupees(paise),
            StepUpBy::Percent(percent) => format!("{percent} %"),
        };
        let every = step_up.every_months;
        rows.push(("Grows by", format!("{by} every {every} months")));
    }
    rows.push(("Plan", plan.id.clone()));
    let name = match plan.kind {
        PlanKind::Sip => "SIP",
        PlanKind::Stp => "STP",
        PlanKind::Swp => "SWP",
    };
    let (title, waits) = match &plan.pending {
        Some(Change::Pause { instalments }) => {
            rows.push(("Leave out", format!("{instalments} instalments")));
            ("Approve the pause of your plan", true)
        }
        Some(Change::Resume) => ("Approve that your plan goes on", true),
        Some(Change::Cancel { .. }) => ("Approve the end of your plan", true),
        None => (
            "Approve your plan",
            plan.status == PlanState::AwaitingApproval,
        ),
    };
    let (words, bad) = plan_words(plan.status);
    Sheet {
        title,
        rows,
        buttons: match (waits, &plan.pending) {
            (false, _) => Vec::new(),
            (true, Some(_)) => approve_or_refuse("change"),
            (true, None) => approve_or_refuse(name),
        },
        state: if waits {
            String::new()
        } else {
            words.to_owned()
        },
        bad,
    }
}

fn plan_words(status: PlanState) -> (&'static str, bool) {
    match status {
        PlanState::AwaitingApproval => ("Waits for your approval.", false),
        PlanState::AwaitingMandate => ("Approved. It starts when your mandate is active.", false),
        PlanState::Active => ("The plan runs.", false),
        PlanState::Paused => ("The plan stands still.", false),
        PlanState::Completed => ("All instalments are done.", false),
        PlanState::CancelledByInvestor => ("You ended this plan.", true),
        PlanState::CancelledByExchange => ("The exchange ended this plan.", true),
        PlanState::AutoCancelled => ("Ended after too many failed debits.", true),
        PlanState::MandateUnlinked => ("Ended: its mandate is gone.", true),
    }
}

fn mandate(state: &State, id: &str) -> Result<Sheet, Refusal> {
    let mandate = state.mandate(id)?;
    let waits = mandate.status == MandateState::AwaitingInvestor;
    let day = |day: jiff::civil::Date| day.strftime("%d-%b-%Y").to_string();
    let mut rows = vec![
        (
            "By",
            match mandate.kind {
                MandateKind::Upi => "UPI AutoPay".to_owned(),
                MandateKind::Enach => "eNACH".to_owned(),
            },
        ),
        ("At most a day", rupees(mandate.limit)),
        ("From", day(mandate.start)),
        ("Until", day(mandate.end)),
    ];
    if let Some(investor) = state.investors.get(&mandate.ucc) {
        rows.push(("Investor", investor.name.clone()));
        rows.push(("Bank", investor.bank.clone()));
    }
    rows.push(("Mandate", mandate.id.clone()));
    let (words, bad) = match mandate.status {
        MandateState::AwaitingInvestor => ("", false),
        MandateState::UnderProcess => ("Approved. Your bank needs about three days.", false),
        MandateState::Active => ("The mandate is active.", false),
        MandateState::Paused => ("The mandate stands still.", true),
        MandateState::Rejected => ("The mandate was rejected.", true),
        MandateState::Cancelled => ("The mandate was ended.", true),
        MandateState::Expired => ("The mandate is past its end.", true),
    };
    let reason = mandate.reason.map(|reason| format!(" Reason: {reason}."));
    Ok(Sheet {
        title: "Approve your mandate",
        rows,
        buttons: if waits {
            approve_or_refuse("mandate")
        } else {
            Vec::new()
        },
        state: format!("{words}{}", reason.unwrap_or_default()),
        bad,
    })
}

fn frequency(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Daily => "Each business day",
        Frequency::Weekly => "Each week",
        Frequency::Fortnightly => "Every two weeks",
        Frequency::Monthly => "Each month",
        Frequency::Quarterly => "Each three months",
        Frequency::HalfYearly => "Each six months",
        Frequency::Yearly => "Each year",
    }
}

/// `₹1,23,456.50`, as India groups it.
fn rupees(paise: i64) -> String {
    let whole = (paise / 100).to_string();
    let (head, tail) = whole.split_at(whole.len().saturating_sub(3));
    let mut grouped = String::new();
    for (at, digit) in head.chars().enumerate() {
        grouped.push(digit);
        if (head.len() - at) % 2 == 1 {
            grouped.push(',');
        }
    }
    let change = paise % 100;
    let change = if change == 0 {
        String::new()
    } else {
        format!(".{change:02}")
    };
    format!("₹{grouped}{tail}{change}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rupees_are_grouped_as_in_india() {
        let texts = [500, 99_900, 123_450, 1_234_567_800].map(rupees);
        assert_eq!(texts, ["₹5", "₹999", "₹1,234.50", "₹1,23,45,678"]);
    }
}
