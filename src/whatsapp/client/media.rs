//! Media over Graph: up before a message is sent with it, down after one came with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Url};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{CallError, GraphClient, broken, is_loopback};
use crate::whatsapp::inbound::hex;
use crate::whatsapp::media::{self, File, Unfit};
use crate::whatsapp::outcome::SendOutcome;

/// How long a file may take, up or down.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Why a file is not with Meta. Whatever it is, nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUploaded {
    /// Meta would refuse it, so it was not tried.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The call brought no id; never `Accepted` and never `Unknown`.
    #[error("the upload came to {0:?}")]
    Outcome(SendOutcome),
}

/// Why a file that somebody sent could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDownloaded {
    /// The calls brought nothing.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The token would go where it must not.
    #[error("graph names an address for the file that is not https")]
    Address,
    /// It is not what WhatsApp hands out, or larger than is wanted.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// What came is not what was sent.
    #[error("the file does not have the checksum graph names")]
    Checksum,
}

impl NotDownloaded {
    /// Returns whether it may work at another time.
    pub fn is_passing(&self) -> bool {
        match self {
            // Error 100 says that there is no such file (any more).
            Self::Call(CallError::Refused { code, .. }) => *code != 100,
            Self::Call(_) | Self::Checksum => true,
            Self::Address | Self::Unfit(_) => false,
        }
    }
}

#[derive(Deserialize)]
struct Place {
    url: String,
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    sha256: String,
}

impl GraphClient {
    /// Hands a file to Meta, which keeps it for 30 days; returns its id there.
    pub async fn upload(&self, file: File) -> Result<String, NotUploaded> {
        media::check(&file.mime, &file.bytes)?;
        let mime = file.mime.clone();
        let part = Part::bytes(file.bytes).file_name(file.name);
        let part = part
            .mime_str(&mime)
            .map_err(|_| Unfit::Type(mime.clone()))?;
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime)
            .part("file", part);
        let request = self.request(Method::POST, &["media"]).multipart(form);
        match self.call(request.timeout(TIMEOUT)).await {
            Ok(answer) => SendOutcome::of_upload(answer.status, &answer.body, answer.retry_after)
                .map_err(NotUploaded::Outcome),
            Err(broken) => Err(NotUploaded::Outcome(
                SendOutcome::from_broken(&broken).certainly_not_sent(),
            )),
        }
    }

    /// Fetches a file that somebody sent, of at most `most` bytes.
    pub async fn download(&self, media_id: &str, most: usize) -> Result<File, NotDownloaded> {
        let mut tries = 0;
        loop {
            let place = self.resolve(media_id).await?;
            match self.fetch(&place, most).await {
                // Its address is good for five minutes only.
                Err(NotDownloaded::Call(CallError::Unreadable(404))) if tries == 0 => tries += 1,
                other => return other,
            }
        }
    }

    async fn resolve(&self, media_id: &str) -> Result<Place, NotDownloaded> {
        let mut url = self.root.clone();
        url.path_segments_mut()
            .map_err(|()| NotDownloaded::Address)?
            .push(media_id);
        let request = self.http.get(url);
        let number = [("phone_number_id", self.number_id.as_str())];
        let (status, body) = self.ask(request.query(&number)).await?;
        let place = serde_json::from_value(body);
        Ok(place.map_err(|_| CallError::Unreadable(status))?)
    }

    async fn fetch(&self, place: &Place, most: usize) -> Result<File, NotDownloaded> {
        let url = Url::parse(&place.url).map_err(|_| NotDownloaded::Address)?;
        if !self.may_carry_token(&url) {
            return Err(NotDownloaded::Address);
        }
        let request = self.http.get(url).timeout(TIMEOUT);
        let request = request.header(reqwest::header::AUTHORIZATION, self.authorization.clone());
        let mut response = request.send().await.map_err(|e| unreachable(&e))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(CallError::Unreadable(status).into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| unreachable(&e))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > most {
                let size = bytes.len();
                return Err(Unfit::TooLarge { size, most }.into());
            }
        }
        if !is_checksum(&place.sha256, &bytes) {
            return Err(NotDownloaded::Checksum);
        }
        media::check(&place.mime_type, &bytes)?;
        Ok(File {
            mime: media::bare_type(&place.mime_type),
            name: String::new(),
            bytes,
        })
    }

    /// Whoever Graph names gets the token, but only where nobody else hears it.
    fn may_carry_token(&self, url: &Url) -> bool {
        url.scheme() == "https"
            || (url.scheme() == "http" && is_loopback(url) && is_loopback(&self.root))
    }
}

fn unreachable(error: &reqwest::Error) -> NotDownloaded {
    use crate::whatsapp::outcome::Broken;

    match broken(error) {
        Broken::BeforeWriting => CallError::Unreachable("no connection").into(),
        Broken::Perhaps(reason) => CallError::Unreachable(reason).into(),
    }
}

/// Meta writes it in hex here and in base64 there.
fn is_checksum(named: &str, bytes: &[u8]) -> bool {
    let digest = Sha256::digest(bytes);
    named.eq_ignore_ascii_case(&hex(&digest)) || named == STANDARD.encode(digest)
}
