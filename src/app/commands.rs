//! What the dialogue sets in motion, carried out by the business.

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::{App, services};
use crate::dialogue::commands::{Asked, Command, Done, Means, Outlook};
use crate::dialogue::ports::{Answer, Commands};
use crate::id::ContactId;
use crate::investing::orders::service::Dealing;
use crate::people::{By, Change, Recorded};
use crate::pipeline::Effect;
use crate::storage::{Conn, Error};

/// Carries out commands.
pub(super) struct Deeds {
    app: App,
}

impl Deeds {
    pub(super) fn new(app: App) -> Self {
        Self { app }
    }

    /// Says what a command would come to after others, changing nothing.
    pub(super) async fn rehearse_after(
        &self,
        contact: ContactId,
        before: Vec<Command>,
        command: &Command,
    ) -> anyhow::Result<Outlook> {
        if let Command::Serve(_) | Command::Record(_) | Command::Consent(_) = command {
            return Ok(Ok(Done::Asked));
        }
        let dealing = self.app.dealing().context("there is no exchange")?.clone();
        let said = Arc::new(Mutex::new(None));
        let input = (dealing, before, command.clone(), Arc::clone(&said));
        // The very transaction that would do it, undone at its end: what it says is
        // what it will say, unless something moves in between.
        let undone = self
            .app
            .ground
            .db
            .write(input, move |conn, (dealing, before, command, said)| {
                Box::pin(async move {
                    for one in before {
                        // What is refused by now is as if it had not been asked for.
                        let _ = carry_out(dealing, conn, contact, one).await?;
                    }
                    let outlook = carry_out(dealing, conn, contact, command).await?;
                    Err::<(), _>(heard(said, outlook))
                })
            })
            .await;
        rehearsed(&said, undone)
    }
}

impl Commands for Deeds {
    fn rehearse<'a>(&'a self, contact: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        Box::pin(self.rehearse_after(contact, Vec::new(), command))
    }

    fn rehearse_change<'a>(
        &'a self,
        contact: ContactId,
        change: &'a Change,
    ) -> Answer<'a, Recorded> {
        Box::pin(async move {
            let said = Arc::new(Mutex::new(None));
            let input = (self.app.clone(), change.clone(), Arc::clone(&said));
            let undone = self
                .app
                .ground
                .db
                .write(input, move |conn, (app, change, said)| {
                    Box::pin(async move {
                        let by = themselves(app);
                        let recorded = app.people.record_on(conn, contact, change, by).await?;
                        Err::<(), _>(heard(said, recorded))
                    })
                })
                .await;
            rehearsed(&said, undone)
        })
    }

    fn effect(&self, contact: ContactId, command: Command, said: Timestamp) -> Box<dyn Effect> {
        Box::new(Deed {
            app: self.app.clone(),
            contact,
            command,
            said,
        })
    }
}

/// Keeps what a rehearsal said, and ends its transaction without effect.
fn heard<T>(said: &Mutex<Option<T>>, what: T) -> Error {
    *said.lock().expect("nobody panics while holding it") = Some(what);
    Error::Conflict("a rehearsal")
}

fn rehearsed<T>(said: &Mutex<Option<T>>, undone: Result<(), Error>) -> anyhow::Result<T> {
    let said = said.lock().expect("nobody panics while holding it").take();
    match (said, undone) {
        (Some(said), _) => Ok(said),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => anyhow::bail!("a rehearsal was not undone"),
    }
}

/// Returns the contact who writes, now.
fn themselves(app: &App) -> By<'static> {
    By {
        who: "contact",
        at: app.ground.clock.now(),
    }
}

/// One command, in the transaction that finishes its turn.
struct Deed {
    app: App,
    contact: ContactId,
    command: Command,
    /// When they said so, by Meta's clock.
    said: Timestamp,
}

impl Effect for Deed {
    fn apply<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            match &self.command {
                Command::Serve(service) => {
                    return services::carry_out(&self.app, conn, self.contact, service).await;
                }
                Command::Record(change) => {
                    return record(&self.app, conn, self.contact, change).await;
                }
                Command::Consent(consent) => {
                    let (people, by) = (&self.app.people, themselves(&self.app));
                    let on = people.record_consent_on(conn, self.contact, consent, by, self.said);
                    return on.await.map(drop);
                }
                Command::KeepDraft(_) | Command::Do(..) => {}
            }
            let dealing = self.app.dealing();
            let dealing = dealing.ok_or_else(|| anyhow::anyhow!("there is no exchange"))?;
            let done = carry_out(dealing, conn, self.contact, &self.command).await?;
            match done {
                Ok(_) => Ok(()),
                // The words of this turn would not be true: it is decided again.
                Err(refusal) => {
                    tracing::warn!(%refusal, contact = %self.contact, "a command was refused after all");
                    Err(Error::Conflict("what the command was about"))
                }
            }
        })
    }

    fn committed(&self) {
        if let Command::Serve(_) | Command::Record(_) = self.command {
            self.app.ground.wakes.jobs.wake();
        }
        if let Some(dealing) = self.app.dealing() {
            dealing.wake();
        }
    }
}

/// Puts a change on record. What was taken in its rehearsal and is refused now lets the
/// turn be decided again.
async fn record(
    app: &App,
    conn: &mut Conn,
    contact: ContactId,
    change: &Change,
) -> Result<(), Error> {
    let by = themselves(app);
    match app.people.record_on(conn, contact, change, by).await? {
        Recorded::Done | Recorded::Already => Ok(()),
        Recorded::Refused(refusal) => {
            tracing::warn!(%refusal, %contact, "a change was refused after all");
            Err(Error::Conflict("a record"))
        }
    }
}

async fn carry_out(
    dealing: &Dealing,
    conn: &mut Conn,
    contact: ContactId,
    command: &Command,
) -> Result<Outlook, Error> {
    Ok(match command {
        Command::KeepDraft(draft) => {
            let is_theirs = draft.contact == contact;
            if !is_theirs {
                return Err(anyhow::anyhow!("a draft of somebody else").into());
            }
            dealing.keep_on(conn, draft).await?.map(|()| Done::Kept)
        }
        Command::Serve(_) | Command::Record(_) | Command::Consent(_) => Ok(Done::Asked),
        Command::Do(asked, means) => confirmed(dealing, conn, contact, asked, *means).await?,
    })
}

async fn confirmed(
    dealing: &Dealing,
    conn: &mut Conn,
    contact: ContactId,
    asked: &Asked,
    means: Means,
) -> Result<Outlook, Error> {
    let by = means.as_str();
    Ok(match asked {
        Asked::Draft(id) => dealing
            .confirm_on(conn, contact, *id, by)
            .await?
            .map(Done::Made),
        Asked::PausePlan(id, instalments) => dealing
            .pause_plan_on(conn, (contact, *id), *instalments, by)
            .await?
            .map(|()| Done::Asked),
        Asked::ResumePlan(id) => dealing
            .resume_plan_on(conn, (contact, *id), by)
            .await?
            .map(|()| Done::Asked),
        Asked::CancelPlan(id, reason, words) => dealing
            .cancel_plan_on(conn, (contact, *id), (*reason, words.clone()), by)
            .await?
            .map(Done::EndsBy),
        Asked::CallOff(id) => dealing
            .call_off_on(conn, (contact, *id), by)
            .await?
            .map(|()| Done::Asked),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::super::gateway::PaperHere;
    use super::super::{demo, demo_people};
    use super::*;
    use crate::config::Settings;
    use crate::contacts::Contact;
    use crate::id::Ids;
    use crate::investing::orders::{OrderKind, OrderStatus};
    use crate::people::{AccountState, ExchangeAccount};
    use crate::pipeline::{Decision, StoredSession, Turn, TurnHandler};
    use crate::whatsapp::{Content, InboundMessage, Outgoing, Sender};

    const ASHA: &str = "919000000000";
    const STATEMENT: &[u8] = include_bytes!("../../demo/cas/asha.json");
    const RULES: &[u8] = include_bytes!("../../demo/scheme-rules.csv");

    /// Asha, talking to the service over its own records; nothing leaves the house.
    struct Talk {
        app: App,
        contact: Contact,
        session: Option<StoredSession>,
        _folder: tempfile::TempDir,
    }

    impl Talk {
        async fn begins() -> Self {
            // Another test may have been first.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}/t.db", folder.path().display());
            let settings =
                Settings::from_lookup(|name| (name == "DATABASE_URL").then(|| url.clone()));
            let clock = demo::clock();
            let app = App::open(&settings.unwrap(), clock, Ids::random())
                .await
                .unwrap();
            demo::import_shipped_navs(&app).await.unwrap();
            let now = app.ground.clock.now();
            let rules = app.investing.import_scheme_rules(RULES, "a test", now);
            rules.await.unwrap();
            app.import_statement(STATEMENT, None).await.unwrap();
            demo_people::fill(&app).await.unwrap();
            let nowhere = PaperHere {
                url: "http://127.0.0.1:9".to_owned(),
                token: SecretString::from("a-token"),
            };
            app.connect_gateway(Some(&nowhere)).unwrap();
            let id = app.find_contact(ASHA).await.unwrap();
            let account = ExchangeAccount {
                gateway: "paper".to_owned(),
                ucc: "ASHA".to_owned(),
                state: AccountState::Active,
                reason: None,
            };
            let recorded = app.people.record_account(id, account, app.operator());
            recorded.await.unwrap();
            let mut conn = app.ground.db.read().await.unwrap();
            let row = id.to_string();
            let ids = std::slice::from_ref(&row);
            let mut found = crate::contacts::store::load(&mut conn, &app.ground.keys, ids)
                .await
                .unwrap();
            drop(conn);
            let mut contact = found.remove(&row).unwrap().contact;
            contact.language = Some("en".to_owned());
            Self {
                app,
                contact,
                session: None,
                _folder: folder,
            }
        }

        /// Decides a message and writes what it leads to.
        async fn hears(&mut self, content: Content) -> Decision {
            let now = self.app.ground.clock.now();
            let turn = Turn {
                contact: self.contact.clone(),
                message: InboundMessage {
                    phone_number_id: "1".into(),
                    wamid: "wamid.1".into(),
                    sender: Sender::default(),
                    sent_at: now,
                    content,
                    reply_to: None,
                    forwarded: false,
                    referral: None,
                },
                session: self.session.clone(),
                later: Vec::new(),
                now,
            };
            let dialogue = self.app.dialogue().unwrap();
            let mut decision = dialogue.decide(&turn).await.unwrap();
            self.session = decision.session.clone();
            let effects = Arc::new(std::mem::take(&mut decision.effects));
            let written = self.app.ground.db.write(effects, |conn, effects| {
                Box::pin(async move {
                    for effect in effects.iter() {
                        effect.apply(conn).await?;
                    }
                    Ok(())
                })
            });
            written.await.unwrap();
            decision
        }

        async fn says(&mut self, text: &str) -> Decision {
            self.hears(Content::Text(text.to_owned())).await
        }

        async fn taps(&mut self, shown: &Decision, part: &str) -> Decision {
            let Outgoing::Buttons { buttons, body, .. } = &shown.replies[0].message else {
                panic!("no buttons: {}", shown.replies[0].message.words());
            };
            let button = buttons.iter().find(|button| button.id.contains(part));
            let id = button
                .unwrap_or_else(|| panic!("{part}: {body}"))
                .id
                .clone();
            let title = String::new();
            self.hears(Content::Tap { id, title }).await
        }

        async fn orders(&self) -> Vec<(OrderKind, OrderStatus)> {
            let dealing = self.app.dealing().unwrap();
            let orders = dealing.orders_of(self.contact.id, None, 10).await.unwrap();
            let of = |order: &crate::investing::orders::order::Order| (order.kind, order.status);
            orders.iter().map(of).collect()
        }
    }

    fn words(decision: &Decision) -> &str {
        decision.replies[0].message.words()
    }

    #[tokio::test]
    async fn a_confirmed_purchase_is_an_order_and_its_rehearsal_was_none() {
        let mut talk = Talk::begins().await;
        let review = talk.says("lumpsum 5000 in hdfc flexi cap").await;
        let text = words(&review);
        for part in [
            "₹5,000 (five thousand rupees)",
            "HDFC ",
            "Very High",
            "24-Aug-2026",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(talk.orders().await, []);
        let done = talk.taps(&review, "confirm").await;
        assert!(words(&done).contains("on its way"), "{}", words(&done));
        let placed = (OrderKind::Purchase, OrderStatus::Created);
        assert_eq!(talk.orders().await, [placed]);
        talk.taps(&review, "confirm").await;
        assert_eq!(talk.orders().await, [placed], "once");
        let status = talk.says("order status").await;
        assert!(
            words(&status).contains("Investment of ₹5,000"),
            "{}",
            words(&status)
        );
        talk.app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_redemption_shows_what_it_costs_and_takes_what_is_held() {
        let mut talk = Talk::begins().await;
        let ask = talk.says("redeem 2000 from hdfc flexi cap").await;
        let text = words(&ask).to_owned();
        assert!(text.contains("₹2,000 (two thousand rupees)"), "{text}");
        assert!(
            text.contains("Exit load") && text.contains("Gain, estimated"),
            "{text}"
        );
        talk.taps(&ask, "confirm").await;
        let placed = (OrderKind::Redemption, OrderStatus::Created);
        assert_eq!(talk.orders().await, [placed]);
        talk.app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_sip_with_its_mandate_is_on_record_after_two_confirmations() {
        let mut talk = Talk::begins().await;
        talk.says("start sip 5000 in hdfc flexi cap").await;
        let growth = talk.says("5").await;
        let pays = talk.taps(&growth, "fixed").await;
        let mandate = talk.taps(&pays, "upi").await;
        let placed = talk.taps(&mandate, "confirm").await;
        let review = talk.taps(&placed, ":go:").await;
        assert!(words(&review).contains("07-Sep-2026"), "{}", words(&review));
        talk.taps(&review, "confirm").await;
        let dealing = talk.app.dealing().unwrap().clone();
        let plans = dealing.plans_of(talk.contact.id).await.unwrap();
        let mandates = dealing.mandates_of(talk.contact.id).await.unwrap();
        assert_eq!((plans.len(), mandates.len()), (1, 1));
        assert_eq!(plans[0].plan.mandate, Some(mandates[0].id));
        let stop = talk.says("stop my sip").await;
        assert!(words(&stop).contains("any will do"), "{}", words(&stop));
        talk.app.ground.db.close().await;
    }
}
