//! What a pause leaves out, where the gateway has it otherwise than our record: a change
//! counts from where the gateway was when the investor approved it, and that may be after
//! our night has prepared the instalment.

use jiff::Timestamp;

use super::night::announcement;
use super::{Dealing, stamp};
use crate::id::PlanId;
use crate::investing::gateway::port::{PlanChange, PlanReport};
use crate::investing::orders::instalments::{passed_over, taken_back};
use crate::investing::orders::plan::Plan;
use crate::investing::orders::{InstalmentStatus, PlanKind};
use crate::investing::store::orders::{changes, instalments};
use crate::storage::{Conn, Error};

/// Who moves what the gateway reported.
const BY: &str = "gateway";

impl Dealing {
    /// Closes what the gateway leaves out, and takes back in what it does not leave out any
    /// more; of a debit the investor is told.
    pub(super) async fn follow_pauses(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        report: &PlanReport,
        now: Timestamp,
    ) -> Result<(), Error> {
        use InstalmentStatus as I;
        let by = stamp(now, BY, Some(&report.raw_status));
        let rows = instalments::list(conn, plan.id).await?;
        for mut one in passed_over(rows.clone(), report) {
            instalments::update(conn, &mut one, &[I::Skipped], &by).await?;
        }
        for mut one in taken_back(rows, report) {
            let back = [I::Scheduled, I::PreDebitNotified];
            instalments::update(conn, &mut one, &back, &by).await?;
            // Only a debit is announced: nobody need keep money ready for the others.
            if plan.terms.kind == PlanKind::Sip {
                let told = announcement(plan, &one, &self.inner.schemes.calendar());
                // What was told of it before may have been dropped while it was left out.
                let key = format!("{}:{}", told.key, one.version);
                self.tell(conn, plan.contact, key, told.what, now).await?;
            }
        }
        Ok(())
    }

    /// Returns whether the newest change of a plan that was not refused ends its pause.
    pub(super) async fn was_resumed(&self, conn: &mut Conn, plan: PlanId) -> Result<bool, Error> {
        let newest = changes::find_newest(conn, plan).await?;
        Ok(newest.is_some_and(|newest| newest.change == PlanChange::Resume))
    }
}
