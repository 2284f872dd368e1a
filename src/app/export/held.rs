//! What is kept of somebody's money: what they hold, what was done, and what they have
//! with us under way.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::App;
use crate::id::ContactId;
use crate::investing::history::History;
use crate::investing::{Holding, Transaction};
use crate::people::masked_pan;

/// Orders in a copy, newest first.
const MOST_ORDERS: u32 = 10_000;

impl App {
    pub(super) async fn holdings_of(
        &self,
        contact: ContactId,
        today: Date,
    ) -> anyhow::Result<Value> {
        if !self.investing.holds_anything(contact).await? {
            return Ok(json!({ "now": [], "transactions": [] }));
        }
        let seal = self.seal_of(contact).await?;
        let portfolio = self.investing.portfolio(contact, today, &seal).await?;
        let holdings = portfolio.map(|portfolio| portfolio.holdings);
        let holder = self.investing.holder(contact, &seal).await?;
        let histories = self.investing.histories(contact, &seal).await?;
        Ok(json!({
            "in_the_name_of": { "name": holder.name, "pan": holder.pan.as_deref().map(masked_pan) },
            "now": holdings.unwrap_or_default().iter().map(held).collect::<Vec<_>>(),
            "transactions": histories.iter().map(done).collect::<Vec<_>>(),
        }))
    }

    pub(super) async fn dealings_of(&self, contact: ContactId) -> anyhow::Result<Value> {
        let Some(dealing) = self.dealing() else {
            return Ok(Value::Null);
        };
        let orders = dealing.orders_of(contact, None, MOST_ORDERS).await?;
        let plans = dealing.plans_of(contact).await?;
        let mandates = dealing.mandates_of(contact).await?;
        Ok(json!({
            "orders": orders
                .iter()
                .map(|order| json!({
                    "id": order.id.to_string(), "kind": order.kind.as_str(),
                    "scheme": order.scheme.to_string(), "status": order.status.as_str(),
                    "made_at": order.made_at.to_string(),
                }))
                .collect::<Vec<_>>(),
            "plans": plans
                .iter()
                .map(|view| json!({
                    "id": view.plan.id.to_string(), "scheme": view.plan.terms.scheme.to_string(),
                    "amount_paise": view.plan.terms.amount.0, "start": view.plan.terms.start.to_string(),
                    "status": view.plan.status.as_str(), "made_at": view.plan.made_at.to_string(),
                }))
                .collect::<Vec<_>>(),
            "mandates": mandates
                .iter()
                .map(|mandate| json!({
                    "id": mandate.id.to_string(), "limit_paise": mandate.limit.0,
                    "status": mandate.status.as_str(), "to": mandate.end.to_string(),
                }))
                .collect::<Vec<_>>(),
        }))
    }
}

fn held(holding: &Holding) -> Value {
    json!({
        "scheme": holding.name, "folio": holding.folio, "units": holding.units.to_string(),
        "value_paise": holding.value.map(|value| value.0),
        "through_another_distributor": holding.elsewhere,
    })
}

/// What was done in a scheme of a folio, whether units are left or not.
fn done(history: &History) -> Value {
    let row = |one: &Transaction| {
        json!({
            "date": one.date.to_string(), "kind": one.kind.as_str(),
            "amount_paise": one.amount.map(|amount| amount.0),
            "units": one.units.map(|units| units.to_string()),
            "nav": one.nav.map(|nav| nav.to_string()),
        })
    };
    json!({
        "scheme": history.name, "folio": history.folio, "fund_house": history.amc,
        "goes_back_to_the_first_purchase": history.is_complete,
        "rows": history.transactions.iter().map(row).collect::<Vec<_>>(),
    })
}
