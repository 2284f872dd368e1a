//! The account's templates, over Graph.

use serde_json::Value;

use super::{CallError, GraphClient, id_of};
use crate::whatsapp::templates::{Definition, FIELDS, Handles, InAccount};

impl GraphClient {
    /// Returns every template of an account, page by page.
    pub async fn list_templates(&self, account: &str) -> Result<Vec<InAccount>, CallError> {
        let listed = self.list(account, "message_templates", FIELDS).await?;
        Ok(listed.iter().filter_map(InAccount::read).collect())
    }

    /// Hands a template in; returns Meta's id of it.
    pub async fn create_template(
        &self,
        account: &str,
        one: &Definition,
        handles: &Handles,
    ) -> Result<String, CallError> {
        let address = self.object(&[account, "message_templates"]);
        let request = self.http.post(address).json(&one.creation(handles));
        let (status, answer) = self.ask(request).await?;
        id_of(&answer).ok_or(CallError::Unreadable(status))
    }

    /// Replaces the text of a template; `with_category` while it is not approved.
    pub async fn edit_template(
        &self,
        id: &str,
        one: &Definition,
        with_category: bool,
        handles: &Handles,
    ) -> Result<(), CallError> {
        let request = self.http.post(self.object(&[id]));
        let request = request.json(&one.edition(with_category, handles));
        let (status, answer) = self.ask(request).await?;
        if answer.get("success") == Some(&Value::Bool(true)) {
            Ok(())
        } else {
            Err(CallError::Unreadable(status))
        }
    }
}
