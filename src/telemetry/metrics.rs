//! Every metric of the service, by name, in one place.
//!
//! Others call a function here, so that a name is written once and a label never
//! holds anything but one of a few fixed words or a code of Meta's: no person, no
//! message, and no unbounded set of series.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use metrics::{gauge, histogram};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

const WEBHOOK_ACK: &str = "webhook_ack";
const WEBHOOK_REQUESTS: &str = "webhook_requests";
const INBOUND_EVENTS: &str = "inbound_events";
const INBOUND_DUPLICATES: &str = "inbound_duplicates";
const QUARANTINED: &str = "webhook_quarantined";
const INBOX_AGE: &str = "inbox_age";
const TURN: &str = "turn";
const MESSAGES_ENDED: &str = "messages_ended";
const TURNS_FENCED: &str = "turns_fenced";
const ASSISTED: &str = "assistant";
const SENDS: &str = "sends";
const SENDS_CANCELLED: &str = "sends_cancelled";
const SENDER_PAUSES: &str = "sender_pauses";
const SHOWN: &str = "receipts";
const NOTICES: &str = "notices";
const LETTERS: &str = "letters";
const ATTACHMENTS: &str = "attachments";
const SET_ASIDE: &str = "inbox_set_aside";
const ATTENTION: &str = "attention_open";
const OUTBOX_DEPTH: &str = "outbox_depth";
const IMPORTS: &str = "imports";
const UNKNOWN_CATEGORIES: &str = "nav_unknown_categories";
const BUILD: &str = "build_info";

/// From a commit in memory to a person who gave up: 0.5 ms to 10 s.
const SECONDS: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Returns a recorder that knows every metric, and the handle that prints them.
pub fn recorder() -> (PrometheusRecorder, PrometheusHandle) {
    let mut builder = PrometheusBuilder::new().with_recommended_naming(true);
    for name in [WEBHOOK_ACK, TURN] {
        builder = builder
            .set_buckets_for_metric(Matcher::Prefix(name.to_owned()), SECONDS)
            .expect("the list of buckets is not empty");
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, describe);
    (recorder, handle)
}

/// Makes the recorder the one of this process and returns the handle that prints it.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let (recorder, handle) = recorder();
    metrics::set_global_recorder(recorder)
        .map_err(|_| anyhow::anyhow!("this process already records metrics"))?;
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

fn describe() {
    describe_histogram!(
        WEBHOOK_ACK,
        Unit::Seconds,
        "From a webhook's headers to its answer."
    );
    describe_counter!(WEBHOOK_REQUESTS, Unit::Count, "Webhooks by outcome.");
    describe_counter!(INBOUND_EVENTS, Unit::Count, "New events by kind and type.");
    describe_counter!(
        INBOUND_DUPLICATES,
        Unit::Count,
        "Events seen before, which had no second effect."
    );
    describe_counter!(
        QUARANTINED,
        Unit::Count,
        "Signed bodies that could not be read."
    );
    describe_counter!(
        NOTICES,
        Unit::Count,
        "Notices to investors by kind and the way they went or how they ended."
    );
    describe_counter!(
        LETTERS,
        Unit::Count,
        "Attempts to post a letter by outcome."
    );
    describe_gauge!(
        INBOX_AGE,
        Unit::Seconds,
        "Age of the oldest message that waits for its turn."
    );
    describe_histogram!(
        TURN,
        Unit::Seconds,
        "From claiming a contact to the turn's commit."
    );
    describe_counter!(
        MESSAGES_ENDED,
        Unit::Count,
        "Received messages by how they ended."
    );
    describe_counter!(
        TURNS_FENCED,
        Unit::Count,
        "Turns that had lost their lease and wrote nothing."
    );
    describe_counter!(
        ASSISTED,
        Unit::Count,
        "Questions to the assistant by what came of them."
    );
    describe_counter!(
        SENDS_CANCELLED,
        Unit::Count,
        "Messages that were not sent, by reason."
    );
    describe_counter!(
        SENDER_PAUSES,
        Unit::Count,
        "Times the sender stood still because Meta answered nobody."
    );
    describe_counter!(
        SHOWN,
        Unit::Count,
        "Messages shown as read, answers announced, and what Meta refused of it."
    );
    describe_counter!(
        ATTACHMENTS,
        Unit::Count,
        "Files that came with messages: kept, or refused and why."
    );
    describe_gauge!(
        SET_ASIDE,
        Unit::Count,
        "Events that could not be read or handled and are kept."
    );
    describe_gauge!(ATTENTION, Unit::Count, "What waits for a person to decide.");
    describe_counter!(
        SENDS,
        Unit::Count,
        "Calls to the Graph API by outcome and its error code."
    );
    describe_gauge!(
        OUTBOX_DEPTH,
        Unit::Count,
        "Outgoing messages by lane and state."
    );
    describe_counter!(
        IMPORTS,
        Unit::Count,
        "Files of reference data by kind and outcome."
    );
    describe_gauge!(
        UNKNOWN_CATEGORIES,
        Unit::Count,
        "Scheme categories of the last NAV file that have no name here."
    );
    describe_gauge!(BUILD, "Always 1; its label is the version.");
}

/// Counts an answered webhook and how long it took.
pub fn webhook_answered(outcome: &'static str, took: Duration) {
    counter!(WEBHOOK_REQUESTS, "outcome" => outcome).increment(1);
    histogram!(WEBHOOK_ACK).record(took);
}

/// Counts a new event: `kind` is `message`, `status` or `other`; `type_name` is Meta's
/// word for it where that is one we know, else `unknown`.
pub fn inbound_event(kind: &'static str, type_name: &'static str) {
    counter!(INBOUND_EVENTS, "kind" => kind, "type" => type_name).increment(1);
}

/// Counts events that had been seen before.
pub fn inbound_duplicates(count: u64) {
    counter!(INBOUND_DUPLICATES).increment(count);
}

/// Counts a signed body that could not be read and was kept aside.
pub fn quarantined() {
    counter!(QUARANTINED).increment(1);
}

/// Sets the age of the oldest waiting message; nothing waiting is zero.
pub fn inbox_age(age: Duration) {
    gauge!(INBOX_AGE).set(age.as_secs_f64());
}

/// Records how long a turn took.
pub fn turn_finished(took: Duration) {
    histogram!(TURN).record(took);
}

/// Counts a received message under the word for how it ended.
pub fn message_ended(outcome: &'static str) {
    counter!(MESSAGES_ENDED, "outcome" => outcome).increment(1);
}

/// Counts what came of a question to the assistant.
pub fn assisted(verdict: &'static str) {
    counter!(ASSISTED, "verdict" => verdict).increment(1);
}

/// Counts turns whose lease was somebody else's when they wanted to write.
pub fn turns_fenced(count: usize) {
    counter!(TURNS_FENCED).increment(u64::try_from(count).unwrap_or(u64::MAX));
}

/// Counts a message that was not sent.
pub fn cancelled(reason: &'static str) {
    counter!(SENDS_CANCELLED, "reason" => reason).increment(1);
}

/// Counts that the sender stands still because Meta answers nobody.
pub fn paused() {
    counter!(SENDER_PAUSES).increment(1);
}

/// Counts a message shown as `read`, an answer announced (`typing`), or neither (`refused`).
pub fn shown(what: &'static str) {
    counter!(SHOWN, "outcome" => what).increment(1);
}

/// Counts a notice by its kind and the way it went or how it ended.
pub fn notice(kind: &'static str, way: &'static str) {
    counter!(NOTICES, "kind" => kind, "way" => way).increment(1);
}

/// Counts an attempt to post a letter by what came of it.
pub fn letter(outcome: &'static str) {
    counter!(LETTERS, "outcome" => outcome).increment(1);
}

/// Counts a file that came: `kept`, or `refused` with the word for why.
pub fn attachment(outcome: &'static str, reason: &'static str) {
    counter!(ATTACHMENTS, "outcome" => outcome, "reason" => reason).increment(1);
}

/// Sets how much was set aside and how much waits for a person.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 rows")]
pub fn set_aside(events: u64, attention: u64) {
    gauge!(SET_ASIDE).set(events as f64);
    gauge!(ATTENTION).set(attention as f64);
}

/// Counts an import of reference data by how it ended.
pub fn imported(kind: &'static str, outcome: &'static str) {
    counter!(IMPORTS, "kind" => kind, "outcome" => outcome).increment(1);
}

/// Sets how many categories of the last NAV file have no name here.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 categories")]
pub fn unknown_categories(count: usize) {
    gauge!(UNKNOWN_CATEGORIES).set(count as f64);
}

/// Counts a call to the Graph API; `code` is Meta's error code, 0 where there is none.
pub fn sent(outcome: &'static str, code: i64) {
    counter!(SENDS, "outcome" => outcome, "code" => code.to_string()).increment(1);
}

/// Sets how many outgoing messages of a lane are in a state.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 messages")]
pub fn outbox_depth(lane: &'static str, state: &'static str, count: u64) {
    gauge!(OUTBOX_DEPTH, "lane" => lane, "state" => state).set(count as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_printed_with_its_help_unit_and_labels() {
        let (recorder, handle) = recorder();
        metrics::with_local_recorder(&recorder, || {
            webhook_answered("stored", Duration::from_millis(2));
            inbound_event("message", "text");
            inbound_duplicates(3);
            quarantined();
            attachment("refused", "disguised");
            inbox_age(Duration::from_millis(1500));
            turn_finished(Duration::from_millis(4));
            sent("throttled", 130_429);
            outbox_depth("reply", "queued", 7);
            imported("navs", "refused");
            unknown_categories(2);
        });
        let text = handle.render();
        for line in [
            "webhook_requests_total{outcome=\"stored\"} 1",
            "webhook_ack_seconds_bucket{le=\"0.0025\"} 1",
            "inbound_events_total{kind=\"message\",type=\"text\"} 1",
            "inbound_duplicates_total 3",
            "webhook_quarantined_total 1",
            "attachments_total{outcome=\"refused\",reason=\"disguised\"} 1",
            "inbox_age_seconds 1.5",
            "turn_seconds_bucket{le=\"0.005\"} 1",
            "sends_total{outcome=\"throttled\",code=\"130429\"} 1",
            "imports_total{kind=\"navs\",outcome=\"refused\"} 1",
            "nav_unknown_categories 2",
            "outbox_depth{lane=\"reply\",state=\"queued\"} 7",
            "# HELP webhook_ack_seconds From a webhook's headers to its answer.",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
