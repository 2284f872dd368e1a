//! The account's templates: listed from Meta, written down, compared and handed in. What its
//! number may do is asked for with them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::config::Credentials;
use crate::notifications::definitions;
use crate::pipeline::{self, JobError, JobHandler, Registered};
use crate::whatsapp::templates::{Definition, Edit, Handles, InAccount, Status, Step, plan};
use crate::whatsapp::{CallError, GraphClient};

/// How far back edits of ours are of interest.
const EDITS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Pause before the list is asked for again at the start, doubling.
const AGAIN_FIRST: Duration = Duration::from_millis(500);
const AGAIN_LAST: Duration = Duration::from_mins(5);

/// The account at the other end, and what is written down about it. Cheap to clone.
#[derive(Clone)]
pub struct TemplateDesk {
    app: App,
    client: GraphClient,
    account: String,
}

/// What became of one step.
#[derive(Debug)]
pub enum Applied {
    /// Meta took it in, and reviews it.
    Taken,
    /// Meta refused it.
    Refused(CallError),
}

impl TemplateDesk {
    /// Returns the desk of an account.
    pub fn new(app: &App, credentials: &Credentials, graph_url: &str) -> anyhow::Result<Self> {
        let client = app.graph(credentials, graph_url)?;
        Ok(Self {
            app: app.clone(),
            client,
            account: credentials.waba_id.clone(),
        })
    }

    /// Asks for the account's templates and writes them down.
    pub async fn refresh(&self) -> anyhow::Result<Vec<InAccount>> {
        let ground = &self.app.ground;
        let asked = ground.clock.now();
        let listed = self.client.list_templates(&self.account).await;
        let listed = Arc::new(listed.context("the account's templates could not be listed")?);
        let input = (ground.clone(), Arc::clone(&listed), asked);
        let written = ground.db.write(input, |conn, (ground, listed, asked)| {
            let when = (*asked, ground.clock.now());
            Box::pin(pipeline::record_templates(conn, &ground.ids, listed, when))
        });
        written.await?;
        Ok(Arc::unwrap_or_clone(listed))
    }

    /// Asks what our number may do and writes it down. Where Graph says nothing that reads,
    /// it stays as last heard of: no template is the worse for it.
    async fn ask_for_limits(&self) -> anyhow::Result<()> {
        let ground = &self.app.ground;
        let asked = ground.clock.now();
        let limits = match self.client.number_limits().await {
            Ok(limits) => limits,
            Err(error @ CallError::Unreachable(_)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "what the number may do is as last heard of");
                return Ok(());
            }
        };
        let input = (ground.clone(), limits, asked);
        let written = ground.db.write(input, |conn, (ground, limits, asked)| {
            let when = (*asked, ground.clock.now());
            Box::pin(pipeline::record_limits(conn, &ground.ids, limits, when))
        });
        Ok(written.await?)
    }

    /// Looks at the account: its templates, and what its number may do.
    async fn look(&self) -> anyhow::Result<()> {
        self.refresh().await?;
        self.ask_for_limits().await
    }

    /// Returns the edits of ours that Meta still counts.
    pub async fn edits(&self) -> anyhow::Result<Vec<Edit>> {
        let since = self.app.ground.clock.now() - EDITS_KEPT;
        let mut conn = self.app.ground.db.read().await?;
        Ok(pipeline::edits_since(&mut conn, since).await?)
    }

    /// Compares what is written down with what the account has.
    pub fn plan<'a>(
        &self,
        wanted: &'a [Definition],
        account: &'a [InAccount],
        edits: &[Edit],
    ) -> Vec<Step<'a>> {
        plan(wanted, account, edits, self.app.ground.clock.now())
    }

    /// Does what a step says; nothing for one that asks Meta for nothing.
    pub async fn apply(&self, step: &Step<'_>) -> anyhow::Result<Option<Applied>> {
        let (Step::Create(one) | Step::Edit(one, _)) = step else {
            return Ok(None);
        };
        let handles = match self.hand_over(&one.files).await? {
            Ok(handles) => handles,
            Err(refused) => return Ok(Some(Applied::Refused(refused))),
        };
        let asked = if let Step::Edit(_, known) = step {
            self.edit(one, known, &handles).await?
        } else {
            let created = self.client.create_template(&self.account, one, &handles);
            created.await.map(drop)
        };
        Ok(Some(
            asked.map_or_else(Applied::Refused, |()| Applied::Taken),
        ))
    }

    /// Hands over the files above words, which a reviewer is shown; returns their handles.
    async fn hand_over(&self, files: &[String]) -> anyhow::Result<Result<Handles, CallError>> {
        let mut handles = Handles::new();
        for name in files {
            let file = super::documents::of_template(name)?;
            let file = file.with_context(|| format!("there is no file `{name}` for templates"))?;
            match self.client.upload_sample(file).await {
                Ok(handle) => handles.insert(name.clone(), handle),
                Err(refused) => return Ok(Err(refused)),
            };
        }
        Ok(Ok(handles))
    }

    async fn edit(
        &self,
        one: &Definition,
        known: &InAccount,
        handles: &Handles,
    ) -> anyhow::Result<Result<(), CallError>> {
        let is_free = known.status == Status::Rejected;
        let edited = self
            .client
            .edit_template(&known.id, one, is_free, handles)
            .await;
        if edited.is_ok() && !is_free {
            let ground = &self.app.ground;
            let edit = Edit {
                id: known.id.clone(),
                at: ground.clock.now(),
            };
            let written = ground.db.write(edit, |conn, edit| {
                Box::pin(pipeline::record_edit(conn, edit))
            });
            written.await?;
        }
        Ok(edited)
    }

    /// Returns what is written down about the account's templates.
    pub async fn registered(&self) -> anyhow::Result<Vec<Registered>> {
        let mut conn = self.app.ground.db.read().await?;
        Ok(pipeline::list_templates(&mut conn).await?)
    }

    /// Looks at the account until all of it was seen once, and stays until `stop`; the
    /// hourly job does the rest.
    pub(super) async fn begin(self, stop: CancellationToken) {
        let mut pause = AGAIN_FIRST;
        while let Err(error) = self.look().await {
            tracing::warn!(error = &*error, "templates and limits are as last heard of");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(AGAIN_LAST),
            }
        }
        stop.cancelled().await;
    }
}

/// Looks at the account every hour, in case a webhook was lost. Looking twice writes the same
/// down.
pub(super) struct Listing(pub(super) TemplateDesk);

impl JobHandler for Listing {
    fn kind(&self) -> &'static str {
        "templates"
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move { Ok(self.0.look().await?) })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let whole = TimestampRound::new()
            .smallest(Unit::Hour)
            .mode(RoundMode::Trunc);
        let next = now.checked_add(SignedDuration::from_hours(1)).ok()?;
        let next = next.round(whole).ok()?;
        Some((next.to_string(), next))
    }
}

/// Returns what every template of the product is handed in as, for an emulator that has
/// them approved from the start.
pub fn creations() -> anyhow::Result<Vec<serde_json::Value>> {
    let (all, handles) = (definitions()?, Handles::new());
    Ok(all.iter().map(|one| one.creation(&handles)).collect())
}

/// Where the Graph API is for a command beside the service: Meta's, or that of the demo
/// which runs on this machine.
pub fn graph_url(app: &App) -> String {
    let settings = &app.settings;
    if settings.is_demo() {
        let address = super::demo::reachable(settings.http_addr);
        format!("http://{address}{}", super::demo::GRAPH)
    } else {
        settings.graph.base_url.clone()
    }
}
