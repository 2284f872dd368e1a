//! The whole service with Meta at the other end: production settings, a database of its
//! own, and an emulator that is reached, and reaches us, over loopback HTTP only.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::Value;
use sipbrewery::app::{self, App};
use sipbrewery::clock::Clock;
use sipbrewery::config::Settings;
use sipbrewery::http::{self, Listener, Routes};
use sipbrewery::id::Ids;
use sipbrewery::lifecycle::Lifecycle;
use sipbrewery::sandbox::{Accepted, Emulator, Person};
use sipbrewery::security::MasterKeys;
use sipbrewery::telemetry::metrics;

use super::TestDatabase;

pub const APP_SECRET: &str = "5b0c1f6e9a7d4382b1c5d8e7f6a90312";
pub const VERIFY_TOKEN: &str = "walnut-harbour-saffron-71-quiet-loom";
pub const ACCESS_TOKEN: &str = "EAAGm0PX4ZCpsBAJ9wq7T2mVx8rLkYd3HnQ";
pub const NUMBER: &str = "106540352242922";
pub const ACCOUNT: &str = "102290129340398";
pub const DISTRIBUTOR: &str = "Sahyadri Wealth";
pub const ARN: &str = "ARN-118822";
/// The schemes of the statements used here, and a few with names much alike.
const FUNDS: [&str; 4] = [
    "HDFC Flexi Cap",
    "HDFC Liquid",
    "Axis ELSS Tax Saver",
    "Parag Parikh Flexi Cap",
];
/// More than anything here takes; only a test that fails waits as long.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A running service and the people who write to it.
pub struct TestApp {
    pub app: App,
    pub emulator: Emulator,
    /// Dropped with the rest.
    _database: TestDatabase,
    address: SocketAddr,
    http: reqwest::Client,
    /// Its settings, for a command beside it.
    environment: Vec<(&'static str, String)>,
    /// The service's end and Meta's.
    ends: [Lifecycle; 2],
    /// How many replies each person has been shown.
    shown: Mutex<HashMap<String, usize>>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::at(Clock::system()).await
    }

    /// Starts by this clock, which may stand. On PostgreSQL it has to be the machine's: a
    /// live service follows the database's clock there.
    pub async fn at(clock: Clock) -> Self {
        Self::with(clock, Vec::new()).await
    }

    /// Starts by this clock with further settings.
    pub async fn with(clock: Clock, set: Vec<(&'static str, String)>) -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let recorded = recorded();
        let database = TestDatabase::create().await;
        let (ours, metas) = (bind().await, bind().await);
        let (address, graph_url) = (ours.address(), format!("http://{}", metas.address()));
        let ends = [Lifecycle::default(), Lifecycle::default()];

        let emulator = Emulator::builder()
            .app_secret(APP_SECRET)
            .verify_token(VERIFY_TOKEN)
            .access_token(ACCESS_TOKEN)
            .phone_number_id(NUMBER)
            .waba_id(ACCOUNT)
            .business_name(DISTRIBUTOR)
            .callback_url(format!("http://{address}/webhooks/whatsapp"))
            .clock(clock.clone())
            .statuses_after(Duration::ZERO, Duration::ZERO)
            .retry(Duration::from_millis(50), Duration::from_millis(200))
            .build()
            .await
            .expect("the emulator starts");
        let templates = app::templates::creations().expect("the templates are sound");
        emulator
            .know_templates(&templates)
            .expect("the emulator takes them");
        emulator.spawn_delivery(ends[1].stopping());
        let graph = http::serve(metas, emulator.graph_router(), ends[1].clone());
        ends[1].spawn_named("graph", graph);

        let mut environment = environment(database.url(), &graph_url);
        environment.push(("MEDIA_FOLDER", media_folder(&database)));
        // Whatever the hour at which the tests run.
        environment.push(("QUIET_HOURS", "off".to_owned()));
        environment.extend(set);
        let settings = settings(&environment);
        let app = App::open(&settings, clock, Ids::random())
            .await
            .expect("the service opens");
        let now = app.ground.clock.now();
        app.investing
            .import_navs(&navs(), "test", now)
            .await
            .expect("the NAVs import");
        let credentials = app::credentials(&settings);
        app.start(&credentials, &graph_url, &ends[0])
            .await
            .expect("the stages start");
        let render = Arc::new(move || recorded.render());
        let routes = app
            .routes(&credentials, render, Routes::new(), &ends[0])
            .expect("the routes are built");
        ends[0].spawn_named("http", http::serve(ours, routes, ends[0].clone()));
        Self {
            app,
            emulator,
            _database: database,
            address,
            http: client(),
            environment,
            ends,
            shown: Mutex::default(),
        }
    }

    /// Gives somebody WhatsApp under a name.
    pub fn knows(&self, phone: &str, name: &str) {
        self.emulator.add_person(Person::with_phone(phone, name));
    }

    pub async fn says(&self, who: &str, text: &str) {
        self.emulator.user_says(who, text).await;
    }

    /// Taps the row or button with this title on the newest message that has one.
    pub async fn taps(&self, who: &str, title: &str) {
        let chat = self.emulator.chat(who);
        let found = chat.iter().rev().find_map(|bubble| {
            let id = id_of(&bubble.content["action"], title)?;
            Some((bubble.wamid.clone(), id))
        });
        let (message, id) = found.unwrap_or_else(|| panic!("`{title}` is nowhere to tap"));
        self.emulator
            .tap(who, &message, &id)
            .await
            .expect("what is shown can be tapped");
    }

    /// Says something and returns the first reply that follows.
    pub async fn asks(&self, who: &str, text: &str) -> String {
        self.says(who, text).await;
        self.next_reply(who).await.text.clone()
    }

    /// Waits for the next reply this person has not been shown yet.
    pub async fn next_reply(&self, who: &str) -> Arc<Accepted> {
        let number = *self.shown.lock().unwrap().get(who).unwrap_or(&0);
        let waiting = async {
            loop {
                let accepted = self.emulator.accepted();
                let mine = accepted.iter().filter(|a| a.to == who).nth(number);
                if let Some(reply) = mine {
                    return reply.clone();
                }
                self.emulator.wait_for_accepted(accepted.len() + 1).await;
            }
        };
        let Ok(reply) = tokio::time::timeout(PATIENCE, waiting).await else {
            panic!(
                "nothing more was said to {who} than {:?}",
                self.said_to(who)
            );
        };
        self.shown
            .lock()
            .unwrap()
            .insert(who.to_owned(), number + 1);
        reply
    }

    /// Returns everything said to somebody so far.
    pub fn said_to(&self, who: &str) -> Vec<String> {
        let accepted = self.emulator.accepted();
        let mine = accepted.into_iter().filter(|a| a.to == who);
        mine.map(|a| a.text.clone()).collect()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(self.url(path)).send().await;
        read(answer.expect("the service answers")).await
    }

    /// Posts a webhook with a signature of its own, or none.
    pub async fn post(&self, body: Vec<u8>, signature: Option<&str>) -> (u16, String) {
        let mut request = self.http.post(self.url("/webhooks/whatsapp")).body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        read(request.send().await.expect("the service answers")).await
    }

    /// Posts a webhook as Meta signs it; returns the status.
    pub async fn delivers(&self, body: impl Into<Vec<u8>>) -> u16 {
        let body = body.into();
        let signature = sign(APP_SECRET, &body);
        self.post(body, Some(&signature)).await.0
    }

    pub async fn scalar(&self, sql: &'static str) -> i64 {
        let mut conn = self.app.ground.db.read().await.expect("a connection");
        sqlx::query_scalar(sql)
            .fetch_one(&mut *conn)
            .await
            .expect("the query runs")
    }

    /// Waits until a count is reached; the service works meanwhile.
    pub async fn until(&self, sql: &'static str, wanted: i64) {
        let reached = async {
            while self.scalar(sql).await != wanted {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::time::timeout(PATIENCE, reached).await;
        let count = self.scalar(sql).await;
        assert!(ended.is_ok(), "`{sql}` is {count} and not {wanted}");
    }

    /// Runs a command of the program beside the service, as an operator would; returns
    /// whether it succeeded, and what it said.
    pub async fn operator(&self, arguments: &str) -> (bool, String) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sipbrewery"));
        command
            .args(["--env-file", "/dev/null"])
            .args(arguments.split(' '))
            .env_clear()
            .env("RUST_LOG", "error")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let ran = tokio::task::spawn_blocking(move || command.output());
        let output = ran.await.expect("no panic").expect("the program runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("text");
        (output.status.success(), said)
    }

    /// Takes a template from the account, in every language, with its name free: at Meta that
    /// would be a month after somebody deleted it.
    pub fn deletes_template(&self, name: &str) {
        assert!(self.emulator.forget_template(name) > 0, "{name}");
    }

    fn graph_url(&self, path: &str) -> String {
        let mut settings = self.environment.iter();
        let graph = settings.find(|(key, _)| *key == "WHATSAPP_API_BASE_URL");
        format!("{}/v24.0/{path}", graph.unwrap().1)
    }

    /// Posts to Graph as Meta's own pages would; returns the answer.
    pub async fn posts_to_graph(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.graph_url(path)).json(body);
        self.at_graph(request).await
    }

    /// Hands the definition of a form in; returns the answer.
    pub async fn defines_form(&self, id: &str, definition: &'static str) -> Value {
        let form = reqwest::multipart::Form::new()
            .text("name", "flow.json")
            .text("asset_type", "FLOW_JSON")
            .text("file", definition);
        let url = self.graph_url(&format!("{id}/assets"));
        self.at_graph(self.http.post(url).multipart(form)).await
    }

    async fn at_graph(&self, request: reqwest::RequestBuilder) -> Value {
        let request = request.bearer_auth(ACCESS_TOKEN);
        let answer = request.send().await.expect("the emulator answers");
        let (status, body) = read(answer).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Runs a statement, to leave the database as time would.
    pub async fn leave(&self, sql: &'static str) {
        let left = self.app.ground.db.write(sql, |conn, sql| {
            Box::pin(async move {
                sqlx::query(*sql).execute(conn).await?;
                Ok(())
            })
        });
        left.await.expect("the statement runs");
    }

    /// Stops as SIGTERM would: everything that was begun ends, and nothing broke.
    pub async fn stop(self) {
        for end in &self.ends {
            end.stop();
            end.finish(PATIENCE).await.expect("everything stops");
            assert_eq!(end.broken(), None);
        }
        self.app.ground.db.close().await;
    }
}

/// Returns `X-Hub-Signature-256` as Meta makes it.
pub fn sign(secret: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns a client that does not wait for ever.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    client.expect("a client")
}

/// Returns where the files of a test are kept.
pub fn media_folder(database: &TestDatabase) -> String {
    database.folder().join("media").display().to_string()
}

/// The settings of a live service, as an operator would write them.
pub fn environment(database: &str, graph_url: &str) -> Vec<(&'static str, String)> {
    [
        ("WHATSAPP_APP_SECRET", APP_SECRET),
        ("WHATSAPP_VERIFY_TOKEN", VERIFY_TOKEN),
        ("WHATSAPP_ACCESS_TOKEN", ACCESS_TOKEN),
        ("WHATSAPP_PHONE_NUMBER_ID", NUMBER),
        ("WHATSAPP_WABA_ID", ACCOUNT),
        ("WHATSAPP_API_BASE_URL", graph_url),
        ("PUBLIC_URL", "http://127.0.0.1"),
        ("DISTRIBUTOR_NAME", DISTRIBUTOR),
        ("DISTRIBUTOR_ARN", ARN),
        ("GRIEVANCE_CONTACT", "care@sahyadri.example"),
        ("DATABASE_URL", database),
        ("NAV_SOURCE_URL", "off"),
        ("HTTP_ADDR", "127.0.0.1:0"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([("DATA_KEY", MasterKeys::generate())])
    .collect()
}

fn settings(environment: &[(&'static str, String)]) -> Settings {
    let all: HashMap<_, _> = environment.iter().cloned().collect();
    Settings::from_lookup(|name| all.get(name).cloned()).expect("the settings are in order")
}

/// A NAV file with a few schemes: the shipped one without the others.
pub fn navs() -> Vec<u8> {
    let whole = include_str!("../../../demo/amfi/NAVAll.txt");
    let kept = |line: &&str| !line.contains(';') || FUNDS.iter().any(|fund| line.contains(fund));
    let first = whole.lines().take(1);
    let rest = whole.lines().skip(1).filter(kept);
    first.chain(rest).collect::<Vec<_>>().join("\r\n").into()
}

/// The recorder is the process's; all tests share it.
pub fn recorded() -> &'static metrics_exporter_prometheus::PrometheusHandle {
    static RECORDED: OnceLock<metrics_exporter_prometheus::PrometheusHandle> = OnceLock::new();
    RECORDED.get_or_init(|| metrics::install().expect("nobody else records"))
}

pub async fn bind() -> Listener {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    Listener::bind(any).await.expect("a free port")
}

async fn read(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a whole answer"))
}

pub(super) fn id_of(action: &serde_json::Value, title: &str) -> Option<String> {
    let buttons = action["buttons"].as_array().into_iter().flatten();
    let sections = action["sections"].as_array().into_iter().flatten();
    let rows = sections.filter_map(|s| s["rows"].as_array()).flatten();
    buttons
        .map(|button| &button["reply"])
        .chain(rows)
        .find(|choice| choice["title"] == title)
        .and_then(|choice| choice["id"].as_str().map(str::to_owned))
}
