//! Pictures made for a phone: 1080 by 1440 pixels, read on a screen 360 wide, so no letter
//! is smaller than 30 pixels. What a picture shows, its caption says.

mod allocation;
mod bars;
mod canvas;
mod growth;
mod scale;
mod value;

pub use allocation::allocation;
pub use growth::growth;
pub use value::value;

use super::layout::sheet::Sheet;

/// A picture and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Title.
    pub title: String,
    /// The marks.
    pub sheet: Sheet,
    /// The same figures in a sentence.
    pub caption: String,
}

#[cfg(test)]
mod tests;
