//! What was done with holdings: gains of a tax year, a proposal's estimate, the history of
//! transactions, and how a scheme's NAV has moved.

use std::collections::HashMap;

use anyhow::Context as _;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Investing;
use crate::id::ContactId;
use crate::investing::calendar::NavClass;
use crate::investing::portfolio::{self, HeldFolio, Valued};
use crate::investing::ports::Seal;
use crate::investing::risk::{self, Figures};
use crate::investing::scheme::{OptionKind, SchemeCode};
use crate::investing::store::{navs, portfolios, transactions};
use crate::investing::tax::{self, GainsReport, TaxClass, TaxYear};
use crate::investing::transaction::{Kind, Transaction};
use crate::storage::{Conn, Error};

/// The NAV of this day counts for equity bought before; one of the days before it will do
/// where the fund published none.
const GRANDFATHERING: Date = date(2018, 1, 31);
const NEAR: i32 = 7;
/// AMFI's history begins here.
const FIRST: Date = date(2006, 4, 1);

/// A transaction of a contact, as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its id.
    pub id: String,
    /// Folio, as the fund house numbers it.
    pub folio: String,
    /// Fund house.
    pub amc: String,
    /// Name of the scheme.
    pub scheme: String,
    /// What happened.
    pub transaction: Transaction,
    /// CAMS or KFINTECH (a statement), order, or reversal.
    pub source: String,
    /// The transaction it undoes.
    pub reverses: Option<String>,
}

/// Some of a contact's transactions, newest first, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The transactions.
    pub rows: Vec<Recorded>,
    /// Give this back for the next page; none at the end.
    pub next: Option<String>,
}

impl Investing {
    /// Returns the realised gains of a tax year; an estimate, to be labelled as one.
    pub async fn gains(
        &self,
        contact: ContactId,
        year: TaxYear,
        today: Date,
        seal: &dyn Seal,
    ) -> anyhow::Result<GainsReport> {
        let folios = self.held_folios(contact, seal).await?;
        let catalog = self.catalog();
        let all = portfolio::value_all(&folios, &catalog, today);
        let old = self.navs_of_2018(&all).await?;
        let sold: Vec<_> = all
            .iter()
            .map(|valued| tax::Sold {
                folio: &valued.holding.folio,
                scheme: valued.holding.scheme,
                name: &valued.holding.name,
                class: self.tax_class(valued, today.min(year.last_day())),
                nav_31_jan_2018: valued.holding.scheme.and_then(|s| old.get(&s).copied()),
                gap: valued.holding.gap,
                sales: &valued.sales,
            })
            .collect();
        Ok(tax::report(year, &sold))
    }

    /// Returns the NAV of 31-Jan-2018 of a scheme, if it is on record.
    pub async fn nav_of_2018(&self, scheme: SchemeCode) -> anyhow::Result<Option<Decimal>> {
        let found = self.nav_on(scheme, GRANDFATHERING).await?;
        let near = found.filter(|nav| (GRANDFATHERING - nav.date).get_days() <= NEAR);
        Ok(near.map(|nav| nav.value))
    }

    /// Returns how gains of a scheme are taxed, as its rules have it on a day.
    fn tax_class(&self, valued: &Valued, on: Date) -> TaxClass {
        let holding = &valued.holding;
        let rules = holding.scheme.and_then(|scheme| self.rules(scheme, on));
        let stated = rules.and_then(|rules| rules.tax_class);
        TaxClass::of(stated, holding.category.as_deref().unwrap_or_default())
    }

    async fn navs_of_2018(&self, all: &[Valued]) -> anyhow::Result<HashMap<SchemeCode, Decimal>> {
        let mut found = HashMap::new();
        for valued in all {
            let mut parts = valued.sales.iter().flat_map(|sale| &sale.parts);
            let is_old = parts.any(|part| part.bought <= GRANDFATHERING);
            let Some(scheme) = valued.holding.scheme.filter(|_| is_old) else {
                continue;
            };
            if let Some(nav) = self.nav_of_2018(scheme).await? {
                found.insert(scheme, nav);
            }
        }
        Ok(found)
    }

    /// Fills in the NAVs that splitting the cost of a segregated portfolio asks for.
    pub(super) async fn add_past_navs(
        &self,
        conn: &mut Conn,
        folios: &mut [HeldFolio],
    ) -> Result<(), Error> {
        let catalog = self.catalog();
        for folio in folios {
            let days: Vec<Date> = folio
                .schemes
                .iter()
                .flat_map(|scheme| &scheme.transactions)
                .filter(|t| t.kind == Kind::Segregation)
                .map(|t| t.date)
                .collect();
            for scheme in &mut folio.schemes {
                for day in &days {
                    let Some(code) = portfolio::code(scheme, &catalog) else {
                        continue;
                    };
                    let nav = navs::find_nav(conn, code, *day).await?;
                    let near = nav.filter(|nav| (*day - nav.date).get_days() <= NEAR);
                    scheme
                        .past_navs
                        .extend(near.map(|nav| (nav.date, nav.value)));
                }
            }
        }
        Ok(())
    }

    /// Lists a contact's transactions, newest first, `most` a page; `after` is the
    /// [`Page::next`] of the page before.
    pub async fn transactions(
        &self,
        contact: ContactId,
        after: Option<&str>,
        most: u32,
        seal: &dyn Seal,
    ) -> anyhow::Result<Page> {
        let after = after
            .map(|text| {
                let (day, id) = text.split_once('_').context("not a cursor of ours")?;
                let day: Date = day.parse().context("not a cursor of ours")?;
                anyhow::Ok((day.to_string(), format!("txn_{id}")))
            })
            .transpose()?;
        let mut conn = self.inner.db.read().await?;
        let mut folios = HashMap::new();
        for folio in portfolios::list_folios(&mut conn, contact, seal).await? {
            folios.insert(folio.id, (folio.personal.number, folio.amc));
        }
        let lines = transactions::list_page(&mut conn, contact, after, most + 1).await?;
        drop(conn);
        let is_more = lines.len() > most as usize;
        let rows: Vec<_> = lines
            .into_iter()
            .take(most as usize)
            .map(|line| {
                let (folio, amc) = folios.get(&line.folio).cloned().unwrap_or_default();
                Recorded {
                    id: line.id,
                    folio,
                    amc,
                    scheme: line.scheme,
                    transaction: line.transaction,
                    source: line.source,
                    reverses: line.reverses,
                }
            })
            .collect();
        let next = rows.last().filter(|_| is_more).map(|row| {
            let id = row.id.strip_prefix("txn_").unwrap_or(&row.id);
            format!("{}_{id}", row.transaction.date)
        });
        Ok(Page { rows, next })
    }

    /// Says how a scheme's NAV has moved, as far as there is enough on record; `riskless`
    /// is a yearly rate. `None` for a scheme whose NAVs do not tell it: income that is paid
    /// out is a fall of the NAV and no loss, and liquid and overnight schemes publish on
    /// days without business as well, by which the figures would be too small.
    pub async fn scheme_figures(
        &self,
        scheme: SchemeCode,
        riskless: f64,
        today: Date,
    ) -> anyhow::Result<Option<Figures>> {
        let catalog = self.catalog();
        let option = catalog.get(scheme).map(|listed| listed.option);
        let class = self.nav_class(scheme, today);
        let is_calm = matches!(class, Some(NavClass::Liquid | NavClass::Overnight));
        if option != Some(OptionKind::Growth) || is_calm {
            return Ok(None);
        }
        let series = self.nav_series(scheme, FIRST, today).await?;
        let points: Vec<_> = series
            .into_iter()
            .filter_map(|nav| Some((nav.date, nav.value.to_f64()?)))
            .collect();
        Ok(Some(risk::figures(&points, riskless)))
    }
}
