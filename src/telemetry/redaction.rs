//! The last filter before a log line leaves the process.
//!
//! Code does not log personal data in the first place. This is for the day it does:
//! whatever has the shape of a PAN, an Aadhaar or Indian phone number, an e-mail
//! address, a WhatsApp message id or a long credential is replaced, whole, in the
//! finished line.

use std::io::{self, Write};
use std::ops::Range;

use tracing_subscriber::fmt::MakeWriter;

/// Wraps a writer of log lines.
#[derive(Debug, Clone)]
pub(super) struct Redacted<M>(pub(super) M);

/// One line on its way out. The formatter writes a line with a single call.
#[derive(Debug)]
pub(super) struct Redactor<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = Redactor<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Redactor(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Self::Writer {
        Redactor(self.0.make_writer_for(meta))
    }
}

impl<W: Write> Write for Redactor<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.write_all(redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Replaces what looks like a person or a credential. Colour codes touch the words
/// they colour, so the text between them is taken piece by piece.
pub(super) fn redact(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut out = redact_plain(pieces.next().unwrap_or(""));
    for piece in pieces {
        let code = piece.find('m').map_or(0, |at| at + 1);
        out.push_str("\u{1b}[");
        out.push_str(&piece[..code]);
        out.push_str(&redact_plain(&piece[code..]));
    }
    out
}

fn redact_plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for (word, in_text) in words(text) {
        if let Some(mark) = mark_for(word) {
            out.push_str(&text[rest..in_text.start]);
            out.push_str(mark);
            rest = in_text.end;
        }
    }
    out.push_str(&text[rest..]);
    redact_spaced_numbers(out)
}

/// Words of the characters that ids, addresses and tokens are made of. A time, a
/// colon or a quote ends a word; a dot at its end is not part of it.
fn words(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-+@/=%".contains(c);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let length = text[start..].find(|c| !is_part(c));
        let end = length.map_or(text.len(), |length| start + length);
        at = end;
        let word = text[start..end].trim_end_matches('.');
        Some((word, start..start + word.len()))
    })
}

fn mark_for(word: &str) -> Option<&'static str> {
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
        && let Some(mark) = mark_for(value)
        && name.len() < 40
    {
        return Some(mark);
    }
    if word.contains("wamid.") {
        return Some("[wamid]");
    }
    if is_email(word) {
        return Some("[email]");
    }
    if word
        .split(['/', '.', '_', '-', '=', '+', '%', '@'])
        .any(is_pan)
    {
        return Some("[pan]");
    }
    let digits = word.strip_prefix('+').unwrap_or(word);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return number_mark(digits);
    }
    if let Some(tail) = word.rsplit('/').next()
        && tail != word
        && let Some(mark) = number_mark(tail)
    {
        return Some(mark);
    }
    is_token(word).then_some("[token]")
}

/// Twelve digits are an Aadhaar number or a phone number with its country code; ten
/// that begin with 6 to 9 are a phone number without it.
fn number_mark(digits: &str) -> Option<&'static str> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match digits.len() {
        10 if digits.as_bytes()[0] >= b'6' => Some("[phone]"),
        11 if digits.starts_with('0') && digits.as_bytes()[1] >= b'6' => Some("[phone]"),
        12 if digits.starts_with("91") && digits.as_bytes()[2] >= b'6' => Some("[phone]"),
        12 => Some("[aadhaar]"),
        _ => None,
    }
}

fn is_pan(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() == 10
        && bytes[..5].iter().all(u8::is_ascii_alphabetic)
        && bytes[5..9].iter().all(u8::is_ascii_digit)
        && bytes[9].is_ascii_alphabetic()
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.')
    })
}

/// A run of 32 and more characters with digits, small and capital letters in it: our
/// own ids and hashes are in small letters.
fn is_token(word: &str) -> bool {
    let longest = word.split(['/', '.', '%']).max_by_key(|part| part.len());
    longest.is_some_and(|part| {
        part.len() >= 32
            && part.bytes().any(|b| b.is_ascii_digit())
            && part.bytes().any(|b| b.is_ascii_uppercase())
            && part.bytes().any(|b| b.is_ascii_lowercase())
    })
}

/// Numbers as people write them: `98123 45678`, `+91 98123-45678`, `2345 6789 0123`.
fn redact_spaced_numbers(text: String) -> String {
    let mut marks: Vec<(Range<usize>, &'static str)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() || (at > 0 && is_inside_word(bytes[at - 1])) {
            at += 1;
            continue;
        }
        let end = end_of_number(bytes, at);
        let digits: String = text[at..end].chars().filter(char::is_ascii_digit).collect();
        if end - at > digits.len()
            && let Some(mark) = number_mark(&digits)
        {
            marks.push((at..end, mark));
        }
        at = end;
    }
    if marks.is_empty() {
        return text;
    }
    let mut out = text;
    for (range, mark) in marks.into_iter().rev() {
        out.replace_range(range, mark);
    }
    out
}

fn is_inside_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':')
}

/// Digits in groups of two and more with one space or hyphen between; a date's groups
/// are read too and are too short to match.
fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < bytes.len() {
        let is_joined =
            matches!(bytes[end], b' ' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !is_joined {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_looks_like_a_person_or_a_credential_is_replaced() {
        for (said, shown) in [
            ("pan ABCDE1234F given", "pan [pan] given"),
            ("pan=abcde1234f", "[pan]"),
            ("from 919812345678", "from [phone]"),
            ("call +919812345678.", "call [phone]."),
            ("9812345678 and 09812345678", "[phone] and [phone]"),
            ("{\"wa_id\":\"919812345678\"}", "{\"wa_id\":\"[phone]\"}"),
            ("phone 98123 45678", "phone [phone]"),
            ("phone +91 98123-45678", "phone +[phone]"),
            ("aadhaar 234567890123", "aadhaar [aadhaar]"),
            ("aadhaar 2345 6789 0123 ok", "aadhaar [aadhaar] ok"),
            ("mail asha.k@example.in now", "mail [email] now"),
            ("id wamid.HBgMOTE5ODEyMzQ1Njc4FQIAERgS=", "id [wamid]"),
            ("GET /v24.0/919812345678", "GET [phone]"),
            (
                "\u{1b}[3mto\u{1b}[0m919812345678",
                "\u{1b}[3mto\u{1b}[0m[phone]",
            ),
            (
                "Bearer EAAGm0PX4ZCpsBAKZCx9d2qLw7EAAGm0PX4ZCps",
                "Bearer [token]",
            ),
        ] {
            assert_eq!(redact(said), shown);
        }
    }

    #[test]
    fn what_operators_need_is_left() {
        for line in [
            "2026-11-21T03:08:12.123456Z  INFO sipbrewery::pipeline: claimed",
            "contact con_018bcfe568c07c5ba3d5f0e1c2b3a495 turn 12",
            "{\"timestamp\":\"2026-11-21T03:08:12.123456Z\",\"code\":131047,\"duration_ms\":0.4218}",
            "phone_number_id=106540352242922 code=130429",
            "at 1763596800123 ms, 14282 rows, ARN-123456, folio 12345/67",
            "sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "/webhooks/whatsapp 503 http://127.0.0.1:8080/sandbox",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    #[test]
    fn a_line_written_through_the_layer_comes_out_redacted() {
        let mut out = Vec::new();
        Redactor(&mut out)
            .write_all("नमस्ते 919812345678\n".as_bytes())
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "नमस्ते [phone]\n");
    }
}
