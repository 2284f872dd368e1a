//! Who inherits: nominees and their shares, or the investor's word that there are none.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::investor::is_minor;

/// Somebody who is to inherit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nominee {
    /// Name.
    pub name: String,
    /// What they are to the investor (`spouse`, `daughter`).
    pub relationship: String,
    /// Share in percent.
    pub share: u8,
    /// Needed of a minor.
    pub date_of_birth: Option<Date>,
    /// Who acts for a minor.
    pub guardian: Option<String>,
}

/// A nominee as the investor gives it: the share may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNominee {
    /// Name.
    pub name: String,
    /// What they are to the investor.
    pub relationship: String,
    /// Share in percent; all give one, or none does.
    pub share: Option<u8>,
    /// Date of birth, needed of a minor.
    pub date_of_birth: Option<Date>,
    /// Who acts for a minor.
    pub guardian: Option<String>,
}

/// What an investor said about nominees. Saying nothing is not opting out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "nomination", rename_all = "snake_case")]
pub enum Nomination {
    /// Nothing yet.
    #[default]
    NotSaid,
    /// In so many words: nobody.
    OptedOut,
    /// These; their shares make a hundred.
    Nominees {
        /// At least one.
        nominees: Vec<Nominee>,
    },
}

/// Why nominees cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NomineeFault {
    /// None at all: that is opting out, to be said in so many words.
    #[error("no nominee is named")]
    None,
    /// More than the rules allow.
    #[error("there may be at most {limit} nominees")]
    TooMany {
        /// At most.
        limit: usize,
    },
    /// A name or a relationship is missing.
    #[error("nominee {at} needs a name and a relationship")]
    Incomplete {
        /// Counted from 1.
        at: usize,
    },
    /// The same name twice.
    #[error("nominee {at} is named twice")]
    Twice {
        /// Counted from 1.
        at: usize,
    },
    /// Some shares are given and some are not.
    #[error("either every nominee has a share or none has")]
    SomeShares,
    /// A share of nothing.
    #[error("nominee {at} has no share")]
    NoShare {
        /// Counted from 1.
        at: usize,
    },
    /// The shares do not make a hundred.
    #[error("the shares make {total} and not 100 percent")]
    Total {
        /// What they make.
        total: u32,
    },
    /// A minor without somebody to act for them.
    #[error("nominee {at} is a minor and needs a guardian")]
    Guardian {
        /// Counted from 1.
        at: usize,
    },
}

impl Nomination {
    /// Takes nominees, at most `limit`. Where no share is given, each gets the same and
    /// the first what is left over.
    pub fn of(new: &[NewNominee], limit: usize, today: Date) -> Result<Self, NomineeFault> {
        if new.is_empty() {
            return Err(NomineeFault::None);
        }
        if new.len() > limit {
            return Err(NomineeFault::TooMany { limit });
        }
        let shares = shares(new)?;
        let mut nominees: Vec<Nominee> = Vec::with_capacity(new.len());
        for (index, (given, share)) in new.iter().zip(shares).enumerate() {
            let at = index + 1;
            let name = given.name.split_whitespace().collect::<Vec<_>>().join(" ");
            let relationship = given.relationship.trim().to_owned();
            if name.is_empty() || relationship.is_empty() {
                return Err(NomineeFault::Incomplete { at });
            }
            let is_same = |other: &Nominee| other.name.eq_ignore_ascii_case(&name);
            if nominees.iter().any(is_same) {
                return Err(NomineeFault::Twice { at });
            }
            let guardian = given.guardian.as_deref().map(str::trim);
            let guardian = guardian.filter(|name| !name.is_empty());
            let needs_guardian = given
                .date_of_birth
                .is_some_and(|born| is_minor(born, today));
            if needs_guardian && guardian.is_none() {
                return Err(NomineeFault::Guardian { at });
            }
            nominees.push(Nominee {
                name,
                relationship,
                share,
                date_of_birth: given.date_of_birth,
                guardian: guardian.map(str::to_owned),
            });
        }
        Ok(Self::Nominees { nominees })
    }

    /// Returns whether a new folio may be opened on it.
    pub fn is_settled(&self) -> bool {
        *self != Self::NotSaid
    }

    /// Returns who is to inherit; nobody where the investor opted out or said nothing.
    pub fn nominees(&self) -> &[Nominee] {
        match self {
            Self::NotSaid | Self::OptedOut => &[],
            Self::Nominees { nominees } => nominees,
        }
    }
}

fn shares(new: &[NewNominee]) -> Result<Vec<u8>, NomineeFault> {
    let given: Vec<u8> = new.iter().filter_map(|nominee| nominee.share).collect();
    if given.is_empty() {
        return Ok(equal_shares(new.len()));
    }
    if given.len() < new.len() {
        return Err(NomineeFault::SomeShares);
    }
    if let Some(index) = given.iter().position(|share| *share == 0) {
        return Err(NomineeFault::NoShare { at: index + 1 });
    }
    let total = given.iter().map(|share| u32::from(*share)).sum();
    if total != 100 {
        return Err(NomineeFault::Total { total });
    }
    Ok(given)
}

fn equal_shares(count: usize) -> Vec<u8> {
    let count = u8::try_from(count).unwrap_or(u8::MAX).max(1);
    let each = 100 / count;
    let mut shares = vec![each; usize::from(count)];
    shares[0] += 100 - each * count;
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 8, 24);

    fn nominee(name: &str, share: Option<u8>) -> NewNominee {
        NewNominee {
            name: name.to_owned(),
            relationship: "sibling".to_owned(),
            share,
            date_of_birth: None,
            guardian: None,
        }
    }

    fn taken(new: &[NewNominee]) -> Result<Vec<u8>, NomineeFault> {
        let nomination = Nomination::of(new, 3, TODAY)?;
        Ok(nomination.nominees().iter().map(|one| one.share).collect())
    }

    #[test]
    fn shares_left_out_are_equal_and_the_first_gets_the_odd_lot() {
        let new = |n: usize| -> Vec<_> {
            ["A", "B", "C"][..n]
                .iter()
                .map(|x| nominee(x, None))
                .collect()
        };
        assert_eq!(taken(&new(1)), Ok(vec![100]));
        assert_eq!(taken(&new(2)), Ok(vec![50, 50]));
        assert_eq!(taken(&new(3)), Ok(vec![34, 33, 33]));
    }

    #[test]
    fn what_is_not_a_whole_nomination_is_refused_by_name() {
        let two = |a, b| taken(&[nominee("A", a), nominee("B", b)]);
        assert_eq!(two(Some(60), Some(40)), Ok(vec![60, 40]));
        assert_eq!(
            two(Some(60), Some(41)),
            Err(NomineeFault::Total { total: 101 })
        );
        assert_eq!(
            two(Some(255), Some(255)),
            Err(NomineeFault::Total { total: 510 })
        );
        assert_eq!(
            two(Some(100), Some(0)),
            Err(NomineeFault::NoShare { at: 2 })
        );
        assert_eq!(two(Some(100), None), Err(NomineeFault::SomeShares));
        assert_eq!(taken(&[]), Err(NomineeFault::None));
        let twice = [nominee("Ravi  Rao", None), nominee("RAVI RAO", None)];
        assert_eq!(taken(&twice), Err(NomineeFault::Twice { at: 2 }));
        let four = ["A", "B", "C", "D"].map(|name| nominee(name, None));
        assert_eq!(taken(&four), Err(NomineeFault::TooMany { limit: 3 }));
        assert!(
            Nomination::of(&four, 10, TODAY).is_ok(),
            "the limit is a setting"
        );
        assert_eq!(
            taken(&[nominee(" ", None)]),
            Err(NomineeFault::Incomplete { at: 1 })
        );
    }

    #[test]
    fn a_minor_needs_somebody_who_acts_for_them() {
        let mut child = nominee("Mira", None);
        child.date_of_birth = Some(date(2008, 8, 25));
        assert_eq!(
            taken(std::slice::from_ref(&child)),
            Err(NomineeFault::Guardian { at: 1 })
        );
        child.guardian = Some("Ravi".to_owned());
        assert_eq!(taken(std::slice::from_ref(&child)), Ok(vec![100]));
        child.guardian = None;
        child.date_of_birth = Some(date(2008, 8, 24));
        assert_eq!(taken(&[child]), Ok(vec![100]), "eighteen today");
    }

    #[test]
    fn saying_nothing_is_not_opting_out() {
        assert!(!Nomination::default().is_settled());
        assert!(Nomination::OptedOut.is_settled());
    }

    proptest! {
        #[test]
        fn equal_shares_always_make_a_hundred(count in 1_usize..=100) {
            let shares = equal_shares(count);
            prop_assert_eq!(shares.iter().map(|s| u32::from(*s)).sum::<u32>(), 100);
            prop_assert!(shares.iter().all(|share| *share >= 1 && *share <= shares[0]));
        }
    }
}
