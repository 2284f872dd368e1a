//! What only we and one phone can read.
//!
//! The phone makes a key for each request and wraps it with our public key (RSA-OAEP with
//! SHA-256 for both hashes). The answer goes out under the same key, with every bit of
//! the initial vector turned over. The vector has 16 bytes, not the usual 12.

use std::fmt;

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{PrivateKey, PublicKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

/// Meta takes keys of this many bits and no others.
const BITS: usize = 2_048;

/// A text is no key for forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFormKey {
    /// It is no private key.
    #[error(
        "is not an RSA private key in PEM without a passphrase; make one with `openssl genrsa 2048`"
    )]
    NoKey,
    /// It has another length.
    #[error("has {0} bits and Meta takes 2048; make one with `openssl genrsa 2048`")]
    Bits(usize),
}

/// A request cannot be decrypted: the phone is to fetch the public key again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request cannot be decrypted with the key for forms")]
pub struct Unreadable;

/// Our private key.
#[derive(Clone)]
pub struct FormKey(PrivateKey);

impl fmt::Debug for FormKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKey(..)")
    }
}

/// How one phone is answered.
pub struct Phone {
    cipher: AesGcm<Aes128, U16>,
    iv: [u8; 16],
}

#[derive(Deserialize)]
struct Envelope {
    encrypted_flow_data: String,
    encrypted_aes_key: String,
    initial_vector: String,
}

impl FormKey {
    /// Reads a key in PEM, PKCS#8 or PKCS#1.
    pub fn parse(pem: &str) -> Result<Self, BadFormKey> {
        let pem = pem.trim();
        let key = PrivateKey::from_pkcs8_pem(pem)
            .or_else(|_| PrivateKey::from_pkcs1_pem(pem))
            .map_err(|_| BadFormKey::NoKey)?;
        match bits(key.as_public_key()) {
            BITS => Ok(Self(key)),
            other => Err(BadFormKey::Bits(other)),
        }
    }

    /// Makes a key.
    pub fn random() -> Self {
        let key = PrivateKey::new(&mut rand::make_rng::<StdRng>(), BITS);
        Self(key.expect("2048 bits make a sound key"))
    }

    /// Returns the key that Meta hands to phones, in PEM.
    pub fn public_pem(&self) -> anyhow::Result<String> {
        Ok(self.0.as_public_key().to_public_key_pem(LineEnding::LF)?)
    }

    /// Decrypts a request; returns it with what its answer is encrypted with.
    pub fn open(&self, body: &[u8]) -> Result<(Vec<u8>, Phone), Unreadable> {
        let envelope: Envelope = serde_json::from_slice(body).map_err(|_| Unreadable)?;
        let [data, key, iv] = [
            envelope.encrypted_flow_data,
            envelope.encrypted_aes_key,
            envelope.initial_vector,
        ]
        .map(|text| STANDARD.decode(text).map_err(|_| Unreadable));
        let key = self.0.oaep_decrypt::<Sha256>(&key?);
        let key: [u8; 16] = exact(key.map_err(|_| Unreadable)?)?;
        let phone = Phone::new(key, exact(iv?)?);
        let plain = phone
            .cipher
            .decrypt((&phone.iv).into(), &data?[..])
            .map_err(|_| Unreadable)?;
        Ok((plain, phone))
    }
}

impl Phone {
    fn new(key: [u8; 16], iv: [u8; 16]) -> Self {
        Self {
            cipher: AesGcm::new((&key).into()),
            iv,
        }
    }

    /// Encrypts an answer.
    pub fn seal(&self, answer: &Value) -> anyhow::Result<String> {
        let iv = self.iv.map(|byte| !byte);
        let sealed = self
            .cipher
            .encrypt((&iv).into(), answer.to_string().as_bytes())
            .map_err(|_| anyhow::anyhow!("the answer of a form could not be encrypted"))?;
        Ok(STANDARD.encode(sealed))
    }
}

fn exact<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Unreadable> {
    bytes.try_into().map_err(|_| Unreadable)
}

fn bits(key: &PublicKey) -> usize {
    use rsa::traits::PublicKeyParts as _;
    key.size() * 8
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use rsa::pkcs8::EncodePrivateKey as _;
    use serde_json::json;

    use super::*;

    static KEY: LazyLock<FormKey> = LazyLock::new(FormKey::random);

    fn counted(from: u8) -> [u8; 16] {
        std::array::from_fn(|at| from + u8::try_from(at).unwrap())
    }

    fn request(data: &str, key: &FormKey, aes_key: &[u8]) -> Vec<u8> {
        let wrapped = key.0.as_public_key().oaep_encrypt::<Sha256>(aes_key);
        json!({
            "encrypted_flow_data": data,
            "encrypted_aes_key": STANDARD.encode(wrapped.unwrap()),
            "initial_vector": STANDARD.encode(counted(0x10)),
        })
        .to_string()
        .into_bytes()
    }

    /// Computed for key 00..0f and vector 10..1f with two other libraries.
    const PING: &str = "vryB0w/BTee4OvmgkgEf9dnfQfwZb8iWi7yl5iotFMJeuQl749lOptdzv/L1T2V2PA==";
    const PONG: &str = "IHgL0mWXHJ6FDPLH6+aygF5BfT+mPzwvzktiKvlmYpg8eFKqJX/07YVStaI=";

    #[test]
    fn both_known_vectors_hold() {
        let key = &*KEY;
        let (plain, phone) = key.open(&request(PING, key, &counted(0))).unwrap();
        assert_eq!(plain, br#"{"version":"3.0","action":"ping"}"#);
        let pong = json!({"data": {"status": "active"}});
        assert_eq!(phone.seal(&pong).unwrap(), PONG);
    }

    #[test]
    fn what_was_not_encrypted_for_us_is_refused() {
        let key = &*KEY;
        let good = request(PING, key, &counted(0));
        let mut broken: Value = serde_json::from_slice(&good).unwrap();
        broken["encrypted_flow_data"] = PONG.into();
        let other = FormKey::random();
        for (why, body) in [
            ("changed", broken.to_string().into_bytes()),
            ("short key", request(PING, key, &[1; 15])),
            ("other key", request(PING, &other, &counted(0))),
            ("no envelope", b"{}".to_vec()),
            ("no json", b"hello".to_vec()),
        ] {
            assert_eq!(key.open(&body).err(), Some(Unreadable), "{why}");
        }
    }

    #[test]
    fn only_an_open_rsa_key_of_2048_bits_is_taken() {
        assert_eq!(FormKey::parse("hello").err(), Some(BadFormKey::NoKey));
        let long = PrivateKey::new(&mut rand::make_rng::<StdRng>(), 3_072).unwrap();
        let long = long.to_pkcs8_pem(LineEnding::LF).unwrap();
        assert_eq!(FormKey::parse(&long).err(), Some(BadFormKey::Bits(3_072)));
        let right = KEY.0.to_pkcs8_pem(LineEnding::LF).unwrap();
        let right = FormKey::parse(&right).unwrap().public_pem().unwrap();
        assert_eq!(right, KEY.public_pem().unwrap());
        assert!(right.starts_with("-----BEGIN PUBLIC KEY-----"));
    }
}
