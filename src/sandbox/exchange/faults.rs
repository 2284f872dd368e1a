//! Ways the exchange misbehaves, each switchable while it runs.
//!
//! What happens to money (bounces, rejections) is decided by the seed and the member's
//! own reference, so that a run gives the same outcome however its requests interleave;
//! what happens to a connection is thrown anew each time.

use std::hash::{DefaultHasher, Hash, Hasher};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::sandbox::emulator::Fault;

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeFault {
    /// A notice comes several times.
    DuplicateNotices,
    /// A notice waits a random while, so that later ones overtake it.
    ReorderNotices,
    /// A notice comes late.
    DelayNotices,
    /// A notice never comes.
    LoseNotices,
    /// A request is answered with 503 and was not accepted.
    ServerErrors,
    /// A proxy answers with a page of HTML; nothing was accepted.
    HtmlErrors,
    /// A request is accepted, then the connection closes without an answer.
    AcceptThenDrop,
    /// A request is accepted and not answered for a long time.
    AcceptThenHang,
    /// A request is not accepted and not answered for a long time.
    HangUnaccepted,
    /// An order, a plan or a mandate is refused at once.
    Refuse,
    /// The registrar rejects an order.
    RejectOrders,
    /// The bank rejects a mandate that the investor approved.
    RejectMandates,
    /// The bank does not pay what a mandate is debited for.
    BounceDebits,
}

impl ExchangeFault {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 13] = [
        Self::DuplicateNotices,
        Self::ReorderNotices,
        Self::DelayNotices,
        Self::LoseNotices,
        Self::ServerErrors,
        Self::HtmlErrors,
        Self::AcceptThenDrop,
        Self::AcceptThenHang,
        Self::HangUnaccepted,
        Self::Refuse,
        Self::RejectOrders,
        Self::RejectMandates,
        Self::BounceDebits,
    ];

    /// Returns what to call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::DuplicateNotices => "Duplicate notices",
            Self::ReorderNotices => "Reorder notices",
            Self::DelayNotices => "Delay notices",
            Self::LoseNotices => "Lose notices",
            Self::ServerErrors => "Server error 503",
            Self::HtmlErrors => "HTML error page",
            Self::AcceptThenDrop => "Accept, then drop",
            Self::AcceptThenHang => "Accept, then hang",
            Self::HangUnaccepted => "Hang, not accepted",
            Self::Refuse => "Refuse requests",
            Self::RejectOrders => "Registrar rejects",
            Self::RejectMandates => "Bank rejects mandates",
            Self::BounceDebits => "Debits bounce",
        }
    }

    /// Returns what the amount counts, if it has one, and its usual value.
    pub fn amount(self) -> Option<(&'static str, u64)> {
        match self {
            Self::DuplicateNotices => Some(("copies", 2)),
            Self::ReorderNotices => Some(("ms at most", 2_000)),
            Self::DelayNotices => Some(("ms", 5_000)),
            Self::AcceptThenHang | Self::HangUnaccepted => Some(("ms", 60_000)),
            Self::BounceDebits => Some(("reason: 0 funds, 1 account, 2 mandate, 3 technical", 0)),
            _ => None,
        }
    }
}

/// The switches and the dice.
#[derive(Debug)]
pub(crate) struct Faults {
    table: [Fault; ExchangeFault::ALL.len()],
    seed: u64,
    dice: StdRng,
}

impl Faults {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            table: [Fault::OFF; ExchangeFault::ALL.len()],
            seed,
            dice: StdRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn get(&self, kind: ExchangeFault) -> Fault {
        self.table[kind as usize]
    }

    pub(crate) fn set(&mut self, kind: ExchangeFault, fault: Fault) {
        self.table[kind as usize] = fault;
    }

    /// Decides whether it happens this time and returns the amount if it does.
    pub(crate) fn roll(&mut self, kind: ExchangeFault) -> Option<u64> {
        let thrown = self.dice.random::<f64>();
        self.decide(kind, thrown)
    }

    /// Decides whether it happens to what `key` names, the same way each time.
    pub(crate) fn roll_for(&mut self, kind: ExchangeFault, key: &str) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        (self.seed, kind as usize, key).hash(&mut hasher);
        let thrown = StdRng::seed_from_u64(hasher.finish()).random::<f64>();
        self.decide(kind, thrown)
    }

    fn decide(&mut self, kind: ExchangeFault, thrown: f64) -> Option<u64> {
        let fault = &mut self.table[kind as usize];
        if fault.chance <= 0.0 || fault.left == Some(0) || thrown >= fault.chance {
            return None;
        }
        fault.left = fault.left.map(|left| left - 1);
        let usual = kind.amount().map_or(0, |(_, usual)| usual);
        Some(fault.amount.unwrap_or(usual))
    }

    /// Returns a number from 0 to `most`.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.dice.random_range(0..=most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_money_follows_from_the_seed_and_the_reference() {
        let bounced = |seed: u64, order: [u32; 3]| {
            let mut faults = Faults::seeded(seed);
            faults.set(ExchangeFault::BounceDebits, Fault::chance(0.5));
            let mut hit: Vec<_> = order
                .into_iter()
                .filter(|n| {
                    let key = format!("{n}");
                    faults.roll_for(ExchangeFault::BounceDebits, &key).is_some()
                })
                .collect();
            hit.sort_unstable();
            hit
        };
        for seed in 0..20 {
            assert_eq!(bounced(seed, [1, 2, 3]), bounced(seed, [3, 1, 2]));
        }
        assert!((0..20).any(|seed| bounced(seed, [1, 2, 3]) != bounced(seed + 1, [1, 2, 3])));
    }

    #[test]
    fn a_counted_fault_happens_that_often_and_then_no_more() {
        let mut faults = Faults::seeded(1);
        faults.set(ExchangeFault::AcceptThenHang, Fault::times(1).amount(9));
        let rolls = [(); 2].map(|()| faults.roll(ExchangeFault::AcceptThenHang));
        assert_eq!(rolls, [Some(9), None]);
        for (place, kind) in ExchangeFault::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
    }
}
