//! Whatever is written, tapped and waited in whatever order: nothing with money is set in
//! motion but by the button of the very terms in view, or their amount repeated, within
//! ten minutes, once.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::conversation::{Chat, holding, ids, words};
use super::house::House;
use crate::dialogue::commands::{Asked, Command, Means};
use crate::investing::orders::draft::Proposal;
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::{MandateStatus, PlanStatus, Quantity};
use crate::investing::{Paise, Return};

const SAID: &[&str] = &[
    "start sip",
    "start sip 5000 hdfc flexi cap on 5",
    "hdfc flexi cap",
    "parag parikh",
    "5000",
    "₹5,000",
    "6000",
    "5",
    "10",
    "yes",
    "haan",
    "ok",
    "confirm",
    "no",
    "back",
    "cancel",
    "menu",
    "lumpsum 10000 in parag parikh",
    "redeem",
    "redeem 5000",
    "all",
    "switch",
    "my sips",
    "stop my sip",
    "pause my sip",
    "resume my sip",
    "change my sip",
    "7000",
    "order status",
    "hdfc flexi cap nav",
    "mandate",
    "hindi",
    "english",
    "hinglish",
    "5000 for 10 years at 12%",
    "1",
    "13",
    "buying a house",
    "thanks",
    "sip band karo",
    "paise nikalo",
    "हाँ",
    "kar do",
    "😀",
    "stop",
    "start",
    "sab nikal do",
    "20,000",
    "step up 10%",
];

#[derive(Debug, Clone)]
enum Event {
    Says(usize),
    /// One of what can be tapped in the last message.
    Taps(usize),
    /// One of what could be tapped in any message.
    TapsEarlier(usize),
    TapsTheLastAgain,
    Waits(i64),
    /// The next confirmation is refused.
    Refused,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..SAID.len()).prop_map(Event::Says),
        6 => any::<usize>().prop_map(Event::Taps),
        2 => any::<usize>().prop_map(Event::TapsEarlier),
        1 => Just(Event::TapsTheLastAgain),
        1 => (1..15_i64).prop_map(Event::Waits),
        1 => Just(Event::Refused),
    ]
}

/// What happened in a chat so far.
struct Story {
    chat: Chat,
    house: House,
    /// Everything that could ever be tapped.
    tappable: Vec<String>,
    /// What can be tapped in the last message that had something.
    in_view: Vec<String>,
    /// When it came.
    shown_at: jiff::Timestamp,
    last_tap: String,
}

impl Story {
    fn begins() -> Self {
        let (chat, house) =
            Chat::dealing(vec![holding("HDFC Flexi Cap Fund", Return::UnderOneYear)]);
        let mandate = house.mandate(Paise(20_000_00), MandateStatus::Active);
        house.book().mandates.push(mandate);
        for status in [PlanStatus::Active, PlanStatus::Paused] {
            let sip = house.sip(status);
            house.book().plans.push(sip);
        }
        Self {
            shown_at: chat.now,
            chat,
            house,
            tappable: Vec::new(),
            in_view: Vec::new(),
            last_tap: String::new(),
        }
    }

    fn happens(&mut self, event: &Event) {
        let before = self.house.book().done.len();
        let (decision, tapped, said) = match event {
            Event::Waits(minutes) => {
                self.chat.now += SignedDuration::from_mins(*minutes);
                return;
            }
            Event::Refused => {
                self.house.book().refuse = Some(Refusal::Paused);
                return;
            }
            Event::Says(at) => {
                let said = SAID[*at];
                (self.chat.writes(said), None, Some(said))
            }
            Event::Taps(_) | Event::TapsEarlier(_) | Event::TapsTheLastAgain => {
                let Some(id) = self.tapped(event) else {
                    return;
                };
                self.last_tap.clone_from(&id);
                (self.chat.taps(&id), Some(id), None)
            }
        };
        self.chat.contact.owner = crate::contacts::Owner::Bot;
        let book = self.house.book();
        let done = book.done.iter().skip(before);
        let confirmed: Vec<(Asked, Means)> = done
            .filter_map(|command| match command {
                Command::Do(asked, means) => Some((asked.clone(), *means)),
                Command::KeepDraft(_) | Command::Serve(_) => None,
            })
            .collect();
        drop(book);
        for (asked, means) in confirmed {
            self.was_confirmed(&asked, means, tapped.as_deref(), said);
        }
        if let [reply] = &decision.replies[..] {
            assert!(reply.message.check().is_ok(), "{}", words(&decision));
        }
        let shown = decision
            .replies
            .first()
            .map(|_| ids(&decision))
            .unwrap_or_default();
        if !shown.is_empty() {
            self.tappable.extend(shown.iter().cloned());
            self.in_view = shown;
            self.shown_at = self.chat.now;
        }
    }

    fn tapped(&self, event: &Event) -> Option<String> {
        let pick = |from: &[String], at: usize| from.get(at % from.len().max(1)).cloned();
        match event {
            Event::Taps(at) => pick(&self.in_view, *at),
            Event::TapsEarlier(at) => pick(&self.tappable, *at),
            _ => Some(self.last_tap.clone()).filter(|id| !id.is_empty()),
        }
    }

    fn was_confirmed(&self, asked: &Asked, means: Means, tapped: Option<&str>, said: Option<&str>) {
        let fresh = self.chat.now.duration_since(self.shown_at) < SignedDuration::from_mins(10);
        assert!(fresh, "{asked:?} long after it was shown");
        match means {
            Means::Button => {
                let id = tapped.expect("a button was tapped");
                assert!(
                    self.in_view.iter().any(|shown| shown == id),
                    "{id} is not in view"
                );
                assert!(id.ends_with(&asked.key()), "{id} is not of {asked:?}");
            }
            Means::Amount => {
                let said = said.expect("an amount was said");
                let digits: String = said.chars().filter(char::is_ascii_digit).collect();
                let paise = digits.parse::<i64>().unwrap() * 100;
                let amount = match self.house.draft().terms.proposal {
                    Proposal::Plan(plan) => plan.terms.amount,
                    Proposal::Mandate(mandate) => mandate.limit,
                    Proposal::Order(order) => match order.quantity {
                        Quantity::Amount(amount) => amount,
                        other => panic!("{other:?} was confirmed by an amount"),
                    },
                };
                assert_eq!(Paise(paise), amount, "{said}");
                assert!(matches!(asked, Asked::Draft(id) if *id == self.house.draft().id));
            }
        }
        let confirmed = self.house.confirmed();
        let drafts = confirmed
            .iter()
            .filter(|one| matches!(one, Asked::Draft(_)) && *one == asked);
        assert!(drafts.count() <= 1, "{asked:?} was confirmed twice");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// P5.
    #[test]
    fn money_moves_only_by_the_fresh_confirmation_of_the_very_terms(
        events in prop::collection::vec(event(), 1..60)
    ) {
        let mut story = Story::begins();
        for event in &events {
            story.happens(event);
        }
    }
}

/// Ten thousand events or so; a million at `PROOF_SCALE=100`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own scale, set by whoever runs it"
)]
fn cases() -> u32 {
    let scale = std::env::var("PROOF_SCALE").ok();
    let scale: u32 = scale.and_then(|scale| scale.parse().ok()).unwrap_or(1);
    330 * scale
}
