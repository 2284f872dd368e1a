//! The signature that makes a webhook Meta's.
//!
//! HMAC-SHA256 over the bytes as they came, keyed with the app secret. Nothing is
//! parsed before it holds, comparison takes the same time wherever it fails, and
//! only the one spelling Meta uses is accepted. The key schedule is computed once.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::inbound::hex;

const PREFIX: &[u8] = b"sha256=";

/// An app secret, ready to sign with.
#[derive(Clone)]
pub struct AppSecret(Hmac<Sha256>);

impl AppSecret {
    /// Prepares a secret.
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).expect("hmac takes keys of any length"))
    }

    fn over(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(body);
        mac
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret(..)")
    }
}

/// Returns whether the value of `X-Hub-Signature-256` signs `body` with one of the
/// secrets (two while one replaces the other). A request with no such header, or
/// with several, has none to show: `None`.
pub fn verify(secrets: &[AppSecret], header: Option<&[u8]>, body: &[u8]) -> bool {
    let Some(tag) = header.and_then(tag) else {
        return false;
    };
    secrets
        .iter()
        .any(|secret| secret.over(body).verify_slice(&tag).is_ok())
}

/// Returns whether a value of `X-Hub-Signature-256` is one at all, whatever it signs: what
/// is none is not worth reading a body for.
pub fn is_well_formed(header: &[u8]) -> bool {
    tag(header).is_some()
}

/// Returns the header value that signs `body`.
pub fn sign(secret: &AppSecret, body: &[u8]) -> String {
    format!("sha256={}", hex(&secret.over(body).finalize().into_bytes()))
}

fn tag(header: &[u8]) -> Option<[u8; 32]> {
    let digits = header.strip_prefix(PREFIX)?;
    if digits.len() != 64 {
        return None;
    }
    let mut tag = [0; 32];
    for (byte, pair) in tag.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(tag)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] =
        br#"{"object":"whatsapp_business_account","entry":[],"t":"caf\u00e9 1\/2"}"#;
    const SIGNED: &str = "sha256=80ec8ed11a1f9ebcb4f6fdbb725bd53eb6e6e274fc4ddfa8ab3d46afed359ad9";

    fn secrets() -> Vec<AppSecret> {
        vec![AppSecret::new("test-app-secret")]
    }

    #[test]
    fn the_reference_vector_is_signed_and_verified() {
        assert_eq!(BODY.len(), 70);
        assert_eq!(sign(&secrets()[0], BODY), SIGNED);
        assert!(verify(&secrets(), Some(SIGNED.as_bytes()), BODY));
    }

    #[test]
    fn a_body_that_was_parsed_and_written_again_fails() {
        let value: serde_json::Value = serde_json::from_slice(BODY).unwrap();
        let again = serde_json::to_vec(&value).unwrap();
        assert!(!verify(&secrets(), Some(SIGNED.as_bytes()), &again));
    }

    #[test]
    fn either_of_two_secrets_is_enough_and_a_third_is_not() {
        let rotating = [AppSecret::new("new"), AppSecret::new("old")];
        for (secret, good) in [("new", true), ("old", true), ("older", false), ("", false)] {
            let header = sign(&AppSecret::new(secret), BODY);
            assert_eq!(verify(&rotating, Some(header.as_bytes()), BODY), good);
        }
        assert!(!verify(&[], Some(SIGNED.as_bytes()), BODY));
    }

    #[test]
    fn only_the_spelling_meta_uses_is_accepted() {
        let digits = &SIGNED[7..];
        let mut changed = SIGNED.to_owned();
        changed.replace_range(70..71, "8");
        let bad: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"sha256=".to_vec(),
            digits.into(),
            changed.clone().into(),
            SIGNED[..70].into(),
            format!("{SIGNED}0").into(),
            format!("{SIGNED} ").into(),
            format!(" {SIGNED}").into(),
            format!("sha256={}", digits.to_uppercase()).into(),
            format!("SHA256={digits}").into(),
            format!("sha1={digits}").into(),
            format!("sha256:{digits}").into(),
            format!("{SIGNED},{SIGNED}").into(),
            format!("{SIGNED}, {SIGNED}").into(),
            format!("sha256=0x{}", &digits[2..]).into(),
            format!("sha256={}g", &digits[..63]).into(),
            format!("sha256={}é", &digits[..62]).into(),
            format!("sha256=+{}", &digits[1..]).into(),
            [b"sha256=".as_slice(), &[0xff; 64]].concat(),
            vec![0; 71],
        ];
        for header in bad {
            let shown = String::from_utf8_lossy(&header).into_owned();
            assert!(!verify(&secrets(), Some(&header), BODY), "{shown:?} passed");
            let is_one = header == changed.as_bytes();
            assert_eq!(is_well_formed(&header), is_one, "{shown:?}");
        }
        assert!(!verify(&secrets(), None, BODY));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", secrets()[0]), "AppSecret(..)");
    }
}
