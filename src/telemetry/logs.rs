//! Log lines: JSON for machines, text for people, one `trace_id` through both.
//!
//! Whoever begins a piece of work opens a span with the field `trace_id`; every line
//! inside carries it, so that one search finds a message from its webhook to its read
//! receipt.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::{PanicHookInfo, set_hook};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use super::redaction::Redacted;
use crate::config::LogFormat;

/// Starts logging to standard error; standard output belongs to commands.
pub fn install(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let is_terminal = std::io::stderr().is_terminal();
    let is_json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !is_terminal,
    };
    let filter = EnvFilter::try_new(filter)
        .map_err(|e| anyhow::anyhow!("RUST_LOG is not a log filter: {e}"))?;
    let lines = if is_json {
        json(std::io::stderr)
    } else {
        text(std::io::stderr, is_terminal)
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()?;
    set_hook(Box::new(panicked));
    Ok(())
}

/// A panic repeats the words it stumbled over: it goes out like any other line.
fn panicked(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let is_there = backtrace.status() == BacktraceStatus::Captured;
    let backtrace = is_there.then(|| tracing::field::display(backtrace));
    tracing::error!(panic = %info, backtrace, "panicked");
}

type Lines<S> = Box<dyn Layer<S> + Send + Sync>;

fn json<W>(writer: W) -> Lines<Registry>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    lines()
        .json()
        .flatten_event(true)
        .with_writer(Redacted(writer))
        .boxed()
}

fn text<W>(writer: W, is_coloured: bool) -> Lines<Registry>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    lines()
        .with_ansi(is_coloured)
        .with_writer(Redacted(writer))
        .boxed()
}

fn lines<S: Subscriber + for<'a> LookupSpan<'a>>() -> tracing_subscriber::fmt::Layer<S> {
    tracing_subscriber::fmt::layer()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(make: impl FnOnce(Kept) -> Lines<Registry>) -> String {
        written_by(make, || {
            let span = tracing::info_span!("turn", trace_id = "req_1");
            let _entered = span.enter();
            tracing::info!(wa_id = "919812345678", count = 3, "took a turn");
        })
    }

    fn written_by(make: impl FnOnce(Kept) -> Lines<Registry>, work: impl FnOnce()) -> String {
        let kept = Kept::default();
        let out = kept.clone();
        let for_lines = make(kept);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(for_lines), work);
        String::from_utf8(out.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_panic_is_a_line_like_any_other_and_shows_no_number() {
        let make = |kept: Kept| json(move || kept.clone());
        let line = written_by(make, || {
            let before = std::panic::take_hook();
            set_hook(Box::new(panicked));
            let caught = std::panic::catch_unwind(|| panic!("not a number: 919812345678"));
            set_hook(before);
            assert!(caught.is_err());
        });
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["message"], "panicked");
        let panic = value["panic"].as_str().unwrap();
        assert!(panic.contains("not a number: [phone]"), "{panic}");
        assert!(panic.contains("logs.rs"), "{panic}");
    }

    #[test]
    fn a_json_line_is_one_object_with_the_trace_id_and_no_phone_number() {
        let line = written(|kept| json(move || kept.clone()));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["message"], "took a turn");
        assert_eq!(value["span"]["trace_id"], "req_1");
        assert_eq!(value["wa_id"], "[phone]");
        assert_eq!(value["count"], 3);
    }

    #[test]
    fn a_text_line_has_the_same() {
        let line = written(|kept| text(move || kept.clone(), false));
        assert!(
            line.contains("req_1") && line.contains("took a turn"),
            "{line}"
        );
        assert!(!line.contains("919812345678"), "{line}");
        let coloured = written(|kept| text(move || kept.clone(), true));
        assert!(!coloured.contains("919812345678"), "{coloured}");
    }
}
