//! What a flow works with, and what it hands back.
//!
//! A flow gets a [`Scene`] (who is here, which facts may be asked, in which language) and
//! returns a [`Step`]: one thing to say and where the conversation stands then.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Distributor;
use super::commands::Command;
use super::disclosures::Subject;
use super::labels::Label;
use super::ports::{Commands, Facts};
use super::session::{Session, State};
use super::texts::Text;
use super::understanding::{Intent, Language};
use super::voice::Voice;
use crate::contacts::{Contact, ContactChange};

/// What a flow may look at.
pub struct Scene<'a> {
    /// The words.
    pub voice: &'a Voice,
    /// The language of this reply.
    pub language: Language,
    /// Who we are.
    pub distributor: &'a Distributor,
    /// What may be stated.
    pub facts: &'a dyn Facts,
    /// Where commands are rehearsed.
    pub commands: &'a dyn Commands,
    /// Who wrote.
    pub contact: &'a Contact,
    /// Where the conversation stands.
    pub session: &'a Session,
    /// Today in India.
    pub today: Date,
    /// The moment of this turn.
    pub now: Timestamp,
    /// When the message was sent that it answers: it may have waited since.
    pub sent_at: Timestamp,
}

impl Scene<'_> {
    /// Returns a text in the language of this reply.
    pub fn say(&self, text: &Text<'_>) -> anyhow::Result<String> {
        self.say_in(self.language, text)
    }

    /// The same in another language: what was said before.
    pub fn say_in(&self, language: Language, text: &Text<'_>) -> anyhow::Result<String> {
        self.voice.say(language, text)
    }

    /// Returns a label in the language of this reply.
    pub fn label(&self, label: Label) -> &'static str {
        self.label_in(self.language, label)
    }

    /// The same in another language.
    pub fn label_in(&self, language: Language, label: Label) -> &'static str {
        self.voice.label(language, label)
    }
}

/// What one message leads to, before it is put into Meta's shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What to say.
    pub say: Say,
    /// What becomes of the conversation.
    pub then: Then,
    /// What changes about the contact.
    pub changes: Vec<ContactChange>,
    /// What it sets in motion.
    pub commands: Vec<Command>,
    /// What the same message wanted besides: it is offered when this is done.
    pub next: Option<Intent>,
}

impl Step {
    /// Returns a step that says something and goes to a state.
    pub fn to(state: State, say: Say) -> Self {
        Self {
            say,
            then: Then::Go(state),
            changes: Vec::new(),
            commands: Vec::new(),
            next: None,
        }
    }

    /// Returns a step that says something and leaves the conversation where it was.
    pub fn stay(say: Say) -> Self {
        Self {
            say,
            then: Then::Stay,
            changes: Vec::new(),
            commands: Vec::new(),
            next: None,
        }
    }

    /// Returns a step that says something and ends what was under way.
    pub fn finish(say: Say) -> Self {
        Self {
            say,
            then: Then::Finish,
            changes: Vec::new(),
            commands: Vec::new(),
            next: None,
        }
    }

    /// Returns a step that says something and ends what is under way; what that
    /// interrupted can be taken up again.
    pub fn leave(say: Say) -> Self {
        Self {
            say,
            then: Then::Leave,
            changes: Vec::new(),
            commands: Vec::new(),
            next: None,
        }
    }

    /// Adds a change about the contact.
    #[must_use]
    pub fn with(mut self, change: ContactChange) -> Self {
        self.changes.push(change);
        self
    }

    /// Sets something in motion.
    #[must_use]
    pub fn doing(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// Puts a sentence before what is said.
    #[must_use]
    pub fn led_by(mut self, lead: &str) -> Self {
        self.say.text = format!("{lead}\n\n{}", self.say.text);
        self
    }
}

/// What becomes of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// It stays where it was.
    Stay,
    /// It goes on here; a flow this interrupts is kept.
    Go(State),
    /// What was under way is done or dropped.
    Finish,
    /// What was under way is done; what it interrupted is kept.
    Leave,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Say {
    /// The words.
    pub text: String,
    /// What can be tapped below them.
    pub controls: Controls,
    /// What it is about; decides the required texts.
    pub subject: Subject,
}

impl Say {
    /// Returns words about nothing that needs a disclosure.
    pub fn talk(text: String) -> Self {
        Self {
            text,
            controls: Controls::None,
            subject: Subject::Talk,
        }
    }

    /// Puts a form behind a button.
    #[must_use]
    pub fn form(mut self, name: &'static str, open: &'static str) -> Self {
        self.controls = Controls::Form { name, open };
        self
    }

    /// Puts buttons below.
    #[must_use]
    pub fn buttons(mut self, buttons: Vec<Choice>) -> Self {
        self.controls = Controls::Buttons(buttons);
        self
    }
}

/// What can be tapped.
#[derive(Debug, Clone, PartialEq)]
pub enum Controls {
    /// Nothing.
    None,
    /// One to three buttons.
    Buttons(Vec<Choice>),
    /// A form behind a button.
    Form {
        /// Which one.
        name: &'static str,
        /// Label that opens it.
        open: &'static str,
    },
    /// Cards side by side, each with a picture, what is said of it, and one button.
    Cards(Vec<(&'static str, Choice)>),
    /// A list behind a button.
    List {
        /// Label that opens it.
        open: &'static str,
        /// Titled parts.
        sections: Vec<(&'static str, Vec<Choice>)>,
    },
}

/// Something to tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The flow it belongs to.
    pub flow: &'static str,
    /// The step it answers.
    pub step: &'static str,
    /// What it chooses.
    pub payload: String,
    /// Its label.
    pub title: String,
    /// A line below the label, in a list.
    pub note: Option<String>,
}

impl Choice {
    /// Returns something to tap.
    pub fn new(
        flow: &'static str,
        step: &'static str,
        payload: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        Self {
            flow,
            step,
            payload: payload.into(),
            title: title.into(),
            note: None,
        }
    }

    /// Adds the line below its label.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}
