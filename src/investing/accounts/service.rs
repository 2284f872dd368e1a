//! Opens accounts and follows how far they are.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::application::{application, is_to_be_opened};
use crate::clock::ist;
use crate::contacts;
use crate::id::ContactId;
use crate::investing::events::{self, Event, What};
use crate::investing::gateway::OrderGateway;
use crate::investing::gateway::port::{GatewayError, InvestorState, Page};
use crate::people::ports::RecordWatch;
use crate::people::store::{self, find_by_account, take_accounts_to_look, without_account};
use crate::people::{AccountState, Binding, Change, ExchangeAccount, Investor, People, Recorded};
use crate::pipeline::{self, Ground, Job, close_attention, open_attention};
use crate::storage::{Conn, Error};

/// The kind of the jobs that open an account, or ask how far it is. The payload is a
/// contact's id, or a client code the exchange said something about.
pub const ACCOUNT: &str = "exchange_account";

/// What a person finds under `attention` where an account cannot be used.
const FAILED: &str = "account_failed";
/// And where accounts cannot be opened at all.
const NOT_SET_UP: &str = "gateway_not_set_up";
const BY: &str = "gateway";
/// Accounts asked about, and investors looked at, at once.
const PAGE: i64 = 100;
/// One round lasts no longer than this, so that other jobs get their turn.
const ROUND_LASTS: Duration = Duration::from_secs(20);

/// What opening an account, or asking about it, came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The record lacks this.
    Lacks(Vec<&'static str>),
    /// It is with the exchange, this far.
    Is(AccountState),
    /// Nobody's account has this client code.
    Nobodys,
    /// There was no answer: ask again later.
    Later(String),
    /// The gateway cannot open accounts until an operator has set it up; it is shown.
    NotSetUp(String),
}

/// Accounts with one exchange. Clones share it.
#[derive(Clone)]
pub struct Accounts {
    ground: Ground,
    people: People,
    gateway: Arc<dyn OrderGateway>,
}

impl Accounts {
    /// Returns the accounts of investors with an exchange.
    pub fn new(ground: Ground, people: People, gateway: Arc<dyn OrderGateway>) -> Self {
        Self {
            ground,
            people,
            gateway,
        }
    }

    /// Does what a job of the kind [`ACCOUNT`] asks for.
    pub async fn run(&self, subject: &str) -> Result<Opening, Error> {
        match subject.parse::<ContactId>() {
            Ok(contact) => self.open(contact).await,
            Err(_) => self.look(subject).await,
        }
    }

    /// Opens an account for an investor whose record is whole, or asks how far it is. The
    /// client code follows from the contact, so that doing it twice opens one.
    pub async fn open(&self, contact: ContactId) -> Result<Opening, Error> {
        let now = self.ground.clock.now();
        let investor = self.people.investor(contact).await?;
        let known = investor.account(self.gateway.name());
        if let Some(account) = known.filter(|known| known.state != AccountState::Refused) {
            return self.ask(contact, &account.ucc).await;
        }
        let new = match application(&investor, now.to_zoned(ist()).date()) {
            Ok(new) => new,
            Err(lacks) => return Ok(Opening::Lacks(lacks)),
        };
        let (state, reason) = match self.gateway.register_investor(&new).await {
            Ok(state) => (of(state), None),
            Err(GatewayError::Refused { code, message }) => {
                let reason = format!("{message} ({code})");
                (AccountState::Refused, Some(reason))
            }
            Err(GatewayError::NotSetUp(what)) => return self.not_set_up(what).await,
            Err(error) => return Ok(Opening::Later(error.to_string())),
        };
        self.apply(contact, (&new.ucc, state, reason)).await?;
        Ok(Opening::Is(state))
    }

    /// Asks how far the account with a client code is.
    pub async fn look(&self, ucc: &str) -> Result<Opening, Error> {
        let mut conn = self.ground.db.read().await?;
        let found = find_by_account(&mut conn, self.gateway.name(), ucc).await?;
        drop(conn);
        match found {
            Some(contact) => self.ask(contact, ucc).await,
            None => Ok(Opening::Nobodys),
        }
    }

    async fn ask(&self, contact: ContactId, ucc: &str) -> Result<Opening, Error> {
        let state = match self.gateway.find_investor(ucc).await {
            Ok(Some(state)) => of(state),
            Ok(None) => {
                let name = self.gateway.name();
                return Ok(Opening::Later(format!("`{name}` does not know {ucc}")));
            }
            Err(GatewayError::NotSetUp(what)) => return self.not_set_up(what).await,
            Err(error) => return Ok(Opening::Later(error.to_string())),
        };
        self.apply(contact, (ucc, state, None)).await?;
        Ok(Opening::Is(state))
    }

    /// Asks about accounts that somebody waits for, and has those opened that a whole
    /// record was not heard of for: because it was there before the exchange was, or the
    /// exchange was not to be had. Returns how many. Doing it again does the rest.
    pub async fn round(&self) -> Result<usize, Error> {
        let now = self.ground.clock.now();
        let name = self.gateway.name();
        let due = self.ground.db.write((), move |conn, ()| {
            Box::pin(take_accounts_to_look(conn, name, now, PAGE))
        });
        let due = due.await?;
        let mut done = due.len();
        let asking = async {
            for (contact, ucc) in due {
                if let Opening::Later(why) = self.ask(contact, &ucc).await? {
                    tracing::debug!(%contact, %why, "no answer about an account");
                }
            }
            Ok::<(), Error>(())
        };
        // Whatever is not asked about now comes up again by itself.
        if let Ok(asked) = tokio::time::timeout(ROUND_LASTS, asking).await {
            asked?;
        }
        done += self.catch_up(now).await?;
        Ok(done)
    }

    async fn catch_up(&self, now: Timestamp) -> Result<usize, Error> {
        let today = now.to_zoned(ist()).date();
        let name = self.gateway.name();
        let (mut after, mut found) = (None, 0);
        loop {
            let mut conn = self.ground.db.read().await?;
            let page = without_account(&mut conn, name, after, PAGE).await?;
            drop(conn);
            let Some(last) = page.last() else {
                return Ok(found);
            };
            after = Some(*last);
            for contact in page {
                let investor = self.people.investor(contact).await?;
                if !is_to_be_opened(&investor, name, today) {
                    continue;
                }
                // Once a day: what cannot be set up by the machine is not tried all day.
                let key = format!("{ACCOUNT}:{contact}:{today}");
                self.have_opened(contact, key, now).await?;
                found += 1;
            }
        }
    }

    /// Has an account opened, or asked about, by a job.
    pub async fn have_opened(
        &self,
        contact: ContactId,
        key: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let input = (self.ground.clone(), job(contact, key, now));
        let enqueued = self.ground.db.write(input, |conn, (ground, job)| {
            Box::pin(pipeline::enqueue_job(conn, ground, job))
        });
        enqueued.await?;
        self.ground.wakes.jobs.wake();
        Ok(())
    }

    /// Returns the address of the page on which the investor approves the account.
    pub async fn page(&self, ucc: &str) -> Result<String, GatewayError> {
        let page = Page::Investor {
            ucc: ucc.to_owned(),
        };
        self.gateway.page(&page).await
    }

    /// Puts on record how far an account is, and what that means for the investor. The
    /// same again changes nothing.
    async fn apply(
        &self,
        contact: ContactId,
        (ucc, state, reason): (&str, AccountState, Option<String>),
    ) -> Result<(), Error> {
        let account = ExchangeAccount {
            gateway: self.gateway.name().to_owned(),
            ucc: ucc.to_owned(),
            state,
            reason,
        };
        let input = (self.clone(), account);
        let moved = self
            .ground
            .db
            .write(input, move |conn, (accounts, account)| {
                Box::pin(accounts.apply_on(conn, contact, account))
            });
        moved.await?;
        self.ground.wakes.events.wake();
        if state == AccountState::AwaitingAuthorisation {
            self.ask_to_approve(contact, ucc).await?;
        }
        Ok(())
    }

    async fn apply_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        account: &ExchangeAccount,
    ) -> Result<(), Error> {
        let now = self.ground.clock.now();
        let row = contact.to_string();
        let mut loaded =
            contacts::store::load(conn, &self.ground.keys, std::slice::from_ref(&row)).await?;
        let Some(stored) = loaded.remove(&row) else {
            return Ok(());
        };
        let before = store::find_investor(conn, &stored.key, contact).await?;
        let is_waited_for = before.binding.as_ref().is_some_and(Binding::is_from_chat);
        let before = before.account(&account.gateway).map(|before| before.state);
        let change = Change::Account(account.clone());
        let recorder = self.people.recorder();
        let said = store::record(conn, recorder, contact, &stored.key, &change, BY, now).await?;
        if said != Recorded::Done {
            return Ok(());
        }
        let at = now.as_millisecond();
        if matches!(
            account.state,
            AccountState::Suspended | AccountState::Refused
        ) {
            let why = account.reason.as_deref().unwrap_or("without a reason");
            let detail = format!(
                "the account {} with `{}` is {}: {why}; put the record right, or ask the \
                 exchange, then `sipbrewery investor account {row}`",
                account.ucc,
                account.gateway,
                account.state.as_str()
            );
            open_attention(conn, &self.ground.ids, FAILED, &row, &detail, at).await?;
        } else {
            close_attention(conn, FAILED, &row, at).await?;
        }
        let what = match account.state {
            // Nobody waited for one that was open at once: the chat goes on by itself.
            AccountState::Active if before.is_none() && !is_waited_for => None,
            AccountState::Active => Some(What::AccountActive {}),
            AccountState::Suspended | AccountState::Refused => Some(What::AccountFailed {
                reason: account.reason.clone(),
            }),
            AccountState::AwaitingAuthorisation | AccountState::UnderProcess => None,
        };
        if let Some(what) = what {
            // It may be stopped and opened again: each time is told, by its moment.
            let (gateway, state) = (&account.gateway, account.state.as_str());
            let key = format!("account:{gateway}:{contact}:{state}:{at}");
            let event = Event { contact, key, what };
            events::record(conn, &self.ground.keys, &self.ground.ids, &event, now).await?;
        }
        Ok(())
    }

    /// Asks the investor, once, to approve the account on the exchange's page.
    async fn ask_to_approve(&self, contact: ContactId, ucc: &str) -> Result<(), Error> {
        let link = match self.page(ucc).await {
            Ok(link) => link,
            Err(error) => {
                // The next look tries again.
                tracing::warn!(%error, %contact, "no page to approve an account on");
                return Ok(());
            }
        };
        let event = Event {
            contact,
            key: format!("account_awaiting:{}:{ucc}", self.gateway.name()),
            what: What::AccountAwaiting { link },
        };
        let input = (self.ground.clone(), event);
        let told = self.ground.db.write(input, |conn, (ground, event)| {
            let now = ground.clock.now();
            Box::pin(events::record(conn, &ground.keys, &ground.ids, event, now))
        });
        told.await?;
        self.ground.wakes.events.wake();
        Ok(())
    }

    async fn not_set_up(&self, what: String) -> Result<Opening, Error> {
        let input = (self.ground.clone(), self.gateway.name(), what.clone());
        let shown = self.ground.db.write(input, |conn, (ground, name, what)| {
            let now = ground.clock.now().as_millisecond();
            Box::pin(open_attention(
                conn,
                &ground.ids,
                NOT_SET_UP,
                name,
                what,
                now,
            ))
        });
        shown.await?;
        Ok(Opening::NotSetUp(what))
    }
}

/// Has an investor's account opened as soon as their record is whole.
pub struct OpensAccounts {
    ground: Ground,
    gateway: &'static str,
}

impl OpensAccounts {
    /// Returns what watches records for an exchange.
    pub fn new(ground: Ground, gateway: &'static str) -> Self {
        Self { ground, gateway }
    }
}

impl RecordWatch for OpensAccounts {
    fn record_changed<'c>(
        &'c self,
        conn: &'c mut Conn,
        investor: &'c Investor,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let today = now.to_zoned(ist()).date();
            if is_to_be_opened(investor, self.gateway, today) {
                let contact = investor.contact;
                let key = format!("{ACCOUNT}:{contact}:{}", now.as_millisecond());
                pipeline::enqueue_job(conn, &self.ground, &job(contact, key, now)).await?;
            }
            Ok(())
        })
    }
}

fn job(contact: ContactId, unique_key: String, run_at: Timestamp) -> Job {
    Job {
        kind: ACCOUNT,
        unique_key,
        payload: contact.to_string().into_bytes(),
        run_at,
    }
}

const fn of(state: InvestorState) -> AccountState {
    match state {
        InvestorState::AwaitingAuthorisation => AccountState::AwaitingAuthorisation,
        InvestorState::UnderProcess => AccountState::UnderProcess,
        InvestorState::Active => AccountState::Active,
        InvestorState::Suspended => AccountState::Suspended,
    }
}
