//! Records that the tests of this room put in.

use jiff::civil::date;

use super::rig::{Rig, themselves};
use crate::contacts::{ConsentProof, ConsentPurpose, NewConsent};
use crate::id::ContactId;
use crate::people::ports::KycReport;
use crate::people::{
    AccountState, Answers, BelongsTo, ExchangeAccount, Fatca, IncomeSlab, KycState, NewBank,
    NewNominee, Pan, PennyDrop, PoliticalExposure, Reachable, Recorded, WealthSource,
};

pub(super) const PAN: &str = "AAAPD0000A";

pub(super) fn pan(text: &str) -> Pan {
    Pan::parse(text).unwrap()
}

pub(super) fn bank(number: &str) -> NewBank {
    NewBank::parse(number, "HDFC0001234", "Asha Demo").unwrap()
}

pub(super) fn fatca() -> Fatca {
    Fatca::of_resident(
        (IncomeSlab::FiveToTenLakh, WealthSource::Salary),
        PoliticalExposure::None,
        date(2026, 8, 24),
    )
}

pub(super) fn nominee(name: &str) -> NewNominee {
    NewNominee {
        name: name.to_owned(),
        relationship: "brother".to_owned(),
        share: None,
        date_of_birth: None,
        guardian: None,
    }
}

pub(super) fn answers(rig: &Rig) -> Answers {
    let questions = &rig.people.questions().questions;
    let middle = |q: &crate::people::Question| (q.id.clone(), q.options[1].id.clone());
    questions.iter().map(middle).collect()
}

pub(super) fn validated() -> KycReport {
    KycReport {
        state: KycState::Validated,
        raw: "KYC Validated".to_owned(),
        agency: Some("CVL".to_owned()),
        name: Some("ASHA DEMO".to_owned()),
        valid_until: Some(date(2026, 9, 23)),
    }
}

pub(super) fn consent(purpose: ConsentPurpose, given: bool) -> NewConsent {
    NewConsent {
        purpose,
        given,
        source: "chat",
        proof: ConsentProof {
            shown: "May we share your data with the fund house?".to_owned(),
            answer: "Yes".to_owned(),
        },
        version: "3".to_owned(),
    }
}

/// Gives somebody a whole record; returns what each step said.
pub(super) async fn record_all(rig: &Rig, who: ContactId) -> Vec<Recorded> {
    let (people, by) = (&rig.people, themselves());
    let email = Reachable::email("asha@example.in", BelongsTo::Myself).unwrap();
    let mobile = Reachable::mobile("9800000001", BelongsTo::Spouse).unwrap();
    let account = ExchangeAccount {
        gateway: "paper".to_owned(),
        ucc: "U1".to_owned(),
        state: AccountState::Active,
        reason: None,
    };
    let born = date(1990, 1, 1);
    let nominees = vec![nominee("Ravi Demo")];
    let mut said = vec![
        people.bind(who, "919800000001", "one_time_code", by).await,
        people.record_pan(who, pan(PAN), by).await,
        people.record_name(who, " Asha  Demo ", by).await,
        people.record_date_of_birth(who, born, by).await,
        people.record_email(who, email, by).await,
        people.record_mobile(who, mobile, by).await,
        people.record_bank(who, bank("501001234567"), by).await,
        people.record_nominees(who, nominees, by).await,
        people.record_fatca(who, fatca(), by).await,
        people.record_kyc(who, validated(), by).await,
        people.record_account(who, account, by).await,
    ];
    let id = rig.investor(who).await.banks[0].id;
    let name = "ASHA DEMO".to_owned();
    let drop = PennyDrop::Credited { name };
    said.push(people.record_penny_drop(who, id, drop, by).await);
    said.into_iter().map(Result::unwrap).collect()
}
