//! A SIP, filled in on a form instead of step by step: the fund, then amount, day and
//! growth, then all of it to be looked at.
//!
//! The form decides nothing. What it brings back is checked again where the questions are
//! asked (`sip_start`), and ends in the same draft with the same button.

use serde_json::{Value, json};

use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::session;
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, understand};
use super::super::super::voice::clip;
use super::super::titles;
use super::pick::{For, Pick, sip_rule};
use super::sip_terms::{Growth, OFFERED, offered};
use super::{say, sip_start};
use crate::investing::gateway::port::Takes;
use crate::investing::orders::ports::PlanRule;
use crate::investing::{Paise, SchemeCode};
use crate::whatsapp::forms::{Action, Answer, Exchange, Fields};

/// The name of its definition in `templates/flows/`.
pub const NAME: &str = "sip_start";

const FUND: &str = "FUND";
const TERMS: &str = "TERMS";
const REVIEW: &str = "REVIEW";

/// What a choice may have (<https://developers.facebook.com/docs/whatsapp/flows/reference/components>).
const MOST_TITLE: usize = 30;
const MOST_DESCRIPTION: usize = 300;
const MOST_ERROR: usize = 30;
const MOST_HELP: usize = 80;

/// Returns the screen that follows a step.
pub fn next(scene: &Scene<'_>, dealings: &dyn Dealings, step: &Exchange) -> anyhow::Result<Answer> {
    let takes = dealings.takes();
    match (step.action, step.screen.as_str()) {
        (Action::Submit, FUND) => after_fund(scene, dealings, &step.data),
        (Action::Submit, TERMS) => after_terms(scene, dealings, &step.data),
        (Action::Submit, REVIEW) => after_review(scene, dealings, step),
        (Action::Back, REVIEW) => match chosen(scene, dealings, &step.data) {
            Some((scheme, rule)) => terms(scene, takes, (scheme, &rule), &step.data, &[]),
            None => Ok(fund(scene, &Pick::default(), "", false)),
        },
        _ => Ok(fund(scene, &Pick::default(), "", false)),
    }
}

/// Goes on in the chat with what a form brought back.
pub async fn take(scene: &Scene<'_>, fields: &Fields) -> anyhow::Result<Step> {
    let Some(dealings) = super::connected(scene) else {
        return super::unconnected(scene);
    };
    // One that the exchange does not take is told of where the questions are asked.
    let growth = growth(fields, &OFFERED);
    let before = if let session::State::Money(state) = &scene.session.state
        && let super::State::SipStart(before) = &**state
    {
        Some(before)
    } else {
        None
    };
    let state =
        sip_start::State::filled_in(before, scheme(fields), amount(fields), day(fields), growth);
    state.prompt(scene, dealings, false).await
}

/// Sends the form.
pub(super) fn offer(scene: &Scene<'_>, state: sip_start::State) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::FormOffer {})?);
    let open = scene.label(Label::FormOpen);
    let state = session::State::Money(Box::new(state.into()));
    Ok(Step::to(state, say.form(NAME, open)))
}

fn after_fund(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    fields: &Fields,
) -> anyhow::Result<Answer> {
    let name = text(fields, "name");
    // A choice counts for the search it was offered for.
    if text(fields, "searched") == name
        && let Some((scheme, rule)) = chosen(scene, dealings, fields)
    {
        return terms(scene, dealings.takes(), (scheme, &rule), fields, &[]);
    }
    let mut pick = Pick::default();
    if !name.is_empty() {
        pick.look_for(scene, dealings, For::Sip, name);
    }
    match pick.chosen.and_then(|code| rule(scene, dealings, code)) {
        Some((scheme, rule)) => terms(scene, dealings.takes(), (scheme, &rule), fields, &[]),
        None => Ok(fund(scene, &pick, name, true)),
    }
}

fn after_terms(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    fields: &Fields,
) -> anyhow::Result<Answer> {
    let Some((scheme, rule)) = chosen(scene, dealings, fields) else {
        return Ok(fund(scene, &Pick::default(), "", true));
    };
    let mut wrong = Vec::new();
    let amount = amount(fields).filter(|amount| rule.amount.check(*amount).is_ok());
    if amount.is_none() {
        let least = say::rupees(rule.amount.minimum);
        let step = (rule.amount.multiple.0 > 100).then(|| say::rupees(rule.amount.multiple));
        let step = step.as_deref();
        let least = scene.say(&Text::FormAmount {
            least: &least,
            step,
        })?;
        wrong.push(("amount", least));
    }
    let day = day(fields).filter(|day| rule.takes_day(*day));
    if day.is_none() {
        wrong.push(("day", scene.label(Label::FormChoose).to_owned()));
    }
    let takes = dealings.takes();
    let growth = growth(fields, offered(takes));
    let fits =
        |growth: Growth| amount.is_none_or(|amount| growth.fits(amount, &rule.amount, scene.today));
    match growth {
        None => wrong.push(("growth", scene.label(Label::FormChoose).to_owned())),
        Some(growth) if !fits(growth) => {
            wrong.push(("growth", scene.label(Label::FormGrowthMissed).to_owned()));
        }
        Some(_) => {}
    }
    match (amount, day, growth) {
        (Some(amount), Some(day), Some(growth)) if wrong.is_empty() => {
            review(scene, scheme, (amount, day, growth))
        }
        _ => terms(scene, takes, (scheme, &rule), fields, &wrong),
    }
}

fn after_review(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    step: &Exchange,
) -> anyhow::Result<Answer> {
    // Nothing is taken from what a phone carried from screen to screen without a look.
    match after_terms(scene, dealings, &step.data)? {
        Answer::Screen { id: REVIEW, .. } => Ok(Answer::Done {
            token: step.token.clone(),
            fields: ["scheme", "amount", "day", "growth"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), step.data.get(name)?.clone())))
                .collect(),
        }),
        other => Ok(other),
    }
}

fn fund(scene: &Scene<'_>, pick: &Pick, searched: &str, again: bool) -> Answer {
    let found: Vec<_> = pick
        .offered
        .iter()
        .filter_map(|code| scene.facts.scheme(*code))
        .collect();
    let offered: Vec<titles::Offered<'_>> = found
        .iter()
        .map(|scheme| titles::Offered {
            name: &scheme.name,
            variant: vec![say::option(scene, scheme)],
        })
        .collect();
    let funds: Vec<Value> = found
        .iter()
        .zip(titles::titles(&offered))
        .map(|(scheme, title)| {
            json!({
                "id": scheme.code.to_string(),
                "title": clip(&title, MOST_TITLE),
                "description": clip(&scheme.full_name(), MOST_DESCRIPTION),
            })
        })
        .collect();
    let mut data = json!({
        "heading": scene.label(Label::FormHeading),
        "name_label": scene.label(Label::FormFund),
        "name_help": scene.label(Label::FormFundHelp),
        "funds_label": scene.label(Label::FormFunds),
        "has_funds": !funds.is_empty(),
        "funds": funds,
        "searched": searched,
        "next": scene.label(Label::FormNext),
    });
    if again && pick.offered.is_empty() {
        let missed = scene.label(Label::FormFundMissed);
        data["error_message"] = missed.into();
    }
    Answer::Screen { id: FUND, data }
}

fn terms(
    scene: &Scene<'_>,
    takes: Takes,
    (scheme, rule): (SchemeCode, &PlanRule),
    fields: &Fields,
    wrong: &[(&str, String)],
) -> anyhow::Result<Answer> {
    let least = say::rupees(rule.amount.minimum);
    let step = (rule.amount.multiple.0 > 100).then(|| say::rupees(rule.amount.multiple));
    let step = step.as_deref();
    let help = scene.say(&Text::FormAmount {
        least: &least,
        step,
    })?;
    let days = (1..=28).filter(|day| rule.takes_day(*day));
    let days: Vec<Value> = days
        .map(|day| json!({"id": day.to_string(), "title": day.to_string()}))
        .collect();
    let growths = offered(takes);
    // Where there is only one it is chosen.
    let growth = match growths {
        [(_, only)] => *only,
        _ => text(fields, "growth"),
    };
    let growths: Vec<Value> = growths
        .iter()
        .map(|(label, payload)| json!({"id": payload, "title": scene.label(*label)}))
        .collect();
    let errors: Fields = wrong
        .iter()
        .map(|(name, why)| ((*name).to_owned(), clip(why, MOST_ERROR).into()))
        .collect();
    Ok(Answer::Screen {
        id: TERMS,
        data: json!({
            "fund": say::scheme(scene, scheme),
            "scheme": scheme.to_string(),
            "amount_label": scene.label(Label::FormAmount),
            "amount_help": clip(&help, MOST_HELP),
            "day_label": scene.label(Label::FormDay),
            "days": days,
            "growth_label": scene.label(Label::FormGrowth),
            "growths": growths,
            "filled": {
                "amount": text(fields, "amount"),
                "day": text(fields, "day"),
                "growth": growth,
            },
            "errors": errors,
            "next": scene.label(Label::FormNext),
        }),
    })
}

fn review(
    scene: &Scene<'_>,
    scheme: SchemeCode,
    (amount, day, growth): (Paise, i8, Growth),
) -> anyhow::Result<Answer> {
    let (percent, more) = match growth {
        Growth::Fixed => (None, None),
        Growth::Percent(percent) => (Some(percent), None),
        Growth::Amount(more) => (None, Some(say::rupees(more))),
    };
    let body = scene.say(&Text::FormReview {
        fund: &say::scheme(scene, scheme),
        amount: &say::in_full(scene, amount),
        day,
        percent,
        more: more.as_deref(),
    })?;
    Ok(Answer::Screen {
        id: REVIEW,
        data: json!({
            "heading": scene.label(Label::FormReviewHeading),
            "body": body,
            "scheme": scheme.to_string(),
            "amount": (amount.0 / 100).to_string(),
            "day": day.to_string(),
            "growth": growth.payload(),
            "done": scene.label(Label::FormDone),
        }),
    })
}

/// Returns the scheme a form names and what it takes, if it is sold as a monthly SIP.
fn chosen(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    fields: &Fields,
) -> Option<(SchemeCode, PlanRule)> {
    rule(scene, dealings, scheme(fields)?)
}

fn rule(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    scheme: SchemeCode,
) -> Option<(SchemeCode, PlanRule)> {
    let terms = dealings.terms(scheme, scene.today)?;
    Some((scheme, sip_rule(&terms)?))
}

fn scheme(fields: &Fields) -> Option<SchemeCode> {
    text(fields, "scheme").parse().ok().map(SchemeCode)
}

fn amount(fields: &Fields) -> Option<Paise> {
    let heard = understand(text(fields, "amount"), Expectation::Amount);
    heard.slots.amount.and_then(Paise::from_rupees)
}

fn day(fields: &Fields) -> Option<i8> {
    text(fields, "day").parse().ok()
}

/// Returns the growth that was chosen of those that are offered.
fn growth(fields: &Fields, offered: &[(Label, &str)]) -> Option<Growth> {
    let chosen = text(fields, "growth");
    let is_offered = offered.iter().any(|(_, payload)| *payload == chosen);
    is_offered.then(|| Growth::parse(chosen))?
}

/// Returns a field's text; whatever else a phone sends stands for nothing.
fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .get(name)
        .and_then(Value::as_str)
        .map_or("", str::trim)
}
