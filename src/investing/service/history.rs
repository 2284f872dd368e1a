//! NAVs of earlier days: reading them, and filling them in.

use std::collections::BTreeMap;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Investing, digest};
use crate::clock::ist;
use crate::investing::amfi::{self, HistoryReport};
use crate::investing::mfapi;
use crate::investing::scheme::{Nav, SchemeCode};
use crate::investing::store::navs::{self, FileKind, NewImport};

/// What an import of earlier NAVs came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryImport {
    /// What was in the file, and odd about it.
    pub report: HistoryReport,
    /// NAVs that were new, or that AMFI has revised.
    pub changed_navs: usize,
    /// Schemes of the file that AMFI's list of the day does not have.
    pub unlisted: usize,
}

impl Investing {
    /// Returns the NAVs of a scheme from `from` to `to`, both included, in order of days:
    /// of a day that was revised AMFI's last word. Days without a NAV are left out, and
    /// some of those there are no business days.
    pub async fn nav_series(
        &self,
        code: SchemeCode,
        from: Date,
        to: Date,
    ) -> anyhow::Result<Vec<Nav>> {
        let mut conn = self.inner.db.read().await?;
        Ok(navs::list_series(&mut conn, code, from, to).await?)
    }

    /// Returns the newest NAV of a scheme up to `on`, with its own date.
    pub async fn nav_on(&self, code: SchemeCode, on: Date) -> anyhow::Result<Option<Nav>> {
        let mut conn = self.inner.db.read().await?;
        Ok(navs::find_nav(&mut conn, code, on).await?)
    }

    /// Imports AMFI's history report. It is AMFI's word, so that where it differs from
    /// what is on record it counts from now on, and what was there before stays.
    pub async fn import_nav_history(
        &self,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<HistoryImport> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let today = now.to_zoned(ist()).date();
        let file = amfi::parse_history(bytes, today)
            .with_context(|| format!("`{source}` was refused, nothing was changed"))?;
        let mut news = Vec::new();
        for (code, days) in &file.series {
            let known = self.known(*code, days).await?;
            let is_news = |nav: &&Nav| known.get(&nav.date).is_none_or(|k| k.value != nav.value);
            let of_scheme = days.values().filter(is_news);
            news.extend(of_scheme.map(|nav| (*code, *nav)));
        }
        let codes = file.series.keys().copied();
        self.write_history(FileKind::History, bytes, source, now, &file.report, &news)
            .await?;
        Ok(HistoryImport {
            changed_navs: news.len(),
            unlisted: self.unlisted(codes),
            report: file.report,
        })
    }

    /// Fills gaps in a scheme's NAVs from a file in mfapi's shape; `asked` is the scheme
    /// it should be of. It never takes the place of a NAV from AMFI, on record or to
    /// come, and is refused if it contradicts AMFI where both know.
    pub async fn backfill_navs(
        &self,
        bytes: &[u8],
        asked: Option<SchemeCode>,
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<HistoryImport> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let today = now.to_zoned(ist()).date();
        let refused = || format!("`{source}` was refused, nothing was changed");
        let backfill = mfapi::parse(bytes, asked, today).with_context(refused)?;
        let code = backfill.code;
        let known = match backfill.file.series.get(&code) {
            Some(days) => self.known(code, days).await?,
            None => BTreeMap::new(),
        };
        let latest = self.catalog().get(code).and_then(|scheme| scheme.nav);
        let gaps = mfapi::gaps(&backfill, &known, latest.map(|nav| nav.date));
        let gaps = gaps.with_context(refused)?;
        let news: Vec<_> = gaps.into_iter().map(|nav| (code, nav)).collect();
        let report = backfill.file.report;
        self.write_history(FileKind::Backfill, bytes, source, now, &report, &news)
            .await?;
        Ok(HistoryImport {
            changed_navs: news.len(),
            unlisted: self.unlisted(std::iter::once(code)),
            report,
        })
    }

    /// Returns what is on record over the days of a file.
    async fn known(
        &self,
        code: SchemeCode,
        days: &BTreeMap<Date, Nav>,
    ) -> anyhow::Result<BTreeMap<Date, Nav>> {
        let ends = days.keys().next().zip(days.keys().next_back());
        let Some((first, last)) = ends else {
            return Ok(BTreeMap::new());
        };
        let series = self.nav_series(code, *first, *last).await?;
        Ok(series.into_iter().map(|nav| (nav.date, nav)).collect())
    }

    fn unlisted(&self, codes: impl Iterator<Item = SchemeCode>) -> usize {
        let catalog = self.catalog();
        codes.filter(|code| catalog.get(*code).is_none()).count()
    }

    /// Nothing new leaves no trace, so that the same file again changes nothing.
    async fn write_history(
        &self,
        kind: FileKind,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
        report: &HistoryReport,
        news: &[(SchemeCode, Nav)],
    ) -> anyhow::Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        let import = NewImport {
            kind,
            source: source.to_owned(),
            sha256: digest(bytes),
            rows: i64::try_from(report.rows).unwrap_or(i64::MAX),
            report: serde_json::to_string(report)?,
            now: now.as_millisecond(),
        };
        self.write_navs(import, &[], news).await?;
        self.reload().await
    }
}
