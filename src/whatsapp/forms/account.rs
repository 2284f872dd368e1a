//! Forms and their key as the account has them, and what has to be done so that it has
//! those that are written down.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::whatsapp::inbound::hex;

/// Hex digits of a definition's checksum that stand in its name.
const MARK: usize = 8;

/// A form as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What it is called here, whatever its definition says.
    pub family: &'static str,
    /// What it is called in the account. A published form never changes: another
    /// definition is another form, with another name, and a process sends the one it was
    /// built with.
    pub name: String,
    /// The definition, as Meta takes it.
    pub json: &'static str,
}

impl Definition {
    /// Returns the form of a definition.
    pub fn new(family: &'static str, json: &'static str) -> Self {
        let sum = Sha256::digest(json.as_bytes());
        let mark = hex(&sum);
        Self {
            family,
            name: format!("{family}_{}", &mark[..MARK]),
            json,
        }
    }

    /// Returns whether a name is that of an earlier definition of this form.
    fn came_before(&self, name: &str) -> bool {
        let mark = name.strip_prefix(self.family);
        let mark = mark.and_then(|mark| mark.strip_prefix('_'));
        let is_mark =
            |mark: &str| mark.len() == MARK && mark.bytes().all(|b| b.is_ascii_hexdigit());
        mark.is_some_and(is_mark) && name != self.name
    }
}

/// How far a form in the account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormStatus {
    /// Not published yet.
    Draft,
    /// May be sent.
    Published,
    /// Out of use for good.
    Deprecated,
    /// Its endpoint is unwell: ten messages an hour.
    Throttled,
    /// Its endpoint is unwell: none.
    Blocked,
    /// A word we do not know.
    Other,
}

impl FormStatus {
    const KNOWN: [Self; 5] = [
        Self::Draft,
        Self::Published,
        Self::Deprecated,
        Self::Throttled,
        Self::Blocked,
    ];

    /// Returns Meta's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Published => "PUBLISHED",
            Self::Deprecated => "DEPRECATED",
            Self::Throttled => "THROTTLED",
            Self::Blocked => "BLOCKED",
            Self::Other => "OTHER",
        }
    }

    /// Reads Meta's word.
    pub fn parse(word: &str) -> Self {
        let mut known = Self::KNOWN.into_iter();
        let found = known.find(|status| status.as_str() == word);
        found.unwrap_or(Self::Other)
    }
}

/// What Meta finds wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFault {
    /// Line of the definition, if Meta says.
    pub line: Option<u64>,
    /// Meta's words.
    pub message: String,
}

impl FormFault {
    /// Reads a list of them.
    pub fn list(json: &Value) -> Vec<Self> {
        let all = json.as_array().into_iter().flatten();
        all.map(|one| Self {
            line: one["line_start"].as_u64().filter(|line| *line > 0),
            message: one["message"].as_str().unwrap_or("no words").to_owned(),
        })
        .collect()
    }
}

impl std::fmt::Display for FormFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A form as the account has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormInAccount {
    /// Meta's id.
    pub id: String,
    /// Name.
    pub name: String,
    /// How far it is.
    pub status: FormStatus,
    /// Where its screens come from.
    pub endpoint: Option<String>,
    /// What is wrong with its definition.
    pub faults: Vec<FormFault>,
}

/// The fields to ask for.
pub(crate) const FIELDS: &str = "id,name,status,endpoint_uri,validation_errors";

impl FormInAccount {
    /// Reads one of Graph's list; nothing if it has no id or name.
    pub fn read(json: &Value) -> Option<Self> {
        let text = |key: &str| json[key].as_str();
        Some(Self {
            id: crate::whatsapp::client::id_of(json)?,
            name: text("name")?.to_owned(),
            status: text("status").map_or(FormStatus::Other, FormStatus::parse),
            endpoint: text("endpoint_uri").map(str::to_owned),
            faults: FormFault::list(&json["validation_errors"]),
        })
    }
}

/// The number's public key for forms, as Meta has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInAccount {
    /// In PEM.
    pub pem: String,
    /// Whether Meta can still vouch for it; not after the number was registered again.
    pub is_valid: bool,
}

impl KeyInAccount {
    /// Reads Graph's answer; nothing if no key was uploaded.
    pub fn read(json: &Value) -> Option<Self> {
        // Some versions wrap the answer in a list.
        let json = json.pointer("/data/0").unwrap_or(json);
        Some(Self {
            pem: json["business_public_key"].as_str()?.to_owned(),
            is_valid: json["business_public_key_signature_status"] == "VALID",
        })
    }

    /// Returns whether it is this key, however its lines end.
    pub fn is(&self, pem: &str) -> bool {
        self.pem.split_whitespace().eq(pem.split_whitespace())
    }
}

/// What has to be done about a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormStep<'a> {
    /// It is as it should be.
    Unchanged(&'a Definition),
    /// The account does not have it.
    Create(&'a Definition),
    /// It was begun and is not published.
    Finish(&'a Definition, &'a FormInAccount),
    /// It asks for its screens somewhere else.
    Move(&'a Definition, &'a FormInAccount),
    /// Meta holds it back because its endpoint is unwell.
    Unwell(&'a Definition, &'a FormInAccount),
    /// It was put out of use, which cannot be undone.
    Gone(&'a Definition),
    /// An earlier definition of it may still be sent, by a process that was built with it.
    Older(&'a FormInAccount),
}

/// Compares what is written down with what the account has.
pub fn plan<'a>(
    wanted: &'a [Definition],
    account: &'a [FormInAccount],
    endpoint: &str,
) -> Vec<FormStep<'a>> {
    let step = |one: &'a Definition| {
        let known = account.iter().find(|known| known.name == one.name);
        let Some(known) = known else {
            return FormStep::Create(one);
        };
        match known.status {
            FormStatus::Draft => FormStep::Finish(one, known),
            FormStatus::Deprecated => FormStep::Gone(one),
            _ if known.endpoint.as_deref() != Some(endpoint) => FormStep::Move(one, known),
            FormStatus::Published => FormStep::Unchanged(one),
            _ => FormStep::Unwell(one, known),
        }
    };
    let is_in_use = |known: &&FormInAccount| {
        !matches!(known.status, FormStatus::Draft | FormStatus::Deprecated)
    };
    let older = account.iter().filter(is_in_use);
    let older = older.filter(|known| wanted.iter().any(|one| one.came_before(&known.name)));
    let steps = wanted.iter().map(step);
    steps.chain(older.map(FormStep::Older)).collect()
}

/// Returns whether phones can be sent everything that is written down, wherever its screens
/// come from.
pub fn are_published(wanted: &[Definition], account: &[FormInAccount]) -> bool {
    let is_published = |one: &Definition| {
        let known = account.iter().find(|known| known.name == one.name);
        known.is_some_and(|known| known.status == FormStatus::Published)
    };
    wanted.iter().all(is_published)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ENDPOINT: &str = "https://sip.example/forms";

    fn known(name: &str, status: &str, endpoint: &str) -> FormInAccount {
        let listed = json!({"id": 7, "name": name, "status": status, "endpoint_uri": endpoint});
        FormInAccount::read(&listed).unwrap()
    }

    #[test]
    fn another_definition_is_another_form_and_the_same_one_is_not() {
        let one = Definition::new("sip", "{}");
        assert_eq!(one, Definition::new("sip", "{}"));
        assert_eq!(one.name, "sip_44136fa3");
        let other = Definition::new("sip", "{ }");
        assert_ne!(one.name, other.name);
        assert!(one.came_before(&other.name) && !one.came_before(&one.name));
        for foreign in ["sip", "sip_survey22", "sip_1234567", "survey_44136fa3"] {
            assert!(!one.came_before(foreign), "{foreign}");
        }
    }

    #[test]
    fn every_state_of_a_form_has_its_step() {
        let wanted = [Definition::new("sip", "{}")];
        let one = &wanted[0];
        assert_eq!(plan(&wanted, &[], ENDPOINT), [FormStep::Create(one)]);
        let of = |status, endpoint| [known(&one.name, status, endpoint)];
        let elsewhere = "https://old.example/forms";
        for (account, step) in [
            (of("PUBLISHED", ENDPOINT), "Unchanged"),
            (of("PUBLISHED", elsewhere), "Move"),
            (of("DRAFT", elsewhere), "Finish"),
            (of("DEPRECATED", ENDPOINT), "Gone"),
            (of("THROTTLED", ENDPOINT), "Unwell"),
            (of("BLOCKED", ENDPOINT), "Unwell"),
            (of("BLOCKED", elsewhere), "Move"),
            (of("SOMETHING_NEW", ENDPOINT), "Unwell"),
        ] {
            let steps = plan(&wanted, &account, ENDPOINT);
            assert_eq!(steps.len(), 1);
            assert!(format!("{:?}", steps[0]).starts_with(step), "{account:?}");
        }
    }

    #[test]
    fn only_what_meta_shows_without_reserve_is_published() {
        let wanted = [Definition::new("sip", "{}"), Definition::new("order", "{}")];
        let of = |status| {
            [
                known(&wanted[0].name, "PUBLISHED", ENDPOINT),
                known(&wanted[1].name, status, "https://old.example/forms"),
            ]
        };
        assert!(are_published(&wanted, &of("PUBLISHED")));
        for status in [
            "DRAFT",
            "DEPRECATED",
            "THROTTLED",
            "BLOCKED",
            "SOMETHING_NEW",
        ] {
            assert!(!are_published(&wanted, &of(status)), "{status}");
        }
        assert!(!are_published(&wanted, &of("PUBLISHED")[..1]), "missing");
    }

    #[test]
    fn only_earlier_forms_of_ours_that_may_still_be_sent_are_older_ones() {
        let wanted = [Definition::new("sip", "{}")];
        let account = [
            known(&wanted[0].name, "PUBLISHED", ENDPOINT),
            known("sip_0a1b2c3d", "PUBLISHED", ENDPOINT),
            known("sip_1a1b2c3d", "DEPRECATED", ENDPOINT),
            known("sip_2a1b2c3d", "DRAFT", ENDPOINT),
            known("survey", "PUBLISHED", ENDPOINT),
        ];
        let steps = plan(&wanted, &account, ENDPOINT);
        assert_eq!(
            steps,
            [
                FormStep::Unchanged(&wanted[0]),
                FormStep::Older(&account[1])
            ]
        );
    }

    #[test]
    fn a_key_is_the_same_however_its_lines_end_and_valid_only_if_meta_says_so() {
        let pem = "-----BEGIN PUBLIC KEY-----\nAB\n-----END PUBLIC KEY-----\n";
        let told = |status: &str| {
            json!({"business_public_key": pem.replace('\n', "\r\n"),
                   "business_public_key_signature_status": status})
        };
        let key = KeyInAccount::read(&told("VALID")).unwrap();
        assert!(key.is_valid && key.is(pem) && !key.is("other"));
        let wrapped = json!({"data": [told("MISMATCH")]});
        assert!(!KeyInAccount::read(&wrapped).unwrap().is_valid);
        assert_eq!(KeyInAccount::read(&json!({})), None);
    }
}
