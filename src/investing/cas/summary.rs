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
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folios, new) = self.folios;
        let (added, known) = self.transactions;
        writeln!(f, "{folios} folios ({new} new), {} schemes", self.schemes)?;
        writeln!(f, "{added} transactions added, {known} on record already")?;
        for name in &self.incomplete {
            writeln!(f, "history begins before the statement: {name}")?;
        }
        if self.older > 0 {
            writeln!(
                f,
                "{} schemes kept the balance of a newer statement",
                self.older
            )?;
        }
        for (name, reason) in &self.rejected {
            writeln!(f, "left out: {name}: {reason}")?;
        }
        Ok(())
    }
}
