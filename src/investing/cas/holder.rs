//! Whose folios a statement has: one that is asked for by e-mail lists those of a whole
//! family, and each belongs to the person of its PAN.

use std::collections::BTreeSet;

use super::{BadStatement, StatedFolio, Statement};
use crate::people::masked_pan;

impl Statement {
    /// Leaves out the folios of other people than the holder of `pan`, each with its
    /// reason; with none left it is refused. Where that PAN is not known the one of the
    /// statement will do; with more it is refused. Folios without a PAN stay.
    pub fn keep_to(&mut self, pan: Option<&str>) -> Result<(), BadStatement> {
        let all: BTreeSet<String> = self.folios.iter().filter_map(pan_of).collect();
        let holder = match (pan, all.len()) {
            (Some(pan), _) => plain(pan),
            (None, 0 | 1) => return Ok(()),
            (None, _) => return Err(BadStatement::SeveralHolders(named(&self.folios))),
        };
        let (theirs, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.folios)
            .into_iter()
            .partition(|folio| pan_of(folio).is_none_or(|pan| pan == holder));
        if theirs.is_empty() && !others.is_empty() {
            return Err(BadStatement::AnotherHolder(named(&others)));
        }
        self.folios = theirs;
        for folio in others {
            let (pan, own) = (pan_of(&folio).unwrap_or_default(), masked_pan(&holder));
            let (pan, name) = (
                masked_pan(&pan),
                format!("folio {}, {}", folio.number, folio.amc),
            );
            self.rejected.push((
                name,
                format!("it is of PAN {pan}, not {own}: import the statement for its holder too"),
            ));
        }
        Ok(())
    }
}

/// Names folios by their number and what may be shown of their PAN.
fn named(folios: &[StatedFolio]) -> Vec<String> {
    let name = |folio: &StatedFolio| {
        let pan = masked_pan(&pan_of(folio)?);
        Some(format!("{} ({pan})", folio.number))
    };
    folios.iter().filter_map(name).collect()
}

fn pan_of(folio: &StatedFolio) -> Option<String> {
    folio.pan.as_deref().map(plain)
}

fn plain(pan: &str) -> String {
    pan.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn family(pans: &[Option<&str>]) -> Statement {
        let folios = pans.iter().zip(1..).map(|(pan, number)| {
            serde_json::json!({"folio": format!("700{number}/11"), "amc": "A Mutual Fund",
                               "PAN": pan, "schemes": []})
        });
        let json = serde_json::json!({
            "file_type": "CAMS", "cas_type": "DETAILED",
            "statement_period": {"from": "01-Apr-2026", "to": "24-Aug-2026"},
            "folios": folios.collect::<Vec<_>>()});
        parse(json.to_string().as_bytes()).unwrap()
    }

    const HIS: &str = "ABCPE1234F";
    const HERS: &str = "XYZPK9876L";

    #[test]
    fn folios_of_another_pan_are_left_out_with_a_reason_and_nameless_ones_stay() {
        let mut statement = family(&[Some(HIS), Some(HERS), None, Some("abcpe1234f ")]);
        statement.keep_to(Some(HIS)).unwrap();
        let kept: Vec<_> = statement.folios.iter().map(|f| &*f.number).collect();
        assert_eq!(kept, ["7001/11", "7003/11", "7004/11"]);
        let [(name, reason)] = &statement.rejected[..] else {
            panic!("one folio is left out");
        };
        assert_eq!(name, "folio 7002/11, A Mutual Fund");
        assert_eq!(
            reason,
            "it is of PAN XYxxxxxx6L, not ABxxxxxx4F: import the statement for its holder too"
        );
    }

    #[test]
    fn a_statement_of_several_people_is_refused_where_it_is_not_known_whose_it_is() {
        let mut both = family(&[Some(HIS), Some(HERS)]);
        let refused = both.keep_to(None).unwrap_err().to_string();
        assert!(
            refused.contains("7001/11 (ABxxxxxx4F), 7002/11 (XYxxxxxx6L)"),
            "{refused}"
        );
        assert_eq!(both.folios.len(), 2);
        let mut hers = family(&[Some(HERS)]);
        let refused = hers.keep_to(Some(HIS)).unwrap_err().to_string();
        assert!(refused.contains("7001/11 (XYxxxxxx6L)"), "{refused}");
        for pans in [&[Some(HIS), Some(HIS), None][..], &[None], &[]] {
            let mut one = family(pans);
            one.keep_to(None).unwrap();
            assert_eq!((one.folios.len(), one.rejected.len()), (pans.len(), 0));
        }
    }
}
