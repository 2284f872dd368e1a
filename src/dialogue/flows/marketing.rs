//! STOP and START of marketing. STOP works in every state and changes nothing else; START
//! needs the very words, because no other message is consent.

use super::super::commands::Command;
use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session::TapId;
use super::super::texts::Text;
use super::super::understanding::consent::is_consent;
use super::super::understanding::plain_words;
use super::{menu, portfolio};
use crate::contacts::{
    ConsentProof, ConsentPurpose, ContactChange, Marketing, MarketingChannel, NewConsent,
};
use crate::language::Language;

/// Name of the flow in tap ids.
pub const FLOW: &str = "marketing";

/// Version of the question, on record with each answer.
const VERSION: &str = "marketing-2026-11";

/// Adds the question whether news may be sent, once in a conversation's life, to somebody
/// who never said; it waits for nothing and nothing waits for it.
pub fn with_question(scene: &Scene<'_>, mut step: Step) -> anyhow::Result<Step> {
    let contact = scene.contact;
    let was_said = contact.marketing != Marketing::NotAsked;
    let is_due = !was_said && !scene.session.asked_marketing && contact.unverified_since.is_none();
    let room = match &step.say.controls {
        Controls::None => Some(Vec::new()),
        Controls::Buttons(buttons) if buttons.len() < 2 => Some(buttons.clone()),
        _ => None,
    };
    let Some(buttons) = room.filter(|_| is_due) else {
        return Ok(step);
    };
    // What somebody agrees to is what they were shown, in whichever language they go on.
    let button = |answer, label| {
        let payload = format!("{answer}-{}", scene.language.code());
        Choice::new(FLOW, "may", payload, scene.label(label))
    };
    let answers = [
        button("yes", Label::MarketingYes),
        button("no", Label::MarketingNo),
    ];
    step.say.text = format!("{}\n\n{}", step.say.text, question(scene, scene.language)?);
    step.say.controls = Controls::Buttons(answers.into_iter().chain(buttons).collect());
    Ok(step)
}

/// What messages are called that are no answers.
#[rustfmt::skip]
const MESSAGES: &[&str] = &[
    "opt", "optin", "optout", "subscribe", "unsubscribe", "resubscribe", "offer", "offers", "message", "messages", "msg", "msgs", "sms",
    "promotions", "promotion", "updates", "news", "marketing", "whatsapp", "ads", "मैसेज", "संदेश", "ऑफर", "प्रचार",
];

/// Says whether words name messages, or are START as it is printed: where something else
/// could be started or ended they have to.
pub fn is_named(words: &str) -> bool {
    let said = plain_words(words);
    let names = |word: &String| MESSAGES.contains(&word.as_str());
    words.trim() == "START" || said.iter().any(names)
}

/// Says whether a step asks.
pub fn asks(step: &Step) -> bool {
    match &step.say.controls {
        Controls::Buttons(buttons) => buttons.iter().any(|button| button.flow == FLOW),
        _ => false,
    }
}

fn question(scene: &Scene<'_>, language: Language) -> anyhow::Result<String> {
    scene.say_in(
        language,
        &Text::MarketingAsk {
            distributor: &scene.distributor.name,
        },
    )
}

/// Says whether a tap of whichever prompt says no.
pub fn declines(tap: &TapId) -> bool {
    tap.flow == FLOW && answer_of(&tap.payload).0 == "no"
}

/// Returns what a payload answers, and the language of the question.
fn answer_of(payload: &str) -> (&str, &str) {
    payload.split_once('-').unwrap_or((payload, ""))
}

/// Takes the answer, with what was shown. After a STOP a tap opens nothing: that takes
/// their own word.
pub fn tap(scene: &Scene<'_>, payload: &str) -> anyhow::Result<Step> {
    let (answer, language) = answer_of(payload);
    let language = Language::from_code(language).unwrap_or(scene.language);
    let given = answer == "yes";
    if given && scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    if given && scene.contact.marketing == Marketing::OptedOut {
        return Ok(Step::stay(Say::talk(scene.say(&Text::OptInHow {})?)));
    }
    let (text, label) = if given {
        (Text::OptedIn {}, Label::MarketingYes)
    } else {
        (Text::OptedOut {}, Label::MarketingNo)
    };
    let consent = NewConsent {
        purpose: ConsentPurpose::Marketing(MarketingChannel::WhatsApp),
        given,
        source: "chat",
        proof: ConsentProof {
            shown: question(scene, language)?,
            answer: scene.label_in(language, label).to_owned(),
        },
        version: VERSION.to_owned(),
    };
    let step = Step::stay(Say::talk(scene.say(&text)?));
    Ok(step.doing(Command::Consent(Box::new(consent))))
}

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
        (Marketing::OptedOut, _) | (_, false) if scene.contact.unverified_since.is_some() => {
            portfolio::withhold(scene)
        }
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
