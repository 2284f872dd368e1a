//! The conversations of `tests/conversations`, held with the whole demo, and the
//! transcripts of them in `docs/transcripts`.

mod stage;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use sipbrewery::sandbox::Bubble;
use sipbrewery::sandbox::script::{self, Beat, Check, Event};

use crate::harness::database::server;
use stage::Stage;

/// Demos that run side by side: PostgreSQL ends a transaction whose service gets no time to
/// go on, and several demos that start at once in a debug build leave it none.
fn at_once() -> usize {
    if server().is_some() { 1 } else { 4 }
}

/// Every file is held; what fails is named with what was said instead. With
/// `TRANSCRIPTS=write` the transcripts are written, else they have to be what is said now.
#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_it_is_written() {
    let (files, is_whole) = files();
    assert!(
        !is_whole || files.len() >= 60,
        "only {} conversations",
        files.len()
    );
    let held = futures::stream::iter(files).map(|file| {
        tokio::spawn(async move {
            let told = Box::pin(hold(&file)).await;
            (file, told)
        })
    });
    let held: Vec<_> = held.buffer_unordered(at_once()).collect().await;
    let mut wrong = Vec::new();
    let mut told = BTreeMap::new();
    for one in held {
        let (file, (transcript, went)) = one.expect("no conversation panics");
        if let Err(why) = went {
            wrong.push(format!("{}: {why}", name(&file)));
        }
        told.insert(file, transcript);
    }
    if !is_whole {
        for transcript in told.values() {
            eprintln!("{transcript}");
        }
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of the conversations went another way:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let stale = if is_whole {
        transcripts(&told)
    } else {
        Vec::new()
    };
    assert!(
        stale.is_empty(),
        "these transcripts are not what is said now; run this test with TRANSCRIPTS=write, read \
         what changed, and commit it: {stale:?}"
    );
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations")
}

/// The files, one folder for each journey, and whether that is all of them: with
/// `CONVERSATIONS=money/` only those with these letters in their name are held, and printed.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says what to hold"
)]
fn files() -> (Vec<PathBuf>, bool) {
    let folders = std::fs::read_dir(root()).expect("there are conversations");
    let folders = folders.map(|folder| folder.expect("it can be read").path());
    let mut files: Vec<_> = folders
        .filter(|path| path.is_dir())
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder"))
        .map(|file| file.expect("it can be read").path())
        .collect();
    files.sort();
    let Ok(wanted) = std::env::var("CONVERSATIONS") else {
        return (files, true);
    };
    files.retain(|file| name(file).contains(&wanted));
    assert!(!files.is_empty(), "no conversation is named `{wanted}`");
    (files, false)
}

fn name(file: &Path) -> String {
    let below = file.strip_prefix(root()).unwrap_or(file);
    below.display().to_string()
}

/// Holds one conversation and returns it as it went, and where it went another way.
async fn hold(file: &Path) -> (String, Result<(), String>) {
    let text = std::fs::read_to_string(file).expect("it can be read");
    let script = match script::parse(&text) {
        Ok(script) => script,
        Err(unreadable) => return (String::new(), Err(unreadable.to_string())),
    };
    let mut stage = Stage::set(script.begins).await;
    let mut told = Transcript::of(&script.title);
    let mut who = String::new();
    let mut went = Ok(());
    for beat in &script.scenes {
        if let Event::Says(name, _)
        | Event::Taps(name, _)
        | Event::TapsEarlier(name, _)
        | Event::Sends(name, _)
        | Event::Approves(name, _)
        | Event::Refuses(name, _) = &beat.event
        {
            who.clone_from(name);
        }
        went = happen(&mut stage, &mut told, &who, beat).await;
        if went.is_err() {
            break;
        }
    }
    stage.close().await;
    (told.text, went)
}

async fn happen(
    stage: &mut Stage,
    told: &mut Transcript,
    who: &str,
    beat: &Beat,
) -> Result<(), String> {
    let at = |line: usize, why: String| format!("line {line}: {why}");
    told.event(&beat.event);
    let done = match &beat.event {
        Event::Says(_, texts) => {
            stage.says(who, texts).await;
            Ok(())
        }
        Event::Taps(_, label) => stage.taps(who, label, true).await,
        Event::TapsEarlier(_, label) => stage.taps(who, label, false).await,
        Event::Sends(_, what) => stage.sends(who, what).await,
        Event::Approves(_, about) => stage.decides(who, about, true).await,
        Event::Refuses(_, about) => stage.decides(who, about, false).await,
        Event::Wait(minutes) => {
            stage.waits(*minutes);
            Ok(())
        }
        Event::Until(time) => {
            stage.waits_until(*time);
            Ok(())
        }
        Event::Restart => {
            stage.restart(who).await;
            Ok(())
        }
        Event::Release(whose) => stage.release(whose).await,
    };
    done.map_err(|why| at(beat.line, why))?;
    let mut bubble = None;
    let mut meanwhile = Meanwhile::of(beat);
    for (line, check) in &beat.checks {
        if let Check::Bot(_) | Check::Meanwhile(_) = check {
            let said = meanwhile.next(stage, who, check).await;
            let said = said.ok_or_else(|| at(*line, format!("nothing is said to {who}")))?;
            told.bubble(&said);
            bubble = Some(said);
        }
        look(stage, who, bubble.as_ref(), check)
            .await
            .map_err(|why| at(*line, why))?;
    }
    stage.settle(who).await;
    let more = stage.unseen(who);
    if beat.checks.is_empty() {
        for _ in &more {
            told.bubble(&stage.next(who).await.expect("it was there"));
        }
        return Ok(());
    }
    let more: Vec<&str> = more.iter().map(|bubble| bubble.text.as_str()).collect();
    if more.is_empty() {
        return Ok(());
    }
    Err(at(
        beat.line,
        format!("more is said:\n{}", more.join("\n---\n")),
    ))
}

/// What the exchange tells of comes when it is done, be it between two answers.
struct Meanwhile<'b> {
    /// Words of what has not come.
    awaited: Vec<&'b str>,
    /// What came before it was asked for.
    early: Vec<Bubble>,
}

impl<'b> Meanwhile<'b> {
    fn of(beat: &'b Beat) -> Self {
        let words = beat.checks.iter().filter_map(|(_, check)| match check {
            Check::Meanwhile(words) => Some(words.as_str()),
            _ => None,
        });
        Self {
            awaited: words.collect(),
            early: Vec::new(),
        }
    }

    /// Returns the message that this check is about.
    async fn next(&mut self, stage: &mut Stage, who: &str, check: &Check) -> Option<Bubble> {
        if let Check::Meanwhile(words) = check {
            let came = self
                .early
                .iter()
                .position(|early| early.text.contains(words));
            if let Some(at) = came {
                return Some(self.early.remove(at));
            }
            self.awaited.retain(|awaited| awaited != words);
            return stage.next(who).await;
        }
        loop {
            let said = stage.next(who).await?;
            let is_early = |words: &&str| said.text.contains(words);
            let Some(at) = self.awaited.iter().position(is_early) else {
                return Some(said);
            };
            self.awaited.remove(at);
            self.early.push(said);
        }
    }
}

async fn look(
    stage: &Stage,
    who: &str,
    bubble: Option<&Bubble>,
    check: &Check,
) -> Result<(), String> {
    let said = bubble.map_or("", |bubble| bubble.text.as_str());
    match check {
        Check::Bot(words) | Check::Meanwhile(words) | Check::Also(words)
            if !said.contains(words.as_str()) =>
        {
            Err(format!("`{words}` is not in\n{said}"))
        }
        Check::Never(words) if said.contains(words.as_str()) => {
            Err(format!("`{words}` must not be in\n{said}"))
        }
        Check::Offers(_) | Check::NothingToTap => {
            let there = bubble.map(stage::choices).unwrap_or_default();
            let there: Vec<String> = there.into_iter().map(|(_, title)| title).collect();
            let wanted = match check {
                Check::Offers(labels) => labels.as_slice(),
                _ => &[],
            };
            let is_so = there == wanted;
            let why = || {
                format!(
                    "what can be tapped is {:?} below\n{said}",
                    there.join(" | ")
                )
            };
            is_so.then_some(()).ok_or_else(why)
        }
        Check::Silent => {
            stage.settle(who).await;
            Ok(())
        }
        Check::Count(what, wanted) => {
            stage.settle(who).await;
            let count = stage.scalar(counting(what)?).await;
            let why = || format!("there are {count} {what}, not {wanted}");
            (count == *wanted).then_some(()).ok_or_else(why)
        }
        Check::Bot(_) | Check::Meanwhile(_) | Check::Also(_) | Check::Never(_) => Ok(()),
    }
}

fn counting(what: &str) -> Result<&'static str, String> {
    Ok(match what {
        "orders" => "select count(*) from orders",
        "plans" => "select count(*) from plans",
        "running plans" => "select count(*) from plans where status = 'active'",
        "mandates" => "select count(*) from mandates",
        "drafts" => "select count(*) from drafts",
        "open handoffs" => "select count(*) from handoffs where closed_at is null",
        "held messages" => "select count(*) from inbox where outcome = 'held'",
        "opted out" => "select count(*) from contacts where marketing = 'opted_out'",
        "opted in" => "select count(*) from contacts where marketing = 'opted_in'",
        "people by a link" => "select count(*) from contacts where source = 'link:DUKAAN-12'",
        "consents by a link" => {
            "select count(*) from consents where source = 'chat; came by link:DUKAAN-12'"
        }
        "consents" => "select count(*) from consents where given = 1",
        "open tasks" => {
            "select count(*) from attention where kind = 'record_task' and resolved_at is null"
        }
        "requests" => "select count(*) from contact_requests",
        "bank accounts" => "select count(*) from bank_accounts",
        "in Hindi" => "select count(*) from contacts where language = 'hi'",
        "in Hinglish" => "select count(*) from contacts where language = 'hinglish'",
        _ => return Err(format!("`{what}` are not counted; see `counting`")),
    })
}

/// A conversation as it went, to be read.
struct Transcript {
    text: String,
}

impl Transcript {
    fn of(title: &str) -> Self {
        Self {
            text: format!("## {title}\n\n```text\n"),
        }
    }

    fn event(&mut self, event: &Event) {
        let line = match event {
            Event::Says(who, texts) => texts
                .iter()
                .map(|text| format!("{who}: {text}"))
                .collect::<Vec<_>>()
                .join("\n"),
            Event::Taps(who, label) => format!("{who}: [{label}]"),
            Event::TapsEarlier(who, label) => format!("{who}: [{label}] (on an earlier message)"),
            Event::Sends(who, what) => format!("{who}: ({what})"),
            Event::Approves(who, about) => format!("({who} approves on the page: {about})"),
            Event::Refuses(who, about) => format!("({who} refuses on the page: {about})"),
            Event::Wait(minutes) if minutes % 60 == 0 => format!("({} hours later)", minutes / 60),
            Event::Wait(minutes) => format!("({minutes} minutes later)"),
            Event::Until(time) => format!("(it is {})", time.strftime("%H:%M")),
            Event::Restart => "(the service starts again)".to_owned(),
            Event::Release(who) => format!("(a person gives {who} back to the bot)"),
        };
        let _ = writeln!(self.text, "{line}\n");
    }

    fn bubble(&mut self, bubble: &Bubble) {
        for line in bubble.text.lines() {
            let line = without_links(line);
            let _ = writeln!(self.text, "{}", format!("        {line}").trim_end());
        }
        let choices = stage::choices(bubble);
        if !choices.is_empty() {
            let labels = choices.iter().map(|(_, title)| format!("[{title}]"));
            let labels = labels.collect::<Vec<_>>().join(" ");
            let _ = writeln!(self.text, "        {labels}");
        }
        self.text.push('\n');
    }
}

/// An address on this machine is another one in each run.
fn without_links(line: &str) -> String {
    let words = line
        .split(' ')
        .map(|word| match word.find("http://127.0.0.1") {
            Some(at) => format!("{}(link)", &word[..at]),
            None => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

/// Writes the transcripts, or returns the names of those that differ.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether to write"
)]
fn transcripts(told: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let is_writing = std::env::var("TRANSCRIPTS").is_ok_and(|what| what == "write");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/transcripts");
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for (file, transcript) in told {
        let journey = file.parent().and_then(Path::file_name);
        let journey = journey.expect("a file in a folder").to_string_lossy();
        let page = pages.entry(journey.into_owned()).or_default();
        let _ = write!(
            page,
            "{}```\n\n",
            without_chance(transcript.trim_end_matches('\n')) + "\n"
        );
    }
    let mut stale = Vec::new();
    for (journey, page) in pages {
        let page = format!(
            "# {journey}\n\nWritten by the test of `tests/conversations/{journey}`; the demo's \
             data, people and prices of 21-Aug-2026.\n\n{}\n",
            page.trim_end()
        );
        let path = folder.join(format!("{journey}.md"));
        if is_writing {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&path, &page).expect("a page is written");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != page {
            stale.push(journey);
        }
    }
    stale
}

/// Puts `XXXXXX` for the letters of a request's number (`C-260824-7SE2GC`), which are
/// others in each run.
fn without_chance(transcript: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut said = String::with_capacity(transcript.len());
    let mut rest = transcript;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        said.push_str(before);
        match word.split('-').collect::<Vec<_>>()[..] {
            [kind, day, letters] if (kind.len(), day.len(), letters.len()) == (1, 6, 6) => {
                let _ = write!(said, "{kind}-{day}-XXXXXX");
            }
            _ => said.push_str(word),
        }
        rest = after;
    }
    said + rest
}
