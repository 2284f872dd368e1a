//! What the rooms of the business keep for a contact goes along when two contacts are
//! found to be one person.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::assistant::move_uses;
use crate::contacts::store::{Merge, load};
use crate::contacts::{Merged, Moves};
use crate::documents::move_files;
use crate::id::{ContactId, Ids};
use crate::investing::{move_dealings, move_holdings};
use crate::notifications::move_notices;
use crate::people::store::merge_records;
use crate::pipeline::move_attachments;
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Error};

/// Moves records, folios, dealings, notices, files made and sent, uses of the assistant and
/// requests.
pub(super) struct Belongings {
    pub(super) keys: Keyring,
    pub(super) ids: Ids,
    pub(super) lock_rows: &'static str,
}

impl Belongings {
    async fn key(&self, conn: &mut Conn, contact: ContactId) -> Result<DataKey, Error> {
        let row = contact.to_string();
        let mut loaded = load(conn, &self.keys, std::slice::from_ref(&row)).await?;
        let stored = loaded.remove(&row);
        let stored = stored.ok_or_else(|| anyhow::anyhow!("there is no contact {row} to merge"))?;
        Ok(stored.key)
    }
}

impl Moves for Belongings {
    fn contact_merged<'c>(
        &'c self,
        conn: &'c mut Conn,
        merged: Merged,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let old = self.key(conn, merged.from).await?;
            let new = self.key(conn, merged.into).await?;
            let merge = Merge {
                from: (merged.from, &old),
                into: (merged.into, &new),
                lock_rows: self.lock_rows,
            };
            merge_records(conn, &self.ids, merge, now).await?;
            let pair = (merged.from, merged.into);
            // Whoever books an order has its row before the folios.
            move_dealings(conn, merge).await?;
            move_holdings(conn, &self.keys, &self.ids, pair, now).await?;
            move_notices(conn, merge).await?;
            move_files(conn, merge).await?;
            move_attachments(conn, merge).await?;
            move_uses(conn, merge).await?;
            crate::contacts::requests::move_along(conn, merged).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::demo_app::{self, STATEMENT};
    use super::super::{App, banks, export};
    use super::*;
    use crate::contacts::requests::{self, RequestKind};
    use crate::contacts::store::identify;
    use crate::language::Language;
    use crate::people::gateway::SandboxBank;
    use crate::people::{By, NewBank, Verification};
    use crate::pipeline::JobHandler;
    use crate::whatsapp::Sender;

    const ASHA: &str = "919000000000";
    const NUMBER: &str = "D-260824-AAAAAA";

    /// Sees somebody under these names, and has what is theirs go along.
    async fn meet(app: &App, phone: Option<&str>, user: Option<&str>) -> ContactId {
        let sender = Sender {
            wa_id: phone.map(str::to_owned),
            user_id: user.map(str::to_owned),
            ..Sender::default()
        };
        let input = (app.ground.clone(), sender);
        let seen = app.ground.db.write(input, |conn, (ground, sender)| {
            Box::pin(async move {
                let now = ground.clock.now();
                let known = identify(conn, &ground.keys, &ground.ids, &[sender], now).await?;
                let belongings = Belongings {
                    keys: ground.keys.clone(),
                    ids: ground.ids.clone(),
                    lock_rows: "",
                };
                for merged in known.merged() {
                    belongings.contact_merged(conn, *merged, now).await?;
                }
                Ok(known.of(&ground.keys, sender).unwrap().parse().unwrap())
            })
        });
        seen.await.unwrap()
    }

    #[tokio::test]
    async fn a_copy_asked_for_by_who_is_another_contact_by_now_is_of_them_and_goes_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::open(&folder, &[]).await;
        let asked_by = meet(&app, None, Some("IN.1")).await;
        let now = app.ground.clock.now();
        let opened = app.ground.db.write(asked_by, move |conn, who| {
            Box::pin(requests::open(conn, NUMBER, *who, RequestKind::Export, now))
        });
        opened.await.unwrap();
        let job = export::job(NUMBER, Language::En, now).unwrap();
        app.import_statement(STATEMENT, None).await.unwrap();
        meet(&app, Some(ASHA), None).await;
        let is = meet(&app, Some(ASHA), Some("IN.1")).await;
        assert_ne!(is, asked_by, "two turned out to be one");

        let copies = export::Export::new(app.clone());
        for _ in 0..2 {
            assert!(copies.run(&job.payload, now).await.is_ok());
        }
        let mut conn = app.ground.db.read().await.unwrap();
        let given: Vec<String> = sqlx::query_scalar("select contact_id from documents")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        assert_eq!(given, [is.to_string()]);
        let open = requests::find_open(&mut conn, NUMBER, "").await.unwrap();
        assert_eq!(open, None);
        drop(conn);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_bank_account_is_checked_where_it_is_by_now() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::open(&folder, &[]).await;
        let was = meet(&app, None, Some("IN.1")).await;
        let by = By {
            who: "contact",
            at: app.ground.clock.now(),
        };
        let bank = NewBank::parse("100000004321", "HDFC0000001", "ASHA DEMO").unwrap();
        app.people.record_name(was, "Asha Demo", by).await.unwrap();
        app.people.record_bank(was, bank, by).await.unwrap();
        let job = banks::job(was, by.at);
        meet(&app, Some(ASHA), None).await;
        let is = meet(&app, Some(ASHA), Some("IN.1")).await;
        assert_ne!(is, was, "two turned out to be one");

        let check = banks::BankCheck::new(app.clone(), Some(std::sync::Arc::new(SandboxBank)));
        assert!(check.run(&job.payload, by.at).await.is_ok());
        let banks = app.people.investor(is).await.unwrap().banks;
        assert_eq!(banks[0].verification, Verification::Verified);
        app.ground.db.close().await;
    }
}
