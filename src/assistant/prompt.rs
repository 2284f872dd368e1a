//! What the model is told, rendered from `prompts/` and known by its version.

use anyhow::Context as _;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use crate::language::Language;

const NAME: &str = "assistant.txt";
const SOURCE: &str = include_str!("../../prompts/assistant.txt");

/// The prompt.
#[derive(Clone)]
pub struct Prompt {
    tera: Tera,
    version: String,
}

impl Prompt {
    /// Reads the prompt; fails if it does not parse or has no version.
    pub fn new() -> anyhow::Result<Self> {
        let first = SOURCE.split_once("#}").map(|(first, _)| first);
        let version = first.and_then(|first| first.strip_prefix("{# version:"));
        let version = version.context("prompts/assistant.txt has no version in its first line")?;
        let hash = Sha256::digest(SOURCE.as_bytes());
        let mut tera = Tera::new();
        tera.add_raw_template(NAME, SOURCE)?;
        Ok(Self {
            tera,
            version: format!(
                "{}/{:02x}{:02x}{:02x}{:02x}",
                version.trim(),
                hash[0],
                hash[1],
                hash[2],
                hash[3]
            ),
        })
    }

    /// Returns its version, with the beginning of its hash.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the words for one turn.
    pub fn render(&self, language: Language, distributor: &str) -> anyhow::Result<String> {
        let language = match language {
            Language::En => "English",
            Language::Hi => "Hindi, in Devanagari",
            Language::Hinglish => "Hinglish (Hindi in Latin letters, mixed with English)",
        };
        let mut context = Context::new();
        context.insert("language", language);
        context.insert("distributor", distributor);
        Ok(self.tera.render(NAME, &context)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_renders_in_each_language_and_shows_a_slot_as_it_is_written() {
        let prompt = Prompt::new().unwrap();
        assert!(prompt.version().starts_with("assistant-"));
        for language in Language::ALL {
            let told = prompt.render(language, "Demo Distributor").unwrap();
            assert!(
                told.contains("Demo Distributor") && told.contains("{{f3}}"),
                "{told}"
            );
            assert!(!told.contains("{%") && !told.contains("version:"));
        }
    }
}
