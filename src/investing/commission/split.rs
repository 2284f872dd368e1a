//! Dividing money so that the parts are the whole, to the paisa, both ways.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::investing::money::Paise;

/// The whole, in basis points.
const WHOLE: u32 = 10_000;

/// One party's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Who (`distributor`, `sub_broker`, `platform`).
    pub party: String,
    /// How much of 10,000.
    pub basis_points: u32,
}

/// How one kind of commission is divided from a day on. The shares make the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    kind: String,
    from: Date,
    shares: Vec<Share>,
}

/// Why shares are no split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitFault {
    /// They do not make the whole.
    #[error("split `{kind}` from {from}: the shares make {total} and not 10000 basis points")]
    Total {
        /// Kind.
        kind: String,
        /// From when.
        from: Date,
        /// What they make.
        total: u64,
    },
    /// Somebody is named twice, or nobody.
    #[error("split `{kind}` from {from}: each party is named once, and at least one is")]
    Parties {
        /// Kind.
        kind: String,
        /// From when.
        from: Date,
    },
}

impl Split {
    /// Takes shares that make the whole. A share of nothing is allowed: it says so.
    pub fn new(kind: &str, from: Date, shares: Vec<Share>) -> Result<Self, SplitFault> {
        let kind = kind.trim().to_owned();
        let mut parties: Vec<_> = shares.iter().map(|share| share.party.trim()).collect();
        parties.sort_unstable();
        let is_twice = parties.windows(2).any(|pair| pair[0] == pair[1]);
        if kind.is_empty() || is_twice || parties.first().is_none_or(|party| party.is_empty()) {
            return Err(SplitFault::Parties { kind, from });
        }
        let total: u64 = shares.iter().map(|s| u64::from(s.basis_points)).sum();
        if total != u64::from(WHOLE) {
            return Err(SplitFault::Total { kind, from, total });
        }
        Ok(Self { kind, from, shares })
    }

    /// Returns which commission it is for.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the first day it counts.
    pub fn from(&self) -> Date {
        self.from
    }

    /// Returns the shares, in the order odd paise are given.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// Divides an amount: each party gets its share rounded down, and the paise left over
    /// go one each to those who lost most by that, the earlier in the split first. A
    /// negative amount is divided as the positive one, with the sign turned.
    pub fn divide(&self, amount: Paise) -> Divided {
        let whole = i128::from(WHOLE);
        let size = i128::from(amount.0).abs();
        let exact = |share: &Share| size * i128::from(share.basis_points);
        let mut parts: Vec<i128> = self.shares.iter().map(|s| exact(s) / whole).collect();
        let left = size - parts.iter().sum::<i128>();
        let mut by_loss: Vec<usize> = (0..self.shares.len()).collect();
        // Stable, so that those who lost the same stay in the order of the split.
        by_loss.sort_by_key(|at| -(exact(&self.shares[*at]) % whole));
        let odd = usize::try_from(left).unwrap_or(0);
        for at in by_loss.into_iter().take(odd) {
            parts[at] += 1;
        }
        let sign = if amount.0 < 0 { -1 } else { 1 };
        let part = |(share, size): (&Share, i128)| Part {
            party: share.party.clone(),
            basis_points: share.basis_points,
            // A part is never larger than the whole, which fits.
            amount: Paise(i64::try_from(sign * size).unwrap_or(i64::MAX)),
        };
        Divided {
            amount,
            parts: self.shares.iter().zip(parts).map(part).collect(),
        }
    }
}

/// What one party gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Who.
    pub party: String,
    /// Their share when it was divided.
    pub basis_points: u32,
    /// How much.
    pub amount: Paise,
}

/// An amount and its parts, which make it exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divided {
    /// The whole.
    pub amount: Paise,
    /// In the order of the split.
    pub parts: Vec<Part>,
}

/// More would be taken back than is left, or nothing, or against the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{back} paise cannot be taken back of the {left} that are left")]
pub struct NothingLeft {
    /// Left.
    pub left: i64,
    /// Asked for.
    pub back: i64,
}

impl Divided {
    /// Takes some of it back, or all (`back` is of the same sign as the whole); returns
    /// what is taken from each, and what is left to each.
    ///
    /// What is left is divided as if it had been the whole from the start, so that taking
    /// all back, at once or little by little, leaves everybody with nothing.
    pub fn take_back(&self, back: Paise) -> Result<(Self, Self), NothingLeft> {
        let left = self.amount.0;
        let is_possible = back.0 != 0 && back.0.signum() == left.signum() && {
            back.0.unsigned_abs() <= left.unsigned_abs()
        };
        if !is_possible {
            return Err(NothingLeft { left, back: back.0 });
        }
        let share = |part: &Part| Share {
            party: part.party.clone(),
            basis_points: part.basis_points,
        };
        let split = Split {
            kind: String::new(),
            from: Date::ZERO,
            shares: self.parts.iter().map(share).collect(),
        };
        let rest = split.divide(self.amount - back);
        let taken = self
            .parts
            .iter()
            .zip(&rest.parts)
            .map(|(before, after)| Part {
                amount: after.amount - before.amount,
                ..before.clone()
            });
        let reversal = Self {
            amount: -back,
            parts: taken.collect(),
        };
        Ok((reversal, rest))
    }
}

/// Every split, by kind and day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Splits {
    by_kind: BTreeMap<String, BTreeMap<Date, Split>>,
}

impl Splits {
    /// Takes splits over; of two for the same kind and day the later one counts.
    pub fn new(splits: impl IntoIterator<Item = Split>) -> Self {
        let mut by_kind: BTreeMap<String, BTreeMap<Date, Split>> = BTreeMap::new();
        for split in splits {
            let dated = by_kind.entry(split.kind.clone()).or_default();
            dated.insert(split.from, split);
        }
        Self { by_kind }
    }

    /// Returns the split of a kind that counts on a day.
    pub fn on(&self, kind: &str, day: Date) -> Option<&Split> {
        let dated = self.by_kind.get(kind)?;
        dated.range(..=day).next_back().map(|(_, split)| split)
    }

    /// Returns every split, kind by kind, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Split> {
        self.by_kind.values().flat_map(BTreeMap::values)
    }
}
