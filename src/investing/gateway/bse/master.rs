//! The scheme master: what may be done with a scheme, in BSE's terms.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::shapes::{money, text};
use crate::investing::rules::master::{LumpsumTerms, MasterPlan, MasterScheme};

/// Why an answer of `master_scheme_list` kept in a file was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadMasterFile {
    /// It is no JSON.
    #[error("the scheme master is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is some other JSON.
    #[error("the scheme master has no list `data.lists`, as BSE's `master_scheme_list` answers")]
    NoList,
}

/// Reads a scheme master kept in a file, in the shape `master_scheme_list` answers in.
pub fn read_master(bytes: &[u8]) -> Result<Vec<MasterScheme>, BadMasterFile> {
    let answer: Value = serde_json::from_slice(bytes)?;
    let rows = answer.pointer("/data/lists").and_then(Value::as_array);
    let rows = rows.ok_or(BadMasterFile::NoList)?;
    Ok(rows.iter().filter_map(master_scheme).collect())
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
