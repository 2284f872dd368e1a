//! What this room needs from outside.

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bank::{NewBank, PennyDrop};
use super::investor::Investor;
use super::kyc::KycState;
use super::pan::Pan;
use crate::storage::{Conn, Error};

/// What a KYC agency says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KycReport {
    /// How far, in our words.
    pub state: KycState,
    /// In the agency's own.
    pub raw: String,
    /// Which agency.
    pub agency: Option<String>,
    /// Name it has them under.
    pub name: Option<String>,
    /// Last day it is good for.
    pub valid_until: Option<Date>,
}

impl KycReport {
    /// Returns what is known of somebody whom the agency does not find: nothing, for the
    /// reason it gives.
    pub(super) fn refuted(why: &RegistryError) -> Self {
        Self {
            state: KycState::Unknown,
            raw: why.to_string(),
            agency: None,
            name: None,
            valid_until: None,
        }
    }
}

/// Why an agency did not say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Cannot be reached; ask again later.
    #[error("the KYC registry cannot be reached: {0}")]
    Unavailable(String),
    /// PAN and date of birth are not one person's.
    #[error("PAN and date of birth do not belong together")]
    OtherPerson,
}

/// Hears of changes of investors' records, other than those of their accounts with
/// exchanges.
pub trait RecordWatch: Send + Sync + 'static {
    /// Is told what a record is after a change of it, in the transaction of the change.
    fn record_changed<'c>(
        &'c self,
        conn: &'c mut Conn,
        investor: &'c Investor,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>>;
}

/// Asks the KYC registration agencies.
pub trait KycRegistry: Send + Sync + 'static {
    /// Names it for records.
    fn name(&self) -> &'static str;

    /// Returns how far somebody's KYC is.
    fn look_up<'a>(
        &'a self,
        pan: &'a Pan,
        born: Date,
    ) -> BoxFuture<'a, Result<KycReport, RegistryError>>;
}

/// Finds out whose a bank account is, by crediting one rupee to it.
pub trait BankVerifier: Send + Sync + 'static {
    /// Names it for records.
    fn name(&self) -> &'static str;

    /// Credits one rupee and returns what came of it. `reference` makes doing it twice
    /// doing it once.
    fn drop_penny<'a>(
        &'a self,
        reference: &'a str,
        account: &'a NewBank,
    ) -> BoxFuture<'a, Result<PennyDrop, VerifierError>>;
}

/// Why nothing is known of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// Cannot be reached; ask again later.
    #[error("the bank cannot be reached: {0}")]
    Unavailable(String),
}
