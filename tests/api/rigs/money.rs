//! P5: one server, killed again and again while an investor confirms purchases, SIPs and
//! switches in the chat. It is the demo: Meta and the exchange go down with the service,
//! each with what it has on disk, in the middle of any call between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sipbrewery::security::MasterKeys;
use sqlx::Connection;

use crate::harness::demo::ASHA;
use crate::harness::network::client;
use crate::harness::scale::scale;
use crate::harness::service::free_port;
use crate::harness::{Service, TestDatabase};

const KILLS: usize = 10;
const SWITCHES: usize = 50;
const PURCHASES: usize = 8;
/// On each of these days of the month.
const SIPS: [&str; 3] = ["5", "10", "15"];
/// Whoever gets no answer for so long says it again.
const PATIENCE: Duration = Duration::from_secs(8);
/// No longer than this may anything take.
const WITHIN: Duration = Duration::from_secs(90);
/// So long a dead process holds what it had taken up, where there may be others.
const LEASE: Duration = Duration::from_secs(3);
const TICK: Duration = Duration::from_millis(30);
const WAITING: &str = "select count(*) from inbox where state = 'waiting'";

/// Asha's phone, and what else reaches the demo from outside.
pub(super) struct Phone {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) database: Arc<TestDatabase>,
    /// Drafts whose button was tapped.
    pub(super) confirmed: BTreeSet<String>,
}

/// A button: the message it is on, and its id.
pub(super) type Button = (String, String);

impl Phone {
    /// Asks until a server answers; nothing is what it refused.
    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        let asking = async {
            loop {
                let url = format!("{}{path}", self.base);
                let mut request = self.http.request(method.clone(), url);
                if let Some(body) = body {
                    request = request.json(body);
                }
                if let Ok(answer) = request.send().await
                    && !answer.status().is_server_error()
                {
                    let is_refusal = answer.status().is_client_error();
                    if let Ok(answer) = answer.json().await {
                        return if is_refusal { Value::Null } else { answer };
                    }
                }
                tokio::time::sleep(TICK).await;
            }
        };
        let answer = tokio::time::timeout(WITHIN, asking).await;
        answer.unwrap_or_else(|_| panic!("{path} never answered"))
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.call(reqwest::Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Value {
        self.call(reqwest::Method::POST, path, Some(&body)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Value {
        self.call(reqwest::Method::PUT, path, Some(&body)).await
    }

    async fn control(&self) -> Value {
        self.get("/sandbox/exchange/control").await
    }

    pub(super) async fn advance(&self, seconds: u64) {
        let by = json!({"seconds": seconds});
        self.post("/sandbox/api/clock/advance", by).await;
    }

    /// Returns the bot's messages, oldest first.
    async fn bubbles(&self) -> Vec<Value> {
        let chat = self.get(&format!("/sandbox/api/chats/{ASHA}")).await;
        let all = chat["messages"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|one| one["mine"] == false).collect()
    }

    async fn newest(&self) -> u64 {
        let bubbles = self.bubbles().await;
        bubbles.last().map_or(0, number)
    }

    /// Waits for a button on a message after this one, for as long as a person would.
    async fn button(&self, after: u64, part: &str) -> Option<Button> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let bubbles = self.bubbles().await;
            let mut late = bubbles.iter().rev().filter(|one| number(one) > after);
            if let Some(found) = late.find_map(|one| button_of(one, part)) {
                return Some(found);
            }
            tokio::time::sleep(TICK).await;
        }
        None
    }

    /// Writes something until it is answered with such a button.
    pub(super) async fn says(&self, text: &str, part: &str) -> Button {
        let after = self.newest().await;
        for _ in 0..8 {
            let said = json!({"user": ASHA, "text": text});
            self.post("/sandbox/api/send", said).await;
            if let Some(button) = self.button(after, part).await {
                return button;
            }
            // What was asked for too often is taken again after some minutes.
            self.advance(60).await;
        }
        panic!(
            "`{text}` brought no button `{part}`: {:?}",
            self.bubbles().await.last()
        );
    }

    /// Taps a button until it is answered with another. A button is tapped once: if the
    /// answer to the first tap was lost, the second is refused and its answer comes.
    async fn taps(&self, button: &Button, part: &str) -> Option<Button> {
        let after = self.newest().await;
        for _ in 0..3 {
            self.tap(button).await;
            let next = self.button(after, part).await;
            if next.is_some() {
                return next;
            }
        }
        None
    }

    pub(super) async fn tap(&self, (message, id): &Button) {
        // The webhook of it comes ten times, over the next minute.
        let tenfold =
            json!([{"kind": "duplicate_webhooks", "chance": 1.0, "left": null, "amount": 9}]);
        self.put("/sandbox/api/faults", tenfold).await;
        let tap = json!({"user": ASHA, "message": message, "id": id});
        self.post("/sandbox/api/tap", tap).await;
    }

    /// Confirms what a button stands for, and again until it is on record. Where the tap was
    /// answered with fresh terms, those are confirmed: what it was on had been asked for
    /// twice, and the second review came meanwhile. What was not made then never is.
    async fn confirms(&mut self, button: &Button) {
        let mut button = button.clone();
        let mut answered = 0;
        for _ in 0..10 {
            let draft = button.1.rsplit(':').next().unwrap().to_owned();
            self.confirmed.insert(draft.clone());
            self.tap(&button).await;
            let began = Instant::now();
            while began.elapsed() < PATIENCE {
                if self.made(&draft).await == 1 {
                    return;
                }
                tokio::time::sleep(TICK).await;
            }
            answered = if self.rows(WAITING).await == 0 {
                answered + 1
            } else {
                0
            };
            let bubbles = self.bubbles().await;
            let mut newest = bubbles.iter().rev();
            let fresh = newest.find_map(|one| button_of(one, "confirm"));
            if answered >= 2
                && let Some(fresh) = fresh.filter(|fresh| fresh.1 != button.1)
            {
                self.confirmed.remove(&draft);
                (button, answered) = (fresh, 0);
            }
        }
        panic!(
            "{button:?} was never made: {:#?}",
            self.bubbles().await.last()
        );
    }

    async fn invests(&mut self, rupees: usize) {
        let text = format!("invest {rupees} in hdfc flexi cap");
        let review = self.says(&text, "confirm").await;
        self.confirms(&review).await;
        self.advance(90).await;
    }

    async fn switches(&mut self, rupees: usize) {
        let text = format!("switch {rupees} rupees from hdfc liquid to hdfc flexi cap");
        let review = self.says(&text, "confirm").await;
        self.confirms(&review).await;
        // Three an hour are taken.
        self.advance(21 * 60).await;
    }

    /// Starts a SIP, with a mandate if there is none; whoever lost the thread begins again.
    async fn starts_sip(&mut self, day: &str) {
        for _ in 0..8 {
            let days = self.says("start sip 1000 in hdfc flexi cap", ":day:").await;
            let kind = days.1.rsplit_once(':').unwrap().0;
            let day = (days.0.clone(), format!("{kind}:{day}"));
            let Some(growth) = self.taps(&day, ":fixed").await else {
                continue;
            };
            let pays = if self.rows("select count(*) from mandates").await == 0 {
                let Some(upi) = self.taps(&growth, ":upi").await else {
                    continue;
                };
                let Some(mandate) = self.taps(&upi, "confirm").await else {
                    continue;
                };
                let after = self.newest().await;
                self.confirms(&mandate).await;
                self.button(after, ":go:").await
            } else {
                Some(growth)
            };
            let Some(pays) = pays else { continue };
            if let Some(review) = self.taps(&pays, "confirm").await {
                self.confirms(&review).await;
                self.advance(5 * 60).await;
                return;
            }
        }
        panic!("no SIP was started");
    }

    async fn connection(&self) -> sqlx::AnyConnection {
        sipbrewery::storage::install_drivers();
        let conn = sqlx::AnyConnection::connect(self.database.url()).await;
        conn.expect("the database answers")
    }

    pub(super) async fn rows(&self, query: &'static str) -> i64 {
        let mut conn = self.connection().await;
        let rows = sqlx::query_scalar(query).fetch_one(&mut conn).await;
        rows.expect("the query runs")
    }

    pub(super) async fn made(&self, draft: &str) -> i64 {
        let mut conn = self.connection().await;
        let made = "select (select count(*) from orders where draft_id = $1)
                         + (select count(*) from plans where draft_id = $1)
                         + (select count(*) from mandates where draft_id = $1)";
        let made = sqlx::query_scalar(made).bind(draft).fetch_one(&mut conn);
        made.await.expect("the query runs")
    }

    pub(super) async fn texts(&self, query: &'static str) -> Vec<String> {
        let mut conn = self.connection().await;
        let texts = sqlx::query_scalar(query).fetch_all(&mut conn).await;
        texts.expect("the query runs")
    }

    /// Lets days pass until the exchange has done and told everything.
    async fn settles(&self) {
        const OPEN: &str = "select count(*) from orders
             where submission <> 'taken' or status not in ('allotted', 'redeemed_paid')";
        let began = Instant::now();
        loop {
            let told = self.control().await["notices_not_taken"] == 0;
            if told && self.rows(OPEN).await == 0 {
                return;
            }
            let left = self.texts("select kind || ' ' || status || ' ' || submission from orders");
            assert!(began.elapsed() < WITHIN, "{:?}", left.await);
            self.advance(6 * 3_600).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

fn number(bubble: &Value) -> u64 {
    bubble["number"].as_u64().expect("messages have numbers")
}

fn button_of(bubble: &Value, part: &str) -> Option<Button> {
    let buttons = bubble["content"]["action"]["buttons"].as_array()?;
    let mut ids = buttons.iter().filter_map(|one| one["reply"]["id"].as_str());
    let id = ids.find(|id| id.contains(part))?;
    Some((bubble["id"].as_str()?.to_owned(), id.to_owned()))
}

/// Returns the references of everything of a kind that the exchange was asked for.
pub(super) fn references(control: &Value, of: &str) -> Vec<String> {
    let all = control[of].as_array().expect("a list");
    let asked = all.iter().filter_map(|one| one["reference"].as_str());
    let mut references: Vec<_> = asked.map(str::to_owned).collect();
    references.sort();
    references
}

/// Kills the server at random moments and starts it again, until told to stop. A server that
/// cannot take anything up for a while, because the dead one holds it, lives longer.
async fn kill_again_and_again(
    mut service: Service,
    start: impl Fn() -> Service,
    idle: Duration,
    kills: Arc<AtomicUsize>,
    stop: tokio_util::sync::CancellationToken,
) -> Service {
    let mut dice = StdRng::seed_from_u64(5);
    while !stop.is_cancelled() {
        // It takes two seconds to be there again.
        let pause = idle + Duration::from_millis(dice.random_range(500..5_000));
        if stop
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_none()
        {
            break;
        }
        service.kill();
        service = start();
        kills.fetch_add(1, Ordering::Relaxed);
    }
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_confirmed_while_the_server_is_killed_is_done_once_everywhere() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let database = Arc::new(TestDatabase::create().await);
    let (port, data_key) = (free_port(), MasterKeys::generate());
    let start = {
        let database = Arc::clone(&database);
        move || Service::demo(&database, &data_key, port)
    };
    let service = start();
    let mut phone = Phone {
        http: client(Duration::from_secs(3)),
        base: format!("http://127.0.0.1:{port}"),
        database: Arc::clone(&database),
        confirmed: BTreeSet::new(),
    };
    let approving = json!({"auto_approve": true, "auto_after_ms": 200, "opens_accounts": true});
    phone
        .put("/sandbox/exchange/control/options", approving)
        .await;
    let open = "select count(*) from exchange_accounts where state = 'active'";
    while phone.rows(open).await == 0 {
        tokio::time::sleep(TICK).await;
    }
    let began = Instant::now();
    let (kills, stop) = (Arc::default(), tokio_util::sync::CancellationToken::new());
    let idle = if database.is_postgres() {
        LEASE
    } else {
        Duration::ZERO
    };
    let killing = kill_again_and_again(service, start, idle, Arc::clone(&kills), stop.clone());
    let killing = tokio::spawn(killing);
    for day in SIPS {
        phone.starts_sip(day).await;
    }
    for at in 0..PURCHASES {
        phone.invests(1_000 + at).await;
    }
    for at in 0..SWITCHES {
        phone.switches(500 + at).await;
    }
    let mut purchases = PURCHASES;
    while kills.load(Ordering::Relaxed) < KILLS * scale() {
        phone.invests(1_000 + purchases).await;
        purchases += 1;
    }
    stop.cancel();
    let service = killing.await.expect("nothing panicked");
    let killed = began.elapsed();
    phone.settles().await;
    let control = phone.control().await;
    let (status, _) = service.terminate().await;
    assert!(status.success(), "the last server stopped with {status}");
    judge(&phone, &control, purchases).await;
    eprintln!(
        "money rig: {} kills in {killed:?}, {} confirmed, settled after {:?}",
        kills.load(Ordering::Relaxed),
        phone.confirmed.len(),
        began.elapsed()
    );
}

async fn judge(phone: &Phone, control: &Value, purchases: usize) {
    let drafts = phone.texts(
        "select draft_id from orders where draft_id is not null
         union all select draft_id from plans union all select draft_id from mandates",
    );
    let drafts = drafts.await;
    assert_eq!(
        drafts.len(),
        phone.confirmed.len(),
        "each confirmation once"
    );
    assert_eq!(drafts.into_iter().collect::<BTreeSet<_>>(), phone.confirmed);
    let ours = [
        (
            "orders",
            "select reference from orders where draft_id is not null order by reference",
        ),
        ("plans", "select reference from plans order by reference"),
        (
            "mandates",
            "select reference from mandates order by reference",
        ),
    ];
    for (of, query) in ours {
        let mut here = phone.texts(query).await;
        here.sort();
        assert_eq!(
            here,
            references(control, of),
            "{of} here and at the exchange"
        );
    }
    let mut kinds = BTreeMap::<String, usize>::new();
    for kind in phone
        .texts("select kind from orders where draft_id is not null")
        .await
    {
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!((kinds["purchase"], kinds["switch"]), (purchases, SWITCHES));
    let legs = phone.texts(
        "select cast(count(t.reference) as text) from orders o left join transaction_orders t
             on t.reference in (o.id || ':switch_out', o.id || ':switch_in')
          where o.kind = 'switch' group by o.id",
    );
    assert_eq!(
        legs.await,
        vec!["2".to_owned(); SWITCHES],
        "both legs of each"
    );
    for (what, query) in [
        (
            "purchases not booked once",
            "select count(*) from orders o where o.kind = 'purchase' and 1 <>
               (select count(*) from transaction_orders t where t.reference = o.id || ':purchase')",
        ),
        (
            "sums of the ledger that are not nought",
            "select count(*) from (select scheme_code from ledger_postings
              group by contact_id, scheme_code having sum(amount) <> 0) as off",
        ),
        (
            "money that is neither paid nor moved",
            "select count(*) from (select account from ledger_postings
              where account in ('payout_due', 'switching', 'order', 'clearing')
              group by account having sum(amount) <> 0) as left_over",
        ),
        ("findings", "select count(*) from reconciliation_findings"),
        ("pauses", "select count(*) from money_pauses"),
        (
            "jobs given up",
            "select count(*) from jobs where state = 'dead'",
        ),
    ] {
        assert_eq!(phone.rows(query).await, 0, "{what}");
    }
    let paid = "select cast(-sum(amount) as bigint) from ledger_postings
                 where scheme_code is null and account = 'bank'";
    let there = control["orders"].as_array().expect("a list");
    let there: i64 = there.iter().filter_map(|one| one["paid"].as_i64()).sum();
    assert_eq!(
        phone.rows(paid).await,
        there,
        "paise here and at the exchange"
    );
}
