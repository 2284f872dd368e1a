//! Text as the verifier reads it: lower-case words, sentence by sentence.
//!
//! Marks of Indian scripts belong to their words, and nothing that cannot be seen does:
//! what is hidden between two letters must not hide a word.

/// Says whether a character is part of a word in a script people write to us in.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{0900}'..='\u{0dff}')
}

/// Returns the words of a text, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c| !is_word(c));
    parts
        .filter(|part| !part.is_empty() && !part.chars().all(|c| matches!(c, '।' | '॥')))
        .map(|part| part.trim_matches(['।', '॥']).to_owned())
        .collect()
}

/// Returns the sentences of a text.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '?', '!', '\n', '।', '॥', ';'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

/// Phrases, one a line. `*` stands for up to three words, a word that ends in `~` for every
/// word that begins so.
#[derive(Debug)]
pub(super) struct Phrases(Vec<Vec<Part>>);

#[derive(Debug)]
enum Part {
    Word(String),
    Beginning(String),
    Gap,
}

impl Phrases {
    /// Reads a list; lines that begin with `#` say something about it.
    pub(super) fn read(list: &str) -> Self {
        let lines = list.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let part = |word: &str| match (word, word.strip_suffix('~')) {
            ("*", _) => Part::Gap,
            (_, Some(beginning)) => Part::Beginning(beginning.to_lowercase()),
            _ => Part::Word(word.to_lowercase()),
        };
        Self(
            lines
                .map(|line| line.split_whitespace().map(part).collect())
                .collect(),
        )
    }

    /// Returns where the first phrase found begins and ends, in words.
    pub(super) fn find(&self, words: &[String]) -> Option<(usize, usize)> {
        (0..words.len()).find_map(|at| {
            let ends = self
                .0
                .iter()
                .filter_map(|phrase| matches(phrase, words, at));
            ends.max().map(|end| (at, end))
        })
    }

    /// Says whether the words begin with one of the phrases.
    pub(super) fn begins(&self, words: &[String]) -> bool {
        self.0
            .iter()
            .any(|phrase| matches(phrase, words, 0).is_some())
    }
}

fn matches(phrase: &[Part], words: &[String], at: usize) -> Option<usize> {
    let Some((first, rest)) = phrase.split_first() else {
        return Some(at);
    };
    match first {
        Part::Gap => (0..=3).find_map(|skip| matches(rest, words, at + skip)),
        Part::Word(word) => (words.get(at)? == word).then(|| matches(rest, words, at + 1))?,
        Part::Beginning(start) => words
            .get(at)?
            .starts_with(start.as_str())
            .then(|| matches(rest, words, at + 1))?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_indian_scripts_stay_whole() {
        assert_eq!(
            words("निवेश करें। Sold, isn't it?"),
            ["निवेश", "करें", "sold", "isn", "t", "it"]
        );
        let found: Vec<_> = sentences("A b. C\nd। e").collect();
        assert_eq!(found, ["A b", "C", "d", "e"]);
    }

    #[test]
    fn phrases_match_words_beginnings_and_gaps() {
        let phrases = Phrases::read("# a list\nwill * rise\nrecommend~\nno risk");
        let find = |text: &str| phrases.find(&words(text));
        assert_eq!(find("it will surely soon rise"), Some((1, 5)));
        assert_eq!(find("it will one two three four rise"), None);
        assert_eq!(find("Recommended by us"), Some((0, 1)));
        assert_eq!(find("No, risk"), Some((0, 2)));
        assert!(phrases.begins(&words("no risk here")) && !phrases.begins(&words("with no risk")));
    }
}
