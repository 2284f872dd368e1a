//! Which way a notice goes now, or why it waits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::kind::Kind;
use super::preferences::Wish;

/// How often somebody's window is looked at while a notice waits for it to open.
const LOOK_AT_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How often it is looked whether a person still holds the conversation.
const LOOK_AT_OWNER: SignedDuration = SignedDuration::from_mins(10);

/// A way a notice can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The file it speaks of, on WhatsApp, inside the 24-hour window.
    File,
    /// Free words on WhatsApp, inside the 24-hour window.
    Text,
    /// An approved template on WhatsApp.
    Template,
    /// A letter by e-mail.
    Email,
}

impl Way {
    const ALL: [Self; 4] = [Self::File, Self::Text, Self::Template, Self::Email];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Text => "text",
            Self::Template => "template",
            Self::Email => "email",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// What decides about one notice.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Facts {
    /// What it is about.
    pub(super) kind: Kind,
    /// Where it is wanted.
    pub(super) wish: Wish,
    /// Whether what it announces will not happen any more, or has.
    pub(super) is_over: bool,
    /// Whether they have to know now, whoever holds the conversation.
    pub(super) is_urgent: bool,
    /// Of no use any more after this.
    pub(super) useful_until: Timestamp,
    /// When the quiet hours end that it is now in and may not pass.
    pub(super) quiet_until: Option<Timestamp>,
    /// Whether the 24-hour window is open.
    pub(super) window_is_open: bool,
    /// Whether there is a file that WhatsApp carries.
    pub(super) has_file: bool,
    /// Whether an approved template for it is known in their language.
    pub(super) has_template: bool,
    /// Whether Meta delivers no template to them.
    pub(super) is_out_of_reach: bool,
    /// Whether letters can be sent and their address is known.
    pub(super) has_email: bool,
    /// Whether a person holds the conversation.
    pub(super) is_held: bool,
    /// Whether the number may be somebody else's by now: nothing of theirs is said there.
    pub(super) is_doubtful: bool,
    /// Ways that certainly failed.
    pub(super) tried: BTreeSet<Way>,
}

/// What to do with a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Send it this way.
    Go(Way),
    /// Look again then, because of this.
    Wait(Timestamp, &'static str),
    /// Not wanted.
    Decline,
    /// Too late to be of any use, and said elsewhere.
    Lapse,
    /// Nobody could be reached: a person has to.
    Show(&'static str),
}

/// Decides about one notice.
pub(super) fn route(facts: &Facts, now: Timestamp) -> Route {
    if facts.wish == Wish::Nowhere {
        return Route::Decline;
    }
    if facts.is_over {
        return Route::Lapse;
    }
    if facts.useful_until <= now {
        return too_late(facts);
    }
    if let Some(morning) = facts.quiet_until
        // Better at a bad hour than too late, but for what a later notice will say.
        && (morning < facts.useful_until || facts.kind.is_reminder())
    {
        return Route::Wait(morning, "quiet hours");
    }
    let whatsapp = on_whatsapp(facts, now);
    let email = (facts.has_email && !facts.tried.contains(&Way::Email)).then_some(Way::Email);
    match (facts.wish, whatsapp, email) {
        (Wish::Email, _, Some(way)) | (_, OnWhatsApp::Go(way), _) => Route::Go(way),
        // What a person holds back now will go later; a letter would only be elsewhere.
        (_, OnWhatsApp::Later(at), _) => Route::Wait(at, "a person holds the conversation"),
        (_, _, Some(way)) => Route::Go(way),
        (_, OnWhatsApp::Closed(why), None) => {
            Route::Wait((now + LOOK_AT_WINDOW).min(facts.useful_until), why)
        }
        (_, OnWhatsApp::Failed, None) => Route::Show("every way of telling them failed"),
    }
}

fn too_late(facts: &Facts) -> Route {
    if facts.kind.is_reminder() {
        Route::Lapse
    } else {
        Route::Show("they could not be told in time")
    }
}

enum OnWhatsApp {
    Go(Way),
    Later(Timestamp),
    /// It may open.
    Closed(&'static str),
    Failed,
}

fn on_whatsapp(facts: &Facts, now: Timestamp) -> OnWhatsApp {
    if facts.is_doubtful {
        return OnWhatsApp::Closed("their number changed, and it may be somebody else's");
    }
    let is_possible = |way: Way, is_there: bool| is_there && !facts.tried.contains(&way);
    let way = if is_possible(Way::File, facts.has_file && facts.window_is_open) {
        Way::File
    } else if is_possible(Way::Text, facts.window_is_open) {
        Way::Text
    } else if is_possible(Way::Template, facts.has_template && !facts.is_out_of_reach) {
        Way::Template
    } else if facts.tried.contains(&Way::Text) {
        return OnWhatsApp::Failed;
    } else if facts.is_out_of_reach {
        return OnWhatsApp::Closed("Meta delivers nothing to them, and there is no e-mail");
    } else {
        return OnWhatsApp::Closed("no open window, no approved template, no e-mail");
    };
    if facts.is_held && !facts.is_urgent {
        let again = (now + LOOK_AT_OWNER).min(facts.useful_until);
        return OnWhatsApp::Later(again);
    }
    OnWhatsApp::Go(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-08-24T{text}+05:30").parse().unwrap()
    }

    fn allotted() -> Facts {
        Facts {
            kind: Kind::OrderAllotted,
            wish: Wish::WhatsApp,
            is_over: false,
            is_urgent: false,
            useful_until: at("23:59:00"),
            quiet_until: None,
            window_is_open: true,
            has_file: false,
            has_template: true,
            is_out_of_reach: false,
            has_email: true,
            is_held: false,
            is_doubtful: false,
            tried: BTreeSet::new(),
        }
    }

    const NOON: &str = "12:00:00";

    #[test]
    fn an_open_window_takes_words_a_closed_one_a_template() {
        assert_eq!(route(&allotted(), at(NOON)), Route::Go(Way::Text));
        let closed = Facts {
            window_is_open: false,
            ..allotted()
        };
        assert_eq!(route(&closed, at(NOON)), Route::Go(Way::Template));
    }

    #[test]
    fn a_file_goes_itself_in_an_open_window_and_by_its_link_otherwise() {
        let ready = |window_is_open, tried: &[Way]| {
            let facts = Facts {
                kind: Kind::DocumentReady,
                has_file: true,
                window_is_open,
                tried: tried.iter().copied().collect(),
                ..allotted()
            };
            route(&facts, at(NOON))
        };
        assert_eq!(ready(true, &[]), Route::Go(Way::File));
        assert_eq!(ready(true, &[Way::File]), Route::Go(Way::Text));
        assert_eq!(ready(false, &[]), Route::Go(Way::Template));
    }

    #[test]
    fn without_a_template_it_becomes_a_letter_or_waits_for_the_window() {
        let closed = Facts {
            window_is_open: false,
            has_template: false,
            ..allotted()
        };
        assert_eq!(route(&closed, at(NOON)), Route::Go(Way::Email));
        let neither = Facts {
            has_email: false,
            ..closed
        };
        let Route::Wait(again, _) = route(&neither, at(NOON)) else {
            panic!("it waits");
        };
        assert_eq!(again, at("12:05:00"));
        let late = Facts {
            useful_until: at(NOON),
            ..neither
        };
        assert_eq!(
            route(&late, at(NOON)),
            Route::Show("they could not be told in time")
        );
        let reminder = Facts {
            kind: Kind::InstalmentDue,
            ..late
        };
        assert_eq!(route(&reminder, at(NOON)), Route::Lapse);
    }

    #[test]
    fn whom_meta_does_not_reach_gets_a_letter_and_no_template() {
        let closed = Facts {
            window_is_open: false,
            is_out_of_reach: true,
            ..allotted()
        };
        assert_eq!(route(&closed, at(NOON)), Route::Go(Way::Email));
        let no_address = Facts {
            has_email: false,
            ..closed.clone()
        };
        assert!(matches!(route(&no_address, at(NOON)), Route::Wait(..)));
        let wrote = Facts {
            window_is_open: true,
            ..closed
        };
        assert_eq!(route(&wrote, at(NOON)), Route::Go(Way::Text));
    }

    #[test]
    fn the_wish_decides_which_way_is_first_and_whether_at_all() {
        let email = Facts {
            wish: Wish::Email,
            ..allotted()
        };
        assert_eq!(route(&email, at(NOON)), Route::Go(Way::Email));
        let no_address = Facts {
            has_email: false,
            ..email.clone()
        };
        assert_eq!(route(&no_address, at(NOON)), Route::Go(Way::Text));
        let off = Facts {
            wish: Wish::Nowhere,
            ..email
        };
        assert_eq!(route(&off, at(NOON)), Route::Decline);
    }

    #[test]
    fn the_night_is_kept_unless_it_would_be_too_late() {
        let night = Facts {
            quiet_until: Some(at("08:00:00")),
            ..allotted()
        };
        let early = at("06:00:00");
        assert_eq!(
            route(&night, early),
            Route::Wait(at("08:00:00"), "quiet hours")
        );
        let short = Facts {
            useful_until: at("07:00:00"),
            ..night
        };
        assert_eq!(route(&short, early), Route::Go(Way::Text));
        let reminder = Facts {
            kind: Kind::InstalmentDue,
            ..short
        };
        assert!(matches!(route(&reminder, early), Route::Wait(..)));
    }

    #[test]
    fn what_will_not_happen_is_not_announced() {
        let over = Facts {
            kind: Kind::InstalmentDue,
            is_over: true,
            ..allotted()
        };
        assert_eq!(route(&over, at(NOON)), Route::Lapse);
    }

    #[test]
    fn while_a_person_holds_the_conversation_only_the_urgent_speaks_up() {
        let held = Facts {
            is_held: true,
            ..allotted()
        };
        assert!(matches!(route(&held, at(NOON)), Route::Wait(..)));
        let urgent = Facts {
            is_urgent: true,
            ..held.clone()
        };
        assert_eq!(route(&urgent, at(NOON)), Route::Go(Way::Text));
        let by_letter = Facts {
            wish: Wish::Email,
            ..held
        };
        assert_eq!(route(&by_letter, at(NOON)), Route::Go(Way::Email));
    }

    #[test]
    fn a_number_that_may_be_somebody_elses_is_told_nothing() {
        let doubtful = Facts {
            is_doubtful: true,
            is_urgent: true,
            ..allotted()
        };
        assert_eq!(route(&doubtful, at(NOON)), Route::Go(Way::Email));
        let no_address = Facts {
            has_email: false,
            ..doubtful
        };
        assert!(matches!(route(&no_address, at(NOON)), Route::Wait(..)));
    }

    #[test]
    fn what_failed_one_way_goes_another_until_none_is_left() {
        let after = |tried: &[Way], window_is_open| {
            let facts = Facts {
                tried: tried.iter().copied().collect(),
                window_is_open,
                ..allotted()
            };
            route(&facts, at(NOON))
        };
        assert_eq!(after(&[Way::Text], true), Route::Go(Way::Template));
        assert_eq!(
            after(&[Way::Text, Way::Template], true),
            Route::Go(Way::Email)
        );
        assert_eq!(after(&[Way::Template], false), Route::Go(Way::Email));
        assert!(matches!(
            after(&[Way::Template, Way::Email], false),
            Route::Wait(..)
        ));
        let all = [Way::Text, Way::Template, Way::Email];
        assert!(matches!(after(&all, true), Route::Show(_)));
    }

    #[test]
    fn a_way_reads_as_it_is_stored() {
        for way in Way::ALL {
            assert_eq!(Way::parse(way.as_str()), Some(way));
        }
    }
}
