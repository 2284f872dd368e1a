//! What is told of a message that was accepted.

use jiff::Timestamp;
use serde_json::Value;

use super::Emulator;
use super::chat::{Accepted, Person};
use super::error::GraphError;
use super::event::{self, Became};
use super::faults::FaultKind;
use super::price::Price;
use super::queue::Lane;
use super::state::{State, after};

/// A status that will be told.
pub(crate) struct Planned {
    status: &'static str,
    /// Milliseconds after the acceptance.
    usual: u64,
    price: Option<Price>,
    error: Option<Value>,
}

/// Returns whether `delivered` is among what will be told.
pub(crate) fn tells_delivery(plan: &[Planned]) -> bool {
    plan.iter().any(|one| one.status == "delivered")
}

impl Emulator {
    /// Decides what will be told of a message. Its price comes with `sent` and with the first of
    /// `delivered` and `read`.
    pub(crate) fn plan_statuses(
        &self,
        state: &mut State,
        price: Price,
        failure: Option<i64>,
        kind: &str,
    ) -> Vec<Planned> {
        let settings = &self.inner.settings;
        if state.faults.roll(FaultKind::MissingStatuses).is_some() {
            return Vec::new();
        }
        let told = |status, usual, price| Planned {
            status,
            usual,
            price,
            error: None,
        };
        if let Some(code) = failure {
            let error = Some(GraphError::item(code));
            return vec![Planned {
                error,
                ..told("failed", settings.delivered_after, None)
            }];
        }
        let mut plan = vec![told("sent", settings.sent_after, Some(price))];
        // Of a reaction nothing more is ever told.
        if kind == "reaction" {
            return plan;
        }
        let mut owed = Some(price);
        if state.faults.roll(FaultKind::MissingDelivered).is_none() {
            plan.push(told("delivered", settings.delivered_after, owed.take()));
        }
        if state.options.reads_at_once {
            plan.push(told("read", settings.delivered_after + 1, owed));
        }
        if let Some(code) = state.faults.roll(FaultKind::DeliveredAndFailed) {
            let error = Some(GraphError::item(i64::try_from(code).unwrap_or(131_026)));
            let failed = told("failed", settings.delivered_after + 2, None);
            plan.push(Planned { error, ..failed });
        }
        plan
    }

    /// Tells what was decided, in its time and through the faults that concern statuses; at once
    /// if there is a hurry.
    pub(crate) fn tell_statuses(
        &self,
        state: &mut State,
        person: &Person,
        accepted: &Accepted,
        plan: Vec<Planned>,
        hurry: bool,
    ) {
        if plan.is_empty() {
            return;
        }
        let late = state.faults.roll(FaultKind::DelayStatuses).unwrap_or(0);
        let shuffle = state.faults.roll(FaultKind::ShuffleStatuses);
        for planned in plan {
            let usual = if hurry { 0 } else { planned.usual };
            let delay = late + shuffle.map_or(usual, |most| state.faults.up_to(most));
            let became = Became {
                wamid: accepted.wamid.clone(),
                status: planned.status,
                at: after(accepted.at, usual),
                callback: accepted.callback.clone(),
                price: planned.price,
                error: planned.error,
            };
            self.enqueue_status(state, person, accepted.at, delay, &became);
        }
    }

    pub(crate) fn enqueue_status(
        &self,
        state: &mut State,
        person: &Person,
        now: Timestamp,
        delay_ms: u64,
        became: &Became,
    ) {
        let hidden = state.faults.roll(FaultKind::HidePhones).is_some();
        let change = event::status(&self.inner.settings, person, hidden, became);
        state.enqueue(now, Lane::Statuses, delay_ms, change, None);
    }
}
