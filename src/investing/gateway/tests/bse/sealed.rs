//! Logins, and payloads that are signed and encrypted.

use super::{THEIR_KEY, THEIR_PUBLIC, ours, plain, purchase, sealed, theirs};
use crate::investing::gateway::bse::jose::{Keys, NotGenuine};
use crate::investing::gateway::port::{GatewayError, OrderGateway};

#[tokio::test]
async fn many_calls_share_one_login_and_an_expired_token_is_renewed_once() {
    let (bse, gateway) = plain().await;
    let reads = || (0..20).map(|_| gateway.read_order("1"));
    for answer in futures::future::join_all(reads()).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(bse.book().logins, 1);
    bse.book().expire = true;
    for answer in futures::future::join_all(reads()).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(bse.book().logins, 2);
    bse.book().expire = true;
    gateway.place_order(&purchase("3")).await.unwrap();
    assert_eq!(bse.book().orders.len(), 1);
}

#[tokio::test]
async fn a_sealed_answer_that_was_changed_on_the_way_is_not_believed() {
    let (bse, gateway) = sealed().await;
    bse.book().tamper = true;
    let read = gateway.read_order("1").await;
    assert!(
        matches!(read, Err(GatewayError::Unavailable(_))),
        "{read:?}"
    );
    bse.book().tamper = false;
    gateway.place_order(&purchase("5")).await.unwrap();
    let book = bse.book();
    let org = book.headers.last().unwrap()["x-api-org-id"]
        .to_str()
        .unwrap();
    assert!(
        org.starts_with("member/91010:") && org.len() == 13 + 44,
        "{org}"
    );
}

#[test]
fn a_sealed_payload_opens_for_the_other_side_alone_and_only_unchanged() {
    let text = ours().seal(b"{\"data\":{}}").unwrap();
    assert_eq!(theirs().open(&text).unwrap(), b"{\"data\":{}}");
    assert_eq!(ours().open(&text), Err(NotGenuine));
    // Sealed for them, but signed by somebody who is not us.
    let stranger = Keys::from_pem(THEIR_KEY, THEIR_PUBLIC).unwrap();
    assert_eq!(
        theirs().open(&stranger.seal(b"x").unwrap()),
        Err(NotGenuine)
    );
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 5);
    for place in 0..5 {
        let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let other = if changed[place].starts_with('A') {
            "B"
        } else {
            "A"
        };
        changed[place].replace_range(..1, other);
        assert_eq!(
            theirs().open(&changed.join(".")),
            Err(NotGenuine),
            "part {place}"
        );
    }
    assert_eq!(theirs().open("a.b.c"), Err(NotGenuine));
}
