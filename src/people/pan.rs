//! Permanent account numbers by the rule, and who they say their holder is.
//!
//! `AAAPA0000A`: three letters, one for the kind of holder, one of the surname, four
//! digits, one letter. There is no public check digit.

use std::fmt;

/// A PAN of a person. It cannot hold anything else, and never shows itself in a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pan(String);

/// Who holds a PAN, by its fourth letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderKind {
    /// A person.
    Individual,
    /// A Hindu undivided family.
    Huf,
    /// A company.
    Company,
    /// A firm or LLP.
    Firm,
    /// An association of persons.
    Association,
    /// A trust.
    Trust,
    /// A body of individuals.
    Body,
    /// A local authority.
    LocalAuthority,
    /// An artificial juridical person.
    JuridicalPerson,
    /// A government.
    Government,
}

/// Why a text is no PAN we can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PanFault {
    /// Not of the form.
    #[error("a PAN is five letters, four digits and a letter")]
    Shape,
    /// A PAN, of somebody we cannot serve yet.
    #[error("this PAN is not a person's ({0:?}); only persons can be served yet")]
    NotServed(HolderKind),
}

impl Pan {
    /// Reads a PAN as people write it: spaces around it and small letters are forgiven.
    pub fn parse(text: &str) -> Result<Self, PanFault> {
        let text = text.trim().to_ascii_uppercase();
        let bytes = text.as_bytes();
        let is_letter = |at: usize| bytes[at].is_ascii_uppercase();
        let is_of_form = bytes.len() == 10
            && (0..5).chain([9]).all(is_letter)
            && (5..9).all(|at| bytes[at].is_ascii_digit());
        if !is_of_form {
            return Err(PanFault::Shape);
        }
        match kind_of(bytes[3]).ok_or(PanFault::Shape)? {
            HolderKind::Individual => Ok(Self(text)),
            other => Err(PanFault::NotServed(other)),
        }
    }

    /// Returns the number itself, for the exchange and for the blind index.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what may be shown: `AAxxxxxx0A`.
    pub fn masked(&self) -> String {
        masked_pan(&self.0)
    }

    /// Returns whether the fifth letter is the first of the surname, which is a hint
    /// and no proof: names on PANs are older than marriages and spellings.
    pub fn fits_name(&self, name: &str) -> bool {
        let initial = self.0.as_bytes()[4];
        let mut words = name.split_whitespace();
        words.any(|word| word.as_bytes().first().map(u8::to_ascii_uppercase) == Some(initial))
    }
}

/// Returns what may be shown of a PAN, well formed or not: its first two characters and its
/// last two.
pub fn masked_pan(pan: &str) -> String {
    let length = pan.chars().count();
    let shown = |at: usize| at < 2 || at + 2 >= length;
    let each = pan.chars().enumerate();
    each.map(|(at, c)| if shown(at) { c } else { 'x' })
        .collect()
}

fn kind_of(letter: u8) -> Option<HolderKind> {
    Some(match letter {
        b'P' => HolderKind::Individual,
        b'H' => HolderKind::Huf,
        b'C' => HolderKind::Company,
        b'F' => HolderKind::Firm,
        b'A' => HolderKind::Association,
        b'T' => HolderKind::Trust,
        b'B' => HolderKind::Body,
        b'L' => HolderKind::LocalAuthority,
        b'J' => HolderKind::JuridicalPerson,
        b'G' => HolderKind::Government,
        _ => return None,
    })
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pan(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_persons_pan_is_taken_as_people_write_it() {
        for text in ["AAAPA0000A", " aaapa0000a ", "BNZPM2501F"] {
            let pan = Pan::parse(text).unwrap();
            assert_eq!(pan.as_str(), text.trim().to_ascii_uppercase());
        }
    }

    #[test]
    fn families_and_companies_are_told_apart_from_mistakes() {
        let kind = |text| match Pan::parse(text) {
            Err(PanFault::NotServed(kind)) => Some(kind),
            _ => None,
        };
        assert_eq!(kind("AAAHA0000A"), Some(HolderKind::Huf));
        assert_eq!(kind("AAACA0000A"), Some(HolderKind::Company));
        for text in [
            "AAAXA0000A",
            "AAAPA000A",
            "AAAPA00000A",
            "AAAP A0000A",
            "1AAPA0000A",
            "AAAPAO000A",
            "AAAPA0000\u{0967}",
            "",
        ] {
            assert_eq!(Pan::parse(text), Err(PanFault::Shape), "{text}");
        }
    }

    #[test]
    fn a_pan_shows_itself_to_nobody_by_accident() {
        let pan = Pan::parse("BNZPM2501F").unwrap();
        assert!(!format!("{pan:?}").contains("2501"));
        assert_eq!(pan.masked(), "BNxxxxxx1F");
        assert!(pan.fits_name("Asha Mehta") && !pan.fits_name("Ravi Verma"));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_has_the_form(text in "\\PC{0,14}") {
            if let Ok(pan) = Pan::parse(&text) {
                prop_assert_eq!(pan.as_str().len(), 10);
                prop_assert_eq!(pan.as_str().as_bytes()[3], b'P');
            }
        }

        #[test]
        fn every_pan_of_the_form_is_taken(text in "[A-Z]{3}P[A-Z][0-9]{4}[A-Z]") {
            prop_assert!(Pan::parse(&text).is_ok());
        }
    }
}
