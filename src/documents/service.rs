//! Making documents from the records, and handing them out: by a link, or as files that
//! go with a message.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::facts::{By, Occasion};
use super::records::Records;
use super::store::{self, StoredFile};
use super::{Document, Kind, charts, content, make};
use crate::clock::ist;
use crate::contacts::store::{StoredContact, load, load_readable};
use crate::id::{ContactId, DocumentId};
use crate::investing::Investing;
use crate::investing::events::{Event, ReadyFile, What, record};
use crate::investing::ports::Seal;
use crate::language::Language;
use crate::pipeline::{Ground, JobError, JobHandler};
use crate::security::{DataKey, Place, secret_token};
use crate::storage::Conn;

/// How long a link leads to its file at least: to the end of that day, which is named.
const LIFE: SignedDuration = SignedDuration::from_hours(72);
/// How often files that expired are deleted.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// Files deleted in one write.
const TOGETHER: i64 = 20;
/// Letters in the secret of a link.
const TOKEN: usize = 43;

/// Opens what is sealed for one contact.
pub type Unseal = Arc<dyn Fn(&StoredContact) -> Box<dyn Seal> + Send + Sync>;

/// Makes documents and keeps them until they expire. Cheap to clone.
#[derive(Clone)]
pub struct Documents {
    ground: Ground,
    investing: Investing,
    unseal: Unseal,
    issuer: Arc<Issuer>,
}

/// Who hands documents out, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Name of the distributor.
    pub name: String,
    /// Its AMFI registration number.
    pub arn: String,
    /// Address the service is reached at, without a slash at its end.
    pub base_url: String,
}

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The account statement.
    Statement,
    /// Transactions of a period; without a day from the first, or to today.
    Transactions {
        /// First day.
        from: Option<Date>,
        /// Last day.
        to: Option<Date>,
    },
    /// Realised gains of a tax year.
    CapitalGains {
        /// The year it begins in.
        year: i16,
    },
    /// The SIPs on record.
    SipSummary,
    /// Value over time.
    PortfolioChart,
    /// How the value is spread.
    AllocationChart(By),
    /// What SIPs became.
    SipGrowthChart,
}

/// Nothing of theirs is shown to a contact whose number changed until a person has made
/// sure that it is still they.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number of this contact changed; verify them with `attention resolve --verified`")]
pub struct Unverified;

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The file's id, for records.
    pub id: DocumentId,
    /// The address; whoever has it gets the file.
    pub url: String,
    /// From then on it leads nowhere.
    pub expires: Timestamp,
}

/// Whether the investor is told of a link by a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// Yes: an event is recorded.
    Yes,
    /// No: whoever asked shows it.
    No,
}

/// A file as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Media type.
    pub mime: String,
    /// Name to save it under.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Documents {
    /// Returns the service.
    pub fn new(ground: Ground, investing: Investing, unseal: Unseal, issuer: Issuer) -> Self {
        Self {
            ground,
            investing,
            unseal,
            issuer: Arc::new(issuer),
        }
    }

    /// Makes a document for a contact from the records as they are now.
    pub async fn make(
        &self,
        contact: ContactId,
        language: Language,
        order: Order,
    ) -> anyhow::Result<Document> {
        let stored = self.contact(contact).await?;
        let now = self.ground.clock.now().to_zoned(ist()).datetime();
        let records = Records::load(
            (&self.ground, &self.investing),
            &stored,
            now.date(),
            order,
            &*(self.unseal)(&stored),
        )
        .await?;
        let occasion = Occasion {
            language,
            now,
            distributor: self.issuer.name.clone(),
            arn: self.issuer.arn.clone(),
            investor: records.investor.clone(),
            pan: records.pan.clone(),
        };
        tokio::task::spawn_blocking(move || print(&occasion, &records, order)).await?
    }

    /// Keeps a document for its contact and returns the link to it.
    pub async fn publish(
        &self,
        contact: ContactId,
        document: &Document,
        announce: Announce,
    ) -> anyhow::Result<Link> {
        let key = self.contact(contact).await?.key;
        let now = self.ground.clock.now();
        let last = now.checked_add(LIFE)?.to_zoned(ist()).date();
        let expires = last.tomorrow()?.to_zoned(ist())?.timestamp();
        let id = self.ground.ids.next::<DocumentId>(now);
        let token = secret_token();
        let link = Link {
            id,
            url: format!("{}/documents/{token}", self.issuer.base_url),
            expires,
        };
        let file = StoredFile {
            id,
            contact,
            kind: document.kind,
            token_hash: self.hash(&token),
            mime: document.mime.to_owned(),
            file_name: document.file_name.clone(),
            sealed: key.seal(place(&id.to_string()), &document.bytes),
            made_at: now,
            expires_at: expires,
        };
        let event = (announce == Announce::Yes).then(|| Event {
            contact,
            key: format!("document:{id}"),
            what: What::DocumentReady {
                title: document.title.clone(),
                link: link.url.clone(),
                expires: last,
                file: Some(ReadyFile {
                    document: id,
                    mime: document.mime.to_owned(),
                    file_name: document.file_name.clone(),
                    caption: document.caption.clone(),
                }),
            },
        });
        let input = (self.ground.clone(), file, event);
        self.ground
            .db
            .write(input, |conn, (ground, file, event)| {
                Box::pin(async move {
                    store::insert(conn, file).await?;
                    if let Some(event) = event {
                        let (keys, ids) = (&ground.keys, &ground.ids);
                        record(conn, keys, ids, event, file.made_at).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(link)
    }

    /// Returns the file a link's secret leads to, if it has not expired and its contact
    /// was not erased.
    pub async fn fetch(&self, token: &str) -> anyhow::Result<Option<Served>> {
        if !is_token(token) {
            return Ok(None);
        }
        let now = self.ground.clock.now();
        let mut conn = self.ground.db.read().await?;
        let found = store::find(&mut conn, &self.hash(token), now).await?;
        self.serve(&mut conn, found).await
    }

    /// Returns a file that was made for a contact, if it has not expired and they were not
    /// erased.
    pub async fn file(&self, contact: ContactId, id: DocumentId) -> anyhow::Result<Option<Served>> {
        let now = self.ground.clock.now();
        let mut conn = self.ground.db.read().await?;
        let found = store::find_of(&mut conn, contact, id, now).await?;
        self.serve(&mut conn, found).await
    }

    async fn serve(
        &self,
        conn: &mut Conn,
        found: Option<StoredFile>,
    ) -> anyhow::Result<Option<Served>> {
        let Some(file) = found else {
            return Ok(None);
        };
        let row = file.contact.to_string();
        let contact = std::slice::from_ref(&row);
        let mut found = load_readable(conn, &self.ground.keys, contact).await?;
        // After a change of number the link may be in other hands, too.
        let stored = found.remove(&row).filter(is_known);
        let Some(stored) = stored else {
            return Ok(None);
        };
        let bytes = open(&stored.key, &file)?;
        Ok(Some(Served {
            mime: file.mime,
            file_name: file.file_name,
            bytes,
        }))
    }

    fn hash(&self, token: &str) -> Vec<u8> {
        self.ground.keys.blind("documents.token", token).to_vec()
    }

    async fn contact(&self, id: ContactId) -> anyhow::Result<StoredContact> {
        let row = id.to_string();
        let mut conn = self.ground.db.read().await?;
        let found = load(&mut conn, &self.ground.keys, std::slice::from_ref(&row)).await?;
        let mut found = found;
        let stored = found
            .remove(&row)
            .ok_or_else(|| anyhow!("no contact `{id}` to make a document for"))?;
        if !is_known(&stored) {
            return Err(Unverified.into());
        }
        Ok(stored)
    }
}

/// Returns whether it is sure that whoever writes is who the records are of.
fn is_known(stored: &StoredContact) -> bool {
    stored.contact.unverified_since.is_none()
}

fn print(occasion: &Occasion, records: &Records, order: Order) -> anyhow::Result<Document> {
    match order {
        Order::Statement => {
            let said = content::statement(occasion, &records.account);
            make::paper(Kind::Statement, occasion, &said)
        }
        Order::Transactions { from, to } => {
            let first = records
                .histories
                .iter()
                .flat_map(|history| &history.movements)
                .map(|movement| movement.date)
                .min();
            let to = to.unwrap_or(occasion.now.date());
            let from = from.or(first).unwrap_or(to);
            let said = content::transactions(occasion, &records.histories, from, to);
            make::paper(Kind::Transactions, occasion, &said)
        }
        Order::CapitalGains { year } => {
            let said = content::gains(occasion, &records.gains(year));
            make::paper(Kind::CapitalGains, occasion, &said)
        }
        Order::SipSummary => {
            let said = content::sips(occasion, &records.sips());
            make::paper(Kind::SipSummary, occasion, &said)
        }
        Order::PortfolioChart => {
            let picture = charts::value(occasion, &records.value_points());
            make::picture(Kind::PortfolioChart, occasion, &picture)
        }
        Order::AllocationChart(by) => {
            let picture = charts::allocation(occasion, &records.account, by);
            make::picture(Kind::AllocationChart, occasion, &picture)
        }
        Order::SipGrowthChart => {
            let picture = charts::growth(occasion, &records.sip_growth());
            make::picture(Kind::SipGrowthChart, occasion, &picture)
        }
    }
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: "documents",
        column: "sealed",
        row,
    }
}

fn open(key: &DataKey, file: &StoredFile) -> anyhow::Result<Vec<u8>> {
    let id = file.id.to_string();
    let opened = key.open(place(&id), &file.sealed);
    opened.with_context(|| format!("the file of documents row {id} does not open"))
}

fn is_token(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text.len() == TOKEN && text.bytes().all(is_part)
}

/// Deletes files that have expired, every hour. Running it twice finds nothing left.
pub struct Purge {
    ground: Ground,
}

impl Purge {
    /// Returns the job.
    pub fn new(ground: Ground) -> Self {
        Self { ground }
    }
}

impl JobHandler for Purge {
    fn kind(&self) -> &'static str {
        "documents_purge"
    }

    fn run<'a>(&'a self, _: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            loop {
                let deleted = self
                    .ground
                    .db
                    .write(now, |conn, now| {
                        Box::pin(store::delete_expired(conn, *now, TOGETHER))
                    })
                    .await?;
                if deleted == 0 {
                    return Ok(());
                }
            }
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let every = i64::try_from(PURGE_EVERY.as_secs()).ok()?;
        let next = (now.as_second().div_euclid(every) + 1) * every;
        let at = Timestamp::from_second(next).ok()?;
        Some((at.to_string(), at))
    }
}
