//! Records over a real database.

use jiff::ToSpan;
use jiff::civil::date;

use super::rig::{Rig, now, themselves};
use crate::contacts::{
    ConsentProof, ConsentPurpose, DataRecipient, MarketingChannel, NewConsent, is_given,
};
use crate::id::ContactId;
use crate::people::gate::Acknowledgement;
use crate::people::gateway::SandboxRegistry;
use crate::people::ports::KycReport;
use crate::people::store::{NewAcknowledgement, list_acknowledgements};
use crate::people::{
    AccountState, Answers, Asked, BelongsTo, By, Country, ExchangeAccount, Fatca, IncomeSlab,
    KycState, NewBank, NewNominee, Nomination, NomineeFault, Pan, PennyDrop, PoliticalExposure,
    Reachable, Recorded, Refusal, RiskLevel, TaxResidency, Verification, WealthSource,
};

const PAN: &str = "AAAPD0000A";

fn pan(text: &str) -> Pan {
    Pan::parse(text).unwrap()
}

fn bank(number: &str) -> NewBank {
    NewBank::parse(number, "HDFC0001234", "Asha Demo").unwrap()
}

fn fatca() -> Fatca {
    Fatca {
        residencies: vec![TaxResidency {
            country: Country::INDIA,
            tax_number: None,
        }],
        country_of_birth: Country::INDIA,
        income: IncomeSlab::FiveToTenLakh,
        source: WealthSource::Salary,
        exposure: PoliticalExposure::None,
        declared_on: date(2026, 8, 24),
    }
}

fn nominee(name: &str) -> NewNominee {
    NewNominee {
        name: name.to_owned(),
        relationship: "brother".to_owned(),
        share: None,
        date_of_birth: None,
        guardian: None,
    }
}

fn answers(rig: &Rig) -> Answers {
    let questions = &rig.people.questions().questions;
    let middle = |q: &crate::people::Question| (q.id.clone(), q.options[1].id.clone());
    questions.iter().map(middle).collect()
}

fn validated() -> KycReport {
    KycReport {
        state: KycState::Validated,
        raw: "KYC Validated".to_owned(),
        agency: Some("CVL".to_owned()),
        name: Some("ASHA DEMO".to_owned()),
        valid_until: Some(date(2026, 9, 23)),
    }
}

fn consent(purpose: ConsentPurpose, given: bool) -> NewConsent {
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
async fn record_all(rig: &Rig, who: ContactId) -> Vec<Recorded> {
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
    assert_eq!(
        investor.nomination.shares(),
        [("Ravi Demo".to_owned(), 100)]
    );
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
async fn pan_and_name_stay_once_an_agency_knows_them() {
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

const REGISTRY: &str = r#"[
  {"pan": "AAAPD0000A", "date_of_birth": "1990-01-01", "name": "ASHA DEMO",
   "status": "On Hold", "agency": "CVL", "valid_until": null},
  {"pan": "BBBPD0000B", "date_of_birth": "1985-05-05", "name": "SOMEBODY ELSE",
   "status": "KYC Registered", "agency": "NDML", "valid_until": "2027-01-31"}]"#;

#[tokio::test]
async fn the_registry_is_asked_and_what_it_says_is_kept_in_its_own_words() {
    let rig = Rig::new().await;
    let registry = SandboxRegistry::parse(REGISTRY.as_bytes()).unwrap();
    let who = rig.contact(1).await;
    let people = &rig.people;
    let asked = people.ask_registry(who, &registry, now()).await.unwrap();
    assert_eq!(asked, Asked::NothingToAskWith);
    record_all(&rig, who).await;
    let asked = people.ask_registry(who, &registry, now()).await.unwrap();
    let (from, to) = (KycState::Validated, KycState::OnHold);
    assert_eq!(asked, Asked::Changed { from, to });
    let kyc = rig.investor(who).await.kyc;
    assert_eq!(
        (kyc.raw.as_deref(), kyc.agency.as_deref()),
        (Some("On Hold"), Some("CVL"))
    );
    let asked = people.ask_registry(who, &registry, now()).await.unwrap();
    assert_eq!(asked, Asked::Same(to));

    let other = rig.contact(2).await;
    let by = themselves();
    people
        .record_pan(other, pan("BBBPD0000B"), by)
        .await
        .unwrap();
    people.record_name(other, "Ravi Demo", by).await.unwrap();
    people
        .record_date_of_birth(other, date(1985, 5, 6), by)
        .await
        .unwrap();
    let asked = people.ask_registry(other, &registry, now()).await.unwrap();
    assert_eq!(asked, Asked::OtherPerson);
    people
        .record_date_of_birth(other, date(1985, 5, 5), by)
        .await
        .unwrap();
    people.ask_registry(other, &registry, now()).await.unwrap();
    let shown = "select count(*) from attention where kind = 'kyc_name_mismatch'";
    assert_eq!(rig.count(shown).await, 1);
    assert_eq!(
        rig.investor(other).await.kyc.valid_until,
        Some(date(2027, 1, 31))
    );
}

#[tokio::test]
async fn whoever_was_asked_about_a_day_ago_is_due_and_pages_leave_nobody_out() {
    let rig = Rig::new().await;
    let mut all = Vec::new();
    for number in 0..7 {
        let who = rig.contact(number).await;
        let text = format!("AAAPD000{number}A");
        rig.people
            .record_pan(who, pan(&text), themselves())
            .await
            .unwrap();
        all.push(who);
    }
    rig.people
        .record_kyc(all[3], validated(), themselves())
        .await
        .unwrap();
    let page = |now, after| rig.people.to_ask(now, after, 4);
    let first = page(now(), None).await.unwrap();
    let second = page(now(), first.last().copied()).await.unwrap();
    let asked: Vec<_> = first.iter().chain(&second).map(|(_, who)| *who).collect();
    let expected: Vec<_> = all.iter().copied().filter(|who| *who != all[3]).collect();
    assert_eq!(asked, expected, "one was asked about today");
    let tomorrow = rig
        .people
        .to_ask(now() + 24.hours(), None, 10)
        .await
        .unwrap();
    assert_eq!(tomorrow.len(), 7);
    let ending = rig.people.kyc_ending_in(now(), 30).await.unwrap();
    assert_eq!(ending, [(all[3], date(2026, 9, 23))]);
    assert_eq!(rig.people.kyc_ending_in(now(), 29).await.unwrap(), []);
}

#[tokio::test]
async fn consent_is_kept_with_its_proof_and_withdrawn_by_another_row() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let by = themselves();
    let amc = ConsentPurpose::DataSharing(DataRecipient::Amc);
    let marketing = ConsentPurpose::Marketing(MarketingChannel::WhatsApp);
    let email = ConsentPurpose::Marketing(MarketingChannel::Email);
    for (purpose, given) in [(amc, true), (marketing, true), (email, true), (amc, false)] {
        rig.people
            .record_consent(who, consent(purpose, given), by, by.at)
            .await
            .unwrap();
    }
    let ledger = rig.people.consents(who).await.unwrap();
    assert_eq!(ledger.len(), 4, "nothing is overwritten");
    assert_eq!(ledger[0].proof, consent(amc, true).proof);
    assert_eq!((ledger[0].at, ledger[0].version.as_str()), (now(), "3"));
    assert!(!is_given(&ledger, amc) && is_given(&ledger, marketing));
    assert!(
        !is_given(&ledger, ConsentPurpose::Service),
        "nothing said is no"
    );
    let flag = "select count(*) from contacts where marketing = 'opted_in'";
    assert_eq!(
        rig.count(flag).await,
        1,
        "the flag is written together with it"
    );
    rig.people
        .record_consent(who, consent(marketing, false), by, by.at)
        .await
        .unwrap();
    let flag = "select count(*) from contacts where marketing = 'opted_out'";
    assert_eq!(rig.count(flag).await, 1);
}

#[tokio::test]
async fn money_is_paused_for_one_investor_until_a_person_releases_it() {
    let rig = Rig::new().await;
    let (who, other) = (rig.contact(1).await, rig.contact(2).await);
    let system = By {
        who: "system",
        at: now(),
    };
    assert!(
        rig.people
            .pause_money(who, "units differ", system)
            .await
            .unwrap()
    );
    assert!(!rig.people.pause_money(who, "again", system).await.unwrap());
    assert_eq!(
        rig.investor(who).await.money_paused.unwrap().reason,
        "units differ"
    );
    assert_eq!(rig.investor(other).await.money_paused, None);
    let open = "select count(*) from attention where kind = 'money_paused' and resolved_at is null";
    assert_eq!(rig.count(open).await, 1);
    assert_eq!(rig.people.money_pauses().await.unwrap().len(), 1);
    let person = By {
        who: "operator",
        at: now(),
    };
    assert!(rig.people.release_money(who, person).await.unwrap());
    assert!(!rig.people.release_money(who, person).await.unwrap());
    assert_eq!(rig.count(open).await, 0);
    assert_eq!(rig.investor(who).await.money_paused, None);
    assert!(
        rig.people
            .pause_money(who, "once more", system)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn when_two_contacts_are_one_person_the_record_moves_whole_and_stays_sealed() {
    let rig = Rig::new().await;
    let (from, into) = (rig.contact(1).await, rig.contact(2).await);
    record_all(&rig, from).await;
    let by = themselves();
    rig.people
        .record_risk_answers(from, answers(&rig), by)
        .await
        .unwrap();
    let amc = ConsentPurpose::DataSharing(DataRecipient::Amc);
    rig.people
        .record_consent(from, consent(amc, true), by, by.at)
        .await
        .unwrap();
    rig.people
        .pause_money(from, "units differ", by)
        .await
        .unwrap();
    let before = rig.investor(from).await;
    rig.merge(from, into).await;
    let after = rig.investor(into).await;
    assert_eq!(after.pan, before.pan);
    assert_eq!(after.banks, before.banks);
    assert_eq!((after.kyc, after.risk), (before.kyc, before.risk));
    assert_eq!(
        (after.fatca, after.nomination),
        (before.fatca, before.nomination)
    );
    assert_eq!(after.money_paused.unwrap().reason, "units differ");
    assert!(is_given(&rig.people.consents(into).await.unwrap(), amc));
    assert_eq!(rig.people.find_by_pan(&pan(PAN)).await.unwrap(), Some(into));
    let left = rig.investor(from).await;
    assert!(left.pan.is_none() && left.banks.is_empty() && left.money_paused.is_none());
    rig.merge(from, into).await;
    assert_eq!(
        rig.investor(into).await.pan,
        before.pan,
        "again moves nothing"
    );
}

#[tokio::test]
async fn two_records_of_one_person_are_put_before_a_person_and_their_money_stands_still() {
    let rig = Rig::new().await;
    let (from, into) = (rig.contact(1).await, rig.contact(2).await);
    record_all(&rig, from).await;
    rig.people
        .record_pan(into, pan("BBBPD0000B"), themselves())
        .await
        .unwrap();
    rig.merge(from, into).await;
    assert_eq!(rig.investor(into).await.pan, Some(pan("BBBPD0000B")));
    assert_eq!(rig.investor(from).await.pan, Some(pan(PAN)));
    for who in [from, into] {
        assert!(rig.investor(who).await.money_paused.is_some());
    }
    let shown = "select count(*) from attention where kind = 'investor_merge'";
    assert_eq!(rig.count(shown).await, 1);
}

#[tokio::test]
async fn an_acknowledgement_is_of_one_scheme_and_one_pair_of_levels() {
    let rig = Rig::new().await;
    let who = rig.contact(1).await;
    let (scheme, profile) = (RiskLevel::VeryHigh, RiskLevel::Moderate);
    let what = Acknowledgement::RiskierThanProfile { scheme, profile };
    let new = NewAcknowledgement {
        scheme: 113_177,
        what,
        proof: ConsentProof {
            shown: "This fund is riskier than suits your profile.".to_owned(),
            answer: "I understand, go on".to_owned(),
        },
    };
    rig.people
        .acknowledge(who, new, themselves())
        .await
        .unwrap();
    let mut conn = rig.db.read().await.unwrap();
    let found = list_acknowledgements(&mut conn, who, 113_177).await;
    assert_eq!(found.unwrap(), [what]);
    let other = list_acknowledgements(&mut conn, who, 101_762).await;
    assert_eq!(other.unwrap(), []);
    drop(conn);
    let audited = "select count(*) from audit where action = 'risk_acknowledged'";
    assert_eq!(rig.count(audited).await, 1);
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
