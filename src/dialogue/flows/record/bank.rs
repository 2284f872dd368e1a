//! A bank account: its number, the number again, and the branch.

use serde::{Deserialize, Serialize};

use super::super::super::scene::{Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::normalise;
use super::ask::{Ask, Next};
use crate::people::{AccountNumber, Change, Ifsc, Investor, NewBank};

/// What was said of an account so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its number.
    pub number: Option<AccountNumber>,
    /// Whether the number was written a second time, and is the same.
    pub is_repeated: bool,
}

impl Draft {
    pub(super) fn question(
        &self,
        scene: &Scene<'_>,
        investor: &Investor,
        again: bool,
    ) -> anyhow::Result<Say> {
        let masked = self.number.as_ref().map(AccountNumber::masked);
        let (part, about) = match (&masked, self.is_repeated) {
            (None, _) => ("bank_number", investor.name.as_deref()),
            (Some(_), false) => ("bank_repeat", None),
            (Some(masked), true) => ("bank_ifsc", Some(masked.as_str())),
        };
        Ok(Say::talk(scene.say(&Text::RecordAsk {
            part,
            about,
            again,
        })?))
    }

    pub(super) fn hear(&self, investor: &Investor, words: &str) -> Next {
        match (&self.number, self.is_repeated) {
            (None, _) => match number(words) {
                Some(number) => Next::Ask(Ask::Bank(Self {
                    number: Some(number),
                    is_repeated: false,
                })),
                None => Next::Again,
            },
            (Some(first), false) => match number(words) {
                Some(second) if second == *first => Next::Ask(Ask::Bank(Self {
                    is_repeated: true,
                    ..self.clone()
                })),
                Some(_) => Next::Refused("bank_repeat", Ask::Bank(Self::default())),
                None => Next::Again,
            },
            (Some(number), true) => {
                let holder = investor.name.as_deref().unwrap_or_default();
                let bank = ifsc(words)
                    .and_then(|ifsc| NewBank::parse(number.as_str(), ifsc.as_str(), holder).ok());
                bank.map_or(Next::Again, |bank| Next::record(Change::Bank(bank)))
            }
        }
    }
}

/// Returns the one account number of a text, spaces and hyphens inside it left out.
fn number(words: &str) -> Option<AccountNumber> {
    let plain: String = normalise::text(words)
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    let mut found = plain
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|run| AccountNumber::parse(run).ok());
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn ifsc(words: &str) -> Option<Ifsc> {
    let mut pieces = words.split(|c: char| !c.is_ascii_alphanumeric());
    pieces.find_map(|piece| Ifsc::parse(piece).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_number_and_a_branch_are_found_in_what_people_write() {
        let read = |words| number(words).map(|number| number.as_str().to_owned());
        assert_eq!(read("5010 0123 4567").as_deref(), Some("501001234567"));
        assert_eq!(read("a/c no 501001234567").as_deref(), Some("501001234567"));
        assert_eq!(read("५०१००१२३४५६७").as_deref(), Some("501001234567"));
        assert_eq!(read("12345"), None);
        assert_eq!(read("501001234567 or x 601001234567"), None);
        let branch = ifsc("ifsc: hdfc0001234");
        assert_eq!(branch.as_ref().map(Ifsc::as_str), Some("HDFC0001234"));
        assert_eq!(ifsc("HDFC1001234"), None);
    }
}
