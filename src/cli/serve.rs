//! `serve`: the service itself.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret;

use super::say;
use crate::app::{self, App, demo};
use crate::config::Settings;
use crate::http::{self, Listener, Routes};
use crate::id::Ids;
use crate::lifecycle::{Lifecycle, STOP_BUDGET, stop_on_signal};
use crate::pipeline;
use crate::storage::ServeLock;
use crate::telemetry::metrics;

/// Run the service; also what happens without a command.
///
/// With no settings at all this is a demo: a SQLite file under data/, the WhatsApp
/// emulator, a few investors and real NAVs, and a phone to chat on in the browser.
/// With the five WHATSAPP_ credentials it is the live service.
///
/// SIGTERM or Ctrl-C stops it within 25 seconds; nothing that was accepted is lost,
/// then or at a power cut.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {}

/// Runs until the process is asked to stop.
pub(super) async fn run(_args: Args, settings: Settings) -> anyhow::Result<()> {
    let _lock = ServeLock::acquire(settings.database.url.expose_secret())?;
    let recorded = metrics::install()?;
    let listener = Listener::bind(settings.http_addr)
        .await
        .with_context(|| format!("cannot listen on {} (HTTP_ADDR)", settings.http_addr))?;
    let address = listener.address();
    let app = App::open(&settings, super::clock(&settings), Ids::random()).await?;
    let credentials = app::credentials(&settings);
    pipeline::belong_to(&app.ground.db, &credentials.phone_number_id).await?;
    let lifecycle = Lifecycle::default();
    let (extra, graph_url) = if settings.is_demo() {
        let demo = demo::start(&app, address, &settings.data_folder()).await?;
        demo.emulator.spawn_delivery(lifecycle.stopping());
        app.connect_gateway(demo.paper.as_ref())?;
        if let Some(exchange) = demo.exchange {
            let stopping = lifecycle.stopping();
            lifecycle.spawn_named("exchange", async move {
                exchange.run(stopping).await;
                Ok::<(), std::convert::Infallible>(())
            });
        }
        (demo.routes, demo.graph_url)
    } else {
        app.connect_gateway(None)?;
        (Routes::new(), settings.graph.base_url.clone())
    };
    app.start(&credentials, &graph_url, &lifecycle).await?;

    let rendering = recorded.clone();
    let render = Arc::new(move || rendering.render());
    let routes = app.routes(&credentials, render, extra, &lifecycle)?;
    lifecycle.spawn_named("http", http::serve(listener, routes, lifecycle.clone()));
    let stopping = lifecycle.stopping();
    lifecycle.spawn_named("metrics", async move {
        while !stopping.is_cancelled() {
            recorded.run_upkeep();
            tokio::select! {
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
        }
        Ok::<(), std::convert::Infallible>(())
    });

    say(if settings.is_demo() {
        format!("SIP Brewery demo: open http://{address}/sandbox")
    } else {
        format!("SIP Brewery serves http://{address}/webhooks/whatsapp")
    });
    stop_on_signal(lifecycle.clone()).await?;
    lifecycle.finish(STOP_BUDGET).await?;
    app.ground.db.close().await;
    match lifecycle.broken() {
        Some(broken) => Err(broken.into()),
        None => Ok(()),
    }
}
