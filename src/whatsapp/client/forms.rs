//! The account's forms and the number's key for them, over Graph.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{CallError, GraphClient, id_of};
use crate::whatsapp::forms::{Definition, FIELDS, FormFault, FormInAccount, KeyInAccount};

/// What the forms of a distributor are about, in Meta's words.
const CATEGORY: &str = "OTHER";
const ENCRYPTION: &str = "whatsapp_business_encryption";

impl GraphClient {
    /// Returns the number's public key for forms, if one was uploaded.
    pub async fn form_key(&self) -> Result<Option<KeyInAccount>, CallError> {
        let asked = self.ask(self.request(Method::GET, &[ENCRYPTION])).await;
        Ok(KeyInAccount::read(&asked?.1))
    }

    /// Uploads the number's public key for forms.
    pub async fn upload_form_key(&self, pem: &str) -> Result<(), CallError> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("business_public_key", pem);
        let request = self.request(Method::POST, &[ENCRYPTION]);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.succeed(request.body(body.finish())).await
    }

    /// Returns every form of an account, page by page.
    pub async fn list_forms(&self, account: &str) -> Result<Vec<FormInAccount>, CallError> {
        let listed = self.list(account, "flows", FIELDS).await?;
        Ok(listed.iter().filter_map(FormInAccount::read).collect())
    }

    /// Begins a form; returns Meta's id of the draft.
    pub async fn create_form(
        &self,
        account: &str,
        one: &Definition,
        endpoint: &str,
    ) -> Result<String, CallError> {
        let request = self.http.post(self.object(&[account, "flows"]));
        let body = json!({"name": one.name, "categories": [CATEGORY], "endpoint_uri": endpoint});
        let (status, answer) = self.ask(request.json(&body)).await?;
        id_of(&answer).ok_or(CallError::Unreadable(status))
    }

    /// Hands in the definition of a draft; returns what is wrong with it.
    pub async fn define_form(
        &self,
        id: &str,
        one: &Definition,
    ) -> Result<Vec<FormFault>, CallError> {
        let file = Part::text(one.json).file_name("flow.json");
        let file = file.mime_str("application/json");
        let file = file.map_err(|_| CallError::Unreachable("the form cannot be written"))?;
        let form = Form::new()
            .text("name", "flow.json")
            .text("asset_type", "FLOW_JSON")
            .part("file", file);
        let request = self.http.post(self.object(&[id, "assets"]));
        let (_, answer) = self.ask(request.multipart(form)).await?;
        Ok(FormFault::list(&answer["validation_errors"]))
    }

    /// Sets where a form asks for its screens.
    pub async fn move_form(&self, id: &str, endpoint: &str) -> Result<(), CallError> {
        let request = self.http.post(self.object(&[id]));
        let body = json!({"endpoint_uri": endpoint});
        self.succeed(request.json(&body)).await
    }

    /// Publishes a draft, which cannot be changed from then on.
    pub async fn publish_form(&self, id: &str) -> Result<(), CallError> {
        self.succeed(self.http.post(self.object(&[id, "publish"])))
            .await
    }

    /// Puts a published form out of use, for good.
    pub async fn deprecate_form(&self, id: &str) -> Result<(), CallError> {
        self.succeed(self.http.post(self.object(&[id, "deprecate"])))
            .await
    }

    async fn succeed(&self, request: reqwest::RequestBuilder) -> Result<(), CallError> {
        let (status, answer) = self.ask(request).await?;
        if answer.get("success") == Some(&Value::Bool(true)) {
            Ok(())
        } else {
            Err(CallError::Unreadable(status))
        }
    }
}
