//! What the tools of one turn have found: what the model is told of it, and what the person
//! is shown.
//!
//! The model gets slots with their meaning and never a figure. What is shown in a slot's
//! place says itself what it is, of which fund and of which day.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::grounding::Slots;
use crate::investing::disclosures::Subject;
use crate::language::Language;

static LABELS: LazyLock<[HashMap<&'static str, &'static str>; 3]> = LazyLock::new(|| {
    [
        include_str!("../../templates/en/assistant_labels.txt"),
        include_str!("../../templates/hi/assistant_labels.txt"),
        include_str!("../../templates/hinglish/assistant_labels.txt"),
    ]
    .map(|source| {
        let lines = source.lines().filter_map(|line| line.split_once('='));
        lines.map(|(key, text)| (key.trim(), text.trim())).collect()
    })
});

/// What was found so far.
#[derive(Debug, Clone)]
pub struct Facts {
    language: Language,
    slots: Slots,
    /// What the facts are about; decides the required texts.
    about: About,
}

/// What the facts of a turn are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct About {
    /// A scheme or several.
    pub scheme: bool,
    /// A gain or a rate of return.
    pub returns: bool,
    /// A sum at an assumed rate, percent per year.
    pub rate: Option<Decimal>,
}

impl Facts {
    /// Returns an empty book for answers in a language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            slots: Slots::new(),
            about: About::default(),
        }
    }

    /// Returns what is to be shown, by slot.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Returns what decides the required texts.
    pub fn subject(&self) -> Subject {
        Subject::Assisted {
            shows_scheme: self.about.scheme,
            shows_return: self.about.returns,
            rate: self.about.rate,
        }
    }

    pub(super) fn about(&mut self) -> &mut About {
        &mut self.about
    }

    /// Returns a label in the language of the answer.
    pub(super) fn label(&self, key: &str) -> &'static str {
        let at = Language::ALL
            .iter()
            .position(|other| *other == self.language);
        at.and_then(|at| LABELS[at].get(key).copied())
            .unwrap_or("·")
    }

    /// Keeps a figure of a fund, or of nobody's in particular, and returns what the model is
    /// told: its slot and what it means.
    pub(super) fn figure(&mut self, key: &str, of: Option<&str>, figure: &str) -> Value {
        let label = self.label(key);
        let shown = match of {
            Some(name) => format!("{name}: {label} {figure}"),
            None => format!("{label} {figure}"),
        };
        json!({ "slot": self.keep('f', shown), "means": key.replace(['.', '_'], " ") })
    }

    /// Keeps a name and returns what the model is told: its slot and the name's letters.
    pub(super) fn name(&mut self, name: &str) -> Value {
        let shown = name.to_owned();
        json!({ "slot": self.keep('n', shown), "name": name })
    }

    fn keep(&mut self, kind: char, shown: String) -> String {
        let known = self.slots.iter().find(|(_, text)| **text == shown);
        let slot = known.map(|(slot, _)| slot.clone());
        let slot = slot.unwrap_or_else(|| {
            let slot = format!("{kind}{}", self.slots.len() + 1);
            self.slots.insert(slot.clone(), shown);
            slot
        });
        format!("{{{{{slot}}}}}")
    }
}

/// Says whether a slot is that of a fund's name.
pub(super) fn is_name(slot: &str) -> bool {
    let number = slot.strip_prefix('n').unwrap_or_default();
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_labels_are_the_same_set_in_every_language_and_say_no_figure() {
        let keys = |at: usize| LABELS[at].keys().copied().collect::<BTreeSet<_>>();
        assert!(keys(0) == keys(1) && keys(0) == keys(2), "{:?}", keys(0));
        for labels in LABELS.iter() {
            for text in labels.values() {
                assert!(
                    !text.is_empty() && !text.chars().any(char::is_numeric),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_figure_says_itself_what_it_is_and_the_model_does_not_see_it() {
        let mut facts = Facts::new(Language::En);
        let told = facts.figure("holding.value", Some("A Fund"), "₹12.00 (21-Aug-2026)");
        assert!(!told.to_string().contains("12"), "{told}");
        assert_eq!(
            facts.slots()["f1"],
            "A Fund: current value ₹12.00 (21-Aug-2026)"
        );
        assert_eq!(
            facts.figure("holding.value", Some("A Fund"), "₹12.00 (21-Aug-2026)"),
            told
        );
        assert_eq!(Facts::new(Language::Hi).label("holding.value"), "मौजूदा मूल्य");
    }
}
