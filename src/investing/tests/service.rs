//! Imports and portfolios over a real database.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;

use super::rig::{TestDb, at};
use crate::id::ContactId;
use crate::investing::cas::{self, Statement};
use crate::investing::money::{Paise, inr};
use crate::investing::scheme::{Found, SchemeCode};
use crate::investing::{Investing, Portfolio, Return};
use crate::storage::Db;

const NAVS: &[u8] = include_bytes!("../../../demo/amfi/NAVAll.txt");
const LEGACY: &[u8] = include_bytes!("../../../tests/data/amfi/NAVAll-legacy-6col.txt");
const SAMPLE: &str = include_str!("../../../tests/data/cas/sample-cas-synthetic.json");

struct Rig {
    base: TestDb,
    db: Db,
    investing: Investing,
}

fn now() -> Timestamp {
    at("2026-08-24T04:30:00Z")
}

async fn rig() -> Rig {
    let base = TestDb::new(1).await;
    let arn = Some("ARN-000001".to_owned());
    let investing = Investing::load(base.db.clone(), arn).await.unwrap();
    Rig {
        db: base.db.clone(),
        base,
        investing,
    }
}

/// The lines of a file about these codes, with its headings.
fn excerpt(codes: &[&str]) -> String {
    let text = std::str::from_utf8(NAVS).unwrap();
    let wanted = |line: &&str| !line.contains(';') || codes.iter().any(|c| line.starts_with(c));
    text.lines().filter(wanted).collect::<Vec<_>>().join("\r\n")
}

const OURS: &[&str] = &["Scheme Code", "101762", "100868", "112323", "118955"];

impl Rig {
    async fn contact(&self) -> ContactId {
        self.base.contacts(1, 1).await[0]
    }

    async fn give(&self, contact: ContactId, statement: &Statement) -> cas::ImportSummary {
        let seal = Arc::new(self.base.seal(contact).await);
        let ids = &self.base.ids;
        let import = self
            .investing
            .import_cas(contact, statement, now(), ids, seal);
        import.await.unwrap()
    }

    async fn portfolio(&self, contact: ContactId) -> Portfolio {
        self.find_portfolio(contact).await.unwrap()
    }
}

impl Rig {
    async fn find_portfolio(&self, contact: ContactId) -> Option<Portfolio> {
        let seal = self.base.seal(contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(contact, today, &seal).await;
        found.unwrap()
    }
}

fn sample() -> Statement {
    cas::parse(SAMPLE.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_nav_dated_far_ahead_is_refused_and_one_on_record_is_not_the_newest() {
    let rig = rig().await;
    let import = async |text: &str| {
        let imported = rig.investing.import_navs(text.as_bytes(), "a day", now());
        imported.await.unwrap().report
    };
    let nav = || {
        let catalog = rig.investing.catalog();
        let nav = catalog.get(SchemeCode(101_762)).unwrap().nav;
        nav.map(|nav| nav.date)
    };
    let (today, text) = (date(2026, 8, 21), excerpt(OURS));
    import(&text).await;
    let slip = text.replace(";2082.607;21-Aug-2026", ";2082.607;21-Aug-2036");
    let report = import(&slip).await;
    assert_eq!((report.too_far_ahead, nav()), (1, Some(today)));
    let put_in = rig.db.write((), |conn, ()| {
        Box::pin(async move {
            let text = "insert into navs (code, date, import_id, nav)
                        values (101762, '2036-08-21', 1, '9')";
            sqlx::query(text).execute(conn).await?;
            Ok(())
        })
    });
    put_in.await.unwrap();
    rig.investing.reload().await.unwrap();
    assert_eq!(nav(), Some(today), "one of an earlier release");
}

#[tokio::test]
async fn a_whole_file_is_imported_quickly_found_after_a_restart_and_not_written_twice() {
    let rig = rig().await;
    let start = Instant::now();
    let import = rig
        .investing
        .import_navs(NAVS, "demo", now())
        .await
        .unwrap();
    println!("imported in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(
        (import.changed_schemes, import.changed_navs),
        (14_282, 14_041)
    );
    let again = rig
        .investing
        .import_navs(NAVS, "demo", now())
        .await
        .unwrap();
    assert!(again.already && again.report == import.report);
    let start = Instant::now();
    let restarted = Investing::load(rig.db.clone(), None).await.unwrap();
    println!("loaded in {:.2} s", start.elapsed().as_secs_f64());
    for investing in [&rig.investing, &restarted] {
        let catalog = investing.catalog();
        assert_eq!(catalog.len(), 14_282);
        let found = catalog.search("parag parikh flexi cap", 5);
        assert_eq!(found, Found::One(SchemeCode(122_640)));
    }
    assert!(
        restarted
            .catalog()
            .iter()
            .eq(rig.investing.catalog().iter())
    );
}

#[tokio::test]
async fn the_next_day_writes_only_what_changed_and_keeps_plans_known_before() {
    let rig = rig().await;
    rig.investing
        .import_navs(LEGACY, "old", now())
        .await
        .unwrap();
    let import = rig.investing.import_navs(NAVS, "new", now()).await.unwrap();
    assert!(import.changed_navs < 9_500, "{}", import.changed_navs);
    let catalog = rig.investing.catalog();
    let fund = catalog.get(SchemeCode(122_640)).unwrap();
    assert_eq!(fund.nav.unwrap().value.to_string(), "82.6988");
    let restarted = Investing::load(rig.db.clone(), None).await.unwrap();
    assert!(restarted.catalog().iter().eq(catalog.iter()));
}

#[tokio::test]
async fn a_broken_file_leaves_yesterdays_navs_and_a_revision_keeps_the_old_value() {
    let rig = rig().await;
    let text = excerpt(OURS);
    rig.investing
        .import_navs(text.as_bytes(), "day one", now())
        .await
        .unwrap();
    for broken in ["<html>404</html>", "", "a;b\r\n1;2"] {
        let refused = rig
            .investing
            .import_navs(broken.as_bytes(), "broken", now())
            .await;
        assert!(format!("{:#}", refused.unwrap_err()).contains("the last NAVs stay"));
    }
    assert_eq!(rig.investing.catalog().len(), 4);
    let revised = text.replace("2082.607", "2082.700");
    let import = rig
        .investing
        .import_navs(revised.as_bytes(), "day two", now())
        .await
        .unwrap();
    assert_eq!((import.changed_schemes, import.changed_navs), (0, 1));
    let mut conn = rig.db.read().await.unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from navs where code = 101762")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(kept, 2);
    rig.investing.reload().await.unwrap();
    let nav = rig
        .investing
        .catalog()
        .get(SchemeCode(101_762))
        .unwrap()
        .nav
        .unwrap();
    assert_eq!(nav.value.to_string(), "2082.700");
}

#[tokio::test]
async fn the_schemes_are_loaded_anew_for_an_import_by_another_process_and_not_for_ones_own() {
    let rig = rig().await;
    let other = Investing::load(rig.db.clone(), None).await.unwrap();
    let mut text = excerpt(OURS);
    for (ours, theirs) in [(&rig.investing, &other), (&other, &rig.investing)] {
        let imported = ours.import_navs(text.as_bytes(), "a day", now());
        imported.await.unwrap();
        let built = ours.catalog();
        assert!(!ours.take_over().await.unwrap());
        assert!(Arc::ptr_eq(&built, &ours.catalog()), "built once");
        let before = theirs.catalog();
        assert!(theirs.take_over().await.unwrap());
        assert!(!Arc::ptr_eq(&before, &theirs.catalog()));
        let nav = |investing: &Investing| investing.catalog().get(SchemeCode(101_762)).unwrap().nav;
        assert_eq!(nav(ours), nav(theirs));
        assert!(!theirs.take_over().await.unwrap());
        text = text.replace("2082.607", "2082.700");
    }
}

#[tokio::test]
async fn an_import_that_never_finished_counts_for_nobody() {
    let rig = rig().await;
    let text = excerpt(OURS);
    rig.investing
        .import_navs(text.as_bytes(), "day one", now())
        .await
        .unwrap();
    let torn = rig.db.write((), |conn, ()| {
        Box::pin(async move {
            for text in [
                "insert into nav_imports (id, source, sha256, row_count, report, started_at)
                 values (2, 'torn', '', 1, '', 0)",
                "insert into navs (code, date, import_id, nav) values (101762, '2026-08-22', 2, '1')",
            ] {
                sqlx::query(text).execute(&mut *conn).await?;
            }
            Ok(())
        })
    });
    torn.await.unwrap();
    rig.investing.reload().await.unwrap();
    let nav = rig
        .investing
        .catalog()
        .get(SchemeCode(101_762))
        .unwrap()
        .nav
        .unwrap();
    assert_eq!(nav.date, date(2026, 8, 21));
}

#[tokio::test]
async fn the_sample_statement_becomes_a_portfolio_and_importing_it_again_adds_nothing() {
    let rig = rig().await;
    let navs = excerpt(OURS);
    rig.investing
        .import_navs(navs.as_bytes(), "demo", now())
        .await
        .unwrap();
    let contact = rig.contact().await;
    assert!(rig.find_portfolio(contact).await.is_none());
    let first = rig.give(contact, &sample()).await;
    assert_eq!((first.folios, first.schemes), ((2, 2), 3));
    assert_eq!(first.transactions, (21, 0), "{first}");
    let before = rig.portfolio(contact).await;
    let second = rig.give(contact, &sample()).await;
    assert_eq!((second.folios, second.transactions), ((2, 0), (0, 21)));
    assert_eq!(rig.portfolio(contact).await, before);

    let codes: Vec<_> = before
        .holdings
        .iter()
        .map(|h| h.scheme.unwrap().0)
        .collect();
    assert_eq!(codes, [100_868, 101_762, 112_323]);
    let cost: Vec<_> = before
        .holdings
        .iter()
        .map(|h| h.cost.unwrap().rupees())
        .collect();
    // 7.216 of 9.216 units at 50,000; after 5 units went first in first out; as bought.
    assert_eq!(
        cost,
        ["39149.31", "20714.29", "13000.00"].map(|c| c.parse::<Decimal>().unwrap())
    );
    assert_eq!(
        before.cost.map(|c| inr(c.rupees(), 2)).as_deref(),
        Some("₹72,863.60")
    );
    assert_eq!(
        before.value,
        before.holdings.iter().map(|h| h.value.unwrap()).sum()
    );
    assert_eq!(before.gain, Some(before.value - before.cost.unwrap()));
    assert_eq!(before.holdings[1].value, Some(Paise(2_177_157)));
    assert_eq!(before.holdings[1].xirr, Return::UnderOneYear);
    assert!(matches!(before.holdings[2].xirr, Return::Yearly(r) if r > 0.0 && r < 0.05));
    assert!(
        matches!(before.xirr, Return::Yearly(_)),
        "{:?}",
        before.xirr
    );
    let day = date(2026, 8, 21);
    assert_eq!(before.statements_to, Some((day, day)));
    assert!(before.holdings.iter().all(|h| !h.elsewhere));
    assert_eq!(before.holdings[1].folio, "90000001 / 11");
}

#[tokio::test]
async fn what_is_personal_is_sealed_to_its_row() {
    let rig = rig().await;
    let contact = rig.contact().await;
    rig.give(contact, &sample()).await;
    let mut conn = rig.db.read().await.unwrap();
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("select sealed from folios")
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    for blob in sealed {
        let text = String::from_utf8_lossy(&blob).into_owned();
        assert!(!text.contains("9000000") && !text.contains("AAAPA0000A"));
        assert!(!text.contains("TEST INVESTOR"));
    }
}

#[tokio::test]
async fn equal_transactions_of_one_day_both_stay_and_an_older_statement_replaces_nothing() {
    let rig = rig().await;
    let contact = rig.contact().await;
    let mut statement = sample();
    let axis = &mut statement.folios[1].schemes[0];
    let mut twin = axis.transactions[0].clone();
    twin.balance = None;
    axis.transactions.extend([twin.clone(), twin]);
    axis.close += Decimal::new(257_838, 3);
    assert_eq!(rig.give(contact, &statement).await.transactions, (23, 0));
    assert_eq!(rig.give(contact, &statement).await.transactions, (0, 23));
    let mut older = sample();
    older.to = date(2026, 7, 31);
    older.folios[1].schemes[0].close = Decimal::ONE;
    let summary = rig.give(contact, &older).await;
    assert_eq!((summary.older, summary.transactions.0), (3, 0));
    let portfolio = rig.portfolio(contact).await;
    let axis = portfolio
        .holdings
        .iter()
        .find(|h| h.amc.starts_with("Axis"))
        .unwrap();
    assert_eq!(axis.units.to_string(), "391.697");
}

#[tokio::test]
async fn a_history_that_begins_before_the_statement_shows_no_gain() {
    let rig = rig().await;
    let navs = excerpt(OURS);
    rig.investing
        .import_navs(navs.as_bytes(), "demo", now())
        .await
        .unwrap();
    let contact = rig.contact().await;
    let text = SAMPLE
        .replace(
            "\"open\": \"0.000\",\n     \"close\": \"133.859\"",
            "\"open\": \"1.000\",\n     \"close\": \"134.859\"",
        )
        .replace(
            "\"advisor\": \"ARN-000001\",\n     \"rta_code\": \"TSGP\"",
            "\"advisor\": \"ARN-777\",\n     \"rta_code\": \"TSGP\"",
        );
    assert_ne!(text, SAMPLE);
    let statement = cas::parse(text.as_bytes()).unwrap();
    let summary = rig.give(contact, &statement).await;
    assert_eq!(summary.incomplete.len(), 1, "{summary}");
    let portfolio = rig.portfolio(contact).await;
    let axis = portfolio
        .holdings
        .iter()
        .find(|h| h.amc.starts_with("Axis"))
        .unwrap();
    assert_eq!(
        (axis.cost, axis.gain, axis.xirr),
        (None, None, Return::IncompleteHistory)
    );
    assert!(axis.value.is_some() && axis.elsewhere);
    assert_eq!(
        (portfolio.cost, portfolio.xirr),
        (None, Return::IncompleteHistory)
    );
    assert!(portfolio.value > Paise(0));
}
