//! What may leave a folio, by the statements that are on record of it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rig::{TestDb, at};
use crate::id::ContactId;
use crate::investing::cas;
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::orders::ports::{Books as _, HeldUnits, SchemeBook as _};
use crate::investing::orders::service::HouseBooks;
use crate::investing::scheme::SchemeCode;
use crate::investing::{Booking, Investing, Movement, Portfolio, move_holdings, record_allotment};

const LIST: &str = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;\
    Plan;Option;Net Asset Value;Date\r\n \r\nOpen Ended Schemes(Equity Scheme - ELSS)\
    \r\n \r\nA\r\n \r\n101;INF000000001;-;Fund 101;Regular Plan;Growth;25.0000;21-Aug-2026\r\n\
    102;INF000000002;-;Fund 102;Regular Plan;Growth;25.0000;21-Aug-2026\r\n";

struct Rig {
    base: TestDb,
    investing: Investing,
    contact: ContactId,
}

fn now() -> Timestamp {
    at("2026-08-24T04:30:00Z")
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A scheme of a statement: AMFI's code, units at its begin and end, and its rows.
fn scheme(code: u32, (open, close): (&str, &str), rows: &[(&str, &str, &str, &str)]) -> Value {
    let rows = rows.iter().map(|(date, kind, amount, units)| {
        json!({"date": date, "type": kind, "amount": amount, "units": units,
               "description": "a row"})
    });
    json!({"scheme": format!("Fund {code}"), "rta_code": format!("R{code}"),
           "amfi": code.to_string(), "open": open, "close": close,
           "transactions": rows.collect::<Vec<_>>()})
}

fn statement(kind: &str, (from, to): (&str, &str), schemes: &[Value]) -> Value {
    json!({"file_type": "CAMS", "cas_type": kind,
           "statement_period": {"from": from, "to": to},
           "folios": [{"folio": "7001/11", "amc": "A", "schemes": schemes}]})
}

impl Rig {
    async fn new() -> Self {
        Self::of(None).await
    }

    async fn of(arn: Option<&str>) -> Self {
        let base = TestDb::new(1).await;
        let arn = arn.map(str::to_owned);
        let investing = Investing::load(base.db.clone(), arn).await.unwrap();
        let import = investing.import_navs(LIST.as_bytes(), "list", now()).await;
        assert_eq!(import.unwrap().changed_schemes, 2);
        Self {
            contact: base.contacts(1, 1).await[0],
            investing,
            base,
        }
    }

    async fn give(&self, statement: Value) {
        let statement = cas::parse(statement.to_string().as_bytes()).unwrap();
        assert!(statement.rejected.is_empty());
        let seal = Arc::new(self.base.seal(self.contact).await);
        let ids = &self.base.ids;
        let import = self
            .investing
            .import_cas(self.contact, &statement, now(), ids, seal);
        import.await.unwrap();
    }

    async fn held(&self, code: u32) -> HeldUnits {
        let (keys, ids) = (self.base.keys.clone(), self.base.ids.clone());
        let books = HouseBooks::new(self.investing.clone(), keys, ids);
        let mut conn = self.base.db.read().await.unwrap();
        let held = books.held(&mut conn, self.contact, SchemeCode(code));
        let mut held = held.await.unwrap();
        assert_eq!(held.len(), 1);
        held.remove(0)
    }

    async fn portfolio(&self) -> Portfolio {
        let seal = self.base.seal(self.contact).await;
        let today = date(2026, 8, 24);
        let found = self.investing.portfolio(self.contact, today, &seal).await;
        found.unwrap().unwrap()
    }
}

#[tokio::test]
async fn an_elss_is_locked_in_for_three_years_also_where_its_rules_do_not_say_so() {
    let rig = Rig::new().await;
    let rules = "code,scheme,effective_from,source,class,lock_in\r\n\
        101,Fund 101,2026-04-01,a master,equity,\r\n\
        102,Fund 102,2026-04-01,a master,equity,5y\r\n";
    let import = rig
        .investing
        .import_scheme_rules(rules.as_bytes(), "test", now());
    import.await.unwrap();
    let months = |code| {
        let terms = rig.investing.terms(SchemeCode(code), date(2026, 8, 24));
        terms.unwrap().rules.lock_in_months
    };
    assert_eq!((months(101), months(102)), (Some(36), Some(60)));
}

#[tokio::test]
async fn units_to_deal_in_are_those_of_the_statement_and_their_days_are_unknown_before_it() {
    let rig = Rig::new().await;
    let sips = [("2026-06-05", "PURCHASE_SIP", "261.35", "10.454")];
    let began = scheme(101, ("100.000", "110.454"), &sips);
    rig.give(statement(
        "DETAILED",
        ("01-Apr-2026", "24-Aug-2026"),
        &[began],
    ))
    .await;
    let held = rig.held(101).await;
    assert_eq!((held.units, held.lots), (d("110.454"), None));
    assert_eq!(rig.portfolio().await.holdings[0].units, d("110.454"));

    let rig = Rig::new().await;
    let summary = scheme(101, ("0", "50"), &[]);
    rig.give(statement(
        "SUMMARY",
        ("01-Apr-2026", "24-Aug-2026"),
        &[summary],
    ))
    .await;
    let held = rig.held(101).await;
    assert_eq!((held.units, held.lots), (d("50"), None));
}

/// An order of 18 August that bought ten units.
async fn ordered(rig: &Rig) {
    let booking = Booking {
        contact: rig.contact,
        reference: "ord_1".to_owned(),
        movement: Movement::Purchase,
        scheme: SchemeCode(101),
        isins: Vec::new(),
        name: "Fund 101".to_owned(),
        amc: "A".to_owned(),
        allotment: Allotment {
            folio: "7001/11".to_owned(),
            nav_date: date(2026, 8, 18),
            nav: d("25"),
            units: d("10"),
            amount: Paise(250_00),
            stamp_duty: Paise(0),
            exit_load: Paise(0),
            stt: Paise(0),
        },
    };
    let input = (rig.base.keys.clone(), rig.base.ids.clone(), booking);
    let run = rig.base.db.write(input, |conn, (keys, ids, booking)| {
        Box::pin(async move { record_allotment(conn, keys, ids, booking, now()).await })
    });
    run.await.unwrap();
}

#[tokio::test]
async fn a_summary_counts_an_order_once_whether_it_has_it_or_not() {
    let bought = [("2026-05-05", "PURCHASE", "2500", "100")];
    let before = scheme(101, ("0", "100"), &bought);
    let before = statement("DETAILED", ("01-Apr-2026", "31-Jul-2026"), &[before]);
    for (close, held) in [("110", "110"), ("100", "110"), ("107", "107")] {
        let rig = Rig::new().await;
        rig.give(before.clone()).await;
        ordered(&rig).await;
        assert_eq!(rig.held(101).await.units, d("110"));
        let summary = scheme(101, ("0", close), &[]);
        rig.give(statement(
            "SUMMARY",
            ("01-Apr-2026", "24-Aug-2026"),
            &[summary],
        ))
        .await;
        assert_eq!(
            rig.held(101).await.units,
            d(held),
            "the summary says {close}"
        );
    }
}

#[tokio::test]
async fn a_holding_counts_once_whatever_its_scheme_and_fund_house_are_called() {
    let bought = [("2026-05-05", "PURCHASE", "2500", "100")];
    let with = |isin: Option<&str>, amfi: Option<&str>, amc: &str| {
        let mut one = scheme(101, ("0", "100"), &bought);
        (one["isin"], one["amfi"]) = (json!(isin), json!(amfi));
        let mut all = statement("DETAILED", ("01-Apr-2026", "24-Aug-2026"), &[one]);
        all["folios"][0]["amc"] = json!(amc);
        all
    };
    let (isin, amfi) = (Some("INF000000001"), Some("101"));
    let pairs = [
        (with(None, None, "A"), with(isin, None, "A")),
        (with(isin, amfi, "A"), with(None, None, "A")),
        (with(isin, None, "A"), with(isin, None, "A Renamed")),
        (with(None, amfi, "A"), with(isin, amfi, "A Renamed")),
    ];
    for (at, (first, second)) in pairs.into_iter().enumerate() {
        let rig = Rig::new().await;
        rig.give(first).await;
        rig.give(second).await;
        let portfolio = rig.portfolio().await;
        let held: Vec<_> = portfolio
            .holdings
            .iter()
            .map(|h| (h.units, h.cost))
            .collect();
        assert_eq!(held, [(d("100"), Some(Paise(2_500_00)))], "pair {at}");
    }
    let rig = Rig::new().await;
    rig.give(with(isin, None, "A")).await;
    rig.give(with(Some("INF000000002"), None, "B")).await;
    assert_eq!(rig.portfolio().await.holdings.len(), 2, "another fund's");
}

#[tokio::test]
async fn units_to_deal_in_keep_their_days_through_mergers_and_reversals() {
    let rig = Rig::new().await;
    let old = [
        ("2020-01-06", "PURCHASE", "1000", "100"),
        ("2026-07-01", "SWITCH_OUT_MERGER", "-3000", "-100"),
    ];
    let new = [
        ("2026-07-01", "SWITCH_IN_MERGER", "3000", "40"),
        ("2026-08-03", "REDEMPTION", "-1000", "-10"),
        ("2026-08-06", "REVERSAL", "1000", "10"),
    ];
    let both = [
        scheme(101, ("0", "0"), &old),
        scheme(102, ("0", "40"), &new),
    ];
    rig.give(statement("DETAILED", ("01-Jan-2020", "24-Aug-2026"), &both))
        .await;
    let held = rig.held(102).await;
    let lots = held.lots.unwrap();
    let lots: Vec<_> = lots.iter().map(|lot| (lot.date, lot.units)).collect();
    assert_eq!(lots, [(date(2020, 1, 6), d("40"))]);
}

/// Statements of 24 August: one that names who deals in the units, and one that does not.
fn through(arn: Option<&str>) -> Value {
    let bought = [("2026-08-18", "PURCHASE", "250", "10")];
    let mut one = scheme(101, ("0", "10"), &bought);
    one["advisor"] = json!(arn);
    let kind = arn.map_or("SUMMARY", |_| "DETAILED");
    statement(kind, ("01-Apr-2026", "24-Aug-2026"), &[one])
}

#[tokio::test]
async fn a_statement_that_names_no_distributor_leaves_units_with_whom_they_are_held() {
    let (ours, theirs) = (Some("ARN-000001"), Some("ARN-777"));
    let given: [(&[Option<&str>], bool); 5] = [
        (&[theirs, None], true),
        (&[ours, None], false),
        (&[None], true),
        (&[None, ours], false),
        (&[None, theirs, None], true),
    ];
    for (statements, elsewhere) in given {
        let rig = Rig::of(ours).await;
        for arn in statements {
            rig.give(through(*arn)).await;
        }
        let found = rig.portfolio().await.holdings[0].elsewhere;
        assert_eq!(found, elsewhere, "{statements:?}");
    }
    let rig = Rig::of(ours).await;
    ordered(&rig).await;
    rig.give(through(None)).await;
    assert_eq!(rig.held(101).await.units, d("10"), "an order of ours");
}

#[tokio::test]
async fn units_stay_with_whom_the_newer_of_two_contacts_statements_has_them() {
    let (ours, theirs) = (Some("ARN-000001"), Some("ARN-777"));
    for (older, newer, elsewhere) in [
        (ours, theirs, true),
        (theirs, ours, false),
        (ours, None, false),
        (theirs, None, true),
    ] {
        let mut rig = Rig::of(ours).await;
        let into = rig.contact;
        let mut before = through(older);
        before["statement_period"]["to"] = json!("21-Aug-2026");
        rig.give(before).await;
        rig.contact = rig.base.contacts(2, 1).await[0];
        rig.give(through(newer)).await;
        let (keys, ids) = (rig.base.keys.clone(), rig.base.ids.clone());
        let input = (keys, ids, (rig.contact, into));
        let run = rig.base.db.write(input, |conn, (keys, ids, pair)| {
            Box::pin(move_holdings(conn, keys, ids, *pair, now()))
        });
        assert_eq!(run.await.unwrap(), 0, "one folio");
        rig.contact = into;
        let found = rig.portfolio().await.holdings[0].elsewhere;
        assert_eq!(found, elsewhere, "{older:?}, {newer:?}");
    }
}
