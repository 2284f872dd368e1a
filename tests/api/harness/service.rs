//! The service as what it is in production: a process, which can be stopped, continued
//! and killed.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{Network, TestDatabase};

const EXCHANGE_TOKEN: &str = "paper-exchange-token";

/// One server process.
pub struct Service {
    child: Child,
    port: u16,
    started: Instant,
    log: std::path::PathBuf,
}

impl Service {
    /// Starts the server on a port; its log goes to a file beside the database.
    pub fn start(database: &TestDatabase, network: &Network, port: u16) -> Self {
        let mut settings = network.settings();
        settings.extend([
            ("DISTRIBUTOR_NAME", "Proof Distributors".to_owned()),
            ("DISTRIBUTOR_ARN", "ARN-123456".to_owned()),
            ("GRIEVANCE_CONTACT", "grievance@proof.invalid".to_owned()),
        ]);
        Self::spawn(database, port, settings)
    }

    /// Starts a demo: Meta and the exchange are in the process as well, with files beside
    /// the database.
    pub fn demo(database: &TestDatabase, data_key: &str, port: u16) -> Self {
        Self::spawn(database, port, vec![("DATA_KEY", data_key.to_owned())])
    }

    /// Starts a demo whose exchange is a process of its own.
    pub fn demo_at(database: &TestDatabase, data_key: &str, port: u16, exchange: &Self) -> Self {
        let url = format!("http://127.0.0.1:{}", exchange.port);
        let settings = vec![
            ("DATA_KEY", data_key.to_owned()),
            ("PAPER_EXCHANGE_URL", url),
            ("PAPER_EXCHANGE_TOKEN", EXCHANGE_TOKEN.to_owned()),
        ];
        Self::spawn(database, port, settings)
    }

    /// Starts the paper exchange alone, which tells the server on another port.
    pub fn exchange(database: &TestDatabase, port: u16, member: u16) -> Self {
        let secret = sipbrewery::app::demo::GATEWAY_WEBHOOK_SECRET;
        let webhook = format!("http://127.0.0.1:{member}/webhooks/gateway/{secret}");
        let listen = format!("127.0.0.1:{port}");
        let arguments = [
            ["exchange", "--listen"],
            [&listen, "--webhook"],
            [&webhook, "--token"],
            [EXCHANGE_TOKEN, "--database"],
        ];
        let arguments = [arguments.as_flattened(), &["exchange.db"]].concat();
        Self::run(database, port, &arguments, Vec::new())
    }

    fn spawn(database: &TestDatabase, port: u16, settings: Vec<(&'static str, String)>) -> Self {
        Self::run(database, port, &["serve"], settings)
    }

    fn run(
        database: &TestDatabase,
        port: u16,
        arguments: &[&str],
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let path = database.folder().join(format!("server-{port}.log"));
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&path)
            .expect("a log file");
        let output = log.try_clone().expect("a second handle");
        let started = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_sipbrewery"))
            .args(["--env-file", "/dev/null"])
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("HTTP_ADDR", format!("127.0.0.1:{port}"))
            .env("NAV_SOURCE_URL", "off")
            .env("RUST_LOG", "warn")
            .env("LOG_FORMAT", "text")
            .env("WHATSAPP_MESSAGES_PER_SECOND", "10000")
            .envs(settings)
            // On PostgreSQL a demo's files are in the folder it was started in.
            .current_dir(database.folder())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log)
            .spawn()
            .expect("the server starts");
        Self {
            child,
            port,
            started,
            log: path,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns when the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Ends it as kill -9 does.
    pub fn kill(mut self) {
        self.child.kill().expect("the server was still running");
        self.child.wait().expect("a process of ours");
    }

    /// Sends it a signal by name (`STOP`, `CONT`, `TERM`).
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .expect("kill is there");
        assert!(sent.success(), "the server was still running");
    }

    /// Asks it to stop and returns how it ended and how long that took.
    pub async fn terminate(mut self) -> (ExitStatus, Duration) {
        self.signal("TERM");
        let asked = Instant::now();
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while asked.elapsed() < Duration::from_secs(40) {
            tick.tick().await;
            if let Some(status) = self.child.try_wait().expect("a process of ours") {
                return (status, asked.elapsed());
            }
        }
        panic!("the server did not stop");
    }

    /// Returns the sum of a counter, over all its labels.
    pub async fn counter(&self, name: &str) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.port);
        let page = super::network::client(Duration::from_secs(10))
            .get(url)
            .send()
            .await
            .expect("the server answers")
            .text()
            .await
            .expect("a page");
        page.lines()
            .filter(|line| line.starts_with(name))
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }
}

impl Drop for Service {
    #[expect(
        clippy::print_stderr,
        reason = "a failed test shows what the server said"
    )]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(30)..] {
                let line: String = line.chars().take(300).collect();
                eprintln!("server {}: {line}", self.port);
            }
        }
    }
}

/// Returns a port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
