//! Running SIPs in great number, for measurements.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::stamp;
use crate::id::{ContactId, DraftId, Ids, PlanId};
use crate::investing::gateway::port::Reference;
use crate::investing::money::Paise;
use crate::investing::orders::charges::Charges;
use crate::investing::orders::draft::{Draft, PlanProposal, Proposal, Terms};
use crate::investing::orders::order::Submission;
use crate::investing::orders::plan::{Plan, PlanTerms};
use crate::investing::orders::{Frequency, PlanKind, PlanStatus};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::orders::{drafts, plans};
use crate::security::Keyring;
use crate::storage::{Conn, Error};

const BY: &str = "seed";

/// Puts a monthly SIP on record for each of these contacts that runs and has its next
/// instalment on `due`. Nobody confirmed it and no exchange knows it, so it is of use
/// only where the service's own work is measured.
pub async fn seed_sips(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    contacts: &[ContactId],
    (scheme, due): (SchemeCode, Date),
    now: Timestamp,
) -> Result<(), Error> {
    for contact in contacts {
        let terms = PlanTerms {
            kind: PlanKind::Sip,
            scheme,
            target: None,
            amount: Paise(1_000_00),
            frequency: Frequency::Monthly,
            start: due.saturating_sub(12.months()),
            instalments: None,
            step_up: None,
        };
        let draft = draft(ids.next(now), *contact, &terms, now);
        drafts::insert(conn, keys, &draft).await?;
        let plan = plan(ids.next(now), &draft, terms, due);
        plans::insert(conn, keys, &plan, BY, None, &stamp(now, BY, None)).await?;
    }
    Ok(())
}

fn draft(id: DraftId, contact: ContactId, terms: &PlanTerms, now: Timestamp) -> Draft {
    let proposal = PlanProposal {
        terms: terms.clone(),
        mandate: None,
        folio: None,
        replaces: None,
    };
    Draft {
        id,
        contact,
        terms: Terms {
            proposal: Proposal::Plan(proposal),
            scheme: String::new(),
            target: None,
            amc: String::new(),
            date: terms.start,
            bank: String::new(),
            expected_nav_date: None,
            target_nav_date: None,
            expected_by: None,
            cutoff: None,
            risk: None,
            risk_month: None,
            charges: Charges::default(),
            estimate: None,
            locked_until: None,
            rules: BY.to_owned(),
        },
        made_at: now,
        expires_at: now,
    }
}

fn plan(id: PlanId, draft: &Draft, terms: PlanTerms, due: Date) -> Plan {
    Plan {
        id,
        contact: draft.contact,
        draft: draft.id,
        terms,
        mandate: None,
        folio: None,
        status: PlanStatus::Active,
        replaces: None,
        submission: Submission::Taken,
        asked_at: None,
        reference: Reference(format!("{BY}-{id}")),
        gateway_id: None,
        next_due: Some(due),
        prepared: 12,
        pause_left: 0,
        reason: None,
        cancel_by: None,
        made_at: draft.made_at,
        version: 1,
    }
}
