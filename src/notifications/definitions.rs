//! Every template the product has, read from `templates/meta/` and held against Meta's limits.
//!
//! The words of a notice stand there once: the open chat, the letter and the approved
//! template all say them. Required texts are put there by rule, not by hand.

use crate::investing::disclosures::{self, Disclosure, Subject};
use crate::language::Language;
use crate::notifications::Kind;
use crate::whatsapp::templates::{self, Definition, Fault, Located};

macro_rules! files {
    ($($name:literal => $subject:expr,)*) => {
        /// Each file: its path, what it says, and what that is about for the rules on
        /// required texts.
        const FILES: &[(&str, &str, Subject)] = &[
            $((
                concat!("templates/meta/", $name, ".txt"),
                include_str!(concat!("../../templates/meta/", $name, ".txt")),
                $subject,
            ),)*
        ];
    };
}

files! {
    "instalment_due" => Kind::InstalmentDue.subject(),
    "instalment_debited" => Kind::InstalmentDebited.subject(),
    "instalment_failed" => Kind::InstalmentFailed.subject(),
    "instalment_failed_last" => Kind::InstalmentFailed.subject(),
    "plan_awaiting" => Kind::PlanAwaiting.subject(),
    "plan_change_awaiting" => Kind::PlanAwaiting.subject(),
    "plan_active" => Kind::PlanActive.subject(),
    "plan_paused" => Kind::PlanPaused.subject(),
    "plan_paused_open" => Kind::PlanPaused.subject(),
    "plan_resumed" => Kind::PlanResumed.subject(),
    "plan_resumed_open" => Kind::PlanResumed.subject(),
    "plan_completed" => Kind::PlanEnded.subject(),
    "plan_cancelled" => Kind::PlanEnded.subject(),
    "plan_cancelled_exchange" => Kind::PlanEnded.subject(),
    "plan_auto_cancelled" => Kind::PlanEnded.subject(),
    "plan_unlinked" => Kind::PlanEnded.subject(),
    "plan_ended" => Kind::PlanEnded.subject(),
    "mandate_awaiting" => Kind::MandateAwaiting.subject(),
    "mandate_active" => Kind::MandateActive.subject(),
    "mandate_failed" => Kind::MandateFailed.subject(),
    "mandate_failed_reason" => Kind::MandateFailed.subject(),
    "order_placed" => Kind::OrderPlaced.subject(),
    "order_placed_link" => Kind::OrderPlaced.subject(),
    "order_placed_approve" => Kind::OrderPlaced.subject(),
    "payment_failed" => Kind::PaymentFailed.subject(),
    "order_allotted" => Kind::OrderAllotted.subject(),
    "order_redeemed" => Kind::OrderRedeemed.subject(),
    "order_rejected" => Kind::OrderRejected.subject(),
    "order_rejected_refund" => Kind::OrderRejected.subject(),
    "document_ready" => Kind::DocumentReady.subject(),
    "document_attached" => Kind::DocumentReady.subject(),
    "kyc_changed" => Kind::KycChanged.subject(),
    "account_awaiting" => Kind::AccountAwaiting.subject(),
    "account_active" => Kind::AccountActive.subject(),
    "account_failed" => Kind::AccountFailed.subject(),
    "account_failed_reason" => Kind::AccountFailed.subject(),
    "handoff_follow_up" => Subject::Talk,
    "one_time_code" => Subject::Talk,
    "step_up_idea" => Subject::Investing,
    "tax_year_end" => Subject::Investing,
    "chat_services" => Subject::Investing,
}

/// The words that offer an answer whose 24-hour window has closed.
pub const FOLLOW_UP: &str = "handoff_follow_up";

/// The words above which a document of somebody's goes itself.
pub(super) const ATTACHED: &str = "document_attached";

/// What is wrong with the definitions.
#[derive(Debug, thiserror::Error)]
#[error("{} faults in the templates:\n{}", .0.len(), listed(.0))]
pub struct Faulty(Vec<Fault>);

fn listed(faults: &[Fault]) -> String {
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Returns every definition as it is handed in, or what is wrong with them.
pub fn definitions() -> Result<Vec<Definition>, Faulty> {
    let mut all: Vec<Located> = Vec::new();
    for (file, text, subject) in FILES {
        let required = disclosures::required(*subject, false);
        for mut one in read(file, text)? {
            if !one.definition.content.body.is_empty() {
                let body = &mut one.definition.content.body;
                *body = with_required(body, &required, "_");
            }
            all.push(one);
        }
    }
    let faults = templates::check(&all);
    if faults.is_empty() {
        Ok(all.into_iter().map(|one| one.definition).collect())
    } else {
        Err(Faulty(faults))
    }
}

/// Returns name, language and words of each, without required texts.
pub(super) fn words() -> Result<Vec<(String, Language, String)>, Faulty> {
    let mut all = Vec::new();
    for (file, text, _) in FILES {
        let own = read(file, text)?.into_iter().filter_map(|one| {
            let it = one.definition;
            Some((it.name, language(&it.language)?, it.content.body))
        });
        all.extend(own);
    }
    Ok(all)
}

fn read(file: &str, text: &str) -> Result<Vec<Located>, Faulty> {
    templates::parse(file, text).map_err(|fault| Faulty(vec![fault]))
}

/// Returns Meta's code of a language. Meta has none for Hindi in Latin letters; `en_IN` is
/// not otherwise used.
pub const fn meta_code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Hi => "hi",
        Language::Hinglish => "en_IN",
    }
}

fn language(code: &str) -> Option<Language> {
    Language::ALL
        .into_iter()
        .find(|language| meta_code(*language) == code)
}

/// Puts the required texts below what is said.
pub(super) fn with_required(said: &str, required: &[Disclosure], mark: &str) -> String {
    let owes_risk = required
        .iter()
        .any(|text| matches!(text, Disclosure::MarketRisk));
    if owes_risk {
        format!("{said}\n\n{mark}{}{mark}", disclosures::MARKET_RISK)
    } else {
        said.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::whatsapp::templates::Category;

    #[test]
    fn every_file_of_the_folder_is_handed_in_in_every_language() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/meta");
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            // Beside them is the folder of what a reviewer is shown.
            .filter(|name| name != "samples")
            .collect();
        let all = definitions().unwrap();
        let known: BTreeSet<String> = all.iter().map(|one| format!("{}.txt", one.name)).collect();
        assert_eq!(on_disk, known);
        for name in known {
            let name = name.trim_end_matches(".txt");
            let languages: Vec<_> = all.iter().filter(|one| one.name == name).collect();
            assert_eq!(languages.len(), Language::ALL.len(), "{name}");
        }
    }

    #[test]
    fn three_templates_promote_and_say_how_to_end_it() {
        let all = definitions().unwrap();
        let promoting: Vec<_> = all
            .iter()
            .filter(|one| one.category == Category::Marketing)
            .collect();
        assert_eq!(promoting.len(), 3 * Language::ALL.len());
        for one in promoting {
            // A carousel has no footer: it says so in its words.
            let words = &one.content.body;
            let end = match &one.content.footer {
                Some(footer) => footer,
                None => words.split("\n\n").next().unwrap_or(""),
            };
            assert_eq!(one.content.footer.is_none(), !one.content.cards.is_empty());
            assert!(end.contains("STOP"), "{}", one.name);
            assert!(
                one.content.body.contains(disclosures::MARKET_RISK),
                "{}",
                one.name
            );
        }
    }
}
