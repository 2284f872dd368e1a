//! Copies of what is kept of somebody, as whoever has the link reads them.

use crate::harness::DemoApp;

const RAVI: &str = "919000000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_to_open_an_account_is_masked_in_the_copy_of_it() {
    let demo = DemoApp::start().await;
    let says = async |words: &str| {
        demo.emulator.user_says(RAVI, words).await;
        demo.rest().await;
    };
    says("open account").await;
    demo.taps_as(RAVI, "I agree").await;
    demo.rest().await;
    for answer in [
        "Ravi Demo",
        "ravi@example.in",
        "aaapr 0000r",
        "20/02/1988",
        "a/c:5010 0123 4567",
        "501001234567",
        "HDFC0001234",
    ] {
        says(answer).await;
    }
    says("my aadhaar is 9999 4105 7058").await;
    says("what data do you have about me").await;
    demo.taps_as(RAVI, "Copy of my data").await;
    demo.rest().await;
    let copy = demo.copy_of(RAVI).await;
    for kept in ["open account", "AAxxxxxx0R", "a/c:xxxx4567", "xxxx7058"] {
        assert!(copy.contains(kept), "{kept} is not in {copy}");
    }
    for secret in ["0000r", "0123 4567", "501001234567", "4105"] {
        assert!(!copy.contains(secret), "{secret} is in {copy}");
    }
    demo.stop().await;
}
