//! What a SIP is put together from: how it grows, the day it begins, the mandate that is
//! just enough for it.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Choice, Scene};
use super::super::super::understanding::{Slots, speaks_of};
use super::{choice, typed};
use crate::investing::gateway::port::{StepUpBy, Takes};
use crate::investing::orders::draft::{Draft, MandateProposal, PlanProposal, Proposal, Refusal};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::plan::{PlanTerms, StepUp};
use crate::investing::orders::ports::AmountRule;
use crate::investing::orders::state::Moves as _;
use crate::investing::orders::{Frequency, MandateKind, MandateStatus, PlanKind};
use crate::investing::{Paise, SchemeCode};

/// A growing SIP stops growing at so many times its first amount: growth without an end
/// would need a mandate nobody should give.
const GROWS_TO_TIMES: i64 = 3;
/// Instalment days are tried from here on, so often.
const TRIES: usize = 3;

/// Whether the amount grows, year by year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Growth {
    /// It stays.
    Fixed,
    /// By so many percent.
    Percent(u8),
    /// By so much.
    Amount(Paise),
}

/// The growths there are: label and what the button carries.
pub(super) static OFFERED: [(Label, &str); 3] = [
    (Label::GrowthFixed, "fixed"),
    (Label::GrowthPercent, "percent-10"),
    (Label::GrowthAmount, "amount-50000"),
];
/// What says that the amount stays, besides the label.
#[rustfmt::skip]
const STAYS: &[&str] = &[
    "same", "fixed", "constant", "no", "without", "utna", "utni", "utne", "itna", "itni", "itne", "wahi", "nahi", "bina",
    "उतना", "उतनी", "इतना", "इतनी", "वही", "नहीं", "बिना",
];

/// What says that a rate is what an investment earns.
#[rustfmt::skip]
const EARNED: &[&str] = &[
    "return", "returns", "interest", "profit", "milega", "milegi", "milta", "munafa", "byaj", "रिटर्न", "मिलेगा", "मुनाफ़ा", "ब्याज",
];

/// Returns the growths that are offered where an exchange takes this.
pub(super) fn offered(takes: Takes) -> &'static [(Label, &'static str)] {
    if takes.step_up {
        &OFFERED
    } else {
        &OFFERED[..1]
    }
}

impl Growth {
    /// Returns the buttons that offer what a scheme takes of an amount.
    pub(super) fn buttons(scene: &Scene<'_>, amount: Paise, takes: &AmountRule) -> Vec<Choice> {
        let button = |(label, payload)| choice("growth", payload, scene.label(label));
        let fits = |(_, payload): &(Label, &str)| {
            Self::parse(payload).is_some_and(|growth| growth.fits(amount, takes, scene.today))
        };
        OFFERED.into_iter().filter(fits).map(button).collect()
    }

    /// Returns whether a scheme takes every amount that a SIP which grows so comes to.
    pub(super) fn fits(self, amount: Paise, takes: &AmountRule, from: Date) -> bool {
        let step_up = self.step_up(amount, takes);
        if step_up.is_some_and(|step| step.cap.is_some_and(|cap| cap <= amount)) {
            return false;
        }
        is_taken(&monthly(SchemeCode(0), amount, from, step_up), takes)
    }

    /// Reads what was typed in place of a button.
    pub(super) fn typed(scene: &Scene<'_>, typed: &str) -> Option<Self> {
        let stays = || typed::says(typed, STAYS).then_some("fixed");
        let payload = typed::chosen(scene, typed, &OFFERED).or_else(stays)?;
        Self::parse(payload)
    }

    pub(super) fn parse(payload: &str) -> Option<Self> {
        match payload.split_once('-') {
            None if payload == "fixed" => Some(Self::Fixed),
            Some(("percent", percent)) => percent.parse().ok().map(Self::Percent),
            Some(("amount", paise)) => paise.parse().ok().map(|paise| Self::Amount(Paise(paise))),
            _ => None,
        }
    }

    /// Returns it as buttons and forms carry it.
    pub(super) fn payload(self) -> String {
        match self {
            Self::Fixed => "fixed".to_owned(),
            Self::Percent(percent) => format!("percent-{percent}"),
            Self::Amount(more) => format!("amount-{}", more.0),
        }
    }

    /// Returns the growth of a plan of this amount in a scheme that takes such.
    pub(super) fn step_up(self, amount: Paise, takes: &AmountRule) -> Option<StepUp> {
        let by = match self {
            Self::Fixed => return None,
            Self::Percent(percent) => StepUpBy::Percent(Decimal::from(percent)),
            Self::Amount(more) => StepUpBy::Amount(more),
        };
        Some(StepUp {
            by,
            every_months: 12,
            cap: Some(grown(amount, takes)),
        })
    }

    /// Reads the answer to how it is to grow. An amount is one of those that are offered:
    /// another may as well be a new amount of the SIP.
    pub(super) fn of(slots: &Slots) -> Option<Self> {
        let offered = OFFERED
            .iter()
            .filter_map(|(_, payload)| Self::parse(payload));
        let by = slots.amount.and_then(Paise::from_rupees).map(Self::Amount);
        let by = by.filter(|by| offered.into_iter().any(|one| one == *by));
        by.or_else(|| Self::of_rate(slots))
    }

    /// Reads how a wish says it is to grow: "step up 10%". A rate by itself may as well be
    /// what somebody hopes to earn.
    pub(super) fn of_wish(slots: &Slots) -> Option<Self> {
        let typed = slots.text.as_deref().unwrap_or_default();
        let says_so = speaks_of(typed, "step_up") || speaks_of(typed, "increase");
        says_so.then(|| Self::of_rate(slots)).flatten()
    }

    /// Reads a yearly rate that a sentence names, if it is none of return.
    fn of_rate(slots: &Slots) -> Option<Self> {
        let typed = slots.text.as_deref().unwrap_or_default();
        if typed::says(typed, EARNED) {
            return None;
        }
        let rate = slots.rate.filter(|rate| rate.fract().is_zero())?;
        let percent = u8::try_from(rate.mantissa() / 10_i128.pow(rate.scale())).ok()?;
        (1..=50)
            .contains(&percent)
            .then_some(Self::Percent(percent))
    }
}

/// Returns where an amount stops growing: at the last one its scheme takes.
pub(super) fn grown(amount: Paise, takes: &AmountRule) -> Paise {
    let grown = Paise(amount.0.saturating_mul(GROWS_TO_TIMES));
    let most = takes.maximum.map_or(grown, |most| grown.min(most));
    let over = (most - takes.minimum).0.rem_euclid(takes.multiple.0.max(1));
    (most - Paise(over)).max(amount)
}

/// Returns whether a scheme takes every amount that a plan comes to.
pub(super) fn is_taken(terms: &PlanTerms, takes: &AmountRule) -> bool {
    terms
        .amounts()
        .all(|(_, amount)| takes.check(amount).is_ok())
}

/// Returns a plan that is not tied to anything yet.
pub(super) fn plan(terms: PlanTerms) -> PlanProposal {
    PlanProposal {
        terms,
        mandate: None,
        folio: None,
        replaces: None,
    }
}

/// Returns a monthly SIP that runs until cancelled.
pub(super) fn monthly(
    scheme: SchemeCode,
    amount: Paise,
    start: Date,
    step_up: Option<StepUp>,
) -> PlanTerms {
    PlanTerms {
        kind: PlanKind::Sip,
        scheme,
        target: None,
        amount,
        frequency: Frequency::Monthly,
        start,
        instalments: None,
        step_up,
    }
}

/// Returns the mandates that may still pay, those in force first.
pub(super) fn usable(mandates: Vec<Mandate>) -> Vec<Mandate> {
    let mut usable: Vec<Mandate> = mandates
        .into_iter()
        .filter(|mandate| !mandate.status.is_final() && mandate.status != MandateStatus::Paused)
        .collect();
    usable.sort_by_key(|mandate| mandate.status != MandateStatus::Active);
    usable
}

/// Works the terms out on the first such day of a month, from the start that is wanted on,
/// that is not too soon.
pub(super) async fn draft_on(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    (wanted, day): (&PlanTerms, i8),
    mandate: &Mandate,
) -> anyhow::Result<Result<Draft, Refusal>> {
    let folio = dealings.held(scene.contact.id, wanted.scheme).await?;
    let folio = folio.into_iter().next().map(|held| held.folio);
    let mut earliest = wanted.start;
    for _ in 0..TRIES {
        let mut terms = wanted.clone();
        terms.start = next_on(day, earliest);
        let proposal = PlanProposal {
            mandate: Some(mandate.id),
            folio: folio.clone(),
            ..plan(terms)
        };
        let proposal = Proposal::Plan(proposal);
        match dealings.prepare(scene.contact.id, proposal).await? {
            Err(Refusal::TooSoon(from)) => earliest = earliest.max(from),
            other => return Ok(other),
        }
    }
    Ok(Err(Refusal::TooSoon(earliest)))
}

/// Returns the first such day of a month from a day on.
pub(super) fn next_on(day: i8, from: Date) -> Date {
    let this = from
        .first_of_month()
        .saturating_add(Span::new().days(i64::from(day) - 1));
    if this >= from {
        this
    } else {
        let next = from.first_of_month().saturating_add(Span::new().months(1));
        next.saturating_add(Span::new().days(i64::from(day) - 1))
    }
}

/// Returns a mandate that is just enough: the largest instalment, in whole thousands.
pub(super) fn mandate_for(kind: MandateKind, largest: Paise, today: Date) -> MandateProposal {
    const THOUSAND: i64 = 1_000_00;
    let whole = largest.0.saturating_add(THOUSAND - 1) / THOUSAND * THOUSAND;
    let longest = Span::new().years(kind.longest_years());
    MandateProposal {
        kind,
        limit: Paise(whole).min(kind.ceiling()),
        start: today,
        end: today.saturating_add(longest),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_instalment_day_is_the_next_one_there_is() {
        let table = [
            (5, date(2026, 8, 24), date(2026, 9, 5)),
            (28, date(2026, 8, 24), date(2026, 8, 28)),
            (24, date(2026, 8, 24), date(2026, 8, 24)),
            (1, date(2026, 12, 31), date(2027, 1, 1)),
        ];
        for (day, from, on) in table {
            assert_eq!(next_on(day, from), on, "{day} from {from}");
        }
    }

    fn takes(minimum: i64, multiple: i64, maximum: Option<i64>) -> AmountRule {
        AmountRule {
            minimum: Paise(minimum),
            multiple: Paise(multiple),
            maximum: maximum.map(Paise),
        }
    }

    #[test]
    fn an_amount_grows_to_the_last_one_its_scheme_takes() {
        let end = |amount, takes| grown(Paise(amount), &takes).0;
        assert_eq!(end(1_500_00, takes(500_00, 1_00, None)), 4_500_00);
        // The most may be off the steps.
        let limited = takes(500_00, 100_00, Some(1_99_999_00));
        assert_eq!(end(80_000_00, limited), 1_99_900_00);
        let none_left = takes(500_00, 500_00, Some(1_500_00));
        assert_eq!(end(1_500_00, none_left), 1_500_00);
    }

    #[test]
    fn only_a_growth_is_offered_whose_every_amount_the_scheme_takes() {
        let fits =
            |growth: Growth, amount, takes| growth.fits(Paise(amount), &takes, date(2026, 8, 24));
        let (percent, more) = (Growth::Percent(10), Growth::Amount(Paise(500_00)));
        let of_500 = takes(500_00, 500_00, None);
        assert!(fits(Growth::Fixed, 1_500_00, of_500));
        assert!(
            !fits(percent, 1_500_00, of_500),
            "1,650 is between two steps"
        );
        assert!(fits(more, 1_500_00, of_500));
        assert!(fits(percent, 1_500_00, takes(500_00, 1_00, None)));
        let none_left = takes(500_00, 500_00, Some(1_500_00));
        assert!(fits(Growth::Fixed, 1_500_00, none_left));
        assert!(!fits(more, 1_500_00, none_left));
    }

    #[test]
    fn a_mandate_allows_the_largest_instalment_and_no_more_than_its_kind_may() {
        let today = date(2026, 8, 24);
        let limit = |kind, largest| mandate_for(kind, Paise(largest), today).limit;
        assert_eq!(limit(MandateKind::Upi, 5_000_00), Paise(5_000_00));
        assert_eq!(limit(MandateKind::Upi, 5_000_01), Paise(6_000_00));
        assert_eq!(limit(MandateKind::Upi, 3_00_000_00), Paise(1_00_000_00));
        assert_eq!(limit(MandateKind::Enach, 3_00_000_00), Paise(3_00_000_00));
    }
}
