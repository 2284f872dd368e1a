//! What a contact's sealed profile holds.

use serde::{Deserialize, Serialize};

use crate::security::Place;
use crate::whatsapp::{Recipient, Sender};

/// Name and addresses, as WhatsApp told them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Profile name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone number: digits with country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Business-scoped user id, for whom no number is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

impl Profile {
    /// Returns where the profile of a contact is sealed to.
    pub fn place(contact: &str) -> Place<'_> {
        Place {
            table: "contacts",
            column: "profile",
            row: contact,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a profile is two optional texts")
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Returns by what name Meta is told to reach them.
    pub fn recipient(&self) -> Option<Recipient> {
        let phone = self.phone.clone().map(Recipient::Phone);
        phone.or_else(|| self.user_id.clone().map(Recipient::UserId))
    }

    /// Takes over what the newest message says of its sender; returns whether anything is
    /// new. By what names they are reached follows from all that is known of names.
    pub fn learn(&mut self, sender: &Sender) -> bool {
        let is_new = sender.name.is_some() && sender.name != self.name;
        if is_new {
            self.name.clone_from(&sender.name);
        }
        is_new
    }
}
