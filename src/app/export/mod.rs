//! A copy of what is kept of somebody: one JSON file behind a link that expires.

mod held;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::App;
use super::services::PAPERS;
use crate::clock::ist;
use crate::contacts::requests;
use crate::contacts::store::load;
use crate::dialogue::policy::{Heard, hear};
use crate::documents::{Announce, Document, Kind};
use crate::id::ContactId;
use crate::language::Language;
use crate::notifications::service::list_wishes;
use crate::people::gate::Acknowledgement;
use crate::people::{Investor, Nomination, Pan, mask_numbers};
use crate::pipeline::{Job, JobError, JobHandler, Line, conversation};

/// The kind of the job.
const KIND: &str = "export";

/// Whose it is, the request says.
#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    language: Language,
    number: String,
}

/// Returns the job that makes a copy for the request of this number.
pub(super) fn job(number: &str, language: Language, now: Timestamp) -> anyhow::Result<Job> {
    let wanted = Wanted {
        language,
        number: number.to_owned(),
    };
    Ok(Job {
        kind: KIND,
        unique_key: format!("{KIND}:{number}"),
        payload: serde_json::to_vec(&wanted)?,
        run_at: now,
    })
}

/// Makes copies and tells their links. Run again after it broke off, it makes one more
/// link, which the same person gets; of a request that is closed, none.
pub(super) struct Export {
    app: App,
}

impl Export {
    pub(super) fn new(app: App) -> Self {
        Self { app }
    }

    async fn copy(&self, wanted: &Wanted, now: Timestamp) -> anyhow::Result<()> {
        let mut conn = self.app.ground.db.read().await?;
        let asked_by = requests::find_open(&mut conn, &wanted.number, "").await?;
        drop(conn);
        // Whoever asked may be another contact by now; what is closed was served.
        let Some(contact) = asked_by else {
            return Ok(());
        };
        let copy = self.app.copy_of(contact, now).await?;
        let today = now.to_zoned(ist()).date();
        let title = match wanted.language {
            Language::En => "Copy of your data",
            Language::Hi => "आपके डेटा की कॉपी",
            Language::Hinglish => "Aapke data ki copy",
        };
        let document = Document {
            kind: Kind::PersonalData,
            title: title.to_owned(),
            file_name: format!("{}-{today}.json", Kind::PersonalData),
            mime: "application/json",
            caption: title.to_owned(),
            bytes: serde_json::to_vec_pretty(&copy)?,
        };
        let documents = self.app.documents();
        documents.publish(contact, &document, Announce::Yes).await?;
        self.app.ground.wakes.events.wake();
        let number = wanted.number.clone();
        let closed = self.app.ground.db.write(number, move |conn, number| {
            Box::pin(requests::close(conn, number, "copied", now))
        });
        Ok(closed.await?)
    }
}

impl JobHandler for Export {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> Line {
        PAPERS
    }

    fn run<'a>(&'a self, payload: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let wanted: Wanted =
                serde_json::from_slice(payload).map_err(|error| JobError::Fail(error.into()))?;
            Ok(self.copy(&wanted, now).await?)
        })
    }
}

impl App {
    /// Returns what is kept of a contact, PAN and account numbers masked, also where they
    /// were typed: whoever has the link to it can read it.
    async fn copy_of(&self, contact: ContactId, now: Timestamp) -> anyhow::Result<Value> {
        let today = now.to_zoned(ist()).date();
        let row = contact.to_string();
        let mut conn = self.ground.db.read().await?;
        let keys = &self.ground.keys;
        let mut loaded = load(&mut conn, keys, std::slice::from_ref(&row)).await?;
        let stored = loaded.remove(&row).context("no such contact")?;
        let (exchanges, left_out) = conversation(&mut conn, keys, &stored).await?;
        let requests = requests::list(&mut conn, contact).await?;
        let wishes = list_wishes(&mut conn, contact).await?;
        drop(conn);
        let said: Vec<Value> = exchanges
            .iter()
            .map(|exchange| {
                let words = match hear(&exchange.message.content) {
                    Heard::Words(words) | Heard::Captioned { words, .. } | Heard::Form(words) => {
                        words
                    }
                    Heard::Tap { title: label, .. } | Heard::ShowAnswer { label, .. } => label,
                    Heard::Opened | Heard::Unreadable(_) | Heard::Nothing => "",
                };
                let answers = exchange
                    .answers
                    .iter()
                    .map(|answer| mask_numbers(answer.words()));
                json!({
                    "at": exchange.at.to_string(),
                    "you": mask_numbers(words),
                    "we": answers.collect::<Vec<_>>(),
                })
            })
            .collect();
        let person = &stored.contact;
        Ok(json!({
            "of": { "name": person.name, "phone": person.phone, "language": person.language,
                    "marketing": person.marketing.as_str(), "came_by": self.came_by(contact).await? },
            "made_at": now.to_string(),
            "note": "PAN and account numbers are masked, because whoever has the link can read this. \
                     Files you sent and notices we sent are not in it.",
            "record": record(&self.people.investor(contact).await?),
            "answers_about_risk": self.people.risk_answers(contact).await?,
            "acknowledged": self.acknowledged_by(contact).await?,
            "consents": self.consents_of(contact).await?,
            "wishes_for_notices": wishes
                .iter()
                .map(|(scope, wish)| json!({ "of": scope.as_str(), "way": wish.as_str() }))
                .collect::<Vec<_>>(),
            "holdings": self.holdings_of(contact, today).await?,
            "dealings": self.dealings_of(contact).await?,
            "requests": requests
                .iter()
                .map(|(number, kind, outcome)| json!({ "number": number, "kind": kind, "outcome": outcome }))
                .collect::<Vec<_>>(),
            "messages": said,
            "messages_no_longer_kept": left_out,
        }))
    }

    async fn acknowledged_by(&self, contact: ContactId) -> anyhow::Result<Vec<Value>> {
        let all = self.people.acknowledgements(contact).await?;
        let one = |(scheme, what, at): &(u32, Acknowledgement, Timestamp)| json!({ "scheme": scheme.to_string(), "what": what, "at": at.to_string() });
        Ok(all.iter().map(one).collect())
    }

    async fn consents_of(&self, contact: ContactId) -> anyhow::Result<Vec<Value>> {
        let ledger = self.people.consents(contact).await?;
        let one = |consent: &crate::contacts::Consent| {
            json!({
                "purpose": consent.purpose.as_str(), "given": consent.given,
                "at": consent.at.to_string(), "source": consent.source,
                "shown": mask_numbers(&consent.proof.shown),
                "answer": mask_numbers(&consent.proof.answer),
            })
        };
        Ok(ledger.iter().map(one).collect())
    }
}

fn record(investor: &Investor) -> Value {
    let banks = investor.banks.iter().map(|bank| {
        json!({
            "account": bank.account.number.masked(), "ifsc": bank.account.ifsc.as_str(),
            "holder": bank.account.holder, "verification": bank.verification.as_str(),
        })
    });
    let nominees = match &investor.nomination {
        Nomination::NotSaid => Value::Null,
        Nomination::OptedOut => json!("none, as declared"),
        Nomination::Nominees { nominees } => json!(nominees),
    };
    let accounts = investor.accounts.iter().map(|account| {
        json!({ "exchange": account.gateway, "client_code": account.ucc, "state": account.state.as_str() })
    });
    let risk = investor.risk.as_ref();
    json!({
        "name": investor.name,
        "pan": investor.pan.as_ref().map(Pan::masked),
        "date_of_birth": investor.date_of_birth.map(|born| born.to_string()),
        "email": investor.email.as_ref().map(|email| &email.address),
        "mobile": investor.mobile.as_ref().map(|mobile| &mobile.address),
        "kyc": { "state": investor.kyc.state.as_str(), "agency": investor.kyc.agency },
        "banks": banks.collect::<Vec<_>>(),
        "nomination": nominees,
        "fatca": investor.fatca,
        "risk": risk.map(|risk| json!({
            "category": risk.category, "highest": risk.highest.as_str(),
            "taken_at": risk.taken_at.to_string(), "version": risk.version,
        })),
        "accounts": accounts.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::demo_app::{self, STATEMENT};
    use super::*;

    #[tokio::test]
    async fn a_copy_has_what_is_kept_with_numbers_masked() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact("919000000000").await.unwrap();
        let copy = app.copy_of(asha, app.ground.clock.now()).await.unwrap();
        let text = copy.to_string();
        for part in [
            "ASHA DEMO",
            "AAxxxxxx0A",
            "xxxx4321",
            "RAVI DEMO",
            "data_sharing:kra",
        ] {
            assert!(text.contains(part), "{part}");
        }
        for secret in ["AAAPA0000A", "100000004321"] {
            assert!(!text.contains(secret), "{secret}");
        }
        let held = &copy["holdings"];
        assert!(!held["now"].as_array().unwrap().is_empty());
        assert_eq!(held["in_the_name_of"]["pan"], "AAxxxxxx0A");
        let statement: Value = serde_json::from_slice(STATEMENT).unwrap();
        let rows = |schemes: &Value| -> usize {
            let schemes = schemes.as_array().unwrap().iter();
            schemes
                .map(|one| one["rows"].as_array().unwrap().len())
                .sum()
        };
        let printed = statement["folios"].as_array().unwrap().iter();
        let printed = printed.flat_map(|folio| folio["schemes"].as_array().unwrap());
        let printed = printed.map(|scheme| scheme["transactions"].as_array().unwrap().len());
        assert_eq!(rows(&held["transactions"]), printed.sum::<usize>());
        assert!(!copy["answers_about_risk"].as_object().unwrap().is_empty());
        app.ground.db.close().await;
    }
}
