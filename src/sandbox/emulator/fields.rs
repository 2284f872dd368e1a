//! Reads a JSON object strictly, naming what is wrong the way Meta does.

use serde_json::{Map, Value};

use super::error::GraphError;

/// An object of a request and the path to it (`interactive['action']`).
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(path: String, value: &'a Value) -> Result<Self, GraphError> {
        match value.as_object() {
            Some(map) => Ok(Self { path, map }),
            None => Err(GraphError::parameter(format!(
                "Param {path} must be a JSON object."
            ))),
        }
    }

    /// Returns the path of a key of this object.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}['{key}']", self.path)
        }
    }

    /// Refuses keys that are not known.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), GraphError> {
        match self.map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(GraphError::parameter(format!(
                "Unexpected key \"{key}\" on param \"{}\".",
                self.path
            ))),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Returns a text of 1 to `most` characters that must be there.
    pub(crate) fn text(&self, key: &str, most: usize) -> Result<&'a str, GraphError> {
        match self.optional_text(key, most)? {
            Some(text) => Ok(text),
            None => Err(GraphError::missing(&self.path(key))),
        }
    }

    /// Returns a text of at most `most` characters, if it is there.
    pub(crate) fn optional_text(
        &self,
        key: &str,
        most: usize,
    ) -> Result<Option<&'a str>, GraphError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let Some(text) = value.as_str() else {
            let why = format!("Param {} must be a string.", self.path(key));
            return Err(GraphError::parameter(why));
        };
        if text.trim().is_empty() {
            return Err(GraphError::value(&self.path(key), "must not be empty"));
        }
        // Bytes are never fewer than characters, and counting them is free.
        if text.len() > most && text.chars().count() > most {
            let why = format!("must be at most {most} characters long");
            return Err(GraphError::value(&self.path(key), &why));
        }
        Ok(Some(text))
    }

    /// Returns an object that must be there.
    pub(crate) fn object(&self, key: &str) -> Result<Fields<'a>, GraphError> {
        match self.get(key) {
            Some(value) => Fields::of(self.path(key), value),
            None => Err(GraphError::missing(&self.path(key))),
        }
    }

    /// Returns an object, if it is there.
    pub(crate) fn optional_object(&self, key: &str) -> Result<Option<Fields<'a>>, GraphError> {
        self.get(key)
            .map(|value| Fields::of(self.path(key), value))
            .transpose()
    }

    /// Returns the objects of a list of 1 to `most` that must be there.
    pub(crate) fn objects(&self, key: &str, most: usize) -> Result<Vec<Fields<'a>>, GraphError> {
        let items = self
            .get(key)
            .ok_or_else(|| GraphError::missing(&self.path(key)))?;
        let Some(items) = items.as_array() else {
            let why = format!("Param {} must be an array.", self.path(key));
            return Err(GraphError::parameter(why));
        };
        if items.is_empty() || items.len() > most {
            let why = format!("must have 1 to {most} elements");
            return Err(GraphError::value(&self.path(key), &why));
        }
        items
            .iter()
            .enumerate()
            .map(|(place, item)| Fields::of(format!("{}[{place}]", self.path(key)), item))
            .collect()
    }
}
