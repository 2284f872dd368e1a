use super::*;
use crate::investing::money::Paise;
use crate::investing::transaction::Kind;

const SAMPLE: &str = include_str!("../../../tests/data/cas/sample-cas-synthetic.json");

#[test]
fn the_sample_statement_is_read_whole() {
    let statement = parse(SAMPLE.as_bytes()).unwrap();
    assert_eq!(statement.to, jiff::civil::date(2026, 8, 21));
    assert_eq!(statement.mobile.as_deref(), Some("+919000000000"));
    assert!(statement.rejected.is_empty() && statement.detailed);
    let flexi = &statement.folios[0].schemes[0];
    assert_eq!(flexi.key, "INF179K01608");
    assert_eq!(flexi.amfi, Some(SchemeCode(101_762)));
    assert_eq!(flexi.transactions.len(), 14);
    assert_eq!(flexi.transactions[12].amount, Some(Paise(-1_040_050)));
    assert_eq!(flexi.transactions[13].kind, Kind::SttTax);
}

#[test]
fn numbers_and_nulls_are_read_and_unknown_types_are_kept() {
    let text = SAMPLE
        .replace("\"4999.75\"", "4999.75")
        .replace("\"balance\": \"2.618\"", "\"balance\": null")
        .replace("\"STT_TAX\"", "\"A_NEW_TAX\"");
    let statement = parse(text.as_bytes()).unwrap();
    let first = &statement.folios[0].schemes[0].transactions;
    assert_eq!(first[0].amount, Some(Paise(499_975)));
    assert_eq!(first[0].balance, None);
    assert_eq!(first[13].kind, Kind::Unknown);
}

#[test]
fn a_scheme_that_does_not_add_up_is_left_out_with_the_reason() {
    let text = SAMPLE.replace("\"close\": \"10.454\"", "\"close\": \"11.000\"");
    let statement = parse(text.as_bytes()).unwrap();
    assert_eq!(statement.folios[0].schemes.len(), 1);
    let (name, reason) = &statement.rejected[0];
    assert!(name.starts_with("HDFC Flexi Cap"));
    assert!(
        reason.contains("10.454") && reason.contains("11.000"),
        "{reason}"
    );
}

#[test]
fn depository_statements_and_other_json_are_refused() {
    let nsdl = br#"{"accounts": [], "statement_period": {}, "file_type": "NSDL"}"#;
    let error = parse(nsdl).unwrap_err().to_string();
    assert!(error.contains("NSDL statement"), "{error}");
    assert!(matches!(parse(b"{}"), Err(BadStatement::Unreadable(_))));
    assert!(matches!(parse(b"%PDF"), Err(BadStatement::Unreadable(_))));
}

#[test]
fn a_cell_that_cannot_be_read_or_a_number_nobody_holds_refuses_its_scheme_alone() {
    assert_eq!(
        crate::investing::transaction::MOST.to_string(),
        "1000000000000"
    );
    let first = "\"date\": \"";
    let at = SAMPLE.find(first).unwrap() + first.len();
    for date in ["05-Mar-2026", ""] {
        let mut text = SAMPLE.to_owned();
        text.replace_range(at..at + 10, date);
        let statement = parse(text.as_bytes()).unwrap();
        assert_eq!(statement.folios[0].schemes.len(), 1, "{date}");
        let (name, reason) = &statement.rejected[0];
        assert!(name.starts_with("HDFC Flexi Cap"), "{name}");
        assert!(reason.contains("cannot be read"), "{reason}");
    }
    let most = "79228162514264337593543950335";
    let text = SAMPLE.replacen("\"units\": \"2.618\"", &format!("\"units\": \"{most}\""), 1);
    assert_ne!(text, SAMPLE);
    let statement = parse(text.as_bytes()).unwrap();
    assert!(statement.rejected[0].1.contains(most), "{statement:?}");
}

/// The kind of a row of ten units, as it is read.
fn kind(named: &str, units: &str, description: &str) -> Kind {
    let row = serde_json::json!({"date": "2026-08-05", "type": named, "amount": "100.00",
        "units": units, "description": description});
    let statement = serde_json::json!({
        "file_type": "CAMS", "cas_type": "DETAILED",
        "statement_period": {"from": "01-Apr-2026", "to": "21-Aug-2026"},
        "folios": [{"folio": "1", "amc": "A", "schemes": [{"scheme": "Fund", "open": "20",
            "close": if units.starts_with('-') { "10" } else { "30" },
            "transactions": [row]}]}]});
    let read = parse(statement.to_string().as_bytes()).unwrap();
    read.folios[0].schemes[0].transactions[0].kind
}

#[test]
fn a_row_is_what_it_says_and_not_what_it_is_called() {
    let back = "Redemption - Rejected/Reversed";
    for (named, units, description, wanted) in [
        (
            "DIVIDEND_PAYOUT",
            "10",
            "IDCW - Reinvest @ Rs.0.06",
            Kind::DividendReinvest,
        ),
        ("PURCHASE", "10", back, Kind::Reversal),
        ("PURCHASE", "10", "Purchase", Kind::Purchase),
        (
            "PURCHASE_SIP",
            "10",
            "SIP rejection reversal",
            Kind::Reversal,
        ),
        (
            "REDEMPTION",
            "-10",
            "Redemption, an earlier one was rejected",
            Kind::Redemption,
        ),
        ("GIFT_OUT", "-10", "Gift to Asha", Kind::Unknown),
    ] {
        assert_eq!(kind(named, units, description), wanted, "{description}");
    }
}

#[test]
fn income_paid_out_in_money_stays_a_payout() {
    assert_eq!(Kind::DividendPayout.in_units(None), Kind::DividendPayout);
    let none = Some(rust_decimal::Decimal::ZERO);
    assert_eq!(Kind::DividendPayout.in_units(none), Kind::DividendPayout);
}
