//! The parts are the whole, whatever the whole and the shares, both ways.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::investing::money::Paise;
use crate::investing::tests::rig::TestDb;
use crate::storage::Error;

const FROM: Date = date(2026, 4, 1);

/// A million at `PROOF_SCALE=500`.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn cases() -> u32 {
    let scale = std::env::var("PROOF_SCALE").ok();
    2_000 * scale.and_then(|text| text.parse::<u32>().ok()).unwrap_or(1)
}

fn split(points: &[u32]) -> Split {
    let share = |(at, basis_points): (usize, &u32)| Share {
        party: format!("party{at}"),
        basis_points: *basis_points,
    };
    Split::new(
        "trail",
        FROM,
        points.iter().enumerate().map(share).collect(),
    )
    .unwrap()
}

fn amounts(divided: &Divided) -> Vec<i64> {
    divided.parts.iter().map(|part| part.amount.0).collect()
}

#[test]
fn the_three_splits_of_the_seed_divide_as_they_always_did() {
    for (points, parts) in [
        ([8_000, 1_500, 500], [800, 150, 50]),
        ([7_000, 2_500, 500], [700, 250, 50]),
        ([8_500, 1_000, 500], [850, 100, 50]),
    ] {
        assert_eq!(amounts(&split(&points).divide(Paise(1_000))), parts);
    }
    let seed = split(&[8_000, 1_500, 500]);
    assert_eq!(amounts(&seed.divide(Paise(1))), [1, 0, 0]);
    assert_eq!(amounts(&seed.divide(Paise(-1))), [-1, 0, 0]);
    assert_eq!(
        amounts(&seed.divide(Paise(3))),
        [2, 1, 0],
        "2.40, 0.45, 0.15"
    );
    assert_eq!(
        amounts(&split(&[3_334, 3_333, 3_333]).divide(Paise(2))),
        [1, 1, 0]
    );
}

#[test]
fn a_split_that_is_not_the_whole_is_refused() {
    let of = |points: &[(&str, u32)]| {
        let share = |(party, basis_points): &(&str, u32)| Share {
            party: (*party).to_owned(),
            basis_points: *basis_points,
        };
        Split::new("trail", FROM, points.iter().map(share).collect())
    };
    assert!(of(&[("a", 10_000), ("b", 0)]).is_ok());
    for points in [
        &[("a", 9_999)][..],
        &[("a", 9_999), ("b", 2)],
        &[("a", u32::MAX), ("b", 10_001)],
    ] {
        assert!(
            matches!(of(points), Err(SplitFault::Total { .. })),
            "{points:?}"
        );
    }
    for points in [&[][..], &[("a", 5_000), ("a ", 5_000)], &[("", 10_000)]] {
        assert!(
            matches!(of(points), Err(SplitFault::Parties { .. })),
            "{points:?}"
        );
    }
}

#[test]
fn each_day_has_the_split_that_counted_then() {
    let json = br#"{"splits": [
        {"kind": "trail", "from": "2026-04-01", "shares": [{"party": "d", "basis_points": 10000}]},
        {"kind": "trail", "from": "2026-10-01", "shares": [{"party": "d", "basis_points": 9000},
                                                            {"party": "s", "basis_points": 1000}]}]}"#;
    let splits = Splits::new(parse_splits(json).unwrap());
    let from = |day| splits.on("trail", day).map(Split::from);
    assert_eq!(from(date(2026, 3, 31)), None);
    assert_eq!(from(date(2026, 9, 30)), Some(FROM));
    assert_eq!(from(date(2026, 10, 1)), Some(date(2026, 10, 1)));
    assert_eq!(splits.on("upfront", FROM), None);
    let twice = String::from_utf8_lossy(json).replace("2026-10", "2026-04");
    assert!(matches!(
        parse_splits(twice.as_bytes()),
        Err(BadSplits::Twice { .. })
    ));
    let short = String::from_utf8_lossy(json).replace("9000", "8999");
    assert!(matches!(
        parse_splits(short.as_bytes()),
        Err(BadSplits::Split(_))
    ));
}

/// Shares that make 10,000, cut at random.
fn points() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0_u32..=10_000, 0..6).prop_map(|mut cuts| {
        cuts.extend([0, 10_000]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        -3_i64..=3,
        -100_000_i64..=100_000,
        (i64::MIN + 1)..=i64::MAX,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn the_parts_are_the_whole_and_each_is_its_share_to_the_paisa(points in points(), amount in amount()) {
        let split = split(&points);
        let divided = split.divide(Paise(amount));
        let sum: i128 = divided.parts.iter().map(|part| i128::from(part.amount.0)).sum();
        prop_assert_eq!(sum, i128::from(amount));
        for part in &divided.parts {
            let exact = i128::from(amount) * i128::from(part.basis_points);
            let got = i128::from(part.amount.0) * 10_000;
            prop_assert!((got - exact).abs() < 10_000, "{} of {}", part.amount.0, amount);
        }
        let turned = split.divide(Paise(-amount));
        prop_assert_eq!(amounts(&turned), amounts(&divided).iter().map(|a| -a).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_taken_back_little_by_little_leaves_everybody_with_nothing(
        points in points(), amount in -100_000_i64..=100_000, steps in prop::collection::vec(1_i64..=100_000, 0..6)) {
        prop_assume!(amount != 0);
        let whole = split(&points).divide(Paise(amount));
        let mut left = whole.clone();
        let mut taken = vec![0_i64; whole.parts.len()];
        let mut backs: Vec<i64> = steps.iter().map(|step| step.min(&left.amount.0.abs()) * amount.signum()).collect();
        backs.push(i64::MAX);
        for back in backs {
            if left.amount.0 == 0 {
                break;
            }
            let back = if back.abs() >= left.amount.0.abs() { left.amount.0 } else { back };
            let (reversal, rest) = left.take_back(Paise(back)).unwrap();
            let sum: i64 = amounts(&reversal).iter().sum();
            prop_assert_eq!(sum, -back);
            prop_assert_eq!(reversal.amount, Paise(-back));
            for (total, part) in taken.iter_mut().zip(amounts(&reversal)) {
                *total += part;
            }
            left = rest;
        }
        prop_assert!(amounts(&left).iter().all(|part| *part == 0));
        prop_assert_eq!(taken, amounts(&whole).iter().map(|part| -part).collect::<Vec<_>>());
        prop_assert!(left.take_back(Paise(amount.signum())).is_err());
    }
}

fn now() -> Timestamp {
    "2026-08-24T04:30:00Z".parse().unwrap()
}

async fn load_into(rig: &TestDb, splits: Vec<Split>) -> Result<Loaded, Error> {
    let input = (rig.ids.clone(), splits);
    let run = rig.db.write(input, |conn, (ids, splits)| {
        Box::pin(load(conn, ids, splits, "operator", now()))
    });
    run.await
}

async fn divide_in(rig: &TestDb, new: &NewCommission) -> Result<StoredCommission, Error> {
    let input = (rig.ids.clone(), new.clone());
    let run = rig.db.write(input, |conn, (ids, new)| {
        Box::pin(divide(conn, ids, new, "operator", now()))
    });
    run.await
}

async fn take_in(rig: &TestDb, source: &str, back: i64) -> Result<Divided, Error> {
    let input = (rig.ids.clone(), source.to_owned());
    let run = rig.db.write(input, move |conn, (ids, source)| {
        Box::pin(take_back(
            conn,
            ids,
            source,
            "may:1",
            Paise(back),
            "operator",
            now(),
        ))
    });
    run.await
}

fn commission(amount: i64) -> NewCommission {
    NewCommission {
        source: "may:1".to_owned(),
        kind: "trail".to_owned(),
        on: date(2026, 5, 31),
        amount: Paise(amount),
    }
}

#[tokio::test]
async fn what_was_divided_keeps_its_split_and_a_split_that_counts_cannot_be_changed() {
    let rig = TestDb::new(1).await;
    let unknown = divide_in(&rig, &commission(1_001)).await.unwrap_err();
    assert!(unknown.to_string().contains("no split"), "{unknown}");
    let first = split(&[8_000, 1_500, 500]);
    let loaded = load_into(&rig, vec![first.clone()]).await.unwrap();
    assert_eq!((loaded.new, loaded.already), (1, 0));
    let stored = divide_in(&rig, &commission(1_001)).await.unwrap();
    assert_eq!(amounts(&stored.divided), [801, 150, 50]);
    assert_eq!(divide_in(&rig, &commission(1_001)).await.unwrap(), stored);
    assert!(
        divide_in(&rig, &commission(1_002)).await.is_err(),
        "the same line, another amount"
    );
    let again = load_into(&rig, vec![first]).await.unwrap();
    assert_eq!((again.new, again.already), (0, 1));
    let refused = load_into(&rig, vec![split(&[7_000, 2_500, 500])])
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("cannot be changed"),
        "{refused}"
    );
    let later = Split::new(
        "trail",
        date(2026, 6, 1),
        split(&[7_000, 2_500, 500]).shares().to_vec(),
    );
    load_into(&rig, vec![later.unwrap()]).await.unwrap();
    let mut conn = rig.db.read().await.unwrap();
    assert_eq!(find(&mut conn, "may:1").await.unwrap(), Some(stored));
}

#[tokio::test]
async fn commission_is_taken_back_exactly_and_never_more_than_there_is() {
    let rig = TestDb::new(1).await;
    load_into(&rig, vec![split(&[8_000, 1_500, 500])])
        .await
        .unwrap();
    divide_in(&rig, &commission(1_001)).await.unwrap();
    let first = take_in(&rig, "june:1", 998).await.unwrap();
    assert_eq!(take_in(&rig, "june:1", 998).await.unwrap(), first, "once");
    assert!(take_in(&rig, "june:1", 997).await.is_err());
    assert!(take_in(&rig, "june:2", 4).await.is_err(), "three are left");
    take_in(&rig, "june:2", 3).await.unwrap();
    let mut conn = rig.db.read().await.unwrap();
    let left = find(&mut conn, "may:1").await.unwrap().unwrap().left;
    assert_eq!(amounts(&left), [0, 0, 0]);
}

#[tokio::test]
async fn many_that_take_back_at_once_take_back_no_more_than_there_is() {
    let rig = TestDb::new(1).await;
    load_into(&rig, vec![split(&[8_000, 1_500, 500])])
        .await
        .unwrap();
    divide_in(&rig, &commission(10)).await.unwrap();
    let sources: Vec<_> = (0..12).map(|n| format!("june:{n}")).collect();
    let taken = futures::future::join_all(sources.iter().map(|s| take_in(&rig, s, 1))).await;
    assert!(taken.iter().filter(|t| t.is_ok()).count() <= 10);
    let mut conn = rig.db.read().await.unwrap();
    let left = find(&mut conn, "may:1").await.unwrap().unwrap().left;
    let took = i64::try_from(taken.iter().filter(|t| t.is_ok()).count()).unwrap();
    assert_eq!(left.amount, Paise(10 - took));
    assert!(amounts(&left).iter().all(|part| *part >= 0));
}
