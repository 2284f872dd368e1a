//! P2 at its widest: whatever Meta tells, told once and in order, or up to ten times,
//! shuffled, in other batches and across restarts, comes to the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sipbrewery::clock::Clock;
use sipbrewery::contacts::store::identify;
use sipbrewery::pipeline::Intake;
use sipbrewery::security::MasterKeys;
use sipbrewery::storage::Db;
use sipbrewery::whatsapp::Sender;

use super::standing::{Standing, standing};
use super::world::{BEGINS, Sent, World};
use crate::harness::app::hex;
use crate::harness::scale::scale;
use crate::harness::{Line, TestDatabase};

/// Events; `PROOF_SCALE=200` makes 100,000 of them.
const EVENTS: usize = 500;
/// Deliveries of one event at most, events in one webhook at most, webhooks at a time.
const COPIES: usize = 10;
const TOGETHER: usize = 1_000;
const AT_ONCE: usize = 4;
const RESTARTS: usize = 3;
/// Events in one webhook where each is told once and in order.
const IN_ORDER: usize = 5;

/// A line on a database that goes on after a restart.
struct Path {
    database: Arc<TestDatabase>,
    data_key: String,
    line: Line,
}

impl Path {
    /// Starts where what is known before is the same for everybody: whom messages of ours
    /// go to. With the same key names have the same keyed hashes.
    async fn start(data_key: &str, index_key: Option<&[Vec<u8>; 3]>, world: &World) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        if let Some(key) = index_key {
            let db = Db::open(database.url(), 1).await.expect("it opens");
            let put = db.write(key.clone(), |conn, [id, by, wrapped]| {
                Box::pin(async move {
                    sqlx::query(
                        "insert into keys (id, purpose, wrapped_by, wrapped, created_at)
                         values ($1, 'index', $2, $3, 1)",
                    )
                    .bind(String::from_utf8(id.clone()).expect("text"))
                    .bind(String::from_utf8(by.clone()).expect("text"))
                    .bind(wrapped)
                    .execute(conn)
                    .await?;
                    Ok(())
                })
            });
            put.await.expect("the key is there");
            db.close().await;
        }
        let line = Self::open(&database, data_key).await;
        for sent in world.sent.chunks(100) {
            send(&line, sent).await;
        }
        Self {
            database,
            data_key: data_key.to_owned(),
            line,
        }
    }

    async fn open(database: &Arc<TestDatabase>, data_key: &str) -> Line {
        let noon = "2026-11-20T06:30:00Z".parse().expect("a time");
        let clock = Clock::standing(noon);
        Line::on(Arc::clone(database), data_key.to_owned(), clock).await
    }

    async fn restart(self) -> Self {
        self.line.stop().await;
        self.line.ground.db.close().await;
        let line = Self::open(&self.database, &self.data_key).await;
        Self { line, ..self }
    }

    async fn index_key(&self) -> [Vec<u8>; 3] {
        let mut conn = self.line.ground.db.read().await.expect("a connection");
        let (id, by, wrapped): (String, String, Vec<u8>) =
            sqlx::query_as("select id, wrapped_by, wrapped from keys where purpose = 'index'")
                .fetch_one(&mut *conn)
                .await
                .expect("there is one");
        [id.into_bytes(), by.into_bytes(), wrapped]
    }

    async fn deliver(&self, entries: &[&Value]) {
        let body = json!({"object": "whatsapp_business_account", "entry": entries});
        let body = serde_json::to_vec(&body).expect("plain data");
        assert_eq!(self.line.deliver(&body).await, Intake::Stored);
    }

    async fn ends(self) -> Standing {
        let waiting = "select count(*) from inbox where state = 'waiting'";
        self.line.until(waiting, 0).await;
        self.line.stop().await;
        let standing = standing(&self.line.ground).await;
        self.line.ground.db.close().await;
        standing
    }
}

/// Puts messages to people on their way.
async fn send(line: &Line, sent: &[Sent]) {
    let rows = sent.iter().map(|sent| {
        let to = Sender {
            wa_id: Some(sent.to.clone()),
            ..Sender::default()
        };
        let wamid = line.ground.keys.blind("outbox.wamid", &sent.wamid).to_vec();
        (sent.id.to_string(), to, wamid)
    });
    let rows: Vec<_> = rows.collect();
    let input = (line.ground.clone(), rows);
    let put = line.ground.db.write(input, |conn, (ground, rows)| {
        Box::pin(async move {
            let (keys, ids) = (&ground.keys, &ground.ids);
            let now = jiff::Timestamp::from_second(BEGINS).expect("a time");
            let people: Vec<&Sender> = rows.iter().map(|(_, to, _)| to).collect();
            let known = identify(conn, keys, ids, &people, now).await?;
            for (id, to, wamid) in rows {
                sqlx::query(
                    "insert into outbox (id, contact_id, trace, lane, purpose, owner_epoch, state,
                                         rank, due_at, expires_at, created_at, wamid)
                     values ($1, $2, $1, 'utility', 'chat', 0, 'accepted', 20, 0, 0, 0, $3)",
                )
                .bind(id)
                .bind(known.of(keys, to))
                .bind(wamid)
                .execute(&mut *conn)
                .await?;
            }
            Ok(())
        })
    });
    put.await.expect("they are on their way");
}

/// Cuts deliveries into webhooks of any length.
fn webhooks<'a>(random: &mut StdRng, mut rest: &'a [&'a Value]) -> Vec<&'a [&'a Value]> {
    let mut webhooks = Vec::new();
    while !rest.is_empty() {
        let most = if random.random_range(0..4) == 0 {
            TOGETHER
        } else {
            20
        };
        let (some, after) = rest.split_at(random.random_range(1..=most).min(rest.len()));
        webhooks.push(some);
        rest = after;
    }
    webhooks
}

/// Returns another world for each run, or the one a run that failed has named.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn seed() -> u32 {
    let named = std::env::var("PROOF_SEED").ok();
    named.map_or_else(rand::random, |seed| seed.parse().expect("a seed"))
}

fn hash(lines: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
    }
    hex(&hash.finalize()[..8])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_told_often_shuffled_and_across_restarts_come_to_what_they_come_to_in_order() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let seed = seed();
    let events = EVENTS * scale();
    let world = World::of(seed.into(), events);
    let data_key = MasterKeys::generate();

    let began = Instant::now();
    let path = Path::start(&data_key, None, &world).await;
    let index_key = path.index_key().await;
    let told: Vec<&Value> = world.told.iter().map(|told| &told.entry).collect();
    for some in told.chunks(IN_ORDER) {
        path.deliver(some).await;
    }
    let in_order = path.ends().await;
    let once = began.elapsed();

    let began = Instant::now();
    let mut random = StdRng::seed_from_u64(seed.into());
    let mut deliveries = Vec::new();
    for told in &world.told {
        let copies = random.random_range(1..=COPIES);
        deliveries.extend(std::iter::repeat_n(&told.entry, copies));
    }
    deliveries.shuffle(&mut random);
    let mut path = Path::start(&data_key, Some(&index_key), &world).await;
    for (part, deliveries) in deliveries
        .chunks(deliveries.len().div_ceil(RESTARTS + 1))
        .enumerate()
    {
        if part > 0 {
            path = path.restart().await;
        }
        let webhooks = webhooks(&mut random, deliveries);
        for some in webhooks.chunks(AT_ONCE) {
            let delivered = some.iter().map(|webhook| path.deliver(webhook));
            futures::future::join_all(delivered).await;
        }
    }
    let shuffled = path.ends().await;
    eprintln!(
        "seed {seed}: {events} events in order {once:?}; {} deliveries shuffled over {RESTARTS} restarts {:?}; \
         {} people, state {}",
        deliveries.len(),
        began.elapsed(),
        in_order.people,
        hash(&in_order.lines),
    );

    let missing: Vec<_> = in_order.lines.difference(&shuffled.lines).take(8).collect();
    let other: Vec<_> = shuffled.lines.difference(&in_order.lines).take(8).collect();
    assert!(
        missing.is_empty() && other.is_empty(),
        "seed {seed}: in order it is {missing:#?} and shuffled it is {other:#?}"
    );
    assert_eq!(in_order.messages, world.written, "each message once");
    let furthest: BTreeMap<_, _> = world
        .furthest
        .iter()
        .map(|(id, state)| (id.clone(), state.as_str().to_owned()))
        .collect();
    for (id, state) in &furthest {
        assert_eq!(in_order.states.get(id), Some(state), "{id}");
    }
    // Nobody is trusted more for what came late.
    assert!(in_order.doubted.is_subset(&shuffled.doubted));
}
