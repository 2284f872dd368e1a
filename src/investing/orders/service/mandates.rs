//! What the gateway says of a mandate, put on record.

use std::time::Duration;

use jiff::Timestamp;

use super::{Dealing, SUBMIT, after, stamp};
use crate::id::{ContactId, MandateId};
use crate::investing::events::What;
use crate::investing::gateway::port::{MandateReport, Page};
use crate::investing::orders::MandateStatus;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::Submission;
use crate::investing::orders::state::Moves;
use crate::investing::store::events;
use crate::investing::store::orders::{mandates, plans};
use crate::security::audit;
use crate::storage::{Conn, Error};

use super::Outcome;

/// How often a mandate that waits for somebody is asked about.
const WAITING: Duration = Duration::from_mins(30);
/// And one in force, so that its end is noticed even without a webhook.
const IN_FORCE: Duration = Duration::from_hours(24);

const BY: &str = "gateway";

/// Under this key somebody is told of the page on which they approve a mandate.
fn awaiting_key(mandate: MandateId) -> String {
    format!("mandate_awaiting:{mandate}")
}

impl Dealing {
    /// Puts a report of a mandate on record, and tells the investor to approve it if that
    /// is what it waits for. The same report twice changes nothing. `read_at` is the version
    /// the mandate had before the gateway was asked, as with [`Dealing::apply_plan`].
    pub(super) async fn apply_mandate(
        &self,
        report: MandateReport,
        read_at: Option<i64>,
    ) -> Result<(), Error> {
        let id = report.id.clone();
        let input = (self.clone(), report);
        let applied = self
            .ground()
            .db
            .write(input, move |conn, (dealing, report)| {
                Box::pin(dealing.apply_mandate_on(conn, report, read_at))
            });
        let waits = applied.await?;
        self.wake();
        let Some(mandate) = waits else {
            return Ok(());
        };
        let told = (mandate.contact, awaiting_key(mandate.id));
        self.tell_of_page(told, &Page::Mandate(id), |link| What::MandateAwaiting {
            mandate: mandate.id,
            kind: mandate.kind,
            limit: mandate.limit,
            link,
        })
        .await
    }

    /// Returns the mandate if it waits for the investor, who was not told of its page yet.
    async fn apply_mandate_on(
        &self,
        conn: &mut Conn,
        report: &MandateReport,
        read_at: Option<i64>,
    ) -> Result<Option<Mandate>, Error> {
        let now = self.now();
        let Some(before) = mandates::find_by_reference(conn, &report.reference).await? else {
            let subject = format!("{}:{}", self.gateway().name(), report.id);
            let detail = "the gateway knows a mandate that is not on record here";
            self.show(conn, "unknown_mandate", &subject, detail, now)
                .await?;
            return Ok(None);
        };
        if read_at.is_some_and(|version| version != before.version) {
            return Err(Error::Again("the mandate"));
        }
        let mut mandate = before.clone();
        mandate.submission = Submission::Taken;
        mandate.asked_at = None;
        mandate.gateway_id = Some(report.id.clone());
        if before.status.may_become(report.status) {
            mandate.status = report.status;
            mandate.reason.clone_from(&report.reason);
        }
        let is_untold = mandate.status.waits_for_investor()
            && !events::is_recorded(conn, &awaiting_key(mandate.id)).await?;
        let look = match mandate.status {
            status if status.is_final() => None,
            MandateStatus::Active | MandateStatus::Paused => Some(after(now, IN_FORCE)),
            _ => Some(after(now, WAITING)),
        };
        // The version rises even where nothing else does: a report that was read before this
        // one is older.
        let by = stamp(now, BY, Some(&report.raw_status));
        mandates::update(conn, (&before, &mut mandate), look, &by).await?;
        if before.status == mandate.status {
            return Ok(is_untold.then_some(mandate));
        }
        let (id, kind, limit) = (mandate.id, mandate.kind, mandate.limit);
        let is_active = mandate.status == MandateStatus::Active;
        if is_active && before.status != MandateStatus::Paused {
            let what = What::MandateActive {
                mandate: id,
                kind,
                limit,
            };
            let key = format!("mandate_active:{id}");
            self.tell(conn, mandate.contact, key, what, now).await?;
        }
        if is_active {
            self.release_plans(conn, &mandate, now).await?;
        }
        if mandate.status.is_final() {
            let what = What::MandateFailed {
                mandate: id,
                kind,
                reason: mandate.reason.clone(),
            };
            let key = format!("mandate_failed:{id}");
            self.tell(conn, mandate.contact, key, what, now).await?;
            self.unlink(conn, id, now).await?;
        }
        Ok(is_untold.then_some(mandate))
    }

    /// Sends the plans on their way that waited for a mandate, each time it comes in force.
    async fn release_plans(
        &self,
        conn: &mut Conn,
        mandate: &Mandate,
        now: Timestamp,
    ) -> Result<(), Error> {
        let keys = &self.ground().keys;
        for plan in plans::list_of_mandate(conn, keys, mandate.id).await? {
            if plan.submission == Submission::Waiting {
                let subject = plan.id.to_string();
                let key = format!("submit:{subject}:{}:{}", mandate.id, mandate.version);
                self.enqueue(conn, SUBMIT, key, &subject, now).await?;
            }
        }
        Ok(())
    }

    /// Ends a mandate, and with it the plans that are paid through it. Ending one that
    /// has ended changes nothing.
    pub async fn cancel_mandate(&self, contact: ContactId, id: MandateId, by: &str) -> Outcome<()> {
        let mut conn = self.ground().db.read().await?;
        let mandate = mandates::find(&mut conn, id).await?;
        drop(conn);
        let mandate = mandate.filter(|mandate| mandate.contact == contact);
        let mandate = mandate.ok_or(Refusal::MandateMissing)?;
        if mandate.status.is_final() {
            return Ok(());
        }
        let Some(gateway_id) = mandate.gateway_id else {
            return Err(Refusal::MandateMissing.into());
        };
        let input = (self.clone(), by.to_owned());
        let written = self.ground().db.write(input, move |conn, (dealing, by)| {
            Box::pin(async move {
                let (ids, now) = (&dealing.ground().ids, dealing.now());
                audit::record(conn, ids, by, "cancel_mandate", &id.to_string(), now).await
            })
        });
        written.await?;
        let report = self.gateway().cancel_mandate(&gateway_id).await;
        let report = report.map_err(|error| Error::Inside(error.into()))?;
        // Nothing follows its end, whatever was reported meanwhile.
        Ok(self.apply_mandate(report, None).await?)
    }
}

impl MandateStatus {
    /// Returns whether the investor has to approve it.
    const fn waits_for_investor(self) -> bool {
        matches!(self, Self::LinkSent | Self::AwaitingInvestor)
    }
}
