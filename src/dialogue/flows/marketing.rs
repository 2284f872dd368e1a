//! STOP and START of marketing. STOP works in every state and changes nothing else; START
//! needs the very words, because no other message is consent.

use super::super::scene::{Say, Scene, Step};
use super::super::texts::Text;
use super::super::understanding::consent::is_consent;
use super::menu;
use crate::contacts::{ContactChange, Marketing};

/// Stops marketing.
pub fn stop(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::OptedOut {})?);
    Ok(Step::stay(say).with(ContactChange::Marketing(Marketing::OptedOut)))
}

/// Starts marketing. A bare "start" takes back a STOP; from somebody who never said STOP it
/// is a hello, and is told how to agree in so many words. So is whoever says it otherwise.
pub fn start(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    if !is_consent(words) {
        return Ok(Step::stay(Say::talk(scene.say(&Text::OptInHow {})?)));
    }
    let is_bare = words
        .trim()
        .trim_end_matches(['.', '!'])
        .eq_ignore_ascii_case("start");
    match (scene.contact.marketing, is_bare) {
        (Marketing::OptedOut, _) | (_, false) => {
            let say = Say::talk(scene.say(&Text::OptedIn {})?);
            Ok(Step::stay(say).with(ContactChange::Marketing(Marketing::OptedIn)))
        }
        (Marketing::OptedIn, true) => menu::greet(scene),
        (Marketing::NotAsked, true) => {
            let mut step = menu::greet(scene)?;
            let how = scene.say(&Text::OptInHow {})?;
            step.say.text = format!("{}\n\n{how}", step.say.text);
            Ok(step)
        }
    }
}
