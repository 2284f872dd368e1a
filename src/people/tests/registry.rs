//! The KYC agencies are asked, and what they say is kept.

use futures::future::BoxFuture;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::rig::{Rig, now, themselves};
use super::samples::{pan, record_all, validated};
use crate::id::ContactId;
use crate::people::gateway::SandboxRegistry;
use crate::people::ports::{KycRegistry, KycReport, RegistryError};
use crate::people::{Asked, KycState, Pan, People};

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
    people
        .record_name(other, "Somebody Else", by)
        .await
        .unwrap();
    people.ask_registry(other, &registry, now()).await.unwrap();
    let kyc = rig.investor(other).await.kyc;
    assert_eq!(
        (kyc.state, kyc.valid_until),
        (KycState::Registered, Some(date(2027, 1, 31)))
    );
}

#[tokio::test]
async fn kyc_under_another_name_opens_nothing_and_is_shown_to_a_person() {
    let rig = Rig::new().await;
    let registry = SandboxRegistry::parse(REGISTRY.as_bytes()).unwrap();
    let (who, by) = (rig.contact(1).await, themselves());
    let people = &rig.people;
    people.record_name(who, "Ravi Demo", by).await.unwrap();
    people.record_pan(who, pan("BBBPD0000B"), by).await.unwrap();
    people
        .record_date_of_birth(who, date(1985, 5, 5), by)
        .await
        .unwrap();
    let asked = people.ask_registry(who, &registry, now()).await.unwrap();
    assert_eq!(asked, Asked::Same(KycState::Unknown));
    let kyc = rig.investor(who).await.kyc;
    assert_eq!(
        (kyc.state, kyc.raw.as_deref(), kyc.valid_until),
        (KycState::Unknown, Some("KYC Registered"), None)
    );
    let shown = "select count(*) from attention where kind = 'kyc_name_mismatch'";
    assert_eq!(rig.count(shown).await, 1);
}

#[tokio::test]
async fn what_the_agencies_refute_is_not_validated_any_more() {
    let rig = Rig::new().await;
    let other = REGISTRY.replace("1990-01-01", "1990-01-02");
    let registry = SandboxRegistry::parse(other.as_bytes()).unwrap();
    let who = rig.contact(1).await;
    record_all(&rig, who).await;
    let ask = || rig.people.ask_registry(who, &registry, now());
    let (from, to) = (KycState::Validated, KycState::Unknown);
    assert_eq!(ask().await.unwrap(), Asked::Changed { from, to });
    let kyc = rig.investor(who).await.kyc;
    assert_eq!((kyc.state, kyc.valid_until), (to, None));
    assert_eq!(ask().await.unwrap(), Asked::OtherPerson);
}

/// A registry that takes so long that the PAN is corrected meanwhile.
struct Slow {
    people: People,
    who: ContactId,
}

impl KycRegistry for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn look_up<'a>(
        &'a self,
        _: &'a Pan,
        _: Date,
    ) -> BoxFuture<'a, Result<KycReport, RegistryError>> {
        Box::pin(async move {
            let other = pan("BBBPD0000B");
            let corrected = self.people.record_pan(self.who, other, themselves());
            corrected.await.unwrap();
            Ok(validated())
        })
    }
}

#[tokio::test]
async fn the_answer_about_a_pan_that_was_corrected_meanwhile_is_not_the_new_pans() {
    let rig = Rig::new().await;
    let (who, by) = (rig.contact(1).await, themselves());
    let people = &rig.people;
    people.record_pan(who, pan("AAAPD0000A"), by).await.unwrap();
    people.record_name(who, "Asha Demo", by).await.unwrap();
    people
        .record_date_of_birth(who, date(1990, 1, 1), by)
        .await
        .unwrap();
    let slow = Slow {
        people: people.clone(),
        who,
    };
    let asked = people.ask_registry(who, &slow, now()).await.unwrap();
    assert_eq!(asked, Asked::Same(KycState::Unknown));
    let investor = rig.investor(who).await;
    assert_eq!(investor.pan, Some(pan("BBBPD0000B")));
    assert_eq!(investor.kyc.state, KycState::Unknown);
    assert_eq!(investor.kyc.checked_at, None, "it is asked about next");
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
    let ending = rig.people.kyc_ending_in(now(), 30..=30).await.unwrap();
    assert_eq!(ending, [(all[3], date(2026, 9, 23))]);
    assert_eq!(rig.people.kyc_ending_in(now(), 0..=29).await.unwrap(), []);
}
