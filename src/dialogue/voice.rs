//! The words of every language, compiled into the binary and checked when it starts.
//!
//! A text is a Tera template per language under `templates/`; short labels (buttons, rows)
//! are lines of `labels.txt`. What a template may use is fixed by the fields of its
//! [`Text`], so that a language cannot ask for what the others do not get.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use tera::{Context, Tera};

use super::labels::{LABELS, Label};
use super::texts::{SOURCES, Text};
use super::understanding::Language;
pub use crate::whatsapp::shorten as clip;

/// Says things. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    tera: Arc<Tera>,
    labels: Arc<HashMap<(Language, Label), &'static str>>,
}

impl Voice {
    /// Reads every template and label; fails if one is missing or does not parse.
    pub fn new() -> anyhow::Result<Self> {
        let mut tera = Tera::new();
        tera.add_raw_templates(
            SOURCES
                .iter()
                .map(|(language, name, source)| (path(*language, name), *source)),
        )?;
        let mut labels = HashMap::new();
        for (language, source) in LABELS {
            let lines: HashMap<_, _> = source
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(key, text)| (key.trim(), text.trim()))
                .collect();
            for label in Label::ALL {
                let text = lines.get(label.key()).with_context(|| {
                    format!("label {} is missing in {}", label.key(), language.code())
                })?;
                labels.insert((*language, *label), *text);
            }
        }
        Ok(Self {
            tera: Arc::new(tera),
            labels: Arc::new(labels),
        })
    }

    /// Returns the text in a language.
    pub fn say(&self, language: Language, text: &Text<'_>) -> anyhow::Result<String> {
        let name = path(language, text.template());
        let context = Context::from_serialize(text)?;
        let said = self
            .tera
            .render(&name, &context)
            .with_context(|| format!("template {name}"))?;
        Ok(said.trim().to_owned())
    }

    /// Returns a label in a language.
    pub fn label(&self, language: Language, label: Label) -> &'static str {
        self.labels
            .get(&(language, label))
            .copied()
            .unwrap_or(label.key())
    }
}

fn path(language: Language, name: &str) -> String {
    format!("{}/{name}.txt", language.code())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::texts::samples;
    use super::*;

    #[test]
    fn every_text_is_said_in_every_language_and_twice_the_same() {
        let voice = Voice::new().unwrap();
        let mut said = BTreeSet::new();
        for text in samples::all() {
            said.insert(text.template());
            for language in Language::ALL {
                let once = voice.say(language, &text).unwrap();
                assert_eq!(once, voice.say(language, &text).unwrap());
                assert!(
                    !once.is_empty() && !once.contains("{{") && !once.contains("{%"),
                    "{once}"
                );
                assert!(
                    !once.contains("\n\n\n"),
                    "{language:?} {}: {once}",
                    text.template()
                );
                assert!(
                    !once.contains('!'),
                    "{language:?} {}: {once}",
                    text.template()
                );
            }
        }
        let names: BTreeSet<_> = SOURCES.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(said, names, "a sample for every template");
    }

    #[test]
    fn every_language_uses_the_same_facts_in_the_same_texts() {
        let voice = Voice::new().unwrap();
        let names: BTreeSet<_> = SOURCES.iter().map(|(_, name, _)| *name).collect();
        for name in names {
            let wants = |language| -> BTreeSet<String> {
                let variables = voice
                    .tera
                    .get_template_variables(&path(language, name))
                    .unwrap();
                variables.into_iter().map(str::to_owned).collect()
            };
            assert_eq!(wants(Language::En), wants(Language::Hi), "{name}");
            assert_eq!(wants(Language::En), wants(Language::Hinglish), "{name}");
        }
    }

    #[test]
    fn labels_are_the_same_set_everywhere_and_fit_their_places() {
        let voice = Voice::new().unwrap();
        for (language, source) in LABELS {
            let keys = source.lines().filter(|line| line.contains('=')).count();
            assert_eq!(keys, Label::ALL.len(), "{language:?}");
            for label in Label::ALL {
                let length = voice.label(*language, *label).chars().count();
                assert!(
                    length <= label.most(),
                    "{language:?} {} is {length}",
                    label.key()
                );
            }
        }
    }
}
