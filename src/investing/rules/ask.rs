//! What the rules are asked, and what they have against it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::PanLimit;
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, Quantity};

/// A fact a check would have needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields of `SchemeRules`")]
pub enum Fact {
    Purchase,
    Redemption,
    SwitchIn,
    SwitchOut,
    MinimumNew,
    MinimumAdditional,
    Sip(Frequency),
    SipMinimum(Frequency),
    Stp,
    Swp,
    PlanMinimum,
}

/// Why a request may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No master says so, and nothing is guessed where money moves.
    NotOnRecord(Fact),
    /// The scheme does not take such requests.
    NotAllowed(Fact),
    /// Nothing or less.
    NotAnAmount,
    /// Too little.
    BelowMinimum {
        /// The least.
        minimum: Paise,
    },
    /// Too much at once.
    AboveMaximum {
        /// The most.
        maximum: Paise,
    },
    /// Between two steps.
    NotAMultiple {
        /// Amounts go up from here.
        from: Paise,
        /// By so much each.
        step: Paise,
    },
    /// More than one PAN may have in the limit's time.
    AbovePanLimit {
        /// The limit.
        limit: PanLimit,
        /// What is left of it.
        left: Paise,
    },
    /// The new fund offer has not begun.
    NfoNotOpen {
        /// When it does.
        opens: Date,
    },
    /// The day is none to choose.
    DayNotOffered {
        /// Those that are: of the month or of the week, Monday being 1.
        days: Vec<i8>,
    },
    /// Too short a plan.
    TooFewInstalments {
        /// The least.
        minimum: u32,
    },
    /// Too few units.
    BelowMinimumUnits {
        /// The least.
        minimum: Decimal,
    },
    /// More than there is and may go.
    NotEnoughUnits {
        /// So many may.
        free: Decimal,
    },
    /// Everything was asked for, and a part is locked.
    LockedIn {
        /// So many units may go.
        free: Decimal,
    },
    /// What would be left is too little to stay: all of it would have to go.
    RemainderTooSmall {
        /// The least that may stay.
        minimum: Paise,
    },
    /// Switches stay within a fund house.
    OtherFundHouse,
    /// A switch into itself.
    SameScheme,
}

/// A purchase that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PurchaseAsk {
    /// How much.
    pub amount: Paise,
    /// Whether the folio holds the scheme already.
    pub additional: bool,
    /// What the PAN has bought within the time of the scheme's [`PanLimit`], if it has
    /// one.
    pub already: Paise,
    /// Day of the request.
    pub on: Date,
}

/// A plan that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct PlanAsk {
    /// Each time.
    pub amount: Paise,
    /// How often.
    pub frequency: Frequency,
    /// First instalment: its day is the plan's.
    pub start: Date,
    /// How many; none runs until cancelled.
    pub instalments: Option<u32>,
    /// What the PAN puts in besides within the time of the scheme's [`PanLimit`], if it
    /// has one.
    pub already: Paise,
}

/// A redemption that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct RedemptionAsk {
    /// How much.
    pub quantity: Quantity,
    /// Units held in the folio.
    pub held: Decimal,
    /// Those of them that are neither locked nor frozen nor on their way out.
    pub free: Decimal,
    /// Latest NAV, to compare money with units.
    pub nav: Option<Decimal>,
}
