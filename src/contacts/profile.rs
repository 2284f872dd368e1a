//! What a contact's sealed profile holds.

use serde::{Deserialize, Serialize};

use crate::security::Place;

/// Name and number, as WhatsApp told them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Profile name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone number: digits with country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
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

    /// Takes over what a message says anew; returns whether anything changed.
    pub fn learn(&mut self, name: Option<&str>, phone: Option<&str>) -> bool {
        let before = self.clone();
        if let Some(name) = name {
            self.name = Some(name.to_owned());
        }
        if let Some(phone) = phone {
            self.phone = Some(phone.to_owned());
        }
        *self != before
    }
}
