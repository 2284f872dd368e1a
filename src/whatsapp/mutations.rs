//! Whatever arrives at the webhook's door, nothing panics and nothing passes
//! without a signature. The fuzz target does the same for as long as one likes.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::Value;

use super::InboundMessage;
use super::inbound::{Event, read};
use super::signature::{AppSecret, sign, verify};

/// At `PROOF_SCALE=20` a million.
const MUTATIONS: usize = 50_000;

#[expect(
    clippy::disallowed_methods,
    reason = "the size of a proof is set for the run, not for the service"
)]
fn rounds() -> usize {
    let scale = std::env::var("PROOF_SCALE").ok();
    MUTATIONS * scale.and_then(|text| text.parse().ok()).unwrap_or(1)
}

const SAMPLES: [&str; 5] = [
    r#"{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Asha","username":"asha.k"},"wa_id":"919812345678","user_id":"IN.2081978709342942"}],"messages":[{"from":"919812345678","from_user_id":"IN.2081978709342942","id":"wamid.HBgM","timestamp":"1763596800","type":"text","text":{"body":"caf\u00e9 \ud83e\ude94 5000 \u0000"}}]}}]}]}"#,
    r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1065"},"statuses":[{"id":"wamid.HBgM","status":"failed","timestamp":"1763596801","recipient_id":"919812345678","biz_opaque_callback_data":"job-42","errors":[{"code":131047,"title":"Re-engagement message","error_data":{"details":"more than 24 hours"}}]},{"id":"wamid.HBgN","status":"read","timestamp":1763596801,"recipient_user_id":"IN.2"}],"errors":[{"code":131000}]}}]}]}"#,
    r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1065"},"messages":[{"from":"919812345678","id":"wamid.A","timestamp":"1763596800123","type":"interactive","context":{"from":"15550783881","id":"wamid.B"},"interactive":{"type":"list_reply","list_reply":{"id":"row-7","title":"SIP"}}},{"from":"919812345678","id":"wamid.C","timestamp":"1763596800","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"{\"flow_token\":\"x\"}"}}},{"from":"IN.99","id":"wamid.D","timestamp":1,"type":"image","image":{"id":"m","mime_type":"image/jpeg","caption":"c"},"referral":{"source_id":"1","source_type":"ad"}}]}}]}]}"#,
    r#"{"object":"whatsapp_business_account","entry":[{"id":"1","time":1763596800,"changes":[{"field":"user_preferences","value":{"user_preferences":[{"wa_id":"919812345678","category":"marketing_messages","value":"stop","timestamp":1763596800}]}},{"field":"account_update","value":{"event":"DISABLED_UPDATE"}}]}]}"#,
    r#"{"object":"whatsapp_business_account","entry":[{"id":"1","time":1763596800,"changes":[{"field":"user_id_update","value":{"user_id_update":[{"wa_id":"919812345678","detail":"d","user_id":{"previous":"IN.1","current":"IN.2"},"timestamp":1763596800}]}},{"field":"messages","value":{"metadata":{"phone_number_id":"1065"},"contacts":[],"messages":[7,{"from":"919812345678","id":"wamid.A","timestamp":"1763596800","type":"system","system":{"type":"user_changed_number","wa_id":"919800000000"}}]}}]}]}"#,
];

/// Pieces that mean something to JSON, to numbers or to text.
const PIECES: [&[u8]; 14] = [
    b"null",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"\\ud83e",
    b"\\u0000",
    b"1e999",
    b"-9223372036854775809",
    b"\xff\xfe",
    b"\0",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "न".as_bytes(),
];

fn place(random: &mut impl Rng, length: usize) -> usize {
    random.random_range(0..=length)
}

fn mutate(random: &mut impl Rng, bytes: &mut Vec<u8>) {
    let (a, b) = (place(random, bytes.len()), place(random, bytes.len()));
    let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
    match random.random_range(0..6) {
        0 if from < bytes.len() => bytes[from] ^= 1 << random.random_range(0..8),
        1 => drop(bytes.drain(from..to)),
        2 => bytes.truncate(from),
        3 => {
            let copy = bytes[from..to].to_vec();
            let at = place(random, bytes.len());
            bytes.splice(at..at, copy);
        }
        4 => {
            let digits = random.random_range(0..u64::MAX).to_string();
            bytes.splice(from..to.min(from + 20), digits.into_bytes());
        }
        _ => {
            let piece = PIECES[random.random_range(0..PIECES.len())];
            bytes.splice(from..from, piece.iter().copied());
        }
    }
}

/// Says whether a text of it has a character that PostgreSQL takes nowhere. The bytes
/// cannot be asked: a typed backslash before `u0000` reads the same.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[test]
fn mutated_bodies_never_panic_and_never_pass_without_a_signature() {
    let mut random = StdRng::seed_from_u64(0x5EED);
    let secrets = [AppSecret::new("new"), AppSecret::new("old")];
    let mut read_well = 0;
    for round in 0..rounds() {
        let sample = SAMPLES[round % SAMPLES.len()].as_bytes();
        let signed = sign(&secrets[round % 2], sample);
        let (mut body, mut header) = (sample.to_vec(), signed.clone().into_bytes());
        for _ in 0..random.random_range(1..4) {
            if random.random_bool(0.8) {
                mutate(&mut random, &mut body);
            } else {
                mutate(&mut random, &mut header);
            }
        }

        let genuine = body == sample && header == signed.as_bytes();
        assert_eq!(verify(&secrets, Some(&header), &body), genuine);
        let Ok(events) = read(&body) else { continue };
        read_well += 1;
        for event in events {
            assert!(!event.key().is_empty());
            match event {
                Event::Message(message) => {
                    let stored = message.to_stored();
                    assert!(!holds_nul(&serde_json::from_slice(&stored).unwrap()));
                    assert_eq!(InboundMessage::from_stored(&stored).unwrap(), message);
                }
                Event::Other(other) => {
                    assert_eq!(other.alone.is_some(), other.field == "unreadable");
                    let Some(alone) = &other.alone else { continue };
                    match &read(alone.as_bytes()).unwrap()[..] {
                        [Event::Other(again)] => assert_eq!(again.raw, other.raw),
                        events => panic!("{alone} holds {events:?}"),
                    }
                }
                Event::Status(_) | Event::Moved(_) | Event::Echo(_) | Event::OptOut(_) => {}
            }
        }
    }
    assert!(read_well > rounds() / 20, "only {read_well} were readable");
}
