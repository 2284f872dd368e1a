//! Who may deal: the gate of `people`, asked on the transaction that needs to know.

use futures::future::BoxFuture;
use jiff::civil::Date;

use crate::contacts;
use crate::id::ContactId;
use crate::investing::Investing;
use crate::investing::orders::ports::{Account, Asked, Bought, Investors, Standing, Way};
use crate::investing::rules::Offer;
use crate::investing::scheme::{Plan, SchemeCode};
use crate::investing::store::portfolios;
use crate::people::gate::{
    self, Acknowledgement, Advice, Purchase, Redemption, SchemeFacts, Shown, Verdict,
};
use crate::people::{self, Investor};
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Error};

/// Asks the investor's record and the scheme's rules.
pub struct Gatekeeper {
    investing: Investing,
    keys: Keyring,
    /// EUIN of the person who advises; none means that everything is execution only.
    euin: Option<String>,
}

impl Gatekeeper {
    /// Returns the gate over what `investing` knows of schemes.
    pub fn new(investing: Investing, keys: Keyring, euin: Option<String>) -> Self {
        Self {
            investing,
            keys,
            euin,
        }
    }

    async fn ask(&self, conn: &mut Conn, asked: &Asked) -> Result<Standing, Error> {
        let row = asked.contact.to_string();
        let mut loaded =
            contacts::store::load(conn, &self.keys, std::slice::from_ref(&row)).await?;
        let stored = loaded.remove(&row);
        // Whose number changed has to be known again first; whatever else is on record.
        let Some(stored) = stored.filter(|s| s.contact.unverified_since.is_none()) else {
            let why = gate::Blocker::NotBound.code();
            return Ok(Standing::Blocked(vec![why.to_owned()]));
        };
        let investor = people::store::find_investor(conn, &stored.key, asked.contact).await?;
        // Who proved to be them by user id still is when Meta shows their number, too.
        let names = [stored.profile.phone, stored.profile.user_id];
        let bound = investor.binding.as_ref().map(|binding| &binding.number);
        let mut names = names.iter().flatten();
        let first = names.clone().next();
        let number = names.find(|name| Some(*name) == bound).or(first);
        let number = number.map(String::as_str);
        let mut why = Vec::new();
        let mut advice = Advice::ExecutionOnly;
        if let Some(bought) = asked.buys {
            let known = (&investor, number, &stored.key);
            let (verdict, advised) = self.buying(conn, asked, &bought, known).await?;
            why.extend(words(&verdict));
            advice = advised;
        }
        // Units that pay for others are redeemed first.
        if asked.buys.is_none_or(|bought| bought.way == Way::Switch) {
            let redemption = Redemption {
                investor: &investor,
                asked_by: asked.contact,
                asked_from: number,
                today: asked.today,
                gateway: asked.gateway,
                is_confirmed: false,
            };
            for word in words(&gate::check_redemption(&redemption)) {
                if !why.contains(&word) {
                    why.push(word);
                }
            }
        }
        Ok(match account(&investor, asked.gateway) {
            Some(account) if why.is_empty() => Standing::Ready(Account {
                euin: (advice == Advice::Euin)
                    .then(|| self.euin.clone())
                    .flatten(),
                ..account
            }),
            _ => Standing::Blocked(why),
        })
    }

    /// Asks whether these units may be bought, with an adviser's name on it where it suits.
    async fn buying(
        &self,
        conn: &mut Conn,
        asked: &Asked,
        bought: &Bought,
        (investor, number, key): (&Investor, Option<&str>, &DataKey),
    ) -> Result<(Verdict, Advice), Error> {
        let scheme = bought.scheme;
        let acknowledged =
            people::store::list_acknowledgements(conn, asked.contact, scheme.0).await?;
        let consents = contacts::store::list_consents(conn, asked.contact, key).await?;
        let is_new_amc = self.is_new_amc(conn, asked.contact, scheme).await?;
        let purchase = |advice| Purchase {
            investor,
            is_consented: contacts::consent::is_account_given(&consents),
            asked_by: asked.contact,
            asked_from: number,
            today: asked.today,
            gateway: asked.gateway,
            amount_paise: bought.amount.0,
            is_new_amc,
            opens_folio: bought.opens_folio,
            scheme: self.scheme(bought, asked.today),
            // What a mandate covers is checked with the plan that uses it.
            payment: match bought.way {
                Way::Purchase | Way::Sip(_) => gate::Payment::ByHand,
                Way::Switch => gate::Payment::ByUnits,
            },
            advice: Some(advice),
            // A draft is what shows the terms, and its button what confirms them.
            shown: Shown::default(),
            acknowledged: &acknowledged,
            is_confirmed: false,
        };
        let advised = gate::check(&purchase(Advice::Euin));
        if self.euin.is_some() && advised.may_show_terms() {
            return Ok((advised, Advice::Euin));
        }
        let alone = gate::check(&purchase(Advice::ExecutionOnly));
        Ok((alone, Advice::ExecutionOnly))
    }

    /// What the rules say of the scheme. Amounts are checked with the order or the plan,
    /// which have different ones; here it counts that there are rules at all.
    fn scheme(&self, bought: &Bought, today: Date) -> SchemeFacts {
        let catalog = self.investing.catalog();
        let rules = self.investing.rules(bought.scheme, today);
        let risk = rules.as_ref().and_then(|rules| rules.risk);
        let listed = catalog.get(bought.scheme);
        SchemeFacts {
            is_open: rules.as_ref().and_then(|rules| match bought.way {
                Way::Purchase => rules.purchase,
                // A scheme that suspends lump sums may go on with SIPs.
                Way::Sip(every) => rules
                    .sip
                    .get(&every)
                    .map(|offer| matches!(offer, Offer::Yes(_))),
                Way::Switch => rules.switch_in,
            }),
            minimum_paise: rules.as_ref().map(|_| 1),
            maximum_paise: None,
            multiple_paise: None,
            is_regular: listed.is_some_and(|listed| listed.plan == Plan::Regular),
            allows_physical: None,
            risk: risk.map(|risk| risk.level),
            // Not in the rules' file yet: refused rather than guessed.
            refuses_north_americans: true,
        }
    }

    async fn is_new_amc(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> Result<bool, Error> {
        let catalog = self.investing.catalog();
        let Some(amc) = catalog.get(scheme).map(|listed| listed.amc.clone()) else {
            return Ok(true);
        };
        Ok(!portfolios::is_with(conn, contact, &amc).await?)
    }
}

/// What a verdict has against it, in stable words.
fn words(verdict: &Verdict) -> Vec<String> {
    let blocked = verdict.blockers.iter().map(gate::Blocker::code);
    let unsaid = verdict.acknowledgements.iter().map(Acknowledgement::code);
    blocked.chain(unsaid).map(str::to_owned).collect()
}

fn account(investor: &Investor, gateway: &str) -> Option<Account> {
    let bank = &investor.bank()?.account;
    Some(Account {
        ucc: investor.account(gateway)?.ucc.clone(),
        bank: format!("{} {}", &bank.ifsc.as_str()[..4], bank.number.masked()),
        euin: None,
        has_nominees: !investor.nomination.nominees().is_empty(),
    })
}

impl Investors for Gatekeeper {
    fn standing<'c>(
        &'c self,
        conn: &'c mut Conn,
        asked: &'c Asked,
    ) -> BoxFuture<'c, Result<Standing, Error>> {
        Box::pin(self.ask(conn, asked))
    }

    fn is_paused<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
    ) -> BoxFuture<'c, Result<bool, Error>> {
        Box::pin(people::store::is_money_paused(conn, contact))
    }
}
