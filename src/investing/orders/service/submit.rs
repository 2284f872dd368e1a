//! The way to the gateway: each request once, whatever happens in between.

use jiff::Timestamp;

use super::marks::Mark;
use super::{CALL_LASTS, Dealing};
use crate::id::{ContactId, MandateId, OrderId, PlanId};
use crate::investing::gateway::port::{GatewayError, NewMandate, NewOrder, NewPlan, OrderReport};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::{Order, Submission};
use crate::investing::orders::plan::Plan;
use crate::investing::orders::ports::{Account, Asked, Standing};
use crate::investing::orders::{MandateStatus, OrderStatus, PlanKind, PlanStatus};
use crate::investing::store::orders::{book as orders, mandates, plans};
use crate::storage::Error;

pub(super) const BY: &str = "gateway";

/// What became of a job that has to do with the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// There is nothing left to do.
    Done,
    /// It has to be tried again later, and why.
    Again(String),
    /// A person has to look, and why.
    Parked(String),
}

/// Something on its way to the gateway.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, for as long as its call takes"
)]
pub(super) enum Parcel {
    Order(Order),
    Plan(Plan),
    Mandate(Mandate),
}

impl Parcel {
    pub(super) fn contact(&self) -> ContactId {
        match self {
            Self::Order(order) => order.contact,
            Self::Plan(plan) => plan.contact,
            Self::Mandate(mandate) => mandate.contact,
        }
    }

    pub(super) fn submission(&self) -> (Submission, Option<Timestamp>) {
        match self {
            Self::Order(order) => (order.submission, order.asked_at),
            Self::Plan(plan) => (plan.submission, plan.asked_at),
            Self::Mandate(mandate) => (mandate.submission, mandate.asked_at),
        }
    }

    /// Returns whether it is not to go there any more. It may be there already.
    fn is_stopped(&self) -> bool {
        matches!(self, Self::Plan(plan) if plan.cancel_by.is_some())
    }
}

impl Dealing {
    /// Takes an order, a plan or a mandate to the gateway, by its id. Running it twice, or
    /// again after it was cut off anywhere, places one: the reference is on record before
    /// the call, and a call whose answer is not is looked up before it is made again. What
    /// was parked goes on when its job is run again, which takes a person (`jobs retry`).
    pub async fn submit(&self, subject: &str) -> Result<Sent, Error> {
        match self.try_submit(subject).await {
            // Another run of it, or a webhook, was faster.
            Err(Error::Again(what)) => Ok(Sent::Again(format!("{what} was changed meanwhile"))),
            other => other,
        }
    }

    async fn try_submit(&self, subject: &str) -> Result<Sent, Error> {
        let Some(parcel) = self.parcel(subject).await? else {
            return Ok(Sent::Parked(format!("`{subject}` is not on record")));
        };
        let (submission, asked_at) = parcel.submission();
        if matches!(submission, Submission::Taken | Submission::Refused) {
            return Ok(Sent::Done);
        }
        let is_stopped = parcel.is_stopped();
        if !is_stopped && let Some(end) = self.hold(&parcel).await? {
            return Ok(end);
        }
        // What a person parked and let go on may have been asked for before it was parked.
        if matches!(submission, Submission::Asking | Submission::Parked) {
            match self.look_up(&parcel).await {
                Ok(true) => return Ok(Sent::Done),
                Ok(false) if self.may_be_under_way(asked_at) => {
                    return Ok(Sent::Again("a call may still be under way".to_owned()));
                }
                Ok(false) => {}
                Err(Trouble::Gateway(error)) => return Ok(Sent::Again(error.to_string())),
                Err(Trouble::Database(error)) => return Err(error),
            }
        }
        if let Parcel::Plan(plan) = &parcel
            && is_stopped
        {
            self.give_up(plan).await?;
            return Ok(Sent::Done);
        }
        self.mark(parcel, Mark::Asking).await?;
        let Some(parcel) = self.parcel(subject).await? else {
            return Ok(Sent::Done);
        };
        match self.call(&parcel).await {
            Ok(()) => Ok(Sent::Done),
            Err(Trouble::Database(error)) => Err(error),
            Err(Trouble::Gateway(error)) => self.failed(subject, error).await,
        }
    }

    /// Asks about something whose answer was lost; what the gateway never had is left to
    /// the job that takes it there.
    pub(super) async fn settle_doubt(&self, subject: &str) -> Result<Sent, Error> {
        let Some(parcel) = self.parcel(subject).await? else {
            return Ok(Sent::Done);
        };
        match self.look_up(&parcel).await {
            Ok(_) => Ok(Sent::Done),
            Err(Trouble::Gateway(error)) => Ok(Sent::Again(error.to_string())),
            Err(Trouble::Database(error)) => Err(error),
        }
    }

    fn may_be_under_way(&self, asked_at: Option<Timestamp>) -> bool {
        let ends = asked_at.and_then(|at| at.checked_add(CALL_LASTS).ok());
        ends.is_some_and(|ends| ends > self.now())
    }

    pub(super) async fn parcel(&self, subject: &str) -> Result<Option<Parcel>, Error> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        if let Ok(id) = subject.parse::<OrderId>() {
            let order = orders::find(&mut conn, keys, id).await?;
            return Ok(order.map(Parcel::Order));
        }
        if let Ok(id) = subject.parse::<PlanId>() {
            let plan = plans::find(&mut conn, keys, id).await?;
            return Ok(plan.map(Parcel::Plan));
        }
        if let Ok(id) = subject.parse::<MandateId>() {
            let mandate = mandates::find(&mut conn, id).await?;
            return Ok(mandate.map(Parcel::Mandate));
        }
        Ok(None)
    }

    /// Holds back what may not go now.
    async fn hold(&self, parcel: &Parcel) -> Result<Option<Sent>, Error> {
        let (contact, is_over) = match parcel {
            Parcel::Order(order) => (order.contact, order.status != OrderStatus::Created),
            Parcel::Plan(plan) => {
                let open = [PlanStatus::Draft, PlanStatus::AwaitingMandate];
                (plan.contact, !open.contains(&plan.status))
            }
            Parcel::Mandate(mandate) => (mandate.contact, mandate.status != MandateStatus::Created),
        };
        if is_over {
            return Ok(Some(Sent::Done));
        }
        let mut conn = self.ground().db.read().await?;
        if self.is_paused(&mut conn, contact).await? {
            drop(conn);
            self.mark(parcel.clone(), Mark::Parked).await?;
            return Ok(Some(Sent::Parked(
                "money is paused for the investor".to_owned(),
            )));
        }
        if let Parcel::Plan(plan) = parcel
            && let Some(mandate) = plan.mandate
        {
            let mandate = mandates::find(&mut conn, mandate).await?;
            drop(conn);
            if mandate.is_none_or(|mandate| mandate.status != MandateStatus::Active) {
                // It is taken up again when the mandate is active.
                self.mark(parcel.clone(), Mark::AwaitingMandate).await?;
                return Ok(Some(Sent::Done));
            }
        }
        Ok(None)
    }

    /// Asks the gateway for our reference; returns whether it has it.
    pub(super) async fn look_up(&self, parcel: &Parcel) -> Result<bool, Trouble> {
        let gateway = self.gateway();
        match parcel {
            Parcel::Order(order) => {
                let Some(report) = gateway.find_order(&order.reference).await? else {
                    return Ok(false);
                };
                self.placed(order, report).await?;
            }
            Parcel::Plan(plan) => {
                let Some(report) = gateway.find_plan(&plan.reference).await? else {
                    return Ok(false);
                };
                self.apply_plan(report, Some(plan.version)).await?;
            }
            Parcel::Mandate(mandate) => {
                let Some(report) = gateway.find_mandate(&mandate.reference).await? else {
                    return Ok(false);
                };
                self.apply_mandate(report, Some(mandate.version)).await?;
            }
        }
        Ok(true)
    }

    async fn call(&self, parcel: &Parcel) -> Result<(), Trouble> {
        let gateway = self.gateway();
        match parcel {
            Parcel::Order(order) => {
                let new = self.new_order(order).await?;
                let report = gateway.place_order(&new).await?;
                self.placed(order, report).await?;
            }
            Parcel::Plan(plan) => {
                let new = self.new_plan(plan).await?;
                let report = gateway.register_plan(&new).await?;
                self.apply_plan(report, Some(plan.version)).await?;
            }
            Parcel::Mandate(mandate) => {
                let account = self.account_of(mandate.contact).await?;
                let new = NewMandate {
                    reference: mandate.reference.clone(),
                    ucc: account.ucc,
                    kind: mandate.kind,
                    limit: mandate.limit,
                    start: mandate.start,
                    end: mandate.end,
                };
                let report = gateway.register_mandate(&new).await?;
                self.apply_mandate(report, Some(mandate.version)).await?;
            }
        }
        Ok(())
    }

    /// Puts the gateway's first answer about an order on record.
    async fn placed(&self, order: &Order, mut report: OrderReport) -> Result<(), Trouble> {
        report.reference = Some(order.reference.clone());
        self.apply_order(report, BY).await?;
        Ok(())
    }

    async fn new_order(&self, order: &Order) -> Result<NewOrder, Error> {
        let mandate = match order.mandate {
            None => None,
            Some(id) => self.gateway_mandate(id).await?,
        };
        Ok(NewOrder {
            reference: order.reference.clone(),
            ucc: order.details.ucc.clone(),
            kind: order.kind,
            scheme: order.scheme,
            target: order.target,
            quantity: order.quantity,
            folio: order.details.folio.clone(),
            has_nominees: order.details.has_nominees,
            mandate,
            euin: order.details.euin.clone(),
        })
    }

    async fn new_plan(&self, plan: &Plan) -> Result<NewPlan, Error> {
        let account = self.account_of(plan.contact).await?;
        let mandate = match plan.mandate {
            None => None,
            Some(id) => self.gateway_mandate(id).await?,
        };
        let terms = &plan.terms;
        Ok(NewPlan {
            reference: plan.reference.clone(),
            ucc: account.ucc,
            kind: terms.kind,
            scheme: terms.scheme,
            target: terms.target,
            amount: terms.amount,
            frequency: terms.frequency,
            start: terms.start,
            instalments: terms.instalments,
            folio: plan.folio.clone(),
            has_nominees: account.has_nominees,
            mandate: mandate.filter(|_| terms.kind == PlanKind::Sip),
            step_up: terms.step_up.map(Into::into),
            euin: account.euin,
        })
    }

    async fn gateway_mandate(&self, id: MandateId) -> Result<Option<String>, Error> {
        let mut conn = self.ground().db.read().await?;
        let mandate = mandates::find(&mut conn, id).await?;
        Ok(mandate.and_then(|mandate| mandate.gateway_id))
    }

    async fn account_of(&self, contact: ContactId) -> Result<Account, Error> {
        let asked = Asked {
            contact,
            today: super::today(self.now()),
            gateway: self.gateway().name(),
            buys: None,
        };
        let mut conn = self.ground().db.read().await?;
        match self.inner.investors.standing(&mut conn, &asked).await? {
            Standing::Ready(account) => Ok(account),
            Standing::Blocked(why) => {
                let why = why.join(", ");
                Err(anyhow::anyhow!("contact {contact} may not deal now: {why}").into())
            }
        }
    }
}

/// Why something did not work.
pub(super) enum Trouble {
    Gateway(GatewayError),
    Database(Error),
}

impl From<GatewayError> for Trouble {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}
