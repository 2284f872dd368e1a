//! Files that a reviewer at Meta is shown with a template
//! (<https://developers.facebook.com/docs/graph-api/guides/upload>).

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;

use super::{CallError, GraphClient};
use crate::whatsapp::media::File;

impl GraphClient {
    /// Hands a sample over; returns the handle that stands for it in a template.
    pub async fn upload_sample(&self, file: File) -> Result<String, CallError> {
        let length = file.bytes.len().to_string();
        let about = [
            ("file_length", length.as_str()),
            ("file_type", &file.mime),
            ("file_name", &file.name),
        ];
        // `app` is whichever app the token is of.
        let announced = self.http.post(self.object(&["app", "uploads"]));
        let (status, begun) = self.ask(announced.query(&about)).await?;
        let id = begun.get("id").and_then(|id| id.as_str());
        let address = id.and_then(|id| self.upload_address(id));
        let address = address.ok_or(CallError::Unreadable(status))?;
        let whole = self.http.post(address).header("file_offset", "0");
        let whole = whole.header(CONTENT_TYPE, file.mime).body(file.bytes);
        let (status, done) = self.ask_as(&self.upload_authorization, whole).await?;
        let handle = done.get("h").and_then(|handle| handle.as_str());
        handle
            .map(str::to_owned)
            .ok_or(CallError::Unreadable(status))
    }

    /// Returns where an upload goes: its id has a query of its own.
    fn upload_address(&self, id: &str) -> Option<Url> {
        let root = self.root.as_str().trim_end_matches('/');
        let is_upload = id.starts_with("upload:");
        is_upload.then(|| Url::parse(&format!("{root}/{id}")).ok())?
    }
}
