//! Conversations written down: who says what, what comes back, and what does not.
//!
//! One line is one thing. What stands at the margin happens; what is indented below it is
//! what has to be seen then. `tests/conversations/README.md` is the page for whoever
//! writes one.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::clock;

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it shows, in one line.
    pub title: String,
    /// When it begins; if it does not say, when the demo does.
    pub begins: Option<Timestamp>,
    /// What happens, in order.
    pub scenes: Vec<Beat>,
}

/// One thing that happens, and what has to be seen then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Its line in the file.
    pub line: usize,
    /// What happens.
    pub event: Event,
    /// What has to be seen, in order, each with its line.
    pub checks: Vec<(usize, Check)>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody writes; several messages go out before the first is answered.
    Says(String, Vec<String>),
    /// Somebody taps the newest button or row with this label.
    Taps(String, String),
    /// Somebody taps the oldest one with this label: it may be out of date.
    TapsEarlier(String, String),
    /// Somebody sends something that is no words.
    Sends(String, String),
    /// Somebody follows the newest link to a page of the exchange, and approves or pays.
    Approves(String, String),
    /// Somebody follows it, and refuses.
    Refuses(String, String),
    /// So many minutes go by.
    Wait(i64),
    /// It becomes this time of day in India.
    Until(jiff::civil::Time),
    /// The service ends and starts again.
    Restart,
    /// A person gives somebody's conversation back to the bot.
    Release(String),
}

/// What has to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The next message of the service has these words.
    Bot(String),
    /// A message that comes on its own time has these words: here, or between those above.
    Meanwhile(String),
    /// The same message has these words, too.
    Also(String),
    /// The same message does not have these words.
    Never(String),
    /// What can be tapped below the same message, in order.
    Offers(Vec<String>),
    /// The same message has nothing to tap.
    NothingToTap,
    /// Nothing is said.
    Silent,
    /// So many rows of a kind are on record.
    Count(String, i64),
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Unreadable {
    /// Which.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a conversation.
pub fn parse(text: &str) -> Result<Script, Unreadable> {
    let mut script = Script {
        title: String::new(),
        begins: None,
        scenes: Vec::new(),
    };
    for (at, raw) in text.lines().enumerate() {
        let line = at + 1;
        let unreadable = |why: &str| Unreadable {
            line,
            why: why.to_owned(),
        };
        let said = raw.trim();
        if let Some(title) = said.strip_prefix('#') {
            if script.title.is_empty() {
                title.trim().clone_into(&mut script.title);
            }
        } else if said.is_empty() {
        } else if raw.starts_with(char::is_whitespace) {
            let check = check(said).map_err(|why| unreadable(&why))?;
            let beat = script.scenes.last_mut();
            let beat = beat.ok_or_else(|| unreadable("nothing has happened yet"))?;
            beat.checks.push((line, check));
        } else if let Some(at) = said.strip_prefix("at: ") {
            let at: DateTime = at
                .replace(' ', "T")
                .parse()
                .map_err(|_| unreadable("write the time in India as `at: 2026-08-24 23:58`"))?;
            let at = at.to_zoned(clock::ist());
            let at = at.map_err(|_| unreadable("there is no such time"))?;
            script.begins = Some(at.timestamp());
        } else {
            let event = event(said).map_err(|why| unreadable(&why))?;
            script.scenes.push(Beat {
                line,
                event,
                checks: Vec::new(),
            });
        }
    }
    if script.title.is_empty() || script.scenes.is_empty() {
        let why = "a conversation has a title (`# …`) and something that happens".to_owned();
        return Err(Unreadable { line: 1, why });
    }
    Ok(script)
}

fn event(line: &str) -> Result<Event, String> {
    if line == "restart" {
        return Ok(Event::Restart);
    }
    let (head, rest) = line
        .split_once(": ")
        .ok_or_else(|| format!("`{line}` is not `somebody: something`"))?;
    let rest = rest.trim();
    let owned = rest.to_owned();
    Ok(match head {
        "wait" => Event::Wait(minutes(rest)?),
        "until" => Event::Until(
            format!("{rest}:00")
                .parse()
                .map_err(|_| format!("`{rest}` is no time of day; write 00:01"))?,
        ),
        "release" => Event::Release(owned),
        _ => match head.split_once(' ') {
            None => Event::Says(head.to_owned(), vec![owned]),
            Some((who, "taps")) => Event::Taps(who.to_owned(), owned),
            Some((who, "taps earlier")) => Event::TapsEarlier(who.to_owned(), owned),
            Some((who, "sends")) => Event::Sends(who.to_owned(), owned),
            Some((who, "approves")) => Event::Approves(who.to_owned(), owned),
            Some((who, "refuses")) => Event::Refuses(who.to_owned(), owned),
            Some((who, "at once")) => Event::Says(who.to_owned(), parts(rest)),
            Some((_, what)) => {
                return Err(format!(
                    "nobody can `{what}`; there are `taps`, `taps earlier`, `sends`, \
                     `approves`, `refuses`, `at once`"
                ));
            }
        },
    })
}

fn check(line: &str) -> Result<Check, String> {
    match line {
        "silent" => return Ok(Check::Silent),
        "nothing to tap" => return Ok(Check::NothingToTap),
        _ => {}
    }
    let (head, rest) = line
        .split_once(": ")
        .ok_or_else(|| format!("`{line}` is not `check: something`"))?;
    let rest = rest.trim();
    Ok(match head {
        "bot" => Check::Bot(rest.to_owned()),
        "meanwhile" => Check::Meanwhile(rest.to_owned()),
        "also" => Check::Also(rest.to_owned()),
        "never" => Check::Never(rest.to_owned()),
        "offers" => Check::Offers(parts(rest)),
        "count" => {
            let (what, number) = rest.rsplit_once(' ').ok_or("write `count: orders 1`")?;
            let number = number.parse().map_err(|_| "write `count: orders 1`")?;
            Check::Count(what.to_owned(), number)
        }
        _ => {
            return Err(format!(
                "there is no check `{head}`; there are `bot`, `meanwhile`, `also`, `never`, \
                 `offers`, `nothing to tap`, `silent`, `count`"
            ));
        }
    })
}

fn parts(text: &str) -> Vec<String> {
    text.split(" | ")
        .map(|part| part.trim().to_owned())
        .collect()
}

fn minutes(text: &str) -> Result<i64, String> {
    let unit = |word: &str| match word.trim_end_matches('s') {
        "minute" => Some(1),
        "hour" => Some(60),
        "day" => Some(24 * 60),
        _ => None,
    };
    text.split_once(' ')
        .and_then(|(number, word)| Some(number.parse::<i64>().ok()? * unit(word)?))
        .filter(|minutes| *minutes > 0)
        .ok_or_else(|| format!("`{text}` is no time to wait; write `11 minutes` or `25 hours`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_reads_as_it_is_written() {
        let text = "# Two answers at once\n# more about it\nat: 2026-08-24 23:58\n\n\
                    Asha at once: 5000 | 6000\n  bot: how many years\n  never: 6,000\n\
                    wait: 2 hours\nuntil: 00:01\nAsha taps earlier: 10 years\n  silent\n\
                    \x20 count: orders 0\nrestart\nAsha approves: plan\n";
        let script = parse(text).unwrap();
        assert_eq!(script.title, "Two answers at once");
        assert_eq!(
            script.begins.unwrap().to_string(),
            "2026-08-24T18:28:00Z",
            "the time is India's"
        );
        let events: Vec<&Event> = script.scenes.iter().map(|beat| &beat.event).collect();
        assert_eq!(
            events,
            [
                &Event::Says("Asha".into(), vec!["5000".into(), "6000".into()]),
                &Event::Wait(120),
                &Event::Until(jiff::civil::time(0, 1, 0, 0)),
                &Event::TapsEarlier("Asha".into(), "10 years".into()),
                &Event::Restart,
                &Event::Approves("Asha".into(), "plan".into()),
            ]
        );
        assert_eq!(
            script.scenes[0].checks,
            [
                (6, Check::Bot("how many years".into())),
                (7, Check::Never("6,000".into()))
            ]
        );
        assert_eq!(
            script.scenes[3].checks[1],
            (12, Check::Count("orders".into(), 0))
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_with_what_to_write() {
        for (text, line, part) in [
            ("# a\n  bot: x", 2, "nothing has happened"),
            ("# a\nAsha: hi\n  bto: x", 3, "no check `bto`"),
            ("# a\nAsha sings: la", 2, "nobody can `sings`"),
            ("# a\nwait: soon", 2, "11 minutes"),
            ("# a\nuntil: noon", 2, "00:01"),
            ("# a\nat: now", 2, "2026-08-24 23:58"),
            ("# a\nhello", 2, "somebody: something"),
            ("Asha: hi", 1, "title"),
        ] {
            let why = parse(text).unwrap_err();
            assert_eq!(why.line, line, "{text}");
            assert!(why.why.contains(part), "{}", why.why);
        }
    }
}
