//! Settings: read once at start, checked as a whole.
//!
//! Every fault is found before any is reported, so that one start is enough to put
//! all of them right, and no message repeats the value of a secret. Rules see typed
//! values; nothing else in the program reads the environment.
//!
//! The mode follows from what is set: no WhatsApp credential is a demo, all five are
//! production, and anything between is a fault, because half a configuration that
//! starts is worse than one that does not.

mod check;
mod demo;
mod environment;
mod fault;
mod gateway;
mod llm;
mod notices;
mod reader;
mod variables;
mod whatsapp;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::security::MasterKeys;

pub(crate) use demo::owner_only;
pub use demo::{DEMO_KEY_FILE, demo_data_key};
pub use fault::{Fault, Faults};
pub use gateway::{Bse, Exchange, Gateway, PaperAlone, Payloads, V2Calls};
pub use llm::{Llm, LlmServer};
pub use notices::{Mail, Notices};
pub use variables::{VARIABLES, Variable};
pub use whatsapp::{Channel, Credentials, Graph, ReadReceipts};

use reader::Reader;
use variables::named;

/// Everything an operator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the service listens.
    pub http_addr: SocketAddr,
    /// Where people and Meta reach it, without a slash at the end.
    pub public_url: Option<String>,
    /// The database.
    pub database: Database,
    /// Demo, or production with its credentials.
    pub channel: Channel,
    /// How Meta's Graph API is called.
    pub graph: Graph,
    /// What seals personal data; always there in production. A demo without one makes
    /// its own, see [`demo_data_key`].
    pub data_key: Option<MasterKeys>,
    /// Who the service speaks for.
    pub distributor: Distributor,
    /// Where orders go.
    pub gateway: Gateway,
    /// How investors are told of what happens with their money.
    pub notices: Notices,
    /// Which language models are asked, and what they may cost.
    pub llm: Llm,
    /// Where the daily NAVs come from, if they are to be fetched.
    pub nav_source: Option<String>,
    /// Where the closing files of index levels come from, if they are to be fetched:
    /// `nse`, or an address or path with `{day}` in it.
    pub index_source: Option<String>,
    /// How many nominees an investor may have.
    pub nominee_limit: usize,
    /// How long the contents of messages are kept.
    pub retention: Duration,
    /// Where files that come with messages are kept, if not beside the database.
    media_folder: Option<PathBuf>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written, as `tracing` filter directives.
    pub log_filter: String,
}

/// The database and how much of it to use.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub url: SecretString,
    /// Connections kept at most.
    pub max_connections: u32,
}

/// The distributor, as the texts name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributor {
    /// Name in messages.
    pub name: String,
    /// AMFI registration number, `ARN-…`.
    pub arn: String,
    /// EUIN of the person whose advice orders go out with; without one, all of them are
    /// execution only.
    pub euin: Option<String>,
    /// Where an investor complains.
    pub grievance_contact: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// Text for people.
    Text,
}

/// The file of settings that is read where no other is named.
pub const ENV_FILE: &str = ".env";

impl Settings {
    /// Reads the process environment, and under it a file: the one that is named, which must
    /// be there, or else [`ENV_FILE`] if there is one.
    pub fn from_environment(env_file: Option<&Path>) -> Result<Self, Faults> {
        let file = match env_file {
            Some(named) => environment::parse_file(named)?,
            None => environment::parse_file_if_there(Path::new(ENV_FILE))?,
        };
        let lookup = |name: &str| environment::variable(name).or_else(|| file.get(name).cloned());
        Self::read(&lookup, &|path| std::fs::read_to_string(path))
    }

    /// Reads settings from `lookup` alone: no environment, no files.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        Self::read(&lookup, &|_| Err(std::io::ErrorKind::NotFound.into()))
    }

    /// Returns whether the service talks to the emulator and nobody else.
    pub fn is_demo(&self) -> bool {
        matches!(self.channel, Channel::Demo)
    }

    /// Returns the file of a SQLite database.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.database.url.expose_secret();
        let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
        path.split('?').next().map(PathBuf::from)
    }

    /// Returns the folder of the things that belong to the database: beside the SQLite
    /// file, or `data` with PostgreSQL.
    pub fn data_folder(&self) -> PathBuf {
        let Some(file) = self.sqlite_file() else {
            return PathBuf::from("data");
        };
        match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// Returns the folder of the files that come with messages.
    pub fn media_folder(&self) -> PathBuf {
        let beside = || self.data_folder().join("media");
        self.media_folder.clone().unwrap_or_else(beside)
    }

    fn read(lookup: reader::Lookup<'_>, read_file: reader::ReadFile<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(lookup, read_file);
        let channel = whatsapp::channel(&mut reader);
        let production = matches!(channel, Some(Channel::Production(_)));
        let settings = Some(Self {
            http_addr: reader.checked("HTTP_ADDR", check::address),
            public_url: public_url(&mut reader, production),
            database: Database {
                url: reader.checked("DATABASE_URL", check::database_url).into(),
                max_connections: reader.checked("DATABASE_MAX_CONNECTIONS", |text| {
                    check::number(text, 1, 1_000)
                }),
            },
            graph: whatsapp::graph(&mut reader),
            data_key: data_key(&mut reader, production),
            distributor: distributor(&mut reader, production),
            gateway: gateway::gateway(&mut reader, production),
            notices: notices::notices(&mut reader),
            llm: llm::llm(&mut reader, production),
            nav_source: nav_source(&mut reader, production),
            index_source: reader
                .optional("INDEX_SOURCE", check::closing_files)
                .flatten(),
            nominee_limit: reader.checked("NOMINEE_LIMIT", |text| {
                let limit = check::number(text, 1, 10)?;
                usize::try_from(limit).map_err(|e| e.to_string())
            }),
            retention: reader.checked("RETENTION_DAYS", |text| {
                let days = check::number(text, 30, 36_500)?;
                Ok(Duration::from_secs(u64::from(days) * 24 * 3_600))
            }),
            media_folder: reader
                .optional("MEDIA_FOLDER", |text| check::text(text).map(PathBuf::from)),
            log_format: reader.checked("LOG_FORMAT", check::log_format),
            log_filter: reader.checked("RUST_LOG", check::text),
            channel: channel.unwrap_or(Channel::Demo),
        });
        reader.finish(settings)
    }
}

/// A live service sends links to itself: to documents, calendars and what its exchange posts
/// to.
fn public_url(reader: &mut Reader<'_>, production: bool) -> Option<String> {
    if production && !reader.is_set("PUBLIC_URL") {
        reader.missing(
            "PUBLIC_URL",
            "is needed: links to documents and calendars begin with the https address at which \
             people reach this service, such as https://bot.yourname.in",
        );
    }
    reader.optional("PUBLIC_URL", check::web_address)
}

fn data_key(reader: &mut Reader<'_>, production: bool) -> Option<MasterKeys> {
    let keys = reader.optional("DATA_KEY", |text| {
        if production {
            check::no_sample_key(text)?;
        }
        MasterKeys::parse(text).map_err(|e| e.to_string())
    });
    if production && !reader.is_set("DATA_KEY") {
        reader.missing(
            "DATA_KEY",
            "is needed to seal personal data; make one with `openssl rand -base64 32` and keep a copy",
        );
    }
    keys
}

fn distributor(reader: &mut Reader<'_>, production: bool) -> Distributor {
    if production {
        for (name, why) in [
            (
                "DISTRIBUTOR_NAME",
                "is needed: every conversation starts with it",
            ),
            (
                "DISTRIBUTOR_ARN",
                "is needed: every conversation starts with it",
            ),
            (
                "GRIEVANCE_CONTACT",
                "is needed: investors must know where to complain",
            ),
        ] {
            if !reader.is_set(name) {
                reader.missing(name, why);
                continue;
            }
            // A copy of `.env.example` has the demo's; the number of zeros is nobody's.
            let demos = named(name).default;
            reader.optional(name, |text| {
                let is_of_zeros = text.trim_start_matches("ARN-").trim_matches('0').is_empty();
                if Some(text) == demos || is_of_zeros {
                    return Err("is the demo's; a live service needs its own".to_owned());
                }
                Ok(())
            });
        }
    }
    Distributor {
        name: reader.checked("DISTRIBUTOR_NAME", check::text),
        arn: reader.checked("DISTRIBUTOR_ARN", check::arn),
        euin: reader.optional("DISTRIBUTOR_EUIN", check::euin),
        grievance_contact: reader.checked("GRIEVANCE_CONTACT", check::text),
    }
}

/// AMFI publishes the day's NAVs of every scheme here.
const AMFI_NAVS: &str = "https://portal.amfiindia.com/spages/NAVAll.txt";

fn nav_source(reader: &mut Reader<'_>, production: bool) -> Option<String> {
    let by_default = production.then(|| AMFI_NAVS.to_owned());
    match reader.optional("NAV_SOURCE_URL", check::off_or_web_address) {
        Some(chosen) => chosen,
        None => by_default,
    }
}

#[cfg(test)]
mod tests;
