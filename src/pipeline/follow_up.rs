//! Answers whose 24-hour window has closed.
//!
//! Meta takes no free words then. The answer waits; a template tells them that there is
//! one, and once they write it goes. Where no template can, a person has to know.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// Whether somebody is told that an answer waits for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A template was enqueued just now; the answer is to be there until then.
    Until(Timestamp),
    /// They were told, or are about to be.
    Before,
    /// No template can tell them.
    Not,
}

/// Offers an answer by an approved template.
pub trait FollowUp: Send + Sync + 'static {
    /// Returns the name of the template. One goes only while an answer waits.
    fn template(&self) -> &'static str;

    /// Enqueues the template, unless one went to them within a day. Asked again while the
    /// answer waits.
    fn offer<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<Told, Error>>;
}

/// An answer that was offered; what the button of its template says when it is tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// When it was offered.
    pub at: Timestamp,
    /// How long it is good.
    pub until: Timestamp,
}

const WORD: &str = "answer";

impl Offered {
    /// Returns it as a button carries it.
    pub fn payload(self) -> String {
        let [at, until] = [self.at, self.until].map(Timestamp::as_second);
        format!("{WORD}.{at}.{until}")
    }

    /// Reads what a button carried; `None` if it is another's.
    pub fn read(payload: &str) -> Option<Self> {
        let mut parts = payload.split('.');
        let word = parts.next()?;
        let mut time = || Timestamp::from_second(parts.next()?.parse().ok()?).ok();
        let offered = Self {
            at: time()?,
            until: time()?,
        };
        (word == WORD && parts.next().is_none()).then_some(offered)
    }

    /// Returns whether the answer goes out because of this tap: nothing they wrote since
    /// let it go before, and it is still good.
    pub fn goes_with_a_tap(self, wrote_before: Option<Timestamp>, now: Timestamp) -> bool {
        // Meta tells when they wrote in whole seconds.
        let went = wrote_before.is_some_and(|wrote| wrote.as_second() >= self.at.as_second());
        !went && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_button_brings_back_the_offer_it_went_out_with_and_others_bring_none() {
        let offered = Offered {
            at: at(1_787_000_000),
            until: at(1_787_000_900),
        };
        assert_eq!(Offered::read(&offered.payload()), Some(offered));
        for other in [
            "menu",
            "answer",
            "answer.1",
            "answer.1.x",
            "answer.1.2.3",
            "reply.1.2",
        ] {
            assert_eq!(Offered::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_tap_lets_the_answer_go_unless_it_went_before_or_is_too_old() {
        let offered = Offered {
            at: at(100),
            until: at(200),
        };
        assert!(offered.goes_with_a_tap(Some(at(50)), at(150)));
        assert!(offered.goes_with_a_tap(None, at(150)));
        assert!(
            !offered.goes_with_a_tap(Some(at(120)), at(150)),
            "it went then"
        );
        assert!(!offered.goes_with_a_tap(Some(at(50)), at(200)), "too old");
    }
}
