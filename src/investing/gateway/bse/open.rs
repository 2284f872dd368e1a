//! What BSE's public documents leave open, in one place. Nothing here is guessed: what is
//! unset fails the call that needs it, naming the setting; the member document says it.
//!
//! Two things no setting settles. The scheme master states no least instalment of a plan,
//! so a plan is offered only where a rules file does; and it may have several rows for one
//! ISIN, of which none is sold until a rules file names its code
//! ([`overlay`](crate::investing::rules::master::overlay)).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::jose::Keys;
use crate::investing::gateway::port::GatewayError;

pub(super) const NOMINEE_TEMPLATE: &str = "BSE_NOMINEE_TEMPLATE";
pub(super) const RELATION_CODES: &str = "BSE_RELATION_CODES";

/// How payloads travel.
#[derive(Debug)]
pub enum Payloads {
    /// As JSON.
    Plain,
    /// Signed with our key and encrypted with BSE's, and back.
    Jose(Box<Keys>),
}

/// The open points. Every field is unset by default.
#[derive(Debug, Default)]
pub struct Open {
    /// `BSE_PAYLOADS`: plain or JOSE.
    pub payloads: Option<Payloads>,
    /// `BSE_V2_CALLS`: which calls go behind `/v2`.
    pub v2_calls: Option<V2Calls>,
    /// `BSE_SWITCH_TARGET_KEY`: key of a switch's target scheme.
    pub switch_target_key: Option<String>,
    /// `BSE_SWITCH_IN_KEY`: key of the object in which an order shows what a switch's
    /// target allotted. Without it the second leg is not known, and neither is booked.
    pub switch_in_key: Option<String>,
    /// `BSE_PLAN_AHEAD_KEYS`: keys of a plan's next day and of how many instalments it still
    /// leaves out. Without them a pause is followed by what was ordered.
    pub plan_ahead_keys: Option<(String, String)>,
    /// `BSE_ALL_UNITS_KEY`: key of the flag that redeems every unit.
    pub all_units_key: Option<String>,
    /// `BSE_MANDATE_REFERENCE_KEY`: key under which a mandate carries our reference.
    pub mandate_reference_key: Option<String>,
    /// `BSE_PLAN_CHANGE_EVENT`: 2FA event of a change of a plan.
    pub plan_change_event: Option<String>,
    /// `BSE_WEBHOOK_SIGNATURE`: whether webhooks are taken without one.
    pub unsigned_webhooks: bool,
    /// `BSE_NOMINEE_TEMPLATE`: a nominee as `add_ucc` takes it, with places for what is on
    /// record (`{first_name}`, `{born}` …). An order or a plan says only whether there are
    /// nominees: BSE has those of the account.
    pub nominee_template: Option<Map<String, Value>>,
    /// `BSE_RELATION_CODES`: code of each relationship, by our word (`spouse`).
    pub relation_codes: Option<Map<String, Value>>,
    /// `BSE_UCC_TEMPLATE`: what `add_ucc` needs beside the investor's own details.
    pub ucc_template: Option<Map<String, Value>>,
}

/// Which calls go behind `/v2`.
#[derive(Debug, Clone, Default)]
pub struct V2Calls {
    /// All that `except` does not name; otherwise only those it names.
    pub all: bool,
    /// Calls.
    pub except: BTreeSet<String>,
}

impl V2Calls {
    fn has(&self, call: &str) -> bool {
        self.all != self.except.contains(call)
    }
}

impl Open {
    /// Returns the path of a call.
    pub(super) fn path(&self, call: &str) -> Result<String, GatewayError> {
        let calls = set(self.v2_calls.as_ref(), "BSE_V2_CALLS")?;
        Ok(if calls.has(call) {
            format!("v2/{call}")
        } else {
            call.to_owned()
        })
    }

    pub(super) fn payloads(&self) -> Result<&Payloads, GatewayError> {
        set(self.payloads.as_ref(), "BSE_PAYLOADS")
    }

    pub(super) fn switch_target_key(&self) -> Result<&String, GatewayError> {
        set(self.switch_target_key.as_ref(), "BSE_SWITCH_TARGET_KEY")
    }

    pub(super) fn all_units_key(&self) -> Result<&String, GatewayError> {
        set(self.all_units_key.as_ref(), "BSE_ALL_UNITS_KEY")
    }

    pub(super) fn mandate_reference_key(&self) -> Result<&String, GatewayError> {
        let key = self.mandate_reference_key.as_ref();
        set(key, "BSE_MANDATE_REFERENCE_KEY")
    }

    pub(super) fn plan_change_event(&self) -> Result<&String, GatewayError> {
        set(self.plan_change_event.as_ref(), "BSE_PLAN_CHANGE_EVENT")
    }

    pub(super) fn ucc_template(&self) -> Result<&Map<String, Value>, GatewayError> {
        set(self.ucc_template.as_ref(), "BSE_UCC_TEMPLATE")
    }

    pub(super) fn nominee_template(&self) -> Result<&Map<String, Value>, GatewayError> {
        set(self.nominee_template.as_ref(), NOMINEE_TEMPLATE)
    }

    pub(super) fn relation_codes(&self) -> Result<&Map<String, Value>, GatewayError> {
        set(self.relation_codes.as_ref(), RELATION_CODES)
    }

    pub(super) fn check_webhooks(&self) -> Result<(), GatewayError> {
        let unsigned = self.unsigned_webhooks.then_some(());
        set(unsigned, "BSE_WEBHOOK_SIGNATURE")
    }
}

fn set<T>(value: Option<T>, setting: &str) -> Result<T, GatewayError> {
    value.ok_or_else(|| GatewayError::NotSetUp(format!("{setting} is not set")))
}
