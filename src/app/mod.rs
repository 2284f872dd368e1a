//! The composition root: builds every part once and hands it what it needs.
//!
//! This is the only place that knows all the rooms. Reading it top to bottom shows
//! what the service is made of; the adapters beside it tie a port of one room to the
//! service of another.

mod accounts;
mod assistant;
mod channel;
mod commands;
mod condition;
mod dealing;
mod dealings;
pub mod demo;
mod demo_people;
mod documents;
pub mod exchange;
mod facts;
pub mod gateway;
mod intake;
mod moving;
mod navs;
mod notices;
mod people;
mod reference;
pub mod replay;
mod seal;
mod services;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret;

use crate::assistant::Assistant;
use crate::clock::Clock;
use crate::config::{Channel, Credentials, ReadReceipts, Settings};
use crate::dialogue::{self, Dialogue, Voice};
use crate::http::{self, Routes};
use crate::id::{ContactId, Ids};
use crate::investing::Investing;
use crate::investing::accounts::Accounts;
use crate::investing::cas::{self, ImportSummary};
use crate::investing::orders::service::Dealing;
use crate::lifecycle::Lifecycle;
use crate::notifications;
use crate::people::People;
use crate::pipeline::{self, Ground, Inbox, JobHandler, Jobs, Receipts, Retention, Sender, Turns};
use crate::security::{Keyring, MasterKeys, audit};
use crate::storage::Db;
use crate::whatsapp::{GraphClient, Sender as Person};

pub use demo::Demo;
pub use seal::ContactSeal;

/// How long a call to the Graph API may take.
const GRAPH_TIMEOUT: Duration = Duration::from_secs(15);

/// The service of one distributor.
#[derive(Clone)]
pub struct App {
    /// What the durable path works with.
    pub ground: Ground,
    /// Funds and holdings.
    pub investing: Investing,
    /// Investors' records.
    pub people: People,
    /// The words of notices.
    notices: notifications::Voice,
    settings: Settings,
    /// Dealing and accounts, once it is known where orders go.
    exchange: Arc<OnceLock<(Dealing, Accounts)>>,
    /// The assistant, once it is known which models are asked; none if none is set.
    assistant: Arc<OnceLock<Option<Assistant>>>,
}

impl App {
    /// Opens the database and the keys, and loads what is kept in memory.
    pub async fn open(settings: &Settings, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let url = settings.database.url.expose_secret();
        let db = Db::open(url, settings.database.max_connections)
            .await
            .context("cannot open the database that DATABASE_URL names")?;
        let masters = master_keys(settings)?;
        let keys = Keyring::load(&db, masters, &ids, clock.now()).await?;
        let arn = settings.distributor.arn.clone();
        let investing = Investing::load(db.clone(), Some(arn))
            .await
            .context("cannot load the schemes")?;
        let per_second = settings.graph.messages_per_second;
        let belongings = moving::Belongings {
            keys: keys.clone(),
            ids: ids.clone(),
        };
        let ground =
            Ground::new(db, keys, clock, ids, per_second).with_movers(vec![Arc::new(belongings)]);
        Ok(Self {
            people: people::room(settings, &ground),
            ground,
            investing,
            notices: notifications::Voice::new()?,
            settings: settings.clone(),
            exchange: Arc::default(),
            assistant: Arc::default(),
        })
    }

    /// Builds the order gateway that the settings name; `here` is the paper exchange of
    /// this process, if there is one.
    pub fn connect_gateway(&self, here: Option<&gateway::PaperHere>) -> anyhow::Result<()> {
        let around = gateway::Around {
            investing: &self.investing,
            clock: &self.ground.clock,
            ids: &self.ground.ids,
        };
        if let Some(gateway) = gateway::build(&self.settings.gateway, here, &around)? {
            let accounts = accounts::room(self, Arc::clone(&gateway));
            let _ = self.exchange.set((dealing::room(self, gateway), accounts));
        }
        Ok(())
    }

    /// Returns the last part of the address the exchange posts its webhooks to; without
    /// one, none are taken.
    pub fn gateway_webhook_secret(&self) -> Option<String> {
        let gateway = &self.settings.gateway;
        let set = gateway.webhook_secret().map(str::to_owned);
        let is_paper = matches!(gateway.exchange, crate::config::Exchange::Paper(_));
        set.or_else(|| is_paper.then(|| demo::GATEWAY_WEBHOOK_SECRET.to_owned()))
    }

    /// Returns what deals; `None` while nothing can be bought or sold.
    pub fn dealing(&self) -> Option<&Dealing> {
        self.exchange.get().map(|(dealing, _)| dealing)
    }

    /// Returns the accounts with the exchange; `None` while there is none.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.exchange.get().map(|(_, accounts)| accounts)
    }

    /// Returns the routes of the service, with those of the sandbox in a demo.
    pub fn routes(
        &self,
        credentials: &Credentials,
        metrics: Arc<dyn Fn() -> String + Send + Sync>,
        extra: Routes,
        lifecycle: &Lifecycle,
    ) -> Routes {
        let inbox = Inbox::start(self.ground.clone(), &credentials.phone_number_id);
        let condition = Arc::new(condition::Pulse::new(self.clone(), lifecycle.stopping()));
        lifecycle.spawn_named(
            "condition",
            Arc::clone(&condition).watch(lifecycle.stopping()),
        );
        let intake = intake::SignedIntake::new(credentials, inbox);
        let ports = http::Ports {
            intake: Arc::new(intake),
            condition,
            metrics,
            clock: self.ground.clock.clone(),
            ids: self.ground.ids.clone(),
        };
        let papers = Arc::new(documents::Shelf(self.documents()));
        let mut links = http::document_routes(papers).merge(notices::routes(self));
        if let Some((dealing, secret)) = self.dealing().zip(self.gateway_webhook_secret()) {
            let notices = dealing::Notices::new(dealing.clone(), secret);
            links = links.merge(http::gateway_routes(Arc::new(notices)));
        }
        http::router(ports, extra.merge(links))
    }

    /// Starts every stage of the durable path.
    pub async fn start(
        &self,
        credentials: &Credentials,
        graph_url: &str,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<()> {
        let ground = &self.ground;
        pipeline::recover(&ground.db).await?;
        let stop = lifecycle.stopping();
        self.connect_assistant(None)?;
        let mut turns = Turns::new(ground.clone(), Arc::new(self.dialogue()?));
        let client = GraphClient::new(
            graph_url,
            &self.settings.graph.version,
            &credentials.phone_number_id,
            &credentials.access_token,
            GRAPH_TIMEOUT,
        )?;
        let graph = Arc::new(channel::Graph::new(client));
        let shown = self.settings.graph.read_receipts;
        if shown != ReadReceipts::Off {
            let typing = shown == ReadReceipts::Typing;
            turns = turns.with_receipts(Receipts::start(ground.clone(), graph.clone(), typing));
        }
        let sender = Sender::new(ground.clone(), graph, &credentials.phone_number_id);
        let jobs = Jobs::new(ground.clone(), self.job_handlers()?);
        notices::start(self, lifecycle)?;
        let wakes = ground.wakes.all();
        let (db, keys) = (ground.db.clone(), ground.keys.clone());
        spawn(lifecycle, "turns", turns.run(stop.clone()));
        spawn(lifecycle, "sender", sender.run(stop.clone()));
        spawn(lifecycle, "jobs", jobs.run(stop.clone()));
        spawn(
            lifecycle,
            "audit",
            audit::chain(db.clone(), keys, stop.clone()),
        );
        spawn(
            lifecycle,
            "schemes",
            navs::follow(self.clone(), stop.clone()),
        );
        spawn(
            lifecycle,
            "rules",
            reference::follow(self.clone(), stop.clone()),
        );
        if !self.settings.is_demo() {
            spawn(
                lifecycle,
                "clock",
                condition::follow_database_clock(ground.clone(), stop.clone()),
            );
        }
        let watched = db.clone();
        lifecycle.spawn_named("disk", async move {
            tokio::select! {
                () = watched.failed() => Err("the disk failed under a commit"),
                () = stop.cancelled() => Ok(()),
            }
        });
        let stop = lifecycle.stopping();
        spawn(lifecycle, "wakes", async move {
            db.carry_wakes(wakes, stop).await;
        });
        Ok(())
    }

    /// Gives a conversation back to the bot; the contact is an id, a phone number or a
    /// business-scoped user id. Returns whether a person held it.
    pub async fn release(&self, contact: &str, by: &'static str) -> anyhow::Result<bool> {
        let id = self.find_contact(contact).await?;
        let now = self.ground.clock.now();
        let input = (id, self.ground.ids.clone(), by, now);
        let held = self
            .ground
            .db
            .write(input, |conn, (id, ids, by, now)| {
                Box::pin(crate::contacts::store::release(conn, *id, ids, by, *now))
            })
            .await?;
        Ok(held)
    }

    /// Finds a contact by id, phone number or business-scoped user id.
    pub async fn find_contact(&self, contact: &str) -> anyhow::Result<ContactId> {
        if let Ok(id) = contact.parse::<ContactId>() {
            return Ok(id);
        }
        let name = crate::contacts::wa_id(contact).unwrap_or_else(|| contact.to_owned());
        let mut conn = self.ground.db.read().await?;
        crate::contacts::store::find(&mut conn, &self.ground.keys, &name)
            .await?
            .with_context(|| {
                format!(
                    "nobody is known by `{contact}`; give a contact id (con_…), a phone number with \
                     country code, or a user id, of somebody who has written before"
                )
            })
    }

    /// Imports a consolidated account statement. Without a contact it goes to whoever
    /// writes from the mobile number it names; naming one is an operator's word.
    pub async fn import_statement(
        &self,
        bytes: &[u8],
        contact: Option<&str>,
    ) -> anyhow::Result<ImportSummary> {
        let statement = cas::parse(bytes)?;
        let id = if let Some(contact) = contact {
            self.find_contact(contact).await?
        } else {
            let mobile = statement.mobile.as_deref();
            let mobile = mobile
                .and_then(crate::contacts::wa_id)
                .context("the statement names no mobile number to bind it to; say whose it is")?;
            self.contact_of(mobile).await?
        };
        let seal = self.seal_of(id).await?;
        let now = self.ground.clock.now();
        self.investing
            .import_cas(id, &statement, now, &self.ground.ids, Arc::new(seal))
            .await
    }

    /// Returns the contact of a phone number, known from now on.
    async fn contact_of(&self, wa_id: String) -> anyhow::Result<ContactId> {
        let person = Person {
            wa_id: Some(wa_id),
            ..Person::default()
        };
        let input = (self.ground.clone(), person);
        let id = self
            .ground
            .db
            .write(input, |conn, (ground, person)| {
                Box::pin(async move {
                    let now = ground.clock.now();
                    let (keys, ids) = (&ground.keys, &ground.ids);
                    let known =
                        crate::contacts::store::identify(conn, keys, ids, &[person], now).await?;
                    Ok(known.of(keys, person).map(str::to_owned))
                })
            })
            .await?;
        Ok(id
            .context("a contact that was just made is missing")?
            .parse()?)
    }

    async fn seal_of(&self, id: ContactId) -> anyhow::Result<ContactSeal> {
        let mut conn = self.ground.db.read().await?;
        let row = id.to_string();
        let mut found =
            crate::contacts::store::load(&mut conn, &self.ground.keys, std::slice::from_ref(&row))
                .await?;
        let stored = found.remove(&row).context("no such contact")?;
        Ok(stored.into())
    }

    fn dialogue(&self) -> anyhow::Result<Dialogue> {
        let distributor = dialogue::Distributor {
            name: self.settings.distributor.name.clone(),
            arn: self.settings.distributor.arn.clone(),
            grievance_contact: Some(self.settings.distributor.grievance_contact.clone()),
        };
        let facts = Arc::new(facts::Records::new(self.clone()));
        let deeds = Arc::new(commands::Deeds::new(self.clone()));
        let assistant = self.assistant.get().cloned().flatten();
        Ok(Dialogue::new(facts, deeds, Voice::new()?, distributor).with_assistant(assistant))
    }

    fn job_handlers(&self) -> anyhow::Result<Vec<Arc<dyn JobHandler>>> {
        let retention = Retention::new(self.ground.clone(), self.settings.retention);
        let kyc = people::KycRound::new(self.clone(), people::registry(&self.settings)?);
        let mut handlers: Vec<Arc<dyn JobHandler>> = vec![
            Arc::new(retention),
            Arc::new(crate::documents::Purge::new(self.ground.clone())),
            Arc::new(kyc),
            Arc::new(services::Papers::new(self.clone())),
        ];
        if let Some(dealing) = self.dealing() {
            handlers.extend(dealing::jobs(self, dealing));
        }
        handlers.extend(self.accounts().into_iter().flat_map(accounts::jobs));
        if let Some(source) = &self.settings.nav_source {
            let import = navs::DailyNavs::new(self.clone(), source.clone());
            handlers.push(Arc::new(import));
        }
        Ok(handlers)
    }
}

fn spawn(
    lifecycle: &Lifecycle,
    name: &'static str,
    task: impl Future<Output = ()> + Send + 'static,
) {
    lifecycle.spawn_named(name, async move {
        task.await;
        Ok::<(), std::convert::Infallible>(())
    });
}

fn master_keys(settings: &Settings) -> anyhow::Result<MasterKeys> {
    if let Some(keys) = &settings.data_key {
        return Ok(keys.clone());
    }
    let folder = settings.data_folder();
    let text = crate::config::demo_data_key(&folder)
        .with_context(|| format!("cannot keep the demo's key in {}", folder.display()))?;
    Ok(MasterKeys::parse(&text)?)
}

/// Returns the credentials of production, or those the demo's emulator knows.
pub fn credentials(settings: &Settings) -> Credentials {
    match &settings.channel {
        Channel::Production(credentials) => credentials.clone(),
        Channel::Demo => demo::credentials(),
    }
}
