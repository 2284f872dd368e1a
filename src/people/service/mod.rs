mod proofs;

use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::clock::ist;
use crate::contacts;
use crate::id::{BankAccountId, ContactId, Ids};
use crate::people::change::{Change, Recorded, Rules};
use crate::people::investor::{ExchangeAccount, Investor, Reachable};
use crate::people::kyc::KycState;
use crate::people::nominee::NewNominee;
use crate::people::ports::{KycRegistry, KycReport, RecordWatch, RegistryError};
use crate::people::risk::Answers;
use crate::people::store::{self, Recorder};
use crate::people::{Fatca, NewBank, Pan, PennyDrop};
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Db, Error};

/// What the rest of the house may ask about investors, and do to their records. Each
/// change is audited and, done again, changes nothing.
#[derive(Clone)]
pub struct People {
    db: Db,
    recorder: Recorder,
}

/// Who asks for a change, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// `contact`, `operator`, `system`, or an agent.
    pub who: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// What asking the KYC agencies came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing new.
    Same(KycState),
    /// It changed.
    Changed {
        /// What it was.
        from: KycState,
        /// What it is.
        to: KycState,
    },
    /// There is no PAN or no date of birth to ask with.
    NothingToAskWith,
    /// The agency says that PAN and date of birth are not one person's, and nothing was
    /// known of them before.
    OtherPerson,
}

impl People {
    /// Returns the room over a database.
    pub fn new(db: Db, keys: Keyring, ids: Ids, rules: Rules) -> Self {
        let lock_rows = db.lock_rows();
        let recorder = Recorder {
            watch: None,
            keys,
            ids,
            lock_rows,
            rules,
        };
        Self { db, recorder }
    }

    /// Has `watch` hear of every change of a record.
    #[must_use]
    pub fn watched_by(mut self, watch: Arc<dyn RecordWatch>) -> Self {
        self.recorder.watch = Some(watch);
        self
    }

    /// Returns what [`store::record`] needs, for whoever joins a change to a transaction.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Returns the risk questions.
    pub fn questions(&self) -> &crate::people::Questionnaire {
        &self.recorder.rules.questions
    }

    /// Returns what is on record about a contact.
    pub async fn investor(&self, contact: ContactId) -> anyhow::Result<Investor> {
        let mut conn = self.db.read().await?;
        let key = key_of(&mut conn, &self.recorder.keys, contact).await?;
        Ok(store::find_investor(&mut conn, &key, contact).await?)
    }

    /// Returns whose PAN it is, if it is on record.
    pub async fn find_by_pan(&self, pan: &Pan) -> anyhow::Result<Option<ContactId>> {
        let mut conn = self.db.read().await?;
        Ok(store::find_by_pan(&mut conn, &self.recorder.keys, pan).await?)
    }

    /// Makes a change.
    pub async fn record(
        &self,
        contact: ContactId,
        change: Change,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        let input = (self.recorder.clone(), contact, change, by.who.to_owned());
        let now = by.at;
        let recorded = self
            .db
            .write(input, move |conn, (recorder, contact, change, by)| {
                Box::pin(async move {
                    let key = key_of(conn, &recorder.keys, *contact).await?;
                    store::record(conn, recorder, *contact, &key, change, by, now).await
                })
            })
            .await?;
        Ok(recorded)
    }

    /// Makes a change on the caller's transaction.
    pub async fn record_on(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        change: &Change,
        by: By<'_>,
    ) -> Result<Recorded, Error> {
        let key = key_of(conn, &self.recorder.keys, contact).await?;
        store::record(conn, &self.recorder, contact, &key, change, by.who, by.at).await
    }

    /// Binds the record to the WhatsApp number (or user id) of whoever proved to be them.
    pub async fn bind(
        &self,
        contact: ContactId,
        number: &str,
        proof: &str,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        let change = Change::Bind {
            number: number.to_owned(),
            proof: proof.to_owned(),
        };
        self.record(contact, change, by).await
    }

    /// Records the PAN. It stands on one record only.
    pub async fn record_pan(
        &self,
        contact: ContactId,
        pan: Pan,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Pan(pan), by).await
    }

    /// Records the name as per PAN.
    pub async fn record_name(
        &self,
        contact: ContactId,
        name: &str,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Name(name.to_owned()), by)
            .await
    }

    /// Records the date of birth; minors are refused.
    pub async fn record_date_of_birth(
        &self,
        contact: ContactId,
        born: Date,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::DateOfBirth(born), by).await
    }

    /// Records the e-mail address.
    pub async fn record_email(
        &self,
        contact: ContactId,
        email: Reachable,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Email(email), by).await
    }

    /// Records the mobile number.
    pub async fn record_mobile(
        &self,
        contact: ContactId,
        mobile: Reachable,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Mobile(mobile), by).await
    }

    /// Records a bank account, unverified.
    pub async fn record_bank(
        &self,
        contact: ContactId,
        bank: NewBank,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Bank(bank), by).await
    }

    /// Records what came of a penny drop.
    pub async fn record_penny_drop(
        &self,
        contact: ContactId,
        bank: BankAccountId,
        drop: PennyDrop,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::PennyDrop(bank, drop), by)
            .await
    }

    /// Chooses which verified account counts.
    pub async fn choose_bank(
        &self,
        contact: ContactId,
        bank: BankAccountId,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::ChooseBank(bank), by).await
    }

    /// Records nominees, as many as the settings allow.
    pub async fn record_nominees(
        &self,
        contact: ContactId,
        nominees: Vec<NewNominee>,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Nominees(nominees), by).await
    }

    /// Records that there shall be no nominee.
    pub async fn opt_out_of_nomination(
        &self,
        contact: ContactId,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::OptOutOfNomination, by).await
    }

    /// Records the FATCA/CRS declaration.
    pub async fn record_fatca(
        &self,
        contact: ContactId,
        fatca: Fatca,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Fatca(fatca), by).await
    }

    /// Records answers to the risk questions and the profile they come to.
    pub async fn record_risk_answers(
        &self,
        contact: ContactId,
        answers: Answers,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Risk(answers), by).await
    }

    /// Records what a KYC agency says.
    pub async fn record_kyc(
        &self,
        contact: ContactId,
        report: KycReport,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Kyc(report), by).await
    }

    /// Records how far the account with an exchange is.
    pub async fn record_account(
        &self,
        contact: ContactId,
        account: ExchangeAccount,
        by: By<'_>,
    ) -> anyhow::Result<Recorded> {
        self.record(contact, Change::Account(account), by).await
    }

    /// Asks the KYC agencies about somebody and records the answer, unless PAN or date of
    /// birth were corrected meanwhile. What they refute is not known any more.
    pub async fn ask_registry(
        &self,
        contact: ContactId,
        registry: &dyn KycRegistry,
        now: Timestamp,
    ) -> anyhow::Result<Asked> {
        let investor = self.investor(contact).await?;
        let Some((pan, born)) = investor.pan.as_ref().zip(investor.date_of_birth) else {
            return Ok(Asked::NothingToAskWith);
        };
        let (report, is_other) = match registry.look_up(pan, born).await {
            Ok(report) => (report, false),
            Err(error @ RegistryError::OtherPerson) => (KycReport::refuted(&error), true),
            Err(error) => {
                return Err(error).with_context(|| format!("asking `{}`", registry.name()));
            }
        };
        let by = By {
            who: "system",
            at: now,
        };
        let change = Change::KycOf(pan.clone(), born, report);
        self.record(contact, change, by).await?;
        let (from, to) = (investor.kyc.state, self.investor(contact).await?.kyc.state);
        Ok(if from != to {
            Asked::Changed { from, to }
        } else if is_other {
            Asked::OtherPerson
        } else {
            Asked::Same(to)
        })
    }

    /// Returns a page of contacts whose KYC is due to be asked about, after the last of
    /// the page before.
    pub async fn to_ask(
        &self,
        now: Timestamp,
        after: Option<(i64, ContactId)>,
        most: u32,
    ) -> anyhow::Result<Vec<(i64, ContactId)>> {
        let before = now - 24.hours();
        let after = after.map(|(at, contact)| (at, contact.to_string()));
        let mut conn = self.db.read().await?;
        Ok(store::contacts_to_ask(&mut conn, before, after, i64::from(most)).await?)
    }

    /// Returns contacts whose KYC runs out in so many days from today.
    pub async fn kyc_ending_in(
        &self,
        now: Timestamp,
        days: RangeInclusive<i32>,
    ) -> anyhow::Result<Vec<(ContactId, Date)>> {
        let today = now.to_zoned(ist()).date();
        let from = today.checked_add(days.start().days())?;
        let to = today.checked_add(days.end().days())?;
        let mut conn = self.db.read().await?;
        Ok(store::expiring(&mut conn, from, to).await?)
    }
}

/// Returns a contact's key.
async fn key_of(conn: &mut Conn, keys: &Keyring, contact: ContactId) -> Result<DataKey, Error> {
    let row = contact.to_string();
    let mut found = contacts::store::load(conn, keys, std::slice::from_ref(&row)).await?;
    let stored = found.remove(&row);
    stored
        .map(|stored| stored.key)
        .ok_or_else(|| Error::Inside(anyhow::anyhow!("there is no contact {row}")))
}
