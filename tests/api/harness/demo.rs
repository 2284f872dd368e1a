//! The whole demo in this process: the service, Meta and the exchange, over loopback
//! HTTP, on one clock that is moved.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sipbrewery::app::form_desk::FormDesk;
use sipbrewery::app::{self, App, demo};
use sipbrewery::clock::ist;
use sipbrewery::config::Settings;
use sipbrewery::http::{self, Listener};
use sipbrewery::id::{ContactId, Ids};
use sipbrewery::investing::orders::service::Dealing;
use sipbrewery::lifecycle::Lifecycle;
use sipbrewery::sandbox::{Emulator, Exchange};
use sipbrewery::security::MasterKeys;

use super::TestDatabase;
use super::app::{PATIENCE, client, id_of, media_folder};

/// The demo's whole investor.
pub const ASHA: &str = "919000000000";

/// Nothing is left to do before the clock moves.
const AT_REST: &str = "
    select (select count(*) from jobs where state = 'waiting' and run_at <= $1)
         + (select count(*) from business_events where told_at is null)
         + (select count(*) from notices where state in ('waiting', 'handed') and due_at <= $1)
         + (select count(*) from inbox where state = 'waiting')
         + (select count(*) from outbox where state = 'sending' or state = 'queued' and due_at <= $1)
         + (select count(*) from orders where submission in ('waiting', 'asking'))
         + (select count(*) from mandates where submission in ('waiting', 'asking'))";

/// A running demo and its investor.
pub struct DemoApp {
    pub app: App,
    pub emulator: Emulator,
    pub exchange: Exchange,
    pub asha: ContactId,
    database: TestDatabase,
    /// What speaks to the account at the other end of forms.
    pub forms: FormDesk,
    http: reqwest::Client,
    address: SocketAddr,
    settings: Settings,
    lifecycle: Lifecycle,
}

impl DemoApp {
    /// Starts it and waits until Asha may deal, her chat open.
    pub async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = TestDatabase::create().await;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(any).await.expect("a free port");
        let environment: HashMap<&str, String> = HashMap::from([
            ("DATABASE_URL", database.url().to_owned()),
            ("MEDIA_FOLDER", media_folder(&database)),
            ("DATA_KEY", MasterKeys::generate()),
            ("HTTP_ADDR", listener.address().to_string()),
        ]);
        let settings = Settings::from_lookup(|name| environment.get(name).cloned());
        let settings = settings.expect("the settings are in order");
        let app = App::open(&settings, demo::clock(), Ids::random())
            .await
            .expect("the service opens");
        let lifecycle = Lifecycle::default();
        let address = listener.address();
        let other = demo::start(&app, address, database.folder())
            .await
            .expect("the demo starts");
        other.emulator.spawn_delivery(lifecycle.stopping());
        app.connect_gateway(other.paper.as_ref())
            .expect("the gateway is built");
        let exchange = other.exchange.expect("a demo has an exchange");
        let (running, stopping) = (exchange.clone(), lifecycle.stopping());
        lifecycle.spawn_named("exchange", async move {
            running.run(stopping).await;
            Ok::<(), std::convert::Infallible>(())
        });
        let credentials = app::credentials(&settings);
        let forms = FormDesk::new(&app, &credentials, &other.graph_url).expect("a desk");
        app.start(&credentials, &other.graph_url, &lifecycle)
            .await
            .expect("the stages start");
        let render = Arc::new(String::new);
        let routes = app
            .routes(&credentials, render, other.routes, &lifecycle)
            .expect("the routes are built");
        lifecycle.spawn_named("http", http::serve(listener, routes, lifecycle.clone()));
        let asha = app.find_contact(ASHA).await.expect("Asha is known");
        let demo = Self {
            app,
            emulator: other.emulator,
            exchange,
            asha,
            database,
            forms,
            http: client(),
            address,
            settings,
            lifecycle,
        };
        demo.until(
            "select count(*) from exchange_accounts where state = 'active'",
            1,
        )
        .await;
        demo.emulator.user_says(ASHA, "hi").await;
        demo.rest().await;
        demo
    }

    /// Returns the files in the media folder.
    pub fn kept_files(&self) -> Vec<std::path::PathBuf> {
        let shelves = std::fs::read_dir(media_folder(&self.database));
        let shelves = shelves.into_iter().flatten().flatten();
        let files = shelves.filter_map(|shelf| std::fs::read_dir(shelf.path()).ok());
        files.flatten().flatten().map(|file| file.path()).collect()
    }

    pub fn dealing(&self) -> &Dealing {
        self.app.dealing().expect("a demo deals")
    }

    /// Returns the day it is in India.
    pub fn today(&self) -> jiff::civil::Date {
        self.app.ground.clock.now().to_zoned(ist()).date()
    }

    /// Moves the clock, and waits until everything that became due has happened.
    pub async fn pass(&self, span: Duration) {
        self.app.ground.clock.advance(span);
        self.rest().await;
    }

    /// Moves the clock by days, each with its nights and notices.
    pub async fn days(&self, count: u32) {
        for _ in 0..count {
            self.pass(Duration::from_hours(24)).await;
        }
    }

    /// Waits until nothing is left to do.
    pub async fn rest(&self) {
        let resting = async {
            let mut still = 0;
            self.emulator.acknowledged().await;
            // The exchange tells of what it did a moment after it did it.
            while still < 3 {
                assert!(self.exchange.settle().await, "its file can be written");
                self.wake();
                let told = self.exchange.undelivered() == 0;
                let busy = self.count_at(AT_REST).await;
                still = if told && busy == 0 { still + 1 } else { 0 };
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::time::timeout(PATIENCE, resting).await;
        let left = self.exchange.undelivered();
        let busy = self.count_at(AT_REST).await;
        assert!(
            ended.is_ok(),
            "{busy} things and {left} notices never settled"
        );
    }

    fn wake(&self) {
        let wakes = &self.app.ground.wakes;
        wakes.jobs.wake();
        wakes.files.wake();
        wakes.events.wake();
        wakes.sender.wake();
    }

    async fn count_at(&self, sql: &'static str) -> i64 {
        let mut conn = self.app.ground.db.read().await.expect("a connection");
        sqlx::query_scalar(sql)
            .bind(self.app.ground.clock.now().as_millisecond())
            .fetch_one(&mut *conn)
            .await
            .expect("the query runs")
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

    /// Returns how many rows of each table that has one for a contact are this contact's.
    pub async fn rows_of(&self, contact: ContactId) -> Vec<(String, i64)> {
        let tables = if self.database.is_postgres() {
            "select c.table_name::text from information_schema.columns c
               join information_schema.tables t
                 on t.table_name = c.table_name and t.table_schema = c.table_schema
              where c.column_name = 'contact_id' and t.table_type = 'BASE TABLE'
                and c.table_schema = 'public'"
        } else {
            "select m.name from sqlite_master m, pragma_table_info(m.name) p
              where m.type = 'table' and p.name = 'contact_id'"
        };
        self.count_each(tables, &format!("contact_id = '{contact}'"))
            .await
    }

    /// Returns how many rows each table has.
    pub async fn rows(&self) -> Vec<(String, i64)> {
        let tables = if self.database.is_postgres() {
            "select table_name::text from information_schema.tables
              where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name"
        } else {
            "select name from sqlite_master where type = 'table' order by name"
        };
        self.count_each(tables, "true").await
    }

    /// Returns how many of the rows of each of these tables are so.
    async fn count_each(&self, tables: &'static str, which: &str) -> Vec<(String, i64)> {
        let mut conn = self.app.ground.db.read().await.expect("a connection");
        let names: Vec<String> = sqlx::query_scalar(tables)
            .fetch_all(&mut *conn)
            .await
            .expect("the tables are listed");
        assert!(names.len() > 20, "{names:?}");
        let mut rows = Vec::new();
        for name in names {
            let count = format!("select count(*) from {name} where {which}");
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
                .fetch_one(&mut *conn)
                .await
                .expect("the rows are counted");
            rows.push((name, count));
        }
        rows
    }

    /// Taps the newest button or row of Asha's with this title.
    pub async fn taps(&self, title: &str) {
        self.taps_as(ASHA, title).await;
    }

    /// Taps the newest button or row of somebody's with this title.
    pub async fn taps_as(&self, who: &str, title: &str) {
        let chat = self.emulator.chat(who);
        let found = chat.iter().rev().find_map(|bubble| {
            let id = id_of(&bubble.content["action"], title)?;
            Some((bubble.wamid.clone(), id))
        });
        let (message, id) = found.unwrap_or_else(|| panic!("`{title}` is nowhere to tap"));
        let tapped = self.emulator.tap(who, &message, &id).await;
        tapped.expect("what is shown can be tapped");
    }

    /// Returns everything said to Asha so far.
    pub fn said(&self) -> Vec<String> {
        let accepted = self.emulator.accepted();
        let hers = accepted.into_iter().filter(|a| a.to == ASHA);
        hers.map(|a| a.text.clone()).collect()
    }

    /// Returns how often Asha was told something with all these words in it.
    pub fn told(&self, words: &[&str]) -> usize {
        let said = self.said();
        let with_all = |text: &&String| words.iter().all(|word| text.contains(word));
        said.iter().filter(with_all).count()
    }

    /// Returns the newest link on Asha's phone to a page about something.
    pub fn link(&self, about: &str) -> String {
        let wanted = format!("/pages/{about}/");
        let said = self.said();
        let found = said.iter().rev().find_map(|text| {
            let words = text.split_whitespace();
            let mut links = words.filter(|word| word.starts_with("http") && word.contains(&wanted));
            links.next().map(str::to_owned)
        });
        found.unwrap_or_else(|| panic!("no link about {about} in {said:?}"))
    }

    /// Returns the copy of their data behind the newest link to a document in somebody's chat.
    pub async fn copy_of(&self, who: &str) -> String {
        let chat = self.emulator.chat(who);
        let mut links = chat.iter().rev().filter_map(|bubble| {
            let link = bubble.content["action"]["parameters"]["url"].as_str()?;
            link.contains("/documents/").then_some(link)
        });
        let link = links.next().expect("a link to the copy");
        let token = link.rsplit('/').next().expect("a token");
        let copy = self.app.documents().fetch(token).await;
        let copy = copy.expect("it is read").expect("it is kept");
        String::from_utf8(copy.bytes).expect("it is text")
    }

    /// Opens a page of the exchange, demands that it shows all these words, and taps a
    /// button of it; returns the page that follows.
    pub async fn walks(&self, link: &str, shows: &[&str], act: &str) -> String {
        let page = self.http.get(link).send().await.expect("the page opens");
        assert!(page.status().is_success(), "{link} is {}", page.status());
        let page = page.text().await.expect("a page");
        for words in shows {
            assert!(page.contains(words), "`{words}` is not on {page}");
        }
        assert!(
            page.contains(&format!("value=\"{act}\"")),
            "no button `{act}` on {page}"
        );
        let form = "application/x-www-form-urlencoded";
        let posted = self.http.post(link).header("content-type", form);
        let posted = posted.body(format!("act={act}")).send().await;
        let next = posted.expect("the button works");
        assert!(next.status().is_success(), "{act} is {}", next.status());
        let next = next.url().to_string();
        self.rest().await;
        next
    }

    /// Has the exchange stop Asha's account, or let it go on (`suspend`, `reinstate`).
    pub async fn holds_account(&self, act: &str) {
        let control = format!("http://{}/sandbox/exchange/control", self.address);
        let all = self.http.get(&control).send().await.expect("an answer");
        let all: Value = all.json().await.expect("JSON");
        let ucc = all["investors"][0]["ucc"].as_str().expect("an account");
        let url = format!("{control}/investors/{ucc}/{act}");
        let held = self.http.post(url).send().await.expect("an answer");
        assert!(held.status().is_success(), "{act} is {}", held.status());
        self.rest().await;
    }

    /// Posts to the endpoint of forms as somebody else than Meta might; returns the status.
    pub async fn post_form(&self, signature: Option<&str>, body: &'static [u8]) -> u16 {
        let url = format!("http://{}/webhooks/whatsapp/flows", self.address);
        let mut request = self.http.post(url).body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        let answer = request.send().await.expect("the endpoint answers");
        answer.status().as_u16()
    }

    /// Opens the service once more on the same records, as a command beside it does.
    pub async fn beside(&self) -> App {
        App::open(&self.settings, demo::clock(), Ids::random())
            .await
            .expect("a command opens the service")
    }

    /// Stops as SIGTERM would: everything that was begun ends, and nothing broke.
    pub async fn stop(self) {
        self.lifecycle.stop();
        self.lifecycle
            .finish(PATIENCE)
            .await
            .expect("everything stops");
        assert_eq!(self.lifecycle.broken(), None);
        self.app.ground.db.close().await;
    }
}
