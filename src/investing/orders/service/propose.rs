//! Drafts: the exact terms of what would be done, kept for a while to be confirmed.

use jiff::Timestamp;

use super::{Dealing, Outcome};
use crate::id::{ContactId, MandateId, PlanId};
use crate::investing::money::Paise;
use crate::investing::orders::draft::{
    Draft, EXPIRES_AFTER, MandateProposal, OrderProposal, PlanProposal, Proposal, Refusal,
};
use crate::investing::orders::limits::Operation;
use crate::investing::orders::plan::{NotNow, PlanTerms};
use crate::investing::orders::state::Moves;
use crate::investing::orders::{OrderKind, Quantity};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::orders::{drafts, operations, plans};
use crate::storage::{Conn, Error};

impl Dealing {
    /// Puts a purchase before an investor. `rules` is the version of the rules behind the
    /// texts that go with the terms.
    pub async fn propose_purchase(
        &self,
        contact: ContactId,
        scheme: SchemeCode,
        amount: Paise,
        folio: Option<String>,
        mandate: Option<MandateId>,
        rules: &str,
    ) -> Outcome<Draft> {
        let order = OrderProposal {
            kind: OrderKind::Purchase,
            scheme,
            target: None,
            quantity: Quantity::Amount(amount),
            folio,
            mandate,
        };
        self.propose(contact, Proposal::Order(order), rules).await
    }

    /// Puts a redemption before an investor.
    pub async fn propose_redemption(
        &self,
        contact: ContactId,
        scheme: SchemeCode,
        quantity: Quantity,
        folio: Option<String>,
        rules: &str,
    ) -> Outcome<Draft> {
        let order = OrderProposal {
            kind: OrderKind::Redemption,
            scheme,
            target: None,
            quantity,
            folio,
            mandate: None,
        };
        self.propose(contact, Proposal::Order(order), rules).await
    }

    /// Puts a switch within a fund house before an investor.
    pub async fn propose_switch(
        &self,
        contact: ContactId,
        (from, into): (SchemeCode, SchemeCode),
        quantity: Quantity,
        folio: Option<String>,
        rules: &str,
    ) -> Outcome<Draft> {
        let order = OrderProposal {
            kind: OrderKind::Switch,
            scheme: from,
            target: Some(into),
            quantity,
            folio,
            mandate: None,
        };
        self.propose(contact, Proposal::Order(order), rules).await
    }

    /// Puts a plan (SIP, STP, SWP) before an investor.
    pub async fn propose_plan(
        &self,
        contact: ContactId,
        terms: PlanTerms,
        mandate: Option<MandateId>,
        folio: Option<String>,
        rules: &str,
    ) -> Outcome<Draft> {
        let plan = PlanProposal {
            terms,
            mandate,
            folio,
            replaces: None,
        };
        self.propose(contact, Proposal::Plan(plan), rules).await
    }

    /// Puts a change of a plan before an investor: exchanges change neither amount nor
    /// day, so a new plan takes its place and the old one ends when the new one runs. An
    /// instalment that is already with the bank still runs under the old one.
    pub async fn change_plan(
        &self,
        contact: ContactId,
        plan: PlanId,
        terms: PlanTerms,
        rules: &str,
    ) -> Outcome<Draft> {
        let proposal = self.replacement(contact, plan, terms).await?;
        self.propose(contact, proposal, rules).await
    }

    /// Returns the proposal of a plan in place of one of theirs that has not ended.
    pub async fn replacement(
        &self,
        contact: ContactId,
        plan: PlanId,
        terms: PlanTerms,
    ) -> Outcome<Proposal> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        let old = plans::find(&mut conn, keys, plan).await?;
        drop(conn);
        let old = old.filter(|old| old.contact == contact);
        let old = old.ok_or(Refusal::NoPlan)?;
        if old.status.is_final() {
            return Err(Refusal::NotNow(NotNow::Status(old.status)).into());
        }
        Ok(Proposal::Plan(PlanProposal {
            terms,
            mandate: old.mandate,
            folio: old.folio,
            replaces: Some(old.id),
        }))
    }

    /// Puts a mandate before an investor.
    pub async fn propose_mandate(
        &self,
        contact: ContactId,
        proposal: MandateProposal,
        rules: &str,
    ) -> Outcome<Draft> {
        self.propose(contact, Proposal::Mandate(proposal), rules)
            .await
    }

    /// Puts anything before an investor: checks it, works the terms out and keeps them for
    /// ten minutes.
    pub async fn propose(
        &self,
        contact: ContactId,
        proposal: Proposal,
        rules: &str,
    ) -> Outcome<Draft> {
        let draft = self.prepare(contact, proposal, rules).await?;
        let input = (self.clone(), draft.clone());
        let kept = self.ground().db.write(input, |conn, (dealing, draft)| {
            Box::pin(dealing.keep_on(conn, draft))
        });
        kept.await??;
        Ok(draft)
    }

    /// Checks a proposal and works its terms out, keeping nothing yet: for whoever keeps
    /// the draft together with what shows it ([`Dealing::keep_on`]).
    pub async fn prepare(
        &self,
        contact: ContactId,
        proposal: Proposal,
        rules: &str,
    ) -> Outcome<Draft> {
        let now = self.now();
        let mut conn = self.ground().db.read().await?;
        if self.is_paused(&mut conn, contact).await? {
            return Err(Refusal::Paused.into());
        }
        let (terms, _) = self
            .terms(&mut conn, contact, &proposal, rules, now)
            .await??;
        Ok(Draft {
            id: self.ground().ids.next(now),
            contact,
            terms,
            made_at: now,
            expires_at: now.checked_add(EXPIRES_AFTER).unwrap_or(Timestamp::MAX),
        })
    }

    /// Keeps a draft that was prepared, on the caller's transaction.
    pub async fn keep_on(
        &self,
        conn: &mut Conn,
        draft: &Draft,
    ) -> Result<Result<(), Refusal>, Error> {
        let (contact, now) = (draft.contact, draft.made_at);
        self.lock(conn, contact).await?;
        let rate = self.inner.limits.drafts;
        let made = Some(Operation::Draft);
        let earlier = operations::since(conn, contact, made, (rate.since(now), now)).await?;
        if let Err(over) = rate.check(&earlier) {
            return Ok(Err(over.into()));
        }
        if let Err(refusal) = self.count(conn, contact, Operation::Draft, now).await? {
            return Ok(Err(refusal));
        }
        drafts::insert(conn, &self.ground().keys, draft).await?;
        Ok(Ok(()))
    }
}
