//! The composition root: builds every part once and hands it what it needs.
//!
//! This is the only place that knows all the rooms. Reading it top to bottom shows
//! what the service is made of; the adapters beside it tie a port of one room to the
//! service of another.

mod accounts;
mod assistant;
mod banks;
pub mod by_hand;
mod channel;
mod commands;
mod condition;
mod contact;
mod daily;
mod dealing;
mod dealings;
pub mod demo;
#[cfg(test)]
mod demo_app;
mod demo_people;
mod documents;
mod erasure;
pub mod exchange;
mod export;
mod facts;
mod files;
mod follow_up;
pub mod form_desk;
mod forms;
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
mod statements;
pub mod templates;
mod undone;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret;

use crate::assistant::{Assistant, Pace};
use crate::clock::Clock;
use crate::config::{Channel, Credentials, ReadReceipts, Settings};
use crate::dialogue::{self, Dialogue, Voice};
use crate::http::{self, Routes};
use crate::id::Ids;
use crate::investing::Investing;
use crate::investing::accounts::Accounts;
use crate::investing::gateway::OrderGateway;
use crate::investing::orders::service::Dealing;
use crate::lifecycle::Lifecycle;
use crate::notifications;
use crate::people::People;
use crate::people::ports::KycRegistry;
use crate::pipeline::{self, Ground, Inbox, JobHandler, Jobs, Receipts, Sender, Turns};
use crate::security::{Keyring, MasterKeys, audit};
use crate::storage::Db;
use crate::whatsapp::GraphClient;
use crate::whatsapp::forms::FormKey;

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
    /// The way to the exchange, once it is known where orders go.
    exchange: Arc<OnceLock<Connected>>,
    /// The assistant, once it is known which models are asked; none if none is set.
    assistant: Arc<OnceLock<Option<Assistant>>>,
    /// The key of the forms in the chat, if there are any.
    forms: Arc<OnceLock<FormKey>>,
    /// Whether Meta shows them: what it does not know, nobody is offered.
    forms_published: Arc<AtomicBool>,
}

/// What deals with the exchange.
struct Connected {
    dealing: Dealing,
    accounts: Accounts,
    /// What both speak through.
    gateway: Arc<dyn OrderGateway>,
}

async fn connect(settings: &Settings) -> anyhow::Result<Db> {
    let url = settings.database.url.expose_secret();
    Db::connect(url, settings.database.max_connections)
        .await
        .context("cannot open the database that DATABASE_URL names")
}

impl App {
    /// Opens the database and the keys, brings the tables up to date, and loads what is kept
    /// in memory.
    pub async fn open(settings: &Settings, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let db = connect(settings).await?;
        db.migrate().await?;
        Self::on(db, settings, clock, ids).await
    }

    /// Opens the same for a command beside the service, which works with the tables as they
    /// are: they have to be those of this build.
    pub async fn open_beside(settings: &Settings, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let db = connect(settings).await?;
        let (applied, known) = db.migrations().await?;
        anyhow::ensure!(
            applied <= known,
            "the database has tables of a newer build ({applied} changes, {known} known here): \
             run this with the newer build"
        );
        anyhow::ensure!(
            applied == known,
            "the tables of the database are older than this build ({applied} of {known} changes \
             applied): run `sipbrewery migrate`, then restart the service"
        );
        Self::on(db, settings, clock, ids).await
    }

    async fn on(db: Db, settings: &Settings, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        if !settings.is_demo() {
            // Before the first id, which the later ones never fall behind, and before leases
            // of other processes are judged by it.
            condition::set_by_database(&db, &clock).await?;
        }
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
            lock_rows: db.lock_rows(),
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
            forms: forms::key(settings)?.map_or_else(Arc::default, |key| Arc::new(key.into())),
            forms_published: Arc::default(),
        })
    }

    /// Sets forms up with a key, where the settings name none; returns its public half.
    pub(super) fn connect_forms(&self, key: impl FnOnce() -> FormKey) -> anyhow::Result<String> {
        self.forms.get_or_init(key).public_pem()
    }

    /// Returns what proves that a form is ours; `None` where forms are not set up.
    fn form_proofs(&self) -> Option<forms::Proofs> {
        let keys = self.ground.keys.clone();
        self.forms.get().map(|_| forms::Proofs(keys))
    }

    /// Builds the order gateway that the settings name; `here` is the paper exchange of
    /// this process, if there is one.
    pub fn connect_gateway(&self, here: Option<&gateway::PaperHere>) -> anyhow::Result<()> {
        self.connect_gateway_of(&self.settings.gateway, here)
    }

    fn connect_gateway_of(
        &self,
        settings: &crate::config::Gateway,
        here: Option<&gateway::PaperHere>,
    ) -> anyhow::Result<()> {
        let around = gateway::Around {
            investing: &self.investing,
            clock: &self.ground.clock,
            ids: &self.ground.ids,
        };
        if let Some(gateway) = gateway::build(settings, here, &around)? {
            let accounts = accounts::room(self, Arc::clone(&gateway));
            let dealing = dealing::room(self, Arc::clone(&gateway));
            let connected = Connected {
                dealing,
                accounts,
                gateway,
            };
            let _ = self.exchange.set(connected);
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
        self.exchange.get().map(|connected| &connected.dealing)
    }

    /// Returns the accounts with the exchange; `None` while there is none.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.exchange.get().map(|connected| &connected.accounts)
    }

    /// Returns the routes of the service, with those of the sandbox in a demo.
    pub fn routes(
        &self,
        credentials: &Credentials,
        metrics: Arc<dyn Fn() -> String + Send + Sync>,
        extra: Routes,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<Routes> {
        let inbox = Inbox::start(
            self.ground.clone(),
            &credentials.phone_number_id,
            &credentials.waba_id,
        );
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
        if let Some(key) = self.forms.get() {
            let endpoint = forms::Endpoint::new(self, key.clone(), credentials)?;
            links = links.merge(http::form_routes(Arc::new(endpoint)));
        }
        Ok(http::router(ports, extra.merge(links)))
    }

    /// Returns what speaks to Graph for a number.
    fn graph(&self, credentials: &Credentials, url: &str) -> anyhow::Result<GraphClient> {
        Ok(GraphClient::new(
            url,
            &self.settings.graph.version,
            &credentials.phone_number_id,
            &credentials.access_token,
            GRAPH_TIMEOUT,
        )?)
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
        let client = self.graph(credentials, graph_url)?;
        let graph = Arc::new(channel::Graph::new(client));
        let shown = self.settings.graph.read_receipts;
        if shown != ReadReceipts::Off {
            let typing = shown == ReadReceipts::Typing;
            turns = turns.with_receipts(Receipts::start(ground.clone(), graph.clone(), typing));
        }
        let fetching = files::fetching(self, graph.clone());
        let sender = Sender::new(ground.clone(), graph, &credentials.phone_number_id)
            .with_media(Arc::new(documents::Shelf(self.documents())))
            .with_follow_ups(Arc::new(follow_up::ByTemplate(self.clone())));
        let desk = templates::TemplateDesk::new(self, credentials, graph_url)?;
        let mut handlers = self.job_handlers()?;
        handlers.push(Arc::new(templates::Listing(desk.clone())));
        handlers.push(fetching);
        spawn(lifecycle, "templates", desk.begin(stop.clone()));
        if self.forms.get().is_some() {
            let desk = form_desk::FormDesk::new(self, credentials, graph_url)?;
            let watched = form_desk::watch(self.clone(), desk, stop.clone());
            spawn(lifecycle, "forms", watched);
        }
        notices::start(self, lifecycle)?;
        let wakes = ground.wakes.all();
        let (db, keys) = (ground.db.clone(), ground.keys.clone());
        spawn(lifecycle, "turns", turns.run(stop.clone()));
        spawn(lifecycle, "sender", sender.run(stop.clone()));
        for jobs in Jobs::stages(ground, handlers) {
            spawn(lifecycle, jobs.name(), jobs.run(stop.clone()));
        }
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

    /// Returns what decides about what people write.
    fn dialogue(&self) -> anyhow::Result<Dialogue> {
        let deeds = Arc::new(commands::Deeds::new(self.clone()));
        let registry = people::registry(&self.settings)?;
        self.dialogue_with(deeds, registry, Pace::default())
    }

    /// Returns what decides over the records: with these commands, this KYC registry to ask,
    /// and the assistant at this pace.
    fn dialogue_with(
        &self,
        commands: Arc<dyn dialogue::Commands>,
        registry: Option<Arc<dyn KycRegistry>>,
        pace: Pace,
    ) -> anyhow::Result<Dialogue> {
        let distributor = dialogue::Distributor {
            name: self.settings.distributor.name.clone(),
            arn: self.settings.distributor.arn.clone(),
            grievance_contact: Some(self.settings.distributor.grievance_contact.clone()),
        };
        let facts = Arc::new(facts::Records::new(self.clone(), registry));
        let assistant = self.assistant.get().cloned().flatten();
        let dialogue = Dialogue::new(facts, commands, Voice::new()?, distributor);
        Ok(dialogue.with_assistant(assistant, pace))
    }

    fn job_handlers(&self) -> anyhow::Result<Vec<Arc<dyn JobHandler>>> {
        let kyc = people::KycRound::new(self.clone(), people::registry(&self.settings)?);
        let mut handlers: Vec<Arc<dyn JobHandler>> = vec![
            Arc::new(crate::documents::Purge::new(self.ground.clone())),
            Arc::new(kyc),
        ];
        handlers.extend(files::jobs(self));
        handlers.extend(services::jobs(self));
        if let Some(dealing) = self.dealing() {
            handlers.extend(dealing::jobs(self, dealing));
        }
        handlers.extend(self.accounts().into_iter().flat_map(accounts::jobs));
        if let Some(source) = &self.settings.nav_source {
            let import = navs::DailyNavs::new(self.clone(), source.clone());
            handlers.push(Arc::new(import));
        }
        handlers.extend(daily::jobs(self));
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
