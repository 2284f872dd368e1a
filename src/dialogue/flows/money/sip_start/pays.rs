//! What pays for a SIP: a mandate that is there and suffices, or the terms of a new one.

use jiff::civil::Date;

use super::super::super::super::labels::Label;
use super::super::super::super::ports::Dealings;
use super::super::super::super::scene::{Say, Scene, Step};
use super::super::super::super::texts::Text;
use super::super::confirm::{self, Verb};
use super::super::sip_terms::{draft_on, mandate_for, next_on, usable};
use super::super::{at, choice, drops, refuse, say, terms};
use super::State;
use crate::investing::orders::MandateKind;
use crate::investing::orders::draft::{Draft, Proposal, Refusal};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::plan::PlanTerms;

/// Returns what the button of a way to pay says.
pub(super) const fn pays_label(kind: MandateKind) -> Label {
    match kind {
        MandateKind::Upi => Label::PayUpi,
        MandateKind::Enach => Label::PayEnach,
    }
}

impl State {
    /// Finds a mandate that pays for it and shows the terms, or asks for a new one.
    pub(super) async fn pay(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        wanted: PlanTerms,
        day: i8,
    ) -> anyhow::Result<Step> {
        let taken = dealings.takes().mandates;
        let largest = wanted.largest();
        let offers = |kind: MandateKind| taken.contains(&kind) && largest <= kind.ceiling();
        // What was asked for and cannot be had is told with the question.
        self.pays = self.pays.filter(|kind| offers(*kind));
        if let Some(kind) = self.pays {
            return self.review_mandate(scene, dealings, kind, &wanted).await;
        }
        let mut refused = Refusal::MandateMissing;
        for mandate in usable(dealings.mandates(scene.contact.id).await?) {
            let draft = draft_on(scene, dealings, (&wanted, day), &mandate).await?;
            match draft {
                Ok(draft) => return self.review(scene, draft, &mandate).await,
                Err(Refusal::Mandate(_) | Refusal::MandateDates) => {}
                Err(other) => refused = other,
            }
        }
        if refused != Refusal::MandateMissing {
            return refuse::end(scene, &refused);
        }
        self.pending = None;
        let ways: Vec<MandateKind> = taken.iter().copied().filter(|kind| offers(*kind)).collect();
        if ways.is_empty() {
            let most = taken.iter().map(|kind| kind.ceiling()).max();
            let why = most.map_or(Refusal::MandateMissing, Refusal::AboveCeiling);
            return refuse::end(scene, &why);
        }
        let upi = match (
            ways.contains(&MandateKind::Upi),
            taken.contains(&MandateKind::Upi),
        ) {
            (true, _) => "offered",
            (false, true) => "too_much",
            (false, false) => "not_taken",
        };
        let text = scene.say(&Text::SipPays {
            upi,
            enach: ways.contains(&MandateKind::Enach),
            ceiling: &say::rupees(MandateKind::Upi.ceiling()),
        })?;
        let mut buttons: Vec<_> = ways
            .into_iter()
            .map(|kind| choice("pays", kind.as_str(), scene.label(pays_label(kind))))
            .collect();
        buttons.push(drops(scene));
        Ok(at(self, Say::talk(text).buttons(buttons)))
    }

    async fn review(
        self,
        scene: &Scene<'_>,
        draft: Draft,
        mandate: &Mandate,
    ) -> anyhow::Result<Step> {
        let say = terms::of_plan(scene, &draft, Some(mandate))?;
        let too_soon = self.too_soon(scene, &draft);
        let what = (self.amount, Verb::Start);
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        let step = confirm::show(scene, draft, what, say, state).await?;
        let Some(asked) = too_soon else {
            return Ok(step);
        };
        let asked = &say::day(asked);
        Ok(step.led_by(&scene.say(&Text::SipLater { asked })?))
    }

    /// Returns the first day that was asked for, where the first instalment comes later.
    fn too_soon(&self, scene: &Scene<'_>, draft: &Draft) -> Option<Date> {
        let Proposal::Plan(plan) = &draft.terms.proposal else {
            return None;
        };
        let asked = next_on(self.day?, self.earliest(scene));
        self.from.filter(|_| plan.terms.start > asked)?;
        Some(asked)
    }

    async fn review_mandate(
        self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        kind: MandateKind,
        wanted: &PlanTerms,
    ) -> anyhow::Result<Step> {
        let proposal = mandate_for(kind, wanted.largest(), scene.today);
        let limit = proposal.limit;
        let proposal = Proposal::Mandate(proposal);
        let draft = match dealings.prepare(scene.contact.id, proposal).await? {
            Ok(draft) => draft,
            Err(refusal) => return refuse::end(scene, &refusal),
        };
        let say = terms::of_mandate(scene, &draft)?;
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        confirm::show(scene, draft, (Some(limit), Verb::Mandate), say, state).await
    }
}
