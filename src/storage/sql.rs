//! The only place where SQL text is put together at run time.
//!
//! Values are always bound; what varies is how many rows a statement carries.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, PoisonError, RwLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// Values in one statement at most, unless a single row has more: binding them is what a
/// long statement costs.
const VALUES: usize = 512;

/// Texts by first number, rows and columns.
type Made = HashMap<(usize, usize, usize), &'static str>;

/// Returns `($1,$2),($3,$4)` for two rows of two columns.
pub fn values(rows: usize, columns: usize) -> &'static str {
    values_from(1, rows, columns)
}

/// Returns `$1,$2,$3` for three values.
pub fn list(count: usize) -> &'static str {
    let values = values(1, count);
    &values[1..values.len() - 1]
}

/// The rows of one statement. It has room for as many as [`Run::len`] says; what the last
/// rows leave empty is filled with the last of them once more.
#[derive(Debug)]
pub struct Run<'a, T> {
    rows: &'a [T],
    len: usize,
}

impl<'a, T> Run<'a, T> {
    /// Returns the rows themselves, each once.
    pub fn rows(&self) -> &'a [T] {
        self.rows
    }

    /// Returns how many rows the statement takes.
    #[expect(clippy::len_without_is_empty, reason = "a run always has rows")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns what to bind: the rows, and the last one again for each place left.
    pub fn filled(&self) -> impl Iterator<Item = &'a T> {
        let last = self.rows.last();
        let places = self.len - self.rows.len();
        self.rows
            .iter()
            .chain(last.into_iter().cycle().take(places))
    }
}

/// Cuts rows of so many columns into runs for statements that may meet a row twice
/// without harm: lists, updates, and inserts that do nothing on conflict. Each trip to
/// the database costs more than a few rows do, so the end is one filled statement and
/// not many short ones; there are few lengths, so that statements stay prepared.
pub fn padded<T>(rows: &[T], columns: usize) -> impl Iterator<Item = Run<'_, T>> {
    let largest = match VALUES / columns.max(1) {
        256.. => 256,
        64.. => 64,
        _ => 32,
    };
    let mut rest = rows;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = match rest.len() {
            n if n >= largest => largest,
            1 => 1,
            2..=8 => 4,
            9..=32 => 16,
            33..=128 => largest.min(64),
            _ => largest,
        };
        let (rows, after) = rest.split_at(len.min(rest.len()));
        rest = after;
        Some(Run { rows, len })
    })
}

/// Cuts rows into runs of 64, 16, 4 and 1, so that the statements that carry them come
/// in few lengths and stay prepared.
pub fn runs<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = [64, 16, 4, 1].into_iter().find(|n| *n <= rest.len())?;
        let (run, after) = rest.split_at(length);
        rest = after;
        Some(run)
    })
}

/// Fills up the values of a list that may be empty and of any length, which no list of a
/// statement may be: with empty texts, which no row has for an id, to one of few lengths.
pub fn filled_up<T: ToString>(ids: &[T]) -> Vec<String> {
    let mut texts: Vec<String> = ids.iter().map(T::to_string).collect();
    texts.resize((ids.len() + 1).next_power_of_two(), String::new());
    texts
}

/// As [`values`], numbering from `first`, for a statement with other values before it.
pub fn values_from(first: usize, rows: usize, columns: usize) -> &'static str {
    // The same few are asked for all the time, and putting one together takes longer than
    // some statements do.
    static MADE: LazyLock<RwLock<Made>> = LazyLock::new(RwLock::default);
    let key = (first, rows, columns);
    let made = MADE.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = made.get(&key) {
        return text;
    }
    drop(made);
    let text: &'static str = Box::leak(write_values(first, rows, columns).into_boxed_str());
    let mut made = MADE.write().unwrap_or_else(PoisonError::into_inner);
    made.entry(key).or_insert(text)
}

fn write_values(first: usize, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 5);
    let mut number = first;
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { "," };
            let _ = write!(text, "{comma}${number}");
            number += 1;
        }
        text.push(')');
    }
    text
}

/// Declares a statement put together from fixed text and [`values`] to be safe.
/// Nothing that came from outside may be in it.
pub fn sql(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_numbered_in_order() {
        assert_eq!(values(2, 2), "($1,$2),($3,$4)");
        assert_eq!(values(1, 3), "($1,$2,$3)");
        assert_eq!(list(3), "$1,$2,$3");
        assert_eq!(values_from(3, 1, 2), "($3,$4)");
    }

    #[test]
    fn a_list_that_is_filled_up_is_never_empty_and_comes_in_few_lengths() {
        assert_eq!(filled_up::<String>(&[]), [""]);
        assert_eq!(filled_up(&["a", "b"]), ["a", "b", "", ""]);
        let lengths: std::collections::BTreeSet<_> =
            (0..1_000).map(|n| filled_up(&vec!["a"; n]).len()).collect();
        assert_eq!(lengths.len(), 11);
    }

    #[test]
    fn padded_runs_hold_every_row_once_and_repeat_only_the_last_of_them() {
        for count in [0, 1, 3, 5, 17, 40, 64, 70, 150, 300] {
            for columns in [1, 5, 14] {
                let rows: Vec<usize> = (0..count).collect();
                let runs: Vec<_> = padded(&rows, columns).collect();
                let held: Vec<usize> = runs.iter().flat_map(|run| run.rows().to_vec()).collect();
                assert_eq!(held, rows);
                for run in &runs {
                    let bound: Vec<usize> = run.filled().copied().collect();
                    assert_eq!(bound.len(), run.len());
                    assert!(bound.starts_with(run.rows()));
                    let last = run.rows().last();
                    assert!(
                        bound
                            .iter()
                            .skip(run.rows().len())
                            .all(|row| Some(row) == last)
                    );
                }
                assert!(
                    runs.len() <= 3 + count / 32,
                    "{count} rows in {} trips",
                    runs.len()
                );
            }
        }
    }

    #[test]
    fn runs_cover_every_row_once_in_order() {
        let rows: Vec<u32> = (0..150).collect();
        let lengths: Vec<_> = runs(&rows).map(<[u32]>::len).collect();
        assert_eq!(lengths, [64, 64, 16, 4, 1, 1]);
        assert_eq!(runs(&rows).flatten().copied().collect::<Vec<_>>(), rows);
    }
}
