//! Pictures above the words of a carousel's cards: what the card is about, as a drawing
//! without words, so that one serves every language and promises nothing.

use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use super::draw::png;
use super::layout::sheet::{
    ACCENT, ACCENT_LIGHT, Area, Color, GREY, Mark, RULE, SECOND, Sheet, WHITE,
};

/// Wide, as WhatsApp crops them.
const WIDTH: f32 = 1_080.0;
const HEIGHT: f32 = 566.0;
/// Corners of what is drawn round.
const CORNERS: u16 = 96;

type Drawing = fn(&mut Sheet);

const DRAWINGS: [(&str, Drawing); 3] = [
    ("calculator", calculator),
    ("statement", statement),
    ("person", person),
];

/// Each drawing as PNG, once it was asked for: drawing one takes some milliseconds, and it
/// is asked for with every message that carries it.
static DRAWN: [OnceLock<Vec<u8>>; DRAWINGS.len()] = [const { OnceLock::new() }; DRAWINGS.len()];

/// Returns the picture of this name as PNG, if there is one.
pub fn picture(name: &str) -> anyhow::Result<Option<&'static [u8]>> {
    let mut known = DRAWINGS.iter().zip(&DRAWN);
    let Some(((_, draw), drawn)) = known.find(|((known, _), _)| *known == name) else {
        return Ok(None);
    };
    if let Some(bytes) = drawn.get() {
        return Ok(Some(bytes));
    }
    let bytes = png::write(&sheet(*draw))?;
    Ok(Some(drawn.get_or_init(|| bytes)))
}

/// Says whether there is a picture of this name.
pub fn is_drawn(name: &str) -> bool {
    DRAWINGS.iter().any(|(known, _)| *known == name)
}

fn sheet(draw: Drawing) -> Sheet {
    let mut sheet = Sheet::new(WIDTH, HEIGHT);
    sheet.fill(area(0.0, 0.0, WIDTH, HEIGHT), ACCENT_LIGHT);
    draw(&mut sheet);
    sheet
}

const fn area(x: f32, y: f32, width: f32, height: f32) -> Area {
    Area {
        x,
        y,
        width,
        height,
    }
}

/// A case with a display and three rows of keys, the last of them to have the result.
fn calculator(sheet: &mut Sheet) {
    sheet.fill(area(380.0, 63.0, 320.0, 440.0), ACCENT);
    sheet.fill(area(416.0, 99.0, 248.0, 84.0), WHITE);
    sheet.fill(area(560.0, 155.0, 84.0, 12.0), GREY);
    for (row, y) in [219.0, 311.0, 403.0].into_iter().enumerate() {
        for (column, x) in [416.0, 508.0, 600.0].into_iter().enumerate() {
            let is_last = (row, column) == (2, 2);
            let color = if is_last { SECOND } else { ACCENT_LIGHT };
            sheet.fill(area(x, y, 64.0, 64.0), color);
        }
    }
}

/// A page with a heading and rows of two columns.
fn statement(sheet: &mut Sheet) {
    sheet.fill(area(370.0, 53.0, 340.0, 460.0), WHITE);
    sheet.fill(area(410.0, 93.0, 180.0, 26.0), ACCENT);
    for y in [165.0, 221.0, 277.0, 333.0, 389.0] {
        sheet.fill(area(410.0, y, 150.0, 14.0), GREY);
        sheet.fill(area(600.0, y, 70.0, 14.0), GREY);
        sheet.rule(410.0, y + 34.0, 260.0, 3.0, RULE);
    }
    sheet.fill(area(410.0, 449.0, 260.0, 20.0), ACCENT);
}

/// Head and shoulders, and what they say.
fn person(sheet: &mut Sheet) {
    round(sheet, (450.0, 203.0), (92.0, 92.0), TAU, ACCENT);
    round(sheet, (450.0, 503.0), (190.0, 176.0), PI, ACCENT);
    sheet.fill(area(620.0, 93.0, 220.0, 140.0), WHITE);
    let tail = vec![(620.0, 173.0), (580.0, 253.0), (670.0, 233.0)];
    sheet.marks.push(Mark::Shape {
        points: tail,
        color: WHITE,
    });
    for x in [670.0, 730.0, 790.0] {
        round(sheet, (x, 163.0), (13.0, 13.0), TAU, SECOND);
    }
}

/// Fills an ellipse, or the upper half of one, around a middle.
fn round(sheet: &mut Sheet, middle: (f32, f32), radii: (f32, f32), turn: f32, color: Color) {
    let corner = |at: u16| {
        let (sin, cos) = (-turn * f32::from(at) / f32::from(CORNERS)).sin_cos();
        (middle.0 + radii.0 * cos, middle.1 + radii.1 * sin)
    };
    let points = (0..=CORNERS).map(corner).collect();
    sheet.marks.push(Mark::Shape { points, color });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawing_stays_on_its_picture_and_is_one_that_meta_takes() {
        for (name, draw) in DRAWINGS {
            for mark in sheet(draw).marks {
                let points = match mark {
                    Mark::Fill(area, _) => vec![(area.x, area.y), (area.right(), area.bottom())],
                    Mark::Shape { points, .. } | Mark::Line { points, .. } => points,
                    Mark::Text(text) => panic!("{name} says {}", text.text),
                };
                for (x, y) in points {
                    assert!((0.0..=WIDTH).contains(&x), "{name}: {x}");
                    assert!((0.0..=HEIGHT).contains(&y), "{name}: {y}");
                }
            }
            let bytes = picture(name).unwrap().unwrap();
            let kind = crate::whatsapp::media::check("image/png", bytes);
            assert_eq!(kind, Ok(crate::whatsapp::MediaKind::Image));
        }
        assert_eq!(picture("rocket").unwrap(), None);
    }

    #[test]
    fn a_picture_is_drawn_once_however_often_it_is_sent() {
        let [first, again] = [(); 2].map(|()| picture("person").unwrap().unwrap());
        assert!(std::ptr::eq(first, again));
    }
}
