//! What happens to a send that passed the checks: it is accepted, and may fail later.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::chat::{Accepted, Bubble, Person, Tick};
use super::error::GraphError;
use super::faults::FaultKind;
use super::price::{PaidAs, Price};
use super::request::Message;
use super::state::State;
use super::statuses::tells_delivery;
use super::templates::Held;
use super::{Emulator, News, wamid};

/// How old a message may be that somebody reacts to.
const REACTABLE: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// A message that was accepted, and who gets it.
pub(crate) struct Addressed {
    pub(crate) place: Option<usize>,
    pub(crate) person: Person,
    /// The same, as the business is told of them.
    pub(crate) called: Person,
    pub(crate) wamid: String,
    pub(crate) failure: Option<i64>,
    pub(crate) price: Price,
}

impl Emulator {
    /// Accepts a message and returns the answer, or refuses it as Meta would at once.
    pub(crate) fn accept(&self, message: Message, hurry: bool) -> Result<Value, GraphError> {
        let arrived = Instant::now();
        let now = self.inner.clock.now();
        let mut state = self.state();
        let mut files = message.files.iter();
        if files.any(|(_, id)| state.media(id, now).is_none()) {
            let why = "is not a valid whatsapp business account media attachment ID";
            let path = format!("Param {}['id'] {why}", message.kind);
            return Err(GraphError::parameter(path));
        }
        let interactive = &message.body["interactive"];
        if interactive["type"] == "flow" {
            state.has_form(&interactive["action"]["parameters"])?;
        }
        let mut to = address(&mut state, &message, now)?;
        if to.failure.is_none() {
            to.failure = later_failure(&mut state, &message, &to, now);
        }
        let held_for = match (message.kind, to.failure) {
            ("template", None) => state.paced_template(&message.body["template"]),
            _ => None,
        };
        let answer = answer(&message, &to, held_for.is_some());
        let accepted = Accepted {
            wamid: to.wamid.clone(),
            to: to.person.key().to_owned(),
            callback: message.callback,
            kind: message.kind,
            text: message.text,
            body: message.body,
            at: now,
            arrived,
        };
        match held_for {
            Some(template) => state.hold(Held {
                template,
                wamid: accepted.wamid.clone(),
                to: to.called.clone(),
                callback: accepted.callback.clone(),
                text: accepted.text.clone(),
                body: accepted.body.clone(),
                reply_to: message.reply_to,
                price: to.price,
            }),
            None => self.hand_out(&mut state, &to, &accepted, message.reply_to, hurry),
        }
        let accepted = Arc::new(accepted);
        if self.inner.settings.journal {
            state.journal.push(Arc::clone(&accepted));
        }
        drop(state);
        if let Some(observer) = &self.inner.settings.observer {
            observer(&accepted);
        }
        self.changed(News::Chat(to.person.key().to_owned()));
        Ok(answer)
    }

    /// Shows a message to whom it is for, and tells the business what becomes of it.
    pub(crate) fn hand_out(
        &self,
        state: &mut State,
        to: &Addressed,
        accepted: &Accepted,
        reply_to: Option<String>,
        hurry: bool,
    ) {
        let plan = self.plan_statuses(state, to.price, to.failure, accepted.kind);
        let shown = (accepted.kind == "template")
            .then(|| state.shown(&accepted.body["template"]))
            .flatten();
        if let (Some(place), "reaction", None) = (to.place, accepted.kind, to.failure) {
            let target = accepted.body["reaction"]["message_id"]
                .as_str()
                .unwrap_or("");
            react(state, place, target, &accepted.text);
        } else if let Some(place) = to.place {
            state.chats[place].typing_until = None;
            let tick = if to.failure.is_some() {
                Tick::Failed
            } else if state.options.reads_at_once {
                Tick::Read
            } else {
                Tick::Delivered
            };
            state.show(place, |number| Bubble {
                number,
                wamid: to.wamid.clone(),
                mine: false,
                at: accepted.at,
                kind: accepted.kind.to_owned(),
                text: accepted.text.clone(),
                content: accepted.body[accepted.kind].clone(),
                tick,
                failure: to.failure,
                reply_to,
                tapped: None,
                callback: accepted.callback.clone(),
                reaction: None,
                shown,
                owed: (!tells_delivery(&plan)).then_some(to.price),
            });
        }
        self.tell_statuses(state, &to.called, accepted, plan, hurry);
    }
}

/// Finds the person and applies the limits and the 24-hour window.
fn address(state: &mut State, message: &Message, now: Timestamp) -> Result<Addressed, GraphError> {
    let place = state.find_dialled(&message.name);
    if let Some(rate) = state.options.throughput
        && !state.throughput.take_throughput(now, rate)
    {
        let why = "Cloud API message throughput has been reached.";
        return Err(GraphError::new(130_429, why));
    }
    let paid_as = if message.kind == "template" {
        state.fits_template(&message.body["template"], now)?
    } else {
        PaidAs::Service
    };
    if paid_as == PaidAs::Authentication && message.is_to_user_id() {
        let why = "One-time codes are sent to phone numbers only.";
        return Err(GraphError::new(131_062, why));
    }
    let by_pair = state.options.pair_rate;
    let mut failure = None;
    if let Some(place) = place {
        let chat = &mut state.chats[place];
        if by_pair && !chat.pair.take_pair(now) {
            let why = "Too many messages sent from this phone number to the same phone number.";
            return Err(GraphError::new(131_056, why));
        }
        if message.kind != "template" && !chat.window_is_open(now) {
            failure = Some(131_047);
        }
    } else {
        failure = Some(131_026);
    }
    if failure == Some(131_047) && state.options.refuse_outside_window {
        let why = "More than 24 hours have passed since the customer last replied.";
        return Err(GraphError::new(131_047, why));
    }
    let person = match place {
        Some(place) => state.chats[place].person.clone(),
        None if message.is_to_user_id() => Person::without_phone(&message.name, ""),
        None => Person::with_phone(&message.name, ""),
    };
    let wamid = wamid::mint(person.key(), &mut state.random);
    let is_called_otherwise = state.faults.roll(FaultKind::OtherNumbers).is_some();
    let called = if is_called_otherwise {
        person.by_another_number()
    } else {
        person.clone()
    };
    let window_is_open = place.is_some_and(|place| state.chats[place].window_is_open(now));
    Ok(Addressed {
        place,
        person,
        called,
        wamid,
        failure,
        price: Price::of(paid_as, window_is_open, now),
    })
}

/// Returns the code by which a message fails that was taken at first.
fn later_failure(
    state: &mut State,
    message: &Message,
    to: &Addressed,
    now: Timestamp,
) -> Option<i64> {
    let chat = to.place.map(|place| &state.chats[place]);
    if to.price.paid_as == PaidAs::Marketing && chat.is_some_and(|chat| chat.stopped_marketing) {
        return Some(131_050);
    }
    let is_another = |(kind, id): &(String, String)| {
        let media = state.media(id, now);
        media.is_some_and(|media| media.kind() != Some(kind.as_str()))
    };
    if message.files.iter().any(is_another) {
        return Some(131_053);
    }
    if message.kind == "reaction" {
        let target = message.body["reaction"]["message_id"]
            .as_str()
            .unwrap_or("");
        let oldest = now.checked_sub(REACTABLE).unwrap_or(Timestamp::MIN);
        let is_there = to
            .place
            .and_then(|place| state.chats[place].find(target))
            .is_some_and(|bubble| bubble.at >= oldest);
        if !is_there {
            return Some(131_009);
        }
    }
    let beyond = to
        .place
        .and_then(|place| beyond_limits(state, place, to.price.paid_as, now));
    if beyond.is_some() {
        return beyond;
    }
    let code = state.faults.roll(FaultKind::FailLater)?;
    i64::try_from(code).ok()
}

/// Returns the code by which a message fails that goes to more people than the business may
/// write to, or is more marketing than this one gets. In an open window neither counts. Which
/// code the first has, Meta does not say; this one is what to watch for.
fn beyond_limits(state: &mut State, place: usize, paid_as: PaidAs, now: Timestamp) -> Option<i64> {
    let options = state.options;
    let chat = &mut state.chats[place];
    if chat.window_is_open(now) {
        return None;
    }
    if let (PaidAs::Marketing, Some(most)) = (paid_as, options.marketing_cap)
        && !chat.marketed.take(now, most)
    {
        return Some(131_049);
    }
    let most = options.messaging_limit?;
    (!state.reached.take(place, now, most)).then_some(131_048)
}

/// Puts an emoji on a message; an empty one takes it away.
pub(super) fn react(state: &mut State, place: usize, wamid: &str, emoji: &str) {
    state.alter(place, wamid, |bubble| {
        bubble.reaction = (!emoji.is_empty()).then(|| emoji.to_owned());
        true
    });
}

fn answer(message: &Message, to: &Addressed, is_held: bool) -> Value {
    let mut contact = json!({"input": message.input});
    if let Some(wa_id) = &to.called.wa_id {
        contact["wa_id"] = wa_id.as_str().into();
    }
    if message.is_to_user_id() || to.person.wa_id.is_none() {
        contact["user_id"] = to.person.user_id.as_str().into();
    }
    let mut sent = json!({"id": to.wamid});
    if message.kind == "template" {
        let status = if is_held {
            "held_for_quality_assessment"
        } else {
            "accepted"
        };
        sent["message_status"] = status.into();
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]})
}
