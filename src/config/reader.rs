//! Reads one variable after another and remembers every fault.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::fault::{Fault, Faults};
use super::variables::named;

pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;
pub(super) type ReadFile<'a> = &'a dyn Fn(&Path) -> std::io::Result<String>;

pub(super) struct Reader<'a> {
    lookup: Lookup<'a>,
    read_file: ReadFile<'a>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: Lookup<'a>, read_file: ReadFile<'a>) -> Self {
        Self {
            lookup,
            read_file,
            faults: Vec::new(),
        }
    }

    /// Returns whether `name`, or the file variant of a secret, has a value.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.given(name).is_some()
            || (named(name).is_secret && self.given(&format!("{name}_FILE")).is_some())
    }

    /// Notes that `name` is wanted and not there.
    pub(super) fn missing(&mut self, name: &str, why: &str) {
        self.fault(name, why);
    }

    /// Notes what is wrong with `setting`.
    pub(super) fn fault(&mut self, setting: &str, problem: impl Into<String>) {
        self.faults.push(Fault {
            setting: setting.to_owned(),
            problem: problem.into(),
        });
    }

    /// Returns the value of `name`, or its default, as `check` reads it. A value that
    /// `check` refuses is noted, and the default stands in until all is read.
    pub(super) fn checked<T>(
        &mut self,
        name: &str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        let default = || {
            let text = named(name).default.expect("it has a default");
            check(text).expect("the default is sound")
        };
        self.optional(name, &check).unwrap_or_else(default)
    }

    /// Returns the value of `name` as `check` reads it, if it is set and sound.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = if named(name).is_secret {
            self.secret_text(name)?
        } else {
            self.given(name)?
        };
        match check(&text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.fault(name, problem);
                None
            }
        }
    }

    /// Returns the secret `name` if it is set and `check` accepts it.
    pub(super) fn secret(
        &mut self,
        name: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<SecretString> {
        let text = SecretString::from(self.secret_text(name)?);
        match check(text.expose_secret()) {
            Ok(()) => Some(text),
            Err(problem) => {
                self.fault(name, problem);
                None
            }
        }
    }

    /// Returns `value`, or every fault that was noted.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults(self.faults)),
        }
    }

    fn secret_text(&mut self, name: &str) -> Option<String> {
        let file_name = format!("{name}_FILE");
        match (self.given(name), self.given(&file_name)) {
            (Some(_), Some(_)) => {
                self.fault(
                    name,
                    format!("and {file_name} are both set; keep one of them"),
                );
                None
            }
            (Some(text), None) => Some(text),
            (None, Some(path)) => match (self.read_file)(Path::new(&path)) {
                Ok(text) if text.trim().is_empty() => {
                    self.fault(&file_name, format!("names {path}, which is empty"));
                    None
                }
                Ok(text) => Some(text.trim().to_owned()),
                Err(error) => {
                    self.fault(
                        &file_name,
                        format!("names {path}, which cannot be read: {error}"),
                    );
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// An empty value counts as none, as `NAME=` in an env file means.
    fn given(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}
