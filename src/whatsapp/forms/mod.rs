//! Forms in the chat: Meta's "WhatsApp Flows" with a data endpoint.
//!
//! A form is shown by Meta's client, screen by screen. Each screen is asked of our endpoint
//! with a request only we can read, and the answer is one only that phone can read
//! (<https://developers.facebook.com/docs/whatsapp/flows/guides/implementingyourflowendpoint>).
//! Meta calls them flows; here a flow is a journey of the dialogue, so they are forms.

mod account;
mod seal;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) use account::FIELDS;
pub use account::{
    Definition, FormFault, FormInAccount, FormStatus, FormStep, KeyInAccount, are_published, plan,
};
pub use seal::{BadFormKey, FormKey, Phone, Unreadable};

/// What a form's fields hold, by name.
pub type Fields = Map<String, Value>;

/// What a phone asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Meta asks whether the endpoint is well.
    Ping,
    /// Meta tells of an error in an earlier answer.
    Fault {
        /// Its key.
        key: String,
    },
    /// A screen is wanted.
    Screen(Exchange),
}

/// A step of somebody who fills a form in.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// What they did.
    pub action: Action,
    /// The screen they did it on; empty at the beginning.
    pub screen: String,
    /// What the screen holds.
    pub data: Fields,
    /// What the form was sent with.
    pub token: String,
}

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// They opened the form.
    Open,
    /// They went on from a screen.
    Submit,
    /// They went back to a screen.
    Back,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The endpoint is well.
    Pong,
    /// An error was taken note of.
    Noted,
    /// The screen to show, with what stands on it.
    Screen {
        /// Its id in the form's definition.
        id: &'static str,
        /// What stands on it.
        data: Value,
    },
    /// The form is filled in; these fields come back in the chat.
    Done {
        /// The token it was sent with.
        token: String,
        /// The fields.
        fields: Fields,
    },
}

#[derive(Deserialize)]
struct Wire {
    action: String,
    #[serde(default)]
    screen: Option<String>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    flow_token: Option<String>,
}

impl Asked {
    /// Reads what a phone asked; `None` if it is nothing an endpoint is asked.
    pub fn read(plain: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(plain).ok()?;
        let data = match wire.data {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let error = data.get("error").or_else(|| data.get("error_key"));
        if let Some(error) = error {
            let key = error.as_str().unwrap_or("unnamed").to_owned();
            return Some(Self::Fault { key });
        }
        let action = match wire.action.as_str() {
            "ping" => return Some(Self::Ping),
            "INIT" => Action::Open,
            "data_exchange" => Action::Submit,
            "BACK" => Action::Back,
            _ => return None,
        };
        Some(Self::Screen(Exchange {
            action,
            screen: wire.screen.unwrap_or_default(),
            data,
            token: wire.flow_token.unwrap_or_default(),
        }))
    }
}

impl Answer {
    /// Returns it as Meta's client reads it.
    pub fn json(&self) -> Value {
        match self {
            Self::Pong => json!({"data": {"status": "active"}}),
            Self::Noted => json!({"data": {"acknowledged": true}}),
            Self::Screen { id, data } => json!({"screen": id, "data": data}),
            Self::Done { token, fields } => {
                let mut params = fields.clone();
                params.insert("flow_token".to_owned(), token.as_str().into());
                let response = json!({"extension_message_response": {"params": params}});
                json!({"screen": "SUCCESS", "data": response})
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &Value) -> Option<Asked> {
        Asked::read(json.to_string().as_bytes())
    }

    #[test]
    fn what_a_phone_asks_is_read_by_its_action() {
        let ping = json!({"version": "3.0", "action": "ping"});
        assert_eq!(read(&ping), Some(Asked::Ping));
        let opened = json!({"version": "3.0", "action": "INIT", "flow_token": "t"});
        let Some(Asked::Screen(opened)) = read(&opened) else {
            panic!("it is a step")
        };
        assert_eq!((opened.action, opened.token.as_str()), (Action::Open, "t"));
        let sent = json!({"version": "3.0", "action": "data_exchange", "screen": "AMOUNT",
                          "data": {"amount": "500"}, "flow_token": "t"});
        let Some(Asked::Screen(sent)) = read(&sent) else {
            panic!("it is a step")
        };
        assert_eq!(sent.screen, "AMOUNT");
        assert_eq!(sent.data["amount"], "500");
        assert_eq!(read(&json!({"action": "dance"})), None);
        assert_eq!(Asked::read(b"[]"), None);
    }

    #[test]
    fn an_error_that_meta_tells_of_is_no_step() {
        let told = json!({"version": "3.0", "action": "data_exchange", "screen": "FUND",
                          "data": {"error": "invalid-screen-transition", "error_message": "no"}});
        let key = "invalid-screen-transition".to_owned();
        assert_eq!(read(&told), Some(Asked::Fault { key }));
    }

    #[test]
    fn a_filled_form_ends_with_its_fields_and_its_token() {
        let fields = json!({"scheme": "119551"}).as_object().unwrap().clone();
        let done = Answer::Done {
            token: "t".into(),
            fields,
        };
        let params = json!({"scheme": "119551", "flow_token": "t"});
        let response = json!({"extension_message_response": {"params": params}});
        assert_eq!(done.json(), json!({"screen": "SUCCESS", "data": response}));
    }
}
