//! What a sentence says of a new SIP: amount, day, from when on, for how long, growth.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::super::super::ports::Dealings;
use super::super::super::super::scene::Scene;
use super::super::super::super::understanding::Slots;
use super::super::super::super::understanding::amount::quantities;
use super::super::pick::sip_rule;
use super::super::sip_terms::Growth;
use super::super::typed;
use super::pays::pays_label;
use super::{State, amends};
use crate::investing::Paise;
use crate::investing::orders::MandateKind;
use crate::investing::orders::plan::LONGEST_YEARS;

/// What `UPI AutoPay` is called besides.
const UPI: &[&str] = &["upi", "autopay", "यूपीआई"];

impl State {
    /// Takes what a sentence says.
    pub(super) fn take(&mut self, scene: &Scene<'_>, slots: &Slots) {
        let starts = slots.starts;
        let earliest = starts.map(|starts| starts.earliest(scene.today));
        self.from = earliest.or(self.from);
        if self.asks_growth() && slots.day.is_none() && starts.is_none() {
            self.growth = Growth::of(slots);
            let text = slots.text.as_deref().unwrap_or_default();
            if self.growth.is_none() && amends(text) {
                // A no has no amount of its own: "nahi 3000".
                let said = slots.amount.or_else(|| quantities(text).amount());
                self.amount = said.and_then(Paise::from_rupees).or(self.amount);
            }
            return;
        }
        // The 5 of "5 January" is no amount.
        let named = starts.and_then(|starts| starts.day);
        let is_day = |said: &Decimal| named.is_some_and(|day| *said == Decimal::from(day));
        let said = slots.amount.filter(|said| !is_day(said));
        if slots.least && said.is_none() {
            (self.amount, self.least) = (None, true);
        }
        if let Some(amount) = said.and_then(Paise::from_rupees) {
            (self.amount, self.least) = (Some(amount), false);
        }
        self.day = named
            .or(slots.day)
            .and_then(|day| i8::try_from(day).ok())
            .or(self.day);
        self.growth = Growth::of_wish(slots).or(self.growth);
        // Longer than any lasts is until cancelled.
        let lasts = |months: &u32| i64::from(*months) <= LONGEST_YEARS * 12;
        self.instalments = slots.duration_months().filter(lasts).or(self.instalments);
    }

    /// Takes what was typed in place of a button.
    pub(super) fn take_typed(&mut self, scene: &Scene<'_>, typed: &str) {
        if self.day.is_none() {
            return;
        }
        if self.growth.is_none() {
            self.growth = Growth::typed(scene, typed);
        } else if self.pays.is_none() {
            let ways = [MandateKind::Upi, MandateKind::Enach].map(|kind| (pays_label(kind), kind));
            self.pays = typed::chosen(scene, typed, &ways)
                .or_else(|| typed::says(typed, UPI).then_some(MandateKind::Upi));
        }
    }

    /// Returns the first day it may begin on.
    pub(super) fn earliest(&self, scene: &Scene<'_>) -> Date {
        self.from.map_or(scene.today, |from| from.max(scene.today))
    }

    /// Takes the least amount of the scheme where as little as may be was asked for.
    pub(super) fn take_least(
        &mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
    ) -> Option<Paise> {
        let scheme = self.fund.chosen.filter(|_| self.least)?;
        let terms = dealings.terms(scheme, scene.today)?;
        self.amount = Some(sip_rule(&terms)?.amount.minimum);
        self.least = false;
        self.amount
    }
}
