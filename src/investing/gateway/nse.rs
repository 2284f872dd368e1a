//! Index levels from NSE's archive of closing files.

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::civil::Date;

use super::nav_file::nav_source;
use crate::investing::market::{self, IndexClose};
use crate::investing::ports::MarketData;

/// Where NSE keeps them; `{day}` stands for the day as `DDMMYYYY`.
pub const NSE_ARCHIVE: &str =
    "https://nsearchives.nseindia.com/content/indices/ind_close_all_{day}.csv";

/// One closing file a day, at addresses that differ by the day only.
#[derive(Debug, Clone)]
pub struct ClosingFiles {
    template: String,
}

impl ClosingFiles {
    /// Returns the source at `template`, an address or path with `{day}` in it.
    pub fn at(template: &str) -> Self {
        Self {
            template: template.to_owned(),
        }
    }

    /// Returns where the file of a day is.
    pub fn place(&self, day: Date) -> String {
        self.template
            .replace("{day}", &day.strftime("%d%m%Y").to_string())
    }
}

impl MarketData for ClosingFiles {
    fn name(&self) -> String {
        self.template.clone()
    }

    fn closes(&self, day: Date) -> BoxFuture<'_, anyhow::Result<Vec<IndexClose>>> {
        Box::pin(async move {
            let place = self.place(day);
            let bytes = nav_source(&place)?.fetch().await?;
            let (mut closes, _) =
                market::parse(&bytes).with_context(|| format!("`{place}` was refused"))?;
            // An archive that answers with another day's file says nothing of this one.
            closes.retain(|close| close.date == day);
            anyhow::ensure!(!closes.is_empty(), "`{place}` has no level of {day}");
            Ok(closes)
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[tokio::test]
    async fn the_file_of_a_day_is_fetched_and_another_days_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let template = folder.path().join("ind_close_all_{day}.csv");
        let source = ClosingFiles::at(template.to_str().unwrap());
        let day = date(2026, 8, 21);
        let text = "Index Name,Index Date,Closing Index Value\nNifty 50,21-08-2026,24555.25\n";
        std::fs::write(source.place(day), text).unwrap();
        assert!(source.place(day).ends_with("ind_close_all_21082026.csv"));
        let closes = source.closes(day).await.unwrap();
        assert_eq!((closes.len(), closes[0].name.as_str()), (1, "Nifty 50"));
        let next = date(2026, 8, 24);
        std::fs::write(source.place(next), text).unwrap();
        let error = source.closes(next).await.unwrap_err().to_string();
        assert!(error.contains("no level of 2026-08-24"), "{error}");
        assert!(
            source.closes(date(2026, 8, 25)).await.is_err(),
            "there is no file"
        );
    }
}
