//! The use cases of this room: one handle for the rest of the house.

mod gains;
mod histories;
mod history;
mod holdings;
mod market;
mod reference;

pub use gains::{Page, Recorded};
pub use history::HistoryImport;
pub use market::{IndexLevel, MarketImport};
pub use reference::RulesImport;

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::clock::ist;
use crate::investing::amfi::{self, ImportReport, Listed};
use crate::investing::calendar::Calendar;
use crate::investing::changes::Changes;
use crate::investing::rules::RuleBook;
use crate::investing::scheme::{Catalog, Nav, SchemeCode};
use crate::investing::store::navs::{self, FileKind, Finished, NewImport};
use crate::storage::Db;

/// Rows written in one transaction of an import: a few milliseconds, so that a turn that
/// waits behind it does not notice.
const CHUNK: usize = 200;

/// What the rest of the house may ask about funds and holdings.
#[derive(Clone)]
pub struct Investing {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    /// Our ARN, to tell what is held through others.
    arn: Option<String>,
    /// The schemes, and as of which imports they are.
    catalog: RwLock<(Arc<Catalog>, Finished)>,
    calendar: RwLock<Arc<Calendar>>,
    rules: RwLock<Arc<RuleBook>>,
    /// One import at a time: each compares with what is on record.
    importing: Mutex<()>,
}

/// What an import of NAVs came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavImport {
    /// What was odd about the file.
    pub report: ImportReport,
    /// Schemes that were new or described anew.
    pub changed_schemes: usize,
    /// NAVs that were new or revised.
    pub changed_navs: usize,
    /// The very file of the last import, so nothing was done.
    pub already: bool,
}

impl Investing {
    /// Loads the schemes of the last import. Holdings through any other distributor than
    /// `arn` are shown as held elsewhere.
    pub async fn load(db: Db, arn: Option<String>) -> anyhow::Result<Self> {
        let inner = Inner {
            db,
            arn,
            catalog: RwLock::default(),
            calendar: RwLock::new(Arc::new(Calendar::shipped())),
            rules: RwLock::default(),
            importing: Mutex::default(),
        };
        let investing = Self {
            inner: Arc::new(inner),
        };
        investing.reload().await?;
        investing.reload_reference().await?;
        Ok(investing)
    }

    /// Takes over what another process has imported, if any has; returns whether one had.
    pub async fn take_over(&self) -> anyhow::Result<bool> {
        // Whatever this process is about to import it takes over itself.
        let _one_at_a_time = self.inner.importing.lock().await;
        let mut conn = self.inner.db.read().await?;
        let finished = navs::finished(&mut conn).await?;
        drop(conn);
        let is_news = finished != self.loaded().1;
        if is_news {
            self.reload().await?;
        }
        Ok(is_news)
    }

    /// Loads the schemes anew.
    pub async fn reload(&self) -> anyhow::Result<()> {
        let mut conn = self.inner.db.read().await?;
        // What is finished after this is looked at the next time.
        let finished = navs::finished(&mut conn).await?;
        let schemes = navs::list_schemes(&mut conn).await?;
        drop(conn);
        // Sorting and indexing all names takes a while, and answers go on meanwhile.
        let catalog = tokio::task::spawn_blocking(move || Catalog::new(schemes));
        self.swap(catalog.await?, finished);
        Ok(())
    }

    fn swap(&self, catalog: Catalog, finished: Finished) {
        let loaded = (Arc::new(catalog), finished);
        let place = &self.inner.catalog;
        *place.write().unwrap_or_else(PoisonError::into_inner) = loaded;
    }

    fn loaded(&self) -> (Arc<Catalog>, Finished) {
        let place = &self.inner.catalog;
        place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the schemes as of the last import.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.loaded().0
    }

    /// Imports a NAV file. A broken one is refused before anything is written, and what
    /// an import has written counts for nobody until all of it is there.
    pub async fn import_navs(
        &self,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<NavImport> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let db = &self.inner.db;
        let mut conn = db.read().await?;
        let finished = navs::finished(&mut conn).await?;
        let current = navs::find_current(&mut conn).await?;
        let on_record = navs::list_schemes(&mut conn).await?;
        drop(conn);
        let sha256 = digest(bytes);
        if let Some(current) = current.as_ref().filter(|c| c.sha256 == sha256) {
            return Ok(NavImport {
                report: serde_json::from_str(&current.report).unwrap_or_default(),
                changed_schemes: 0,
                changed_navs: 0,
                already: true,
            });
        }
        let today = now.to_zoned(ist()).date();
        let last_rows = current.map(|current| current.rows);
        let file = amfi::parse(bytes, today, last_rows)
            .with_context(|| format!("`{source}` was refused, the last NAVs stay"))?;
        let changes = Changes::between(on_record, file.schemes);
        let import = NewImport {
            kind: FileKind::Latest,
            source: source.to_owned(),
            sha256,
            rows: i64::try_from(file.report.rows).unwrap_or(i64::MAX),
            report: serde_json::to_string(&file.report)?,
            now: now.as_millisecond(),
        };
        let (changed_schemes, changed_navs) = (changes.schemes.len(), changes.navs.len());
        let written = self.write_navs(import, &changes.schemes, &changes.navs);
        let finished = finished.with(written.await?);
        let catalog = tokio::task::spawn_blocking(|| Catalog::new(changes.merged)).await?;
        self.swap(catalog, finished);
        Ok(NavImport {
            report: file.report,
            changed_schemes,
            changed_navs,
            already: false,
        })
    }

    /// Returns the import's id.
    async fn write_navs(
        &self,
        import: NewImport,
        schemes: &[Listed],
        new_navs: &[(SchemeCode, Nav)],
    ) -> anyhow::Result<i64> {
        let db = &self.inner.db;
        let now = import.now;
        let id = db
            .write(import, |conn, import| {
                Box::pin(navs::insert_import(conn, import))
            })
            .await?;
        for chunk in schemes.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(navs::insert_schemes(conn, *id, chunk))
            })
            .await?;
        }
        for chunk in new_navs.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(navs::insert_navs(conn, *id, chunk))
            })
            .await?;
        }
        db.write((id, now), |conn, (id, now)| {
            Box::pin(navs::finish_import(conn, *id, *now))
        })
        .await?;
        Ok(id)
    }
}

/// Returns what tells a file from every other.
fn digest(bytes: &[u8]) -> String {
    let bytes = Sha256::digest(bytes);
    let nibble = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    let pairs = bytes.iter().flat_map(|b| [nibble(b >> 4), nibble(b & 15)]);
    pairs.collect()
}
