//! The books of the house: what an order's moments change in folios and in the ledger.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::today;
use crate::id::{ContactId, FolioId, Ids};
use crate::investing::calendar::Calendar;
use crate::investing::ledger::{self, Entry, EntryFault, Occasion};
use crate::investing::money::Paise;
use crate::investing::orders::order::Order;
use crate::investing::orders::ports::{Books, HeldUnits, Moment, SchemeBook, SchemeTerms};
use crate::investing::orders::{Allotment, OrderKind};
use crate::investing::portfolio;
use crate::investing::scheme::{Plan, SchemeCode};
use crate::investing::store::seals;
use crate::investing::tax::TaxClass;
use crate::investing::{Booking, Investing, Movement, record_allotment};
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// How long units of an equity-linked savings scheme are locked in, from their allotment.
const ELSS_LOCK_IN_MONTHS: u32 = 36;

/// Folios, transactions and the ledger of this database.
pub struct HouseBooks {
    investing: Investing,
    keys: Keyring,
    ids: Ids,
}

impl HouseBooks {
    /// Returns the books over what `investing` knows of schemes.
    pub fn new(investing: Investing, keys: Keyring, ids: Ids) -> Self {
        Self {
            investing,
            keys,
            ids,
        }
    }

    async fn units_of(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> Result<Vec<HeldUnits>, Error> {
        let seal = seals::of(conn, &self.keys, contact).await?;
        let folios = self.investing.held_folios_on(conn, contact, &seal).await?;
        let catalog = self.investing.catalog();
        let nav = catalog.get(scheme).and_then(|listed| listed.nav);
        let mut found = Vec::new();
        for folio in &folios {
            for (held, book) in folio.schemes.iter().zip(folio.books()) {
                if held.elsewhere || portfolio::code(held, &catalog) != Some(scheme) {
                    continue;
                }
                found.push(HeldUnits {
                    folio: folio.number.clone(),
                    units: held.units(),
                    lots: book.gap.is_none().then(|| book.lots.into()),
                    nav: nav.map(|nav| nav.value),
                });
            }
        }
        Ok(found)
    }

    /// Puts one leg into its folio; returns that.
    async fn book(
        &self,
        conn: &mut Conn,
        order: &Order,
        (movement, scheme): (Movement, SchemeCode),
        made: &Allotment,
        now: Timestamp,
    ) -> Result<FolioId, Error> {
        let subject = (order.contact, order.id.to_string());
        let catalog = self.investing.catalog();
        let booking = Booking::new(&catalog, subject, movement, scheme, made.clone());
        let booking = booking.ok_or_else(|| {
            Error::Inside(anyhow::anyhow!(
                "order {} was allotted in scheme {scheme}, which AMFI's list does not have",
                order.id
            ))
        })?;
        let booked = record_allotment(conn, &self.keys, &self.ids, &booking, now).await?;
        booked.folio.parse().map_err(|_| Error::Damaged {
            table: "folios",
            row: booked.folio.clone(),
            what: "its id does not read as one".to_owned(),
        })
    }

    async fn post_moment(
        &self,
        conn: &mut Conn,
        order: &Order,
        moment: Moment,
        now: Timestamp,
    ) -> Result<(), Error> {
        let entries = match moment {
            Moment::Paid => {
                let paid = order.paid.unwrap_or_default();
                vec![
                    ledger::debited(&self.occasion(order, today(now), now), paid),
                    ledger::paid(&self.occasion(order, today(now), now), paid),
                ]
            }
            Moment::Allotted => vec![self.allotted(conn, order, now).await?],
            Moment::Redeemed => {
                let out = order.details.allotment.as_ref();
                let net = out.map_or(Paise(0), |out| out.amount - out.exit_load - out.stt);
                vec![ledger::paid_out(
                    &self.occasion(order, today(now), now),
                    net,
                )]
            }
            Moment::RefundDue | Moment::Refunded => {
                let paid = order.paid.unwrap_or_default();
                let occasion = self.occasion(order, today(now), now);
                vec![if moment == Moment::RefundDue {
                    ledger::refund_due(&occasion, paid)
                } else {
                    ledger::refunded(&occasion, paid)
                }]
            }
        };
        for entry in entries {
            let entry = entry.map_err(|fault| {
                Error::Inside(anyhow::anyhow!("order {}, {moment}: {fault}", order.id))
            })?;
            ledger::post(conn, &entry).await?;
        }
        Ok(())
    }

    async fn allotted(
        &self,
        conn: &mut Conn,
        order: &Order,
        now: Timestamp,
    ) -> Result<Result<Entry, EntryFault>, Error> {
        let missing = || Error::Inside(anyhow::anyhow!("order {} has no allotment", order.id));
        let first = order.details.allotment.as_ref().ok_or_else(missing)?;
        let occasion = self.occasion(order, first.nav_date, now);
        let (movement, scheme) = match (order.kind, order.instalment) {
            (OrderKind::Purchase, None) => (Movement::Purchase, order.scheme),
            (OrderKind::Purchase, Some(_)) => (Movement::Instalment, order.scheme),
            (OrderKind::Redemption, _) => (Movement::Redemption, order.scheme),
            (OrderKind::Switch, _) => (Movement::SwitchOut, order.scheme),
        };
        let folio = self
            .book(conn, order, (movement, scheme), first, now)
            .await?;
        Ok(match order.kind {
            OrderKind::Purchase => ledger::allotted(&occasion, scheme, folio, first),
            OrderKind::Redemption => ledger::redeemed(&occasion, scheme, folio, first),
            OrderKind::Switch => {
                let second = order.details.switched_in.as_ref().ok_or_else(missing)?;
                let target = order.target.ok_or_else(missing)?;
                let way_in = (Movement::SwitchIn, target);
                let into = self.book(conn, order, way_in, second, now).await?;
                ledger::switched(&occasion, (scheme, folio, first), (target, into, second))
            }
        })
    }

    fn occasion(&self, order: &Order, on: Date, at: Timestamp) -> Occasion {
        Occasion {
            id: self.ids.next(at),
            contact: order.contact,
            subject: order.id.to_string(),
            on,
            at,
        }
    }
}

impl Books for HouseBooks {
    fn held<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> BoxFuture<'c, Result<Vec<HeldUnits>, Error>> {
        Box::pin(self.units_of(conn, contact, scheme))
    }

    fn post<'c>(
        &'c self,
        conn: &'c mut Conn,
        order: &'c Order,
        moment: Moment,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(self.post_moment(conn, order, moment, now))
    }
}

/// Only the regular plan is ours to sell, and only by rules that are on record.
impl SchemeBook for Investing {
    fn terms(&self, scheme: SchemeCode, on: Date) -> Option<SchemeTerms> {
        let book = self.rule_book();
        let mut rules = book.get(scheme, on)?.clone();
        // Without its class not even how its NAV applies is on record.
        rules.class?;
        let catalog = self.catalog();
        let listed = catalog.get(scheme)?;
        if listed.plan != Plan::Regular {
            rules.purchase = Some(false);
            rules.switch_in = Some(false);
            for offers in [&mut rules.sip, &mut rules.swp, &mut rules.stp] {
                offers.clear();
            }
        }
        // No master says it, and the law does: three years from each allotment.
        if listed.category == "Equity: ELSS" {
            rules.lock_in_months.get_or_insert(ELSS_LOCK_IN_MONTHS);
        }
        Some(SchemeTerms {
            name: listed.full_name(),
            amc: listed.amc.clone(),
            tax_class: TaxClass::of(rules.tax_class, &listed.category),
            rules,
            loads: book.loads(scheme),
            unit_decimals: 3,
        })
    }

    fn nav(&self, scheme: SchemeCode) -> Option<Decimal> {
        let catalog = self.catalog();
        catalog
            .get(scheme)
            .and_then(|listed| listed.nav)
            .map(|nav| nav.value)
    }

    fn calendar(&self) -> Arc<Calendar> {
        Self::calendar(self)
    }
}
