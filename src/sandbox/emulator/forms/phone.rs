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

/// What a person does with a form.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct FormStep {
    /// The screen it is done on; none to open the form.
    pub screen: Option<String>,
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
        let (form, token) = self.form_of(name, message)?;
        let definition = &form.definition;
        let request = json!({
            "version": definition["data_api_version"],
            "action": if step.screen.is_some() { "data_exchange" } else { "INIT" },
            "screen": step.screen.unwrap_or_default(),
            "data": if step.data.is_object() { step.data } else { json!({}) },
            "flow_token": token,
        });
        let answer = self.ask_endpoint(&form, &request).await?;
        let shown = answer["screen"].as_str().unwrap_or_default().to_owned();
        if shown == "SUCCESS" {
            let params = &answer["data"]["extension_message_response"]["params"];
            let filled =
                json!({"name": "flow", "body": "Sent", "response_json": params.to_string()});
            let content = json!({"type": "nfm_reply", "nfm_reply": filled});
            let quoted = Some(message.to_owned());
            self.hear(name, "interactive", content, "Form sent", quoted);
            self.saved().await;
            return Ok(json!({"done": true}));
        }
        let screens = definition["screens"].as_array();
        let screen = screens.and_then(|all| all.iter().find(|one| one["id"] == shown.as_str()));
        let screen = screen.ok_or_else(|| {
            let why = format!("the form has no screen `{shown}`");
            FormTrouble::Unusable(why)
        })?;
        Ok(json!({"screen": screen, "data": answer["data"]}))
    }

    /// Returns the form in a message, and its token.
    fn form_of(&self, name: &str, message: &str) -> Result<(KeptForm, String), FormTrouble> {
        let mut state = self.state();
        let place = state.find(name).ok_or(FormTrouble::NoForm)?;
        let bubble = state.chats[place].find(message);
        let content = bubble.map(|bubble| bubble.content.clone());
        let content = content.filter(|content| content["type"] == "flow");
        let content = content.ok_or(FormTrouble::NoForm)?;
        let parameters = &content["action"]["parameters"];
        let text = |key: &str| parameters[key].as_str().unwrap_or("").to_owned();
        let form = state.sent_form(parameters);
        let form = form.filter(|form| form.state != FormState::Deprecated);
        let form = form.ok_or_else(|| FormTrouble::NotPublished(text("flow_name")))?;
        Ok((form.clone(), text("flow_token")))
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
