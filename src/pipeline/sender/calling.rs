//! Makes the calls of what is `sending`, each with its file if it has one, and hands on
//! what became of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tracing::Instrument;

use super::Sender;
use super::outcome::{TryOf, after, heed, tell};
use super::round::{Taken, prepare};
use crate::pipeline::door::Entered;
use crate::pipeline::media::{NotReady, Uploads};
use crate::pipeline::store::{Fate, Outcome};
use crate::pipeline::{Call, Channel, Ground};
use crate::telemetry::metrics;
use crate::whatsapp::SendOutcome;

/// How long the pictures of a message may take that can go without them: whoever waits for
/// it waits for words.
const PICTURES: Duration = Duration::from_secs(2);

/// A message that is `sending`, and how its call is made ready.
struct Start {
    id: String,
    contact: String,
    trace: String,
    attempt: i64,
    /// What Graph refused the try before with.
    refused: Option<i64>,
    prepare: Box<dyn FnOnce() -> anyhow::Result<Call> + Send>,
}

impl Sender {
    /// Starts the calls of what is now `sending`.
    pub(super) async fn dispatch(&self, taken: Taken, until: Instant) {
        for one in taken.messages {
            let contact = taken.contacts.get(&one.contact).cloned();
            let attempt = one.attempts + 1;
            let start = Start {
                id: one.id.clone(),
                contact: one.contact.clone(),
                trace: one.trace.clone(),
                attempt,
                refused: one.refused,
                prepare: Box::new(move || prepare(&one, contact, attempt)),
            };
            self.start(start, until).await;
        }
    }

    /// Starts the call of what entered `sending` with the turn that decided it.
    pub(super) async fn start_entered(&self, one: Entered) {
        let start = Start {
            id: one.id,
            contact: one.contact,
            trace: one.trace,
            attempt: 1,
            refused: None,
            prepare: Box::new(|| one.call),
        };
        self.start(start, one.until).await;
    }

    async fn start(&self, one: Start, until: Instant) {
        let slots = Arc::clone(&self.slots).acquire_owned();
        let permit = slots.await.expect("the semaphore is never closed");
        let ground = self.ground.clone();
        let channel = Arc::clone(&self.channel);
        let outcomes = self.outcomes.clone();
        let under_way = Arc::clone(&self.under_way);
        let crowded = Arc::clone(&self.crowded);
        let attempt = one.attempt;
        self.under_way().insert(one.id.clone());
        let span = tracing::info_span!("send", trace_id = %one.trace, outbox = %one.id, attempt);
        let uploads = Arc::clone(&self.uploads);
        let sending = async move {
            let fate = match (one.prepare)() {
                Ok(call) => {
                    let calling = Calling {
                        ground: &ground,
                        channel: &channel,
                        uploads: &uploads,
                        until,
                        of: TryOf {
                            contact: &one.contact,
                            attempt,
                            refused: one.refused,
                        },
                    };
                    calling.call(call).await
                }
                Err(error) => Fate::Failed {
                    reason: format!("could not be opened: {error}"),
                    code: None,
                },
            };
            let outcome = Outcome {
                id: one.id,
                contact: one.contact,
                attempt,
                fate,
            };
            let id = outcome.id.clone();
            tell(&outcomes, outcome).await;
            under_way
                .lock()
                .expect("nobody panics while holding it")
                .remove(&id);
            drop(permit);
            if crowded.swap(false, Ordering::SeqCst) {
                ground.wakes.sender.wake();
            }
        };
        self.tracker.spawn(sending.instrument(span));
    }
}

/// What one call is made with.
struct Calling<'a> {
    ground: &'a Ground,
    channel: &'a Arc<dyn Channel>,
    uploads: &'a Arc<Uploads>,
    /// The moment until which it may be made.
    until: Instant,
    of: TryOf<'a>,
}

impl Calling<'_> {
    /// Hands over the file of a message, if it has one, and sends it.
    async fn call(&self, call: Call) -> Fate {
        if Instant::now() >= self.until {
            return self.again(
                "this process had lost the number before it could send",
                None,
            );
        }
        let now = self.ground.clock.now();
        let try_of = self.of;
        let begun = self.ground.door.rates().breaker.begin();
        let plain = call.message.without_pictures().map(|message| Call {
            message,
            ..call.clone()
        });
        let (call, plain) = match plain {
            // Pictures were tried for once; nothing later waits behind them any longer.
            Some(plain) if self.of.attempt > 1 => (plain, None),
            plain => (call, plain),
        };
        let has_pictures = plain.is_some();
        let ready = if has_pictures {
            match tokio::time::timeout(PICTURES, self.pictures(call, now)).await {
                Ok(ready) => ready,
                // The next try goes without them.
                Err(_) => return self.again("its pictures took too long", None),
            }
        } else {
            let uploads = &self.uploads;
            uploads
                .ready(&**self.channel, self.of.contact, call, now)
                .await
        };
        let call = match (ready, plain) {
            (Ok(call), _) => call,
            (Err(NotReady::Never(_)), Some(plain)) => plain,
            (Err(NotReady::Now(outcome)), Some(plain)) if outcome.is_answer() => plain,
            (Err(NotReady::Never(reason)), None) => return Fate::Failed { reason, code: None },
            (Err(NotReady::Now(outcome)), _) => {
                // A word may have come from our own disk; silence is always Meta's.
                if !outcome.is_answer() {
                    heed(self.ground, &outcome, begun);
                }
                return after(self.ground, &outcome, try_of);
            }
        };
        if Instant::now() >= self.until {
            // It is with Meta by now and not handed over again.
            return self.again("its file took longer than the number was held", None);
        }
        let begun = self.ground.door.rates().breaker.begin();
        let sent = self.channel.send(&call).await;
        heed(self.ground, &sent, begun);
        if !matches!(sent, SendOutcome::Accepted { .. }) {
            for media_id in call.message.media_ids() {
                self.uploads.forget(media_id);
            }
        }
        if let SendOutcome::Permanent { code, reason } = &sent
            && call.message.without_pictures().is_some()
        {
            metrics::sent("permanent", *code);
            tracing::warn!(code, reason, "Meta refused a message with its pictures");
            return self.again("refused with its pictures", Some(*code));
        }
        after(self.ground, &sent, try_of)
    }

    /// Hands over the pictures of a message. Whoever waits no longer for them leaves them on
    /// their way: the next message finds them there.
    async fn pictures(&self, call: Call, now: Timestamp) -> Result<Call, NotReady> {
        let (uploads, channel) = (Arc::clone(self.uploads), Arc::clone(self.channel));
        let contact = self.of.contact.to_owned();
        let uploading =
            tokio::spawn(async move { uploads.ready(&*channel, &contact, call, now).await });
        let stopped = |_| NotReady::Never("its pictures could not be handed over".to_owned());
        uploading.await.map_err(stopped)?
    }

    /// Nothing was sent, whatever the next holder of the number believes.
    fn again(&self, reason: &str, code: Option<i64>) -> Fate {
        Fate::Again {
            due_at: self.ground.clock.now().as_millisecond(),
            reason: reason.to_owned(),
            code,
        }
    }
}
