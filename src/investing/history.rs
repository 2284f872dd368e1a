//! The transactions of each scheme in each folio, for whoever prints or draws them.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Paise;
use super::portfolio::{self, HeldFolio};
use super::scheme::{Catalog, Nav, SchemeCode};
use super::transaction::Transaction;

/// A scheme in a folio, with all that is on record of it, whether units are left or not.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Folio number as the fund house writes it.
    pub folio: String,
    /// Fund house.
    pub amc: String,
    /// The scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Its name as the statement has it.
    pub name: String,
    /// Held through another distributor: to be seen only.
    pub elsewhere: bool,
    /// The records go back to the first purchase and add up to the units held.
    pub is_complete: bool,
    /// The statement's own NAV.
    pub nav: Option<Nav>,
    /// In order of date.
    pub transactions: Vec<Transaction>,
    /// Money of the investor: paid in is negative.
    pub flows: Vec<(Date, Paise)>,
}

/// Who holds the folios, as the statements have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holder {
    /// Name of the first holder.
    pub name: Option<String>,
    /// PAN of the first holder.
    pub pan: Option<String>,
}

/// Lists what is on record, in order of fund house, folio and name.
pub(super) fn histories(folios: &[HeldFolio], catalog: &Catalog) -> Vec<History> {
    let mut found = Vec::new();
    for folio in folios {
        for (held, book) in folio.schemes.iter().zip(folio.books()) {
            let mut transactions = held.transactions.clone();
            transactions.sort_by_key(|t| t.date);
            found.push(History {
                folio: folio.number.clone(),
                amc: folio.amc.clone(),
                scheme: portfolio::code(held, catalog),
                name: held.name.clone(),
                elsewhere: held.elsewhere,
                is_complete: book.gap.is_none(),
                nav: held.nav,
                transactions,
                flows: book.flows,
            });
        }
    }
    found.sort_by(|a, b| (&a.amc, &a.folio, &a.name).cmp(&(&b.amc, &b.folio, &b.name)));
    found
}

impl History {
    /// Returns the units held at the end of a day, going by the transactions.
    pub fn units_on(&self, day: Date) -> Decimal {
        let until = self.transactions.iter().take_while(|t| t.date <= day);
        until.filter_map(|t| t.units).sum()
    }
}
