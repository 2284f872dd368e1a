//! What has to happen so that the account has what is written down.

use jiff::{SignedDuration, Timestamp};

use super::account::{InAccount, Status};
use super::definition::Definition;

/// An approved template may be edited once in this time.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_hours(24);
/// And so often within the longer one.
const MOST_EDITS: usize = 10;
const COUNTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// An edit we made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Meta's id of the template.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

/// What is to be done about one template in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// The account has none.
    Create(&'a Definition),
    /// The account has another text.
    Edit(&'a Definition, &'a InAccount),
    /// The account has this very text.
    Unchanged(&'a Definition, &'a InAccount),
    /// An edit is needed and not allowed before this.
    Later(&'a Definition, Timestamp),
    /// Meta refused this very text, for a reason.
    Rejected(&'a Definition, &'a InAccount),
    /// Nothing can be done as it stands: why, and what to do instead.
    Blocked(&'a Definition, String),
    /// Nobody wrote it down.
    OnlyInAccount(&'a InAccount),
}

impl Step<'_> {
    /// Returns whether it asks Meta for something.
    pub const fn is_a_change(&self) -> bool {
        matches!(self, Self::Create(_) | Self::Edit(..))
    }
}

/// Compares what is written down with what the account has.
pub fn plan<'a>(
    wanted: &'a [Definition],
    account: &'a [InAccount],
    edits: &[Edit],
    now: Timestamp,
) -> Vec<Step<'a>> {
    let is_same = |a: &Definition, b: &InAccount| a.name == b.name && a.language == b.language;
    let ours = wanted.iter().map(
        |one| match account.iter().find(|known| is_same(one, known)) {
            Some(known) => compare(one, known, edits, now),
            None => Step::Create(one),
        },
    );
    let theirs = account
        .iter()
        .filter(|known| !wanted.iter().any(|one| is_same(one, known)));
    ours.chain(theirs.map(Step::OnlyInAccount)).collect()
}

fn compare<'a>(
    one: &'a Definition,
    known: &'a InAccount,
    edits: &[Edit],
    now: Timestamp,
) -> Step<'a> {
    let category_differs = known.category != Some(one.category);
    let is_same = known.says(one.category, &one.content);
    match known.status {
        Status::Deleted | Status::PendingDeletion => Step::Blocked(
            one,
            "was deleted; Meta keeps the name of an approved one for 30 days: wait, or give \
             the file another name"
                .to_owned(),
        ),
        Status::Rejected if is_same && !category_differs => Step::Rejected(one, known),
        Status::Rejected => Step::Edit(one, known),
        _ if category_differs => Step::Blocked(
            one,
            format!(
                "is {} for Meta and {} here, and a category cannot be changed: write Meta's \
                 into the file, or give the file another name",
                known
                    .category
                    .map_or("something else", super::Category::as_str),
                one.category.as_str()
            ),
        ),
        _ if is_same => Step::Unchanged(one, known),
        Status::Approved | Status::Paused => match next_edit(&known.id, edits, now) {
            Some(at) => Step::Later(one, at),
            None => Step::Edit(one, known),
        },
        Status::Pending | Status::InAppeal => Step::Blocked(
            one,
            "is being reviewed and cannot be edited meanwhile: apply again afterwards".to_owned(),
        ),
        status => Step::Blocked(
            one,
            format!(
                "is {} and cannot be edited: give the file another name",
                status.as_str()
            ),
        ),
    }
}

/// Returns when it may be edited next, if not now.
fn next_edit(id: &str, edits: &[Edit], now: Timestamp) -> Option<Timestamp> {
    let mut made: Vec<_> = edits
        .iter()
        .filter(|edit| edit.id == id)
        .map(|edit| edit.at)
        .collect();
    made.sort_unstable();
    let last = made.last().map(|at| *at + BETWEEN_EDITS);
    let oldest = made
        .iter()
        .rev()
        .nth(MOST_EDITS - 1)
        .map(|at| *at + COUNTED);
    last.max(oldest).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::super::account::Quality;
    use super::super::definition::{Category, Content};
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn wanted() -> Definition {
        Definition {
            name: "due".into(),
            language: "en".into(),
            category: Category::Utility,
            content: Content {
                body: "It is due.".into(),
                ..Content::default()
            },
            samples: std::collections::BTreeMap::new(),
            files: Vec::new(),
        }
    }

    fn known(status: Status, body: &str) -> InAccount {
        InAccount {
            id: "7".into(),
            name: "due".into(),
            language: "en".into(),
            status,
            category: Some(Category::Utility),
            quality: Quality::Unknown,
            rejected: None,
            content: Content {
                body: body.into(),
                ..Content::default()
            },
        }
    }

    fn word(status: Status, body: &str, edits: &[Edit]) -> &'static str {
        match plan(&[wanted()], &[known(status, body)], edits, now())[0] {
            Step::Create(_) => "create",
            Step::Edit(..) => "edit",
            Step::Unchanged(..) => "unchanged",
            Step::Later(..) => "later",
            Step::Rejected(..) => "rejected",
            Step::Blocked(..) => "blocked",
            Step::OnlyInAccount(_) => "only in the account",
        }
    }

    #[test]
    fn every_state_of_a_template_leads_to_its_step() {
        for (status, same, other) in [
            (Status::Approved, "unchanged", "edit"),
            (Status::Paused, "unchanged", "edit"),
            (Status::Pending, "unchanged", "blocked"),
            (Status::InAppeal, "unchanged", "blocked"),
            (Status::Rejected, "rejected", "edit"),
            (Status::Disabled, "unchanged", "blocked"),
            (Status::LimitExceeded, "unchanged", "blocked"),
            (Status::Archived, "unchanged", "blocked"),
            (Status::Deleted, "blocked", "blocked"),
            (Status::PendingDeletion, "blocked", "blocked"),
            (Status::Other, "unchanged", "blocked"),
        ] {
            assert_eq!(word(status, "It is due.", &[]), same, "{status:?}");
            assert_eq!(word(status, "It was due.", &[]), other, "{status:?}");
        }
    }

    #[test]
    fn what_is_missing_is_created_and_what_nobody_wrote_down_is_named() {
        let (wanted, stray) = (
            [wanted()],
            [InAccount {
                name: "old".into(),
                ..known(Status::Approved, "x")
            }],
        );
        let steps = plan(&wanted, &stray, &[], now());
        assert_eq!(
            steps,
            [Step::Create(&wanted[0]), Step::OnlyInAccount(&stray[0])]
        );
    }

    #[test]
    fn a_category_cannot_change_once_it_is_approved() {
        let other = InAccount {
            category: Some(Category::Marketing),
            ..known(Status::Approved, "It is due.")
        };
        let wanted = [wanted()];
        let account = [other];
        let steps = plan(&wanted, &account, &[], now());
        let Step::Blocked(_, why) = &steps[0] else {
            panic!("{steps:?}");
        };
        assert!(why.contains("MARKETING for Meta and UTILITY here"), "{why}");
    }

    #[test]
    fn an_approved_text_is_edited_once_a_day_and_ten_times_a_month() {
        let edit = |hours| Edit {
            id: "7".into(),
            at: now() - SignedDuration::from_hours(hours),
        };
        assert_eq!(word(Status::Approved, "x", &[edit(23)]), "later");
        assert_eq!(word(Status::Approved, "x", &[edit(24)]), "edit");
        let ten: Vec<_> = (1..=10).map(|day| edit(day * 48)).collect();
        assert_eq!(word(Status::Approved, "x", &ten), "later");
        assert_eq!(word(Status::Approved, "x", &ten[1..]), "edit");
        assert_eq!(
            word(Status::Rejected, "x", &ten),
            "edit",
            "no limit before approval"
        );
        let others = [Edit {
            id: "8".into(),
            ..edit(1)
        }];
        assert_eq!(word(Status::Approved, "x", &others), "edit");
    }
}
