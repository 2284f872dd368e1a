//! What an import says of itself.

use std::fmt;

/// What an import of a statement came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Folios on the statement, and how many of them were new.
    pub folios: (usize, usize),
    /// Schemes taken.
    pub schemes: usize,
    /// Transactions added, and those that were on record already.
    pub transactions: (usize, usize),
    /// Schemes left out: name and reason.
    pub rejected: Vec<(String, String)>,
    /// Schemes whose history begins before the statement.
    pub incomplete: Vec<String>,
    /// Schemes of which a newer statement is on record; its balance was kept.
    pub older: usize,
    /// Whether it is kept for somebody who has not written from its number yet.
    pub is_unheard: bool,
    /// What speaks against its being theirs, and yields to an operator's word.
    pub in_spite_of: Vec<String>,
}

impl ImportSummary {
    /// Returns what came of it, in one line.
    pub fn line(&self) -> String {
        let (folios, new) = self.folios;
        let (added, known) = self.transactions;
        let schemes = self.schemes;
        let unheard = if self.is_unheard {
            "; nobody with this number has written yet, it is kept until they do"
        } else {
            ""
        };
        format!(
            "{folios} folios ({new} new), {schemes} schemes; {added} transactions added, \
             {known} on record already{unheard}"
        )
    }

    /// Returns what an operator should know besides, a line each.
    pub fn remarks(&self) -> Vec<String> {
        let doubts = self.in_spite_of.iter();
        let doubts = doubts.map(|why| format!("theirs on your word, although {why}"));
        let began = self.incomplete.iter();
        let began = began.map(|name| format!("history begins before the statement: {name}"));
        let older = (self.older > 0).then(|| {
            let older = self.older;
            format!("{older} schemes kept the balance of a newer statement")
        });
        let rejected = self.rejected.iter();
        let rejected = rejected.map(|(name, reason)| format!("left out: {name}: {reason}"));
        let remarks = doubts.chain(began).chain(older);
        remarks.chain(rejected).collect()
    }
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.line())?;
        for remark in self.remarks() {
            writeln!(f, "{remark}")?;
        }
        Ok(())
    }
}
