//! A registrar corrects what it stated: of two versions the newer statement's counts, and
//! what is on record of the older one stays as it was.

use jiff::civil::date;

use super::bookings::{Rig, d, rig, sample};
use crate::investing::Portfolio;
use crate::investing::cas::Statement;
use crate::investing::money::Paise;

/// The place of the last instalment among the rows of the first scheme.
const INSTALMENT: usize = 10;

/// A statement of the day after the sample's, by which the last instalment came to fewer
/// units.
fn corrected() -> Statement {
    let mut statement = sample();
    statement.to = date(2026, 8, 22);
    let scheme = &mut statement.folios[0].schemes[0];
    scheme.close = d("10.440");
    let row = &mut scheme.transactions[INSTALMENT];
    assert_eq!(row.units, Some(d("2.414")));
    row.units = Some(d("2.400"));
    row.balance = Some(d("15.440"));
    statement
}

/// What there is where nothing but one statement came.
async fn alone(statement: &Statement) -> Portfolio {
    let rig = rig().await;
    rig.give(statement).await;
    let found = rig.portfolio().await;
    assert!(found.holdings.iter().all(|held| held.gap.is_none()));
    found
}

/// Units of all rows on record of the first scheme's corrected day.
async fn stated(rig: &Rig) -> Vec<String> {
    let mut conn = rig.base.db.read().await.unwrap();
    sqlx::query_scalar(
        "select units from transactions where date = '2026-08-05' and units <> '' order by id",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_newer_statements_version_of_a_transaction_counts_instead_of_the_older_one() {
    let expected = alone(&corrected()).await;
    let rig = rig().await;
    rig.give(&sample()).await;
    let summary = rig.give(&corrected()).await;
    assert_eq!((summary.transactions, summary.corrected), ((1, 20), 1));
    assert!(summary.to_string().contains("were corrected"), "{summary}");
    assert_eq!(rig.portfolio().await, expected);
    let beside = ["2.414", "-2.414", "2.4"];
    assert_eq!(stated(&rig).await, beside, "nothing was edited or deleted");

    let again = rig.give(&corrected()).await;
    assert_eq!((again.transactions, again.corrected), ((0, 21), 0));
    let late = rig.give(&sample()).await;
    assert_eq!((late.transactions, late.corrected), ((0, 21), 0));
    assert_eq!(rig.portfolio().await, expected);
    assert_eq!(rig.rows().await, 23);
}

#[tokio::test]
async fn an_older_statements_version_that_comes_late_is_not_added() {
    let expected = alone(&corrected()).await;
    let rig = rig().await;
    rig.give(&corrected()).await;
    let late = rig.give(&sample()).await;
    assert_eq!((late.transactions, late.older), ((0, 21), 3));
    assert_eq!(rig.portfolio().await, expected);
    assert_eq!(rig.rows().await, 21);
}

#[tokio::test]
async fn a_correction_that_is_taken_back_counts_no_more() {
    let mut back = sample();
    back.to = date(2026, 8, 23);
    let expected = alone(&back).await;
    let rig = rig().await;
    for statement in [sample(), corrected(), back.clone(), back] {
        rig.give(&statement).await;
    }
    assert_eq!(rig.portfolio().await, expected);
    assert_eq!(rig.rows().await, 25);
}

#[tokio::test]
async fn the_tax_on_a_transaction_is_corrected_like_the_transaction() {
    let mut statement = corrected();
    statement.folios[0].schemes[0].transactions[INSTALMENT + 1].amount = Some(Paise(26));
    let expected = alone(&statement).await;
    let rig = rig().await;
    rig.give(&sample()).await;
    assert_eq!(rig.give(&statement).await.corrected, 2);
    assert_eq!(rig.portfolio().await, expected);
}

#[tokio::test]
async fn where_nobody_knows_which_statement_is_newer_the_history_is_in_doubt() {
    let mut summary = corrected();
    summary.to = date(2026, 8, 23);
    summary.detailed = false;
    for scheme in summary.folios.iter_mut().flat_map(|f| &mut f.schemes) {
        scheme.transactions.clear();
    }
    let rig = rig().await;
    for statement in [sample(), summary, corrected()] {
        rig.give(&statement).await;
    }
    let portfolio = rig.portfolio().await;
    let mut flexi = portfolio.holdings.iter();
    let held = flexi.find(|held| held.name.contains("Flexi")).unwrap();
    assert_eq!((held.units, held.cost), (d("10.440"), None));
}
