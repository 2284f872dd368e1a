//! Making words fit: labels are shortened, long answers become several.
//!
//! Meta counts code points; people see letters with their signs, emoji of several parts.
//! So the limits are counted in the one and the cuts are made between the others. A
//! number is never cut: half an amount is another amount.

use unicode_segmentation::UnicodeSegmentation as _;

/// Shows that something was left out.
const ELLIPSIS: char = '…';
/// A better kind of cut is taken if it leaves at least this part of a piece, of so many.
const WORTHWHILE: (usize, usize) = (1, 4);

/// What stands before a number and belongs to it.
const SIGNS: [&str; 4] = ["₹", "Rs.", "Rs", "INR"];
/// What stands behind a number and belongs to it.
const UNITS: [&str; 9] = [
    "%",
    "lakh",
    "lakhs",
    "crore",
    "crores",
    "thousand",
    "लाख",
    "करोड़",
    "हज़ार",
];

/// Returns the text in at most `most` characters, ending in `…` if something was left out.
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else {
        return String::new();
    };
    let mut kept = text[..end_of_graphemes(text, room)].trim_end().to_owned();
    kept.push(ELLIPSIS);
    kept
}

/// Splits a text into pieces of at most `most` characters: at paragraphs if there are any
/// near enough, else at lines, sentences, words, and only then between letters.
pub fn split(text: &str, most: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = piece(rest, most.max(1));
        let (piece, after) = rest.split_at(end);
        pieces.push(piece.trim_end().to_owned());
        rest = after.trim_start();
    }
    pieces
}

/// Returns where the first piece ends, in bytes.
fn piece(text: &str, most: usize) -> usize {
    let Some((limit, _)) = text.char_indices().nth(most) else {
        return text.len();
    };
    let least = limit * WORTHWHILE.0 / WORTHWHILE.1;
    let cuts: [fn(&str, &str) -> bool; 4] = [
        |_, after| after.starts_with("\n\n"),
        |_, after| after.starts_with('\n'),
        ends_sentence,
        ends_word,
    ];
    let places = || {
        let starts = text.char_indices().map(|(at, _)| at);
        starts.take_while(|at| *at <= limit).filter(|at| *at > 0)
    };
    let at_best = cuts.iter().find_map(|cut| {
        let fits = |at: &usize| *at >= least && cut(&text[..*at], &text[*at..]);
        places().filter(fits).last()
    });
    at_best.unwrap_or_else(|| between_letters(text, most))
}

/// Returns whether a sentence ends here: by its mark, and not by the dot of an
/// abbreviation or of a numbered line.
fn ends_sentence(before: &str, after: &str) -> bool {
    let is_marked = before.ends_with(['.', '!', '?', '।', '॥']);
    if !is_marked || !after.starts_with(char::is_whitespace) {
        return false;
    }
    let next = after.trim_start().chars().next();
    let line = before.rsplit('\n').next().unwrap_or(before).trim();
    let is_count = line
        .strip_suffix('.')
        .is_some_and(|count| !count.is_empty() && count.chars().all(char::is_numeric));
    !is_count && !next.is_some_and(begins_number)
}

/// Returns whether a word ends here that is not half of an amount.
fn ends_word(before: &str, after: &str) -> bool {
    if !after.starts_with(char::is_whitespace) {
        return false;
    }
    let last = before.split_whitespace().next_back().unwrap_or("");
    let next = after.split_whitespace().next().unwrap_or("");
    let is_sign = SIGNS.contains(&last);
    let is_number = last.ends_with(char::is_numeric);
    let goes_on = next.starts_with(begins_number)
        || UNITS.contains(&next.trim_end_matches(['.', ',', '।', ')']));
    !(is_sign && next.starts_with(begins_number) || is_number && goes_on)
}

fn begins_number(c: char) -> bool {
    c.is_numeric() || c == '₹'
}

/// Returns the last place within `most` characters that is between letters, and not within
/// a number unless there is nothing else.
fn between_letters(text: &str, most: usize) -> usize {
    let end = end_of_graphemes(text, most);
    let in_number = |c: char| c.is_numeric() || matches!(c, '.' | ',' | '₹');
    let whole = text[..end].trim_end_matches(in_number);
    let is_cut = text[end..].starts_with(in_number) && !whole.is_empty();
    if is_cut {
        whole.len()
    } else {
        end.max(first(text))
    }
}

/// Returns the end of the last whole grapheme within `most` characters, in bytes.
fn end_of_graphemes(text: &str, most: usize) -> usize {
    let mut characters = 0;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        characters += grapheme.chars().count();
        if characters > most {
            break;
        }
        end += grapheme.len();
    }
    end
}

/// Returns the length of the first character: something has to be taken.
fn first(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_seen_as_one_letter_is_never_cut_apart() {
        let cases = [
            ("HDFC Flexi Cap Fund", 10, "HDFC Flex…"),
            ("पोर्टफोलियो", 11, "पोर्टफोलियो"),
            // The vowel sign belongs to its letter, and the conjunct stays together.
            ("पोर्टफोलियो", 7, "पोर्ट…"),
            ("नमस्ते जी", 5, "नम…"),
            ("Family 👨‍👩‍👧 plan", 10, "Family…"),
            ("India 🇮🇳 fund", 8, "India…"),
            ("cafe\u{301} au lait", 5, "caf…"),
            ("👍🏽👍🏽👍🏽", 4, "👍🏽…"),
            ("anything", 1, "…"),
            ("anything", 0, ""),
        ];
        for (text, most, expected) in cases {
            assert_eq!(shorten(text, most), expected, "{text} in {most}");
        }
    }

    #[test]
    fn a_long_text_is_split_where_one_would_draw_breath() {
        let cases: [(&str, usize, &[&str]); 8] = [
            ("short", 20, &["short"]),
            (
                "One thing.\n\nAnother thing.",
                20,
                &["One thing.", "Another thing."],
            ),
            (
                "First line\nsecond line",
                15,
                &["First line", "second line"],
            ),
            (
                "It went up. It went down.",
                16,
                &["It went up.", "It went down."],
            ),
            ("यह बढ़ा। यह घटा।", 10, &["यह बढ़ा।", "यह घटा।"]),
            (
                "You invest Rs. 5,000 a month.",
                16,
                &["You invest", "Rs. 5,000 a", "month."],
            ),
            ("1. Alpha\n2. Beta", 10, &["1. Alpha", "2. Beta"]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
        ];
        for (text, most, expected) in cases {
            assert_eq!(split(text, most), expected, "{text} in {most}");
        }
    }

    #[test]
    fn a_number_stays_whole_with_its_sign_and_unit() {
        for text in [
            "Your portfolio is worth ₹ 12,34,567.89 today",
            "It is ₹12,34,567.89 today and 14.2 % more",
            "worth 5 lakh more than before",
        ] {
            for most in 18..text.chars().count() {
                let pieces = split(text, most);
                for number in ["12,34,567.89", "14.2 %", "₹ 12,34,567.89", "5 lakh"] {
                    if text.contains(number) {
                        assert!(
                            pieces.iter().any(|piece| piece.contains(number)),
                            "{number} in {pieces:?}"
                        );
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost_and_every_piece_fits(
            text in "([a-zA-Zक-ह]{1,9}[ .\n]|[0-9,.]{1,7}|👨‍👩‍👧|\\PC){0,120}",
            most in 12_usize..80,
        ) {
            let pieces = split(&text, most);
            for piece in &pieces {
                prop_assert!(!piece.is_empty() && piece.chars().count() <= most, "{piece:?}");
            }
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&pieces.concat()), bare(&text));
        }

        #[test]
        fn what_is_shortened_fits_and_begins_as_it_did(text in "\\PC{0,60}", most in 1_usize..40) {
            let short = shorten(&text, most);
            prop_assert!(short.chars().count() <= most);
            if short != text {
                let kept = short.strip_suffix('…').expect("the cut is shown");
                prop_assert!(text.starts_with(kept));
                let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
                let is_end = |at: usize| ends.contains(&at) || at == text.len();
                let spaces = text[kept.len()..].len() - text[kept.len()..].trim_start().len();
                prop_assert!((0..=spaces).any(|n| is_end(kept.len() + n)));
            }
        }
    }
}
