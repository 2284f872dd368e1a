//! What keeps the shape of the source: each test reads `src/` and fails when a file
//! knows what it must not. See the map in `src/lib.rs` and the floors below.

#![expect(clippy::unwrap_used, reason = "a guard that cannot read has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file: its path below `src/`, and its text without comments and tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or("");
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_store(&self) -> bool {
        self.path.ends_with("/store.rs") || self.path.contains("/store/")
    }

    fn is_any_of(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            let is_folder = place.ends_with('/');
            if is_folder {
                self.path.starts_with(place) || self.path.contains(&format!("/{place}"))
            } else {
                self.path == *place || self.path.ends_with(&format!("/{place}"))
            }
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    files_below(&src, &mut paths);
    paths.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    paths.sort();
    assert!(paths.len() > 20, "the source is where it was");
    let is_test_file = |path: &str| {
        path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/")
    };
    paths
        .into_iter()
        .map(|path| Source {
            code: code_of(&std::fs::read_to_string(&path).unwrap()),
            path: path
                .strip_prefix(&src)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/"),
        })
        .filter(|source| !is_test_file(&source.path))
        .collect()
}

/// Leaves out comment lines and everything from the test module on.
fn code_of(text: &str) -> String {
    let before_tests = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or("");
    before_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns whether `code` uses the crate or path `name` (as `name::`, or in a `use`).
fn uses(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    }) || code.contains(&format!("use {name};"))
}

fn files_that_use(name: &str, except: impl Fn(&Source) -> bool) -> Vec<String> {
    sources()
        .into_iter()
        .filter(|source| !except(source) && uses(&source.code, name))
        .map(|source| source.path)
        .collect()
}

const NONE: [&str; 0] = [];

#[test]
fn sql_is_written_in_storage_and_store_files_only() {
    let found = files_that_use("sqlx", |s| s.room() == "storage" || s.is_store());
    assert_eq!(found, NONE);
}

#[test]
fn the_web_framework_is_known_at_the_edge_only() {
    // loadtest runs the bare server that the service is compared with.
    let found = files_that_use("axum", |s| {
        s.is_any_of(&["http/", "sandbox/", "cli/loadtest.rs", "cli/loadtest/"])
    });
    assert_eq!(found, NONE);
}

#[test]
fn calls_go_out_through_clients_gateways_and_sources_only() {
    let found = files_that_use("reqwest", |s| {
        s.is_any_of(&[
            "client.rs",
            "client/",
            "gateway/",
            "sandbox/",
            "sources/",
            "nav_source.rs",
            "cli/loadtest.rs",
            "cli/loadtest/",
        ])
    });
    assert_eq!(found, NONE);
}

#[test]
fn the_model_is_reached_through_one_client_only() {
    let found = files_that_use("async_openai", |s| s.path == "assistant/client.rs");
    assert_eq!(found, NONE);
}

#[test]
fn only_the_command_line_prints() {
    let found: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.room() != "cli")
        .filter(|s| {
            ["println!", "print!", "eprintln!", "eprint!", "dbg!"]
                .iter()
                .any(|word| s.code.contains(word))
        })
        .map(|s| s.path)
        .collect();
    assert_eq!(found, NONE);
}

/// Rule files hold rules over values: nothing that waits, reads or sends. Files that
/// do are known by their names; a flow may wait for the facts it asks a port for.
#[test]
fn rule_files_do_not_wait() {
    const ROOMS: [&str; 5] = ["investing", "people", "dialogue", "assistant", "whatsapp"];
    const MAY_WAIT: [&str; 13] = [
        "mod.rs",
        "store.rs",
        "store/",
        "service.rs",
        "service/",
        "client.rs",
        "client/",
        "gateway/",
        "sources/",
        "handler.rs",
        "flows/",
        "thinking.rs",
        "tools/",
    ];
    let found: Vec<_> = sources()
        .into_iter()
        .filter(|s| ROOMS.contains(&s.room()) && !s.is_any_of(&MAY_WAIT))
        .filter(|s| s.code.contains("async fn ") || s.code.contains(".await"))
        .map(|s| s.path)
        .collect();
    assert_eq!(found, NONE);
}

/// The floors, top first, each with the arrows drawn on it.
type Floor = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);
const FLOORS: [Floor; 5] = [
    (&["http", "sandbox"], &[]),
    (
        &[
            "dialogue",
            "assistant",
            "desk",
            "broadcasts",
            "notifications",
            "documents",
        ],
        &[("dialogue", "assistant"), ("dialogue", "desk")],
    ),
    (
        &["growth", "investing", "people"],
        &[
            ("growth", "investing"),
            ("investing", "people"),
            ("growth", "people"),
        ],
    ),
    (
        &["pipeline", "contacts", "whatsapp"],
        &[
            ("pipeline", "contacts"),
            ("contacts", "whatsapp"),
            ("pipeline", "whatsapp"),
        ],
    ),
    (
        &["security", "storage", "telemetry"],
        &[("security", "storage")],
    ),
];

/// What everybody may know.
const COMMON: [&str; 3] = ["clock", "id", "language"];
/// What knows everybody: composition and the command line.
const TOP: [&str; 3] = ["app", "cli", "lib"];
/// Beside the floors: what they are started with, for the entrances and the ground.
const BESIDE: [(&str, &[&str]); 2] = [("config", &["security"]), ("lifecycle", &[])];
const MAY_KNOW_BESIDE: [(&str, &str); 3] = [
    ("telemetry", "config"),
    ("http", "lifecycle"),
    ("sandbox", "lifecycle"),
];
/// The sandbox speaks HTTP to the rest, as Meta would.
const SANDBOX_MAY_KNOW: [&str; 2] = ["storage", "telemetry"];

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|(rooms, _)| rooms.contains(&room))
}

fn may_know(room: &str, other: &str) -> bool {
    if room == other || TOP.contains(&room) || COMMON.contains(&other) {
        return true;
    }
    if MAY_KNOW_BESIDE.contains(&(room, other)) {
        return true;
    }
    if let Some((_, known)) = BESIDE.iter().find(|(name, _)| *name == room) {
        return known.contains(&other);
    }
    if room == "sandbox" {
        return SANDBOX_MAY_KNOW.contains(&other);
    }
    match (floor_of(room), floor_of(other)) {
        (Some(mine), Some(theirs)) if mine == theirs => FLOORS[mine].1.contains(&(room, other)),
        (Some(mine), Some(theirs)) => mine < theirs,
        _ => false,
    }
}

/// Returns the rooms a file names: `crate::room`, alone or in a group.
fn rooms_named_in(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(std::mem::take(&mut name));
                    }
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            rooms.insert(name);
        } else {
            rooms.insert(rest.to_owned());
        }
    }
    rooms
        .into_iter()
        .filter_map(|path| {
            let path = path.trim_start();
            let end = path.find(|c: char| !c.is_alphanumeric() && c != '_');
            let room = &path[..end.unwrap_or(path.len())];
            (!room.is_empty()).then(|| room.to_owned())
        })
        .collect()
}

#[test]
fn no_room_knows_a_room_above_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let room = source.room();
        for other in rooms_named_in(&source.code) {
            if !may_know(room, &other) {
                wrong.push(format!("{} knows {other}", source.path));
            }
        }
    }
    assert_eq!(wrong, NONE);
}

/// A flow that needs a database handle is in the wrong room.
#[test]
fn the_dialogue_knows_no_database() {
    let found: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.room() == "dialogue" && rooms_named_in(&s.code).contains("storage"))
        .map(|s| s.path)
        .collect();
    assert_eq!(found, NONE);
}

#[test]
fn every_room_has_its_floor() {
    let homeless: BTreeSet<_> = sources()
        .iter()
        .map(|s| s.room().to_owned())
        .filter(|room| {
            let room = room.as_str();
            floor_of(room).is_none()
                && !COMMON.contains(&room)
                && !TOP.contains(&room)
                && room != "main"
                && !BESIDE.iter().any(|(name, _)| *name == room)
        })
        .collect();
    assert!(homeless.is_empty(), "{homeless:?}");
}

#[test]
fn the_guards_see_what_they_look_for() {
    assert!(may_know("dialogue", "investing") && !may_know("investing", "dialogue"));
    assert!(may_know("pipeline", "whatsapp") && !may_know("whatsapp", "pipeline"));
    assert!(!may_know("sandbox", "pipeline") && !may_know("pipeline", "app"));
    let code = "use crate::{clock::Clock, http::{A, B}, id};\nlet x = crate::storage::sql(y);";
    let named: Vec<_> = rooms_named_in(code).into_iter().collect();
    assert_eq!(named, ["clock", "http", "id", "storage"]);
    assert!(uses("use sqlx::Row;", "sqlx") && uses("let q = sqlx::query(s);", "sqlx"));
    assert!(!uses("my_sqlx::x", "sqlx") && !uses("a::sqlx::x", "sqlx"));
    let text = "//! sqlx::\nfn a() {}\n    // axum::\n#[cfg(test)]\nmod tests {\nsqlx::";
    assert_eq!(code_of(text), "fn a() {}");
}

/// What proves something later is only ever added. A contact that turns out to be
/// another takes its rows along, which changes whose they are and not what they say.
#[test]
fn rows_that_prove_something_are_never_changed() {
    const TABLES: [&str; 7] = [
        "ledger_entries",
        "ledger_transfers",
        "commission_splits",
        "commissions",
        "commission_parts",
        "consents",
        "risk_acknowledgements",
    ];
    const WHOSE: &str = " set contact_id = $2 where contact_id = $1";
    let mut found = Vec::new();
    for source in sources() {
        for table in TABLES {
            for verb in ["update", "delete from"] {
                let text = format!("{verb} {table}");
                for (at, _) in source.code.match_indices(&text) {
                    let rest = &source.code[at + text.len()..];
                    let is_other = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                    if !is_other && !rest.starts_with(WHOSE) {
                        found.push(format!("{}: {text}", source.path));
                    }
                }
            }
        }
    }
    assert_eq!(found, NONE);
}

/// One function divides money among parties; a second would differ in the last paisa.
#[test]
fn only_commission_divides_by_basis_points() {
    let found: Vec<_> = sources()
        .into_iter()
        .filter(|s| !s.is_any_of(&["commission/", "cli/commission.rs"]))
        .filter(|s| s.code.contains("basis_point"))
        .map(|s| s.path)
        .collect();
    assert_eq!(found, NONE);
}

#[test]
fn no_source_file_outgrows_its_subject() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.code.lines().count() > 400)
        .map(|s| s.path)
        .collect();
    assert_eq!(long, NONE);
}

/// Transactions are added and undone by others, never changed; they go only with all else
/// of a contact who is erased.
#[test]
fn no_transaction_is_ever_edited_or_deleted() {
    let found: Vec<_> = sources()
        .into_iter()
        .filter(Source::is_store)
        .filter(|s| s.path != "investing/store/forget.rs")
        .filter(|s| {
            let code = s.code.split_whitespace().collect::<Vec<_>>().join(" ");
            ["update transactions", "delete from transactions"]
                .iter()
                .any(|words| code.contains(words))
        })
        .map(|s| s.path)
        .collect();
    assert_eq!(found, NONE);
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    let mut names: Vec<String> = std::fs::read_dir(root().join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for (at, name) in names.iter().enumerate() {
        let number = format!("{:04}_", at + 1);
        let extension = Path::new(name).extension();
        assert!(
            name.starts_with(&number) && extension.is_some_and(|e| e == "sql"),
            "{name} should be {number}….sql"
        );
    }
}

/// A promise without a test is a wish: the README names one for each.
#[test]
fn every_promise_in_the_readme_names_a_test_that_exists() {
    let Ok(readme) = std::fs::read_to_string(root().join("README.md")) else {
        return;
    };
    let mut paths = Vec::new();
    files_below(&root().join("src"), &mut paths);
    files_below(&root().join("tests"), &mut paths);
    let tests: BTreeSet<String> = paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .flat_map(|text| tests_in(&text))
        .collect();
    for line in readme.lines() {
        let Some(promise) = promise_of(line) else {
            continue;
        };
        let named: Vec<_> = line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|n| is_test_name(n))
            .collect();
        assert!(!named.is_empty(), "{promise} names no test");
        for name in named {
            let last = name.rsplit("::").next().unwrap_or(name);
            assert!(
                tests.contains(last),
                "{promise} names `{name}`, which is no test"
            );
        }
    }
}

/// A row of the README's table of promises begins with `| P1 |`.
fn promise_of(line: &str) -> Option<&str> {
    let first = line.strip_prefix('|')?.split('|').next()?.trim();
    let digits = first.strip_prefix('P')?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(first)
}

/// Names of tests are sentences.
fn is_test_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':';
    text.matches('_').count() >= 2 && text.chars().all(is_part)
}

fn tests_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.contains("test]") || line.contains("test(") {
            is_test = line.starts_with("#[");
        } else if is_test && let Some((_, rest)) = line.split_once("fn ") {
            found.extend(rest.split('(').next().map(str::to_owned));
            is_test = false;
        }
    }
    found
}
