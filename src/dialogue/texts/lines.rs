//! What a text says line by line.

use serde::Serialize;

/// The figures of a holding or of all.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Value.
    pub value: Option<String>,
    /// Cost.
    pub cost: Option<String>,
    /// Gain, with its sign.
    pub gain: Option<String>,
    /// Gain against cost.
    pub absolute: Option<String>,
    /// XIRR.
    pub xirr: Option<String>,
    /// Why there is no XIRR.
    pub no_xirr: Option<&'static str>,
}

/// A fund of a portfolio.
#[derive(Debug, Clone, Serialize)]
pub struct Fund {
    /// Name.
    pub name: String,
    /// Units.
    pub units: String,
    /// NAV in rupees.
    pub nav: Option<String>,
    /// Its date.
    pub date: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// Held through another distributor.
    pub elsewhere: bool,
}

/// What is on record about an investor; what is missing was never given.
#[derive(Debug, Clone, Serialize)]
pub struct RecordLines {
    /// Name as per PAN.
    pub name: Option<String>,
    /// PAN, masked.
    pub pan: Option<String>,
    /// Date of birth.
    pub born: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// How far KYC is, in the word of the records.
    pub kyc: &'static str,
    /// Bank account, masked, and branch.
    pub bank: Option<String>,
    /// How far we know that it is theirs, in the word of the records.
    pub bank_state: &'static str,
    /// Nominees with their shares, or that there shall be none.
    pub nominees: Option<String>,
    /// Whether the FATCA/CRS declaration is there.
    pub has_fatca: bool,
    /// Highest risk that suits, in the word of the records.
    pub risk: Option<&'static str>,
    /// How far the account with the exchange is, in the word of the records.
    pub account: Option<&'static str>,
}

/// A SIP of a list.
#[derive(Debug, Clone, Serialize)]
pub struct SipLine {
    /// The scheme.
    pub fund: String,
    /// Its next amount.
    pub amount: String,
    /// Day of the month.
    pub day: i8,
    /// How far, in the word of the records.
    pub status: &'static str,
    /// The next instalment.
    pub next: Option<String>,
    /// Instalments still to be left out.
    pub left_out: u32,
}

/// An order of a list.
#[derive(Debug, Clone, Serialize)]
pub struct OrderLine {
    /// What it does, in the word of the records.
    pub kind: &'static str,
    /// Whether it belongs to a SIP.
    pub is_instalment: bool,
    /// The scheme.
    pub fund: String,
    /// For how much.
    pub amount: Option<String>,
    /// For how many units.
    pub units: Option<String>,
    /// Day it was placed.
    pub placed: String,
    /// How far, in the word of the records; `unpaid` where its money did not arrive.
    pub status: &'static str,
    /// When units or money are to be expected.
    pub expected: Option<String>,
    /// Units the registrar gave or took.
    pub allotted: Option<String>,
    /// At which NAV.
    pub nav: Option<String>,
    /// Of which day.
    pub nav_date: Option<String>,
    /// Where it is approved or paid.
    pub link: Option<String>,
}

/// A mandate of a list.
#[derive(Debug, Clone, Serialize)]
pub struct MandateLine {
    /// `upi` or `enach`.
    pub kind: &'static str,
    /// At most so much a day.
    pub limit: String,
    /// How far, in the word of the records.
    pub status: &'static str,
    /// Last day.
    pub to: String,
    /// Where it is approved.
    pub link: Option<String>,
}

/// An index at the end of a day.
#[derive(Debug, Clone, Serialize)]
pub struct Level {
    /// Name of the index.
    pub name: String,
    /// The level.
    pub close: String,
    /// The day.
    pub date: String,
    /// Whether it has to be said that it is old.
    pub is_old: bool,
}

/// A scheme by what is on record about it; what is not is said not to be.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// Name with plan and option.
    pub name: String,
    /// Category.
    pub category: String,
    /// NAV with its date.
    pub nav: String,
    /// Risk-o-meter.
    pub risk: String,
    /// Exit load in words.
    pub exit_load: String,
    /// Least monthly SIP.
    pub sip: String,
    /// Least first investment.
    pub once: String,
    /// Lock-in.
    pub lock_in: String,
}
