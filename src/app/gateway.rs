//! Builds the order gateway that the settings name.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::config::{Exchange, Gateway};
use crate::investing::gateway::{OrderGateway, PaperGateway};

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

/// Builds the gateway; `here` is the paper exchange of this process, if there is one.
/// `None` where nothing can be bought or sold.
pub fn build(
    settings: &Gateway,
    here: Option<&PaperHere>,
) -> anyhow::Result<Option<Arc<dyn OrderGateway>>> {
    let (url, token) = match (&settings.exchange, here) {
        (Exchange::None, _) | (Exchange::Paper(None), None) => return Ok(None),
        (Exchange::Paper(Some(alone)), _) => (&alone.url, &alone.token),
        (Exchange::Paper(None), Some(here)) => (&here.url, &here.token),
        (Exchange::Bse(_), _) => {
            anyhow::bail!("ORDER_GATEWAY is bse, which this build does not have")
        }
    };
    let paper = PaperGateway::new(url, token.clone(), TIMEOUT)?;
    Ok(Some(Arc::new(paper)))
}
