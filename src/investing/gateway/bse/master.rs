//! The scheme master: what may be done with a scheme, in BSE's terms.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::shapes::{money, text};
use crate::investing::money::Paise;

/// One row of the scheme master: what may be done with a scheme, in BSE's terms. What it
/// does not say is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterScheme {
    /// BSE's code.
    pub code: String,
    /// ISIN.
    pub isin: Option<String>,
    /// Name.
    pub name: String,
    /// Fund house.
    pub amc: Option<String>,
    /// Whether it is in use.
    pub is_active: bool,
    /// Terms of orders, by BSE's word for the side (`Purchase`, `Redemption`, ...).
    pub lumpsum: Vec<LumpsumTerms>,
    /// Terms of plans, by kind and frequency letter.
    pub plans: Vec<MasterPlan>,
}

/// Terms of orders of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LumpsumTerms {
    /// `Purchase`, `Redemption`, `Switch-IN`, `Switch-OUT`.
    pub side: String,
    /// Until when a request counts for the day.
    pub cutoff: Option<jiff::civil::Time>,
    /// Least, in a new folio.
    pub minimum: Option<Paise>,
    /// Least, in a folio that is there.
    pub minimum_additional: Option<Paise>,
    /// Most.
    pub maximum: Option<Paise>,
    /// Steps.
    pub multiple: Option<Paise>,
}

/// Terms of plans of one kind and frequency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterPlan {
    /// `SIP`, `STP`, `SWP`.
    pub kind: String,
    /// Frequency, as BSE writes it.
    pub frequency: String,
    /// Whether new ones are taken.
    pub open: bool,
    /// Whether they may be paused.
    pub pause: bool,
    /// Days of the month or week, in order.
    pub days: Vec<i8>,
}

/// Reads one row of the scheme master; `None` if it has no code.
pub fn master_scheme(row: &Value) -> Option<MasterScheme> {
    let list = |name: &str| {
        row.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    Some(MasterScheme {
        code: text(row, &["scheme_bse_code"])?,
        isin: text(row, &["scheme_isin"]),
        name: text(row, &["name"]).unwrap_or_default(),
        amc: text(row, &["scheme_amc_name"]),
        is_active: row["is_active"] == true,
        lumpsum: list("lumpsum").filter_map(lumpsum).collect(),
        plans: list("systematic").filter_map(master_plan).collect(),
    })
}

fn lumpsum(row: &Value) -> Option<LumpsumTerms> {
    let none = Value::Null;
    let amounts = row.pointer("/scheme_transaction_single_details/scheme_transaction_amt");
    let amounts = amounts.unwrap_or(&none);
    Some(LumpsumTerms {
        side: text(row, &["scheme_transaction_type"])?,
        cutoff: text(row, &["scheme_transaction_cutoff_time"]).and_then(|t| t.parse().ok()),
        minimum: money(amounts, &["scheme_transaction_min_amt"]),
        minimum_additional: money(amounts, &["scheme_transaction_min_adtnl_amt"]),
        maximum: money(amounts, &["scheme_transaction_max_amt"]),
        multiple: money(amounts, &["scheme_transaction_mult_amt"]),
    })
}

fn master_plan(row: &Value) -> Option<MasterPlan> {
    let none = Value::Null;
    let options = row
        .get("scheme_transaction_allowed_options")
        .unwrap_or(&none);
    let days = row.pointer("/scheme_sxp_frequency_detail/scheme_sxp_frequency_values");
    let days = days.and_then(Value::as_array).into_iter().flatten();
    let day = |day: &Value| {
        let text = day.as_str().and_then(|text| text.parse().ok());
        text.or_else(|| day.as_i64()).and_then(|day| day.to_i8())
    };
    let mut days: Vec<i8> = days.filter_map(day).collect();
    days.sort_unstable();
    Some(MasterPlan {
        kind: text(row, &["scheme_transaction_type"])?,
        frequency: text(row, &["scheme_sxp_frequency"])?,
        open: options["scheme_sxp_registration_allowed"] == true,
        pause: options["scheme_sxp_paused"] == true,
        days,
    })
}
