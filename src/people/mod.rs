//! Investors: who they are to the tax office, the KYC agencies and the banks, what they
//! declared and agreed to, and whether they may buy.
//!
//! An investor is a contact with a record. Every change of it goes through [`People`],
//! is audited, and done again changes nothing. What is personal is sealed under the
//! contact's key; an Aadhaar number is never kept at all.

mod bank;
mod change;
mod fatca;
pub mod gate;
pub mod gateway;
mod investor;
mod kyc;
mod masking;
mod nominee;
mod pan;
pub mod ports;
mod risk;
mod service;
pub mod store;
#[cfg(test)]
mod tests;

pub use bank::{
    AccountNumber, BankAccount, BankFault, Ifsc, NewBank, PennyDrop, Verification, same_person,
};
pub use change::{Change, Recorded, Rules};
pub use fatca::{
    Country, Fatca, FatcaFault, IncomeSlab, PoliticalExposure, TaxResidency, WealthSource,
};
pub use investor::{
    AccountState, AddressFault, BelongsTo, Binding, ExchangeAccount, HoldingMode, Investor,
    MoneyPause, Reachable, Refusal, check_birth, check_holding, is_minor,
};
pub use kyc::{Allowance, Kyc, KycState};
pub use masking::mask_numbers;
pub use nominee::{NewNominee, Nomination, Nominee, NomineeFault};
pub use pan::{HolderKind, Pan, PanFault, masked_pan};
pub use risk::{
    AnswerFault, AnswerOption, Answers, BadQuestions, Question, Questionnaire, RiskLevel,
    RiskProfile, Score,
};
pub use service::{Asked, By, People};
