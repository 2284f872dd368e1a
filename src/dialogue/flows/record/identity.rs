//! Name, e-mail address, PAN and date of birth.

use jiff::civil::Date;

use super::super::super::scene::{Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::Slots;
use super::ask::{Ask, Next};
use super::person;
use crate::people::{BelongsTo, Change, Pan, PanFault, Reachable, Refusal, check_birth};

pub(super) fn question(scene: &Scene<'_>, part: &'static str, again: bool) -> anyhow::Result<Say> {
    Ok(Say::talk(scene.say(&Text::RecordAsk {
        part,
        about: None,
        again,
    })?))
}

/// A name is words of letters; whether it is the one on the PAN, the agencies say.
pub(super) fn name(words: &str) -> Next {
    match person::name(words) {
        Some(name) => Next::record(Change::Name(name)),
        None => Next::Again,
    }
}

pub(super) fn email(slots: &Slots) -> Next {
    let read = slots.email.as_deref();
    let read = read.and_then(|text| Reachable::email(text, BelongsTo::Myself).ok());
    read.map_or(Next::Again, |email| Next::record(Change::Email(email)))
}

pub(super) fn pan(slots: &Slots) -> Next {
    let Some(text) = slots.pan.as_deref() else {
        return Next::Again;
    };
    match Pan::parse(text) {
        Ok(pan) => Next::record(Change::Pan(pan)),
        Err(PanFault::Shape) => Next::Again,
        Err(PanFault::NotServed(_)) => Next::Refused("pan_not_person", Ask::Pan),
    }
}

pub(super) fn born(slots: &Slots, today: Date) -> Next {
    let Some(born) = slots.date else {
        return Next::Again;
    };
    match check_birth(born, today) {
        Ok(()) => Next::record(Change::DateOfBirth(born)),
        Err(Refusal::Minor) => Next::Refused("minor", Ask::Born),
        Err(_) => Next::Refused("birth", Ask::Born),
    }
}
