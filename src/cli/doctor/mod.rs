//! `doctor`: what is wrong, and what to do about it.
//!
//! Checks are functions that look and leave everything as it was. Each says what it found; what is
//! not in order also says what to do, in words for the person who can do it.

mod clock;
mod configuration;
mod database;
mod forms;
mod graph;
mod keys;
mod llm;
mod media;
mod records;

use std::fmt;

use crate::config::{Faults, Settings};

/// Check configuration, clock, database, keys, records, the media folder, Meta's token, forms
/// and the model, and say what to do.
///
/// Looks and leaves everything as it was. Ends with 0 if the service can start, 1 if it cannot.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    name: &'static str,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// In order.
    Ok { found: String },
    /// It will run, but somebody should know.
    Warn { found: String, to_do: String },
    /// It will not run.
    Fail { found: String, to_do: String },
}

impl Finding {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        let found = found.into();
        Self {
            name,
            outcome: Outcome::Ok { found },
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        let (found, to_do) = (found.into(), to_do.into());
        Self {
            name,
            outcome: Outcome::Warn { found, to_do },
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        let (found, to_do) = (found.into(), to_do.into());
        Self {
            name,
            outcome: Outcome::Fail { found, to_do },
        }
    }

    fn is_failure(&self) -> bool {
        matches!(self.outcome, Outcome::Fail { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        match &self.outcome {
            Outcome::Ok { found } => write!(f, "ok    {name}: {found}"),
            Outcome::Warn { found, to_do } => write!(f, "warn  {name}: {found}\n      do: {to_do}"),
            Outcome::Fail { found, to_do } => write!(f, "FAIL  {name}: {found}\n      do: {to_do}"),
        }
    }
}

/// Runs every check and prints the findings.
pub(super) async fn run(_args: Args, settings: Result<Settings, Faults>) -> anyhow::Result<()> {
    let mut findings = configuration::check(settings.as_ref());
    findings.push(clock::check());
    if let Ok(settings) = &settings {
        let (finding, db) = database::check(settings).await;
        findings.push(finding);
        let (finding, keys) = keys::check(settings, db.as_ref()).await;
        findings.push(finding);
        if let (Some(db), Some(keys)) = (&db, &keys) {
            findings.extend(records::check(db, keys, settings.is_demo()).await);
        }
        findings.push(media::check(settings));
        findings.extend(graph::check(settings).await);
        findings.push(forms::check(settings));
        findings.extend(llm::check(settings).await);
        if let Some(db) = db {
            db.close().await;
        }
    }
    for finding in &findings {
        super::say(finding);
    }
    let failures = findings.iter().filter(|f| f.is_failure()).count();
    // The faults stand above, a finding each; what is left to say is the exit code.
    match (settings, failures) {
        (Err(_), _) => Err(Faults(Vec::new()).into()),
        (Ok(_), 0) => Ok(()),
        (Ok(_), n) => anyhow::bail!("{n} checks failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_that_is_not_in_order_says_what_to_do() {
        let fail = Finding::fail("database", "no answer", "start PostgreSQL");
        assert!(fail.is_failure());
        assert_eq!(
            fail.to_string(),
            "FAIL  database: no answer\n      do: start PostgreSQL"
        );
        assert!(!Finding::warn("clock", "slow", "run ntp").is_failure());
        assert_eq!(Finding::ok("clock", "now").to_string(), "ok    clock: now");
    }
}
