//! Telling investors: what the stages of `notifications` need from the other rooms.

use std::sync::Arc;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::civil::Date;

use super::App;
use crate::clock::ist;
use crate::config::Mail;
use crate::http::{self, Routes};
use crate::id::{ContactId, InstalmentId};
use crate::investing::orders::service::{is_to_come, upcoming_of};
use crate::lifecycle::Lifecycle;
use crate::notifications::gateway::{Server, Smtp, Tls};
use crate::notifications::ports::{AddressBook, Planned, Schedule};
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

struct Records {
    app: App,
}

impl AddressBook for Records {
    fn email(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        Box::pin(async move {
            let investor = self.app.people.investor(contact).await?;
            Ok(investor.email.map(|email| email.address))
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
            let ground = &self.app.ground;
            let calendar = self.app.investing.calendar();
            let today = ground.clock.now().to_zoned(ist()).date();
            let mut conn = ground.db.read().await?;
            let keys = &ground.keys;
            let span = (today, until);
            let ahead = upcoming_of(&mut conn, keys, &calendar, contact, span).await?;
            let planned = ahead.into_iter().map(|one| Planned {
                key: format!("{}-{}", one.plan, one.number),
                plan: one.plan,
                date: one.on,
                scheme: one.scheme,
                amount: one.amount,
            });
            Ok(planned.collect())
        })
    }

    fn is_to_come(&self, instalment: InstalmentId) -> BoxFuture<'_, anyhow::Result<bool>> {
        Box::pin(async move {
            let mut conn = self.app.ground.db.read().await?;
            Ok(is_to_come(&mut conn, instalment).await?)
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
