//! Samples of what is said about papers, facts, notices and one's own data.

use super::super::{Facts, Level, Text};

/// A scheme of which everything is on record.
pub(super) fn facts() -> Facts {
    Facts {
        name: "HDFC Flexi Cap Fund - Regular - Growth".into(),
        category: "Equity: Flexi Cap".into(),
        nav: "₹2,012.3450, 21-Aug-2026".into(),
        risk: "Very High".into(),
        exit_load: "1 % within 365 days".into(),
        sip: "₹100".into(),
        once: "₹100".into(),
        lock_in: "none".into(),
    }
}

/// Each text with everything it may say, or with as little as it may say.
pub(super) fn all(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    let level = Level {
        name: "Nifty 50".into(),
        close: "24,870.10".into(),
        date: "21-Aug-2026".into(),
        is_old: true,
    };
    let levels = if full { vec![level] } else { Vec::new() };
    vec![
        Text::Complaint {
            number: "C-260824-7K3Q9F",
            grievance: some("help@example.in"),
        },
        Text::ComplaintStatus {
            number: some("C-260824-7K3Q9F"),
            opened: some("24-Aug-2026"),
            closed: None,
            grievance: some("help@example.in"),
        },
        Text::ComplaintStatus {
            number: Some("C-260824-7K3Q9F"),
            opened: Some("24-Aug-2026"),
            closed: Some("27-Aug-2026"),
            grievance: None,
        },
        Text::PaperChoose {},
        Text::PaperComing {
            what: "Capital gains",
            is_tax: full,
        },
        Text::TaxChoose {},
        Text::Rewards {},
        Text::Referral {},
        Text::Leaderboard {},
        Text::CopyPortfolio {},
        Text::Market {
            levels: Box::leak(levels.into_boxed_slice()),
        },
        Text::FundsKinds { is_none: full },
        Text::FundsOfKind {
            kind: "Equity: Flexi Cap",
            count: if full { 20 } else { 1 },
            shown: if full { 9 } else { 1 },
        },
        Text::FundCompare {
            funds: Box::leak(Box::new([facts(), facts()])),
        },
        Text::CompareAsk {
            missing: some("xyz"),
        },
        Text::Notices {},
        Text::NoticesSet {
            where_to: "By e-mail",
        },
        Text::CalendarComing {},
        Text::Privacy {
            distributor: "Demo Distributor",
        },
        Text::EraseAsk { must_keep: full },
        Text::ErasePending {
            number: "E-260824-7K3Q9F",
            when: "25-Aug-2026, 10:00",
        },
        Text::EraseBegun {
            number: "E-260824-7K3Q9F",
        },
        Text::EraseTaken {
            number: "E-260824-7K3Q9F",
            when: "25-Aug-2026, 10:00",
            must_keep: full,
            grievance: some("help@example.in"),
        },
        Text::ConsentNone {},
        Text::ConsentAsk {},
        Text::ConsentWithdrawn {},
        Text::EraseCalledOff {
            number: "E-260824-7K3Q9F",
        },
        Text::ExportComing {
            number: "D-260824-7K3Q9F",
        },
        Text::MarketingAsk {
            distributor: "Demo Distributor",
        },
        Text::Distress {},
        Text::Abuse {},
    ]
}
