//! Files that were made for somebody, by the link they were given.
//!
//! The secret in the link is the whole proof, so the answer to a wrong, an old and a
//! foreign one is the same, and nothing about it is logged: the middleware logs the
//! route's template only.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::future::BoxFuture;

use super::Problem;

/// Has files that were made for somebody.
pub trait Papers: Send + Sync + 'static {
    /// Returns the file that the secret of a link leads to, unless it expired.
    fn fetch<'a>(&'a self, token: &'a str) -> BoxFuture<'a, anyhow::Result<Option<Paper>>>;
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Media type.
    pub mime: String,
    /// Name to save it under, in ASCII.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Returns the route of files.
pub fn routes(papers: Arc<dyn Papers>) -> Router {
    Router::new()
        .route("/documents/{token}", get(show_document))
        .with_state(papers)
}

async fn show_document(
    State(papers): State<Arc<dyn Papers>>,
    Path(token): Path<String>,
) -> Response {
    match papers.fetch(&token).await {
        Ok(Some(paper)) => served(paper),
        Ok(None) => Problem::new(
            StatusCode::NOT_FOUND,
            "document_not_found",
            "this link has expired or never led anywhere; ask for the document again",
        )
        .into_response(),
        Err(error) => {
            tracing::error!(error = &*error, "a document could not be served");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "something went wrong on our side",
            )
            .into_response()
        }
    }
}

fn served(paper: Paper) -> Response {
    let name: String = paper
        .file_name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        .collect();
    let header = |text: String| {
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
    };
    let headers: [(HeaderName, HeaderValue); 4] = [
        (CONTENT_TYPE, header(paper.mime)),
        (
            CONTENT_DISPOSITION,
            header(format!("inline; filename=\"{name}\"")),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store, private")),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow, noarchive"),
        ),
    ];
    (headers, paper.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use futures::FutureExt;
    use tower::ServiceExt;

    use super::*;

    struct One;

    impl Papers for One {
        fn fetch<'a>(&'a self, token: &'a str) -> BoxFuture<'a, anyhow::Result<Option<Paper>>> {
            let found = match token {
                "right" => Ok(Some(Paper {
                    mime: "application/pdf".to_owned(),
                    file_name: "statement\"\r\n-2026.pdf".to_owned(),
                    bytes: b"%PDF".to_vec(),
                })),
                "broken" => Err(anyhow::anyhow!("on purpose")),
                _ => Ok(None),
            };
            futures::future::ready(found).boxed()
        }
    }

    async fn get(token: &str) -> Response {
        let request = Request::get(format!("/documents/{token}"));
        let request = request.body(Body::empty()).unwrap();
        routes(Arc::new(One)).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_is_shown_and_kept_by_nobody() {
        let response = get("right").await;
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(header("cache-control"), "no-store, private");
        assert_eq!(
            header("content-disposition"),
            "inline; filename=\"statement-2026.pdf\""
        );
    }

    #[tokio::test]
    async fn a_wrong_link_leads_nowhere_and_a_fault_says_nothing() {
        assert_eq!(get("wrong").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            get("broken").await.status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
}
