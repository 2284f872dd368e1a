//! Meta's limits on messages
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/messages>).

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Button, Outgoing, Section, cards, shorten};

const TEXT_BODY: usize = 4096;
/// Above buttons, a link or a request.
const BUTTONS_BODY: usize = 1024;
const LIST_BODY: usize = 4096;
const FOOTER: usize = 60;
const BUTTONS: usize = 3;
pub(super) const BUTTON_TITLE: usize = 20;
pub(super) const BUTTON_ID: usize = 256;
const SECTIONS: usize = 10;
const ROWS: usize = 10;
const SECTION_TITLE: usize = 24;
const ROW_TITLE: usize = 24;
const ROW_DESCRIPTION: usize = 72;
const ROW_ID: usize = 200;
const FORM_NAME: usize = 200;
const FORM_TOKEN: usize = 1024;
const LINK: usize = 2000;
const MESSAGE_ID: usize = 512;

/// What Meta would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverLimit {
    /// A text is too long.
    #[error("{field} has {length} characters, {limit} are allowed")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// Its length in characters.
        length: usize,
        /// The most it may have.
        limit: usize,
    },
    /// There are too many of something.
    #[error("{count} {field}, {limit} are allowed")]
    TooMany {
        /// Of what.
        field: &'static str,
        /// How many.
        count: usize,
        /// The most there may be.
        limit: usize,
    },
    /// Something that is needed is not there.
    #[error("{field} must not be empty")]
    Empty {
        /// What.
        field: &'static str,
    },
    /// Something is not of the form Meta takes.
    #[error("{field} is not of the form Meta takes")]
    Malformed {
        /// What.
        field: &'static str,
    },
    /// Two siblings cannot be told apart.
    #[error("{field} is used twice")]
    Repeated {
        /// What they share.
        field: &'static str,
    },
}

impl Outgoing {
    /// Checks the message against every limit of its kind.
    pub fn check(&self) -> Result<(), OverLimit> {
        match self {
            Self::Text { body } => needed("body", body, TEXT_BODY),
            Self::Buttons {
                body,
                footer,
                buttons,
            } => {
                needed("body", body, BUTTONS_BODY)?;
                optional("footer", footer.as_ref(), FOOTER)?;
                check_buttons(buttons)
            }
            Self::List {
                body,
                footer,
                button,
                sections,
            } => {
                needed("body", body, LIST_BODY)?;
                optional("footer", footer.as_ref(), FOOTER)?;
                needed("list button", button, BUTTON_TITLE)?;
                check_sections(sections)
            }
            Self::Cards { body, cards } => {
                needed("body", body, BUTTONS_BODY)?;
                cards::check(cards)
            }
            Self::Form {
                body,
                button,
                name,
                token,
            } => {
                needed("body", body, BUTTONS_BODY)?;
                needed("form button", button, BUTTON_TITLE)?;
                needed("form name", name, FORM_NAME)?;
                needed("form token", token, FORM_TOKEN)
            }
            Self::Link {
                body,
                footer,
                title,
                url,
            } => {
                needed("body", body, BUTTONS_BODY)?;
                optional("footer", footer.as_ref(), FOOTER)?;
                needed("link title", title, BUTTON_TITLE)?;
                check_link(url)
            }
            Self::AskLocation { body } | Self::AskPhone { body } => {
                needed("body", body, BUTTONS_BODY)
            }
            Self::Media(media) => media.check(),
            Self::Reaction { to, emoji } => {
                needed("message id", to, MESSAGE_ID)?;
                emoji.as_deref().map_or(Ok(()), check_emoji)
            }
            Self::Quoting { wamid, message } => {
                needed("message id", wamid, MESSAGE_ID)?;
                match **message {
                    Self::Reaction { .. } | Self::Quoting { .. } => {
                        Err(OverLimit::Malformed { field: "quotation" })
                    }
                    _ => message.check(),
                }
            }
            Self::Template(template) => template.check(),
        }
    }

    /// Cuts labels (titles, descriptions, the list's button) to their limits, an
    /// ellipsis showing the cut. Bodies, footers and ids are left whole: they may
    /// carry figures and required words.
    #[must_use]
    pub fn fit(mut self) -> Self {
        match &mut self {
            Self::Form { button, .. } => cut(button, BUTTON_TITLE),
            Self::Cards { cards, .. } => cards::fit(cards),
            Self::Text { .. }
            | Self::AskLocation { .. }
            | Self::AskPhone { .. }
            | Self::Media(_)
            | Self::Reaction { .. }
            | Self::Template(_) => {}
            Self::Quoting { message, .. } => {
                let fitted = std::mem::replace(
                    message.as_mut(),
                    Self::Text {
                        body: String::new(),
                    },
                );
                **message = fitted.fit();
            }
            Self::Link { title, .. } => cut(title, BUTTON_TITLE),
            Self::Buttons { buttons, .. } => {
                for button in buttons {
                    cut(&mut button.title, BUTTON_TITLE);
                }
            }
            Self::List {
                button, sections, ..
            } => {
                cut(button, BUTTON_TITLE);
                for section in sections {
                    cut(&mut section.title, SECTION_TITLE);
                    for row in &mut section.rows {
                        cut(&mut row.title, ROW_TITLE);
                        if let Some(description) = &mut row.description {
                            cut(description, ROW_DESCRIPTION);
                        }
                    }
                }
            }
        }
        self
    }
}

fn check_buttons(buttons: &[Button]) -> Result<(), OverLimit> {
    between("buttons", buttons.len(), BUTTONS)?;
    for button in buttons {
        needed("button id", &button.id, BUTTON_ID)?;
        needed("button title", &button.title, BUTTON_TITLE)?;
    }
    different("button id", buttons.iter().map(|button| &button.id))?;
    different("button title", buttons.iter().map(|button| &button.title))
}

fn check_sections(sections: &[Section]) -> Result<(), OverLimit> {
    between("sections", sections.len(), SECTIONS)?;
    for section in sections {
        if section.title.is_empty() && sections.len() == 1 {
            continue;
        }
        needed("section title", &section.title, SECTION_TITLE)?;
    }
    if sections.iter().any(|section| section.rows.is_empty()) {
        return Err(OverLimit::Empty { field: "rows" });
    }
    let rows = || sections.iter().flat_map(|section| &section.rows);
    between("rows", rows().count(), ROWS)?;
    for row in rows() {
        needed("row id", &row.id, ROW_ID)?;
        needed("row title", &row.title, ROW_TITLE)?;
        optional("row description", row.description.as_ref(), ROW_DESCRIPTION)?;
    }
    different("row id", rows().map(|row| &row.id))
}

pub(super) fn needed(field: &'static str, text: &str, limit: usize) -> Result<(), OverLimit> {
    if text.trim().is_empty() {
        return Err(OverLimit::Empty { field });
    }
    let length = text.chars().count();
    if length > limit {
        return Err(OverLimit::TooLong {
            field,
            length,
            limit,
        });
    }
    Ok(())
}

pub(super) fn optional(
    field: &'static str,
    text: Option<&String>,
    limit: usize,
) -> Result<(), OverLimit> {
    text.map_or(Ok(()), |text| needed(field, text, limit))
}

fn between(field: &'static str, count: usize, limit: usize) -> Result<(), OverLimit> {
    match count {
        0 => Err(OverLimit::Empty { field }),
        _ if count > limit => Err(OverLimit::TooMany {
            field,
            count,
            limit,
        }),
        _ => Ok(()),
    }
}

pub(super) fn different<'a>(
    field: &'static str,
    mut names: impl Iterator<Item = &'a String>,
) -> Result<(), OverLimit> {
    let mut seen = HashSet::new();
    if names.all(|name| seen.insert(name)) {
        Ok(())
    } else {
        Err(OverLimit::Repeated { field })
    }
}

pub(super) fn check_link(url: &str) -> Result<(), OverLimit> {
    needed("link", url, LINK)?;
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    if is_page && !url.contains(char::is_whitespace) {
        Ok(())
    } else {
        Err(OverLimit::Malformed { field: "link" })
    }
}

/// One picture, however many parts it is made of; and no letter.
fn check_emoji(emoji: &str) -> Result<(), OverLimit> {
    let is_one = emoji.graphemes(true).count() == 1;
    if is_one
        && !emoji
            .chars()
            .any(|c| c.is_alphanumeric() && !c.is_ascii_digit())
        && !emoji.is_ascii()
    {
        Ok(())
    } else {
        Err(OverLimit::Malformed { field: "emoji" })
    }
}

pub(super) fn cut(text: &mut String, limit: usize) {
    *text = shorten(text, limit);
}

#[cfg(test)]
mod tests {
    use super::super::{Media, Row, Source};
    use super::*;
    use crate::whatsapp::MediaKind;

    fn button(id: &str, title: &str) -> Button {
        Button {
            id: id.into(),
            title: title.into(),
        }
    }

    fn buttons(body: &str, footer: Option<&str>, buttons: Vec<Button>) -> Outgoing {
        Outgoing::Buttons {
            body: body.into(),
            footer: footer.map(Into::into),
            buttons,
        }
    }

    fn row(id: &str, title: &str, description: Option<&str>) -> Row {
        Row {
            id: id.into(),
            title: title.into(),
            description: description.map(Into::into),
        }
    }

    fn section(title: &str, rows: Vec<Row>) -> Section {
        Section {
            title: title.into(),
            rows,
        }
    }

    fn list(button: &str, sections: Vec<Section>) -> Outgoing {
        Outgoing::List {
            body: "choose".into(),
            footer: None,
            button: button.into(),
            sections,
        }
    }

    fn rows(from: usize, to: usize) -> Vec<Row> {
        (from..to).map(|n| row(&n.to_string(), "t", None)).collect()
    }

    fn link(body: &str, footer: Option<&str>, title: &str) -> Outgoing {
        Outgoing::Link {
            body: body.into(),
            footer: footer.map(Into::into),
            title: title.into(),
            url: "https://example.in/a".into(),
        }
    }

    fn media(kind: MediaKind, caption: Option<&str>, file_name: Option<&str>) -> Outgoing {
        Outgoing::Media(Media {
            kind,
            source: Source::Kept("doc_1".into()),
            caption: caption.map(Into::into),
            file_name: file_name.map(Into::into),
        })
    }

    fn picture(caption: Option<&str>) -> Outgoing {
        media(MediaKind::Image, caption, None)
    }

    fn file(name: Option<&str>) -> Outgoing {
        media(MediaKind::Document, None, name)
    }

    /// A character of four bytes, so that a count of bytes would refuse too early.
    fn long(length: usize) -> String {
        "🪔".repeat(length)
    }

    #[test]
    fn every_length_is_allowed_at_its_limit_and_refused_beyond_it() {
        type Build = fn(&str) -> Outgoing;
        let fields: [(&str, usize, Build); 19] = [
            ("body", 4096, |t| Outgoing::Text { body: t.into() }),
            ("body", 1024, |t| buttons(t, None, vec![button("a", "A")])),
            ("footer", 60, |t| {
                buttons("b", Some(t), vec![button("a", "A")])
            }),
            ("button title", 20, |t| {
                buttons("b", None, vec![button("a", t)])
            }),
            ("button id", 256, |t| {
                buttons("b", None, vec![button(t, "A")])
            }),
            ("body", 4096, |t| Outgoing::List {
                body: t.into(),
                footer: None,
                button: "Menu".into(),
                sections: vec![section("", rows(0, 1))],
            }),
            ("list button", 20, |t| {
                list(t, vec![section("", rows(0, 1))])
            }),
            ("section title", 24, |t| {
                list("Menu", vec![section(t, rows(0, 1))])
            }),
            ("row title", 24, |t| {
                list("Menu", vec![section("", vec![row("a", t, None)])])
            }),
            ("row description", 72, |t| {
                list("Menu", vec![section("", vec![row("a", "A", Some(t))])])
            }),
            ("row id", 200, |t| {
                list("Menu", vec![section("", vec![row(t, "A", None)])])
            }),
            ("body", 1024, |t| link(t, None, "Open")),
            ("footer", 60, |t| link("b", Some(t), "Open")),
            ("link title", 20, |t| link("b", None, t)),
            ("body", 1024, |t| Outgoing::AskLocation { body: t.into() }),
            ("body", 1024, |t| Outgoing::AskPhone { body: t.into() }),
            ("caption", 1024, |t| picture(Some(t))),
            ("file name", 240, |t| file(Some(t))),
            ("message id", 512, |t| picture(None).quoting(t)),
        ];
        for (field, limit, build) in fields {
            assert_eq!(build(&long(limit)).check(), Ok(()), "{field}");
            let length = limit + 1;
            let refused = OverLimit::TooLong {
                field,
                length,
                limit,
            };
            assert_eq!(build(&long(length)).check(), Err(refused));
            if field != "section title" {
                assert_eq!(build(" ").check(), Err(OverLimit::Empty { field }));
            }
        }
    }

    #[test]
    fn every_count_has_its_bounds() {
        let many = |n: usize| {
            (0..n)
                .map(|n| button(&n.to_string(), &n.to_string()))
                .collect()
        };
        let sections = |n: usize| (0..n).map(|n| section("s", rows(n, n + 1))).collect();
        let too_many = |field, count, limit| {
            Err(OverLimit::TooMany {
                field,
                count,
                limit,
            })
        };
        let empty = |field| Err(OverLimit::Empty { field });
        let cases = [
            (buttons("b", None, many(0)), empty("buttons")),
            (buttons("b", None, many(3)), Ok(())),
            (buttons("b", None, many(4)), too_many("buttons", 4, 3)),
            (list("Menu", sections(0)), empty("sections")),
            (list("Menu", sections(10)), Ok(())),
            (list("Menu", sections(11)), too_many("sections", 11, 10)),
            (list("Menu", vec![section("", vec![])]), empty("rows")),
            (list("Menu", vec![section("", rows(0, 10))]), Ok(())),
            (
                list(
                    "Menu",
                    vec![section("s", rows(0, 6)), section("t", rows(6, 11))],
                ),
                too_many("rows", 11, 10),
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(message.check(), expected, "{message:?}");
        }
    }

    #[test]
    fn siblings_must_differ_and_several_sections_need_titles() {
        let repeated = |field| Err(OverLimit::Repeated { field });
        let twice = |a, b| buttons("b", None, vec![a, b]).check();
        assert_eq!(
            twice(button("a", "A"), button("b", "A")),
            repeated("button title")
        );
        assert_eq!(
            twice(button("a", "A"), button("a", "B")),
            repeated("button id")
        );
        let two = |a, b| list("Menu", vec![a, b]).check();
        assert_eq!(
            two(section("s", rows(0, 1)), section("t", rows(0, 1))),
            repeated("row id")
        );
        assert_eq!(
            two(section("s", rows(0, 1)), section("", rows(1, 2))),
            Err(OverLimit::Empty {
                field: "section title"
            })
        );
    }

    #[test]
    fn each_kind_of_message_is_held_to_its_own_rules() {
        let malformed = |field| Err(OverLimit::Malformed { field });
        let page = |url: &str| Outgoing::Link {
            body: "b".into(),
            footer: None,
            title: "Open".into(),
            url: url.into(),
        };
        let react = |emoji: Option<&str>| Outgoing::Reaction {
            to: "wamid.A".into(),
            emoji: emoji.map(Into::into),
        };
        let cases = [
            (page("https://example.in/a?b=1"), Ok(())),
            (page("javascript:alert(1)"), malformed("link")),
            (page("https://example.in/a b"), malformed("link")),
            (react(Some("👍🏽")), Ok(())),
            (react(Some("👨‍👩‍👧")), Ok(())),
            (react(None), Ok(())),
            (react(Some("👍👍")), malformed("emoji")),
            (react(Some("k")), malformed("emoji")),
            (react(Some("क")), malformed("emoji")),
            (react(Some("👍")).quoting("wamid.A"), malformed("quotation")),
            (
                picture(None).quoting("a").quoting("b"),
                malformed("quotation"),
            ),
            (file(None), Err(OverLimit::Empty { field: "file name" })),
            (
                media(MediaKind::Image, None, Some("a.png")),
                malformed("file name"),
            ),
            (
                media(MediaKind::Audio, Some("c"), None),
                malformed("caption"),
            ),
            (media(MediaKind::Sticker, None, None), Ok(())),
            (media(MediaKind::Video, Some("c"), None), Ok(())),
        ];
        for (message, expected) in cases {
            assert_eq!(message.check(), expected, "{message:?}");
        }
    }

    #[test]
    fn fitting_cuts_labels_by_characters_and_leaves_the_rest() {
        let name = "पराग पारिख फ्लेक्सी कैप फंड 🪔 प्रत्यक्ष वृद्धि";
        let message = Outgoing::List {
            body: long(5000),
            footer: None,
            button: long(30),
            sections: vec![section(name, vec![row("a", name, Some(&long(73)))])],
        };
        let Outgoing::List {
            body,
            button,
            sections,
            ..
        } = message.fit()
        else {
            panic!("another kind");
        };
        assert_eq!(body, long(5000));
        assert_eq!(button, format!("{}…", long(19)));
        let row = &sections[0].rows[0];
        assert!(row.title.chars().count() <= 24 && row.title.ends_with('…'));
        assert_eq!(row.description, Some(format!("{}…", long(71))));
        assert_eq!(list("Menu", sections).check(), Ok(()));
    }

    #[test]
    fn fitting_leaves_alone_what_fits() {
        let message = buttons("b", None, vec![button("a", &long(20)), button("b", "B")]);
        assert_eq!(message.clone().fit(), message);
    }
}
