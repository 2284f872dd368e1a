//! What is taken in, and what becomes of a file that could not be had.

use crate::whatsapp::media::{self, File, Unfit};
use crate::whatsapp::{CallError, MediaKind, NotDownloaded};

const MB: usize = 1024 * 1024;
/// No file larger than this is taken in, whatever WhatsApp would carry: it is held in
/// memory while it is sealed.
const MOST: usize = 25 * MB;
/// Times a file may come with another checksum than it is said to have.
const CHECKSUM_TRIES: i64 = 3;
/// Characters of a type that are kept.
const TYPE_LENGTH: usize = 100;
/// Graph's code for what is not there (any more).
const NO_SUCH_FILE: i64 = 100;

/// Why a file is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// WhatsApp has no such type, or this service takes none.
    Type,
    /// There is nothing in it.
    Empty,
    /// It is larger than is taken in.
    TooLarge,
    /// It begins as something else does.
    Disguised,
    /// The message says another type than Meta does.
    OtherType,
    /// It never came as it was sent.
    Checksum,
    /// Meta names an address the token must not go to.
    Address,
    /// Meta does not have it (any more).
    GoneAtMeta,
}

impl Refusal {
    /// Returns its word on record.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::Disguised => "disguised",
            Self::OtherType => "other_type",
            Self::Checksum => "checksum",
            Self::Address => "address",
            Self::GoneAtMeta => "gone_at_meta",
        }
    }
}

impl From<&Unfit> for Refusal {
    fn from(unfit: &Unfit) -> Self {
        match unfit {
            Unfit::Type(_) => Self::Type,
            Unfit::Empty => Self::Empty,
            Unfit::TooLarge { .. } => Self::TooLarge,
            Unfit::Disguised { .. } => Self::Disguised,
        }
    }
}

/// Returns how many bytes a file of a kind may have at most.
pub(super) const fn most(kind: MediaKind) -> usize {
    let most = media::most(kind);
    if most < MOST { most } else { MOST }
}

/// Returns a type without its parameters and without anything that is in no type: it
/// comes from outside, and is shown to operators.
pub(super) fn tidy(mime: &str) -> String {
    let belongs = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '+' | '-' | '_');
    let bare = media::bare_type(mime);
    bare.chars().filter(belongs).take(TYPE_LENGTH).collect()
}

/// Returns why a file is given up that did not come the `tries`th time; `None` where it
/// may come at another time.
pub(super) fn given_up(why: &NotDownloaded, tries: i64) -> Option<Refusal> {
    match why {
        NotDownloaded::Call(CallError::Refused { code, .. }) if *code == NO_SUCH_FILE => {
            Some(Refusal::GoneAtMeta)
        }
        NotDownloaded::Checksum if tries >= CHECKSUM_TRIES => Some(Refusal::Checksum),
        NotDownloaded::Call(_) | NotDownloaded::Checksum => None,
        NotDownloaded::Address => Some(Refusal::Address),
        NotDownloaded::Unfit(unfit) => Some(unfit.into()),
    }
}

/// Checks that what came is what its message says: type, kind, size, and how it begins.
/// Anything may be sent as a document.
pub(super) fn check(kind: MediaKind, mime: &str, file: &File) -> Result<(), Refusal> {
    let found = media::check(&file.mime, &file.bytes).map_err(|unfit| Refusal::from(&unfit))?;
    if file.bytes.len() > most(kind) {
        return Err(Refusal::TooLarge);
    }
    let is_told = tidy(&file.mime) == mime;
    if !is_told || (kind != MediaKind::Document && kind != found) {
        return Err(Refusal::OtherType);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(mime: &str, bytes: &[u8]) -> File {
        File {
            mime: mime.to_owned(),
            name: String::new(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_file_is_taken_in_only_as_what_its_message_says_it_is() {
        use MediaKind::{Audio, Document, Image};
        let pdf = file("application/pdf", b"%PDF-1.7");
        let png = file("image/png", b"\x89PNG\r\n\x1A\n");
        let exe = file("application/pdf", b"MZ\x90");
        let cases = [
            (Document, "application/pdf", &pdf, Ok(())),
            (Image, "image/png", &png, Ok(())),
            // A picture sent as a file stays a picture.
            (Document, "image/png", &png, Ok(())),
            (Image, "application/pdf", &pdf, Err(Refusal::OtherType)),
            (Document, "image/png", &pdf, Err(Refusal::OtherType)),
            (Audio, "image/png", &png, Err(Refusal::OtherType)),
            (Document, "application/pdf", &exe, Err(Refusal::Disguised)),
        ];
        for (kind, mime, file, wanted) in cases {
            assert_eq!(check(kind, mime, file), wanted, "{kind:?} {mime}");
        }
        let html = file("text/html", b"<script>");
        assert_eq!(check(Document, "text/html", &html), Err(Refusal::Type));
        let nothing = file("image/png", b"");
        assert_eq!(check(Image, "image/png", &nothing), Err(Refusal::Empty));
    }

    #[test]
    fn no_file_is_taken_in_that_is_larger_than_memory_has_room_for() {
        assert_eq!(most(MediaKind::Image), 5 * MB);
        assert_eq!(most(MediaKind::Document), MOST);
        let mut bytes = b"%PDF-1.7".to_vec();
        bytes.resize(MOST, b' ');
        let mut large = file("application/pdf", &bytes);
        let check = |file: &File| check(MediaKind::Document, "application/pdf", file);
        assert_eq!(check(&large), Ok(()));
        large.bytes.push(b' ');
        assert_eq!(check(&large), Err(Refusal::TooLarge));
    }

    #[test]
    fn what_may_come_at_another_time_is_not_given_up() {
        let refused = |code| {
            NotDownloaded::Call(CallError::Refused {
                code,
                status: 400,
                reason: String::new(),
            })
        };
        let unreachable = NotDownloaded::Call(CallError::Unreachable("no connection"));
        for (why, tries, wanted) in [
            (&unreachable, 9, None),
            (&refused(190), 9, None),
            (&refused(100), 1, Some(Refusal::GoneAtMeta)),
            (&NotDownloaded::Checksum, 2, None),
            (&NotDownloaded::Checksum, 3, Some(Refusal::Checksum)),
            (&NotDownloaded::Address, 1, Some(Refusal::Address)),
            (&NotDownloaded::Unfit(Unfit::Empty), 1, Some(Refusal::Empty)),
        ] {
            assert_eq!(given_up(why, tries), wanted, "{why} {tries}");
        }
    }

    #[test]
    fn a_type_keeps_only_what_a_type_is_made_of() {
        assert_eq!(tidy("Audio/OGG; codecs=opus"), "audio/ogg");
        assert_eq!(tidy("a/b\u{1b}[2J\n"), "a/b2j");
        assert_eq!(tidy(&"x".repeat(500)).len(), TYPE_LENGTH);
    }
}
