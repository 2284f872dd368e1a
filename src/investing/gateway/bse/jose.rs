//! Payloads signed with RS256 and encrypted with RSA-OAEP-256 and A256GCM, both compact:
//! a JWE around a JWS. The primitives are libraries'; only the wrapping is here.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::Rng as _;
use rand::rngs::StdRng;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePublicKey};
use rsa::{PrivateKey, PublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const JWS_HEADER: &str = r#"{"alg":"RS256"}"#;
const JWE_HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#;
/// Of AES-GCM.
const TAG: usize = 16;

/// A payload is not what it claims to be. Nothing is said of why: that helps nobody honest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload is not signed and encrypted as agreed")]
pub struct NotGenuine;

/// Our private key and the other side's public key.
pub struct Keys {
    ours: PrivateKey,
    theirs: PublicKey,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys { .. }")
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: Option<String>,
}

impl Keys {
    /// Reads our key (PKCS#8) and theirs (SPKI), both PEM.
    pub fn from_pem(ours: &str, theirs: &str) -> anyhow::Result<Self> {
        let bad = |which: &str| anyhow::anyhow!("{which} is not an RSA key in PEM");
        Ok(Self {
            ours: PrivateKey::from_pkcs8_pem(ours).map_err(|_| bad("BSE_PRIVATE_KEY"))?,
            theirs: PublicKey::from_public_key_pem(theirs).map_err(|_| bad("BSE_EXCHANGE_KEY"))?,
        })
    }

    /// Returns what `X-API-Org-ID` says of us: the member and our key's fingerprint.
    pub fn org_id(&self, member: &str) -> Result<String, NotGenuine> {
        let key = self.ours.to_public_key();
        let der = key.to_public_key_der().map_err(|_| NotGenuine)?;
        let print = STANDARD.encode(Sha256::digest(der.as_bytes()));
        Ok(format!("member/{member}:{print}"))
    }

    /// Signs, then encrypts.
    pub fn seal(&self, payload: &[u8]) -> Result<String, NotGenuine> {
        let signed = self.sign(payload)?;
        self.encrypt(signed.as_bytes())
    }

    /// Decrypts, then checks the signature.
    pub fn open(&self, text: &str) -> Result<Vec<u8>, NotGenuine> {
        let signed = self.decrypt(text)?;
        self.verify(std::str::from_utf8(&signed).map_err(|_| NotGenuine)?)
    }

    fn sign(&self, payload: &[u8]) -> Result<String, NotGenuine> {
        let signing = format!("{}.{}", encode(JWS_HEADER), encode(payload));
        let signature = self.ours.pkcs1v15_sign::<Sha256>(signing.as_bytes());
        let signature = signature.map_err(|_| NotGenuine)?;
        Ok(format!("{signing}.{}", encode(signature)))
    }

    fn verify(&self, text: &str) -> Result<Vec<u8>, NotGenuine> {
        let [header, payload, signature] = parts(text)?;
        // Only what was agreed: a header that may choose its own strength chooses none.
        let head: Header = parsed(header)?;
        if head.alg != "RS256" {
            return Err(NotGenuine);
        }
        let signing = format!("{header}.{payload}");
        self.theirs
            .pkcs1v15_verify::<Sha256>(signing.as_bytes(), &decode(signature)?)
            .map_err(|_| NotGenuine)?;
        decode(payload)
    }

    fn encrypt(&self, plain: &[u8]) -> Result<String, NotGenuine> {
        let mut random: StdRng = rand::make_rng();
        let (mut key, mut nonce) = ([0; 32], [0; 12]);
        random.fill_bytes(&mut key);
        random.fill_bytes(&mut nonce);
        let wrapped = self.theirs.oaep_encrypt::<Sha256>(&key);
        let wrapped = wrapped.map_err(|_| NotGenuine)?;
        let header = encode(JWE_HEADER);
        let aad = header.as_bytes();
        let sealed = Aes256Gcm::new((&key).into())
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
            .map_err(|_| NotGenuine)?;
        let (text, tag) = sealed.split_at(sealed.len() - TAG);
        let [wrapped, nonce, text, tag] = [&wrapped[..], &nonce, text, tag].map(encode);
        Ok(format!("{header}.{wrapped}.{nonce}.{text}.{tag}"))
    }

    fn decrypt(&self, text: &str) -> Result<Vec<u8>, NotGenuine> {
        let [header, wrapped, nonce, sealed, tag] = parts(text.trim())?;
        let head: Header = parsed(header)?;
        if head.alg != "RSA-OAEP-256" || head.enc.as_deref() != Some("A256GCM") {
            return Err(NotGenuine);
        }
        let key = self.ours.oaep_decrypt::<Sha256>(&decode(wrapped)?);
        let key: [u8; 32] = exact(key.map_err(|_| NotGenuine)?)?;
        let nonce: [u8; 12] = exact(decode(nonce)?)?;
        let tag: [u8; TAG] = exact(decode(tag)?)?;
        let sealed = [decode(sealed)?, tag.to_vec()].concat();
        let payload = Payload {
            msg: &sealed,
            aad: header.as_bytes(),
        };
        Aes256Gcm::new((&key).into())
            .decrypt(&Nonce::from(nonce), payload)
            .map_err(|_| NotGenuine)
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, NotGenuine> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotGenuine)
}

fn exact<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], NotGenuine> {
    bytes.try_into().map_err(|_| NotGenuine)
}

fn parts<const N: usize>(text: &str) -> Result<[&str; N], NotGenuine> {
    let parts: Vec<_> = text.split('.').collect();
    parts.try_into().map_err(|_| NotGenuine)
}

fn parsed(header: &str) -> Result<Header, NotGenuine> {
    serde_json::from_slice(&decode(header)?).map_err(|_| NotGenuine)
}
