//! A KYC registry of invented people, and a bank of invented accounts, for the demo and for
//! tests.

use std::collections::HashMap;

use anyhow::Context;
use futures::future::BoxFuture;
use jiff::civil::Date;
use serde::Deserialize;

use crate::people::ports::{BankVerifier, KycRegistry, KycReport, RegistryError, VerifierError};
use crate::people::{KycState, NewBank, Pan, PennyDrop};

/// Knows whom a file names, and nobody else.
#[derive(Debug)]
pub struct SandboxRegistry {
    people: HashMap<String, Row>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    pan: String,
    date_of_birth: Date,
    name: String,
    /// As an agency words it.
    status: String,
    agency: String,
    valid_until: Option<Date>,
}

impl SandboxRegistry {
    /// Reads the people of a JSON list.
    pub fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let rows: Vec<Row> = serde_json::from_slice(json).context("the KYC list does not read")?;
        let mut people = HashMap::new();
        for row in rows {
            let pan = Pan::parse(&row.pan).context("a PAN of the KYC list does not read")?;
            people.insert(pan.as_str().to_owned(), row);
        }
        Ok(Self { people })
    }

    fn answer(&self, pan: &Pan, born: Date) -> Result<KycReport, RegistryError> {
        let Some(row) = self.people.get(pan.as_str()) else {
            return Ok(KycReport {
                state: KycState::Unknown,
                raw: "Not Available".to_owned(),
                agency: None,
                name: None,
                valid_until: None,
            });
        };
        if row.date_of_birth != born {
            return Err(RegistryError::OtherPerson);
        }
        Ok(KycReport {
            state: KycState::from_registry(&row.status),
            raw: row.status.clone(),
            agency: Some(row.agency.clone()),
            name: Some(row.name.clone()),
            valid_until: row.valid_until,
        })
    }
}

impl KycRegistry for SandboxRegistry {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn look_up<'a>(
        &'a self,
        pan: &'a Pan,
        born: Date,
    ) -> BoxFuture<'a, Result<KycReport, RegistryError>> {
        Box::pin(async move { self.answer(pan, born) })
    }
}

/// A bank at which every account is its holder's, but for two endings: `0000` is refused,
/// and `9999` is somebody else's.
#[derive(Debug, Clone, Copy)]
pub struct SandboxBank;

impl BankVerifier for SandboxBank {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn drop_penny<'a>(
        &'a self,
        _: &'a str,
        account: &'a NewBank,
    ) -> BoxFuture<'a, Result<PennyDrop, VerifierError>> {
        let number = account.number.as_str();
        let said = match &number[number.len() - 4..] {
            "0000" => PennyDrop::Failed,
            "9999" => PennyDrop::Credited {
                name: "SOMEBODY ELSE".to_owned(),
            },
            _ => PennyDrop::Credited {
                name: account.holder.clone(),
            },
        };
        Box::pin(std::future::ready(Ok(said)))
    }
}
