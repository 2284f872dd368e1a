//! Fills a database before the service starts on it: the day's NAVs, people who wrote
//! before, events that were seen before.

use anyhow::Context as _;

use super::night;
use super::run::Plan;
use super::script::{name, wa_id};
use super::store;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::contacts::store::identify;
use crate::id::{ContactId, Ids};
use crate::whatsapp::Sender;

/// People made in one write.
const AT_A_TIME: u32 = 2_000;

/// Fills the database that the settings name.
pub(super) async fn fill(
    plan: &Plan,
    environment: &[(&'static str, String)],
) -> anyhow::Result<()> {
    let lookup = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    };
    let settings = Settings::from_lookup(lookup)?;
    let app = App::open(&settings, Clock::system(), Ids::random()).await?;
    crate::app::demo::import_shipped_navs(&app)
        .await
        .context("filling the database")?;
    let mut contacts = Vec::new();
    if !plan.strangers {
        for first in (0..plan.contacts).step_by(AT_A_TIME as usize) {
            let people = first..(first + AT_A_TIME).min(plan.contacts);
            let input = (app.ground.clone(), people);
            let known = app.ground.db.write(input, |conn, (ground, people)| {
                Box::pin(async move {
                    let people: Vec<Sender> = people.clone().map(sender).collect();
                    let people: Vec<&Sender> = people.iter().collect();
                    let (keys, ids) = (&ground.keys, &ground.ids);
                    let known = identify(conn, keys, ids, &people, ground.clock.now()).await?;
                    let ids = people.iter().filter_map(|person| known.of(keys, person));
                    Ok(ids.map(str::to_owned).collect::<Vec<_>>())
                })
            });
            for id in known.await? {
                contacts.push(id.parse::<ContactId>()?);
            }
        }
    }
    store::fill_seen(&app.ground.db, plan.seen).await?;
    night::seed(&app.ground, &contacts, plan.night).await?;
    app.ground.db.close().await;
    Ok(())
}

fn sender(person: u32) -> Sender {
    Sender {
        wa_id: Some(wa_id(person)),
        name: Some(name(person)),
        ..Sender::default()
    }
}
