//! Records over a real database.

use jiff::ToSpan;
use jiff::civil::date;

use super::rig::{Rig, now, themselves};
use super::samples::{PAN, answers, bank, consent, fatca, nominee, pan, record_all, validated};
use crate::contacts::{ConsentPurpose, DataRecipient};
use crate::people::ports::KycReport;
use crate::people::{
    Answers, BelongsTo, By, Fatca, KycState, Nomination, NomineeFault, PennyDrop,
    PoliticalExposure, Recorded, Refusal, RiskLevel, Verification,
};

#[tokio::test]
async fn a_whole_record_reads_back_and_done_again_changes_nothing() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let first = record_all(&rig, who).await;
    assert!(
        first.iter().all(|said| *said == Recorded::Done),
        "{first:?}"
    );
    let investor = rig.investor(who).await;
    assert_eq!(investor.pan, Some(pan(PAN)));
    assert_eq!(investor.name.as_deref(), Some("Asha Demo"));
    assert_eq!(investor.date_of_birth, Some(date(1990, 1, 1)));
    assert_eq!(investor.kyc.state, KycState::Validated);
    assert_eq!(investor.kyc.checked_at, Some(now()));
    assert_eq!(
        investor.bank().unwrap().verification,
        Verification::Verified
    );
    assert_eq!(investor.bank().unwrap().account, bank("501001234567"));
    let [only] = investor.nomination.nominees() else {
        panic!("one was named");
    };
    assert_eq!((only.name.as_str(), only.share), ("Ravi Demo", 100));
    assert_eq!(investor.fatca, Some(fatca()));
    assert_eq!(investor.account("paper").unwrap().ucc, "U1");
    assert_eq!(
        investor.mobile.as_ref().unwrap().belongs_to,
        BelongsTo::Spouse
    );
    let audited = rig.count("select count(*) from audit").await;
    assert_eq!(audited, 12);
    let again = record_all(&rig, who).await;
    assert!(
        again.iter().all(|said| *said == Recorded::Already),
        "{again:?}"
    );
    assert_eq!(rig.count("select count(*) from audit").await, audited);
}

#[tokio::test]
async fn nothing_personal_is_stored_in_the_clear() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    record_all(&rig, who).await;
    let by = themselves();
    rig.people
        .record_risk_answers(who, answers(&rig), by)
        .await
        .unwrap();
    let sharing = ConsentPurpose::DataSharing(DataRecipient::Amc);
    rig.people
        .record_consent(who, consent(sharing, true), by, by.at)
        .await
        .unwrap();
    let raw = rig.raw_bytes().await;
    for secret in [
        "AAAPD",
        "Asha",
        "1990-01",
        "example",
        "9800000001",
        "5010012",
        "Ravi",
        "salary",
        "under_",
        "fund house",
    ] {
        let found = raw.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!found, "`{secret}` is readable");
    }
    let stranger = rig.contact(2).await;
    let moved = rig.db.write(
        (who.to_string(), stranger.to_string()),
        |conn, (from, to)| {
            Box::pin(async move {
                sqlx::query(
                    "insert into investors (contact_id, name, created_at)
                 select $2, name, 0 from investors where contact_id = $1",
                )
                .bind(from)
                .bind(to)
                .execute(conn)
                .await?;
                Ok(())
            })
        },
    );
    moved.await.unwrap();
    let error = rig.people.investor(stranger).await.unwrap_err();
    assert!(
        format!("{error:#}").contains("investors"),
        "a sealed name moved to another row opens"
    );
}

#[tokio::test]
async fn a_pan_stands_on_one_record_even_when_many_claim_it_at_once() {
    let rig = Rig::new().await;
    let mut claims = Vec::new();
    for number in 0..20 {
        let who = rig.contact(number).await;
        claims.push(rig.people.record_pan(who, pan(PAN), themselves()));
    }
    let said: Vec<_> = futures::future::join_all(claims)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let taken = Recorded::Refused(Refusal::PanTaken);
    assert_eq!(
        said.iter().filter(|said| **said == Recorded::Done).count(),
        1
    );
    assert_eq!(said.iter().filter(|said| **said == taken).count(), 19);
    let holder = rig.people.find_by_pan(&pan(PAN)).await.unwrap();
    assert!(holder.is_some());
    assert_eq!(
        rig.people.find_by_pan(&pan("BBBPD0000B")).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn pan_name_and_date_of_birth_stay_once_an_agency_knows_them() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let by = themselves();
    let people = &rig.people;
    people.record_pan(who, pan("BBBPD0000B"), by).await.unwrap();
    assert_eq!(
        people.record_pan(who, pan(PAN), by).await.unwrap(),
        Recorded::Done,
        "a slip is put right"
    );
    record_all(&rig, who).await;
    let other = people.record_pan(who, pan("BBBPD0000B"), by).await.unwrap();
    assert_eq!(other, Recorded::Refused(Refusal::PanFixed));
    let other = people.record_name(who, "Somebody Else", by).await.unwrap();
    assert_eq!(other, Recorded::Refused(Refusal::NameFixed));
    let born = |year| people.record_date_of_birth(who, date(year, 1, 1), by);
    let other = born(1991).await.unwrap();
    assert_eq!(other, Recorded::Refused(Refusal::DateOfBirthFixed));
    assert_eq!(born(1990).await.unwrap(), Recorded::Already);
    let rejected = KycReport {
        state: KycState::Rejected,
        ..validated()
    };
    people.record_kyc(who, rejected, by).await.unwrap();
    people.record_name(who, "Asha Rao Demo", by).await.unwrap();
    let bank = rig.investor(who).await.banks[0].verification;
    assert_eq!(
        bank,
        Verification::Unverified,
        "the bank confirmed another name"
    );
    people.record_pan(who, pan("BBBPD0000B"), by).await.unwrap();
    assert_eq!(
        rig.investor(who).await.kyc.state,
        KycState::Unknown,
        "KYC is of the PAN"
    );
}

#[tokio::test]
async fn minors_and_bad_nominations_are_refused_and_leave_no_trace() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let by = themselves();
    let child = rig
        .people
        .record_date_of_birth(who, date(2010, 1, 1), by)
        .await
        .unwrap();
    assert_eq!(child, Recorded::Refused(Refusal::Minor));
    let four = ["A", "B", "C", "D"].map(nominee).to_vec();
    let refused = rig.people.record_nominees(who, four, by).await.unwrap();
    let limit = NomineeFault::TooMany { limit: 3 };
    assert_eq!(refused, Recorded::Refused(Refusal::Nominees(limit)));
    let mut nowhere = fatca();
    nowhere.residencies.clear();
    let refused = rig.people.record_fatca(who, nowhere, by).await.unwrap();
    assert!(matches!(refused, Recorded::Refused(Refusal::Fatca(_))));
    let none = rig
        .people
        .record_risk_answers(who, Answers::new(), by)
        .await
        .unwrap();
    assert!(matches!(none, Recorded::Refused(Refusal::Risk(_))));
    assert_eq!(rig.count("select count(*) from audit").await, 0);
    assert_eq!(rig.investor(who).await.nomination, Nomination::NotSaid);
    rig.people.opt_out_of_nomination(who, by).await.unwrap();
    assert_eq!(rig.investor(who).await.nomination, Nomination::OptedOut);
}

#[tokio::test]
async fn an_account_that_is_theirs_takes_the_place_of_one_that_is_not_until_an_exchange_knows_it() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let by = themselves();
    let people = &rig.people;
    people.record_name(who, "Asha Demo", by).await.unwrap();
    for number in ["501001234567", "602001234567", "703001234567"] {
        people.record_bank(who, bank(number), by).await.unwrap();
    }
    let ids: Vec<_> = rig
        .investor(who)
        .await
        .banks
        .iter()
        .map(|bank| bank.id)
        .collect();
    let credited = || PennyDrop::Credited {
        name: "ASHA DEMO".to_owned(),
    };
    for (at, drop, used) in [
        (1, credited(), 0),
        (0, PennyDrop::Failed, 0),
        (2, credited(), 2),
    ] {
        people
            .record_penny_drop(who, ids[at], drop, by)
            .await
            .unwrap();
        assert_eq!(rig.investor(who).await.bank().unwrap().id, ids[used]);
    }
}

#[tokio::test]
async fn only_a_verified_account_can_be_chosen_and_a_shared_one_is_shown_to_a_person() {
    let rig = Rig::new().await;
    let (who, other) = (rig.contact(1).await, rig.contact(2).await);
    let by = themselves();
    let people = &rig.people;
    for number in ["501001234567", "602001234567", "5010 0123 4567"] {
        people.record_bank(who, bank(number), by).await.unwrap();
    }
    let banks = rig.investor(who).await.banks;
    assert_eq!(banks.len(), 2, "the same account twice is one");
    let second = banks[1].id;
    let refused = people.choose_bank(who, second, by).await.unwrap();
    assert_eq!(refused, Recorded::Refused(Refusal::BankNotVerified));
    let drop = |name: &str| PennyDrop::Credited {
        name: name.to_owned(),
    };
    let early = people
        .record_penny_drop(who, second, drop("ASHA DEMO"), by)
        .await
        .unwrap();
    assert_eq!(early, Recorded::Refused(Refusal::NameFirst));
    people.record_name(who, "Asha Demo", by).await.unwrap();
    people
        .record_penny_drop(who, second, drop("ASHA DEMO"), by)
        .await
        .unwrap();
    let late = people
        .record_penny_drop(who, second, PennyDrop::Sent, by)
        .await
        .unwrap();
    assert_eq!(late, Recorded::Already, "late news take nothing back");
    assert_eq!(
        people.choose_bank(who, second, by).await.unwrap(),
        Recorded::Done
    );
    assert_eq!(rig.investor(who).await.bank().unwrap().id, second);
    let foreign = people.choose_bank(other, second, by).await.unwrap();
    assert_eq!(foreign, Recorded::Refused(Refusal::NoSuchBank));
    assert_eq!(rig.count("select count(*) from attention").await, 0);
    people
        .record_bank(other, bank("602001234567"), by)
        .await
        .unwrap();
    let shown = "select count(*) from attention where kind = 'shared_bank'";
    assert_eq!(rig.count(shown).await, 1);
}

#[tokio::test]
async fn the_newest_risk_profile_counts_and_the_old_ones_stay() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let mut given = answers(&rig);
    rig.people
        .record_risk_answers(who, given.clone(), themselves())
        .await
        .unwrap();
    assert_eq!(
        rig.investor(who).await.risk.unwrap().highest,
        RiskLevel::Moderate
    );
    for question in &rig.people.questions().questions {
        let last = question.options.last().unwrap();
        given.insert(question.id.clone(), last.id.clone());
    }
    let later = By {
        at: now() + 1.hours(),
        ..themselves()
    };
    rig.people
        .record_risk_answers(who, given, later)
        .await
        .unwrap();
    let newest = rig.investor(who).await.risk.unwrap();
    assert_eq!(
        (newest.highest, newest.taken_at),
        (RiskLevel::VeryHigh, later.at)
    );
    assert_eq!(rig.count("select count(*) from risk_profiles").await, 2);
}

#[tokio::test]
async fn political_exposure_and_an_account_in_another_name_are_put_before_a_person() {
    let rig = Rig::new().await;
    let (who, by) = (rig.contact(1).await, themselves());
    let people = &rig.people;
    people.record_fatca(who, fatca(), by).await.unwrap();
    assert_eq!(rig.count("select count(*) from attention").await, 0);
    let related = Fatca {
        exposure: PoliticalExposure::Related,
        ..fatca()
    };
    people.record_fatca(who, related, by).await.unwrap();
    let exposed = "select count(*) from attention where kind = 'politically_exposed'";
    assert_eq!(rig.count(exposed).await, 1);
    people.record_name(who, "Asha Demo", by).await.unwrap();
    people
        .record_bank(who, bank("501001234567"), by)
        .await
        .unwrap();
    let bank = rig.investor(who).await.banks[0].id;
    let drop = PennyDrop::Credited {
        name: "RAVI KUMAR".to_owned(),
    };
    people.record_penny_drop(who, bank, drop, by).await.unwrap();
    let other = "select count(*) from attention where kind = 'bank_name_mismatch'";
    assert_eq!(rig.count(other).await, 1);
}
