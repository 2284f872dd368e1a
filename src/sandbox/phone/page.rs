//! The page and its parts, as they were compiled in.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

const PAGE: &str = include_str!("assets/phone.html");

const ASSETS: [(&str, &str, &str); 15] = [
    ("phone.css", CSS, include_str!("assets/phone.css")),
    ("chat.css", CSS, include_str!("assets/chat.css")),
    ("media.css", CSS, include_str!("assets/media.css")),
    ("panel.css", CSS, include_str!("assets/panel.css")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ("main.js", JS, include_str!("assets/main.js")),
    ("api.js", JS, include_str!("assets/api.js")),
    ("dom.js", JS, include_str!("assets/dom.js")),
    ("words.js", JS, include_str!("assets/words.js")),
    ("bubble.js", JS, include_str!("assets/bubble.js")),
    ("template.js", JS, include_str!("assets/template.js")),
    ("media.js", JS, include_str!("assets/media.js")),
    ("chat.js", JS, include_str!("assets/chat.js")),
    ("form.js", JS, include_str!("assets/form.js")),
    ("panel.js", JS, include_str!("assets/panel.js")),
];

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Returns the routes of the page.
pub(super) fn router() -> Router {
    Router::new()
        .route("/sandbox", get(show_page))
        .route(
            "/sandbox/",
            get(|| async { Redirect::permanent("/sandbox") }),
        )
        .route("/sandbox/assets/{name}", get(show_asset))
}

async fn show_page() -> Response {
    served("text/html; charset=utf-8", PAGE)
}

async fn show_asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(asset, _, _)| *asset == name) {
        Some((_, kind, content)) => served(kind, content),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn served(kind: &'static str, content: &'static str) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}
