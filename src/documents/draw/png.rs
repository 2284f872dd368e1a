//! A sheet as a picture. The same sheet gives the same bytes on every machine: plain
//! arithmetic, no SIMD.

use anyhow::{Context as _, anyhow};
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use crate::documents::layout::sheet::{Color, Mark, Sheet, Text};

/// Draws a sheet, one unit a pixel.
pub fn write(sheet: &Sheet) -> anyhow::Result<Vec<u8>> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a picture is some thousand pixels wide and high"
    )]
    let (width, height) = (sheet.width as u32, sheet.height as u32);
    let mut picture = Pixmap::new(width, height).context("a picture without a size")?;
    picture.fill(tiny_skia::Color::WHITE);
    for mark in &sheet.marks {
        draw(&mut picture, mark)?;
    }
    Ok(picture.encode_png()?)
}

fn draw(picture: &mut Pixmap, mark: &Mark) -> anyhow::Result<()> {
    let wrong = || anyhow!("a mark without a size");
    match mark {
        Mark::Text(text) => write_text(picture, text),
        Mark::Fill(area, color) => {
            let rect = Rect::from_xywh(area.x, area.y, area.width, area.height);
            let rect = rect.ok_or_else(wrong)?;
            picture.fill_rect(rect, &paint(*color), Transform::identity(), None);
        }
        Mark::Line {
            points,
            width,
            color,
        } => {
            let stroke = Stroke {
                width: *width,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            let path = path(points, false).ok_or_else(wrong)?;
            picture.stroke_path(&path, &paint(*color), &stroke, Transform::identity(), None);
        }
        Mark::Shape { points, color } => {
            let path = path(points, true).ok_or_else(wrong)?;
            fill(picture, &path, *color);
        }
    }
    Ok(())
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(color.0, color.1, color.2, 255);
    paint.anti_alias = true;
    paint
}

fn fill(picture: &mut Pixmap, path: &Path, color: Color) {
    let rule = FillRule::Winding;
    picture.fill_path(path, &paint(color), rule, Transform::identity(), None);
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    if is_closed {
        path.close();
    }
    path.finish()
}

fn write_text(picture: &mut Pixmap, text: &Text) {
    let mut x = text.x;
    let mut pen = Pen {
        path: PathBuilder::new(),
        x: 0.0,
        y: 0.0,
    };
    for run in &text.runs {
        let outlines = run.face.face().font.outline_glyphs();
        let size = Size::new(text.size);
        for glyph in &run.glyphs {
            pen.x = x + glyph.dx * text.size;
            pen.y = text.baseline - glyph.dy * text.size;
            let settings = DrawSettings::unhinted(size, LocationRef::default());
            if let Some(outline) = outlines.get(skrifa::GlyphId::new(glyph.id)) {
                // Only a damaged font cannot be drawn, and these are in the repository.
                let _ = outline.draw(settings, &mut pen);
            }
            x += glyph.advance * text.size;
        }
    }
    if let Some(path) = pen.path.finish() {
        fill(picture, &path, text.color);
    }
}

/// Puts a font's outline on the picture, where up is down.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (cx, cy) = (self.x + cx, self.y - cy);
        self.path.quad_to(cx, cy, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (ax, ay) = (self.x + cx0, self.y - cy0);
        let (bx, by) = (self.x + cx1, self.y - cy1);
        self.path.cubic_to(ax, ay, bx, by, self.x + x, self.y - y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
