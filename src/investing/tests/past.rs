//! What the past holds over a real database: gains with the cost of 2018, the list of
//! transactions page by page, and how a NAV has moved.

use std::sync::Arc;

use jiff::civil::date;
use rust_decimal::Decimal;

use super::rig::{TestDb, at};
use crate::id::ContactId;
use crate::investing::cas;
use crate::investing::scheme::SchemeCode;
use crate::investing::tax::{TaxYear, Term};
use crate::investing::{Investing, Kind, Paise};

const LIST: &[u8] = include_bytes!("../../../demo/amfi/NAVAll.txt");
const INDEX: &[u8] = include_bytes!("../../../tests/data/amfi/history/100822.json");
const NOW: &str = "2026-08-24T04:30:00Z";
/// HDFC Flexi Cap Fund, Regular, Growth.
const FUND: SchemeCode = SchemeCode(101_762);

struct Rig {
    base: TestDb,
    investing: Investing,
    contact: ContactId,
}

/// Bought long ago for 30, of which 100 units went for 95 and 100 for 25.
fn statement() -> String {
    let row = |day: &str, kind: &str, amount: &str, units: &str, nav: &str, balance: &str| {
        format!(
            r#"{{"date":"{day}","description":"x","amount":"{amount}","units":"{units}",
                "nav":"{nav}","balance":"{balance}","type":"{kind}","dividend_rate":null}}"#
        )
    };
    let rows = [
        row(
            "2016-05-10",
            "PURCHASE",
            "9000.00",
            "300.000",
            "30.00",
            "300.000",
        ),
        row(
            "2026-05-11",
            "REDEMPTION",
            "-9500.00",
            "-100.000",
            "95.00",
            "200.000",
        ),
        row(
            "2026-06-11",
            "REDEMPTION",
            "-2500.00",
            "-100.000",
            "25.00",
            "100.000",
        ),
    ];
    format!(
        r#"{{"statement_period":{{"from":"01-Apr-2010","to":"21-Aug-2026"}},"file_type":"CAMS",
            "cas_type":"DETAILED","investor_info":{{"name":"A","email":"","address":"","mobile":""}},
            "folios":[{{"folio":"7001 / 11","amc":"HDFC Mutual Fund","PAN":"AAAPA0000A","KYC":"OK",
            "PANKYC":"OK","schemes":[{{"scheme":"HDFC Flexi Cap Fund - Regular Plan - Growth",
            "advisor":"ARN-000001","rta_code":"H02","rta":"CAMS","type":"EQUITY",
            "isin":"INF179K01608","amfi":"101762","nominees":[],"open":"0.000","close":"100.000",
            "close_calculated":"100.000","valuation":{{"date":"2026-08-21","nav":"90","cost":"3000",
            "value":"9000"}},"transactions":[{}]}}]}}]}}"#,
        rows.join(",")
    )
}

impl Rig {
    async fn new() -> Self {
        let base = TestDb::new(41).await;
        let arn = Some("ARN-000001".to_owned());
        let investing = Investing::load(base.db.clone(), arn).await.unwrap();
        investing.import_navs(LIST, "list", at(NOW)).await.unwrap();
        let contact = base.contacts(1, 1).await[0];
        let statement = cas::parse(statement().as_bytes()).unwrap();
        let seal = Arc::new(base.seal(contact).await);
        let import = investing.import_cas(contact, &statement, at(NOW), &base.ids, seal);
        import.await.unwrap();
        Self {
            base,
            investing,
            contact,
        }
    }

    async fn gains(&self) -> Vec<(Paise, Paise, Paise, Term, bool)> {
        let seal = self.base.seal(self.contact).await;
        let (year, today) = (TaxYear::of(date(2026, 5, 1)), date(2026, 8, 24));
        let report = self.investing.gains(self.contact, year, today, &seal);
        let rows = report.await.unwrap().rows;
        let row = |r: crate::investing::tax::GainRow| {
            (r.paid, r.cost, r.gain, r.term, r.lacks_nav_of_2018)
        };
        rows.into_iter().map(row).collect()
    }
}

#[tokio::test]
async fn equity_of_before_february_2018_costs_what_it_was_worth_then() {
    let rig = Rig::new().await;
    let rupees = |whole: i64| Paise(whole * 100);
    let (paid, long) = (rupees(3_000), Term::Long);
    let before = [
        (paid, paid, rupees(6_500), long, true),
        (paid, paid, rupees(-500), long, true),
    ];
    assert_eq!(rig.gains().await, before, "the NAV of that day is missing");
    let report = "Scheme Code;NAV Name;Plan;Option;ISIN Div Payout/ISIN Growth;ISIN Div \
                  Reinvestment;Net Asset Value;Date\r\n101762;HDFC Flexi Cap;Regular Plan;Growth;\
                  ;;45.0000;31-Jan-2018\r\n";
    let import = rig
        .investing
        .import_nav_history(report.as_bytes(), "report", at(NOW));
    import.await.unwrap();
    let after = [
        (paid, rupees(4_500), rupees(5_000), long, false),
        (paid, paid, rupees(-500), long, false),
    ];
    assert_eq!(rig.gains().await, after);
    let nav = rig.investing.nav_of_2018(FUND).await.unwrap();
    assert_eq!(nav, Some(Decimal::from(45)));
}

#[tokio::test]
async fn transactions_are_listed_newest_first_and_page_by_page_without_a_gap() {
    let rig = Rig::new().await;
    let seal = rig.base.seal(rig.contact).await;
    let (mut after, mut found) = (None::<String>, Vec::new());
    loop {
        let page = rig
            .investing
            .transactions(rig.contact, after.as_deref(), 2, &seal);
        let page = page.await.unwrap();
        assert!(page.rows.len() <= 2);
        found.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let told: Vec<_> = found
        .iter()
        .map(|row| (row.transaction.date, row.transaction.kind))
        .collect();
    let wanted = [
        (date(2026, 6, 11), Kind::Redemption),
        (date(2026, 5, 11), Kind::Redemption),
        (date(2016, 5, 10), Kind::Purchase),
    ];
    assert_eq!(told, wanted);
    assert!(
        found
            .iter()
            .all(|row| row.folio.starts_with("7001") && row.source == "CAMS")
    );
    let wrong = rig
        .investing
        .transactions(rig.contact, Some("nonsense"), 2, &seal);
    assert!(wrong.await.is_err());
    let stranger = rig.base.contacts(2, 1).await[0];
    let seal = rig.base.seal(stranger).await;
    let theirs = rig.investing.transactions(stranger, None, 9, &seal).await;
    assert_eq!(theirs.unwrap().rows, []);
}

#[tokio::test]
async fn figures_of_a_scheme_are_those_of_its_navs_on_record_or_none() {
    let rig = Rig::new().await;
    let scheme = SchemeCode(100_822);
    let today = date(2026, 8, 21);
    let none = rig
        .investing
        .scheme_figures(scheme, 0.065, today)
        .await
        .unwrap()
        .unwrap();
    assert!(
        none.returns.is_err() && none.risk.is_err(),
        "one NAV says nothing"
    );
    let filled = rig
        .investing
        .backfill_navs(INDEX, Some(scheme), "mfapi", at(NOW));
    filled.await.unwrap();
    let figures = rig
        .investing
        .scheme_figures(scheme, 0.065, today)
        .await
        .unwrap()
        .unwrap();
    let returns = figures.returns.unwrap();
    assert!(
        (returns.absolute + 0.027_330).abs() < 5e-7,
        "{}",
        returns.absolute
    );
    let enough = crate::investing::risk::NotEnough {
        days: 402,
        needed: 1_095,
    };
    assert_eq!(
        figures.risk,
        Err(enough),
        "a year is not enough to speak of risk"
    );
}
