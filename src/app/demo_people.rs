//! The demo's investors: Asha has everything it takes to buy; the others have nothing
//! on record and are told what is missing.

use anyhow::{Context as _, ensure};
use jiff::civil::date;

use super::{App, people};
use crate::contacts::{ConsentProof, ConsentPurpose, DataRecipient, NewConsent, is_given};
use crate::id::ContactId;
use crate::people::{
    Answers, BelongsTo, By, Change, Country, Fatca, IncomeSlab, NewBank, NewNominee, Pan,
    PennyDrop, PoliticalExposure, Reachable, Recorded, TaxResidency, WealthSource,
};

/// Asha's number, as on her statement.
const NUMBER: &str = "919000000000";
const NAME: &str = "ASHA DEMO";
const PAN: &str = "AAAPA0000A";

/// Puts Asha's record in, if it is not; whatever the demo changed since stays.
pub(super) async fn fill(app: &App) -> anyhow::Result<()> {
    let asha = app.find_contact(NUMBER).await?;
    let by = By {
        who: "demo",
        at: app.ground.clock.now(),
    };
    let on_record = app.people.investor(asha).await?;
    if on_record.binding.is_some() {
        return Ok(());
    }
    for change in changes()? {
        record(app, asha, change, by).await?;
    }
    let investor = app.people.investor(asha).await?;
    let bank = investor.bank().context("Asha has no bank account")?.id;
    let drop = PennyDrop::Credited {
        name: NAME.to_owned(),
    };
    record(app, asha, Change::PennyDrop(bank, drop), by).await?;
    record(app, asha, Change::Risk(answers(app)), by).await?;
    let registry = people::registry(&app.settings)?.context("a demo has a KYC registry")?;
    app.people
        .ask_registry(asha, registry.as_ref(), by.at)
        .await?;
    consent(app, asha, by).await?;
    // Last, so that a start that was broken off begins again.
    let bind = Change::Bind {
        number: NUMBER.to_owned(),
        proof: "statement".to_owned(),
    };
    record(app, asha, bind, by).await
}

fn changes() -> anyhow::Result<Vec<Change>> {
    let nominee = NewNominee {
        name: "RAVI DEMO".to_owned(),
        relationship: "brother".to_owned(),
        share: None,
        date_of_birth: None,
        guardian: None,
    };
    let fatca = Fatca {
        residencies: vec![TaxResidency {
            country: Country::INDIA,
            tax_number: None,
        }],
        country_of_birth: Country::INDIA,
        income: IncomeSlab::FiveToTenLakh,
        source: WealthSource::Salary,
        exposure: PoliticalExposure::None,
        declared_on: date(2026, 8, 1),
    };
    let email = Reachable::email("investor@example.invalid", BelongsTo::Myself)?;
    Ok(vec![
        Change::Pan(Pan::parse(PAN)?),
        Change::Name(NAME.to_owned()),
        Change::DateOfBirth(date(1990, 5, 15)),
        Change::Email(email),
        Change::Mobile(Reachable::mobile(NUMBER, BelongsTo::Myself)?),
        Change::Bank(NewBank::parse("100000004321", "HDFC0000001", NAME)?),
        Change::Nominees(vec![nominee]),
        Change::Fatca(fatca),
    ])
}

/// Asha can bear what her equity funds carry: the boldest answer to each question.
fn answers(app: &App) -> Answers {
    let questions = &app.people.questions().questions;
    let boldest = questions.iter().filter_map(|question| {
        let option = question.options.iter().max_by_key(|option| option.points)?;
        Some((question.id.clone(), option.id.clone()))
    });
    boldest.collect()
}

async fn record(app: &App, who: ContactId, change: Change, by: By<'_>) -> anyhow::Result<()> {
    let action = change.action();
    let said = app.people.record(who, change, by).await?;
    let is_there = !matches!(said, Recorded::Refused(_));
    ensure!(
        is_there,
        "the demo's record was refused: {action}: {said:?}"
    );
    Ok(())
}

async fn consent(app: &App, who: ContactId, by: By<'_>) -> anyhow::Result<()> {
    let given = app.people.consents(who).await?;
    for purpose in [
        ConsentPurpose::Service,
        ConsentPurpose::DataSharing(DataRecipient::Amc),
        ConsentPurpose::DataSharing(DataRecipient::Rta),
        ConsentPurpose::DataSharing(DataRecipient::Kra),
    ] {
        if is_given(&given, purpose) {
            continue;
        }
        let new = NewConsent {
            purpose,
            given: true,
            source: "demo",
            proof: ConsentProof {
                shown: format!("Invented for the demo: {purpose}"),
                answer: "yes".to_owned(),
            },
            version: "demo".to_owned(),
        };
        app.people.record_consent(who, new, by).await?;
    }
    Ok(())
}
