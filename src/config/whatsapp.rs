//! Demo or production, and how Meta is reached.

use secrecy::SecretString;

use super::check;
use super::reader::Reader;

/// What is at the other end of the wire.
#[derive(Debug, Clone)]
pub enum Channel {
    /// The emulator of this very process.
    Demo,
    /// A real number.
    Production(Credentials),
}

/// What Meta gave for one number.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Keys of the webhook signature, newest first; a second one while it is changed.
    pub app_secrets: Vec<SecretString>,
    /// What Meta must say when the webhook address is set up.
    pub verify_token: SecretString,
    /// Bearer token of the Graph API.
    pub access_token: SecretString,
    /// The number that sends.
    pub phone_number_id: String,
    /// The account it belongs to.
    pub waba_id: String,
}

/// How Meta's Graph API is called.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Scheme and host, without a slash at the end.
    pub base_url: String,
    /// `v24.0`.
    pub version: String,
    /// What the number may send.
    pub messages_per_second: u32,
    /// What people see of their message being taken up.
    pub read_receipts: ReadReceipts,
    /// Private key of the forms in the chat, in PEM; without one there are none. A demo
    /// makes its own.
    pub form_key: Option<SecretString>,
    /// Whether what is said of a form that is too old is encrypted like its screens.
    pub seals_form_errors: bool,
}

/// What people see of their message being taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadReceipts {
    /// Nothing.
    Off,
    /// Blue ticks.
    Read,
    /// Blue ticks, and "typing" where an answer takes a while.
    Typing,
}

const CREDENTIALS: [&str; 5] = [
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_WABA_ID",
];

pub(super) fn channel(reader: &mut Reader<'_>) -> Option<Channel> {
    let (set, missing): (Vec<_>, Vec<_>) = CREDENTIALS
        .into_iter()
        .partition(|name| reader.is_set(name));
    let sandbox = reader.checked("SANDBOX", |text| match text {
        "auto" | "on" | "off" => Ok(text.to_owned()),
        _ => Err(format!("must be auto, on or off, not `{text}`")),
    });
    if set.is_empty() {
        if sandbox == "off" {
            reader.fault(
                "SANDBOX",
                "is off and no WhatsApp credential is set, so there is nobody to talk to; \
                 set the five WHATSAPP_ credentials, or leave SANDBOX at auto",
            );
        }
        return Some(Channel::Demo);
    }
    if sandbox == "on" {
        reader.fault(
            "SANDBOX",
            "is on beside real WhatsApp credentials; a live service has no sandbox, \
             so set it to auto or remove the credentials",
        );
    }
    for name in missing {
        let others = set.join(", ");
        let are = if set.len() == 1 { "is" } else { "are" };
        reader.missing(
            name,
            &format!("is missing while {others} {are} set; a number needs all five, a demo none"),
        );
    }
    Some(Channel::Production(credentials(reader)?))
}

fn credentials(reader: &mut Reader<'_>) -> Option<Credentials> {
    let app_secrets = reader.optional("WHATSAPP_APP_SECRET", app_secrets);
    let verify_token = reader.secret("WHATSAPP_VERIFY_TOKEN", check::no_sample);
    let access_token = reader.secret("WHATSAPP_ACCESS_TOKEN", check::no_sample);
    let phone_number_id = reader.optional("WHATSAPP_PHONE_NUMBER_ID", check::graph_id);
    let waba_id = reader.optional("WHATSAPP_WABA_ID", check::graph_id);
    Some(Credentials {
        app_secrets: app_secrets?,
        verify_token: verify_token?,
        access_token: access_token?,
        phone_number_id: phone_number_id?,
        waba_id: waba_id?,
    })
}

fn app_secrets(text: &str) -> Result<Vec<SecretString>, String> {
    let secrets: Vec<_> = text.split(',').map(str::trim).collect();
    if secrets.len() > 2 {
        return Err("holds more than two secrets; the old and the new are enough".to_owned());
    }
    secrets
        .into_iter()
        .map(|secret| check::no_sample(secret).map(|()| SecretString::from(secret)))
        .collect()
}

pub(super) fn graph(reader: &mut Reader<'_>) -> Graph {
    Graph {
        base_url: reader.checked("WHATSAPP_API_BASE_URL", check::web_address),
        version: reader.checked("WHATSAPP_API_VERSION", check::api_version),
        messages_per_second: reader.checked("WHATSAPP_MESSAGES_PER_SECOND", |text| {
            check::number(text, 1, 1_000_000)
        }),
        read_receipts: reader.checked("WHATSAPP_READ_RECEIPTS", |text| match text {
            "off" => Ok(ReadReceipts::Off),
            "read" => Ok(ReadReceipts::Read),
            "typing" => Ok(ReadReceipts::Typing),
            _ => Err(format!("must be off, read or typing, not `{text}`")),
        }),
        form_key: reader.optional("WHATSAPP_FORM_KEY", |text| {
            // In an env file a line break is written as \n.
            let pem = text.replace("\\n", "\n");
            let is_key = pem.contains("-----BEGIN") && pem.contains("PRIVATE KEY-----");
            let is_open = !pem.contains("ENCRYPTED");
            (is_key && is_open).then(|| pem.into()).ok_or_else(|| {
                "is not a private key in PEM without a passphrase; make one with `openssl genrsa 2048`"
                    .to_owned()
            })
        }),
        seals_form_errors: reader.checked("WHATSAPP_FORM_ERRORS", |text| match text {
            "sealed" => Ok(true),
            "plain" => Ok(false),
            _ => Err(format!("must be sealed or plain, not `{text}`")),
        }),
    }
}
