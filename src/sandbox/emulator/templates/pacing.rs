//! Pacing: of a template that is new, a few messages go out and the rest is held until it is
//! known what people think of it. Then they go out too, or fail with the template's pause.

use std::collections::HashMap;
use std::time::Instant;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{KeptTemplate, TemplateDeed};
use crate::sandbox::emulator::chat::Accepted;
use crate::sandbox::emulator::price::Price;
use crate::sandbox::emulator::sends::Addressed;
use crate::sandbox::emulator::state::State;
use crate::sandbox::emulator::{Emulator, Person};
use crate::sandbox::store::Change;

/// The template of a message is paused.
const PAUSED: i64 = 132_015;

/// An accepted message that waits for what people think of its template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    /// Id of the template.
    pub(crate) template: String,
    pub(crate) wamid: String,
    /// The person, as the business is told of them.
    pub(crate) to: Person,
    pub(crate) callback: Option<String>,
    pub(crate) text: String,
    pub(crate) body: Value,
    pub(crate) reply_to: Option<String>,
    pub(crate) price: Price,
}

/// Which messages are held, and how many were not.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    held: Vec<Held>,
    /// By id of the template.
    gone_out: HashMap<String, u32>,
}

impl Pacing {
    /// Returns it with what was held before. Of a template some of whose messages are held,
    /// as many went out as may.
    pub(crate) fn of(held: Vec<Held>) -> Self {
        let all_out = |one: &Held| (one.template.clone(), u32::MAX);
        let gone_out = held.iter().map(all_out).collect();
        Self { held, gone_out }
    }

    /// Counts one more message with a template, if it is among the first `most`.
    fn take(&mut self, template: &str, most: u32) -> bool {
        let gone_out = self.gone_out.entry(template.to_owned()).or_default();
        let is_taken = *gone_out < most;
        *gone_out += u32::from(is_taken);
        is_taken
    }
}

impl State {
    /// Returns the id of the template that a message with it has to wait for.
    pub(crate) fn paced_template(&mut self, sent: &Value) -> Option<String> {
        let most = self.options.template_pacing?;
        let (name, code) = (&sent["name"], &sent["language"]["code"]);
        let mut all = self.templates.iter();
        let one = all.find(|one| name == &one.name && code == &one.language)?;
        let is_unproven = one.category == "MARKETING" && one.quality == "UNKNOWN";
        let id = one.id.clone();
        (is_unproven && !self.pacing.take(&id, most)).then_some(id)
    }

    /// Holds a message.
    pub(crate) fn hold(&mut self, one: Held) {
        self.note(|| Change::Held(Box::new(one.clone())));
        self.pacing.held.push(one);
    }

    fn take_held(&mut self, template: &str) -> Vec<Held> {
        let held = std::mem::take(&mut self.pacing.held);
        let (taken, kept) = held.into_iter().partition(|one| one.template == template);
        self.pacing.held = kept;
        taken
    }
}

/// Returns whether the messages that are held may go out after this; `None` if they stay held.
pub(super) fn verdict(deed: &TemplateDeed) -> Option<bool> {
    match deed {
        TemplateDeed::Quality { score } => match score.as_str() {
            "GREEN" | "YELLOW" => Some(true),
            "RED" => Some(false),
            _ => None,
        },
        TemplateDeed::Pause | TemplateDeed::Reject { .. } => Some(false),
        TemplateDeed::Unpause | TemplateDeed::Category { .. } => None,
    }
}

/// Returns what is told of a pause that only somebody lifts.
pub(super) fn pause() -> Value {
    json!({"reason": "NONE", "other_info": {"title": "RATE_LIMITING_PAUSE",
        "description": "The first people who got it did not like it."}})
}

impl Emulator {
    /// Lets the messages that were held for a template go out, or fail. Returns how many.
    pub(super) fn settle_held(
        &self,
        state: &mut State,
        template: &KeptTemplate,
        may_go_out: bool,
        now: Timestamp,
    ) -> usize {
        let held = state.take_held(&template.id);
        let count = held.len();
        for one in held {
            state.note(|| Change::HeldNoLonger(one.wamid.clone()));
            let place = state.find_dialled(one.to.key());
            let to = Addressed {
                place,
                person: place.map_or_else(|| one.to.clone(), |at| state.chats[at].person.clone()),
                called: one.to,
                wamid: one.wamid.clone(),
                failure: (!may_go_out).then_some(PAUSED),
                price: one.price,
            };
            let accepted = Accepted {
                wamid: one.wamid,
                to: to.person.key().to_owned(),
                callback: one.callback,
                kind: "template",
                text: one.text,
                body: one.body,
                at: now,
                arrived: Instant::now(),
            };
            self.hand_out(state, &to, &accepted, one.reply_to, false);
        }
        count
    }
}
