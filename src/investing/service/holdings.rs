//! What contacts hold: statements in, portfolios out.

use std::collections::HashMap;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Investing;
use crate::id::{ContactId, Ids};
use crate::investing::cas::{ImportSummary, StatedFolio, StatedScheme, Statement};
use crate::investing::portfolio::{self, HeldFolio, HeldScheme, Portfolio};
use crate::investing::ports::Seal;
use crate::investing::store::portfolios::{self, FolioRow, SchemeRow, StatementRows};

/// What is personal about a folio.
#[derive(Serialize, Deserialize)]
struct Personal {
    number: String,
    name: Option<String>,
    pan: Option<String>,
}

impl Investing {
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
