//! What is said of parts of a record: noted, refused, or not for us to do.

use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::super::session;
use super::super::super::texts::Text;
use super::super::{person, resume};
use super::ask::Ask;
use super::{bank, fatca, nominee};
use crate::investing::money;
use crate::people::{Answers, Change, Investor, Refusal};

/// Returns why somebody is not served, where their words say so before anything is asked:
/// for a child, together with another, or for a company.
pub(super) fn not_served(words: &str) -> Option<&'static str> {
    let said = format!(" {} ", words.to_lowercase());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
    if says(MINOR) {
        Some("minor")
    } else if says(JOINT) {
        Some("joint")
    } else {
        None
    }
}

#[rustfmt::skip]
const MINOR: &[&str] = &[
    " minor", "my son", "my daughter", "my child", "my kid", "bete ke", "beti ke", "bacche ke", "bachche ke", "bachhe ke",
    "bete ka", "beti ka", "bacche ka", "bachche ka", "नाबालिग", "बेटे के", "बेटी के", "बच्चे के", "बेटे का", "बेटी का", "बच्चे का",
];
#[rustfmt::skip]
const JOINT: &[&str] = &[
    " joint", "wife and", "husband and", "with my wife", "with my husband", "wife ke saath", "husband ke saath",
    "patni ke saath", "pati ke saath", "संयुक्त", "जॉइंट", "ज्वाइंट", "पत्नी के साथ", "पति के साथ",
];

/// Says why it ends here, with a way to a person.
pub(super) fn stop(scene: &Scene<'_>, why: &'static str) -> anyhow::Result<Step> {
    let say = Say::talk(refused(scene, why)?)
        .buttons(vec![person::call(scene, "kyc"), resume::to_menu(scene)]);
    Ok(Step::to(session::State::Menu, say))
}

/// Returns why an answer is not taken.
pub(super) fn refused(scene: &Scene<'_>, why: &'static str) -> anyhow::Result<String> {
    scene.say(&Text::RecordRefused { why })
}

/// Returns the template's word for a refusal, and what is asked then.
pub(super) fn why(refusal: &Refusal, asked: &Ask) -> (&'static str, Ask) {
    let word = match refusal {
        Refusal::Minor => "minor",
        Refusal::JointHolders => "joint",
        Refusal::PanTaken => "pan_taken",
        Refusal::PanFixed => "pan_fixed",
        Refusal::NameFixed => "name_fixed",
        Refusal::DateOfBirthFixed => "birth_fixed",
        Refusal::Name | Refusal::NameFirst => "name",
        Refusal::DateOfBirth => "birth",
        Refusal::NoSuchBank | Refusal::BankNotVerified => "bank",
        Refusal::Nominees(_) => "nominee",
        Refusal::Fatca(_) => "fatca",
        Refusal::Risk(_) => "risk",
    };
    let again = match asked {
        Ask::Bank(_) => Ask::Bank(bank::Draft::default()),
        Ask::Nominee(_) => Ask::Nominee(nominee::Draft::default()),
        Ask::Fatca(_) => Ask::Fatca(fatca::Draft::default()),
        Ask::Risk(_) => Ask::Risk(Answers::new()),
        other => other.clone(),
    };
    (word, again)
}

/// Repeats what was noted, numbers masked.
pub(super) fn noted(scene: &Scene<'_>, change: &Change) -> anyhow::Result<String> {
    let (part, value) = match change {
        Change::Name(name) => ("name", name.clone()),
        Change::Email(email) => ("email", email.address.clone()),
        Change::Pan(pan) => ("pan", pan.masked()),
        Change::DateOfBirth(born) => ("born", money::date(*born)),
        Change::Bank(bank) => {
            let (number, ifsc) = (bank.number.masked(), bank.ifsc.as_str());
            ("bank", format!("{number}, {ifsc}"))
        }
        Change::Nominees(nominees) => {
            let names = nominees.iter().map(|one| one.name.as_str());
            ("nominee", names.collect::<Vec<_>>().join(", "))
        }
        Change::OptOutOfNomination => ("no_nominee", String::new()),
        Change::Fatca(_) => ("fatca", String::new()),
        Change::Risk(answers) => {
            let score = scene.facts.risk_questions().score(answers);
            let level = score
                .map(|score| score.highest.as_str())
                .unwrap_or_default();
            ("risk", level.to_owned())
        }
        _ => ("other", String::new()),
    };
    scene.say(&Text::RecordNoted {
        part,
        value: &value,
    })
}

/// Says how far somebody's KYC is, and what to do about it.
pub(super) fn kyc(scene: &Scene<'_>, investor: &Investor) -> anyhow::Result<String> {
    let until = investor.kyc.valid_until.map(money::date);
    scene.say(&Text::KycIs {
        state: investor.kyc.on(scene.today).as_str(),
        agency: investor.kyc.agency.as_deref(),
        until: until.as_deref(),
        has_pan: investor.pan.is_some(),
    })
}

/// Puts the way to the menu below words.
pub(super) fn plain(scene: &Scene<'_>, text: String) -> Say {
    Say::talk(text).buttons(vec![resume::to_menu(scene)])
}

/// Puts a list below words.
pub(super) fn list(scene: &Scene<'_>, said: Say, open: Label, rows: Vec<Choice>) -> Say {
    Say {
        controls: Controls::List {
            open: scene.label(open),
            sections: vec![(scene.label(open), rows)],
        },
        ..said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_for_a_child_or_with_another_is_known_by_its_words() {
        for words in [
            "open account for my daughter",
            "beti ke naam khata",
            "बच्चे के नाम खाता",
        ] {
            assert_eq!(not_served(words), Some("minor"), "{words}");
        }
        for words in [
            "joint account",
            "patni ke saath account",
            "संयुक्त खाता खोलना है",
        ] {
            assert_eq!(not_served(words), Some("joint"), "{words}");
        }
        for words in ["open account", "khata kholna hai", "खाता खोलना है", ""]
        {
            assert_eq!(not_served(words), None, "{words}");
        }
    }
}
