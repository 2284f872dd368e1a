//! Whether the rules let a request pass, and if not, everything that stands against it.

use rust_decimal::Decimal;

use super::ask::{Fact, PlanAsk, PurchaseAsk, RedemptionAsk, Refusal};
use super::{Offer, PlanTerms, SchemeRules};
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, Quantity};

type Checked = Result<(), Vec<Refusal>>;

fn ended(refused: Vec<Refusal>) -> Checked {
    if refused.is_empty() {
        Ok(())
    } else {
        Err(refused)
    }
}

fn allowed(flag: Option<bool>, fact: Fact, refused: &mut Vec<Refusal>) {
    match flag {
        Some(true) => {}
        Some(false) => refused.push(Refusal::NotAllowed(fact)),
        None => refused.push(Refusal::NotOnRecord(fact)),
    }
}

/// Amounts go up from the minimum in steps.
fn amount_fits(
    amount: Paise,
    minimum: Option<Paise>,
    step: Option<Paise>,
    fact: Fact,
    refused: &mut Vec<Refusal>,
) {
    if amount.0 <= 0 {
        refused.push(Refusal::NotAnAmount);
        return;
    }
    let Some(minimum) = minimum else {
        refused.push(Refusal::NotOnRecord(fact));
        return;
    };
    if amount < minimum {
        refused.push(Refusal::BelowMinimum { minimum });
        return;
    }
    if let Some(step) = step.filter(|step| step.0 > 0)
        && (amount.0 - minimum.0) % step.0 != 0
    {
        refused.push(Refusal::NotAMultiple {
            from: minimum,
            step,
        });
    }
}

impl SchemeRules {
    /// Checks a purchase.
    pub fn check_purchase(&self, ask: &PurchaseAsk) -> Checked {
        let mut refused = Vec::new();
        allowed(self.purchase, Fact::Purchase, &mut refused);
        self.check_money_in(ask, &mut refused);
        ended(refused)
    }

    fn check_money_in(&self, ask: &PurchaseAsk, refused: &mut Vec<Refusal>) {
        let (minimum, fact) = if ask.additional {
            let minimum = self.minimum_additional.or(self.minimum_new);
            (minimum, Fact::MinimumAdditional)
        } else {
            (self.minimum_new, Fact::MinimumNew)
        };
        amount_fits(ask.amount, minimum, self.multiple, fact, refused);
        if let Some(maximum) = self.maximum.filter(|maximum| ask.amount > *maximum) {
            refused.push(Refusal::AboveMaximum { maximum });
        }
        self.check_pan_limit(ask.amount, ask.already, refused);
        if let Some(nfo) = self.nfo.filter(|nfo| ask.on < nfo.opens) {
            refused.push(Refusal::NfoNotOpen { opens: nfo.opens });
        }
    }

    fn check_pan_limit(&self, amount: Paise, already: Paise, refused: &mut Vec<Refusal>) {
        if let Some(limit) = self.pan_limit {
            let left = Paise((limit.amount.0 - already.0).max(0));
            if amount > left {
                refused.push(Refusal::AbovePanLimit { limit, left });
            }
        }
    }

    fn check_pan_limit_of_plan(&self, ask: &PlanAsk, refused: &mut Vec<Refusal>) {
        let times = self
            .pan_limit
            .map_or(1, |limit| limit.per.times(ask.frequency));
        let amount = Paise(ask.amount.0.saturating_mul(times));
        self.check_pan_limit(amount, ask.already, refused);
    }

    /// Checks a SIP.
    pub fn check_sip(&self, ask: &PlanAsk) -> Checked {
        let mut refused = Vec::new();
        let frequency = ask.frequency;
        match self.sip.get(&frequency) {
            None => refused.push(Refusal::NotOnRecord(Fact::Sip(frequency))),
            Some(Offer::No) => refused.push(Refusal::NotAllowed(Fact::Sip(frequency))),
            Some(Offer::Yes(terms)) => {
                check_terms(ask, terms, Fact::SipMinimum(frequency), &mut refused);
            }
        }
        if let Some(maximum) = self.most_of_sip().filter(|most| ask.amount > *most) {
            refused.push(Refusal::AboveMaximum { maximum });
        }
        self.check_pan_limit_of_plan(ask, &mut refused);
        ended(refused)
    }

    /// Checks a withdrawal plan.
    pub fn check_swp(&self, ask: &PlanAsk) -> Checked {
        let mut refused = Vec::new();
        check_offer(ask, self.swp.get(&ask.frequency), Fact::Swp, &mut refused);
        ended(refused)
    }

    /// Checks a redemption.
    pub fn check_redemption(&self, ask: &RedemptionAsk) -> Checked {
        let mut refused = Vec::new();
        allowed(self.redemption, Fact::Redemption, &mut refused);
        self.check_units_out(ask, &mut refused);
        ended(refused)
    }

    fn check_units_out(&self, ask: &RedemptionAsk, refused: &mut Vec<Refusal>) {
        let nav = ask.nav.filter(|nav| *nav > Decimal::ZERO);
        let units = match ask.quantity {
            Quantity::All => {
                if ask.free <= Decimal::ZERO {
                    refused.push(Refusal::NotEnoughUnits { free: ask.free });
                } else if ask.free < ask.held {
                    refused.push(Refusal::LockedIn { free: ask.free });
                }
                // Everything may always go, however little it is.
                return;
            }
            Quantity::Units(units) => {
                if units <= Decimal::ZERO {
                    refused.push(Refusal::NotAnAmount);
                    return;
                }
                let minimum = self.minimum_redemption_units;
                if let Some(minimum) = minimum.filter(|minimum| units < *minimum) {
                    refused.push(Refusal::BelowMinimumUnits { minimum });
                }
                Some(units)
            }
            Quantity::Amount(amount) => {
                if amount.0 <= 0 {
                    refused.push(Refusal::NotAnAmount);
                    return;
                }
                let minimum = self.minimum_redemption;
                if let Some(minimum) = minimum.filter(|minimum| amount < *minimum) {
                    refused.push(Refusal::BelowMinimum { minimum });
                }
                nav.map(|nav| amount.rupees() / nav)
            }
        };
        // Money is compared at the latest NAV: the one it will get is not known yet.
        let Some(units) = units else {
            return;
        };
        if units > ask.free {
            refused.push(Refusal::NotEnoughUnits { free: ask.free });
        } else if let Some((minimum, nav)) = self.minimum_balance.zip(nav) {
            let left = (ask.held - units) * nav;
            if left > Decimal::ZERO && left < minimum.rupees() {
                refused.push(Refusal::RemainderTooSmall { minimum });
            }
        }
    }
}

fn check_terms(ask: &PlanAsk, terms: &PlanTerms, minimum: Fact, refused: &mut Vec<Refusal>) {
    amount_fits(ask.amount, terms.minimum, terms.multiple, minimum, refused);
    let day = match ask.frequency {
        Frequency::Daily => None,
        Frequency::Weekly | Frequency::Fortnightly => {
            Some(ask.start.weekday().to_monday_one_offset())
        }
        _ => Some(ask.start.day()),
    };
    if let Some((days, day)) = terms.days.as_ref().zip(day)
        && !days.contains(&day)
    {
        refused.push(Refusal::DayNotOffered { days: days.clone() });
    }
    if let Some((minimum, asked)) = terms.instalments.zip(ask.instalments)
        && asked < minimum
    {
        refused.push(Refusal::TooFewInstalments { minimum });
    }
}

fn check_offer(ask: &PlanAsk, offer: Option<&Offer>, fact: Fact, refused: &mut Vec<Refusal>) {
    match offer {
        None => refused.push(Refusal::NotOnRecord(fact)),
        Some(Offer::No) => refused.push(Refusal::NotAllowed(fact)),
        Some(Offer::Yes(terms)) => check_terms(ask, terms, Fact::PlanMinimum, refused),
    }
}

fn check_pair(source: &SchemeRules, target: &SchemeRules, same_house: bool) -> Vec<Refusal> {
    let mut refused = Vec::new();
    if source.code == target.code {
        refused.push(Refusal::SameScheme);
    }
    if !same_house {
        refused.push(Refusal::OtherFundHouse);
    }
    allowed(source.switch_out, Fact::SwitchOut, &mut refused);
    allowed(target.switch_in, Fact::SwitchIn, &mut refused);
    refused
}

/// Checks a switch: the way out by the source's rules and the way in by the target's.
/// `incoming` is what is expected to arrive, where that is known.
pub fn check_switch(
    source: &SchemeRules,
    target: &SchemeRules,
    same_house: bool,
    out: &RedemptionAsk,
    incoming: Option<&PurchaseAsk>,
) -> Checked {
    let mut refused = check_pair(source, target, same_house);
    source.check_units_out(out, &mut refused);
    if let Some(incoming) = incoming {
        // What a switch brings is no round sum.
        let mut target = target.clone();
        target.multiple = None;
        target.check_money_in(incoming, &mut refused);
    }
    ended(refused)
}

/// Checks a transfer plan out of `source` into `target`.
pub fn check_stp(
    source: &SchemeRules,
    target: &SchemeRules,
    same_house: bool,
    ask: &PlanAsk,
) -> Checked {
    let mut refused = check_pair(source, target, same_house);
    check_offer(ask, source.stp.get(&ask.frequency), Fact::Stp, &mut refused);
    target.check_pan_limit_of_plan(ask, &mut refused);
    ended(refused)
}

#[cfg(test)]
mod tests;
