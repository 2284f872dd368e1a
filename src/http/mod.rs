//! The edge: what is reachable, and what every request goes through.
//!
//! No rule lives here. A handler reads the request, asks a port and says the outcome
//! in HTTP's words. Errors are RFC 9457 problems with a stable `code`, except on the
//! webhook, where Meta reads nothing but the status.

mod calendar;
mod documents;
mod forms;
mod gateway;
mod health;
mod middleware;
mod problem;
mod server;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

pub use axum::Router as Routes;
pub use calendar::{Calendars, calendars};
pub use documents::{Paper, Papers, routes as document_routes};
pub use forms::{FORMS_PATH, FormAnswer, FormIntake, routes as form_routes};
pub use gateway::{GatewayIntake, routes as gateway_routes};
pub use health::{Condition, Part};
pub use problem::Problem;
pub use server::{Listener, serve};
pub use webhook::{Accepted, Intake};

use crate::clock::Clock;
use crate::id::Ids;

/// What the edge needs from the rest.
#[derive(Clone)]
pub struct Ports {
    /// Takes webhooks in.
    pub intake: Arc<dyn Intake>,
    /// Knows how the service is.
    pub condition: Arc<dyn Condition>,
    /// Prints the metrics.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Stamps requests that come without an id.
    pub clock: Clock,
    /// Makes those ids.
    pub ids: Ids,
}

/// Returns every route, `extra` ones included, inside the middleware.
pub fn router(ports: Ports, extra: Router) -> Router {
    let stamp = middleware::Stamp {
        clock: ports.clock.clone(),
        ids: ports.ids.clone(),
    };
    let condition = Arc::clone(&ports.condition);
    let routes = Router::new()
        .route("/healthz", get(health::show_health))
        .route("/readyz", get(health::show_readiness))
        .route("/metrics", get(health::show_metrics))
        .route("/webhooks/whatsapp", webhook::route(webhook::ROOM))
        .with_state(ports)
        .merge(extra)
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed);
    middleware::wrap(routes, stamp, condition)
}

#[cfg(test)]
mod tests;
