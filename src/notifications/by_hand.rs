//! One approved template for one person, because an operator says so: whether it may go,
//! what it says, and in which lane. Rules over values.
//!
//! What Meta takes the template for today decides, not what we wrote down: one that was made
//! marketing goes to those alone who agreed to marketing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::contacts::Marketing;
use crate::pipeline::{Lane, Purpose, Registered, is_wanted};
use crate::whatsapp::templates::{Category, Content, Definition, Misfit, Sayings, fits};
use crate::whatsapp::{Outgoing, OverLimit, Template};

/// How long a notice or an offer is of use: long enough for a night's rest before it.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);
/// What Meta itself gives a code that has no minutes of its own.
const CODE_MINUTES: u32 = 10;
/// Characters of a code that Meta takes.
const CODE: usize = 15;

/// What an operator gives for a template.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// What is said in its places.
    pub said: Sayings<'a>,
    /// The one-time code.
    pub code: Option<&'a str>,
}

/// What is known of whom it is for.
#[derive(Debug, Clone, Copy)]
pub struct Whom {
    /// What they said about marketing.
    pub marketing: Marketing,
    /// Whether their number may be somebody else's by now.
    pub is_doubtful: bool,
    /// Whether their number is known, and not a user id alone.
    pub has_number: bool,
}

/// Why it is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each says it in words")]
pub enum Refusal {
    #[error("the account has no template {name} in {language}; `templates status` lists them")]
    Unknown { name: String, language: String },
    #[error("{name} may not be sent now: {why}; see `templates status`")]
    NotApproved { name: String, why: String },
    #[error("Meta has told neither its text nor what it is for yet: run `templates status` first")]
    Unread,
    #[error("it is marketing, and they said that they want none")]
    OptedOut,
    #[error("it is marketing, and they never agreed to any; the bot asks them in the chat")]
    NotAgreed,
    #[error("their number may be somebody else's by now: make sure first (`attention list`)")]
    Doubtful,
    #[error(
        "Meta takes a one-time code to a phone number only, and a user id is all that is known of them"
    )]
    NoNumber,
    #[error("say what stands in {0}: --param {0}=…")]
    Missing(String),
    #[error("it has no place {0}; it has {1}")]
    NoSuchPlace(String, String),
    #[error("its places have numbers instead of names, which this command does not fill")]
    Numbered,
    #[error(
        "it holds a one-time code: give it with --code, or --code - to read it from standard input"
    )]
    NoCode,
    #[error("it holds no one-time code: leave --code out")]
    NotForCode,
    #[error("a one-time code is 1 to 15 letters and digits without accents")]
    CodeForm,
    #[error("it shows {wanted} files and {given} are known: give them with --header or --card")]
    Files { wanted: usize, given: usize },
    #[error(
        "`{0}` is none of the pictures here, or a picture is not what it shows; give an https address"
    )]
    NoSuchFile(String),
    #[error("it does not fit what Meta approved: {0}")]
    Misfit(#[from] Misfit),
    #[error("Meta would refuse it: {0}")]
    OverLimit(#[from] OverLimit),
}

/// Decides whether a template may go to somebody, and returns what Meta takes it for and says.
pub fn may_go(
    known: &Registered,
    whom: Whom,
    now: Timestamp,
) -> Result<(Category, &Content), Refusal> {
    if let Some(word) = known.refusal(now) {
        let reason = known.reason.iter().map(|reason| format!(" ({reason})"));
        return Err(Refusal::NotApproved {
            name: format!("{}/{}", known.name, known.language),
            why: word.replace('_', " ") + &reason.collect::<String>(),
        });
    }
    let (Some(category), Some(content)) = (known.category, &known.content) else {
        return Err(Refusal::Unread);
    };
    if whom.is_doubtful {
        return Err(Refusal::Doubtful);
    }
    if !is_wanted(category == Category::Marketing, whom.marketing) {
        return Err(match whom.marketing {
            Marketing::OptedOut => Refusal::OptedOut,
            _ => Refusal::NotAgreed,
        });
    }
    if category == Category::Authentication && !whom.has_number {
        return Err(Refusal::NoNumber);
    }
    Ok((category, content))
}

/// Returns the message: the approved text with what was given in it.
pub fn message(definition: &Definition, given: &Given<'_>) -> Result<Template, Refusal> {
    let content = &definition.content;
    let filled = match (definition.category, given.code) {
        (Category::Authentication, None) => return Err(Refusal::NoCode),
        (Category::Authentication, Some(code)) => {
            let is_plain = |b: u8| b.is_ascii_alphanumeric();
            if !(1..=CODE).contains(&code.len()) || !code.bytes().all(is_plain) {
                return Err(Refusal::CodeForm);
            }
            refuse_others(&BTreeSet::new(), &given.said)?;
            definition.code_message(code)
        }
        (_, Some(_)) => return Err(Refusal::NotForCode),
        (_, None) => {
            fits_places(content, &given.said)?;
            fits_files(content, &definition.files)?;
            definition.message(&given.said)
        }
    };
    // What is left is a kind of header or button that is not ours.
    let template = filled.ok_or(Misfit::Header)?;
    fits(&template, content)?;
    let message = Outgoing::Template(template);
    message.check()?;
    match message {
        Outgoing::Template(template) => Ok(template),
        _ => Err(Misfit::Header.into()),
    }
}

fn fits_places(content: &Content, said: &Sayings<'_>) -> Result<(), Refusal> {
    if content.is_numbered() {
        return Err(Refusal::Numbered);
    }
    let places = content.places();
    refuse_others(&places, said)?;
    let missing = places.iter().find(|place| !said.contains_key(**place));
    missing.map_or(Ok(()), |place| Err(Refusal::Missing((*place).to_owned())))
}

fn refuse_others(places: &BTreeSet<&str>, said: &Sayings<'_>) -> Result<(), Refusal> {
    let Some(other) = said.keys().find(|place| !places.contains(**place)) else {
        return Ok(());
    };
    let known: Vec<_> = places.iter().copied().collect();
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Err(Refusal::NoSuchPlace((*other).to_owned(), known))
}

fn fits_files(content: &Content, files: &[String]) -> Result<(), Refusal> {
    let (wanted, given) = (content.shown().len(), files.len());
    if wanted == given {
        return Ok(());
    }
    Err(Refusal::Files { wanted, given })
}

/// Returns the lane of a category, what it is for there, and until when it is of use. Nothing
/// of these is said again by a machine where its fate is unknown.
pub fn ways(category: Category, content: &Content, now: Timestamp) -> (Lane, Purpose, Timestamp) {
    match category {
        Category::Marketing => (Lane::Marketing, Purpose::Marketing, now + TWO_DAYS),
        Category::Utility => (Lane::Utility, Purpose::Money, now + DAY),
        // Somebody sits and waits for it.
        Category::Authentication => {
            let minutes = content.expires.unwrap_or(CODE_MINUTES);
            let span = SignedDuration::from_mins(i64::from(minutes));
            (Lane::Agent, Purpose::Code, now + span)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::definitions;
    use crate::whatsapp::Recipient;
    use crate::whatsapp::templates::{Quality, Status};

    fn defined(name: &str) -> Definition {
        let mut all = definitions().unwrap().into_iter();
        all.find(|one| one.name == name && one.language == "en")
            .unwrap()
    }

    fn registered(name: &str) -> Registered {
        let one = defined(name);
        Registered {
            name: one.name,
            language: one.language,
            status: Status::Approved,
            category: Some(one.category),
            quality: Quality::Green,
            content: Some(one.content),
            reason: None,
            paused_until: None,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// What Graph is given.
    fn sent(template: Template) -> serde_json::Value {
        let to = Recipient::Phone("91".into());
        Outgoing::Template(template).request(&to, "c")["template"].clone()
    }

    const WHOM: Whom = Whom {
        marketing: Marketing::OptedIn,
        is_doubtful: false,
        has_number: true,
    };

    #[test]
    fn marketing_goes_to_those_alone_who_agreed_and_a_notice_to_everybody() {
        let now = Timestamp::UNIX_EPOCH;
        for (marketing, refused) in [
            (Marketing::OptedIn, None),
            (Marketing::OptedOut, Some(Refusal::OptedOut)),
            (Marketing::NotAsked, Some(Refusal::NotAgreed)),
        ] {
            let whom = Whom { marketing, ..WHOM };
            let offer = registered("chat_services");
            assert_eq!(may_go(&offer, whom, now).err(), refused);
            assert!(may_go(&registered("document_ready"), whom, now).is_ok());
            // Meta made it marketing meanwhile.
            let recast = Registered {
                category: Some(Category::Marketing),
                ..registered("document_ready")
            };
            assert_eq!(may_go(&recast, whom, now).err(), refused);
        }
        let doubtful = Whom {
            is_doubtful: true,
            ..WHOM
        };
        let notice = registered("document_ready");
        assert_eq!(may_go(&notice, doubtful, now), Err(Refusal::Doubtful));
    }

    #[test]
    fn a_one_time_code_goes_to_a_number_alone_and_a_notice_to_a_user_id_as_well() {
        let now = Timestamp::UNIX_EPOCH;
        let hidden = Whom {
            has_number: false,
            ..WHOM
        };
        let code = registered("one_time_code");
        assert_eq!(may_go(&code, hidden, now), Err(Refusal::NoNumber));
        assert!(may_go(&code, WHOM, now).is_ok());
        assert!(may_go(&registered("document_ready"), hidden, now).is_ok());
    }

    #[test]
    fn what_is_paused_or_not_approved_is_refused_with_its_reason() {
        let now = Timestamp::UNIX_EPOCH;
        let paused = Registered {
            status: Status::Paused,
            reason: Some("FIRST_PAUSE".into()),
            ..registered("document_ready")
        };
        let said = may_go(&paused, WHOM, now).unwrap_err().to_string();
        assert!(
            said.contains("document_ready/en may not be sent now: template paused (FIRST_PAUSE)"),
            "{said}"
        );
        let unread = Registered {
            content: None,
            ..registered("document_ready")
        };
        assert_eq!(may_go(&unread, WHOM, now), Err(Refusal::Unread));
    }

    #[test]
    fn every_place_is_filled_and_no_other() {
        let one = defined("handoff_follow_up");
        let given = |pairs: &[(&'static str, &str)]| Given {
            said: pairs
                .iter()
                .map(|(place, text)| (*place, (*text).to_owned()))
                .collect(),
            ..Given::default()
        };
        let template = message(&one, &given(&[("date", "05-Sep-2026")])).unwrap();
        assert!(template.words.contains("05-Sep-2026"));
        assert_eq!(
            message(&one, &given(&[])),
            Err(Refusal::Missing("date".into()))
        );
        assert_eq!(
            message(&one, &given(&[("date", "a"), ("name", "b")])),
            Err(Refusal::NoSuchPlace("name".into(), "date".into()))
        );
        let with_code = Given {
            code: Some("123456"),
            ..given(&[("date", "a")])
        };
        assert_eq!(message(&one, &with_code), Err(Refusal::NotForCode));
    }

    #[test]
    fn the_files_of_a_template_are_ours_or_those_that_are_given() {
        let mut one = defined("document_attached");
        let given = Given {
            said: [("title", "Account statement".to_owned())].into(),
            ..Given::default()
        };
        assert!(message(&one, &given).is_ok());
        one.files = vec!["https://x.in/papers/march.pdf?a=1".into()];
        let template = message(&one, &given).unwrap();
        assert_eq!(
            sent(template)["components"][0]["parameters"][0]["document"],
            serde_json::json!({"link": "https://x.in/papers/march.pdf?a=1", "filename": "march.pdf"})
        );
        one.files = Vec::new();
        assert_eq!(
            message(&one, &given),
            Err(Refusal::Files {
                wanted: 1,
                given: 0
            })
        );
    }

    #[test]
    fn a_code_is_filled_in_and_its_words_do_not_say_it() {
        let mut one = defined("one_time_code");
        // As the account has it.
        one.content.body = "*{{1}}* is your verification code.".into();
        let given = |code| Given {
            code,
            ..Given::default()
        };
        let template = message(&one, &given(Some("A1B2C3"))).unwrap();
        assert!(!template.words.contains("A1B2C3") && template.words.contains("verification"));
        let sent = sent(template).to_string();
        assert_eq!(sent.matches("A1B2C3").count(), 2, "{sent}");
        assert_eq!(message(&one, &given(None)), Err(Refusal::NoCode));
        for wrong in ["", "12 34", "1234567890123456", "कोड"] {
            assert_eq!(
                message(&one, &given(Some(wrong))),
                Err(Refusal::CodeForm),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_category_decides_lane_purpose_and_how_long_it_is_of_use() {
        let now = Timestamp::UNIX_EPOCH;
        let hours = SignedDuration::from_hours;
        for (name, lane, purpose, span) in [
            (
                "chat_services",
                Lane::Marketing,
                Purpose::Marketing,
                hours(48),
            ),
            ("document_ready", Lane::Utility, Purpose::Money, hours(24)),
            (
                "one_time_code",
                Lane::Agent,
                Purpose::Code,
                SignedDuration::from_mins(10),
            ),
        ] {
            let one = defined(name);
            let decided = ways(one.category, &one.content, now);
            assert_eq!(decided, (lane, purpose, now + span), "{name}");
        }
    }
}
