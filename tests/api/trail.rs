//! What a running server writes down: enough to follow a message, and nothing that says
//! who somebody is or what they said.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sipbrewery::http::{self, Listener};
use sipbrewery::lifecycle::Lifecycle;
use sipbrewery::sandbox::{Attachment, Emulator, Person};
use sqlx::{Connection, Row};

use crate::harness::TestDatabase;
use crate::harness::app::{
    ACCESS_TOKEN, ACCOUNT, APP_SECRET, NUMBER, PATIENCE, VERIFY_TOKEN, client, environment, hex,
    navs, sign,
};

const PHONE: &str = "919845012367";
const USER: &str = "IN.7300518264419257";
const NAME: &str = "Zubeida Canaryvala";
const WORDS: &str = "kingfisher lullaby forty-two";
const PAN: &str = "CNRPV4821K";
const EMAIL: &str = "zubeida.canary@mailbox.example";
const FOLIO: &str = "77345512098";

/// A server in a process of its own, at debug level, and Meta beside it.
struct Watched {
    server: Child,
    address: String,
    emulator: Emulator,
    meta: Lifecycle,
    database: TestDatabase,
    settings: Vec<(&'static str, String)>,
    log: PathBuf,
    http: reqwest::Client,
}

impl Watched {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = TestDatabase::create().await;
        let meta = Lifecycle::default();
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let graph = format!("http://{}", listener.address());
        let emulator = Emulator::builder()
            .app_secret(APP_SECRET)
            .verify_token(VERIFY_TOKEN)
            .access_token(ACCESS_TOKEN)
            .phone_number_id(NUMBER)
            .waba_id(ACCOUNT)
            .statuses_after(Duration::ZERO, Duration::ZERO)
            .build()
            .await
            .unwrap();
        let routes = emulator.graph_router();
        meta.spawn_named("graph", http::serve(listener, routes, meta.clone()));

        let mut settings = environment(database.url(), &graph);
        settings
            .extend([("RUST_LOG", "debug"), ("LOG_FORMAT", "json")].map(|(n, v)| (n, v.into())));
        let log = database.folder().join("server.log");
        let file = database.folder().join("nav.txt");
        std::fs::write(&file, navs()).unwrap();
        let import = command(&settings)
            .args(["nav", "import"])
            .arg(&file)
            .output();
        assert!(import.unwrap().status.success());
        let mut server = command(&settings)
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let out = server.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut first).unwrap();
        let address = first
            .split("serves ")
            .nth(1)
            .expect("a line with the address");
        let address = address
            .trim()
            .trim_end_matches("/webhooks/whatsapp")
            .to_owned();
        emulator.set_callback_url(format!("{address}/webhooks/whatsapp"));
        emulator.spawn_delivery(meta.stopping());
        Self {
            server,
            address,
            emulator,
            meta,
            database,
            settings,
            log,
            http: client(),
        }
    }

    /// Runs a command beside the server; returns all it printed.
    fn run(&self, arguments: &[&str]) -> String {
        let output = command(&self.settings).args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).unwrap()
    }

    async fn replies(&self, count: usize) {
        let waiting = self.emulator.wait_for_accepted(count);
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "{:?}", self.emulator.accepted());
    }

    async fn settles(&self) {
        let waited = tokio::time::timeout(PATIENCE, self.emulator.acknowledged()).await;
        assert!(waited.is_ok(), "every webhook is acknowledged");
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> String {
        let answer = request.send().await.unwrap();
        let headers = format!("{:?}", answer.headers());
        headers + &answer.text().await.unwrap()
    }

    /// Provokes errors with everything in them that must not come back.
    async fn errors(&self) -> Vec<String> {
        let hook = format!("{}/webhooks/whatsapp", self.address);
        let http = &self.http;
        let body = format!("{{{PHONE} {NAME} {WORDS} {PAN} {EMAIL}");
        let signature = sign(APP_SECRET, body.as_bytes());
        let mut errors = Vec::new();
        for request in [
            http.post(&hook).body(body.clone()),
            http.post(&hook)
                .header("x-hub-signature-256", &signature)
                .body(body.clone()),
            http.get(format!(
                "{hook}?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}x&hub.challenge=1"
            )),
            http.get(format!("{}/nothing/{PHONE}/{PAN}?q={EMAIL}", self.address)),
            http.put(&hook).body(body),
            http.get(format!("{}/readyz", self.address)),
        ] {
            errors.push(self.answer(request).await);
        }
        errors
    }

    async fn metrics(&self) -> String {
        self.answer(self.http.get(format!("{}/metrics", self.address)))
            .await
    }

    fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Ends as a process manager would, and waits.
    fn terminate(&mut self) {
        let id = self.server.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        assert!(self.server.wait().unwrap().success());
        self.meta.stop();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        self.meta.stop();
    }
}

fn command(settings: &[(&'static str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sipbrewery"));
    command
        .env_clear()
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .args(["--env-file", "/dev/null"]);
    command
}

/// Everything the database holds, as its files have it on SQLite and as text and
/// hexadecimal on PostgreSQL.
async fn contents(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    if !database.is_postgres() {
        return files(database.folder())
            .into_iter()
            .filter(|path| path.to_string_lossy().contains("test.db"))
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
            .collect();
    }
    sipbrewery::storage::install_drivers();
    let mut conn = sqlx::AnyConnection::connect(database.url()).await.unwrap();
    let names = "select table_name::text from information_schema.tables
                  where table_schema = 'public' and table_type = 'BASE TABLE'";
    let tables = sqlx::query(names).fetch_all(&mut conn).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let text = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(text));
        let rows: String = query.fetch_one(&mut conn).await.unwrap();
        all.push((table, rows.into_bytes()));
    }
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn holds(place: &[u8], canary: &str) -> bool {
    let hex = hex(canary.as_bytes());
    let is_there = |wanted: &[u8]| place.windows(wanted.len()).any(|window| window == wanted);
    is_there(canary.as_bytes()) || is_there(hex.as_bytes())
}

/// Waits for something that the server does by itself.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let reached = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, reached).await;
    assert!(waited.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_be_recognised_from_logs_metrics_errors_or_the_database() {
    let mut watched = Watched::start().await;
    let person = Person {
        wa_id: Some(PHONE.to_owned()),
        user_id: USER.to_owned(),
        name: NAME.to_owned(),
        about: String::new(),
    };
    watched.emulator.add_person(person);
    let emulator = watched.emulator.clone();
    for (text, replies) in [
        ("hi".to_owned(), 1),
        (format!("{WORDS} my pan is {PAN} and mail {EMAIL}"), 2),
        ("sip of 5000 for 10 years at 12%".to_owned(), 3),
    ] {
        emulator.say(PHONE, &text);
        watched.replies(replies).await;
    }
    emulator.user_attaches(PHONE, Attachment::Document).await;
    watched.replies(4).await;

    let statement = include_str!("../data/cas/sample-cas-synthetic.json")
        .replace("AAAPA0000A", PAN)
        .replace("TEST INVESTOR", NAME)
        .replace("investor@example.invalid", EMAIL)
        .replace("90000001", FOLIO)
        .replace("919000000000", PHONE);
    assert!(statement.contains(PAN) && statement.contains(EMAIL) && statement.contains(FOLIO));
    let file = watched.database.folder().join("statement.json");
    std::fs::write(&file, &statement).unwrap();
    let file = file.display().to_string();
    let imported = watched.run(&["cas", "import", &file, "--contact", PHONE]);
    assert!(imported.contains("scheme"), "{imported}");
    emulator.say(PHONE, "my portfolio");
    watched.replies(5).await;
    emulator.say(PHONE, "talk to a person");
    watched.replies(6).await;
    watched.settles().await;

    let errors = watched.errors().await;
    let metrics = watched.metrics().await;
    let printed = [
        watched.run(&["doctor"]),
        watched.run(&["release", "919845012368"]),
        imported,
    ];
    let live = contents(&watched.database).await;
    watched.terminate();

    let log = watched.log_text();
    assert!(log.contains("\"level\":\"DEBUG\""), "the log is at debug");
    let mut places = live;
    places.extend(contents(&watched.database).await);
    places.push(("log".into(), log.into_bytes()));
    places.push(("metrics".into(), metrics.into_bytes()));
    places.extend(errors.into_iter().map(|e| ("error".into(), e.into_bytes())));
    places.extend(
        printed
            .into_iter()
            .map(|p| ("command".into(), p.into_bytes())),
    );
    let data_key = &watched
        .settings
        .iter()
        .find(|(name, _)| *name == "DATA_KEY");
    let data_key = &data_key.unwrap().1;
    for canary in [
        PHONE,
        USER,
        NAME,
        "Zubeida",
        WORDS,
        "kingfisher",
        PAN,
        EMAIL,
        FOLIO,
        APP_SECRET,
        VERIFY_TOKEN,
        ACCESS_TOKEN,
        data_key,
    ] {
        for (place, bytes) in &places {
            assert!(!holds(bytes, canary), "`{canary}` is in {place}");
        }
    }
    // The search finds what is there.
    let stored = places
        .iter()
        .any(|(_, bytes)| holds(bytes, "HDFC Flexi Cap Fund"));
    assert!(stored, "a scheme's name is in the database");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_id_follows_a_message_from_the_webhook_to_its_read_receipt() {
    let mut watched = Watched::start().await;
    watched.emulator.say(PHONE, "hi");
    watched.replies(1).await;
    watched.settles().await;
    watched.emulator.read_chat(PHONE).await;
    watched.settles().await;
    let log = watched.log.clone();
    until("the read receipt is logged", || {
        std::fs::read_to_string(&log)
            .unwrap()
            .contains("\"status\":\"read\"")
    })
    .await;
    watched.terminate();

    let lines: Vec<Value> = watched
        .log_text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .filter(|line: &Value| line["target"] == "message")
        .collect();
    let trace = |line: &Value| {
        let of = if line["trace_id"].is_string() {
            line
        } else {
            &line["span"]
        };
        of["trace_id"].as_str().map(str::to_owned)
    };
    let first = trace(&lines[0]).expect("the first line has a trace id");
    assert!(
        lines
            .iter()
            .all(|line| trace(line).as_ref() == Some(&first)),
        "{lines:#?}"
    );
    let told: Vec<_> = lines
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    for word in ["received", "decided", "accepted by Meta", "status received"] {
        assert!(told.contains(&word), "`{word}` is not in {told:?}");
    }
    let statuses: Vec<_> = lines
        .iter()
        .filter_map(|line| line["status"].as_str())
        .collect();
    assert!(statuses.contains(&"read"), "{statuses:?}");
}
