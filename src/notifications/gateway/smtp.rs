//! Letters over SMTP (RFC 5321), step by step, because the step at which a conversation
//! breaks off decides what is known: before the words were handed over nothing was sent;
//! after that only the server's answer tells.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use futures::future::BoxFuture;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret, SecretString};

use super::super::letter::{Letter, Posted};
use super::super::ports::Post;
use crate::clock::Clock;

/// A whole conversation may take this long; RFC 5321 grants servers ten minutes for the
/// answer to the words alone, but ours has none that scan attachments.
const TIMEOUT: Duration = Duration::from_mins(2);
const CONNECT: Duration = Duration::from_secs(20);
/// Taking leave, once the fate of the letter is known.
const LEAVE: Duration = Duration::from_secs(2);

/// How the line to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (`smtps://`).
    Implicit,
    /// After STARTTLS, without which nothing is sent.
    Required,
    /// Not at all: for a server on this machine only.
    None,
}

/// A mail server and how to log in to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// User and password, if it wants them.
    pub login: Option<(String, SecretString)>,
}

/// Posts letters through one server.
pub struct Smtp {
    server: Server,
    from: Mailbox,
    clock: Clock,
    timeout: Duration,
    /// A root of the tests' own, besides those that everybody trusts.
    #[cfg(test)]
    root: Option<lettre::transport::smtp::client::Certificate>,
}

impl Smtp {
    /// Returns a way to post letters from an address (`Name <name@host>`).
    pub fn new(server: Server, from: &str, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            server,
            from: from.parse()?,
            clock,
            timeout: TIMEOUT,
            #[cfg(test)]
            root: None,
        })
    }

    #[cfg(test)]
    pub(in crate::notifications) fn trusting(self, root: &[u8]) -> anyhow::Result<Self> {
        let root = lettre::transport::smtp::client::Certificate::from_pem(root)?;
        Ok(Self {
            root: Some(root),
            ..self
        })
    }

    /// The same with less patience.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Returns the letter as it goes over the wire, and its envelope.
    fn write(&self, id: &str, letter: &Letter) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let domain = self.from.email.domain();
        let to = Mailbox::new(None, letter.to.trim().parse()?);
        let at = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .date(UNIX_EPOCH + Duration::from_millis(at))
            .message_id(Some(format!("<{id}@{domain}>")))
            // RFC 3834: no out-of-office answers, please.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        if letter.may_be_declined {
            let address = &self.from.email;
            let link = format!("<mailto:{address}?subject=Stop%20these%20notices>");
            builder = builder.raw_header(header("List-Unsubscribe", link));
        }
        let text = SinglePart::plain(letter.body.clone());
        let message = if letter.attachments.is_empty() {
            builder.singlepart(text)?
        } else {
            let mut parts = MultiPart::mixed().singlepart(text);
            for one in &letter.attachments {
                let kind = ContentType::parse(&one.media_type)?;
                let part = Attachment::new(one.name.clone()).body(one.content.clone(), kind);
                parts = parts.singlepart(part);
            }
            builder.multipart(parts)?
        };
        Ok((message.envelope().clone(), message.formatted()))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let tls = || {
            let parameters = TlsParameters::builder(self.server.host.clone());
            #[cfg(test)]
            let parameters = self.root.iter().fold(parameters, |parameters, root| {
                parameters.add_root_certificate(root.clone())
            });
            parameters.build()
        };
        let implicit = match self.server.tls {
            Tls::Implicit => Some(tls()?),
            Tls::Required | Tls::None => None,
        };
        let address = (self.server.host.as_str(), self.server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &hello, implicit, None)
                .await?;
        if self.server.tls == Tls::Required {
            connection.starttls(tls()?, &hello).await?;
        }
        if let Some((user, password)) = &self.server.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    /// Posts a letter; `handed_over` is set once its words may be on the way.
    async fn converse(
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        words: &[u8],
        handed_over: &AtomicBool,
    ) -> Posted {
        let mut options = Vec::new();
        let speaks = |extension| connection.server_info().supports_feature(extension);
        let mut all = envelope.to().iter().chain(envelope.from());
        if all.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !speaks(Extension::SmtpUtfEight) {
                let reason = "the mail server takes no addresses but plain ones".to_owned();
                return Posted::Refused { code: None, reason };
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !words.is_ascii() && speaks(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mail = Mail::new(envelope.from().cloned(), options);
        if let Err(error) = connection.command(mail).await {
            return refused_or_again(&error);
        }
        for to in envelope.to() {
            if let Err(error) = connection.command(Rcpt::new(to.clone(), Vec::new())).await {
                return refused_or_again(&error);
            }
        }
        if let Err(error) = connection.command(Data).await {
            return refused_or_again(&error);
        }
        handed_over.store(true, Ordering::SeqCst);
        match connection.message(words).await {
            Ok(_) => Posted::Taken,
            Err(error) if error.is_permanent() || error.is_transient() => refused_or_again(&error),
            Err(error) => Posted::Unknown {
                reason: format!(
                    "no answer after the letter was handed over: {}",
                    why(&error)
                ),
            },
        }
    }
}

impl Post for Smtp {
    fn deliver<'a>(&'a self, id: &'a str, letter: &'a Letter) -> BoxFuture<'a, Posted> {
        Box::pin(async move {
            let (envelope, words) = match self.write(id, letter) {
                Ok(written) => written,
                Err(error) => {
                    // What is wrong with an address may quote it.
                    tracing::debug!(letter = id, error = &*error, "a letter cannot be written");
                    let reason = "the address or the letter cannot be written".to_owned();
                    return Posted::Refused { code: None, reason };
                }
            };
            let handed_over = AtomicBool::new(false);
            let mut line = None;
            let talk = async {
                // A server that cannot be reached or does not know us says nothing about the
                // letter.
                match self.connect().await {
                    Ok(connection) => {
                        let connection = line.insert(connection);
                        Self::converse(connection, &envelope, &words, &handed_over).await
                    }
                    Err(error) => again(&error),
                }
            };
            match tokio::time::timeout(self.timeout, talk).await {
                Ok(posted) => {
                    if let Some(mut connection) = line {
                        // How they take leave changes nothing.
                        let leave = connection.quit();
                        let _ = tokio::time::timeout(LEAVE.min(self.timeout), leave).await;
                    }
                    posted
                }
                Err(_) if handed_over.load(Ordering::SeqCst) => Posted::Unknown {
                    reason: "the mail server did not answer after the letter was handed over"
                        .to_owned(),
                },
                Err(_) => Posted::Again {
                    reason: "the mail server is too slow".to_owned(),
                },
            }
        })
    }
}

fn refused_or_again(error: &lettre::transport::smtp::Error) -> Posted {
    if error.is_permanent() {
        Posted::Refused {
            code: error.status().map(u16::from),
            reason: why(error),
        }
    } else {
        again(error)
    }
}

fn again(error: &lettre::transport::smtp::Error) -> Posted {
    Posted::Again { reason: why(error) }
}

/// Returns what went wrong, in the server's words but without an address in them.
fn why(error: &lettre::transport::smtp::Error) -> String {
    use std::error::Error as _;
    let mut text = error.to_string();
    if let Some(source) = error.source() {
        let source = source.to_string();
        if !text.contains(&source) {
            text = format!("{text}: {source}");
        }
    }
    let words = text.split_whitespace();
    let masked: Vec<_> = words
        .map(|word| {
            if word.contains('@') {
                "[address]"
            } else {
                word
            }
        })
        .collect();
    masked.join(" ").chars().take(300).collect()
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
