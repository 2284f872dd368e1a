//! The durable path alone: real database, real stages, a handler that echoes and a
//! channel that does as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use sipbrewery::clock::Clock;
use sipbrewery::contacts::{self, ContactChange, Marketing};
use sipbrewery::id::{ContactId, Ids, OutboxId};
use sipbrewery::pipeline::{
    Call, Channel, CodeMaker, Courtesy, Decision, Effect, Ground, Inbox, Intake, Lane, MediaSource,
    Message, Purpose, Receipts, Reply, Sender, SharedChannel, Turn, TurnHandler, Turns, enqueue,
    recover,
};
use sipbrewery::security::{Keyring, MasterKeys};
use sipbrewery::storage::{Conn, Db, Error};
use sipbrewery::whatsapp::media::File;
use sipbrewery::whatsapp::{Content, InboundMessage, NotUploaded, Outgoing, SendOutcome};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::TestDatabase;
use super::network::NUMBER;
use super::webhook::{self, Names};

/// How long a test waits for what must happen. A disk that others flush can stand still
/// for half a minute; a promise that is broken stays broken longer.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Messages a second where a test is not about them.
pub const RATE: u32 = 1_000;

/// What the channel does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accept,
    /// Nobody knows.
    Lose,
    /// Does not answer until the test ends.
    Hang,
    /// Is accepted once the test lets go.
    Hold,
    /// Is refused for good.
    Refuse,
    /// Is refused for good where it has pictures it could go without.
    RefusePictures,
    /// Is refused because whoever it is to stopped marketing in WhatsApp.
    Stopped,
    /// Is refused once the test lets go, because its template is paused.
    PausedOnceReleased,
    /// Nobody knows, which shows once the test lets go.
    LoseOnceReleased,
    /// Is not sent after all, which shows once the test lets go.
    HoldInVain,
    /// Meta itself is not well.
    NotWell,
    /// Is answered with an error of this code.
    Code(i64),
}

/// A running path.
pub struct Line {
    pub database: Arc<TestDatabase>,
    pub ground: Ground,
    pub inbox: Inbox,
    pub channel: Arc<Recorder>,
    stop: CancellationToken,
    stages: TaskTracker,
}

impl Line {
    pub async fn start() -> Self {
        Self::on(
            Arc::new(TestDatabase::create().await),
            MasterKeys::generate(),
            Clock::system(),
        )
        .await
    }

    pub async fn at(clock: Clock) -> Self {
        Self::on(
            Arc::new(TestDatabase::create().await),
            MasterKeys::generate(),
            clock,
        )
        .await
    }

    /// Starts on a database that may have been used before.
    pub async fn on(database: Arc<TestDatabase>, data_key: String, clock: Clock) -> Self {
        let channel = Arc::new(Recorder::default());
        let recorder = Arc::clone(&channel);
        Self::over(database, data_key, clock, recorder, channel, None, RATE).await
    }

    /// Starts with another channel in the recorder's place, a way to show what was read if
    /// it has one, and the messages a second its number may send.
    pub async fn over(
        database: Arc<TestDatabase>,
        data_key: String,
        clock: Clock,
        recorder: Arc<Recorder>,
        channel: SharedChannel,
        courtesy: Option<Arc<dyn Courtesy>>,
        per_second: u32,
    ) -> Self {
        let db = Db::open(database.url(), 5)
            .await
            .expect("the database opens");
        let ids = Ids::random();
        let masters = MasterKeys::parse(&data_key).expect("a key made by us");
        let keys = Keyring::load(&db, masters, &ids, clock.now())
            .await
            .expect("the keys load");
        let ground = Ground::new(db, keys, clock, ids, per_second);
        recover(&ground.db).await.expect("recovery runs");
        let stop = CancellationToken::new();
        let stages = TaskTracker::new();
        let mut turns = Turns::new(ground.clone(), Arc::new(Echo));
        if let Some(courtesy) = courtesy {
            turns = turns.with_receipts(Receipts::start(ground.clone(), courtesy, true));
        }
        stages.spawn(turns.run(stop.clone()));
        let sender = Sender::new(ground.clone(), channel, "1");
        let sender = sender.with_codes(Arc::new(NewCodes(ground.clone())));
        let sender = sender.with_media(recorder.clone());
        stages.spawn(sender.run(stop.clone()));
        Self {
            database,
            inbox: Inbox::start(ground.clone(), NUMBER, "2"),
            ground,
            channel: recorder,
            stop,
            stages,
        }
    }

    /// Delivers one text from a phone number; `at` is Meta's time in seconds.
    pub async fn text(&self, from: &str, wamid: &str, at: i64, body: &str) -> Intake {
        self.deliver(&webhook::text(from, wamid, at, body)).await
    }

    /// Delivers a text from somebody known by either name, or by both, a second after
    /// whatever was before: Meta counts no less.
    pub async fn says(&self, from: Names<'_>, wamid: &str, body: &str) -> Intake {
        self.ground.clock.advance(Duration::from_secs(1));
        let body = serde_json::json!({"body": body});
        let said = webhook::message(from, wamid, now(self), "text", &body);
        self.deliver(&said).await
    }

    /// Delivers a webhook as Meta does: again, for as long as it is not taken. A disk that
    /// stands still refuses what it would have taken a moment later.
    pub async fn deliver(&self, body: &[u8]) -> Intake {
        let delivering = async {
            loop {
                match self.inbox.take(body).await {
                    Intake::Unavailable => tokio::task::yield_now().await,
                    taken => return taken,
                }
            }
        };
        let taken = tokio::time::timeout(PATIENCE, delivering).await;
        taken.expect("the webhook is taken")
    }

    /// Stops every stage as SIGTERM would.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.stages.close();
        self.stages.wait().await;
    }

    /// Returns who somebody is that wrote before, by any of their names.
    pub async fn contact(&self, name: &str) -> ContactId {
        let mut conn = self.ground.db.read().await.expect("a connection");
        let found = contacts::store::find(&mut conn, &self.ground.keys, name).await;
        found
            .expect("the look-up works")
            .expect("they wrote before")
    }

    /// Enqueues a message to somebody who wrote before, and wakes the sender.
    pub async fn send(&self, to: &str, message: Outgoing, expires_at: Timestamp) {
        self.enqueue(to, message, (Lane::Reply, Purpose::Chat), expires_at)
            .await;
    }

    /// Enqueues marketing to somebody who wrote before, and wakes the sender.
    pub async fn offer(&self, to: &str, body: &str) {
        let message = Outgoing::Text {
            body: body.to_owned(),
        };
        let two_days = self.ground.clock.now() + Duration::from_hours(48);
        self.enqueue(to, message, (Lane::Marketing, Purpose::Marketing), two_days)
            .await;
    }

    async fn enqueue(
        &self,
        to: &str,
        message: Outgoing,
        (lane, purpose): (Lane, Purpose),
        expires_at: Timestamp,
    ) {
        let row = self.contact(to).await.to_string();
        let input = (self.ground.clone(), row, message);
        let sent = self
            .ground
            .db
            .write(input, move |conn, (ground, row, message)| {
                Box::pin(async move {
                    let ids = std::slice::from_ref(row);
                    let loaded = contacts::store::load(conn, &ground.keys, ids).await?;
                    let message = Message {
                        contact: loaded[row].contact.id,
                        message: message.clone(),
                        lane,
                        purpose,
                        owner_epoch: loaded[row].contact.owner_epoch,
                        answers: None,
                        trace: None,
                        disclosures: String::new(),
                        rules: 0,
                        expires_at,
                        quiet: None,
                    };
                    let now = ground.clock.now();
                    enqueue(conn, ground, &loaded[row].key, message, now).await?;
                    Ok(())
                })
            });
        sent.await.expect("it is enqueued");
        self.ground.wakes.sender.wake();
    }

    /// Runs a statement, to leave the database as another process would have.
    pub async fn leave(&self, sql: &'static str) {
        let left = self.ground.db.write(sql, |conn, sql| {
            Box::pin(async move {
                sqlx::query(*sql).execute(conn).await?;
                Ok(())
            })
        });
        left.await.expect("the statement runs");
    }

    pub async fn scalar(&self, sql: &'static str) -> i64 {
        let mut conn = self.ground.db.read().await.expect("a connection");
        sqlx::query_scalar(sql)
            .fetch_one(&mut *conn)
            .await
            .expect("the query runs")
    }

    /// Waits until a count is reached; the stages work meanwhile.
    pub async fn until(&self, sql: &'static str, wanted: i64) {
        let reached = async {
            while self.scalar(sql).await != wanted {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reached).await.is_ok();
        let found = self.scalar(sql).await;
        assert!(in_time, "`{sql}` is {found} and not {wanted}");
    }
}

/// Returns how a contact's first message ended, and when.
pub async fn first_ended(ground: &Ground, from: &str) -> (String, i64) {
    let mut conn = ground.db.read().await.expect("a connection");
    sqlx::query_as(
        "select i.outcome, i.done_at from inbox i
           join identities n on n.contact_id = i.contact_id
          where n.blind = $1 order by i.sent_at, i.id limit 1",
    )
    .bind(ground.keys.blind("wa_id", from).to_vec())
    .fetch_one(&mut *conn)
    .await
    .expect("they wrote")
}

/// How long a model takes.
pub const THOUGHT: Duration = Duration::from_secs(3);

fn is_thought_about(text: &str) -> bool {
    text.starts_with("why")
}

/// Answers every text with itself. Some words do more, and some say what the answer is for.
struct Echo;

impl TurnHandler for Echo {
    fn decide<'a>(&'a self, turn: &'a Turn) -> BoxFuture<'a, anyhow::Result<Decision>> {
        Box::pin(async move {
            let Content::Text(text) = &turn.message.content else {
                return Ok(Decision {
                    outcome: "ignored",
                    ..Decision::default()
                });
            };
            if text == "fail" {
                anyhow::bail!("asked to fail");
            }
            assert_ne!(text, "panic", "asked to panic");
            if text == "slow" {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            let thinks = is_thought_about(text);
            if thinks {
                tokio::time::sleep(THOUGHT).await;
            }
            let later = turn.later.iter().map(|later| match &later.content {
                Content::Text(text) => text.as_str(),
                _ => "?",
            });
            let all: Vec<&str> = std::iter::once(text.as_str()).chain(later).collect();
            let text = &all.join(" + ");
            let changes = match text.as_str() {
                "agent" => vec![ContactChange::HandOff("asked".to_owned())],
                "join" => vec![ContactChange::Marketing(Marketing::OptedIn)],
                _ => Vec::new(),
            };
            let session = sipbrewery::pipeline::StoredSession {
                version: 1,
                generation: turn.session.as_ref().map_or(0, |s| s.generation) + 1,
                state: text.as_bytes().to_vec(),
            };
            let held = turn.contact.owner == sipbrewery::contacts::Owner::Human;
            let effects: Vec<Box<dyn Effect>> = match text.as_str() {
                "away" => vec![Box::new(Away::default())],
                "unheard" => vec![Box::new(Away::after_the_commit())],
                _ => Vec::new(),
            };
            let is_silent = held || text == "unheard";
            Ok(Decision {
                session: Some(session),
                replies: if is_silent {
                    Vec::new()
                } else {
                    vec![say(text)]
                },
                changes,
                heard: None,
                effects,
                is_provisional: thinks,
                outcome: if held { "held" } else { "answered" },
            })
        })
    }

    fn apologise(&self, _: &Turn) -> Vec<Reply> {
        vec![say("sorry")]
    }

    fn takes_in(&self, turn: &Turn, later: &InboundMessage) -> bool {
        let is_thought_about =
            matches!(&turn.message.content, Content::Text(text) if is_thought_about(text));
        let is_no_yes = matches!(&later.content, Content::Text(text) if text != "yes");
        is_thought_about && is_no_yes
    }
}

/// A database that goes away as a turn is written: twice, since a write that shared its
/// commit is run again by itself.
#[derive(Default)]
struct Away {
    times: AtomicU32,
    is_committed: bool,
}

impl Away {
    /// On PostgreSQL: it is committed, and nobody hears of it. Once.
    fn after_the_commit() -> Self {
        Self {
            is_committed: true,
            ..Self::default()
        }
    }
}

impl Effect for Away {
    fn apply<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let times = self.times.fetch_add(1, Ordering::SeqCst);
            if times >= if self.is_committed { 1 } else { 2 } {
                return Ok(());
            }
            if self.is_committed {
                sqlx::query("commit").execute(conn).await?;
            }
            Err(Error::Unavailable("it went away".to_owned()))
        })
    }
}

fn say(text: &str) -> Reply {
    Reply {
        message: Outgoing::Text {
            body: text.to_owned(),
        },
        purpose: match text {
            "code" => Purpose::Code,
            "money" => Purpose::Money,
            "marketing" => Purpose::Marketing,
            _ => Purpose::Chat,
        },
        disclosures: Vec::new(),
    }
}

/// What a lost code is replaced by.
pub const NEW_CODE: &str = "a new code";

/// Makes new codes, as whoever sends codes does.
struct NewCodes(Ground);

impl CodeMaker for NewCodes {
    fn replace<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        _: OutboxId,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let Self(ground) = self;
            let row = contact.to_string();
            let ids = std::slice::from_ref(&row);
            let loaded = contacts::store::load(conn, &ground.keys, ids).await?;
            let message = Message {
                contact,
                message: Outgoing::Text {
                    body: NEW_CODE.to_owned(),
                },
                lane: Lane::Reply,
                purpose: Purpose::Code,
                owner_epoch: loaded[&row].contact.owner_epoch,
                answers: None,
                trace: None,
                disclosures: String::new(),
                rules: 0,
                expires_at: Timestamp::MAX,
                quiet: None,
            };
            enqueue(conn, ground, &loaded[&row].key, message, now).await?;
            Ok(())
        })
    }
}

/// A channel that remembers.
#[derive(Default)]
pub struct Recorder {
    calls: Mutex<Vec<Call>>,
    fates: Mutex<HashMap<String, Fate>>,
    /// What is kept to go with messages.
    files: Mutex<HashMap<String, File>>,
    /// Names of the files that were handed over.
    uploads: Mutex<Vec<String>>,
    /// What becomes of the next uploads; without one they work.
    refusals: Mutex<VecDeque<NotUploaded>>,
    /// Whether uploads get no answer.
    are_hanging: AtomicBool,
    called: Notify,
    released: CancellationToken,
}

impl Recorder {
    /// Says what is to become of messages with this text.
    pub fn fate(&self, text: &str, fate: Fate) {
        self.fates.lock().unwrap().insert(text.to_owned(), fate);
    }

    /// Keeps a file under a name.
    pub fn keep(&self, name: &str, file: File) {
        self.files.lock().unwrap().insert(name.to_owned(), file);
    }

    /// Has the next file not taken.
    pub fn refuse_upload(&self, why: NotUploaded) {
        self.refusals.lock().unwrap().push_back(why);
    }

    /// Has no file get an answer.
    pub fn hang_uploads(&self) {
        self.are_hanging.store(true, Ordering::Relaxed);
    }

    /// Returns the names of the files that were handed over, or were to be.
    pub fn uploads(&self) -> Vec<String> {
        self.uploads.lock().unwrap().clone()
    }

    /// Lets go of everything that is held.
    pub fn release(&self) {
        self.released.cancel();
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Returns the texts sent so far, in order.
    pub fn texts(&self) -> Vec<String> {
        self.calls().iter().map(words).collect()
    }

    /// Waits until this many calls were made.
    pub async fn made(&self, count: usize) -> Vec<Call> {
        let waiting = async {
            loop {
                let called = self.called.notified();
                if self.calls().len() >= count {
                    return;
                }
                called.await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        let texts = self.texts();
        assert!(
            in_time,
            "{} calls were made and not {count}: {texts:?}",
            texts.len()
        );
        self.calls()
    }
}

fn words(call: &Call) -> String {
    call.message.words().to_owned()
}

impl MediaSource for Recorder {
    fn fetch<'a>(
        &'a self,
        _: ContactId,
        name: &'a str,
    ) -> BoxFuture<'a, anyhow::Result<Option<File>>> {
        let found = self.files.lock().unwrap().get(name).cloned();
        Box::pin(async move { Ok(found) })
    }
}

impl Channel for Recorder {
    fn upload(&self, file: File) -> BoxFuture<'_, Result<String, NotUploaded>> {
        Box::pin(async move {
            if self.are_hanging.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            let mut uploads = self.uploads.lock().unwrap();
            uploads.push(file.name);
            let refused = self.refusals.lock().unwrap().pop_front();
            refused.map_or_else(|| Ok(format!("media.{}", uploads.len())), Err)
        })
    }

    fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, SendOutcome> {
        Box::pin(async move {
            let text = words(call);
            let number = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(call.clone());
                calls.len()
            };
            self.called.notify_waiters();
            let fate = self
                .fates
                .lock()
                .unwrap()
                .get(&text)
                .copied()
                .unwrap_or(Fate::Accept);
            let has_pictures = call.message.without_pictures().is_some();
            match fate {
                Fate::RefusePictures if has_pictures => SendOutcome::Permanent {
                    code: 131_009,
                    reason: "Parameter value is not valid".to_owned(),
                },
                Fate::Accept | Fate::RefusePictures => SendOutcome::Accepted {
                    wamid: format!("wamid.out.{number}"),
                },
                Fate::Lose => lost(),
                Fate::LoseOnceReleased => {
                    self.released.cancelled().await;
                    lost()
                }
                Fate::Hang => std::future::pending().await,
                Fate::Refuse => SendOutcome::Permanent {
                    code: 131_026,
                    reason: "Message undeliverable".to_owned(),
                },
                Fate::Stopped => SendOutcome::Permanent {
                    code: 131_050,
                    reason: "User has stopped marketing messages".to_owned(),
                },
                Fate::PausedOnceReleased => {
                    self.released.cancelled().await;
                    SendOutcome::Permanent {
                        code: 132_015,
                        reason: "Template is Paused".to_owned(),
                    }
                }
                Fate::Code(code) => {
                    let body = serde_json::json!({"error": {"code": code, "message": "no"}});
                    SendOutcome::from_answer(400, body.to_string().as_bytes(), None)
                }
                Fate::NotWell => {
                    let error = serde_json::json!({"code": 190, "is_transient": true});
                    let body = serde_json::json!({ "error": error });
                    SendOutcome::from_answer(500, body.to_string().as_bytes(), None)
                }
                Fate::HoldInVain => {
                    self.released.cancelled().await;
                    SendOutcome::Retry {
                        after: Duration::ZERO,
                        code: None,
                        is_its_own: false,
                    }
                }
                Fate::Hold => {
                    self.released.cancelled().await;
                    SendOutcome::Accepted {
                        wamid: format!("wamid.out.{number}"),
                    }
                }
            }
        })
    }
}

fn lost() -> SendOutcome {
    SendOutcome::Unknown {
        code: None,
        reason: "timed out".to_owned(),
    }
}

pub fn now(line: &Line) -> i64 {
    line.ground.clock.now().as_second()
}

/// A clock that stands at ten in the morning in India.
pub fn morning() -> Clock {
    Clock::standing("2026-08-24T04:30:00Z".parse::<Timestamp>().expect("a time"))
}
