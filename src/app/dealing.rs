//! Dealing in the service: its neighbours, its jobs, and the way in for what the exchange
//! tells us.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Time;
use secrecy::SecretString;

use super::App;
use crate::clock::ist;
use crate::http::{Accepted, GatewayIntake};
use crate::investing::gateway::OrderGateway;
use crate::investing::orders::limits::Limits;
use crate::investing::orders::service::{
    CALL_OFF, CHANGE, Dealing, Gatekeeper, HouseBooks, Kept, NOTICE, Neighbours, SUBMIT, Sent,
};
use crate::investing::reconciliation::reconcile_all;
use crate::pipeline::{JobError, JobHandler, Line, Wakes, open_attention};
use crate::storage::Wake;

/// When the night's work begins, in India: after the day's NAVs, before people are up.
const NIGHT: Time = Time::constant(1, 0, 0, 0);
/// When the books are compared, in India: after the morning's allotments came in.
const RECONCILE: Time = Time::constant(4, 0, 0, 0);
/// How often the exchange is asked about what has been silent, beside its notices.
pub(super) const POLL_EVERY: Duration = Duration::from_mins(5);

/// What an investor waits for.
const ORDERS: Line = Line {
    name: "orders",
    workers: 4,
};
/// What the exchange tells us, which comes in floods when a day is settled.
pub(super) const NEWS: Line = Line {
    name: "exchange_news",
    workers: 4,
};

/// Builds dealing with an exchange.
pub(super) fn room(app: &App, gateway: Arc<dyn OrderGateway>) -> Dealing {
    let ground = &app.ground;
    let (keys, ids) = (ground.keys.clone(), ground.ids.clone());
    let neighbours = Neighbours {
        gateway,
        // Without the EUIN of somebody who advised, everything is execution only.
        investors: Arc::new(Gatekeeper::new(
            app.investing.clone(),
            keys.clone(),
            app.settings.distributor.euin.clone(),
        )),
        schemes: Arc::new(app.investing.clone()),
        books: Arc::new(HouseBooks::new(app.investing.clone(), keys, ids)),
    };
    Dealing::new(ground.clone(), neighbours, Limits::default())
}

/// Returns the jobs of dealing.
pub(super) fn jobs(app: &App, dealing: &Dealing) -> Vec<Arc<dyn JobHandler>> {
    let errand = |kind| Arc::new(Errand(dealing.clone(), kind)) as Arc<dyn JobHandler>;
    vec![
        errand(SUBMIT),
        errand(CHANGE),
        errand(CALL_OFF),
        errand(NOTICE),
        Arc::new(Night(dealing.clone())),
        Arc::new(Poll(dealing.clone())),
        Arc::new(Reconciliation(app.clone(), dealing.clone())),
    ]
}

/// Takes something to the exchange, or asks it. Running one twice does no harm: see
/// [`Dealing::submit`], [`Dealing::run_change`], [`Dealing::run_call_off`] and
/// [`Dealing::run_notice`].
struct Errand(Dealing, &'static str);

impl JobHandler for Errand {
    fn kind(&self) -> &'static str {
        self.1
    }

    fn line(&self) -> Line {
        if self.1 == NOTICE { NEWS } else { ORDERS }
    }

    fn run<'a>(&'a self, payload: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let subject = std::str::from_utf8(payload)?;
            let sent = match self.1 {
                SUBMIT => self.0.submit(subject).await?,
                CHANGE => self.0.run_change(subject).await?,
                CALL_OFF => self.0.run_call_off(subject).await?,
                _ => self.0.run_notice(subject).await?,
            };
            match sent {
                Sent::Done => Ok(()),
                Sent::Again(why) => Err(JobError::Retry(anyhow::anyhow!(why))),
                Sent::Parked(why) => Err(JobError::Fail(anyhow::anyhow!(why))),
            }
        })
    }
}

/// Prepares instalments. Running it twice prepares nothing twice.
struct Night(Dealing);

impl JobHandler for Night {
    fn kind(&self) -> &'static str {
        "instalments"
    }

    /// Every plan is looked at.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("instalments"))
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let done = self.0.run_night().await?;
            tracing::info!(
                plans = done.plans,
                instalments = done.instalments,
                shown = done.shown,
                "instalments prepared"
            );
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        daily(now, NIGHT)
    }
}

/// Asks the exchange. Running it twice asks twice.
struct Poll(Dealing);

impl JobHandler for Poll {
    fn kind(&self) -> &'static str {
        "gateway_poll"
    }

    /// It takes minutes where much is silent.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("gateway_poll"))
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            self.0.run_poll().await?;
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        each(POLL_EVERY, now)
    }
}

/// Compares the books. Running it twice finds the same and writes nothing.
struct Reconciliation(App, Dealing);

impl JobHandler for Reconciliation {
    fn kind(&self) -> &'static str {
        "reconciliation"
    }

    /// The exchange is asked about every investor.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("reconciliation"))
    }

    fn run<'a>(&'a self, _: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let Self(app, dealing) = self;
            let today = now.to_zoned(ist()).date();
            let (db, ids) = (&app.ground.db, &app.ground.ids);
            let run = reconcile_all(db, ids, dealing, now, today).await?;
            tracing::info!(
                investors = run.investors,
                unread = run.unread,
                unknown = run.unknown,
                paused = run.paused,
                "books compared"
            );
            if run.unread > 0 {
                let detail = format!("{} of {} investors", run.unread, run.investors);
                let input = (ids.clone(), today.to_string(), detail);
                let shown = db.write(input, move |conn, (ids, day, detail)| {
                    let at = now.as_millisecond();
                    Box::pin(open_attention(
                        conn,
                        ids,
                        "books_not_compared",
                        day,
                        detail,
                        at,
                    ))
                });
                shown.await?;
            }
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        daily(now, RECONCILE)
    }
}

/// Returns the key and moment of the next of spans of this length.
pub(super) fn each(span: Duration, now: Timestamp) -> Option<(String, Timestamp)> {
    let span = i64::try_from(span.as_millis()).ok()?;
    let next = now.as_millisecond().div_euclid(span) + 1;
    let at = Timestamp::from_millisecond(next * span).ok()?;
    Some((next.to_string(), at))
}

/// Returns the key and moment of the next such time of day in India.
fn daily(now: Timestamp, time: Time) -> Option<(String, Timestamp)> {
    let today = now.to_zoned(ist()).date();
    [today, today.tomorrow().ok()?]
        .into_iter()
        .filter_map(|day| day.to_datetime(time).to_zoned(ist()).ok())
        .find(|at| at.timestamp() > now)
        .map(|at| (at.date().to_string(), at.timestamp()))
}

/// What the exchange tells us, kept before it is believed.
pub(super) struct Notices {
    dealing: Dealing,
    secret: SecretString,
}

impl Notices {
    pub(super) fn new(dealing: Dealing, secret: String) -> Self {
        Self {
            dealing,
            secret: secret.into(),
        }
    }
}

impl GatewayIntake for Notices {
    fn secret(&self) -> &SecretString {
        &self.secret
    }

    fn accept(&self, body: Bytes) -> BoxFuture<'_, Accepted> {
        Box::pin(async move {
            match self.dealing.take_notice(&body).await {
                Ok(Kept::New | Kept::Known) => Accepted::Stored,
                Ok(Kept::Unreadable) => Accepted::Quarantined,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a notice of the exchange could not be kept"
                    );
                    Accepted::Unavailable
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_comes_once_a_day_in_india() {
        let before: Timestamp = "2026-08-24T00:59:00+05:30".parse().unwrap();
        let (key, at) = daily(before, NIGHT).unwrap();
        assert_eq!(
            (key.as_str(), at),
            ("2026-08-24", "2026-08-24T01:00:00+05:30".parse().unwrap())
        );
        let (key, _) = daily(at, NIGHT).unwrap();
        assert_eq!(key, "2026-08-25");
    }
}
