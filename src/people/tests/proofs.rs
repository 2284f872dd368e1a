//! What investors agreed to and acknowledged, and money that stands still.

use super::rig::{Rig, now, themselves};
use super::samples::consent;
use crate::contacts::{ConsentProof, ConsentPurpose, DataRecipient, MarketingChannel, is_given};
use crate::people::gate::Acknowledgement;
use crate::people::store::{NewAcknowledgement, list_acknowledgements};
use crate::people::{By, RiskLevel};

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
