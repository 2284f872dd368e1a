//! KYC: how far the registration agencies have got with somebody, and what that allows.
//!
//! The agencies' codes differ by agency and file, so the raw one is kept beside ours.

use jiff::Timestamp;
use jiff::civil::Date;

/// How far somebody's KYC is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KycState {
    /// Never asked, or an answer we cannot read.
    Unknown,
    /// Submitted, being looked at.
    UnderProcess,
    /// Registered with proofs other than Aadhaar: good where they already invest.
    Registered,
    /// Validated: good everywhere.
    Validated,
    /// On hold: nothing moves, not even out.
    OnHold,
    /// Refused.
    Rejected,
    /// Ended by the agency, or by PAN and Aadhaar not being linked.
    Deactivated,
}

/// What a KYC state allows with one fund house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Go on.
    Go,
    /// The fund house is new to them: fresh documents are needed first.
    FreshDocuments,
    /// KYC has to be done again first.
    ReKyc,
    /// KYC has to be done.
    NewKyc,
    /// Wait for the agency.
    Wait,
}

impl KycState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::UnderProcess,
        Self::Registered,
        Self::Validated,
        Self::OnHold,
        Self::Rejected,
        Self::Deactivated,
    ];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::UnderProcess => "under_process",
            Self::Registered => "registered",
            Self::Validated => "validated",
            Self::OnHold => "on_hold",
            Self::Rejected => "rejected",
            Self::Deactivated => "deactivated",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Reads an agency's words for it, whatever their case and spacing; what is not
    /// known is `Unknown`, never good.
    pub fn from_registry(words: &str) -> Self {
        let letters = |c: char| c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase());
        let words: String = words.chars().filter_map(letters).collect();
        match words.as_str() {
            "validated" | "kycvalidated" => Self::Validated,
            "registered" | "verified" | "kycregistered" | "kycverified" => Self::Registered,
            "onhold" | "hold" | "kyconhold" => Self::OnHold,
            "rejected" | "kycrejected" => Self::Rejected,
            "deactivated" | "kycdeactivated" => Self::Deactivated,
            "underprocess" | "submitted" | "kycunderprocess" | "kycsubmitted" => Self::UnderProcess,
            _ => Self::Unknown,
        }
    }

    /// Returns what it allows with a fund house they already invest with, or a new one.
    pub const fn buying(self, is_new_amc: bool) -> Allowance {
        match self {
            Self::Registered if is_new_amc => Allowance::FreshDocuments,
            Self::Validated | Self::Registered => Allowance::Go,
            Self::OnHold => Allowance::ReKyc,
            Self::Unknown | Self::Rejected | Self::Deactivated => Allowance::NewKyc,
            Self::UnderProcess => Allowance::Wait,
        }
    }

    /// Returns what it allows for money that comes back. On hold blocks that too.
    pub const fn redeeming(self) -> Allowance {
        self.buying(false)
    }
}

/// What is on record about somebody's KYC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kyc {
    /// How far.
    pub state: KycState,
    /// The agency's own word or code.
    pub raw: Option<String>,
    /// Which agency said so.
    pub agency: Option<String>,
    /// Last day it is good for, where the agency says one.
    pub valid_until: Option<Date>,
    /// When it was last asked.
    pub checked_at: Option<Timestamp>,
}

impl Kyc {
    /// Returns what nobody has asked about yet.
    pub const fn unknown() -> Self {
        Self {
            state: KycState::Unknown,
            raw: None,
            agency: None,
            valid_until: None,
            checked_at: None,
        }
    }

    /// Returns the state as of a day: what has run out has to be done again.
    pub fn on(&self, today: Date) -> KycState {
        let is_over = self.valid_until.is_some_and(|last| last < today);
        match self.state {
            KycState::Validated | KycState::Registered if is_over => KycState::OnHold,
            state => state,
        }
    }

    /// Returns days left before it runs out, if it does so within `within` days; negative
    /// once it has.
    pub fn days_left(&self, today: Date, within: i32) -> Option<i32> {
        let last = self.valid_until?;
        let left = today.until(last).ok()?.get_days();
        (left <= within).then_some(left)
    }

    /// Returns whether the agency should be asked again: what is under way or bad daily,
    /// what is good monthly.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        const DAY: i64 = 24 * 3600;
        let rest = match self.state {
            KycState::Validated | KycState::Registered => 30 * DAY,
            _ => DAY,
        };
        self.checked_at
            .is_none_or(|at| now.as_second() - at.as_second() >= rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn each_state_allows_what_the_table_says() {
        use Allowance::{FreshDocuments, Go, NewKyc, ReKyc, Wait};
        let table = [
            (KycState::Validated, Go, Go),
            (KycState::Registered, Go, FreshDocuments),
            (KycState::OnHold, ReKyc, ReKyc),
            (KycState::Rejected, NewKyc, NewKyc),
            (KycState::Deactivated, NewKyc, NewKyc),
            (KycState::Unknown, NewKyc, NewKyc),
            (KycState::UnderProcess, Wait, Wait),
        ];
        assert_eq!(table.len(), KycState::ALL.len());
        for (state, existing, new) in table {
            assert_eq!(
                (state.buying(false), state.buying(true)),
                (existing, new),
                "{state:?}"
            );
            assert_eq!(KycState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn what_an_agency_says_is_read_and_what_is_not_known_is_never_good() {
        for (words, state) in [
            ("KYC Validated", KycState::Validated),
            ("VERIFIED", KycState::Registered),
            ("On-Hold", KycState::OnHold),
            ("Submitted", KycState::UnderProcess),
            ("07", KycState::Unknown),
            ("not validated", KycState::Unknown),
            ("Not Available", KycState::Unknown),
        ] {
            assert_eq!(KycState::from_registry(words), state, "{words}");
        }
    }

    #[test]
    fn what_has_run_out_has_to_be_done_again() {
        let kyc = Kyc {
            state: KycState::Validated,
            valid_until: Some(date(2026, 8, 31)),
            ..Kyc::unknown()
        };
        assert_eq!(kyc.on(date(2026, 8, 31)), KycState::Validated);
        assert_eq!(kyc.on(date(2026, 9, 1)), KycState::OnHold);
        assert_eq!(kyc.days_left(date(2026, 8, 1), 30), Some(30));
        assert_eq!(kyc.days_left(date(2026, 7, 31), 30), None);
        assert_eq!(kyc.days_left(date(2026, 9, 2), 30), Some(-2));
    }

    #[test]
    fn the_agency_is_asked_again_when_its_answer_is_old() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let asked = |state| Kyc {
            state,
            checked_at: Some(at(0)),
            ..Kyc::unknown()
        };
        assert!(Kyc::unknown().is_stale(at(0)));
        assert!(asked(KycState::UnderProcess).is_stale(at(86_400)));
        assert!(!asked(KycState::Validated).is_stale(at(29 * 86_400)));
        assert!(asked(KycState::Validated).is_stale(at(30 * 86_400)));
    }
}
