//! Why something is not done, in words, with a way on.

use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::session;
use super::super::super::texts::Text;
use super::super::{person, record, resume};
use super::{State, at, say};
use crate::clock::ist;
use crate::investing::money::units;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::limits::OverLimit;
use crate::investing::orders::plan::NotNow;
use crate::investing::rules::Per;

/// What a refusal says: its kind, and what goes with it.
#[derive(Default)]
struct Why {
    kind: &'static str,
    amount: Option<String>,
    most: Option<String>,
    step: Option<String>,
    day: Option<String>,
}

impl Why {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    fn day(self, day: String) -> Self {
        Self {
            day: Some(day),
            ..self
        }
    }

    fn amount(self, amount: String) -> Self {
        Self {
            amount: Some(amount),
            ..self
        }
    }
}

fn why(refusal: &Refusal) -> Why {
    match refusal {
        Refusal::SchemeRulesMissing => Why::new("rules_missing"),
        Refusal::NotTaken
        | Refusal::NoSuchPlan
        | Refusal::NotNow(NotNow::Pause | NotNow::Reason) => Why::new("not_taken"),
        Refusal::Amount(rule) => Why {
            step: say::step(rule.multiple),
            most: rule.maximum.map(say::rupees),
            ..Why::new("amount").amount(say::rupees(rule.minimum))
        },
        Refusal::PanLimit { limit, left } => Why {
            most: Some(say::rupees(*left)),
            ..Why::new(match limit.per {
                Per::Day => "pan_limit_day",
                Per::Month => "pan_limit_month",
                Per::Ever => "pan_limit",
            })
            .amount(say::rupees(limit.amount))
        },
        Refusal::NotOpen(opens) => Why::new("not_open").day(say::day(*opens)),
        Refusal::TooFewAtOnce(least) => Why::new("too_few_at_once").amount(units(*least)),
        Refusal::LeavesTooLittle(least) => {
            Why::new("leaves_too_little").amount(say::rupees(*least))
        }
        Refusal::TooFewInstalments(least) => {
            Why::new("too_few_instalments").amount(least.to_string())
        }
        Refusal::TooSoon(_) => Why::new("days"),
        Refusal::OtherFundHouse => Why::new("other_house"),
        Refusal::NothingHeld => Why::new("nothing_held"),
        Refusal::WhichFolio(_) => Why::new("which_folio"),
        Refusal::TooFewUnits { free, locked_until } => Why {
            day: locked_until.map(say::day),
            ..Why::new("too_few_units").amount(units(*free))
        },
        Refusal::DaysUnknown => Why::new("days_unknown"),
        Refusal::Blocked(_) => Why::new("blocked"),
        Refusal::Paused => Why::new("paused"),
        Refusal::Limit(OverLimit::TooMany { again_at }) => {
            let at = again_at.to_zoned(ist());
            Why::new("too_many").day(at.strftime("%d-%b-%Y, %H:%M").to_string())
        }
        Refusal::Limit(OverLimit::DailyCap { cap, .. }) => {
            Why::new("daily_cap").amount(say::rupees(*cap))
        }
        Refusal::Mandate(over) => Why::new("mandate_small").amount(say::rupees(over.needed)),
        Refusal::MandateMissing | Refusal::MandateDates => Why::new("mandate_missing"),
        Refusal::MandateKind(_) => Why::new("mandate_kind"),
        Refusal::StepUp => Why::new("step_up"),
        Refusal::AboveCeiling(most) => Why::new("mandate_ceiling").amount(say::rupees(*most)),
        Refusal::NoDraft | Refusal::Expired | Refusal::NoPlan | Refusal::NoOrder => {
            Why::new("gone")
        }
        Refusal::OrderIs(_) | Refusal::NotNow(NotNow::Status(_)) => Why::new("status"),
        Refusal::NotNow(NotNow::TooLate { due }) => Why::new("too_late").day(say::day(*due)),
        Refusal::NotNow(NotNow::Busy) => Why::new("busy"),
    }
}

/// Returns why, in one sentence or two.
pub(super) fn reason(scene: &Scene<'_>, refusal: &Refusal) -> anyhow::Result<String> {
    let why = why(refusal);
    scene.say(&Text::Refused {
        why: why.kind,
        amount: why.amount.as_deref(),
        most: why.most.as_deref(),
        step: why.step.as_deref(),
        day: why.day.as_deref(),
    })
}

/// Says why, and ends the journey with a way to a person.
pub(super) fn end(scene: &Scene<'_>, refusal: &Refusal) -> anyhow::Result<Step> {
    if let Refusal::Blocked(lacks) = refusal {
        let step = blocked(scene, lacks)?;
        return Ok(Step::finish(step));
    }
    let say =
        Say::talk(reason(scene, refusal)?).buttons(vec![to_person(scene), resume::to_menu(scene)]);
    Ok(Step::finish(say))
}

/// Says what is missing before anything can be bought, and leaves the journey where it
/// is: it goes on once that is put right.
pub(super) fn lacking(
    scene: &Scene<'_>,
    state: impl Into<State>,
    lacks: &[String],
) -> anyhow::Result<Step> {
    Ok(at(state, blocked(scene, lacks)?))
}

fn blocked(scene: &Scene<'_>, lacks: &[String]) -> anyhow::Result<Say> {
    let text = scene.say(&Text::Blocked { lacks })?;
    let can_be_given = lacks.iter().any(|lack| GIVEN_HERE.contains(&lack.as_str()));
    let has_account = !lacks.iter().any(|lack| lack == "account_missing");
    let complete = can_be_given.then(|| record::complete(scene, has_account));
    let rest = [to_person(scene), resume::to_menu(scene)];
    Ok(Say::talk(text).buttons(complete.into_iter().chain(rest).collect()))
}

/// What an investor can put right in the chat, in the gate's words.
const GIVEN_HERE: [&str; 10] = [
    "consent_missing",
    "not_bound",
    "pan_missing",
    "kyc_missing",
    "account_missing",
    "bank_missing",
    "fatca_missing",
    "nomination_missing",
    "risk_profile_missing",
    "acknowledge_no_profile",
];

/// Ends a journey that has nothing to go on with.
pub(super) fn nothing(scene: &Scene<'_>, text: &Text<'_>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(text)?);
    let buttons = vec![to_person(scene), resume::to_menu(scene)];
    Ok(Step::to(session::State::Menu, say.buttons(buttons)))
}

fn to_person(scene: &Scene<'_>) -> Choice {
    let title = scene.label(Label::MenuAgent);
    Choice::new(person::FLOW, "call", "lumpsum", title)
}
