//! What is on a page or a picture, each mark in its place: the one description that
//! both the PDF and the PNG are drawn from, and that a test can measure.

use super::typeface::{Run, Weight, shape};

/// A colour, opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

/// Text.
pub const INK: Color = Color(0x1f, 0x29, 0x37);
/// Lesser text.
pub const GREY: Color = Color(0x4b, 0x55, 0x63);
/// Lines.
pub const RULE: Color = Color(0xd1, 0xd5, 0xdb);
/// Every other row, and panels.
pub const SHADE: Color = Color(0xf3, 0xf4, 0xf6);
/// What the eye is led to.
pub const ACCENT: Color = Color(0x0f, 0x5c, 0x4f);
/// The accent, lighter, for areas.
pub const ACCENT_LIGHT: Color = Color(0xcf, 0xe8, 0xe1);
/// The second of two series.
pub const SECOND: Color = Color(0xb4, 0x53, 0x09);
/// A loss.
pub const LOSS: Color = Color(0xb9, 0x1c, 0x1c);
/// Paper.
pub const WHITE: Color = Color(0xff, 0xff, 0xff);

/// A rectangle; `y` grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Area {
    /// Returns the right edge.
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// Returns the lower edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }
}

/// Where a text belongs in the structure that is read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: running heads, page numbers, repeated headings of a table.
    Artifact,
    /// A part of the outline; for a table, a cell of it.
    Part {
        /// Which part.
        part: usize,
        /// Row of a table.
        row: usize,
        /// Cell of the row.
        cell: usize,
    },
}

/// A part of a document, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A heading.
    Heading {
        /// 1 is the title.
        level: u16,
        /// Its text.
        text: String,
    },
    /// A paragraph, or a label with its value.
    Paragraph,
    /// A table.
    Table {
        /// Per row, whether it is a heading, and how many cells it has.
        rows: Vec<(bool, usize)>,
        /// Cells of a full row.
        columns: usize,
    },
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Left edge.
    pub x: f32,
    /// The line the letters stand on.
    pub baseline: f32,
    /// Size of letters.
    pub size: f32,
    /// Colour.
    pub color: Color,
    /// What it says.
    pub text: String,
    /// Its glyphs.
    pub runs: Vec<Run>,
    /// Where it belongs.
    pub place: Place,
}

impl Text {
    /// Shapes a line.
    pub fn new(text: &str, weight: Weight, size: f32, color: Color) -> Self {
        Self {
            x: 0.0,
            baseline: 0.0,
            size,
            color,
            runs: shape(text, weight),
            text: text.to_owned(),
            place: Place::Artifact,
        }
    }

    /// Puts it with its left edge and baseline there.
    #[must_use]
    pub fn at(mut self, x: f32, baseline: f32) -> Self {
        (self.x, self.baseline) = (x, baseline);
        self
    }

    /// Puts it with its right edge and baseline there.
    #[must_use]
    pub fn right_at(self, x: f32, baseline: f32) -> Self {
        let left = x - self.width();
        self.at(left, baseline)
    }

    /// Puts it with its middle and baseline there.
    #[must_use]
    pub fn middle_at(self, x: f32, baseline: f32) -> Self {
        let left = x - self.width() / 2.0;
        self.at(left, baseline)
    }

    /// Says where it belongs.
    #[must_use]
    pub fn in_place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Returns its width.
    pub fn width(&self) -> f32 {
        self.runs.iter().map(Run::width).sum::<f32>() * self.size
    }

    /// Returns what it covers: from above the tallest matra to below the deepest one.
    pub fn area(&self) -> Area {
        Area {
            x: self.x,
            y: self.baseline - ABOVE * self.size,
            width: self.width(),
            height: (ABOVE + BELOW) * self.size,
        }
    }
}

/// Letters and matras reach this far above their line, in sizes.
pub const ABOVE: f32 = 0.92;
/// And this far below it.
pub const BELOW: f32 = 0.32;

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text.
    Text(Text),
    /// A filled rectangle.
    Fill(Area, Color),
    /// A line through points.
    Line {
        /// Through these.
        points: Vec<(f32, f32)>,
        /// Its width.
        width: f32,
        /// Its colour.
        color: Color,
    },
    /// The area within points.
    Shape {
        /// Its corners.
        points: Vec<(f32, f32)>,
        /// Its colour.
        color: Color,
    },
}

/// A page or a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// In the order they are drawn.
    pub marks: Vec<Mark>,
}

impl Sheet {
    /// Returns an empty one.
    pub fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            marks: Vec::new(),
        }
    }

    /// Adds a text.
    pub fn text(&mut self, text: Text) {
        self.marks.push(Mark::Text(text));
    }

    /// Adds a rectangle.
    pub fn fill(&mut self, area: Area, color: Color) {
        self.marks.push(Mark::Fill(area, color));
    }

    /// Adds a level line.
    pub fn rule(&mut self, x: f32, y: f32, width: f32, thick: f32, color: Color) {
        let area = Area {
            x,
            y,
            width,
            height: thick,
        };
        self.fill(area, color);
    }

    /// Adds a frame so far from the edges.
    pub fn frame(&mut self, inset: f32, color: Color) {
        let (right, bottom) = (self.width - inset, self.height - inset);
        let points = vec![
            (inset, inset),
            (right, inset),
            (right, bottom),
            (inset, bottom),
            (inset, inset),
        ];
        self.marks.push(Mark::Line {
            points,
            width: 1.2,
            color,
        });
    }

    /// Returns its texts.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text) => Some(text),
            _ => None,
        })
    }
}

/// A document of pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages {
    /// The pages.
    pub sheets: Vec<Sheet>,
    /// Its parts, in reading order.
    pub parts: Vec<Part>,
}

/// Returns what is wrong with where the texts of a sheet are: over the edge, or over
/// one another.
#[cfg(test)]
pub fn faults(sheet: &Sheet, margin: f32) -> Vec<String> {
    let mut found = Vec::new();
    let texts: Vec<_> = sheet.texts().filter(|t| !t.text.is_empty()).collect();
    for (at, text) in texts.iter().enumerate() {
        let area = text.area();
        if area.x < margin - 0.5
            || area.right() > sheet.width - margin + 0.5
            || area.y < 0.0
            || area.bottom() > sheet.height
        {
            found.push(format!("over the edge: `{}` {area:?}", text.text));
        }
        for other in &texts[at + 1..] {
            let (a, b) = (ink(text), ink(other));
            let apart =
                a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
            if !apart {
                found.push(format!("`{}` over `{}`", text.text, other.text));
            }
        }
    }
    found
}

/// The middle of the letters, where two texts must never meet; lines may stand as close
/// as matras allow.
#[cfg(test)]
fn ink(text: &Text) -> Area {
    Area {
        x: text.x + 0.1,
        y: text.baseline - 0.8 * text.size,
        width: text.width() - 0.2,
        height: 1.0 * text.size,
    }
}
