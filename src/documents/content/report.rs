//! What a paper says, before it is laid out: plain values in reading order.

use crate::language::Language;

/// A paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Language of the text.
    pub language: Language,
    /// Title.
    pub title: String,
    /// Said right under the title, where it must not be overlooked.
    pub warning: Option<String>,
    /// Who issues it, and below that what they are.
    pub issuer: (String, String),
    /// Labels and values at its head.
    pub facts: Vec<(String, String)>,
    /// The rest, in order.
    pub blocks: Vec<Block>,
    /// Heading of the notes.
    pub notes_title: String,
    /// Notes and required texts, at its end.
    pub notes: Vec<String>,
    /// At the foot of each page.
    pub foot: String,
    /// `Page {page} of {pages}`, the two names in braces to be filled in.
    pub page_of: String,
    /// A frame around each page, as on a certificate.
    pub is_framed: bool,
}

/// A piece of a paper.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Figures that matter most, side by side: label and value.
    Figures(Vec<(String, Cell)>),
    /// A table.
    Table(Table),
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Heading.
    pub title: String,
    /// Which side its texts stand on, and whether they may be broken into lines.
    pub fit: Fit,
}

/// How the texts of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// On the left, in lines.
    Words,
    /// On the left, never broken.
    Left,
    /// On the right, never broken: figures.
    Right,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What kind.
    pub kind: RowKind,
    /// Its cells; a group has one, over the whole width.
    pub cells: Vec<Cell>,
}

/// What kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// One of many.
    Plain,
    /// What the rows below it belong to.
    Group,
    /// A sum.
    Total,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// Smaller, below it.
    pub note: Option<String>,
    /// A loss, to be set in red (the minus sign says it too).
    pub is_loss: bool,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            is_loss: text.starts_with("-₹"),
            text,
            note: None,
        }
    }
}

impl Cell {
    /// Returns a cell that is no gain or loss, whatever its sign.
    pub fn plain(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// Returns a cell with a smaller text below.
    pub fn noted(text: String, note: String) -> Self {
        Self {
            note: Some(note),
            ..Self::from(text)
        }
    }
}

impl Row {
    /// Returns a row of texts.
    pub fn of(kind: RowKind, cells: Vec<Cell>) -> Self {
        Self { kind, cells }
    }
}
