//! `cas`: an investor's holdings.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{open_app, say};
use crate::app::App;
use crate::config::Settings;

/// Consolidated account statements
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Import(Import),
}

/// Import a consolidated account statement, or a folder of them.
///
/// Each is the JSON that casparser makes of a statement's PDF. Importing one again adds
/// nothing. Naming a contact is an operator's word that the statements are this person's,
/// whatever mobile number they name; they must have written to the bot before. Without a
/// contact each statement goes to whose mobile number it names, and is kept for them if
/// they have not written yet; it is refused where that number had another owner, who has it
/// now is in doubt, or its PAN is on record as somebody else's. Of a folder each file's outcome is a line; one that is
/// refused stops no other, and the command ends with 1.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The statement, or a folder whose *.json are statements.
    pub(super) path: PathBuf,
    /// Whose it is: a phone number with country code (919812345678) or a contact id
    /// (con_…).
    #[arg(long, value_name = "PHONE|ID")]
    pub(super) contact: Option<String>,
}

/// Imports and prints what was found. One statement that is refused stops no other; the
/// command fails at the end.
pub(super) async fn run(args: Import, settings: Settings) -> anyhow::Result<()> {
    let files = files(&args.path)?;
    let app = open_app(&settings).await?;
    let contact = args.contact.as_deref();
    let mut refused = 0;
    for file in &files {
        let outcome = import(&app, file, contact).await;
        if !args.path.is_dir() {
            let refused = || format!("{} was not imported", file.display());
            say(outcome.with_context(refused)?);
            continue;
        }
        let name = file.file_name().unwrap_or_default().display();
        match outcome {
            Ok(summary) => {
                say(format_args!("{name}: {}", summary.line()));
                for remark in summary.remarks() {
                    say(format_args!("  {remark}"));
                }
            }
            Err(error) => {
                refused += 1;
                say(format_args!("{name}: not imported: {error:#}"));
            }
        }
    }
    app.ground.db.close().await;
    anyhow::ensure!(
        refused == 0,
        "{refused} of {} statements were not imported",
        files.len()
    );
    Ok(())
}

async fn import(
    app: &App,
    file: &Path,
    contact: Option<&str>,
) -> anyhow::Result<crate::investing::ImportSummary> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    app.import_statement(&bytes, contact).await
}

/// Returns the file, or the statements of the folder in order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let read = || format!("cannot read the folder {}", path.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).with_context(read)? {
        let file = entry.with_context(read)?.path();
        let is_json = file
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json"));
        if is_json && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    anyhow::ensure!(
        !files.is_empty(),
        "the folder {} has no *.json in it",
        path.display()
    );
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_statements_in_order_and_an_empty_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = files(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no *.json"), "{error}");
        for name in ["b.json", "a.JSON", "notes.txt"] {
            std::fs::write(folder.path().join(name), "{}").unwrap();
        }
        std::fs::create_dir(folder.path().join("more.json")).unwrap();
        let names: Vec<_> = files(folder.path())
            .unwrap()
            .iter()
            .map(|file| file.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["a.JSON", "b.json"]);
        let one = folder.path().join("missing.json");
        assert_eq!(files(&one).unwrap(), [one]);
    }
}
