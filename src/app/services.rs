//! What the dialogue sets in motion that moves no money: papers, requests, notices.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{App, banks, erasure, export};
use crate::clock::ist;
use crate::contacts::requests::{self, RequestKind};
use crate::dialogue::commands::{NoticeWay, Paper, Service};
use crate::documents::facts::By;
use crate::documents::{Announce, Order};
use crate::id::ContactId;
use crate::investing::events::{Event, What, record};
use crate::language::Language;
use crate::notifications::service::{create_calendar_link, set_preference};
use crate::notifications::{Scope, Wish};
use crate::pipeline::{Ground, Job, JobError, JobHandler, Line, enqueue_job, open_attention};
use crate::storage::{Conn, Error};

/// What was told to come in a moment: a long list of one investor leaves room for another.
pub(super) const PAPERS: Line = Line {
    name: "papers",
    workers: 2,
};

const KIND: &str = "paper";

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    contact: ContactId,
    paper: Paper,
    language: Language,
}

/// Carries a service out in the transaction of its turn.
pub(super) async fn carry_out(
    app: &App,
    conn: &mut Conn,
    contact: ContactId,
    service: &Service,
) -> Result<(), Error> {
    let ground = &app.ground;
    let now = ground.clock.now();
    match service {
        Service::Paper(paper, language) => {
            let wanted = Wanted {
                contact,
                paper: *paper,
                language: *language,
            };
            let job = Job {
                kind: KIND,
                unique_key: format!("{KIND}:{contact}:{}:{now}", paper.as_str()),
                payload: serde_json::to_vec(&wanted).map_err(anyhow::Error::from)?,
                run_at: now,
            };
            enqueue_job(conn, ground, &job).await?;
        }
        Service::Task(task, number) => {
            requests::open_task(conn, number, contact, task.as_str(), now).await?;
            let detail = format!("{contact}: {}", task.as_str());
            to_a_person(ground, conn, requests::TASK, number, detail).await?;
        }
        Service::Export(number, language) => {
            requests::open(conn, number, contact, RequestKind::Export, now).await?;
            let job = export::job(number, *language, now)?;
            enqueue_job(conn, ground, &job).await?;
        }
        Service::Erase(number, due) => {
            erasure::order(app, conn, contact, (number, *due)).await?;
        }
        Service::KeepData(number) => {
            // The words of this turn would not be true: it is decided again.
            if !requests::call_off(conn, number, now).await? {
                return Err(Error::Conflict("an erasure"));
            }
        }
        Service::CheckBank => {
            enqueue_job(conn, ground, &banks::job(contact, now)).await?;
        }
        Service::Complaint(number) => {
            requests::open(conn, number, contact, RequestKind::Complaint, now).await?;
            to_a_person(
                ground,
                conn,
                requests::COMPLAINT,
                number,
                contact.to_string(),
            )
            .await?;
        }
        Service::Notices(way) => {
            let wish = match way {
                NoticeWay::WhatsApp => Wish::WhatsApp,
                NoticeWay::Email => Wish::Email,
                NoticeWay::Required => Wish::Nowhere,
            };
            set_preference(conn, &ground.ids, contact, Scope::Every, wish, now).await?;
        }
        Service::Calendar(language) => {
            calendar(app, conn, contact, *language, now).await?;
        }
    }
    Ok(())
}

/// Puts a request before a person, who closes it with `attention resolve`.
async fn to_a_person(
    ground: &Ground,
    conn: &mut Conn,
    kind: &str,
    number: &str,
    detail: String,
) -> Result<(), Error> {
    let millis = ground.clock.now().as_millisecond();
    open_attention(conn, &ground.ids, kind, number, &detail, millis).await
}

/// Returns the jobs that what is set in motion here is done by.
pub(super) fn jobs(app: &App) -> Vec<Arc<dyn JobHandler>> {
    let bank = banks::verifier(&app.settings);
    vec![
        Arc::new(Papers { app: app.clone() }),
        Arc::new(export::Export::new(app.clone())),
        Arc::new(erasure::Erase::new(app.clone())),
        Arc::new(banks::BankCheck::new(app.clone(), bank)),
    ]
}

/// The link is a secret made here and kept nowhere, so it is told by a notice.
async fn calendar(
    app: &App,
    conn: &mut Conn,
    contact: ContactId,
    language: Language,
    now: Timestamp,
) -> Result<(), Error> {
    let ground = &app.ground;
    let path = create_calendar_link(conn, ground, contact, now).await?;
    let expires = now
        .to_zoned(ist())
        .date()
        .checked_add(jiff::ToSpan::days(400))
        .map_err(anyhow::Error::from)?;
    let title = match language {
        Language::En => "Calendar of SIP dates",
        Language::Hi => "SIP तारीख़ों का कैलेंडर",
        Language::Hinglish => "SIP dates ka calendar",
    };
    let event = Event {
        contact,
        key: format!("calendar:{contact}:{now}"),
        what: What::DocumentReady {
            title: title.to_owned(),
            link: format!("{}{path}", app.base_url()),
            expires,
            // WhatsApp carries no calendars.
            file: None,
        },
    };
    record(conn, &ground.keys, &ground.ids, &event, now).await?;
    Ok(())
}

/// Makes papers that were asked for and tells their links. Run again after it broke off,
/// it makes one more link to the same paper, which the same person gets.
struct Papers {
    app: App,
}

impl JobHandler for Papers {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> Line {
        PAPERS
    }

    fn run<'a>(&'a self, payload: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let wanted: Wanted =
                serde_json::from_slice(payload).map_err(|error| JobError::Fail(error.into()))?;
            let documents = self.app.documents();
            let contact = self.app.self_of(wanted.contact).await?;
            let language = wanted.language;
            let made = documents
                .make(contact, language, order(wanted.paper))
                .await?;
            documents.publish(contact, &made, Announce::Yes).await?;
            Ok(())
        })
    }
}

fn order(paper: Paper) -> Order {
    match paper {
        Paper::Statement => Order::Statement,
        Paper::Transactions => Order::Transactions {
            from: None,
            to: None,
        },
        Paper::CapitalGains { year } => Order::CapitalGains { year },
        Paper::SipSummary => Order::SipSummary,
        Paper::ValuePicture => Order::PortfolioChart,
        Paper::AllocationPicture => Order::AllocationChart(By::Category),
        Paper::GrowthPicture => Order::SipGrowthChart,
    }
}

#[cfg(test)]
mod tests {
    use super::super::demo_app;
    use super::*;

    #[tokio::test]
    async fn what_was_told_to_come_in_a_moment_stands_behind_nothing_that_is_fetched() {
        let folder = tempfile::tempdir().unwrap();
        let fetched = [
            ("NAV_SOURCE_URL", "https://navs.test/all.txt"),
            ("INDEX_SOURCE", "nse"),
        ];
        let app = demo_app::open(&folder, &fetched).await;
        let handlers = app.job_handlers().unwrap();
        let of = |kind: &str| handlers.iter().find(|job| job.kind() == kind).unwrap();
        for kind in ["paper", "export", "bank_check"] {
            assert_eq!(of(kind).line(), PAPERS, "{kind}");
            assert!(of(kind).apart(&app.ground.wakes).is_none(), "{kind}");
        }
        for kind in ["nav_import", "index_closes"] {
            assert!(of(kind).apart(&app.ground.wakes).is_some(), "{kind}");
        }
        app.ground.db.close().await;
    }
}
