//! Whether forms in the chat are set up.

use secrecy::ExposeSecret;

use super::Finding;
use crate::config::Settings;
use crate::whatsapp::forms::FormKey;

const NAME: &str = "forms";

pub(super) fn check(settings: &Settings) -> Finding {
    let Some(key) = &settings.graph.form_key else {
        return Finding::ok(
            NAME,
            if settings.is_demo() {
                "the demo makes a key at each start"
            } else {
                "WHATSAPP_FORM_KEY is not set, so no form is offered (`sipbrewery forms --help`)"
            },
        );
    };
    if let Err(error) = FormKey::parse(key.expose_secret()) {
        let found = format!("WHATSAPP_FORM_KEY {error}");
        return Finding::fail(
            NAME,
            found,
            "set another key, then run `sipbrewery forms key`",
        );
    }
    let public = settings.public_url.as_deref();
    if settings.is_demo() || public.is_some_and(|url| url.starts_with("https://")) {
        return Finding::ok(
            NAME,
            "key and address are set; `sipbrewery forms status` says what Meta has of them",
        );
    }
    Finding::warn(
        NAME,
        "WHATSAPP_FORM_KEY is set and PUBLIC_URL is no https address, so no form can ask for its \
         screens",
        "set PUBLIC_URL to the https address that people reach, or take WHATSAPP_FORM_KEY out",
    )
}

#[cfg(test)]
mod tests {
    use rsa::pkcs8::EncodePrivateKey as _;

    use super::*;

    fn said(set: &[(&str, &str)]) -> String {
        let live = [
            ("WHATSAPP_APP_SECRET", "5b0c1f6e9a7d4382b1c5d8e7f6a90312"),
            (
                "WHATSAPP_VERIFY_TOKEN",
                "walnut-harbour-saffron-71-quiet-loom",
            ),
            (
                "WHATSAPP_ACCESS_TOKEN",
                "EAAGm0PX4ZCpsBAJ9wq7T2mVx8rLkYd3HnQ",
            ),
            ("WHATSAPP_PHONE_NUMBER_ID", "106540352242922"),
            ("WHATSAPP_WABA_ID", "102290129340398"),
            ("PUBLIC_URL", "http://127.0.0.1:8080"),
            ("DATA_KEY", "k4xYw8m3m1m2fJ3pC0Qn1u7r5o2q9s6t8v0w1x2y3z4="),
            ("DISTRIBUTOR_NAME", "Sahyadri Wealth"),
            ("DISTRIBUTOR_ARN", "ARN-118822"),
            ("GRIEVANCE_CONTACT", "care@sahyadri.example"),
        ];
        let all: Vec<_> = live.iter().chain(set).copied().collect();
        let settings = Settings::from_lookup(|name| {
            let found = all.iter().rfind(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        check(&settings.unwrap()).to_string()
    }

    #[test]
    fn forms_need_a_sound_key_and_an_address_that_meta_reaches() {
        let demo = Settings::from_lookup(|_| None).unwrap();
        assert!(check(&demo).to_string().contains("the demo makes"));
        assert!(said(&[]).starts_with("ok    forms: WHATSAPP_FORM_KEY is not set"));
        let key = rsa::PrivateKey::new(&mut rand::make_rng::<rand::rngs::StdRng>(), 2_048).unwrap();
        let key = key.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).unwrap();
        let key = ("WHATSAPP_FORM_KEY", key.as_str());
        assert!(said(&[key]).starts_with("warn"));
        let public = ("PUBLIC_URL", "https://sip.example");
        assert!(said(&[key, public]).starts_with("ok    forms: key and address"));
        let bad = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let broken = said(&[("WHATSAPP_FORM_KEY", bad), public]);
        assert!(broken.starts_with("FAIL"), "{broken}");
    }
}
