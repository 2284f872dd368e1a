//! Answers that are lost, refused on reading back, or say too little.

use super::{plain, purchase, sip};
use crate::investing::gateway::port::{GatewayError, OrderGateway};

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_duplicate_was_ours() {
    let (bse, gateway) = plain().await;
    let new = purchase("7");
    bse.book().drop_answer = true;
    let error = gateway.place_order(&new).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(_)), "{error}");
    let found = gateway.find_order(&new.reference).await.unwrap().unwrap();
    let again = gateway.place_order(&new).await.unwrap();
    assert_eq!(again, found);
    assert_eq!(bse.book().orders.len(), 1);
    bse.book().drop_answer = true;
    let plan = sip("8");
    assert!(matches!(
        gateway.register_plan(&plan).await,
        Err(GatewayError::Unknown(_))
    ));
    let registered = gateway.register_plan(&plan).await.unwrap();
    assert_eq!(registered.reference, plan.reference);
    assert_eq!(bse.book().plans.len(), 1);
}

#[tokio::test]
async fn a_success_without_an_order_is_in_doubt_and_may_be_asked_for_again() {
    let (bse, gateway) = plain().await;
    bse.book().make_none = true;
    let error = gateway.place_order(&purchase("9")).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(_)), "{error}");
    bse.book().make_none = false;
    let placed = gateway.place_order(&purchase("9")).await.unwrap();
    assert_eq!(bse.book().orders.len(), 1);
    assert_eq!(placed.reference, Some(purchase("9").reference));
}

#[tokio::test]
async fn what_was_taken_and_cannot_be_read_back_is_in_doubt_and_not_refused() {
    let (bse, gateway) = plain().await;
    gateway.place_order(&purchase("9")).await.unwrap();
    bse.book().refuses_reads = true;
    let again = gateway.place_order(&purchase("9")).await.unwrap_err();
    assert!(matches!(again, GatewayError::Unknown(_)), "{again}");
    let plan = gateway.register_plan(&sip("8")).await.unwrap_err();
    assert!(matches!(plan, GatewayError::Unknown(_)), "{plan}");
    let book = bse.book();
    assert_eq!((book.orders.len(), book.plans.len()), (1, 1));
}
