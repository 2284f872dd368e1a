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
