//! The only place where SQL text is put together at run time.
//!
//! Values are always bound; what varies is how many rows a statement carries.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::fmt::Write as _;

/// Returns `($1,$2),($3,$4)` for two rows of two columns.
pub fn values(rows: usize, columns: usize) -> String {
    values_from(1, rows, columns)
}

/// Returns `$1,$2,$3` for three values.
pub fn list(count: usize) -> String {
    let values = values(1, count);
    values[1..values.len() - 1].to_owned()
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

/// As [`values`], numbering from `first`, for a statement with other values before it.
pub fn values_from(first: usize, rows: usize, columns: usize) -> String {
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
    fn runs_cover_every_row_once_in_order() {
        let rows: Vec<u32> = (0..150).collect();
        let lengths: Vec<_> = runs(&rows).map(<[u32]>::len).collect();
        assert_eq!(lengths, [64, 64, 16, 4, 1, 1]);
        assert_eq!(runs(&rows).flatten().copied().collect::<Vec<_>>(), rows);
    }
}
