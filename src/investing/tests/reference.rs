//! Earlier NAVs, scheme rules, holidays and index levels over a real database.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::rig::{TestDb, at};
use crate::investing::calendar::{NavClass, Side};
use crate::investing::orders::Frequency;
use crate::investing::rules::{PlanAsk, PurchaseAsk};
use crate::investing::scheme::{OptionKind, Plan, SchemeCode};
use crate::investing::{Investing, Paise};

const NAVS: &[u8] = include_bytes!("../../../demo/amfi/NAVAll.txt");
const RULES: &[u8] = include_bytes!("../../../demo/scheme-rules.csv");
const BACKFILL: &[u8] = include_bytes!("../../../tests/data/amfi/history/122640.json");
const FUND: SchemeCode = SchemeCode(122_640);
const NOW: &str = "2026-08-24T04:30:00Z";

async fn open(rig: &TestDb) -> Investing {
    Investing::load(rig.db.clone(), None).await.unwrap()
}

fn report(rows: &[(&str, &str)]) -> Vec<u8> {
    let mut text = "Scheme Code;NAV Name;Plan;Option;ISIN Div Payout/ISIN Growth;ISIN Div Reinvestment;Net Asset Value;Date\r\n".to_owned();
    text.extend(
        rows.iter()
            .map(|(nav, day)| format!("122640;Parag Parikh;Regular Plan;Growth;;;{nav};{day}\r\n")),
    );
    text.into_bytes()
}

async fn navs(investing: &Investing, from: Date, to: Date) -> Vec<String> {
    let series = investing.nav_series(FUND, from, to).await.unwrap();
    let told = series
        .iter()
        .map(|nav| format!("{} {}", nav.date.day(), nav.value.normalize()));
    told.collect()
}

#[tokio::test]
async fn amfis_history_fills_the_days_before_and_its_last_word_counts() {
    let rig = TestDb::new(31).await;
    let investing = open(&rig).await;
    investing.import_navs(NAVS, "list", at(NOW)).await.unwrap();
    let other = open(&rig).await;
    let first = report(&[
        ("82.1", "18-Aug-2026"),
        ("82.3905", "19-Aug-2026"),
        ("82.6988", "20-Aug-2026"),
    ]);
    let done = investing
        .import_nav_history(&first, "report", at(NOW))
        .await
        .unwrap();
    assert_eq!(
        (done.changed_navs, done.unlisted),
        (2, 0),
        "the 20th is known from the list"
    );
    let (from, to) = (date(2026, 8, 1), date(2026, 8, 31));
    assert_eq!(
        navs(&investing, from, to).await,
        ["18 82.1", "19 82.3905", "20 82.6988"]
    );
    assert!(other.take_over().await.unwrap(), "others hear of it");

    let again = investing
        .import_nav_history(&first, "report", at(NOW))
        .await
        .unwrap();
    assert_eq!(again.changed_navs, 0);
    let revised = report(&[("82.2", "18-Aug-2026")]);
    let done = investing
        .import_nav_history(&revised, "report", at(NOW))
        .await
        .unwrap();
    assert_eq!(done.changed_navs, 1);
    assert_eq!(navs(&investing, from, date(2026, 8, 18)).await, ["18 82.2"]);
    let mut conn = rig.db.read().await.unwrap();
    let kept: i64 =
        sqlx::query_scalar("select count(*) from navs where code = 122640 and date = '2026-08-18'")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
    assert_eq!(kept, 2, "what was revised stays on record");
    drop(conn);

    // The list of the day is measured against the last list, not against a report.
    let again = investing.import_navs(NAVS, "list", at(NOW)).await.unwrap();
    assert!(again.already);
    let nav = investing
        .nav_on(FUND, date(2026, 8, 19))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (nav.date, nav.value.to_string()),
        (date(2026, 8, 19), "82.3905".to_owned())
    );
    assert_eq!(
        investing.nav_on(FUND, date(2026, 8, 17)).await.unwrap(),
        None
    );
    let newest = investing.catalog().get(FUND).unwrap().nav.unwrap();
    assert_eq!(newest.date, date(2026, 8, 20));
}

#[tokio::test]
async fn a_backfill_fills_gaps_and_never_takes_amfis_place() {
    let rig = TestDb::new(32).await;
    let investing = open(&rig).await;
    investing.import_navs(NAVS, "list", at(NOW)).await.unwrap();
    let amfi = report(&[("82.4", "19-Aug-2026")]);
    investing
        .import_nav_history(&amfi, "report", at(NOW))
        .await
        .unwrap();
    let done = investing
        .backfill_navs(BACKFILL, Some(FUND), "mirror", at(NOW))
        .await
        .unwrap();
    assert_eq!((done.report.priced, done.changed_navs), (259, 257));
    let day = date(2026, 8, 19);
    assert_eq!(
        navs(&investing, day, day).await,
        ["19 82.4"],
        "AMFI's word stays"
    );
    let all = navs(&investing, date(2025, 1, 1), date(2026, 8, 31)).await;
    assert_eq!(all.len(), 259);
    let again = investing
        .backfill_navs(BACKFILL, None, "mirror", at(NOW))
        .await
        .unwrap();
    assert_eq!(again.changed_navs, 0);

    // What AMFI says later counts, although the mirror was first.
    let amfi = report(&[("80.5", "03-Aug-2026")]);
    let done = investing
        .import_nav_history(&amfi, "report", at(NOW))
        .await
        .unwrap();
    assert_eq!(done.changed_navs, 1);
    let day = date(2026, 8, 3);
    assert_eq!(navs(&investing, day, day).await, ["3 80.5"]);
    let other = investing
        .backfill_navs(BACKFILL, Some(SchemeCode(1)), "mirror", at(NOW))
        .await;
    assert!(format!("{:#}", other.unwrap_err()).contains("is of 122640, not of 1"));
}

#[tokio::test]
async fn rules_are_replaced_while_running_and_other_processes_follow() {
    let rig = TestDb::new(33).await;
    let (here, there) = (open(&rig).await, open(&rig).await);
    let day = date(2026, 8, 24);
    assert_eq!(here.rules(FUND, day), None);
    let done = here
        .import_scheme_rules(RULES, "master", at(NOW))
        .await
        .unwrap();
    assert_eq!((done.rows, done.changed), (50, 50));
    let seen = there.current_reference().await.unwrap();
    there.reload_reference().await.unwrap();
    let rules = there.rules(FUND, day).unwrap();
    assert!(rules.source.contains("invented for the demo"));
    let ask = PurchaseAsk {
        amount: Paise(100_000),
        additional: false,
        already: Paise(0),
        on: day,
    };
    assert_eq!(rules.check_purchase(&ask), Ok(()));

    let dearer = "code,effective_from,source,class,purchase,min_new\n\
        122640,2026-09-01,master,equity,yes,5000\n";
    let done = here
        .import_scheme_rules(dearer.as_bytes(), "master", at(NOW))
        .await
        .unwrap();
    assert_eq!((done.rows, done.changed), (1, 1));
    assert_ne!(there.current_reference().await.unwrap(), seen);
    there.reload_reference().await.unwrap();
    let later = there.rules(FUND, date(2026, 9, 1)).unwrap();
    assert!(later.check_purchase(&ask).is_err());
    assert_eq!(
        there.rules(FUND, day).unwrap().check_purchase(&ask),
        Ok(()),
        "not yet"
    );
    let same = here
        .import_scheme_rules(dearer.as_bytes(), "master", at(NOW))
        .await
        .unwrap();
    assert_eq!(same.changed, 0);
    let broken = here
        .import_scheme_rules(b"code\n1\n", "master", at(NOW))
        .await;
    let error = format!("{:#}", broken.unwrap_err());
    assert!(
        error.contains("the last rules stay") && error.contains("effective_from"),
        "{error}"
    );
    assert!(here.rules(FUND, day).is_some());
}

#[tokio::test]
async fn a_holiday_declared_at_short_notice_counts_at_once() {
    let rig = TestDb::new(34).await;
    let (here, there) = (open(&rig).await, open(&rig).await);
    let day = date(2026, 12, 9);
    assert!(here.calendar().is_business_day(day));
    let list = include_str!("../calendar/in-mf-2026.json");
    let more = list.replacen(
        "\"mf_segment_holidays\": [",
        "\"mf_segment_holidays\": [{\"date\": \"2026-12-09\", \"name\": \"Elections\"},",
        1,
    );
    let (year, days) = here
        .import_calendar(more.as_bytes(), "list", at(NOW))
        .await
        .unwrap();
    assert_eq!((year, days), (2026, 23));
    there.reload_reference().await.unwrap();
    for investing in [&here, &there] {
        assert_eq!(investing.calendar().holiday(day), Some("Elections"));
    }
    let broken = here
        .import_calendar(b"{}", "list", at(NOW))
        .await
        .unwrap_err();
    assert!(format!("{broken:#}").contains("the last calendar stays"));
    let back = here
        .import_calendar(list.as_bytes(), "list", at(NOW))
        .await
        .unwrap();
    assert_eq!(back, (2026, 22));
    assert!(
        here.calendar().is_business_day(day),
        "and may be called off again"
    );
}

#[tokio::test]
async fn index_levels_have_their_day_and_source_and_grow_old() {
    let rig = TestDb::new(35).await;
    let investing = open(&rig).await;
    let file = |name: &str, day: &str, close: &str| {
        format!("Index Name,Index Date,Closing Index Value,P/E\n{name},{day},{close},22.5\n")
            .into_bytes()
    };
    let first = file("S&P CNX Nifty", "20-08-2026", "24500.5");
    let done = investing
        .import_index_closes(&first, "file of the 20th", at(NOW))
        .await
        .unwrap();
    assert_eq!(
        (done.report.levels, done.report.renamed, done.changed),
        (1, 1, 1)
    );
    let second = file("NIFTY 50", "21-08-2026", "24555.25");
    investing
        .import_index_closes(&second, "file of the 21st", at(NOW))
        .await
        .unwrap();
    let level = investing
        .index_level("cnx nifty", date(2026, 8, 24))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (level.close.date, level.source.as_str()),
        (date(2026, 8, 21), "file of the 21st")
    );
    assert_eq!(level.close.close, "24555.25".parse().unwrap());
    assert_eq!(level.close.pe, Some(Decimal::new(225, 1)));
    assert!(!level.is_stale);
    let later = investing
        .index_level("Nifty 50", date(2026, 8, 27))
        .await
        .unwrap()
        .unwrap();
    assert!(later.is_stale, "four business days old");
    let corrected = file("Nifty 50", "21-08-2026", "24556");
    let done = investing
        .import_index_closes(&corrected, "corrected", at(NOW))
        .await
        .unwrap();
    assert_eq!(done.changed, 1);
    let again = investing
        .import_index_closes(&corrected, "corrected", at(NOW))
        .await
        .unwrap();
    assert_eq!(again.changed, 0);
    let series = investing
        .index_series("Nifty 50", date(2026, 8, 1), date(2026, 8, 31))
        .await
        .unwrap();
    let closes: Vec<_> = series.iter().map(|close| close.close.to_string()).collect();
    assert_eq!(closes, ["24500.5", "24556"]);
    assert_eq!(
        investing
            .index_level("Nifty Bank", date(2026, 8, 24))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn the_demos_rules_are_of_live_regular_growth_schemes_and_labelled() {
    let rig = TestDb::new(36).await;
    let investing = open(&rig).await;
    investing.import_navs(NAVS, "list", at(NOW)).await.unwrap();
    let done = investing
        .import_scheme_rules(RULES, "demo", at(NOW))
        .await
        .unwrap();
    assert_eq!(done.unlisted, 0);
    let (catalog, book) = (investing.catalog(), investing.rule_book());
    let today = date(2026, 8, 24);
    assert!(book.sold_on(today).count() >= 40);
    for rules in book.sold_on(today) {
        let scheme = catalog.get(rules.code).unwrap();
        let kind = (scheme.plan, scheme.option);
        assert_eq!(kind, (Plan::Regular, OptionKind::Growth), "{}", scheme.name);
        assert!(
            scheme.nav.unwrap().date >= date(2026, 8, 20),
            "{}",
            scheme.name
        );
        assert_eq!(
            rules.class,
            NavClass::of_category(&scheme.category),
            "{}",
            scheme.name
        );
        assert!(rules.source.contains("invented for the demo"));
        let monthly = PlanAsk {
            amount: Paise(500_000),
            frequency: Frequency::Monthly,
            start: date(2026, 9, 5),
            instalments: None,
            already: Paise(0),
        };
        assert_eq!(rules.check_sip(&monthly), Ok(()), "{}", scheme.name);
        assert!(rules.cutoff(Side::Purchase) <= rules.class.map(|c| c.cutoff(Side::Purchase)));
    }
    let class = investing.nav_class(SchemeCode(100_868), today);
    assert_eq!(class, Some(NavClass::Liquid));
    // A scheme no master names goes by its category.
    assert_eq!(
        investing.nav_class(SchemeCode(118_955), today),
        Some(NavClass::Equity)
    );
}
