//! The words of notices: one text for the open chat, the approved template and the letter.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use tera::{Context, Tera};

use super::definitions::{self, FOLLOW_UP, meta_code, with_required};
use super::kind::Kind;
use super::letter::Distributor;
use super::notice::{Filling, Notice};
use crate::investing::disclosures;
use crate::language::Language;
use crate::pipeline::Offered;
use crate::whatsapp::{ButtonParameter, Parameter, Template};

/// Texts that are parts of something else, in each language.
const PARTS: [(&str, [&str; 3]); 3] = [
    (
        "email",
        [
            include_str!("../../templates/en/notify_email.txt"),
            include_str!("../../templates/hi/notify_email.txt"),
            include_str!("../../templates/hinglish/notify_email.txt"),
        ],
    ),
    (
        "calendar",
        [
            include_str!("../../templates/en/notify_calendar.txt"),
            include_str!("../../templates/hi/notify_calendar.txt"),
            include_str!("../../templates/hinglish/notify_calendar.txt"),
        ],
    ),
    (
        "document_open",
        [
            include_str!("../../templates/en/notify_document_open.txt"),
            include_str!("../../templates/hi/notify_document_open.txt"),
            include_str!("../../templates/hinglish/notify_document_open.txt"),
        ],
    ),
];

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

impl Voice {
    /// Reads every text and label; fails if one does not parse.
    pub fn new() -> anyhow::Result<Self> {
        let mut tera = Tera::new();
        for (name, words) in PARTS {
            let of = Language::ALL.into_iter().zip(words);
            let sources = of.map(|(language, words)| (path(language, name), words));
            tera.add_raw_templates(sources)?;
        }
        for (name, language, words) in definitions::words()? {
            tera.add_raw_template(&path(language, &name), &words)?;
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
            cards: Vec::new(),
            words: said.words.clone(),
        }
    }

    /// Returns the template that offers an answer whose window has closed, to somebody who
    /// wrote on a day.
    pub fn follow_up(
        &self,
        language: Language,
        date: &str,
        offered: Offered,
    ) -> anyhow::Result<Template> {
        let mut context = Context::new();
        context.insert("date", date);
        Ok(Template {
            name: FOLLOW_UP.to_owned(),
            language: meta_code(language).to_owned(),
            header: None,
            body: vec![Parameter::named("date", date)],
            buttons: vec![ButtonParameter::QuickReply {
                index: 0,
                payload: offered.payload(),
            }],
            cards: Vec::new(),
            words: self.render(language, FOLLOW_UP, &context)?,
        })
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
