//! How money, days and schemes are said in journeys.

use jiff::civil::Date;

use super::super::super::amount_words::in_words;
use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::scene::{Say, Scene};
use super::super::super::texts::Text;
use super::super::super::voice::clip;
use super::choice;
use super::pick::For;
use crate::investing::orders::ports::AmountRule;
use crate::investing::{OptionKind, Paise, Scheme, SchemeCode, inr, money};

/// Longest name of a scheme inside a text with buttons.
const LONGEST_NAME: usize = 90;

/// Whole rupees without decimals, others with paise.
pub(super) fn rupees(amount: Paise) -> String {
    inr(amount.rupees(), if amount.0 % 100 == 0 { 0 } else { 2 })
}

/// Digits, and the words of the reader's language after them.
pub(super) fn in_full(scene: &Scene<'_>, amount: Paise) -> String {
    match in_words(scene.language, amount) {
        Some(words) => format!("{} ({words})", rupees(amount)),
        None => rupees(amount),
    }
}

/// The name of a scheme with plan and option, or its code.
pub(super) fn scheme(scene: &Scene<'_>, code: SchemeCode) -> String {
    let known = scene.facts.scheme(code);
    let name = known.map_or_else(|| code.to_string(), |scheme| scheme.full_name());
    clip(&name, LONGEST_NAME)
}

/// What became of the last answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is asked for the first time.
    Nothing,
    /// It could not be read.
    Unread,
    /// It was read, and is not possible.
    Refused,
}

impl Heard {
    pub(super) const fn of(again: bool, is_refused: bool) -> Self {
        match (again, is_refused) {
            (_, true) => Self::Refused,
            (true, false) => Self::Unread,
            (false, false) => Self::Nothing,
        }
    }

    /// Returns it as templates know it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Unread => "unread",
            Self::Refused => "refused",
        }
    }
}

/// Asks how much is to be invested, with amounts that are usual where so much is the least.
pub(super) fn ask_amount(
    scene: &Scene<'_>,
    code: SchemeCode,
    rule: &AmountRule,
    what: For,
    heard: Heard,
) -> anyhow::Result<Say> {
    let monthly = what == For::Sip;
    let text = scene.say(&Text::MoneyAmount {
        fund: &scheme(scene, code),
        monthly,
        minimum: &rupees(rule.minimum),
        maximum: rule.maximum.map(rupees).as_deref(),
        step: step(rule.multiple).as_deref(),
        heard: heard.word(),
    })?;
    let times = if monthly { [1, 2, 5] } else { [1, 5, 10] };
    let usual = times.map(|times| Paise(rule.minimum.0 * times));
    let fits = |amount: &Paise| rule.check(*amount).is_ok();
    let button = |amount: Paise| choice("amount", amount.0.to_string(), rupees(amount));
    let say = Say {
        subject: Subject::Scheme,
        ..Say::talk(text)
    };
    Ok(say.buttons(usual.into_iter().filter(fits).map(button).collect()))
}

/// Says that the least amount of a scheme is taken, as was asked for, or that it is not on
/// record.
pub(super) fn least(scene: &Scene<'_>, amount: Option<Paise>) -> anyhow::Result<String> {
    let amount = amount.map(rupees);
    let amount = amount.as_deref();
    scene.say(&Text::MoneyLeast {
        amount,
        leaves: false,
    })
}

/// The step amounts go up in, where it is worth telling.
pub(super) fn step(multiple: Paise) -> Option<String> {
    (multiple.0 > 100).then(|| rupees(multiple))
}

/// A date as it is written.
pub(super) fn day(day: Date) -> String {
    money::date(day)
}

/// A month, as in `Aug-2031`.
pub(super) fn month(day: Date) -> String {
    money::month(day)
}

/// Adds to a text what makes some of its days uncertain: without the holidays of a year,
/// every weekday of it counts.
pub(super) fn with_doubt(
    scene: &Scene<'_>,
    text: String,
    days: impl IntoIterator<Item = Date>,
) -> anyhow::Result<String> {
    let Some(dealings) = scene.facts.dealings() else {
        return Ok(text);
    };
    let calendar = dealings.calendar();
    match days.into_iter().find(|day| !calendar.knows(*day)) {
        None => Ok(text),
        Some(day) => {
            let note = scene.say(&Text::DatesProvisional { year: day.year() })?;
            Ok(format!("{text}\n{note}"))
        }
    }
}

/// The option of a scheme, as it is on record.
pub(super) fn option(scene: &Scene<'_>, scheme: &Scheme) -> String {
    let label = match scheme.option {
        OptionKind::Growth => Label::Growth,
        OptionKind::Idcw => Label::Idcw,
        OptionKind::Bonus => Label::Bonus,
        OptionKind::Other => Label::NotOnRecord,
    };
    scene.label(label).to_owned()
}
