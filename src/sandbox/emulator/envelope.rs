//! The body of one POST: the updates that are due, and what faults have travel with them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::chat::Person;
use super::event::{self, Metadata, Said};
use super::faults::FaultKind;
use super::queue::{Lane, Webhook};
use super::sign::escape;
use super::{Emulator, Settings, wamid};

/// How a change begins that carries messages or statuses.
const OF_MESSAGES: &str = "{\"field\":\"messages\"";
/// The lists of such a change.
const LISTS: [&str; 3] = ["contacts", "messages", "statuses"];
/// A field that Meta does not have.
const UNKNOWN_FIELD: &str = "of_next_year";
/// More entries than this no fault adds.
const MOST_ADDED: u64 = 999;
/// Larger than this no fault makes a body.
const MOST_BYTES: usize = 64 << 20;
/// Whoever writes to other businesses.
const STRANGER: &str = "919800000000";

/// An entry of a body: an account and a change that it is told of.
struct Entry<'a> {
    account: Cow<'a, str>,
    change: Cow<'a, str>,
    /// When it was made.
    made: Timestamp,
}

impl Emulator {
    /// Returns the body of one POST that carries these updates.
    pub(super) fn body_of(&self, batch: &[Webhook]) -> String {
        let settings = &self.inner.settings;
        let now = self.inner.clock.now();
        let mut state = self.state();
        let mut entries = Vec::with_capacity(batch.len());
        if state.faults.roll(FaultKind::UnknownUpdates).is_some() {
            entries.push(Entry::of(settings, unknown(""), now));
        }
        let others = state.faults.roll(FaultKind::OtherAccounts).unwrap_or(0);
        for number in 0..others.min(MOST_ADDED) {
            let id = wamid::mint(STRANGER, &mut state.random);
            entries.push(of_another_account(number, id, now));
        }
        let bytes = state.faults.roll(FaultKind::LargeBodies);
        drop(state);
        entries.extend(due(settings, batch));
        if let Some(bytes) = bytes {
            fill(&mut entries, bytes, |filler| {
                Entry::of(settings, unknown(filler), now)
            });
        }
        body(&entries)
    }
}

impl<'a> Entry<'a> {
    fn of(settings: &'a Settings, change: impl Into<Cow<'a, str>>, made: Timestamp) -> Self {
        Self {
            account: settings.waba_id.as_str().into(),
            change: change.into(),
            made,
        }
    }
}

/// Returns the entries of what is due, those that are to come together as one.
fn due<'a>(settings: &'a Settings, batch: &'a [Webhook]) -> Vec<Entry<'a>> {
    let entry = |webhook: &'a Webhook| Entry::of(settings, &*webhook.change, webhook.made);
    let is_joined = |webhook: &&Webhook| {
        webhook.lane == Lane::Together && webhook.change.starts_with(OF_MESSAGES)
    };
    let (joined, alone): (Vec<_>, Vec<_>) = batch.iter().partition(is_joined);
    let mut entries: Vec<_> = alone.into_iter().map(entry).collect();
    if let Some(first) = joined.first() {
        let changes = joined.iter().map(|webhook| &*webhook.change);
        entries.push(Entry::of(settings, together(changes), first.made));
    }
    entries
}

/// Returns one change with the messages, the statuses and the people of all.
fn together<'a>(changes: impl Iterator<Item = &'a str>) -> String {
    let mut whole = Value::Null;
    for change in changes {
        let read: Value = serde_json::from_str(change).expect("it was written here, as JSON");
        if whole.is_null() {
            whole = read;
            continue;
        }
        for list in LISTS {
            let Value::Array(more) = &read["value"][list] else {
                continue;
            };
            match &mut whole["value"][list] {
                Value::Array(all) => all.extend_from_slice(more),
                none => *none = json!(more),
            }
        }
    }
    // The field comes first, which tells that no time is said of it.
    escape(&format!("{OF_MESSAGES},\"value\":{}}}", whole["value"]))
}

/// Returns the entry of an account that the app serves too, about a number of its own.
fn of_another_account<'a>(number: u64, id: String, now: Timestamp) -> Entry<'a> {
    let person = Person::with_phone(STRANGER, "Somebody");
    let said = Said {
        wamid: id,
        at: now,
        kind: "text".to_owned(),
        content: json!({"body": "This is for another business."}),
        reply_to: None,
    };
    let phone_number_id = (200_000_000_000_000 + number).to_string();
    let metadata = Metadata {
        display_phone_number: "918000000000",
        phone_number_id: &phone_number_id,
    };
    let change = event::message(metadata, &person, false, &said);
    Entry {
        account: Cow::Owned((300_000_000_000_000 + number).to_string()),
        change: Cow::Owned(change),
        made: now,
    }
}

/// Returns a change of a field that nobody knows.
fn unknown(filler: &str) -> String {
    let value = json!({"kind": "unknown", "filler": filler});
    event::any(UNKNOWN_FIELD, &value)
}

/// Adds an entry that makes the body so many bytes long, if it is not longer already.
fn fill<'a>(entries: &mut Vec<Entry<'a>>, bytes: u64, filled: impl Fn(&str) -> Entry<'a>) {
    entries.push(filled(""));
    let bytes = usize::try_from(bytes).unwrap_or(0).min(MOST_BYTES);
    let missing = bytes.saturating_sub(body(entries).len());
    entries.pop();
    entries.push(filled(&"x".repeat(missing)));
}

/// Returns the body with these entries. Meta says when a change was made of everything but
/// messages and statuses, which tell their own time.
fn body(entries: &[Entry<'_>]) -> String {
    let mut body = String::with_capacity(1024);
    body.push_str("{\"object\":\"whatsapp_business_account\",\"entry\":[");
    for (place, entry) in entries.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        body.push_str("{\"id\":\"");
        body.push_str(&entry.account);
        body.push_str("\",");
        if !entry.change.starts_with(OF_MESSAGES) {
            body.push_str("\"time\":");
            body.push_str(&entry.made.as_second().to_string());
            body.push(',');
        }
        body.push_str("\"changes\":[");
        body.push_str(&entry.change);
        body.push_str("]}");
    }
    body.push_str("]}");
    body
}
