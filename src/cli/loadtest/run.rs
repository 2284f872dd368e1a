//! One measurement: fill, start, warm up, send, wait for the last reply, count.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use secrecy::ExposeSecret;

use super::book::{Book, Times, middle_and_high};
use super::load::Load;
use super::night::{self, Night};
use super::prefill;
use super::script::{self, Script};
use super::store;
use super::subject::{Keys, Kind, Scratch, Subject, environment};
use crate::config::{Channel, Settings};
use crate::http::{self, Listener};
use crate::lifecycle::Lifecycle;
use crate::sandbox::{Emulator, Fault, FaultKind, Options, Person};
use crate::storage::Engine;

/// How long to wait for a reply before what is missing is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Caches, connections and prepared statements are warm after this.
const WARM_UP: Duration = Duration::from_secs(2);
/// At night it is looked this often whether it is over.
const NIGHT_ROUND: Duration = Duration::from_secs(5);

/// What to measure.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) contacts: u32,
    pub(super) writers: u32,
    pub(super) seen: u64,
    pub(super) strangers: bool,
    pub(super) seconds: u32,
    pub(super) messages: u64,
    pub(super) rate: Option<u32>,
    pub(super) connections: u32,
    pub(super) database_url: Option<String>,
    pub(super) log: String,
    /// SIPs that are due in one day.
    pub(super) night: u32,
    /// Whether it is told of each reply how far it got.
    pub(super) statuses: bool,
}

impl Plan {
    /// Returns the person behind the `nth` writer: they are spread over all contacts.
    pub(super) fn person(&self, writer: u32) -> u32 {
        writer * self.stride()
    }

    fn stride(&self) -> u32 {
        (self.contacts / self.writers).max(1)
    }
}

/// What was measured. Times in microseconds, memory in kB.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) sent: u64,
    pub(super) refused: u64,
    pub(super) acks: [u32; 2],
    pub(super) replies: [u32; 2],
    pub(super) ack_rate: f64,
    pub(super) reply_rate: f64,
    pub(super) cpu: Option<f64>,
    pub(super) idle_kb: Option<u64>,
    pub(super) peak_kb: Option<u64>,
    pub(super) faults: [u64; 3],
    pub(super) night: Option<MeasuredNight>,
}

/// What a night with chats beside it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeasuredNight {
    pub(super) instalments: u64,
    /// Until every instalment was on record, and until every investor's notice was decided.
    pub(super) took: [Duration; 2],
    /// Acks and replies to what was written while instalments were prepared, and while
    /// notices were decided.
    pub(super) acks: [[u32; 2]; 2],
    pub(super) replies: [[u32; 2]; 2],
}

/// Measures a process started for it on a database made for it.
pub(super) async fn measure(plan: &Plan, script: &Script, kind: Kind) -> anyhow::Result<Measured> {
    let keys = Keys::make();
    let scratch = Scratch::make(&keys.run)?;
    let name = format!("load_{}", keys.run.to_lowercase());
    let server = match &plan.database_url {
        Some(url) if Engine::of(url)? == Engine::Postgres => Some(url.clone()),
        _ => None,
    };
    let database_url = match (&server, &plan.database_url) {
        (Some(server), _) => store::make_database(server, &name).await?,
        (None, Some(url)) => format!("{url}.{name}"),
        (None, None) => format!("sqlite://{}/service.db", scratch.0.display()),
    };
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let graph = listener.address();
    let mut environment = environment(&keys, &database_url, graph, &plan.log);
    if plan.night > 0 {
        environment.extend(night::environment(&format!("http://{graph}")));
    }
    let arguments = match kind {
        Kind::Service => vec!["serve".to_owned()],
        Kind::Bare => bare_arguments(&keys, &database_url, graph),
    };
    if kind == Kind::Service {
        prefill::fill(plan, &environment).await?;
    }
    let starting = move || Subject::start(&arguments, &environment);
    let subject = tokio::task::spawn_blocking(starting).await??;
    let database = (plan.night > 0).then_some(database_url);
    let subject = (subject, database);
    let measured = against(plan, script, &keys, subject, listener, kind).await;
    if let Some(server) = server {
        store::drop_database(&server, &name).await?;
    }
    measured
}

fn bare_arguments(keys: &Keys, database_url: &str, graph: SocketAddr) -> Vec<String> {
    [
        "loadtest",
        "bare",
        "--database-url",
        database_url,
        "--graph",
        &format!("http://{graph}"),
        "--number",
        &keys.number,
        "--app-secret",
        &keys.app_secret,
        "--access-token",
        &keys.access_token,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Measures a service that runs already.
pub(super) async fn measure_running(
    plan: &Plan,
    script: &Script,
    settings: &Settings,
    webhook: String,
    pid: Option<u32>,
) -> anyhow::Result<Measured> {
    let Channel::Production(credentials) = &settings.channel else {
        anyhow::bail!("--webhook needs the settings the service was started with");
    };
    let secret = credentials.app_secrets.first().context("no app secret")?;
    let keys = Keys {
        app_secret: secret.expose_secret().to_owned(),
        access_token: credentials.access_token.expose_secret().to_owned(),
        number: credentials.phone_number_id.clone(),
        account: credentials.waba_id.clone(),
        ..Keys::make()
    };
    let graph = settings
        .graph
        .base_url
        .strip_prefix("http://")
        .unwrap_or("");
    let graph: SocketAddr = graph.trim_end_matches('/').parse().context(
        "WHATSAPP_API_BASE_URL must be http://ADDRESS:PORT on this machine, for the emulator",
    )?;
    let listener = Listener::bind(graph)
        .await
        .with_context(|| format!("cannot listen on {graph}"))?;
    let host = webhook
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next());
    let address = host
        .and_then(|host| host.parse().ok())
        .context("--webhook must be http://ADDRESS:PORT/webhooks/whatsapp")?;
    let subject = Subject::running(address, pid);
    let subject = (subject, None);
    against(plan, script, &keys, subject, listener, Kind::Service).await
}

/// Sends to a process, with an emulator behind it. With the address of its database, a
/// night follows in which people go on writing.
async fn against(
    plan: &Plan,
    script: &Script,
    keys: &Keys,
    (subject, database): (Subject, Option<String>),
    listener: Listener,
    kind: Kind,
) -> anyhow::Result<Measured> {
    let book = Arc::new(Book::new(plan.writers, kind == Kind::Service));
    let emulator = emulator(plan, keys, &subject, &book).await?;
    let lifecycle = Lifecycle::default();
    emulator.spawn_delivery(lifecycle.stopping());
    let routes = emulator.graph_router();
    lifecycle.spawn_named("graph", http::serve(listener, routes, lifecycle.clone()));

    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle_kb = subject.memory_kb("VmRSS");
    let load = Load {
        plan,
        script,
        keys,
        address: subject.address,
        book: &book,
        began: Instant::now(),
    };
    let warm = load.send(WARM_UP, 0).await?;
    wait(&book, &emulator, warm.count).await;
    *book.times() = Times::default();
    let cpu_before = subject.cpu_micros();
    let rest = Duration::from_secs(u64::from(plan.seconds));
    let sent = load.send(rest, warm.each).await?;
    wait(&book, &emulator, warm.count + sent.count).await;
    let cpu_after = subject.cpu_micros();

    let times = std::mem::take(&mut *book.times());
    let measuring = (sent.started, Instant::now());
    let answering = times.last_reply.map_or(Duration::ZERO, |last| {
        last.saturating_duration_since(sent.started)
    });
    let measured = Measured {
        sent: sent.count,
        refused: sent.refused,
        acks: middle_and_high(&times.acks, measuring),
        replies: middle_and_high(&times.replies, measuring),
        ack_rate: rate(times.acks.len(), sent.took),
        reply_rate: rate(times.replies.len(), answering),
        cpu: cpu_before.zip(cpu_after).map(|(before, after)| {
            rate(
                usize::try_from(after - before).unwrap_or(0),
                Duration::from_secs(sent.count.max(1)),
            )
        }),
        idle_kb,
        peak_kb: subject.memory_kb("VmHWM"),
        faults: book.faults(),
        night: None,
    };
    let Some(database) = database else {
        drop(subject);
        lifecycle.stop();
        return Ok(measured);
    };
    let before = (warm.count + sent.count, sent.each);
    let night = at_night(&load, &emulator, database, before).await?;
    let measured = Measured {
        peak_kb: subject.memory_kb("VmHWM"),
        faults: book.faults(),
        night: Some(night),
        ..measured
    };
    drop(subject);
    lifecycle.stop();
    Ok(measured)
}

/// Goes on sending until the night is over.
async fn at_night(
    load: &Load<'_>,
    emulator: &Emulator,
    database: String,
    (mut count, mut each): (u64, u32),
) -> anyhow::Result<MeasuredNight> {
    let data_key = load.keys.data_key.clone();
    let passing = tokio::spawn(async move { night::pass(&database, &data_key).await });
    while !passing.is_finished() {
        let sent = load.send(NIGHT_ROUND, each).await?;
        count += sent.count;
        each = sent.each;
        // Whoever writes may have written as often as they may.
        tokio::time::sleep_until((sent.started + NIGHT_ROUND).into()).await;
    }
    let night = passing.await??;
    wait(load.book, emulator, count).await;
    let times = std::mem::take(&mut *load.book.times());
    let Night {
        began,
        prepared,
        told,
        instalments,
    } = night;
    let spans = [(began, prepared), (prepared, told)];
    Ok(MeasuredNight {
        instalments,
        took: [prepared - began, told - began],
        acks: spans.map(|span| middle_and_high(&times.acks, span)),
        replies: spans.map(|span| middle_and_high(&times.replies, span)),
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement")]
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-6)
}

async fn emulator(
    plan: &Plan,
    keys: &Keys,
    subject: &Subject,
    book: &Arc<Book>,
) -> anyhow::Result<Emulator> {
    let (stride, told) = (plan.stride(), Arc::clone(book));
    let observer = move |reply: &crate::sandbox::Accepted| {
        if let Some(person) = script::person(&reply.to) {
            told.replied(person / stride, reply);
        }
    };
    let people = (0..plan.writers).map(|writer| {
        let person = plan.person(writer);
        Person::with_phone(&script::wa_id(person), &script::name(person))
    });
    let emulator = Emulator::builder()
        .app_secret(&keys.app_secret)
        .access_token(&keys.access_token)
        .phone_number_id(&keys.number)
        .waba_id(&keys.account)
        .callback_url(format!("http://{}/webhooks/whatsapp", subject.address))
        .people(people.collect())
        .options(Options {
            reads_at_once: true,
            ..Options::default()
        })
        .chat_length(0)
        .log_length(0)
        .journal(false)
        .observer(observer)
        .build()
        .await?;
    let templates = crate::app::templates::creations()?;
    emulator
        .know_templates(&templates)
        .map_err(anyhow::Error::msg)?;
    if !plan.statuses {
        emulator.set_fault(FaultKind::MissingStatuses, Fault::chance(1.0));
    }
    for writer in 0..plan.writers {
        emulator.wrote(&script::wa_id(plan.person(writer)));
    }
    Ok(emulator)
}

/// Waits until every message is answered, or nothing has happened for long; then until
/// every status has been told.
async fn wait(book: &Book, emulator: &Emulator, sent: u64) {
    while book.answered() < sent {
        if tokio::time::timeout(PATIENCE, book.progress.notified())
            .await
            .is_err()
        {
            break;
        }
    }
    let _ = tokio::time::timeout(PATIENCE, emulator.acknowledged()).await;
}
