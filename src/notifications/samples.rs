//! One event for every text there is, saying as much as it may: the examples that go with
//! a template to its approval, and what the tests say aloud.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::notice::{Notice, notice};
use crate::id::{InstalmentId, MandateId, OrderId, PlanId};
use crate::investing::events::What;
use crate::investing::orders::{BounceReason, MandateKind, OrderKind, PlanKind, PlanStatus};
use crate::investing::{Paise, SchemeCode};

/// The day most of them are about.
pub(super) const DAY: Date = date(2026, 9, 5);
/// A scheme with a long name.
pub(super) const SCHEME: &str = "Aditya Birla Sun Life Banking & Financial Services Fund";

const AMOUNT: Paise = Paise(123_456_789);
const LINK: &str = "https://pages.example/approve/4f1c0d9e2b";
const OF: SchemeCode = SchemeCode(101_762);

fn plan() -> PlanId {
    PlanId::from(Uuid::nil())
}

fn order() -> OrderId {
    OrderId::from(Uuid::nil())
}

fn mandate() -> MandateId {
    MandateId::from(Uuid::nil())
}

fn instalment() -> InstalmentId {
    InstalmentId::from(Uuid::nil())
}

/// Returns a reminder of an instalment.
pub(super) fn due() -> What {
    What::InstalmentDue {
        plan: plan(),
        instalment: instalment(),
        scheme: OF,
        amount: AMOUNT,
        on: DAY,
    }
}

/// Returns a debit.
pub(super) fn debited() -> What {
    What::InstalmentDebited {
        plan: plan(),
        instalment: instalment(),
        scheme: OF,
        amount: AMOUNT,
        on: DAY,
    }
}

/// Returns a failed instalment with so many failures left.
pub(super) fn failed(left: u32) -> What {
    What::InstalmentFailed {
        plan: plan(),
        instalment: instalment(),
        scheme: OF,
        amount: AMOUNT,
        on: DAY,
        reason: BounceReason::InsufficientFunds,
        left,
    }
}

/// Returns an allotment.
pub(super) fn allotted() -> What {
    What::OrderAllotted {
        order: order(),
        scheme: OF,
        amount: AMOUNT,
        units: Decimal::new(12_345_678, 3),
        nav: Decimal::new(1_000_004, 4),
        nav_date: DAY,
    }
}

fn rejected(refund: Option<Paise>) -> What {
    What::OrderRejected {
        order: order(),
        kind: OrderKind::Purchase,
        scheme: OF,
        reason: "the bank did not confirm the payment in time".to_owned(),
        refund,
    }
}

fn placed(kind: OrderKind, link: Option<&str>) -> What {
    What::OrderPlaced {
        order: order(),
        kind,
        scheme: OF,
        amount: Some(AMOUNT),
        link: link.map(str::to_owned),
    }
}

fn plan_awaiting(is_change: bool) -> What {
    What::PlanAwaiting {
        plan: plan(),
        kind: PlanKind::Sip,
        scheme: OF,
        amount: AMOUNT,
        is_change,
        link: LINK.to_owned(),
    }
}

fn ended(by: PlanStatus) -> What {
    What::PlanEnded {
        plan: plan(),
        kind: PlanKind::Stp,
        scheme: OF,
        by,
    }
}

fn accounts() -> Vec<What> {
    vec![
        What::AccountAwaiting {
            link: LINK.to_owned(),
        },
        What::AccountActive {},
        What::AccountFailed {
            reason: Some("the name does not match the PAN".to_owned()),
        },
        What::AccountFailed { reason: None },
    ]
}

/// Returns an event for every text.
pub(super) fn all() -> Vec<What> {
    let (plan, instalment, mandate) = (plan(), instalment(), mandate());
    let mut all = vec![
        due(),
        What::InstalmentDebited {
            plan,
            instalment,
            scheme: OF,
            amount: AMOUNT,
            on: DAY,
        },
        failed(2),
        failed(0),
        What::PlanActive {
            plan,
            kind: PlanKind::Sip,
            scheme: OF,
            amount: AMOUNT,
            first: DAY,
        },
        What::MandateAwaiting {
            mandate,
            kind: MandateKind::Upi,
            limit: AMOUNT,
            link: LINK.to_owned(),
        },
        What::MandateActive {
            mandate,
            kind: MandateKind::Enach,
            limit: AMOUNT,
        },
        plan_awaiting(false),
        plan_awaiting(true),
        What::PaymentFailed {
            order: order(),
            scheme: OF,
            amount: Some(AMOUNT),
            reason: "04 balance insufficient".to_owned(),
            link: LINK.to_owned(),
        },
        placed(OrderKind::Purchase, None),
        placed(OrderKind::Purchase, Some(LINK)),
        placed(OrderKind::Redemption, Some(LINK)),
        allotted(),
        What::OrderRedeemed {
            order: order(),
            scheme: OF,
            amount: AMOUNT,
            units: Decimal::new(12_345_678, 3),
            nav: Decimal::new(1_000_004, 4),
            nav_date: DAY,
        },
        rejected(None),
        rejected(Some(AMOUNT)),
        What::DocumentReady {
            title: "Account statement, April to August 2026".to_owned(),
            link: LINK.to_owned(),
            expires: DAY,
            file: None,
        },
        What::KycChanged {
            state: "validated".to_owned(),
        },
    ];
    all.extend(accounts());
    for day in [Some(DAY), None] {
        all.push(What::PlanPaused {
            plan,
            kind: PlanKind::Swp,
            scheme: OF,
            until: day,
        });
        all.push(What::PlanResumed {
            plan,
            kind: PlanKind::Swp,
            scheme: OF,
            next: day,
        });
    }
    for reason in [
        Some("mandate revoked by the account holder".to_owned()),
        None,
    ] {
        all.push(What::MandateFailed {
            mandate,
            kind: MandateKind::Upi,
            reason,
        });
    }
    all.extend(
        [
            PlanStatus::Completed,
            PlanStatus::CancelledByInvestor,
            PlanStatus::CancelledByExchange,
            PlanStatus::AutoCancelled,
            PlanStatus::MandateUnlinked,
            PlanStatus::Paused,
        ]
        .map(ended),
    );
    all
}

/// Returns the notices of all events.
pub(super) fn notices() -> Vec<Notice> {
    let scheme = |_| SCHEME.to_owned();
    all().iter().map(|what| notice(what, &scheme)).collect()
}
