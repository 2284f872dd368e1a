//! What each document says: from facts to words and figures, in reading order.

mod gains;
pub mod report;
mod sips;
mod statement;
mod transactions;

use jiff::civil::Date;

pub use gains::gains;
pub use sips::sips;
pub use statement::statement;
pub use transactions::transactions;

use super::facts::Occasion;
use super::words::{Word, say};
use crate::investing::disclosures::{self, Disclosure, Subject};
use crate::investing::inr;
use crate::investing::money::{Paise, span};
use crate::people::masked_pan;
use report::{Block, Cell, Report};

/// A report and what it says in one breath.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The report.
    pub report: Report,
    /// The same figures in a sentence.
    pub caption: String,
}

/// Says the words of one document.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) occasion: &'a Occasion,
}

impl Teller<'_> {
    pub(super) fn say(self, word: Word) -> String {
        self.say_with(word, &[])
    }

    pub(super) fn say_with(self, word: Word, values: &[(&'static str, &str)]) -> String {
        say(self.occasion.language, word, values)
    }

    pub(super) fn or_not_on_record(self, text: Option<String>) -> String {
        text.unwrap_or_else(|| self.say(Word::NotOnRecord))
    }

    pub(super) fn money(self, amount: Option<Paise>) -> String {
        self.or_not_on_record(amount.map(rupees))
    }

    pub(super) fn dates(self, dates: Option<(Date, Date)>) -> String {
        self.or_not_on_record(dates.map(|(oldest, newest)| span(oldest, newest)))
    }

    /// Returns the required texts of a subject, by rule.
    pub(super) fn required(self, subject: Subject) -> Vec<String> {
        disclosures::required(subject, false)
            .into_iter()
            .filter_map(|text| match text {
                Disclosure::MarketRisk => {
                    let words = [("words", disclosures::MARKET_RISK)];
                    Some(self.say_with(Word::MarketRisk, &words))
                }
                Disclosure::PastPerformance => {
                    let words = [("words", disclosures::PAST_PERFORMANCE)];
                    Some(self.say_with(Word::PastPerformance, &words))
                }
                Disclosure::Identity | Disclosure::Illustration { .. } | Disclosure::Commission => {
                    None
                }
            })
            .collect()
    }

    /// Returns a report with its head and foot, to be filled.
    pub(super) fn report(self, title: String) -> Report {
        let occasion = self.occasion;
        let when = written(occasion.now);
        let facts = vec![
            (
                self.say(Word::Investor),
                self.or_not_on_record(occasion.investor.clone()),
            ),
            (
                self.say(Word::Pan),
                self.or_not_on_record(occasion.pan.as_deref().map(masked_pan)),
            ),
            (self.say(Word::MadeOn), format!("{when} IST")),
        ];
        let (registration, arn) = (disclosures::IDENTITY, &occasion.arn);
        Report {
            language: occasion.language,
            title,
            warning: None,
            issuer: (
                occasion.distributor.clone(),
                format!("{registration} · {arn}"),
            ),
            facts,
            blocks: Vec::new(),
            notes_title: self.say(Word::Notes),
            notes: Vec::new(),
            foot: self.say_with(Word::Foot, &[("when", &when), ("arn", arn)]),
            page_of: self.say_with(Word::PageOf, &[("page", "{page}"), ("pages", "{pages}")]),
            is_framed: false,
        }
    }

    pub(super) fn folio(self, folio: &str, amc: &str) -> String {
        self.say_with(Word::FolioOf, &[("folio", folio), ("amc", amc)])
    }
}

/// Writes an amount with its paise.
pub(super) fn rupees(amount: Paise) -> String {
    inr(amount.rupees(), 2)
}

/// Writes a moment as `24-Aug-2026, 10:00`.
pub(super) fn written(at: jiff::civil::DateTime) -> String {
    at.strftime("%d-%b-%Y, %H:%M").to_string()
}

/// Returns a figure as large as a block of figures sets it.
fn figure(label: String, value: String) -> (String, Cell) {
    (label, Cell::from(value))
}

impl Report {
    /// Returns every text in reading order, as it would be read aloud.
    pub fn spoken(&self) -> Vec<String> {
        let mut said = vec![self.issuer.0.clone(), self.issuer.1.clone()];
        said.push(self.title.clone());
        said.extend(self.warning.clone());
        for (label, value) in &self.facts {
            said.extend([label.clone(), value.clone()]);
        }
        for block in &self.blocks {
            match block {
                Block::Heading(text) | Block::Text(text) => said.push(text.clone()),
                Block::Figures(figures) => {
                    for (label, cell) in figures {
                        said.extend([label.clone(), cell.text.clone()]);
                    }
                }
                Block::Table(table) => {
                    said.extend(table.columns.iter().map(|column| column.title.clone()));
                    for cell in table.rows.iter().flat_map(|row| &row.cells) {
                        said.push(cell.text.clone());
                        said.extend(cell.note.clone());
                    }
                }
            }
        }
        said.extend(self.notes.iter().cloned());
        said
    }
}
