//! Offers an answer whose 24-hour window has closed, by the template that says so.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::App;
use crate::clock::ist;
use crate::contacts::store::load_readable;
use crate::id::ContactId;
use crate::investing::money;
use crate::language::Language;
use crate::notifications::{FOLLOW_UP, meta_code};
use crate::pipeline::{self, FollowUp, Lane, Message, Offered, Purpose, QuietHours, Told};
use crate::storage::{Conn, Error};
use crate::whatsapp::Outgoing;

/// They are told once in this time, and the answer is there for as long.
const ONCE_IN: Duration = Duration::from_hours(24);

pub(super) struct ByTemplate(pub(super) App);

impl FollowUp for ByTemplate {
    fn template(&self) -> &'static str {
        FOLLOW_UP
    }

    fn offer<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<Told, Error>> {
        Box::pin(async move {
            let ground = &self.0.ground;
            let last = pipeline::template_since(conn, contact, FOLLOW_UP, now - ONCE_IN).await?;
            match last.as_deref() {
                Some("failed" | "cancelled") => return Ok(Told::Not),
                Some(_) => return Ok(Told::Before),
                None => {}
            }
            let id = contact.to_string();
            let mut found = load_readable(conn, &ground.keys, std::slice::from_ref(&id)).await?;
            let Some(stored) = found.remove(&id) else {
                return Ok(Told::Not);
            };
            let whose = &stored.contact;
            let Some(wrote) = whose.last_inbound_at else {
                return Ok(Told::Not);
            };
            let language = whose.speaks().and_then(Language::from_code);
            let language = language.unwrap_or(Language::En);
            let known = pipeline::find_template(conn, FOLLOW_UP, meta_code(language)).await?;
            let may_go = known.is_some_and(|one| one.may_go_to(whose.marketing, now));
            if !may_go || whose.unverified_since.is_some() {
                return Ok(Told::Not);
            }
            let date = money::date(wrote.to_zoned(ist()).date());
            let (from, to) = self.0.settings.notices.quiet.unzip();
            let quiet = QuietHours::from_minutes(from, to);
            let goes_at = quiet.and_then(|quiet| quiet.end_after(now)).unwrap_or(now);
            let until = goes_at + ONCE_IN;
            let offered = Offered { at: now, until };
            let template = self.0.notices.follow_up(language, &date, offered)?;
            let message = Message {
                contact,
                message: Outgoing::Template(template),
                lane: Lane::Utility,
                purpose: Purpose::Chat,
                owner_epoch: whose.owner_epoch,
                answers: None,
                trace: None,
                disclosures: String::new(),
                rules: 0,
                expires_at: until,
                quiet,
            };
            pipeline::enqueue(conn, ground, &stored.key, message, now).await?;
            Ok(Told::Until(until))
        })
    }
}
