//! Two contacts that prove to be one person, after one of them dealt: nothing stays behind.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::date;
use sipbrewery::contacts::consent::{ACCOUNT, ConsentProof, NewConsent};
use sipbrewery::contacts::store::{identify, load};
use sipbrewery::documents::{Announce, Order};
use sipbrewery::id::ContactId;
use sipbrewery::investing::orders::draft::{Made, MandateProposal, Proposal};
use sipbrewery::investing::orders::plan::PlanTerms;
use sipbrewery::investing::orders::{Frequency, MandateKind, OrderStatus, PlanKind};
use sipbrewery::investing::{Paise, SchemeCode};
use sipbrewery::language::Language;
use sipbrewery::people::ports::KycReport;
use sipbrewery::people::{
    BelongsTo, By, Change, Fatca, IncomeSlab, KycState, NewBank, Pan, PennyDrop, PoliticalExposure,
    Reachable, Recorded, WealthSource,
};
use sipbrewery::sandbox::{Fault, FaultKind, Person};
use sipbrewery::security::Place;
use sipbrewery::whatsapp::Sender;

use crate::harness::DemoApp;

const KIRAN: &str = "919000000077";
const FLEXI: SchemeCode = SchemeCode(101_762);
const AMOUNT: Paise = Paise(500_000);
/// What is history of a conversation, or a lock, stays with the contact that is no more.
const HISTORY: [&str; 7] = [
    // Of messages that are delivered afterwards: their rows are history.
    "message_costs",
    "sessions",
    "inbox",
    "outbox",
    "handoffs",
    "portfolios",
    "money_pauses",
];

/// What remains of whoever was erased, without what was said in it.
const REMAINS: [&str; 4] = ["contact_requests", "consents", "inbox", "outbox"];

/// Kiran writes and hides the phone number; returns the contact and its user id.
async fn knows_the_user(demo: &DemoApp) -> (ContactId, String) {
    let kiran = Person::with_phone(KIRAN, "Kiran");
    let user = kiran.user_id.clone();
    demo.emulator.add_person(kiran);
    demo.emulator
        .set_fault(FaultKind::HidePhones, Fault::chance(1.0));
    demo.emulator.user_says(KIRAN, "hi").await;
    demo.rest().await;
    let contact = demo.app.find_contact(&user).await;
    (contact.expect("known by user id"), user)
}

/// Puts everything on record that it takes to deal.
async fn becomes_an_investor(demo: &DemoApp, who: ContactId, number: &str) {
    let now = demo.app.ground.clock.now();
    let by = By {
        who: "test",
        at: now,
    };
    let people = &demo.app.people;
    let fatca = Fatca::of_resident(
        (IncomeSlab::FiveToTenLakh, WealthSource::Salary),
        PoliticalExposure::None,
        demo.today(),
    );
    let boldest = people.questions().questions.iter().map(|question| {
        let option = question.options.iter().max_by_key(|option| option.points);
        (question.id.clone(), option.unwrap().id.clone())
    });
    let changes = [
        Change::Pan(Pan::parse("AAAPD0007D").unwrap()),
        Change::Name("KIRAN DEMO".to_owned()),
        Change::DateOfBirth(date(1988, 2, 29)),
        Change::Email(Reachable::email("kiran@example.invalid", BelongsTo::Myself).unwrap()),
        Change::Mobile(Reachable::mobile(KIRAN, BelongsTo::Myself).unwrap()),
        Change::Bank(NewBank::parse("100000007777", "HDFC0000001", "KIRAN DEMO").unwrap()),
        Change::OptOutOfNomination,
        Change::Fatca(fatca),
        Change::Risk(boldest.collect()),
        Change::Kyc(KycReport {
            state: KycState::Validated,
            raw: "KYC Validated".to_owned(),
            agency: None,
            name: None,
            valid_until: None,
        }),
        Change::Bind {
            number: number.to_owned(),
            proof: "one_time_code".to_owned(),
        },
    ];
    for change in changes {
        let action = change.action();
        let said = people.record(who, change, by).await.unwrap();
        assert_eq!(said, Recorded::Done, "{action}");
    }
    for purpose in ACCOUNT {
        let consent = NewConsent {
            purpose,
            given: true,
            source: "chat",
            proof: ConsentProof {
                shown: "May we?".to_owned(),
                answer: "yes".to_owned(),
            },
            version: "1".to_owned(),
        };
        people.record_consent(who, consent, by, now).await.unwrap();
    }
    let bank = people.investor(who).await.unwrap().banks[0].id;
    let credited = PennyDrop::Credited {
        name: "KIRAN DEMO".to_owned(),
    };
    people
        .record_penny_drop(who, bank, credited, by)
        .await
        .unwrap();
    let active = "select count(*) from exchange_accounts where state = 'active'";
    demo.until(active, 2).await;
}

async fn confirmed(demo: &DemoApp, who: ContactId, proposal: Proposal) -> Made {
    let dealing = demo.dealing();
    let draft = dealing
        .propose(who, proposal, "demo")
        .await
        .expect("it may be");
    let made = dealing.confirm(who, draft.id, "button").await;
    demo.rest().await;
    made.expect("it is confirmed").made()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_investor_has_goes_along_when_two_contacts_prove_to_be_one() {
    let demo = DemoApp::start().await;
    let (from, user) = knows_the_user(&demo).await;
    becomes_an_investor(&demo, from, &user).await;

    let dealing = demo.dealing();
    let draft = dealing
        .propose_purchase(from, FLEXI, AMOUNT, None, None, "demo")
        .await
        .expect("Kiran may buy");
    dealing.confirm(from, draft.id, "button").await.unwrap();
    demo.rest().await;
    let order = dealing.orders_of(from, None, 1).await.unwrap()[0].id;
    let about = sipbrewery::investing::orders::service::About::Order(order);
    let page = dealing.page_link(from, about).await.unwrap();
    let paying = demo.walks(&page, &[], "approve").await;
    demo.walks(&paying, &[], "pay").await;
    demo.days(3).await;
    let mandate = Proposal::Mandate(MandateProposal {
        kind: MandateKind::Upi,
        limit: Paise(1_000_000),
        start: demo.today(),
        end: demo.today() + 3.years(),
    });
    let Made::Mandate(mandate) = confirmed(&demo, from, mandate).await else {
        panic!("not a mandate");
    };
    let about = sipbrewery::investing::orders::service::About::Mandate(mandate);
    let page = dealing.page_link(from, about).await.unwrap();
    demo.walks(&page, &[], "approve").await;
    demo.pass(Duration::from_hours(1)).await;
    let terms = PlanTerms {
        kind: PlanKind::Sip,
        scheme: FLEXI,
        target: None,
        amount: AMOUNT,
        frequency: Frequency::Weekly,
        start: demo.today() + 14.days(),
        instalments: None,
        step_up: None,
    };
    let draft = dealing.propose_plan(from, terms, Some(mandate), None, "demo");
    let draft = draft.await.expect("a SIP");
    dealing.confirm(from, draft.id, "button").await.unwrap();
    demo.rest().await;
    let documents = demo.app.documents();
    let paper = documents
        .make(from, Language::En, Order::Statement)
        .await
        .unwrap();
    let link = documents
        .publish(from, &paper, Announce::Yes)
        .await
        .unwrap();
    demo.rest().await;

    let into = knows_the_number(&demo).await;
    asked_the_assistant(&demo, from, 7).await;
    asked_the_assistant(&demo, into, 5).await;
    demo.emulator.set_fault(FaultKind::HidePhones, Fault::OFF);
    demo.emulator.user_says(KIRAN, "menu").await;
    demo.rest().await;
    assert_eq!(demo.app.find_contact(&user).await.unwrap(), into);
    assert_eq!(demo.app.find_contact(KIRAN).await.unwrap(), into);
    for (table, left) in demo.rows_of(from).await {
        assert!(
            left == 0 || HISTORY.contains(&table.as_str()),
            "{left} of {table}"
        );
    }
    assert_eq!(uses_of(&demo, into).await, (2, 12));
    // It all opens under the key of whoever is left, and goes on.
    let orders = dealing.orders_of(into, None, 9).await.unwrap();
    assert_eq!(orders[0].status, OrderStatus::Allotted);
    assert_eq!(dealing.plans_of(into).await.unwrap().len(), 1);
    let again = documents
        .make(into, Language::En, Order::Statement)
        .await
        .unwrap();
    assert_eq!(again.caption, paper.caption);
    let token = link.url.rsplit('/').next().unwrap();
    assert!(documents.fetch(token).await.unwrap().is_some());
    let more = dealing.propose_purchase(into, FLEXI, AMOUNT, None, None, "demo");
    more.await.expect("they still are who they proved to be");
    demo.days(2).await;
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paid_for_somebody_is_in_the_books_of_whom_they_proved_to_be() {
    let demo = DemoApp::start().await;
    let (from, _) = knows_the_user(&demo).await;
    was_charged_for(&demo, from).await;
    let into = knows_the_number(&demo).await;
    demo.emulator.set_fault(FaultKind::HidePhones, Fault::OFF);
    demo.emulator.user_says(KIRAN, "menu").await;
    demo.rest().await;
    let costs = async |who| {
        let rows = demo.rows_of(who).await;
        let costs = rows.into_iter().find(|(table, _)| table == "message_costs");
        costs.expect("the table is there").1
    };
    assert_eq!(costs(from).await, 0);
    assert!(costs(into).await >= 1);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_and_an_erasure_are_of_whatever_somebody_was_before_they_proved_to_be_one() {
    let demo = DemoApp::start().await;
    let (from, user) = knows_the_user(&demo).await;
    demo.emulator.user_says(KIRAN, "what is an ELSS").await;
    demo.rest().await;
    let into = knows_the_number(&demo).await;
    demo.emulator.set_fault(FaultKind::HidePhones, Fault::OFF);
    demo.emulator
        .user_says(KIRAN, "what data do you have about me")
        .await;
    demo.rest().await;
    assert_eq!(demo.app.find_contact(&user).await.unwrap(), into);
    demo.taps_as(KIRAN, "Copy of my data").await;
    demo.rest().await;
    let copy = demo.copy_of(KIRAN).await;
    assert!(copy.contains("what is an ELSS"), "of before: {copy}");
    assert!(copy.contains("what data do you have"), "of after: {copy}");

    demo.emulator.user_says(KIRAN, "delete my data").await;
    demo.rest().await;
    demo.taps_as(KIRAN, "Erase my data").await;
    demo.rest().await;
    demo.pass(Duration::from_hours(25)).await;
    let erased =
        "select count(*) from keys k join contacts c on c.key_id = k.id where k.wrapped is null";
    assert_eq!(
        demo.scalar(erased).await,
        2,
        "who they were, and who they are"
    );
    // What came in is sealed with another key than theirs.
    let left = "select count(*) from inbox i
                  join contacts c on c.id = i.contact_id join keys k on k.id = c.key_id
                 where k.wrapped is null and i.payload is not null";
    assert_eq!(demo.scalar(left).await, 0);
    for who in [from, into] {
        for (table, left) in demo.rows_of(who).await {
            assert!(
                left == 0 || REMAINS.contains(&table.as_str()),
                "{left} of {table}"
            );
        }
    }
    for name in [KIRAN, &user] {
        assert!(
            demo.app.find_contact(name).await.is_err(),
            "nobody is known by {name}"
        );
    }
    demo.stop().await;
}

/// Puts the cost of a message on record, as a status that tells of it does.
async fn was_charged_for(demo: &DemoApp, who: ContactId) {
    let charged = demo.app.ground.db.write(who.to_string(), |conn, who| {
        Box::pin(async move {
            sqlx::query(
                "insert into outbox (id, contact_id, trace, lane, purpose, owner_epoch, state,
                                     due_at, expires_at, created_at, accepted_at)
                 values ('a message', $1, 't', 'utility', 'chat', 0, 'delivered', 0, 0, 0, 0)",
            )
            .bind(&*who)
            .execute(&mut *conn)
            .await?;
            sqlx::query(
                "insert into message_costs (outbox_id, contact_id, purpose, category, kind,
                                            delivered_at, month, millipaise)
                 values ('a message', $1, 'chat', 'utility', 'regular', 0, '2026-08', 11500)",
            )
            .bind(&*who)
            .execute(conn)
            .await?;
            Ok(())
        })
    });
    charged.await.expect("the cost is written");
}

/// Puts a use of the assistant on record, as it writes one down.
async fn asked_the_assistant(demo: &DemoApp, who: ContactId, tokens: i64) {
    let input = (demo.app.ground.clone(), who.to_string());
    let asked = demo.app.ground.db.write(input, move |conn, (ground, who)| {
        Box::pin(async move {
            let mut loaded = load(conn, &ground.keys, std::slice::from_ref(who)).await?;
            let key = loaded.remove(who).expect("they wrote").key;
            let id = format!("use_{tokens}");
            sqlx::query(
                "insert into assistant_uses (id, contact_id, at, model, prompt, verdict,
                                             tokens_in, tokens_out, cost, millis, sealed)
                 values ($1, $2, 0, 'good', '1', 'answered', $3, 0, 0, 0, $4)",
            )
            .bind(&id)
            .bind(&*who)
            .bind(tokens)
            .bind(key.seal(use_place(&id), b"what is a SIP"))
            .execute(&mut *conn)
            .await?;
            sqlx::query(
                "insert into assistant_spend (day, contact_id, tokens, cost)
                 values ('2026-08-24', $1, $2, 0)",
            )
            .bind(&*who)
            .bind(tokens)
            .execute(conn)
            .await?;
            Ok(())
        })
    });
    asked.await.expect("it is on record");
}

fn use_place(id: &str) -> Place<'_> {
    Place {
        table: "assistant_uses",
        column: "sealed",
        row: id,
    }
}

/// Returns how many uses open under a contact's key, and the tokens of their day.
async fn uses_of(demo: &DemoApp, who: ContactId) -> (usize, i64) {
    let who = who.to_string();
    let mut conn = demo.app.ground.db.read().await.unwrap();
    let keys = &demo.app.ground.keys;
    let mut loaded = load(&mut conn, keys, std::slice::from_ref(&who))
        .await
        .unwrap();
    let key = loaded.remove(&who).unwrap().key;
    let uses: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select id, sealed from assistant_uses where contact_id = $1")
            .bind(&who)
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    for (id, sealed) in &uses {
        assert_eq!(key.open(use_place(id), sealed).unwrap(), b"what is a SIP");
    }
    let tokens = sqlx::query_scalar("select tokens from assistant_spend where contact_id = $1")
        .bind(&who)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    (uses.len(), tokens)
}

/// Somebody else's statement names the number, so it is known before they show it.
pub async fn knows_the_number(demo: &DemoApp) -> ContactId {
    let person = Sender {
        wa_id: Some(KIRAN.to_owned()),
        ..Sender::default()
    };
    let input = (demo.app.ground.clone(), person);
    let known = demo.app.ground.db.write(input, |conn, (ground, person)| {
        Box::pin(async move {
            let (keys, ids, now) = (&ground.keys, &ground.ids, ground.clock.now());
            identify(conn, keys, ids, &[person], now).await.map(drop)
        })
    });
    known.await.expect("the number is known");
    demo.app.find_contact(KIRAN).await.unwrap()
}
