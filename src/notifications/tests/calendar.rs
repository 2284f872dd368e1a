//! Calendars over a real database.

use std::time::Duration;

use jiff::civil::{Date, date};

use super::super::ports::Planned;
use super::super::service;
use super::super::{Scope, Voice, Wish};
use super::rig::Rig;
use crate::id::PlanId;
use crate::investing::events::What;
use crate::investing::orders::{PlanKind, PlanStatus};
use crate::investing::{Paise, SchemeCode};

fn planned(number: u8, date: Date) -> Planned {
    Planned {
        key: format!("plan_1-{number}"),
        plan: PlanId::from(uuid::Uuid::nil()),
        date,
        scheme: SchemeCode(1),
        amount: Paise(500_000),
    }
}

impl Rig {
    fn plans(&self, planned: Vec<Planned>) {
        *self.world.planned.lock().unwrap() = planned;
    }

    async fn link(&self) -> String {
        let input = (self.ground.clone(), self.contact);
        let path = self
            .run(input, |conn, (ground, contact)| {
                Box::pin(async move {
                    let now = ground.clock.now();
                    service::create_calendar_link(conn, ground, *contact, now).await
                })
            })
            .await;
        path.strip_prefix("/calendar/").unwrap().to_owned()
    }

    async fn calendar(&self, token: &str) -> Option<String> {
        let catalog = self.telling(false).investing.catalog();
        let voice = Voice::new().unwrap();
        let world = self.world.as_ref();
        service::calendar_of_link(&self.ground, &catalog, world, &voice, token)
            .await
            .unwrap()
    }
}

fn lines<'a>(calendar: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("{name}:");
    let found = calendar
        .lines()
        .filter_map(|line| line.strip_prefix(start.as_str()));
    found.collect()
}

#[tokio::test]
async fn a_plan_appears_moves_and_disappears_under_one_name() {
    let rig = Rig::new().await;
    let token = rig.link().await;
    assert_eq!(lines(&rig.calendar(&token).await.unwrap(), "UID"), [""; 0]);

    let days = [date(2026, 10, 5), date(2026, 11, 5)];
    rig.plans(vec![planned(1, days[0]), planned(2, days[1])]);
    let first = rig.calendar(&token).await.unwrap();
    assert_eq!(
        lines(&first, "UID"),
        ["plan_1-1@sipbrewery", "plan_1-2@sipbrewery"]
    );
    assert_eq!(
        lines(&first, "DTSTART;VALUE=DATE"),
        ["20261005", "20261105"]
    );
    assert_eq!(lines(&first, "SEQUENCE"), ["0", "0"]);
    assert_eq!(
        rig.calendar(&token).await.unwrap(),
        first,
        "nothing changed"
    );

    rig.after(Duration::from_hours(1));
    rig.plans(vec![planned(1, date(2026, 10, 6)), planned(2, days[1])]);
    let moved = rig.calendar(&token).await.unwrap();
    assert_eq!(
        lines(&moved, "DTSTART;VALUE=DATE"),
        ["20261006", "20261105"]
    );
    assert_eq!(lines(&moved, "SEQUENCE"), ["1", "0"]);

    rig.plans(Vec::new());
    let gone = rig.calendar(&token).await.unwrap();
    assert_eq!(lines(&gone, "STATUS"), ["CANCELLED", "CANCELLED"]);
    assert_eq!(lines(&gone, "SEQUENCE"), ["2", "1"]);
    assert_eq!(lines(&gone, "UID"), lines(&first, "UID"));
}

#[tokio::test]
async fn a_link_cannot_be_guessed_ends_and_gives_way_to_the_next() {
    let rig = Rig::new().await;
    let mine = rig.link().await;
    assert!(mine.len() >= 43 && rig.calendar(&mine).await.is_some());
    for wrong in ["", "x", &mine[1..], &mine.to_uppercase()] {
        assert_eq!(rig.calendar(wrong).await, None);
    }
    let another = rig.link().await;
    assert_eq!(
        rig.calendar(&mine).await,
        None,
        "the one before is taken back"
    );
    let kept = "select count(*) from calendar_links where length(token) = 16";
    assert_eq!(rig.count(kept).await, 2, "hashes only");

    rig.became("update contacts set unverified_since = 1 where id = $1 and $2 = 0")
        .await;
    assert_eq!(rig.calendar(&another).await, None, "it may be anybody's");
    rig.became("update contacts set unverified_since = null where id = $1 and $2 = 0")
        .await;
    rig.after(Duration::from_hours(24 * 400 - 1));
    assert!(rig.calendar(&another).await.is_some());
    rig.after(Duration::from_hours(1));
    assert_eq!(rig.calendar(&another).await, None);
}

#[tokio::test]
async fn what_has_passed_leaves_the_calendar_and_what_is_to_come_keeps_its_words() {
    let rig = Rig::new().await;
    let token = rig.link().await;
    let days = [date(2026, 9, 7), date(2026, 10, 5)];
    rig.plans(vec![planned(1, days[0]), planned(2, days[1])]);
    let both = rig.calendar(&token).await.unwrap();
    assert_eq!(lines(&both, "DTSTART;VALUE=DATE"), ["20260907", "20261005"]);
    rig.at("2026-09-08T12:00:00");
    rig.plans(vec![planned(2, days[1])]);
    let ahead = rig.calendar(&token).await.unwrap();
    assert_eq!(lines(&ahead, "DTSTART;VALUE=DATE"), ["20261005"]);
    assert_eq!(lines(&ahead, "DESCRIPTION").len(), 1);
}

#[tokio::test]
async fn a_letter_about_a_plan_brings_its_dates_and_takes_them_back() {
    let rig = Rig::new().await;
    rig.wishes(Scope::Every, Wish::Email).await;
    rig.plans(vec![planned(1, date(2026, 10, 5))]);
    let plan = PlanId::from(uuid::Uuid::nil());
    let active = What::PlanActive {
        plan,
        kind: PlanKind::Sip,
        scheme: SchemeCode(1),
        amount: Paise(500_000),
        first: date(2026, 10, 5),
    };
    rig.happens("active:1", active).await;
    rig.follow().await;
    rig.plans(Vec::new());
    let ended = What::PlanEnded {
        plan,
        kind: PlanKind::Sip,
        scheme: SchemeCode(1),
        by: PlanStatus::CancelledByInvestor,
    };
    rig.happens("ended:1", ended).await;
    rig.follow().await;
    rig.post().await;
    let posted = rig.letters.posted.lock().unwrap().clone();
    let attached: Vec<_> = posted
        .iter()
        .map(|(_, letter)| {
            let file = &letter.attachments[0];
            (
                file.media_type.clone(),
                String::from_utf8(file.content.clone()).unwrap(),
            )
        })
        .collect();
    assert!(attached[0].0.ends_with("method=PUBLISH") && attached[1].0.ends_with("method=CANCEL"));
    assert_eq!(lines(&attached[0].1, "SEQUENCE"), ["0"]);
    assert_eq!(lines(&attached[1].1, "SEQUENCE"), ["1"]);
    assert_eq!(lines(&attached[0].1, "UID"), lines(&attached[1].1, "UID"));
    assert_eq!(lines(&attached[1].1, "STATUS"), ["CANCELLED"]);
}
