//! All that is durable and that events decide: who is whom, what they wrote, how far
//! messages to them got, and what was heard of the account. Our own ids, our own clock and
//! what the bot says are left out.

use std::collections::{BTreeMap, BTreeSet};

use sipbrewery::contacts::store::load;
use sipbrewery::pipeline::Ground;
use sipbrewery::security::Place;
use sipbrewery::storage::Conn;
use sipbrewery::whatsapp::InboundMessage;
use sqlx::Row;

use crate::harness::app::hex;

/// How things stand, a line each.
#[derive(Debug, Default)]
pub struct Standing {
    pub lines: BTreeSet<String>,
    /// How far each message of ours got.
    pub states: BTreeMap<String, String>,
    /// People whose identity is doubtful.
    pub doubted: BTreeSet<String>,
    pub people: usize,
    pub messages: usize,
}

/// Somebody, with what is known of them.
#[derive(Default)]
struct Somebody {
    wamids: BTreeSet<String>,
    names: BTreeSet<String>,
    /// When they wrote last, and what they called themselves then.
    newest: (i64, BTreeSet<Option<String>>),
}

pub async fn standing(ground: &Ground) -> Standing {
    let mut conn = ground.db.read().await.expect("a connection");
    let conn = &mut *conn;
    let mut standing = Standing::default();
    let mut people: BTreeMap<String, Somebody> = BTreeMap::new();
    read_messages(conn, ground, &mut people).await;
    read_names(conn, &mut people).await;
    standing.messages = people.values().map(|one| one.wamids.len()).sum();
    let labels: BTreeMap<String, String> = people
        .iter()
        .map(|(contact, one)| (contact.clone(), one.label()))
        .collect();
    describe(conn, ground, &people, &labels, &mut standing).await;
    messages_of_ours(conn, &labels, &mut standing).await;
    for (what, query) in EVENTS {
        for line in texts(conn, query).await {
            standing.lines.insert(format!("{what} {line}"));
        }
    }
    standing
}

impl Somebody {
    /// What tells them from everybody, whatever they are called here.
    fn label(&self) -> String {
        let first = self.wamids.first().or(self.names.first());
        first.cloned().unwrap_or_default()
    }
}

/// Events that concern nobody in particular, in words of their own.
const EVENTS: [(&str, &str); 4] = [
    (
        "account",
        "select coalesce(cast(daily_limit as text), '-') || ' ' || coalesce(cast(limit_at as text), '-')
             || ' ' || coalesce(stopped, '-') || ' ' || coalesce(cast(stopped_until as text), '-')
             || ' ' || cast(first_only as text) || ' ' || coalesce(cast(stop_at as text), '-')
           from account_state",
    ),
    (
        "template",
        "select name || ' ' || status || ' ' || category || ' ' || quality || ' '
             || coalesce(reason, '-') || ' ' || coalesce(cast(paused_until as text), '-') || ' '
             || coalesce(cast(changed_at as text), '-')
           from message_templates",
    ),
    (
        "kept",
        "select kind || ' ' || coalesce(field, '-') || ' ' || state || ' ' || cast(count(*) as text)
           from inbox where kind <> 'message' group by kind, field, state",
    ),
    ("seen", "select cast(count(*) as text) from seen_events"),
];

async fn texts(conn: &mut Conn, query: &'static str) -> Vec<String> {
    let rows = sqlx::query_scalar(query).fetch_all(conn).await;
    rows.expect("the query runs")
}

/// Whose a contact's are.
const ROOT: &str = "coalesce(c.merged_into, c.id)";

async fn read_messages(conn: &mut Conn, ground: &Ground, people: &mut BTreeMap<String, Somebody>) {
    let text = format!(
        "select i.id, i.payload, {ROOT} from inbox i join contacts c on c.id = i.contact_id
          where i.kind = 'message'"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text));
    for row in rows.fetch_all(conn).await.expect("the messages") {
        let (id, sealed, contact): (String, Vec<u8>, String) = (row.get(0), row.get(1), row.get(2));
        let place = Place {
            table: "inbox",
            column: "payload",
            row: &id,
        };
        let plain = ground.keys.ingest().open(place, &sealed).expect("it opens");
        let message = InboundMessage::from_stored(&plain).expect("it reads");
        let one = people.entry(contact).or_default();
        one.wamids.insert(message.wamid);
        let at = message.sent_at.as_millisecond();
        if at > one.newest.0 {
            one.newest = (at, BTreeSet::new());
        }
        if at == one.newest.0 {
            one.newest.1.insert(message.sender.name);
        }
    }
}

async fn read_names(conn: &mut Conn, people: &mut BTreeMap<String, Somebody>) {
    let text = format!(
        "select n.blind, n.since, n.former, {ROOT}
           from (select blind, since, 0 as former, contact_id from identities
                  union all select name, since, 1, contact_id from former_names) n
           join contacts c on c.id = n.contact_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text));
    for row in rows.fetch_all(conn).await.expect("the names") {
        let (name, since, former): (Vec<u8>, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let name = hex(&name);
        let one = people.entry(row.get(3)).or_default();
        one.names.insert(format!("{name}/{since}/{former}"));
    }
}

async fn describe(
    conn: &mut Conn,
    ground: &Ground,
    people: &BTreeMap<String, Somebody>,
    labels: &BTreeMap<String, String>,
    standing: &mut Standing,
) {
    let contacts: Vec<String> = people.keys().cloned().collect();
    let loaded = load(conn, &ground.keys, &contacts).await.expect("contacts");
    for (contact, one) in people {
        let stored = &loaded[contact];
        let row = sqlx::query(
            "select source, source_at, marketing, marketing_stopped_at from contacts where id = $1",
        )
        .bind(contact)
        .fetch_one(&mut *conn)
        .await
        .expect("the contact");
        let source: Option<String> = row.get(0);
        let source_at: Option<i64> = row.get(1);
        let marketing: String = row.get(2);
        let stopped: Option<i64> = row.get(3);
        let wrote = stored.contact.last_inbound_at;
        let wrote = wrote.map(jiff::Timestamp::as_millisecond);
        // Two who write in the same second as one person may call themselves differently.
        let called = match one.newest.1.len() {
            0 | 1 => format!("{:?}", stored.profile.name),
            _ => "either".to_owned(),
        };
        let label = &labels[contact];
        standing.lines.insert(format!(
            "person {label} called {called} reached {:?} {:?} by {source:?} {source_at:?} wrote {wrote:?} \
             marketing {marketing} {stopped:?} named {:?} said {:?}",
            stored.profile.phone, stored.profile.user_id, one.names, one.wamids
        ));
        if let Some(called) = one.newest.1.first().filter(|_| one.newest.1.len() == 1) {
            assert_eq!(&stored.profile.name, called, "of the newest message");
        }
        if stored.contact.unverified_since.is_some() {
            standing.doubted.insert(label.clone());
        }
        standing.people += 1;
    }
}

async fn messages_of_ours(
    conn: &mut Conn,
    labels: &BTreeMap<String, String>,
    standing: &mut Standing,
) {
    let text = format!(
        "select o.id, o.state, {ROOT},
                coalesce(cast(o.code as text), '-') || ' ' || coalesce(cast(o.sent_at as text), '-')
                || ' ' || coalesce(cast(o.failed_at as text), '-')
                || ' ' || coalesce(cast(o.delivered_at as text), '-')
                || ' ' || coalesce(cast(o.read_at as text), '-')
                || ' ' || coalesce(cast(o.accepted_at as text), '-')
           from outbox o join contacts c on c.id = o.contact_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text));
    for row in rows.fetch_all(&mut *conn).await.expect("the outbox") {
        let (id, state, contact): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let times: String = row.get(3);
        let label = &labels[&contact];
        standing
            .lines
            .insert(format!("ours {id} to {label} {state} {times}"));
        standing.states.insert(id, state);
    }
    let text = format!(
        "select {ROOT}, m.outbox_id || ' ' || m.category || ' ' || m.kind || ' ' || m.month || ' '
                || cast(m.delivered_at as text) || ' ' || coalesce(cast(m.millipaise as text), '-')
                || ' ' || coalesce(m.card, '-')
           from message_costs m join contacts c on c.id = m.contact_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text));
    for row in rows.fetch_all(&mut *conn).await.expect("the costs") {
        let (contact, cost): (String, String) = (row.get(0), row.get(1));
        let label = &labels[&contact];
        standing.lines.insert(format!("cost of {label}: {cost}"));
    }
    let early = sqlx::query("select wamid, status, at, code, pricing from early_statuses");
    for row in early.fetch_all(conn).await.expect("the early ones") {
        let wamid: Vec<u8> = row.get(0);
        let (status, at): (String, i64) = (row.get(1), row.get(2));
        let (code, pricing): (Option<i64>, Option<String>) = (row.get(3), row.get(4));
        standing.lines.insert(format!(
            "early {wamid:?} {status} {at} {code:?} {pricing:?}"
        ));
    }
}
