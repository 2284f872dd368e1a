//! Chats as the phone page shows them.

use serde_json::{Value, json};

use super::Emulator;
use super::chat::{Bubble, Chat};

impl Emulator {
    /// Returns everybody with the last message and how many are unread.
    pub(crate) fn overview(&self) -> Value {
        let state = self.state();
        let users: Vec<Value> = state.chats.iter().map(summary).collect();
        json!(users)
    }

    /// Returns one chat whole.
    pub(crate) fn chat_view(&self, name: &str) -> Option<Value> {
        let now = self.inner.clock.now();
        let state = self.state();
        let chat = &state.chats[state.find(name)?];
        let typing = chat.typing_until.filter(|until| *until > now);
        Some(json!({
            "user": summary(chat),
            "typing_ms": typing.map(|until| until.as_millisecond() - now.as_millisecond()),
            "window_ends": chat.window_ends().map(jiff::Timestamp::as_millisecond),
            "messages": chat.bubbles.iter().map(message).collect::<Vec<_>>(),
        }))
    }
}

fn summary(chat: &Chat) -> Value {
    let person = &chat.person;
    let last = chat.bubbles.back();
    json!({
        "key": person.key(),
        "name": person.name,
        "about": person.about,
        "phone": person.wa_id,
        "user_id": person.user_id,
        "unread": chat.unread(),
        "last": last.map(|b| json!({"at": b.at.as_millisecond(), "text": b.text, "mine": b.mine})),
    })
}

fn message(bubble: &Bubble) -> Value {
    json!({
        "number": bubble.number,
        "id": bubble.wamid,
        "mine": bubble.mine,
        "at": bubble.at.as_millisecond(),
        "kind": bubble.kind,
        "text": bubble.text,
        "content": bubble.content,
        "tick": bubble.tick,
        "failure": bubble.failure,
        "reply_to": bubble.reply_to,
        "tapped": bubble.tapped,
        "reaction": bubble.reaction,
        "shown": bubble.shown,
    })
}
