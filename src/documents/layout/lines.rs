//! Breaking text into lines of a width.

use super::typeface::{Weight, shape, width};

/// Breaks a text into lines no wider than `most` ems, at spaces; a word that is wider by
/// itself is broken between clusters, so that no letter is ever cut.
pub fn wrap(text: &str, weight: Weight, most: f32) -> Vec<String> {
    let space = width(" ", weight);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    for word in text.split_whitespace() {
        for piece in fitting(word, weight, most) {
            let wide = width(&piece, weight);
            let is_start = line.is_empty();
            let gap = if is_start { 0.0 } else { space };
            if !is_start && used + gap + wide > most {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            line.push_str(&piece);
            used += wide;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Returns the text in at most so many ems, ending in `…` if something was left out.
pub fn clip(text: &str, weight: Weight, most: f32) -> String {
    if width(text, weight) <= most {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while !kept.is_empty() && width(&kept, weight) + width("…", weight) > most {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

/// Returns the width of the widest word, in ems.
pub fn widest_word(text: &str, weight: Weight) -> f32 {
    text.split_whitespace()
        .map(|word| width(word, weight))
        .fold(0.0, f32::max)
}

fn fitting(word: &str, weight: Weight, most: f32) -> Vec<String> {
    if width(word, weight) <= most {
        return vec![word.to_owned()];
    }
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut used = 0.0;
    for (cluster, wide) in clusters(word, weight) {
        if !piece.is_empty() && used + wide > most {
            pieces.push(std::mem::take(&mut piece));
            used = 0.0;
        }
        piece.push_str(&cluster);
        used += wide;
    }
    pieces.push(piece);
    pieces
}

fn clusters(word: &str, weight: Weight) -> Vec<(String, f32)> {
    let mut found: Vec<(String, f32)> = Vec::new();
    for run in shape(word, weight) {
        let mut starts: Vec<usize> = run.glyphs.iter().map(|g| g.letters.start).collect();
        starts.sort_unstable();
        starts.dedup();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(run.text.len());
            let wide = run
                .glyphs
                .iter()
                .filter(|g| g.letters.start == *start)
                .map(|g| g.advance)
                .sum();
            found.push((run.text[*start..end].to_owned(), wide));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_every_word_and_their_width() {
        let text = "Aditya Birla Sun Life Banking & PSU Debt Fund - Regular - Growth";
        let lines = wrap(text, Weight::Regular, 10.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.join(" "), text);
        assert!(
            lines
                .iter()
                .all(|line| width(line, Weight::Regular) <= 10.0)
        );
    }

    #[test]
    fn a_word_that_is_too_wide_breaks_between_clusters_only() {
        let word = "विश्वविद्यालयक्षत्रियविश्वविद्यालय";
        let lines = wrap(word, Weight::Bold, 4.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join("").replace(' ', ""), word);
        let starts_with_mark = |line: &String| {
            let first = line.chars().next().unwrap();
            matches!(first, '\u{93a}'..='\u{94f}' | '\u{900}'..='\u{903}')
        };
        assert!(!lines.iter().any(starts_with_mark), "{lines:?}");
    }

    #[test]
    fn nothing_is_one_empty_line() {
        assert_eq!(wrap("", Weight::Regular, 1.0), [""]);
    }
}
