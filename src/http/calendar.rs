//! Calendars by link. Whoever has the link has the calendar, so it is a secret: it is not
//! logged, not cached by others, and a wrong one is answered like one that has ended.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::future::BoxFuture;

use super::problem;

/// Tokens are 43 characters; anything much longer is not looked up.
const LONGEST_TOKEN: usize = 64;

/// Knows calendars by their links.
pub trait Calendars: Send + Sync + 'static {
    /// Returns the calendar a token opens, if it opens one.
    fn find<'a>(&'a self, token: &'a str) -> BoxFuture<'a, anyhow::Result<Option<String>>>;
}

/// Returns the routes of calendars.
pub fn calendars(known: Arc<dyn Calendars>) -> Router {
    Router::new()
        .route("/calendar/{token}", get(show_calendar))
        .with_state(known)
}

async fn show_calendar(
    State(known): State<Arc<dyn Calendars>>,
    Path(token): Path<String>,
) -> Response {
    let token = token.strip_suffix(".ics").unwrap_or(&token);
    if token.len() > LONGEST_TOKEN {
        return problem::not_found().await.into_response();
    }
    match known.find(token).await {
        Ok(Some(calendar)) => (
            [
                (CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (CONTENT_DISPOSITION, "inline; filename=\"sip-dates.ics\""),
                (CACHE_CONTROL, "private, no-store"),
                (REFERRER_POLICY, "no-referrer"),
            ],
            calendar,
        )
            .into_response(),
        Ok(None) => problem::not_found().await.into_response(),
        Err(error) => {
            tracing::error!(error = &*error, "a calendar could not be made");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
