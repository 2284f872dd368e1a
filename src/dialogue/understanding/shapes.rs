//! Things that are known by their shape, whatever stands around them: e-mail addresses,
//! PANs, one-time codes and dates.

use jiff::civil::Date;

use super::normalise;

/// Returns the one e-mail address of the text.
pub fn email(raw: &str) -> Option<String> {
    let mut found = raw
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')'))
        .map(|piece| piece.trim_matches(|c: char| matches!(c, '.' | ':' | '\'' | '"')))
        .filter(|piece| is_email(piece));
    let first = found.next()?;
    found.next().is_none().then(|| first.to_lowercase())
}

fn is_email(piece: &str) -> bool {
    let Some((name, host)) = piece.split_once('@') else {
        return false;
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let ending = host.rsplit('.').next().unwrap_or("");
    !name.is_empty()
        && name.chars().all(is_name)
        && host.chars().all(is_host)
        && host.contains('.')
        && !host.starts_with('.')
        && !host.contains("..")
        && ending.len() >= 2
        && ending.chars().all(|c| c.is_ascii_alphabetic())
}

/// Returns the one PAN of the text, in capitals: five letters, four digits, a letter. People
/// put spaces into it.
pub fn pan(raw: &str) -> Option<String> {
    let pieces: Vec<String> = raw
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|piece| !piece.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    let spaced = (0..pieces.len()).flat_map(|from| {
        let most = 4.min(pieces.len() - from);
        (1..=most).map(move |length| (from, length))
    });
    let mut found = spaced
        .map(|(from, length)| pieces[from..from + length].concat())
        .filter(|joined| is_pan(joined));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Says whether these ten characters have the shape of a PAN.
pub fn is_pan(text: &str) -> bool {
    text.len() == 10
        && text.char_indices().all(|(at, c)| match at {
            5..=8 => c.is_ascii_digit(),
            _ => c.is_ascii_alphabetic(),
        })
}

/// Returns the one group of four to eight digits of the text.
pub fn digits_code(raw: &str) -> Option<String> {
    let normal = normalise::text(raw);
    let mut groups = normal
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty());
    let first = groups.next()?;
    let is_code = (4..=8).contains(&first.len()) && groups.next().is_none();
    is_code.then(|| first.to_owned())
}

/// Returns the one invitation code of the text, as it was typed: letters and digits in one
/// word, as in `RAHUL123`.
pub fn invitation_code(raw: &str) -> Option<String> {
    let mut found = raw
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| (4..=16).contains(&word.len()))
        .filter(|word| word.bytes().any(|b| b.is_ascii_digit()))
        .filter(|word| word.bytes().filter(u8::is_ascii_alphabetic).count() > 1);
    let first = found.next()?;
    found.next().is_none().then(|| first.to_owned())
}

/// Returns the one date of the text, as India writes it: day before month (`15/08/1990`,
/// `15 aug 1990`), or ISO. A year of two digits lies between 1930 and 2029.
pub fn date(raw: &str) -> Option<Date> {
    let normal = normalise::text(raw);
    let pieces: Vec<&str> = normal
        .split(|c: char| !(c.is_alphanumeric() || normalise::is_devanagari(c)))
        .filter(|piece| !piece.is_empty())
        .collect();
    let mut found = pieces.windows(3).filter_map(|three| match *three {
        [year, month, day] if year.len() == 4 && number(year).is_some() => {
            calendar(number(year)?, month_of(month)?, number(day)?)
        }
        [day, month, year] => calendar(full_year(year)?, month_of(month)?, day_of(day)?),
        _ => None,
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn calendar(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn number(piece: &str) -> Option<i16> {
    let is_number = piece.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| piece.parse().ok()).flatten()
}

fn day_of(piece: &str) -> Option<i16> {
    let plain = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| piece.strip_suffix(ending));
    number(plain.unwrap_or(piece))
}

fn full_year(piece: &str) -> Option<i16> {
    let year = number(piece)?;
    match piece.len() {
        4 => Some(year),
        2 if year < 30 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn month_of(piece: &str) -> Option<i16> {
    number(piece).or_else(|| month_named(piece))
}

/// Returns the number of a month by its name, in English or Hindi.
pub fn month_named(word: &str) -> Option<i16> {
    let at = MONTHS.iter().position(|names| names.contains(&word))?;
    i16::try_from(at + 1).ok()
}

#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvari", "janwari", "जनवरी"],
    &["february", "feb", "farvari", "farwari", "फरवरी"],
    &["march", "mar", "मार्च"],
    &["april", "apr", "aprail", "अप्रैल"],
    &["may", "mai", "मई"],
    &["june", "jun", "joon", "जून"],
    &["july", "jul", "julai", "जुलाई"],
    &["august", "aug", "agast", "अगस्त"],
    &["september", "sep", "sept", "sitambar", "सितंबर", "सितम्बर"],
    &["october", "oct", "aktubar", "अक्टूबर", "अक्तूबर"],
    &["november", "nov", "navambar", "नवंबर", "नवम्बर"],
    &["december", "dec", "disambar", "दिसंबर", "दिसम्बर"],
];

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn an_address_is_found_in_a_sentence_and_two_are_refused() {
        let found = email("my mail is Asha.Rao+mf@Example.co.in.");
        assert_eq!(found.as_deref(), Some("asha.rao+mf@example.co.in"));
        for text in [
            "a@b",
            "a@.in",
            "@x.in",
            "a b@c",
            "a@x.in or b@x.in",
            "a@x..in",
        ] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn a_pan_is_found_with_and_without_spaces() {
        for text in ["abcpe1234f", "pan: ABCPE 1234 F", "my pan is ABCPE1234F ok"] {
            assert_eq!(pan(text).as_deref(), Some("ABCPE1234F"), "{text}");
        }
        for text in ["ABCDE12345", "ABC1234567", "", "ABCPE1234F XYZPE1234F"] {
            assert_eq!(pan(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_one_group_of_digits() {
        assert_eq!(digits_code("otp १२३४५६").as_deref(), Some("123456"));
        for text in ["12", "1234 5678", "123456789", "otp"] {
            assert_eq!(digits_code(text), None, "{text}");
        }
    }

    #[test]
    fn an_invitation_has_letters_and_digits() {
        let code = |raw: &str| invitation_code(raw);
        assert_eq!(
            code("referral code RAHUL123 lagao").as_deref(),
            Some("RAHUL123")
        );
        assert_eq!(code("ref SHOP-12").as_deref(), Some("SHOP-12"));
        for text in ["refer karke 500 milenge", "5k", "AB12 or CD34", ""] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_read_day_first() {
        for text in [
            "15/08/1990",
            "15-8-90",
            "1990-08-15",
            "15 Aug 1990",
            "15th august, 1990",
            "१५ अगस्त १९९०",
        ] {
            assert_eq!(date(text), Some(day(1990, 8, 15)), "{text}");
        }
        for text in ["31/02/1990", "08/15/1990", "15/08", "1/2/3", ""] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
