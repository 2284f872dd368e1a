//! Accounts and mandates: what the investor approves once.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{in_india, moment, tomorrow};
use super::faults::ExchangeFault;
use super::orders::check_reference;
use super::records::{AccountState, Investor, Mandate, MandateKind, MandateState, Plan, PlanState};
use super::state::{Refusal, State, table};

/// How long the exchange takes over an account the investor approved.
const ACCOUNT_TAKES: Duration = Duration::from_mins(2);
/// How long the link of a mandate is good.
const PATIENCE: Duration = Duration::from_hours(3 * 24);
/// Bank days an eNACH mandate takes.
const ENACH_TAKES: u32 = 3;
/// What UPI takes by itself for mutual funds without a PIN, and eNACH at all, in paise.
const UPI_CEILING: i64 = 100_000 * 100;
const ENACH_CEILING: i64 = 10_000_000 * 100;

/// An account as it is asked for.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct NewInvestor {
    pub(crate) ucc: String,
    pub(crate) name: String,
    pub(crate) pan: String,
    pub(crate) account_number: String,
    pub(crate) ifsc: String,
}

/// A mandate as it is asked for.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct NewMandate {
    pub(crate) reference: String,
    pub(crate) ucc: String,
    pub(crate) kind: MandateKind,
    pub(crate) limit: i64,
    pub(crate) start: Date,
    pub(crate) end: Date,
}

impl State {
    /// Opens an account, or finds it open.
    pub(crate) fn register_investor(
        &mut self,
        new: &NewInvestor,
        now: Timestamp,
    ) -> Result<Investor, Refusal> {
        if let Some(known) = self.investors.get(&new.ucc) {
            return Ok(known.clone());
        }
        let ucc_fits =
            (1..=10).contains(&new.ucc.len()) && new.ucc.bytes().all(|b| b.is_ascii_alphanumeric());
        if !ucc_fits {
            return Err(Refusal::new(
                "ucc",
                "a client code is 1 to 10 letters and digits",
            ));
        }
        check_pan(&new.pan)?;
        let bank = new.ifsc.get(..4).unwrap_or("");
        let digits: Vec<char> = new.account_number.chars().collect();
        let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
        if bank.is_empty() || digits.len() < 6 {
            return Err(Refusal::new("bank", "a bank account is needed"));
        }
        let (state, next) = if self.options.opens_accounts {
            (AccountState::Active, None)
        } else {
            (AccountState::AwaitingAuthorisation, self.auto_at(now))
        };
        let investor = Investor {
            ucc: new.ucc.clone(),
            name: new.name.clone(),
            bank: format!("{bank} account ending {last}"),
            state,
            next,
        };
        self.put_investor(investor.clone(), now);
        Ok(investor)
    }

    pub(crate) fn investor(&self, ucc: &str) -> Result<Investor, Refusal> {
        let investor = self.investors.get(ucc).cloned();
        investor.ok_or_else(|| Refusal::not_found("account"))
    }

    /// The investor approved the account, or refused it.
    pub(crate) fn decide_investor(
        &mut self,
        ucc: &str,
        approved: bool,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let mut investor = self.investor(ucc)?;
        if investor.state != AccountState::AwaitingAuthorisation {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        investor.state = if approved {
            AccountState::UnderProcess
        } else {
            AccountState::Suspended
        };
        investor.next = approved.then_some(at + ACCOUNT_TAKES);
        self.put_investor(investor, at);
        Ok(())
    }

    /// The exchange stops an account that was open, or lets it go on.
    pub(crate) fn hold_investor(
        &mut self,
        ucc: &str,
        stop: bool,
        at: Timestamp,
    ) -> Result<Investor, Refusal> {
        let mut investor = self.investor(ucc)?;
        investor.state = match (investor.state, stop) {
            (AccountState::Active | AccountState::Suspended, true) => AccountState::Suspended,
            (AccountState::Active | AccountState::Suspended, false) => AccountState::Active,
            _ => return Err(Refusal::new("wrong_state", "the account is not open yet")),
        };
        self.put_investor(investor.clone(), at);
        Ok(investor)
    }

    /// Does what is due for an account.
    pub(crate) fn step_investor(&mut self, ucc: &str, at: Timestamp) {
        let Ok(mut investor) = self.investor(ucc) else {
            return;
        };
        match investor.state {
            AccountState::AwaitingAuthorisation => drop(self.decide_investor(ucc, true, at)),
            AccountState::UnderProcess => {
                investor.state = AccountState::Active;
                investor.next = None;
                self.put_investor(investor, at);
            }
            AccountState::Active | AccountState::Suspended => {}
        }
    }

    /// Takes a mandate in.
    pub(crate) fn register_mandate(
        &mut self,
        new: NewMandate,
        now: Timestamp,
    ) -> Result<Mandate, Refusal> {
        check_reference(&new.reference)?;
        if self.by_reference(table::MANDATE, &new.reference).is_some() {
            return Err(Refusal::duplicate(&new.reference));
        }
        self.check_account(&new.ucc)?;
        let ceiling = match new.kind {
            MandateKind::Upi => UPI_CEILING,
            MandateKind::Enach => ENACH_CEILING,
        };
        if !(1..=ceiling).contains(&new.limit) {
            return Err(Refusal::new(
                "limit",
                "the limit is beyond what this kind takes",
            ));
        }
        if new.end <= new.start || new.end <= in_india(now).0 {
            return Err(Refusal::new("end", "a mandate ends after it starts"));
        }
        if self
            .faults
            .roll_for(ExchangeFault::Refuse, &new.reference)
            .is_some()
        {
            return Err(Refusal::new("platform_rejected", "refused by the platform"));
        }
        let mandate = Mandate {
            id: self.next_id('M'),
            reference: new.reference,
            ucc: new.ucc,
            kind: new.kind,
            limit: new.limit,
            start: new.start,
            end: new.end,
            status: MandateState::AwaitingInvestor,
            reason: None,
            used: None,
            placed: now,
            next: Some(self.auto_at(now).unwrap_or(now + PATIENCE)),
        };
        self.put_mandate(mandate.clone(), now);
        Ok(mandate)
    }

    pub(crate) fn mandate(&self, id: &str) -> Result<Mandate, Refusal> {
        let mandate = self.mandates.get(id).cloned();
        mandate.ok_or_else(|| Refusal::not_found("mandate"))
    }

    /// The investor approved a mandate.
    pub(crate) fn approve_mandate(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mut mandate = self.mandate(id)?;
        if mandate.status != MandateState::AwaitingInvestor {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        self.check_account(&mandate.ucc)?;
        let reference = mandate.reference.clone();
        if self
            .faults
            .roll_for(ExchangeFault::RejectMandates, &reference)
            .is_some()
        {
            self.end_mandate(
                mandate,
                MandateState::Rejected,
                Some("rejected by the bank"),
                at,
            );
            return Ok(());
        }
        match mandate.kind {
            MandateKind::Upi => self.start_mandate(mandate, at),
            MandateKind::Enach => {
                let day = self.holidays.bank_days_after(in_india(at).0, ENACH_TAKES);
                mandate.status = MandateState::UnderProcess;
                mandate.next = Some(moment(day, 11, 0));
                self.put_mandate(mandate, at);
            }
        }
        Ok(())
    }

    /// The investor refused a mandate.
    pub(crate) fn refuse_mandate(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mandate = self.mandate(id)?;
        if mandate.status != MandateState::AwaitingInvestor {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        let why = Some("refused by the investor");
        self.end_mandate(mandate, MandateState::Rejected, why, at);
        Ok(())
    }

    /// Ends a mandate; doing it again changes nothing.
    pub(crate) fn cancel_mandate(&mut self, id: &str, now: Timestamp) -> Result<Mandate, Refusal> {
        let mandate = self.mandate(id)?;
        match mandate.status {
            MandateState::Cancelled => {}
            MandateState::Rejected | MandateState::Expired => {
                return Err(Refusal::new("wrong_state", "the mandate has ended"));
            }
            _ => self.end_mandate(mandate, MandateState::Cancelled, None, now),
        }
        self.mandate(id)
    }

    /// The investor stops a mandate for a while in their own app, or lets it go on.
    pub(crate) fn hold_mandate(
        &mut self,
        id: &str,
        hold: bool,
        now: Timestamp,
    ) -> Result<Mandate, Refusal> {
        let mut mandate = self.mandate(id)?;
        mandate.status = match (mandate.status, hold) {
            (MandateState::Active | MandateState::Paused, true) => MandateState::Paused,
            (MandateState::Active | MandateState::Paused, false) => MandateState::Active,
            _ => return Err(Refusal::new("wrong_state", "the mandate is not active")),
        };
        self.put_mandate(mandate.clone(), now);
        Ok(mandate)
    }

    fn start_mandate(&mut self, mut mandate: Mandate, at: Timestamp) {
        mandate.status = MandateState::Active;
        mandate.next = Some(moment(tomorrow(mandate.end), 0, 0));
        let id = mandate.id.clone();
        self.put_mandate(mandate, at);
        for mut plan in self.plans_of(&id) {
            if plan.status == PlanState::AwaitingMandate {
                self.activate(&mut plan, at);
                self.put_plan(plan, at);
            }
        }
    }

    fn end_mandate(
        &mut self,
        mut mandate: Mandate,
        status: MandateState,
        reason: Option<&str>,
        at: Timestamp,
    ) {
        mandate.status = status;
        mandate.reason = reason.map(str::to_owned);
        mandate.next = None;
        let id = mandate.id.clone();
        self.put_mandate(mandate, at);
        for mut plan in self.plans_of(&id) {
            plan.status = PlanState::MandateUnlinked;
            plan.pending = None;
            plan.next = None;
            self.put_plan(plan, at);
        }
    }

    fn plans_of(&self, mandate: &str) -> Vec<Plan> {
        self.plans
            .values()
            .filter(|plan| plan.mandate.as_deref() == Some(mandate) && plan.status.is_open())
            .cloned()
            .collect()
    }

    /// Does what is due for a mandate.
    pub(crate) fn step_mandate(&mut self, id: &str, at: Timestamp) {
        let Ok(mandate) = self.mandate(id) else {
            return;
        };
        match mandate.status {
            MandateState::AwaitingInvestor if at >= mandate.placed + PATIENCE => {
                let why = Some("not approved in time");
                self.end_mandate(mandate, MandateState::Rejected, why, at);
            }
            // The invisible hand: what it may not approve waits on.
            MandateState::AwaitingInvestor if self.approve_mandate(id, at).is_err() => {
                let next = Some(mandate.placed + PATIENCE);
                self.put_mandate(Mandate { next, ..mandate }, at);
            }
            MandateState::UnderProcess => self.start_mandate(mandate, at),
            MandateState::Active | MandateState::Paused => {
                self.end_mandate(mandate, MandateState::Expired, None, at);
            }
            _ => {}
        }
    }
}

fn check_pan(pan: &str) -> Result<(), Refusal> {
    let bytes = pan.as_bytes();
    let fits = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| match at {
            0..=4 | 9 => b.is_ascii_uppercase(),
            _ => b.is_ascii_digit(),
        });
    if fits {
        Ok(())
    } else {
        Err(Refusal::new("pan", "the PAN does not look like one"))
    }
}
