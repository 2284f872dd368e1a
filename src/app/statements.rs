//! Statements that an operator imports, and whose each is.
//!
//! A number changes hands, and what a statement shows is its owner's alone: without an
//! operator's word it goes to whoever has its mobile number only while nothing speaks
//! against their being its investor.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;

use super::App;
use super::seal::ContactSeal;
use crate::contacts::store::{find, former_owner, is_in_question};
use crate::id::ContactId;
use crate::investing::cas::{self, ImportSummary, Statement};
use crate::people::Pan;

impl App {
    /// Imports a consolidated account statement. Without a contact it goes to whoever
    /// writes from the mobile number it names, today or one day, and is refused where that
    /// may be somebody else; naming a contact is an operator's word.
    pub async fn import_statement(
        &self,
        bytes: &[u8],
        contact: Option<&str>,
    ) -> anyhow::Result<ImportSummary> {
        let mut statement = cas::parse(bytes)?;
        let (id, doubts) = if let Some(contact) = contact {
            let id = self.find_contact(contact).await?;
            (id, self.doubts(&mut statement, id, None).await?)
        } else {
            let mobile = statement.mobile.as_deref();
            let mobile = mobile
                .and_then(crate::contacts::wa_id)
                .context("the statement names no mobile number to bind it to; say whose it is")?;
            self.check_given_up(&mobile).await?;
            let id = self.contact_of(mobile.clone()).await?;
            let doubts = self.doubts(&mut statement, id, Some(&mobile)).await?;
            anyhow::ensure!(
                doubts.is_empty(),
                "its mobile number is {id}'s now, and it may not be theirs: {}. Make sure whose \
                 it is, and name them with --contact",
                doubts.join("; ")
            );
            (id, doubts)
        };
        let stored = self.stored_contact(id).await?;
        let is_unheard = stored.contact.last_inbound_at.is_none();
        let seal: ContactSeal = stored.into();
        let now = self.ground.clock.now();
        let (investing, ids) = (&self.investing, &self.ground.ids);
        let imported = investing.import_cas(id, &statement, now, ids, Arc::new(seal));
        Ok(ImportSummary {
            is_unheard,
            in_spite_of: doubts,
            ..imported.await?
        })
    }

    /// Refuses a number that somebody left and nobody writes from: whoever gets it next is
    /// not who it was.
    async fn check_given_up(&self, number: &str) -> anyhow::Result<()> {
        let keys = &self.ground.keys;
        let mut conn = self.ground.db.read().await?;
        if find(&mut conn, keys, number).await?.is_none()
            && let Some(former) = former_owner(&mut conn, keys, number, None).await?
        {
            anyhow::bail!(
                "its mobile number was {former}'s, who has left it. Make sure whose it is, and \
                 name them with --contact"
            );
        }
        Ok(())
    }

    /// Returns the PAN of a contact: as they gave it, else as their folios have it.
    async fn pan_of(&self, id: ContactId) -> anyhow::Result<Option<String>> {
        let given = self.people.investor(id).await?.pan;
        if let Some(pan) = given {
            return Ok(Some(pan.as_str().to_owned()));
        }
        let seal = ContactSeal::from(self.stored_contact(id).await?);
        Ok(self.investing.holder(id, &seal).await?.pan)
    }

    /// Keeps of a statement the folios that may be a contact's, and returns what speaks
    /// against even those, if they have the number that it names where one is given.
    async fn doubts(
        &self,
        statement: &mut Statement,
        contact: ContactId,
        number: Option<&str>,
    ) -> anyhow::Result<Vec<String>> {
        let stored = self.stored_contact(contact).await?.contact;
        let mut conn = self.ground.db.read().await?;
        let is_in_question = is_in_question(&mut conn, contact).await?;
        let former = match number {
            Some(number) => {
                former_owner(&mut conn, &self.ground.keys, number, Some(contact)).await?
            }
            None => None,
        };
        drop(conn);
        let mut doubts = Vec::new();
        if stored.unverified_since.is_some() || is_in_question {
            doubts.push(format!(
                "who {contact} is waits for a person (attention list)"
            ));
        }
        let own = self.pan_of(contact).await?;
        statement.keep_to(own.as_deref())?;
        let pans = statement.folios.iter().filter_map(|f| f.pan.as_deref());
        let pans: BTreeSet<&str> = pans.collect();
        // With a PAN of theirs on record no other one was kept.
        let is_theirs = own.is_some() && !pans.is_empty();
        for pan in pans.into_iter().filter_map(|pan| Pan::parse(pan).ok()) {
            let holder = self.people.find_by_pan(&pan).await?;
            if let Some(other) = holder.filter(|other| *other != contact) {
                doubts.push(format!("its PAN is on record as {other}'s"));
            }
        }
        if let Some(former) = former.filter(|_| !is_theirs) {
            doubts.push(format!("{former} had the number before"));
        }
        Ok(doubts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::demo_app;

    const STATEMENT: &str = include_str!("../../demo/cas/asha.json");
    const ASHA: &str = "919000000000";
    const OTHER: &str = "919000000055";

    #[tokio::test]
    async fn a_statement_goes_by_its_number_only_where_its_pan_says_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        let again = app.import_statement(STATEMENT.as_bytes(), None).await;
        assert_eq!(again.unwrap().in_spite_of, [""; 0], "her PAN is on it");

        let from_another = STATEMENT.replace(ASHA, OTHER);
        let refused = app.import_statement(from_another.as_bytes(), None).await;
        let refused = format!("{:#}", refused.unwrap_err());
        assert!(refused.contains(&asha.to_string()), "{refused}");
        assert!(refused.contains("--contact"), "{refused}");

        let of_another = STATEMENT.replace("AAAPA0000A", "BBBPB1111B");
        let refused = app.import_statement(of_another.as_bytes(), None).await;
        let refused = format!("{:#}", refused.unwrap_err());
        assert!(refused.contains("(BBxxxxxx1B)"), "{refused}");

        app.contact_of(OTHER.to_owned()).await.unwrap();
        let on_word = app
            .import_statement(from_another.as_bytes(), Some(OTHER))
            .await
            .unwrap();
        let said = on_word.to_string();
        assert!(said.contains("theirs on your word"), "{said}");
        assert!(said.contains(&asha.to_string()), "{said}");
        app.ground.db.close().await;
    }
}
