//! Whether the settings can be used, and what they make of the service.

use super::Finding;
use crate::config::{Channel, Faults, Settings};

const NAME: &str = "configuration";

pub(super) fn check(settings: Result<&Settings, &Faults>) -> Vec<Finding> {
    let settings = match settings {
        Ok(settings) => settings,
        Err(faults) => return faults.0.iter().map(of_fault).collect(),
    };
    let mut findings = vec![match &settings.channel {
        Channel::Demo => Finding::ok(
            NAME,
            "demo: no WhatsApp credential is set, so the emulator is at the other end",
        ),
        Channel::Production(credentials) => Finding::ok(
            NAME,
            format!("live, number id {}", credentials.phone_number_id),
        ),
    }];
    if let Channel::Production(credentials) = &settings.channel {
        if credentials.app_secrets.len() > 1 {
            findings.push(Finding::warn(
                NAME,
                "two app secrets are accepted",
                "take the old one out of WHATSAPP_APP_SECRET once Meta signs with the new one",
            ));
        }
        let public = settings.public_url.as_deref().unwrap_or_default();
        if !public.starts_with("https://") {
            findings.push(Finding::warn(
                NAME,
                "PUBLIC_URL is this machine, so the links in messages lead nobody here",
                "set it to the https address that people reach",
            ));
        }
    }
    findings
}

fn of_fault(fault: &crate::config::Fault) -> Finding {
    Finding::fail(
        NAME,
        format!("{} {}", fault.setting, fault.problem),
        format!("correct {} (.env.example explains it)", fault.setting),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_a_finding_of_its_own() {
        let faults = Settings::from_lookup(|name| match name {
            "HTTP_ADDR" | "LOG_FORMAT" => Some("nonsense".to_owned()),
            _ => None,
        })
        .unwrap_err();
        let findings = check(Err(&faults));
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(Finding::is_failure));
    }

    #[test]
    fn a_demo_is_in_order() {
        let settings = Settings::from_lookup(|_| None).unwrap();
        let findings = check(Ok(&settings));
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0]
                .to_string()
                .starts_with("ok    configuration: demo")
        );
    }
}
