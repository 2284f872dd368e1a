//! What is fetched once a day beside the NAVs: the exchange's scheme master, and the index
//! levels of the end of the day.

use std::sync::Arc;

use anyhow::Context as _;
use futures::future::BoxFuture;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

use super::App;
use super::people::next_at;
use super::reference::counted;
use crate::clock::ist;
use crate::config::Exchange;
use crate::investing::RulesImport;
use crate::investing::gateway::{ClosingFiles, NSE_ARCHIVE};
use crate::investing::ports::MarketData;
use crate::investing::rules::master::{BSE, MasterReport, MasterScheme};
use crate::pipeline::{JobError, JobHandler, Wakes};
use crate::storage::Wake;

/// When the scheme master is read, in India: before orders are taken.
const MASTER: Time = Time::constant(6, 45, 0, 0);
/// When closing files are looked for, in India: NSE has one some hours after the close,
/// on some days only in the night.
const CLOSES: [Time; 3] = [
    Time::constant(7, 15, 0, 0),
    Time::constant(19, 0, 0, 0),
    Time::constant(22, 0, 0, 0),
];
/// Before this the day's file is not looked for.
const CLOSED: Time = Time::constant(18, 0, 0, 0);
/// Business days that are made up for.
const LOOK_BACK: usize = 5;
/// What a person sees when something could not be had.
const REFUSED: &str = "import_refused";
const MASTER_SUBJECT: &str = "scheme_master";
const CLOSES_SUBJECT: &str = "index_closes";
/// Schemes named to a person at once.
const MOST_NAMED: usize = 20;

/// Returns the jobs that the settings ask for.
pub(super) fn jobs(app: &App) -> Vec<Arc<dyn JobHandler>> {
    let mut jobs: Vec<Arc<dyn JobHandler>> = Vec::new();
    if let Exchange::Bse(_) = app.settings.gateway.exchange {
        jobs.push(Arc::new(Master(app.clone())));
    }
    if let Some(source) = app.index_source() {
        jobs.push(Arc::new(Closes(app.clone(), source)));
    }
    jobs
}

/// Reads the scheme master. Running it twice finds the same and writes nothing.
struct Master(App);

impl JobHandler for Master {
    fn kind(&self) -> &'static str {
        "scheme_master"
    }

    /// An exchange that hangs is waited for.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("scheme_master"))
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let done = self.0.fetch_scheme_master().await;
            if let Err(error) = &done {
                // The last rules stay, and somebody hears of it before the next day.
                let detail = format!("{error:#}");
                self.0.show(REFUSED, MASTER_SUBJECT, &detail).await?;
            }
            done?;
            self.0.settle(REFUSED, MASTER_SUBJECT).await?;
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        next_at(now, MASTER)
    }
}

/// Fetches the closing files of the last business days that are not on record. Running it
/// twice fetches what is still missing.
struct Closes(App, ClosingFiles);

impl JobHandler for Closes {
    fn kind(&self) -> &'static str {
        "index_closes"
    }

    /// A host that hangs is waited for, file by file.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("index_closes"))
    }

    fn run<'a>(&'a self, _: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            self.0.fetch_index_closes(&self.1, now).await?;
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let next = CLOSES.iter().filter_map(|time| next_at(now, *time));
        let (_, at) = next.min_by_key(|(_, at)| *at)?;
        Some((at.to_zoned(ist()).datetime().to_string(), at))
    }
}

impl App {
    /// Reads the scheme master of the exchange orders go to, and puts it over the rules on
    /// record.
    pub async fn fetch_scheme_master(&self) -> anyhow::Result<(RulesImport, MasterReport)> {
        let gateway = self.exchange.get().map(|connected| &connected.gateway);
        let gateway = gateway.context("there is no exchange: ORDER_GATEWAY names none")?;
        let name = gateway.name();
        let read = gateway.scheme_master().await;
        let master = counted(MASTER_SUBJECT, read.map_err(anyhow::Error::from))?;
        let master = master.with_context(|| {
            format!("`{name}` has no scheme master; import a file: sipbrewery scheme-rules import")
        })?;
        self.put_scheme_master(&master).await
    }

    pub(super) async fn put_scheme_master(
        &self,
        master: &[MasterScheme],
    ) -> anyhow::Result<(RulesImport, MasterReport)> {
        let now = self.ground.clock.now();
        let put = self.investing.put_scheme_master(master, BSE, now).await;
        let (imported, report) = counted(MASTER_SUBJECT, put)?;
        tracing::info!(
            rows = report.rows,
            schemes = report.schemes,
            changed = imported.changed,
            ambiguous = report.ambiguous.len(),
            gone = report.gone.len(),
            "the scheme master is on record"
        );
        for (subject, codes, what) in [
            (
                "ambiguous",
                &report.ambiguous,
                "several rows of the scheme master speak of one scheme, which is not sold: name \
                 its exchange_code in a rules file",
            ),
            (
                "gone",
                &report.gone,
                "the scheme master names these schemes no more; nothing of them is sold",
            ),
        ] {
            if codes.is_empty() {
                self.settle(MASTER_SUBJECT, subject).await?;
                continue;
            }
            let named: Vec<_> = codes
                .iter()
                .take(MOST_NAMED)
                .map(ToString::to_string)
                .collect();
            let detail = format!("{what} ({} in all): {}", codes.len(), named.join(", "));
            self.show(MASTER_SUBJECT, subject, &detail).await?;
        }
        Ok((imported, report))
    }

    /// Returns where the closing files are, if they are to be fetched.
    fn index_source(&self) -> Option<ClosingFiles> {
        let source = self.settings.index_source.as_deref()?;
        let template = if source == "nse" { NSE_ARCHIVE } else { source };
        Some(ClosingFiles::at(template))
    }

    /// Fetches what is missing of the last business days. What is only late is tried again;
    /// what is old by then is put before a person.
    async fn fetch_index_closes(&self, files: &ClosingFiles, now: Timestamp) -> anyhow::Result<()> {
        let calendar = self.investing.calendar();
        let at = now.to_zoned(ist());
        let last = if at.time() < CLOSED {
            at.date().yesterday()?
        } else {
            at.date()
        };
        let mut days: Vec<Date> = last
            .series((-1).day())
            .filter(|day| calendar.is_business_day(*day))
            .take(LOOK_BACK)
            .collect();
        days.reverse();
        let mut failed = None;
        for day in days {
            if self.investing.has_index_closes(day).await? {
                continue;
            }
            let closes = counted(CLOSES_SUBJECT, files.closes(day).await);
            match closes {
                Ok(closes) => {
                    let place = files.place(day);
                    self.investing.put_index_closes(closes, &place, now).await?;
                }
                Err(error) => failed = failed.or(Some((day, error))),
            }
        }
        let Some((day, error)) = failed else {
            return self.settle(REFUSED, CLOSES_SUBJECT).await;
        };
        if calendar.is_stale(day, at.date()) {
            let detail = format!("the index levels of {day} could not be had: {error:#}");
            self.show(REFUSED, CLOSES_SUBJECT, &detail).await?;
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use secrecy::SecretString;

    use super::*;
    use crate::app::gateway::PaperHere;
    use crate::app::{Settings, demo};
    use crate::clock::Clock;
    use crate::id::Ids;
    use crate::investing::SchemeCode;
    use crate::investing::gateway::tests::fake_bse::FakeBse;

    const FLEXI: SchemeCode = SchemeCode(101_762);

    /// A service whose closing files lie in a folder, on a Monday evening.
    async fn app(folder: &tempfile::TempDir) -> App {
        app_with(folder, |_| None).await
    }

    /// The same, with more settings.
    async fn app_with(folder: &tempfile::TempDir, more: impl Fn(&str) -> Option<String>) -> App {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let place = |name: &str| folder.path().join(name).display().to_string();
        let (url, closes) = (format!("sqlite://{}", place("t.db")), place("{day}.csv"));
        let settings = Settings::from_lookup(|name| match name {
            "DATABASE_URL" => Some(url.clone()),
            "INDEX_SOURCE" => Some(closes.clone()),
            name => more(name),
        });
        let evening = "2026-08-24T19:00:00+05:30".parse().unwrap();
        let (settings, clock) = (settings.unwrap(), Clock::standing(evening));
        let app = App::open(&settings, clock, Ids::random()).await.unwrap();
        demo::import_shipped_navs(&app).await.unwrap();
        app
    }

    fn closing_file(folder: &tempfile::TempDir, day: Date) {
        let text = format!(
            "Index Name,Index Date,Closing Index Value\nNifty 50,{},24555.25\n",
            day.strftime("%d-%m-%Y")
        );
        let name = format!("{}.csv", day.strftime("%d%m%Y"));
        std::fs::write(folder.path().join(name), text).unwrap();
    }

    async fn shown(app: &App) -> Vec<(String, String)> {
        let open = crate::pipeline::way_back::attention(&app.ground.db, false);
        let open = open.await.unwrap().into_iter();
        open.map(|one| (one.kind, one.subject)).collect()
    }

    #[tokio::test]
    async fn closing_files_are_fetched_until_none_is_missing_and_what_is_old_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(&folder).await;
        let job = jobs(&app).remove(0);
        assert_eq!((job.kind(), jobs(&app).len()), ("index_closes", 1));
        let days = [18, 19, 20, 21, 24].map(|day| date(2026, 8, day));
        closing_file(&folder, days[3]);
        let now = app.ground.clock.now();
        assert!(job.run(&[], now).await.is_err(), "tried again");
        assert!(app.investing.has_index_closes(days[3]).await.unwrap());
        let kept = [("import_refused".to_owned(), "index_closes".to_owned())];
        assert_eq!(shown(&app).await, kept);
        for day in days {
            closing_file(&folder, day);
        }
        for _ in 0..2 {
            assert!(job.run(&[], now).await.is_ok());
        }
        assert_eq!(shown(&app).await, []);
        let level = app.investing.index_level("Nifty 50", days[4]).await;
        let level = level.unwrap().unwrap();
        assert_eq!((level.close.date, level.is_stale), (days[4], false));
        let week = app.investing.index_level("Nifty 50", date(2026, 8, 31));
        assert!(week.await.unwrap().unwrap().is_stale, "and said to be old");
        let (_, next) = job.next_period(now).unwrap();
        assert_eq!(next, "2026-08-24T22:00:00+05:30".parse().unwrap());
        app.ground.db.close().await;
    }

    fn answer(rows: &str) -> String {
        format!(r#"{{"status":"success","data":{{"lists":[{rows}]}}}}"#)
    }

    /// BSE's answer, for one scheme of the shipped list and one nobody can tell apart.
    fn master(folder: &tempfile::TempDir, more: &str) -> String {
        let row = |code: &str| {
            format!(
                r#"{{"name":"Flexi","scheme_bse_code":"{code}","scheme_isin":"INF179K01608",
                "is_active":true,"lumpsum":[{{"scheme_transaction_type":"Purchase",
                "scheme_transaction_cutoff_time":"14:30:00","scheme_transaction_single_details":
                {{"scheme_transaction_amt":{{"scheme_transaction_min_amt":700,
                "scheme_transaction_min_adtnl_amt":100,"scheme_transaction_mult_amt":1}}}}}}],
                "systematic":[]}}"#
            )
        };
        let rows = [row("H02"), more.to_owned()];
        let rows = rows.join(",").replace("SAME", &row("H02-X"));
        let text = answer(&rows);
        let path = folder.path().join("master.json");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[tokio::test]
    async fn what_a_scheme_master_leaves_open_is_not_sold_and_shown_until_it_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(&folder).await;
        let path = master(&folder, "SAME");
        app.import_scheme_rules(&path).await.unwrap();
        let open = [("scheme_master".to_owned(), "ambiguous".to_owned())];
        assert_eq!(shown(&app).await, open);
        let rules = app.investing.rules(FLEXI, date(2026, 8, 24));
        assert_eq!(rules.and_then(|rules| rules.purchase), None);
        let unlisted = r#"{"name":"?","scheme_bse_code":"Z","scheme_isin":"INF000000001"}"#;
        let path = master(&folder, unlisted);
        app.import_scheme_rules(&path).await.unwrap();
        assert_eq!(shown(&app).await, []);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn a_scheme_master_becomes_rules_and_the_code_on_record_tells_its_rows_apart() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(&folder).await;
        let rules = || app.investing.rules(FLEXI, date(2026, 8, 24));
        assert_eq!(rules(), None);
        let unlisted = r#"{"name":"?","scheme_bse_code":"Z","scheme_isin":"INF000000001"}"#;
        let path = master(&folder, unlisted);
        let done = app.import_scheme_rules(&path).await.unwrap();
        assert_eq!((done.rows, done.changed), (1, 1));
        let sold = rules().unwrap();
        assert_eq!(sold.exchange_code.as_deref(), Some("H02"));
        assert_eq!((sold.purchase, sold.from), (Some(true), date(2026, 8, 24)));
        let again = app.import_scheme_rules(&path).await.unwrap();
        assert_eq!(again.changed, 0);
        // A second row for it: the code that is on record still tells which is meant.
        let path = master(&folder, "SAME");
        assert_eq!(app.import_scheme_rules(&path).await.unwrap().changed, 0);
        assert_eq!(shown(&app).await, []);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn each_day_the_exchanges_scheme_master_is_read_over_its_wire_and_becomes_rules() {
        let folder = tempfile::tempdir().unwrap();
        let (bse, url) = FakeBse::start(None).await;
        let app = app_with(&folder, |name| {
            let said = match name {
                "ORDER_GATEWAY" => "bse",
                "BSE_BASE_URL" => &url,
                "BSE_MEMBER" => "91010",
                "BSE_USERNAME" => "member/91010/api",
                "BSE_PASSWORD" => "secret of the test",
                "BSE_PAYLOADS" => "plain",
                "BSE_V2_CALLS" => "none",
                _ => return None,
            };
            Some(said.to_owned())
        });
        let app = app.await;
        app.connect_gateway(None).unwrap();
        let job = jobs(&app).remove(0);
        assert_eq!(job.kind(), "scheme_master");
        let (now, rules) = (app.ground.clock.now(), || {
            app.investing.rules(FLEXI, date(2026, 8, 24))
        });
        let (_, next) = job.next_period(now).unwrap();
        assert_eq!(next.to_zoned(ist()).date(), date(2026, 8, 25));
        // What is no master changes nothing, and a person hears of it.
        bse.book().master = Some(serde_json::json!({"status": "success", "data": {}}));
        assert!(job.run(&[], now).await.is_err(), "tried again");
        let refused = [("import_refused".to_owned(), "scheme_master".to_owned())];
        assert_eq!((shown(&app).await, rules()), (refused.to_vec(), None));
        let unlisted = r#"{"name":"?","scheme_bse_code":"Z","scheme_isin":"INF000000001"}"#;
        let path = master(&folder, unlisted);
        let text = std::fs::read_to_string(path).unwrap();
        bse.book().master = Some(serde_json::from_str(&text).unwrap());
        for _ in 0..2 {
            assert!(job.run(&[], now).await.is_ok());
        }
        assert_eq!(shown(&app).await, []);
        assert_eq!(rules().unwrap().exchange_code.as_deref(), Some("H02"));
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn where_no_exchange_has_a_master_it_is_said_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(&folder).await;
        let error = app.fetch_scheme_master().await.unwrap_err().to_string();
        assert!(error.contains("ORDER_GATEWAY"), "{error}");
        let nowhere = PaperHere {
            url: "http://127.0.0.1:9".to_owned(),
            token: SecretString::from("a-token"),
        };
        app.connect_gateway(Some(&nowhere)).unwrap();
        let error = app.fetch_scheme_master().await.unwrap_err().to_string();
        assert!(error.contains("scheme-rules import"), "{error}");
        app.ground.db.close().await;
    }
}
