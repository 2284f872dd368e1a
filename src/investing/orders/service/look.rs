//! Asking the gateway: because a notice says that something changed, or because it is
//! time to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Dealing, NOTICE, Sent, after};
use crate::id::{MandateId, OrderId, PlanId};
use crate::investing::accounts::ACCOUNT;
use crate::investing::gateway::port::{GatewayError, Subject};
use crate::investing::orders::order::Submission;
use crate::investing::store::orders::notices::{self, NewNotice};
use crate::investing::store::orders::{book as orders, mandates, plans, polls};
use crate::storage::{Error, Urgency};

/// Things asked about in one round at most.
const A_ROUND: u32 = 100;
/// Rounds follow each other for as long as this where there is so much to ask about: less
/// than until it is time again.
const ROUNDS_LAST: Duration = Duration::from_mins(4);
/// Whatever is asked about without an answer comes up again after this.
const AGAIN: Duration = Duration::from_mins(30);

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is durable and will be looked into.
    New,
    /// It came before.
    Known,
    /// It cannot be read; its bytes are durable.
    Unreadable,
}

impl Dealing {
    /// Keeps a notice of the gateway; returns once it is durable. The same one again has
    /// no second effect.
    pub async fn take_notice(&self, body: &[u8]) -> Result<Kept, Error> {
        let gateway = self.gateway().name();
        let now = self.now();
        let (id, subject) = match self.gateway().read_notice(body) {
            Ok(notice) => (notice.id, Some(words_of(&notice.about))),
            Err(error) => {
                tracing::warn!(%error, gateway, "a notice cannot be read");
                (hash(body), None)
            }
        };
        let is_readable = subject.is_some();
        let notice = NewNotice {
            id: format!("{gateway}:{id}"),
            gateway,
            subject,
            body: body.to_vec(),
        };
        let input = (self.clone(), notice);
        let is_new =
            self.ground()
                .db
                .write_as(Urgency::First, input, move |conn, (dealing, notice)| {
                    Box::pin(async move {
                        let keys = &dealing.ground().keys;
                        if !notices::insert(conn, keys, notice, now).await? {
                            return Ok(false);
                        }
                        if notice.subject.is_some() {
                            let key = format!("notice:{}", notice.id);
                            dealing.enqueue(conn, NOTICE, key, &notice.id, now).await?;
                        } else {
                            let detail = "a gateway's notice that cannot be read";
                            dealing
                                .show(conn, "notice_unreadable", &notice.id, detail, now)
                                .await?;
                        }
                        Ok(true)
                    })
                });
        let is_new = is_new.await?;
        self.wake();
        Ok(match (is_readable, is_new) {
            (false, _) => Kept::Unreadable,
            (true, true) => Kept::New,
            (true, false) => Kept::Known,
        })
    }

    /// Looks into a notice: reads the state of what it is about, and puts that on record.
    /// Running it twice reads twice.
    pub async fn run_notice(&self, id: &str) -> Result<Sent, Error> {
        let mut conn = self.ground().db.read().await?;
        let Some(words) = notices::waiting(&mut conn, id).await? else {
            return Ok(Sent::Done);
        };
        drop(conn);
        let state = match subject_of(&words) {
            None | Some(Subject::Other(_)) => "unknown",
            Some(Subject::Investor(ucc)) => {
                self.pass_on(id, &ucc).await?;
                "done"
            }
            Some(subject) => match self.read(&subject).await? {
                Sent::Done => "done",
                other => return Ok(other),
            },
        };
        let now = self.now();
        let settled = self.ground().db.write(id.to_owned(), move |conn, id| {
            Box::pin(notices::settle(conn, id, state, now))
        });
        settled.await?;
        Ok(Sent::Done)
    }

    /// Leaves a notice about an account to whoever keeps accounts.
    async fn pass_on(&self, id: &str, ucc: &str) -> Result<(), Error> {
        let key = format!("{ACCOUNT}:{id}");
        let input = (self.clone(), key, ucc.to_owned());
        let passed = self.ground().db.write(input, |conn, (dealing, key, ucc)| {
            let now = dealing.now();
            Box::pin(dealing.enqueue(conn, ACCOUNT, key.clone(), ucc, now))
        });
        passed.await?;
        self.wake();
        Ok(())
    }

    /// Asks about what has been silent for long enough, as much of it as there is time for.
    /// Returns how many things were asked about. Running it twice asks twice.
    pub async fn run_poll(&self) -> Result<usize, Error> {
        let ends = tokio::time::Instant::now() + ROUNDS_LAST;
        let mut asked = 0;
        loop {
            let left = ends.saturating_duration_since(tokio::time::Instant::now());
            let round = self.poll_for(left).await?;
            asked += round;
            if round < A_ROUND as usize {
                return Ok(asked);
            }
        }
    }

    pub(in crate::investing::orders) async fn poll_for(
        &self,
        lasts: Duration,
    ) -> Result<usize, Error> {
        let now = self.now();
        let next = after(now, AGAIN);
        let due = self.ground().db.write((), move |conn, ()| {
            Box::pin(polls::take(
                conn,
                now.as_millisecond(),
                next,
                i64::from(A_ROUND),
            ))
        });
        let due = due.await?;
        let asked = AtomicUsize::new(0);
        let round = async {
            for id in &due {
                asked.fetch_add(1, Ordering::Relaxed);
                self.ask_about(id).await?;
            }
            Ok::<(), Error>(())
        };
        let ended = tokio::time::timeout(lasts, round).await;
        let asked = asked.into_inner();
        // However slow the exchange is, nobody waits for ever behind the same others.
        let left = due[asked..].to_vec();
        if !left.is_empty() {
            let put_back = self.ground().db.write(left, move |conn, left| {
                Box::pin(async move {
                    for id in left {
                        polls::put_off(conn, id, Some(now.as_millisecond())).await?;
                    }
                    Ok(())
                })
            });
            put_back.await?;
        }
        ended.unwrap_or(Ok(())).map(|()| asked)
    }

    /// Asks about one thing of a round. What is wrong with it is shown to a person, and keeps
    /// nobody else waiting.
    async fn ask_about(&self, id: &str) -> Result<(), Error> {
        let detail = match self.look_at(id).await {
            // Where it came to nothing, a webhook was faster.
            Ok(Sent::Done) | Err(Error::Again(_)) => return Ok(()),
            Ok(Sent::Again(why)) => {
                tracing::warn!(%id, %why, "the gateway gave no answer");
                return Ok(());
            }
            Ok(Sent::Parked(why)) => why,
            Err(error) => error.to_string(),
        };
        self.show_not_taken(id, detail).await
    }

    /// Puts something before a person that the gateway says of one thing and that cannot be
    /// put on record: of each by itself, as each waits for it.
    pub(super) async fn show_not_taken(&self, id: &str, detail: String) -> Result<(), Error> {
        tracing::error!(%id, detail, "what the gateway says cannot be put on record");
        let input = (self.clone(), id.to_owned(), detail);
        let shown = self
            .ground()
            .db
            .write(input, |conn, (dealing, subject, detail)| {
                let now = dealing.now();
                Box::pin(dealing.show(conn, "report_not_taken", subject, detail, now))
            });
        shown.await
    }

    /// Asks about one order, plan or mandate by our id.
    pub async fn look_at(&self, id: &str) -> Result<Sent, Error> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        let (submission, gateway_id): (_, Option<Subject>) = if let Ok(id) = id.parse::<OrderId>() {
            let Some(order) = orders::find(&mut conn, keys, id).await? else {
                return Ok(Sent::Done);
            };
            (order.submission, order.gateway_id.map(Subject::Order))
        } else if let Ok(id) = id.parse::<PlanId>() {
            let Some(plan) = plans::find(&mut conn, keys, id).await? else {
                return Ok(Sent::Done);
            };
            (plan.submission, plan.gateway_id.map(Subject::Plan))
        } else if let Ok(id) = id.parse::<MandateId>() {
            let Some(mandate) = mandates::find(&mut conn, id).await? else {
                return Ok(Sent::Done);
            };
            (mandate.submission, mandate.gateway_id.map(Subject::Mandate))
        } else {
            return Ok(Sent::Done);
        };
        drop(conn);
        match (submission, gateway_id) {
            (Submission::Asking, _) => self.settle_doubt(id).await,
            (_, Some(subject)) => self.read(&subject).await,
            _ => Ok(Sent::Done),
        }
    }

    /// Reads the state of something at the gateway and puts it on record, unless another
    /// report of it was meanwhile: which of the two is newer, only reading again tells.
    pub(super) async fn read(&self, subject: &Subject) -> Result<Sent, Error> {
        let gateway = self.gateway();
        let read_at = self.version(subject).await?;
        let found = match subject {
            Subject::Order(id) => match gateway.read_order(id).await {
                Ok(Some(report)) => {
                    self.apply_order(report, "gateway").await?;
                    Ok(true)
                }
                other => other.map(|_| false),
            },
            Subject::Plan(id) => match gateway.read_plan(id).await {
                Ok(Some(report)) => {
                    self.apply_plan(report, read_at).await?;
                    Ok(true)
                }
                other => other.map(|_| false),
            },
            Subject::Mandate(id) => match gateway.read_mandate(id).await {
                Ok(Some(report)) => {
                    self.apply_mandate(report, read_at).await?;
                    Ok(true)
                }
                other => other.map(|_| false),
            },
            Subject::Investor(_) | Subject::Other(_) => Ok(true),
        };
        Ok(match found {
            Ok(true) => Sent::Done,
            Ok(false) => Sent::Again(format!("the gateway does not know {}", words_of(subject))),
            Err(error @ GatewayError::NotSetUp(_)) => Sent::Parked(error.to_string()),
            // Who may not read now may later.
            Err(error) => Sent::Again(error.to_string()),
        })
    }

    /// Returns the version of what can go back and forth at the gateway, if it is known here.
    async fn version(&self, subject: &Subject) -> Result<Option<i64>, Error> {
        let gateway = self.gateway().name();
        let mut conn = self.ground().db.read().await?;
        Ok(match subject {
            Subject::Plan(id) => {
                let keys = &self.ground().keys;
                let plan = plans::find_by_gateway(&mut conn, keys, gateway, id).await?;
                plan.map(|plan| plan.version)
            }
            Subject::Mandate(id) => mandates::version(&mut conn, gateway, id).await?,
            // An order goes one way.
            Subject::Order(_) | Subject::Investor(_) | Subject::Other(_) => None,
        })
    }
}

/// Returns a subject as it is stored.
fn words_of(subject: &Subject) -> String {
    match subject {
        Subject::Investor(id) => format!("investor:{id}"),
        Subject::Order(id) => format!("order:{id}"),
        Subject::Plan(id) => format!("plan:{id}"),
        Subject::Mandate(id) => format!("mandate:{id}"),
        Subject::Other(word) => format!("other:{word}"),
    }
}

fn subject_of(words: &str) -> Option<Subject> {
    let (kind, id) = words.split_once(':')?;
    let id = id.to_owned();
    Some(match kind {
        "investor" => Subject::Investor(id),
        "order" => Subject::Order(id),
        "plan" => Subject::Plan(id),
        "mandate" => Subject::Mandate(id),
        "other" => Subject::Other(id),
        _ => return None,
    })
}

fn hash(body: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("sha256-");
    for byte in Sha256::digest(body) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
