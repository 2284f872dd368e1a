//! The terms of a proposal, with every check it has to pass.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;

use super::{Dealing, today};
use crate::id::ContactId;
use crate::investing::calendar::{Applied, Side};
use crate::investing::money::Paise;
use crate::investing::orders::charges::{self, Charges};
use crate::investing::orders::checks::{Rules, check_mandate, check_order, units_of};
use crate::investing::orders::draft::{Estimate, OrderProposal, Proposal, Refusal, Terms};
use crate::investing::orders::ports::{Account, Asked, HeldUnits, Payment, Standing};
use crate::investing::orders::{OrderKind, PlanKind, Quantity};
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
                let checked = check_mandate(mandate, day);
                checked.map(|()| bare(proposal, mandate.start, &account, rules))
            }
        };
        Ok(terms.map(|terms| (terms, account)))
    }

    pub(super) fn asked(&self, contact: ContactId, proposal: &Proposal, today: Date) -> Asked {
        let (scheme, invests, opens_folio, payment) = match proposal {
            Proposal::Order(order) => {
                let buys = order.kind == OrderKind::Purchase;
                let amount = match order.quantity {
                    Quantity::Amount(amount) if buys => Some(amount),
                    _ => None,
                };
                let payment = match (buys, order.mandate) {
                    (true, None) => Payment::ByHand,
                    (true, Some(_)) => Payment::ByMandate,
                    (false, _) => Payment::ByUnits,
                };
                let opens = buys && order.folio.is_none();
                (Some(order.scheme), amount, opens, payment)
            }
            Proposal::Plan(plan) => {
                let buys = plan.terms.kind == PlanKind::Sip;
                let payment = if buys {
                    Payment::ByMandate
                } else {
                    Payment::ByUnits
                };
                let opens = buys && plan.folio.is_none();
                let amount = buys.then_some(plan.terms.amount);
                (Some(plan.terms.scheme), amount, opens, payment)
            }
            Proposal::Mandate(_) => (None, None, false, Payment::ByMandate),
        };
        Asked {
            contact,
            today,
            gateway: self.gateway().name(),
            invests,
            scheme,
            opens_folio,
            payment,
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
        let rules = match self.rules_of(&Proposal::Order(order.clone()), day) {
            Ok(rules) => rules,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = check_order(order, &rules) {
            return Ok(Err(refusal));
        }
        let calendar = self.inner.schemes.calendar();
        let side = match order.kind {
            OrderKind::Purchase => Side::Purchase,
            OrderKind::Redemption | OrderKind::Switch => Side::Redemption,
        };
        let cutoff = match side {
            Side::Purchase => rules.from.cutoff.0,
            Side::Redemption => rules.from.cutoff.1,
        };
        let applied = calendar.apply(rules.from.class, side, cutoff, now, None);
        let mut order = order.clone();
        let mut terms = Terms {
            scheme: rules.from.name.clone(),
            amc: rules.from.amc.clone(),
            target: rules.into.as_ref().map(|into| into.name.clone()),
            expected_nav_date: Some(applied.nav),
            expected_by: Some(applied.settles),
            cutoff: Some(cutoff),
            risk: match order.kind {
                OrderKind::Purchase => Some(rules.from.risk.clone()),
                OrderKind::Redemption => None,
                OrderKind::Switch => rules.into.as_ref().map(|into| into.risk.clone()),
            },
            ..bare(
                &Proposal::Order(order.clone()),
                applied.received,
                account,
                rules_version,
            )
        };
        if order.kind == OrderKind::Purchase {
            terms.charges.load_rule = Some(rules.from.exit_load_words.clone());
            if let Quantity::Amount(amount) = order.quantity {
                terms.charges.stamp_duty = Some(charges::stamp_duty(amount));
                let nav = self.inner.schemes.nav(order.scheme);
                let units =
                    nav.and_then(|nav| charges::units_for(amount, nav, rules.from.unit_decimals));
                terms.estimate = units.map(Estimate::Units);
            }
        } else {
            let out = match self.way_out(conn, contact, &order, &rules, day).await? {
                Ok(out) => out,
                Err(refusal) => return Ok(Err(refusal)),
            };
            order.folio = Some(out.folio.clone());
            terms.locked_until = out.locked_until;
            leaving(&mut terms, &out, &order, &rules, applied);
        }
        terms.proposal = Proposal::Order(order);
        Ok(Ok(terms))
    }

    /// Finds the folio units would leave and checks that they are free.
    async fn way_out(
        &self,
        conn: &mut Conn,
        contact: ContactId,
        order: &OrderProposal,
        rules: &Rules,
        day: Date,
    ) -> Result<Result<WayOut, Refusal>, Error> {
        let held = self.inner.books.held(conn, contact, order.scheme).await?;
        let named: Vec<_> = match &order.folio {
            Some(folio) => held.iter().filter(|held| held.folio == *folio).collect(),
            None => held.iter().filter(|held| !held.units.is_zero()).collect(),
        };
        let folio = match named.as_slice() {
            [] => return Ok(Err(Refusal::NothingHeld)),
            [one] => (*one).clone(),
            several => {
                let folios = several.iter().map(|held| held.folio.clone());
                return Ok(Err(Refusal::WhichFolio(folios.collect())));
            }
        };
        let keys = &self.ground().keys;
        let under_way = orders::list_leaving(conn, keys, contact, order.scheme).await?;
        let leaving = under_way
            .iter()
            .filter(|other| other.details.folio.as_ref() == Some(&folio.folio))
            .map(|other| units_of(other.quantity, &folio));
        let leaving: Decimal = leaving.sum();
        let lock = Span::new().months(i64::from(rules.from.lock_in_months));
        let free_from = |bought: Date| bought.saturating_add(lock);
        if rules.from.lock_in_months > 0 && folio.lots.is_none() {
            return Ok(Err(Refusal::DaysUnknown));
        }
        let lots = folio.lots.as_deref().unwrap_or_default();
        let locked = || lots.iter().filter(|lot| free_from(lot.date) > day);
        let locked_until = locked().map(|lot| free_from(lot.date)).max();
        let locked: Decimal = locked().map(|lot| lot.units).sum();
        let free = (folio.units - locked - leaving).max(Decimal::ZERO);
        let wanted = units_of(order.quantity, &folio);
        let is_enough = match order.quantity {
            Quantity::All => free > Decimal::ZERO && locked_until.is_none() && leaving.is_zero(),
            // An amount without a NAV is for the registrar to check.
            _ => wanted <= free && free > Decimal::ZERO,
        };
        if !is_enough {
            return Ok(Err(Refusal::TooFewUnits { free, locked_until }));
        }
        Ok(Ok(WayOut {
            folio: folio.folio.clone(),
            units: wanted,
            held: folio,
            locked_until,
        }))
    }
}

/// Units on their way out.
struct WayOut {
    folio: String,
    units: Decimal,
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
    terms.charges.load_rule = Some(rules.from.exit_load_words.clone());
    let Some(nav) = out.held.nav else {
        return;
    };
    let load = match (&rules.from.exit_load, &out.held.lots) {
        (Some(slabs), _) if slabs.is_empty() => Some(Paise(0)),
        (Some(slabs), Some(lots)) => {
            let load = charges::exit_load(lots, out.units, nav, applied.nav, slabs);
            Some(load)
        }
        _ => None,
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
    let Some(load) = load else {
        terms.estimate = Some(Estimate::BeforeLoad(gross));
        return;
    };
    let net = gross - load - stt.unwrap_or_default();
    if order.kind == OrderKind::Switch {
        terms.charges.stamp_duty = Some(charges::stamp_duty(net));
    }
    terms.estimate = Some(Estimate::Money(net));
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
        expected_by: None,
        cutoff: None,
        risk: None,
        charges: Charges::default(),
        estimate: None,
        locked_until: None,
        rules: rules.to_owned(),
    }
}
