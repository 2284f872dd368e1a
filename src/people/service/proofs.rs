//! What investors agreed to and acknowledged, and money that stands still.

use jiff::Timestamp;

use super::{By, People, key_of};
use crate::contacts::{self, Consent, NewConsent};
use crate::id::{ConsentId, ContactId};
use crate::people::Answers;
use crate::people::gate::Acknowledgement;
use crate::people::investor::MoneyPause;
use crate::people::store::{self, NewAcknowledgement};
use crate::security::audit;
use crate::storage::{Conn, Error};

impl People {
    /// Puts consent on record, or its withdrawal, as it was `said` then, with an audit row.
    pub async fn record_consent(
        &self,
        contact: ContactId,
        consent: NewConsent,
        by: By<'_>,
        said: Timestamp,
    ) -> anyhow::Result<ConsentId> {
        let input = (self.clone(), contact, consent, by.who.to_owned());
        let at = by.at;
        let id = self
            .db
            .write(input, move |conn, (people, contact, consent, who)| {
                Box::pin(async move {
                    let by = By { who, at };
                    people
                        .record_consent_on(conn, *contact, consent, by, said)
                        .await
                })
            })
            .await?;
        Ok(id)
    }

    /// The same, on the caller's transaction.
    pub async fn record_consent_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        consent: &NewConsent,
        by: By<'_>,
        said: Timestamp,
    ) -> Result<ConsentId, Error> {
        let key = key_of(conn, &self.recorder.keys, contact).await?;
        let ids = &self.recorder.ids;
        let action = if consent.given {
            "consent_given"
        } else {
            "consent_withdrawn"
        };
        audit::record(conn, ids, by.who, action, &contact.to_string(), by.at).await?;
        contacts::store::record_consent(conn, contact, &key, ids, consent, said).await
    }

    /// Returns what a contact consented to and withdrew, oldest first.
    pub async fn consents(&self, contact: ContactId) -> anyhow::Result<Vec<Consent>> {
        let mut conn = self.db.read().await?;
        let key = key_of(&mut conn, &self.recorder.keys, contact).await?;
        Ok(contacts::store::list_consents(&mut conn, contact, &key).await?)
    }

    /// The same, on the caller's transaction.
    pub async fn consents_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
    ) -> Result<Vec<Consent>, Error> {
        let key = key_of(conn, &self.recorder.keys, contact).await?;
        contacts::store::list_consents(conn, contact, &key).await
    }

    /// Puts on record what an investor acknowledged in writing about a scheme's risk.
    pub async fn acknowledge(
        &self,
        contact: ContactId,
        new: NewAcknowledgement,
        by: By<'_>,
    ) -> anyhow::Result<()> {
        let input = (self.recorder.clone(), contact, new, by.who.to_owned());
        let now = by.at;
        self.db
            .write(input, move |conn, (recorder, contact, new, by)| {
                Box::pin(async move {
                    let key = key_of(conn, &recorder.keys, *contact).await?;
                    let ids = &recorder.ids;
                    store::acknowledge(conn, ids, *contact, &key, new, by, now).await
                })
            })
            .await?;
        Ok(())
    }

    /// Returns what a contact acknowledged, oldest first: about which scheme, what, when.
    pub async fn acknowledgements(
        &self,
        contact: ContactId,
    ) -> anyhow::Result<Vec<(u32, Acknowledgement, Timestamp)>> {
        let mut conn = self.db.read().await?;
        Ok(store::list_all_acknowledgements(&mut conn, contact).await?)
    }

    /// Returns what a contact answered to the risk questions last, by question.
    pub async fn risk_answers(&self, contact: ContactId) -> anyhow::Result<Option<Answers>> {
        let mut conn = self.db.read().await?;
        let key = key_of(&mut conn, &self.recorder.keys, contact).await?;
        Ok(store::find_answers(&mut conn, &key, contact).await?)
    }

    /// Pauses the money of one investor; returns whether it was not paused before.
    pub async fn pause_money(
        &self,
        contact: ContactId,
        reason: &str,
        by: By<'_>,
    ) -> anyhow::Result<bool> {
        let ids = self.recorder.ids.clone();
        let input = (ids, contact, reason.to_owned(), by.who.to_owned());
        let now = by.at;
        let paused = self
            .db
            .write(input, move |conn, (ids, contact, reason, by)| {
                Box::pin(store::pause_money(conn, ids, *contact, reason, by, now))
            })
            .await?;
        Ok(paused)
    }

    /// Lets it move again; returns whether it was paused.
    pub async fn release_money(&self, contact: ContactId, by: By<'_>) -> anyhow::Result<bool> {
        let input = (self.recorder.ids.clone(), contact, by.who.to_owned());
        let now = by.at;
        let released = self
            .db
            .write(input, move |conn, (ids, contact, by)| {
                Box::pin(store::release_money(conn, ids, *contact, by, now))
            })
            .await?;
        Ok(released)
    }

    /// Lists every investor whose money is paused.
    pub async fn money_pauses(&self) -> anyhow::Result<Vec<(ContactId, MoneyPause)>> {
        let mut conn = self.db.read().await?;
        Ok(store::list_money_pauses(&mut conn).await?)
    }
}
