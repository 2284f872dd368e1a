//! Collects what many ask for at about the same time, so that it is done at once.

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

/// A task that works on everything that waits, again and again. While it works, the
/// next batch gathers: the busier, the larger the batch, with no timer to tune.
pub(super) struct Batcher<T, R> {
    queue: mpsc::Sender<(T, oneshot::Sender<R>)>,
}

impl<T, R> Clone for Batcher<T, R> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<T: Send + 'static, R: Send + 'static> Batcher<T, R> {
    /// Starts the task. `work` answers each item, in the order given.
    pub(super) fn start<W>(most: usize, waiting: usize, work: W) -> Self
    where
        W: Fn(Vec<T>) -> BoxFuture<'static, Vec<R>> + Send + 'static,
    {
        let (queue, mut asked) = mpsc::channel::<(T, oneshot::Sender<R>)>(waiting);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(most);
            while asked.recv_many(&mut batch, most).await > 0 {
                let (items, replies): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
                for (answer, reply) in work(items).await.into_iter().zip(replies) {
                    let _ = reply.send(answer);
                }
            }
        });
        Self { queue }
    }

    /// Asks, waiting for a place in the queue; nothing comes back once the task is gone.
    pub(super) async fn ask(&self, item: T) -> Option<R> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((item, reply)).await.ok()?;
        answer.await.ok()
    }

    /// Asks only if there is a place in the queue.
    pub(super) async fn try_ask(&self, item: T) -> Option<R> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send((item, reply)).ok()?;
        answer.await.ok()
    }
}
