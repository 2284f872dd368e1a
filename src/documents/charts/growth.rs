//! What went into SIPs and what it became, as bars side by side.

use super::Picture;
use super::bars::{axis, headline};
use super::canvas::{Canvas, SMALL};
use super::scale::Axis;
use crate::documents::content::rupees;
use crate::documents::facts::{Growth, Occasion, Point};
use crate::documents::layout::sheet::{ABOVE, ACCENT, Area, GREY, SECOND, Text};
use crate::documents::layout::typeface::Weight;
use crate::documents::words::Word;
use crate::investing::disclosures::Subject;
use crate::investing::money::{self, Paise};

/// Pairs of bars at most.
const MOST: usize = 7;

/// Draws invested against value at some days, in order, the last one included, and says
/// of how many SIPs all or some of it is left out.
pub fn growth(occasion: &Occasion, growth: &Growth) -> Picture {
    let points = &growth.points;
    let title = crate::documents::words::say(occasion.language, Word::TitleGrowth, &[]);
    let mut canvas = Canvas::new(occasion, title);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return canvas.nothing(Word::TooFew);
    };
    let tell = canvas.tell;
    headline(&mut canvas, *last, Word::Invested);
    let as_of = money::date(last.date);
    let as_of = tell.say_with(Word::AsOf, &[("date", &as_of)]);
    canvas.line(&as_of, Weight::Regular, SMALL, GREY);
    let lacks = [
        (Word::LeftOut, growth.left_out),
        (Word::SipsIncomplete, growth.incomplete),
    ];
    let lacks = lacks.into_iter().filter(|(_, count)| *count > 0);
    let lacks: Vec<_> = lacks
        .map(|(word, count)| tell.say_with(word, &[("count", &count.to_string())]))
        .collect();
    for what in &lacks {
        canvas.paragraph(what, SMALL, GREY);
    }
    canvas.legend(&[
        (SECOND, tell.say(Word::Invested)),
        (ACCENT, tell.say(Word::Value)),
    ]);
    let values = [
        ("from", &*money::date(first.date)),
        ("to", &money::date(last.date)),
        ("invested", &rupees(last.invested)),
        ("value", &rupees(last.value)),
        ("gain", &rupees(last.value - last.invested)),
    ];
    let mut caption = tell.say_with(Word::CaptionGrowth, &values);
    for what in lacks {
        caption = format!("{caption} {what}");
    }
    let subject = Subject::Holdings { shows_return: true };
    let points = thinned(points);
    canvas.finish(subject, caption, |canvas, area| plot(canvas, area, &points))
}

/// Returns at most so many points, evenly spaced back from the last.
fn thinned(points: &[Point]) -> Vec<Point> {
    let step = points.len().div_ceil(MOST).max(1);
    let mut kept: Vec<_> = points.iter().rev().step_by(step).copied().collect();
    kept.reverse();
    kept
}

fn plot(canvas: &mut Canvas<'_>, area: Area, points: &[Point]) {
    let scale = Axis::holding(points.iter().flat_map(|p| [p.value, p.invested]));
    let plot = axis(canvas, area, &scale);
    #[expect(clippy::cast_precision_loss, reason = "there are at most seven pairs")]
    let step = plot.width / points.len() as f32;
    let bar = (step * 0.36).min(90.0);
    let base = scale.y(plot, Paise(0));
    let baseline = plot.bottom() + 16.0 + ABOVE * SMALL;
    let mut middle = plot.x + step / 2.0;
    for point in points {
        for (left, value, color) in [
            (middle - bar - 2.0, point.invested, SECOND),
            (middle + 2.0, point.value, ACCENT),
        ] {
            let y = scale.y(plot, value);
            let area = Area {
                x: left,
                y: y.min(base),
                width: bar,
                height: (y - base).abs(),
            };
            if area.height > 0.0 {
                canvas.sheet.fill(area, color);
            }
        }
        let label = point.date.strftime("%b %y").to_string();
        let label = Text::new(&label, Weight::Regular, SMALL, GREY);
        canvas.sheet.text(label.middle_at(middle, baseline));
        middle += step;
    }
}
