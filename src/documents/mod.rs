//! Papers and pictures for investors: account statement, transactions, capital gains,
//! SIP summary as PDF; value over time, allocation and SIP growth as PNG for a phone.
//!
//! A room on the conversations floor, beside the dialogue: like a reply, a document is
//! words in the investor's language put around the figures of `investing`, with the texts
//! the rules require, so it may know the business, and the business knows nothing of it.
//!
//! Facts become words and figures (`content`), those become marks in their places
//! (`layout`, `charts`), and only then bytes (`draw`). What stands where is plain data
//! between the steps, so that tests measure it: nothing over an edge, nothing over
//! another, bars as high as their figures. The same facts give the same bytes: fonts are
//! compiled in, and no clock, locale or generator is asked.
//!
//! Finished files are rows, sealed with the contact's key like all that is theirs: any
//! process can serve them, a backup has them, and erasing the contact erases them. They
//! are reached by an unguessable link until they expire; only a keyed hash of its secret
//! is on record.

pub mod cards;
pub mod charts;
pub mod content;
pub mod course;
pub mod draw;
pub mod facts;
pub mod layout;
pub mod make;
mod records;
#[cfg(test)]
mod samples;
mod service;
mod sips;
mod store;
#[cfg(test)]
mod tests;
pub mod words;

use std::fmt;

pub use service::{Announce, Documents, Issuer, Link, Order, Purge, Served, Unseal, Unverified};
pub use store::{FORGET, move_files};

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its title, in the investor's language.
    pub title: String,
    /// A name to save it under; says nothing about the investor.
    pub file_name: String,
    /// Its media type.
    pub mime: &'static str,
    /// What it shows, in a sentence with the same figures.
    pub caption: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What is held.
    Statement,
    /// What was done.
    Transactions,
    /// What selling gained in a tax year.
    CapitalGains,
    /// The SIPs on record.
    SipSummary,
    /// Value over time.
    PortfolioChart,
    /// How a portfolio is spread.
    AllocationChart,
    /// What SIPs became.
    SipGrowthChart,
    /// A copy of what is kept of somebody.
    PersonalData,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Statement,
        Self::Transactions,
        Self::CapitalGains,
        Self::SipSummary,
        Self::PortfolioChart,
        Self::AllocationChart,
        Self::SipGrowthChart,
        Self::PersonalData,
    ];

    /// Returns the word it is stored and filed as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Transactions => "transactions",
            Self::CapitalGains => "capital-gains",
            Self::SipSummary => "sip-summary",
            Self::PortfolioChart => "portfolio-value",
            Self::AllocationChart => "allocation",
            Self::SipGrowthChart => "sip-growth",
            Self::PersonalData => "personal-data",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
