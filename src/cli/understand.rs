//! `understand`: what the bot makes of a text.

use anyhow::Context;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};

use crate::config::Settings;
use crate::dialogue::understanding;

/// Show what the bot understands: text lines in, JSON lines out.
///
/// For trying phrases and measuring changes, as in
/// `echo "nav of parag parikh flexi" | sipbrewery understand`.
/// Needs no database and sends nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Reads standard input to its end.
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    understand(BufReader::new(tokio::io::stdin()), super::say).await
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
}
