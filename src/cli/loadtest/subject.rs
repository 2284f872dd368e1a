//! The process that is measured, and what the system says about it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use crate::security::MasterKeys;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The service.
    Service,
    /// The least a server can do that keeps what it acknowledges.
    Bare,
}

impl Kind {
    /// Returns its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Bare => "bare server",
        }
    }
}

/// What both ends know.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) app_secret: String,
    pub(super) access_token: String,
    pub(super) number: String,
    pub(super) account: String,
    pub(super) data_key: String,
    /// Part of every message id, so that no two runs share one.
    pub(super) run: String,
}

impl Keys {
    /// Makes new ones.
    pub(super) fn make() -> Self {
        let run: String = MasterKeys::generate()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        Self {
            app_secret: MasterKeys::generate(),
            access_token: format!("EAA{run}{run}{run}"),
            number: "106540352242922".to_owned(),
            account: "102290129340398".to_owned(),
            data_key: MasterKeys::generate(),
            run,
        }
    }
}

/// Returns the settings of a service in production, all but the sampling of logs.
pub(super) fn environment(
    keys: &Keys,
    database_url: &str,
    graph: SocketAddr,
    log: &str,
) -> Vec<(&'static str, String)> {
    vec![
        ("HTTP_ADDR", "127.0.0.1:0".to_owned()),
        ("DATABASE_URL", database_url.to_owned()),
        ("WHATSAPP_APP_SECRET", keys.app_secret.clone()),
        ("WHATSAPP_VERIFY_TOKEN", keys.run.repeat(3)),
        ("WHATSAPP_ACCESS_TOKEN", keys.access_token.clone()),
        ("WHATSAPP_PHONE_NUMBER_ID", keys.number.clone()),
        ("WHATSAPP_WABA_ID", keys.account.clone()),
        ("WHATSAPP_API_BASE_URL", format!("http://{graph}")),
        ("WHATSAPP_MESSAGES_PER_SECOND", "1000000".to_owned()),
        // The bare server shows nothing either; a call beside each reply is not measured.
        ("WHATSAPP_READ_RECEIPTS", "off".to_owned()),
        // Nobody follows the links.
        ("PUBLIC_URL", "http://127.0.0.1".to_owned()),
        ("DATA_KEY", keys.data_key.clone()),
        ("DISTRIBUTOR_NAME", "Load Test Distributor".to_owned()),
        ("DISTRIBUTOR_ARN", "ARN-123456".to_owned()),
        ("GRIEVANCE_CONTACT", "grievance@loadtest.example".to_owned()),
        ("NAV_SOURCE_URL", "off".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("RUST_LOG", log.to_owned()),
    ]
}

/// A running process, ended when dropped.
pub(super) struct Subject {
    child: Option<Child>,
    pid: Option<u32>,
    pub(super) address: SocketAddr,
}

impl Subject {
    /// Starts this very program with other arguments and waits until it says where it
    /// listens.
    pub(super) fn start(
        arguments: &[String],
        environment: &[(&'static str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--env-file", "/dev/null"])
            .args(arguments)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the process to be measured")?;
        let mut said = BufReader::new(child.stdout.take().context("its output is not piped")?);
        let mut line = String::new();
        said.read_line(&mut line)?;
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split('/').next()?.trim().parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            anyhow::bail!(
                "the process to be measured did not start: `{}`",
                line.trim()
            );
        };
        Ok(Self {
            pid: Some(child.id()),
            child: Some(child),
            address,
        })
    }

    /// Takes a process that runs already.
    pub(super) fn running(address: SocketAddr, pid: Option<u32>) -> Self {
        Self {
            child: None,
            pid,
            address,
        }
    }

    /// Returns the CPU time it used so far, in microseconds.
    pub(super) fn cpu_micros(&self) -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid?)).ok()?;
        cpu_micros(&stat)
    }

    /// Returns a line of its memory in kB: `VmRSS` now, `VmHWM` at its peak.
    pub(super) fn memory_kb(&self, line: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid?)).ok()?;
        let found = status.lines().find_map(|l| l.strip_prefix(line))?;
        found
            .trim_start_matches(':')
            .trim()
            .split(' ')
            .next()?
            .parse()
            .ok()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Linux counts CPU time in ticks of 10 ms, whatever the machine.
const TICK_MICROS: u64 = 10_000;

/// Reads user and system time; the name before them may hold spaces and brackets.
fn cpu_micros(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_MICROS)
}

/// A folder that is gone when dropped.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    /// Makes it among the system's temporary files.
    pub(super) fn make(run: &str) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sipbrewery-loadtest-{run}"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::cpu_micros;

    #[test]
    fn cpu_time_is_read_behind_a_name_with_brackets() {
        let stat = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert_eq!(cpu_micros(stat), Some(2_000_000));
    }
}
