//! `understand`: what the bot makes of a text, and how it learns to.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};

use crate::config::Settings;
use crate::dialogue::understanding::{self, learn};

/// Show what the bot understands: text lines in, JSON lines out.
///
/// For trying phrases and measuring changes, as in
/// `echo "nav of parag parikh flexi" | sipbrewery understand`.
/// Needs no database and sends nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print a line of JSON for each line read, which is the only form there is
    #[arg(long)]
    json: bool,
    /// Learn from the tables of labelled messages (*.tsv) in this folder instead
    #[arg(long, value_name = "FOLDER", requires = "into", hide = true)]
    learn: Option<PathBuf>,
    /// Where to keep what was learnt; the next build reads messages by it
    #[arg(long, value_name = "FILE", requires = "learn", hide = true)]
    into: Option<PathBuf>,
}

/// Reads standard input to its end, or learns.
pub(super) async fn run(args: Args, _settings: Settings) -> anyhow::Result<()> {
    match (args.learn, args.into) {
        (Some(folder), Some(file)) => {
            let count = learn(&folder, &file)?;
            super::say(format!("learnt from {count} messages"));
            Ok(())
        }
        _ => understand(BufReader::new(tokio::io::stdin()), super::say).await,
    }
}

/// Learns from the tables of a folder, in the order of their names.
fn learn(folder: &Path, file: &Path) -> anyhow::Result<usize> {
    let mut paths = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("opening {}", folder.display()))?
    {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "tsv"));
    paths.sort();
    let mut tables = Vec::new();
    for path in &paths {
        let table = std::fs::read_to_string(path);
        tables.push(table.with_context(|| format!("reading {}", path.display()))?);
    }
    let mut messages = Vec::new();
    for (path, table) in paths.iter().zip(&tables) {
        let read = learn::read(table).map_err(anyhow::Error::msg);
        messages.extend(read.with_context(|| format!("reading {}", path.display()))?);
    }
    ensure!(
        !messages.is_empty(),
        "there is no table in {}",
        folder.display()
    );
    std::fs::write(file, learn::learn(&messages))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(messages.len())
}

async fn understand(input: impl AsyncBufRead + Unpin, say: impl Fn(String)) -> anyhow::Result<()> {
    let mut lines = input.lines();
    while let Some(line) = lines.next_line().await.context("reading a line of text")? {
        say(understanding::to_json_line(&line));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn each_line_of_text_becomes_one_line_of_json() {
        let said = RefCell::new(Vec::new());
        let text = "nav of parag parikh flexi\n\nनमस्ते".as_bytes();
        understand(text, |line| said.borrow_mut().push(line))
            .await
            .unwrap();
        assert_eq!(said.borrow().len(), 3);
        for line in said.borrow().iter() {
            assert!(!line.contains('\n'));
            assert!(
                serde_json::from_str::<serde_json::Value>(line).is_ok(),
                "{line}"
            );
        }
    }

    #[test]
    fn what_a_folder_of_tables_teaches_is_kept_as_a_model() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.bin");
        assert!(learn(folder.path(), &file).is_err());
        std::fs::write(
            folder.path().join("a.tsv"),
            "menu\ten\thi\nthanks\ten\tthank you\n",
        )
        .unwrap();
        assert_eq!(learn(folder.path(), &file).unwrap(), 2);
        let bytes = std::fs::read(&file).unwrap();
        assert!(understanding::model::Model::read(&bytes).is_some());
        std::fs::write(folder.path().join("b.tsv"), "no such thing\n").unwrap();
        assert!(learn(folder.path(), &file).is_err());
    }
}
