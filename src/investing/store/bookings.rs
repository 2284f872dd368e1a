//! What a registrar made of an order becomes transactions, in the order's own database
//! transaction. Booking the same again changes nothing, and neither does the statement
//! that lists it later, nor the one that listed it before.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::portfolios::{self, SchemeName};
use super::seals;
use super::transactions::{self, NewTransaction};
use crate::id::{ContactId, Ids};
use crate::investing::folio::Personal;
use crate::investing::matching::{self, Stated};
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::scheme::{Catalog, Isin, SchemeCode};
use crate::investing::transaction::{Kind, Transaction};
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// Rows of orders come after a statement's of the same day.
const AFTER_STATEMENTS: i64 = 1_000_000;

/// Which way an order moved units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Units for money, at once.
    Purchase,
    /// Units for money, as an instalment of a plan.
    Instalment,
    /// Money for units.
    Redemption,
    /// The way into a scheme by a switch (or an STP).
    SwitchIn,
    /// The way out of a scheme by a switch (or an STP).
    SwitchOut,
}

impl Movement {
    const fn kind(self) -> Kind {
        match self {
            Self::Purchase => Kind::Purchase,
            Self::Instalment => Kind::PurchaseSip,
            Self::Redemption => Kind::Redemption,
            Self::SwitchIn => Kind::SwitchIn,
            Self::SwitchOut => Kind::SwitchOut,
        }
    }

    const fn is_in(self) -> bool {
        matches!(self, Self::Purchase | Self::Instalment | Self::SwitchIn)
    }
}

/// An allotment to put on record.
#[derive(Debug, Clone)]
pub struct Booking {
    /// Whose it is.
    pub contact: ContactId,
    /// Id of the order or instalment, unique for ever.
    pub reference: String,
    /// Which way.
    pub movement: Movement,
    /// In which scheme.
    pub scheme: SchemeCode,
    /// ISINs of the scheme.
    pub isins: Vec<Isin>,
    /// Its name with plan and option.
    pub name: String,
    /// Its fund house.
    pub amc: String,
    /// What the registrar made of it.
    pub allotment: Allotment,
}

/// What a booking came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Our id of the folio.
    pub folio: String,
    /// The folio was not on record before.
    pub is_new_folio: bool,
    /// Rows that were added; none if all were on record already.
    pub added: usize,
}

impl Booking {
    /// Describes an allotment in a scheme of the catalog; `None` if it has no such scheme.
    pub fn new(
        catalog: &Catalog,
        (contact, reference): (ContactId, String),
        movement: Movement,
        scheme: SchemeCode,
        allotment: Allotment,
    ) -> Option<Self> {
        let listed = catalog.get(scheme)?;
        Some(Self {
            contact,
            reference,
            movement,
            scheme,
            isins: catalog.isins(scheme).collect(),
            name: listed.full_name(),
            amc: listed.amc.clone(),
            allotment,
        })
    }

    /// The rows a statement would have for it, the units first.
    fn rows(&self) -> Vec<(String, NewTransaction)> {
        let allotment = &self.allotment;
        let kind = self.movement.kind();
        let sign = if self.movement.is_in() { 1 } else { -1 };
        let net = allotment.amount - allotment.exit_load;
        let mut rows = vec![(
            kind,
            net.0 * sign,
            Some(allotment.units * Decimal::from(sign)),
        )];
        if allotment.stamp_duty != Paise(0) {
            rows.push((Kind::StampDutyTax, allotment.stamp_duty.0, None));
        }
        if allotment.stt != Paise(0) {
            rows.push((Kind::SttTax, allotment.stt.0, None));
        }
        (AFTER_STATEMENTS..)
            .zip(rows)
            .map(|(position, (kind, paise, units))| {
                let transaction = Transaction {
                    date: allotment.nav_date,
                    kind,
                    amount: Some(Paise(paise)),
                    units,
                    nav: units.map(|_| allotment.nav),
                    balance: None,
                };
                let row = NewTransaction {
                    transaction,
                    exit_load: units.map_or(Paise(0), |_| allotment.exit_load),
                    position,
                    reverses: None,
                };
                (reference(&self.reference, kind), row)
            })
            .collect()
    }
}

fn reference(order: &str, kind: Kind) -> String {
    format!("{order}:{}", kind.as_str())
}

/// Puts an allotment on record with the caller's own rows: the folio, made if its number
/// is new, and the transactions with their source. A switch is two bookings, one for each
/// way, on the same connection.
pub async fn record_allotment(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    booking: &Booking,
    now: Timestamp,
) -> Result<Booked, Error> {
    portfolios::lock(conn, booking.contact).await?;
    let seal = seals::of(conn, keys, booking.contact).await?;
    let mut folios = portfolios::list_folios(conn, booking.contact, &seal).await?;
    let personal = Personal {
        number: booking.allotment.folio.clone(),
        name: None,
        pan: None,
    };
    let code = Some(booking.scheme);
    let named = booking.isins.iter().map(|isin| (Some(*isin), code));
    let its: Vec<_> = named.chain([(None, code)]).collect();
    let (folio, is_new_folio) = portfolios::find_or_insert_folio(
        conn,
        booking.contact,
        &mut folios,
        (&booking.amc, personal, &its),
        (&seal, ids, now),
    )
    .await?;
    let key = scheme_key(conn, &folio, booking).await?;
    let added = insert_rows(conn, (&folio, &key), booking.rows(), (ids, now)).await?;
    Ok(Booked {
        folio,
        is_new_folio,
        added,
    })
}

/// Finds the scheme in the folio, by whatever name it came there, or puts it in.
async fn scheme_key(conn: &mut Conn, folio: &str, booking: &Booking) -> Result<String, Error> {
    let names = portfolios::list_scheme_names(conn, folio).await?;
    let isin_of = |name: &SchemeName| name.isin.is_some_and(|i| booking.isins.contains(&i));
    let by_isin = names.iter().find(|name| isin_of(name));
    let by_code = || names.iter().find(|name| name.amfi == Some(booking.scheme));
    if let Some(name) = by_isin.or_else(by_code) {
        return Ok(name.key.clone());
    }
    let isin = booking.isins.first().copied();
    let key = isin.map_or_else(
        || format!("amfi:{}", booking.scheme),
        |isin| isin.as_str().to_owned(),
    );
    let name = SchemeName {
        key,
        isin,
        amfi: Some(booking.scheme),
        rta: None,
    };
    portfolios::insert_scheme(conn, folio, &name, &booking.name).await?;
    Ok(name.key)
}

/// Inserts what is not on record; what a statement had first becomes the order's.
async fn insert_rows(
    conn: &mut Conn,
    place: (&str, &str),
    rows: Vec<(String, NewTransaction)>,
    made: (&Ids, Timestamp),
) -> Result<usize, Error> {
    let references: Vec<_> = rows
        .iter()
        .map(|(reference, _)| reference.clone())
        .collect();
    let booked = transactions::list_of_order(conn, &references).await?;
    let mut free = transactions::list_of_scheme(conn, place).await?;
    free.retain(|row| !row.of_order);
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|(reference, _)| !booked.contains_key(reference))
        .collect();
    let stated: Vec<_> = rows
        .iter()
        .map(|(_, row)| Stated {
            transaction: &row.transaction,
            exit_load: row.exit_load,
            of_order: true,
        })
        .collect();
    let pairs = matching::pair(&free, &stated);
    let mut added = 0;
    for ((reference, row), known) in rows.into_iter().zip(pairs) {
        let (id, load) = if let Some(at) = known {
            let load = matching::load_in_amount(&free[at], &row.transaction);
            (free[at].id.clone(), load)
        } else {
            added += 1;
            let ids = transactions::insert(conn, place, "order", &[row], made).await?;
            (ids.into_iter().next().unwrap_or_default(), Paise(0))
        };
        if !transactions::link_order(conn, &reference, &id, load).await? {
            return Err(Error::Conflict("an order's transaction"));
        }
    }
    Ok(added)
}

/// Undoes what an order or instalment put on record, by rows of the other sign as of
/// `on`; returns how many were added. Doing it again adds none.
pub async fn reverse_allotment(
    conn: &mut Conn,
    ids: &Ids,
    (contact, order): (ContactId, &str),
    on: jiff::civil::Date,
    now: Timestamp,
) -> Result<usize, Error> {
    portfolios::lock(conn, contact).await?;
    let kinds = [
        Kind::Purchase,
        Kind::PurchaseSip,
        Kind::Redemption,
        Kind::SwitchIn,
        Kind::SwitchOut,
        Kind::StampDutyTax,
        Kind::SttTax,
    ];
    let references = kinds.map(|kind| reference(order, kind));
    let booked = transactions::list_of_order(conn, &references).await?;
    let mut added = 0;
    for (position, reference) in (AFTER_STATEMENTS..).zip(&references) {
        let Some(id) = booked.get(reference) else {
            continue;
        };
        let found = transactions::find(conn, id).await?;
        let Some((folio, key, undone)) = found else {
            continue;
        };
        if transactions::find_reversal(conn, id).await?.is_some() {
            continue;
        }
        let row = NewTransaction {
            transaction: Transaction {
                date: on,
                kind: match undone.units {
                    Some(_) => Kind::Reversal,
                    None => undone.kind,
                },
                amount: undone.amount.map(|amount| -amount),
                units: undone.units.map(|units| -units),
                nav: undone.nav,
                balance: None,
            },
            exit_load: Paise(0),
            position,
            reverses: Some(id.clone()),
        };
        transactions::insert(conn, (&folio, &key), "reversal", &[row], (ids, now)).await?;
        added += 1;
    }
    Ok(added)
}
