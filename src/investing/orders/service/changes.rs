//! Pausing, resuming, skipping and ending plans.
//!
//! A change is on record before the gateway is asked, one at a time for a plan, and the
//! plan moves when the gateway's report of it shows the change: asking again changes
//! nothing, so an answer that was lost is simply asked for again.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{CHANGE, Dealing, Outcome, Sent, today};
use crate::id::{ContactId, PlanId};
use crate::investing::gateway::port::{GatewayError, PlanChange, Subject};
use crate::investing::orders::PlanStatus;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::limits::Operation;
use crate::investing::orders::order::Submission;
use crate::investing::orders::plan::{NotNow, Plan};
use crate::investing::store::orders::changes::{self, Change};
use crate::investing::store::orders::{instalments, plans};
use crate::security::audit;
use crate::storage::{Conn, Error};

/// What is wanted of a plan.
#[derive(Debug, Clone)]
enum Wish {
    Pause(u32),
    Resume,
    Cancel(u8, Option<String>),
}

impl Dealing {
    /// Leaves out the next so many instalments of a plan.
    pub async fn pause_plan(
        &self,
        contact: ContactId,
        plan: PlanId,
        instalments: u32,
        by: &str,
    ) -> Outcome<()> {
        self.change(contact, plan, Wish::Pause(instalments), by)
            .await
            .map(drop)
    }

    /// Leaves out the next instalment: a pause of one.
    pub async fn skip_instalment(&self, contact: ContactId, plan: PlanId, by: &str) -> Outcome<()> {
        self.pause_plan(contact, plan, 1, by).await
    }

    /// Ends a pause early.
    pub async fn resume_plan(&self, contact: ContactId, plan: PlanId, by: &str) -> Outcome<()> {
        self.change(contact, plan, Wish::Resume, by).await.map(drop)
    }

    /// Ends a plan, with a reason of the exchange's list (13 takes words). Returns the day
    /// by which debits have stopped; an instalment that is with the bank still runs.
    pub async fn cancel_plan(
        &self,
        contact: ContactId,
        plan: PlanId,
        (reason, words): (u8, Option<String>),
        by: &str,
    ) -> Outcome<Date> {
        let wish = Wish::Cancel(reason, words);
        let day = self.change(contact, plan, wish, by).await?;
        Ok(day.unwrap_or_else(|| today(self.now())))
    }

    /// As [`Dealing::pause_plan`], on the caller's transaction; wake the jobs after it.
    pub async fn pause_plan_on(
        &self,
        conn: &mut Conn,
        about: (ContactId, PlanId),
        instalments: u32,
        by: &str,
    ) -> Result<Result<(), Refusal>, Error> {
        let wish = Wish::Pause(instalments);
        let changed = self.change_on(conn, about, &wish, by).await?;
        Ok(changed.map(drop))
    }

    /// As [`Dealing::resume_plan`], on the caller's transaction; wake the jobs after it.
    pub async fn resume_plan_on(
        &self,
        conn: &mut Conn,
        about: (ContactId, PlanId),
        by: &str,
    ) -> Result<Result<(), Refusal>, Error> {
        let changed = self.change_on(conn, about, &Wish::Resume, by).await?;
        Ok(changed.map(drop))
    }

    /// As [`Dealing::cancel_plan`], on the caller's transaction; wake the jobs after it.
    pub async fn cancel_plan_on(
        &self,
        conn: &mut Conn,
        about: (ContactId, PlanId),
        (reason, words): (u8, Option<String>),
        by: &str,
    ) -> Result<Result<Date, Refusal>, Error> {
        let wish = Wish::Cancel(reason, words);
        let changed = self.change_on(conn, about, &wish, by).await?;
        Ok(changed.map(|day| day.unwrap_or_else(|| today(self.now()))))
    }

    async fn change(
        &self,
        contact: ContactId,
        plan: PlanId,
        wish: Wish,
        by: &str,
    ) -> Outcome<Option<Date>> {
        let input = (self.clone(), wish, by.to_owned());
        let changed = self
            .ground()
            .db
            .write(input, move |conn, (dealing, wish, by)| {
                Box::pin(dealing.change_on(conn, (contact, plan), wish, by))
            });
        let day = changed.await??;
        self.wake();
        Ok(day)
    }

    async fn change_on(
        &self,
        conn: &mut Conn,
        (contact, id): (ContactId, PlanId),
        wish: &Wish,
        by: &str,
    ) -> Result<Result<Option<Date>, Refusal>, Error> {
        let now = self.now();
        self.lock(conn, contact).await?;
        let keys = &self.ground().keys;
        let plan = plans::find(conn, keys, id).await?;
        let Some(plan) = plan.filter(|plan| plan.contact == contact) else {
            return Ok(Err(Refusal::NoPlan));
        };
        let day = today(now);
        // A plan that is already on its way to what is wanted stays on it.
        let open = changes::find_open(conn, id).await?;
        if let Some(open) = &open {
            let same = matches!(
                (wish, &open.change),
                (Wish::Pause(_), PlanChange::Pause { .. })
                    | (Wish::Resume, PlanChange::Resume)
                    | (Wish::Cancel(..), PlanChange::Cancel { .. })
            );
            return Ok(if same {
                if open.state == "waiting" {
                    // Its job may have given up.
                    let key = format!("change:{}:{}", open.id, now.as_millisecond());
                    self.enqueue(conn, CHANGE, key, &open.id, now).await?;
                }
                Ok(plan.cancel_by)
            } else if matches!(wish, Wish::Cancel(..)) {
                return self.cancel_on(conn, &plan, wish, by, now).await;
            } else {
                Err(NotNow::Busy.into())
            });
        }
        let calendar = self.inner.schemes.calendar();
        let rows = instalments::list(conn, id).await?;
        let prepared = rows.last().map(|last| last.due);
        let (change, checked) = match wish {
            Wish::Cancel(..) => return self.cancel_on(conn, &plan, wish, by, now).await,
            Wish::Pause(instalments) => {
                let instalments = *instalments;
                let may = plan.may_pause(instalments, prepared, (&calendar, day));
                let may = may.map_err(Refusal::from);
                let may = may.and_then(|()| self.may_be_paused(&plan, instalments, day));
                (PlanChange::Pause { instalments }, may)
            }
            Wish::Resume => {
                let may = plan.may_resume(prepared, (&calendar, day));
                (PlanChange::Resume, may.map_err(Refusal::from))
            }
        };
        if let Err(refusal) = checked {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.count(conn, contact, Operation::Other, now).await? {
            return Ok(Err(refusal));
        }
        self.ask(conn, &plan, &change, None, by, now).await?;
        Ok(Ok(None))
    }

    fn may_be_paused(&self, plan: &Plan, instalments: u32, day: Date) -> Result<(), Refusal> {
        let rules = self.inner.schemes.terms(plan.terms.scheme, day);
        let rules = rules.ok_or(Refusal::SchemeRulesMissing)?;
        match rules.longest_pause(plan.terms.kind) {
            0 => Err(Refusal::NotTaken),
            most if instalments > most => Err(NotNow::Pause.into()),
            _ => Ok(()),
        }
    }

    async fn cancel_on(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        wish: &Wish,
        by: &str,
        now: Timestamp,
    ) -> Result<Result<Option<Date>, Refusal>, Error> {
        let Wish::Cancel(reason, words) = wish else {
            return Ok(Ok(None));
        };
        if plan.status == PlanStatus::CancelledByInvestor {
            return Ok(Ok(plan.cancel_by));
        }
        if let Err(not_now) = plan.may_cancel(*reason, words.as_deref()) {
            return Ok(Err(not_now.into()));
        }
        if let Err(refusal) = self
            .count(conn, plan.contact, Operation::Other, now)
            .await?
        {
            return Ok(Err(refusal));
        }
        let stopped = self.stop(conn, plan, (*reason, words.clone()), by, now);
        Ok(Ok(Some(stopped.await?)))
    }

    /// Puts a change on record and on its way; a plan with one under way keeps that.
    pub(super) async fn ask(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        change: &PlanChange,
        ends_as: Option<PlanStatus>,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let ids = &self.ground().ids;
        let asked = (change, ends_as);
        let Some(id) = changes::insert(conn, ids, plan.id, asked, by, now).await? else {
            return Ok(false);
        };
        let subject = plan.id.to_string();
        audit::record(conn, ids, by, "change_plan", &subject, now).await?;
        let key = format!("change:{id}");
        self.enqueue(conn, CHANGE, key, &id, now).await?;
        Ok(true)
    }

    /// Carries a change out at the gateway, by its id. Running it twice asks for the same
    /// change twice, which changes nothing the second time; one that the gateway has taken is
    /// read, until what it made of it is on record.
    pub async fn run_change(&self, id: &str) -> Result<Sent, Error> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        let change = changes::find(&mut conn, id).await?;
        // What was parked is run again on a person's word only.
        let is_to_run = |state: &str| ["waiting", "asked", "parked"].contains(&state);
        let Some(change) = change.filter(|change| is_to_run(&change.state)) else {
            return Ok(Sent::Done);
        };
        let Some(plan) = plans::find(&mut conn, keys, change.plan).await? else {
            return Ok(Sent::Parked(format!("the plan of change {id} is gone")));
        };
        drop(conn);
        let Some(gateway_id) = &plan.gateway_id else {
            return self.change_unsent(&change, &plan).await;
        };
        if change.state == "asked" {
            return self.read(&Subject::Plan(gateway_id.clone())).await;
        }
        let asked = self
            .gateway()
            .change_plan(gateway_id, plan.terms.kind, &change.change);
        match asked.await {
            Ok(report) => {
                self.settle_change(id, "asked", None).await?;
                self.apply_plan(report, Some(plan.version)).await?;
                Ok(Sent::Done)
            }
            Err(GatewayError::Refused { code, message }) => {
                let why = format!("{message} ({code})");
                self.settle_change(id, "refused", Some(&why)).await?;
                Ok(Sent::Parked(format!("plan {}: {why}", plan.id)))
            }
            Err(GatewayError::Unavailable(why) | GatewayError::Unknown(why)) => {
                Ok(Sent::Again(why))
            }
            Err(error @ GatewayError::NotSetUp(_)) => {
                let why = error.to_string();
                self.settle_change(id, "parked", Some(&why)).await?;
                Ok(Sent::Parked(why))
            }
        }
    }

    /// Carries out a change of a plan that has no id at the gateway: one that is to end ends
    /// here, unless it turns out to be there.
    async fn change_unsent(&self, change: &Change, plan: &Plan) -> Result<Sent, Error> {
        let ends = matches!(change.change, PlanChange::Cancel { .. });
        if plan.submission == Submission::Refused || !ends {
            let why = Some("the gateway never had the plan");
            self.settle_change(&change.id, "refused", why).await?;
            return Ok(Sent::Done);
        }
        // What takes a plan to the gateway looks it up, and gives up one that is stopped.
        let sent = self.submit(&plan.id.to_string()).await?;
        let mut conn = self.ground().db.read().await?;
        let is_open = changes::find_open(&mut conn, plan.id).await?.is_some();
        Ok(match sent {
            Sent::Done if is_open => Sent::Again("the gateway has the plan".to_owned()),
            sent => sent,
        })
    }

    async fn settle_change(
        &self,
        id: &str,
        state: &'static str,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let now = self.now();
        let input = (id.to_owned(), reason.map(str::to_owned));
        let settled = self.ground().db.write(input, move |conn, (id, reason)| {
            Box::pin(changes::settle(conn, id, state, reason.as_deref(), now))
        });
        settled.await.map(drop)
    }
}
