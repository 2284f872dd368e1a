//! What to do about a message whose fate is unknown, by what it is for.
//!
//! Its echo settles it, whenever it comes. Where none comes, saying a chat line twice
//! is ugly but harmless; saying twice that money moved is not.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::turn::Purpose;
use crate::id::{ContactId, OutboxId};
use crate::storage::{Conn, Error};

/// Makes a one-time code in the place of one whose fate nobody knows. Whoever enqueues
/// messages of [`Purpose::Code`] registers one with the sender; without one a person is
/// asked instead.
pub trait CodeMaker: Send + Sync + 'static {
    /// Voids the code that went out as `old` and enqueues a new one, on the transaction
    /// that gives the old one up: there is never none, and never both.
    fn replace<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        old: OutboxId,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>>;
}

/// How long to wait for an echo before chat is said again.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);
/// After this a person is asked.
pub(super) const ASK_A_PERSON: Duration = Duration::from_mins(15);

/// What is known about a message whose fate is not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) purpose: Purpose,
    /// Since it entered `sending`, milliseconds.
    pub(super) age: i64,
    /// How often nobody knew, this time included. Tries that were certainly not sent do
    /// not count.
    pub(super) doubts: i64,
    /// A later reply to the same contact was accepted meanwhile.
    pub(super) overtaken: bool,
    /// It is still being sent, as far as is written down.
    pub(super) under_way: bool,
    /// Somebody makes new codes.
    pub(super) replaceable: bool,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settlement {
    /// Look again when it is this old, in milliseconds.
    WaitUntil(i64),
    /// Say it once more.
    Resend,
    /// A later one said what matters.
    Supersede,
    /// A new code is to be made; this one is void.
    Replace,
    /// A person has to decide.
    Show,
}

/// Decides about one message.
pub(super) fn settle(facts: Facts) -> Settlement {
    let patience = millis(PATIENCE);
    let ask = millis(ASK_A_PERSON);
    if facts.age < patience {
        return Settlement::WaitUntil(patience);
    }
    match facts.purpose {
        Purpose::Chat if facts.overtaken => Settlement::Supersede,
        Purpose::Chat if facts.doubts < 2 => Settlement::Resend,
        Purpose::Code if facts.replaceable => Settlement::Replace,
        _ if facts.age < ask || facts.under_way => Settlement::WaitUntil(ask),
        _ => Settlement::Show,
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(purpose: Purpose, seconds: i64) -> Facts {
        Facts {
            purpose,
            age: seconds * 1_000,
            doubts: 1,
            overtaken: false,
            under_way: false,
            replaceable: true,
        }
    }

    #[test]
    fn everybody_waits_for_the_echo_first() {
        for purpose in [
            Purpose::Chat,
            Purpose::Code,
            Purpose::Money,
            Purpose::Marketing,
        ] {
            assert_eq!(settle(facts(purpose, 89)), Settlement::WaitUntil(90_000));
        }
    }

    #[test]
    fn chat_is_said_once_more_and_then_shown() {
        let chat = facts(Purpose::Chat, 90);
        assert_eq!(settle(chat), Settlement::Resend);
        assert_eq!(
            settle(Facts {
                overtaken: true,
                ..chat
            }),
            Settlement::Supersede
        );
        let twice = Facts { doubts: 2, ..chat };
        assert_eq!(settle(twice), Settlement::WaitUntil(900_000));
        assert_eq!(
            settle(Facts {
                age: 900_000,
                ..twice
            }),
            Settlement::Show
        );
    }

    #[test]
    fn money_and_marketing_are_never_said_twice_by_a_machine() {
        for purpose in [Purpose::Money, Purpose::Marketing] {
            for seconds in [90, 899, 900, 100_000] {
                for doubts in [1, 2, 9] {
                    let settled = settle(Facts {
                        doubts,
                        ..facts(purpose, seconds)
                    });
                    assert_ne!(settled, Settlement::Resend);
                }
            }
            assert_eq!(settle(facts(purpose, 900)), Settlement::Show);
        }
    }

    #[test]
    fn a_code_is_replaced_not_repeated_and_shown_where_nobody_makes_new_ones() {
        let code = facts(Purpose::Code, 90);
        assert_eq!(settle(code), Settlement::Replace);
        let alone = Facts {
            replaceable: false,
            ..code
        };
        assert_eq!(settle(alone), Settlement::WaitUntil(900_000));
        let old = Facts {
            age: 900_000,
            ..alone
        };
        assert_eq!(settle(old), Settlement::Show);
    }
}
