use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::amfi::{self, ImportReport};
use super::calendar::Calendar;
use super::cas::{ImportSummary, StatedFolio, StatedScheme, Statement};
use super::changes::Changes;
use super::portfolio::{self, HeldFolio, HeldScheme, Portfolio};
use super::ports::Seal;
use super::scheme::Catalog;
use super::store::navs::{self, NewImport};
use super::store::portfolios::{self, FolioRow, SchemeRow, StatementRows};
use crate::clock::ist;
use crate::id::{ContactId, Ids};
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
    catalog: RwLock<Arc<Catalog>>,
    calendar: RwLock<Arc<Calendar>>,
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

/// What is personal about a folio.
#[derive(Serialize, Deserialize)]
struct Personal {
    number: String,
    name: Option<String>,
    pan: Option<String>,
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
            importing: Mutex::default(),
        };
        let investing = Self {
            inner: Arc::new(inner),
        };
        investing.reload().await?;
        Ok(investing)
    }

    /// Takes over what another process has imported.
    pub async fn reload(&self) -> anyhow::Result<()> {
        let mut conn = self.inner.db.read().await?;
        let schemes = navs::list_schemes(&mut conn).await?;
        drop(conn);
        self.swap(Catalog::new(schemes));
        Ok(())
    }

    /// Returns what tells the current import from every other; empty before the first.
    pub async fn current_import(&self) -> anyhow::Result<String> {
        let mut conn = self.inner.db.read().await?;
        let current = navs::find_current(&mut conn).await?;
        Ok(current.map_or_else(String::new, |current| current.sha256))
    }

    fn swap(&self, catalog: Catalog) {
        let catalog = Arc::new(catalog);
        let place = &self.inner.catalog;
        *place.write().unwrap_or_else(PoisonError::into_inner) = catalog;
    }

    /// Returns the schemes as of the last import.
    pub fn catalog(&self) -> Arc<Catalog> {
        let place = &self.inner.catalog;
        Arc::clone(&place.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the calendar as of the lists that are on record.
    pub fn calendar(&self) -> Arc<Calendar> {
        let place = &self.inner.calendar;
        Arc::clone(&place.read().unwrap_or_else(PoisonError::into_inner))
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
        let current = navs::find_current(&mut conn).await?;
        let on_record = navs::list_schemes(&mut conn).await?;
        drop(conn);
        let sha256 = hex(&Sha256::digest(bytes));
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
            source: source.to_owned(),
            sha256,
            rows: i64::try_from(file.report.rows).unwrap_or(i64::MAX),
            report: serde_json::to_string(&file.report)?,
            now: now.as_millisecond(),
        };
        let (changed_schemes, changed_navs) = (changes.schemes.len(), changes.navs.len());
        self.write_navs(import, &changes).await?;
        let catalog = tokio::task::spawn_blocking(|| Catalog::new(changes.merged)).await?;
        self.swap(catalog);
        Ok(NavImport {
            report: file.report,
            changed_schemes,
            changed_navs,
            already: false,
        })
    }

    async fn write_navs(&self, import: NewImport, changes: &Changes) -> anyhow::Result<()> {
        let db = &self.inner.db;
        let now = import.now;
        let id = db
            .write(import, |conn, import| {
                Box::pin(navs::insert_import(conn, import))
            })
            .await?;
        for chunk in changes.schemes.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(navs::insert_schemes(conn, *id, chunk))
            })
            .await?;
        }
        for chunk in changes.navs.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(navs::insert_navs(conn, *id, chunk))
            })
            .await?;
        }
        db.write((id, now), |conn, (id, now)| {
            Box::pin(navs::finish_import(conn, *id, *now))
        })
        .await?;
        Ok(())
    }

    /// Records a statement as a contact's. Whether the contact may have it (the mobile
    /// number on it, an operator's word) is for the caller to check.
    ///
    /// Importing it again adds nothing; an older one adds its transactions and leaves the
    /// balances of a newer one.
    pub async fn import_cas(
        &self,
        contact: ContactId,
        statement: &Statement,
        now: Timestamp,
        ids: &Ids,
        seal: &dyn Seal,
    ) -> anyhow::Result<ImportSummary> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let mut known = HashMap::new();
        for (id, amc, personal) in self.folios(contact, seal).await? {
            known.insert((amc, personal.number), id);
        }
        let mut summary = ImportSummary {
            rejected: statement.rejected.clone(),
            ..ImportSummary::default()
        };
        let mut rows = StatementRows {
            contact,
            new_folios: Vec::new(),
            schemes: Vec::new(),
            source: statement.source.clone(),
            now: now.as_millisecond(),
        };
        let mut lines = 0;
        for folio in statement.folios.iter().filter(|f| !f.schemes.is_empty()) {
            summary.folios.0 += 1;
            let place = (folio.amc.clone(), folio.number.clone());
            let id = known.entry(place).or_insert_with(|| {
                summary.folios.1 += 1;
                let row = new_folio(folio, statement, ids, now, seal);
                rows.new_folios.push(row);
                rows.new_folios[rows.new_folios.len() - 1].id.clone()
            });
            for scheme in &folio.schemes {
                summary.schemes += 1;
                lines += scheme.transactions.len();
                if !scheme.open.is_zero() || !statement.detailed {
                    summary.incomplete.push(scheme.name.clone());
                }
                rows.schemes.push(SchemeRow {
                    folio: id.clone(),
                    key: scheme.key.clone(),
                    from: statement.from,
                    held: self.held(scheme, statement.to),
                });
            }
        }
        let (added, older) = self
            .inner
            .db
            .write(rows, |conn, rows| {
                Box::pin(portfolios::write_statement(conn, rows))
            })
            .await?;
        summary.transactions = (added, lines - added);
        summary.older = older;
        Ok(summary)
    }

    fn held(&self, scheme: &StatedScheme, to: Date) -> HeldScheme {
        let elsewhere = scheme.advisor.as_ref().zip(self.inner.arn.as_ref());
        HeldScheme {
            isin: scheme.isin,
            amfi: scheme.amfi,
            name: scheme.name.clone(),
            elsewhere: elsewhere.is_some_and(|(theirs, ours)| !same_arn(theirs, ours)),
            close: scheme.close,
            statement_to: to,
            nav: scheme.nav,
            transactions: scheme.transactions.clone(),
        }
    }

    async fn folios(
        &self,
        contact: ContactId,
        seal: &dyn Seal,
    ) -> anyhow::Result<Vec<(String, String, Personal)>> {
        let mut conn = self.inner.db.read().await?;
        let rows = portfolios::list_folios(&mut conn, contact).await?;
        let open = |row: FolioRow| {
            let plain = seal.open(&row.id, &row.sealed)?;
            let personal = serde_json::from_slice(&plain)
                .with_context(|| format!("folio row {} is damaged", row.id))?;
            Ok((row.id, row.amc, personal))
        };
        rows.into_iter().map(open).collect()
    }

    /// Returns what a contact holds, valued at the latest NAVs; `None` if nothing was imported.
    pub async fn portfolio(
        &self,
        contact: ContactId,
        today: Date,
        seal: &dyn Seal,
    ) -> anyhow::Result<Option<Portfolio>> {
        let mut folios: HashMap<String, HeldFolio> = HashMap::new();
        for (id, amc, personal) in self.folios(contact, seal).await? {
            let number = personal.number;
            let schemes = Vec::new();
            folios.insert(
                id,
                HeldFolio {
                    number,
                    amc,
                    schemes,
                },
            );
        }
        if folios.is_empty() {
            return Ok(None);
        }
        let mut conn = self.inner.db.read().await?;
        for (folio, scheme) in portfolios::list_schemes(&mut conn, contact).await? {
            if let Some(folio) = folios.get_mut(&folio) {
                folio.schemes.push(scheme);
            }
        }
        drop(conn);
        let mut folios: Vec<_> = folios.into_values().collect();
        folios.sort_by(|a, b| (&a.amc, &a.number).cmp(&(&b.amc, &b.number)));
        Ok(Some(portfolio::value(&folios, &self.catalog(), today)))
    }
}

fn new_folio(
    folio: &StatedFolio,
    statement: &Statement,
    ids: &Ids,
    now: Timestamp,
    seal: &dyn Seal,
) -> FolioRow {
    let id = ids.next::<crate::id::FolioId>(now).to_string();
    let personal = Personal {
        number: folio.number.clone(),
        name: statement.name.clone(),
        pan: folio.pan.clone(),
    };
    let plain = serde_json::to_vec(&personal).expect("three texts are always JSON");
    FolioRow {
        sealed: seal.seal(&id, &plain),
        amc: folio.amc.clone(),
        id,
    }
}

/// `ARN-000001`, `arn 000001` and `000001` are one distributor.
fn same_arn(a: &str, b: &str) -> bool {
    let digits = |text: &str| -> String {
        let digits = text.chars().filter(char::is_ascii_digit);
        digits.skip_while(|c| *c == '0').collect()
    };
    let (left, right) = (digits(a), digits(b));
    left == right && (!left.is_empty() || a.trim().eq_ignore_ascii_case(b.trim()))
}

fn hex(bytes: &[u8]) -> String {
    let nibble = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    let pairs = bytes.iter().flat_map(|b| [nibble(b >> 4), nibble(b & 15)]);
    pairs.collect()
}
