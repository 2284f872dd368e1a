//! The SIPs on record, on one framed page like a certificate.

use std::collections::BTreeSet;

use super::report::{Block, Cell, Column, Fit, Row, RowKind, Table};
use super::{Said, Teller, figure, rupees};
use crate::documents::facts::{Occasion, Sip, Sips};
use crate::documents::words::Word;
use crate::investing::disclosures::Subject;
use crate::investing::money::{self, Paise};
use crate::investing::orders::{Frequency, PlanStatus};

/// Says which SIPs there are and what came of them.
pub fn sips(occasion: &Occasion, sips: &Sips) -> Said {
    let tell = Teller { occasion };
    let mut report = tell.report(tell.say(Word::TitleSips));
    report.is_framed = true;
    report
        .facts
        .push((tell.say(Word::NavDates), tell.dates(sips.nav_dates)));
    let investor = tell.or_not_on_record(occasion.investor.clone());
    let date = money::date(occasion.now.date());
    let values = [("investor", &*investor), ("date", &date)];
    let intro = tell.say_with(Word::SipIntro, &values);
    report.blocks.push(Block::Text(intro));
    let invested: Paise = sips.sips.iter().map(|sip| sip.invested).sum();
    let value: Option<Paise> = sips.sips.iter().map(|sip| sip.value).sum();
    if sips.sips.is_empty() {
        report.blocks.push(Block::Text(tell.say(Word::NoSips)));
    } else {
        report.blocks.push(Block::Figures(vec![
            figure(tell.say(Word::SipCount), sips.sips.len().to_string()),
            figure(tell.say(Word::SipInvested), rupees(invested)),
            figure(tell.say(Word::Value), tell.money(value)),
        ]));
        report
            .blocks
            .push(Block::Table(table(tell, sips, invested, value)));
    }
    report.notes.push(tell.say(Word::NoteSips));
    report.notes.push(tell.say(Word::NoteRecords));
    let incomplete = sips.sips.iter().filter(|sip| sip.incomplete);
    let incomplete: BTreeSet<_> = incomplete.map(|sip| sip.scheme.as_str()).collect();
    if !incomplete.is_empty() {
        let schemes = Vec::from_iter(incomplete).join("; ");
        let values = [("schemes", &*schemes)];
        let note = tell.say_with(Word::NoteIncompleteHistory, &values);
        report.notes.push(note);
    }
    report.notes.extend(tell.required(Subject::Holdings {
        shows_return: value.is_some() && !sips.sips.is_empty(),
    }));
    let values = [
        ("count", &*sips.sips.len().to_string()),
        ("invested", &rupees(invested)),
        ("value", &tell.money(value)),
    ];
    Said {
        caption: tell.say_with(Word::CaptionSips, &values),
        report,
    }
}

fn table(tell: Teller<'_>, sips: &Sips, invested: Paise, value: Option<Paise>) -> Table {
    let column = |word, fit| Column {
        title: tell.say(word),
        fit,
    };
    let mut rows: Vec<_> = sips.sips.iter().map(|sip| row(tell, sip)).collect();
    let done: usize = sips.sips.iter().map(|sip| sip.done).sum();
    let blank = Cell::default;
    rows.push(Row::of(
        RowKind::Total,
        vec![
            tell.say(Word::Total).into(),
            blank(),
            blank(),
            done.to_string().into(),
            rupees(invested).into(),
            tell.money(value).into(),
            blank(),
        ],
    ));
    Table {
        columns: vec![
            column(Word::Scheme, Fit::Words),
            column(Word::SipAmount, Fit::Right),
            column(Word::SipSince, Fit::Left),
            column(Word::SipInstalments, Fit::Right),
            column(Word::SipInvested, Fit::Right),
            column(Word::Value, Fit::Right),
            column(Word::SipStatus, Fit::Words),
        ],
        rows,
    }
}

fn row(tell: Teller<'_>, sip: &Sip) -> Row {
    let folio = sip.folio.as_deref();
    let folio = tell.or_not_on_record(folio.map(str::to_owned));
    let amount = tell.money(sip.amount);
    let rhythm = sip.frequency.map(|frequency| {
        let frequency = tell.say(rhythm(frequency));
        match sip.day {
            Some(day) => {
                let day = day.to_string();
                tell.say_with(Word::SipDay, &[("frequency", &frequency), ("day", &day)])
            }
            None => frequency,
        }
    });
    let mut done = Cell::from(sip.done.to_string());
    if sip.missed > 0 {
        let count = sip.missed.to_string();
        done.note = Some(tell.say_with(Word::SipMissed, &[("count", &count)]));
    }
    Row::of(
        RowKind::Plain,
        vec![
            Cell::noted(
                sip.scheme.clone(),
                format!("{} {folio}", tell.say(Word::Folios)),
            ),
            Cell {
                note: rhythm,
                ..Cell::from(amount)
            },
            tell.or_not_on_record(sip.since.map(money::date)).into(),
            done,
            rupees(sip.invested).into(),
            tell.money(sip.value).into(),
            tell.say(status(sip.status)).into(),
        ],
    )
}

fn rhythm(frequency: Frequency) -> Word {
    match frequency {
        Frequency::Daily => Word::FrequencyDaily,
        Frequency::Weekly => Word::FrequencyWeekly,
        Frequency::Fortnightly => Word::FrequencyFortnightly,
        Frequency::Monthly => Word::FrequencyMonthly,
        Frequency::Quarterly => Word::FrequencyQuarterly,
        Frequency::HalfYearly => Word::FrequencyHalfYearly,
        Frequency::Yearly => Word::FrequencyYearly,
    }
}

fn status(status: Option<PlanStatus>) -> Word {
    match status {
        None => Word::StatusFromStatement,
        Some(PlanStatus::Draft | PlanStatus::Awaiting2fa | PlanStatus::AwaitingMandate) => {
            Word::StatusWaiting
        }
        Some(PlanStatus::Active) => Word::StatusActive,
        Some(PlanStatus::Paused) => Word::StatusPaused,
        Some(PlanStatus::Completed) => Word::StatusCompleted,
        Some(PlanStatus::CancelledByInvestor | PlanStatus::CancelledByExchange) => {
            Word::StatusCancelled
        }
        Some(PlanStatus::AutoCancelled) => Word::StatusAutoCancelled,
        Some(PlanStatus::MandateUnlinked) => Word::StatusUnlinked,
    }
}
