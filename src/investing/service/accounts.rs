//! Accounts of investors with the exchange: opened from their records, approved by
//! themselves on the exchange's page.

use anyhow::Context as _;

use crate::id::ContactId;
use crate::investing::gateway::OrderGateway;
use crate::investing::gateway::port::{InvestorState, NewInvestor, Page};
use crate::people::{AccountState, By, ExchangeAccount, Investor, People, Verification};

/// What opening an account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// The record lacks this.
    Lacks(Vec<&'static str>),
    /// It is with the exchange, this far.
    Is(AccountState),
}

/// Opens an account with the exchange for an investor whose record is whole, or finds it
/// open. The client code follows from the contact, so that asking twice opens one.
pub async fn open_account(
    people: &People,
    gateway: &dyn OrderGateway,
    contact: ContactId,
    by: By<'_>,
) -> anyhow::Result<Opening> {
    let investor = people.investor(contact).await?;
    let new = match application(&investor) {
        Ok(new) => new,
        Err(lacks) => return Ok(Opening::Lacks(lacks)),
    };
    let state = gateway
        .register_investor(&new)
        .await
        .with_context(|| format!("opening an account with `{}`", gateway.name()))?;
    let state = known(state);
    record(people, gateway, (contact, &new.ucc, state), by).await?;
    Ok(Opening::Is(state))
}

/// Asks how far an investor's account is and records the answer; `None` if the exchange
/// has none.
pub async fn ask_account(
    people: &People,
    gateway: &dyn OrderGateway,
    contact: ContactId,
    by: By<'_>,
) -> anyhow::Result<Option<AccountState>> {
    let ucc = client_code(contact);
    let found = gateway
        .find_investor(&ucc)
        .await
        .with_context(|| format!("asking `{}` for an account", gateway.name()))?;
    let Some(state) = found.map(known) else {
        return Ok(None);
    };
    record(people, gateway, (contact, &ucc, state), by).await?;
    Ok(Some(state))
}

/// Returns the address of the page on which the investor approves the account.
pub async fn account_page(
    gateway: &dyn OrderGateway,
    contact: ContactId,
) -> anyhow::Result<String> {
    let ucc = client_code(contact);
    let page = gateway.page(&Page::Investor { ucc }).await;
    page.context("the exchange gives no page to approve the account on")
}

async fn record(
    people: &People,
    gateway: &dyn OrderGateway,
    (contact, ucc, state): (ContactId, &str, AccountState),
    by: By<'_>,
) -> anyhow::Result<()> {
    let account = ExchangeAccount {
        gateway: gateway.name().to_owned(),
        ucc: ucc.to_owned(),
        state,
    };
    people.record_account(contact, account, by).await?;
    Ok(())
}

fn known(state: InvestorState) -> AccountState {
    match state {
        InvestorState::AwaitingAuthorisation => AccountState::AwaitingAuthorisation,
        InvestorState::UnderProcess => AccountState::UnderProcess,
        InvestorState::Active => AccountState::Active,
        InvestorState::Suspended => AccountState::Suspended,
    }
}

/// Returns the client code of a contact: ten letters and digits of the random part of
/// its id (fifty bits; the database refuses a second investor with the same).
pub fn client_code(contact: ContactId) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let random = contact.uuid().as_u128();
    let digit = |place: u32| {
        let five = (random >> (place * 5)) & 31;
        char::from(DIGITS[usize::try_from(five).unwrap_or(0)])
    };
    (0..10).map(digit).collect()
}

/// What the exchange wants to know, or what of it is not on record.
fn application(investor: &Investor) -> Result<NewInvestor, Vec<&'static str>> {
    let bank = investor
        .bank()
        .filter(|bank| bank.verification == Verification::Verified);
    let parts: [(&str, bool); 7] = [
        ("name", investor.name.is_some()),
        ("PAN", investor.pan.is_some()),
        ("date of birth", investor.date_of_birth.is_some()),
        ("mobile number", investor.mobile.is_some()),
        ("e-mail address", investor.email.is_some()),
        ("verified bank account", bank.is_some()),
        (
            "nominees, or none in so many words",
            investor.nomination.is_settled(),
        ),
    ];
    let lacks = parts.iter().filter(|(_, is_there)| !is_there);
    let lacks: Vec<_> = lacks.map(|(part, _)| *part).collect();
    let whole = || -> Option<NewInvestor> {
        let bank = bank?;
        Some(NewInvestor {
            ucc: client_code(investor.contact),
            name: investor.name.clone()?,
            pan: investor.pan.as_ref()?.as_str().to_owned(),
            date_of_birth: investor.date_of_birth?,
            mobile: investor.mobile.as_ref()?.address.clone(),
            email: investor.email.as_ref()?.address.clone(),
            account_number: bank.account.number.as_str().to_owned(),
            ifsc: bank.account.ifsc.as_str().to_owned(),
            nominees: investor.nomination.shares(),
        })
    };
    if lacks.is_empty() {
        whole().ok_or(lacks)
    } else {
        Err(lacks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;
    use crate::people::{BankAccount, BelongsTo, NewBank, Nomination, Pan, Reachable};
    use jiff::Timestamp;
    use jiff::civil::Date;
    use std::collections::BTreeSet;

    fn investor() -> Investor {
        let ids = Ids::seeded(3);
        let mut investor = Investor::unknown(ids.next(Timestamp::UNIX_EPOCH));
        investor.name = Some("Asha Demo".to_owned());
        investor.pan = Some(Pan::parse("AAAPD0000A").unwrap());
        investor.date_of_birth = Some(Date::constant(1990, 1, 1));
        investor.email = Some(Reachable::email("a@example.in", BelongsTo::Myself).unwrap());
        investor.mobile = Some(Reachable::mobile("9800000001", BelongsTo::Myself).unwrap());
        investor.nomination = Nomination::OptedOut;
        investor.banks.push(BankAccount {
            id: ids.next(Timestamp::UNIX_EPOCH),
            account: NewBank::parse("501001234567", "HDFC0001234", "Asha Demo").unwrap(),
            verification: Verification::Verified,
            verified_at: None,
            is_default: true,
        });
        investor
    }

    #[test]
    fn only_a_whole_record_is_taken_to_the_exchange() {
        let whole = application(&investor()).unwrap();
        assert_eq!(
            (whole.mobile.as_str(), whole.nominees.len()),
            ("919800000001", 0)
        );
        let mut lacking = investor();
        lacking.banks[0].verification = Verification::PennyDropSent;
        lacking.email = None;
        let lacks = application(&lacking).unwrap_err();
        assert_eq!(lacks, ["e-mail address", "verified bank account"]);
        let nobody = Investor::unknown(lacking.contact);
        assert_eq!(application(&nobody).unwrap_err().len(), 7);
    }

    #[test]
    fn client_codes_are_the_same_each_time_and_another_for_each_contact() {
        let ids = Ids::seeded(5);
        let contacts: Vec<ContactId> = (0..10_000)
            .map(|_| ids.next(Timestamp::UNIX_EPOCH))
            .collect();
        let codes: BTreeSet<_> = contacts.iter().map(|c| client_code(*c)).collect();
        // Ids made in one millisecond only count up: it is the last digits that differ.
        assert_eq!(codes.len(), contacts.len());
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 10 && code.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
        assert_eq!(client_code(contacts[0]), client_code(contacts[0]));
    }
}
