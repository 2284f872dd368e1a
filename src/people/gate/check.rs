//! What stands in the way, item by item.

use super::{Acknowledgement, Advice, Blocker, Payment, Purchase, Redemption, Step, Verdict};
use crate::id::ContactId;
use crate::people::bank::Verification;
use crate::people::investor::{AccountState, Investor};
use crate::people::kyc::Allowance;

/// Returns what stands between a purchase and its order.
pub fn check(purchase: &Purchase<'_>) -> Verdict {
    let mut blockers = who(purchase);
    blockers.extend(bank(purchase));
    blockers.extend(declarations(purchase));
    blockers.extend(mandate(purchase));
    blockers.extend(scheme(purchase));
    let (blocked, needed) = suitability(purchase);
    blockers.extend(blocked);
    let acknowledged = |needed: &Acknowledgement| purchase.acknowledged.contains(needed);
    Verdict {
        blockers,
        acknowledgements: needed.into_iter().filter(|n| !acknowledged(n)).collect(),
        steps: steps(purchase),
    }
}

fn who(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let investor = purchase.investor;
    let needs = investor.kyc.on(purchase.today).buying(purchase.is_new_amc);
    let mut found = standing(
        investor,
        purchase.asked_by,
        purchase.asked_from,
        purchase.gateway,
    );
    // Only money that comes in needs it: whoever takes it back was told that they can still
    // switch what they hold and take money out.
    if !purchase.is_consented && purchase.payment != Payment::ByUnits {
        found.insert(0, Blocker::ConsentMissing);
    }
    if needs != Allowance::Go {
        let state = investor.kyc.on(purchase.today);
        found.push(Blocker::Kyc { state, needs });
    }
    found
}

/// What has to be so whichever way money goes.
fn standing(
    investor: &Investor,
    asked_by: ContactId,
    asked_from: Option<&str>,
    gateway: &str,
) -> Vec<Blocker> {
    let mut found = Vec::new();
    let is_bound = investor
        .binding
        .as_ref()
        .is_some_and(|binding| Some(binding.number.as_str()) == asked_from);
    if asked_by != investor.contact || !is_bound {
        found.push(Blocker::NotBound);
    }
    if investor.money_paused.is_some() {
        found.push(Blocker::MoneyPaused);
    }
    if investor.pan.is_none() {
        found.push(Blocker::PanMissing);
    }
    match investor.account(gateway).map(|account| account.state) {
        None => found.push(Blocker::AccountMissing),
        Some(AccountState::Active) => {}
        Some(state) => found.push(Blocker::AccountNotActive(state)),
    }
    found
}

fn bank(purchase: &Purchase<'_>) -> Option<Blocker> {
    // Units that pay need no bank now; the folio they come from has one.
    if purchase.payment == Payment::ByUnits {
        return None;
    }
    verified_bank(purchase.investor)
}

fn verified_bank(investor: &Investor) -> Option<Blocker> {
    match investor.bank().map(|bank| bank.verification) {
        None => Some(Blocker::BankMissing),
        Some(Verification::Verified) => None,
        Some(other) => Some(Blocker::BankNotVerified(other)),
    }
}

fn declarations(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let mut found = Vec::new();
    match &purchase.investor.fatca {
        None => found.push(Blocker::FatcaMissing),
        Some(fatca) if fatca.is_north_american() && purchase.scheme.refuses_north_americans => {
            found.push(Blocker::NorthAmerican);
        }
        Some(_) => {}
    }
    if purchase.opens_folio && !purchase.investor.nomination.is_settled() {
        found.push(Blocker::NominationMissing);
    }
    found
}

fn mandate(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let Payment::ByMandate(mandate) = purchase.payment else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !mandate.is_active {
        found.push(Blocker::MandateNotActive);
    }
    let highest = mandate.highest_debit_paise.max(purchase.amount_paise);
    let needed_paise = highest.saturating_add(mandate.committed_paise);
    if needed_paise > mandate.limit_paise {
        let limit_paise = mandate.limit_paise;
        found.push(Blocker::MandateTooSmall {
            limit_paise,
            needed_paise,
        });
    }
    let last = mandate.last_debit.unwrap_or(mandate.first_debit);
    if mandate.first_debit < mandate.from || last > mandate.to || mandate.first_debit > mandate.to {
        let (from, to) = (mandate.from, mandate.to);
        found.push(Blocker::MandateDates { from, to });
    }
    found
}

fn scheme(purchase: &Purchase<'_>) -> Vec<Blocker> {
    let scheme = &purchase.scheme;
    let amount = purchase.amount_paise;
    let mut found = Vec::new();
    if scheme.is_open == Some(false) {
        found.push(Blocker::SchemeClosed);
    }
    if scheme.is_open.is_none() || scheme.minimum_paise.is_none() {
        found.push(Blocker::SchemeRulesMissing);
    }
    // A zero or negative amount is below any minimum there could be.
    let minimum_paise = scheme.minimum_paise.unwrap_or(1).max(1);
    if amount < minimum_paise {
        found.push(Blocker::BelowMinimum { minimum_paise });
    }
    if let Some(maximum_paise) = scheme.maximum_paise.filter(|most| amount > *most) {
        found.push(Blocker::AboveMaximum { maximum_paise });
    }
    let multiple = scheme.multiple_paise.filter(|step| *step > 0);
    if let Some(multiple_paise) = multiple.filter(|step| amount % step != 0) {
        found.push(Blocker::NotAMultiple { multiple_paise });
    }
    if !scheme.is_regular {
        found.push(Blocker::NotRegular);
    }
    if scheme.allows_physical == Some(false) {
        found.push(Blocker::DematOnly);
    }
    found
}

fn suitability(purchase: &Purchase<'_>) -> (Option<Blocker>, Option<Acknowledgement>) {
    let Some(advice) = purchase.advice else {
        return (Some(Blocker::AdviceMissing), None);
    };
    let profile = purchase.investor.risk.as_ref().map(|risk| risk.highest);
    let is_advised = advice == Advice::Euin;
    match (purchase.scheme.risk, profile) {
        (_, None) if is_advised => (Some(Blocker::RiskProfileMissing), None),
        (None, _) => (None, Some(Acknowledgement::RiskNotOnRecord)),
        (Some(scheme), None) => (None, Some(Acknowledgement::NoProfile { scheme })),
        (Some(scheme), Some(profile)) if scheme <= profile => (None, None),
        (Some(scheme), Some(profile)) => {
            let blocker = Blocker::OnlyExecutionOnly { scheme, profile };
            let written = Acknowledgement::RiskierThanProfile { scheme, profile };
            (is_advised.then_some(blocker), Some(written))
        }
    }
}

fn steps(purchase: &Purchase<'_>) -> Vec<Step> {
    let shown = purchase.shown;
    let steps = [
        (shown.cut_off, Step::ShowCutOff),
        (shown.nav_date, Step::ShowNavDate),
        (shown.documents, Step::ShowDocuments),
        (shown.disclaimer, Step::ShowDisclaimer),
        (purchase.is_confirmed, Step::Confirm),
    ];
    let open = steps.into_iter().filter(|(is_done, _)| !is_done);
    open.map(|(_, step)| step).collect()
}

/// Returns what stands between a redemption and its order. The limits of units (locked,
/// too few) are the portfolio's to say.
pub fn check_redemption(redemption: &Redemption<'_>) -> Verdict {
    let investor = redemption.investor;
    let mut blockers = standing(
        investor,
        redemption.asked_by,
        redemption.asked_from,
        redemption.gateway,
    );
    let state = investor.kyc.on(redemption.today);
    let needs = state.redeeming();
    if needs != Allowance::Go {
        blockers.push(Blocker::Kyc { state, needs });
    }
    blockers.extend(verified_bank(investor));
    let confirm = (!redemption.is_confirmed).then_some(Step::Confirm);
    Verdict {
        blockers,
        acknowledgements: Vec::new(),
        steps: confirm.into_iter().collect(),
    }
}
