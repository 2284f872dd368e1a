//! The fonts that are compiled in, and shaping: from text to glyphs in their places.
//!
//! Devanagari is not one glyph a letter: conjuncts form, matras move before their
//! consonant. The shaper (a port of `HarfBuzz`) does that by the font's own tables. A
//! letter that no font has becomes `?`, so that nothing is ever printed as an empty box
//! or left out.

use std::ops::Range;
use std::sync::LazyLock;

use harfrust::{Direction, FontRef, ShapeOptions, Shaper, ShaperData, Tag, UnicodeBuffer, script};
use skrifa::MetadataProvider as _;

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Headings and totals.
    Bold,
}

/// One of the compiled-in fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaceId(usize);

/// A font file and what shaping needs of it.
pub struct Face {
    /// The file.
    pub bytes: &'static [u8],
    /// The file, read.
    pub font: FontRef<'static>,
    data: ShaperData,
}

const FILES: [&[u8]; 4] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Bold.ttf"),
];

static FACES: LazyLock<[Face; 4]> = LazyLock::new(|| {
    FILES.map(|bytes| {
        let font = FontRef::new(bytes).expect("the fonts in the repository read");
        let data = ShaperData::new(&font);
        Face { bytes, font, data }
    })
});

/// Both fonts are drawn on a square of this many units.
const UNITS: f32 = 1_000.0;

impl FaceId {
    /// Every font.
    pub const ALL: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];

    /// Returns the font.
    pub fn face(self) -> &'static Face {
        &FACES[self.0]
    }

    fn of(script: Script, weight: Weight) -> Self {
        let base = match script {
            Script::Latin => 0,
            Script::Devanagari => 2,
        };
        Self(base + usize::from(weight == Weight::Bold))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Devanagari,
}

/// A glyph in its place; lengths are in ems.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its number in the font.
    pub id: u32,
    /// How far the next one is.
    pub advance: f32,
    /// Moved right by this much.
    pub dx: f32,
    /// Moved up by this much.
    pub dy: f32,
    /// The letters it stands for, in bytes of its run's text.
    pub letters: Range<usize>,
}

/// Glyphs of one font.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The font.
    pub face: FaceId,
    /// The text.
    pub text: String,
    /// Its glyphs, left to right.
    pub glyphs: Vec<Glyph>,
}

impl Run {
    /// Returns the width in ems.
    pub fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

/// Shapes a line of text.
pub fn shape(text: &str, weight: Weight) -> Vec<Run> {
    itemise(text)
        .into_iter()
        .map(|(script, text)| shape_run(script, text, weight))
        .collect()
}

/// Returns the width of a line in ems.
pub fn width(text: &str, weight: Weight) -> f32 {
    shape(text, weight).iter().map(Run::width).sum()
}

/// Cuts a text into pieces of one script. Spaces stay with what is before them.
fn itemise(text: &str) -> Vec<(Script, String)> {
    let mut runs: Vec<(Script, String)> = Vec::new();
    for c in text.chars() {
        let c = printable(c);
        let script = if is_devanagari(c) {
            Script::Devanagari
        } else {
            Script::Latin
        };
        match runs.last_mut() {
            Some((last, run)) if *last == script || c == ' ' => run.push(c),
            _ => runs.push((script, c.to_string())),
        }
    }
    runs
}

fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{97f}' | '\u{a8e0}'..='\u{a8ff}' | '\u{200c}' | '\u{200d}')
}

/// Returns the letter if a font has it, else what stands for it.
fn printable(c: char) -> char {
    let has = |face: FaceId| face.face().font.charmap().map(c).is_some();
    if c.is_whitespace() {
        ' '
    } else if has(FaceId(0)) || has(FaceId(2)) {
        c
    } else {
        '?'
    }
}

fn shape_run(kind: Script, text: String, weight: Weight) -> Run {
    let face = FaceId::of(kind, weight);
    let Face { font, data, .. } = face.face();
    let shaper: Shaper<'_> = data.shaper(font).build();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text);
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(match kind {
        Script::Latin => script::LATIN,
        Script::Devanagari => script::DEVANAGARI,
    });
    // Digits stand in columns, so each is as wide as the others.
    let features = [harfrust::Feature::new(Tag::new(b"tnum"), 1, ..)];
    let line = shaper.shape(buffer, ShapeOptions::new().features(&features));
    let infos = line.glyph_infos();
    let starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
    let glyphs = infos
        .iter()
        .zip(line.glyph_positions())
        .map(|(info, position)| {
            let start = info.cluster as usize;
            let next = starts.iter().copied().filter(|s| *s > start).min();
            Glyph {
                id: info.glyph_id,
                advance: ems(position.x_advance),
                dx: ems(position.x_offset),
                dy: ems(position.y_offset),
                letters: start..next.unwrap_or(text.len()),
            }
        })
        .collect();
    Run { face, text, glyphs }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "font units are far below 2^24, where f32 counts exactly"
)]
fn ems(units: i32) -> f32 {
    units as f32 / UNITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str) -> Vec<u32> {
        let runs = shape(text, Weight::Regular);
        runs.iter()
            .flat_map(|run| run.glyphs.iter().map(|glyph| glyph.id))
            .collect()
    }

    #[test]
    fn conjuncts_become_one_glyph_and_matras_move_before_their_consonant() {
        // क + ् + ष is one letter, क्ष.
        assert_eq!(glyphs("क्ष").len(), 1);
        // The i-matra stands before the consonant it is written after.
        let ka = glyphs("क")[0];
        let shaped = glyphs("कि");
        assert_eq!(shaped.last(), Some(&ka));
        assert_ne!(shaped.first(), Some(&ka));
        assert_eq!(shaped.len(), 2);
        // Reph: र् before a consonant goes above it and gives no width of its own.
        let reph = shape("र्क", Weight::Regular);
        let plain = shape("क", Weight::Regular);
        assert!((reph[0].width() - plain[0].width()).abs() < 0.01);
    }

    #[test]
    fn scripts_are_shaped_by_their_own_font_and_no_glyph_is_missing() {
        let runs = shape("SIP में ₹5,000", Weight::Bold);
        let texts: Vec<_> = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(texts, ["SIP ", "में ", "₹5,000"]);
        assert!(runs.iter().flat_map(|run| &run.glyphs).all(|g| g.id != 0));
    }

    #[test]
    fn a_letter_no_font_has_is_shown_as_a_question_mark() {
        let runs = shape("தமிழ் x", Weight::Regular);
        assert_eq!(runs[0].text, "????? x");
    }

    #[test]
    fn digits_are_equally_wide() {
        let width = |text: &str| width(text, Weight::Regular);
        for digit in '0'..='9' {
            assert!((width(&digit.to_string()) - width("0")).abs() < 1e-6);
        }
    }
}
