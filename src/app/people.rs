//! Investors' records in the service: what they are made with, and the daily round that
//! asks the KYC agencies.

use std::sync::Arc;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Time;

use super::App;
use crate::clock::ist;
use crate::config::Settings;
use crate::id::ContactId;
use crate::investing::accounts::OpensAccounts;
use crate::investing::events::{self, Event, What};
use crate::people::gateway::SandboxRegistry;
use crate::people::ports::KycRegistry;
use crate::people::{Asked, By, People, Questionnaire, Rules};
use crate::pipeline::{Ground, JobError, JobHandler};

/// Whom the demo's KYC registry knows.
const DEMO_REGISTRY: &[u8] = include_bytes!("../../demo/people/kyc.json");
/// When the agencies are asked, in India: before people are up.
const ROUND: Time = Time::constant(6, 0, 0, 0);
/// How many days before KYC runs out the investor is told.
const REMINDERS: [i32; 3] = [30, 7, 1];
/// Investors taken from the database at once.
const PAGE: u32 = 100;

/// Builds the room.
pub(super) fn room(settings: &Settings, ground: &Ground) -> People {
    let rules = Rules {
        nominee_limit: settings.nominee_limit,
        questions: Questionnaire::built_in(),
    };
    let (db, keys, ids) = (ground.db.clone(), ground.keys.clone(), ground.ids.clone());
    let people = People::new(db, keys, ids, rules);
    match settings.gateway.exchange.name() {
        None => people,
        Some(gateway) => people.watched_by(Arc::new(OpensAccounts::new(ground.clone(), gateway))),
    }
}

/// Returns the registry of a demo. A live service has none yet: which agency is asked,
/// and how, takes an agreement with it, and until then an operator records what it says
/// (`investor kyc`).
pub(super) fn registry(settings: &Settings) -> anyhow::Result<Option<Arc<dyn KycRegistry>>> {
    if !settings.is_demo() {
        return Ok(None);
    }
    let registry = SandboxRegistry::parse(DEMO_REGISTRY).context("demo/people/kyc.json")?;
    Ok(Some(Arc::new(registry)))
}

/// Asks the agencies about whoever is due and tells investors whose KYC changed or runs
/// out. Running it again asks only about those it did not get to, and an event that was
/// recorded before is not recorded again.
pub(super) struct KycRound {
    app: App,
    registry: Option<Arc<dyn KycRegistry>>,
}

impl KycRound {
    pub(super) fn new(app: App, registry: Option<Arc<dyn KycRegistry>>) -> Self {
        Self { app, registry }
    }

    async fn ask(&self, registry: &dyn KycRegistry, now: Timestamp) -> anyhow::Result<()> {
        let people = &self.app.people;
        let mut after = None;
        loop {
            let page = people.to_ask(now, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(*last);
            for (_, contact) in page {
                if !people.investor(contact).await?.kyc.is_stale(now) {
                    continue;
                }
                let asked = people.ask_registry(contact, registry, now).await?;
                if let Asked::Changed { to, .. } = asked {
                    let day = now.to_zoned(ist()).date();
                    let key = format!("kyc:{contact}:{to:?}:{day}");
                    self.tell(contact, key, to.as_str(), now).await?;
                }
            }
        }
    }

    async fn remind(&self, now: Timestamp) -> anyhow::Result<()> {
        // Each reminder until the next takes its place, so that a day on which no round ran
        // is made up; the key keeps it to one.
        let nexts = REMINDERS.iter().skip(1).copied().chain([-1]);
        for (days, next) in REMINDERS.into_iter().zip(nexts) {
            let span = next + 1..=days;
            for (contact, last) in self.app.people.kyc_ending_in(now, span).await? {
                let key = format!("kyc_ending:{contact}:{last}:{days}");
                self.tell(contact, key, "expiring", now).await?;
            }
        }
        // From the day after the last one it is as if it were on hold.
        let ended = -REMINDERS[0]..=-1;
        for (contact, last) in self.app.people.kyc_ending_in(now, ended).await? {
            let key = format!("kyc_ended:{contact}:{last}");
            self.tell(contact, key, "on_hold", now).await?;
        }
        Ok(())
    }

    async fn tell(
        &self,
        contact: ContactId,
        key: String,
        state: &str,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let state = state.to_owned();
        let event = Event {
            contact,
            key,
            what: What::KycChanged { state },
        };
        let ground = &self.app.ground;
        let input = (ground.keys.clone(), ground.ids.clone(), event);
        ground
            .db
            .write(input, move |conn, (keys, ids, event)| {
                Box::pin(events::record(conn, keys, ids, event, now))
            })
            .await?;
        ground.wakes.events.wake();
        Ok(())
    }
}

impl JobHandler for KycRound {
    fn kind(&self) -> &'static str {
        "kyc_round"
    }

    fn run<'a>(&'a self, _: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            // What it just said counts; when it says nothing, the days go on all the same.
            let asked = match &self.registry {
                Some(registry) => self.ask(registry.as_ref(), now).await,
                None => Ok(()),
            };
            self.remind(now).await?;
            asked.map_err(JobError::from)
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        next_at(now, ROUND)
    }
}

/// Returns the next time of day in India after `now`, and the day it is on.
pub(super) fn next_at(now: Timestamp, time: Time) -> Option<(String, Timestamp)> {
    let today = now.to_zoned(ist()).date();
    [today, today.tomorrow().ok()?].into_iter().find_map(|day| {
        let at = day.to_datetime(time).to_zoned(ist()).ok()?.timestamp();
        (at > now).then(|| (day.to_string(), at))
    })
}

impl App {
    /// Lets the money of an investor move again, on an operator's word; returns whether
    /// it was paused. The contact is an id, a phone number or a user id.
    pub async fn release_money(&self, contact: &str) -> anyhow::Result<bool> {
        let id = self.find_contact(contact).await?;
        self.people.release_money(id, self.operator()).await
    }

    /// Returns an operator, now.
    pub fn operator(&self) -> By<'static> {
        By {
            who: "operator",
            at: self.ground.clock.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_round_is_tomorrow_once_todays_hour_is_over() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (day, next) = next_at(at("2026-08-24T00:29:59Z"), ROUND).unwrap();
        assert_eq!(
            (day.as_str(), next),
            ("2026-08-24", at("2026-08-24T00:30:00Z"))
        );
        let (day, next) = next_at(next, ROUND).unwrap();
        assert_eq!(
            (day.as_str(), next),
            ("2026-08-25", at("2026-08-25T00:30:00Z"))
        );
    }

    #[test]
    fn the_demo_knows_the_people_it_ships_with() {
        assert!(SandboxRegistry::parse(DEMO_REGISTRY).is_ok());
    }
}
