//! A report on A4 pages: heads, figures, tables that go on over pages, notes, feet.

use super::lines::{clip, wrap};
use super::sheet::{
    ABOVE, ACCENT, Area, Color, GREY, INK, LOSS, Pages, Part, Place, RULE, SHADE, Sheet, Text,
};
use super::table::{self, LEADING, Measured, NOTE, PAD, ROW_PAD};
use super::typeface::{Weight, width};
use crate::documents::content::report::{Block, Cell, Fit, Report, RowKind, Table};

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// Free on each side.
pub const MARGIN: f32 = 42.0;
const INNER: f32 = PAGE.0 - 2.0 * MARGIN;
/// Where a page's own text ends; the foot is below it.
const BOTTOM: f32 = PAGE.1 - 58.0;
/// Where the text of a page after the first begins.
const TOP: f32 = 70.0;

/// Lays a report out.
pub fn lay_out(report: &Report) -> Pages {
    let mut flow = Flow {
        report,
        sheets: vec![Sheet::new(PAGE.0, PAGE.1)],
        parts: Vec::new(),
        y: 44.0,
    };
    flow.head();
    for block in &report.blocks {
        match block {
            Block::Heading(text) => flow.heading(2, text, 12.0),
            Block::Text(text) => flow.paragraph(text, 9.5, INK),
            Block::Figures(figures) => flow.figures(figures),
            Block::Table(table) => flow.table(table),
        }
    }
    flow.notes();
    flow.running();
    Pages {
        sheets: flow.sheets,
        parts: flow.parts,
    }
}

struct Flow<'a> {
    report: &'a Report,
    sheets: Vec<Sheet>,
    parts: Vec<Part>,
    /// How far down the page at hand is full.
    y: f32,
}

impl Flow<'_> {
    fn sheet(&mut self) -> &mut Sheet {
        let last = self.sheets.len() - 1;
        &mut self.sheets[last]
    }

    fn part(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// Goes on to a new page unless so much still fits on this one.
    fn room_for(&mut self, height: f32) -> bool {
        let fits = self.y + height <= BOTTOM;
        if !fits {
            self.sheets.push(Sheet::new(PAGE.0, PAGE.1));
            self.y = TOP;
        }
        fits
    }

    /// Sets one line and goes below it.
    fn line(&mut self, text: Text, x: f32) {
        let height = text.size * LEADING;
        self.room_for(height);
        let baseline = self.y + ABOVE * text.size;
        self.y += height;
        self.sheet().text(text.at(x, baseline));
    }

    fn head(&mut self) {
        let report = self.report;
        let (name, registration) = &report.issuer;
        let part = self.part(Part::Paragraph);
        for line in wrap(name, Weight::Bold, INNER / 13.0) {
            self.line(
                Text::new(&line, Weight::Bold, 13.0, ACCENT).in_place(whole(part)),
                MARGIN,
            );
        }
        for line in wrap(registration, Weight::Regular, INNER / 8.5) {
            self.line(
                Text::new(&line, Weight::Regular, 8.5, GREY).in_place(whole(part)),
                MARGIN,
            );
        }
        self.y += 5.0;
        let y = self.y;
        self.sheet().rule(MARGIN, y, INNER, 1.4, ACCENT);
        self.y += 12.0;
        self.heading(1, &report.title, 19.0);
        if let Some(warning) = &report.warning {
            self.warning(warning);
        }
        self.y += 4.0;
        self.facts(&report.facts);
    }

    fn warning(&mut self, text: &str) {
        let lines = wrap(text, Weight::Bold, (INNER - 20.0) / 9.0);
        let height = table::LEADING * 9.0 * count(lines.len()) + 10.0;
        self.room_for(height + 6.0);
        let area = Area {
            x: MARGIN,
            y: self.y,
            width: INNER,
            height,
        };
        self.sheet().fill(area, Color(0xfe, 0xf3, 0xc7));
        self.y += 5.0;
        let part = self.part(Part::Paragraph);
        for line in lines {
            self.line(
                Text::new(&line, Weight::Bold, 9.0, Color(0x78, 0x35, 0x0f)).in_place(whole(part)),
                MARGIN + 10.0,
            );
        }
        self.y += 11.0;
    }

    /// Labels over values, three side by side.
    fn facts(&mut self, facts: &[(String, String)]) {
        const ACROSS: usize = 3;
        let column = INNER / count(ACROSS);
        for row in facts.chunks(ACROSS) {
            let values: Vec<_> = row
                .iter()
                .map(|(_, value)| wrap(value, Weight::Bold, (column - 12.0) / 9.5))
                .collect();
            let most = values.iter().map(Vec::len).max().unwrap_or(1);
            let height = 8.0 * LEADING + 9.5 * LEADING * count(most) + 6.0;
            self.room_for(height);
            let top = self.y;
            for (at, ((label, _), lines)) in row.iter().zip(&values).enumerate() {
                let x = MARGIN + column * count(at);
                let part = self.part(Part::Paragraph);
                let mut y = top + ABOVE * 8.0;
                let label = Text::new(label, Weight::Regular, 8.0, GREY).in_place(whole(part));
                self.sheet().text(label.at(x, y));
                y = top + 8.0 * LEADING + ABOVE * 9.5;
                for line in lines {
                    let value = Text::new(line, Weight::Bold, 9.5, INK).in_place(whole(part));
                    self.sheet().text(value.at(x, y));
                    y += 9.5 * LEADING;
                }
            }
            self.y = top + height;
        }
        self.y += 8.0;
    }

    fn heading(&mut self, level: u16, text: &str, size: f32) {
        let lines = wrap(text, Weight::Bold, INNER / size);
        // A heading stays with what it heads.
        self.room_for(size * LEADING * count(lines.len()) + if level > 1 { 70.0 } else { 0.0 });
        if level > 1 {
            self.y += 6.0;
        }
        let text = text.to_owned();
        let part = self.part(Part::Heading { level, text });
        for line in lines {
            self.line(
                Text::new(&line, Weight::Bold, size, INK).in_place(whole(part)),
                MARGIN,
            );
        }
        self.y += 4.0;
    }

    fn paragraph(&mut self, text: &str, size: f32, color: Color) {
        let part = self.part(Part::Paragraph);
        for line in wrap(text, Weight::Regular, INNER / size) {
            self.line(
                Text::new(&line, Weight::Regular, size, color).in_place(whole(part)),
                MARGIN,
            );
        }
        self.y += size * 0.6;
    }

    fn figures(&mut self, figures: &[(String, Cell)]) {
        let across = figures.len().clamp(1, 5);
        let column = INNER / count(across);
        for row in figures.chunks(across) {
            let mut fitted: Vec<_> = row.iter().map(|(_, cell)| fit(cell, column)).collect();
            // Figures side by side are set in one size; a reason in words is smaller.
            let is_figure = |lines: &[String]| lines.len() == 1;
            let size = fitted
                .iter()
                .filter(|(_, lines)| is_figure(lines))
                .map(|(size, _)| *size)
                .fold(13.0, f32::min);
            for (own, lines) in &mut fitted {
                if is_figure(lines) {
                    *own = size;
                }
            }
            let tallest = fitted
                .iter()
                .map(|(size, lines)| size * LEADING * count(lines.len()))
                .fold(0.0, f32::max);
            let height = 8.0 + 8.0 * LEADING + tallest + 8.0;
            self.room_for(height);
            let top = self.y;
            let area = Area {
                x: MARGIN,
                y: top,
                width: INNER,
                height,
            };
            self.sheet().fill(area, SHADE);
            for (at, ((label, cell), (size, lines))) in row.iter().zip(&fitted).enumerate() {
                let x = MARGIN + column * count(at) + 8.0;
                let part = self.part(Part::Paragraph);
                let label = Text::new(label, Weight::Regular, 8.0, GREY).in_place(whole(part));
                self.sheet().text(label.at(x, top + 8.0 + ABOVE * 8.0));
                let mut y = top + 8.0 + 8.0 * LEADING + ABOVE * size;
                let color = if cell.is_loss { LOSS } else { INK };
                for line in lines {
                    let value = Text::new(line, Weight::Bold, *size, color).in_place(whole(part));
                    self.sheet().text(value.at(x, y));
                    y += size * LEADING;
                }
            }
            self.y = top + height + 10.0;
        }
    }

    fn table(&mut self, table: &Table) {
        let measured = table::measure(table, INNER);
        let kinds: Vec<_> = measured
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| (at == 0, row.cells.len()))
            .collect();
        let part = self.part(Part::Table {
            rows: kinds,
            columns: table.columns.len(),
        });
        let rows = &measured.rows;
        let heading = rows[0].height;
        let first = rows.get(1).map_or(0.0, |row| row.height);
        self.room_for(heading + first + rows.get(2).map_or(0.0, |row| row.height));
        self.row(table, &measured, 0, Some(part));
        let mut group = None;
        for at in 1..rows.len() {
            let next = rows.get(at + 1);
            let keeps = rows[at].kind == RowKind::Group
                || next.is_some_and(|next| next.kind == RowKind::Total);
            let mut needed = rows[at].height;
            if keeps {
                needed += next.map_or(0.0, |next| next.height);
            }
            if rows[at].kind == RowKind::Group {
                group = Some(at);
            }
            if !self.room_for(needed) {
                self.row(table, &measured, 0, None);
                // A total is of all groups.
                let is_total = rows[at].kind == RowKind::Total;
                if let Some(group) = group.filter(|group| *group != at && !is_total) {
                    self.row(table, &measured, group, None);
                }
            }
            self.row(table, &measured, at, Some(part));
        }
        self.y += 12.0;
    }

    /// Sets one row; without a part it is a repetition, not to be read again.
    fn row(&mut self, table: &Table, measured: &Measured, at: usize, part: Option<usize>) {
        let row = &measured.rows[at];
        let top = self.y;
        let area = Area {
            x: MARGIN,
            y: top,
            width: INNER,
            height: row.height,
        };
        let weight = table::weight(row.kind);
        let ink = if at == 0 { ACCENT } else { INK };
        if row.kind != RowKind::Plain {
            self.sheet().fill(area, SHADE);
        }
        let edge = if at == 0 { ACCENT } else { RULE };
        self.sheet()
            .rule(MARGIN, top + row.height - 0.5, INNER, 0.5, edge);
        for (cell, (lines, notes, is_loss)) in row.cells.iter().enumerate() {
            let place = part.map_or(Place::Artifact, |part| Place::Part {
                part,
                row: at,
                cell,
            });
            let fit = if row.kind == RowKind::Group {
                Fit::Words
            } else {
                table.columns[cell].fit
            };
            let color = if *is_loss { LOSS } else { ink };
            let mut y = top + ROW_PAD;
            let left = MARGIN + measured.lefts[cell];
            let texts = lines
                .iter()
                .map(|line| (line, weight, measured.size, color))
                .chain(
                    notes
                        .iter()
                        .map(|note| (note, Weight::Regular, measured.size * NOTE, GREY)),
                );
            for (line, weight, size, color) in texts {
                let text = Text::new(line, weight, size, color).in_place(place);
                let baseline = y + ABOVE * size;
                let text = match fit {
                    Fit::Right => text.right_at(left + measured.widths[cell] - PAD, baseline),
                    Fit::Words | Fit::Left => text.at(left + PAD, baseline),
                };
                y += size * LEADING;
                self.sheet().text(text);
            }
        }
        self.y = top + row.height;
    }

    fn notes(&mut self) {
        let report = self.report;
        if report.notes.is_empty() {
            return;
        }
        self.heading(2, &report.notes_title, 10.0);
        for note in &report.notes {
            self.paragraph(note, 8.0, GREY);
        }
    }

    /// Heads and feet of pages, once it is known how many there are.
    fn running(&mut self) {
        let pages = self.sheets.len();
        let report = self.report;
        let (name, _) = &report.issuer;
        for (at, sheet) in self.sheets.iter_mut().enumerate() {
            if report.is_framed {
                sheet.frame(22.0, ACCENT);
            }
            if at > 0 {
                let title = Text::new(&report.title, Weight::Bold, 8.5, GREY);
                let room = INNER - title.width() - 20.0;
                let name = clip(name, Weight::Bold, room / 8.5);
                sheet.text(Text::new(&name, Weight::Bold, 8.5, ACCENT).at(MARGIN, 48.0));
                sheet.text(title.right_at(MARGIN + INNER, 48.0));
                sheet.rule(MARGIN, 55.0, INNER, 0.8, ACCENT);
            }
            let page = report
                .page_of
                .replace("{page}", &(at + 1).to_string())
                .replace("{pages}", &pages.to_string());
            let y = PAGE.1 - 34.0;
            sheet.rule(MARGIN, y - 12.0, INNER, 0.5, RULE);
            sheet.text(Text::new(&report.foot, Weight::Regular, 7.5, GREY).at(MARGIN, y));
            let page = Text::new(&page, Weight::Regular, 7.5, GREY);
            sheet.text(page.right_at(MARGIN + INNER, y));
        }
    }
}

fn whole(part: usize) -> Place {
    Place::Part {
        part,
        row: 0,
        cell: 0,
    }
}

/// Sets a figure large on one line where it fits, else smaller in lines.
fn fit(cell: &Cell, column: f32) -> (f32, Vec<String>) {
    let room = column - 12.0;
    for size in [13.0, 12.0, 11.0, 10.0, 9.0] {
        if width(&cell.text, Weight::Bold) * size <= room {
            return (size, vec![cell.text.clone()]);
        }
    }
    (8.5, wrap(&cell.text, Weight::Bold, room / 8.5))
}

#[expect(clippy::cast_precision_loss, reason = "lines and columns are few")]
fn count(n: usize) -> f32 {
    n as f32
}
