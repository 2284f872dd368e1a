//! The emulator's own SQLite file: people and what they settled, chats, templates, held
//! messages, forms, media, unacknowledged webhooks and the time.
//!
//! The tables are its own and made by itself; nothing else reads them.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::emulator::{
    Bubble, Held, KeptForm, KeptKey, KeptTemplate, Lane, Media, Person, Webhook,
};
use crate::storage::{Conn, Db, Error};

/// Something that has to go to disk.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// Somebody new.
    Person(Person),
    /// Somebody settled whether they want marketing from the business.
    MarketingSettled {
        /// Who.
        person: String,
        /// Whether they do.
        is_wanted: bool,
    },
    /// A new or changed message in the chat of this person.
    Bubble(String, Box<Bubble>),
    /// A new or changed template.
    Template(Box<KeptTemplate>),
    /// A template that was deleted.
    TemplateGone(String),
    /// A message that is held.
    Held(Box<Held>),
    /// The message with this id is held no longer.
    HeldNoLonger(String),
    /// A new or changed form.
    Form(Box<KeptForm>),
    /// A form that was deleted.
    FormGone(String),
    /// The number's key for forms.
    FormKey(KeptKey),
    /// A webhook to deliver, from now on.
    Webhook(Webhook),
    /// A webhook that has to be delivered again.
    Retry {
        /// Which.
        id: u64,
        /// How often it was tried.
        attempts: u32,
        /// When it is tried again.
        due: Timestamp,
    },
    /// A webhook that was acknowledged.
    Acknowledged(u64),
    /// A new file.
    Media(Arc<Media>),
    /// A file that is gone.
    MediaDeleted(String),
    /// The clock was moved.
    Clock,
}

/// What was on disk.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) people: Vec<Person>,
    /// Who stopped marketing from the business.
    pub(crate) stopped_marketing: Vec<String>,
    pub(crate) bubbles: Vec<(String, Bubble)>,
    pub(crate) templates: Vec<KeptTemplate>,
    pub(crate) held: Vec<Held>,
    pub(crate) forms: Vec<KeptForm>,
    pub(crate) form_key: Option<KeptKey>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) media: Vec<Media>,
    pub(crate) clock: Timestamp,
}

/// The open file.
pub(crate) struct Store {
    db: Db,
}

const TABLES: [&str; 10] = [
    "create table if not exists form (
       id text not null primary key, body text not null)",
    "create table if not exists form_key (
       one bigint not null primary key, pem text not null, is_signed bigint not null)",
    "create table if not exists template (
       id text not null primary key, body text not null)",
    "create table if not exists held (
       wamid text not null primary key, body text not null)",
    "create table if not exists person (
       name text not null primary key, body text not null)",
    "create table if not exists marketing_stop (person text not null primary key)",
    "create table if not exists bubble (
       number bigint not null primary key, person text not null, body text not null)",
    "create table if not exists webhook (
       id bigint not null primary key, lane bigint not null, due bigint not null,
       made bigint not null, attempts bigint not null, change text not null, wamid text)",
    "create table if not exists media (
       id text not null primary key, mime text not null, name text not null,
       bytes bytea not null, until bigint not null)",
    "create table if not exists clock (one bigint not null primary key, at bigint not null)",
];

impl Store {
    /// Opens the file, made if it is missing, and reads all of it.
    pub(crate) async fn open(path: &Path) -> Result<(Self, Saved), Error> {
        let db = Db::connect(&format!("sqlite://{}", path.display()), 1).await?;
        db.write((), |conn, ()| {
            Box::pin(async move {
                for table in TABLES {
                    sqlx::query(table).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await?;
        let mut conn = db.read().await?;
        let saved = read(&mut conn).await?;
        drop(conn);
        Ok((Self { db }, saved))
    }

    /// Writes changes and the time, all or nothing.
    pub(crate) async fn write(&self, changes: Vec<Change>, now: Timestamp) -> Result<(), Error> {
        self.db
            .write((changes, now), |conn, (changes, now)| {
                Box::pin(async move {
                    for change in changes {
                        apply(conn, change).await?;
                    }
                    sqlx::query(
                        "insert into clock (one, at) values (1, $1)
                         on conflict (one) do update set at = excluded.at",
                    )
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Closes the file.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}

async fn apply(conn: &mut Conn, change: &Change) -> Result<(), Error> {
    let query = match change {
        Change::Person(person) => {
            sqlx::query("insert into person (name, body) values ($1, $2) on conflict do nothing")
                .bind(person.key())
                .bind(json(person))
        }
        Change::MarketingSettled { person, is_wanted } => sqlx::query(if *is_wanted {
            "delete from marketing_stop where person = $1"
        } else {
            "insert into marketing_stop (person) values ($1) on conflict do nothing"
        })
        .bind(person.as_str()),
        Change::Bubble(person, bubble) => sqlx::query(
            "insert into bubble (number, person, body) values ($1, $2, $3)
             on conflict (number) do update set body = excluded.body",
        )
        .bind(signed(bubble.number))
        .bind(person.as_str())
        .bind(json(bubble)),
        Change::Template(one) => sqlx::query(
            "insert into template (id, body) values ($1, $2)
             on conflict (id) do update set body = excluded.body",
        )
        .bind(one.id.as_str())
        .bind(json(one)),
        Change::TemplateGone(id) => {
            sqlx::query("delete from template where id = $1").bind(id.as_str())
        }
        Change::Held(one) => {
            sqlx::query("insert into held (wamid, body) values ($1, $2) on conflict do nothing")
                .bind(one.wamid.as_str())
                .bind(json(one))
        }
        Change::HeldNoLonger(wamid) => {
            sqlx::query("delete from held where wamid = $1").bind(wamid.as_str())
        }
        Change::Form(one) => sqlx::query(
            "insert into form (id, body) values ($1, $2)
             on conflict (id) do update set body = excluded.body",
        )
        .bind(one.id.as_str())
        .bind(json(one)),
        Change::FormGone(id) => sqlx::query("delete from form where id = $1").bind(id.as_str()),
        Change::FormKey(key) => sqlx::query(
            "insert into form_key (one, pem, is_signed) values (1, $1, $2)
             on conflict (one) do update set pem = excluded.pem, is_signed = excluded.is_signed",
        )
        .bind(key.pem.as_str())
        .bind(i64::from(key.is_signed)),
        Change::Webhook(webhook) => sqlx::query(
            "insert into webhook (id, lane, due, made, attempts, change, wamid)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(signed(webhook.id))
        .bind(webhook.lane as i64)
        .bind(webhook.due.as_millisecond())
        .bind(webhook.made.as_millisecond())
        .bind(i64::from(webhook.attempts))
        .bind(webhook.change.as_ref())
        .bind(webhook.wamid.as_deref()),
        Change::Retry { id, attempts, due } => {
            sqlx::query("update webhook set attempts = $1, due = $2 where id = $3")
                .bind(i64::from(*attempts))
                .bind(due.as_millisecond())
                .bind(signed(*id))
        }
        Change::Acknowledged(id) => {
            sqlx::query("delete from webhook where id = $1").bind(signed(*id))
        }
        Change::Media(media) => sqlx::query(
            "insert into media (id, mime, name, bytes, until) values ($1, $2, $3, $4, $5)",
        )
        .bind(media.id.as_str())
        .bind(media.mime.as_str())
        .bind(media.name.as_str())
        .bind(media.bytes.clone())
        .bind(media.until.as_millisecond()),
        Change::MediaDeleted(id) => {
            sqlx::query("delete from media where id = $1").bind(id.as_str())
        }
        // The time is written with every change.
        Change::Clock => return Ok(()),
    };
    query.execute(conn).await?;
    Ok(())
}

async fn read(conn: &mut Conn) -> Result<Saved, Error> {
    let mut people = Vec::new();
    // The order in which they were added.
    let rows = sqlx::query("select name, body from person order by rowid");
    for row in rows.fetch_all(&mut *conn).await? {
        people.push(parse("person", &row, "name", "body")?);
    }
    let stopped_marketing = sqlx::query_scalar("select person from marketing_stop order by person")
        .fetch_all(&mut *conn)
        .await?;
    let mut bubbles = Vec::new();
    let rows = sqlx::query(
        "select person, cast(number as text) as number, body from bubble order by bubble.number",
    );
    for row in rows.fetch_all(&mut *conn).await? {
        let person: String = row.try_get("person")?;
        bubbles.push((person, parse("bubble", &row, "number", "body")?));
    }
    let mut templates = Vec::new();
    let rows = sqlx::query("select id, body from template order by id");
    for row in rows.fetch_all(&mut *conn).await? {
        templates.push(parse("template", &row, "id", "body")?);
    }
    let mut held = Vec::new();
    // The order in which they were accepted.
    let rows = sqlx::query("select wamid, body from held order by rowid");
    for row in rows.fetch_all(&mut *conn).await? {
        held.push(parse("held", &row, "wamid", "body")?);
    }
    let mut forms = Vec::new();
    let rows = sqlx::query("select id, body from form order by id");
    for row in rows.fetch_all(&mut *conn).await? {
        forms.push(parse("form", &row, "id", "body")?);
    }
    let key = sqlx::query("select pem, is_signed from form_key");
    let form_key = match key.fetch_optional(&mut *conn).await? {
        Some(row) => Some(KeptKey {
            pem: row.try_get("pem")?,
            is_signed: row.try_get::<i64, _>("is_signed")? != 0,
        }),
        None => None,
    };
    let rows =
        sqlx::query("select id, lane, due, made, attempts, change, wamid from webhook order by id");
    let rows = rows.fetch_all(&mut *conn).await?;
    let webhooks = rows.iter().map(webhook).collect::<Result<_, _>>()?;
    let rows = sqlx::query("select id, mime, name, bytes, until from media");
    let rows = rows.fetch_all(&mut *conn).await?;
    let media = rows.iter().map(media).collect::<Result<_, _>>()?;
    let clock = sqlx::query("select at from clock")
        .fetch_optional(&mut *conn)
        .await?;
    let clock = match clock {
        Some(row) => instant(row.try_get("at")?)?,
        None => Timestamp::UNIX_EPOCH,
    };
    Ok(Saved {
        people,
        stopped_marketing,
        bubbles,
        templates,
        held,
        forms,
        form_key,
        webhooks,
        media,
        clock,
    })
}

fn media(row: &AnyRow) -> Result<Media, Error> {
    Ok(Media {
        id: row.try_get("id")?,
        mime: row.try_get("mime")?,
        name: row.try_get("name")?,
        bytes: row.try_get("bytes")?,
        until: instant(row.try_get("until")?)?,
    })
}

fn webhook(row: &AnyRow) -> Result<Webhook, Error> {
    let lane: i64 = row.try_get("lane")?;
    let change: String = row.try_get("change")?;
    let attempts: i64 = row.try_get("attempts")?;
    Ok(Webhook {
        id: row.try_get::<i64, _>("id")?.unsigned_abs(),
        lane: Lane::ALL
            .into_iter()
            .find(|one| *one as i64 == lane)
            .unwrap_or(Lane::Statuses),
        due: instant(row.try_get("due")?)?,
        made: instant(row.try_get("made")?)?,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        change: change.into(),
        wamid: row.try_get("wamid")?,
    })
}

fn parse<T: serde::de::DeserializeOwned>(
    table: &'static str,
    row: &AnyRow,
    key: &str,
    column: &str,
) -> Result<T, Error> {
    let body: String = row.try_get(column)?;
    serde_json::from_str(&body).map_err(|e| Error::Damaged {
        table,
        row: row.try_get(key).unwrap_or_default(),
        what: e.to_string(),
    })
}

fn instant(millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millis).map_err(|e| anyhow::Error::new(e).into())
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers always make JSON")
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
