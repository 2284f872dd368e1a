//! Shows people that their message was read, and that the answer takes a moment.
//!
//! This is courtesy and no promise: nothing of it is written down, nothing waits for it,
//! and where there is much to do it is left out. It is no message, so it takes nothing
//! off the number's rate; but while that is nearly used up, nothing is shown either.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Ground;
use super::outbox::Lane;
use super::turn::Turn;
use crate::contacts::Owner;
use crate::telemetry::metrics;
use crate::whatsapp::Content;

/// Calls under way at a time.
const AT_ONCE: usize = 16;
/// Messages that may wait to be shown as read; more are not shown.
const WAITING: usize = 256;
/// An answer that takes longer is announced. One that is there sooner would meet its own
/// announcement on the way, and the phone would show "typing" below it for 25 seconds.
const SOON: Duration = Duration::from_millis(700);

/// The way to show it. Implemented over the Graph client.
pub trait Courtesy: Send + Sync + 'static {
    /// Marks a message, and all before it, as read; returns whether Meta took it.
    fn read<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool>;

    /// As `read`, and shows that an answer is being written.
    fn typing<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool>;
}

/// What is shown of the messages that turns take up.
#[derive(Clone)]
pub struct Receipts {
    ground: Ground,
    queue: mpsc::Sender<Seen>,
}

/// One message that a turn has taken up.
struct Seen {
    wamid: String,
    /// The turn has ended, and the answer is on its way.
    ended: CancellationToken,
}

/// Lives as long as a turn does.
pub(super) type UnderWay = DropGuard;

impl Receipts {
    /// Starts showing what was read and, with `typing`, what takes a while.
    pub fn start(ground: Ground, courtesy: Arc<dyn Courtesy>, typing: bool) -> Self {
        let (queue, mut seen) = mpsc::channel::<Seen>(WAITING);
        let clock = ground.clock.clone();
        let calls = Arc::new(Semaphore::new(AT_ONCE));
        tokio::spawn(async move {
            while let Some(one) = seen.recv().await {
                let Ok(call) = Arc::clone(&calls).acquire_owned().await else {
                    return;
                };
                let (courtesy, clock) = (Arc::clone(&courtesy), clock.clone());
                tokio::spawn(async move {
                    count("read", courtesy.read(&one.wamid).await);
                    drop(call);
                    if !typing {
                        return;
                    }
                    let soon = clock.sleep(SOON);
                    if one.ended.run_until_cancelled(soon).await.is_some() {
                        count("typing", courtesy.typing(&one.wamid).await);
                    }
                });
            }
        });
        Self { ground, queue }
    }

    /// Shows that a turn has taken its newest message up, if there is room for courtesy.
    /// What a person is to answer is for that person to read.
    pub(super) fn seen(&self, turn: &Turn) -> Option<UnderWay> {
        let newest = turn.later.last().unwrap_or(&turn.message);
        if turn.contact.owner != Owner::Bot || !is_readable(&newest.content) {
            return None;
        }
        let now = self.ground.clock.now().as_millisecond();
        if self.ground.traffic().free(Lane::Marketing, now) == 0 {
            return None;
        }
        let ended = CancellationToken::new();
        let seen = Seen {
            wamid: newest.wamid.clone(),
            ended: ended.clone(),
        };
        self.queue.try_send(seen).ok()?;
        Some(ended.drop_guard())
    }
}

/// Says whether it is a message that can be read, rather than a mark on another one.
fn is_readable(content: &Content) -> bool {
    match content {
        Content::Text(_)
        | Content::Tap { .. }
        | Content::TemplateButton { .. }
        | Content::FlowReply(_)
        | Content::Media { .. }
        | Content::Location
        | Content::Contacts
        | Content::Order
        | Content::Unsupported(_) => true,
        Content::Reaction(_)
        | Content::System(_)
        | Content::Welcome
        | Content::Edit
        | Content::Revoke
        | Content::CallPermission => false,
    }
}

fn count(what: &'static str, taken: bool) {
    metrics::shown(if taken { what } else { "refused" });
}
