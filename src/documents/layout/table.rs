//! How wide the columns of a table are and how high its rows.
//!
//! A figure is never broken or cut: columns of figures are as wide as their widest, the
//! columns of words share what is left, and where that is too little the whole table is
//! set smaller.

use super::lines::{widest_word, wrap};
use super::typeface::{Weight, width};
use crate::documents::content::report::{Cell, Fit, Row, RowKind, Table};

/// Sizes tried, largest first.
const SIZES: [f32; 6] = [8.5, 8.0, 7.5, 7.0, 6.5, 6.0];
/// Space left and right of a text.
pub const PAD: f32 = 4.0;
/// Space above and below a row's texts.
pub const ROW_PAD: f32 = 3.5;
/// From line to line, in sizes.
pub const LEADING: f32 = 1.36;
/// A column of words is at least this many ems wide where it can be.
const WORDS_LEAST: f32 = 15.0;
/// The note under a text, against the text.
pub const NOTE: f32 = 0.86;

/// A table with its measures.
pub struct Measured {
    /// Size of its letters.
    pub size: f32,
    /// Left edge of each column, from the table's own.
    pub lefts: Vec<f32>,
    /// Width of each column.
    pub widths: Vec<f32>,
    /// The heading, then each row, in lines.
    pub rows: Vec<MeasuredRow>,
}

/// A row with its measures.
pub struct MeasuredRow {
    /// What kind; the heading reads as a total.
    pub kind: RowKind,
    /// Lines per cell: text and note.
    pub cells: Vec<(Vec<String>, Vec<String>, bool)>,
    /// Height with the space around it.
    pub height: f32,
}

/// Measures a table for a width.
pub fn measure(table: &Table, whole: f32) -> Measured {
    let (size, widths) = SIZES
        .iter()
        .find_map(|size| Some((*size, columns(table, whole, *size)?)))
        .unwrap_or_else(|| {
            let smallest = SIZES[SIZES.len() - 1];
            (smallest, equal(table, whole))
        });
    let mut left = 0.0;
    let lefts = widths
        .iter()
        .map(|width| {
            left += width;
            left - width
        })
        .collect();
    let heading = Row {
        kind: RowKind::Total,
        cells: table
            .columns
            .iter()
            .map(|column| Cell {
                text: column.title.clone(),
                ..Cell::default()
            })
            .collect(),
    };
    let rows = std::iter::once(&heading)
        .chain(&table.rows)
        .map(|row| measure_row(row, &widths, whole, size))
        .collect();
    Measured {
        size,
        lefts,
        widths,
        rows,
    }
}

/// Returns how heavy a row's letters are.
pub fn weight(kind: RowKind) -> Weight {
    match kind {
        RowKind::Plain => Weight::Regular,
        RowKind::Group | RowKind::Total => Weight::Bold,
    }
}

fn measure_row(row: &Row, widths: &[f32], whole: f32, size: f32) -> MeasuredRow {
    let weight = weight(row.kind);
    let cells: Vec<_> = row
        .cells
        .iter()
        .enumerate()
        .map(|(at, cell)| {
            let wide = if row.kind == RowKind::Group {
                whole
            } else {
                widths[at]
            };
            let room = wide - 2.0 * PAD;
            // A hair more than measured: sums of widths round.
            let lines = wrap(&cell.text, weight, room / size + 0.01);
            let notes = cell.note.as_deref().map_or_else(Vec::new, |note| {
                wrap(note, Weight::Regular, room / (size * NOTE) + 0.01)
            });
            (lines, notes, cell.is_loss)
        })
        .collect();
    let tallest = cells
        .iter()
        .map(|(lines, notes, _)| LEADING * size * (count(lines) + NOTE * count(notes)))
        .fold(0.0, f32::max);
    MeasuredRow {
        kind: row.kind,
        cells,
        height: tallest + 2.0 * ROW_PAD,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a cell has few lines")]
fn count(lines: &[String]) -> f32 {
    lines.len() as f32
}

/// Returns the widths at a size, or nothing if the table does not fit at it.
fn columns(table: &Table, whole: f32, size: f32) -> Option<Vec<f32>> {
    let mut widths = vec![0.0; table.columns.len()];
    let mut wishes = vec![0.0; table.columns.len()];
    for (at, column) in table.columns.iter().enumerate() {
        let cells = table
            .rows
            .iter()
            .filter(|row| row.kind != RowKind::Group)
            .filter_map(|row| Some((weight(row.kind), row.cells.get(at)?)));
        let title = widest_word(&column.title, Weight::Bold);
        let (mut widest, mut least) = (title, title);
        for (weight, cell) in cells {
            let note = cell.note.as_deref().unwrap_or("");
            widest = widest
                .max(width(&cell.text, weight))
                .max(width(note, Weight::Regular) * NOTE);
            least = least.max(widest_word(&cell.text, weight).min(WORDS_LEAST));
        }
        if column.fit == Fit::Words {
            widths[at] = least * size + 2.0 * PAD;
            wishes[at] = (widest - least).max(0.0) * size;
            let first = WORDS_LEAST.min(widest) * size + 2.0 * PAD;
            if at == 0 && widths[at] < first {
                wishes[at] -= first - widths[at];
                widths[at] = first;
            }
        } else {
            widths[at] = widest * size + 2.0 * PAD;
        }
    }
    let left = whole - widths.iter().sum::<f32>();
    if left < 0.0 {
        return None;
    }
    let asked: f32 = wishes.iter().sum();
    let is_enough = asked <= left;
    for (width, wish) in widths.iter_mut().zip(&wishes) {
        if asked > 0.0 {
            *width += if is_enough {
                *wish
            } else {
                left * wish / asked
            };
        }
    }
    let rest = whole - widths.iter().sum::<f32>();
    spread(table, &mut widths, rest.max(0.0));
    Some(widths)
}

/// Gives what is left over to the columns of words, or to all.
fn spread(table: &Table, widths: &mut [f32], rest: f32) {
    let is_words = |at: usize| table.columns[at].fit == Fit::Words;
    let last = widths.len().saturating_sub(1);
    let takers: Vec<usize> = match (0..widths.len()).find(|at| is_words(*at)) {
        // A last column of words would stretch away from the figures beside it.
        Some(first) if first != last => vec![first],
        _ => (0..widths.len()).collect(),
    };
    #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
    let share = rest / takers.len().max(1) as f32;
    for at in takers {
        widths[at] += share;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
fn equal(table: &Table, whole: f32) -> Vec<f32> {
    let columns = table.columns.len();
    vec![whole / columns.max(1) as f32; columns]
}
