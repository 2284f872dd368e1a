//! The account's templates: kept, reviewed after a while, paused, and filled in.
//!
//! A review is decided when a template is handed in and shows once its time has come, so
//! that nothing has to wake for it.

mod buttons;
mod carousel;
mod fit;
mod gone;
mod languages;
mod pacing;
mod places;
mod refuse;
mod shown;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::places::ParameterFormat;

pub(crate) use self::pacing::{Held, Pacing};

use self::fit::{fits, text_of};
use self::refuse::checked;
use super::error::GraphError;
use super::event;
use super::price::PaidAs;
use super::queue::Lane;
use super::state::State;
use super::{Emulator, News};
use crate::sandbox::store::Change;

/// How long a template is paused for low quality the first time and the second.
const PAUSES: [(&str, SignedDuration); 2] = [
    ("FIRST_PAUSE", SignedDuration::from_hours(3)),
    ("SECOND_PAUSE", SignedDuration::from_hours(6)),
];
/// An approved template may be edited once in this time, and so often in the longer one.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_hours(24);
const EDITS: usize = 10;
const EDITS_COUNTED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Words that make a notice an advertisement.
const PROMOTES: [&str; 6] = [
    "discount",
    "special offer",
    "cashback",
    "hurry",
    "buy now",
    "coupon",
];

/// A template of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTemplate {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Language.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// How it writes its places; of a template that was kept before this was, its words tell.
    #[serde(default)]
    pub parameter_format: Option<ParameterFormat>,
    /// What it says.
    pub components: Value,
    /// How the review ends.
    pub verdict: String,
    /// Why, if it is refused.
    pub reason: String,
    /// When the review ends.
    pub reviewed_at: Timestamp,
    /// What people think of it.
    pub quality: String,
    /// How often it was paused.
    pub pauses: usize,
    /// Until when it is paused; the end of time where somebody has to lift it.
    pub paused_until: Option<Timestamp>,
    /// When it was edited after an approval.
    pub edits: Vec<Timestamp>,
    /// When it was deleted, of one whose name stays taken after that.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
}

impl KeptTemplate {
    /// Returns its status now.
    pub fn status(&self, now: Timestamp) -> &str {
        if now < self.reviewed_at {
            "PENDING"
        } else if self.paused_until.is_some_and(|until| now < until) {
            "PAUSED"
        } else {
            &self.verdict
        }
    }

    pub(crate) fn json(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id, "name": self.name, "language": self.language,
            "status": self.status(now), "category": self.category,
            "parameter_format": self.parameter_format(),
            "rejected_reason": if self.status(now) == "REJECTED" { &self.reason } else { "NONE" },
            "quality_score": {"score": self.quality, "date": self.reviewed_at.as_second()},
            "components": self.components,
        })
    }

    fn parameter_format(&self) -> ParameterFormat {
        let by_words = || {
            if text_of(&self.components, "BODY").contains("{{1}}") {
                ParameterFormat::Positional
            } else {
                ParameterFormat::Named
            }
        };
        self.parameter_format.unwrap_or_else(by_words)
    }

    fn named(&self) -> Value {
        json!({
            "message_template_id": self.id.parse::<u64>().unwrap_or(0),
            "message_template_name": self.name,
            "message_template_language": self.language,
            "message_template_category": self.category,
        })
    }
}

/// What people at Meta, or the people who get a template, may do to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TemplateDeed {
    /// Pause it for low quality: three hours, then six, then for ever.
    Pause,
    /// Lift the pause.
    Unpause,
    /// Refuse it after all.
    Reject {
        /// Meta's word for why.
        reason: String,
    },
    /// Change what people think of it.
    Quality {
        /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
        score: String,
    },
    /// Take it for another category.
    Category {
        /// The new one.
        category: String,
    },
}

impl Emulator {
    /// Returns the templates of the account.
    pub fn templates(&self) -> Vec<KeptTemplate> {
        self.state().templates.clone()
    }

    /// Puts templates into the account that were approved long ago; those it has stay.
    pub fn know_templates(&self, creations: &[Value]) -> Result<(), String> {
        let now = self.inner.clock.now();
        let mut state = self.state();
        for creation in creations {
            let mut one = checked(creation).map_err(|error| error.details)?;
            if state.templates.iter().any(|known| is_same(known, &one)) {
                continue;
            }
            one.id = state.template_id();
            "APPROVED".clone_into(&mut one.verdict);
            one.reviewed_at = now;
            state.keep_template(one);
        }
        Ok(())
    }

    /// Takes a template in; it is reviewed after the time the options name.
    pub(crate) fn create_template(&self, creation: &Value) -> Result<Value, GraphError> {
        let now = self.inner.clock.now();
        let mut one = checked(creation)?;
        let mut state = self.state();
        state.know_handles(&one.components)?;
        if state.templates.iter().any(|known| is_same(known, &one)) {
            let why = format!(
                "There is already {} content for this template. You can create a new template and try again.",
                one.language
            );
            return Err(GraphError::subcoded(100, 2_388_024, why));
        }
        state.is_not_reserved(&one, now)?;
        one.id = state.template_id();
        state.review(&mut one, now);
        let answer = json!({"id": one.id, "status": one.status(now), "category": one.category});
        state.keep_template(one);
        drop(state);
        self.changed(News::Switches);
        Ok(answer)
    }

    /// Replaces what a template says; it is reviewed again.
    pub(crate) fn edit_template(&self, id: &str, edition: &Value) -> Result<Value, GraphError> {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let known = state.templates.iter().find(|one| one.id == id).cloned();
        let mut one = known.ok_or_else(|| GraphError::no_such_object(id))?;
        let status = one.status(now).to_owned();
        let category = edition["category"]
            .as_str()
            .unwrap_or(&one.category)
            .to_owned();
        if !matches!(status.as_str(), "APPROVED" | "REJECTED" | "PAUSED") {
            let why = format!("A template that is {status} cannot be edited.");
            return Err(GraphError::new(2_388_039, why));
        }
        if status != "REJECTED" {
            if category != one.category {
                let why = "The category of an approved template cannot be changed.";
                return Err(GraphError::subcoded(100, 2_388_025, why));
            }
            let within = |span: SignedDuration| {
                let recent = one
                    .edits
                    .iter()
                    .filter(|at| now.duration_since(**at) < span);
                recent.count()
            };
            if within(BETWEEN_EDITS) > 0 || within(EDITS_COUNTED) >= EDITS {
                let why =
                    "An approved template may be edited once in 24 hours and 10 times in 30 days.";
                return Err(GraphError::subcoded(100, 2_388_094, why));
            }
            one.edits.push(now);
        }
        let whole = json!({"name": one.name, "language": one.language, "category": category,
            "parameter_format": one.parameter_format(), "components": edition["components"]});
        let new = checked(&whole)?;
        state.know_handles(&new.components)?;
        (one.category, one.components) = (new.category, new.components);
        one.paused_until = None;
        state.review(&mut one, now);
        state.keep_template(one);
        drop(state);
        self.changed(News::Switches);
        Ok(json!({"success": true}))
    }

    /// Does something to a template, and tells the service of it.
    pub fn treat_template(&self, name: &str, language: &str, deed: &TemplateDeed) -> bool {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let known = state
            .templates
            .iter()
            .find(|one| one.name == name && one.language == language);
        let Some(mut one) = known.cloned() else {
            return false;
        };
        match deed {
            TemplateDeed::Pause => {
                let (event, title) = if let Some((title, pause)) = PAUSES.get(one.pauses) {
                    one.paused_until = now.checked_add(*pause).ok();
                    ("PAUSED", *title)
                } else {
                    "DISABLED".clone_into(&mut one.verdict);
                    ("DISABLED", "DISABLED")
                };
                one.pauses += 1;
                let more = json!({"reason": "NONE", "other_info": {"title": title,
                    "description": "People blocked it or reported it."}});
                tell_status(&mut state, &one, event, more, now);
            }
            TemplateDeed::Unpause => {
                one.paused_until = None;
                let more = json!({"reason": "NONE", "other_info": {"title": "UNPAUSE", "description": ""}});
                tell_status(&mut state, &one, "APPROVED", more, now);
            }
            TemplateDeed::Reject { reason } => {
                "REJECTED".clone_into(&mut one.verdict);
                one.reason.clone_from(reason);
                let more = json!({"reason": reason});
                tell_status(&mut state, &one, "REJECTED", more, now);
            }
            TemplateDeed::Quality { score } => {
                let mut value = one.named();
                value["previous_quality_score"] = one.quality.as_str().into();
                value["new_quality_score"] = score.as_str().into();
                one.quality.clone_from(score);
                tell(&mut state, "message_template_quality_update", &value, now);
            }
            TemplateDeed::Category { category } => {
                let mut value = one.named();
                value["previous_category"] = one.category.as_str().into();
                value["new_category"] = category.as_str().into();
                one.category.clone_from(category);
                tell(&mut state, "template_category_update", &value, now);
            }
        }
        if let Some(may_go_out) = pacing::verdict(deed) {
            let held = self.settle_held(&mut state, &one, may_go_out, now);
            if held > 0 && !may_go_out && one.status(now) == "APPROVED" {
                one.paused_until = Some(Timestamp::MAX);
                tell_status(&mut state, &one, "PAUSED", pacing::pause(), now);
            }
        }
        state.keep_template(one);
        drop(state);
        self.changed(News::Switches);
        true
    }
}

impl State {
    /// Decides how the review ends, and plans to tell of it.
    fn review(&mut self, one: &mut KeptTemplate, now: Timestamp) {
        let after = self.options.review_seconds;
        let words = text_of(&one.components, "BODY").to_lowercase();
        let promotes = PROMOTES.iter().any(|word| words.contains(word));
        if one.category == "UTILITY" && promotes {
            "REJECTED".clone_into(&mut one.verdict);
            "INCORRECT_CATEGORY".clone_into(&mut one.reason);
        } else if self.templates.iter().any(|known| is_copy(known, one)) {
            "REJECTED".clone_into(&mut one.verdict);
            "INVALID_FORMAT".clone_into(&mut one.reason);
        } else {
            "APPROVED".clone_into(&mut one.verdict);
            "NONE".clone_into(&mut one.reason);
        }
        one.reviewed_at = super::state::after(now, after.saturating_mul(1_000));
        let more = json!({"reason": one.reason});
        tell_status(self, one, &one.verdict, more, one.reviewed_at);
    }

    /// Returns an id that no other template has: numbers begin anew with the program.
    fn template_id(&mut self) -> String {
        loop {
            let id = format!("{}", 1_689_556_908_000_000 + self.number());
            let mut all = self.templates.iter().chain(&self.deleted_templates);
            if !all.any(|one| one.id == id) {
                return id;
            }
        }
    }

    pub(crate) fn keep_template(&mut self, one: KeptTemplate) {
        self.note(|| Change::Template(Box::new(one.clone())));
        match self.templates.iter_mut().find(|known| known.id == one.id) {
            Some(known) => *known = one,
            None => self.templates.push(one),
        }
    }

    /// Checks a template message against what was approved, as Meta does at once.
    pub(crate) fn fits_template(&self, sent: &Value, now: Timestamp) -> Result<PaidAs, GraphError> {
        let (name, code) = (&sent["name"], &sent["language"]["code"]);
        let found = self
            .templates
            .iter()
            .find(|one| name == &one.name && code == &one.language);
        let status = found.map_or("", |one| one.status(now));
        let (Some(one), "APPROVED" | "PAUSED" | "DISABLED") = (found, status) else {
            let why = format!("Template name {name} does not exist in {code}, or is not approved.");
            return Err(GraphError::new(132_001, why));
        };
        match status {
            "PAUSED" => {
                return Err(GraphError::new(
                    132_015,
                    "The template is paused for low quality.",
                ));
            }
            "DISABLED" => {
                return Err(GraphError::new(
                    132_016,
                    "The template was disabled for low quality.",
                ));
            }
            _ => {}
        }
        fits(sent, &one.components)?;
        Ok(match one.category.as_str() {
            "MARKETING" => PaidAs::Marketing,
            "AUTHENTICATION" => PaidAs::Authentication,
            _ => PaidAs::Utility,
        })
    }
}

fn is_same(a: &KeptTemplate, b: &KeptTemplate) -> bool {
    a.name == b.name && a.language == b.language
}

/// Returns whether a template says what another says already, in body and footer. Meta writes
/// the words of codes itself, and all of them alike.
fn is_copy(known: &KeptTemplate, one: &KeptTemplate) -> bool {
    let says =
        |it: &KeptTemplate| ["BODY", "FOOTER"].map(|part| text_of(&it.components, part).to_owned());
    let is_other = known.id != one.id && known.language == one.language;
    let is_ours = known.verdict == "APPROVED" && known.category != "AUTHENTICATION";
    is_other && is_ours && says(known) == says(one)
}

/// Tells of a status that a template has from then on.
fn tell_status(state: &mut State, one: &KeptTemplate, event: &str, more: Value, at: Timestamp) {
    let mut value = one.named();
    value["event"] = event.into();
    if let (Some(map), Value::Object(more)) = (value.as_object_mut(), more) {
        map.extend(more);
    }
    tell(state, "message_template_status_update", &value, at);
}

/// Tells of something about the account, which happens then.
pub(crate) fn tell(state: &mut State, field: &str, value: &Value, at: Timestamp) {
    let change = event::any(field, value);
    state.enqueue(at, Lane::Statuses, 0, change, None);
}
