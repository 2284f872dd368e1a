//! The terms of a plan, and whether its mandate will do.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::instalment::order_kind;
use super::terms::bare;
use super::{Dealing, today};
use crate::clock::ist;
use crate::id::ContactId;
use crate::investing::calendar::Calendar;
use crate::investing::orders::charges::{self, Charges};
use crate::investing::orders::checks::{Besides, Rules, check_plan, covers};
use crate::investing::orders::draft::{PlanProposal, Proposal, Refusal, Terms};
use crate::investing::orders::mandate;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::ports::Account;
use crate::investing::orders::state::Moves;
use crate::investing::orders::{MandateStatus, PlanKind};
use crate::investing::store::orders::{mandates, plans};
use crate::storage::{Conn, Error};

impl Dealing {
    pub(super) async fn plan_terms(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        plan: &PlanProposal,
        account: &Account,
        rules_version: &str,
        now: Timestamp,
    ) -> Result<Result<Terms, Refusal>, Error> {
        let day = today(now);
        let proposal = Proposal::Plan(plan.clone());
        let rules = match self.rules_of(&proposal, day) {
            Ok(rules) => rules,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let besides = self.besides(conn, contact, plan, &rules, day).await?;
        let takes = self.gateway().takes();
        if let Err(refusal) = check_plan(&plan.terms, &rules, &besides, day, takes) {
            return Ok(Err(refusal));
        }
        let calendar = self.inner.schemes.calendar();
        let paid = self
            .check_payment(conn, contact, plan, &calendar, day)
            .await?;
        let earliest = match paid {
            Ok(earliest) => earliest,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if plan.terms.start < earliest {
            return Ok(Err(Refusal::TooSoon(earliest)));
        }
        let mut plan = plan.clone();
        if plan.terms.kind != PlanKind::Sip {
            let held = self
                .inner
                .books
                .held(conn, contact, plan.terms.scheme)
                .await?;
            let held: Vec<_> = held.into_iter().filter(|h| !h.units.is_zero()).collect();
            match (&plan.folio, held.as_slice()) {
                (_, []) => return Ok(Err(Refusal::NothingHeld)),
                (Some(folio), held) if held.iter().any(|h| h.folio == *folio) => {}
                (Some(_), _) => return Ok(Err(Refusal::NothingHeld)),
                (None, [one]) => plan.folio = Some(one.folio.clone()),
                (None, several) => {
                    let folios = several.iter().map(|h| h.folio.clone()).collect();
                    return Ok(Err(Refusal::WhichFolio(folios)));
                }
            }
        }
        let first = plan.terms.first_due(&calendar);
        let runs_on = plan
            .terms
            .runs_on(&calendar, first.unwrap_or(plan.terms.start));
        // Asked for in time for that day.
        let at = runs_on.to_zoned(ist()).map_err(anyhow::Error::from)?;
        let (kind, into) = (order_kind(plan.terms.kind), rules.into.as_ref());
        let expected = rules.from.expected(kind, into, &calendar, at.timestamp());
        let bought = rules.into.as_ref().unwrap_or(&rules.from);
        let buys = plan.terms.kind != PlanKind::Swp;
        let charges = Charges {
            stamp_duty: buys.then(|| charges::stamp_duty(plan.terms.amount)),
            load_rule: Some(rules.from.load_words()),
            ..Charges::default()
        };
        let proposal = Proposal::Plan(plan.clone());
        Ok(Ok(Terms {
            scheme: rules.from.name.clone(),
            amc: rules.from.amc.clone(),
            target: rules.into.as_ref().map(|into| into.name.clone()),
            expected_nav_date: expected.and_then(|expected| expected.nav),
            target_nav_date: expected.and_then(|expected| expected.target_nav),
            risk: buys.then(|| bought.risk().to_owned()),
            risk_month: bought.risk_month().filter(|_| buys),
            charges,
            ..bare(&proposal, runs_on, account, rules_version)
        }))
    }

    /// Returns what goes into the scheme that a plan buys besides, where it has a limit for
    /// one PAN.
    async fn besides(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        plan: &PlanProposal,
        rules: &Rules,
        day: Date,
    ) -> Result<Besides, Error> {
        let bought = &rules.into.as_ref().unwrap_or(&rules.from).rules;
        let Some(limit) = bought.pan_limit else {
            return Ok(Besides::default());
        };
        // For good, what plans put in so far counts as well; else what they will.
        let since = limit.per.began(day);
        let by_plans = since.is_none();
        let so_far = self.put_in(conn, contact, bought.code, since, by_plans);
        let so_far = so_far.await?;
        let others = plans::list(conn, &self.ground().keys, contact).await?;
        let buys = |terms: &PlanTerms| match terms.kind {
            PlanKind::Sip => terms.scheme == bought.code,
            PlanKind::Stp => terms.target == Some(bought.code),
            PlanKind::Swp => false,
        };
        let others = others.into_iter().filter(|other| {
            !other.status.is_final() && Some(other.id) != plan.replaces && buys(&other.terms)
        });
        Ok(Besides {
            so_far,
            plans: others.map(|other| other.terms).collect(),
        })
    }

    /// Checks that a plan's mandate will do, and returns the first day it may run on.
    async fn check_payment(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        plan: &PlanProposal,
        calendar: &Calendar,
        day: Date,
    ) -> Result<Result<Date, Refusal>, Error> {
        let keys = &self.ground().keys;
        let mut earliest = calendar.add_business_days(day, 2);
        if let Some(old) = plan.replaces
            && let Some(old) = plans::find(conn, keys, old).await?
            && let Some(due) = old.next_due
            && due <= Calendar::add_business_days(calendar, day, 3)
        {
            // The old plan's next debit can no longer be stopped for certain.
            earliest = earliest.max(due.tomorrow().unwrap_or(due));
        }
        if plan.terms.kind != PlanKind::Sip {
            return Ok(Ok(earliest));
        }
        let Some(id) = plan.mandate else {
            return Ok(Err(Refusal::MandateMissing));
        };
        let mandate = mandates::find(conn, id).await?;
        let mandate = mandate.filter(|m| m.contact == contact && !m.status.is_final());
        let Some(mandate) = mandate else {
            return Ok(Err(Refusal::MandateMissing));
        };
        if mandate.status != MandateStatus::Active {
            if !self.gateway().takes().mandates.contains(&mandate.kind) {
                // It never gets there, and a plan would wait for it for ever.
                return Ok(Err(Refusal::MandateMissing));
            }
            let days = Span::new().days(mandate.kind.first_debit_after_days());
            earliest = earliest.max(day.saturating_add(days));
        }
        if !covers(&mandate, &plan.terms) {
            return Ok(Err(Refusal::MandateDates));
        }
        let others = plans::list_of_mandate(conn, keys, id).await?;
        let others = others.iter().filter(|p| Some(p.id) != plan.replaces);
        let mut together: Vec<_> = others.map(|other| &other.terms).collect();
        together.push(&plan.terms);
        let enough = mandate::suffices(mandate.kind, mandate.limit, &together, calendar, day);
        Ok(enough.map(|()| earliest).map_err(Refusal::from))
    }
}
