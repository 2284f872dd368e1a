//! What contacts hold: statements in, portfolios out.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Investing;
use crate::id::{ContactId, Ids};
use crate::investing::cas::{ImportSummary, StatedScheme, Statement};
use crate::investing::folio::Personal;
use crate::investing::portfolio::{self, HeldFolio, HeldScheme, Portfolio};
use crate::investing::ports::Seal;
use crate::investing::store::statements::{self, SchemeRow, StatementRows};
use crate::investing::store::{portfolios, transactions};
use crate::storage::{Conn, Error};

impl Investing {
    /// Records a statement as a contact's. Whether the contact may have it (the mobile
    /// number on it, an operator's word) is for the caller to check.
    ///
    /// Importing it again adds nothing; an older one adds its transactions and leaves the
    /// balances of a newer one. What our own orders put on record is not counted twice.
    pub async fn import_cas(
        &self,
        contact: ContactId,
        statement: &Statement,
        now: Timestamp,
        ids: &Ids,
        seal: Arc<dyn Seal>,
    ) -> anyhow::Result<ImportSummary> {
        let mut summary = ImportSummary {
            rejected: statement.rejected.clone(),
            ..ImportSummary::default()
        };
        let mut rows = StatementRows {
            contact,
            schemes: Vec::new(),
            source: statement.source.clone(),
            period: (statement.from, statement.to),
            now,
        };
        let mut lines = 0;
        for folio in statement.folios.iter().filter(|f| !f.schemes.is_empty()) {
            summary.folios.0 += 1;
            for scheme in &folio.schemes {
                summary.schemes += 1;
                lines += scheme.transactions.len();
                if !scheme.open.is_zero() || !statement.detailed {
                    summary.incomplete.push(scheme.name.clone());
                }
                rows.schemes.push(SchemeRow {
                    amc: folio.amc.clone(),
                    folio: Personal {
                        number: folio.number.clone(),
                        name: statement.name.clone(),
                        pan: folio.pan.clone(),
                    },
                    key: scheme.key.clone(),
                    rta: scheme.rta_code.clone(),
                    elsewhere: self.is_elsewhere(scheme),
                    held: self.held(scheme, statement),
                });
            }
        }
        let input = (rows, ids.clone(), seal);
        let written = self
            .inner
            .db
            .write(input, |conn, (rows, ids, seal)| {
                Box::pin(statements::write(conn, rows, ids, seal.as_ref()))
            })
            .await?;
        summary.folios.1 = written.new_folios;
        summary.transactions = (written.added, lines - written.added);
        summary.older = written.older;
        Ok(summary)
    }

    /// Whether a scheme is held through another distributor; `None` where the statement
    /// names none, as summaries never do.
    fn is_elsewhere(&self, scheme: &StatedScheme) -> Option<bool> {
        let Some(ours) = &self.inner.arn else {
            return Some(false);
        };
        let theirs = scheme.advisor.as_ref()?;
        Some(!same_arn(theirs, ours))
    }

    fn held(&self, scheme: &StatedScheme, statement: &Statement) -> HeldScheme {
        HeldScheme {
            isin: scheme.isin,
            amfi: scheme.amfi,
            name: scheme.name.clone(),
            // Units of which nobody says who deals in them are not ours to sell.
            elsewhere: self.is_elsewhere(scheme).unwrap_or(true),
            close: scheme.close,
            statement_to: Some(statement.to),
            detailed: statement.detailed,
            nav: scheme.nav,
            transactions: scheme.transactions.clone(),
            unconfirmed: Vec::new(),
            past_navs: std::collections::BTreeMap::new(),
        }
    }

    /// Returns whether anything is on record that a contact holds; needs no key of theirs.
    pub async fn holds_anything(&self, contact: ContactId) -> anyhow::Result<bool> {
        let mut conn = self.inner.db.read().await?;
        Ok(portfolios::has_folios(&mut conn, contact).await?)
    }

    /// Returns what a contact holds, valued at the latest NAVs; `None` if nothing is on
    /// record.
    pub async fn portfolio(
        &self,
        contact: ContactId,
        today: Date,
        seal: &dyn Seal,
    ) -> anyhow::Result<Option<Portfolio>> {
        let folios = self.held_folios(contact, seal).await?;
        if folios.is_empty() {
            return Ok(None);
        }
        Ok(Some(portfolio::value(&folios, &self.catalog(), today)))
    }

    pub(super) async fn held_folios(
        &self,
        contact: ContactId,
        seal: &dyn Seal,
    ) -> anyhow::Result<Vec<HeldFolio>> {
        let mut conn = self.inner.db.read().await?;
        Ok(self.held_folios_on(&mut conn, contact, seal).await?)
    }

    /// As [`Investing::held_folios`], as the caller's transaction sees them.
    pub(in crate::investing) async fn held_folios_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        seal: &dyn Seal,
    ) -> Result<Vec<HeldFolio>, Error> {
        let mut folios: HashMap<String, HeldFolio> = HashMap::new();
        for folio in portfolios::list_folios(conn, contact, seal).await? {
            folios.insert(
                folio.id,
                HeldFolio {
                    number: folio.personal.number,
                    amc: folio.amc,
                    schemes: Vec::new(),
                },
            );
        }
        let mut rows = transactions::list(conn, contact).await?;
        for (folio, key, mut held) in portfolios::list_schemes(conn, contact).await? {
            let lines = rows.remove(&(folio.clone(), key)).unwrap_or_default();
            held.take(lines.into_iter().map(|l| (l.transaction, l.unconfirmed)));
            if let Some(folio) = folios.get_mut(&folio) {
                folio.schemes.push(held);
            }
        }
        let mut folios: Vec<_> = folios.into_values().collect();
        folios.sort_by(|a, b| (&a.amc, &a.number).cmp(&(&b.amc, &b.number)));
        self.add_past_navs(conn, &mut folios).await?;
        Ok(folios)
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
