//! What Graph lists of an account, page by page.

use serde_json::Value;

use super::{CallError, GraphClient};

/// Items asked for at a time.
const PAGE: &str = "100";
/// An account has at most 6,000 templates, and nothing else in such numbers; more pages
/// than that is a loop.
const PAGES: usize = 100;

impl GraphClient {
    /// Returns every item of a list of an account, with these fields.
    pub(super) async fn list(
        &self,
        account: &str,
        edge: &str,
        fields: &str,
    ) -> Result<Vec<Value>, CallError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let mut query = vec![("fields", fields), ("limit", PAGE)];
            query.extend(after.as_deref().map(|cursor| ("after", cursor)));
            let address = self.object(&[account, edge]);
            let (status, mut page) = self.ask(self.http.get(address).query(&query)).await?;
            let next = page
                .pointer("/paging/cursors/after")
                .and_then(Value::as_str)
                .map(str::to_owned);
            let has_more = page.pointer("/paging/next").is_some();
            let Some(Value::Array(listed)) = page.get_mut("data").map(Value::take) else {
                return Err(CallError::Unreadable(status));
            };
            found.extend(listed);
            match next.filter(|_| has_more) {
                Some(cursor) => after = Some(cursor),
                None => return Ok(found),
            }
        }
        Err(CallError::Unreachable("the list has no end"))
    }
}

/// Returns Meta's id of something, which it writes as a text or a number.
pub(crate) fn id_of(json: &Value) -> Option<String> {
    match json.get("id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
