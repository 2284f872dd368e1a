//! Samples of the texts about money.

use super::super::*;
use crate::investing::orders::{MandateStatus, OrderStatus};

fn sips(full: bool) -> &'static [SipLine] {
    let one = |status| SipLine {
        fund: "HDFC Flexi Cap Fund - Regular - Growth".to_owned(),
        amount: "₹5,000".to_owned(),
        day: 5,
        status,
        next: full.then(|| "05-Sep-2026".to_owned()),
        left_out: u32::from(full),
    };
    let all = [
        "active",
        "paused",
        "awaiting_2fa",
        "awaiting_mandate",
        "draft",
    ];
    Vec::leak(all.map(one).into())
}

fn orders(full: bool) -> &'static [OrderLine] {
    let some = |text: &str| full.then(|| text.to_owned());
    let one = |status: &'static str| OrderLine {
        kind: if full { "redemption" } else { "purchase" },
        is_instalment: !full,
        fund: "HDFC Flexi Cap Fund - Regular - Growth".to_owned(),
        amount: some("₹5,000"),
        units: some("12.345"),
        placed: "24-Aug-2026".to_owned(),
        status,
        expected: some("27-Aug-2026"),
        allotted: some("12.345"),
        nav: some("₹85.0000"),
        nav_date: some("25-Aug-2026"),
        link: some("https://exchange.example/o/1"),
    };
    let words = OrderStatus::ALL.iter().map(|status| status.as_str());
    Vec::leak(words.chain(["unpaid"]).map(one).collect())
}

fn mandates(full: bool) -> &'static [MandateLine] {
    if !full {
        return &[];
    }
    let one = |status: MandateStatus| MandateLine {
        kind: if status == MandateStatus::Active {
            "upi"
        } else {
            "enach"
        },
        limit: "₹5,000".to_owned(),
        status: status.as_str(),
        to: "24-Aug-2056".to_owned(),
        link: Some("https://exchange.example/m/1".to_owned()),
    };
    Vec::leak(MandateStatus::ALL.iter().copied().map(one).collect())
}

fn lacks() -> &'static [String] {
    let words = [
        "not_bound",
        "money_paused",
        "pan_missing",
        "kyc_again",
        "account_missing",
        "bank_not_verified",
        "fatca_missing",
        "nomination_missing",
        "north_american",
        "acknowledge_riskier",
        "risk_profile_missing",
        "anything",
    ];
    Vec::leak(words.map(str::to_owned).into())
}

/// Every text about money, as full or as bare as it may be.
pub(super) fn all(full: bool) -> Vec<Text<'static>> {
    [
        questions(full),
        reviews(full),
        states(full),
        by_word(full),
        terms(full),
    ]
    .concat()
}

fn questions(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    vec![
        Text::MoneyWhich {},
        Text::MoneyKind {},
        Text::MoneyByKind {
            kind: "Equity: Flexi Cap",
        },
        Text::MoneyAmount {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            monthly: full,
            minimum: "₹500",
            maximum: some("₹2,00,000"),
            step: some("₹100"),
            heard: if full { "unread" } else { "refused" },
        },
        Text::OneByOne {
            first: "to stop a SIP",
            second: "to redeem",
        },
        Text::NextWish { what: "to redeem" },
        Text::MoneyLeast {
            amount: some("₹500"),
            leaves: full,
        },
        Text::SipLater {
            asked: "01-Dec-2026",
        },
        Text::SipDay {
            from: some("Jan-2027"),
            first: 1,
            last: 28,
            heard: if full { "unread" } else { "refused" },
        },
        Text::SipGrowth {
            amount: "₹5,000 (five thousand rupees)",
            cap: "₹15,000",
            again: full,
        },
        Text::FormOffer {},
        Text::FormAmount {
            least: "₹500",
            step: full.then_some("₹100"),
        },
        Text::FormReview {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            day: 5,
            percent: full.then_some(10),
            more: (!full).then_some("₹500"),
        },
        Text::FormExpired {},
        Text::NoStepUp {},
        Text::ConfirmByButton {
            amount: some("₹5,000 (five thousand rupees)"),
        },
        Text::TermsExpired {},
        Text::TermsBeforePerson {},
        Text::OnlyMonthly {},
        Text::OnlyOnce {},
        Text::MoneyDropped {},
        Text::MandatePlaced {},
    ]
}

fn reviews(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    vec![
        Text::PlanPlaced {},
        Text::Blocked { lacks: lacks() },
        Text::NothingHeld {},
        Text::MoneyHeld { missed: None },
        Text::MoneyHeld {
            missed: Some("sbi large cap"),
        },
        Text::MoneyFolio {},
        Text::MoneyHowMuch {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            units: "12.345",
            value: some("₹1,23,456.78"),
            minimum: some("₹500"),
            again: full,
        },
        Text::PauseAsk {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            next: some("05-Sep-2026"),
            most: 6,
            again: full,
        },
        Text::PauseReview {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            instalments: 1 + u32::from(full),
            next: some("05-Sep-2026"),
        },
        Text::ResumeReview {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            day: 5,
        },
        Text::StopAsk {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
        },
        Text::StopWords { again: full },
    ]
}

fn states(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    vec![
        Text::StopReview {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            by: some("26-Aug-2026"),
            still: some("25-Aug-2026"),
        },
        Text::Sips {
            sips: sips(full),
            more: usize::from(full) * 2,
        },
        Text::DatesProvisional { year: 2027 },
        Text::SipsNone {},
        Text::Orders {
            orders: orders(full),
        },
        Text::OrdersNone {},
        Text::Mandates {
            mandates: mandates(full),
        },
        Text::ResumeMoney {
            what: "to start a SIP",
        },
        Text::CallOffNone {},
        Text::CallOffWhich {},
        Text::CallOffReview {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            buys: full,
            amount: some("₹5,000 (five thousand rupees)"),
        },
        Text::CallOffAsked {},
    ]
}

fn by_word(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    let mut texts = Vec::new();
    for purpose in ["sip", "once", "switch"] {
        texts.push(Text::MoneyFund {
            purpose,
            missed: some("zeta"),
        });
    }
    for upi in ["offered", "too_much", "not_taken"] {
        texts.push(Text::SipPays {
            upi,
            enach: full,
            ceiling: "₹1,00,000",
        });
    }
    for group in ["Equity", ""] {
        texts.push(Text::MoneyKindNote { group, count: 3 });
    }
    for kind in ["purchase", "redemption", "switch"] {
        texts.push(Text::OrderPlaced { kind });
    }
    for why in [
        "rules_missing",
        "not_taken",
        "amount",
        "pan_limit_day",
        "pan_limit_month",
        "pan_limit",
        "not_open",
        "too_few_at_once",
        "leaves_too_little",
        "days",
        "other_house",
        "nothing_held",
        "which_folio",
        "too_few_units",
        "days_unknown",
        "paused",
        "too_many",
        "daily_cap",
        "mandate_small",
        "mandate_missing",
        "mandate_ceiling",
        "mandate_kind",
        "step_up",
        "gone",
        "too_late",
        "busy",
        "status",
    ] {
        texts.push(Text::Refused {
            why,
            amount: some("₹5,000 (five thousand rupees)"),
            most: some("₹2,00,000"),
            step: some("₹100"),
            day: some("05-Sep-2026"),
        });
    }
    for wish in ["pause", "resume", "stop", "change"] {
        for missed in [None, Some("sbi small cap")] {
            texts.push(Text::PlanWhich { wish, missed });
        }
    }
    for wish in ["pause", "resume", "stop", "change"] {
        texts.push(Text::PlanNone { wish });
    }
    for what in ["what", "amount", "day", "growth"] {
        texts.push(Text::ChangeAsk {
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            day: 5,
            what,
            minimum: "₹500",
            maximum: some("₹2,00,000"),
            step: some("₹100"),
            heard: if full { "unread" } else { "refused" },
        });
    }
    for wish in ["pause", "resume", "stop", "change"] {
        texts.push(Text::PlanAsked {
            wish,
            ends_by: some("26-Aug-2026"),
        });
    }
    texts
}

fn terms(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    let mut texts = Vec::new();
    for mandate in ["upi", "enach", ""] {
        texts.push(Text::ReviewPlan {
            replaces: full,
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            amount: "₹5,000 (five thousand rupees)",
            day: 5,
            first: "05-Sep-2026",
            instalments: full.then_some(60),
            last: "Aug-2031",
            more: some("₹500"),
            percent: some("10"),
            cap: some("₹15,000"),
            bank: "HDFC ••4321",
            mandate,
            mandate_limit: some("₹5,000"),
            mandate_active: full,
            nav_date: some("25-Aug-2026"),
            risk: "low",
            risk_month: some("Jul-2026"),
            load: some("1 % up to 365 days"),
            duty: some("₹0.25"),
        });
    }
    for kind in ["upi", "enach"] {
        texts.push(Text::ReviewMandate {
            kind,
            limit: "₹5,000 (five thousand rupees)",
            bank: "HDFC ••4321",
            from: "24-Aug-2026",
            to: "24-Aug-2056",
        });
    }
    let reasons = [
        None,
        Some("history"),
        Some("class"),
        Some("nav_of_2018"),
        Some("not_on_record"),
    ];
    for (kind, no_tax) in ["purchase", "redemption", "switch"]
        .into_iter()
        .flat_map(|kind| reasons.map(|no_tax| (kind, no_tax)))
    {
        texts.push(Text::ReviewOrder {
            kind,
            fund: "HDFC Flexi Cap Fund - Regular - Growth",
            target: some("HDFC Mid Cap Fund - Regular - Growth"),
            amount: some("₹5,000 (five thousand rupees)"),
            units: some("12.345"),
            all: full,
            folio: some("123/45"),
            bank: "HDFC ••4321",
            nav_date: some("25-Aug-2026"),
            target_nav_date: some("27-Aug-2026"),
            expected: some("27-Aug-2026"),
            cutoff: some("14:30"),
            risk: some("very_high"),
            risk_month: some("Jul-2026"),
            duty: some("₹0.25"),
            exit_load: some("₹50.00"),
            load: some("1 % up to 365 days"),
            bought: some("12.345"),
            proceeds: some("₹9,900.00"),
            before_load: full,
            short: some("₹100.00"),
            long: some("₹1,500.00"),
            tax: some("₹20.80"),
            no_tax,
        });
    }
    texts
}
