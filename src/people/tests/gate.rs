//! The gate, item by item: each thing it asks for, taken away alone, is what it says.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::id::{ContactId, Ids};
use crate::people::gate::{
    Acknowledgement, Advice, Blocker, MandateFacts, Payment, Purchase, Redemption, SchemeFacts,
    Shown, Step, check, check_redemption,
};
use crate::people::{
    AccountState, Allowance, BankAccount, BelongsTo, Binding, Country, ExchangeAccount, Fatca,
    IncomeSlab, Investor, Kyc, KycState, MoneyPause, NewBank, Nomination, Pan, PoliticalExposure,
    Reachable, RiskLevel, RiskProfile, Verification, WealthSource,
};

const TODAY: Date = date(2026, 8, 24);
const NUMBER: &str = "919800000001";

fn investor() -> Investor {
    let ids = Ids::seeded(3);
    let now = Timestamp::UNIX_EPOCH;
    let mut investor = Investor::unknown(ids.next(now));
    investor.binding = Some(Binding {
        number: NUMBER.to_owned(),
        proof: "operator".to_owned(),
        at_millis: 0,
    });
    investor.name = Some("Asha Demo".to_owned());
    investor.pan = Some(Pan::parse("AAAPD0000A").unwrap());
    investor.date_of_birth = Some(date(1990, 1, 1));
    investor.email = Some(Reachable::email("a@example.in", BelongsTo::Myself).unwrap());
    investor.kyc = Kyc {
        state: KycState::Validated,
        ..Kyc::unknown()
    };
    investor.banks.push(BankAccount {
        id: ids.next(now),
        account: NewBank::parse("501001234567", "HDFC0001234", "Asha Demo").unwrap(),
        verification: Verification::Verified,
        verified_at: None,
        is_default: true,
    });
    investor.nomination = Nomination::OptedOut;
    investor.fatca = Some(Fatca::of_resident(
        (IncomeSlab::FiveToTenLakh, WealthSource::Salary),
        PoliticalExposure::None,
        TODAY,
    ));
    investor.risk = Some(RiskProfile {
        taken_at: now,
        version: "2026-08".to_owned(),
        score: 40,
        category: "growth".to_owned(),
        highest: RiskLevel::High,
    });
    investor.accounts.push(ExchangeAccount {
        gateway: "paper".to_owned(),
        ucc: "U1".to_owned(),
        state: AccountState::Active,
        reason: None,
    });
    investor
}

fn purchase(investor: &Investor) -> Purchase<'_> {
    Purchase {
        investor,
        is_consented: true,
        asked_by: investor.contact,
        asked_from: Some(NUMBER),
        today: TODAY,
        gateway: "paper",
        amount_paise: 500_000,
        is_new_amc: true,
        opens_folio: true,
        scheme: SchemeFacts {
            is_open: Some(true),
            minimum_paise: Some(10_000),
            maximum_paise: Some(10_000_000),
            multiple_paise: Some(100),
            is_regular: true,
            allows_physical: Some(true),
            risk: Some(RiskLevel::High),
            refuses_north_americans: true,
        },
        payment: Payment::ByMandate(MandateFacts {
            is_active: true,
            limit_paise: 1_000_000,
            committed_paise: 500_000,
            highest_debit_paise: 500_000,
            from: date(2026, 8, 1),
            to: date(2056, 7, 31),
            first_debit: date(2026, 9, 5),
            last_debit: None,
        }),
        advice: Some(Advice::Euin),
        shown: Shown {
            cut_off: true,
            nav_date: true,
            documents: true,
            disclaimer: true,
        },
        acknowledged: &[],
        is_confirmed: true,
    }
}

/// Takes one thing away from an investor for whom all is well; returns what blocks.
fn blockers(spoil: impl FnOnce(&mut Investor)) -> Vec<Blocker> {
    let mut investor = investor();
    spoil(&mut investor);
    check(&purchase(&investor)).blockers
}

fn blockers_of(spoil: impl FnOnce(&mut Purchase<'_>)) -> Vec<Blocker> {
    let investor = investor();
    let mut purchase = purchase(&investor);
    spoil(&mut purchase);
    check(&purchase).blockers
}

fn with_mandate(spoil: impl FnOnce(&mut MandateFacts)) -> Vec<Blocker> {
    blockers_of(|p| {
        if let Payment::ByMandate(mandate) = &mut p.payment {
            spoil(mandate);
        }
    })
}

#[test]
fn whoever_has_everything_passes() {
    let investor = investor();
    assert!(check(&purchase(&investor)).may_place());
}

#[test]
fn somebody_of_whom_nothing_is_known_is_told_everything_at_once() {
    let nobody = Investor::unknown(investor().contact);
    let verdict = check(&purchase(&nobody));
    let needs = Allowance::NewKyc;
    let state = KycState::Unknown;
    assert_eq!(
        verdict.blockers,
        [
            Blocker::NotBound,
            Blocker::PanMissing,
            Blocker::AccountMissing,
            Blocker::Kyc { state, needs },
            Blocker::BankMissing,
            Blocker::FatcaMissing,
            Blocker::NominationMissing,
            Blocker::RiskProfileMissing,
        ]
    );
    assert!(!verdict.may_show_terms() && !verdict.may_place());
}

#[test]
fn only_the_number_the_record_is_bound_to_may_buy() {
    let other = Ids::seeded(9).next::<ContactId>(Timestamp::UNIX_EPOCH);
    assert_eq!(blockers(|i| i.binding = None), [Blocker::NotBound]);
    assert_eq!(blockers_of(|p| p.asked_by = other), [Blocker::NotBound]);
    assert_eq!(
        blockers_of(|p| p.asked_from = Some("919800000002")),
        [Blocker::NotBound]
    );
    assert_eq!(blockers_of(|p| p.asked_from = None), [Blocker::NotBound]);
}

#[test]
fn without_consent_nothing_is_bought_and_money_can_still_be_taken_out() {
    let found = blockers_of(|p| p.is_consented = false);
    assert_eq!(found, [Blocker::ConsentMissing]);
    assert_eq!(redeem(&investor()), []);
}

#[test]
fn money_that_is_paused_moves_for_nobody() {
    let pause = MoneyPause {
        reason: "reconciliation".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    };
    let found = blockers(|i| i.money_paused = Some(pause.clone()));
    assert_eq!(found, [Blocker::MoneyPaused]);
    let mut investor = investor();
    investor.money_paused = Some(pause);
    assert_eq!(redeem(&investor), [Blocker::MoneyPaused]);
}

fn redeem(investor: &Investor) -> Vec<Blocker> {
    let verdict = check_redemption(&Redemption {
        investor,
        asked_by: investor.contact,
        asked_from: Some(NUMBER),
        today: TODAY,
        gateway: "paper",
        is_confirmed: true,
    });
    verdict.blockers
}

#[test]
fn pan_kyc_account_and_bank_each_block() {
    assert_eq!(blockers(|i| i.pan = None), [Blocker::PanMissing]);
    for (state, needs) in [
        (KycState::Registered, Allowance::FreshDocuments),
        (KycState::OnHold, Allowance::ReKyc),
        (KycState::UnderProcess, Allowance::Wait),
        (KycState::Rejected, Allowance::NewKyc),
    ] {
        assert_eq!(
            blockers(|i| i.kyc.state = state),
            [Blocker::Kyc { state, needs }]
        );
    }
    let ran_out = blockers(|i| i.kyc.valid_until = Some(date(2026, 8, 23)));
    let (state, needs) = (KycState::OnHold, Allowance::ReKyc);
    assert_eq!(ran_out, [Blocker::Kyc { state, needs }]);
    assert_eq!(blockers(|i| i.accounts.clear()), [Blocker::AccountMissing]);
    assert_eq!(
        blockers_of(|p| p.gateway = "bse"),
        [Blocker::AccountMissing]
    );
    let suspended = AccountState::Suspended;
    let found = blockers(|i| i.accounts[0].state = suspended);
    assert_eq!(found, [Blocker::AccountNotActive(suspended)]);
    assert_eq!(blockers(|i| i.banks.clear()), [Blocker::BankMissing]);
    let sent = Verification::PennyDropSent;
    let found = blockers(|i| i.banks[0].verification = sent);
    assert_eq!(found, [Blocker::BankNotVerified(sent)]);
}

#[test]
fn registered_kyc_is_good_where_they_already_invest() {
    let mut investor = investor();
    investor.kyc.state = KycState::Registered;
    let mut known = purchase(&investor);
    known.is_new_amc = false;
    assert!(check(&known).may_place());
}

#[test]
fn declarations_and_nominees_block_where_they_are_needed() {
    assert_eq!(blockers(|i| i.fatca = None), [Blocker::FatcaMissing]);
    let abroad = |i: &mut Investor| {
        let fatca = i.fatca.as_mut().unwrap();
        fatca.country_of_birth = Country::parse("US").unwrap();
    };
    assert_eq!(blockers(abroad), [Blocker::NorthAmerican]);
    let unsaid = |i: &mut Investor| i.nomination = Nomination::NotSaid;
    assert_eq!(blockers(unsaid), [Blocker::NominationMissing]);
    let mut investor = investor();
    unsaid(&mut investor);
    let mut same_folio = purchase(&investor);
    same_folio.opens_folio = false;
    assert!(
        check(&same_folio).may_place(),
        "an old folio has its nominee"
    );
}

#[test]
fn a_mandate_covers_amount_and_date() {
    assert_eq!(
        with_mandate(|m| m.is_active = false),
        [Blocker::MandateNotActive]
    );
    let (limit_paise, needed_paise) = (1_000_000, 1_000_001);
    let too_small = [Blocker::MandateTooSmall {
        limit_paise,
        needed_paise,
    }];
    assert_eq!(with_mandate(|m| m.committed_paise = 500_001), too_small);
    assert_eq!(with_mandate(|m| m.highest_debit_paise = 500_001), too_small);
    let dates = |from, to| [Blocker::MandateDates { from, to }];
    let end = date(2056, 7, 31);
    let late = date(2026, 9, 6);
    assert_eq!(with_mandate(|m| m.from = late), dates(late, end));
    let early = date(2026, 9, 4);
    assert_eq!(
        with_mandate(|m| m.to = early),
        dates(date(2026, 8, 1), early)
    );
    let past = with_mandate(|m| m.last_debit = Some(date(2056, 8, 1)));
    assert_eq!(past, dates(date(2026, 8, 1), end));
}

#[test]
fn a_purchase_by_hand_or_by_units_needs_no_mandate() {
    assert_eq!(blockers_of(|p| p.payment = Payment::ByHand), []);
    let mut investor = investor();
    investor.banks.clear();
    let mut switch = purchase(&investor);
    switch.payment = Payment::ByUnits;
    switch.is_consented = false;
    assert!(check(&switch).may_place(), "nor the consent to invest anew");
}

#[test]
fn the_schemes_rules_block() {
    use Blocker::{AboveMaximum, BelowMinimum, DematOnly, NotAMultiple, NotRegular};
    use Blocker::{SchemeClosed, SchemeRulesMissing};
    assert_eq!(
        blockers_of(|p| p.scheme.is_open = Some(false)),
        [SchemeClosed]
    );
    assert_eq!(
        blockers_of(|p| p.scheme.is_open = None),
        [SchemeRulesMissing]
    );
    assert_eq!(
        blockers_of(|p| p.scheme.minimum_paise = None),
        [SchemeRulesMissing]
    );
    let minimum_paise = 500_001;
    let found = blockers_of(|p| p.scheme.minimum_paise = Some(minimum_paise));
    assert_eq!(found, [BelowMinimum { minimum_paise }]);
    let maximum_paise = 499_999;
    let found = blockers_of(|p| p.scheme.maximum_paise = Some(maximum_paise));
    assert_eq!(found, [AboveMaximum { maximum_paise }]);
    let multiple_paise = 30_000;
    let found = blockers_of(|p| p.scheme.multiple_paise = Some(multiple_paise));
    assert_eq!(found, [NotAMultiple { multiple_paise }]);
    assert_eq!(blockers_of(|p| p.scheme.is_regular = false), [NotRegular]);
    assert_eq!(
        blockers_of(|p| p.scheme.allows_physical = Some(false)),
        [DematOnly]
    );
    let nothing = blockers_of(|p| {
        p.amount_paise = 0;
        p.scheme.minimum_paise = Some(0);
    });
    assert_eq!(nothing, [BelowMinimum { minimum_paise: 1 }]);
}

#[test]
fn what_is_riskier_than_suits_is_acknowledged_in_writing_and_carries_no_advice() {
    let (scheme, profile) = (RiskLevel::VeryHigh, RiskLevel::High);
    let investor = investor();
    let mut risky = purchase(&investor);
    risky.scheme.risk = Some(scheme);
    let advised = check(&risky);
    assert_eq!(
        advised.blockers,
        [Blocker::OnlyExecutionOnly { scheme, profile }]
    );
    risky.advice = Some(Advice::ExecutionOnly);
    let written = Acknowledgement::RiskierThanProfile { scheme, profile };
    let verdict = check(&risky);
    assert!(verdict.may_show_terms() && !verdict.may_place());
    assert_eq!(verdict.acknowledgements, [written]);
    let acknowledged = [written];
    risky.acknowledged = &acknowledged;
    assert!(check(&risky).may_place());
    let other = [Acknowledgement::RiskierThanProfile {
        scheme,
        profile: RiskLevel::Low,
    }];
    risky.acknowledged = &other;
    assert!(
        !check(&risky).may_place(),
        "acknowledged for another profile"
    );
}

#[test]
fn without_a_profile_or_a_risk_on_record_nothing_is_taken_for_granted() {
    assert_eq!(blockers(|i| i.risk = None), [Blocker::RiskProfileMissing]);
    assert_eq!(blockers_of(|p| p.advice = None), [Blocker::AdviceMissing]);
    let mut investor = investor();
    investor.risk = None;
    let mut alone = purchase(&investor);
    alone.advice = Some(Advice::ExecutionOnly);
    let scheme = RiskLevel::High;
    assert_eq!(
        check(&alone).acknowledgements,
        [Acknowledgement::NoProfile { scheme }]
    );
    alone.scheme.risk = None;
    assert_eq!(
        check(&alone).acknowledgements,
        [Acknowledgement::RiskNotOnRecord]
    );
}

#[test]
fn nothing_is_placed_before_it_was_shown_and_confirmed() {
    let investor = investor();
    let mut silent = purchase(&investor);
    silent.shown = Shown::default();
    silent.is_confirmed = false;
    let verdict = check(&silent);
    assert!(verdict.may_show_terms() && !verdict.may_place());
    assert_eq!(
        verdict.steps,
        [
            Step::ShowCutOff,
            Step::ShowNavDate,
            Step::ShowDocuments,
            Step::ShowDisclaimer,
            Step::Confirm,
        ]
    );
}

#[test]
fn money_comes_back_on_registered_kyc_and_not_on_hold() {
    let mut investor = investor();
    investor.kyc.state = KycState::Registered;
    investor.fatca = None;
    assert_eq!(redeem(&investor), []);
    investor.kyc.state = KycState::OnHold;
    let (state, needs) = (KycState::OnHold, Allowance::ReKyc);
    assert_eq!(redeem(&investor), [Blocker::Kyc { state, needs }]);
    investor.kyc.state = KycState::Validated;
    investor.banks.clear();
    assert_eq!(redeem(&investor), [Blocker::BankMissing]);
}
