//! How investors are told: the mail server, quiet hours, approved templates.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::reader::Reader;

/// How notices go out.
#[derive(Debug, Clone)]
pub struct Notices {
    /// The mail server; without one nothing goes by e-mail.
    pub mail: Option<Mail>,
    /// Minutes of the day (India) between which nobody is disturbed.
    pub quiet: Option<(i64, i64)>,
}

/// A mail server and who writes through it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether the line is TLS from the first byte (`smtps://`).
    pub is_implicit_tls: bool,
    /// Whether it is this very machine, where a line needs no protection.
    pub is_local: bool,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    /// `Name <name@host>`.
    pub from: String,
}

pub(super) fn notices(reader: &mut Reader<'_>) -> Notices {
    let server = reader.optional("SMTP_URL", server);
    let from = reader.optional("EMAIL_FROM", sender);
    let mail = match (server, from) {
        (Some(server), Some(from)) => Some(Mail { from, ..server }),
        _ => None,
    };
    for (one, other) in [("SMTP_URL", "EMAIL_FROM"), ("EMAIL_FROM", "SMTP_URL")] {
        if reader.is_set(one) && !reader.is_set(other) {
            reader.missing(other, &format!("is needed beside {one}"));
        }
    }
    Notices {
        mail,
        quiet: reader.checked("QUIET_HOURS", quiet),
    }
}

fn server(text: &str) -> Result<Mail, String> {
    const FORM: &str = "must look like smtps://user:password@host:465 or smtp://host:587";
    // The error of a bad address is not shown: it may hold the password.
    let url = Url::parse(text).map_err(|_| FORM.to_owned())?;
    let (is_implicit_tls, usual) = match url.scheme() {
        "smtps" => (true, 465),
        "smtp" => (false, 587),
        _ => return Err(FORM.to_owned()),
    };
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| FORM.to_owned())?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{FORM}, with nothing after the port"));
    }
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(std::borrow::Cow::into_owned)
            .map_err(|_| "has a user or password that is not UTF-8".to_owned())
    };
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        ("", Some(_)) | (_, None) => return Err("needs a user and a password, or none".to_owned()),
        (user, Some(password)) => Some((decoded(user)?, decoded(password)?.into())),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // A host of a scheme the parser does not know is always a name.
        _ => bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    };
    Ok(Mail {
        host: bare.to_owned(),
        port: url.port().unwrap_or(usual),
        is_implicit_tls,
        is_local,
        login,
        from: String::new(),
    })
}

/// An address, with a name before it or not; mail programs are the judges of the rest.
fn sender(text: &str) -> Result<String, String> {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or(""),
        None => text,
    };
    let is_sound = address.split_once('@').is_some_and(|(local, domain)| {
        let is_plain = |c: char| c.is_ascii_graphic() && !"<>,;:\"\\@()[]".contains(c);
        !local.is_empty()
            && domain.contains('.')
            && local.chars().chain(domain.chars()).all(is_plain)
    });
    if is_sound {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "must look like Asha Investments <notices@asha.in>, not `{text}`"
        ))
    }
}

fn quiet(text: &str) -> Result<Option<(i64, i64)>, String> {
    if text == "off" {
        return Ok(None);
    }
    let minutes = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let number = |text: &str| {
            let is_number =
                (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| text.parse::<i64>().ok()).flatten()
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let both = text.split_once('-');
    let both = both.and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    match both {
        Some((from, to)) if from != to => Ok(Some((from, to))),
        _ => Err(format!(
            "must look like 21:00-08:00 (times in India), or off, not `{text}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_mail_server_is_read_with_its_password_decoded() {
        let mail = server("smtps://bot%40asha.in:p%3Ass%2Fword@mail.asha.in").unwrap();
        assert!(mail.is_implicit_tls && !mail.is_local);
        assert_eq!((mail.host.as_str(), mail.port), ("mail.asha.in", 465));
        let (user, password) = mail.login.unwrap();
        assert_eq!(
            (user.as_str(), password.expose_secret()),
            ("bot@asha.in", "p:ss/word")
        );
        let local = server("smtp://127.0.0.1:2525").unwrap();
        assert!(local.is_local && !local.is_implicit_tls && local.login.is_none());
        assert!(server("smtp://[::1]:25").unwrap().is_local);
        assert_eq!(server("smtp://mail.asha.in").unwrap().port, 587);
        for wrong in [
            "mail.asha.in",
            "https://mail.asha.in",
            "smtp://",
            "smtp://user@host",
            "smtp://host/path",
            "smtp://host?tls=none",
        ] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_fault_repeats_a_password() {
        for wrong in ["smtp://u:hunter2@host:99999", "ftp://u:hunter2@host"] {
            assert!(!server(wrong).unwrap_err().contains("hunter2"));
        }
    }

    #[test]
    fn senders_and_quiet_hours_are_read_or_refused() {
        assert!(sender("Asha Investments <notices@asha.in>").is_ok());
        assert!(sender("notices@asha.in").is_ok());
        for wrong in ["asha", "a@b", "<a@b.in", "a b@c.in", "a@b.in, c@d.in"] {
            assert!(sender(wrong).is_err(), "{wrong}");
        }
        assert_eq!(quiet("21:00-08:30"), Ok(Some((1260, 510))));
        assert_eq!(quiet("off"), Ok(None));
        for wrong in ["", "21-8", "25:00-08:00", "08:00-08:00", "+1:00-02:00"] {
            assert!(quiet(wrong).is_err(), "{wrong}");
        }
    }
}
