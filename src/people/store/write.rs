//! Writes an investor's record, one change at a time.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{INVESTORS, answers_place, bank_place, find_investor, place};
use crate::clock::ist;
use crate::id::{AttentionId, BankAccountId, ContactId, Ids, RiskProfileId};
use crate::people::bank::{NewBank, Verification, same_person};
use crate::people::change::{Change, Recorded, Rules, Step, decide};
use crate::people::fatca::PoliticalExposure;
use crate::people::investor::{AccountState, ExchangeAccount, Investor, Refusal};
use crate::people::kyc::KycState;
use crate::people::ports::{KycReport, RecordWatch};
use crate::security::{DataKey, Keyring, audit};
use crate::storage::{Conn, Error, sql};

/// What writing a record takes, besides the change.
#[derive(Clone)]
pub struct Recorder {
    /// Hears of what was written, in the same transaction.
    pub watch: Option<Arc<dyn RecordWatch>>,
    /// For blind indexes.
    pub keys: Keyring,
    /// New ids.
    pub ids: Ids,
    /// Appended to a `select` of a row that is about to be changed
    /// ([`crate::storage::Db::lock_rows`]).
    pub lock_rows: &'static str,
    /// What the rules go by.
    pub rules: Rules,
}

/// Makes a change of an investor's record on the caller's transaction, with its audit
/// row; done again it changes nothing. `key` is the contact's, `by` who does it
/// (`contact`, `operator`, `system`, or an agent).
pub async fn record(
    conn: &mut Conn,
    recorder: &Recorder,
    contact: ContactId,
    key: &DataKey,
    change: &Change,
    by: &str,
    now: Timestamp,
) -> Result<Recorded, Error> {
    let id = contact.to_string();
    lock(conn, recorder, &id, now).await?;
    let investor = find_investor(conn, key, contact).await?;
    let today = now.to_zoned(ist()).date();
    let step = match decide(&investor, change, &recorder.rules, now, today) {
        Err(refusal) => return Ok(Recorded::Refused(refusal)),
        Ok(None) => return Ok(Recorded::Already),
        Ok(Some(step)) => step,
    };
    let mut writer = Writer {
        conn,
        recorder,
        id: &id,
        key,
        now,
    };
    let said = writer.write(&investor, step).await?;
    if said == Recorded::Done {
        audit::record(conn, &recorder.ids, by, change.action(), &id, now).await?;
        if let Some(watch) = &recorder.watch
            && !matches!(change, Change::Account(_))
        {
            let investor = find_investor(conn, key, contact).await?;
            watch.record_changed(conn, &investor, now).await?;
        }
    }
    Ok(said)
}

/// Makes sure of the row, and that nobody else changes it meanwhile.
async fn lock(conn: &mut Conn, recorder: &Recorder, id: &str, now: Timestamp) -> Result<(), Error> {
    sqlx::query(
        "insert into investors (contact_id, created_at) values ($1, $2) on conflict do nothing",
    )
    .bind(id)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    let text = format!(
        "select contact_id from investors where contact_id = $1{}",
        recorder.lock_rows
    );
    sqlx::query(sql(text)).bind(id).fetch_one(conn).await?;
    Ok(())
}

struct Writer<'a> {
    conn: &'a mut Conn,
    recorder: &'a Recorder,
    id: &'a str,
    key: &'a DataKey,
    now: Timestamp,
}

impl Writer<'_> {
    async fn write(&mut self, investor: &Investor, step: Step) -> Result<Recorded, Error> {
        match step {
            Step::Binding(binding) => self.set_json("binding", &binding).await?,
            Step::Pan(pan) => return self.set_pan(pan.as_str()).await,
            Step::Name(name) => {
                self.set("name", name.as_bytes()).await?;
                self.forget_verifications().await?;
            }
            Step::DateOfBirth(born) => {
                self.set("date_of_birth", born.to_string().as_bytes())
                    .await?;
            }
            Step::Email(email) => self.set_json("email", &email).await?,
            Step::Mobile(mobile) => self.set_json("mobile", &mobile).await?,
            Step::Bank { new, is_default } => self.add_bank(&new, is_default).await?,
            Step::Verified {
                bank,
                verification,
                is_default,
            } => {
                self.verify(bank, verification).await?;
                if is_default {
                    self.choose(bank).await?;
                }
                if verification == Verification::NameMismatch {
                    let detail = "the bank has the account under another name than the record";
                    self.attend("bank_name_mismatch", detail).await?;
                }
            }
            Step::ChooseBank(bank) => self.choose(bank).await?,
            Step::Nomination(nomination) => self.set_json("nomination", &nomination).await?,
            Step::Fatca(fatca) => {
                self.set_json("fatca", &fatca).await?;
                if fatca.exposure != PoliticalExposure::None {
                    let detail = "they say they are, or are close to, a politically exposed person";
                    self.attend("politically_exposed", detail).await?;
                }
            }
            Step::Risk {
                answers,
                version,
                score,
            } => self.add_risk(&answers, &version, &score).await?,
            Step::Kyc(report) => return self.set_kyc(investor, &report).await,
            Step::Account(account) => self.set_account(&account).await?,
        }
        Ok(Recorded::Done)
    }

    async fn set(&mut self, column: &'static str, plain: &[u8]) -> Result<(), Error> {
        let text = format!("update {INVESTORS} set {column} = $2 where contact_id = $1");
        sqlx::query(sql(text))
            .bind(self.id)
            .bind(self.key.seal(place(column, self.id), plain))
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    async fn set_json(
        &mut self,
        column: &'static str,
        value: &impl Serialize,
    ) -> Result<(), Error> {
        let plain = to_json(value)?;
        self.set(column, &plain).await
    }

    /// One record for each PAN: who comes second is refused.
    async fn set_pan(&mut self, pan: &str) -> Result<Recorded, Error> {
        let blind = self.recorder.keys.blind("pan", pan).to_vec();
        let set = sqlx::query(
            "update investors
                set pan = $2, pan_blind = $3, kyc_state = 'unknown', kyc_raw = null,
                    kyc_agency = null, kyc_valid_until = null, kyc_checked_at = null
              where contact_id = $1
                and not exists (select 1 from investors other
                                 where other.pan_blind = $3 and other.contact_id <> $1)",
        )
        .bind(self.id)
        .bind(self.key.seal(place("pan", self.id), pan.as_bytes()))
        .bind(blind)
        .execute(&mut *self.conn)
        .await;
        match set.map_err(Error::from) {
            Ok(done) if done.rows_affected() == 1 => Ok(Recorded::Done),
            Ok(_) => Ok(Recorded::Refused(Refusal::PanTaken)),
            // Another transaction wrote the same PAN between our look and our write.
            Err(error) if error.is_taken() => Err(Error::Again("an investor's PAN")),
            Err(error) => Err(error),
        }
    }

    async fn forget_verifications(&mut self) -> Result<(), Error> {
        sqlx::query(
            "update bank_accounts set verification = 'unverified', verified_at = null
              where contact_id = $1",
        )
        .bind(self.id)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    async fn add_bank(&mut self, new: &NewBank, is_default: bool) -> Result<(), Error> {
        let row = self
            .recorder
            .ids
            .next::<BankAccountId>(self.now)
            .to_string();
        let named = format!("{}@{}", new.number.as_str(), new.ifsc.as_str());
        let blind = self.recorder.keys.blind("bank_account", &named).to_vec();
        sqlx::query(
            "insert into bank_accounts (id, contact_id, account, blind, verification, is_default, created_at)
             values ($1, $2, $3, $4, 'unverified', $5, $6)",
        )
        .bind(&row)
        .bind(self.id)
        .bind(self.key.seal(bank_place(&row), &to_json(new)?))
        .bind(&blind)
        .bind(i64::from(is_default))
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        let shared: i64 = sqlx::query_scalar(
            "select count(*) from bank_accounts where blind = $1 and contact_id <> $2",
        )
        .bind(&blind)
        .bind(self.id)
        .fetch_one(&mut *self.conn)
        .await?;
        if shared > 0 {
            let detail = "a bank account is on more than one record; third parties may not pay";
            self.attend("shared_bank", detail).await?;
        }
        Ok(())
    }

    async fn verify(
        &mut self,
        bank: BankAccountId,
        verification: Verification,
    ) -> Result<(), Error> {
        sqlx::query(
            "update bank_accounts set verification = $3, verified_at = $4
              where id = $1 and contact_id = $2",
        )
        .bind(bank.to_string())
        .bind(self.id)
        .bind(verification.as_str())
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    async fn choose(&mut self, bank: BankAccountId) -> Result<(), Error> {
        sqlx::query("update bank_accounts set is_default = 0 where contact_id = $1")
            .bind(self.id)
            .execute(&mut *self.conn)
            .await?;
        sqlx::query("update bank_accounts set is_default = 1 where id = $1 and contact_id = $2")
            .bind(bank.to_string())
            .bind(self.id)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    async fn add_risk(
        &mut self,
        answers: &crate::people::Answers,
        version: &str,
        score: &crate::people::Score,
    ) -> Result<(), Error> {
        let row = self
            .recorder
            .ids
            .next::<RiskProfileId>(self.now)
            .to_string();
        sqlx::query(
            "insert into risk_profiles (id, contact_id, version, answers, score, category, highest, taken_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&row)
        .bind(self.id)
        .bind(version)
        .bind(self.key.seal(answers_place(&row), &to_json(answers)?))
        .bind(i64::from(score.score))
        .bind(&score.category)
        .bind(score.highest.as_str())
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// That it was asked is always written; only news are news. What an agency has under
    /// another name may be another person's: its word is kept, and nothing is known.
    async fn set_kyc(
        &mut self,
        investor: &Investor,
        report: &KycReport,
    ) -> Result<Recorded, Error> {
        let before = &investor.kyc;
        let names = report.name.as_ref().zip(investor.name.as_ref());
        let is_other = names.is_some_and(|(theirs, ours)| !same_person(theirs, ours));
        let (state, valid_until) = if is_other {
            (KycState::Unknown, None)
        } else {
            (report.state, report.valid_until)
        };
        let is_news = before.state != state || before.valid_until != valid_until;
        sqlx::query(
            "update investors
                set kyc_state = $2, kyc_raw = $3, kyc_agency = $4, kyc_valid_until = $5, kyc_checked_at = $6
              where contact_id = $1",
        )
        .bind(self.id)
        .bind(state.as_str())
        .bind(&report.raw)
        .bind(&report.agency)
        .bind(valid_until.map(|last| last.to_string()))
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        if is_other {
            let detail = "the KYC agency has another name than the record";
            self.attend("kyc_name_mismatch", detail).await?;
        }
        Ok(if is_news {
            Recorded::Done
        } else {
            Recorded::Already
        })
    }

    async fn set_account(&mut self, account: &ExchangeAccount) -> Result<(), Error> {
        sqlx::query(
            "insert into exchange_accounts (contact_id, gateway, ucc, state, reason, look_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (contact_id, gateway) do update
                set ucc = excluded.ucc, state = excluded.state, reason = excluded.reason,
                    look_at = excluded.look_at, updated_at = excluded.updated_at",
        )
        .bind(self.id)
        .bind(&account.gateway)
        .bind(&account.ucc)
        .bind(account.state.as_str())
        .bind(&account.reason)
        .bind(look_at(account.state, self.now))
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Puts something before a person.
    async fn attend(&mut self, kind: &'static str, detail: &'static str) -> Result<(), Error> {
        sqlx::query(
            "insert into attention (id, kind, subject, detail, opened_at)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
        )
        .bind(self.recorder.ids.next::<AttentionId>(self.now).to_string())
        .bind(kind)
        .bind(self.id)
        .bind(detail)
        .bind(self.now.as_millisecond())
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }
}

/// Returns when the exchange is asked about an account in this state next.
pub(super) fn look_at(state: AccountState, now: Timestamp) -> Option<i64> {
    let millis = i64::try_from(state.look_again_after()?.as_millis()).ok()?;
    Some(now.as_millisecond().saturating_add(millis))
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|e| Error::Inside(e.into()))
}
