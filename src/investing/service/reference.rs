//! Scheme rules and holidays: data with dates, replaced while the service runs.

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{CHUNK, Investing, digest};
use crate::clock::ist;
use crate::investing::calendar::{Calendar, NavClass, Year};
use crate::investing::rules::master::{MasterReport, MasterScheme, overlay};
use crate::investing::rules::{self, RuleBook, SchemeRules};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::reference::{self, Kind, NewImport};

/// What an import of scheme rules came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulesImport {
    /// Rows given.
    pub rows: usize,
    /// Rows that were new or said something else than before.
    pub changed: usize,
    /// Rows of a scheme master of later days that a file's rows changed.
    pub carried_on: usize,
    /// Rows of schemes that AMFI's list does not have.
    pub unlisted: usize,
}

impl Investing {
    /// Returns the calendar as of the lists that are on record.
    pub fn calendar(&self) -> Arc<Calendar> {
        current(&self.inner.calendar)
    }

    /// Returns all scheme rules on record.
    pub fn rule_book(&self) -> Arc<RuleBook> {
        current(&self.inner.rules)
    }

    /// Returns what is on record about a scheme on a day; `None` if no master names it.
    pub fn rules(&self, code: SchemeCode, on: Date) -> Option<SchemeRules> {
        self.rule_book().get(code, on).cloned()
    }

    /// Returns how the NAV of a scheme applies: by its rules, else by its category.
    pub fn nav_class(&self, code: SchemeCode, on: Date) -> Option<NavClass> {
        let by_rules = self.rule_book().get(code, on).and_then(|rules| rules.class);
        let by_category = || {
            let catalog = self.catalog();
            NavClass::of_category(&catalog.get(code)?.category)
        };
        by_rules.or_else(by_category)
    }

    /// Imports scheme rules from a file.
    pub async fn import_scheme_rules(
        &self,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<RulesImport> {
        let rules = rules::parse(bytes)
            .with_context(|| format!("`{source}` was refused, the last rules stay"))?;
        self.put_rules(rules, true, source, now).await
    }

    /// Puts rules on record. Those of the same scheme and day take the place of earlier
    /// ones; everything else stays, except that what a file states is carried on into later
    /// rows of a scheme master, which would go before it.
    async fn put_rules(
        &self,
        stated: Vec<SchemeRules>,
        of_file: bool,
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<RulesImport> {
        let _one_at_a_time = self.inner.importing.lock().await;
        self.reload_reference().await?;
        let book = self.rule_book();
        let catalog = self.catalog();
        let rows = stated.len();
        let rules = if of_file {
            book.with_later(stated)
        } else {
            stated
        };
        let mut imported = RulesImport {
            rows,
            changed: 0,
            carried_on: rules.len() - rows,
            unlisted: rules
                .iter()
                .take(rows)
                .filter(|r| catalog.get(r.code).is_none())
                .count(),
        };
        let news: Vec<_> = rules.into_iter().filter(|r| !book.has(r)).collect();
        imported.changed = news.len();
        if news.is_empty() {
            return Ok(imported);
        }
        let text = serde_json::to_vec(&news)?;
        let import = NewImport::new(Kind::SchemeRules, source, digest(&text), news.len(), now);
        let db = &self.inner.db;
        let id = db
            .write(import, |conn, import| {
                Box::pin(reference::insert_import(conn, import))
            })
            .await?;
        for chunk in news.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(reference::insert_rules(conn, *id, chunk))
            })
            .await?;
        }
        self.finish_reference(id, now).await?;
        Ok(imported)
    }

    /// Puts a platform's scheme master over the rules on record; what it does not state
    /// stays, and what did not change is not written.
    pub async fn put_scheme_master(
        &self,
        master: &[MasterScheme],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<(RulesImport, MasterReport)> {
        self.reload_reference().await?;
        let catalog = self.catalog();
        let by_isin = |isin| catalog.by_isin(isin).map(|scheme| scheme.code).collect();
        let today = now.to_zoned(ist()).date();
        let (rules, report) = overlay(master, by_isin, &self.rule_book(), today, source)
            .with_context(|| format!("`{source}` was refused, the last rules stay"))?;
        let imported = self.put_rules(rules, false, source, now).await?;
        Ok((imported, report))
    }

    /// Imports a year's holidays in place of the list there is. Returns the year and how
    /// many days it names.
    pub async fn import_calendar(
        &self,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<(i16, usize)> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let refused = || format!("`{source}` was refused, the last calendar stays");
        let text = std::str::from_utf8(bytes).with_context(refused)?;
        let year = Year::parse(text).with_context(refused)?;
        let (number, days) = (year.number(), year.len());
        let import = NewImport::new(Kind::Calendar, source, digest(bytes), days, now);
        let input = (import, number, text.to_owned());
        let id = self
            .inner
            .db
            .write(input, |conn, (import, year, text)| {
                Box::pin(async move {
                    let id = reference::insert_import(conn, import).await?;
                    reference::insert_year(conn, id, *year, text).await?;
                    Ok(id)
                })
            })
            .await?;
        self.finish_reference(id, now).await?;
        Ok((number, days))
    }

    /// Returns the number of the newest finished import of reference data.
    pub async fn current_reference(&self) -> anyhow::Result<i64> {
        let mut conn = self.inner.db.read().await?;
        Ok(reference::newest(&mut conn).await?)
    }

    /// Takes over rules and holidays that another process has imported.
    pub async fn reload_reference(&self) -> anyhow::Result<()> {
        let mut conn = self.inner.db.read().await?;
        let mut book = RuleBook::default();
        for rules in reference::list_rules(&mut conn).await? {
            book.put(rules);
        }
        let mut calendar = Calendar::shipped();
        for (year, text) in reference::list_years(&mut conn).await? {
            let year = Year::parse(&text)
                .with_context(|| format!("the calendar of {year} on record is damaged"))?;
            calendar.put(year);
        }
        drop(conn);
        swap(&self.inner.rules, book);
        swap(&self.inner.calendar, calendar);
        Ok(())
    }

    pub(super) async fn finish_reference(&self, id: i64, now: Timestamp) -> anyhow::Result<()> {
        self.inner
            .db
            .write((id, now.as_millisecond()), |conn, (id, now)| {
                Box::pin(reference::finish_import(conn, *id, *now))
            })
            .await?;
        self.reload_reference().await
    }
}

fn current<T>(place: &RwLock<Arc<T>>) -> Arc<T> {
    Arc::clone(&place.read().unwrap_or_else(PoisonError::into_inner))
}

fn swap<T>(place: &RwLock<Arc<T>>, value: T) {
    *place.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
}
