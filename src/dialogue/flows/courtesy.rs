//! Help, thanks, dropping things, and honest answers to what is not understood.

use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::ports::Matches;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::super::understanding::may_name;
use super::super::voice::clip;
use super::{marketing, menu, nav, person, resume};

/// A guess from a long story would be luck.
const LONGEST_GUESSED_FROM: usize = 60;
const LONGEST_NAME: usize = 100;

/// Says what this can do, and shows three of it on cards. Where something waits to be taken
/// up again there is a button for that instead, which cards have no room for.
pub fn help(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let mut say = Say::talk(scene.say(&Text::Help {})?);
    if resume::is_possible(scene) {
        say = say.buttons(vec![resume::to_menu(scene)]);
        return Ok(Step::to(State::Menu, say));
    }
    let card = |picture, payload, title, note| {
        let choice = Choice::new(menu::FLOW, "open", payload, scene.label(title));
        (picture, choice.note(scene.label(note)))
    };
    say.controls = Controls::Cards(vec![
        card(
            "statement",
            "portfolio",
            Label::MenuPortfolio,
            Label::MenuPortfolioNote,
        ),
        card(
            "calculator",
            "calculator",
            Label::MenuCalculators,
            Label::MenuCalculatorsNote,
        ),
        card("person", "agent", Label::MenuAgent, Label::MenuAgentNote),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Answers thanks and leaves everything where it is.
pub fn thank(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let step = Step::stay(Say::talk(scene.say(&Text::Thanks {})?));
    let is_idle = scene.session.state == State::Menu && scene.session.kept.is_none();
    if is_idle {
        return marketing::with_question(scene, step);
    }
    Ok(step)
}

/// Answers an "ok" that nothing waited for, and leaves everything where it is.
pub fn acknowledge(scene: &Scene<'_>) -> anyhow::Result<Step> {
    Ok(Step::stay(Say::talk(scene.say(&Text::Noted {})?)))
}

/// Says what a SIP is, without a word on whether to have one.
pub fn sip(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let say = Say {
        subject: Subject::Investing,
        ..Say::talk(scene.say(&Text::SipInfo {})?)
    };
    let calculator = scene.label(Label::MenuCalculator);
    Ok(Step::to(
        State::Menu,
        say.buttons(vec![
            Choice::new(menu::FLOW, "open", "calculator_sip", calculator),
            resume::to_menu(scene),
        ]),
    ))
}

/// Drops what is under way.
pub fn cancel(scene: &Scene<'_>) -> anyhow::Result<Step> {
    menu::after(scene, &scene.say(&Text::Cancelled {})?)
}

/// Says that something is not ours.
pub fn off_topic(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::OffTopic {})?);
    Ok(Step::to(
        State::Menu,
        say.buttons(vec![resume::to_menu(scene)]),
    ))
}

/// Says that something cannot be read, and leaves everything where it is. A document may be
/// the statement that a portfolio is imported from: a person is offered for it.
pub fn unreadable(scene: &Scene<'_>, what: Label) -> anyhow::Result<Step> {
    let is_document = what == Label::Document;
    let say = Say::talk(scene.say(&Text::Unreadable {
        what: scene.label(what),
        is_document,
    })?);
    Ok(Step::stay(if is_document {
        say.buttons(vec![person::call(scene, "document")])
    } else {
        say
    }))
}

/// Says that something was not understood, with a guess where a fund's name is in it.
pub fn unknown(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    let is_short = words.chars().count() <= LONGEST_GUESSED_FROM;
    if is_short
        && may_name(words)
        && let Matches::One(scheme) = scene.facts.search(words, 1)
    {
        let name = clip(&scheme.full_name(), LONGEST_NAME);
        let say = Say::talk(scene.say(&Text::Unknown { guess: Some(&name) })?).buttons(vec![
            Choice::new(
                nav::FLOW,
                "choose",
                scheme.code.to_string(),
                scene.label(Label::ShowNav),
            ),
            resume::to_menu(scene),
        ]);
        return Ok(Step::to(State::Menu, say));
    }
    let lead = scene.say(&Text::Unknown { guess: None })?;
    Ok(menu::show(scene)?.led_by(&lead))
}
