//! What follows a call: counting, slowing down, and what is written down about it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::pipeline::account::{ACCOUNT_STOPPED, SLOWED_DOWN};
use crate::pipeline::batch::Batcher;
use crate::pipeline::breaker::Begun;
use crate::pipeline::door::STOPPED;
use crate::pipeline::leases::millis;
use crate::pipeline::outbox::blind_wamid;
use crate::pipeline::settle::{ASK_A_PERSON, PATIENCE};
use crate::pipeline::store::{self, Fate, NOT_NOW, Outcome};
use crate::pipeline::{Ground, HEARTBEAT};
use crate::storage::Error;
use crate::telemetry::metrics;
use crate::whatsapp::errors::is_tried_a_few_times;
use crate::whatsapp::outcome::SOON;
use crate::whatsapp::{Scope, SendOutcome, errors};

/// How long to stand still while Meta works on the number; an upgrade takes a minute.
const MAINTENANCE: Duration = Duration::from_mins(1);
/// First pause before a message that was certainly not sent is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// Longest such pause.
const RETRY_LAST: Duration = Duration::from_mins(5);
/// Tries of a message of which the last two met the same error of its own: a file that Meta
/// cannot read it never will.
const TRIES: i64 = 3;

/// One of the tries of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct TryOf<'a> {
    pub(super) contact: &'a str,
    /// Which one, from 1.
    pub(super) attempt: i64,
    /// What Graph refused the one before with.
    pub(super) refused: Option<i64>,
}

/// Counts what became of a call, obeys Meta's word to slow down or stop, and says what
/// to write down.
pub(super) fn after(ground: &Ground, sent: &SendOutcome, of: TryOf<'_>) -> Fate {
    let attempt = of.attempt;
    let now = ground.clock.now().as_millisecond();
    let again = |pause: Duration, reason: &str, code| Fate::Again {
        due_at: now + millis(pause),
        reason: reason.to_owned(),
        code,
    };
    match sent {
        SendOutcome::Accepted { wamid } => {
            metrics::sent("accepted", 0);
            tracing::info!(target: "message", "accepted by Meta");
            Fate::Accepted {
                wamid: blind_wamid(&ground.keys, wamid),
            }
        }
        SendOutcome::Unreached => {
            metrics::sent("unreached", 0);
            again(SOON.max(backoff(attempt)), "Meta was not reached", None)
        }
        SendOutcome::Retry {
            code: Some(code), ..
        } if attempt >= TRIES && of.refused == Some(*code) && is_tried_a_few_times(*code) => {
            metrics::sent("permanent", *code);
            tracing::warn!(
                code,
                "Meta did not take a message, however often it was tried"
            );
            Fate::Failed {
                reason: "Meta did not take it, however often it was tried".to_owned(),
                code: Some(*code),
            }
        }
        SendOutcome::Retry {
            after,
            code,
            is_its_own,
        } => {
            metrics::sent("retry", code.unwrap_or(0));
            let reason = if *is_its_own {
                NOT_NOW
            } else {
                "Meta is not well"
            };
            again((*after).max(backoff(attempt)), reason, *code)
        }
        SendOutcome::Throttled { after, scope } => {
            metrics::sent("throttled", 0);
            let pause = slow_down(ground, (*scope, *after), of, now);
            again(pause, "throttled by Meta", None)
        }
        SendOutcome::Policy { code } => {
            metrics::sent("policy", *code);
            if errors::stops_the_number(*code) {
                ground.door.rest(now + millis(STOPPED));
                return again(STOPPED, "Meta stopped the number", Some(*code));
            }
            if errors::asks_to_slow_down(*code) {
                return again(SLOWED_DOWN, ACCOUNT_STOPPED, Some(*code));
            }
            Fate::Failed {
                reason: "refused by Meta until a person changes something".to_owned(),
                code: Some(*code),
            }
        }
        SendOutcome::Permanent { code, reason } => {
            metrics::sent("permanent", *code);
            tracing::warn!(code, reason, "Meta refused a message");
            Fate::Failed {
                reason: reason.clone(),
                code: Some(*code),
            }
        }
        SendOutcome::Unknown { reason, code } => {
            metrics::sent("unknown", code.unwrap_or(0));
            if code.is_some_and(errors::is_under_maintenance) {
                ground.door.rest(now + millis(MAINTENANCE));
            }
            tracing::warn!(
                reason,
                "a message may or may not have been sent; its echo will tell"
            );
            Fate::Unknown {
                due_at: now + millis(PATIENCE),
                reason: reason.clone(),
            }
        }
    }
}

/// Obeys a limit of Meta's; returns how long the message waits. The limit is not the message's
/// own: it waits no longer than everybody does, but where it is one person's.
fn slow_down(
    ground: &Ground,
    (scope, after): (Scope, Duration),
    of: TryOf<'_>,
    now: i64,
) -> Duration {
    match scope {
        Scope::Pair => {
            let pause = pair_pause(of.attempt).max(after);
            let mut rates = ground.door.rates();
            rates.pairs.block(of.contact, now + millis(pause));
            return pause;
        }
        Scope::Number => ground.traffic().throttled(now),
        Scope::Account => {}
    }
    ground.door.rest(now + millis(after));
    after
}

/// Stands still if Meta answers nobody, and goes on once it does.
pub(super) fn heed(ground: &Ground, sent: &SendOutcome, begun: Begun) {
    let now = ground.clock.now().as_millisecond();
    let mut rates = ground.door.rates();
    if sent.is_answer() {
        if rates.breaker.answered() {
            tracing::info!("Meta answers again");
        }
    } else if let Some(pause) = rates.breaker.unanswered(begun) {
        metrics::paused();
        tracing::error!(?pause, "Meta does not answer; one message at a time tries");
        rates.rest_until = rates.rest_until.max(now + millis(pause));
    }
}

/// Meta asks for four to the power of the tries, in seconds, towards one person.
fn pair_pause(attempt: i64) -> Duration {
    let tries = u32::try_from(attempt.clamp(1, 6)).unwrap_or(1);
    Duration::from_secs(4_u64.pow(tries))
}

/// Full jitter under a doubling ceiling
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
#[expect(
    clippy::disallowed_methods,
    reason = "jitter is to differ between processes, and no test depends on it"
)]
fn backoff(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    let ceiling = (RETRY_FIRST * 2_u32.pow(doublings)).min(RETRY_LAST);
    ceiling.mul_f64(rand::RngExt::random_range(&mut rand::rng(), 0.5..1.0))
}

/// Has what became of a call written down. While that is refused, it is tried again: what is
/// known now would else be guessed at later.
pub(super) async fn tell(outcomes: &Batcher<Outcome, bool>, outcome: Outcome) {
    let began = Instant::now();
    while outcomes.ask(outcome.clone()).await == Some(false) {
        if began.elapsed() >= ASK_A_PERSON {
            tracing::error!("what became of a call could not be written; its echo will tell");
            return;
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

/// Writes down what became of calls, and says of each whether it is done with. One that
/// cannot be written costs the others nothing.
pub(super) async fn write_outcomes(ground: &Ground, outcomes: Vec<Outcome>) -> Vec<bool> {
    let together = write_together(ground, outcomes.clone()).await;
    if together || outcomes.len() == 1 {
        return vec![together; outcomes.len()];
    }
    let mut done = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        done.push(write_together(ground, vec![outcome]).await);
    }
    done
}

/// Writes down what became of calls, however long the database is away; returns whether
/// that is done with.
async fn write_together(ground: &Ground, outcomes: Vec<Outcome>) -> bool {
    let outcomes = Arc::new(outcomes);
    loop {
        let input = (ground.clone(), Arc::clone(&outcomes), ground.clock.now());
        let written = ground.db.write(input, |conn, (ground, outcomes, now)| {
            Box::pin(store::outcomes(conn, ground, outcomes, *now))
        });
        match written.await {
            Ok(more_may_follow) => {
                if more_may_follow {
                    ground.wakes.sender.wake();
                }
                return true;
            }
            Err(Error::Unavailable(why)) => {
                // What was sent must be written down; while it is not, nothing more is taken.
                tracing::error!(%why, "what became of calls could not be written; trying again");
                tokio::select! {
                    // Then nothing is written any more, and the next start asks the echoes.
                    () = ground.db.failed() => return true,
                    () = tokio::time::sleep(HEARTBEAT) => {}
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    calls = outcomes.len(),
                    "what became of calls could not be written; trying again"
                );
                return false;
            }
        }
    }
}
