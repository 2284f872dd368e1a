//! What an investor puts into a scheme, by what its rules count.

use jiff::civil::Date;

use super::Dealing;
use crate::id::ContactId;
use crate::investing::money::Paise;
use crate::investing::orders::Quantity;
use crate::investing::orders::checks::units_of;
use crate::investing::orders::ports::SchemeTerms;
use crate::investing::rules::PurchaseAsk;
use crate::investing::scheme::SchemeCode;
use crate::investing::store::orders::book as orders;
use crate::storage::{Conn, Error};

impl Dealing {
    /// Returns what the rules of a scheme are asked of money that goes into it.
    pub(super) async fn coming(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        (scheme, folio, amount): (SchemeCode, Option<&str>, Paise),
        terms: &SchemeTerms,
        day: Date,
    ) -> Result<PurchaseAsk, Error> {
        let additional = match folio {
            Some(folio) => {
                let held = self.inner.books.held(conn, contact, scheme).await?;
                let mut held = held.iter().filter(|held| held.folio == folio);
                held.any(|held| !held.units.is_zero())
            }
            None => false,
        };
        let already = match terms.rules.pan_limit {
            Some(limit) => {
                let since = limit.per.began(day);
                self.put_in(conn, contact, scheme, since, true).await?
            }
            None => Paise(0),
        };
        Ok(PurchaseAsk {
            amount,
            additional,
            already,
            on: day,
        })
    }

    /// Returns what a contact put into a scheme since a day, by plans too or by hand only:
    /// with money, and with units of other schemes, which count by what they brought or
    /// are expected to.
    pub(super) async fn put_in(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
        since: Option<Date>,
        by_plans: bool,
    ) -> Result<Paise, Error> {
        let mut all = orders::purchased_since(conn, contact, scheme, since, by_plans).await?;
        let keys = &self.ground().keys;
        let switches = orders::list_switched_since(conn, keys, contact, scheme, since).await?;
        for order in switches
            .iter()
            .filter(|one| by_plans || one.draft.is_some())
        {
            let brought = match (&order.details.switched_in, order.quantity) {
                (Some(into), _) => into.amount + into.stamp_duty,
                (None, Quantity::Amount(amount)) => amount,
                (None, quantity) => {
                    let held = self.inner.books.held(conn, contact, order.scheme).await?;
                    let mut folios = held.iter();
                    let folio = folios.find(|one| Some(&one.folio) == order.details.folio.as_ref());
                    let worth = folio.and_then(|one| Some(units_of(quantity, one) * one.nav?));
                    worth.and_then(Paise::from_rupees).unwrap_or_default()
                }
            };
            all = all + brought;
        }
        Ok(all)
    }
}
