use crate::investing::orders::{OrderStatus, PlanStatus};

#[test]
fn every_word_reads_back_as_what_it_was_written_for() {
    for status in OrderStatus::ALL {
        assert_eq!(OrderStatus::parse(status.as_str()), Some(*status));
        let json = serde_json::to_string(status).unwrap();
        assert_eq!(json, format!("\"{status}\""));
    }
    assert_eq!(PlanStatus::parse("Active"), None);
}
