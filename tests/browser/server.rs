//! The demo, as its own process in a folder of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running demo; dropping it ends the process and removes its folder.
pub struct Demo {
    process: Child,
    folder: TempDir,
    /// Address of the page.
    pub page: String,
}

impl Demo {
    /// Returns when the page is served: the demo says where only then.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let log = File::create(folder.path().join("log")).expect("a log file");
        let mut process = Command::new(env!("CARGO_BIN_EXE_sipbrewery"))
            .args(["--env-file", "/dev/null"])
            .env_clear()
            .env("HTTP_ADDR", "127.0.0.1:0")
            .env("RUST_LOG", "warn")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let said = BufReader::new(process.stdout.take().expect("its output is piped"));
        let page = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("open ")?.1.trim().to_owned()));
        let demo = Self {
            process,
            folder,
            page: page.unwrap_or_default(),
        };
        assert!(!demo.page.is_empty(), "no address said:\n{}", demo.log());
        demo
    }

    /// Returns what the process wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
