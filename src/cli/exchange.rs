//! `exchange`: an exchange for mutual funds that is not there.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use crate::app::demo;
use crate::app::exchange::{OnRecord, holidays};
use crate::config::Settings;
use crate::http::{self, Listener};
use crate::lifecycle::{Lifecycle, STOP_BUDGET, stop_on_signal};
use crate::sandbox::{Exchange, ExchangeOptions};

/// Run the paper exchange alone, for a demo that runs elsewhere.
///
/// It trades the schemes and NAVs of the database that `DATABASE_URL` names, filled with
/// those that are shipped if there are none. Point a demo
/// at it with `PAPER_EXCHANGE_URL` and `PAPER_EXCHANGE_TOKEN`. Faults and options are
/// under /control.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the exchange listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8091")]
    pub(super) listen: SocketAddr,
    /// Where it posts its notices.
    #[arg(long, value_name = "URL")]
    pub(super) webhook: Option<String>,
    /// Token the member must send.
    #[arg(long, value_name = "TEXT", default_value = "paper-exchange-token")]
    pub(super) token: String,
    /// File that keeps accounts, orders and notices not yet taken.
    #[arg(long, value_name = "FILE", default_value = "data/exchange-alone.db")]
    pub(super) database: PathBuf,
    /// Approve and pay every page by an invisible hand.
    #[arg(long)]
    pub(super) auto_approve: bool,
}

/// Runs until the process is asked to stop.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let app = super::open_or_make_app(&settings).await?;
    if settings.is_demo() {
        demo::fill_market(&app).await?;
    }
    let listener = Listener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.address();
    let mut builder = Exchange::builder()
        .token(&args.token)
        .public_url(format!("http://{address}"))
        .clock(app.ground.clock.clone())
        .holidays(holidays(&app.investing.calendar()))
        .market(Arc::new(OnRecord::new(app.investing.clone())))
        .persist(args.database);
    if let Some(webhook) = args.webhook {
        builder = builder.callback_url(webhook);
    }
    let exchange = builder.build().await?;
    if args.auto_approve {
        exchange.set_options(ExchangeOptions {
            auto_approve: true,
            ..exchange.options()
        });
    }
    let lifecycle = Lifecycle::default();
    let routes = exchange.router();
    let stopping = lifecycle.stopping();
    lifecycle.spawn_named("exchange", async move {
        exchange.run(stopping).await;
        Ok::<(), std::convert::Infallible>(())
    });
    lifecycle.spawn_named("http", http::serve(listener, routes, lifecycle.clone()));
    super::say(format!(
        "Paper exchange at http://{address}, token {}",
        args.token
    ));
    stop_on_signal(lifecycle.clone()).await?;
    lifecycle.finish(STOP_BUDGET).await?;
    app.ground.db.close().await;
    Ok(())
}
