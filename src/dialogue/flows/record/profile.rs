//! What is on record about whoever writes, and changing it.

use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::session;
use super::super::super::texts::{RecordLines, Text};
use super::super::super::understanding::{Intent, Slots};
use super::super::{money, portfolio, resume};
use super::ask::Ask;
use super::tasks::{Task, hand_over};
use super::{Aim, FLOW, State, bank, nominee, prompt_with, say};
use crate::investing::money::date;
use crate::people::{Investor, Nomination};

/// Words of a change: without one of them a part is only shown.
#[rustfmt::skip]
const CHANGE: &[&str] = &[
    "change", "update", "add", "edit", "correct", "modify", "new ", "wrong", "set ", "badal", "badl", "jod", "galat", "naya",
    "nayi", "daal", "बदल", "जोड़", "अपडेट", "चेंज", "ग़लत", "गलत", "नया", "नई", "डाल",
];

/// The parts, by the words that name them; the first that is named counts.
#[rustfmt::skip]
const PARTS: &[(&str, &[&str])] = &[
    ("kyc", &["kyc", "केवाईसी"]),
    ("email", &["email", "e-mail", "mail", "ईमेल", "ई-मेल"]),
    ("nominee", &["nomin", "नॉमि", "नामि"]),
    ("bank", &["bank", "ifsc", "account number", "khata number", "बैंक", "खाता"]),
    ("address", &["address", "pata ", "पता"]),
    ("mobile", &["mobile", "phone", "number", "मोबाइल", "फ़ोन", "फोन", "नंबर"]),
    ("identity", &["pan", "name", "naam", "नाम", "पैन"]),
];

/// Shows the record, or opens the change that words speak of.
pub async fn open(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let said = format!("{} ", words.to_lowercase());
    let part = PARTS
        .iter()
        .find(|(_, names)| names.iter().any(|name| said.contains(name)));
    let changes = CHANGE.iter().any(|word| said.contains(word));
    match part {
        Some(("kyc", _)) => kyc(scene).await,
        Some((part, _)) if changes => change(scene, part).await,
        _ => show(scene).await,
    }
}

/// Begins the change of a part.
pub(super) async fn change(scene: &Scene<'_>, part: &str) -> anyhow::Result<Step> {
    let ask = match part {
        "email" => Ask::Email,
        "bank" => Ask::Bank(bank::Draft::default()),
        "nominee" => Ask::Nominee(nominee::Draft::default()),
        "address" => return hand_over(scene, Task::Address).await,
        "mobile" => return hand_over(scene, Task::Mobile).await,
        "identity" => return hand_over(scene, Task::Identity).await,
        "mandate" => return money::open(scene, Intent::Mandate, &Slots::default()).await,
        "kyc" => return kyc(scene).await,
        _ => return show(scene).await,
    };
    let investor = scene.facts.investor(scene.contact.id).await?;
    let consents = scene.facts.consents(scene.contact.id).await?;
    // Nothing is taken before they agreed that it is kept, and a bank needs a name.
    if !super::is_account_given(&consents) || investor.name.is_none() {
        return super::open_account(scene, "").await;
    }
    let aim = Aim::Part;
    prompt_with(scene, &State::asking(aim, ask), &investor, false)
}

async fn kyc(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let investor = scene.facts.investor(scene.contact.id).await?;
    let say = Say::talk(say::kyc(scene, &investor)?).buttons(buttons(scene, &investor));
    Ok(Step::to(session::State::Menu, say))
}

fn buttons(scene: &Scene<'_>, investor: &Investor) -> Vec<Choice> {
    let further = further(scene, investor);
    further
        .into_iter()
        .chain([resume::to_menu(scene)])
        .collect()
}

/// Returns the button that goes on with a record, where something is missing.
fn further(scene: &Scene<'_>, investor: &Investor) -> Option<Choice> {
    let is_missing = Ask::first_missing(investor).is_some();
    is_missing.then(|| complete(scene, !investor.accounts.is_empty()))
}

/// Returns the button that opens an account, or that gives what one that is there lacks.
pub fn complete(scene: &Scene<'_>, has_account: bool) -> Choice {
    let label = if has_account {
        Label::CompleteRecord
    } else {
        Label::OpenAccount
    };
    Choice::new(FLOW, "open", "account", scene.label(label))
}

/// Shows what is on record; PAN and account numbers masked.
async fn show(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let investor = scene.facts.investor(scene.contact.id).await?;
    let lines = lines(scene, &investor);
    let text = scene.say(&Text::Profile { record: &lines })?;
    let row = |part: &str, label| Choice::new(FLOW, "open", part, scene.label(label));
    let mut rows = vec![
        row("email", Label::ChangeEmail),
        row("bank", Label::ChangeBank),
        row("nominee", Label::ChangeNominee),
        row("mandate", Label::ChangeMandate),
        row("address", Label::ChangeAddress),
    ];
    if let Some(further) = further(scene, &investor) {
        rows.insert(0, further);
    }
    let say = say::list(scene, Say::talk(text), Label::OpenChanges, rows);
    Ok(Step::to(session::State::Menu, say))
}

fn lines(scene: &Scene<'_>, investor: &Investor) -> RecordLines {
    let nominees = match &investor.nomination {
        Nomination::NotSaid => None,
        Nomination::OptedOut => Some(scene.label(Label::NoNominee).to_owned()),
        Nomination::Nominees { nominees } => {
            let one = |one: &crate::people::Nominee| {
                let relation = nominee::label(&one.relationship);
                let relation =
                    relation.map_or(one.relationship.as_str(), |label| scene.label(label));
                format!("{} ({relation}, {} %)", one.name, one.share)
            };
            Some(nominees.iter().map(one).collect::<Vec<_>>().join(", "))
        }
    };
    let bank = investor.bank();
    RecordLines {
        name: investor.name.clone(),
        pan: investor.pan.as_ref().map(crate::people::Pan::masked),
        born: investor.date_of_birth.map(date),
        email: investor.email.as_ref().map(|email| email.address.clone()),
        kyc: investor.kyc.on(scene.today).as_str(),
        bank: bank.map(|bank| {
            let (number, ifsc) = (bank.account.number.masked(), bank.account.ifsc.as_str());
            format!("{number}, {ifsc}")
        }),
        bank_state: bank.map_or("unverified", |bank| bank.verification.as_str()),
        nominees,
        has_fatca: investor.fatca.is_some(),
        risk: investor.risk.as_ref().map(|risk| risk.highest.as_str()),
        account: investor.accounts.first().map(|one| one.state.as_str()),
    }
}
