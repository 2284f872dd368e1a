//! Cuts a message into words, and remembers where each stood and in which clause.

use super::normalise;

/// A word of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In lower case and one kind of digits; spelled as in the lexicon once corrected.
    pub text: String,
    /// Where it stands in the message as typed.
    pub from: usize,
    /// Where it ends there.
    pub to: usize,
    /// Which clause it belongs to: commas and full stops part clauses.
    pub clause: usize,
    /// Whether it was typed as it stands here.
    pub exact: bool,
}

/// Returns the words of a message: letters and digits together, and the signs that speak.
pub fn read(raw: &str) -> Vec<Word> {
    let mut reader = Reader::default();
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let Some(plain) = normalise::plain(c) else {
            continue;
        };
        if normalise::is_part_of_word(plain) {
            reader.push(plain, at, at + c.len_utf8());
            continue;
        }
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_numeric());
        let in_number = matches!(plain, '.' | ',') && next_is_digit && reader.in_number();
        if in_number {
            reader.push(plain, at, at + c.len_utf8());
            continue;
        }
        reader.end_word();
        if let Some(spoken) = normalise::spoken_sign(plain) {
            reader.word(spoken.to_owned(), at, at + c.len_utf8());
        }
        if is_pause(plain) {
            reader.clause += 1;
        }
    }
    reader.end_word();
    reader.words
}

fn is_pause(c: char) -> bool {
    matches!(
        c,
        ',' | '.' | ';' | ':' | '!' | '?' | '\n' | '।' | '(' | ')' | '-'
    )
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    text: String,
    from: usize,
    to: usize,
    clause: usize,
}

impl Reader {
    fn push(&mut self, c: char, from: usize, to: usize) {
        if self.text.is_empty() {
            self.from = from;
        }
        self.text.extend(c.to_lowercase());
        self.to = to;
    }

    fn in_number(&self) -> bool {
        self.text.ends_with(|c: char| c.is_ascii_digit())
    }

    fn end_word(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.word(text, self.from, self.to);
        }
    }

    fn word(&mut self, text: String, from: usize, to: usize) {
        self.words.push(Word {
            text,
            from,
            to,
            clause: self.clause,
            exact: true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_place_and_their_clause() {
        let raw = "No, DON’T pay ₹1,00,000.50 (हिंदी)";
        let words = read(raw);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["no", "dont", "pay", "1,00,000.50", "हिंदी"]);
        assert_eq!(&raw[words[1].from..words[1].to], "DON’T");
        assert!(words[0].clause < words[1].clause);
        assert_eq!(words[1].clause, words[3].clause);
    }
}
