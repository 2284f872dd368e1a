//! What is wrong with the settings, in words for the person who set them.

use std::fmt;

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The variable, or the file it comes from.
    pub setting: String,
    /// What is wrong and what to do; never the value of a secret.
    pub problem: String,
}

/// All settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used")?;
        for fault in &self.0 {
            write!(f, "\n  {} {}", fault.setting, fault.problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
