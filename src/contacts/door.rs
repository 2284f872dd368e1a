//! By which door somebody came. An advertisement says so itself; a link fills in words that
//! end in a mark, which its maker chose: `https://wa.me/919812345678?text=Hi%20(ref%20SHOP-12)`.
//!
//! The mark is for the record only. Whoever comes by a link is met as if they had typed the
//! words before it.

/// Longest mark.
const LONGEST: usize = 32;

/// Returns the words somebody wrote, without the mark of a link.
pub fn words(text: &str) -> &str {
    parts(text).0
}

/// Returns the mark of the link somebody came by, as it is kept: `link:SHOP-12`.
pub fn link(text: &str) -> Option<String> {
    parts(text).1.map(|mark| format!("link:{mark}"))
}

fn parts(text: &str) -> (&str, Option<&str>) {
    marked(text).map_or((text, None), |(words, mark)| (words, Some(mark)))
}

fn marked(text: &str) -> Option<(&str, &str)> {
    let (words, last) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let (kind, mark) = last.split_once([' ', ':'])?;
    let mark = mark.trim();
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_mark = (1..=LONGEST).contains(&mark.len()) && mark.chars().all(is_sign);
    (kind.eq_ignore_ascii_case("ref") && is_mark).then(|| (words.trim_end(), mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_link_is_kept_and_not_read_as_words() {
        for (text, said, kept) in [
            ("Hi (ref SHOP-12)", "Hi", "link:SHOP-12"),
            (
                "खाता खोलना है (Ref: diwali_26) ",
                "खाता खोलना है",
                "link:diwali_26",
            ),
            ("(ref a1)", "", "link:a1"),
        ] {
            assert_eq!((words(text), link(text).as_deref()), (said, Some(kept)));
        }
    }

    #[test]
    fn other_words_in_brackets_are_words() {
        for text in [
            "hi",
            "sip of 5000 (monthly)",
            "what is ref 12",
            "hi (ref two words)",
            "hi (ref )",
            "(ref a1) hi",
            "hi (ref 012345678901234567890123456789012)",
        ] {
            assert_eq!((words(text), link(text)), (text, None));
        }
    }
}
