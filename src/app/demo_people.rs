//! The demo's investors: Asha has everything it takes to buy; the others have nothing
//! on record and are told what is missing.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::civil::date;

use super::{App, people};
use crate::contacts::consent::ACCOUNT;
use crate::contacts::{ConsentProof, NewConsent, is_given};
use crate::id::ContactId;
use crate::people::{
    Answers, BelongsTo, By, Change, Fatca, IncomeSlab, NewBank, NewNominee, Pan, PennyDrop,
    PoliticalExposure, Reachable, Recorded, WealthSource,
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
    let fatca = Fatca::of_resident(
        (IncomeSlab::FiveToTenLakh, WealthSource::Salary),
        PoliticalExposure::None,
        date(2026, 8, 1),
    );
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
    for purpose in ACCOUNT {
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
        // What they say in the chat is dated by whole seconds: it must not be older.
        let said = by.at.checked_sub(Duration::from_hours(1))?;
        app.people.record_consent(who, new, by, said).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::future::BoxFuture;
    use jiff::civil::Date;

    use super::super::demo_app;
    use super::*;
    use crate::contacts::consent::is_account_given;
    use crate::investing::events::{What, untold};
    use crate::people::gate::{
        Advice, Blocker, Payment, Purchase, SchemeFacts, Shown, Verdict, check,
    };
    use crate::people::ports::{KycRegistry, KycReport, RegistryError};
    use crate::people::{AccountState, ExchangeAccount, KycState, Pan, RiskLevel};
    use crate::pipeline::JobHandler;

    async fn verdict(app: &App) -> Verdict {
        let who = app.find_contact(NUMBER).await.unwrap();
        let investor = app.people.investor(who).await.unwrap();
        check(&Purchase {
            investor: &investor,
            is_consented: is_account_given(&app.people.consents(who).await.unwrap()),
            asked_by: who,
            asked_from: Some(NUMBER),
            today: date(2026, 8, 24),
            gateway: "paper",
            amount_paise: 500_000,
            is_new_amc: true,
            opens_folio: true,
            scheme: SchemeFacts {
                is_open: Some(true),
                minimum_paise: Some(10_000),
                maximum_paise: None,
                multiple_paise: Some(100),
                is_regular: true,
                allows_physical: Some(true),
                risk: Some(RiskLevel::VeryHigh),
                refuses_north_americans: true,
            },
            payment: Payment::ByHand,
            advice: Some(Advice::Euin),
            shown: Shown::default(),
            acknowledged: &[],
            is_confirmed: false,
        })
    }

    #[tokio::test]
    async fn asha_has_all_it_takes_but_the_exchanges_account_and_a_restart_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        assert_eq!(verdict(&app).await.blockers, [Blocker::AccountMissing]);
        let who = app.find_contact(NUMBER).await.unwrap();
        let account = ExchangeAccount {
            gateway: "paper".to_owned(),
            ucc: "ASHA".to_owned(),
            state: AccountState::Active,
            reason: None,
        };
        let by = app.operator();
        app.people.record_account(who, account, by).await.unwrap();
        assert!(verdict(&app).await.may_show_terms());
        let before = app.people.investor(who).await.unwrap();
        assert_eq!(before.kyc.state, KycState::Validated);
        fill(&app).await.unwrap();
        let after = app.people.investor(who).await.unwrap();
        assert_eq!(after.risk, before.risk);
        assert_eq!(app.people.consents(who).await.unwrap().len(), 4);
        app.ground.db.close().await;
    }

    async fn registered(app: &App, until: Date) {
        let who = app.find_contact(NUMBER).await.unwrap();
        let report = KycReport {
            state: KycState::Registered,
            raw: "KYC Registered".to_owned(),
            agency: None,
            name: None,
            valid_until: Some(until),
        };
        let by = app.operator();
        app.people.record_kyc(who, report, by).await.unwrap();
    }

    /// An agency that does not answer.
    struct Silent;

    impl KycRegistry for Silent {
        fn name(&self) -> &'static str {
            "silent"
        }

        fn look_up<'a>(
            &'a self,
            _: &'a Pan,
            _: Date,
        ) -> BoxFuture<'a, Result<KycReport, RegistryError>> {
            Box::pin(async { Err(RegistryError::Unavailable("no answer".to_owned())) })
        }
    }

    #[tokio::test]
    async fn the_round_tells_whose_kyc_changed_or_runs_out_and_tells_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        registered(&app, date(2026, 9, 23)).await;
        let reminders = people::KycRound::new(app.clone(), None);
        let now = app.ground.clock.now();
        for _ in 0..2 {
            assert!(reminders.run(&[], now).await.is_ok());
        }
        assert_eq!(states(&app).await, ["expiring"]);
        // A month later the registry is asked again, and says what it says.
        let registry = people::registry(&app.settings).unwrap();
        let asking = people::KycRound::new(app.clone(), registry);
        let later = now + jiff::SignedDuration::from_hours(31 * 24);
        for _ in 0..2 {
            assert!(asking.run(&[], later).await.is_ok());
        }
        assert_eq!(states(&app).await, ["expiring", "validated"]);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_day_without_a_round_is_made_up() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        registered(&app, date(2026, 9, 22)).await;
        let now = app.ground.clock.now();
        let reminders = people::KycRound::new(app.clone(), None);
        // 29 days before its last day, 30 having been left out; then a day late again.
        for (day, told) in [(0, 1), (1, 1), (23, 2), (24, 2), (28, 3), (32, 4), (33, 4)] {
            let at = now + jiff::SignedDuration::from_hours(day * 24);
            assert!(reminders.run(&[], at).await.is_ok());
            assert_eq!(states(&app).await.len(), told, "after {day} days");
        }
        assert_eq!(states(&app).await.last().unwrap(), "on_hold");
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_registry_that_fails_keeps_nobody_from_being_reminded() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        registered(&app, date(2026, 9, 30)).await;
        let round = people::KycRound::new(app.clone(), Some(Arc::new(Silent)));
        let later = app.ground.clock.now() + jiff::SignedDuration::from_hours(31 * 24);
        assert!(round.run(&[], later).await.is_err());
        assert_eq!(states(&app).await, ["expiring"]);
        app.ground.db.close().await;
    }

    async fn states(app: &App) -> Vec<String> {
        let mut conn = app.ground.db.read().await.unwrap();
        let events = untold(&mut conn, &app.ground.keys, 100, &[]).await.unwrap();
        let state = |what: What| match what {
            What::KycChanged { state } => Some(state),
            _ => None,
        };
        events
            .into_iter()
            .filter_map(|one| state(one.unwrap().event.what))
            .collect()
    }
}
