//! The process environment, and the file of variables that stands in for it while
//! developing.

use std::collections::HashMap;
use std::path::Path;

use super::fault::{Fault, Faults};

/// Returns a variable of the process.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads `NAME=value` lines; a file that is not there holds none.
pub(super) fn parse_file_if_there(path: &Path) -> Result<HashMap<String, String>, Faults> {
    match path.try_exists() {
        Ok(false) => Ok(HashMap::new()),
        _ => parse_file(path),
    }
}

/// Reads `NAME=value` lines. Nothing is put into the process environment, where child
/// processes and crash reports would see it.
pub(super) fn parse_file(path: &Path) -> Result<HashMap<String, String>, Faults> {
    let fault = |problem: String| {
        Faults(vec![Fault {
            setting: path.display().to_string(),
            problem,
        }])
    };
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => {
            let problem = "is not there: --env-file names the file of settings, and without one \
                           this would be a demo";
            return Err(fault(problem.to_owned()));
        }
        Err(_) => return Err(fault("cannot be read".to_owned())),
    };
    // The error of a bad line repeats the line, which may hold a secret.
    lines
        .enumerate()
        .map(|(at, pair)| {
            pair.map_err(|_| {
                fault(format!(
                    "has a line that is not NAME=value, after {at} good ones"
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_holds_nothing_unless_it_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prod.env");
        assert!(parse_file_if_there(&file).unwrap().is_empty());
        let fault = parse_file(&file).unwrap_err().to_string();
        assert!(fault.contains("prod.env is not there"), "{fault}");
    }

    #[test]
    fn a_broken_line_is_reported_without_repeating_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "A=1\nSECRET hunter2 'x\n").unwrap();
        let faults = parse_file(&path).unwrap_err().to_string();
        assert!(faults.contains("after 1 good ones"), "{faults}");
        assert!(!faults.contains("hunter2"), "{faults}");
    }
}
