//! What the exchange wants to know of an investor before it opens an account.

use jiff::civil::Date;

use crate::id::ContactId;
use crate::investing::gateway::port::NewInvestor;
use crate::people::{AccountState, Allowance, Investor, Verification};

/// Returns whether an account with an exchange is to be opened for an investor now: their
/// record is whole, and there is none, or none that the exchange took.
pub fn is_to_be_opened(investor: &Investor, gateway: &str, today: Date) -> bool {
    let account = investor.account(gateway);
    let is_open = account.is_some_and(|account| account.state != AccountState::Refused);
    !is_open && application(investor, today).is_ok()
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

/// Returns what the exchange wants to know, or what of it is not on record.
pub fn application(investor: &Investor, today: Date) -> Result<NewInvestor, Vec<&'static str>> {
    let bank = investor
        .bank()
        .filter(|bank| bank.verification == Verification::Verified);
    // With one fund house at least; which, the gate says before each purchase.
    let is_known = investor.kyc.on(today).buying(false) == Allowance::Go;
    let parts: [(&str, bool); 9] = [
        ("proof whose number it is", investor.binding.is_some()),
        ("KYC", is_known),
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
            nominees: investor.nomination.nominees().to_vec(),
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
    use crate::people::{
        BankAccount, BelongsTo, Binding, ExchangeAccount, KycState, NewBank, Nomination, Pan,
        Reachable,
    };
    use jiff::Timestamp;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    const TODAY: Date = date(2026, 8, 24);

    fn investor() -> Investor {
        let ids = Ids::seeded(3);
        let mut investor = Investor::unknown(ids.next(Timestamp::UNIX_EPOCH));
        investor.name = Some("Asha Demo".to_owned());
        investor.pan = Some(Pan::parse("AAAPD0000A").unwrap());
        investor.date_of_birth = Some(date(1990, 1, 1));
        investor.email = Some(Reachable::email("a@example.in", BelongsTo::Myself).unwrap());
        investor.mobile = Some(Reachable::mobile("9800000001", BelongsTo::Myself).unwrap());
        investor.nomination = Nomination::OptedOut;
        investor.kyc.state = KycState::Registered;
        investor.binding = Some(Binding {
            number: "919800000001".to_owned(),
            proof: "one_time_code".to_owned(),
            at_millis: 0,
        });
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
        let whole = application(&investor(), TODAY).unwrap();
        assert_eq!(
            (whole.mobile.as_str(), whole.nominees.len()),
            ("919800000001", 0)
        );
        let mut lacking = investor();
        lacking.banks[0].verification = Verification::PennyDropSent;
        lacking.email = None;
        lacking.kyc.valid_until = Some(date(2026, 8, 23));
        let lacks = application(&lacking, TODAY).unwrap_err();
        assert_eq!(lacks, ["KYC", "e-mail address", "verified bank account"]);
        let nobody = Investor::unknown(lacking.contact);
        assert_eq!(application(&nobody, TODAY).unwrap_err().len(), 9);
    }

    #[test]
    fn an_account_is_opened_once_unless_the_exchange_refused_it() {
        let mut whole = investor();
        assert!(is_to_be_opened(&whole, "paper", TODAY));
        whole.accounts.push(ExchangeAccount {
            gateway: "paper".to_owned(),
            ucc: client_code(whole.contact),
            state: AccountState::UnderProcess,
            reason: None,
        });
        assert!(!is_to_be_opened(&whole, "paper", TODAY));
        assert!(is_to_be_opened(&whole, "bse", TODAY));
        whole.accounts[0].state = AccountState::Refused;
        assert!(is_to_be_opened(&whole, "paper", TODAY));
        whole.email = None;
        assert!(!is_to_be_opened(&whole, "paper", TODAY));
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
