//! How much the rigs of the promises do: 1 in CI, more by command.

use std::sync::OnceLock;

/// Returns the factor `PROOF_SCALE` asks for; 1 if it does not.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
pub fn scale() -> usize {
    static SCALE: OnceLock<usize> = OnceLock::new();
    *SCALE.get_or_init(|| match std::env::var("PROOF_SCALE") {
        Ok(text) if !text.is_empty() => text.parse().expect("PROOF_SCALE is a whole number from 1"),
        _ => 1,
    })
}
