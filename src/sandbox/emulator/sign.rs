//! What Meta does to a body before it goes on the wire: escape, then sign.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Writes JSON as Meta does: non-ASCII as lowercase `\uXXXX`, `/` as `\/`.
///
/// Takes JSON in which `/` is not escaped yet, as `serde_json` makes it.
pub(crate) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match c {
            '/' => escaped.push_str("\\/"),
            c if c.is_ascii() => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

/// Returns the value of `X-Hub-Signature-256` for the bytes of a body.
pub(crate) fn signature(app_secret: &str, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()).expect("HMAC takes keys of any size");
    mac.update(body);
    let mut header = String::with_capacity(71);
    header.push_str("sha256=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(header, "{byte:02x}");
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_over_the_escaped_bytes() {
        let body = escape(r#"{"object":"whatsapp_business_account","entry":[],"t":"café 1/2"}"#);
        assert_eq!(
            body,
            r#"{"object":"whatsapp_business_account","entry":[],"t":"caf\u00e9 1\/2"}"#
        );
        assert_eq!(body.len(), 70);
        assert_eq!(
            signature("test-app-secret", body.as_bytes()),
            "sha256=80ec8ed11a1f9ebcb4f6fdbb725bd53eb6e6e274fc4ddfa8ab3d46afed359ad9"
        );
    }

    #[test]
    fn what_was_escaped_reads_back_as_it_was() {
        let text = "नमस्ते 🙏 1/2 \"quoted\" \\ \n";
        let json = serde_json::to_string(text).unwrap();
        let back: String = serde_json::from_str(&escape(&json)).unwrap();
        assert_eq!(back, text);
        assert!(escape(&json).is_ascii());
    }
}
