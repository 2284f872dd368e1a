//! The file of a template: one for each, all its languages in it.
//!
//! First what holds for every language, a `key: value` a line (`category`, `expires`, and
//! `sample PLACE`); then each language under its code in brackets, with lines of its own
//! (`header`, `footer`, `button`, `sample PLACE`) and, after an empty line, the words.
//! `header image`, `header video` or `header document` names a file that stands above them
//! instead of a line. A `card` begins a card of a carousel and names its picture or video; the
//! `card body` and `card button` lines behind it are that card's.

use std::collections::BTreeMap;
use std::fmt;

use super::button::{self, Button};
use super::card::Card;
use super::definition::{Category, Content, Definition, HeaderFormat};
use crate::whatsapp::MediaKind;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A definition, and the lines its parts stand in.
#[derive(Debug, Clone)]
pub struct Located {
    /// The definition.
    pub definition: Definition,
    /// The file.
    pub file: String,
    /// Line of each part by its key; `body` is where the words begin.
    pub lines: BTreeMap<String, usize>,
}

impl Located {
    /// Returns a fault of a part of it.
    pub(super) fn fault(&self, part: &str, what: impl Into<String>) -> Fault {
        let known = self.lines.get(part).or_else(|| self.lines.get("body"));
        Fault {
            file: self.file.clone(),
            line: known.copied().unwrap_or(1),
            what: format!("{} {part}: {}", self.definition.language, what.into()),
        }
    }
}

/// Reads a file; the name of the template is that of the file.
pub fn parse(file: &str, text: &str) -> Result<Vec<Located>, Fault> {
    let fault = |line: usize, what: String| Fault {
        file: file.to_owned(),
        line,
        what,
    };
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.strip_suffix(".txt").unwrap_or(name);
    let mut common = Part::default();
    let mut languages: Vec<(String, Part)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let code = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(code) = code {
            if languages.iter().any(|(known, _)| known == code) {
                return Err(fault(
                    number,
                    format!("the language {code} stands here twice"),
                ));
            }
            let part = Part {
                line: number,
                ..Part::default()
            };
            languages.push((code.to_owned(), part));
            continue;
        }
        let part = languages.last_mut().map_or(&mut common, |(_, part)| part);
        part.take(number, line)
            .map_err(|what| fault(number, what))?;
    }
    let category = common.keys.remove("category");
    let (at, word) = category.ok_or_else(|| {
        fault(
            1,
            "the category is missing: marketing, utility or authentication".to_owned(),
        )
    })?;
    let category = Category::parse(&word).ok_or_else(|| {
        fault(
            at,
            format!("the category is marketing, utility or authentication, not `{word}`"),
        )
    })?;
    let expires = match common.keys.remove("expires") {
        Some((at, minutes)) => Some(minutes.parse().map_err(|_| {
            fault(
                at,
                format!("expires is a number of minutes, not `{minutes}`"),
            )
        })?),
        None => None,
    };
    let keys = common.keys.iter().map(|(key, (at, _))| (*at, key.as_str()));
    let buttons = common.buttons.iter().map(|(at, _)| (*at, "button"));
    let cards = common.cards.iter().map(|card| (card.line, "card"));
    let medium = common.medium.iter().map(|above| (above.line, "header"));
    if let Some((at, key)) = keys.chain(buttons).chain(cards).chain(medium).next() {
        let what = format!("`{key}` belongs below a language, such as [en]");
        return Err(fault(at, what));
    }
    if languages.is_empty() {
        return Err(fault(
            1,
            "there is no language: begin one with [en]".to_owned(),
        ));
    }
    let read = |(language, part): (String, Part)| {
        part.located(file, name, &language, (category, expires), &common)
    };
    languages
        .into_iter()
        .map(|one| read(one).map_err(|(line, what)| fault(line, what)))
        .collect()
}

/// What stands at the top of a file, or below a language.
#[derive(Default)]
struct Part {
    line: usize,
    keys: BTreeMap<String, (usize, String)>,
    samples: BTreeMap<String, (usize, String)>,
    buttons: Vec<(usize, Button)>,
    cards: Vec<CardPart>,
    /// The picture, video or document above the words.
    medium: Option<Above>,
    /// The words, once an empty line was seen.
    words: Option<(usize, Vec<String>)>,
}

/// A file above the words, and the line that names it.
struct Above {
    line: usize,
    kind: MediaKind,
    file: String,
}

/// Reads the word behind `header`.
fn above(word: &str) -> Option<MediaKind> {
    MediaKind::parse(word).filter(|kind| {
        matches!(
            kind,
            MediaKind::Image | MediaKind::Video | MediaKind::Document
        )
    })
}

/// A card, and the lines it stands in.
struct CardPart {
    line: usize,
    card: Card,
    file: String,
    /// Line of its words.
    body: Option<usize>,
    /// Lines of its buttons.
    buttons: Vec<usize>,
}

impl CardPart {
    fn begin(line: usize, value: &str) -> Result<Self, String> {
        let (kind, file) = value.split_once(' ').unwrap_or((value, ""));
        let header = MediaKind::parse(kind)
            .filter(|kind| matches!(kind, MediaKind::Image | MediaKind::Video));
        let file = file.trim();
        if header.is_none() || file.is_empty() {
            return Err("a card is `image NAME` or `video NAME`".to_owned());
        }
        Ok(Self {
            line,
            card: Card {
                header,
                body: String::new(),
                buttons: Vec::new(),
            },
            file: file.to_owned(),
            body: None,
            buttons: Vec::new(),
        })
    }

    fn take(&mut self, line: usize, key: &str, value: String) -> Result<(), String> {
        match key {
            "body" if self.body.is_some() => Err("this card has two bodies".to_owned()),
            "body" => {
                self.body = Some(line);
                self.card.body = value;
                Ok(())
            }
            "button" => {
                self.buttons.push(line);
                self.card.buttons.push(button::read(&value)?);
                Ok(())
            }
            other => Err(format!(
                "there is no `card {other}`; known are card, card body and card button"
            )),
        }
    }

    /// Notes the lines of the card with this number.
    fn locate(&self, number: usize, lines: &mut BTreeMap<String, usize>) {
        lines.insert(format!("card {number}"), self.line);
        let body = self.body.unwrap_or(self.line);
        lines.insert(format!("card {number} body"), body);
        for (at, line) in (1..).zip(&self.buttons) {
            lines.insert(format!("card {number} button {at}"), *line);
        }
    }
}

impl Part {
    fn take(&mut self, number: usize, line: &str) -> Result<(), String> {
        if let Some((at, words)) = &mut self.words {
            if words.is_empty() {
                *at = number;
            }
            words.push(line.to_owned());
            return Ok(());
        }
        if line.trim().is_empty() {
            if self.line > 0 {
                self.words = Some((number, Vec::new()));
            }
            return Ok(());
        }
        let (key, value) = line
            .split_once(':')
            .map(|(key, value)| (key.trim(), value.trim().to_owned()))
            .ok_or("a line here is `key: value`; the words begin after an empty line")?;
        if value.is_empty() {
            return Err(format!("`{key}` is empty"));
        }
        let is_twice = match key.split_once(' ') {
            Some(("sample", place)) => {
                let place = place.to_owned();
                self.samples.insert(place, (number, value)).is_some()
            }
            Some(("header", word)) if above(word).is_some() => {
                let medium = above(word).map(|kind| Above {
                    line: number,
                    kind,
                    file: value,
                });
                std::mem::replace(&mut self.medium, medium).is_some()
            }
            Some(("card", part)) => {
                let card = self.cards.last_mut();
                let card = card.ok_or_else(|| format!("`{key}` belongs below a `card`"))?;
                card.take(number, part, value)?;
                false
            }
            None if key == "card" => {
                self.cards.push(CardPart::begin(number, &value)?);
                false
            }
            None if key == "button" => {
                self.buttons.push((number, button::read(&value)?));
                false
            }
            None if matches!(key, "category" | "expires" | "header" | "footer") => {
                self.keys.insert(key.to_owned(), (number, value)).is_some()
            }
            _ => {
                return Err(format!(
                    "there is no `{key}` here; known are category, expires, sample PLACE, \
                     header, header image, header video, header document, footer, button and card"
                ));
            }
        };
        if is_twice {
            return Err(format!("`{key}` stands here twice"));
        }
        Ok(())
    }

    fn located(
        mut self,
        file: &str,
        name: &str,
        language: &str,
        (category, expires): (Category, Option<u32>),
        common: &Self,
    ) -> Result<Located, (usize, String)> {
        let mut lines = BTreeMap::new();
        let mut samples = BTreeMap::new();
        for (place, (at, sample)) in common.samples.iter().chain(&self.samples) {
            lines.insert(format!("sample {place}"), *at);
            samples.insert(place.clone(), sample.clone());
        }
        let mut part = |key: &str| {
            let found = self.keys.remove(key);
            found.map(|(at, value)| {
                lines.insert(key.to_owned(), at);
                value
            })
        };
        let (line, footer) = (part("header"), part("footer"));
        let header = match (line, &self.medium) {
            (Some(_), Some(above)) => {
                let what = "above the words stands a line or a file, not both";
                return Err((above.line, what.to_owned()));
            }
            (None, Some(above)) => {
                lines.insert("header".to_owned(), above.line);
                Some(HeaderFormat::Media(above.kind))
            }
            (line, None) => line.map(HeaderFormat::Text),
        };
        if let Some((key, (at, _))) = self.keys.iter().next() {
            return Err((*at, format!("`{key}` belongs at the top of the file")));
        }
        let (at, words) = self.words.unwrap_or((self.line, Vec::new()));
        lines.insert("body".to_owned(), at);
        for (at, (line, _)) in self.buttons.iter().enumerate() {
            lines.insert(format!("button {}", at + 1), *line);
        }
        for (number, card) in (1..).zip(&self.cards) {
            card.locate(number, &mut lines);
        }
        let medium = self.medium.into_iter().map(|above| above.file);
        let of_cards = self.cards.iter().map(|card| card.file.clone());
        let files = medium.chain(of_cards).collect();
        Ok(Located {
            file: file.to_owned(),
            lines,
            definition: Definition {
                name: name.to_owned(),
                language: language.to_owned(),
                category,
                content: Content {
                    header,
                    body: words.join("\n").trim().to_owned(),
                    footer,
                    buttons: self.buttons.into_iter().map(|(_, button)| button).collect(),
                    cards: self.cards.into_iter().map(|card| card.card).collect(),
                    expires,
                },
                samples,
                files,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "category: utility\nsample date: 05-Sep-2026\n\n[en]\nbutton: quick_reply Go on\n\nOn {{date}}\nit was.\n\n[hi]\nsample date: 5 सितंबर\n\n{{date}} को।\n";

    #[test]
    fn a_file_holds_every_language_with_its_own_words_and_samples() {
        let read = parse("templates/meta/it_was.txt", FILE).unwrap();
        let [en, hi] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(en.definition.name, "it_was");
        assert_eq!(en.definition.content.body, "On {{date}}\nit was.");
        assert_eq!(en.definition.samples["date"], "05-Sep-2026");
        assert_eq!(en.lines["body"], 7);
        assert_eq!(hi.definition.samples["date"], "5 सितंबर");
        assert!(hi.definition.content.buttons.is_empty());
    }

    #[test]
    fn a_picture_video_or_document_above_the_words_is_read_with_its_file() {
        for (word, file, kind) in [
            ("image", "calculator", MediaKind::Image),
            ("video", "tour.mp4", MediaKind::Video),
            ("document", "statement.pdf", MediaKind::Document),
        ] {
            let text = format!("category: utility\n[en]\nheader {word}: {file}\n\nIt is here.");
            let read = parse("f.txt", &text).unwrap();
            let one = &read[0].definition;
            assert_eq!(one.content.header, Some(HeaderFormat::Media(kind)));
            assert_eq!(one.files, [file]);
        }
    }

    #[test]
    fn a_fault_names_its_line_and_what_to_write_instead() {
        for (text, line, part) in [
            ("[en]\n\nHello there.", 1, "category is missing"),
            ("category: news\n[en]\n\nHello.", 1, "not `news`"),
            ("category: utility\n", 1, "no language"),
            (
                "category: utility\nheader: x\n[en]\n\nHello.",
                2,
                "below a language",
            ),
            ("category: utility\n[en]\n\na\n[en]\n\nb", 5, "twice"),
            (
                "category: utility\n[en]\ncolour: red\n\na",
                3,
                "no `colour`",
            ),
            (
                "category: utility\n[en]\nbutton: call me\n\na",
                3,
                "quick_reply",
            ),
            (
                "category: utility\n[en]\nbutton: phone_number +919812345678\n\na",
                3,
                "phone_number NUMBER LABEL",
            ),
            (
                "category: utility\nbutton: quick_reply Go\n[en]\n\na",
                2,
                "below a language",
            ),
            (
                "category: marketing\ncard: image a\n[en]\n\na",
                2,
                "below a language",
            ),
            (
                "category: marketing\n[en]\ncard: document a\n\na",
                3,
                "`image NAME`",
            ),
            (
                "category: marketing\n[en]\ncard: image\n\na",
                3,
                "`image NAME`",
            ),
            (
                "category: marketing\n[en]\ncard body: x\n\na",
                3,
                "below a `card`",
            ),
            (
                "category: marketing\n[en]\ncard: image a\ncard footer: x\n\na",
                4,
                "no `card footer`",
            ),
            (
                "category: marketing\n[en]\ncard: image a\ncard body: x\ncard body: y\n\na",
                5,
                "two bodies",
            ),
            (
                "category: utility\n[en]\nheader: x\nheader image: y\n\na",
                4,
                "not both",
            ),
            (
                "category: utility\nheader image: y\n[en]\n\na",
                2,
                "below a language",
            ),
            (
                "category: utility\n[en]\nheader image: y\nheader video: z.mp4\n\na",
                4,
                "twice",
            ),
            (
                "category: utility\n[en]\nheader audio: z\n\na",
                3,
                "header document",
            ),
            ("category: utility\n[en]\nJust words", 3, "empty line"),
            ("category: utility\n[en]\nsample a:\n\na", 3, "empty"),
            (
                "category: authentication\nexpires: soon\n[en]\n\na",
                2,
                "minutes",
            ),
        ] {
            let fault = parse("f.txt", text).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(fault.what.contains(part), "{fault}");
        }
    }
}
