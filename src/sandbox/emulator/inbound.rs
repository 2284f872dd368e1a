//! What people do with their phones.

use serde_json::{Value, json};

use super::chat::{Bubble, Tick, opens_window};
use super::distort;
use super::event::{self, Became, Said};
use super::faults::FaultKind;
use super::media::Sent;
use super::queue::Lane;
use super::sends::react;
use super::{Emulator, News, Person, wamid};
use crate::sandbox::store::Change;

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
        let (mime, file, bytes) = match attachment {
            Attachment::Voice => (
                "audio/ogg; codecs=opus",
                "",
                &include_bytes!("samples/voice.ogg")[..],
            ),
            Attachment::Sticker => (
                "image/webp",
                "",
                &include_bytes!("samples/sticker.webp")[..],
            ),
            Attachment::Picture => ("image/png", "", &include_bytes!("samples/picture.png")[..]),
            Attachment::Document => (
                "application/pdf",
                "statement.pdf",
                &include_bytes!("samples/document.pdf")[..],
            ),
            Attachment::Location => return self.user_sends(name, "location", place()).await,
        };
        let sent = Sent {
            mime: mime.to_owned(),
            name: file.to_owned(),
            bytes: bytes.to_vec(),
        };
        self.user_sends_file(name, sent, "").await
    }

    /// Lets somebody send a file with words below it; as which kind of message goes by its
    /// type, and what WhatsApp does not know is a document.
    pub async fn user_sends_file(&self, name: &str, sent: Sent, caption: &str) -> String {
        let media = self.keep_sent(sent);
        let kind = media.kind().unwrap_or("document");
        let mut content = json!({
            "id": media.id, "mime_type": media.mime, "sha256": media.sha256(),
        });
        match kind {
            "audio" => content["voice"] = media.mime.contains("opus").into(),
            "sticker" => content["animated"] = false.into(),
            "document" => content["filename"] = media.name.as_str().into(),
            _ => {}
        }
        if !caption.is_empty() && matches!(kind, "image" | "video" | "document") {
            content["caption"] = caption.into();
        }
        let wamid = self.hear(name, kind, content, caption, None);
        self.saved().await;
        wamid
    }

    /// Lets somebody put an emoji on a message, or take it away with an empty one.
    pub async fn user_reacts(&self, name: &str, message: &str, emoji: &str) -> String {
        {
            let mut state = self.state();
            if let Some(place) = state.find(name) {
                react(&mut state, place, message, emoji);
            }
        }
        let mut content = json!({"message_id": message});
        if !emoji.is_empty() {
            content["emoji"] = emoji.into();
        }
        self.user_sends(name, "reaction", content).await
    }

    /// Lets somebody send a message of any type, known or not.
    pub async fn user_sends(&self, name: &str, kind: &str, content: Value) -> String {
        let wamid = self.hear(name, kind, content, "", None);
        self.saved().await;
        wamid
    }

    /// Lets somebody settle in WhatsApp whether they want marketing from the business; stopped,
    /// it fails later. Returns whether anybody is called so.
    pub async fn user_settles(&self, name: &str, wants_marketing: bool) -> bool {
        {
            let now = self.inner.clock.now();
            let mut state = self.state();
            let Some(place) = state.find(name) else {
                return false;
            };
            state.chats[place].stopped_marketing = !wants_marketing;
            let person = state.chats[place].person.clone();
            state.note(|| Change::MarketingSettled {
                person: person.key().to_owned(),
                is_wanted: wants_marketing,
            });
            let hidden = state.faults.roll(FaultKind::HidePhones).is_some();
            let change =
                event::preference(&self.inner.settings, &person, hidden, wants_marketing, now);
            state.enqueue(now, Lane::Messages, 0, change, None);
        }
        self.changed(News::Switches);
        self.saved().await;
        true
    }

    /// Lets somebody tap a button or row of a message.
    pub async fn tap(&self, name: &str, message: &str, choice: &str) -> Result<String, TapError> {
        let (kind, content, title) = {
            let mut state = self.state();
            let place = state.find(name).ok_or(TapError::NoSuchMessage)?;
            let person = state.chats[place].person.clone();
            let bubble = state.chats[place]
                .find(message)
                .ok_or(TapError::NoSuchMessage)?;
            let (kind, content, title) =
                reply(bubble, choice, &person).ok_or(TapError::NoSuchChoice)?;
            let tapped = bubble.tapped.is_some();
            let is_list = content.get("list_reply").is_some();
            if tapped && !is_list {
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
        let person = self.person(name).ok_or(TapError::NoSuchMessage)?;
        let message = chat
            .iter()
            .rev()
            .find(|b| reply(b, choice, &person).is_some());
        let message = message.ok_or(TapError::NoSuchChoice)?;
        self.tap(name, &message.wamid, choice).await
    }

    fn person(&self, name: &str) -> Option<Person> {
        let state = self.state();
        let place = state.find(name)?;
        Some(state.chats[place].person.clone())
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
                price: b.owed,
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

    pub(super) fn hear(
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
        if opens_window(kind) {
            state.chats[place].last_inbound = Some(now);
        }
        if let Some(rate) = state.options.throughput {
            // Inbound counts against the same allowance and is never refused.
            state.throughput.take_throughput(now, rate);
        }
        let hidden = state.faults.roll(FaultKind::HidePhones).is_some();
        let change = event::message(self.inner.settings.metadata(), &person, hidden, &said);
        let change = distort::message(&mut state.faults, kind, change);
        let late = state.faults.roll(FaultKind::DelayWebhooks).unwrap_or(0);
        let wamid = said.wamid.clone();
        // A reaction shows on what it is about.
        let shown = |number| Bubble {
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
            reaction: None,
            shown: None,
            owed: None,
        };
        if kind != "reaction" {
            state.show(place, shown);
        }
        state.enqueue(now, Lane::Messages, late, change, Some(&wamid));
        drop(state);
        self.changed(News::Chat(person.key().to_owned()));
        wamid
    }
}

/// Returns type, content and label of the answer a choice of a message makes.
fn reply(bubble: &Bubble, choice: &str, person: &Person) -> Option<(&'static str, Value, String)> {
    if bubble.mine || bubble.tick == Tick::Failed {
        return None;
    }
    let title_of = |value: &Value| value["title"].as_str().map(str::to_owned);
    if bubble.kind == "template" {
        let shown = bubble.shown.as_ref()?;
        let cards = shown["cards"].as_array().into_iter().flatten();
        let mut buttons = std::iter::once(shown)
            .chain(cards)
            .filter_map(|part| part["buttons"].as_array())
            .flatten();
        let label = &buttons.find(|button| button["choice"] == choice)?["label"];
        let content = json!({"payload": choice, "text": label});
        return Some(("button", content, label.as_str()?.to_owned()));
    }
    let action = bubble.content.get("action")?;
    if action["name"] == choice {
        return match choice {
            "send_location" => Some(("location", place(), String::new())),
            "request_contact_info" => Some(("contacts", card(person), String::new())),
            _ => None,
        };
    }
    let buttons = action["buttons"].as_array().into_iter().flatten();
    if let Some(button) = buttons.map(|b| &b["reply"]).find(|b| b["id"] == choice) {
        let content = json!({"type": "button_reply", "button_reply": button});
        return Some(("interactive", content, title_of(button)?));
    }
    let cards = action["cards"].as_array().into_iter().flatten();
    let mut replies = cards
        .filter_map(|card| card["action"]["buttons"].as_array())
        .flatten()
        .map(|button| &button["quick_reply"]);
    if let Some(reply) = replies.find(|reply| reply["id"] == choice) {
        let content = json!({"type": "button_reply", "button_reply": reply});
        return Some(("interactive", content, title_of(reply)?));
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

/// Where everybody in here is.
fn place() -> Value {
    json!({"latitude": 19.076, "longitude": 72.8777, "name": "Mumbai"})
}

/// Somebody's own card, as it answers the question for their number.
fn card(person: &Person) -> Value {
    let number = person.own_number();
    json!([{
        "name": {"formatted_name": person.name, "first_name": person.name},
        "phones": [{"phone": format!("+{number}"), "wa_id": number, "type": "CELL"}],
        "origin": "contact_request",
    }])
}
