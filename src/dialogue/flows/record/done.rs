//! The end of opening an account: what is still to come, and who does it.
//!
//! The number somebody writes from is theirs by WhatsApp's own proof; with it the record is
//! bound. The account with the exchange is opened by itself as soon as KYC and bank allow
//! it, and the investor is told.

use super::super::super::commands::Command;
use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::marketing;
use super::{say, tasks};
use crate::people::{
    AccountState, Allowance, BelongsTo, Binding, Change, Investor, Reachable, Verification,
};

pub(super) async fn end(scene: &Scene<'_>, investor: &Investor) -> anyhow::Result<Step> {
    let phone = scene.contact.phone.as_deref();
    if phone.is_none() && investor.binding.is_none() {
        return tasks::hand_over(scene, tasks::Task::HiddenNumber).await;
    }
    let account = investor.accounts.first().map(|account| account.state);
    let bank = investor.bank().map(|bank| bank.verification);
    let text = scene.say(&Text::AccountDone {
        is_open: account == Some(AccountState::Active),
        is_at_exchange: account.is_some(),
        kyc_allows: investor.kyc.on(scene.today).buying(false) == Allowance::Go,
        bank_is_verified: bank == Some(Verification::Verified),
    })?;
    let mut step = marketing::with_question(scene, Step::leave(say::plain(scene, text)))?;
    if let (Some(phone), None) = (phone, &investor.mobile)
        && let Ok(mobile) = Reachable::mobile(phone, BelongsTo::Myself)
    {
        step = step.doing(Command::Record(Box::new(Change::Mobile(mobile))));
    }
    if let (Some(phone), None) = (phone, &investor.binding) {
        step = step.doing(Command::Record(Box::new(Change::Bind {
            number: phone.to_owned(),
            proof: Binding::WRITTEN_FROM.to_owned(),
        })));
    }
    Ok(step)
}
