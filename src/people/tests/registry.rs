//! The KYC agencies are asked, and what they say is kept.

use jiff::ToSpan;
use jiff::civil::date;

use super::rig::{Rig, now, themselves};
use super::samples::{pan, record_all, validated};
use crate::people::gateway::SandboxRegistry;
use crate::people::{Asked, KycState};

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
    let ending = rig.people.kyc_ending_in(now(), 30..=30).await.unwrap();
    assert_eq!(ending, [(all[3], date(2026, 9, 23))]);
    assert_eq!(rig.people.kyc_ending_in(now(), 0..=29).await.unwrap(), []);
}
