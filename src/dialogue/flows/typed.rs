//! What is typed where a button was offered: its words, or enough of them.

use super::super::labels::Label;
use super::super::scene::Scene;
use super::super::understanding::plain_words;
use crate::language::Language;

/// Shorter words say too little to stand for a whole label.
const LEAST_LETTERS: usize = 3;

/// Returns what was offered under the label that was typed, in whichever language: all of
/// its words are there, or some that no other label has.
pub(super) fn chosen<T: Copy>(scene: &Scene<'_>, typed: &str, offered: &[(Label, T)]) -> Option<T> {
    let typed = plain_words(typed);
    let matches = |fits: &dyn Fn(&[String]) -> bool| {
        let fitting = offered.iter().filter(|(label, _)| {
            let mut named = Language::ALL.into_iter();
            named.any(|language| fits(&plain_words(scene.voice.label(language, *label))))
        });
        let mut values = fitting.map(|(_, value)| *value);
        let first = values.next()?;
        values.next().is_none().then_some(first)
    };
    let is_there = |word: &String| typed.contains(word);
    let whole = matches(&|label: &[String]| label.iter().all(is_there));
    whole.or_else(|| {
        matches(&|label: &[String]| {
            let telling = |word: &&String| word.chars().count() >= LEAST_LETTERS;
            !typed.is_empty()
                && typed.iter().all(|word| label.contains(word))
                && typed.iter().any(|word| telling(&word))
        })
    })
}

/// Returns what was offered under the name that was typed: the name and nothing else, or,
/// where not the whole name is asked for, some telling words of it and nothing else. What
/// stands for two things stands for none.
pub(super) fn named<T: Copy + PartialEq>(
    typed: &str,
    offered: &[(String, T)],
    in_full: bool,
) -> Option<T> {
    let said = own_words(typed);
    if said.is_empty() {
        return None;
    }
    let only = |fits: &dyn Fn(&[String]) -> bool| {
        let fitting = offered.iter().filter(|(name, _)| fits(&own_words(name)));
        let mut values = fitting.map(|(_, value)| *value);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first)
    };
    let whole = only(&|name: &[String]| name == said);
    if whole.is_some() || in_full || asks(typed) {
        return whole;
    }
    only(&|name: &[String]| {
        said.iter().all(|word| name.contains(word))
            && said
                .iter()
                .any(|word| word.chars().count() >= LEAST_LETTERS)
    })
}

/// Returns the words without those that change nothing: "she is my wife".
fn own_words(text: &str) -> Vec<String> {
    let mut words = plain_words(text);
    let beside = |word: &String| BESIDE.iter().any(|known| plain_words(known).contains(word));
    words.retain(|word| !beside(word));
    words
}

#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "i", "am", "is", "are", "he", "she", "it", "my", "mine", "the", "a", "an", "please", "ji", "wo", "woh", "ye", "yeh",
    "meri", "mera", "mere", "main", "hai", "hain", "hoon", "hu", "वह", "वो", "यह", "मेरी", "मेरा", "मेरे", "मैं", "है", "हैं", "हूँ", "जी",
];

/// Begins a question, in any language it is asked in.
#[rustfmt::skip]
const ASKING: [&str; 20] = [
    "what", "why", "how", "when", "which", "where", "who", "can", "is", "does", "kya", "kyu",
    "kyun", "kaise", "kab", "kaun", "matlab", "क्या", "क्यों", "मतलब",
];

/// Says whether it reads as a question and not as an answer.
pub(in super::super) fn asks(typed: &str) -> bool {
    typed.trim_end().ends_with('?') || says(typed, &ASKING)
}

/// Says whether one of these words was typed.
pub(super) fn says(typed: &str, any: &[&str]) -> bool {
    let typed = plain_words(typed);
    typed.iter().any(|word| any.contains(&word.as_str()))
}
