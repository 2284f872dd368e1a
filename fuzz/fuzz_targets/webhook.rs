//! Whatever stands at the webhook's door: no panic, and no entry without a signature.
//!
//! The first line of the input is the header, the rest the body.
//! `cargo +nightly fuzz run webhook -- -runs=1000000`

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sipbrewery::whatsapp::inbound::{Event, InboundMessage, read};
use sipbrewery::whatsapp::signature::{AppSecret, sign, verify};

static SECRETS: LazyLock<[AppSecret; 2]> =
    LazyLock::new(|| [AppSecret::new("new"), AppSecret::new("old")]);

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (header, body) = input.split_at(end);
    let signed = SECRETS.iter().any(|secret| sign(secret, body).as_bytes() == header);
    assert_eq!(verify(&*SECRETS, Some(header), body), signed);
    for secret in SECRETS.iter() {
        assert!(verify(&*SECRETS, Some(sign(secret, body).as_bytes()), body));
    }
    for event in read(body).into_iter().flatten() {
        assert!(!event.key().is_empty());
        if let Event::Message(message) = event {
            let stored = message.to_stored();
            let again = InboundMessage::from_stored(&stored).expect("what was stored can be read");
            assert_eq!(again, message);
        }
    }
});
