//! The terms of a proposal, with every check it has to pass.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Dealing, today};
use crate::id::ContactId;
use crate::investing::calendar::Applied;
use crate::investing::lots::left_after;
use crate::investing::money::Paise;
use crate::investing::orders::charges::{self, Charges};
use crate::investing::orders::checks::{
    Rules, check_leaving, check_mandate, check_order, check_purchase, units_of,
};
use crate::investing::orders::draft::{Estimate, OrderProposal, Proposal, Refusal, Terms};
use crate::investing::orders::offer::side_of;
use crate::investing::orders::ports::{
    Account, Asked, Bought, HeldUnits, SchemeTerms, Standing, Way,
};
use crate::investing::orders::{OrderKind, PlanKind, Quantity};
use crate::investing::rules::{DatedLoad, RedemptionAsk};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::orders::book as orders;
use crate::investing::tax::TaxClass;
use crate::storage::{Conn, Error};

impl Dealing {
    /// Works out the exact terms, with every check a proposal has to pass. The same checks
    /// run again when it is confirmed, on the transaction that makes it.
    pub(super) async fn terms(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        proposal: &Proposal,
        rules: &str,
        now: Timestamp,
    ) -> Result<Result<(Terms, Account), Refusal>, Error> {
        let day = today(now);
        let asked = self.asked(contact, proposal, day);
        let account = match self.inner.investors.standing(conn, &asked).await? {
            Standing::Ready(account) => account,
            Standing::Blocked(why) => return Ok(Err(Refusal::Blocked(why))),
        };
        let terms = match proposal {
            Proposal::Order(order) => {
                self.order_terms(conn, contact, order, &account, rules, now)
                    .await?
            }
            Proposal::Plan(plan) => {
                self.plan_terms(conn, contact, plan, &account, rules, now)
                    .await?
            }
            Proposal::Mandate(mandate) => {
                let checked = check_mandate(mandate, day, self.gateway().takes());
                checked.map(|()| bare(proposal, mandate.start, &account, rules))
            }
        };
        Ok(terms.map(|terms| (terms, account)))
    }

    pub(super) fn asked(&self, contact: ContactId, proposal: &Proposal, today: Date) -> Asked {
        Asked {
            contact,
            today,
            gateway: self.gateway().name(),
            buys: bought(proposal),
        }
    }

    pub(super) fn rules_of(&self, proposal: &Proposal, day: Date) -> Result<Rules, Refusal> {
        let missing = Refusal::SchemeRulesMissing;
        let (from, bought) = proposal.schemes().ok_or(missing.clone())?;
        let find = |scheme| self.inner.schemes.terms(scheme, day);
        let rules = Rules {
            from: find(from).ok_or(missing.clone())?,
            into: match bought.filter(|bought| *bought != from) {
                Some(into) => Some(find(into).ok_or(missing)?),
                None => None,
            },
        };
        if rules
            .into
            .as_ref()
            .is_some_and(|into| into.amc != rules.from.amc)
        {
            return Err(Refusal::OtherFundHouse);
        }
        Ok(rules)
    }

    async fn order_terms(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        order: &OrderProposal,
        account: &Account,
        rules_version: &str,
        now: Timestamp,
    ) -> Result<Result<Terms, Refusal>, Error> {
        let day = today(now);
        let mut rules = match self.rules_of(&Proposal::Order(order.clone()), day) {
            Ok(rules) => rules,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = check_order(order, &rules) {
            return Ok(Err(refusal));
        }
        let calendar = self.inner.schemes.calendar();
        let expected = rules
            .from
            .expected(order.kind, rules.into.as_ref(), &calendar, now);
        let Some(expected) = expected else {
            return Ok(Err(Refusal::SchemeRulesMissing));
        };
        let bought = match order.kind {
            OrderKind::Purchase => Some(&rules.from),
            OrderKind::Redemption => None,
            OrderKind::Switch => rules.into.as_ref(),
        };
        let mut order = order.clone();
        let mut terms = Terms {
            scheme: rules.from.name.clone(),
            amc: rules.from.amc.clone(),
            target: rules.into.as_ref().map(|into| into.name.clone()),
            expected_nav_date: expected.nav,
            target_nav_date: expected.target_nav,
            expected_by: Some(expected.by),
            cutoff: rules.from.rules.cutoff(side_of(order.kind)),
            risk: bought.map(|bought| bought.risk().to_owned()),
            risk_month: bought.and_then(SchemeTerms::risk_month),
            ..bare(
                &Proposal::Order(order.clone()),
                expected.first.received,
                account,
                rules_version,
            )
        };
        terms.charges.load_rule = Some(rules.from.load_words());
        if let (OrderKind::Purchase, Quantity::Amount(amount)) = (order.kind, order.quantity) {
            let coming = (order.scheme, order.folio.as_deref(), amount);
            let ask = self.coming(conn, contact, coming, &rules.from, day).await?;
            if let Err(refusal) = check_purchase(&rules.from, &ask) {
                return Ok(Err(refusal));
            }
            terms.charges.stamp_duty = Some(charges::stamp_duty(amount));
            let nav = self.inner.schemes.nav(order.scheme);
            let units =
                nav.and_then(|nav| charges::units_for(amount, nav, rules.from.unit_decimals));
            terms.estimate = units.map(Estimate::Units);
        } else {
            let out = match self.way_out(conn, contact, &order, &rules, day).await? {
                Ok(out) => out,
                Err(refusal) => return Ok(Err(refusal)),
            };
            order.folio = Some(out.held.folio.clone());
            terms.locked_until = out.locked_until;
            leaving(&mut terms, &out, &order, &rules, expected.first);
            if let (Some(Estimate::BeforeLoad(_)), Some(into)) = (terms.estimate, &mut rules.into) {
                // Less may come in: that so much is too little is all that can be said.
                into.rules.maximum = None;
                into.rules.pan_limit = None;
            }
            let incoming = match (order.target, &rules.into, terms.estimate) {
                (
                    Some(target),
                    Some(into),
                    Some(Estimate::Money(net) | Estimate::BeforeLoad(net)),
                ) => {
                    let coming = (target, order.folio.as_deref(), net);
                    Some(self.coming(conn, contact, coming, into, day).await?)
                }
                _ => None,
            };
            let ask = RedemptionAsk {
                quantity: order.quantity,
                held: out.held.units,
                free: out.free,
                nav: out.held.nav,
            };
            if let Err(refusal) = check_leaving(&rules, &ask, incoming.as_ref(), out.locked_until) {
                return Ok(Err(refusal));
            }
        }
        terms.proposal = Proposal::Order(order);
        Ok(Ok(terms))
    }

    /// Returns the units a contact holds of a scheme by folio, each with how many are on
    /// their way out already. Those go first, and so their lots are left out: what goes
    /// after them bears the load and the tax of the next ones.
    pub(super) async fn staying(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> Result<Vec<(HeldUnits, Decimal)>, Error> {
        let held = self.inner.books.held(conn, contact, scheme).await?;
        let keys = &self.ground().keys;
        let under_way = orders::list_leaving(conn, keys, contact, scheme).await?;
        let with_leaving = held.into_iter().map(|mut folio| {
            let leaving: Decimal = under_way
                .iter()
                .filter(|order| order.details.folio.as_ref() == Some(&folio.folio))
                .map(|order| units_of(order.quantity, &folio))
                .sum();
            folio.lots = folio.lots.map(|lots| left_after(&lots, leaving));
            (folio, leaving)
        });
        Ok(with_leaving.collect())
    }

    /// Finds the folio units would leave, and how many of them are free to.
    async fn way_out(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        order: &OrderProposal,
        rules: &Rules,
        day: Date,
    ) -> Result<Result<WayOut, Refusal>, Error> {
        let held = self.staying(conn, contact, order.scheme).await?;
        let named: Vec<_> = match &order.folio {
            Some(folio) => held
                .iter()
                .filter(|(held, _)| held.folio == *folio)
                .collect(),
            None => held
                .iter()
                .filter(|(held, _)| !held.units.is_zero())
                .collect(),
        };
        let (folio, leaving) = match named.as_slice() {
            [] => return Ok(Err(Refusal::NothingHeld)),
            [one] => (*one).clone(),
            several => {
                let folios = several.iter().map(|(held, _)| held.folio.clone());
                return Ok(Err(Refusal::WhichFolio(folios.collect())));
            }
        };
        let terms = &rules.from.rules;
        let has_lock = terms.lock_in_months.is_some_and(|months| months > 0);
        if has_lock && folio.lots.is_none() {
            return Ok(Err(Refusal::DaysUnknown));
        }
        let mut locked = Decimal::ZERO;
        let mut locked_until: Option<Date> = None;
        for lot in folio.lots.iter().flatten() {
            if let Some(until) = terms.locked_until(lot.date).filter(|until| *until > day) {
                locked_until = locked_until.max(Some(until));
                locked += lot.units;
            }
        }
        Ok(Ok(WayOut {
            units: units_of(order.quantity, &folio),
            free: (folio.units - locked - leaving).max(Decimal::ZERO),
            held: folio,
            locked_until,
        }))
    }
}

/// Returns what a proposal would buy, if anything.
fn bought(proposal: &Proposal) -> Option<Bought> {
    let (_, scheme) = proposal.schemes()?;
    let scheme = scheme?;
    Some(match proposal {
        Proposal::Order(OrderProposal {
            kind: OrderKind::Purchase,
            quantity: Quantity::Amount(amount),
            folio,
            ..
        }) => Bought {
            scheme,
            amount: *amount,
            opens_folio: folio.is_none(),
            way: Way::Purchase,
        },
        Proposal::Plan(plan) if plan.terms.kind == PlanKind::Sip => Bought {
            scheme,
            amount: plan.terms.amount,
            opens_folio: plan.folio.is_none(),
            way: Way::Sip(plan.terms.frequency),
        },
        // What its units are worth is checked with the terms.
        _ => Bought {
            scheme,
            amount: Paise(1),
            opens_folio: false,
            way: Way::Switch,
        },
    })
}

/// Units on their way out.
struct WayOut {
    units: Decimal,
    free: Decimal,
    held: HeldUnits,
    locked_until: Option<Date>,
}

/// Fills in what a redemption or the way out of a switch costs and brings, estimated.
fn leaving(
    terms: &mut Terms,
    out: &WayOut,
    order: &OrderProposal,
    rules: &Rules,
    applied: Applied,
) {
    let Some(nav) = out.held.nav else {
        return;
    };
    let loads = &rules.from.loads;
    let load = match &out.held.lots {
        // Liquid funds count to the day of the request, and their NAV may be of a Sunday.
        Some(lots) => charges::exit_load(lots, out.units, nav, applied.received, loads),
        None => DatedLoad::is_nil(loads).then_some(Paise(0)),
    };
    let gross = match order.quantity {
        Quantity::Amount(amount) => amount,
        _ => Paise::from_rupees(out.units * nav).unwrap_or_default(),
    };
    let stt = match rules.from.tax_class {
        TaxClass::NotOnRecord => None,
        TaxClass::Equity => Some(charges::stt(gross)),
        TaxClass::Debt | TaxClass::Other | TaxClass::OtherListed => Some(Paise(0)),
    };
    terms.charges.exit_load = load;
    terms.charges.stt = stt;
    let net = gross - load.unwrap_or_default() - stt.unwrap_or_default();
    if order.kind == OrderKind::Switch {
        // At most so much, where a load that cannot be told comes off first.
        terms.charges.stamp_duty = Some(charges::stamp_duty(net));
    }
    terms.estimate = Some(match load {
        Some(_) => Estimate::Money(net),
        None => Estimate::BeforeLoad(net),
    });
}

pub(super) fn bare(proposal: &Proposal, date: Date, account: &Account, rules: &str) -> Terms {
    Terms {
        proposal: proposal.clone(),
        scheme: String::new(),
        target: None,
        amc: String::new(),
        date,
        bank: account.bank.clone(),
        expected_nav_date: None,
        target_nav_date: None,
        expected_by: None,
        cutoff: None,
        risk: None,
        risk_month: None,
        charges: Charges::default(),
        estimate: None,
        locked_until: None,
        rules: rules.to_owned(),
    }
}
