//! Pages as a PDF that can be read aloud: tagged by heading, paragraph and table, with
//! title, language and outline. The library checks each file against PDF/UA-1 and
//! refuses one that falls short. The same pages give the same bytes.

use std::num::NonZeroU16;
use std::ops::Range;

use anyhow::anyhow;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::{Location, Surface};
use krilla::tagging::{
    ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, Glyph, GlyphId};
use krilla::{Document, SerializeSettings};

use crate::documents::layout::sheet::{Color, Mark, Pages, Part, Place, Text};
use crate::documents::layout::typeface::{self, FaceId};

/// What a file says about itself.
pub struct Imprint<'a> {
    /// Title.
    pub title: &'a str,
    /// Language, as BCP 47 has it.
    pub language: &'a str,
    /// Who issues it.
    pub author: &'a str,
    /// When it was made, in India.
    pub made: jiff::civil::DateTime,
}

/// Writes pages as a PDF.
pub fn write(pages: &Pages, imprint: &Imprint<'_>) -> anyhow::Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| anyhow!("the PDF cannot be checked: {error:?}"))?;
    let settings = SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let fonts = FaceId::ALL.map(|id| {
        let font = Font::new(id.face().bytes.into(), 0);
        font.expect("the fonts in the repository read")
    });
    let mut tags = Tags::new(&pages.parts);
    for (number, sheet) in pages.sheets.iter().enumerate() {
        let size = PageSettings::from_wh(sheet.width, sheet.height);
        let size = size.ok_or_else(|| anyhow!("a page without a size"))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in &sheet.marks {
            draw(&mut surface, mark, &fonts, &mut tags, number)?;
        }
        surface.finish();
        page.finish();
    }
    document.set_outline(tags.outline());
    document.set_tag_tree(tags.tree(imprint.language));
    document.set_metadata(metadata(imprint));
    document
        .finish()
        .map_err(|error| anyhow!("the PDF is not as it should be: {error:?}"))
}

fn metadata(imprint: &Imprint<'_>) -> Metadata {
    let made = imprint.made;
    let byte = |n: i8| u8::try_from(n).unwrap_or(0);
    let made = DateTime::new(u16::try_from(made.year()).unwrap_or(0))
        .month(byte(made.month()))
        .day(byte(made.day()))
        .hour(byte(made.hour()))
        .minute(byte(made.minute()))
        .second(byte(made.second()))
        .utc_offset_hour(5)
        .utc_offset_minute(30);
    Metadata::new()
        .title(imprint.title.to_owned())
        .language(imprint.language.to_owned())
        .authors(vec![imprint.author.to_owned()])
        .creator("SIP Brewery".to_owned())
        .creation_date(made)
}

fn draw(
    surface: &mut Surface<'_>,
    mark: &Mark,
    fonts: &[Font; 4],
    tags: &mut Tags<'_>,
    page: usize,
) -> anyhow::Result<()> {
    let wrong = || anyhow!("a mark without a size");
    let artifact = ContentTag::Artifact(krilla::tagging::Artifact::with_kind(ArtifactType::Other));
    match mark {
        Mark::Text(text) => write_text(surface, text, fonts, tags, page),
        Mark::Fill(area, color) => {
            let rect = Rect::from_xywh(area.x, area.y, area.width, area.height);
            let mut path = PathBuilder::new();
            path.push_rect(rect.ok_or_else(wrong)?);
            surface.start_tagged(artifact);
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*color)));
            surface.draw_path(&path.finish().ok_or_else(wrong)?);
            surface.end_tagged();
        }
        Mark::Line {
            points,
            width,
            color,
        } => {
            surface.start_tagged(artifact);
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: paint(*color).into(),
                width: *width,
                ..Stroke::default()
            }));
            surface.draw_path(&path(points, false).ok_or_else(wrong)?);
            surface.set_stroke(None);
            surface.end_tagged();
        }
        Mark::Shape { points, color } => {
            surface.start_tagged(artifact);
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*color)));
            surface.draw_path(&path(points, true).ok_or_else(wrong)?);
            surface.end_tagged();
        }
    }
    Ok(())
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Option<krilla::geom::Path> {
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

fn paint(color: Color) -> rgb::Color {
    rgb::Color::new(color.0, color.1, color.2)
}

fn fill(color: Color) -> Fill {
    Fill {
        paint: paint(color).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

fn write_text(
    surface: &mut Surface<'_>,
    text: &Text,
    fonts: &[Font; 4],
    tags: &mut Tags<'_>,
    page: usize,
) {
    if text.text.trim().is_empty() {
        return;
    }
    let tag = match text.place {
        Place::Artifact => {
            ContentTag::Artifact(krilla::tagging::Artifact::with_kind(ArtifactType::Other))
        }
        Place::Part { .. } => ContentTag::Span(SpanTag::empty()),
    };
    let id = surface.start_tagged(tag);
    surface.set_stroke(None);
    surface.set_fill(Some(fill(text.color)));
    let mut x = text.x;
    for run in &text.runs {
        let glyphs: Vec<_> = run.glyphs.iter().map(Placed).collect();
        let font = FaceId::ALL
            .iter()
            .position(|id| *id == run.face)
            .unwrap_or(0);
        surface.draw_glyphs(
            Point::from_xy(x, text.baseline),
            &glyphs,
            fonts[font].clone(),
            &run.text,
            text.size,
            false,
        );
        x += run.width() * text.size;
    }
    surface.end_tagged();
    if let Place::Part { part, row, cell } = text.place {
        let at = Point::from_xy(text.x, text.baseline - text.size);
        tags.add((part, row, cell), id, (page, at));
    }
}

struct Placed<'a>(&'a typeface::Glyph);

impl Glyph for Placed<'_> {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.0.id)
    }

    fn text_range(&self) -> Range<usize> {
        self.0.letters.clone()
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.0.advance * size
    }

    fn x_offset(&self, size: f32) -> f32 {
        self.0.dx * size
    }

    fn y_offset(&self, size: f32) -> f32 {
        self.0.dy * size
    }

    fn y_advance(&self, _: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<Location> {
        None
    }
}

/// Collects what belongs to which part of the document while the pages are drawn.
struct Tags<'a> {
    parts: &'a [Part],
    /// Per part, row and cell, what was drawn of it.
    drawn: Vec<Vec<Vec<Vec<Identifier>>>>,
    headings: Vec<(String, XyzDestination)>,
}

impl<'a> Tags<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let empty = |part: &Part| match part {
            Part::Heading { .. } | Part::Paragraph => vec![vec![Vec::new()]],
            Part::Table { rows, .. } => rows
                .iter()
                .map(|(_, cells)| (0..*cells).map(|_| Vec::new()).collect())
                .collect(),
        };
        Self {
            parts,
            drawn: parts.iter().map(empty).collect(),
            headings: Vec::new(),
        }
    }

    fn add(
        &mut self,
        (part, row, cell): (usize, usize, usize),
        id: Identifier,
        at: (usize, Point),
    ) {
        let cell = &mut self.drawn[part][row][cell];
        if let Part::Heading { text, .. } = &self.parts[part]
            && cell.is_empty()
        {
            let place = XyzDestination::new(at.0, at.1);
            self.headings.push((text.clone(), place));
        }
        cell.push(id);
    }

    fn outline(&mut self) -> Outline {
        let mut outline = Outline::new();
        for (title, at) in std::mem::take(&mut self.headings) {
            outline.push_child(OutlineNode::new(title, at));
        }
        outline
    }

    fn tree(self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for (part, rows) in self.parts.iter().zip(self.drawn) {
            let group = match part {
                Part::Heading { level, text } => {
                    let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                    TagGroup::with_children(Tag::Hn(level, Some(text.clone())), flat(rows))
                }
                Part::Paragraph => TagGroup::with_children(Tag::P, flat(rows)),
                Part::Table {
                    rows: kinds,
                    columns,
                } => table(kinds, *columns, rows),
            };
            tree.push(group);
        }
        tree
    }
}

fn flat(rows: Vec<Vec<Vec<Identifier>>>) -> Vec<Node> {
    rows.into_iter()
        .flatten()
        .flatten()
        .map(Node::from)
        .collect()
}

fn table(kinds: &[(bool, usize)], columns: usize, rows: Vec<Vec<Vec<Identifier>>>) -> TagGroup {
    let mut table = TagGroup::new(Tag::Table);
    for ((is_heading, _), cells) in kinds.iter().zip(rows) {
        let mut row = TagGroup::new(Tag::TR);
        let is_alone = cells.len() == 1 && columns > 1;
        let span = std::num::NonZeroU32::new(u32::try_from(columns).unwrap_or(1));
        for cell in cells {
            let inside = cell.into_iter().map(Node::from).collect();
            row.push(if *is_heading {
                TagGroup::with_children(Tag::TH(TableHeaderScope::Column), inside)
            } else if is_alone {
                TagGroup::with_children(Tag::TD.with_col_span(span), inside)
            } else {
                TagGroup::with_children(Tag::TD, inside)
            });
        }
        table.push(row);
    }
    table
}
