//! A world that Meta tells of: people with numbers and user ids that change, what they
//! write, what becomes of messages to them, and news of the account. All from a seed.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sipbrewery::id::{Ids, OutboxId};
use sipbrewery::pipeline::OutboxState;

use crate::harness::network::NUMBER;

/// When the world begins, by Meta's clock, in seconds: 20-Aug-2026.
pub const BEGINS: i64 = 1_787_184_000;
/// Messages to people that statuses tell of, one for so many events.
const EVENTS_A_MESSAGE: usize = 12;
/// People, one for so many events.
const EVENTS_A_PERSON: usize = 25;
const PEOPLE_A_TOWN: usize = 20;

/// One thing that Meta tells of.
pub struct Told {
    /// The part of a webhook's body that tells of it.
    pub entry: Value,
}

/// A message of ours that is on its way when the world begins.
pub struct Sent {
    pub id: OutboxId,
    pub wamid: String,
    pub to: String,
}

/// All that happens.
pub struct World {
    pub told: Vec<Told>,
    pub sent: Vec<Sent>,
    /// How far each message of ours got, by all that is told.
    pub furthest: BTreeMap<String, OutboxState>,
    /// Texts that tell messages from people.
    pub written: usize,
}

struct Somebody {
    /// Numbers are handed on within a town, so that a larger world is not a wilder one.
    town: usize,
    number: Option<String>,
    user: Option<String>,
    called: String,
}

struct Maker {
    random: StdRng,
    at: i64,
    people: Vec<Somebody>,
    /// Numbers that somebody left, and in which town.
    free: Vec<(usize, String)>,
    names: u64,
    world: World,
}

impl World {
    /// Makes a world of so many events.
    pub fn of(seed: u64, events: usize) -> Self {
        let mut maker = Maker {
            random: StdRng::seed_from_u64(seed),
            at: BEGINS,
            people: Vec::new(),
            free: Vec::new(),
            names: 0,
            world: Self {
                told: Vec::new(),
                sent: Vec::new(),
                furthest: BTreeMap::new(),
                written: 0,
            },
        };
        maker.populate(seed, events);
        while maker.world.told.len() < events {
            // Some things happen in the same second.
            maker.at += i64::from(maker.random.random_range(0..8_u8) > 0);
            maker.happen();
        }
        maker.world
    }
}

impl Maker {
    fn populate(&mut self, seed: u64, events: usize) {
        for at in 0..events.div_ceil(EVENTS_A_PERSON) {
            let number = self.new_number();
            let user = self.new_user();
            let called = self.new_name();
            self.people.push(Somebody {
                town: at / PEOPLE_A_TOWN,
                number: Some(number),
                user: Some(user),
                called,
            });
        }
        let ids = Ids::seeded(seed);
        for at in 0..events.div_ceil(EVENTS_A_MESSAGE) {
            let to = &self.people[at % self.people.len()];
            let id = ids.next(jiff::Timestamp::from_second(BEGINS).expect("a time"));
            self.world.sent.push(Sent {
                id,
                wamid: format!("wamid.ours.{at}"),
                to: to.number.clone().expect("everybody begins with one"),
            });
        }
    }

    fn new_number(&mut self) -> String {
        self.names += 1;
        format!("91{}", 9_000_000_000 + self.names)
    }

    fn new_user(&mut self) -> String {
        self.names += 1;
        format!("IN.{}", 5_000_000_000 + self.names)
    }

    fn new_name(&mut self) -> String {
        self.names += 1;
        format!("Person {}", self.names)
    }

    fn happen(&mut self) {
        match self.random.random_range(0..100) {
            0..55 => self.somebody_writes(),
            55..80 => self.a_status_comes(),
            80..85 => self.a_number_changes(),
            85..88 => self.a_user_id_changes(),
            88..90 => self.a_name_changes(),
            90..93 => self.one_of_ours_writes(),
            93..96 => self.news_of_a_template(),
            96..99 => self.news_of_the_account(),
            _ => self.a_preference(),
        }
    }

    fn tell(&mut self, field: &str, value: &Value) {
        let at = self.at;
        let entry = json!({"id": "2", "time": at, "changes": [{"field": field, "value": value}]});
        self.world.told.push(Told { entry });
    }

    fn wamid(&self) -> String {
        format!("wamid.{}", self.world.told.len())
    }

    fn metadata() -> Value {
        json!({"display_phone_number": "919100000000", "phone_number_id": NUMBER})
    }

    /// Returns somebody, and the names that a message shows of them.
    fn shown(&mut self) -> (usize, Option<String>, Option<String>) {
        let who = self.random.random_range(0..self.people.len());
        let Somebody { number, user, .. } = &self.people[who];
        let (number, user) = (number.clone(), user.clone());
        match self.random.random_range(0..4) {
            0 if user.is_some() => (who, None, user),
            1 if number.is_some() => (who, number, None),
            _ => (who, number, user),
        }
    }

    fn somebody_writes(&mut self) {
        let (who, number, user) = self.shown();
        if number.is_none() && user.is_none() {
            return;
        }
        let called = &self.people[who].called;
        let mut message = json!({"id": self.wamid(), "timestamp": self.at.to_string()});
        let mut contact = json!({"profile": {"name": called}});
        if let Some(number) = number {
            message["from"] = number.clone().into();
            contact["wa_id"] = number.into();
        }
        if let Some(user) = user {
            message["from_user_id"] = user.clone().into();
            contact["user_id"] = user.into();
        }
        let (kind, content) = match self.random.random_range(0..10) {
            0 => ("edit", json!({"original_message_id": "wamid.1"})),
            1 => ("revoke", json!({"original_message_id": "wamid.1"})),
            2 => ("reaction", json!({"message_id": "wamid.1", "emoji": "👍"})),
            _ => ("location", json!({"latitude": 19.0, "longitude": 72.8})),
        };
        message["type"] = kind.into();
        message[kind] = content;
        if self.random.random_range(0..10) == 0 {
            let ad = self.random.random_range(0..50);
            message["referral"] = json!({"source_type": "ad", "source_id": ad.to_string()});
        }
        let value = json!({"metadata": Self::metadata(), "contacts": [contact],
                           "messages": [message]});
        self.world.written += 1;
        self.tell("messages", &value);
    }

    fn a_status_comes(&mut self) {
        let at = self.random.random_range(0..self.world.sent.len());
        let sent = &self.world.sent[at];
        let (id, mut wamid, to) = (sent.id, sent.wamid.clone(), sent.to.clone());
        let state = match self.random.random_range(0..10) {
            0..3 => OutboxState::Sent,
            3..6 => OutboxState::Delivered,
            6..8 => OutboxState::Read,
            8 => OutboxState::Failed,
            _ => OutboxState::Played,
        };
        let mut status = json!({"status": state.as_str(), "timestamp": self.at.to_string()});
        // Several devices of one person tell each their own.
        let device = self.random.random_range(0..3);
        status["recipient_id"] = format!("{to}{device}").into();
        if self.random.random_range(0..10) == 0 {
            // Nobody knows of it yet.
            wamid = format!("{wamid}.early");
        } else {
            let known = self.world.furthest.entry(id.to_string()).or_insert(state);
            if state.rank() > known.rank() {
                *known = state;
            }
        }
        if self.random.random_range(0..2) == 0 && !wamid.ends_with("early") {
            status["biz_opaque_callback_data"] = format!("{id}.1").into();
        }
        status["id"] = wamid.into();
        if state == OutboxState::Failed {
            let code = [131_026, 131_047, 131_049].choose(&mut self.random);
            status["errors"] = json!([{"code": code, "title": "t"}]);
        } else if self.random.random_range(0..3) > 0 {
            let category = ["utility", "marketing", "service"].choose(&mut self.random);
            let kind = ["regular", "free_entry_point"].choose(&mut self.random);
            status["pricing"] = json!({"billable": true, "pricing_model": "PMP",
                                       "type": kind, "category": category});
        }
        let value = json!({"metadata": Self::metadata(), "statuses": [status]});
        self.tell("messages", &value);
    }

    /// Returns a number to move to: new, left by somebody, or somebody's still.
    fn another_number(&mut self, town: usize) -> String {
        match self.random.random_range(0..4) {
            0 => {
                let theirs = self.people.iter().filter(|one| one.town == town);
                let theirs: Vec<_> = theirs.filter_map(|one| one.number.clone()).collect();
                let theirs = theirs.choose(&mut self.random).cloned();
                theirs.unwrap_or_else(|| self.new_number())
            }
            1 => {
                let left = self.free.iter().position(|(of, _)| *of == town);
                let left = left.map(|at| self.free.swap_remove(at).1);
                left.unwrap_or_else(|| self.new_number())
            }
            _ => self.new_number(),
        }
    }

    fn a_number_changes(&mut self) {
        let who = self.random.random_range(0..self.people.len());
        let Some(old) = self.people[who].number.clone() else {
            return;
        };
        let town = self.people[who].town;
        let new = self.another_number(town);
        if new == old {
            return;
        }
        // Whoever had it has none any more, as far as Meta shows.
        for other in &mut self.people {
            if other.number.as_ref() == Some(&new) {
                other.number = None;
            }
        }
        let mut message = json!({"from": old, "id": self.wamid(), "type": "system",
                                 "timestamp": self.at.to_string()});
        message["system"] = json!({"type": "user_changed_number", "wa_id": new, "body": "changed"});
        let user = self.people[who].user.clone();
        if let Some(user) = user.filter(|_| self.random.random_range(0..2) == 0) {
            message["from_user_id"] = user.into();
        }
        if self.random.random_range(0..3) == 0 {
            let user = self.new_user();
            message["system"]["user_id"] = user.clone().into();
            self.people[who].user = Some(user);
        }
        self.people[who].number = Some(new);
        if self.random.random_range(0..2) == 0 {
            self.somebody_new_has(town, old);
        } else {
            self.free.push((town, old));
        }
        let value = json!({"metadata": Self::metadata(), "messages": [message]});
        self.tell("messages", &value);
    }

    fn somebody_new_has(&mut self, town: usize, number: String) {
        let user = (self.random.random_range(0..3) > 0).then(|| self.new_user());
        let called = self.new_name();
        self.people.push(Somebody {
            town,
            number: Some(number),
            user,
            called,
        });
    }

    fn a_user_id_changes(&mut self) {
        let who = self.random.random_range(0..self.people.len());
        let Some(old) = self.people[who].user.clone() else {
            return;
        };
        let new = self.new_user();
        self.people[who].user = Some(new.clone());
        let mut update = json!({"detail": "d", "timestamp": self.at,
                                "user_id": {"previous": old, "current": new}});
        let number = self.people[who].number.clone();
        if let Some(number) = number.filter(|_| self.random.random_range(0..2) == 0) {
            update["wa_id"] = number.into();
        }
        self.tell("user_id_update", &json!({"user_id_update": [update]}));
    }

    fn a_name_changes(&mut self) {
        let who = self.random.random_range(0..self.people.len());
        self.people[who].called = self.new_name();
        // What they called themselves in the same second is over.
        self.at += 1;
    }

    fn one_of_ours_writes(&mut self) {
        let (_, number, user) = self.shown();
        let mut echo = json!({"from": "919100000000", "id": self.wamid(), "type": "text",
                              "timestamp": self.at.to_string(), "text": {"body": "hello"}});
        if let Some(number) = number {
            echo["to"] = number.into();
        }
        if let Some(user) = user {
            echo["to_user_id"] = user.into();
        }
        let value = json!({"metadata": Self::metadata(), "message_echoes": [echo]});
        self.tell("smb_message_echoes", &value);
    }

    fn news_of_a_template(&mut self) {
        let template = self.random.random_range(0..5);
        let mut value = json!({"message_template_id": template, "message_template_language": "en",
                               "message_template_name": format!("template_{template}")});
        let field = match self.random.random_range(0..4) {
            0 => {
                let quality = ["GREEN", "YELLOW", "RED"].choose(&mut self.random);
                value["new_quality_score"] = json!(quality);
                "message_template_quality_update"
            }
            1 => {
                let category = ["UTILITY", "MARKETING"].choose(&mut self.random);
                value["new_category"] = json!(category);
                "template_category_update"
            }
            _ => {
                let event = ["APPROVED", "REJECTED", "PAUSED", "DISABLED", "PENDING"];
                value["event"] = json!(event.choose(&mut self.random));
                value["reason"] = json!(["NONE", "PROMOTIONAL"].choose(&mut self.random));
                value["other_info"] = json!({"title": "FIRST_PAUSE"});
                "message_template_status_update"
            }
        };
        self.tell(field, &value);
    }

    fn news_of_the_account(&mut self) {
        let (field, value) = match self.random.random_range(0..5) {
            0 => {
                let most = [250, 2_000, -1].choose(&mut self.random);
                let value = json!({"max_daily_conversation_per_phone": most});
                ("business_capability_update", value)
            }
            1 => {
                let state = ["DISABLE", "REINSTATE"].choose(&mut self.random);
                let value =
                    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
                ("account_update", value)
            }
            2 => {
                let kinds = [
                    "RESTRICTED_BIZ_INITIATED_MESSAGING",
                    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
                ];
                let kind = kinds.choose(&mut self.random);
                let value = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info":
                    [{"restriction_type": kind, "expiration": self.at + 400 * 86_400}]});
                ("account_update", value)
            }
            3 => (
                "phone_number_quality_update",
                json!({"event": "FLAGGED", "display_phone_number": "919100000000"}),
            ),
            _ => ("security", json!({"event": "PIN_CHANGED", "n": self.at})),
        };
        self.tell(field, &value);
    }

    fn a_preference(&mut self) {
        let (_, number, user) = self.shown();
        let value = json!({"metadata": Self::metadata(), "user_preferences": [
            {"wa_id": number, "user_id": user, "detail": "d", "category": "marketing_messages",
             "value": "stop", "timestamp": self.at}]});
        self.tell("user_preferences", &value);
    }
}
