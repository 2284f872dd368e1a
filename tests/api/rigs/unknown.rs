//! P3: what becomes of sends whose outcome nobody tells, over real HTTP. The clock is
//! moved by hand, so ninety seconds pass in no time.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use sipbrewery::sandbox::{Fault, FaultKind};

use crate::harness::Wire;
use crate::harness::line::{NEW_CODE, RATE, morning};
use crate::harness::scale::scale;

/// What happens to a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Send {
    Accepted,
    AcceptedThenDropped,
    AcceptedThenHanging,
    HangingUnaccepted,
}

/// What becomes of its echoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Echo {
    InTime,
    BeforeTheAnswer,
    Late,
    Shuffled,
    TenTimes,
    Missing,
}

const PURPOSES: [&str; 4] = ["chat", "code", "money", "marketing"];
/// Sends of each purpose in each case; 17 cases of 4 purposes make 2,040.
const EACH: usize = 30;

/// Sends without an answer in a row: fewer than have the sender stand still. After them one
/// is answered.
const IN_A_ROW: usize = 4;

impl Send {
    fn fault(self) -> Option<(FaultKind, Fault)> {
        match self {
            Self::Accepted => None,
            Self::AcceptedThenDropped => Some((FaultKind::AcceptThenDrop, Fault::chance(1.0))),
            Self::AcceptedThenHanging => {
                Some((FaultKind::AcceptThenHang, Fault::chance(1.0).amount(60_000)))
            }
            Self::HangingUnaccepted => {
                Some((FaultKind::HangUnaccepted, Fault::chance(1.0).amount(60_000)))
            }
        }
    }
}

impl Echo {
    fn fault(self) -> Option<(FaultKind, Fault)> {
        let always = Fault::chance(1.0);
        match self {
            Self::InTime => None,
            Self::BeforeTheAnswer => Some((FaultKind::StatusBeforeResponse, always.amount(0))),
            Self::Late => Some((FaultKind::DelayStatuses, always.amount(80_000))),
            Self::Shuffled => Some((FaultKind::ShuffleStatuses, always.amount(20_000))),
            Self::TenTimes => Some((FaultKind::DuplicateWebhooks, always.amount(9))),
            Self::Missing => Some((FaultKind::MissingStatuses, always)),
        }
    }
}

/// Says how often a send of this kind may be accepted, and how its row ends.
fn wanted(send: Send, echo: Echo, purpose: &str) -> (usize, &'static str) {
    const TOLD: &str = "delivered";
    let was_taken = send != Send::HangingUnaccepted;
    if was_taken && echo != Echo::Missing {
        return (1, TOLD);
    }
    if send == Send::Accepted {
        return (1, "accepted");
    }
    let before = usize::from(was_taken);
    match purpose {
        // Said once more, or replaced by a new one, and that time it is heard of.
        "chat" | "code" => (before + 1, TOLD),
        _ => (before, "unknown"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_send_is_settled_by_its_echo_or_else_by_what_it_was_for() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let (mut cases, mut unknown) = (0, 0);
    for _ in 0..scale() {
        let wire = Wire::start(morning(), RATE).await;
        for (number, (send, echo)) in all().into_iter().enumerate() {
            unknown += case(&wire, number, send, echo).await;
            cases += 1;
        }
        wire.line.stop().await;
    }
    let sends = cases * EACH * PURPOSES.len();
    eprintln!("unknown sends: {sends} sends in {cases} cases, {unknown} of unknown outcome");
    assert!(sends >= 2_000);
}

fn all() -> Vec<(Send, Echo)> {
    // What was not accepted has no echo to be late.
    let mut cases = vec![(Send::HangingUnaccepted, Echo::Missing)];
    cases.push((Send::Accepted, Echo::BeforeTheAnswer));
    for send in [
        Send::Accepted,
        Send::AcceptedThenDropped,
        Send::AcceptedThenHanging,
    ] {
        for echo in [
            Echo::InTime,
            Echo::Late,
            Echo::Shuffled,
            Echo::TenTimes,
            Echo::Missing,
        ] {
            cases.push((send, echo));
        }
    }
    cases
}

/// Runs one case with people of its own; returns how many outcomes were unknown at first.
async fn case(wire: &Wire, case: usize, send: Send, echo: Echo) -> usize {
    let people: Vec<(String, &str)> = (0..EACH * PURPOSES.len())
        .map(|n| (format!("918{case:04}{n:05}"), PURPOSES[n % PURPOSES.len()]))
        .collect();
    // Without consent no marketing is sent at all.
    let joining = people.iter().filter(|(_, purpose)| *purpose == "marketing");
    let joining: Vec<(&str, &str)> = joining.map(|(name, _)| (name.as_str(), "join")).collect();
    wire.say(&joining).await;
    wire.emulator.take_accepted();
    let shown = wire.shown().await;

    if let Some((kind, fault)) = echo.fault() {
        wire.emulator.set_fault(kind, fault);
    }
    let said: Vec<(&str, &str)> = people.iter().map(|(name, p)| (name.as_str(), *p)).collect();
    let between = format!("919{case:04}00000");
    for few in said.chunks(IN_A_ROW) {
        if let Some((kind, fault)) = send.fault() {
            wire.emulator.set_fault(kind, fault);
        }
        wire.say(few).await;
        if let Some((kind, _)) = send.fault() {
            wire.emulator.set_fault(kind, Fault::OFF);
            wire.say(&[(&between, "hi")]).await;
        }
    }
    let mut unknown = 0;
    for (name, _) in &people {
        unknown += usize::from(wire.state(name).await == "unknown");
    }
    for kind in FaultKind::ALL {
        wire.emulator.set_fault(kind, Fault::OFF);
    }
    // An echo comes in the first minute and a half, or never.
    for seconds in [89, 3, 61, 15 * 60] {
        wire.pass(Duration::from_secs(seconds)).await;
    }

    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    let mut codes = HashSet::new();
    for one in wire.emulator.take_accepted() {
        *accepted.entry(one.to.clone()).or_default() += 1;
        if [NEW_CODE, "code"].contains(&one.text.as_str()) {
            let is_new = codes.insert((one.to.clone(), one.text.clone()));
            assert!(is_new, "{send:?}, {echo:?}: the same code was sent twice");
        }
    }
    for (name, purpose) in &people {
        let (times, end) = wanted(send, echo, purpose);
        let found = accepted.get(name).copied().unwrap_or(0);
        assert_eq!(found, times, "{send:?}, {echo:?}: {purpose} was accepted");
        let state = wire.state(name).await;
        assert_eq!(state, end, "{send:?}, {echo:?}: {purpose}");
    }
    let left = people
        .iter()
        .filter(|(_, purpose)| wanted(send, echo, purpose).1 == "unknown")
        .count();
    let shown = wire.shown().await - shown;
    assert_eq!(usize::try_from(shown), Ok(left), "{send:?}, {echo:?}");
    unknown
}
