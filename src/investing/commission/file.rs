//! The file of splits.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::split::{Share, Split, SplitFault};

/// Why a file of splits was refused. Nothing of it counts.
#[derive(Debug, thiserror::Error)]
pub enum BadSplits {
    /// Not JSON of this shape.
    #[error("the splits do not read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A split that is none.
    #[error(transparent)]
    Split(#[from] SplitFault),
    /// Two for the same kind and day.
    #[error("split `{kind}` from {from} is there twice")]
    Twice {
        /// Kind.
        kind: String,
        /// From when.
        from: Date,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    splits: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    from: Date,
    shares: Vec<ShareRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareRow {
    party: String,
    basis_points: u32,
}

/// Reads `{"splits": [{"kind", "from", "shares": [{"party", "basis_points"}]}]}`.
pub fn parse(json: &[u8]) -> Result<Vec<Split>, BadSplits> {
    let file: File = serde_json::from_slice(json)?;
    let mut seen = BTreeSet::new();
    let mut splits = Vec::with_capacity(file.splits.len());
    for row in file.splits {
        let share = |share: ShareRow| Share {
            party: share.party.trim().to_owned(),
            basis_points: share.basis_points,
        };
        let shares = row.shares.into_iter().map(share).collect();
        let split = Split::new(&row.kind, row.from, shares)?;
        if !seen.insert((split.kind().to_owned(), split.from())) {
            return Err(BadSplits::Twice {
                kind: row.kind,
                from: row.from,
            });
        }
        splits.push(split);
    }
    Ok(splits)
}
