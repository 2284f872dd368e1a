//! Folios and the schemes in them.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

use super::read;
use crate::id::{ContactId, FolioId, Ids};
use crate::investing::folio::{self, Personal};
use crate::investing::portfolio::HeldScheme;
use crate::investing::ports::Seal;
use crate::investing::scheme::{Isin, Nav, SchemeCode};
use crate::storage::{Conn, Error};

const FOLIOS: &str = "folios";
const SCHEMES: &str = "folio_schemes";

/// A folio, opened.
pub(in crate::investing) struct Folio {
    pub(in crate::investing) id: String,
    pub(in crate::investing) amc: String,
    pub(in crate::investing) personal: Personal,
}

/// A scheme of a folio, as it is told apart from others.
pub(in crate::investing) struct SchemeName {
    pub(in crate::investing) key: String,
    pub(in crate::investing) isin: Option<Isin>,
    pub(in crate::investing) amfi: Option<SchemeCode>,
    /// The registrar's code.
    pub(in crate::investing) rta: Option<String>,
}

/// Makes writers of one contact's portfolio wait for each other until the transaction
/// ends: what is compared with the record must not change meanwhile.
pub(in crate::investing) async fn lock(conn: &mut Conn, contact: ContactId) -> Result<(), Error> {
    sqlx::query(
        "insert into portfolios (contact_id, version) values ($1, 1)
         on conflict (contact_id) do update set version = portfolios.version + 1",
    )
    .bind(contact.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns whether a contact has a folio with a fund house.
pub(in crate::investing) async fn is_with(
    conn: &mut Conn,
    contact: ContactId,
    amc: &str,
) -> Result<bool, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select id from folios where contact_id = $1 and amc = $2 limit 1")
            .bind(contact.to_string())
            .bind(amc)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Returns whether a contact has any folio.
pub(in crate::investing) async fn has_folios(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<bool, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select id from folios where contact_id = $1 limit 1")
            .bind(contact.to_string())
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Lists a contact's folios. A damaged one is an error, not a folio less.
pub(in crate::investing) async fn list_folios(
    conn: &mut Conn,
    contact: ContactId,
    seal: &dyn Seal,
) -> Result<Vec<Folio>, Error> {
    let rows = sqlx::query("select id, amc, sealed from folios where contact_id = $1 order by id")
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let id: String = row.try_get(0)?;
            let sealed: Vec<u8> = row.try_get(2)?;
            let damaged = |what: String| Error::Damaged {
                table: FOLIOS,
                row: id.clone(),
                what,
            };
            let plain = seal
                .open(&id, &sealed)
                .map_err(|e| damaged(e.to_string()))?;
            let personal = serde_json::from_slice(&plain).map_err(|e| damaged(e.to_string()))?;
            Ok(Folio {
                amc: row.try_get(1)?,
                personal,
                id,
            })
        })
        .collect()
}

/// What a scheme is the same by wherever it is named.
pub(in crate::investing) type Identity = (Option<Isin>, Option<SchemeCode>);

/// Returns the contact's folio of that number with that fund house, made if it is new,
/// and whether it is; one that lacks the holder's name or PAN gets them. Fund houses get
/// other names, schemes keep theirs: a folio of that number that has one of `schemes` is
/// the same. Call [`lock`] first.
pub(in crate::investing) async fn find_or_insert_folio(
    conn: &mut Conn,
    contact: ContactId,
    known: &mut Vec<Folio>,
    (amc, personal, schemes): (&str, Personal, &[Identity]),
    (seal, ids, now): (&dyn Seal, &Ids, Timestamp),
) -> Result<(String, bool), Error> {
    if let Some(at) = position(conn, known, (amc, &personal.number), schemes).await? {
        let folio = &mut known[at];
        name_holder(conn, folio, &personal, seal).await?;
        return Ok((folio.id.clone(), false));
    }
    let id = ids.next::<FolioId>(now).to_string();
    sqlx::query(
        "insert into folios (id, contact_id, amc, sealed, created_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(contact.to_string())
    .bind(amc)
    .bind(sealed(&id, &personal, seal))
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    known.push(Folio {
        id: id.clone(),
        amc: amc.to_owned(),
        personal,
    });
    Ok((id, true))
}

/// Finds a folio among those that are known.
async fn position(
    conn: &mut Conn,
    known: &[Folio],
    (amc, number): (&str, &str),
    schemes: &[Identity],
) -> Result<Option<usize>, Error> {
    let same = |f: &Folio| folio::is_same((&f.amc, &f.personal.number), (amc, number));
    if let Some(at) = known.iter().position(same) {
        return Ok(Some(at));
    }
    for (at, folio) in known.iter().enumerate() {
        if !folio::is_same_number(&folio.personal.number, number) {
            continue;
        }
        let names = list_scheme_names(conn, &folio.id).await?;
        let has = |(isin, amfi): &Identity| {
            let is_it = |name: &SchemeName| {
                (isin.is_some() && name.isin == *isin) || (amfi.is_some() && name.amfi == *amfi)
            };
            names.iter().any(is_it)
        };
        if schemes.iter().any(has) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Takes over name and PAN of the holder where a folio lacks them: one that an order
/// opened has neither, and a statement that comes later does.
pub(in crate::investing) async fn name_holder(
    conn: &mut Conn,
    folio: &mut Folio,
    stated: &Personal,
    seal: &dyn Seal,
) -> Result<(), Error> {
    let personal = Personal {
        name: folio.personal.name.clone().or(stated.name.clone()),
        pan: folio.personal.pan.clone().or(stated.pan.clone()),
        number: folio.personal.number.clone(),
    };
    if personal == folio.personal {
        return Ok(());
    }
    let done = sqlx::query("update folios set sealed = $2 where id = $1")
        .bind(&folio.id)
        .bind(sealed(&folio.id, &personal, seal))
        .execute(conn)
        .await?;
    if done.rows_affected() != 1 {
        return Err(Error::Conflict("a folio"));
    }
    folio.personal = personal;
    Ok(())
}

fn sealed(folio: &str, personal: &Personal, seal: &dyn Seal) -> Vec<u8> {
    let plain = serde_json::to_vec(personal).expect("three texts are always JSON");
    seal.seal(folio, &plain)
}

/// Lists the schemes of a contact's folios without their transactions, each with its
/// folio's id and its key in it.
pub(in crate::investing) async fn list_schemes(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<(String, String, HeldScheme)>, Error> {
    let rows = sqlx::query(
        "select s.folio_id, s.scheme_key, s.isin, s.amfi_code, s.name, s.elsewhere,
                s.close_units, s.statement_to, s.nav, s.nav_date, s.statement_detailed
         from folio_schemes s join folios f on f.id = s.folio_id
         where f.contact_id = $1
         order by s.folio_id, s.scheme_key",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let folio: String = row.try_get(0)?;
            let to: Option<String> = row.try_get(7)?;
            let nav: Option<String> = row.try_get(8)?;
            let nav_date: Option<String> = row.try_get(9)?;
            let nav = match nav.zip(nav_date) {
                None => None,
                Some((value, date)) => Some(Nav {
                    value: read(SCHEMES, &folio, &value)?,
                    date: read(SCHEMES, &folio, &date)?,
                }),
            };
            let held = HeldScheme {
                isin: isin(row.try_get(2)?),
                amfi: amfi(row.try_get(3)?),
                name: row.try_get(4)?,
                elsewhere: row.try_get::<i64, _>(5)? == 1,
                close: read(SCHEMES, &folio, row.try_get::<&str, _>(6)?)?,
                statement_to: to.map(|to| read(SCHEMES, &folio, &to)).transpose()?,
                detailed: row.try_get::<i64, _>(10)? == 1,
                nav,
                transactions: Vec::new(),
                unconfirmed: Vec::new(),
                past_navs: std::collections::BTreeMap::new(),
            };
            Ok((folio, row.try_get(1)?, held))
        })
        .collect()
}

/// Lists how the schemes of a folio are told apart.
pub(in crate::investing) async fn list_scheme_names(
    conn: &mut Conn,
    folio: &str,
) -> Result<Vec<SchemeName>, Error> {
    let rows = sqlx::query(
        "select scheme_key, isin, amfi_code, rta_code from folio_schemes where folio_id = $1
         order by scheme_key",
    )
    .bind(folio)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SchemeName {
                key: row.try_get(0)?,
                isin: isin(row.try_get(1)?),
                amfi: amfi(row.try_get(2)?),
                rta: row.try_get(3)?,
            })
        })
        .collect()
}

fn isin(text: Option<String>) -> Option<Isin> {
    text.and_then(|text| Isin::parse(&text))
}

fn amfi(code: Option<i64>) -> Option<SchemeCode> {
    code.and_then(|code| u32::try_from(code).ok())
        .map(SchemeCode)
}

/// Puts a scheme into a folio as an order has it; one that is there stays as it is.
pub(in crate::investing) async fn insert_scheme(
    conn: &mut Conn,
    folio: &str,
    name: &SchemeName,
    label: &str,
) -> Result<(), Error> {
    sqlx::query(
        "insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
             close_units)
         values ($1, $2, $3, $4, $5, 0, '0')
         on conflict (folio_id, scheme_key) do nothing",
    )
    .bind(folio)
    .bind(&name.key)
    .bind(name.isin.map(|isin| isin.as_str().to_owned()))
    .bind(name.amfi.map(|code| i64::from(code.0)))
    .bind(label)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes over what a statement says of a scheme; one that does not say through whom it is
/// held (`elsewhere`) leaves that as it is on record. Returns false if a newer statement
/// is on record and stays.
pub(in crate::investing) async fn upsert_scheme(
    conn: &mut Conn,
    (folio, key): (&str, &str),
    (from, to): (Date, Date),
    (held, rta, elsewhere): (&HeldScheme, Option<&str>, Option<bool>),
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
             close_units, statement_from, statement_to, nav, nav_date, statement_detailed,
             rta_code)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (folio_id, scheme_key) do update set
             isin = coalesce(excluded.isin, folio_schemes.isin),
             amfi_code = coalesce(excluded.amfi_code, folio_schemes.amfi_code),
             name = excluded.name,
             elsewhere = coalesce($14, folio_schemes.elsewhere),
             close_units = excluded.close_units,
             statement_from = excluded.statement_from, statement_to = excluded.statement_to,
             nav = excluded.nav, nav_date = excluded.nav_date,
             statement_detailed = excluded.statement_detailed,
             rta_code = coalesce(excluded.rta_code, folio_schemes.rta_code)
         where folio_schemes.statement_to is null
            or excluded.statement_to >= folio_schemes.statement_to",
    )
    .bind(folio)
    .bind(key)
    .bind(held.isin.map(|isin| isin.as_str().to_owned()))
    .bind(held.amfi.map(|code| i64::from(code.0)))
    .bind(&held.name)
    .bind(i64::from(held.elsewhere))
    .bind(held.close.to_string())
    .bind(from.to_string())
    .bind(to.to_string())
    .bind(held.nav.map(|nav| nav.value.to_string()))
    .bind(held.nav.map(|nav| nav.date.to_string()))
    .bind(i64::from(held.detailed))
    .bind(rta.map(str::to_owned))
    .bind(elsewhere.map(i64::from))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a folio to another contact, sealed under that one's key.
pub(in crate::investing) async fn rehome_folio(
    conn: &mut Conn,
    folio: &str,
    contact: ContactId,
    sealed: Vec<u8>,
) -> Result<(), Error> {
    let done = sqlx::query("update folios set contact_id = $2, sealed = $3 where id = $1")
        .bind(folio)
        .bind(contact.to_string())
        .bind(sealed)
        .execute(conn)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Conflict("a folio"))
    }
}

/// Puts the schemes of one folio into another that is the same, the newer statement
/// counting; a summary, which names no distributor, leaves units with whom they are held.
/// Returns their keys.
pub(in crate::investing) async fn copy_schemes(
    conn: &mut Conn,
    from: &str,
    into: &str,
) -> Result<Vec<String>, Error> {
    sqlx::query(
        "insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
             close_units, statement_from, statement_to, nav, nav_date, statement_detailed,
             rta_code)
         select cast($2 as text), scheme_key, isin, amfi_code, name, elsewhere,
                close_units, statement_from, statement_to, nav, nav_date, statement_detailed,
                rta_code
           from folio_schemes where folio_id = $1
         on conflict (folio_id, scheme_key) do update set
             close_units = excluded.close_units, statement_from = excluded.statement_from,
             statement_to = excluded.statement_to, nav = excluded.nav,
             nav_date = excluded.nav_date, statement_detailed = excluded.statement_detailed,
             elsewhere = case when excluded.statement_detailed = 1
                              then excluded.elsewhere else folio_schemes.elsewhere end
         where excluded.statement_to is not null
           and (folio_schemes.statement_to is null
                or excluded.statement_to > folio_schemes.statement_to)",
    )
    .bind(from)
    .bind(into)
    .execute(&mut *conn)
    .await?;
    // Orders that come along are found by AMFI's code, which statements may lack.
    sqlx::query(
        "update folio_schemes set amfi_code =
             (select o.amfi_code from folio_schemes o
               where o.folio_id = $1 and o.scheme_key = folio_schemes.scheme_key)
          where folio_id = $2 and amfi_code is null",
    )
    .bind(from)
    .bind(into)
    .execute(&mut *conn)
    .await?;
    let keys = sqlx::query_scalar(
        "select scheme_key from folio_schemes where folio_id = $1 order by scheme_key",
    )
    .bind(from)
    .fetch_all(conn)
    .await?;
    Ok(keys)
}
