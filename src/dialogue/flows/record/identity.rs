//! Name, e-mail address, PAN and date of birth.

use jiff::civil::Date;

use super::super::super::scene::{Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::Slots;
use super::ask::{Ask, Next};
use crate::people::{BelongsTo, Change, Pan, PanFault, Reachable, Refusal, check_birth};

const MOST_WORDS: usize = 7;

pub(super) fn question(scene: &Scene<'_>, part: &'static str, again: bool) -> anyhow::Result<Say> {
    Ok(Say::talk(scene.say(&Text::RecordAsk {
        part,
        about: None,
        again,
    })?))
}

/// A name is words of letters; whether it is the one on the PAN, the agencies say.
pub(super) fn name(words: &str) -> Next {
    match person(words) {
        Some(name) => Next::record(Change::Name(name)),
        None => Next::Again,
    }
}

/// Reads the name of a person.
pub(super) fn person(words: &str) -> Option<String> {
    let name = words.split_whitespace().collect::<Vec<_>>();
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-') || is_sign(c);
    let fits = (1..=MOST_WORDS).contains(&name.len())
        && name.iter().all(|word| word.chars().all(is_part))
        && words.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    fits.then(|| name.join(" "))
}

/// Vowel signs of Devanagari are no letters to Unicode.
fn is_sign(c: char) -> bool {
    ('\u{0900}'..='\u{0963}').contains(&c)
}

pub(super) fn email(slots: &Slots) -> Next {
    let read = slots.email.as_deref();
    let read = read.and_then(|text| Reachable::email(text, BelongsTo::Myself).ok());
    read.map_or(Next::Again, |email| Next::record(Change::Email(email)))
}

pub(super) fn pan(slots: &Slots) -> Next {
    let Some(text) = slots.pan.as_deref() else {
        return Next::Again;
    };
    match Pan::parse(text) {
        Ok(pan) => Next::record(Change::Pan(pan)),
        Err(PanFault::Shape) => Next::Again,
        Err(PanFault::NotServed(_)) => Next::Refused("pan_not_person", Ask::Pan),
    }
}

pub(super) fn born(slots: &Slots, today: Date) -> Next {
    let Some(born) = slots.date else {
        return Next::Again;
    };
    match check_birth(born, today) {
        Ok(()) => Next::record(Change::DateOfBirth(born)),
        Err(Refusal::Minor) => Next::Refused("minor", Ask::Born),
        Err(_) => Next::Refused("birth", Ask::Born),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_of_letters() {
        for name in ["Asha Demo", "K. Ravi", "मीना  कुमारी", "D'Souza"] {
            assert!(person(name).is_some(), "{name}");
        }
        assert_eq!(person(" Asha   Demo ").as_deref(), Some("Asha Demo"));
        for none in [
            "",
            "A",
            "asha@example.in",
            "12",
            "one two three four five six seven eight",
            "😊",
        ] {
            assert_eq!(person(none), None, "{none}");
        }
    }
}
