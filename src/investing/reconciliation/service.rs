use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{BookedOrder, Claims, ReportedOrder, Written, compare, store};
use crate::id::{ContactId, Ids};
use crate::investing::gateway::GatewayError;
use crate::investing::ledger;
use crate::storage::Db;

/// Investors looked at before others get a turn at the database.
const PAGE: i64 = 100;

/// So many investors in a row who cannot be looked at: the gateway answers nobody.
const IN_A_ROW: usize = 10;

/// Knows the orders of investors, and what the gateway says of them.
pub trait OrderBook: Send + Sync + 'static {
    /// Returns an investor's orders, all of them.
    fn orders(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Vec<BookedOrder>>>;

    /// Asks the gateway about those of an investor's orders that it may still change its
    /// mind about.
    fn reports<'a>(
        &'a self,
        contact: ContactId,
        orders: &'a [BookedOrder],
    ) -> BoxFuture<'a, anyhow::Result<Reported>>;
}

/// What the gateway says of an investor's orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// Of those it says something of that is known.
    pub orders: Vec<ReportedOrder>,
    /// Orders and plans of which it says what nobody knows: they are not compared with it.
    pub unknown: usize,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// Investors looked at.
    pub investors: usize,
    /// Of them, those who could not be: the gateway did not answer, or a row is damaged.
    pub unread: usize,
    /// Orders and plans the gateway says of what nobody knows.
    pub unknown: usize,
    /// Findings that are new.
    pub new: usize,
    /// Findings that are gone.
    pub closed: usize,
    /// Investors whose money was paused.
    pub paused: usize,
}

/// Compares the books of every investor who has any. Doing it again finds the same and
/// writes nothing. Ends with an error where the gateway answers nobody.
pub async fn reconcile_all(
    db: &Db,
    ids: &Ids,
    book: &dyn OrderBook,
    now: Timestamp,
    today: Date,
) -> anyhow::Result<Run> {
    let mut run = Run::default();
    let mut after = String::new();
    let mut in_a_row = 0;
    loop {
        let mut conn = db.read().await?;
        let page = store::contacts_with_books(&mut conn, &after, PAGE).await?;
        drop(conn);
        let Some(last) = page.last() else {
            return Ok(run);
        };
        after = last.to_string();
        for contact in page {
            run.investors += 1;
            match reconcile(db, ids, book, contact, now, today).await {
                Ok((written, unknown)) => {
                    run.unknown += unknown;
                    run.new += written.new;
                    run.closed += written.closed;
                    run.paused += usize::from(written.paused);
                    in_a_row = 0;
                }
                Err(error) => {
                    run.unread += 1;
                    tracing::error!(error = &*error, %contact, "an investor cannot be reconciled");
                    in_a_row = if is_silence(&error) { in_a_row + 1 } else { 0 };
                    if in_a_row == IN_A_ROW {
                        let nobody = format!("{IN_A_ROW} investors in a row cannot be reconciled");
                        return Err(error.context(nobody));
                    }
                }
            }
        }
    }
}

fn is_silence(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(GatewayError::Unavailable(_) | GatewayError::Unknown(_))
    )
}

/// Compares the books of one investor. Returns what was written, and of how many orders and
/// plans the gateway says what nobody knows.
pub async fn reconcile(
    db: &Db,
    ids: &Ids,
    book: &dyn OrderBook,
    contact: ContactId,
    now: Timestamp,
    today: Date,
) -> anyhow::Result<(Written, usize)> {
    let orders = book.orders(contact).await?;
    let Reported {
        orders: reports,
        unknown,
    } = book.reports(contact, &orders).await?;
    let found = compare(&claims(db, book, contact, reports).await?, today);
    let found = if found.is_empty() {
        found
    } else {
        // Books and orders that move while they are read look wrong for a moment: only
        // what is still wrong at a second look is a finding.
        let reports = book.reports(contact, &orders).await?;
        let again = compare(&claims(db, book, contact, reports.orders).await?, today);
        found.into_iter().filter(|f| again.contains(f)).collect()
    };
    let input = (ids.clone(), contact, found);
    let written = db
        .write(input, move |conn, (ids, contact, found)| {
            Box::pin(store::write_findings(conn, ids, *contact, found, now))
        })
        .await?;
    Ok((written, unknown))
}

async fn claims(
    db: &Db,
    book: &dyn OrderBook,
    contact: ContactId,
    reports: Vec<ReportedOrder>,
) -> anyhow::Result<Claims> {
    let orders = book.orders(contact).await?;
    let mut conn = db.read().await?;
    Ok(Claims {
        orders,
        transactions: store::list_transactions(&mut conn, contact).await?,
        entries: ledger::entries_of(&mut conn, contact).await?,
        reports,
    })
}
