//! What a portfolio was worth, day by day, and what was put in.

use super::Picture;
use super::bars::{axis, headline};
use super::canvas::{Canvas, SMALL};
use super::scale::{Axis, share};
use crate::documents::content::rupees;
use crate::documents::course::runs;
use crate::documents::facts::{Occasion, Point};
use crate::documents::layout::sheet::{
    ABOVE, ACCENT, ACCENT_LIGHT, Area, GREY, Mark, SECOND, Text,
};
use crate::documents::layout::typeface::Weight;
use crate::documents::words::Word;
use crate::investing::disclosures::Subject;
use crate::investing::money;

/// Draws value over time; the points are in order of date, one a day at most.
pub fn value(occasion: &Occasion, points: &[Point]) -> Picture {
    let mut canvas = Canvas::new(
        occasion,
        crate::documents::words::say(occasion.language, Word::TitleValue, &[]),
    );
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return canvas.nothing(Word::TooFew);
    };
    if first.date == last.date {
        return canvas.nothing(Word::TooFew);
    }
    let tell = canvas.tell;
    headline(&mut canvas, *last, Word::NetInvested);
    let as_of = money::date(last.date);
    let as_of = tell.say_with(Word::AsOf, &[("date", &as_of)]);
    canvas.line(&as_of, Weight::Regular, SMALL, GREY);
    let gap = (runs(points).count() > 1).then(|| tell.say(Word::HasGap));
    if let Some(gap) = &gap {
        canvas.paragraph(gap, SMALL, GREY);
    }
    canvas.legend(&[
        (ACCENT, tell.say(Word::Value)),
        (SECOND, tell.say(Word::NetInvested)),
    ]);
    let values = [
        ("from", &*money::date(first.date)),
        ("to", &money::date(last.date)),
        ("value", &rupees(last.value)),
        ("invested", &rupees(last.invested)),
        ("gain", &rupees(last.value - last.invested)),
    ];
    let mut caption = tell.say_with(Word::CaptionValue, &values);
    if let Some(gap) = gap {
        caption = format!("{caption} {gap}");
    }
    let subject = Subject::Holdings { shows_return: true };
    canvas.finish(subject, caption, |canvas, area| plot(canvas, area, points))
}

fn plot(canvas: &mut Canvas<'_>, area: Area, points: &[Point]) {
    let scale = Axis::holding(points.iter().flat_map(|p| [p.value, p.invested]));
    let plot = axis(canvas, area, &scale);
    let (first, last) = (points[0].date, points[points.len() - 1].date);
    let days = i64::from((last - first).get_days());
    let x = |point: &Point| {
        let day = i64::from((point.date - first).get_days());
        plot.x + share(day, days) * plot.width
    };
    let base = scale.y(plot, money::Paise(0));
    // A line across days nobody has NAVs of would be a guess.
    let values: Vec<Vec<(f32, f32)>> = runs(points)
        .map(|run| {
            let at = |point| (x(point), scale.y(plot, point.value));
            run.iter().map(at).collect()
        })
        .collect();
    for run in values.iter().filter(|run| run.len() > 1) {
        let mut under = run.clone();
        under.push((run[run.len() - 1].0, base));
        under.push((run[0].0, base));
        canvas.sheet.marks.push(Mark::Shape {
            points: under,
            color: ACCENT_LIGHT,
        });
    }
    // What was put in stays until the next payment: a line of steps.
    let mut steps: Vec<(f32, f32)> = Vec::with_capacity(points.len() * 2);
    for point in points {
        let (x, y) = (x(point), scale.y(plot, point.invested));
        if let Some((_, before)) = steps.last().copied() {
            steps.push((x, before));
        }
        steps.push((x, y));
    }
    canvas.sheet.marks.push(Mark::Line {
        points: steps,
        width: 5.0,
        color: SECOND,
    });
    for mut run in values {
        if let [(x, y)] = run[..] {
            // A day that stands alone is a dot.
            run = vec![(x - 3.0, y), (x + 3.0, y)];
        }
        canvas.sheet.marks.push(Mark::Line {
            points: run,
            width: 6.0,
            color: ACCENT,
        });
    }
    let baseline = plot.bottom() + 16.0 + ABOVE * SMALL;
    let label = |date| Text::new(&money::date(date), Weight::Regular, SMALL, GREY);
    canvas.sheet.text(label(first).at(plot.x, baseline));
    canvas
        .sheet
        .text(label(last).right_at(plot.right(), baseline));
}
