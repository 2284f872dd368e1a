//! Change of language. Works in the middle of anything: the question at hand is asked
//! again in the new one.

use super::super::scene::{Choice, Say, Scene, Step};
use super::super::texts::Text;
use super::super::understanding::Language;
use crate::contacts::ContactChange;

/// Name of the flow in tap ids.
pub const FLOW: &str = "language";

/// Changes to the language that was named, or asks which.
pub async fn change(scene: &Scene<'_>, wanted: Option<Language>) -> anyhow::Result<Step> {
    if let Some(language) = wanted {
        return set(scene, language).await;
    }
    let button = |language: Language| {
        let title = match language {
            Language::En => "English",
            Language::Hi => "हिन्दी",
            Language::Hinglish => "Hinglish",
        };
        Choice::new(FLOW, "set", language.code(), title)
    };
    let say = Say::talk(scene.say(&Text::LanguageAsk {})?);
    Ok(Step::stay(say.buttons(Language::ALL.map(button).into())))
}

/// Changes to the language that was tapped.
pub async fn choose(scene: &Scene<'_>, payload: &str) -> anyhow::Result<Step> {
    change(scene, Language::from_code(payload)).await
}

async fn set(scene: &Scene<'_>, language: Language) -> anyhow::Result<Step> {
    let scene = Scene { language, ..*scene };
    let lead = scene.say(&Text::LanguageSet {})?;
    let step = super::prompt(&scene).await?.led_by(&lead);
    Ok(step.with(ContactChange::Language(language.code())))
}
