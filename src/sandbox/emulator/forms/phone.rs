//! Forms on people's phones ("WhatsApp Flows"): what Meta's client does between a person
//! who fills one in and the business's endpoint.

use serde_json::{Value, json};

use super::{FormState, KeptForm};
use crate::sandbox::emulator::Emulator;
use crate::sandbox::emulator::faults::FaultKind;

/// What the button below a screen does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormAction {
    /// Asks the business's endpoint.
    #[default]
    DataExchange,
    /// Shows another screen, and asks nobody.
    Navigate,
    /// Ends the form, and asks nobody.
    Complete,
    /// Goes back to a screen before, and asks the endpoint if the definition says so.
    Back,
}

/// What a person does with a form.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
pub struct FormStep {
    /// The screen it is done on; none to open the form.
    pub screen: Option<String>,
    /// What its button does.
    #[serde(default)]
    pub action: FormAction,
    /// The screen that a navigation, or the way back, leads to.
    #[serde(default)]
    pub next: Option<String>,
    /// What the screen sends.
    #[serde(default)]
    pub data: Value,
}

/// Why a form goes no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormTrouble {
    /// There is no such message in this chat, or it has no form.
    #[error("there is no form in this message")]
    NoForm,
    /// The account has no published form of this name.
    #[error("the account has no published form called `{0}`")]
    NotPublished(String),
    /// The number has no public key.
    #[error("the number has no public key: it has to be uploaded before forms can be used")]
    NoKey,
    /// The number was registered again since its key was uploaded.
    #[error("the number was registered again: its public key has to be uploaded again")]
    Unsigned,
    /// The endpoint cannot decrypt.
    #[error("the endpoint cannot decrypt: its key is not the one that was uploaded")]
    OtherKey,
    /// The endpoint says that the form is not good any more.
    #[error("{0}")]
    Expired(String),
    /// The endpoint answered something a phone cannot use.
    #[error("the endpoint's answer cannot be used: {0}")]
    Unusable(String),
    /// The endpoint did not answer.
    #[error("the endpoint did not answer")]
    NoAnswer,
}

impl Emulator {
    /// Takes one step in the form of a message. Returns the next screen with its
    /// definition, or that the form is done and its fields went to the chat.
    pub async fn fill_form(
        &self,
        name: &str,
        message: &str,
        step: FormStep,
    ) -> Result<Value, FormTrouble> {
        let (form, sent) = self.form_of(name, message)?;
        let data = if step.data.is_object() {
            step.data
        } else {
            json!({})
        };
        match (step.screen, step.action) {
            // Meta's client navigates unless the message says otherwise.
            (None, _) if sent["flow_action"] != "data_exchange" => {
                let first = &sent["flow_action_payload"];
                let named = first["screen"].as_str();
                let screen = named.or_else(|| form.definition["screens"][0]["id"].as_str());
                form.shows(screen.unwrap_or_default(), &first["data"])
            }
            (Some(_), FormAction::Navigate) => form.shows(&step.next.unwrap_or_default(), &data),
            (Some(screen), FormAction::Back) if !form.refreshes_on_back(&screen) => {
                form.shows(&step.next.unwrap_or_default(), &data)
            }
            (Some(_), FormAction::Complete) => {
                let mut params = data;
                params["flow_token"] = sent["flow_token"].clone();
                let is_twice = self.happens(FaultKind::DuplicateForms);
                Ok(self.hand_over(name, message, &params, is_twice).await)
            }
            (screen, action) => {
                let action = match (&screen, action) {
                    (None, _) => "INIT",
                    (_, FormAction::Back) => "BACK",
                    _ => "data_exchange",
                };
                let is_strange = self.happens(FaultKind::StrangeFormTokens);
                let is_filled_in = action == "data_exchange";
                let is_twice = is_filled_in && self.happens(FaultKind::DuplicateForms);
                let token = if is_strange {
                    "a-token-never-sent"
                } else {
                    sent["flow_token"].as_str().unwrap_or_default()
                };
                let request = json!({
                    "version": form.definition["data_api_version"],
                    "action": action,
                    "screen": screen.unwrap_or_default(),
                    "data": data,
                    "flow_token": token,
                });
                if is_twice {
                    self.ask_endpoint(&form, &request).await?;
                }
                let answer = self.ask_endpoint(&form, &request).await?;
                if answer["screen"] == "SUCCESS" {
                    let params = &answer["data"]["extension_message_response"]["params"];
                    return Ok(self.hand_over(name, message, params, is_twice).await);
                }
                form.shows(answer["screen"].as_str().unwrap_or(""), &answer["data"])
            }
        }
    }

    /// Sends what was filled in to the chat.
    async fn hand_over(&self, name: &str, message: &str, params: &Value, is_twice: bool) -> Value {
        let filled = json!({"name": "flow", "body": "Sent", "response_json": params.to_string()});
        let content = json!({"type": "nfm_reply", "nfm_reply": filled});
        for _ in 0..=usize::from(is_twice) {
            let quoted = Some(message.to_owned());
            self.hear(name, "interactive", content.clone(), "Form sent", quoted);
        }
        self.saved().await;
        json!({"done": true})
    }

    /// Returns the form in a message, and what the message says of it.
    fn form_of(&self, name: &str, message: &str) -> Result<(KeptForm, Value), FormTrouble> {
        let mut state = self.state();
        let place = state.find(name).ok_or(FormTrouble::NoForm)?;
        let bubble = state.chats[place].find(message);
        let content = bubble.map(|bubble| bubble.content.clone());
        let content = content.filter(|content| content["type"] == "flow");
        let content = content.ok_or(FormTrouble::NoForm)?;
        let parameters = &content["action"]["parameters"];
        let form = state.sent_form(parameters);
        let form = form.filter(|form| form.state != FormState::Deprecated);
        let form = form.ok_or_else(|| {
            let named = parameters["flow_name"].as_str().unwrap_or("");
            FormTrouble::NotPublished(named.to_owned())
        })?;
        Ok((form.clone(), parameters.clone()))
    }
}

impl KeptForm {
    /// Returns whether the endpoint is asked when somebody goes back from a screen.
    fn refreshes_on_back(&self, id: &str) -> bool {
        let screens = self.definition["screens"].as_array().into_iter().flatten();
        let mut screens = screens.filter(|one| one["id"] == id);
        screens.any(|one| one["refresh_on_back"] == true)
    }

    /// Returns a screen with its definition and the data it shows.
    fn shows(&self, id: &str, data: &Value) -> Result<Value, FormTrouble> {
        let screens = self.definition["screens"].as_array();
        let screen = screens.and_then(|all| all.iter().find(|one| one["id"] == id));
        let screen = screen.ok_or_else(|| {
            let why = format!("the form has no screen `{id}`");
            FormTrouble::Unusable(why)
        })?;
        let none = json!({});
        let data = if data.is_object() { data } else { &none };
        Ok(json!({"screen": screen, "data": data}))
    }
}
