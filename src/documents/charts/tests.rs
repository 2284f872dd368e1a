use jiff::civil::date;
use proptest::prelude::*;

use super::scale::{Axis, percent, tenths};
use super::{allocation, growth, value};
use crate::documents::facts::{Account, By, Growth, Point};
use crate::documents::layout::sheet::{ACCENT, Area, Color, Mark, SECOND, Sheet, faults};
use crate::documents::samples;
use crate::investing::money::Paise;
use crate::language::Language;

fn bars(sheet: &Sheet, color: Color) -> Vec<Area> {
    let fills = sheet.marks.iter().filter_map(|mark| match mark {
        Mark::Fill(area, filled) if *filled == color && area.y > 20.0 => Some(*area),
        _ => None,
    });
    // The square of the legend comes first.
    fills.collect()
}

#[test]
fn bars_are_as_high_as_their_figures() {
    let points = [
        Point {
            date: date(2025, 3, 1),
            invested: Paise(1_000_000),
            value: Paise(2_500_000),
        },
        Point {
            date: date(2026, 3, 1),
            invested: Paise(2_000_000),
            value: Paise(5_000_000),
        },
    ];
    let facts = Growth {
        points: points.into(),
        ..Growth::default()
    };
    let picture = growth(&samples::occasion(Language::En), &facts);
    let (invested, values) = (bars(&picture.sheet, SECOND), bars(&picture.sheet, ACCENT));
    let heights: Vec<f32> = invested[1..]
        .iter()
        .chain(&values[1..])
        .map(|bar| bar.height)
        .collect();
    for (height, rupees) in heights.iter().zip([10.0, 20.0, 25.0, 50.0]) {
        let expected = heights[3] * rupees / 50.0;
        assert!((height - expected).abs() < 0.05, "{heights:?}");
    }
    let bottoms: Vec<f32> = invested[1..]
        .iter()
        .chain(&values[1..])
        .map(Area::bottom)
        .collect();
    assert!(bottoms.iter().all(|b| (b - bottoms[0]).abs() < 0.01));
}

#[test]
fn a_bar_of_allocation_is_as_long_as_its_part_and_the_parts_make_the_whole() {
    let account = samples::account(40);
    let occasion = samples::occasion(Language::En);
    let picture = allocation(&occasion, &account, By::Amc);
    let parts = super::allocation::parts(&account, By::Amc, "?", |n| format!("{n} more"));
    let whole: i64 = account
        .holdings
        .iter()
        .filter_map(|h| h.value)
        .map(|v| v.0)
        .sum();
    assert_eq!(parts.iter().map(|(_, v)| v.0).sum::<i64>(), whole);
    let bars = bars(&picture.sheet, ACCENT);
    assert_eq!(bars.len(), parts.len());
    let largest = parts.iter().map(|(_, v)| v.0).max().unwrap();
    for (bar, (name, value)) in bars.iter().zip(&parts) {
        let expected = super::scale::share(value.0, largest) * super::canvas::INNER;
        assert!((bar.width - expected).abs() < 0.01, "{name}");
        let said = crate::documents::content::rupees(*value);
        assert!(picture.caption.contains(&said), "{said}");
    }
}

#[test]
fn the_line_of_value_ends_where_its_last_figure_stands() {
    let points = samples::points(400);
    let picture = value(&samples::occasion(Language::En), &points);
    let line = picture.sheet.marks.iter().find_map(|mark| match mark {
        Mark::Line { points, color, .. } if *color == ACCENT => Some(points.clone()),
        _ => None,
    });
    let line = line.unwrap();
    assert_eq!(line.len(), points.len());
    let base = picture.sheet.marks.iter().find_map(|mark| match mark {
        Mark::Shape { points, .. } => points.last().copied(),
        _ => None,
    });
    let (left, base) = base.unwrap();
    // Heights over the base are as the values are, for all points alike.
    let unit = (base - line[0].1) / share_of(points[0].value);
    for (at, point) in line.iter().zip(&points) {
        let expected = base - unit * share_of(point.value);
        assert!((at.1 - expected).abs() < 0.1);
    }
    assert!((line[0].0 - left).abs() < 0.01);
    for said in [
        crate::documents::content::rupees(points[399].value),
        crate::documents::content::rupees(points[399].invested),
    ] {
        assert!(picture.caption.contains(&said));
        assert!(picture.sheet.texts().any(|t| t.text.contains(&said)));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a measure in a test")]
fn share_of(value: Paise) -> f32 {
    value.0 as f32 / 1_000_000.0
}

#[test]
fn nothing_on_a_picture_is_cut_off_covered_or_too_small_to_read() {
    for language in Language::ALL {
        let occasion = samples::occasion(language);
        let mut pictures = vec![
            value(&occasion, &samples::points(800)),
            value(&occasion, &[]),
            growth(&occasion, &samples::growth(60, 2)),
            growth(&occasion, &samples::growth(1, 0)),
            growth(&occasion, &Growth::default()),
        ];
        for (count, by) in [
            (0, By::Amc),
            (1, By::Category),
            (40, By::Category),
            (40, By::Amc),
        ] {
            pictures.push(allocation(&occasion, &samples::account(count), by));
        }
        pictures.push(allocation(&occasion, &Account::default(), By::Amc));
        for picture in pictures {
            assert_eq!(faults(&picture.sheet, 40.0), Vec::<String>::new());
            assert!(picture.sheet.texts().all(|text| text.size >= 30.0));
            assert!(!picture.caption.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn parts_of_a_hundred_percent_add_up(values in prop::collection::vec(1_i64..1_000_000_000_000, 1..30)) {
        let values: Vec<_> = values.into_iter().map(Paise).collect();
        let parts = tenths(&values);
        prop_assert_eq!(parts.iter().sum::<i64>(), 1_000);
        let whole: i128 = values.iter().map(|v| i128::from(v.0)).sum();
        for (value, part) in values.iter().zip(parts) {
            let exact = i128::from(value.0) * 1_000;
            prop_assert!((i128::from(part) * whole - exact).abs() < whole);
        }
    }

    #[test]
    fn an_axis_holds_zero_and_every_value_in_few_round_steps(
        values in prop::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000_000, 0..20),
    ) {
        let axis = Axis::holding(values.iter().copied().map(Paise));
        let lines: Vec<_> = axis.lines().collect();
        prop_assert!((2..=6).contains(&lines.len()));
        prop_assert!(lines.contains(&Paise(0)));
        for value in values {
            prop_assert!(axis.low <= value && value <= axis.high);
        }
        let plot = Area { x: 0.0, y: 100.0, width: 10.0, height: 400.0 };
        prop_assert!((axis.y(plot, Paise(axis.low)) - 500.0).abs() < 0.01);
        prop_assert!((axis.y(plot, Paise(axis.high)) - 100.0).abs() < 0.01);
    }
}

#[test]
fn tenths_are_written_as_percent() {
    assert_eq!(
        (percent(1_000), percent(7)),
        ("100.0%".to_owned(), "0.7%".to_owned())
    );
}

#[test]
fn no_line_is_drawn_over_days_without_navs() {
    let mut points = samples::points(60);
    let lines = |points: &[Point]| {
        let picture = value(&samples::occasion(Language::En), points);
        let is_value = |mark: &&Mark| matches!(mark, Mark::Line { color, .. } if *color == ACCENT);
        let count = picture.sheet.marks.iter().filter(is_value).count();
        (count, picture.caption)
    };
    let (one, caption) = lines(&points);
    assert_eq!(one, 1);
    assert!(!caption.contains("missing"), "{caption}");
    points.drain(20..40);
    // One day stands alone.
    points.drain(21..38);
    let (parts, caption) = lines(&points);
    assert_eq!(parts, 3, "before, alone, after");
    assert!(caption.contains("NAVs are missing"), "{caption}");
}
