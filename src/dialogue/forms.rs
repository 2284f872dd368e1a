//! The ticket a form is sent with: whose it is, which prompt it belongs to, how long it is
//! good for. It proves that we sent it and to whom, not who holds the phone: what a form
//! brings back is checked again like anything that was typed.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::flows::money::sip_form;
use super::ports::Forms;
use super::understanding::Language;
use crate::id::ContactId;
use crate::whatsapp::forms::Definition;

/// Every form.
static DEFINITIONS: LazyLock<[Definition; 1]> = LazyLock::new(|| {
    [Definition::new(
        sip_form::NAME,
        include_str!("../../templates/flows/sip_start.json"),
    )]
});

/// Returns every form as it is written down.
pub fn definitions() -> &'static [Definition] {
    &*DEFINITIONS
}

/// Returns what a form is called in the account.
pub(super) fn name_in_account(family: &str) -> Option<&'static str> {
    let one = definitions().iter().find(|one| one.family == family)?;
    Some(&one.name)
}

/// Whose form it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Who got it.
    pub contact: ContactId,
    /// The prompt it belongs to.
    pub generation: i64,
    /// The language it is in.
    pub language: Language,
    /// When it stops being good.
    pub until: Timestamp,
}

impl Ticket {
    /// Returns it as the token that goes to Meta.
    pub fn write(&self, forms: &dyn Forms) -> String {
        let text = self.text();
        let proof = forms.prove(&text);
        format!("{text}.{proof}")
    }

    /// Reads a token; `None` if it is none of ours.
    pub fn read(forms: &dyn Forms, token: &str) -> Option<Self> {
        let (text, proof) = token.rsplit_once('.')?;
        // Proofs of proofs are compared, so that how long it takes says nothing of either.
        if forms.prove(proof) != forms.prove(&forms.prove(text)) {
            return None;
        }
        let mut parts = text.split('.');
        let ticket = Self {
            contact: parts.next()?.parse().ok()?,
            generation: parts.next()?.parse().ok()?,
            language: Language::from_code(parts.next()?)?,
            until: Timestamp::from_second(parts.next()?.parse().ok()?).ok()?,
        };
        parts.next().is_none().then_some(ticket)
    }

    fn text(&self) -> String {
        format!(
            "{}.{}.{}.{}",
            self.contact,
            self.generation,
            self.language.code(),
            self.until.as_second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Salt(&'static str);

    impl Forms for Salt {
        fn prove(&self, text: &str) -> String {
            use sha2::Digest as _;
            let digest = sha2::Sha256::digest(format!("{}{text}", self.0));
            format!("{digest:x?}").replace(['[', ']', ',', ' '], "")
        }
    }

    fn ticket() -> Ticket {
        Ticket {
            contact: ContactId::from(uuid::Uuid::from_u128(7)),
            generation: 12,
            language: Language::Hinglish,
            until: Timestamp::from_second(1_787_000_000).unwrap(),
        }
    }

    #[test]
    fn a_ticket_reads_back_as_it_was_written() {
        let token = ticket().write(&Salt("ours"));
        assert_eq!(Ticket::read(&Salt("ours"), &token), Some(ticket()));
    }

    #[test]
    fn a_ticket_that_was_changed_or_made_by_others_is_none() {
        let token = ticket().write(&Salt("ours"));
        assert_eq!(Ticket::read(&Salt("theirs"), &token), None);
        assert_eq!(
            Ticket::read(&Salt("ours"), &token.replace(".12.", ".13.")),
            None
        );
        assert_eq!(Ticket::read(&Salt("ours"), ""), None);
    }
}
