//! The paper exchange of the sandbox, over HTTP.

mod views;

use std::time::Duration;

use reqwest::{Client, Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::port::{
    Answer, GatewayError, InvestorState, MandateReport, NewInvestor, NewMandate, NewOrder, NewPlan,
    Notice, OrderGateway, OrderReport, Page, PlanChange, PlanReport, PlanStepUp, Reference,
    Subject, Takes,
};
use super::wire::{self, Effect, Reply};
use crate::investing::orders::{PlanKind, Quantity};
use views::{AddressView, Readable};

/// Speaks to a paper exchange.
pub struct PaperGateway {
    http: Client,
    base: String,
    token: SecretString,
}

impl PaperGateway {
    /// Returns a gateway to the exchange at `base`; `timeout` bounds each call.
    pub fn new(base: &str, token: SecretString, timeout: Duration) -> anyhow::Result<Self> {
        let url: Url = base.parse()?;
        Ok(Self {
            http: wire::client(&url, timeout)?,
            base: base.trim_end_matches('/').to_owned(),
            token,
        })
    }

    async fn get<T: Readable>(&self, path: &str) -> Result<Option<T>, GatewayError> {
        match self.call(Method::GET, path, None, Effect::Reads).await {
            Ok(value) => T::read(value, Effect::Reads).map(Some),
            Err(GatewayError::Refused { code, .. }) if code == "not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn post<T: Readable>(&self, path: &str, body: Value) -> Result<T, GatewayError> {
        let effect = Effect::Writes;
        let value = self.call(Method::POST, path, Some(body), effect).await?;
        T::read(value, effect)
    }

    /// Posts what carries our reference. If the exchange has had it before, that was us:
    /// what became of it is the answer.
    async fn post_once<T: Readable>(
        &self,
        path: &str,
        reference: &Reference,
        body: Value,
    ) -> Result<T, GatewayError> {
        match self.post(path, body).await {
            Err(GatewayError::Refused { code, .. }) if code == "duplicate_reference" => {
                let found = self.get(&by_reference(path, reference)).await?;
                found.ok_or_else(|| {
                    GatewayError::Unknown("a reference is taken and cannot be found".to_owned())
                })
            }
            answer => answer,
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        effect: Effect,
    ) -> Result<Value, GatewayError> {
        let url = format!("{}/v1/{path}", self.base);
        let mut request = self
            .http
            .request(method, url)
            .bearer_auth(self.token.expose_secret());
        if let Some(body) = body {
            request = request.json(&body);
        }
        understood(&wire::call(request, effect).await?, effect)
    }
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    message: String,
}

/// The exchange's own errors decide by their code; anything else that is no success is
/// somebody else's page.
fn understood(reply: &Reply, effect: Effect) -> Result<Value, GatewayError> {
    if reply.is_success() {
        return serde_json::from_slice(&reply.body).map_err(|_| reply.unreadable(effect));
    }
    let Ok(problem) = serde_json::from_slice::<Problem>(&reply.body) else {
        return Err(reply.unreadable(effect));
    };
    Err(match (reply.status, problem.code.as_str()) {
        (401, _) => GatewayError::Unavailable("the exchange does not take our token".to_owned()),
        (503, "unavailable") => GatewayError::Unavailable(problem.message),
        (500.., _) => wire::lost(effect, problem.message),
        _ => GatewayError::Refused {
            code: problem.code,
            message: problem.message,
        },
    })
}

fn by_reference(path: &str, reference: &Reference) -> String {
    // Digits and hyphens need no escaping, and nothing else is a reference.
    let plain = |c: &char| c.is_ascii_digit() || *c == '-';
    let reference: String = reference.0.chars().filter(plain).collect();
    format!("{path}?reference={reference}")
}

/// An id goes into a path, so it may only be what ids are made of.
fn in_path(kind: &str, id: &str) -> Result<String, GatewayError> {
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(format!("{kind}/{id}"));
    }
    Err(GatewayError::Refused {
        code: "id".to_owned(),
        message: "this is no id of the exchange".to_owned(),
    })
}

fn quantity(quantity: Quantity) -> Value {
    match quantity {
        Quantity::Amount(amount) => json!({"amount": amount}),
        Quantity::Units(units) => json!({"units": units}),
        Quantity::All => json!("all"),
    }
}

fn step_up(step_up: PlanStepUp) -> Value {
    json!({"by": step_up.by, "every_months": step_up.every_months, "cap": step_up.cap})
}

fn change(change: &PlanChange) -> Value {
    match change {
        PlanChange::Pause { instalments } => {
            json!({"change": "pause", "instalments": instalments})
        }
        PlanChange::Resume => json!({"change": "resume"}),
        PlanChange::Cancel { reason, words } => {
            json!({"change": "cancel", "reason": reason, "words": words})
        }
    }
}

impl OrderGateway for PaperGateway {
    fn name(&self) -> &'static str {
        "paper"
    }

    fn takes(&self) -> Takes {
        Takes::ALL
    }

    fn register_investor<'a>(&'a self, new: &'a NewInvestor) -> Answer<'a, InvestorState> {
        Box::pin(async move {
            let body = json!({
                "ucc": new.ucc, "name": new.name, "pan": new.pan,
                "account_number": new.account_number, "ifsc": new.ifsc,
            });
            self.post("investors", body).await
        })
    }

    fn find_investor<'a>(&'a self, ucc: &'a str) -> Answer<'a, Option<InvestorState>> {
        Box::pin(async move { self.get(&in_path("investors", ucc)?).await })
    }

    fn place_order<'a>(&'a self, new: &'a NewOrder) -> Answer<'a, OrderReport> {
        Box::pin(async move {
            let body = json!({
                "reference": new.reference, "ucc": new.ucc, "kind": new.kind,
                "scheme": new.scheme, "target": new.target, "quantity": quantity(new.quantity),
                "folio": new.folio, "mandate": new.mandate, "euin": new.euin,
            });
            self.post_once("orders", &new.reference, body).await
        })
    }

    fn find_order<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<OrderReport>> {
        Box::pin(async move { self.get(&by_reference("orders", reference)).await })
    }

    fn read_order<'a>(&'a self, id: &'a str) -> Answer<'a, Option<OrderReport>> {
        Box::pin(async move { self.get(&in_path("orders", id)?).await })
    }

    fn cancel_order<'a>(&'a self, id: &'a str) -> Answer<'a, OrderReport> {
        Box::pin(async move {
            let path = format!("{}/cancel", in_path("orders", id)?);
            self.post(&path, json!({})).await
        })
    }

    fn register_plan<'a>(&'a self, new: &'a NewPlan) -> Answer<'a, PlanReport> {
        Box::pin(async move {
            let body = json!({
                "reference": new.reference, "ucc": new.ucc, "kind": new.kind,
                "scheme": new.scheme, "target": new.target, "amount": new.amount,
                "frequency": new.frequency, "start": new.start,
                "instalments": new.instalments, "folio": new.folio, "mandate": new.mandate,
                "step_up": new.step_up.map(step_up), "euin": new.euin,
            });
            self.post_once("plans", &new.reference, body).await
        })
    }

    fn find_plan<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<PlanReport>> {
        Box::pin(async move { self.get(&by_reference("plans", reference)).await })
    }

    fn read_plan<'a>(&'a self, id: &'a str) -> Answer<'a, Option<PlanReport>> {
        Box::pin(async move { self.get(&in_path("plans", id)?).await })
    }

    fn change_plan<'a>(
        &'a self,
        id: &'a str,
        _kind: PlanKind,
        what: &'a PlanChange,
    ) -> Answer<'a, PlanReport> {
        Box::pin(async move {
            let path = format!("{}/change", in_path("plans", id)?);
            self.post(&path, change(what)).await
        })
    }

    fn register_mandate<'a>(&'a self, new: &'a NewMandate) -> Answer<'a, MandateReport> {
        Box::pin(async move {
            let body = json!({
                "reference": new.reference, "ucc": new.ucc, "kind": new.kind,
                "limit": new.limit, "start": new.start, "end": new.end,
            });
            self.post_once("mandates", &new.reference, body).await
        })
    }

    fn find_mandate<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<MandateReport>> {
        Box::pin(async move { self.get(&by_reference("mandates", reference)).await })
    }

    fn read_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, Option<MandateReport>> {
        Box::pin(async move { self.get(&in_path("mandates", id)?).await })
    }

    fn cancel_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, MandateReport> {
        Box::pin(async move {
            let path = format!("{}/cancel", in_path("mandates", id)?);
            self.post(&path, json!({})).await
        })
    }

    fn page<'a>(&'a self, page: &'a Page) -> Answer<'a, String> {
        Box::pin(async move {
            let (about, id) = match page {
                Page::Investor { ucc } => ("investor", ucc),
                Page::Order(id) => ("order", id),
                Page::Payment(id) => ("payment", id),
                Page::Plan(id) => ("plan", id),
                Page::Mandate(id) => ("mandate", id),
            };
            let body = Some(json!({"about": about, "id": id}));
            // It has an effect on nothing, so it may be asked again.
            let answer = self
                .call(Method::POST, "pages", body, Effect::Reads)
                .await?;
            AddressView::read(answer, Effect::Reads).map(|address| address.url)
        })
    }

    fn read_notice(&self, body: &[u8]) -> Result<Notice, GatewayError> {
        #[derive(Deserialize)]
        struct Body {
            id: String,
            about: String,
            of: String,
        }
        let body: Body = serde_json::from_slice(body).map_err(|e| GatewayError::Refused {
            code: "unreadable".to_owned(),
            message: format!("not a notice of the paper exchange: {e}"),
        })?;
        let about = match body.about.as_str() {
            "investor" => Subject::Investor(body.of),
            "order" => Subject::Order(body.of),
            "plan" => Subject::Plan(body.of),
            "mandate" => Subject::Mandate(body.of),
            _ => Subject::Other(body.about),
        };
        Ok(Notice { id: body.id, about })
    }
}
