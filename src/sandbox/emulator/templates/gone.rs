//! Templates that were deleted. Of one that was approved, the name stays taken for a while.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{KeptTemplate, is_same, tell_status};
use crate::sandbox::emulator::error::GraphError;
use crate::sandbox::emulator::state::State;
use crate::sandbox::emulator::{Emulator, News};
use crate::sandbox::store::Change;

/// How long nobody may hand in another template of that name and language.
const RESERVED: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Emulator {
    /// Deletes all languages of a template, or the one with this id.
    pub(crate) fn delete_template(
        &self,
        name: &str,
        id: Option<&str>,
    ) -> Result<Value, GraphError> {
        let is_wanted = |one: &KeptTemplate| one.name == name && id.is_none_or(|id| one.id == id);
        if self.remove_templates(is_wanted, true) == 0 {
            let why = format!("Template \"{name}\" was not found in this account.");
            return Err(GraphError::subcoded(100, 2_593_002, why));
        }
        Ok(json!({"success": true}))
    }

    /// Deletes all languages of a template and leaves the name free, as if it had been deleted
    /// long ago. Returns how many there were.
    pub fn forget_template(&self, name: &str) -> usize {
        self.remove_templates(|one| one.name == name, false)
    }

    fn remove_templates(&self, is_wanted: impl Fn(&KeptTemplate) -> bool, reserves: bool) -> usize {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let all = std::mem::take(&mut state.templates);
        let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_wanted);
        state.templates = kept;
        let count = gone.len();
        for one in gone {
            // Nobody will think anything of it any more.
            self.settle_held(&mut state, &one, false, now);
            tell_status(&mut state, &one, "DELETED", json!({"reason": "NONE"}), now);
            state.bury(one, reserves, now);
        }
        drop(state);
        if count > 0 {
            self.changed(News::Switches);
        }
        count
    }
}

impl State {
    fn bury(&mut self, mut one: KeptTemplate, reserves: bool, now: Timestamp) {
        if reserves && matches!(one.status(now), "APPROVED" | "PAUSED") {
            one.deleted_at = Some(now);
            self.note(|| Change::Template(Box::new(one.clone())));
            self.deleted_templates.push(one);
        } else {
            self.note(|| Change::TemplateGone(one.id.clone()));
        }
    }

    /// Refuses a template whose name is still taken by one that was deleted.
    pub(super) fn is_not_reserved(
        &self,
        one: &KeptTemplate,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let holds = |at: Timestamp| now.duration_since(at) < RESERVED;
        let mut gone = self.deleted_templates.iter();
        if !gone.any(|gone| is_same(gone, one) && gone.deleted_at.is_some_and(holds)) {
            return Ok(());
        }
        let why = format!(
            "New {0} content can't be added while the existing {0} content is being deleted. \
             Try again in 30 days or create a new message template.",
            one.language
        );
        Err(GraphError::subcoded(100, 2_388_023, why))
    }
}
