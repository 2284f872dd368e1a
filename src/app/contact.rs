//! Contacts by the names operators and statements know them by.

use anyhow::Context as _;

use super::App;
use super::seal::ContactSeal;
use crate::contacts::store::{Split, StoredContact, find_self, self_of, split};
use crate::id::ContactId;
use crate::pipeline::take_back;
use crate::security::audit;
use crate::whatsapp::Sender as Person;

/// Whoever runs a command beside the service.
const OPERATOR: &str = "operator";

impl App {
    /// Gives a conversation back to the bot; the contact is an id, a phone number or a
    /// business-scoped user id. Returns whether a person held it.
    pub async fn release(&self, contact: &str, by: &'static str) -> anyhow::Result<bool> {
        let id = self.find_contact(contact).await?;
        let now = self.ground.clock.now();
        let input = (id, self.ground.ids.clone(), by, now);
        let held = self
            .ground
            .db
            .write(input, |conn, (id, ids, by, now)| {
                Box::pin(crate::contacts::store::release(conn, *id, ids, by, *now))
            })
            .await?;
        Ok(held)
    }

    /// Finds a contact by id, phone number or business-scoped user id.
    pub async fn find_contact(&self, contact: &str) -> anyhow::Result<ContactId> {
        let mut conn = self.ground.db.read().await?;
        let found = if let Ok(id) = contact.parse::<ContactId>() {
            find_self(&mut conn, id).await?
        } else {
            let name = crate::contacts::wa_id(contact).unwrap_or_else(|| contact.to_owned());
            crate::contacts::store::find(&mut conn, &self.ground.keys, &name).await?
        };
        found.with_context(|| {
            format!(
                "nobody is known by `{contact}`; give a contact id (con_…), a phone number with \
                 country code, or a user id, of somebody who has written before"
            )
        })
    }

    /// Returns who a contact is by now: jobs wait, and two contacts may turn out to be one
    /// meanwhile.
    pub(super) async fn self_of(&self, contact: ContactId) -> anyhow::Result<ContactId> {
        let mut conn = self.ground.db.read().await?;
        Ok(self_of(&mut conn, contact).await?)
    }

    /// Writes down that an operator looked at what is kept of a contact.
    pub async fn looked_at(&self, what: &'static str, contact: ContactId) -> anyhow::Result<()> {
        let input = (self.ground.clone(), contact.to_string());
        let written = self.ground.db.write(input, move |conn, (ground, contact)| {
            let (now, by) = (ground.clock.now(), OPERATOR);
            Box::pin(audit::record(conn, &ground.ids, by, what, contact, now))
        });
        Ok(written.await?)
    }

    /// Takes a phone number or user id off a contact again, and gives it a contact of its
    /// own; returns who had it and who has it. Money of both stands still until a person has
    /// made sure who they are.
    pub async fn split_contact(
        &self,
        name: &str,
        by: &'static str,
    ) -> anyhow::Result<(ContactId, ContactId)> {
        let name = crate::contacts::wa_id(name).unwrap_or_else(|| name.to_owned());
        let input = (self.ground.clone(), name.clone(), by);
        let done = self.ground.db.write(input, |conn, (ground, name, by)| {
            Box::pin(async move {
                let now = ground.clock.now();
                let done = split(conn, (&ground.keys, &ground.ids), name, by, now).await?;
                if let Split::Done { settled, .. } = &done {
                    take_back(conn, settled).await?;
                }
                Ok(done)
            })
        });
        match done.await? {
            Split::Done { from, to, .. } => Ok((from, to)),
            Split::Unknown => anyhow::bail!("nobody is known by `{name}`"),
            Split::Alone(contact) => {
                anyhow::bail!(
                    "`{name}` is all that {contact} is known by: there is nothing to split"
                )
            }
        }
    }

    /// Returns the advertisement or link a contact came by first.
    pub async fn came_by(&self, contact: ContactId) -> anyhow::Result<Option<String>> {
        let mut conn = self.ground.db.read().await?;
        Ok(crate::contacts::store::came_by(&mut conn, contact).await?)
    }

    /// Returns the contact of a phone number, known from now on.
    pub(super) async fn contact_of(&self, wa_id: String) -> anyhow::Result<ContactId> {
        let person = Person {
            wa_id: Some(wa_id),
            ..Person::default()
        };
        let input = (self.ground.clone(), person);
        let id = self
            .ground
            .db
            .write(input, |conn, (ground, person)| {
                Box::pin(async move {
                    let now = ground.clock.now();
                    let (keys, ids) = (&ground.keys, &ground.ids);
                    let known =
                        crate::contacts::store::identify(conn, keys, ids, &[person], now).await?;
                    Ok(known.of(keys, person).map(str::to_owned))
                })
            })
            .await?;
        Ok(id
            .context("a contact that was just made is missing")?
            .parse()?)
    }

    pub(super) async fn seal_of(&self, id: ContactId) -> anyhow::Result<ContactSeal> {
        Ok(self.stored_contact(id).await?.into())
    }

    pub(super) async fn stored_contact(&self, id: ContactId) -> anyhow::Result<StoredContact> {
        let mut conn = self.ground.db.read().await?;
        let row = id.to_string();
        let mut found =
            crate::contacts::store::load(&mut conn, &self.ground.keys, std::slice::from_ref(&row))
                .await?;
        found.remove(&row).context("no such contact")
    }
}
