//! Who may deal, by the record and the rules of a real database.

use jiff::Timestamp;
use jiff::civil::date;

use super::rig::{TestDb, at};
use crate::contacts::consent::ACCOUNT;
use crate::contacts::{ConsentProof, NewConsent};
use crate::id::ContactId;
use crate::investing::orders::Frequency;
use crate::investing::orders::ports::{Asked, Bought, Investors, Standing, Way};
use crate::investing::orders::service::Gatekeeper;
use crate::investing::{Investing, Paise, SchemeCode};
use crate::people::gate::Acknowledgement;
use crate::people::ports::KycReport;
use crate::people::store::NewAcknowledgement;
use crate::people::{
    AccountState, BelongsTo, By, Change, ExchangeAccount, Fatca, IncomeSlab, KycState, NewBank,
    NewNominee, Pan, PennyDrop, People, PoliticalExposure, Questionnaire, Reachable, Recorded,
    RiskLevel, Rules, WealthSource,
};

const NAVS: &str = include_str!("../../../demo/amfi/NAVAll.txt");
const RULES: &[u8] = include_bytes!("../../../demo/scheme-rules.csv");
const FUND: SchemeCode = SchemeCode(101_762);
/// The first number of the rig's contacts.
const NUMBER: &str = "919000000001";

struct House {
    rig: TestDb,
    people: People,
    investing: Investing,
    gate: Gatekeeper,
    who: ContactId,
}

fn now() -> Timestamp {
    at("2026-08-24T04:30:00Z")
}

async fn house() -> House {
    let rig = TestDb::new(1).await;
    let investing = Investing::load(rig.db.clone(), None).await.unwrap();
    let wanted = |line: &&str| {
        !line.contains(';') || line.starts_with("Scheme Code") || line.starts_with("101762")
    };
    let navs = NAVS.lines().filter(wanted).collect::<Vec<_>>().join("\r\n");
    investing
        .import_navs(navs.as_bytes(), "test", now())
        .await
        .unwrap();
    investing
        .import_scheme_rules(RULES, "test", now())
        .await
        .unwrap();
    let rules = Rules {
        nominee_limit: 3,
        questions: Questionnaire::built_in(),
    };
    let people = People::new(rig.db.clone(), rig.keys.clone(), rig.ids.clone(), rules);
    let gate = Gatekeeper::new(
        investing.clone(),
        rig.keys.clone(),
        Some("E123456".to_owned()),
    );
    let who = rig.contacts(1, 1).await[0];
    House {
        rig,
        people,
        investing,
        gate,
        who,
    }
}

impl House {
    async fn standing(&self, invests: Option<i64>) -> Standing {
        let buys = invests.map(|amount| Bought {
            scheme: FUND,
            amount: Paise(amount),
            opens_folio: true,
            way: Way::Purchase,
        });
        self.standing_for(buys).await
    }

    /// Whether a SIP of the fund may begin.
    async fn standing_for_sip(&self, every: Frequency) -> Standing {
        let buys = Bought {
            scheme: FUND,
            amount: Paise(5_000_00),
            opens_folio: true,
            way: Way::Sip(every),
        };
        self.standing_for(Some(buys)).await
    }

    /// Whether units of the fund may be bought with those of another scheme.
    async fn standing_to_switch(&self) -> Standing {
        let buys = Bought {
            scheme: FUND,
            amount: Paise(1),
            opens_folio: false,
            way: Way::Switch,
        };
        self.standing_for(Some(buys)).await
    }

    async fn standing_for(&self, buys: Option<Bought>) -> Standing {
        let asked = Asked {
            contact: self.who,
            today: date(2026, 8, 24),
            gateway: "paper",
            buys,
        };
        let mut conn = self.rig.db.read().await.unwrap();
        self.gate.standing(&mut conn, &asked).await.unwrap()
    }

    async fn record(&self, change: Change) {
        let by = By {
            who: "contact",
            at: now(),
        };
        let said = self.people.record(self.who, change, by).await.unwrap();
        assert_eq!(said, Recorded::Done);
    }

    async fn record_all(&self) {
        let fatca = Fatca::of_resident(
            (IncomeSlab::FiveToTenLakh, WealthSource::Salary),
            PoliticalExposure::None,
            date(2026, 8, 24),
        );
        let report = KycReport {
            state: KycState::Validated,
            raw: "KYC Validated".to_owned(),
            agency: None,
            name: None,
            valid_until: None,
        };
        for change in [
            Change::Bind {
                number: NUMBER.to_owned(),
                proof: "operator".to_owned(),
            },
            Change::Pan(Pan::parse("AAAPD0000A").unwrap()),
            Change::Name("Asha Demo".to_owned()),
            Change::Email(Reachable::email("a@example.in", BelongsTo::Myself).unwrap()),
            Change::Bank(NewBank::parse("501001234567", "HDFC0001234", "Asha Demo").unwrap()),
            Change::OptOutOfNomination,
            Change::Fatca(fatca),
            Change::Kyc(report),
            Change::Account(ExchangeAccount {
                gateway: "paper".to_owned(),
                ucc: "U1".to_owned(),
                state: AccountState::Active,
                reason: None,
            }),
        ] {
            self.record(change).await;
        }
        self.consent(true).await;
        let investor = self.people.investor(self.who).await.unwrap();
        let name = "ASHA DEMO".to_owned();
        let drop = PennyDrop::Credited { name };
        self.record(Change::PennyDrop(investor.banks[0].id, drop))
            .await;
    }

    async fn consent(&self, given: bool) {
        let by = By {
            who: "contact",
            at: now(),
        };
        for purpose in ACCOUNT {
            let proof = ConsentProof {
                shown: "may we?".to_owned(),
                answer: "yes or no".to_owned(),
            };
            let new = NewConsent {
                purpose,
                given,
                source: "chat",
                proof,
                version: "test".to_owned(),
            };
            let said = self.people.record_consent(self.who, new, by, by.at).await;
            said.unwrap();
        }
    }

    /// Answers every risk question with its first or last option.
    async fn answer(&self, boldly: bool) {
        let questions = &self.people.questions().questions;
        let pick = |options: &[crate::people::AnswerOption]| {
            let at = if boldly { options.len() - 1 } else { 0 };
            options[at].id.clone()
        };
        let answers = questions.iter().map(|q| (q.id.clone(), pick(&q.options)));
        self.record(Change::Risk(answers.collect())).await;
    }
}

fn blocked(words: &[&str]) -> Standing {
    Standing::Blocked(words.iter().map(|word| (*word).to_owned()).collect())
}

#[tokio::test]
async fn nobody_deals_on_nothing_and_whoever_has_everything_does() {
    let house = house().await;
    let missing = [
        "consent_missing",
        "not_bound",
        "pan_missing",
        "account_missing",
        "kyc_missing",
        "bank_missing",
        "fatca_missing",
        "nomination_missing",
        "acknowledge_no_profile",
    ];
    assert_eq!(house.standing(Some(500_000)).await, blocked(&missing));
    let out = [
        "not_bound",
        "pan_missing",
        "account_missing",
        "kyc_missing",
        "bank_missing",
    ];
    assert_eq!(house.standing(None).await, blocked(&out));
    house.record_all().await;
    house.answer(true).await;
    let Standing::Ready(account) = house.standing(Some(500_000)).await else {
        panic!("{:?}", house.standing(Some(500_000)).await);
    };
    assert_eq!(
        (account.ucc.as_str(), account.bank.as_str()),
        ("U1", "HDFC xxxx4567")
    );
    assert_eq!(account.euin.as_deref(), Some("E123456"));
    assert!(!account.has_nominees, "none, in so many words");
    let ravi = NewNominee {
        name: "Ravi Demo".to_owned(),
        relationship: "spouse".to_owned(),
        share: None,
        date_of_birth: None,
        guardian: None,
    };
    house.record(Change::Nominees(vec![ravi])).await;
    let Standing::Ready(account) = house.standing(Some(500_000)).await else {
        panic!("who inherits is no reason against it");
    };
    assert!(account.has_nominees);
    assert!(matches!(house.standing(None).await, Standing::Ready(_)));
}

#[tokio::test]
async fn consent_that_is_taken_back_ends_buying_and_leaves_the_way_out() {
    let house = house().await;
    house.record_all().await;
    house.answer(true).await;
    house.consent(false).await;
    assert_eq!(
        house.standing(Some(500_000)).await,
        blocked(&["consent_missing"])
    );
    assert!(matches!(house.standing(None).await, Standing::Ready(_)));
    house.consent(true).await;
    let again = house.standing(Some(500_000)).await;
    assert!(matches!(again, Standing::Ready(_)), "{again:?}");
}

#[tokio::test]
async fn what_is_riskier_than_suits_waits_for_a_written_word_and_carries_no_adviser() {
    let house = house().await;
    house.record_all().await;
    house.answer(false).await;
    assert_eq!(
        house.standing(Some(500_000)).await,
        blocked(&["acknowledge_riskier"])
    );
    let what = Acknowledgement::RiskierThanProfile {
        scheme: RiskLevel::VeryHigh,
        profile: RiskLevel::LowToModerate,
    };
    let new = NewAcknowledgement {
        scheme: FUND.0,
        what,
        proof: ConsentProof {
            shown: "riskier than suits".to_owned(),
            answer: "go on".to_owned(),
        },
    };
    let by = By {
        who: "contact",
        at: now(),
    };
    house.people.acknowledge(house.who, new, by).await.unwrap();
    let Standing::Ready(account) = house.standing(Some(500_000)).await else {
        panic!("it was acknowledged");
    };
    assert_eq!(account.euin, None, "execution only");
}

#[tokio::test]
async fn a_switch_into_what_is_riskier_than_suits_waits_for_the_written_word_too() {
    let house = house().await;
    let missing = [
        "not_bound",
        "pan_missing",
        "account_missing",
        "kyc_missing",
        "fatca_missing",
        "acknowledge_no_profile",
        // What its way out needs besides.
        "bank_missing",
    ];
    assert_eq!(house.standing_to_switch().await, blocked(&missing));
    house.record_all().await;
    house.answer(false).await;
    let risky = blocked(&["acknowledge_riskier"]);
    assert_eq!(house.standing_to_switch().await, risky);
    house.answer(true).await;
    // Who took their consent back was told that they can still switch.
    house.consent(false).await;
    let Standing::Ready(account) = house.standing_to_switch().await else {
        panic!("{:?}", house.standing_to_switch().await);
    };
    assert_eq!(account.euin.as_deref(), Some("E123456"));
}

#[tokio::test]
async fn a_sip_begins_in_a_scheme_that_takes_sips_and_no_lump_sums() {
    let house = house().await;
    house.record_all().await;
    house.answer(true).await;
    let rules = "code,scheme,effective_from,source,class,purchase,risk,sip_monthly,\
        sip_weekly\r\n\
        101762,Flexi,2026-08-01,a master,equity,no,very_high 2026-07,min=500 step=1,no\r\n";
    let import = house
        .investing
        .import_scheme_rules(rules.as_bytes(), "test", now());
    import.await.unwrap();
    let once = house.standing(Some(500_000)).await;
    assert_eq!(once, blocked(&["scheme_closed"]));
    let monthly = house.standing_for_sip(Frequency::Monthly).await;
    assert!(matches!(monthly, Standing::Ready(_)), "{monthly:?}");
    let weekly = house.standing_for_sip(Frequency::Weekly).await;
    assert_eq!(weekly, blocked(&["scheme_closed"]));
    let daily = house.standing_for_sip(Frequency::Daily).await;
    assert_eq!(daily, blocked(&["scheme_rules_missing"]));
}

#[tokio::test]
async fn paused_money_neither_comes_nor_goes() {
    let house = house().await;
    house.record_all().await;
    house.answer(true).await;
    let by = By {
        who: "system",
        at: now(),
    };
    house
        .people
        .pause_money(house.who, "units differ", by)
        .await
        .unwrap();
    for invests in [Some(500_000), None] {
        assert_eq!(house.standing(invests).await, blocked(&["money_paused"]));
    }
    let mut conn = house.rig.db.read().await.unwrap();
    assert!(house.gate.is_paused(&mut conn, house.who).await.unwrap());
}
