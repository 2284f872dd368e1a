//! How a portfolio is spread, largest part first.

use super::Picture;
use super::canvas::{Canvas, INNER, LABEL, MARGIN, SMALL};
use super::scale::{percent, share, tenths};
use crate::documents::content::rupees;
use crate::documents::facts::{Account, By, Occasion};
use crate::documents::layout::lines::clip;
use crate::documents::layout::sheet::{ABOVE, ACCENT, ACCENT_LIGHT, Area, BELOW, GREY, INK, Text};
use crate::documents::layout::typeface::Weight;
use crate::documents::words::Word;
use crate::investing::disclosures::Subject;
use crate::investing::inr_short;
use crate::investing::money::Paise;

/// Parts shown at most; smaller ones are put together.
const MOST: usize = 8;

/// Draws the parts of the value by category or fund house.
pub fn allocation(occasion: &Occasion, account: &Account, by: By) -> Picture {
    let title = match by {
        By::Category => Word::TitleCategory,
        By::Amc => Word::TitleAmc,
    };
    let title = crate::documents::words::say(occasion.language, title, &[]);
    let mut canvas = Canvas::new(occasion, title.clone());
    let tell = canvas.tell;
    let parts = parts(account, by, &tell.say(Word::CategoryUnknown), |count| {
        tell.say_with(Word::Other, &[("count", &count.to_string())])
    });
    if parts.is_empty() {
        return canvas.nothing(Word::TooFew);
    }
    let value: Paise = parts.iter().map(|(_, value)| *value).sum();
    let dates = tell.dates(account.nav_dates);
    canvas.line(&rupees(value), Weight::Bold, 88.0, INK);
    let as_of = tell.say_with(Word::AsOf, &[("date", &dates)]);
    canvas.line(&as_of, Weight::Regular, 36.0, GREY);
    let values: Vec<_> = parts.iter().map(|(_, value)| *value).collect();
    let shares = tenths(&values);
    let list: Vec<_> = parts
        .iter()
        .zip(&shares)
        .map(|((name, value), share)| format!("{name} {} ({})", percent(*share), rupees(*value)))
        .collect();
    let said = [
        ("title", &*title),
        ("date", &dates),
        ("value", &rupees(value)),
        ("list", &list.join("; ")),
    ];
    let caption = tell.say_with(Word::CaptionAllocation, &said);
    let subject = Subject::Holdings {
        shows_return: false,
    };
    canvas.finish(subject, caption, |canvas, area| {
        plot(canvas, area, &parts, &shares);
    })
}

/// Returns the parts with a value, largest first, the smallest ones as one.
pub(super) fn parts(
    account: &Account,
    by: By,
    unknown: &str,
    other: impl Fn(usize) -> String,
) -> Vec<(String, Paise)> {
    let mut parts: Vec<(String, Paise)> = Vec::new();
    for holding in &account.holdings {
        let Some(value) = holding.value.filter(|value| value.0 > 0) else {
            continue;
        };
        let name = match by {
            By::Category => holding.category.as_deref().unwrap_or(unknown),
            By::Amc => &holding.amc,
        };
        match parts.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum = *sum + value,
            None => parts.push((name.to_owned(), value)),
        }
    }
    parts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if parts.len() > MOST {
        let rest = parts.split_off(MOST - 1);
        let sum = rest.iter().map(|(_, value)| *value).sum();
        parts.push((other(rest.len()), sum));
    }
    parts
}

fn plot(canvas: &mut Canvas<'_>, area: Area, parts: &[(String, Paise)], shares: &[i64]) {
    const BAR: f32 = 26.0;
    let text = (ABOVE + BELOW) * LABEL;
    #[expect(clippy::cast_precision_loss, reason = "there are at most eight parts")]
    let step = (area.height / parts.len() as f32).min(text + BAR + 34.0);
    let largest = parts.iter().map(|(_, value)| value.0).max().unwrap_or(1);
    let mut top = area.y;
    for ((name, value), tenths) in parts.iter().zip(shares) {
        let figures = format!("{} · {}", percent(*tenths), inr_short(value.rupees()));
        let figures = Text::new(&figures, Weight::Bold, LABEL, INK);
        let baseline = top + ABOVE * LABEL;
        let room = INNER - figures.width() - 24.0;
        let size = LABEL.max(SMALL);
        let name = clip(name, Weight::Regular, room / size);
        canvas
            .sheet
            .text(Text::new(&name, Weight::Regular, size, INK).at(MARGIN, baseline));
        canvas
            .sheet
            .text(figures.right_at(MARGIN + INNER, baseline));
        let track = Area {
            x: MARGIN,
            y: top + text,
            width: INNER,
            height: BAR,
        };
        canvas.sheet.fill(track, ACCENT_LIGHT);
        let bar = Area {
            width: share(value.0, largest) * INNER,
            ..track
        };
        canvas.sheet.fill(bar, ACCENT);
        top += step;
    }
}
