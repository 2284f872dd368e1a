//! Builds the order gateway that the settings name.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, ist};
use crate::config::{self, Bse, Exchange, Gateway};
use crate::id::Ids;
use crate::investing::Investing;
use crate::investing::gateway::bse::jose::Keys;
use crate::investing::gateway::bse::open::{Open, Payloads, V2Calls};
use crate::investing::gateway::bse::{Member, SchemeCodes};
use crate::investing::gateway::{BseGateway, OrderGateway, PaperGateway};

/// How long a call to an exchange may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A paper exchange of this very process.
#[derive(Debug, Clone)]
pub struct PaperHere {
    /// Where it is.
    pub url: String,
    /// What requests to it carry.
    pub token: SecretString,
}

/// An address where nobody answers.
const NOWHERE: &str = "https://127.0.0.1:9";

/// Returns settings of the same exchange by which it is never reached.
pub(super) fn out_of_reach(settings: &Gateway) -> (Gateway, PaperHere) {
    let mut settings = settings.clone();
    match &mut settings.exchange {
        Exchange::None | Exchange::Paper(None) => {}
        Exchange::Paper(Some(alone)) => NOWHERE.clone_into(&mut alone.url),
        Exchange::Bse(bse) => NOWHERE.clone_into(&mut bse.base_url),
    }
    let here = PaperHere {
        url: NOWHERE.to_owned(),
        token: SecretString::from("none"),
    };
    (settings, here)
}

/// What a gateway needs of the service around it.
pub struct Around<'a> {
    /// Knows the exchange's codes of schemes.
    pub investing: &'a Investing,
    /// Time.
    pub clock: &'a Clock,
    /// Trace ids.
    pub ids: &'a Ids,
}

fn build_bse(settings: &Bse, around: &Around<'_>) -> anyhow::Result<BseGateway> {
    let payloads = match settings.payloads {
        None => None,
        Some(config::Payloads::Plain) => Some(Payloads::Plain),
        Some(config::Payloads::Jose) => {
            let (Some(ours), Some(theirs)) = (&settings.private_key, &settings.exchange_key) else {
                anyhow::bail!("BSE_PAYLOADS is jose without its keys");
            };
            let keys = Keys::from_pem(ours.expose_secret(), theirs)?;
            Some(Payloads::Jose(Box::new(keys)))
        }
    };
    let json = |text: Option<&str>| text.map(serde_json::from_str).transpose();
    let open = Open {
        payloads,
        v2_calls: settings.v2_calls.clone().map(|calls| V2Calls {
            all: calls.all,
            except: calls.except,
        }),
        switch_target_key: settings.switch_target_key.clone(),
        switch_in_key: settings.switch_in_key.clone(),
        plan_ahead_keys: settings.plan_ahead_keys.clone(),
        all_units_key: settings.all_units_key.clone(),
        mandate_reference_key: settings.mandate_reference_key.clone(),
        plan_change_event: settings.plan_change_event.clone(),
        unsigned_webhooks: settings.unsigned_webhooks,
        nominee_template: json(settings.nominee_template.as_deref())?,
        relation_codes: json(settings.relation_codes.as_deref())?,
        ucc_template: json(settings.ucc_template.as_deref())?,
    };
    let member = Member {
        base_url: settings.base_url.clone(),
        member: settings.member.clone(),
        username: settings.username.clone(),
        password: settings.password.clone(),
    };
    let (investing, clock) = (around.investing.clone(), around.clock.clone());
    let codes: SchemeCodes = Arc::new(move |code| {
        let today = clock.now().to_zoned(ist()).date();
        investing.rules(code, today)?.exchange_code
    });
    let (clock, ids) = (around.clock.clone(), around.ids.clone());
    BseGateway::new(member, open, codes, TIMEOUT, clock, ids)
}

/// Builds the gateway; `here` is the paper exchange of this process, if there is one.
/// `None` where nothing can be bought or sold.
pub fn build(
    settings: &Gateway,
    here: Option<&PaperHere>,
    around: &Around<'_>,
) -> anyhow::Result<Option<Arc<dyn OrderGateway>>> {
    let (url, token) = match (&settings.exchange, here) {
        (Exchange::None, _) | (Exchange::Paper(None), None) => return Ok(None),
        (Exchange::Paper(Some(alone)), _) => (&alone.url, &alone.token),
        (Exchange::Paper(None), Some(here)) => (&here.url, &here.token),
        (Exchange::Bse(bse), _) => return Ok(Some(Arc::new(build_bse(bse, around)?))),
    };
    let paper = PaperGateway::new(url, token.clone(), TIMEOUT)?;
    Ok(Some(Arc::new(paper)))
}
