//! Which status may follow which.
//!
//! Reports come late, twice and out of order, so a status may be jumped over, but nothing
//! ever goes back and a final one is never left. Of an order that came to nothing only
//! its money may still turn up: then the money is due back, which is no second life.

use super::{InstalmentStatus, MandateStatus, OrderKind, OrderStatus, PlanStatus};

/// Whether one status may follow another.
pub trait Moves: Copy + PartialEq + Sized {
    /// Returns whether `to` may follow.
    fn may_become(self, to: Self) -> bool;

    /// Returns whether nothing can follow.
    fn is_final(self) -> bool;
}

impl OrderStatus {
    /// How far along it is; the same rank twice is another branch.
    const fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::AwaitingAuthorisation => 1,
            Self::AwaitingPayment => 2,
            Self::PaymentProcessing => 3,
            Self::SentToRta => 4,
            Self::Allotted => 5,
            Self::RedeemedPaid | Self::Rejected | Self::Cancelled | Self::Expired => 6,
            Self::RefundDue => 7,
            Self::Refunded => 8,
        }
    }

    /// Returns whether it cannot go on before the investor approves or pays.
    pub const fn waits_for_investor(self) -> bool {
        matches!(
            self,
            Self::Created | Self::AwaitingAuthorisation | Self::AwaitingPayment
        )
    }

    /// Returns whether the order came to nothing.
    pub const fn is_failed(self) -> bool {
        matches!(
            self,
            Self::Rejected | Self::Cancelled | Self::Expired | Self::RefundDue | Self::Refunded
        )
    }

    /// Returns whether nobody has to ask the gateway about it any more.
    pub const fn is_closed(self, kind: OrderKind) -> bool {
        match self {
            Self::Allotted => !matches!(kind, OrderKind::Redemption),
            Self::RedeemedPaid
            | Self::Rejected
            | Self::Cancelled
            | Self::Expired
            | Self::Refunded => true,
            _ => false,
        }
    }

    /// Returns whether the registrar has priced it.
    pub const fn is_allotted(self) -> bool {
        matches!(self, Self::Allotted | Self::RedeemedPaid)
    }
}

impl Moves for OrderStatus {
    fn may_become(self, to: Self) -> bool {
        match (self, to) {
            // A payment that failed may be tried again.
            (Self::PaymentProcessing, Self::AwaitingPayment) => true,
            (Self::Allotted, next) => next == Self::RedeemedPaid,
            (from, _) if from.is_final() => false,
            (Self::Rejected | Self::Cancelled | Self::Expired, next) => {
                matches!(next, Self::RefundDue | Self::Refunded)
            }
            (from, next) => next.rank() > from.rank(),
        }
    }

    fn is_final(self) -> bool {
        matches!(self, Self::RedeemedPaid | Self::Refunded)
    }
}

impl PlanStatus {
    /// Returns whether its instalments are being made.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

impl Moves for PlanStatus {
    fn may_become(self, to: Self) -> bool {
        use PlanStatus as P;
        match (self, to) {
            (from, next) if from == next || from.is_final() => false,
            // Approval and mandate may come in either order.
            (P::Draft | P::Awaiting2fa | P::AwaitingMandate, P::Draft) => false,
            (P::Draft | P::Awaiting2fa | P::AwaitingMandate, next) => {
                !matches!(next, P::Paused | P::Completed | P::AutoCancelled)
            }
            (P::Active, P::Paused) | (P::Paused, P::Active) => true,
            (P::Active | P::Paused, next) => next.is_final(),
            _ => false,
        }
    }

    fn is_final(self) -> bool {
        matches!(
            self,
            Self::Completed
                | Self::CancelledByInvestor
                | Self::CancelledByExchange
                | Self::AutoCancelled
                | Self::MandateUnlinked
        )
    }
}

impl InstalmentStatus {
    const fn rank(self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::PreDebitNotified => 1,
            Self::DebitSubmitted => 2,
            Self::Debited => 3,
            Self::OrderCreated => 4,
            Self::Allotted | Self::Failed | Self::Skipped | Self::Rejected => 5,
            Self::Refunded => 6,
        }
    }

    /// Returns whether it waits for nothing any more.
    pub const fn is_closed(self) -> bool {
        self.rank() >= 5
    }

    /// Returns whether the money was taken or the order was made: it counts as a success.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Debited | Self::OrderCreated | Self::Allotted)
    }
}

impl Moves for InstalmentStatus {
    fn may_become(self, to: Self) -> bool {
        match (self, to) {
            (from, _) if from.is_final() => false,
            (Self::Rejected, next) => next == Self::Refunded,
            // A pause that ended late: what was left out runs after all.
            (Self::Skipped, next) => next == Self::Scheduled,
            // Nothing that the bank was asked for is left out.
            (from, Self::Skipped) => from.rank() < Self::DebitSubmitted.rank(),
            // Nothing that the bank paid has failed: the order is refused.
            (from, Self::Failed) => from.rank() < Self::Debited.rank(),
            (from, next) => next.rank() > from.rank(),
        }
    }

    fn is_final(self) -> bool {
        matches!(self, Self::Allotted | Self::Failed | Self::Refunded)
    }
}

impl MandateStatus {
    const fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::LinkSent => 1,
            Self::AwaitingInvestor => 2,
            Self::UnderProcess => 3,
            Self::Active | Self::Paused => 4,
            Self::Rejected | Self::Cancelled | Self::Expired | Self::Completed => 5,
        }
    }
}

impl Moves for MandateStatus {
    fn may_become(self, to: Self) -> bool {
        match (self, to) {
            (from, _) if from.is_final() => false,
            (Self::Active, Self::Paused) | (Self::Paused, Self::Active) => true,
            // A bank refuses what is not in force yet; later it is cancelled.
            (Self::Active | Self::Paused, Self::Rejected) => false,
            (from, next) => next.rank() > from.rank(),
        }
    }

    fn is_final(self) -> bool {
        self.rank() == 5
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs<S: Copy + 'static>(all: &'static [S]) -> impl Iterator<Item = (S, S)> {
        all.iter()
            .flat_map(move |from| all.iter().map(move |to| (*from, *to)))
    }

    fn moves<S: Moves + std::fmt::Display + 'static>(all: &'static [S]) -> Vec<String> {
        pairs(all)
            .filter(|(from, to)| from.may_become(*to))
            .map(|(from, to)| format!("{from} > {to}"))
            .collect()
    }

    #[test]
    fn final_states_are_never_left() {
        assert!(pairs(OrderStatus::ALL).all(|(a, b)| !(a.is_final() && a.may_become(b))));
        assert!(pairs(PlanStatus::ALL).all(|(a, b)| !(a.is_final() && a.may_become(b))));
        assert!(pairs(InstalmentStatus::ALL).all(|(a, b)| !(a.is_final() && a.may_become(b))));
        assert!(pairs(MandateStatus::ALL).all(|(a, b)| !(a.is_final() && a.may_become(b))));
    }

    #[test]
    fn plans_move_as_section_2_4_draws_it() {
        let ends = [
            "completed",
            "cancelled_by_investor",
            "cancelled_by_exchange",
            "auto_cancelled",
            "mandate_unlinked",
        ];
        let mut wanted: Vec<String> = Vec::new();
        for from in ["draft", "awaiting_2fa", "awaiting_mandate"] {
            for to in [
                "awaiting_2fa",
                "awaiting_mandate",
                "active",
                "cancelled_by_investor",
                "cancelled_by_exchange",
                "mandate_unlinked",
            ] {
                if from != to {
                    wanted.push(format!("{from} > {to}"));
                }
            }
        }
        for (from, other) in [("active", "paused"), ("paused", "active")] {
            wanted.push(format!("{from} > {other}"));
            wanted.extend(ends.map(|end| format!("{from} > {end}")));
        }
        let mut found = moves(PlanStatus::ALL);
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
    }

    #[test]
    fn an_order_that_came_to_nothing_only_gives_its_money_back() {
        for from in [
            OrderStatus::Rejected,
            OrderStatus::Cancelled,
            OrderStatus::Expired,
        ] {
            for to in OrderStatus::ALL {
                let back = matches!(to, OrderStatus::RefundDue | OrderStatus::Refunded);
                assert_eq!(from.may_become(*to), back, "{from} > {to}");
            }
        }
        assert!(!OrderStatus::Allotted.may_become(OrderStatus::Rejected));
        assert!(OrderStatus::Allotted.is_closed(OrderKind::Switch));
        assert!(!OrderStatus::Allotted.is_closed(OrderKind::Redemption));
    }

    #[test]
    fn a_debit_under_way_is_not_skipped_and_one_that_was_paid_has_not_failed() {
        use InstalmentStatus as I;
        assert!(I::PreDebitNotified.may_become(I::Skipped));
        assert!(!I::DebitSubmitted.may_become(I::Skipped));
        assert!(I::DebitSubmitted.may_become(I::Failed));
        assert!(!I::Debited.may_become(I::Failed));
        assert!(!I::Scheduled.may_become(I::Scheduled));
    }

    fn walk<S: Moves>(all: &[S], from: S, steps: &[usize]) -> Vec<S> {
        let mut path = vec![from];
        for step in steps {
            let last = path[path.len() - 1];
            let next = all[step % all.len()];
            if last.may_become(next) {
                path.push(next);
            }
        }
        path
    }

    proptest! {
        #[test]
        fn whatever_is_reported_an_order_ends_and_stays_ended(
            steps in proptest::collection::vec(0usize..64, 0..200)
        ) {
            let path = walk(OrderStatus::ALL, OrderStatus::Created, &steps);
            let failed = path.iter().position(|s| s.is_failed());
            if let Some(at) = failed {
                prop_assert!(path[at..].iter().all(|s| s.is_failed()));
                prop_assert!(path.len() - at <= 3);
            }
            let allotted = path.iter().filter(|s| **s == OrderStatus::Allotted).count();
            prop_assert!(allotted <= 1);
        }

        #[test]
        fn whatever_is_reported_an_instalment_ends_once(
            steps in proptest::collection::vec(0usize..64, 0..200)
        ) {
            let path = walk(InstalmentStatus::ALL, InstalmentStatus::Scheduled, &steps);
            let taken_back = [InstalmentStatus::Skipped, InstalmentStatus::Scheduled];
            for pair in path.windows(2) {
                prop_assert!(pair[0].rank() < pair[1].rank() || pair == taken_back);
            }
            // Left out it may be again and again, until the bank is asked.
            let left_out = |s: &&InstalmentStatus| **s == InstalmentStatus::Skipped;
            let ends = path.iter().filter(|s| s.is_closed() && !left_out(s)).count();
            prop_assert!(ends <= 2, "refused and refunded at most");
            let asked = path.iter().position(|s| s.rank() >= 2 && *s != InstalmentStatus::Skipped);
            let after = asked.map_or(&path[..0], |at| &path[at..]);
            prop_assert!(!after.contains(&InstalmentStatus::Skipped));
        }
    }
}
