//! Statements: what they add to the record, scheme by scheme.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::portfolios::{self, Folio, SchemeName};
use super::transactions::{self, NewTransaction};
use crate::id::{ContactId, Ids};
use crate::investing::folio::Personal;
use crate::investing::matching::{self, Stated};
use crate::investing::money::Paise;
use crate::investing::portfolio::HeldScheme;
use crate::investing::ports::Seal;
use crate::storage::{Conn, Error};

/// A scheme of a statement, ready to be written.
pub(in crate::investing) struct SchemeRow {
    pub(in crate::investing) amc: String,
    pub(in crate::investing) folio: Personal,
    pub(in crate::investing) key: String,
    /// The registrar's code.
    pub(in crate::investing) rta: Option<String>,
    /// Whether another distributor deals in it, where the statement says who does.
    pub(in crate::investing) elsewhere: Option<bool>,
    pub(in crate::investing) held: HeldScheme,
}

/// A statement, ready to be written.
pub(in crate::investing) struct StatementRows {
    pub(in crate::investing) contact: ContactId,
    pub(in crate::investing) schemes: Vec<SchemeRow>,
    pub(in crate::investing) source: String,
    pub(in crate::investing) period: (Date, Date),
    pub(in crate::investing) now: Timestamp,
}

/// What writing a statement came to.
#[derive(Debug, Default)]
pub(in crate::investing) struct Written {
    pub(in crate::investing) new_folios: usize,
    pub(in crate::investing) added: usize,
    /// Schemes of which a newer statement is on record.
    pub(in crate::investing) older: usize,
}

/// Writes a statement. Writing it again adds nothing.
pub(in crate::investing) async fn write(
    conn: &mut Conn,
    statement: &StatementRows,
    ids: &Ids,
    seal: &dyn Seal,
) -> Result<Written, Error> {
    portfolios::lock(conn, statement.contact).await?;
    let mut folios = portfolios::list_folios(conn, statement.contact, seal).await?;
    let mut names: HashMap<String, Vec<SchemeName>> = HashMap::new();
    let mut written = Written::default();
    for scheme in &statement.schemes {
        let folio = folio_of(
            conn,
            statement,
            scheme,
            &mut folios,
            &mut written,
            (ids, seal),
        );
        let folio = folio.await?;
        if !names.contains_key(&folio) {
            let known = portfolios::list_scheme_names(conn, &folio).await?;
            names.insert(folio.clone(), known);
        }
        let known = names.entry(folio.clone()).or_default();
        let key = known_key(known, scheme);
        let place = (&*folio, &*key);
        let taken = portfolios::upsert_scheme(
            conn,
            place,
            statement.period,
            (&scheme.held, scheme.rta.as_deref(), scheme.elsewhere),
        )
        .await?;
        written.older += usize::from(!taken);
        written.added += insert_new(conn, statement, place, scheme, ids).await?;
        if !known.iter().any(|name| name.key == key) {
            known.push(SchemeName {
                key,
                isin: scheme.held.isin,
                amfi: scheme.held.amfi,
                rta: scheme.rta.clone(),
            });
        }
    }
    Ok(written)
}

async fn folio_of(
    conn: &mut Conn,
    statement: &StatementRows,
    scheme: &SchemeRow,
    folios: &mut Vec<Folio>,
    written: &mut Written,
    (ids, seal): (&Ids, &dyn Seal),
) -> Result<String, Error> {
    let in_it = statement
        .schemes
        .iter()
        .filter(|other| (&other.amc, &other.folio.number) == (&scheme.amc, &scheme.folio.number));
    let its: Vec<_> = in_it
        .map(|other| (other.held.isin, other.held.amfi))
        .collect();
    let (id, is_new) = portfolios::find_or_insert_folio(
        conn,
        statement.contact,
        folios,
        (&scheme.amc, scheme.folio.clone(), &its),
        (seal, ids, statement.now),
    )
    .await?;
    written.new_folios += usize::from(is_new);
    Ok(id)
}

/// The scheme's key on record: an order or an older statement may have named it otherwise.
fn known_key(known: &[SchemeName], scheme: &SchemeRow) -> String {
    let same_key = known.iter().find(|name| name.key == scheme.key);
    let same_isin = || {
        let isin = scheme.held.isin;
        known
            .iter()
            .find(|name| isin.is_some() && name.isin == isin)
    };
    // Two schemes of one code have two ISINs (payout and reinvestment).
    let same_code = || {
        let code = scheme.held.amfi;
        let nameless = |name: &&SchemeName| name.isin.is_none() || scheme.held.isin.is_none();
        known
            .iter()
            .find(|name| code.is_some() && name.amfi == code && nameless(name))
    };
    // The same where one side lacks the ISIN: its key is the registrar's code then.
    let same_rta = || {
        let rta = scheme.rta.as_deref();
        let own = |name: &&SchemeName| {
            let code = name.rta.as_deref().unwrap_or(&name.key);
            let codes = name.amfi.zip(scheme.held.amfi);
            rta == Some(code)
                && (name.isin.is_none() || scheme.held.isin.is_none())
                && codes.is_none_or(|(known, stated)| known == stated)
        };
        let mut named = known.iter().filter(own);
        named.next().filter(|_| named.next().is_none())
    };
    same_key
        .or_else(same_isin)
        .or_else(same_code)
        .or_else(same_rta)
        .map_or_else(|| scheme.key.clone(), |name| name.key.clone())
}

async fn insert_new(
    conn: &mut Conn,
    statement: &StatementRows,
    place: (&str, &str),
    scheme: &SchemeRow,
    ids: &Ids,
) -> Result<usize, Error> {
    let on_record = transactions::list_of_scheme(conn, place).await?;
    let stated: Vec<_> = scheme
        .held
        .transactions
        .iter()
        .map(|transaction| Stated {
            transaction,
            exit_load: Paise(0),
            of_order: false,
        })
        .collect();
    let pairs = matching::pair(&on_record, &stated);
    let mut new = Vec::new();
    let mut confirmed = Vec::new();
    for ((position, stated), known) in (0..).zip(&stated).zip(pairs) {
        match known {
            Some(at) if on_record[at].of_order => confirmed.push(on_record[at].id.clone()),
            Some(_) => {}
            None => new.push(NewTransaction {
                transaction: stated.transaction.clone(),
                exit_load: Paise(0),
                position,
                reverses: None,
            }),
        }
    }
    let (source, (_, to)) = (&*statement.source, statement.period);
    transactions::confirm(conn, &confirmed, (source, to), statement.now).await?;
    let made = (ids, statement.now);
    let added = transactions::insert(conn, place, source, &new, made).await?;
    Ok(added.len())
}
