//! The axis of a plot with its lines and labels, and the figures above it.

use super::canvas::{Canvas, LABEL, SMALL};
use super::scale::Axis;
use crate::documents::content::rupees;
use crate::documents::facts::Point;
use crate::documents::layout::sheet::{ACCENT, Area, Color, GREY, INK, LOSS, RULE, Text};
use crate::documents::layout::typeface::{Weight, width};
use crate::documents::words::Word;
use crate::investing::inr_short;
use crate::investing::money::Paise;

/// Says a value large, and below it what was put in and the difference.
pub(super) fn headline(canvas: &mut Canvas<'_>, point: Point, invested: Word) {
    let tell = canvas.tell;
    canvas.line(&rupees(point.value), Weight::Bold, 88.0, INK);
    let words = format!("{} {}", tell.say(invested), rupees(point.invested));
    canvas.line(&words, Weight::Regular, 38.0, GREY);
    let gain = point.value - point.invested;
    let sign = if gain.0 > 0 { "+" } else { "" };
    let color: Color = if gain.0 < 0 { LOSS } else { ACCENT };
    canvas.line(
        &format!("{sign}{}", rupees(gain)),
        Weight::Bold,
        42.0,
        color,
    );
}

/// Draws an axis with its labels on the left and returns the plot beside them.
pub(super) fn axis(canvas: &mut Canvas<'_>, area: Area, axis: &Axis) -> Area {
    let labels: Vec<(Paise, String)> = axis
        .lines()
        .map(|value| (value, inr_short(value.rupees())))
        .collect();
    let widest = labels
        .iter()
        .map(|(_, label)| width(label, Weight::Regular) * SMALL)
        .fold(0.0, f32::max);
    let plot = Area {
        x: area.x + widest + 18.0,
        y: area.y + SMALL / 2.0,
        width: area.width - widest - 18.0,
        height: area.height - SMALL / 2.0 - LABEL - 30.0,
    };
    for (value, label) in labels {
        let y = axis.y(plot, value);
        let (thick, color) = if value.0 == 0 {
            (3.0, GREY)
        } else {
            (2.0, RULE)
        };
        let line = Area {
            x: plot.x,
            y: y - thick / 2.0,
            width: plot.width,
            height: thick,
        };
        canvas.sheet.fill(line, color);
        let text = Text::new(&label, Weight::Regular, SMALL, GREY);
        canvas
            .sheet
            .text(text.right_at(plot.x - 14.0, y + SMALL * 0.35));
    }
    plot
}
