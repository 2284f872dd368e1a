//! Dealing: drafts, confirmations, orders, plans and mandates, and their way to the
//! exchange and back.
//!
//! A money action happens once per confirmation: a draft carries the exact terms, and
//! what it becomes is unique by it, decided by the database. On the way to the gateway
//! our reference is on record before the call; an answer that was lost is settled by
//! asking for that reference before anything is sent again. What the gateway says, by
//! webhook or when asked, is a report; a report moves things forward or changes nothing.

mod books;
mod call_off;
mod changes;
mod confirm;
mod ends;
mod gatekeeper;
mod instalment;
mod left_out;
mod look;
mod mandates;
mod marks;
mod night;
mod order_book;
mod pages;
mod plan_terms;
mod plans;
mod propose;
mod put_in;
mod report;
mod seed;
mod submit;
mod terms;
mod views;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::draft::Refusal;
use super::limits::Limits;
use super::ports::{Books, Investors, SchemeBook};
use crate::clock::ist;
use crate::id::{ContactId, OrderId};
use crate::investing::events::{self, Event, What};
use crate::investing::gateway::port::{OrderGateway, Reference};
use crate::investing::store::orders::Stamp;
use crate::pipeline::{self, Ground, Job, open_attention};
use crate::storage::{Conn, Error};

pub use books::HouseBooks;
pub use call_off::CALL_OFF;
pub use gatekeeper::Gatekeeper;
pub use look::Kept;
pub use night::Prepared;
pub use seed::seed_sips;
pub use submit::Sent;
pub use views::{About, PlanView, instalment_orders, is_to_come, plan_views, upcoming_of};

/// The kind of the jobs that take something to the gateway.
pub const SUBMIT: &str = "gateway_submit";
/// The kind of the jobs that carry out a change of a plan.
pub const CHANGE: &str = "gateway_change";
/// The kind of the jobs that look into a notice.
pub const NOTICE: &str = "gateway_notice";

/// A call that was begun so long ago has ended, one way or the other: gateways have to
/// answer sooner, or be given up.
const CALL_LASTS: Duration = Duration::from_mins(1);

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// A rule is against it; what to say is in the reason.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It did not work.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What a request comes to.
pub type Outcome<T> = Result<T, Declined>;

/// Everything an investor may have done with money; clones share it.
#[derive(Clone)]
pub struct Dealing {
    inner: Arc<Inner>,
}

struct Inner {
    ground: Ground,
    gateway: Arc<dyn OrderGateway>,
    investors: Arc<dyn Investors>,
    schemes: Arc<dyn SchemeBook>,
    books: Arc<dyn Books>,
    limits: Limits,
}

/// The neighbours dealing works with.
pub struct Neighbours {
    /// The exchange.
    pub gateway: Arc<dyn OrderGateway>,
    /// Knows who may deal.
    pub investors: Arc<dyn Investors>,
    /// Knows what may be dealt in.
    pub schemes: Arc<dyn SchemeBook>,
    /// Keeps the books.
    pub books: Arc<dyn Books>,
}

impl Dealing {
    /// Returns dealing with these neighbours and limits.
    pub fn new(ground: Ground, neighbours: Neighbours, limits: Limits) -> Self {
        let Neighbours {
            gateway,
            investors,
            schemes,
            books,
        } = neighbours;
        let inner = Inner {
            ground,
            gateway,
            investors,
            schemes,
            books,
            limits,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns the exchange it deals with.
    pub fn gateway(&self) -> &dyn OrderGateway {
        self.inner.gateway.as_ref()
    }

    fn ground(&self) -> &Ground {
        &self.inner.ground
    }

    fn now(&self) -> Timestamp {
        self.inner.ground.clock.now()
    }

    async fn is_paused(&self, conn: &mut Conn, contact: ContactId) -> Result<bool, Error> {
        self.inner.investors.is_paused(conn, contact).await
    }

    /// Enqueues a job on the caller's transaction; wake the stage after the commit.
    async fn enqueue(
        &self,
        conn: &mut Conn,
        kind: &'static str,
        unique_key: String,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let job = Job {
            kind,
            unique_key,
            payload: subject.as_bytes().to_vec(),
            run_at: now,
        };
        pipeline::enqueue_job(conn, self.ground(), &job).await?;
        Ok(())
    }

    async fn tell(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        key: String,
        what: What,
        now: Timestamp,
    ) -> Result<(), Error> {
        let event = Event { contact, key, what };
        let ground = self.ground();
        events::record(conn, &ground.keys, &ground.ids, &event, now).await?;
        Ok(())
    }

    /// Shows something to a person.
    async fn show(
        &self,
        conn: &mut Conn,
        kind: &'static str,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let ids = &self.ground().ids;
        open_attention(conn, ids, kind, subject, detail, now.as_millisecond()).await
    }

    /// Wakes whoever runs jobs and whoever tells people; call it after a commit that
    /// enqueued something or stated what happened.
    pub fn wake(&self) {
        self.ground().wakes.jobs.wake();
        self.ground().wakes.events.wake();
    }

    /// Makes a reference the gateway has never seen: 32 digits and a hyphen at most.
    fn reference(&self, now: Timestamp) -> Reference {
        // The id rises within the process and is random beyond it; its lower 60 bits and
        // the millisecond say the same in digits. A clash would be refused by the
        // database before anything is sent.
        let id = self.ground().ids.next::<OrderId>(now).uuid().as_u128();
        let tail = (id & ((1 << 60) - 1)) % 1_000_000_000_000_000_000;
        Reference(format!("{:013}-{tail:018}", now.as_millisecond().max(0)))
    }
}

/// Returns today in India.
fn today(now: Timestamp) -> Date {
    now.to_zoned(ist()).date()
}

fn after(now: Timestamp, span: Duration) -> i64 {
    let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 2);
    now.as_millisecond().saturating_add(millis)
}

fn stamp<'a>(now: Timestamp, by: &'a str, detail: Option<&'a str>) -> Stamp<'a> {
    Stamp { now, by, detail }
}
