//! What Meta's client asks a form's endpoint, sealed and signed.
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

use super::phone::FormTrouble;
use super::{KEY_BYTES, KeptForm};
use crate::sandbox::emulator::faults::FaultKind;
use crate::sandbox::emulator::{Emulator, sign};

/// The endpoint cannot decrypt: a client fetches its key anew and tries again.
const NOT_DECRYPTED: u16 = 421;
const EXPIRED: u16 = 427;

/// A key for one request.
struct Secret {
    key: [u8; 16],
    iv: [u8; 16],
}

impl Emulator {
    /// Asks the endpoint of a form, by id or name, whether it is well, as Meta does now and then.
    pub async fn ping_form(&self, form: &str) -> Result<(), FormTrouble> {
        let known = self.forms().into_iter();
        let mut known = known.filter(|one| one.id == form || one.name == form);
        let unknown = || FormTrouble::NotPublished(form.to_owned());
        let form = known.next().ok_or_else(unknown)?;
        let version = form.definition["data_api_version"].as_str();
        let ping = json!({"version": version.unwrap_or("3.0"), "action": "ping"});
        let answer = self.ask_endpoint(&form, &ping).await?;
        if answer["data"]["status"] == "active" {
            return Ok(());
        }
        let why = "it does not say that it is active".to_owned();
        Err(FormTrouble::Unusable(why))
    }

    /// Returns what the endpoint of a form answers.
    pub(super) async fn ask_endpoint(
        &self,
        form: &KeptForm,
        request: &Value,
    ) -> Result<Value, FormTrouble> {
        let key = self.state().form_key.clone().ok_or(FormTrouble::NoKey)?;
        if !key.is_signed {
            return Err(FormTrouble::Unsigned);
        }
        let key = PublicKey::from_public_key_pem(&key.pem).map_err(|_| FormTrouble::NoKey)?;
        let secret = Secret::random();
        let sealed = secret.seal(request).ok_or(FormTrouble::NoKey)?;
        if self.happens(FaultKind::OtherFormKey) {
            let body = envelope(&secret, &sealed, &wrapped_for_nobody());
            let (status, _) = self.call(form, request, &secret, body).await?;
            if status != NOT_DECRYPTED {
                let why = format!("status {status} to what its key does not open");
                return Err(FormTrouble::Unusable(why));
            }
        }
        let wrapped = secret.wrap(&key).ok_or(FormTrouble::NoKey)?;
        let body = envelope(&secret, &sealed, &wrapped);
        let (status, text) = self.call(form, request, &secret, body).await?;
        match status {
            200 => secret.open(&text).ok_or_else(|| {
                let why = "it is not encrypted as agreed".to_owned();
                FormTrouble::Unusable(why)
            }),
            NOT_DECRYPTED => Err(FormTrouble::OtherKey),
            EXPIRED => {
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

    /// Posts a sealed request, and writes down what is in it.
    async fn call(
        &self,
        form: &KeptForm,
        request: &Value,
        secret: &Secret,
        body: String,
    ) -> Result<(u16, String), FormTrouble> {
        let url = form.endpoint.as_deref().ok_or(FormTrouble::NoAnswer)?;
        let app_secret = if self.happens(FaultKind::BadFormSignature) {
            "another secret"
        } else {
            self.inner.settings.app_secret.as_str()
        };
        let signature = sign::signature(app_secret, body.as_bytes());
        let post = self.inner.http.post(url);
        let post = post
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(body);
        let answered = match post.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                answer.text().await.map(|text| (status, text))
            }
            Err(error) => Err(error),
        };
        let (outcome, response) = match &answered {
            Ok((status, text)) => {
                let said = secret.open(text).map(|said| said.to_string());
                (status.to_string(), said.unwrap_or_else(|| text.clone()))
            }
            Err(error) => ("no answer".to_owned(), error.to_string()),
        };
        self.log_webhook(
            format!("POST {url}"),
            outcome,
            request.to_string(),
            response,
        );
        answered.map_err(|_| FormTrouble::NoAnswer)
    }
}

/// Returns what no key opens, as if it had been wrapped with another endpoint's.
fn wrapped_for_nobody() -> Vec<u8> {
    let mut random: StdRng = rand::make_rng();
    let mut wrapped = vec![0; KEY_BYTES];
    random.fill_bytes(&mut wrapped[1..]);
    wrapped
}

fn envelope(secret: &Secret, sealed: &[u8], wrapped: &[u8]) -> String {
    let envelope = json!({
        "encrypted_flow_data": STANDARD.encode(sealed),
        "encrypted_aes_key": STANDARD.encode(wrapped),
        "initial_vector": STANDARD.encode(secret.iv),
    });
    envelope.to_string()
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

    fn seal(&self, request: &Value) -> Option<Vec<u8>> {
        let plain = request.to_string();
        let sealed = self.cipher().encrypt((&self.iv).into(), plain.as_bytes());
        sealed.ok()
    }

    fn wrap(&self, public: &PublicKey) -> Option<Vec<u8>> {
        public.oaep_encrypt::<Sha256>(&self.key).ok()
    }

    fn open(&self, answer: &str) -> Option<Value> {
        let sealed = STANDARD.decode(answer.trim()).ok()?;
        let iv = self.iv.map(|byte| byte ^ 0xff);
        let plain = self.cipher().decrypt((&iv).into(), &sealed[..]).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}
