//! The laws of the ledger, and its rows.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::id::{ContactId, FolioId, Ids};
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::scheme::SchemeCode;
use crate::investing::tests::rig::TestDb;
use crate::storage::Error;

/// A million at `PROOF_SCALE=500`.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn cases() -> u32 {
    let scale = std::env::var("PROOF_SCALE").ok();
    2_000 * scale.and_then(|text| text.parse::<u32>().ok()).unwrap_or(1)
}

const FUND: SchemeCode = SchemeCode(101_762);
const OTHER: SchemeCode = SchemeCode(100_868);

struct Maker {
    ids: Ids,
    contact: ContactId,
    folio: FolioId,
}

impl Maker {
    fn new(contact: ContactId) -> Self {
        let ids = Ids::seeded(5);
        let folio = ids.next(Timestamp::UNIX_EPOCH);
        Self {
            ids,
            contact,
            folio,
        }
    }

    fn occasion(&self, subject: &str) -> Occasion {
        Occasion {
            id: self.ids.next(Timestamp::UNIX_EPOCH),
            contact: self.contact,
            subject: subject.to_owned(),
            on: date(2026, 8, 24),
            at: Timestamp::UNIX_EPOCH,
        }
    }
}

fn some_contact() -> ContactId {
    Ids::seeded(4).next(Timestamp::UNIX_EPOCH)
}

/// An allotment of so many paise and ten-thousandths of units, with its charges.
fn allotment(amount: i64, units: i64, duty: i64, load: i64, stt: i64) -> Allotment {
    Allotment {
        folio: "90000001 / 11".to_owned(),
        nav_date: date(2026, 8, 24),
        nav: Decimal::ONE,
        units: Decimal::new(units, 4),
        amount: Paise(amount),
        stamp_duty: Paise(duty),
        exit_load: Paise(load),
        stt: Paise(stt),
    }
}

fn of(entries: &[Entry], account: MoneyAccount) -> i128 {
    let found = balances(entries);
    found.get(&Moved::Money(account)).copied().unwrap_or(0)
}

#[test]
fn a_purchase_leaves_nothing_on_the_way_and_a_redemption_brings_it_back() {
    let maker = Maker::new(some_contact());
    let made = allotment(499_975, 24_006, 25, 0, 0);
    let sold = allotment(550_000, 24_006, 0, 5_500, 6);
    let entries = [
        debited(&maker.occasion("a"), Paise(500_000)).unwrap(),
        paid(&maker.occasion("a"), Paise(500_000)).unwrap(),
        allotted(&maker.occasion("a"), FUND, maker.folio, &made).unwrap(),
        redeemed(&maker.occasion("b"), FUND, maker.folio, &sold).unwrap(),
        paid_out(&maker.occasion("b"), Paise(544_494)).unwrap(),
    ];
    assert_eq!(of(&entries[..3], MoneyAccount::Order), 0);
    assert_eq!(of(&entries[..3], MoneyAccount::Scheme(FUND)), 499_975);
    let units = Moved::Units(FUND, UnitAccount::Folio(maker.folio));
    assert_eq!(balances(&entries[..3])[&units], 24_006);
    for account in [
        MoneyAccount::Clearing,
        MoneyAccount::Order,
        MoneyAccount::PayoutDue,
    ] {
        assert_eq!(of(&entries, account), 0, "{account}");
    }
    assert_eq!(of(&entries, MoneyAccount::Bank), 44_494);
    assert!(!balances(&entries).contains_key(&units));
}

#[test]
fn a_switch_has_both_legs_of_the_same_money_or_none() {
    let maker = Maker::new(some_contact());
    let out = allotment(100_000, 5_000, 0, 1_000, 1);
    let into = allotment(98_995, 7_000, 4, 0, 0);
    let leg = |scheme, made| (scheme, maker.folio, made);
    let entry = switched(&maker.occasion("s"), leg(FUND, &out), leg(OTHER, &into)).unwrap();
    assert_eq!(of(std::slice::from_ref(&entry), MoneyAccount::Switching), 0);
    let wrong = allotment(98_996, 7_000, 4, 0, 0);
    let fault = switched(&maker.occasion("s"), leg(FUND, &out), leg(OTHER, &wrong));
    let (out_net, into_gross) = (98_999, 99_000);
    assert_eq!(
        fault,
        Err(EntryFault::LegsDiffer {
            out: out_net,
            into: into_gross
        })
    );
    let apart = [
        switched_out(&maker.occasion("s"), FUND, maker.folio, &out).unwrap(),
        switched_in(&maker.occasion("s"), OTHER, maker.folio, &into).unwrap(),
    ];
    assert_eq!(balances(&apart), balances([&entry]));
}

#[test]
fn a_failed_order_gives_its_money_back() {
    let maker = Maker::new(some_contact());
    let entries = [
        debited(&maker.occasion("a"), Paise(7)).unwrap(),
        paid(&maker.occasion("a"), Paise(7)).unwrap(),
        refund_due(&maker.occasion("a"), Paise(7)).unwrap(),
        refunded(&maker.occasion("a"), Paise(7)).unwrap(),
    ];
    assert_eq!(of(&entries[..3], MoneyAccount::RefundDue), 7);
    assert!(balances(&entries).is_empty());
}

#[test]
fn what_moves_nothing_or_less_is_no_entry() {
    let maker = Maker::new(some_contact());
    assert_eq!(
        debited(&maker.occasion("a"), Paise(0)),
        Err(EntryFault::Empty)
    );
    assert_eq!(
        debited(&maker.occasion("a"), Paise(-1)),
        Err(EntryFault::NotPositive)
    );
    let finer = Allotment {
        units: "0.00001".parse().unwrap(),
        ..allotment(1, 0, 0, 0, 0)
    };
    let fault = allotted(&maker.occasion("a"), FUND, maker.folio, &finer);
    assert_eq!(fault, Err(EntryFault::OutOfRange));
    let eaten = allotment(100, 1, 0, 101, 0);
    let fault = redeemed(&maker.occasion("a"), FUND, maker.folio, &eaten);
    assert_eq!(
        fault,
        Err(EntryFault::NotPositive),
        "a load beyond the money"
    );
    let huge = allotment(i64::MIN + 1, 1, 0, i64::MAX, 0);
    let fault = redeemed(&maker.occasion("a"), FUND, maker.folio, &huge);
    assert_eq!(fault, Err(EntryFault::OutOfRange));
}

/// A day's events in any order and any amounts.
fn entries(maker: &Maker, events: &[(u8, i64, i64, i64)]) -> Vec<Entry> {
    let mut made: Vec<Entry> = Vec::new();
    for (at, (event, amount, units, charge)) in events.iter().copied().enumerate() {
        let occasion = maker.occasion(&format!("ord{at}"));
        let a = allotment(amount + 2 * charge, units, charge, charge, charge);
        let into = allotment(amount - charge, units, charge, 0, 0);
        let folio = maker.folio;
        let entry = match event % 9 {
            0 => debited(&occasion, Paise(amount)),
            1 => paid(&occasion, Paise(amount)),
            2 => allotted(&occasion, FUND, folio, &a),
            3 => redeemed(&occasion, OTHER, folio, &a),
            4 => paid_out(&occasion, Paise(amount)),
            5 => switched(&occasion, (FUND, folio, &a), (OTHER, folio, &into)),
            6 => refund_due(&occasion, Paise(amount)),
            7 => refunded(&occasion, Paise(amount)),
            _ => match made.last() {
                Some(last) => reversed(&occasion, last),
                None => debited(&occasion, Paise(amount)),
            },
        };
        made.push(entry.unwrap());
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Whatever happens, nothing is made and nothing is lost, of money and of each
    /// scheme's units.
    #[test]
    fn every_commodity_sums_to_nothing(events in prop::collection::vec(
        (any::<u8>(), 1_000_i64..=1_000_000_000_000, 1_i64..=1_000_000_000_000, 0_i64..=999), 1..6)) {
        let maker = Maker::new(some_contact());
        let made = entries(&maker, &events);
        let mut sums = std::collections::BTreeMap::<Option<SchemeCode>, i128>::new();
        for (moved, amount) in balances(&made) {
            let commodity = match moved {
                Moved::Money(_) => None,
                Moved::Units(scheme, _) => Some(scheme),
            };
            *sums.entry(commodity).or_default() += amount;
        }
        prop_assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }

    /// An entry and its reversal are as if neither had been.
    #[test]
    fn a_reversal_undoes_exactly(events in prop::collection::vec(
        (0_u8..8, 1_000_i64..=1_000_000_000_000, 1_i64..=1_000_000_000_000, 0_i64..=999), 1..6)) {
        let maker = Maker::new(some_contact());
        let mut made = entries(&maker, &events);
        let undone: Vec<_> = made.iter().map(|e| reversed(&maker.occasion("r"), e).unwrap()).collect();
        made.extend(undone);
        prop_assert!(balances(&made).is_empty());
    }
}

async fn post_to(scratch: &TestDb, entry: &Entry) -> Result<Posted, Error> {
    let run = scratch
        .db
        .write(entry.clone(), |conn, entry| Box::pin(post(conn, entry)));
    run.await
}

async fn stored(scratch: &TestDb, who: ContactId) -> Vec<Entry> {
    let mut conn = scratch.db.read().await.unwrap();
    entries_of(&mut conn, who).await.unwrap()
}

#[tokio::test]
async fn an_event_posted_twice_is_posted_once_and_with_other_amounts_not_at_all() {
    let scratch = TestDb::new(1).await;
    let who = scratch.contacts(1, 1).await[0];
    let maker = Maker::new(who);
    let first = debited(&maker.occasion("ord_1"), Paise(500_000)).unwrap();
    let again = debited(&maker.occasion("ord_1"), Paise(500_000)).unwrap();
    let other = debited(&maker.occasion("ord_1"), Paise(500_001)).unwrap();
    assert_eq!(post_to(&scratch, &first).await.unwrap(), Posted::New);
    assert_eq!(post_to(&scratch, &again).await.unwrap(), Posted::Already);
    let refused = post_to(&scratch, &other).await.unwrap_err().to_string();
    assert!(refused.contains("ord_1:debited"), "{refused}");
    assert_eq!(stored(&scratch, who).await, [first]);
}

#[tokio::test]
async fn two_hundred_that_post_the_same_event_at_once_post_it_once() {
    let scratch = TestDb::new(1).await;
    let who = scratch.contacts(1, 1).await[0];
    let maker = Maker::new(who);
    let posts: Vec<_> = (0..200)
        .map(|_| debited(&maker.occasion("ord_1"), Paise(5)).unwrap())
        .collect();
    let outcomes = futures::future::join_all(posts.iter().map(|e| post_to(&scratch, e))).await;
    let new = outcomes
        .iter()
        .filter(|o| matches!(o, Ok(Posted::New)))
        .count();
    assert_eq!(new, 1);
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(stored(&scratch, who).await.len(), 1);
}

#[tokio::test]
async fn entries_read_back_as_they_were_posted_and_the_rows_are_balanced() {
    let scratch = TestDb::new(1).await;
    let who = scratch.contacts(1, 1).await[0];
    let maker = Maker::new(who);
    let events: Vec<_> = (0..40).map(|n| (n, 1_000 + i64::from(n), 7, 3)).collect();
    let made = entries(&maker, &events);
    for entry in &made {
        post_to(&scratch, entry).await.unwrap();
    }
    assert_eq!(stored(&scratch, who).await, made);
    let mut conn = scratch.db.read().await.unwrap();
    let unbalanced: i64 = sqlx::query_scalar(
        "select count(*) from (
            select source, coalesce(scheme_code, 0) as commodity from ledger_postings
             group by source, coalesce(scheme_code, 0) having sum(amount) <> 0) x",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(unbalanced, 0);
}

#[tokio::test]
async fn the_database_itself_refuses_what_is_no_transfer() {
    let scratch = TestDb::new(1).await;
    let who = scratch.contacts(1, 1).await[0];
    let maker = Maker::new(who);
    let entry = debited(&maker.occasion("ord_1"), Paise(5)).unwrap();
    post_to(&scratch, &entry).await.unwrap();
    for (from, to, amount) in [
        ("bank", "clearing", 0),
        ("bank", "clearing", -5),
        ("bank", "bank", 5),
    ] {
        let input = (entry.id().to_string(), from, to, amount);
        let write = scratch.db.write(input, |conn, (id, from, to, amount)| {
            Box::pin(async move {
                sqlx::query("insert into ledger_transfers values ($1, 9, null, $2, $3, $4)")
                    .bind(id)
                    .bind(*from)
                    .bind(*to)
                    .bind(i64::from(*amount))
                    .execute(conn)
                    .await?;
                Ok(())
            })
        });
        assert!(write.await.is_err(), "{from} {to} {amount}");
    }
}
