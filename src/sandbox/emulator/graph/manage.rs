//! The routes that manage templates, and what an account lists.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{BODY, Emulator, GraphError, Outcome, samples, select};
use crate::sandbox::emulator::TemplateDeed;

/// Items on a page unless the request says otherwise, and at most.
const PAGE: usize = 25;
const LONGEST_PAGE: usize = 500;

type Route = Path<(String, String)>;
type Asked = Query<HashMap<String, String>>;

impl Emulator {
    /// Checks what every call must have, then does it.
    pub(super) fn manage(
        &self,
        version: &str,
        headers: &HeaderMap,
        call: impl FnOnce() -> Result<Value, GraphError>,
    ) -> Outcome {
        match self.admit(version, headers).and_then(|()| call()) {
            Ok(answer) => Outcome::Answer(200, answer),
            Err(refused) => Outcome::Refused(refused),
        }
    }

    pub(super) fn is_account(&self, id: &str) -> Result<(), GraphError> {
        if id == self.inner.settings.waba_id {
            Ok(())
        } else {
            Err(GraphError::no_such_object(id))
        }
    }

    fn page(&self, query: &HashMap<String, String>) -> Result<Value, GraphError> {
        let now = self.inner.clock.now();
        let is_wanted = |one: &Value| {
            ["name", "status", "category", "language"]
                .iter()
                .all(|key| {
                    query
                        .get(*key)
                        .is_none_or(|wanted| one[*key].as_str() == Some(wanted))
                })
        };
        let all: Vec<Value> = self
            .templates()
            .iter()
            .map(|one| one.json(now))
            .filter(is_wanted)
            .collect();
        page_of(&all, query, "message_templates")
    }
}

/// Returns the part of a list that a request asks for.
pub(super) fn page_of(
    all: &[Value],
    query: &HashMap<String, String>,
    edge: &str,
) -> Result<Value, GraphError> {
    let limit = query.get("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let from = match query.get("after") {
        None => 0,
        Some(cursor) => {
            let at = all
                .iter()
                .position(|one| one["id"].as_str() == Some(cursor));
            let bad = || GraphError::new(131_059, "The cursor is not one of this list.");
            at.ok_or_else(bad)? + 1
        }
    };
    let page: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
    let cursor = |one: Option<&Value>| one.map_or(Value::Null, |one| one["id"].clone());
    let mut paging =
        json!({"cursors": {"before": cursor(page.first()), "after": cursor(page.last())}});
    if from + page.len() < all.len() {
        paging["next"] = format!("{edge}?after={}", cursor(page.last())).into();
    }
    let fields = query.get("fields");
    let data: Vec<Value> = page.into_iter().map(|one| select(one, fields)).collect();
    Ok(json!({"data": data, "paging": paging}))
}

pub(super) fn parsed(body: &[u8]) -> Result<Value, GraphError> {
    serde_json::from_slice(body).map_err(|e| GraphError::parameter(format!("Invalid JSON: {e}")))
}

pub(super) async fn list(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    Query(query): Asked,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator
            .is_account(&id)
            .and_then(|()| emulator.page(&query))
    });
    let what = format!("GET /{version}/{id}/message_templates");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn create(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_account(&id)?;
        emulator.create_template(&parsed(&body)?)
    });
    let what = format!("POST /{version}/{id}/message_templates");
    emulator.answer(what, &body, outcome).await
}

pub(super) async fn delete(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    Query(query): Asked,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_account(&id)?;
        let name = query
            .get("name")
            .ok_or_else(|| GraphError::missing("name"))?;
        emulator.delete_template(name, query.get("hsm_id").map(String::as_str))
    });
    let what = format!("DELETE /{version}/{id}/message_templates");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn edit(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let is_upload = id.starts_with("upload:");
    let taken = body.map_err(|error| GraphError::parameter(error.body_text()));
    let taken = taken.and_then(|body| {
        if !is_upload && body.len() > BODY {
            let why = format!("The request has more than {BODY} bytes.");
            return Err(GraphError::parameter(why));
        }
        Ok(body)
    });
    let what = format!("POST /{version}/{id}");
    let body = match taken {
        Ok(body) => body,
        Err(refused) => {
            return emulator
                .answer(what, b"(too long)", Outcome::Refused(refused))
                .await;
        }
    };
    if is_upload {
        let query = uri
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        return samples::take(emulator, &version, &(id + &query), headers, &body).await;
    }
    let outcome = emulator.manage(&version, &headers, || {
        let change = parsed(&body)?;
        emulator
            .change_form(&id, &change)
            .unwrap_or_else(|| emulator.edit_template(&id, &change))
    });
    emulator.answer(what, &body, outcome).await
}

pub(super) async fn unpause(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        let all = emulator.templates();
        let known = all.iter().find(|one| one.id == id);
        let one = known.ok_or_else(|| GraphError::no_such_object(&id))?;
        emulator.treat_template(&one.name, &one.language, &TemplateDeed::Unpause);
        Ok(json!({"success": true}))
    });
    let what = format!("POST /{version}/{id}/unpause");
    emulator.answer(what, b"", outcome).await
}
