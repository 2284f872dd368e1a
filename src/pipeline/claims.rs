//! Takes contacts whose messages wait, with all that their turns need, in one write.

use std::collections::HashMap;

use super::leases::millis;
use super::store::{self, Claimed};
use super::turn::StoredSession;
use super::{Ground, LEASE};
use crate::contacts::store::StoredContact;
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// What the turns of claimed contacts need.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) contacts: HashMap<String, StoredContact>,
    pub(super) sessions: HashMap<String, StoredSession>,
}

impl Loaded {
    /// Loads what can be read: damage to one contact must not keep the others waiting.
    async fn of(conn: &mut Conn, keys: &Keyring, claimed: &[Claimed]) -> Result<Self, Error> {
        let ids: Vec<String> = claimed.iter().map(|one| one.contact.clone()).collect();
        Ok(Self {
            contacts: crate::contacts::store::load_readable(conn, keys, &ids).await?,
            sessions: store::sessions(conn, &ids).await?,
        })
    }

    /// Loads it apart from the claim.
    pub(super) async fn read(ground: &Ground, claimed: &[Claimed]) -> Result<Self, Error> {
        let mut conn = ground.db.read().await?;
        Self::of(&mut conn, &ground.keys, claimed).await
    }
}

/// Claims contacts and, in the same transaction, loads what their turns need. One that does
/// not read is claimed with the others, so that it is alone next time.
pub(super) async fn claim(ground: &Ground, most: usize) -> Result<(Vec<Claimed>, Loaded), Error> {
    let now = ground.clock.now().as_millisecond();
    let most = i64::try_from(most).unwrap_or(1);
    let free = ground.db.lock_free_rows();
    let input = (ground.process, ground.keys.clone(), now, most, free);
    let write = ground
        .db
        .write(input, |conn, (process, keys, now, most, free)| {
            Box::pin(async move {
                let until = now + millis(LEASE);
                let claimed = store::claim(conn, *process, *now, until, *most, free).await?;
                let loaded = Loaded::of(conn, keys, &claimed).await?;
                Ok((claimed, loaded))
            })
        });
    write.await
}

/// Claims one contact whose last holder never gave it back, if there is one.
pub(super) async fn claim_alone(ground: &Ground) -> Result<Option<Claimed>, Error> {
    let now = ground.clock.now().as_millisecond();
    // Most of the time there is none, and looking is cheaper than writing.
    if !store::any_left_behind(&mut *ground.db.read().await?, now).await? {
        return Ok(None);
    }
    let input = (ground.process, now, ground.db.lock_free_rows());
    let write = ground.db.write(input, |conn, (process, now, free)| {
        let until = now + millis(LEASE);
        Box::pin(store::claim_alone(conn, *process, *now, until, free))
    });
    write.await
}
