//! Headless Chromium, one session at a time.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

/// What the page sees as its window, in CSS pixels.
#[derive(Clone, Copy)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
}

/// A desk: phone and controls side by side.
pub const DESK: Screen = Screen {
    width: 1280,
    height: 800,
};
/// A small phone.
pub const SMALL: Screen = Screen {
    width: 360,
    height: 640,
};

/// A browser, with the driver and the profile it needs.
pub struct Browser {
    pub client: Client,
    _driver: Option<Driver>,
    _profile: TempDir,
}

impl Browser {
    /// Opens one with a new profile.
    pub async fn open(screen: Screen) -> Self {
        let (url, driver) = if let Some(url) = std::env::var_os("TEST_WEBDRIVER_URL") {
            (url.into_string().expect("an address is UTF-8"), None)
        } else {
            let driver = Driver::start();
            (driver.url.clone(), Some(driver))
        };
        let profile = TempDir::new().expect("a temporary folder");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(screen, &profile))
            .connect(&url)
            .await
            .expect("Chromium starts");
        Self {
            client,
            _driver: driver,
            _profile: profile,
        }
    }
}

fn capabilities(screen: Screen, profile: &TempDir) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.path().display());
    // A window cannot be as narrow as a phone; an emulated screen can.
    let metrics = json!({
        "width": screen.width, "height": screen.height, "pixelRatio": 1.0,
        "mobile": screen.width < 600, "touch": false,
    });
    let options = json!({
        "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server", profile,
        ],
        "mobileEmulation": { "deviceMetrics": metrics },
    });
    Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)])
}

/// A chromedriver of our own, for who did not start one.
struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is installed");
        let said = BufReader::new(process.stdout.take().expect("its output is piped"));
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let url = port.map(|port| format!("http://127.0.0.1:{port}"));
        Self {
            process,
            url: url.expect("chromedriver says its port"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
