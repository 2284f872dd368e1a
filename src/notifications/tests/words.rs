//! Every text in every language.

use std::collections::BTreeSet;

use super::super::notice::notice;
use super::super::samples;
use super::super::{Filling, Kind, Notice, Voice, definitions};
use crate::investing::disclosures::MARKET_RISK;
use crate::language::Language;
use crate::whatsapp::Outgoing;
use crate::whatsapp::templates::fits;

fn longest_scheme() -> Vec<Notice> {
    let scheme = |_| "N".repeat(150);
    let all = samples::all();
    all.iter().map(|what| notice(what, &scheme)).collect()
}

#[test]
fn every_kind_has_its_words_in_three_languages_with_every_digit_as_it_came() {
    let voice = Voice::new().unwrap();
    let mut kinds = BTreeSet::new();
    for sample in samples::notices() {
        kinds.insert(sample.kind);
        let mut said_in = BTreeSet::new();
        for language in Language::ALL {
            let said = voice.say(language, &sample).unwrap();
            let context = format!("{language:?} {}: {}", sample.name, said.words);
            for (place, filling) in &sample.places {
                if let Filling::Same(text) = filling {
                    assert!(said.words.contains(text.as_str()), "{place} in {context}");
                }
            }
            assert!(!said.words.contains(['!', '{', '}', '*']), "{context}");
            assert!(!said.words.contains("  "), "{context}");
            let owes_risk = !said.disclosures.is_empty();
            assert_eq!(
                said.words.matches(MARKET_RISK).count(),
                usize::from(owes_risk)
            );
            // Our words without the places: every digit in the whole comes from a place.
            let mut places = said.places.clone();
            places.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
            let own = places.iter().fold(said.words.clone(), |words, (_, text)| {
                words.replacen(text.as_str(), "", 1)
            });
            assert!(!own.contains(|c: char| c.is_numeric()), "{context}");
            assert!(
                said_in.insert(said.words),
                "two languages say the same: {context}"
            );
        }
    }
    assert_eq!(kinds.len(), Kind::ALL.len());
}

#[test]
fn amounts_dates_units_and_navs_are_written_as_india_writes_them() {
    let voice = Voice::new().unwrap();
    let all = samples::notices();
    let allotted = all.iter().find(|n| n.name == "order_allotted").unwrap();
    let said = voice.say(Language::En, allotted).unwrap().words;
    assert_eq!(
        said,
        format!(
            "Units are allotted. You have 12345.678 more units of {} for ₹12,34,567.89, at the \
             NAV of ₹100.0004 of 05-Sep-2026. They show in your portfolio here.\n\n_{MARKET_RISK}_",
            samples::SCHEME
        )
    );
}

#[test]
fn every_notice_fits_as_text_and_as_template_even_with_long_names() {
    let voice = Voice::new().unwrap();
    for sample in longest_scheme().into_iter().chain(samples::notices()) {
        for language in Language::ALL {
            let said = voice.say(language, &sample).unwrap();
            let template = Voice::template(language, &sample, &said);
            assert_eq!(
                Outgoing::Template(template).check(),
                Ok(()),
                "{}",
                sample.name
            );
            let text = Outgoing::Text { body: said.words };
            assert_eq!(text.check(), Ok(()), "{}", sample.name);
        }
    }
}

/// Filling in a template as Meta does gives the very words we say in an open window.
#[test]
fn a_template_filled_in_reads_as_the_text() {
    let voice = Voice::new().unwrap();
    let all = definitions().unwrap();
    for sample in &samples::notices() {
        for language in Language::ALL {
            let said = voice.say(language, sample).unwrap();
            let sent = Voice::template(language, sample, &said);
            let known = all
                .iter()
                .find(|one| one.name == sent.name && one.language == sent.language)
                .unwrap();
            let filled = sent
                .body
                .iter()
                .fold(known.content.body.clone(), |body, parameter| {
                    let name = parameter.name.as_deref().unwrap();
                    body.replace(&format!("{{{{{name}}}}}"), &parameter.text)
                });
            assert_eq!(filled, said.words);
            assert_eq!(fits(&sent, &known.content), Ok(()), "{}", sample.name);
        }
    }
}

#[test]
fn letters_have_a_subject_and_are_signed_in_every_language() {
    let voice = Voice::new().unwrap();
    let from = super::rig::distributor();
    for sample in samples::notices() {
        for language in Language::ALL {
            let subject = voice.subject(language, sample.kind).unwrap();
            assert!((5..=60).contains(&subject.chars().count()), "{subject}");
            let said = voice.say(language, &sample).unwrap();
            for name in [Some("Asha"), None] {
                let letter = voice.letter(language, &from, name, &said).unwrap();
                for part in [&from.name, &from.arn, &from.grievance_contact, &said.plain] {
                    assert!(letter.contains(part.as_str()), "{letter}");
                }
                assert_eq!(letter.contains("Asha"), name.is_some());
                assert!(!letter.contains(&format!("_{MARKET_RISK}")), "{letter}");
            }
        }
    }
}

/// The question where notices are to go names kinds that always come.
#[test]
fn what_is_said_to_be_required_is() {
    use Kind::{InstalmentDue, InstalmentFailed, OrderAllotted, OrderPlaced};
    let asked = [
        (
            include_str!("../../../templates/en/notices.txt"),
            "an instalment that is due or failed, an order that was placed or allotted",
        ),
        (
            include_str!("../../../templates/hi/notices.txt"),
            "किस्त आने वाली है या नहीं कटी, ऑर्डर दिया गया या यूनिट मिलीं",
        ),
        (
            include_str!("../../../templates/hinglish/notices.txt"),
            "kist aane wali hai ya nahi kati, order diya gaya ya units mile",
        ),
    ];
    for (text, named) in asked {
        assert!(text.contains(named), "{text}");
    }
    for kind in [InstalmentDue, InstalmentFailed, OrderPlaced, OrderAllotted] {
        assert!(kind.is_required(), "{kind:?}");
    }
}
