//! A SIP is ended: a reason of the exchange's list, and one confirmation that says by when
//! debits stop. Nothing else stands in the way, and nobody is talked out of it.

use rust_decimal::prelude::ToPrimitive;

use super::super::super::commands::{Asked, Command, Done, Means};
use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::super::super::voice::clip;
use super::confirm::{Pending, Verb};
use super::plan::{State, ask};
use super::{choice, refuse, say, typed};
use crate::investing::orders::plan::REASONS;
use crate::investing::orders::service::PlanView;
use crate::language::Language;

/// Most of somebody's own words that go with the last reason.
const LONGEST_WORDS: usize = 100;

/// The exchange's reasons in the order they are offered: those people give most first.
/// Nine fit a list beside the row that leads to the others.
const REASON_LABELS: [(u8, Label); 13] = [
    (1, Label::Reason1),
    (7, Label::Reason7),
    (9, Label::Reason9),
    (5, Label::Reason5),
    (2, Label::Reason2),
    (8, Label::Reason8),
    (10, Label::Reason10),
    (11, Label::Reason11),
    (3, Label::Reason3),
    (12, Label::Reason12),
    (4, Label::Reason4),
    (6, Label::Reason6),
    (13, Label::Reason13),
];
const FIRST_ROWS: usize = 9;

/// Returns what the question that is open waits for.
pub(super) fn expects(state: &State) -> Expectation {
    match state.reason {
        None => Expectation::Reason(usize::from(REASONS)),
        Some(REASONS) if state.words.is_none() => Expectation::Text,
        Some(_) => Expectation::Nothing,
    }
}

/// Says whether words are the label of a reason that is asked for.
pub(super) fn is_a_reason(state: &State, scene: &Scene<'_>, words: &str) -> bool {
    let is_asked = matches!(state.expects(), Expectation::Reason(_));
    let labels = REASON_LABELS.iter().flat_map(|(reason, label)| {
        let named = Language::ALL.map(|language| scene.voice.label(language, *label).to_owned());
        named.map(|name| (name, *reason))
    });
    is_asked && typed::named(words, &labels.collect::<Vec<_>>(), true).is_some()
}

/// Takes a number, the words of a reason, or other words: those are a reason of their own.
pub(super) fn hear(state: &mut State, scene: &Scene<'_>, slots: &Slots) {
    if state.reason == Some(REASONS) && state.words.is_none() {
        state.words = slots
            .text
            .as_deref()
            .map(|text| clip(text.trim(), LONGEST_WORDS));
        return;
    }
    let number = slots.number.and_then(|number| number.to_usize());
    let at = slots
        .choice
        .or(number)
        .and_then(|number| number.checked_sub(1));
    if let Some((reason, _)) = at.and_then(|at| REASON_LABELS.get(at)) {
        state.reason = Some(*reason);
        return;
    }
    let typed = slots.text.as_deref().map(str::trim).unwrap_or_default();
    if state.reason.is_none() && typed.chars().any(char::is_alphabetic) {
        let labels = REASON_LABELS.map(|(reason, label)| (label, reason));
        let named = typed::chosen(scene, typed, &labels);
        // A question about the list is no reason of its own.
        if named.is_some() || !typed::asks(typed) {
            state.reason = Some(named.unwrap_or(REASONS));
            state.words = named.is_none().then(|| clip(typed, LONGEST_WORDS));
        }
    }
}

pub(super) async fn prompt(
    mut state: State,
    scene: &Scene<'_>,
    view: &PlanView,
    again: bool,
) -> anyhow::Result<Step> {
    let terms = &view.plan.terms;
    let fund = say::scheme(scene, terms.scheme);
    let Some(reason) = state.reason else {
        return reasons(state, scene, &fund);
    };
    if reason == REASONS && state.words.is_none() {
        let say = Say::talk(scene.say(&Text::StopWords { again })?);
        return Ok(ask(state, say));
    }
    let asked = Asked::CancelPlan(view.plan.id, reason, state.words.clone());
    let command = Command::Do(asked.clone(), Means::Button);
    let by = match scene.commands.rehearse(scene.contact.id, &command).await? {
        Ok(Done::EndsBy(day)) => Some(day),
        Ok(_) => None,
        Err(refusal) => return refuse::end(scene, &refusal),
    };
    let next = view.next.map(|(on, _)| on);
    let may_still_run = next.filter(|on| by.is_some_and(|by| *on <= by));
    let text = scene.say(&Text::StopReview {
        fund: &fund,
        amount: &say::in_full(scene, view.amount(scene.today)),
        by: by.map(say::day).as_deref(),
        still: may_still_run.map(say::day).as_deref(),
    })?;
    let pending = Pending::change(scene, asked, Verb::Stop);
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(text).buttons(pending.buttons(scene))
    };
    state.pending = Some(pending);
    Ok(ask(state, say))
}

fn reasons(state: State, scene: &Scene<'_>, fund: &str) -> anyhow::Result<Step> {
    let (first, rest) = REASON_LABELS.split_at(FIRST_ROWS);
    let row =
        |(reason, label): &(u8, Label)| choice("reason", reason.to_string(), scene.label(*label));
    let rows: Vec<Choice> = if state.more_reasons {
        rest.iter().map(row).collect()
    } else {
        let more = choice("more", "", scene.label(Label::MoreReasons));
        first.iter().map(row).chain([more]).collect()
    };
    let say = Say {
        text: scene.say(&Text::StopAsk { fund })?,
        controls: Controls::List {
            open: scene.label(Label::OpenReasons),
            sections: vec![(scene.label(Label::OpenReasons), rows)],
        },
        subject: Subject::Talk,
    };
    Ok(ask(state, say))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_of_the_exchange_can_be_given() {
        let offered: BTreeSet<u8> = REASON_LABELS.iter().map(|(reason, _)| *reason).collect();
        assert_eq!(offered, (1..=REASONS).collect());
        assert_eq!(REASON_LABELS.len(), usize::from(REASONS));
    }
}
