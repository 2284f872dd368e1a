//! The demo, whole, in this process: real HTTP both ways, the emulator, the paper
//! exchange, a database of its own, and a clock that can be moved.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use sipbrewery::app::{self, App, demo};
use sipbrewery::clock::{Clock, ist};
use sipbrewery::config::Settings;
use sipbrewery::http::{self, Listener};
use sipbrewery::id::Ids;
use sipbrewery::lifecycle::Lifecycle;
use sipbrewery::sandbox::{Attachment, Bubble, Emulator, Exchange, Tick, personas};
use sipbrewery::security::MasterKeys;

use crate::harness::TestDatabase;
use crate::harness::app::{PATIENCE, client, media_folder, recorded};

const NAVS: &str = include_str!("../../../demo/amfi/NAVAll.txt");
const RULES: &str = include_str!("../../../demo/scheme-rules.csv");
/// Schemes with names much alike, beside those that can be bought.
const FUNDS: [&str; 4] = [
    "HDFC Flexi Cap",
    "HDFC Liquid",
    "Axis ELSS Tax Saver",
    "Parag Parikh Flexi Cap",
];

/// A demo and where its people stand in their chats.
pub struct Stage {
    database: TestDatabase,
    folder: tempfile::TempDir,
    settings: Settings,
    pub clock: Clock,
    on: Option<On>,
    /// How many messages of each chat were looked at.
    seen: HashMap<String, usize>,
    /// The page of the exchange that somebody's browser shows.
    page: Option<String>,
}

/// The service, as long as it runs.
struct On {
    app: App,
    emulator: Emulator,
    exchange: Exchange,
    lifecycle: Lifecycle,
}

/// Nothing is left to do before the clock moves; what paces a chat is seconds away.
const AT_REST: &str = "
    select (select count(*) from inbox where state = 'waiting')
         + (select count(*) from outbox where state = 'sending'
             or (state = 'queued' and due_at <= $1 + 10000))
         + (select count(*) from jobs where state = 'waiting' and run_at <= $1)
         + (select count(*) from business_events where told_at is null)
         + (select count(*) from notices where state in ('waiting', 'handed') and due_at <= $1)
         + (select count(*) from orders where submission in ('waiting', 'asking'))
         + (select count(*) from mandates where submission in ('waiting', 'asking'))
         + (select count(*) from plans where submission in ('waiting', 'asking'))";

impl Stage {
    /// Starts a demo whose clock reads `begins`.
    pub async fn set(begins: Option<jiff::Timestamp>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = TestDatabase::create().await;
        let given = HashMap::from([
            ("DATABASE_URL", database.url().to_owned()),
            ("DATA_KEY", MasterKeys::generate()),
            ("NAV_SOURCE_URL", "off".to_owned()),
            ("MEDIA_FOLDER", media_folder(&database)),
        ]);
        let settings = Settings::from_lookup(|name| given.get(name).cloned());
        let mut stage = Self {
            database,
            folder: tempfile::tempdir().expect("a temporary folder"),
            settings: settings.expect("the settings are in order"),
            clock: begins.map_or_else(demo::clock, Clock::starting_at),
            on: None,
            seen: HashMap::new(),
            page: None,
        };
        stage.start().await;
        // Asha may deal from the first word on.
        let opened = async {
            let account = "select count(*) from exchange_accounts where state = 'active'";
            while stage.scalar(account).await == 0 {
                stage.left_to_do().await;
                look_again().await;
            }
        };
        let opened = tokio::time::timeout(PATIENCE, opened).await;
        opened.expect("Asha's account with the exchange opens");
        stage
    }

    async fn start(&mut self) {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(any).await.expect("a free port");
        let address = listener.address();
        let app = App::open(&self.settings, self.clock.clone(), Ids::random())
            .await
            .expect("the service opens");
        if app.investing.catalog().is_empty() {
            // The demo leaves it at these: thousands more would only take time.
            app.investing
                .import_navs(navs().as_bytes(), "test", self.clock.now())
                .await
                .expect("the NAVs import");
        }
        let lifecycle = Lifecycle::default();
        let demo = demo::start(&app, address, self.folder.path())
            .await
            .expect("the demo starts");
        demo.emulator.spawn_delivery(lifecycle.stopping());
        app.connect_gateway(demo.paper.as_ref())
            .expect("the exchange is reachable");
        let exchange = demo.exchange.expect("a demo has an exchange");
        let (running, stopping) = (exchange.clone(), lifecycle.stopping());
        lifecycle.spawn_named("exchange", async move {
            running.run(stopping).await;
            Ok::<(), std::convert::Infallible>(())
        });
        let credentials = app::credentials(&self.settings);
        app.start(&credentials, &demo.graph_url, &lifecycle)
            .await
            .expect("the stages start");
        let render = Arc::new(move || recorded().render());
        let routes = app
            .routes(&credentials, render, demo.routes, &lifecycle)
            .expect("the routes are built");
        lifecycle.spawn_named("http", http::serve(listener, routes, lifecycle.clone()));
        self.on = Some(On {
            app,
            emulator: demo.emulator,
            exchange,
            lifecycle,
        });
    }

    /// Ends the service as SIGTERM would.
    async fn end(&mut self) {
        let on = self.on.take().expect("it runs");
        on.lifecycle.stop();
        on.lifecycle.finish(PATIENCE).await.expect("it stops");
        assert_eq!(on.lifecycle.broken(), None);
        on.app.ground.db.close().await;
    }

    /// Ends the service and starts it again, over the same database.
    pub async fn restart(&mut self, who: &str) {
        self.settle(who).await;
        self.end().await;
        self.start().await;
    }

    /// Ends the service for good.
    pub async fn close(mut self) {
        self.end().await;
        drop(self.database);
    }

    fn on(&self) -> &On {
        self.on.as_ref().expect("it runs")
    }

    /// Moves the clock by minutes.
    pub fn waits(&self, minutes: i64) {
        self.clock.shift_millis(minutes * 60_000);
    }

    /// Moves the clock to the next time it is this time of day in India.
    pub fn waits_until(&self, time: jiff::civil::Time) {
        let now = self.clock.now().to_zoned(ist());
        let mut day = now.date();
        if time <= now.time() {
            day = day.tomorrow().expect("a day after this one");
        }
        let then = day.to_datetime(time).to_zoned(ist());
        let then = then.expect("every time of day exists there").timestamp();
        self.clock
            .shift_millis(then.as_millisecond() - self.clock.now().as_millisecond());
    }

    pub async fn says(&self, who: &str, texts: &[String]) {
        let key = key(who);
        match texts {
            [one] => drop(self.on().emulator.user_says(&key, one).await),
            several => {
                for text in several {
                    self.on().emulator.say(&key, text);
                    // Meta's time is in seconds: what is written in one second is taken in
                    // the order it arrives in.
                    self.arrived(&key).await;
                }
            }
        }
    }

    pub async fn sends(&self, who: &str, what: &str) -> Result<(), String> {
        let attachment = match what {
            "a voice note" => Attachment::Voice,
            "a sticker" => Attachment::Sticker,
            "a picture" => Attachment::Picture,
            "a document" => Attachment::Document,
            "a location" => Attachment::Location,
            _ => return Err(format!("nobody can send `{what}` here")),
        };
        self.on()
            .emulator
            .user_attaches(&key(who), attachment)
            .await;
        Ok(())
    }

    /// Taps what has this label, on the newest message that has it or the oldest.
    pub async fn taps(&self, who: &str, label: &str, newest: bool) -> Result<(), String> {
        let key = key(who);
        let chat = self.on().emulator.chat(&key);
        let mut found = chat.iter().filter_map(|bubble| {
            let choices = choices(bubble).into_iter();
            let (id, _) = choices.rev().find(|(_, title)| title == label)?;
            Some((bubble.wamid.clone(), id))
        });
        let found = if newest {
            found.next_back()
        } else {
            found.next()
        };
        let (message, id) = found.ok_or_else(|| format!("`{label}` is nowhere to tap"))?;
        let tapped = self.on().emulator.tap(&key, &message, &id).await;
        tapped.map(drop).map_err(|error| error.to_string())
    }

    pub async fn release(&self, who: &str) -> Result<(), String> {
        match self.on().app.release(&key(who), "operator").await {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("no person held the conversation of {who}")),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    /// Waits until everything that somebody said has arrived.
    async fn arrived(&self, key: &str) {
        let has_arrived = |bubble: &Bubble| !bubble.mine || bubble.tick >= Tick::Delivered;
        while !self.on().emulator.chat(key).iter().all(has_arrived) {
            look_again().await;
        }
    }

    /// Waits until everything that somebody said has arrived, everything that arrived is
    /// decided and everything decided is done and told.
    pub async fn settle(&self, who: &str) {
        let key = key(who);
        let settled = async {
            self.arrived(&key).await;
            let mut still = 0;
            // The exchange tells of what it did a moment after it did it.
            while still < 2 {
                let on = self.on();
                let is_kept = on.exchange.settle().await;
                let is_told = is_kept && on.exchange.undelivered() == 0;
                let is_idle = is_told && self.left_to_do().await == 0;
                still = if is_idle { still + 1 } else { 0 };
                if !is_idle {
                    look_again().await;
                }
            }
        };
        // What is still open then is seen by the checks.
        let _ = tokio::time::timeout(PATIENCE, settled).await;
    }

    async fn left_to_do(&self) -> i64 {
        let ground = &self.on().app.ground;
        ground.wakes.jobs.wake();
        ground.wakes.files.wake();
        ground.wakes.events.wake();
        ground.wakes.sender.wake();
        let mut conn = ground.db.read().await.expect("a connection");
        let left = sqlx::query_scalar(AT_REST)
            .bind(ground.clock.now().as_millisecond())
            .fetch_one(&mut *conn)
            .await;
        left.expect("the query runs")
    }

    /// Goes to the page of the exchange about this (`order`, `payment`, `plan`, `mandate`,
    /// `investor`), which is open already or behind somebody's newest link, and approves or
    /// refuses there.
    pub async fn decides(&mut self, who: &str, about: &str, approves: bool) -> Result<(), String> {
        self.settle(who).await;
        let chat = self.on().emulator.chat(&key(who));
        let wanted = format!("/pages/{about}/");
        let sent = chat.iter().rev().find_map(|bubble| {
            let mut words = bubble.text.split_whitespace();
            let link = words.find(|word| word.starts_with("http") && word.contains(&wanted));
            link.map(str::to_owned)
        });
        let open = self.page.take().filter(|page| page.contains(&wanted));
        let link = open
            .or(sent)
            .ok_or_else(|| format!("no link about `{about}` was sent to {who}"))?;
        let act = match (about, approves) {
            ("payment", true) => "pay",
            ("payment", false) => "fail",
            (_, true) => "approve",
            (_, false) => "refuse",
        };
        let form = "application/x-www-form-urlencoded";
        let posted = client().post(link).header("content-type", form);
        let posted = posted.body(format!("act={act}")).send().await;
        let page = posted.map_err(|error| error.to_string())?;
        if page.status().is_success() {
            self.page = Some(page.url().to_string());
            return Ok(());
        }
        Err(format!("the page about `{about}` says {}", page.status()))
    }

    /// Returns the next message to somebody that was not looked at; waits for it.
    pub async fn next(&mut self, who: &str) -> Option<Bubble> {
        let found = async {
            loop {
                if let Some(bubble) = self.unseen(who).into_iter().next() {
                    return bubble;
                }
                look_again().await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await.ok()?;
        *self.seen.entry(who.to_owned()).or_default() += 1;
        Some(found)
    }

    /// Returns what was said to somebody and not looked at.
    pub fn unseen(&self, who: &str) -> Vec<Bubble> {
        let chat = self.on().emulator.chat(&key(who)).into_iter();
        let theirs = chat.filter(|bubble| !bubble.mine);
        theirs.skip(*self.seen.get(who).unwrap_or(&0)).collect()
    }

    pub async fn scalar(&self, sql: &'static str) -> i64 {
        let mut conn = self.on().app.ground.db.read().await.expect("a connection");
        let count = sqlx::query_scalar(sql).fetch_one(&mut *conn).await;
        count.expect("the query runs")
    }
}

/// Leaves the machine to the service for a moment: a look that never rests would starve
/// what it waits for.
async fn look_again() {
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
    tick.tick().await;
    tick.tick().await;
}

/// What can be tapped on a message: id and label.
pub fn choices(bubble: &Bubble) -> Vec<(String, String)> {
    let action = &bubble.content["action"];
    let buttons = action["buttons"].as_array().into_iter().flatten();
    let sections = action["sections"].as_array().into_iter().flatten();
    let rows = sections.filter_map(|s| s["rows"].as_array()).flatten();
    let cards = action["cards"].as_array().into_iter().flatten();
    let on_cards = cards
        .filter_map(|card| card["action"]["buttons"].as_array())
        .flatten()
        .map(|button| &button["quick_reply"]);
    let all = buttons
        .map(|button| &button["reply"])
        .chain(rows)
        .chain(on_cards);
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    all.filter_map(|choice| Some((text(&choice["id"])?, text(&choice["title"])?)))
        .collect()
}

/// The name the emulator knows a persona by.
fn key(who: &str) -> String {
    let people = personas();
    let found = people.iter().find(|person| person.name == who);
    let found = found.unwrap_or_else(|| panic!("`{who}` is none of the demo's people"));
    found.key().to_owned()
}

/// The shipped NAVs of what can be bought or is told apart here.
fn navs() -> String {
    let kept = |line: &&str| {
        let code = line.split(';').next().unwrap_or("");
        !line.contains(';')
            || RULES
                .lines()
                .any(|rule| rule.split(',').next() == Some(code))
            || FUNDS.iter().any(|fund| line.contains(fund))
    };
    let first = NAVS.lines().take(1);
    let rest = NAVS.lines().skip(1).filter(kept);
    first.chain(rest).collect::<Vec<_>>().join("\r\n")
}
