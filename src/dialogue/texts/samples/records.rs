//! Samples of what is said about records of investors.

use super::super::{RecordLines, Text};

const PARTS: [&str; 18] = [
    "name",
    "email",
    "pan",
    "born",
    "bank_number",
    "bank_repeat",
    "bank_ifsc",
    "nominee_name",
    "no_nominee",
    "nominee_relation",
    "nominee_adult",
    "nominee_born",
    "nominee_guardian",
    "fatca_india",
    "fatca_income",
    "fatca_source",
    "fatca_exposure",
    "risk_done",
];

const NOTED: [&str; 10] = [
    "name",
    "email",
    "pan",
    "born",
    "bank",
    "nominee",
    "no_nominee",
    "fatca",
    "risk",
    "other",
];

const REFUSED: [&str; 17] = [
    "pan_not_person",
    "pan_taken",
    "pan_fixed",
    "name_fixed",
    "birth_fixed",
    "name",
    "minor",
    "joint",
    "birth",
    "other_person",
    "other_name",
    "bank_repeat",
    "bank",
    "nominee",
    "fatca",
    "risk",
    "anything",
];

const TASKS: [&str; 8] = [
    "email",
    "bank",
    "nominee",
    "address",
    "mobile",
    "identity",
    "tax_elsewhere",
    "hidden_number",
];

fn record(full: bool) -> &'static RecordLines {
    let some = |text: &str| full.then(|| text.to_owned());
    Box::leak(Box::new(RecordLines {
        name: some("ASHA DEMO"),
        pan: some("AAxxxxxx0A"),
        born: some("15-May-1990"),
        email: some("investor@example.invalid"),
        kyc: if full { "validated" } else { "unknown" },
        bank: some("xxxx4321, HDFC0000001"),
        bank_state: if full { "verified" } else { "unverified" },
        nominees: some("RAVI DEMO (brother, 100 %)"),
        has_fatca: full,
        risk: full.then_some("very_high"),
        account: full.then_some("active"),
    }))
}

/// Each text with everything it may say, or with as little as it may say.
pub(super) fn all(full: bool) -> Vec<Text<'static>> {
    let mut texts = vec![
        Text::Profile {
            record: record(full),
        },
        Text::NotHeld { fund: "axis" },
        Text::AccountConsent {
            distributor: "Demo Distributor",
        },
        Text::AccountDeclined {},
        Text::RiskQuestion {
            number: 1,
            of: 5,
            question: "When will you need this money?",
            again: full,
        },
    ];
    texts.extend(PARTS.map(|part| Text::RecordAsk {
        part,
        about: Some("RAVI DEMO"),
        again: full,
    }));
    texts.push(Text::FatcaDeclare {
        income: "₹25 lakh to 1 crore",
        source: "Ancestral property",
        exposure: "A relative is",
        again: full,
    });
    texts.extend(NOTED.map(|part| Text::RecordNoted {
        part,
        value: "moderate",
    }));
    texts.extend(REFUSED.map(|why| Text::RecordRefused { why }));
    texts.extend(TASKS.map(|task| Text::RecordTask {
        task,
        number: "R-260824-7K3Q9F",
        is_open: full,
    }));
    for state in crate::people::KycState::ALL {
        texts.push(Text::KycIs {
            state: state.as_str(),
            agency: full.then_some("CVL"),
            until: full.then_some("31-Aug-2026"),
            has_pan: full,
        });
    }
    for (is_open, is_at_exchange) in [(true, true), (false, true), (false, false)] {
        texts.push(Text::AccountDone {
            is_open,
            is_at_exchange,
            kyc_allows: full,
            bank_is_verified: full,
        });
    }
    texts
}
