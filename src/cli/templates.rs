//! `templates`: what to hand in to Meta so that notices may be sent at any time.

use serde_json::json;

use super::say;
use crate::notifications::{Voice, definitions, samples};

/// Print every notice as a template definition, one JSON object a line.
///
/// Each line is what the Graph API takes under `message_templates` of the account. Once Meta
/// has approved a template, name it in `NOTICE_TEMPLATES`; until then its notice goes out
/// inside the 24-hour window, by e-mail, or is shown to a person.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this one.
    name: Option<String>,
}

/// Prints the definitions.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = |name: &str| args.name.as_deref().is_none_or(|only| only == name);
    let all = definitions(&samples::notices(), &Voice::new()?)?;
    let mut printed = false;
    for one in all.iter().filter(|one| wanted(one.name)) {
        let examples: Vec<_> = one
            .examples
            .iter()
            .map(|(name, example)| json!({ "param_name": name, "example": example }))
            .collect();
        let body = json!({ "type": "BODY", "text": one.body,
                           "example": { "body_text_named_params": examples } });
        say(
            json!({ "name": one.name, "language": one.language, "category": "UTILITY",
                    "parameter_format": "NAMED", "components": [body] }),
        );
        printed = true;
    }
    anyhow::ensure!(printed, "there is no notice of this name");
    Ok(())
}
