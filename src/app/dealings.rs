//! The dialogue's facts about dealing, over `Dealing` and the records of schemes.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use super::App;
use crate::dialogue::ports::{Answer, Dealings};
use crate::id::{ContactId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::disclosures::RULES;
use crate::investing::gateway::port::Takes;
use crate::investing::orders::draft::{Draft, Proposal, Refusal};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::ports::{HeldUnits, SchemeBook as _, SchemeTerms};
use crate::investing::orders::service::{About, Dealing, Declined, Outcome, PlanView};
use crate::investing::scheme::Plan;
use crate::investing::{Scheme, SchemeCode};

/// What is known of dealing.
pub(super) struct Book {
    app: App,
    dealing: Dealing,
}

impl Book {
    pub(super) fn new(app: App, dealing: Dealing) -> Self {
        Self { app, dealing }
    }
}

/// A rule that is against something is an answer; only what did not work is an error.
fn answered<T>(outcome: Outcome<T>) -> anyhow::Result<Result<T, Refusal>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Declined::Refused(refusal)) => Ok(Err(refusal)),
        Err(Declined::Failed(error)) => Err(error.into()),
    }
}

impl Dealings for Book {
    fn terms(&self, scheme: SchemeCode, on: Date) -> Option<SchemeTerms> {
        self.app.investing.terms(scheme, on)
    }

    fn sold(&self, on: Date) -> Vec<Scheme> {
        let catalog = self.app.investing.catalog();
        let book = self.app.investing.rule_book();
        let mut sold: Vec<Scheme> = book
            .sold_on(on)
            .filter_map(|rules| catalog.get(rules.code).cloned())
            .filter(|scheme| scheme.plan == Plan::Regular)
            .collect();
        sold.sort_by_key(|scheme| (scheme.name.to_lowercase(), scheme.code));
        sold
    }

    fn takes(&self) -> Takes {
        self.dealing.gateway().takes()
    }

    fn calendar(&self) -> Arc<Calendar> {
        self.app.investing.calendar()
    }

    fn lacks<'a>(&'a self, contact: ContactId, like: &'a Proposal) -> Answer<'a, Vec<String>> {
        Box::pin(async move { Ok(self.dealing.lacks(contact, like).await?) })
    }

    fn prepare(&self, contact: ContactId, wanted: Proposal) -> Answer<'_, Result<Draft, Refusal>> {
        Box::pin(async move { answered(self.dealing.prepare(contact, wanted, RULES).await) })
    }

    fn prepare_change(
        &self,
        contact: ContactId,
        plan: PlanId,
        terms: PlanTerms,
    ) -> Answer<'_, Result<Draft, Refusal>> {
        Box::pin(async move {
            let prepared = async {
                let proposal = self.dealing.replacement(contact, plan, terms).await?;
                self.dealing.prepare(contact, proposal, RULES).await
            };
            answered(prepared.await)
        })
    }

    fn held(&self, contact: ContactId, scheme: SchemeCode) -> Answer<'_, Vec<HeldUnits>> {
        Box::pin(async move { Ok(self.dealing.held(contact, scheme).await?) })
    }

    fn plans(&self, contact: ContactId) -> Answer<'_, Vec<PlanView>> {
        Box::pin(async move { Ok(self.dealing.plans_of(contact).await?) })
    }

    fn orders(&self, contact: ContactId, most: u32) -> Answer<'_, Vec<Order>> {
        Box::pin(async move { Ok(self.dealing.orders_of(contact, None, most).await?) })
    }

    fn with_others_since<'a>(&'a self, order: &'a Order) -> Answer<'a, Timestamp> {
        Box::pin(async move { Ok(self.dealing.with_others_since(order).await?) })
    }

    fn mandates(&self, contact: ContactId) -> Answer<'_, Vec<Mandate>> {
        Box::pin(async move { Ok(self.dealing.mandates_of(contact).await?) })
    }

    fn page(&self, contact: ContactId, about: About) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            match self.dealing.page_link(contact, about).await {
                Ok(link) => Some(link),
                Err(Declined::Refused(_)) => None,
                Err(Declined::Failed(error)) => {
                    tracing::warn!(%error, %contact, "the exchange gives no page");
                    None
                }
            }
        })
    }
}
