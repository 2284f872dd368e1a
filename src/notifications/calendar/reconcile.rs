//! What has to change in somebody's calendar for it to show their plans as they are.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Published, Wanted};

/// Returns the entries that are new or changed, as they are from now on. What has passed
/// stays as it was.
pub fn changes(
    published: &[Published],
    wanted: &[Wanted],
    today: Date,
    now: Timestamp,
) -> Vec<Published> {
    let known: HashMap<&str, &Published> = published.iter().map(|p| (p.uid.as_str(), p)).collect();
    let wished: HashSet<&str> = wanted.iter().map(|w| w.uid.as_str()).collect();
    let new_or_other = wanted.iter().filter_map(|want| {
        let digest = digest(want);
        let before = known.get(want.uid.as_str());
        let is_same = before.is_some_and(|before| {
            !before.is_cancelled && before.date == want.date && before.digest == digest
        });
        (!is_same).then(|| Published {
            uid: want.uid.clone(),
            plan: want.plan,
            date: want.date,
            digest,
            sequence: before.map_or(0, |before| before.sequence + 1),
            is_cancelled: false,
            changed_at: now,
        })
    });
    let gone = published
        .iter()
        .filter(|p| !p.is_cancelled && p.date >= today && !wished.contains(p.uid.as_str()))
        .map(|p| Published {
            sequence: p.sequence + 1,
            is_cancelled: true,
            changed_at: now,
            ..p.clone()
        });
    new_or_other.chain(gone).collect()
}

/// Returns what a calendar is after changes.
pub fn apply(published: &[Published], changed: &[Published]) -> Vec<Published> {
    let names: HashSet<&str> = changed.iter().map(|c| c.uid.as_str()).collect();
    let kept = published.iter().filter(|p| !names.contains(p.uid.as_str()));
    let mut all: Vec<_> = kept.chain(changed).cloned().collect();
    all.sort_by(|a, b| (a.date, &a.uid).cmp(&(b.date, &b.uid)));
    all
}

fn digest(want: &Wanted) -> String {
    let text = format!("{}\n{}", want.title, want.description);
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..9])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::PlanId;

    fn want(number: u8, day: i8, title: u8) -> Wanted {
        Wanted {
            uid: format!("ins_{number}@sipbrewery"),
            plan: PlanId::from(uuid::Uuid::nil()),
            date: jiff::civil::date(2026, 9, day),
            title: format!("SIP {title}"),
            description: String::new(),
        }
    }

    fn today(day: i8) -> (Date, Timestamp) {
        let date = jiff::civil::date(2026, 9, day);
        let now = Timestamp::from_second(1_756_000_000 + i64::from(day) * 86_400).unwrap();
        (date, now)
    }

    #[test]
    fn a_plan_that_is_gone_is_called_off_under_its_own_name_and_may_come_back() {
        let (day, now) = today(1);
        let first = changes(&[], &[want(1, 5, 1)], day, now);
        assert_eq!((first[0].sequence, first[0].is_cancelled), (0, false));
        assert_eq!(changes(&first, &[want(1, 5, 1)], day, now), []);
        let gone = changes(&first, &[], day, now);
        assert_eq!((gone[0].sequence, gone[0].is_cancelled), (1, true));
        assert_eq!(gone[0].uid, first[0].uid);
        assert_eq!(changes(&gone, &[], day, now), []);
        let back = changes(&gone, &[want(1, 6, 1)], day, now);
        assert_eq!((back[0].sequence, back[0].is_cancelled), (2, false));
    }

    #[test]
    fn what_has_passed_is_history() {
        let (day, now) = today(1);
        let first = changes(&[], &[want(1, 5, 1)], day, now);
        let (later, now) = today(6);
        assert_eq!(changes(&first, &[], later, now), []);
    }

    proptest! {
        /// S4-21: what the calendar shows is what the plans say, whatever happened before.
        #[test]
        fn the_calendar_shows_exactly_the_schedule(
            histories in prop::collection::vec(
                prop::collection::btree_map(0_u8..6, (10_i8..28, 0_u8..3), 0..6), 1..12)
        ) {
            let mut calendar: Vec<Published> = Vec::new();
            for (step, plans) in histories.iter().enumerate() {
                let wanted: Vec<_> =
                    plans.iter().map(|(n, (day, title))| want(*n, *day, *title)).collect();
                let (day, now) = today(i8::try_from(step).unwrap() % 9 + 1);
                let before = calendar.clone();
                let change = changes(&calendar, &wanted, day, now);
                calendar = apply(&calendar, &change);
                let mut shown: Vec<_> = calendar.iter()
                    .filter(|p| !p.is_cancelled).map(|p| (p.uid.clone(), p.date)).collect();
                let mut due: Vec<_> = wanted.iter().map(|w| (w.uid.clone(), w.date)).collect();
                shown.sort();
                due.sort();
                prop_assert_eq!(shown, due);
                for old in &before {
                    let new = calendar.iter().find(|p| p.uid == old.uid);
                    let new = new.expect("an entry is never forgotten");
                    let same = new == old;
                    prop_assert!(same || new.sequence == old.sequence + 1);
                }
                let names: HashSet<_> = calendar.iter().map(|p| &p.uid).collect();
                prop_assert_eq!(names.len(), calendar.len());
                prop_assert_eq!(changes(&calendar, &wanted, day, now), vec![]);
            }
        }
    }
}
