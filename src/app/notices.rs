//! Telling investors: what the stages of `notifications` need from the other rooms.

use std::sync::Arc;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::civil::Date;

use super::App;
use crate::config::{ApprovedTemplates, Mail};
use crate::http::{self, Routes};
use crate::id::ContactId;
use crate::language::Language;
use crate::lifecycle::Lifecycle;
use crate::notifications::gateway::{Server, Smtp, Tls};
use crate::notifications::ports::{AddressBook, Planned, Schedule, Templates};
use crate::notifications::{Distributor, Follower, PostOffice, Telling, service};
use crate::pipeline::QuietHours;

/// Starts the stages.
pub(super) fn start(app: &App, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let settings = &app.settings;
    let ground = app.ground.clone();
    let records = Arc::new(Records { app: app.clone() });
    let mut addresses: Option<Arc<dyn AddressBook>> = None;
    if let Some(mail) = &settings.notices.mail {
        let post = Smtp::new(server(mail), &mail.from, ground.clock.clone())
            .context("EMAIL_FROM does not read as an address")?;
        let office = PostOffice::new(ground.clone(), Arc::new(post));
        super::spawn(lifecycle, "letters", office.run(lifecycle.stopping()));
        addresses = Some(Arc::clone(&records) as Arc<dyn AddressBook>);
    }
    let (from, to) = settings.notices.quiet.unzip();
    let follower = Follower::new(Telling {
        ground,
        investing: app.investing.clone(),
        voice: app.notices.clone(),
        addresses,
        templates: Arc::new(Approved(settings.notices.templates.clone())),
        schedule: records,
        quiet: QuietHours::from_minutes(from, to),
        distributor: Distributor {
            name: settings.distributor.name.clone(),
            arn: settings.distributor.arn.clone(),
            grievance_contact: settings.distributor.grievance_contact.clone(),
        },
    });
    super::spawn(lifecycle, "notices", follower.run(lifecycle.stopping()));
    Ok(())
}

/// Returns the routes of calendars.
pub(super) fn routes(app: &App) -> Routes {
    http::calendars(Arc::new(Records { app: app.clone() }))
}

fn server(mail: &Mail) -> Server {
    let tls = match (mail.is_implicit_tls, mail.is_local) {
        (true, _) => Tls::Implicit,
        (false, true) => Tls::None,
        (false, false) => Tls::Required,
    };
    Server {
        host: mail.host.clone(),
        port: mail.port,
        tls,
        login: mail.login.clone(),
    }
}

struct Approved(ApprovedTemplates);

impl Templates for Approved {
    fn is_approved(&self, name: &str, language: Language) -> bool {
        match &self.0 {
            ApprovedTemplates::All => true,
            ApprovedTemplates::Named(names) => names.iter().any(|known| {
                known
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest == format!("/{}", language.code()))
            }),
        }
    }
}

struct Records {
    app: App,
}

impl AddressBook for Records {
    fn email(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        Box::pin(async move {
            let _ = contact;
            Ok(None)
        })
    }
}

impl Schedule for Records {
    fn instalments(
        &self,
        contact: ContactId,
        until: Date,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Planned>>> {
        Box::pin(async move {
            let _ = (contact, until);
            Ok(Vec::new())
        })
    }
}

impl http::Calendars for Records {
    fn find<'a>(&'a self, token: &'a str) -> BoxFuture<'a, anyhow::Result<Option<String>>> {
        Box::pin(async move {
            let catalog = self.app.investing.catalog();
            let voice = self.app.notices.clone();
            service::calendar_of_link(&self.app.ground, &catalog, self, &voice, token).await
        })
    }
}
