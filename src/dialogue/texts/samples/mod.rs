//! Every text with everything it may say, and with as little as it may say.

mod money;
mod records;
mod services;
mod sums;

use super::*;
use crate::dialogue::flows::glossary;

fn figures(full: bool) -> &'static Figures {
    let text = |text: &str| full.then(|| text.to_owned());
    Box::leak(Box::new(Figures {
        value: text("₹1,23,456.78"),
        cost: text("₹1,00,000.00"),
        gain: text("₹23,456.78"),
        absolute: text("23.46%"),
        xirr: text("12.34%"),
        no_xirr: (!full).then_some("not shown"),
    }))
}

fn fund(full: bool) -> Fund {
    Fund {
        name: "HDFC Flexi Cap Fund".into(),
        units: "12.345".into(),
        nav: full.then(|| "₹2,012.3450".into()),
        date: full.then(|| "21-Aug-2026".into()),
        figures: figures(full).clone(),
        elsewhere: !full,
    }
}

/// Every text with everything it may say, and with as little as it may say.
pub(crate) fn all() -> Vec<Text<'static>> {
    let mut texts = vec![
        Text::Help {},
        Text::Thanks {},
        Text::AssistantNote {},
        Text::Cancelled {},
        Text::NothingToConfirm {},
        Text::NavAsk {},
        Text::NavNothing { query: "xyz" },
        Text::Noted {},
        Text::SipInfo {},
        Text::Question {},
        Text::CalculatorOffer { amount: "₹5,000" },
        Text::LanguageAsk {},
        Text::LanguageSet {},
        Text::OptedOut {},
        Text::OptedIn {},
        Text::OptInHow {},
        Text::Advice {},
        Text::Later { what: "a thing" },
        Text::OffTopic {},
        Text::Unreadable {
            what: "pictures",
            is_document: false,
        },
        Text::Unreadable {
            what: "documents",
            is_document: true,
        },
        Text::Stale {},
        Text::Lost {},
        Text::Apology {},
        Text::Identity {
            distributor: "Demo Distributor",
            registration: "AMFI-registered Mutual Fund Distributor",
            arn: "ARN-000000",
        },
        Text::PastPerformance { words: "Past." },
        Text::MarketRisk { words: "Risks." },
        Text::Commission {},
        Text::MoneyGoes {},
        Text::Charges {},
        Text::NeverAnOtp {},
        Text::Bereaved {},
    ];
    texts.extend(
        glossary::TERMS
            .iter()
            .map(|(term, _)| Text::Glossary { term }),
    );
    for full in [true, false] {
        texts.extend(varying(full));
        texts.extend(money::all(full));
        texts.extend(services::all(full));
        texts.extend(sums::all(full));
        texts.extend(records::all(full));
    }
    texts
}

fn varying(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    [
        Text::Menu {
            name: some("Asha"),
            greets: full,
        },
        Text::Menu {
            name: None,
            greets: !full,
        },
        Text::Nav {
            name: "HDFC Flexi Cap Fund - Regular - Growth",
            amc: "HDFC Mutual Fund",
            category: "Equity: Flexi Cap",
            plan: "Regular",
            option: "Growth",
            nav: some("₹2,012.3450"),
            date: some("21-Aug-2026"),
            is_old: full,
            terms: full.then(|| &*Box::leak(Box::new(services::facts()))),
        },
        Text::NavChoose {
            query: "hdfc",
            names: Box::leak(Box::new(["One".to_owned(), "Two".to_owned()])),
        },
        Text::Portfolio {
            total: figures(full),
            partly: false,
            funds: Box::leak(Box::new([fund(true), fund(false)])),
            more: usize::from(full) * 3,
            statement_to: some("20-Aug-2026"),
            nav_dates: some("21-Aug-2026"),
        },
        Text::Portfolio {
            total: figures(true),
            partly: true,
            funds: Box::leak(Box::new([fund(true), fund(false)])),
            more: 0,
            statement_to: None,
            nav_dates: None,
        },
        Text::HeldFund {
            funds: Box::leak(Box::new([fund(true), fund(false)])),
            statement_to: some("20-Aug-2026"),
        },
        Text::PortfolioNone {
            distributor: "Demo Distributor",
            has_phone: full,
        },
        Text::Unverified {
            distributor: "Demo Distributor",
        },
        Text::Agent {
            grievance: some("help@example.in"),
        },
        Text::Unknown {
            guess: some("HDFC Flexi Cap Fund"),
        },
    ]
    .into()
}
