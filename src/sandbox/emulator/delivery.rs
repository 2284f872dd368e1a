//! Posts webhooks until they are answered with 200, and keeps the file up to date.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::chat::Tick;
use super::faults::FaultKind;
use super::log::Entry;
use super::queue::{Lane, Webhook};
use super::state::after;
use super::{CLOSED, Emulator, News, sign, wamid};
use crate::sandbox::store::{Change, Store};

/// Meta tries for seven days, or for 36 hours: its pages disagree.
const REDELIVERY_HOURS: u32 = 7 * 24;
/// Bytes of a body that the log keeps.
const LOGGED: usize = 512 * 1_024;
/// What has to come back from an address that is verified.
const CHALLENGE: &str = "1158201444";

impl Emulator {
    /// Delivers webhooks and writes the file until `stop`. What is under way then is
    /// given up and, with a file, posted again next time.
    pub fn spawn_delivery(&self, stop: CancellationToken) -> JoinHandle<()> {
        let this = self.clone();
        tokio::spawn(async move {
            let last = CancellationToken::new();
            let lanes = async {
                let lanes = Lane::ALL.map(|lane| this.deliver(lane, stop.clone()));
                futures::future::join_all(lanes).await;
                last.cancel();
            };
            let close = async {
                stop.cancelled().await;
                this.inner.closing.cancel();
            };
            tokio::join!(lanes, close, this.save(&last));
        })
    }

    /// Asks the service to prove that it knows the verify token, as Meta does when a
    /// callback address is saved.
    pub async fn verify_callback(&self) -> Result<bool, reqwest::Error> {
        let url = self.state().callback_url.clone();
        self.verify(&url, &self.inner.settings.verify_token).await
    }

    /// Asks whoever is at an address whether they know a verify token.
    pub(super) async fn verify(&self, url: &str, token: &str) -> Result<bool, reqwest::Error> {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", CHALLENGE),
            ("hub.verify_token", token),
        ];
        let answer = self.inner.http.get(url).query(&query).send().await;
        let answered = match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                answer.text().await.map(|text| (status, text))
            }
            Err(error) => Err(error),
        };
        let (outcome, response) = match &answered {
            Ok((200, text)) if text != CHALLENGE => ("no challenge".to_owned(), text.clone()),
            Ok((status, text)) => (status.to_string(), text.clone()),
            Err(error) => ("no answer".to_owned(), error.to_string()),
        };
        self.log_webhook(format!("GET {url}"), outcome, String::new(), response);
        answered.map(|(status, text)| status == 200 && text == CHALLENGE)
    }

    pub(super) fn log_webhook(
        &self,
        what: String,
        outcome: String,
        request: String,
        response: String,
    ) {
        let at = self.inner.clock.now();
        self.state().log.add(|number| Entry {
            number,
            at,
            side: "webhook",
            what,
            outcome,
            request,
            response,
        });
        self.tell(News::Log);
    }

    /// Returns the signature of a body, unless a fault leaves it out or spoils it.
    fn signed(&self, body: &[u8]) -> Option<String> {
        let [is_left_out, is_spoilt] = {
            let faults = &mut self.state().faults;
            let kinds = [FaultKind::NoSignature, FaultKind::BadSignature];
            kinds.map(|kind| faults.roll(kind).is_some())
        };
        let secret = if is_spoilt {
            "another secret"
        } else {
            self.inner.settings.app_secret.as_str()
        };
        (!is_left_out).then(|| sign::signature(secret, body))
    }

    async fn deliver(&self, lane: Lane, stop: CancellationToken) {
        let place = lane as usize;
        let slots = Arc::new(Semaphore::new(self.inner.settings.concurrency[place]));
        let mut posts = JoinSet::new();
        while let Some((batch, slot)) = self.next_batch(lane, &slots, &stop).await {
            while posts.try_join_next().is_some() {}
            let this = self.clone();
            posts.spawn(async move {
                this.post(batch).await;
                drop(slot);
            });
        }
        posts.shutdown().await;
    }

    /// Waits for a free slot and something due; `None` when it is time to stop. The slot
    /// comes first, so that what waits for one is sent together.
    async fn next_batch(
        &self,
        lane: Lane,
        slots: &Arc<Semaphore>,
        stop: &CancellationToken,
    ) -> Option<(Vec<Webhook>, OwnedSemaphorePermit)> {
        let most = self.inner.settings.batch[lane as usize];
        let slot = tokio::select! {
            () = stop.cancelled() => return None,
            slot = Arc::clone(slots).acquire_owned() => slot.ok()?,
        };
        loop {
            let woken = self.inner.wake[lane as usize].notified();
            let next_due = {
                let mut state = self.state();
                let batch = state.queue(lane).take_due(self.inner.clock.now(), most);
                if !batch.is_empty() {
                    state.in_flight += batch.len();
                    return Some((batch, slot));
                }
                state.queue(lane).next_due()
            };
            let due = async {
                match next_due {
                    Some(due) => self.inner.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return None,
                () = woken => {}
                () = due => {}
            }
        }
    }

    async fn post(&self, batch: Vec<Webhook>) {
        let body = Bytes::from(self.body_of(&batch));
        let url = self.state().callback_url.clone();
        let mut request = self
            .inner
            .http
            .post(&url)
            .header("content-type", "application/json")
            .header("user-agent", "facebookexternalua");
        if let Some(signature) = self.signed(&body) {
            request = request.header("x-hub-signature-256", signature);
        }
        let answer = request.body(body.clone()).send().await;
        let (outcome, response) = match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let text = answer.text().await.unwrap_or_default();
                (status.to_string(), text)
            }
            Err(error) => ("no answer".to_owned(), error.to_string()),
        };
        let accepted = outcome == "200";
        let logged = &body[..body.len().min(LOGGED)];
        let request = String::from_utf8_lossy(logged).into_owned();
        self.log_webhook(format!("POST {url}"), outcome, request, response);
        self.settle(batch, accepted);
    }

    fn settle(&self, batch: Vec<Webhook>, accepted: bool) {
        let now = self.inner.clock.now();
        let settings = &self.inner.settings;
        let mut chats = Vec::new();
        let mut state = self.state();
        state.in_flight -= batch.len();
        let hours = state.options.redelivery_hours.unwrap_or(REDELIVERY_HOURS);
        let tried_for = jiff::SignedDuration::from_hours(i64::from(hours));
        for mut webhook in batch {
            if accepted || now.duration_since(webhook.made) > tried_for {
                if !accepted {
                    tracing::warn!(webhook.id, "a webhook is given up after {hours} hours");
                }
                state.note(|| Change::Acknowledged(webhook.id));
                chats.extend(webhook.wamid.filter(|_| accepted));
                continue;
            }
            let pause = settings
                .retry_first
                .saturating_mul(1 << webhook.attempts.min(20));
            webhook.attempts += 1;
            webhook.due = after(now, pause.min(settings.retry_most));
            state.note(|| Change::Retry {
                id: webhook.id,
                attempts: webhook.attempts,
                due: webhook.due,
            });
            state.release(webhook);
        }
        let mut news = vec![News::Log];
        for wamid in chats {
            let place = wamid::name(&wamid).and_then(|name| state.find(&name));
            if let Some(place) = place
                && state.tick(place, &wamid, Tick::Delivered).is_some()
            {
                news.push(News::Chat(state.chats[place].person.key().to_owned()));
            }
        }
        drop(state);
        for news in news {
            self.changed(news);
        }
    }

    /// Writes what changed, in batches, and releases webhooks once they are on disk.
    async fn save(&self, last: &CancellationToken) {
        let Some(store) = &self.inner.store else {
            return;
        };
        loop {
            let stopping = last.is_cancelled();
            if !self.save_once(store).await {
                tokio::time::sleep(Duration::from_secs(1)).await;
            } else if stopping {
                break;
            }
            let something = self.inner.unsaved.notified();
            if self
                .state()
                .unsaved
                .as_ref()
                .is_some_and(|u| u.changes.is_empty())
            {
                tokio::select! {
                    () = something => {}
                    () = last.cancelled() => {}
                }
            }
        }
        store.close().await;
        self.inner.saved.send_replace(CLOSED);
    }

    async fn save_once(&self, store: &Store) -> bool {
        let (changes, made) = match &self.state().unsaved {
            Some(unsaved) => (unsaved.changes.clone(), unsaved.made),
            None => return true,
        };
        if changes.is_empty() {
            return true;
        }
        let webhooks: Vec<Webhook> = changes.iter().filter_map(webhook_of).collect();
        let written = changes.len();
        if let Err(error) = store.write(changes, self.inner.clock.now()).await {
            tracing::error!(%error, "the sandbox file cannot be written; trying again");
            return false;
        }
        {
            let mut state = self.state();
            if let Some(unsaved) = &mut state.unsaved {
                unsaved.changes.drain(..written);
            }
            for webhook in webhooks {
                state.release(webhook);
            }
        }
        self.inner.saved.send_replace(made);
        for wake in &self.inner.wake {
            wake.notify_one();
        }
        self.inner.activity.send_modify(|count| *count += 1);
        true
    }
}

fn webhook_of(change: &Change) -> Option<Webhook> {
    match change {
        Change::Webhook(webhook) => Some(webhook.clone()),
        _ => None,
    }
}
