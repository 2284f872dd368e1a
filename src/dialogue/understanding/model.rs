//! How likely each intent is, given the evidence: a multinomial logistic regression, learnt
//! from the labelled messages by [`learn`](super::learn) and kept beside this file.
//!
//! The file: the fingerprint of what it was learnt from (8 bytes), the bias of each intent
//! (4 bytes each), then for each bucket of evidence the size of its largest weight (4
//! bytes) and the weight for each intent as a share of it (1 byte each). Little-endian.

use super::evidence::{BUCKETS, Evidence};
use super::intent::Intent;

/// What was learnt.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a>(&'a [u8]);

/// The model that reads messages.
pub static MODEL: Model<'static> = Model(include_bytes!("model.bin"));

const INTENTS: usize = Intent::PUBLIC.len();
const BIASES: usize = 8;
const ROWS: usize = BIASES + 4 * INTENTS;
const ROW: usize = 4 + INTENTS;
/// The largest share of a weight: one.
const WHOLE: f32 = 127.0;

/// What is learnt before it is packed: a row of weights for each bucket, and the biases.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// For each bucket, the weight for each intent.
    pub(super) rows: Vec<[f32; INTENTS]>,
    /// What each intent begins with.
    pub(super) bias: [f32; INTENTS],
}

/// A number for each of [`Intent::PUBLIC`].
pub(super) type Each = [f32; INTENTS];

impl<'a> Model<'a> {
    /// Returns the model in these bytes, if they have the size of one.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        (bytes.len() == ROWS + BUCKETS * ROW).then_some(Self(bytes))
    }

    /// Returns the fingerprint of what it was learnt from.
    pub fn fingerprint(&self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(bytes)
    }

    /// Returns how likely each intent is; together they make one.
    pub(super) fn weigh(&self, evidence: &Evidence) -> Each {
        let mut scores = [0.0; INTENTS];
        for (at, score) in scores.iter_mut().enumerate() {
            *score = self.number(BIASES + 4 * at);
        }
        for (bucket, weight) in evidence {
            let row = ROWS + bucket * ROW;
            let unit = self.number(row) * weight / WHOLE;
            let shares = &self.0[row + 4..row + ROW];
            for (score, share) in scores.iter_mut().zip(shares) {
                *score += unit * f32::from(share.cast_signed());
            }
        }
        likely(scores)
    }

    fn number(&self, at: usize) -> f32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[at..at + 4]);
        f32::from_le_bytes(bytes)
    }
}

/// Turns scores into probabilities.
pub(super) fn likely(scores: Each) -> Each {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|score| (score - most).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

impl Weights {
    /// Returns the bytes of the model file.
    pub(super) fn pack(&self, fingerprint: u64) -> Vec<u8> {
        let mut bytes = fingerprint.to_le_bytes().to_vec();
        bytes.extend(self.bias.iter().flat_map(|bias| bias.to_le_bytes()));
        for row in &self.rows {
            let largest = row.iter().fold(0.0_f32, |most, one| most.max(one.abs()));
            bytes.extend(largest.to_le_bytes());
            bytes.extend(row.iter().map(|weight| share(*weight, largest)));
        }
        bytes
    }
}

fn share(weight: f32, largest: f32) -> u8 {
    let share = if largest > 0.0 { weight / largest } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a share is between -1 and 1"
    )]
    let share = (share * WHOLE).round() as i8;
    share.cast_unsigned()
}
