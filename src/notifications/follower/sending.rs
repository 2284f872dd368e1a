//! Hands one notice over: as a file, in words, as a template or as a letter.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::tell::{Case, Handed};
use crate::clock::ist;
use crate::contacts::Marketing;
use crate::contacts::store::StoredContact;
use crate::id::EventId;
use crate::investing::disclosures::{self, standing_in};
use crate::investing::events::What;
use crate::language::Language;
use crate::notifications::calendar::ics::{self, Method};
use crate::notifications::definitions::{ATTACHED, meta_code};
use crate::notifications::kind::Kind;
use crate::notifications::letter::{Attachment, Letter};
use crate::notifications::notice::Filling;
use crate::notifications::route::Way;
use crate::notifications::store::letters::{self, NewLetter};
use crate::notifications::voice::{Said, Voice};
use crate::notifications::{Notice, service};
use crate::pipeline::{Lane, Message, QuietHours, enqueue, find_template, open_attention};
use crate::storage::{Conn, Error};
use crate::whatsapp::templates::fits;
use crate::whatsapp::{
    Header, Media, MediaKind, Outgoing, Parameter, Source, Template, media, shorten,
};

/// Most characters below a picture or file.
const LONGEST_CAPTION: usize = 1_024;

/// A notice in words, to be handed over.
pub(super) struct Sending<'a> {
    pub(super) case: &'a Case,
    pub(super) stored: &'a StoredContact,
    pub(super) notice: &'a Notice,
    pub(super) said: &'a Said,
    pub(super) speaks: Language,
    /// The template it goes by, where one may be sent.
    pub(super) template: Option<Template>,
    pub(super) quiet: Option<QuietHours>,
    pub(super) until: Timestamp,
}

impl Sending<'_> {
    /// Puts it into the outbox, or among the letters; returns where, and as what.
    pub(super) async fn hand_over(
        &self,
        conn: &mut Conn,
        way: Way,
    ) -> Result<(Handed, String), Error> {
        let message = match way {
            Way::Email => return self.post(conn).await,
            Way::File => match file(&self.case.recorded.event.what) {
                Some(message) => message,
                None => self.text()?,
            },
            Way::Text => self.text()?,
            Way::Template => {
                let in_words = || Voice::template(self.speaks, self.notice, self.said);
                Outgoing::Template(self.template.clone().unwrap_or_else(in_words))
            }
        };
        message.check().map_err(anyhow::Error::from)?;
        let disclosures = match &message {
            Outgoing::Template(template) => disclosures::record(&standing_in(&template.words)),
            _ => self.said.disclosures.clone(),
        };
        let message = Message {
            contact: self.stored.contact.id,
            message,
            lane: Lane::Utility,
            purpose: self.notice.kind.purpose(),
            owner_epoch: self.stored.contact.owner_epoch,
            answers: None,
            trace: None,
            disclosures: disclosures.join(","),
            rules: 1,
            expires_at: self.until,
            quiet: self.quiet,
        };
        let (ground, key) = (&self.case.telling.ground, &self.stored.key);
        let id = enqueue(conn, ground, key, message, self.case.now).await?;
        Ok((Handed::Outbox, id.to_string()))
    }

    /// Returns the words of it; a document that cannot go itself is behind a button.
    fn text(&self) -> Result<Outgoing, Error> {
        let What::DocumentReady { link, .. } = &self.case.recorded.event.what else {
            let body = self.said.words.clone();
            return Ok(Outgoing::Text { body });
        };
        let voice = &self.case.telling.voice;
        let opening = Notice {
            name: "document_open",
            ..self.notice.clone()
        };
        Ok(Outgoing::Link {
            body: voice.say(self.speaks, &opening)?.words,
            footer: None,
            title: voice.label(self.speaks, "open_document")?.to_owned(),
            url: link.clone(),
        })
    }

    async fn post(&self, conn: &mut Conn) -> Result<(Handed, String), Error> {
        let telling = &self.case.telling;
        let kind = self.notice.kind;
        let name = self.stored.contact.name.as_deref();
        let from = &telling.distributor;
        let letter = Letter {
            to: self.case.email.clone().unwrap_or_default(),
            subject: telling.voice.subject(self.speaks, kind)?.to_owned(),
            body: telling.voice.letter(self.speaks, from, name, self.said)?,
            attachments: self.calendar(conn).await?.into_iter().collect(),
            may_be_declined: !kind.is_required(),
        };
        let event: EventId = self.case.recorded.id;
        let new = NewLetter {
            contact: self.stored.contact.id,
            event: Some(event),
            letter: &letter,
            quiet: self.quiet,
            expires_at: self.until,
        };
        let (ids, key) = (&telling.ground.ids, &self.stored.key);
        let id = letters::insert(conn, ids, key, new, self.case.now).await?;
        Ok((Handed::Letter, id.to_string()))
    }

    /// Returns the dates of the plan the notice is about, as they are from now on.
    async fn calendar(&self, conn: &mut Conn) -> Result<Option<Attachment>, Error> {
        let Some(planned) = &self.case.planned else {
            return Ok(None);
        };
        let (plan, method) = match &self.case.recorded.event.what {
            What::PlanActive { plan, .. } | What::PlanResumed { plan, .. } => {
                (*plan, Method::Publish)
            }
            What::PlanPaused { plan, .. } | What::PlanEnded { plan, .. } => (*plan, Method::Cancel),
            _ => return Ok(None),
        };
        let telling = &self.case.telling;
        let wanted = {
            let catalog = telling.investing.catalog();
            service::wanted(&catalog, &telling.voice, self.speaks, planned)?
        };
        let contact = self.stored.contact.id;
        let now = self.case.now;
        let mut entries = service::bring_up_to_date(conn, contact, &wanted, now).await?;
        let today = now.to_zoned(ist()).date();
        let is_gone = method == Method::Cancel;
        entries.retain(|e| e.plan == plan && e.date >= today && e.is_cancelled == is_gone);
        if entries.is_empty() {
            return Ok(None);
        }
        let name = telling.voice.label(self.speaks, "calendar_name")?;
        let text = ics::write(method, name, &entries, &wanted);
        Ok(Some(Attachment {
            name: "sip-dates.ics".to_owned(),
            media_type: format!("text/calendar; charset=utf-8; method={}", method.as_str()),
            content: text.into_bytes(),
        }))
    }
}

/// Returns the message that carries what is ready, if it is a file that WhatsApp takes.
pub(super) fn file(what: &What) -> Option<Outgoing> {
    let What::DocumentReady {
        file: Some(file), ..
    } = what
    else {
        return None;
    };
    let kind = media::kind_of(&file.mime)?;
    Some(Outgoing::Media(Media {
        kind,
        source: Source::Kept(file.document.to_string()),
        caption: Some(shorten(&file.caption, LONGEST_CAPTION)).filter(|words| !words.is_empty()),
        file_name: (kind == MediaKind::Document).then(|| file.file_name.clone()),
    }))
}

/// Returns the template a notice may go by now: the one that carries its document, if there
/// is one and the document did not fail to go before, else the one in words. What was never
/// listed has no text to hold a message against, one that lacks a required text is as none, and
/// what Meta takes for marketing by now goes
/// to nobody who agreed to none.
pub(super) async fn template(
    conn: &mut Conn,
    case: &Case,
    (speaks, notice, said): (Language, &Notice, &Said),
    (tried, marketing): (&BTreeSet<Way>, Marketing),
) -> Result<Option<Template>, Error> {
    let what = &case.recorded.event.what;
    let carrying = if tried.contains(&Way::File) {
        None
    } else {
        carrying(&case.telling.voice, what, speaks)?
    };
    let in_words = Voice::template(speaks, notice, said);
    let required = disclosures::required(notice.kind.subject(), false);
    for mut template in carrying.into_iter().chain([in_words]) {
        let known = find_template(conn, &template.name, &template.language).await?;
        let known = known.filter(|one| one.may_go_to(marketing, case.now));
        let approved = known.and_then(|one| one.content);
        let Some(approved) = approved.filter(|approved| fits(&template, approved).is_ok()) else {
            continue;
        };
        let filled = |one: &Parameter| Some((one.name.clone()?, one.text.clone()));
        let said: Vec<_> = template.body.iter().filter_map(filled).collect();
        let said = said
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()));
        template.words = approved.filled(&said.collect());
        if required.iter().all(|text| text.stands_in(&template.words)) {
            return Ok(Some(template));
        }
        lacks_required(conn, case, &template).await?;
    }
    Ok(None)
}

/// Puts before a person that an approved text lacks what has to be in it.
async fn lacks_required(conn: &mut Conn, case: &Case, template: &Template) -> Result<(), Error> {
    let subject = format!("{}/{}", template.name, template.language);
    let detail = "its approved text lacks the required risk line, so no notice goes by it: \
                  mend it, see `sipbrewery templates plan`";
    let (ids, now) = (&case.telling.ground.ids, case.now.as_millisecond());
    open_attention(conn, ids, "template_text", &subject, detail, now).await
}

/// Returns the template above whose words a document stands. Meta takes PDFs there only.
fn carrying(voice: &Voice, what: &What, speaks: Language) -> anyhow::Result<Option<Template>> {
    let What::DocumentReady {
        title,
        file: Some(file),
        ..
    } = what
    else {
        return Ok(None);
    };
    if file.mime != "application/pdf" {
        return Ok(None);
    }
    let notice = Notice {
        kind: Kind::of(what),
        name: ATTACHED,
        places: vec![("title", Filling::Same(title.clone()))],
    };
    let media = Media {
        kind: MediaKind::Document,
        source: Source::Kept(file.document.to_string()),
        caption: None,
        file_name: Some(file.file_name.clone()),
    };
    let said = voice.say(speaks, &notice)?;
    Ok(Some(Template {
        name: ATTACHED.to_owned(),
        language: meta_code(speaks).to_owned(),
        header: Some(Header::Media { media }),
        body: vec![Parameter::named("title", title)],
        buttons: Vec::new(),
        cards: Vec::new(),
        words: said.words,
    }))
}
