//! What a demo has that a live service has not: an emulator, a phone, people, holdings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use jiff::Timestamp;

use super::exchange::{OnRecord, holidays};
use super::gateway::PaperHere;
use super::{App, demo_people};
use crate::clock::Clock;
use crate::config::Credentials;
use crate::dialogue::forms::definitions;
use crate::http::Routes;
use crate::pipeline;
use crate::sandbox::exchange::ExchangeOptions;
use crate::sandbox::{Emulator, Exchange, ReleaseHook, ScriptedModel, personas};
use crate::whatsapp::forms::FormKey;

/// 24 August 2026, ten in the morning in India: the Monday after the shipped NAVs.
const START: &str = "2026-08-24T10:00:00+05:30";
/// AMFI's file of 21 August 2026; origin in `demo/README.md`.
const NAVS: &[u8] = include_bytes!("../../demo/amfi/NAVAll.txt");
/// Invented rules of some of the schemes, labelled as that in every row.
const RULES: &[u8] = include_bytes!("../../demo/scheme-rules.csv");
/// An invented investor's statement; the mobile number in it is Asha's.
const STATEMENT: &[u8] = include_bytes!("../../demo/cas/asha.json");
/// Where the Graph side of the emulator is mounted.
pub(super) const GRAPH: &str = "/sandbox/graph";

/// Where the paper exchange is mounted.
const EXCHANGE: &str = "/sandbox/exchange";

/// Where the scripted model is mounted.
const MODEL: &str = "/sandbox/model";

/// Secrets that both ends of the demo know and nothing outside it does.
const APP_SECRET: &str = "demo-app-secret";
const VERIFY_TOKEN: &str = "demo-verify-token";
const ACCESS_TOKEN: &str = "demo-access-token";
const EXCHANGE_TOKEN: &str = "demo-exchange-token";
/// Last part of the address of the exchange's webhooks, unless the settings name one.
pub const GATEWAY_WEBHOOK_SECRET: &str = "demo-gateway-webhook";
const NUMBER: &str = "106540352242922";
const ACCOUNT: &str = "102290129340398";

/// The demo's key for forms. Making one takes a moment, so a process makes it once.
static FORM_KEY: LazyLock<FormKey> = LazyLock::new(FormKey::random);

/// The other end of the demo.
pub struct Demo {
    /// The emulator.
    pub emulator: Emulator,
    /// Its pages, its API and its Graph side.
    pub routes: Routes,
    /// Where its Graph side is.
    pub graph_url: String,
    /// The paper exchange, unless orders go elsewhere.
    pub exchange: Option<Exchange>,
    /// How the service reaches it.
    pub paper: Option<PaperHere>,
}

/// Returns the clock of a demo: it starts with the shipped NAVs and runs.
pub fn clock() -> Clock {
    let start: Timestamp = START.parse().expect("a time written above");
    Clock::starting_at(start)
}

/// Returns what the emulator and the service agree on.
pub(super) fn credentials() -> Credentials {
    Credentials {
        app_secrets: vec![APP_SECRET.into()],
        verify_token: VERIFY_TOKEN.into(),
        access_token: ACCESS_TOKEN.into(),
        phone_number_id: NUMBER.to_owned(),
        waba_id: ACCOUNT.to_owned(),
    }
}

/// Prepares the demo's data and its other end, which keeps its files in a folder.
pub async fn start(app: &App, address: SocketAddr, folder: &Path) -> anyhow::Result<Demo> {
    let address = reachable(address);
    catch_up(app).await?;
    fill(app).await?;
    let emulator = Emulator::builder()
        .app_secret(APP_SECRET)
        .verify_token(VERIFY_TOKEN)
        .access_token(ACCESS_TOKEN)
        .phone_number_id(NUMBER)
        .waba_id(ACCOUNT)
        .business_name(&app.settings.distributor.name)
        .callback_url(format!("http://{address}/webhooks/whatsapp"))
        .clock(app.ground.clock.clone())
        .people(personas())
        .persist(folder.join("emulator.db"))
        .build()
        .await
        .context("cannot start the emulator")?;
    emulator.set_form_key(&app.connect_forms(|| FORM_KEY.clone())?);
    let forms = definitions().iter().map(|one| (one.name.clone(), one.json));
    emulator
        .know_forms(
            &forms.collect::<Vec<_>>(),
            &super::forms::local_endpoint(address),
        )
        .map_err(anyhow::Error::msg)
        .context("the emulator does not take the forms")?;
    app.forms_published.store(true, Ordering::Relaxed);
    emulator
        .know_templates(&super::templates::creations()?)
        .map_err(anyhow::Error::msg)
        .context("the emulator does not take the templates")?;
    let releasing = app.clone();
    let release: ReleaseHook = std::sync::Arc::new(move |contact| {
        let app = releasing.clone();
        Box::pin(async move {
            match app.release(&contact, "sandbox").await {
                Ok(_) => Ok(()),
                Err(error) => Err(format!("{error:#}")),
            }
        })
    });
    let mut routes = emulator
        .sandbox_router(Some(release))
        .nest(GRAPH, emulator.graph_router());
    routes = routes.nest(MODEL, ScriptedModel::default().router());
    app.connect_assistant(Some(&model_at(address)))?;
    let exchange = paper_exchange(app, address, folder).await?;
    if let Some(exchange) = &exchange {
        routes = routes.nest(EXCHANGE, exchange.router());
    }
    let paper = exchange.as_ref().map(|_| PaperHere {
        url: format!("http://{address}{EXCHANGE}"),
        token: EXCHANGE_TOKEN.into(),
    });
    Ok(Demo {
        emulator,
        routes,
        graph_url: format!("http://{address}{GRAPH}"),
        exchange,
        paper,
    })
}

/// Lets a command decide with what a demo has, and returns where its model is, if one runs
/// beside the command.
pub(super) fn connect_beside(app: &App) -> anyhow::Result<String> {
    app.connect_forms(|| FORM_KEY.clone())?;
    Ok(model_at(reachable(app.settings.http_addr)))
}

fn model_at(address: SocketAddr) -> String {
    format!("http://{address}{MODEL}/v1")
}

/// Starts the paper exchange, unless orders go elsewhere.
async fn paper_exchange(
    app: &App,
    address: SocketAddr,
    folder: &Path,
) -> anyhow::Result<Option<Exchange>> {
    let settings = &app.settings.gateway;
    if !matches!(settings.exchange, crate::config::Exchange::Paper(None)) {
        return Ok(None);
    }
    let secret = settings.webhook_secret().unwrap_or(GATEWAY_WEBHOOK_SECRET);
    let public = app.settings.public_url.clone();
    let public = public.unwrap_or_else(|| format!("http://{address}"));
    let exchange = Exchange::builder()
        .token(EXCHANGE_TOKEN)
        .public_url(format!("{public}{EXCHANGE}"))
        .callback_url(format!("http://{address}/webhooks/gateway/{secret}"))
        .clock(app.ground.clock.clone())
        .holidays(holidays(&app.investing.calendar()))
        .options(ExchangeOptions {
            opens_accounts: true,
            ..ExchangeOptions::default()
        })
        .market(std::sync::Arc::new(OnRecord::new(app.investing.clone())))
        .persist(folder.join("exchange.db"))
        .build()
        .await
        .context("cannot start the paper exchange")?;
    know_holdings(app, &exchange).await?;
    Ok(Some(exchange))
}

/// Lets the exchange know the units of the shipped statement, so that they can be sold.
async fn know_holdings(app: &App, exchange: &Exchange) -> anyhow::Result<()> {
    let statement = crate::investing::cas::parse(STATEMENT)?;
    let Some(mobile) = statement.mobile.as_deref() else {
        return Ok(());
    };
    let Some(name) = crate::contacts::wa_id(mobile) else {
        return Ok(());
    };
    let contact = app.find_contact(&name).await?;
    let seal = app.seal_of(contact).await?;
    let today = app.ground.clock.now().to_zoned(crate::clock::ist()).date();
    let portfolio = app.investing.portfolio(contact, today, &seal).await?;
    for holding in portfolio.into_iter().flat_map(|found| found.holdings) {
        if let Some(scheme) = holding.scheme
            && !holding.units.is_zero()
            && !exchange.knows_folio(&holding.folio, scheme.0)
        {
            let since = today.checked_sub(jiff::Span::new().years(2))?;
            exchange.seed_units(&holding.folio, scheme.0, since, holding.units);
        }
    }
    Ok(())
}

/// The emulator and the service talk over this machine's own address, wherever else they
/// listen.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// A demo that was moved forward stays there: time does not run backwards over a restart.
pub async fn catch_up(app: &App) -> anyhow::Result<()> {
    if let Some(latest) = pipeline::latest(&app.ground.db).await? {
        let behind = latest.as_millisecond() - app.ground.clock.now().as_millisecond();
        if behind >= 0 {
            app.ground.clock.shift_millis(behind + 1_000);
        }
    }
    Ok(())
}

/// Imports the NAVs that are shipped.
pub async fn import_shipped_navs(app: &App) -> anyhow::Result<()> {
    let now = app.ground.clock.now();
    app.investing
        .import_navs(NAVS, "shipped with the demo", now)
        .await
        .context("the shipped NAVs do not import")?;
    Ok(())
}

/// Puts what is shipped of the market in, if it is not: NAVs, and rules of some schemes.
pub async fn fill_market(app: &App) -> anyhow::Result<()> {
    if app.investing.catalog().is_empty() {
        import_shipped_navs(app).await?;
    }
    let now = app.ground.clock.now();
    app.investing
        .import_scheme_rules(RULES, "shipped with the demo", now)
        .await
        .context("the shipped scheme rules do not import")?;
    Ok(())
}

/// Puts the market and the invented statement in, if they are not.
async fn fill(app: &App) -> anyhow::Result<()> {
    fill_market(app).await?;
    app.import_statement(STATEMENT, None)
        .await
        .context("the shipped statement does not import")?;
    demo_people::fill(app)
        .await
        .context("Asha's record cannot be made")
}
