//! Two contacts with records prove to be one person.

use super::rig::{Rig, themselves};
use super::samples::{PAN, answers, consent, pan, record_all};
use crate::contacts::{ConsentPurpose, DataRecipient, is_given};

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
