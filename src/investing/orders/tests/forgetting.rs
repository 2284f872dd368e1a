//! What is kept for a while only.

use std::time::Duration;

use super::rig::{Rig, no_limits};

#[tokio::test]
async fn drafts_nobody_confirmed_and_what_no_limit_looks_at_are_forgotten_in_time() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    rig.order(who, 5_000_00).await;
    for _ in 0..70 {
        rig.purchase(who, 1_000_00).await;
    }
    let drafts = "select count(*) from drafts";
    let operations = "select count(*) from money_operations";
    for (days, left) in [(1, (71, true)), (2, (71, false)), (30, (1, false))] {
        rig.pass(Duration::from_hours(24 * days));
        rig.dealing.run_night().await.unwrap();
        let found = (rig.count(drafts).await, rig.count(operations).await > 0);
        assert_eq!(found, left, "{days} days later");
    }
}
