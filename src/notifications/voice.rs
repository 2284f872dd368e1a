//! The words of notices: one text for the open chat, the approved template and the letter.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use tera::{Context, Tera};

use super::kind::Kind;
use super::letter::Distributor;
use super::notice::{Filling, Notice};
use crate::investing::disclosures::{self, Disclosure};
use crate::language::Language;
use crate::whatsapp::{Parameter, Template};

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// Every text: its name, and its words in each language.
        const TEXTS: &[(&str, [&str; 3])] = &[
            $(($name, [
                include_str!(concat!("../../templates/en/notify_", $name, ".txt")),
                include_str!(concat!("../../templates/hi/notify_", $name, ".txt")),
                include_str!(concat!("../../templates/hinglish/notify_", $name, ".txt")),
            ]),)*
        ];
    };
}

sources! {
    "instalment_due", "instalment_debited", "instalment_failed", "instalment_failed_last",
    "plan_awaiting", "plan_change_awaiting", "plan_active", "plan_paused", "plan_paused_open", "plan_resumed", "plan_resumed_open",
    "plan_completed", "plan_cancelled", "plan_cancelled_exchange", "plan_auto_cancelled",
    "plan_unlinked", "plan_ended", "mandate_awaiting", "mandate_active", "mandate_failed",
    "mandate_failed_reason", "order_placed", "order_placed_link", "payment_failed", "order_allotted",
    "order_redeemed", "order_rejected", "order_rejected_refund", "document_ready",
    "kyc_changed", "account_awaiting", "account_active", "account_failed",
    "account_failed_reason", "email", "calendar",
}

/// Texts that are parts of something else and not notices.
const PARTS: [&str; 2] = ["email", "calendar"];

const LABELS: [&str; 3] = [
    include_str!("../../templates/en/notify_labels.txt"),
    include_str!("../../templates/hi/notify_labels.txt"),
    include_str!("../../templates/hinglish/notify_labels.txt"),
];

type Labels = HashMap<&'static str, &'static str>;

/// Puts notices into words. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    tera: Arc<Tera>,
    labels: Arc<HashMap<Language, Labels>>,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The words for WhatsApp, required texts included.
    pub words: String,
    /// The same without WhatsApp's marks.
    pub plain: String,
    /// What is said in its places.
    pub places: Vec<(&'static str, String)>,
    /// Keys of the required texts.
    pub disclosures: Vec<&'static str>,
}

/// The definition of a template, as it is handed in to Meta for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Meta's code of its language.
    pub language: &'static str,
    /// The body with its named places.
    pub body: String,
    /// An example for each place.
    pub examples: Vec<(&'static str, String)>,
}

impl Voice {
    /// Reads every text and label; fails if one does not parse.
    pub fn new() -> anyhow::Result<Self> {
        let mut tera = Tera::new();
        for (name, words) in TEXTS {
            let of = Language::ALL.into_iter().zip(words);
            let sources = of.map(|(language, words)| (path(language, name), *words));
            tera.add_raw_templates(sources)?;
        }
        let mut labels = HashMap::new();
        for (language, source) in Language::ALL.into_iter().zip(LABELS) {
            for line in source.lines().filter(|line| !line.trim().is_empty()) {
                let (key, text) = line.split_once('=').with_context(|| {
                    format!("{} in {}/notify_labels.txt", line, language.code())
                })?;
                let of: &mut Labels = labels.entry(language).or_default();
                of.insert(key.trim(), text.trim());
            }
        }
        Ok(Self {
            tera: Arc::new(tera),
            labels: Arc::new(labels),
        })
    }

    /// Says a notice in a language.
    pub fn say(&self, language: Language, notice: &Notice) -> anyhow::Result<Said> {
        let places: Vec<_> = notice
            .places
            .iter()
            .map(|(place, filling)| match filling {
                Filling::Same(text) => Ok((*place, text.clone())),
                Filling::Label(key) => Ok((*place, self.label(language, key)?.to_owned())),
            })
            .collect::<anyhow::Result<_>>()?;
        let mut context = Context::new();
        for (place, text) in &places {
            // As it will stand in a template: no line breaks or runs of spaces.
            context.insert(*place, &Parameter::named(place, text).text);
        }
        let said = self.render(language, notice.name, &context)?;
        let required = disclosures::required(notice.kind.subject(), false);
        Ok(Said {
            plain: with_required(&said, &required, ""),
            words: with_required(&said, &required, "_"),
            places,
            disclosures: disclosures::record(&required),
        })
    }

    /// Returns the template message of a notice.
    pub fn template(language: Language, notice: &Notice, said: &Said) -> Template {
        Template {
            name: notice.name.to_owned(),
            language: meta_code(language).to_owned(),
            header: None,
            body: said
                .places
                .iter()
                .map(|(place, text)| Parameter::named(place, text))
                .collect(),
            buttons: Vec::new(),
            words: said.words.clone(),
        }
    }

    /// Returns the subject of a letter.
    pub fn subject(&self, language: Language, kind: Kind) -> anyhow::Result<&'static str> {
        self.label(language, subject_key(kind))
    }

    /// Returns the words of a letter around those of a notice.
    pub fn letter(
        &self,
        language: Language,
        from: &Distributor,
        name: Option<&str>,
        said: &Said,
    ) -> anyhow::Result<String> {
        let mut context = Context::new();
        context.insert("name", &name);
        context.insert("words", &said.plain);
        context.insert("distributor", &from.name);
        context.insert("registration", disclosures::IDENTITY);
        context.insert("arn", &from.arn);
        context.insert("grievance", &from.grievance_contact);
        self.render(language, "email", &context)
    }

    /// Returns the title and the description of an instalment in a calendar.
    pub fn calendar(
        &self,
        language: Language,
        amount: &str,
        scheme: &str,
    ) -> anyhow::Result<(String, String)> {
        let mut context = Context::new();
        context.insert("amount", amount);
        context.insert("scheme", scheme);
        let text = self.render(language, "calendar", &context)?;
        let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
        Ok((title.to_owned(), rest.to_owned()))
    }

    /// Returns a short text by its key.
    pub fn label(&self, language: Language, key: &str) -> anyhow::Result<&'static str> {
        let known = self.labels.get(&language).and_then(|of| of.get(key));
        known.copied().with_context(|| {
            format!(
                "label {key} is missing in {}/notify_labels.txt",
                language.code()
            )
        })
    }

    fn render(&self, language: Language, name: &str, context: &Context) -> anyhow::Result<String> {
        let path = path(language, name);
        let said = self.tera.render(&path, context);
        Ok(said
            .with_context(|| format!("template {path}"))?
            .trim()
            .to_owned())
    }
}

/// Returns the definitions of all templates, from notices that say everything they may.
pub fn definitions(samples: &[Notice], voice: &Voice) -> anyhow::Result<Vec<Definition>> {
    let mut found = Vec::new();
    for (at, language) in Language::ALL.into_iter().enumerate() {
        for (name, words) in TEXTS.iter().filter(|(name, _)| !PARTS.contains(name)) {
            let sample = samples.iter().find(|sample| sample.name == *name);
            let sample = sample.with_context(|| format!("no sample for {name}"))?;
            let required = disclosures::required(sample.kind.subject(), false);
            let body = words[at].trim().replace("{{ ", "{{").replace(" }}", "}}");
            found.push(Definition {
                name,
                language: meta_code(language),
                body: with_required(&body, &required, "_"),
                examples: voice.say(language, sample)?.places,
            });
        }
    }
    Ok(found)
}

/// Meta has no code for Hindi in Latin letters; `en_IN` is not otherwise used.
const fn meta_code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Hi => "hi",
        Language::Hinglish => "en_IN",
    }
}

fn with_required(said: &str, required: &[Disclosure], mark: &str) -> String {
    let owes_risk = required
        .iter()
        .any(|text| matches!(text, Disclosure::MarketRisk));
    if owes_risk {
        format!("{said}\n\n{mark}{}{mark}", disclosures::MARKET_RISK)
    } else {
        said.to_owned()
    }
}

fn path(language: Language, name: &str) -> String {
    format!("{}/notify_{name}.txt", language.code())
}

const fn subject_key(kind: Kind) -> &'static str {
    match kind {
        Kind::InstalmentDue => "subject_instalment_due",
        Kind::InstalmentDebited => "subject_instalment_debited",
        Kind::InstalmentFailed => "subject_instalment_failed",
        Kind::PlanAwaiting => "subject_plan_awaiting",
        Kind::PlanActive => "subject_plan_active",
        Kind::PlanPaused => "subject_plan_paused",
        Kind::PlanResumed => "subject_plan_resumed",
        Kind::PlanEnded => "subject_plan_ended",
        Kind::MandateAwaiting => "subject_mandate_awaiting",
        Kind::MandateActive => "subject_mandate_active",
        Kind::MandateFailed => "subject_mandate_failed",
        Kind::OrderPlaced => "subject_order_placed",
        Kind::PaymentFailed => "subject_payment_failed",
        Kind::OrderAllotted => "subject_order_allotted",
        Kind::OrderRedeemed => "subject_order_redeemed",
        Kind::OrderRejected => "subject_order_rejected",
        Kind::DocumentReady => "subject_document_ready",
        Kind::KycChanged => "subject_kyc_changed",
        Kind::AccountAwaiting => "subject_account_awaiting",
        Kind::AccountActive => "subject_account_active",
        Kind::AccountFailed => "subject_account_failed",
    }
}
