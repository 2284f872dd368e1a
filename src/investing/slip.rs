//! Slips of the finger.

/// Whether `typed` is `word` with one slip of the finger (two in long words): a letter
/// wrong, missing, doubled, or two swapped. The first letter is right, and in short words
/// nothing is guessed.
pub(super) fn is_slip(typed: &str, word: &str) -> bool {
    let (a, b) = (typed.as_bytes(), word.as_bytes());
    let allowed = match a.len() {
        0..=3 => return false,
        4..=6 => 1,
        _ => 2,
    };
    if a[0] != b[0] || b.len() < 4 || a.len().abs_diff(b.len()) > allowed || b.len() > 30 {
        return false;
    }
    distance(a, b) <= allowed
}

/// Counts the changes between two words, a swap of neighbours being one.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before = [0_usize; 32];
    let mut last: [usize; 32] = std::array::from_fn(|i| i);
    let mut row = [0_usize; 32];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let wrong = usize::from(a[i - 1] != b[j - 1]);
            let mut fewest = (last[j - 1] + wrong).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                fewest = fewest.min(before[j - 2] + 1);
            }
            row[j] = fewest;
        }
        (before, last) = (last, row);
    }
    last[b.len()]
}
