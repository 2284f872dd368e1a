//! What the paper exchange shows, in our words. It speaks our vocabulary; what it does not
//! is refused rather than guessed.

use serde::Deserialize;
use serde_json::Value;

use crate::investing::gateway::port::{
    Ahead, GatewayError, InvestorState, MandateReport, OrderReport, PlanReport, Reference,
};
use crate::investing::gateway::wire::{self, Effect};
use crate::investing::money::Paise;
use crate::investing::orders::{Allotment, BounceReason, MandateStatus, OrderStatus, PlanStatus};

/// Something that the exchange shows.
pub(super) trait Readable: Sized {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError>;
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value, effect: Effect) -> Result<T, GatewayError> {
    serde_json::from_value(value).map_err(|e| wire::lost(effect, format!("unreadable: {e}")))
}

#[derive(Deserialize)]
struct InvestorView {
    state: InvestorState,
}

impl Readable for InvestorState {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError> {
        parsed::<InvestorView>(value, effect).map(|view| view.state)
    }
}

#[derive(Deserialize)]
struct OrderView {
    id: String,
    reference: Option<Reference>,
    plan: Option<String>,
    due: Option<jiff::civil::Date>,
    status: OrderStatus,
    raw: String,
    reason: Option<String>,
    bounce: Option<BounceReason>,
    paid: Option<Paise>,
    allotment: Option<Allotment>,
    switched_in: Option<Allotment>,
}

impl From<OrderView> for OrderReport {
    fn from(view: OrderView) -> Self {
        Self {
            id: view.id,
            reference: view.reference,
            plan: view.plan,
            due: view.due,
            status: view.status,
            raw_status: view.raw,
            reason: view.reason,
            payout_failed: false,
            bounce: view.bounce,
            paid: view.paid,
            allotment: view.allotment,
            switched_in: view.switched_in,
        }
    }
}

impl Readable for OrderReport {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError> {
        parsed::<OrderView>(value, effect).map(Self::from)
    }
}

#[derive(Deserialize)]
struct PlanView {
    id: String,
    reference: Reference,
    status: PlanStatus,
    pending: Option<Value>,
    due: jiff::civil::Date,
    skip: u32,
}

#[derive(Deserialize)]
struct WholePlanView {
    plan: PlanView,
    instalments: Vec<OrderView>,
}

impl Readable for PlanReport {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError> {
        let WholePlanView { plan, instalments } = parsed(value, effect)?;
        Ok(Self {
            id: plan.id,
            reference: plan.reference,
            status: plan.status,
            raw_status: plan.status.to_string(),
            change_awaits_approval: plan.pending.is_some(),
            ahead: plan.status.is_running().then_some(Ahead {
                next: plan.due,
                left_out: plan.skip,
            }),
            instalments: instalments.into_iter().map(OrderReport::from).collect(),
            unread: Vec::new(),
        })
    }
}

#[derive(Deserialize)]
struct MandateView {
    id: String,
    reference: Reference,
    status: MandateStatus,
    reason: Option<String>,
}

impl Readable for MandateReport {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError> {
        let view: MandateView = parsed(value, effect)?;
        Ok(Self {
            id: view.id,
            reference: view.reference,
            status: view.status,
            raw_status: view.status.to_string(),
            reason: view.reason,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct AddressView {
    pub(super) url: String,
}

impl Readable for AddressView {
    fn read(value: Value, effect: Effect) -> Result<Self, GatewayError> {
        parsed(value, effect)
    }
}
