//! The dialogue's facts, from the records of the business.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::civil::Date;

use super::App;
use super::dealings::Book;
use super::forms::Proofs;
use crate::contacts::{Consent, Contact, requests};
use crate::dialogue::flows::record::Task;
use crate::dialogue::ports::{Answer, Dealings, Erasure, Forms, KycAnswer};
use crate::dialogue::{Facts, Matches};
use crate::id::ContactId;
use crate::investing::{Found, IndexLevel, Portfolio, Scheme, SchemeCode};
use crate::people::ports::{KycRegistry, RegistryError};
use crate::people::{Investor, Pan, Questionnaire};

/// The indices that stand for the market, as the exchange names them.
const INDICES: [&str; 3] = ["Nifty 50", "Nifty Midcap 150", "Nifty Smallcap 250"];

/// How long a person who chats waits for a KYC agency.
const REGISTRY_TIMEOUT: Duration = Duration::from_secs(4);

pub(super) struct Records {
    app: App,
    /// There is one once it is known where orders go.
    book: Option<Book>,
    registry: Option<Arc<dyn KycRegistry>>,
    proofs: Option<Proofs>,
}

impl Records {
    pub(super) fn new(app: App, registry: Option<Arc<dyn KycRegistry>>) -> Self {
        let proofs = app.form_proofs();
        let dealing = app.dealing().cloned();
        let book = dealing.map(|dealing| Book::new(app.clone(), dealing));
        Self {
            app,
            book,
            registry,
            proofs,
        }
    }
}

impl Facts for Records {
    fn search(&self, query: &str, most: usize) -> Matches {
        let catalog = self.app.investing.catalog();
        let scheme = |code| catalog.get(code).cloned();
        match catalog.search(query, most) {
            Found::Nothing => Matches::Nothing,
            Found::One(code) => scheme(code).map_or(Matches::Nothing, Matches::One),
            Found::Several(codes) => {
                Matches::Several(codes.into_iter().filter_map(scheme).collect())
            }
        }
    }

    fn scheme(&self, code: SchemeCode) -> Option<Scheme> {
        self.app.investing.catalog().get(code).cloned()
    }

    fn market(&self, today: Date) -> BoxFuture<'_, anyhow::Result<Vec<IndexLevel>>> {
        Box::pin(async move {
            let mut levels = Vec::new();
            for name in INDICES {
                levels.extend(self.app.investing.index_level(name, today).await?);
            }
            Ok(levels)
        })
    }

    fn investor(&self, contact: ContactId) -> Answer<'_, Investor> {
        Box::pin(self.app.people.investor(contact))
    }

    fn consents(&self, contact: ContactId) -> Answer<'_, Vec<Consent>> {
        Box::pin(self.app.people.consents(contact))
    }

    fn erasure(&self, contact: ContactId) -> Answer<'_, Erasure> {
        Box::pin(super::erasure::outlook(&self.app, contact))
    }

    fn open_task(&self, contact: ContactId, task: Task) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            let mut conn = self.app.ground.db.read().await?;
            Ok(requests::find_task(&mut conn, contact, task.as_str()).await?)
        })
    }

    fn complaint(&self, contact: ContactId) -> Answer<'_, Option<requests::Entry>> {
        Box::pin(async move {
            let mut conn = self.app.ground.db.read().await?;
            Ok(requests::last_complaint(&mut conn, contact).await?)
        })
    }

    fn risk_questions(&self) -> &Questionnaire {
        self.app.people.questions()
    }

    fn kyc<'a>(&'a self, pan: &'a Pan, born: Date) -> Answer<'a, KycAnswer> {
        Box::pin(async move {
            let Some(registry) = &self.registry else {
                return Ok(KycAnswer::NotAsked);
            };
            let asked = tokio::time::timeout(REGISTRY_TIMEOUT, registry.look_up(pan, born));
            Ok(match asked.await {
                Ok(Ok(report)) => KycAnswer::Report(report),
                Ok(Err(RegistryError::OtherPerson)) => KycAnswer::OtherPerson,
                Ok(Err(RegistryError::Unavailable(_))) | Err(_) => KycAnswer::NotAsked,
            })
        })
    }

    fn dealings(&self) -> Option<&dyn Dealings> {
        self.book.as_ref().map(|book| book as &dyn Dealings)
    }

    fn forms(&self) -> Option<&dyn Forms> {
        let published = self.app.forms_published.load(Ordering::Relaxed);
        let proofs = self.proofs.as_ref().filter(|_| published);
        proofs.map(|proofs| proofs as &dyn Forms)
    }

    fn portfolio<'a>(
        &'a self,
        contact: &'a Contact,
        today: Date,
    ) -> BoxFuture<'a, anyhow::Result<Option<Portfolio>>> {
        Box::pin(async move {
            // Whoever asks: while it is doubtful who this is, nothing is known of them.
            if contact.unverified_since.is_some() {
                return Ok(None);
            }
            if !self.app.investing.holds_anything(contact.id).await? {
                return Ok(None);
            }
            let seal = self.app.seal_of(contact.id).await?;
            self.app.investing.portfolio(contact.id, today, &seal).await
        })
    }
}
