//! Files an operator names, from the disk or over HTTP: NAVs, and every other list this
//! room imports.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::AsyncReadExt;

use crate::investing::ports::NavSource;

/// AMFI's file is 1.5 MB; ten times that is something else.
const LARGEST: u64 = 16 * 1024 * 1024;
/// A history report of a month and all schemes is some 30 MB.
pub const LARGEST_HISTORY: u64 = 256 * 1024 * 1024;
/// Exchanges turn away what does not look like a browser.
const USER_AGENT: &str = concat!(
    "Mozilla/5.0 (compatible; sipbrewery/",
    env!("CARGO_PKG_VERSION"),
    ")"
);

/// A file on the disk.
#[derive(Debug, Clone)]
pub struct NavFileSource {
    path: PathBuf,
    largest: u64,
}

/// An address.
#[derive(Debug, Clone)]
pub struct NavUrlSource {
    url: reqwest::Url,
    largest: u64,
}

/// Returns the source a person named: an `http` or `https` address, or a path.
pub fn nav_source(text: &str) -> anyhow::Result<Box<dyn NavSource>> {
    source_up_to(text, LARGEST)
}

/// As [`nav_source`], for a file that may be up to `largest` bytes long.
pub fn source_up_to(text: &str, largest: u64) -> anyhow::Result<Box<dyn NavSource>> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let url = text
            .parse()
            .with_context(|| format!("`{text}` is not an address"))?;
        return Ok(Box::new(NavUrlSource { url, largest }));
    }
    let path = PathBuf::from(text);
    Ok(Box::new(NavFileSource { path, largest }))
}

impl NavSource for NavFileSource {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn fetch(&self) -> Pin<Box<dyn Future<Output = anyhow::Result<Vec<u8>>> + Send + '_>> {
        Box::pin(async move {
            let path = self.path.display();
            let file = tokio::fs::File::open(&self.path)
                .await
                .with_context(|| format!("cannot open `{path}`"))?;
            let mut bytes = Vec::new();
            file.take(self.largest + 1)
                .read_to_end(&mut bytes)
                .await
                .with_context(|| format!("cannot read `{path}`"))?;
            check_size(bytes.len() as u64, self.largest, &self.name())?;
            Ok(bytes)
        })
    }
}

impl NavSource for NavUrlSource {
    /// The address without what may be secret in it.
    fn name(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.to_string()
    }

    fn fetch(&self) -> Pin<Box<dyn Future<Output = anyhow::Result<Vec<u8>>> + Send + '_>> {
        Box::pin(async move {
            let name = self.name();
            let client = reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(10))
                .read_timeout(Duration::from_secs(20))
                .timeout(Duration::from_mins(2))
                .redirect(reqwest::redirect::Policy::limited(3))
                .user_agent(USER_AGENT)
                .build()
                .context("cannot set up an HTTP client")?;
            let mut response = client
                .get(self.url.clone())
                .send()
                .await
                .map_err(reqwest::Error::without_url)
                .with_context(|| format!("cannot fetch `{name}`"))?;
            if !response.status().is_success() {
                bail!("`{name}` answered {}", response.status());
            }
            check_size(response.content_length().unwrap_or(0), self.largest, &name)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = response
                .chunk()
                .await
                .map_err(reqwest::Error::without_url)
                .with_context(|| format!("`{name}` broke off"))?
            {
                check_size((bytes.len() + chunk.len()) as u64, self.largest, &name)?;
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        })
    }
}

fn check_size(size: u64, largest: u64, name: &str) -> anyhow::Result<()> {
    if size > largest {
        bail!("`{name}` is larger than {} MB", largest / 1024 / 1024);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_or_huge_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nav.txt");
        let source = nav_source(path.to_str().unwrap()).unwrap();
        let error = format!("{:#}", source.fetch().await.unwrap_err());
        assert!(
            error.contains("cannot open") && error.contains("nav.txt"),
            "{error}"
        );
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(LARGEST + 1).unwrap();
        let error = source.fetch().await.unwrap_err().to_string();
        assert!(error.contains("larger than 16 MB"), "{error}");
        file.set_len(3).unwrap();
        assert_eq!(source.fetch().await.unwrap(), [0, 0, 0]);
    }

    #[test]
    fn the_name_of_an_address_keeps_no_secrets() {
        let source = nav_source("https://me:pass@example.org/nav.txt?key=1").unwrap();
        assert_eq!(source.name(), "https://example.org/nav.txt");
    }
}
