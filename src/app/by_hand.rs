//! One approved template to one person, by an operator's word.

use jiff::Timestamp;

use super::App;
use crate::contacts::Owner;
use crate::contacts::store::load;
use crate::documents::cards;
use crate::id::{ContactId, OutboxId};
use crate::investing::disclosures;
use crate::language::Language;
use crate::notifications::by_hand::{Given, Refusal, Whom, may_go, message, ways};
use crate::notifications::{definitions, meta_code};
use crate::pipeline::{self, Lane, Message, Purpose, QuietHours, rests_until};
use crate::security::audit;
use crate::storage::{Conn, Error};
use crate::whatsapp::templates::{Category, Content, Definition};
use crate::whatsapp::{MediaKind, Outgoing, Template};

/// A template an operator wants to send.
#[derive(Debug, Clone)]
pub struct ByHand {
    /// Its name.
    pub name: String,
    /// Meta's code of a language or a name of ours; the person's own unless given.
    pub language: Option<String>,
    /// What is said in its places.
    pub said: Vec<(String, String)>,
    /// The one-time code.
    pub code: Option<String>,
    /// Files above its words, or on its cards, instead of those written down.
    pub files: Vec<String>,
}

/// What happens to it.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Whom it goes to.
    pub contact: ContactId,
    /// Which language it is in, by Meta's code.
    pub language: String,
    /// What Meta takes it for.
    pub category: Category,
    /// Its lane.
    pub lane: Lane,
    /// Its words, and those of its cards; not the code.
    pub words: Vec<String>,
    /// When the hours are over in which it may not arrive.
    pub waits_until: Option<Timestamp>,
    /// Until when it may be sent.
    pub expires_at: Timestamp,
    /// Whether a person holds the conversation.
    pub is_held: bool,
    /// Why the account sends nothing at present.
    pub stopped: Option<String>,
    /// Its row in the outbox; none if it was only looked at.
    pub id: Option<OutboxId>,
}

impl App {
    /// Puts a template into the outbox, once, or says why not; only looks where `is_rehearsal`.
    /// Consent, approval and hours are asked again when it is sent.
    pub async fn send_by_hand(
        &self,
        contact: ContactId,
        wanted: ByHand,
        by: &'static str,
        is_rehearsal: bool,
    ) -> anyhow::Result<Result<Outlook, Refusal>> {
        let ours = definitions()?;
        let input = (self.clone(), contact, wanted, ours, by, is_rehearsal);
        let decided = self.ground.db.write(input, |conn, input| {
            Box::pin(async move {
                let (app, contact, wanted, ours, by, is_rehearsal) = input;
                let sending = Sending {
                    app,
                    wanted,
                    ours,
                    by,
                };
                sending.decide(conn, *contact, *is_rehearsal).await
            })
        });
        let decided = decided.await?;
        if !is_rehearsal {
            self.ground.wakes.sender.wake();
        }
        Ok(decided)
    }
}

struct Sending<'a> {
    app: &'a App,
    wanted: &'a ByHand,
    ours: &'a [Definition],
    by: &'static str,
}

impl Sending<'_> {
    async fn decide(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        is_rehearsal: bool,
    ) -> Result<Result<Outlook, Refusal>, Error> {
        let ground = &self.app.ground;
        let now = ground.clock.now();
        let row = contact.to_string();
        let mut found = load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
        let stored = found.remove(&row).ok_or(Error::Conflict("the contact"))?;
        let whose = &stored.contact;
        let language = self.language(whose.speaks());
        let name = &self.wanted.name;
        let Some(known) = pipeline::find_template(conn, name, &language).await? else {
            let name = name.clone();
            return Ok(Err(Refusal::Unknown { name, language }));
        };
        let whom = Whom {
            marketing: whose.marketing,
            is_doubtful: whose.unverified_since.is_some(),
            has_number: stored.profile.phone.is_some(),
        };
        let decided = may_go(&known, whom, now).and_then(|(category, content)| {
            let files = self.files(&language, content);
            let mut shown = files.iter().zip(content.shown());
            if let Some((file, _)) = shown.find(|(file, kind)| !is_of(file, *kind)) {
                return Err(Refusal::NoSuchFile(file.clone()));
            }
            let definition = Definition {
                name: name.clone(),
                language: language.clone(),
                category,
                content: content.clone(),
                samples: std::collections::BTreeMap::new(),
                files,
            };
            let template = message(&definition, &self.given())?;
            Ok((category, template, ways(category, content, now)))
        });
        let (category, template, (lane, purpose, until)) = match decided {
            Ok(decided) => decided,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let quiet = self.quiet(purpose);
        let waits_until = rests_until(category == Category::Marketing, quiet, now);
        let mut outlook = Outlook {
            contact,
            language,
            category,
            lane,
            words: words(&template),
            waits_until,
            expires_at: until,
            is_held: whose.owner == Owner::Human,
            stopped: pipeline::account_state(conn, "")
                .await?
                .stop(true, now)
                .map(|stop| stop.why.clone()),
            id: None,
        };
        if is_rehearsal {
            return Ok(Ok(outlook));
        }
        let disclosures = disclosures_of(&template);
        let message = Message {
            contact,
            message: Outgoing::Template(template),
            lane,
            purpose,
            owner_epoch: whose.owner_epoch,
            answers: None,
            trace: None,
            disclosures,
            rules: 1,
            expires_at: until,
            quiet,
        };
        outlook.id = Some(pipeline::enqueue(conn, ground, &stored.key, message, now).await?);
        let deed = format!("template_sent:{}/{}", self.wanted.name, outlook.language);
        audit::record(conn, &ground.ids, self.by, &deed, &row, now).await?;
        Ok(Ok(outlook))
    }

    fn language(&self, speaks: Option<&str>) -> String {
        let named = self.wanted.language.as_deref();
        let Some(code) = named.or(speaks) else {
            return meta_code(Language::En).to_owned();
        };
        Language::from_code(code).map_or_else(|| code.to_owned(), |one| meta_code(one).to_owned())
    }

    fn given(&self) -> Given<'_> {
        let said = self.wanted.said.iter();
        Given {
            said: said
                .map(|(place, text)| (place.as_str(), text.clone()))
                .collect(),
            code: self.wanted.code.as_deref(),
        }
    }

    /// Returns the files that were given, else the drawings that are written down for it. Any
    /// other file written down is a sample for whoever reviews the template, and nobody's paper.
    fn files(&self, language: &str, content: &Content) -> Vec<String> {
        if !self.wanted.files.is_empty() {
            return self.wanted.files.clone();
        }
        let is_it = |one: &&Definition| one.name == self.wanted.name && one.language == language;
        let ours = self.ours.iter().find(is_it);
        let files = ours.map(|one| one.files.clone()).unwrap_or_default();
        let mut shown = files.iter().zip(content.shown());
        if shown.all(|(file, kind)| is_of(file, kind)) {
            files
        } else {
            Vec::new()
        }
    }

    /// Returns the hours in which it may not arrive. Who waits for a code wants it now.
    fn quiet(&self, purpose: Purpose) -> Option<QuietHours> {
        let (from, to) = self.app.settings.notices.quiet.unzip();
        QuietHours::from_minutes(from, to).filter(|_| purpose != Purpose::Code)
    }
}

/// Says whether a file is an address, or a drawing of ours where a picture is wanted.
fn is_of(file: &str, kind: Option<MediaKind>) -> bool {
    file.starts_with("https://") || (kind == Some(MediaKind::Image) && cards::is_drawn(file))
}

fn words(template: &Template) -> Vec<String> {
    let cards = template.cards.iter().map(|card| &card.words);
    let all = std::iter::once(&template.words).chain(cards);
    all.filter(|words| !words.is_empty()).cloned().collect()
}

/// Returns the keys of the required texts that stand in the approved words.
fn disclosures_of(template: &Template) -> String {
    disclosures::record(&disclosures::standing_in(&template.words)).join(",")
}
