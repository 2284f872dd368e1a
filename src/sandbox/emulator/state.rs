//! Everything the emulator remembers, behind one lock that is held for microseconds.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use super::chat::{Accepted, Bubble, Chat, Person, Tick, opens_window};
use super::distort;
use super::faults::{FaultKind, Faults};
use super::forms::{KeptForm, KeptKey};
use super::graph::samples::Samples;
use super::limits::{Bucket, Reached};
use super::log::Log;
use super::media::Media;
use super::numbers;
use super::queue::{Lane, Queue, Webhook};
use super::templates::{KeptTemplate, Pacing};
use crate::sandbox::store::{Change, Saved};

/// Habits of Meta that can be changed while it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Messages a second the number may send; no limit if it is not given.
    pub throughput: Option<u32>,
    /// Whether one user may be sent only one message per six seconds after a burst.
    pub pair_rate: bool,
    /// How many people may be written to outside their window in 24 hours, by the messaging
    /// limit of the portfolio; no limit if it is not given.
    pub messaging_limit: Option<u32>,
    /// How many marketing messages somebody gets outside their window in 24 hours; no limit if
    /// it is not given.
    pub marketing_cap: Option<u32>,
    /// How many messages go out with a marketing template that nobody has thought anything of
    /// yet, before the rest is held until somebody does; none is held if it is not given.
    pub template_pacing: Option<u32>,
    /// Whether a send outside the 24-hour window is refused at once and not later.
    pub refuse_outside_window: bool,
    /// How many hours a webhook is posted again that is not answered with 200; seven days if
    /// it is not given.
    pub redelivery_hours: Option<u32>,
    /// How long the review of a template takes.
    pub review_seconds: u64,
    /// The oldest major version that definitions of forms may have: Meta retires them.
    pub oldest_form_version: u32,
    /// Whether everybody reads at once what they get.
    pub reads_at_once: bool,
}

/// What happened since the last write to disk.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    pub(crate) changes: Vec<Change>,
    /// How many changes there ever were.
    pub(crate) made: u64,
}

pub(crate) struct State {
    pub(crate) chats: Vec<Chat>,
    places: HashMap<String, usize>,
    pub(crate) faults: Faults,
    pub(crate) options: Options,
    pub(crate) templates: Vec<KeptTemplate>,
    /// Those whose names are still taken.
    pub(crate) deleted_templates: Vec<KeptTemplate>,
    /// Messages that wait for what people think of their template.
    pub(crate) pacing: Pacing,
    queues: [Queue; 3],
    pub(crate) in_flight: usize,
    pub(crate) journal: Vec<Arc<Accepted>>,
    pub(crate) log: Log,
    pub(crate) throughput: Bucket,
    pub(crate) reached: Reached,
    pub(crate) callback_url: String,
    pub(crate) random: StdRng,
    pub(crate) unsaved: Option<Unsaved>,
    /// The number's public key for forms.
    pub(crate) form_key: Option<KeptKey>,
    pub(crate) forms: Vec<KeptForm>,
    /// Files for reviewers.
    pub(crate) samples: Samples,
    media: HashMap<String, Arc<Media>>,
    chat_length: usize,
    next: u64,
}

impl State {
    pub(crate) fn new(callback_url: String, seed: u64, log: usize, chat_length: usize) -> Self {
        Self {
            chats: Vec::new(),
            places: HashMap::new(),
            faults: Faults::seeded(seed),
            options: Options::default(),
            templates: Vec::new(),
            deleted_templates: Vec::new(),
            pacing: Pacing::default(),
            queues: Lane::ALL.map(|_| Queue::default()),
            in_flight: 0,
            journal: Vec::new(),
            log: Log::of_length(log),
            throughput: Bucket::default(),
            reached: Reached::default(),
            callback_url,
            random: rand::make_rng(),
            unsaved: None,
            form_key: None,
            forms: Vec::new(),
            samples: Samples::default(),
            media: HashMap::new(),
            chat_length,
            next: 1,
        }
    }

    /// Puts back what was on disk, and from now on notes what has to go there.
    pub(crate) fn restore(&mut self, saved: Saved) {
        for person in saved.people {
            self.place(person);
        }
        for (key, bubble) in saved.bubbles {
            let place = self.place_of(&key);
            self.next = self.next.max(bubble.number + 1);
            let chat = &mut self.chats[place];
            if bubble.mine && opens_window(&bubble.kind) {
                chat.last_inbound = chat.last_inbound.max(Some(bubble.at));
            }
            chat.bubbles.push_back(bubble);
            if chat.bubbles.len() > self.chat_length {
                chat.bubbles.pop_front();
            }
        }
        for key in saved.stopped_marketing {
            let place = self.place_of(&key);
            self.chats[place].stopped_marketing = true;
        }
        let templates = saved.templates.into_iter();
        (self.deleted_templates, self.templates) =
            templates.partition(|one| one.deleted_at.is_some());
        self.pacing = Pacing::of(saved.held);
        self.forms = saved.forms;
        self.form_key = saved.form_key;
        for media in saved.media {
            self.media.insert(media.id.clone(), Arc::new(media));
        }
        for webhook in saved.webhooks {
            self.next = self.next.max(webhook.id + 1);
            self.release(webhook);
        }
        self.unsaved = Some(Unsaved::default());
    }

    /// Notes a change that has to go to disk.
    pub(crate) fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(unsaved) = &mut self.unsaved {
            unsaved.changes.push(change());
            unsaved.made += 1;
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Returns an id for a file that no other has.
    pub(crate) fn media_id(&mut self) -> String {
        loop {
            let id: u64 = self
                .random
                .random_range(100_000_000_000_000..999_999_999_999_999);
            let id = id.to_string();
            if !self.media.contains_key(&id) {
                return id;
            }
        }
    }

    /// Returns a file that is still there.
    pub(crate) fn media(&self, id: &str, now: Timestamp) -> Option<Arc<Media>> {
        self.media.get(id).filter(|m| m.until > now).cloned()
    }

    /// Adds a file, and forgets those whose time is over.
    pub(crate) fn add_media(&mut self, media: Arc<Media>, now: Timestamp) {
        let gone = self.media.values().filter(|m| m.until <= now);
        let gone: Vec<String> = gone.map(|m| m.id.clone()).collect();
        for id in gone {
            self.remove_media(&id);
            self.note(|| Change::MediaDeleted(id));
        }
        self.media.insert(media.id.clone(), media);
    }

    pub(crate) fn remove_media(&mut self, id: &str) {
        self.media.remove(id);
    }

    /// Returns where somebody is kept, by phone number or user id.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Returns where somebody is kept who is sent something, however their number is written.
    pub(crate) fn find_dialled(&self, name: &str) -> Option<usize> {
        let other_ways = || numbers::other_ways(name);
        self.find(name)
            .or_else(|| other_ways().iter().find_map(|way| self.find(way)))
    }

    /// Returns where somebody is kept, getting to know them if need be.
    pub(crate) fn place_of(&mut self, name: &str) -> usize {
        if let Some(place) = self.find(name) {
            return place;
        }
        let person = if name.bytes().all(|b| b.is_ascii_digit()) {
            Person::with_phone(
                name,
                &format!("User {}", &name[name.len().saturating_sub(4)..]),
            )
        } else {
            Person::without_phone(name, "User")
        };
        self.add(person)
    }

    /// Gets to know somebody; known already, they keep their chat.
    pub(crate) fn add(&mut self, person: Person) -> usize {
        if let Some(place) = self.find(person.key()) {
            return place;
        }
        self.note(|| Change::Person(person.clone()));
        self.place(person)
    }

    fn place(&mut self, person: Person) -> usize {
        let place = self.chats.len();
        self.places.insert(person.user_id.clone(), place);
        self.places.insert(person.key().to_owned(), place);
        self.chats.push(Chat::of(person));
        place
    }

    /// Adds a message to a chat.
    pub(crate) fn show(&mut self, place: usize, bubble: impl FnOnce(u64) -> Bubble) {
        if self.chat_length == 0 {
            return;
        }
        let bubble = bubble(self.number());
        let chat = &mut self.chats[place];
        if chat.bubbles.len() == self.chat_length {
            chat.bubbles.pop_front();
        }
        chat.bubbles.push_back(bubble.clone());
        let key = chat.person.key().to_owned();
        self.note(|| Change::Bubble(key, Box::new(bubble)));
    }

    /// Changes a message of a chat; `None` if it is not there or the same as before.
    pub(crate) fn alter(
        &mut self,
        place: usize,
        wamid: &str,
        change: impl FnOnce(&mut Bubble) -> bool,
    ) -> Option<()> {
        let chat = &mut self.chats[place];
        let key = chat.person.key().to_owned();
        let bubble = chat.find(wamid)?;
        if !change(bubble) {
            return None;
        }
        let bubble = bubble.clone();
        self.note(|| Change::Bubble(key, Box::new(bubble)));
        Some(())
    }

    /// Moves a message up to `tick`, never down.
    pub(crate) fn tick(&mut self, place: usize, wamid: &str, tick: Tick) -> Option<()> {
        self.alter(place, wamid, |bubble| {
            let rises = bubble.tick < tick;
            bubble.tick = bubble.tick.max(tick);
            rises
        })
    }

    /// Puts a webhook about what happens at `at` into its queue, through the faults that
    /// concern every webhook.
    pub(crate) fn enqueue(
        &mut self,
        at: Timestamp,
        lane: Lane,
        delay_ms: u64,
        change: String,
        wamid: Option<&str>,
    ) {
        let most = self.faults.roll(FaultKind::ReorderWebhooks);
        let delay_ms = delay_ms + most.map_or(0, |most| self.faults.up_to(most));
        let change: Arc<str> = self.distorted(change).into();
        let step_ms = self.faults.roll(FaultKind::MixedUpdates);
        let lane = step_ms.map_or(lane, |_| Lane::Together);
        let copies = self.faults.roll(FaultKind::DuplicateWebhooks).unwrap_or(0);
        let mut delays = Vec::new();
        for copy in 0..=copies {
            // Every other copy comes later, the rest in the same instant.
            let later = if copy % 2 == 0 { 0 } else { 60_000 };
            delays.push(delay_ms + self.faults.up_to(later));
        }
        let again_in = self.faults.roll(FaultKind::LateDuplicates);
        let again_in = again_in.map(|seconds| seconds.saturating_mul(1_000));
        delays.extend(again_in.map(|millis| delay_ms.saturating_add(millis)));
        for delay_ms in delays {
            let due = after(at, delay_ms);
            let webhook = Webhook {
                id: self.number(),
                lane,
                due: step_ms.map_or(due, |step_ms| next_step(due, step_ms)),
                made: at,
                attempts: 0,
                change: Arc::clone(&change),
                wamid: wamid.map(str::to_owned),
            };
            if self.unsaved.is_some() {
                self.note(|| Change::Webhook(webhook));
            } else {
                self.release(webhook);
            }
        }
    }

    /// Returns a change as the faults have it that write it otherwise.
    fn distorted(&mut self, mut change: String) -> String {
        if self.faults.roll(FaultKind::UnknownFields).is_some() {
            change = distort::with_unknown_parts(&change);
        }
        if self.faults.roll(FaultKind::MillisTimestamps).is_some() {
            change = distort::in_milliseconds(&change);
        }
        change
    }

    /// Lets a webhook be delivered.
    pub(crate) fn release(&mut self, webhook: Webhook) {
        self.queue(webhook.lane).push(webhook);
    }

    pub(crate) fn queue(&mut self, lane: Lane) -> &mut Queue {
        &mut self.queues[lane as usize]
    }

    /// Returns how many webhooks were not acknowledged yet.
    pub(crate) fn unacknowledged(&self) -> usize {
        let waiting: usize = self.queues.iter().map(Queue::len).sum();
        let unsaved = self.unsaved.iter().flat_map(|u| &u.changes);
        let unsaved = unsaved.filter(|c| matches!(c, Change::Webhook(_))).count();
        waiting + self.in_flight + unsaved
    }

    /// Returns whether there is nothing to do before the clock moves.
    pub(crate) fn is_quiet(&self, now: Timestamp) -> bool {
        let idle = |queue: &Queue| queue.next_due().is_none_or(|due| due > now);
        let saved = self.unsaved.as_ref().is_none_or(|u| u.changes.is_empty());
        self.in_flight == 0 && saved && self.queues.iter().all(idle)
    }
}

/// Returns the next moment after another of those so many milliseconds apart. What is due
/// between two of them meets there.
fn next_step(at: Timestamp, step_ms: u64) -> Timestamp {
    let step = i64::try_from(step_ms).unwrap_or(i64::MAX).max(1);
    let millis = at.as_millisecond();
    let next = millis.saturating_add(step - millis.rem_euclid(step));
    Timestamp::from_millisecond(next).unwrap_or(Timestamp::MAX)
}

/// Returns the moment so many milliseconds after another.
pub(crate) fn after(at: Timestamp, ms: u64) -> Timestamp {
    let span = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX / 2));
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
