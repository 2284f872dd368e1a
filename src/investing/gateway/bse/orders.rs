//! The port, over BSE's calls.

use super::{
    Answer, BseGateway, Fault, GatewayError, InvestorState, MandateReport, MasterScheme,
    NewInvestor, NewMandate, NewOrder, NewPlan, Notice, OrderGateway, OrderReport, OrderStatus,
    Page, PlanChange, PlanKind, PlanReport, PlanStatus, Reference, Takes, as_unknown, gone, json,
    nominee, notice, received, shapes, status,
};
use crate::investing::orders::MandateKind;

impl OrderGateway for BseGateway {
    fn name(&self) -> &'static str {
        "bse"
    }

    /// A UPI mandate needs the investor's UPI id, which nobody asks for. A step-up is a
    /// call of its own (`sxp_topup`) after the plan's, approved apart from it: between the
    /// two is a plan on other terms than those confirmed, and the call carries no reference
    /// of ours by which a lost answer could be settled.
    fn takes(&self) -> Takes {
        Takes {
            mandates: &[MandateKind::Enach],
            step_up: false,
        }
    }

    fn scheme_master(&self) -> Answer<'_, Option<Vec<MasterScheme>>> {
        Box::pin(async move { Ok(Some(self.whole_master().await?)) })
    }

    fn register_investor<'a>(&'a self, new: &'a NewInvestor) -> Answer<'a, InvestorState> {
        Box::pin(async move {
            let open = &self.session.open;
            let template = open.ucc_template()?;
            let nominees = nominee::nominees(&new.nominees, open, self.today())?;
            let data = shapes::ucc(new, &nominees, &self.session.member, template);
            match self.write("add_ucc", data).await {
                Ok(_) | Err(Fault::Duplicate) => {}
                Err(fault) => return Err(fault.into()),
            }
            let state = self.find_investor(&new.ucc).await?;
            state.ok_or_else(|| gone("account"))
        })
    }

    fn find_investor<'a>(&'a self, ucc: &'a str) -> Answer<'a, Option<InvestorState>> {
        Box::pin(async move {
            let account = self.account(ucc).await?;
            let raw = account.and_then(|found| shapes::text(&found, &["status", "ucc_status"]));
            raw.as_deref().map(status::investor).transpose()
        })
    }

    fn place_order<'a>(&'a self, new: &'a NewOrder) -> Answer<'a, OrderReport> {
        Box::pin(async move {
            let open = &self.session.open;
            let scheme = self.scheme(new.scheme)?;
            let target = self.target(new.target)?;
            let contact = self.contact(&new.ucc).await?;
            let member = &self.session.member;
            let data = shapes::order(new, &scheme, target.as_deref(), member, &contact, open)?;
            let placed = match self.write("order_new", data).await {
                Ok(placed) => placed,
                Err(Fault::Duplicate) => {
                    let found = self.order_by(&new.reference).await;
                    return found.map_err(as_unknown)?.ok_or_else(|| gone("order"));
                }
                Err(fault) => return Err(fault.into()),
            };
            let id = shapes::record(&placed).and_then(|item| shapes::text(item, &["id"]));
            if let Some(id) = id {
                return Ok(received(id, new));
            }
            // Without its number it may be made or not, and may show up later: the reference
            // tells, now or at a later try. Refused is only what BSE says is.
            let found = self.order_by(&new.reference).await.map_err(as_unknown)?;
            found.ok_or_else(|| gone("order"))
        })
    }

    fn find_order<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<OrderReport>> {
        Box::pin(self.order_by(reference))
    }

    fn read_order<'a>(&'a self, id: &'a str) -> Answer<'a, Option<OrderReport>> {
        Box::pin(async move {
            let data = json!({"id": shapes::id_number(id)?, "member": self.member()});
            self.find("order_get", data).await
        })
    }

    fn cancel_order<'a>(&'a self, id: &'a str) -> Answer<'a, OrderReport> {
        Box::pin(async move {
            let data = json!({"id": shapes::id_number(id)?, "member": self.member()});
            let record = self.read("order_get", data.clone()).await?;
            let record = record.ok_or(Fault::NotFound)?;
            let order = shapes::order_report(&record, &self.session.open)?;
            if order.status == OrderStatus::Cancelled {
                return Ok(order);
            }
            let mut request = data;
            request["investor"] = json!({"ucc": record.pointer("/investor/ucc")});
            self.write("order_cancel", request).await?;
            let after = self.read_order(id).await.map_err(as_unknown)?;
            after.ok_or_else(|| gone("order"))
        })
    }

    fn register_plan<'a>(&'a self, new: &'a NewPlan) -> Answer<'a, PlanReport> {
        Box::pin(async move {
            if new.step_up.is_some() {
                let why = "a step-up registered together with its plan".to_owned();
                return Err(GatewayError::NotSetUp(why));
            }
            let scheme = self.scheme(new.scheme)?;
            let target = self.target(new.target)?;
            let contact = self.contact(&new.ucc).await?;
            let member = &self.session.member;
            let data = shapes::plan(new, &scheme, target.as_deref(), member, &contact)?;
            match self.write("sxp_register", data).await {
                Ok(_) | Err(Fault::Duplicate) => {}
                Err(fault) => return Err(fault.into()),
            }
            let found = self.find_plan(&new.reference).await.map_err(as_unknown)?;
            found.ok_or_else(|| gone("plan"))
        })
    }

    fn find_plan<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<PlanReport>> {
        Box::pin(self.plan_where("mem_sxp_ref_id", json!(reference)))
    }

    fn read_plan<'a>(&'a self, id: &'a str) -> Answer<'a, Option<PlanReport>> {
        Box::pin(self.plan_where("reg_no", json!(id)))
    }

    fn change_plan<'a>(
        &'a self,
        id: &'a str,
        kind: PlanKind,
        change: &'a PlanChange,
    ) -> Answer<'a, PlanReport> {
        Box::pin(async move {
            let before = self.read_plan(id).await?.ok_or(Fault::NotFound)?;
            let is_so = match change {
                PlanChange::Pause { .. } => before.status == PlanStatus::Paused,
                PlanChange::Resume => before.status == PlanStatus::Active,
                PlanChange::Cancel { .. } => before.status == PlanStatus::CancelledByInvestor,
            };
            if is_so {
                return Ok(before);
            }
            self.change(id, kind, change).await?;
            let after = self.read_plan(id).await.map_err(as_unknown)?;
            let after = after.ok_or_else(|| gone("plan"))?;
            Ok(PlanReport {
                change_awaits_approval: after.change_awaits_approval
                    || after.status == before.status,
                ..after
            })
        })
    }

    fn register_mandate<'a>(&'a self, new: &'a NewMandate) -> Answer<'a, MandateReport> {
        Box::pin(async move {
            let key = self.session.open.mandate_reference_key()?;
            if let Some(found) = self.find_mandate(&new.reference).await? {
                return Ok(found);
            }
            let contact = self.contact(&new.ucc).await?;
            let data = shapes::mandate(new, self.today(), &self.session.member, &contact, key)?;
            match self.write("mandate_register", data).await {
                Ok(_) | Err(Fault::Duplicate) => {}
                Err(fault) => return Err(fault.into()),
            }
            let found = self.find_mandate(&new.reference).await;
            found.map_err(as_unknown)?.ok_or_else(|| gone("mandate"))
        })
    }

    fn find_mandate<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<MandateReport>> {
        Box::pin(async move {
            let key = self.session.open.mandate_reference_key()?;
            self.mandate_where(key, json!(reference)).await
        })
    }

    fn read_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, Option<MandateReport>> {
        Box::pin(async move {
            self.mandate_where("exch_mandate_id", shapes::id_number(id)?)
                .await
        })
    }

    fn cancel_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, MandateReport> {
        Box::pin(async move {
            let before = self.read_mandate(id).await?.ok_or(Fault::NotFound)?;
            if before.raw_status.eq_ignore_ascii_case("cancelled") {
                return Ok(before);
            }
            let data = json!({"exch_mandate_id": shapes::id_number(id)?, "member": self.member()});
            self.write("mandate_cancel", data).await?;
            let after = self.read_mandate(id).await.map_err(as_unknown)?;
            after.ok_or_else(|| gone("mandate"))
        })
    }

    fn page<'a>(&'a self, page: &'a Page) -> Answer<'a, String> {
        Box::pin(async move {
            let member = self.member();
            let request = match page {
                Page::Payment(id) => return self.payment_page(id).await,
                Page::Investor { ucc } => json!({
                    "event": "ucc_auth", "member_code": member,
                    "investor": {"client_code": ucc, "pan_holder": [""], "holding_nature": ""},
                    "parent_client_code": "",
                }),
                Page::Order(id) => {
                    json!({"event": "verify_order_new", "order": id, "member_code": member})
                }
                Page::Plan(id) => {
                    let event = self.plan_event(id).await?;
                    json!({"event": event, "sxp": id, "member_code": member})
                }
                Page::Mandate(id) => {
                    json!({"event": "mandate_enach", "mandate": id, "member_code": member})
                }
            };
            self.two_factor(request).await
        })
    }

    fn read_notice(&self, body: &[u8]) -> Result<Notice, GatewayError> {
        self.session.open.check_webhooks()?;
        notice::read(body, self.member())
    }
}
