//! What Meta lets us send: approved templates, the daily limit, a stop.
//!
//! Rules over what was last heard of the account. What a person should know of becomes an
//! attention; what decides about a message is asked when it enters `sending`.

use std::time::Duration;

use jiff::Timestamp;

use super::admission::is_wanted;
use crate::contacts::Marketing;
use crate::whatsapp::templates::{Category, Content, Quality, Status};
use crate::whatsapp::{DailyLimit, News, TemplateNews};

/// Why a message waits, and the kind of attention that says so.
pub(super) const ACCOUNT_STOPPED: &str = "account_stopped";
pub(super) const DAILY_LIMIT: &str = "daily_limit";
/// The kind of attention about what people think of the number; its subject is Meta's word.
pub(super) const NUMBER_QUALITY: &str = "number_quality";
/// The kind of attention about what Meta refuses until a person changes something; its subject
/// names the code.
pub(super) const POLICY: &str = "policy";
/// How long nobody is written to first once Meta asks to slow down; then it is tried again.
pub(super) const SLOWED_DOWN: Duration = Duration::from_hours(6);
/// Why an offer of an answer does not go: the answer does not wait any more.
pub(super) const NOTHING_WAITS: &str = "nothing_waits";
/// The kind of attention about a template; its subject is name/language.
pub(super) const TEMPLATE: &str = "template";

/// A template as the account has it, as last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Name.
    pub name: String,
    /// Meta's code of its language.
    pub language: String,
    /// How far the review got.
    pub status: Status,
    /// What Meta takes it for; none that we know, if it is another.
    pub category: Option<Category>,
    /// What people think of it.
    pub quality: Quality,
    /// The approved text; none while only a webhook has named it.
    pub content: Option<Content>,
    /// Why it was refused or paused.
    pub reason: Option<String>,
    /// When its pause ends.
    pub paused_until: Option<Timestamp>,
    /// When this was heard.
    pub updated_at: Timestamp,
}

impl Registered {
    /// Returns why it may not be sent now, if it may not.
    pub fn refusal(&self, now: Timestamp) -> Option<&'static str> {
        refusal(self.status, self.paused_until, now)
    }

    /// Says whether it may go now to somebody who said that of marketing: what Meta takes for
    /// marketing, whatever it was written as, goes to those alone who agreed.
    pub fn may_go_to(&self, marketing: Marketing, now: Timestamp) -> bool {
        let is_marketing = self.category == Some(Category::Marketing);
        is_wanted(is_marketing, marketing) && self.refusal(now).is_none()
    }
}

/// Returns why a template of this status may not be sent now, if it may not.
pub(super) fn refusal(
    status: Status,
    paused_until: Option<Timestamp>,
    now: Timestamp,
) -> Option<&'static str> {
    match status {
        Status::Approved => None,
        // Meta lifts a pause by itself, and says so later.
        Status::Paused if paused_until.is_some_and(|until| until <= now) => None,
        Status::Paused => Some("template_paused"),
        Status::Disabled => Some("template_disabled"),
        _ => Some("template_not_approved"),
    }
}

/// What the account may do, as last heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountState {
    /// People who may be written to first in 24 hours; none while nothing was heard.
    pub daily_limit: Option<DailyLimit>,
    /// Messages a second, once the number was upgraded.
    pub per_second: Option<u32>,
    /// Why nothing is sent: the stop that Meta told of, and those that its refusals led to.
    pub stops: Vec<Stopped>,
}

/// A stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Why, in Meta's words.
    pub why: String,
    /// Until when, where Meta said so.
    pub until: Option<Timestamp>,
    /// Whether those who wrote within 24 hours may still be answered.
    pub first_only: bool,
    /// When they may be answered again, where that is before the end.
    pub answers_until: Option<Timestamp>,
}

impl Stopped {
    /// Returns whether its time has passed.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Returns whether it holds a message now: one that writes first, or one that answers.
    fn holds(&self, writes_first: bool, now: Timestamp) -> bool {
        let is_answered = self.first_only || self.answers_until.is_some_and(|until| until <= now);
        (writes_first || !is_answered) && !self.is_over(now)
    }
}

impl AccountState {
    /// Returns why a message may not go now, if it may not: one that writes first, or one
    /// that answers.
    pub(super) fn refusal(&self, writes_first: bool, now: Timestamp) -> Option<&'static str> {
        self.stop(writes_first, now).map(|_| ACCOUNT_STOPPED)
    }

    /// Returns the stop that holds a message now, if one does.
    pub fn stop(&self, writes_first: bool, now: Timestamp) -> Option<&Stopped> {
        self.stops.iter().find(|stop| stop.holds(writes_first, now))
    }

    /// Returns how many more people may be written to first.
    pub(super) fn first_left(&self, written: i64) -> i64 {
        match self.daily_limit {
            Some(DailyLimit::People(most)) => (i64::from(most) - written).max(0),
            Some(DailyLimit::Unlimited) | None => i64::MAX,
        }
    }
}

/// What a person should hear of some news: kind and subject of the attention, and what
/// to say; nothing where all goes as it should.
pub(super) fn alarm(news: &News) -> Option<(&'static str, String, String)> {
    match news {
        News::Template {
            name,
            language,
            what,
            ..
        } => {
            let said = template_alarm(what)?;
            Some((TEMPLATE, format!("{name}/{language}"), said))
        }
        News::DailyLimit(_) | News::Upgraded | News::Reinstated => None,
        News::Number(word) => Some((
            NUMBER_QUALITY,
            word.clone(),
            format!(
                "Meta says {word} of the number: people block or report it; send less marketing"
            ),
        )),
        News::Name { decision, .. } if decision == "APPROVED" => None,
        News::Name { decision, reason } => Some((
            "number_name",
            decision.clone(),
            format!(
                "the name people see is {decision}: {}",
                reason.as_deref().unwrap_or("no reason given")
            ),
        )),
        News::Stopped {
            why,
            until,
            first_only,
            answers_until,
        } => {
            let until = until.map_or_else(|| "it is lifted".to_owned(), |at| at.to_string());
            let first = format!("nobody is written to first until {until}");
            let held = match answers_until {
                Some(answers) => format!("nothing is sent until {answers}, and {first}"),
                None if *first_only => first,
                None => format!("nothing is sent until {until}"),
            };
            Some((ACCOUNT_STOPPED, why.clone(), format!("{held}: {why}")))
        }
        News::Told { about, words } => Some((about, words.clone(), words.clone())),
    }
}

fn template_alarm(what: &TemplateNews) -> Option<String> {
    let why = |reason: &Option<String>| {
        reason
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned())
    };
    match what {
        TemplateNews::Status {
            status: Some(Status::Approved | Status::Pending | Status::InAppeal | Status::Archived),
            ..
        } => None,
        TemplateNews::Status { event, reason, .. } => {
            Some(format!("Meta says {event}: {}", why(reason)))
        }
        TemplateNews::Quality(Quality::Red) => Some(
            "its quality is RED: Meta pauses it next; send it less, or write it better".to_owned(),
        ),
        TemplateNews::Quality(_) => None,
        TemplateNews::Category { now, soon } => {
            let word =
                |category: &Option<Category>| category.map_or("another category", Category::as_str);
            Some(match soon {
                Some(_) => format!(
                    "becomes {} within 24 hours, which costs otherwise",
                    word(soon)
                ),
                None => format!("is {} now, which costs otherwise", word(now)),
            })
        }
        TemplateNews::Text => {
            Some("its text was changed in the account: run `sipbrewery templates plan`".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn only_an_approved_template_goes_and_a_pause_ends_by_itself() {
        let later = noon() + jiff::SignedDuration::from_hours(1);
        for (status, until, expected) in [
            (Status::Approved, None, None),
            (Status::Paused, Some(later), Some("template_paused")),
            (Status::Paused, Some(noon()), None),
            (Status::Paused, None, Some("template_paused")),
            (Status::Disabled, None, Some("template_disabled")),
            (Status::Pending, None, Some("template_not_approved")),
            (Status::Rejected, None, Some("template_not_approved")),
            (Status::Deleted, None, Some("template_not_approved")),
            (Status::Other, None, Some("template_not_approved")),
        ] {
            assert_eq!(refusal(status, until, noon()), expected, "{status:?}");
        }
    }

    #[test]
    fn a_stop_of_writing_first_leaves_answers_and_ends_at_its_time() {
        let stopped = |first_only, until| AccountState {
            stops: vec![Stopped {
                why: "restricted".into(),
                until,
                first_only,
                answers_until: None,
            }],
            ..AccountState::default()
        };
        assert_eq!(stopped(true, None).refusal(false, noon()), None);
        assert_eq!(
            stopped(true, None).refusal(true, noon()),
            Some("account_stopped")
        );
        assert_eq!(
            stopped(false, None).refusal(false, noon()),
            Some("account_stopped")
        );
        assert_eq!(stopped(false, Some(noon())).refusal(true, noon()), None);
        assert_eq!(AccountState::default().refusal(true, noon()), None);
    }

    #[test]
    fn answers_go_again_before_anybody_is_written_to_first() {
        let at = |hour: i64| noon() + jiff::SignedDuration::from_hours(hour);
        let account = AccountState {
            stops: vec![Stopped {
                why: "restricted".into(),
                until: Some(at(3)),
                first_only: false,
                answers_until: Some(at(1)),
            }],
            ..AccountState::default()
        };
        for (hour, holds_answers, holds_first) in
            [(0, true, true), (1, false, true), (3, false, false)]
        {
            let held = [false, true].map(|first| account.refusal(first, at(hour)).is_some());
            assert_eq!(held, [holds_answers, holds_first], "{hour} h");
        }
    }

    #[test]
    fn the_daily_limit_counts_people_and_unlimited_counts_none() {
        let state = |limit| AccountState {
            daily_limit: limit,
            ..AccountState::default()
        };
        assert_eq!(state(Some(DailyLimit::People(250))).first_left(249), 1);
        assert_eq!(state(Some(DailyLimit::People(250))).first_left(300), 0);
        assert_eq!(state(Some(DailyLimit::Unlimited)).first_left(300), i64::MAX);
        assert_eq!(state(None).first_left(300), i64::MAX);
    }

    #[test]
    fn a_person_hears_of_what_stops_or_costs_and_not_of_what_is_well() {
        let template = |what| News::Template {
            name: "due".into(),
            language: "en".into(),
            id: "1".into(),
            what,
        };
        let status = |status, event: &str| {
            template(TemplateNews::Status {
                status,
                event: event.into(),
                reason: None,
                pause: None,
            })
        };
        for quiet in [
            status(Some(Status::Approved), "APPROVED"),
            template(TemplateNews::Quality(Quality::Green)),
            News::Upgraded,
            News::Reinstated,
            News::Name {
                decision: "APPROVED".into(),
                reason: None,
            },
        ] {
            assert_eq!(alarm(&quiet), None, "{quiet:?}");
        }
        for (loud, kind) in [
            (status(Some(Status::Paused), "PAUSED"), "template"),
            (status(Some(Status::Rejected), "REJECTED"), "template"),
            (status(None, "FLAGGED"), "template"),
            (template(TemplateNews::Quality(Quality::Red)), "template"),
            (
                template(TemplateNews::Category {
                    now: None,
                    soon: Some(Category::Marketing),
                }),
                "template",
            ),
            (News::Number("FLAGGED".into()), "number_quality"),
            (
                News::Name {
                    decision: "REJECTED".into(),
                    reason: None,
                },
                "number_name",
            ),
            (
                News::Stopped {
                    why: "w".into(),
                    until: None,
                    first_only: false,
                    answers_until: None,
                },
                "account_stopped",
            ),
            (
                News::Told {
                    about: "account_security",
                    words: "PIN_CHANGED".into(),
                },
                "account_security",
            ),
        ] {
            assert_eq!(alarm(&loud).map(|(kind, ..)| kind), Some(kind), "{loud:?}");
        }
    }
}
