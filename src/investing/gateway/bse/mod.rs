//! BSE StAR MF 2.0, as its public documents and integrations describe it.
//!
//! Our reference is the key of every order and plan: an answer that was lost is asked for
//! by it, and one that BSE calls a duplicate was ours. What the documents leave open is in
//! [`open`], unset, and fails closed.

pub mod jose;
mod master;
mod nominee;
mod notice;
pub mod open;
mod orders;
mod session;
mod shapes;
mod status;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::{Value, json};

pub use master::{BadMasterFile, master_scheme, read_master};
pub use session::Member;

use super::port::{
    Answer, GatewayError, InvestorState, MandateReport, NewInvestor, NewMandate, NewOrder, NewPlan,
    Notice, OrderGateway, OrderReport, Page, PlanChange, PlanReport, Reference, Takes,
};
use super::wire::{self, Effect};
use crate::clock::{Clock, ist};
use crate::id::Ids;
use crate::investing::orders::{OrderStatus, PlanKind, PlanStatus};
use crate::investing::rules::master::MasterScheme;
use crate::investing::scheme::SchemeCode;
use open::Open;
use session::{Fault, Session};
use shapes::Contact;

/// Returns BSE's code of a scheme.
pub type SchemeCodes = Arc<dyn Fn(SchemeCode) -> Option<String> + Send + Sync>;

/// Rows of the scheme master asked for at once.
const MASTER_PAGE: usize = 1_000;
/// BSE lists 28,000 schemes; ten times that is something else.
const MASTER_MOST: usize = 280_000;

/// Speaks to BSE for one member.
pub struct BseGateway {
    session: Session,
    codes: SchemeCodes,
    clock: Clock,
}

impl BseGateway {
    /// Returns a gateway; `timeout` bounds each call.
    pub fn new(
        member: Member,
        open: Open,
        codes: SchemeCodes,
        timeout: Duration,
        clock: Clock,
        ids: Ids,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            session: Session::new(member, open, timeout, clock.clone(), ids)?,
            codes,
            clock,
        })
    }

    async fn read(&self, call: &str, data: Value) -> Result<Option<Value>, GatewayError> {
        match self.session.call(call, data, Effect::Reads).await {
            Ok(data) => Ok(shapes::record(&data).cloned()),
            Err(Fault::NotFound) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn write(&self, call: &str, data: Value) -> Result<Value, Fault> {
        self.session.call(call, data, Effect::Writes).await
    }

    fn member(&self) -> &str {
        &self.session.member.member
    }

    fn today(&self) -> Date {
        self.clock.now().to_zoned(ist()).date()
    }

    fn scheme(&self, code: SchemeCode) -> Result<String, GatewayError> {
        (self.codes)(code).ok_or_else(|| {
            let why = format!("BSE's code of scheme {code} is not on record");
            GatewayError::NotSetUp(why)
        })
    }

    fn target(&self, code: Option<SchemeCode>) -> Result<Option<String>, GatewayError> {
        code.map(|code| self.scheme(code)).transpose()
    }

    async fn account(&self, ucc: &str) -> Result<Option<Value>, GatewayError> {
        let data = json!({"investor": {"client_code": ucc}, "fields": ["ALL"]});
        self.read("get_ucc", data).await
    }

    /// How to reach and pay an investor is asked of BSE itself: it has what was registered.
    async fn contact(&self, ucc: &str) -> Result<Contact, GatewayError> {
        let account = self.account(ucc).await?;
        let contact = account.as_ref().and_then(shapes::contact);
        contact.ok_or_else(|| GatewayError::Refused {
            code: "ucc".to_owned(),
            message: "BSE has no such account, or one without contact and bank".to_owned(),
        })
    }

    async fn find(&self, call: &str, data: Value) -> Result<Option<OrderReport>, GatewayError> {
        let record = self.read(call, data).await?;
        let report = |record| shapes::order_report(record, &self.session.open);
        record.as_ref().map(report).transpose()
    }

    async fn order_by(&self, reference: &Reference) -> Result<Option<OrderReport>, GatewayError> {
        let data = json!({"mem_ord_ref_id": reference, "member": self.member()});
        self.find("order_get", data).await
    }

    async fn plan_where(
        &self,
        key: &str,
        value: Value,
    ) -> Result<Option<PlanReport>, GatewayError> {
        let mut data = json!({"member": self.member()});
        data[key] = value;
        let record = self.read("sxp_get", data).await?;
        let report = |record| shapes::plan_report(record, &self.session.open);
        record.as_ref().map(report).transpose()
    }

    async fn mandate_where(
        &self,
        key: &str,
        value: Value,
    ) -> Result<Option<MandateReport>, GatewayError> {
        let reference_key = self.session.open.mandate_reference_key()?;
        let mut data = json!({});
        data[key] = value;
        let record = self.read("mandate_get", data).await?;
        let report = |record| shapes::mandate_report(record, reference_key);
        record.as_ref().map(report).transpose()
    }

    async fn whole_master(&self) -> Result<Vec<MasterScheme>, GatewayError> {
        let mut schemes = Vec::new();
        for start in (0..MASTER_MOST).step_by(MASTER_PAGE) {
            let data = json!({
                "start": start, "length": MASTER_PAGE, "fields": ["ALL"], "format": "json",
                "count_only": false,
            });
            let page = self.session.call("master_scheme_list", data, Effect::Reads);
            let page = page.await.map_err(GatewayError::from)?;
            let rows = page.get("lists").and_then(Value::as_array);
            let rows = rows.map_or(&[][..], Vec::as_slice);
            schemes.extend(rows.iter().filter_map(master_scheme));
            if rows.len() < MASTER_PAGE {
                return Ok(schemes);
            }
        }
        Err(GatewayError::Unavailable(
            "the scheme master has no end".to_owned(),
        ))
    }

    async fn two_factor(&self, request: Value) -> Result<String, GatewayError> {
        let answer = self
            .session
            .call("get_2fa_link", json!([request]), Effect::Reads);
        let answer = answer.await.map_err(GatewayError::from)?;
        let link = answer.pointer("/0/action/event_object/0/2fa_url");
        link.and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| GatewayError::Unavailable("BSE has no page for this yet".to_owned()))
    }

    async fn payment_page(&self, id: &str) -> Result<String, GatewayError> {
        let data = json!({"id": shapes::id_number(id)?, "member": self.member()});
        let order = self.read("order_get", data).await?.unwrap_or_default();
        let ucc = order.pointer("/investor/ucc").cloned().unwrap_or_default();
        let data = json!({
            "mem_details": {"member": self.member(), "euin_flag": false},
            "investor": {"ucc": ucc},
            "order_ids": [shapes::id_number(id)?],
            "requested_method": "exch_pg_page",
            "payment_mode": ["upi", "netbanking", "mandate"],
        });
        let answer = self.session.call("get_exchpg_service", data, Effect::Reads);
        let answer = answer.await.map_err(GatewayError::from)?;
        let link = shapes::text(&answer, &["exch_pg_page_link"]);
        link.ok_or_else(|| GatewayError::Unavailable("BSE has no payment page yet".to_owned()))
    }

    async fn plan_event(&self, id: &str) -> Result<&str, GatewayError> {
        let plan = self.plan_where("reg_no", json!(id)).await?;
        let is_new = plan.is_none_or(|plan| plan.status == PlanStatus::Awaiting2fa);
        if is_new {
            Ok("verify_sxp_reg")
        } else {
            Ok(self.session.open.plan_change_event()?)
        }
    }

    async fn change(&self, id: &str, kind: PlanKind, change: &PlanChange) -> Result<(), Fault> {
        let (call, data) = match change {
            PlanChange::Pause { instalments } => {
                ("sxp_set_pause", json!({"ninstallments": instalments}))
            }
            PlanChange::Resume => (
                "sxp_resume",
                json!({"resume_reason": "Resumed by investor"}),
            ),
            PlanChange::Cancel { reason, words } => {
                let mut data = json!({"reason_cd": reason});
                if let Some(words) = words {
                    data["reason_cd_msg"] = json!(words);
                }
                ("sxp_cancel", data)
            }
        };
        let mut data = data;
        data["reg_no"] = json!(id);
        data["sxp_type"] = json!(shapes::changed_type(kind));
        self.write(call, data).await.map(drop)
    }
}

/// Says that something BSE has just confirmed cannot be read back.
fn gone(what: &str) -> GatewayError {
    wire::lost(Effect::Writes, format!("BSE does not show the {what} back"))
}

/// Something was written and reading it back failed, or was refused: what became of it is not
/// known.
fn as_unknown(error: GatewayError) -> GatewayError {
    match error {
        error @ (GatewayError::Unavailable(_) | GatewayError::Refused { .. }) => {
            GatewayError::Unknown(error.to_string())
        }
        error => error,
    }
}

/// What is known of an order from its acceptance alone.
fn received(id: String, new: &NewOrder) -> OrderReport {
    OrderReport {
        id,
        reference: Some(new.reference.clone()),
        plan: None,
        due: None,
        status: OrderStatus::AwaitingAuthorisation,
        raw_status: "received".to_owned(),
        reason: None,
        payout_failed: false,
        bounce: None,
        paid: None,
        allotment: None,
        switched_in: None,
    }
}
