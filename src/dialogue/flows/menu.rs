//! The hello and the choice of topics.

use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Say, Scene, Step, Then};
use super::super::session::{State, TapId};
use super::super::texts::Text;
use super::super::voice::clip;
use super::resume;

/// Name of the flow in tap ids.
pub const FLOW: &str = "menu";

const LONGEST_NAME: usize = 25;

/// Greets and offers the topics.
pub fn greet(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let name = scene
        .contact
        .name
        .as_deref()
        .map(spoken_name)
        .filter(|name| !name.is_empty());
    list(
        scene,
        &Text::Menu {
            name: name.as_deref(),
            greets: true,
        },
    )
}

/// Offers the topics.
pub fn show(scene: &Scene<'_>) -> anyhow::Result<Step> {
    list(
        scene,
        &Text::Menu {
            name: None,
            greets: false,
        },
    )
}

/// Offers the topics after a sentence that ends what was under way.
pub fn after(scene: &Scene<'_>, lead: &str) -> anyhow::Result<Step> {
    let mut step = list_of(
        scene,
        &Text::Menu {
            name: None,
            greets: false,
        },
        false,
    )?;
    step.then = Then::Finish;
    Ok(step.led_by(lead))
}

/// Says whether a tap does nothing but open a topic, so that its age does not matter.
pub fn only_opens(tap: &TapId) -> bool {
    tap.flow == FLOW && tap.payload != "agent"
}

fn list(scene: &Scene<'_>, text: &Text<'_>) -> anyhow::Result<Step> {
    list_of(scene, text, resume::is_possible(scene))
}

fn list_of(scene: &Scene<'_>, text: &Text<'_>, offers_resume: bool) -> anyhow::Result<Step> {
    let row = |payload, title, note| {
        Choice::new(FLOW, "open", payload, scene.label(title)).note(scene.label(note))
    };
    let mut money = vec![
        row("portfolio", Label::MenuPortfolio, Label::MenuPortfolioNote),
        row("nav", Label::MenuNav, Label::MenuNavNote),
        row(
            "calculator",
            Label::MenuCalculators,
            Label::MenuCalculatorsNote,
        ),
    ];
    if scene.facts.dealings().is_some() {
        money.extend([
            row("sip_start", Label::MenuSip, Label::MenuSipNote),
            row("sip_list", Label::MySips, Label::MySipsNote),
            row("orders", Label::MyOrders, Label::MyOrdersNote),
        ]);
    }
    // A list has ten rows.
    if scene.facts.dealings().is_some() && !offers_resume {
        money.push(row("redeem", Label::MenuRedeem, Label::MenuRedeemNote));
    }
    if offers_resume {
        money.insert(
            0,
            resume::choice(scene).note(scene.label(Label::ContinueNote)),
        );
    }
    let more = vec![
        row("agent", Label::MenuAgent, Label::MenuAgentNote),
        row("language", Label::MenuLanguage, Label::MenuLanguageNote),
        row("help", Label::MenuHelp, Label::MenuHelpNote),
    ];
    let say = Say {
        controls: Controls::List {
            open: scene.label(Label::OpenMenu),
            sections: vec![
                (scene.label(Label::SectionMoney), money),
                (scene.label(Label::SectionMore), more),
            ],
        },
        ..Say::talk(scene.say(text)?)
    };
    Ok(Step::to(State::Menu, say))
}

/// A profile name is whatever its owner typed: it must not format our text or fill it.
fn spoken_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '*' | '_' | '~' | '`' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    clip(plain.trim(), LONGEST_NAME)
}
