//! What Meta takes and hands out as media: types, sizes, and whether a file is what it
//! says (<https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>).

use super::MediaKind;

const KB: usize = 1024;
const MB: usize = 1024 * KB;

/// A file to send or a file that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Media type, without parameters.
    pub mime: String,
    /// What it is called; says nothing about whose it is.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a file cannot go over WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// WhatsApp has no such media.
    #[error("whatsapp takes no files of type {0}")]
    Type(String),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large for its kind.
    #[error("the file has {size} bytes, {most} are allowed of its kind")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The most there may be.
        most: usize,
    },
    /// Its first bytes are those of something else.
    #[error("the file says {said} and is something else")]
    Disguised {
        /// What it says.
        said: String,
    },
}

/// The types Meta lists, by kind, with how such a file begins.
const TYPES: &[(MediaKind, &str, Begins)] = &[
    (
        MediaKind::Image,
        "image/jpeg",
        Begins::With(b"\xFF\xD8\xFF"),
    ),
    (
        MediaKind::Image,
        "image/png",
        Begins::With(b"\x89PNG\r\n\x1A\n"),
    ),
    (
        MediaKind::Audio,
        "audio/aac",
        Begins::Any(&[b"\xFF\xF1", b"\xFF\xF9"]),
    ),
    (MediaKind::Audio, "audio/amr", Begins::With(b"#!AMR")),
    (
        MediaKind::Audio,
        "audio/mpeg",
        Begins::Any(&[b"ID3", b"\xFF\xFB", b"\xFF\xF3", b"\xFF\xF2"]),
    ),
    (MediaKind::Audio, "audio/mp4", Begins::At(4, b"ftyp")),
    (MediaKind::Audio, "audio/ogg", Begins::With(b"OggS")),
    (MediaKind::Video, "video/mp4", Begins::At(4, b"ftyp")),
    (MediaKind::Video, "video/3gpp", Begins::At(4, b"ftyp")),
    (
        MediaKind::Document,
        "application/pdf",
        Begins::With(b"%PDF-"),
    ),
    (MediaKind::Document, "text/plain", Begins::AsText),
    (MediaKind::Document, "application/msword", Begins::With(OLE)),
    (
        MediaKind::Document,
        "application/vnd.ms-excel",
        Begins::With(OLE),
    ),
    (
        MediaKind::Document,
        "application/vnd.ms-powerpoint",
        Begins::With(OLE),
    ),
    (
        MediaKind::Document,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Begins::With(ZIP),
    ),
    (
        MediaKind::Document,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Begins::With(ZIP),
    ),
    (
        MediaKind::Document,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Begins::With(ZIP),
    ),
    (MediaKind::Sticker, "image/webp", Begins::At(8, b"WEBP")),
];

const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const ZIP: &[u8] = b"PK\x03\x04";

/// How a file of a type begins.
enum Begins {
    With(&'static [u8]),
    Any(&'static [&'static [u8]]),
    At(usize, &'static [u8]),
    /// Nothing in it is a control character that no text has.
    AsText,
}

impl Begins {
    fn fits(&self, bytes: &[u8]) -> bool {
        match self {
            Self::With(start) => bytes.starts_with(start),
            Self::Any(starts) => starts.iter().any(|start| bytes.starts_with(start)),
            Self::At(place, mark) => bytes.get(*place..).is_some_and(|b| b.starts_with(mark)),
            Self::AsText => {
                let is_odd = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r');
                !bytes.iter().take(4 * KB).any(is_odd)
            }
        }
    }
}

/// Returns the type without its parameters, in lower case (`audio/ogg; codecs=opus`).
pub fn bare_type(mime: &str) -> String {
    let bare = mime.split(';').next().unwrap_or("");
    bare.trim().to_ascii_lowercase()
}

/// Returns which kind of message a file of this type is sent as.
pub fn kind_of(mime: &str) -> Option<MediaKind> {
    entry(mime).map(|(kind, _, _)| *kind)
}

/// Returns how many bytes a file of this kind may have at most. Of stickers the moving
/// ones may be larger, and which they are is not looked into.
pub const fn most(kind: MediaKind) -> usize {
    match kind {
        MediaKind::Image => 5 * MB,
        MediaKind::Audio | MediaKind::Video => 16 * MB,
        MediaKind::Document => 100 * MB,
        MediaKind::Sticker => 500 * KB,
    }
}

/// Checks that a file is of a type and size WhatsApp takes, and begins as its type says.
pub fn check(mime: &str, bytes: &[u8]) -> Result<MediaKind, Unfit> {
    let bare = bare_type(mime);
    let Some((kind, _, begins)) = entry(&bare) else {
        return Err(Unfit::Type(bare));
    };
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    let (size, most) = (bytes.len(), most(*kind));
    if size > most {
        return Err(Unfit::TooLarge { size, most });
    }
    if !begins.fits(bytes) {
        return Err(Unfit::Disguised { said: bare });
    }
    Ok(*kind)
}

fn entry(mime: &str) -> Option<&'static (MediaKind, &'static str, Begins)> {
    let bare = bare_type(mime);
    TYPES.iter().find(|(_, listed, _)| *listed == bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_type_is_taken_as_its_kind_and_recognised_by_how_it_begins() {
        let files: [(&str, MediaKind, &[u8]); 11] = [
            ("image/jpeg", MediaKind::Image, b"\xFF\xD8\xFF\xE0"),
            ("image/png", MediaKind::Image, b"\x89PNG\r\n\x1A\n"),
            ("audio/ogg; codecs=opus", MediaKind::Audio, b"OggS\0"),
            ("Audio/MPEG", MediaKind::Audio, b"ID3\x04"),
            ("audio/amr", MediaKind::Audio, b"#!AMR\n"),
            ("video/mp4", MediaKind::Video, b"\0\0\0\x18ftypmp42"),
            ("application/pdf", MediaKind::Document, b"%PDF-1.7"),
            ("text/plain", MediaKind::Document, "नमस्ते\n".as_bytes()),
            ("application/msword", MediaKind::Document, OLE),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                MediaKind::Document,
                ZIP,
            ),
            ("image/webp", MediaKind::Sticker, b"RIFF\0\0\0\0WEBPVP8 "),
        ];
        for (mime, kind, bytes) in files {
            assert_eq!(check(mime, bytes), Ok(kind), "{mime}");
            assert_eq!(kind_of(mime), Some(kind), "{mime}");
            let disguised = check(mime, b"MZ\x90\x00\x03");
            assert!(matches!(disguised, Err(Unfit::Disguised { .. })), "{mime}");
        }
    }

    #[test]
    fn what_is_not_listed_is_empty_or_too_large_is_refused() {
        for mime in [
            "text/calendar",
            "image/svg+xml",
            "text/html",
            "application/zip",
            "",
        ] {
            assert_eq!(check(mime, b"PK\x03\x04"), Err(Unfit::Type(mime.into())));
            assert_eq!(kind_of(mime), None);
        }
        assert_eq!(check("image/png", b""), Err(Unfit::Empty));
        for (mime, start, most) in [
            ("image/jpeg", &b"\xFF\xD8\xFF"[..], 5 * MB),
            ("audio/ogg", b"OggS", 16 * MB),
            ("video/mp4", b"\0\0\0\x18ftyp", 16 * MB),
            ("image/webp", b"RIFF\0\0\0\0WEBP", 500 * KB),
        ] {
            let mut bytes = start.to_vec();
            bytes.resize(most, 0);
            assert!(check(mime, &bytes).is_ok(), "{mime}");
            bytes.push(0);
            let size = most + 1;
            assert_eq!(check(mime, &bytes), Err(Unfit::TooLarge { size, most }));
        }
    }
}
