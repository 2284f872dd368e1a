//! What people do with their phones.

use rand::RngExt;
use serde_json::{Value, json};

use super::chat::{Bubble, Tick};
use super::event::{self, Became, Said};
use super::faults::FaultKind;
use super::queue::Lane;
use super::{Emulator, News, wamid};

/// Something other than words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attachment {
    /// A voice note.
    Voice,
    /// A sticker.
    Sticker,
    /// A picture.
    Picture,
    /// A file.
    Document,
    /// A place.
    Location,
}

/// A tap that is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TapError {
    /// There is no such message in this chat.
    #[error("there is no such message in this chat")]
    NoSuchMessage,
    /// The message has no such button or row.
    #[error("the message has no such button or row")]
    NoSuchChoice,
    /// A button of it was tapped before.
    #[error("a button of this message was tapped before")]
    Tapped,
}

impl Emulator {
    /// Lets somebody write words, who is made if need be; returns the message's id.
    /// The webhook goes out by itself.
    pub fn say(&self, name: &str, text: &str) -> String {
        self.hear(name, "text", json!({"body": text}), text, None)
    }

    /// As [`Emulator::say`], and waits until it is on disk where there is a file.
    pub async fn user_says(&self, name: &str, text: &str) -> String {
        let wamid = self.say(name, text);
        self.saved().await;
        wamid
    }

    /// Lets somebody send something other than words.
    pub async fn user_attaches(&self, name: &str, attachment: Attachment) -> String {
        let id: u64 = self
            .state()
            .random
            .random_range(1_000_000_000..9_999_999_999);
        let id = id.to_string();
        let sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let (kind, content) = match attachment {
            Attachment::Voice => (
                "audio",
                json!({"id": id, "mime_type": "audio/ogg; codecs=opus", "sha256": sha256, "voice": true}),
            ),
            Attachment::Sticker => (
                "sticker",
                json!({"id": id, "mime_type": "image/webp", "sha256": sha256, "animated": false}),
            ),
            Attachment::Picture => (
                "image",
                json!({"id": id, "mime_type": "image/jpeg", "sha256": sha256}),
            ),
            Attachment::Document => (
                "document",
                json!({"id": id, "mime_type": "application/pdf", "sha256": sha256, "filename": "statement.pdf"}),
            ),
            Attachment::Location => (
                "location",
                json!({"latitude": 19.076, "longitude": 72.8777, "name": "Mumbai"}),
            ),
        };
        self.user_sends(name, kind, content).await
    }

    /// Lets somebody send a message of any type, known or not.
    pub async fn user_sends(&self, name: &str, kind: &str, content: Value) -> String {
        let wamid = self.hear(name, kind, content, "", None);
        self.saved().await;
        wamid
    }

    /// Lets somebody tap a button or row of a message.
    pub async fn tap(&self, name: &str, message: &str, choice: &str) -> Result<String, TapError> {
        let (kind, content, title) = {
            let mut state = self.state();
            let place = state.find(name).ok_or(TapError::NoSuchMessage)?;
            let bubble = state.chats[place]
                .find(message)
                .ok_or(TapError::NoSuchMessage)?;
            let (kind, content, title) = reply(bubble, choice).ok_or(TapError::NoSuchChoice)?;
            let is_list = content.get("list_reply").is_some();
            if bubble.tapped.is_some() && !is_list {
                return Err(TapError::Tapped);
            }
            state.alter(place, message, |bubble| {
                bubble.tapped = Some(choice.to_owned());
                true
            });
            (kind, content, title)
        };
        let wamid = self.hear(name, kind, content, &title, Some(message.to_owned()));
        self.saved().await;
        Ok(wamid)
    }

    /// Lets somebody tap the newest button or row with this id.
    pub async fn tap_newest(&self, name: &str, choice: &str) -> Result<String, TapError> {
        let chat = self.chat(name);
        let message = chat.iter().rev().find(|b| reply(b, choice).is_some());
        let message = message.ok_or(TapError::NoSuchChoice)?;
        self.tap(name, &message.wamid, choice).await
    }

    /// Lets somebody look at their chat: what they had not read becomes read.
    pub async fn read_chat(&self, name: &str) {
        if self.mark_chat_read(name) {
            self.saved().await;
        }
    }

    fn mark_chat_read(&self, name: &str) -> bool {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let Some(place) = state.find(name) else {
            return false;
        };
        let chat = &state.chats[place];
        let person = chat.person.clone();
        let unread: Vec<Became> = chat
            .bubbles
            .iter()
            .filter(|b| !b.mine && b.tick == Tick::Delivered)
            .map(|b| Became {
                wamid: b.wamid.clone(),
                status: "read",
                at: now,
                callback: b.callback.clone(),
                is_template: b.kind == "template",
                error: None,
            })
            .collect();
        if unread.is_empty() {
            return false;
        }
        let late = self.inner.settings.delivered_after + 1;
        for read in unread {
            state.tick(place, &read.wamid, Tick::Read);
            if state.faults.roll(FaultKind::MissingStatuses).is_none() {
                self.enqueue_status(&mut state, &person, now, late, &read);
            }
        }
        drop(state);
        self.changed(News::Chat(person.key().to_owned()));
        true
    }

    fn hear(
        &self,
        name: &str,
        kind: &str,
        content: Value,
        text: &str,
        reply_to: Option<String>,
    ) -> String {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let place = state.place_of(name);
        let person = state.chats[place].person.clone();
        let said = Said {
            wamid: wamid::mint(person.key(), &mut state.random),
            at: now,
            kind: kind.to_owned(),
            content,
            reply_to,
        };
        state.chats[place].last_inbound = Some(now);
        if let Some(rate) = state.options.throughput {
            // Inbound counts against the same allowance and is never refused.
            state.throughput.take_throughput(now, rate);
        }
        let hidden = state.faults.roll(FaultKind::HidePhones).is_some();
        let change = event::message(&self.inner.settings, &person, hidden, &said);
        let late = state.faults.roll(FaultKind::DelayWebhooks).unwrap_or(0);
        let wamid = said.wamid.clone();
        state.show(place, |number| Bubble {
            number,
            wamid: said.wamid,
            mine: true,
            at: now,
            kind: said.kind,
            text: text.to_owned(),
            content: said.content,
            tick: Tick::Sent,
            failure: None,
            reply_to: said.reply_to,
            tapped: None,
            callback: None,
        });
        state.enqueue(now, Lane::Messages, late, change, Some(&wamid));
        drop(state);
        self.changed(News::Chat(person.key().to_owned()));
        wamid
    }
}

/// Returns type, content and label of the answer a choice of a message makes.
fn reply(bubble: &Bubble, choice: &str) -> Option<(&'static str, Value, String)> {
    if bubble.mine || bubble.tick == Tick::Failed {
        return None;
    }
    let title_of = |value: &Value| value["title"].as_str().map(str::to_owned);
    if bubble.kind == "template" {
        let components = bubble.content["components"].as_array()?;
        let found = components
            .iter()
            .filter(|component| component["sub_type"] == "quick_reply")
            .any(|component| component["parameters"][0]["payload"] == choice);
        let content = json!({"payload": choice, "text": choice});
        return found.then(|| ("button", content, choice.to_owned()));
    }
    let action = bubble.content.get("action")?;
    let buttons = action["buttons"].as_array().into_iter().flatten();
    if let Some(button) = buttons.map(|b| &b["reply"]).find(|b| b["id"] == choice) {
        let content = json!({"type": "button_reply", "button_reply": button});
        return Some(("interactive", content, title_of(button)?));
    }
    let sections = action["sections"].as_array()?;
    let mut rows = sections
        .iter()
        .filter_map(|s| s["rows"].as_array())
        .flatten();
    let row = rows.find(|row| row["id"] == choice)?;
    let content = json!({"type": "list_reply", "list_reply": row});
    Some(("interactive", content, title_of(row)?))
}
