//! Commands beside the service: they make no database, change no table, and write down who
//! looked at what.

use std::path::Path;
use std::process::Command;

use sipbrewery::storage::Db;

use crate::harness::{TestApp, TestDatabase};

const ASHA: &str = "919000000000";

/// Runs the program in a folder; returns its exit code and what it said.
fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sipbrewery"));
    command.args(arguments).current_dir(folder).env_clear();
    let output = command.envs(settings.iter().copied()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_file_of_settings_that_is_named_and_not_there_is_no_demo() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = run(
        folder.path(),
        &[],
        &["--env-file", "prod.env", "attention", "list"],
    );
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("prod.env is not there"), "{said}");
}

#[test]
fn a_command_in_the_wrong_folder_says_so_and_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["attention", "list"][..],
        &["cas", "import", "statement.json"],
        &["scheme-rules", "import", "rules.csv"],
    ] {
        std::fs::write(folder.path().join("statement.json"), "{}").unwrap();
        let (code, said) = run(folder.path(), &[], arguments);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("data/sipbrewery.db"), "{said}");
        assert!(said.contains(".env"), "{said}");
        assert!(!folder.path().join("data").exists());
    }
}

#[tokio::test]
async fn a_command_leaves_tables_of_another_build_as_they_are() {
    let database = TestDatabase::empty().await;
    let db = Db::connect(database.url(), 1).await.unwrap();
    let listed = |url: String| {
        let folder = std::env::temp_dir();
        run(&folder, &[("DATABASE_URL", &url)], &["attention", "list"])
    };
    let url = database.url().to_owned();
    let (code, said) = tokio::task::spawn_blocking(move || listed(url))
        .await
        .unwrap();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("run `sipbrewery migrate`"), "{said}");
    assert_eq!(db.migrations().await.unwrap().0, 0);
    db.close().await;
}

#[tokio::test]
async fn of_somebody_who_is_not_there_nothing_is_said_or_written() {
    let app = TestApp::start().await;
    for command in ["release", "money release", "investor show"] {
        let line = format!("{command} con_018bcfe568c07c5ba3d5f0e1c2b3a495");
        let (ok, said) = app.operator(&line).await;
        assert!(!ok && said.contains("nobody is known by"), "{said}");
    }
    app.asks(ASHA, "hi").await;
    let (ok, said) = app.operator(&format!("release {ASHA}")).await;
    assert!(ok && said.contains("no person held"), "{said}");
    let deeds = "select count(*) from audit where actor = 'operator'";
    assert_eq!(app.scalar(deeds).await, 0);
    app.stop().await;
}

#[tokio::test]
async fn whoever_looks_at_what_is_kept_of_somebody_is_in_the_audit_trail() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    for (command, deed) in [
        (
            "investor show 919000000000",
            "select count(*) from audit where actor = 'operator' and action = 'investor_read'",
        ),
        (
            "replay --contact 919000000000",
            "select count(*) from audit where actor = 'operator' and action = 'conversation_read'",
        ),
    ] {
        assert_eq!(app.scalar(deed).await, 0);
        let (ok, said) = app.operator(command).await;
        assert!(ok, "{said}");
        assert_eq!(app.scalar(deed).await, 1);
    }
    app.stop().await;
}
