//! Forms on people's phones ("WhatsApp Flows"): what Meta's client does between a person
//! who fills one in and the business's endpoint.
//!
//! The encryption is written here a second time, from the client's side: an endpoint that
//! is wrong in the same way as its test would pass it.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::Rng as _;
use rand::rngs::StdRng;
use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::sandbox::emulator::{Emulator, sign};

use super::{FormState, KeptForm};

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
}

/// What a person does with a form.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
pub struct FormStep {
    /// The screen it is done on; none to open the form.
    pub screen: Option<String>,
    /// What its button does.
    #[serde(default)]
    pub action: FormAction,
    /// The screen that a navigation leads to.
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

/// A key for one request.
struct Secret {
    key: [u8; 16],
    iv: [u8; 16],
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
            (Some(_), FormAction::Complete) => {
                let mut params = data;
                params["flow_token"] = sent["flow_token"].clone();
                Ok(self.hand_over(name, message, &params).await)
            }
            (screen, _) => {
                let request = json!({
                    "version": form.definition["data_api_version"],
                    "action": if screen.is_some() { "data_exchange" } else { "INIT" },
                    "screen": screen.unwrap_or_default(),
                    "data": data,
                    "flow_token": sent["flow_token"].as_str().unwrap_or(""),
                });
                let answer = self.ask_endpoint(&form, &request).await?;
                if answer["screen"] == "SUCCESS" {
                    let params = &answer["data"]["extension_message_response"]["params"];
                    return Ok(self.hand_over(name, message, params).await);
                }
                form.shows(answer["screen"].as_str().unwrap_or(""), &answer["data"])
            }
        }
    }

    /// Sends what was filled in to the chat.
    async fn hand_over(&self, name: &str, message: &str, params: &Value) -> Value {
        let filled = json!({"name": "flow", "body": "Sent", "response_json": params.to_string()});
        let content = json!({"type": "nfm_reply", "nfm_reply": filled});
        let quoted = Some(message.to_owned());
        self.hear(name, "interactive", content, "Form sent", quoted);
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

    async fn ask_endpoint(&self, form: &KeptForm, request: &Value) -> Result<Value, FormTrouble> {
        let key = self.state().form_key.clone().ok_or(FormTrouble::NoKey)?;
        if !key.is_signed {
            return Err(FormTrouble::Unsigned);
        }
        let key = PublicKey::from_public_key_pem(&key.pem).map_err(|_| FormTrouble::NoKey)?;
        let secret = Secret::random();
        let body = secret.seal(&key, request).ok_or(FormTrouble::NoKey)?;
        let signature = sign::signature(&self.inner.settings.app_secret, body.as_bytes());
        let url = form.endpoint.as_deref().ok_or(FormTrouble::NoAnswer)?;
        let sent = self.inner.http.post(url);
        let sent = sent
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(body);
        let answer = sent.send().await.map_err(|_| FormTrouble::NoAnswer)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|_| FormTrouble::NoAnswer)?;
        match status {
            200 => secret.open(&text).ok_or_else(|| {
                let why = "it is not encrypted as agreed".to_owned();
                FormTrouble::Unusable(why)
            }),
            421 => Err(FormTrouble::OtherKey),
            427 => {
                // Meta's pages show plain JSON, its samples encrypt it.
                let said = secret
                    .open(&text)
                    .or_else(|| serde_json::from_str(&text).ok());
                let said = said.and_then(|said| said["error_msg"].as_str().map(str::to_owned));
                Err(FormTrouble::Expired(said.unwrap_or_default()))
            }
            other => Err(FormTrouble::Unusable(format!("status {other}"))),
        }
    }
}

impl KeptForm {
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

impl Secret {
    fn random() -> Self {
        let (mut key, mut iv) = ([0; 16], [0; 16]);
        let mut random: StdRng = rand::make_rng();
        random.fill_bytes(&mut key);
        random.fill_bytes(&mut iv);
        Self { key, iv }
    }

    fn cipher(&self) -> AesGcm<Aes128, U16> {
        AesGcm::new((&self.key).into())
    }

    fn seal(&self, public: &PublicKey, request: &Value) -> Option<String> {
        let sealed = self.cipher();
        let sealed = sealed.encrypt((&self.iv).into(), request.to_string().as_bytes());
        let wrapped = public.oaep_encrypt::<Sha256>(&self.key);
        let envelope = json!({
            "encrypted_flow_data": STANDARD.encode(sealed.ok()?),
            "encrypted_aes_key": STANDARD.encode(wrapped.ok()?),
            "initial_vector": STANDARD.encode(self.iv),
        });
        Some(envelope.to_string())
    }

    fn open(&self, answer: &str) -> Option<Value> {
        let sealed = STANDARD.decode(answer.trim()).ok()?;
        let iv = self.iv.map(|byte| byte ^ 0xff);
        let plain = self.cipher().decrypt((&iv).into(), &sealed[..]).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}
