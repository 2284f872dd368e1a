//! Where notices go, and a calendar of SIP dates.

use super::super::commands::{Command, NoticeWay, Service};
use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::portfolio;

/// Name of the flow in tap ids.
pub const FLOW: &str = "notices";

/// Offers the ways.
pub fn offer(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let row = |step, payload: &str, label| Choice::new(FLOW, step, payload, scene.label(label));
    let rows = vec![
        row("set", NoticeWay::WhatsApp.as_str(), Label::NoticesWhatsApp),
        row("set", NoticeWay::Email.as_str(), Label::NoticesEmail),
        row("set", NoticeWay::Required.as_str(), Label::NoticesRequired),
        row("calendar", "", Label::NoticesCalendar),
    ];
    let say = Say {
        controls: Controls::List {
            open: scene.label(Label::OpenNotices),
            sections: vec![(scene.label(Label::SectionNotices), rows)],
        },
        ..Say::talk(scene.say(&Text::Notices {})?)
    };
    Ok(Step::to(State::Menu, say))
}

/// Takes a tap.
pub fn tap(scene: &Scene<'_>, step: &str, payload: &str) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    if step == "calendar" {
        let say = Say::talk(scene.say(&Text::CalendarComing {})?);
        let service = Service::Calendar(scene.language);
        return Ok(Step::to(State::Menu, say).doing(Command::Serve(service)));
    }
    let Some(way) = NoticeWay::parse(payload) else {
        return offer(scene);
    };
    let label = match way {
        NoticeWay::WhatsApp => Label::NoticesWhatsApp,
        NoticeWay::Email => Label::NoticesEmail,
        NoticeWay::Required => Label::NoticesRequired,
    };
    let text = scene.say(&Text::NoticesSet {
        where_to: scene.label(label),
    })?;
    let step = Step::to(State::Menu, Say::talk(text));
    Ok(step.doing(Command::Serve(Service::Notices(way))))
}
