//! The account's forms ("WhatsApp Flows") and the number's key for them.
//!
//! A form is a draft until it is published. From then on nothing of what it shows can be
//! changed; it can only be put out of use.

mod check;
mod endpoint;
mod phone;

use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::GraphError;
use super::fields::Fields;
use super::state::State;
use super::templates::tell;
use super::{Emulator, News};
use crate::sandbox::store::Change;

pub use phone::{FormAction, FormStep, FormTrouble};

/// Bytes of a key of 2048 bits.
const KEY_BYTES: usize = 256;
const LONGEST_NAME: usize = 200;
/// What a form may be about.
const CATEGORIES: [&str; 8] = [
    "SIGN_UP",
    "SIGN_IN",
    "APPOINTMENT_BOOKING",
    "LEAD_GENERATION",
    "CONTACT_US",
    "CUSTOMER_SUPPORT",
    "SURVEY",
    "OTHER",
];

/// How far a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FormState {
    /// May be changed, and sent only to try it.
    Draft,
    /// May be sent.
    Published,
    /// May not be sent any more.
    Deprecated,
}

impl FormState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Published => "PUBLISHED",
            Self::Deprecated => "DEPRECATED",
        }
    }
}

/// A form of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptForm {
    /// Id.
    pub id: String,
    /// Name; no other form has it.
    pub name: String,
    /// What it is about.
    pub categories: Vec<String>,
    /// Where its screens come from.
    pub endpoint: Option<String>,
    /// How far it is.
    pub state: FormState,
    /// Its definition; null until one is handed in.
    pub definition: Value,
    /// What is wrong with the definition.
    pub faults: Vec<Value>,
}

impl KeptForm {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "status": self.state.as_str(),
            "categories": self.categories, "validation_errors": self.faults,
            "endpoint_uri": self.endpoint, "json_version": self.definition["version"],
            "data_api_version": self.definition["data_api_version"],
        })
    }

    /// Takes over what a request says of it, all of it or nothing.
    fn describe(&mut self, request: &Value) -> Result<(), GraphError> {
        let fields = Fields::of(String::new(), request)?;
        if let Some(name) = fields.optional_text("name", LONGEST_NAME)? {
            name.clone_into(&mut self.name);
        }
        if let Some(endpoint) = fields.optional_text("endpoint_uri", 2000)? {
            if !is_reachable(endpoint) {
                let why = "must be an https address (or http of this machine, here)";
                return Err(GraphError::value("endpoint_uri", why));
            }
            self.endpoint = Some(endpoint.to_owned());
        }
        if let Some(categories) = fields.get("categories") {
            let listed = categories.as_array().into_iter().flatten();
            let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
            if listed.is_empty() || !listed.iter().all(|one| CATEGORIES.contains(one)) {
                let why = format!("must be some of {}", CATEGORIES.join(", "));
                return Err(GraphError::value("categories", &why));
            }
            self.categories = listed.into_iter().map(str::to_owned).collect();
        }
        Ok(())
    }
}

/// The number's public key for forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptKey {
    pub(crate) pem: String,
    /// Whether its signature is that of the number as it is registered now.
    pub(crate) is_signed: bool,
}

fn is_reachable(endpoint: &str) -> bool {
    let Ok(url) = url::Url::parse(endpoint) else {
        return false;
    };
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

fn success() -> Value {
    json!({"success": true})
}

impl Emulator {
    /// Takes the public key of the number, as an upload does; refuses what is none.
    pub fn set_form_key(&self, pem: &str) -> bool {
        let key = PublicKey::from_public_key_pem(pem.trim());
        let is_key = key.is_ok_and(|key| key.size() == KEY_BYTES);
        if is_key {
            let key = KeptKey {
                pem: pem.trim().to_owned(),
                is_signed: true,
            };
            self.state().keep_form_key(key);
            self.changed(News::Switches);
        }
        is_key
    }

    /// Registers the number again, which leaves the key for forms without a signature.
    pub(crate) fn register(&self) -> Value {
        let mut state = self.state();
        if let Some(key) = state.form_key.clone() {
            state.keep_form_key(KeptKey {
                is_signed: false,
                ..key
            });
        }
        drop(state);
        self.changed(News::Switches);
        success()
    }

    pub(crate) fn form_key_json(&self) -> Value {
        let state = self.state();
        state.form_key.as_ref().map_or(json!({}), |key| {
            let status = if key.is_signed { "VALID" } else { "MISMATCH" };
            json!({"business_public_key": key.pem,
                   "business_public_key_signature_status": status})
        })
    }

    /// Returns the forms of the account.
    pub fn forms(&self) -> Vec<KeptForm> {
        self.state().forms.clone()
    }

    /// Puts forms into the account that were published long ago; those it has only get
    /// this endpoint.
    pub fn know_forms(&self, forms: &[(String, &str)], endpoint: &str) -> Result<(), String> {
        let mut state = self.state();
        for (name, text) in forms {
            let known = state.forms.iter().find(|one| one.name == *name);
            let mut one = known.cloned().unwrap_or_else(|| KeptForm {
                id: String::new(),
                name: name.clone(),
                categories: vec!["OTHER".to_owned()],
                endpoint: None,
                state: FormState::Published,
                definition: Value::Null,
                faults: Vec::new(),
            });
            if one.id.is_empty() {
                one.id = state.form_id();
                (one.definition, one.faults) = check::read(text, 0);
            }
            if let Some(fault) = one.faults.first() {
                return Err(format!("{name}: {}", fault["message"]));
            }
            one.endpoint = Some(endpoint.to_owned());
            state.keep_form(one);
        }
        drop(state);
        self.changed(News::Switches);
        Ok(())
    }

    /// Begins a form.
    pub(crate) fn create_form(&self, request: &Value) -> Result<Value, GraphError> {
        let fields = Fields::of(String::new(), request)?;
        fields.text("name", LONGEST_NAME)?;
        if fields.get("categories").is_none() {
            return Err(GraphError::missing("categories"));
        }
        let mut one = KeptForm {
            id: String::new(),
            name: String::new(),
            categories: Vec::new(),
            endpoint: None,
            state: FormState::Draft,
            definition: Value::Null,
            faults: Vec::new(),
        };
        one.describe(request)?;
        let mut state = self.state();
        state.is_free(&one)?;
        one.id = state.form_id();
        let answer = json!({"id": one.id});
        state.keep_form(one);
        drop(state);
        self.changed(News::Switches);
        Ok(answer)
    }

    /// Changes what is said of a form; its name and what it is about only while it is a
    /// draft. Returns nothing if the id is no form's.
    pub(crate) fn change_form(
        &self,
        id: &str,
        request: &Value,
    ) -> Option<Result<Value, GraphError>> {
        self.state().form(id).ok()?;
        Some(self.alter_form(id, |state, one| {
            let before = one.clone();
            one.describe(request)?;
            let is_same = (&one.name, &one.categories) == (&before.name, &before.categories);
            if one.state != FormState::Draft && !is_same {
                let why = "A published form keeps its name and categories.";
                return Err(GraphError::new(139_001, why));
            }
            state.is_free(one)?;
            Ok(success())
        }))
    }

    /// Takes the definition of a draft in, and says what is wrong with it.
    pub(crate) fn define_form(&self, id: &str, text: &str) -> Result<Value, GraphError> {
        self.alter_form(id, |state, one| {
            if one.state != FormState::Draft {
                let why = "A published form cannot be changed: make another.";
                return Err(GraphError::new(139_001, why));
            }
            (one.definition, one.faults) = check::read(text, state.options.oldest_form_version);
            Ok(json!({"success": true, "validation_errors": one.faults}))
        })
    }

    /// Publishes a draft that is whole.
    pub(crate) fn publish_form(&self, id: &str) -> Result<Value, GraphError> {
        self.alter_form(id, |state, one| {
            let why = if one.state != FormState::Draft {
                "Only a draft can be published."
            } else if one.definition.is_null() || !one.faults.is_empty() {
                "The definition is missing, or has validation errors."
            } else if one.definition["data_api_version"].is_null() {
                ""
            } else if one.endpoint.is_none() {
                "A form with a data endpoint needs endpoint_uri."
            } else if !state.form_key.as_ref().is_some_and(|key| key.is_signed) {
                "The public key has to be uploaded and signed first."
            } else {
                ""
            };
            if !why.is_empty() {
                return Err(GraphError::new(139_002, why));
            }
            one.state = FormState::Published;
            Ok(success())
        })
    }

    /// Puts a published form out of use, for good.
    pub(crate) fn deprecate_form(&self, id: &str) -> Result<Value, GraphError> {
        self.alter_form(id, |_, one| {
            if one.state != FormState::Published {
                let why = "Only a published form can be deprecated.";
                return Err(GraphError::new(139_003, why));
            }
            one.state = FormState::Deprecated;
            Ok(success())
        })
    }

    /// Deletes a draft. Returns nothing if the id is no form's.
    pub(crate) fn delete_form(&self, id: &str) -> Option<Result<Value, GraphError>> {
        let mut state = self.state();
        let one = state.form(id).ok()?;
        if one.state != FormState::Draft {
            let why = "Only a draft can be deleted.";
            return Some(Err(GraphError::new(139_004, why)));
        }
        state.forms.retain(|known| known.id != id);
        state.note(|| Change::FormGone(id.to_owned()));
        drop(state);
        self.changed(News::Switches);
        Some(Ok(success()))
    }

    fn alter_form(
        &self,
        id: &str,
        change: impl FnOnce(&State, &mut KeptForm) -> Result<Value, GraphError>,
    ) -> Result<Value, GraphError> {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let mut one = state.form(id)?;
        let before = one.state;
        let answer = change(&state, &mut one)?;
        if one.state != before {
            let value = json!({
                "event": "FLOW_STATUS_CHANGE", "flow_id": one.id,
                "message": format!("Flow {} is {}", one.name, one.state.as_str()),
                "old_status": before.as_str(), "new_status": one.state.as_str(),
            });
            tell(&mut state, "flows", &value, now);
        }
        state.keep_form(one);
        drop(state);
        self.changed(News::Switches);
        Ok(answer)
    }
}

impl State {
    fn form(&self, id: &str) -> Result<KeptForm, GraphError> {
        let known = self.forms.iter().find(|one| one.id == id).cloned();
        known.ok_or_else(|| GraphError::no_such_object(id))
    }

    fn is_free(&self, form: &KeptForm) -> Result<(), GraphError> {
        let is_taken = |one: &KeptForm| one.name == form.name && one.id != form.id;
        if self.forms.iter().any(is_taken) {
            let why = format!("The account has a form called \"{}\" already.", form.name);
            return Err(GraphError::parameter(why));
        }
        Ok(())
    }

    fn form_id(&mut self) -> String {
        loop {
            let id = format!("{}", 2_300_000_000_000_000 + self.number());
            if self.form(&id).is_err() {
                return id;
            }
        }
    }

    fn keep_form(&mut self, one: KeptForm) {
        self.note(|| Change::Form(Box::new(one.clone())));
        match self.forms.iter_mut().find(|known| known.id == one.id) {
            Some(known) => *known = one,
            None => self.forms.push(one),
        }
    }

    fn keep_form_key(&mut self, key: KeptKey) {
        self.note(|| Change::FormKey(key.clone()));
        self.form_key = Some(key);
    }

    /// Checks that a message sends a form the account has, in the state it says.
    pub(crate) fn has_form(&self, parameters: &Value) -> Result<(), GraphError> {
        let (wanted, word) = match parameters["mode"].as_str() {
            Some("draft") => (FormState::Draft, "draft"),
            _ => (FormState::Published, "published"),
        };
        match self.sent_form(parameters) {
            Some(one) if one.state == wanted => Ok(()),
            Some(one) => {
                let is = one.state.as_str();
                let why = format!("is {word} and the form \"{}\" is {is}", one.name);
                Err(GraphError::value("mode", &why))
            }
            None => {
                let why = "names no form of this account";
                Err(GraphError::value("flow_name or flow_id", why))
            }
        }
    }

    /// Returns the form that a message sends, by id or name.
    fn sent_form(&self, parameters: &Value) -> Option<&KeptForm> {
        let (id, name) = (&parameters["flow_id"], &parameters["flow_name"]);
        let mut all = self.forms.iter();
        all.find(|one| *id == one.id || *name == one.name)
    }
}
