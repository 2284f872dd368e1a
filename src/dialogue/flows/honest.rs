//! Short honest answers: index levels without a forecast, and why there is no reward for
//! investing, no table of investors and no copying.

use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::{Level, Text};
use super::{menu, resume};
use crate::investing::{inr, money};

/// Tells index levels of the last close on record.
pub async fn market(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let levels: Vec<Level> = scene
        .facts
        .market(scene.today)
        .await?
        .into_iter()
        .map(|level| Level {
            name: level.close.name,
            close: inr(level.close.close, 2).replace('₹', ""),
            date: money::date(level.close.date),
            is_old: level.is_stale,
        })
        .collect();
    let text = scene.say(&Text::Market { levels: &levels })?;
    Ok(Step::to(State::Menu, Say::talk(text)))
}

/// Says something with the own portfolio one tap away.
pub fn instead(scene: &Scene<'_>, text: &Text<'_>) -> anyhow::Result<Step> {
    let portfolio = scene.label(Label::MenuPortfolio);
    let say = Say::talk(scene.say(text)?).buttons(vec![
        Choice::new(menu::FLOW, "open", "portfolio", portfolio),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}
