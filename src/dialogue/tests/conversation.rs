//! A contact to talk as, and facts to talk about.

use std::sync::{Arc, LazyLock, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;

use super::super::flows::record::Task;
use super::super::ports::{Answer, Dealings, Erasure, KycAnswer};
use super::super::understanding::Language;
use super::super::{Dialogue, Distributor, Facts, Filling, Matches, Ticket, Voice};
use super::deeds::Deeds;
use super::house::House;
use crate::contacts::requests::Entry;
use crate::contacts::{Consent, Contact, ContactChange, Marketing, Owner};
use crate::id::{ContactId, Ids};
use crate::investing::{
    Holding, IndexLevel, Nav, OptionKind, Paise, Plan, Portfolio, Return, Scheme, SchemeCode,
};
use crate::people::{Investor, Pan, Questionnaire};
use crate::pipeline::{Decision, StoredSession, Turn, TurnHandler};
use crate::whatsapp::forms::{Action, Answer as Answered, Exchange};
use crate::whatsapp::{CardAction, Content, InboundMessage, MediaKind, Outgoing, Sender};

static VOICE: LazyLock<Voice> = LazyLock::new(|| Voice::new().unwrap());

/// Somebody chatting.
pub(super) struct Chat {
    dialogue: Dialogue,
    facts: Arc<Fake>,
    pub(super) contact: Contact,
    deeds: Deeds,
    pub(super) session: Option<StoredSession>,
    pub(super) now: Timestamp,
}

impl Chat {
    /// A conversation that has already begun, so that no identity is due.
    pub(super) fn going_on() -> Self {
        let mut chat = Self::new(Vec::new());
        chat.contact.last_inbound_at = Some(chat.now - SignedDuration::from_mins(1));
        chat
    }

    /// The same, with these holdings.
    pub(super) fn holding(holdings: Vec<Holding>) -> Self {
        Self {
            contact: Self::going_on().contact,
            ..Self::new(holdings)
        }
    }

    /// Somebody who may deal with a house that does, and holds this.
    pub(super) fn dealing(holdings: Vec<Holding>) -> (Self, House) {
        let house = House::new(schemes());
        let mut chat = Self::with(holdings, Some(house.clone()));
        chat.contact.last_inbound_at = Some(chat.now - SignedDuration::from_mins(1));
        (chat, house)
    }

    /// Somebody who has never written.
    pub(super) fn new(holdings: Vec<Holding>) -> Self {
        Self::with(holdings, None)
    }

    fn with(holdings: Vec<Holding>, house: Option<House>) -> Self {
        let contact = Contact {
            id: Ids::seeded(1).next(Timestamp::UNIX_EPOCH),
            language: None,
            language_heard: None,
            owner: Owner::Bot,
            owner_epoch: 0,
            marketing: Marketing::NotAsked,
            last_inbound_at: None,
            unverified_since: None,
            name: Some("Asha".into()),
            phone: None,
        };
        let deeds = Deeds {
            house: house.clone(),
            ..Deeds::default()
        };
        let facts = Arc::new(Fake {
            holdings,
            house,
            erasure: Mutex::default(),
            complaint: Mutex::default(),
        });
        Self {
            dialogue: Dialogue::new(
                Arc::clone(&facts) as Arc<dyn Facts>,
                Arc::new(deeds.clone()),
                VOICE.clone(),
                distributor(),
            ),
            facts,
            contact,
            deeds,
            session: None,
            now: "2026-08-24T04:30:00Z".parse().unwrap(),
        }
    }

    /// An erasure of theirs is under way; with no time it has begun.
    pub(super) fn is_to_be_erased(&self, number: &str, due: Option<Timestamp>) {
        self.facts.erasure.lock().unwrap().pending = Some((number.to_owned(), due));
    }

    /// A complaint of theirs stands on the register.
    pub(super) fn has_complained(&self, lodged: Entry) {
        *self.facts.complaint.lock().unwrap() = Some(lodged);
    }

    pub(super) fn hears(&mut self, content: Content) -> Decision {
        let turn = self.turn(content);
        let decision = self
            .dialogue
            .decide(&turn)
            .now_or_never()
            .expect("fake facts are there at once")
            .unwrap();
        for reply in &decision.replies {
            assert_eq!(reply.message.check(), Ok(()), "{}", reply.message.words());
        }
        if let Some(session) = &decision.session {
            self.session = Some(session.clone());
        }
        if let Some(code) = decision.heard {
            self.contact.language_heard = Some(code.to_owned());
        }
        for change in &decision.changes {
            match change {
                ContactChange::Language(code) => self.contact.language = Some((*code).to_owned()),
                ContactChange::Marketing(marketing) => self.contact.marketing = *marketing,
                ContactChange::HandOff(_) => self.contact.owner = Owner::Human,
            }
        }
        self.contact.last_inbound_at = Some(self.now);
        decision
    }

    /// The service ends and starts again: what was stored is all that is left.
    pub(super) fn restarts(&mut self) {
        self.dialogue = Dialogue::new(
            Arc::clone(&self.facts) as Arc<dyn Facts>,
            Arc::new(self.deeds.clone()),
            VOICE.clone(),
            distributor(),
        );
    }

    pub(super) fn writes(&mut self, text: &str) -> Decision {
        self.hears(Content::Text(text.to_owned()))
    }

    /// Writes, and returns the words of the one reply.
    pub(super) fn asks(&mut self, text: &str) -> String {
        words(&self.writes(text))
    }

    pub(super) fn taps(&mut self, id: &str) -> Decision {
        self.hears(Content::Tap {
            id: id.to_owned(),
            title: "tapped".to_owned(),
        })
    }

    /// Fills in a screen of the form, and returns the one that follows.
    pub(super) fn fills(&self, screen: &str, data: &Value) -> Answered {
        let ticket = Ticket {
            contact: self.contact.id,
            generation: 1,
            language: Language::En,
            until: self.now + SignedDuration::from_hours(1),
        };
        let step = Exchange {
            action: Action::Submit,
            screen: screen.to_owned(),
            data: data.as_object().unwrap().clone(),
            token: String::new(),
        };
        let known = Some((&ticket, &self.contact));
        match self.dialogue.fill_in(known, &step, self.now).unwrap() {
            Filling::Next(answer) => answer,
            Filling::Expired(words) => panic!("{words}"),
        }
    }

    /// Returns what was set in motion since this was last asked.
    pub(super) fn taken(&mut self) -> Vec<super::super::commands::Command> {
        std::mem::take(&mut self.deeds.taken.lock().unwrap())
    }

    /// Takes the time it takes to read what was said.
    pub(super) fn reads(&mut self) {
        self.now += SignedDuration::from_secs(30);
    }

    pub(super) fn waits(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    pub(super) fn apology(&self) -> Vec<crate::pipeline::Reply> {
        self.dialogue
            .apologise(&self.turn(Content::Text("hi".into())))
    }

    fn turn(&self, content: Content) -> Turn {
        Turn {
            contact: self.contact.clone(),
            message: InboundMessage {
                phone_number_id: "1".into(),
                wamid: "wamid.1".into(),
                sender: Sender::default(),
                sent_at: self.now,
                content,
                reply_to: None,
                forwarded: false,
                referral: None,
            },
            later: Vec::new(),
            session: self.session.clone(),
            now: self.now,
        }
    }
}

fn distributor() -> Distributor {
    Distributor {
        name: "Demo Distributor".into(),
        arn: "ARN-000000".into(),
        grievance_contact: Some("grievance@example.in".into()),
    }
}

pub(super) fn media(kind: MediaKind) -> Content {
    Content::Media {
        kind,
        id: "1".into(),
        mime_type: "x/y".into(),
        caption: None,
        voice: false,
    }
}

/// The words of the one reply.
pub(super) fn words(decision: &Decision) -> String {
    assert_eq!(decision.replies.len(), 1);
    body(&decision.replies[0].message).to_owned()
}

pub(super) fn body(message: &Outgoing) -> &str {
    message.words()
}

/// The ids of what can be tapped in the one reply.
pub(super) fn ids(decision: &Decision) -> Vec<String> {
    match decision.replies[0].message.bare() {
        Outgoing::Buttons { buttons, .. } => {
            buttons.iter().map(|button| button.id.clone()).collect()
        }
        Outgoing::List { sections, .. } => sections
            .iter()
            .flat_map(|section| &section.rows)
            .map(|row| row.id.clone())
            .collect(),
        Outgoing::Cards { cards, .. } => {
            let replies = cards.iter().filter_map(|card| match &card.action {
                CardAction::Replies { buttons } => Some(buttons),
                CardAction::Link { .. } => None,
            });
            replies.flatten().map(|button| button.id.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// The id whose text has `part` in it.
pub(super) fn id(decision: &Decision, part: &str) -> String {
    let ids = ids(decision);
    ids.iter()
        .find(|id| id.contains(part))
        .unwrap_or_else(|| panic!("no {part} in {ids:?}"))
        .clone()
}

struct Fake {
    holdings: Vec<Holding>,
    house: Option<House>,
    erasure: Mutex<Erasure>,
    complaint: Mutex<Option<Entry>>,
}

impl Facts for Fake {
    fn forms(&self) -> Option<&dyn super::super::ports::Forms> {
        None
    }

    fn search(&self, query: &str, most: usize) -> Matches {
        let words: Vec<&str> = query.split_whitespace().collect();
        let fits = |scheme: &Scheme| {
            let name = scheme.full_name().to_lowercase();
            words.iter().all(|word| name.contains(&word.to_lowercase()))
        };
        let mut found: Vec<Scheme> = schemes().into_iter().filter(fits).collect();
        match found.len() {
            0 => Matches::Nothing,
            1 => Matches::One(found.remove(0)),
            _ => {
                found.truncate(most);
                Matches::Several(found)
            }
        }
    }

    fn scheme(&self, code: SchemeCode) -> Option<Scheme> {
        schemes().into_iter().find(|scheme| scheme.code == code)
    }

    fn market(&self, _: Date) -> BoxFuture<'_, anyhow::Result<Vec<IndexLevel>>> {
        let close = crate::investing::market::IndexClose {
            name: "Nifty 50".into(),
            raw_name: "Nifty 50".into(),
            date: date(2026, 8, 21),
            close: Decimal::new(2_487_010, 2),
            pe: None,
            pb: None,
            dividend_yield: None,
        };
        let level = IndexLevel {
            close,
            source: "a test".into(),
            is_stale: false,
        };
        std::future::ready(Ok(vec![level])).boxed()
    }

    fn investor(&self, contact: ContactId) -> Answer<'_, Investor> {
        std::future::ready(Ok(Investor::unknown(contact))).boxed()
    }

    fn consents(&self, _: ContactId) -> Answer<'_, Vec<Consent>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }

    fn erasure(&self, _: ContactId) -> Answer<'_, Erasure> {
        let erasure = self.erasure.lock().unwrap().clone();
        std::future::ready(Ok(erasure)).boxed()
    }

    fn open_task(&self, _: ContactId, _: Task) -> Answer<'_, Option<String>> {
        std::future::ready(Ok(None)).boxed()
    }

    fn complaint(&self, _: ContactId) -> Answer<'_, Option<Entry>> {
        let lodged = self.complaint.lock().unwrap().clone();
        std::future::ready(Ok(lodged)).boxed()
    }

    fn risk_questions(&self) -> &Questionnaire {
        static QUESTIONS: LazyLock<Questionnaire> = LazyLock::new(Questionnaire::built_in);
        &QUESTIONS
    }

    fn kyc<'a>(&'a self, _: &'a Pan, _: Date) -> Answer<'a, KycAnswer> {
        std::future::ready(Ok(KycAnswer::NotAsked)).boxed()
    }

    fn dealings(&self) -> Option<&dyn Dealings> {
        self.house.as_ref().map(|house| house as &dyn Dealings)
    }

    fn portfolio<'a>(
        &'a self,
        _: &'a Contact,
        _: Date,
    ) -> BoxFuture<'a, anyhow::Result<Option<Portfolio>>> {
        let sum = |part: fn(&Holding) -> Option<Paise>| {
            Paise(self.holdings.iter().filter_map(part).map(|p| p.0).sum())
        };
        let portfolio = Portfolio {
            value: sum(|holding| holding.value),
            cost: Some(sum(|holding| holding.cost)),
            gain: Some(sum(|holding| holding.gain)),
            xirr: Return::Yearly(0.123_449),
            absolute: Some(Decimal::new(25, 2)),
            nav_dates: Some((date(2026, 8, 20), date(2026, 8, 21))),
            statements_to: Some((date(2026, 8, 18), date(2026, 8, 18))),
            holdings: self.holdings.clone(),
            ..Portfolio::default()
        };
        std::future::ready(Ok((!self.holdings.is_empty()).then_some(portfolio))).boxed()
    }
}

pub(super) fn holding(name: &str, xirr: Return) -> Holding {
    Holding {
        folio: "123/45".into(),
        scheme: Some(SchemeCode(101_762)),
        name: name.to_owned(),
        amc: "HDFC Mutual Fund".into(),
        units: Decimal::new(123_456, 3),
        nav: Some(Nav {
            value: Decimal::new(1_000_000, 4),
            date: date(2026, 8, 21),
        }),
        value: Some(Paise(1_234_560)),
        cost: Some(Paise(1_000_000)),
        gain: Some(Paise(234_560)),
        absolute: Some(Decimal::new(23_456, 5)),
        xirr,
        ..Holding::default()
    }
}

fn schemes() -> Vec<Scheme> {
    let scheme = |code, name: &str, plan, option_text: &str, nav: Option<(i64, Date)>| Scheme {
        code: SchemeCode(code),
        name: name.to_owned(),
        plan,
        option: OptionKind::Growth,
        option_text: option_text.to_owned(),
        amc: "HDFC Mutual Fund".into(),
        category: "Equity: Flexi Cap".into(),
        nav: nav.map(|(value, date)| Nav {
            value: Decimal::new(value, 4),
            date,
        }),
    };
    let fresh = date(2026, 8, 21);
    vec![
        scheme(
            101_762,
            "HDFC Flexi Cap Fund",
            Plan::Regular,
            "Growth",
            Some((20_123_450, fresh)),
        ),
        scheme(
            122_640,
            "Parag Parikh Flexi Cap Fund",
            Plan::Regular,
            "Growth",
            Some((850_000, fresh)),
        ),
        scheme(
            122_639,
            "Parag Parikh Flexi Cap Fund",
            Plan::Direct,
            "Growth",
            Some((920_000, fresh)),
        ),
        scheme(
            7,
            "Zeta Old Fund",
            Plan::Unknown,
            "",
            Some((100_000, date(2026, 1, 2))),
        ),
        scheme(8, "Zeta Empty Fund", Plan::Regular, "Growth", None),
    ]
}
