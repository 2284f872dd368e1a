//! What every picture has: a head with the figure that matters, a plot, and a foot that
//! says whose it is and what the rules require.

use super::Picture;
use crate::documents::content::Teller;
use crate::documents::facts::Occasion;
use crate::documents::layout::lines::{clip, wrap};
use crate::documents::layout::sheet::{
    ABOVE, ACCENT, Area, BELOW, Color, GREY, INK, RULE, Sheet, Text, WHITE,
};
use crate::documents::layout::typeface::{Weight, width};
use crate::documents::words::Word;
use crate::investing::disclosures::{IDENTITY, Subject};

/// Width in pixels.
pub(super) const WIDTH: f32 = 1_080.0;
const HEIGHT: f32 = 1_440.0;
/// Free on each side.
pub(super) const MARGIN: f32 = 56.0;
/// Between the margins.
pub(super) const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// The smallest letters: 10 pixels on a screen 360 wide.
pub(super) const SMALL: f32 = 30.0;
/// Labels.
pub(super) const LABEL: f32 = 34.0;

/// A picture under way.
pub(super) struct Canvas<'a> {
    pub(super) tell: Teller<'a>,
    pub(super) sheet: Sheet,
    title: String,
    /// How far down it is full.
    pub(super) y: f32,
}

impl<'a> Canvas<'a> {
    /// Begins a picture with its title.
    pub(super) fn new(occasion: &'a Occasion, title: String) -> Self {
        let mut canvas = Self {
            tell: Teller { occasion },
            sheet: Sheet::new(WIDTH, HEIGHT),
            title,
            y: 0.0,
        };
        let paper = Area {
            x: 0.0,
            y: 0.0,
            width: WIDTH,
            height: HEIGHT,
        };
        canvas.sheet.fill(paper, WHITE);
        let band = Area {
            height: 14.0,
            ..paper
        };
        canvas.sheet.fill(band, ACCENT);
        canvas.y = 44.0;
        let title = canvas.title.clone();
        canvas.line(&title, Weight::Bold, 48.0, INK);
        canvas
    }

    /// Sets a line, smaller if it would not fit, and goes below it.
    pub(super) fn line(&mut self, text: &str, weight: Weight, size: f32, color: Color) {
        let size = size.min(INNER / width(text, weight).max(1.0)).max(SMALL);
        let text = clip(text, weight, INNER / size);
        let baseline = self.y + ABOVE * size;
        self.sheet
            .text(Text::new(&text, weight, size, color).at(MARGIN, baseline));
        self.y += (ABOVE + BELOW) * size + 8.0;
    }

    /// Sets a paragraph.
    pub(super) fn paragraph(&mut self, text: &str, size: f32, color: Color) {
        for line in wrap(text, Weight::Regular, INNER / size) {
            self.line(&line, Weight::Regular, size, color);
        }
    }

    /// Sets squares of colour with what they stand for.
    pub(super) fn legend(&mut self, entries: &[(Color, String)]) {
        self.y += 6.0;
        let baseline = self.y + ABOVE * LABEL;
        let mut x = MARGIN;
        for (color, name) in entries {
            let square = Area {
                x,
                y: baseline - 26.0,
                width: 28.0,
                height: 28.0,
            };
            let text = Text::new(name, Weight::Regular, LABEL, INK).at(x + 42.0, baseline);
            x += 42.0 + text.width() + 44.0;
            self.sheet.fill(square, *color);
            self.sheet.text(text);
        }
        self.y += (ABOVE + BELOW) * LABEL + 12.0;
    }

    /// Sets the foot and returns the picture with the area that is left for the plot
    /// given to `plot`.
    pub(super) fn finish(
        mut self,
        subject: Subject,
        caption: String,
        plot: impl FnOnce(&mut Self, Area),
    ) -> Picture {
        let occasion = self.tell.occasion;
        let mut lines: Vec<(String, Color, Weight)> = Vec::new();
        // A long name may be cut; the registration may not.
        let whose = clip(&occasion.distributor, Weight::Bold, INNER / SMALL);
        lines.push((whose, ACCENT, Weight::Bold));
        let identity = format!("{IDENTITY} · {}", occasion.arn);
        lines.push((identity, GREY, Weight::Regular));
        for text in self.tell.required(subject) {
            for line in wrap(&text, Weight::Regular, INNER / SMALL) {
                lines.push((line, GREY, Weight::Regular));
            }
        }
        let step = (ABOVE + BELOW) * SMALL + 3.0;
        #[expect(clippy::cast_precision_loss, reason = "a foot has few lines")]
        let top = HEIGHT - 26.0 - step * lines.len() as f32;
        self.sheet.rule(MARGIN, top - 14.0, INNER, 2.0, RULE);
        let mut baseline = top + ABOVE * SMALL;
        for (line, color, weight) in lines {
            self.sheet
                .text(Text::new(&line, weight, SMALL, color).at(MARGIN, baseline));
            baseline += step;
        }
        let area = Area {
            x: MARGIN,
            y: self.y + 16.0,
            width: INNER,
            height: top - 34.0 - (self.y + 16.0),
        };
        plot(&mut self, area);
        Picture {
            title: self.title,
            sheet: self.sheet,
            caption,
        }
    }

    /// Says in the plot's place that there is nothing to draw.
    pub(super) fn nothing(mut self, word: Word) -> Picture {
        let why = self.tell.say(word);
        self.y += 40.0;
        self.paragraph(&why, 42.0, GREY);
        let values = [("title", &*self.title.clone()), ("why", &why)];
        let caption = self.tell.say_with(Word::CaptionEmpty, &values);
        let subject = Subject::Holdings {
            shows_return: false,
        };
        self.finish(subject, caption, |_, _| {})
    }
}
