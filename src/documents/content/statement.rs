//! The account statement: what is held, what it cost and what it is worth.

use super::report::{Block, Cell, Column, Fit, Row, RowKind, Table};
use super::{Said, Teller, figure};
use crate::documents::facts::{Account, Holding, Occasion, SchemeRisk};
use crate::documents::words::Word;
use crate::investing::Return;
use crate::investing::disclosures::Subject;
use crate::investing::money;

/// Says what is held.
pub fn statement(occasion: &Occasion, account: &Account) -> Said {
    let tell = Teller { occasion };
    let mut report = tell.report(tell.say(Word::TitleStatement));
    report.facts.extend([
        (tell.say(Word::NavDates), tell.dates(account.nav_dates)),
        (tell.say(Word::RecordsTo), tell.dates(account.records_to)),
        (tell.say(Word::Holdings), account.holdings.len().to_string()),
    ]);
    if account.holdings.is_empty() {
        report.blocks.push(Block::Text(tell.say(Word::NoHoldings)));
    } else {
        report.blocks.push(Block::Figures(totals(tell, account)));
        report.blocks.push(Block::Heading(tell.say(Word::Holdings)));
        report.blocks.push(Block::Table(table(tell, account)));
    }
    if !account.risk.is_empty() {
        report
            .blocks
            .push(Block::Heading(tell.say(Word::RiskTitle)));
        report.blocks.push(Block::Table(swayed(tell, account)));
    }
    report.notes = notes(tell, account);
    let value = tell.money(account.value);
    let values = [
        ("date", &*money::date(occasion.now.date())),
        ("value", &value),
        ("holdings", &account.holdings.len().to_string()),
    ];
    Said {
        caption: tell.say_with(Word::CaptionStatement, &values),
        report,
    }
}

fn totals(tell: Teller<'_>, account: &Account) -> Vec<(String, Cell)> {
    let absolute = account.absolute.map(money::percent);
    let mut figures = vec![
        figure(tell.say(Word::Value), tell.money(account.value)),
        figure(tell.say(Word::Cost), tell.money(account.cost)),
        figure(tell.say(Word::Gain), tell.money(account.gain)),
        figure(tell.say(Word::Absolute), tell.or_not_on_record(absolute)),
    ];
    let rate = account.xirr.map(|rate| match rate {
        Return::Yearly(rate) => money::percent_f64(rate),
        Return::UnderOneYear => tell.say(Word::XirrUnderOneYear),
        Return::IncompleteHistory => tell.say(Word::XirrIncomplete),
        Return::NotPriced => tell.say(Word::XirrNotPriced),
        Return::Ambiguous => tell.say(Word::XirrAmbiguous),
        Return::None => tell.say(Word::XirrNone),
    });
    if let Some(rate) = rate {
        figures.push(figure(tell.say(Word::Xirr), rate));
    }
    figures
}

fn table(tell: Teller<'_>, account: &Account) -> Table {
    let column = |word, fit| Column {
        title: tell.say(word),
        fit,
    };
    let mut rows: Vec<_> = account.holdings.iter().map(|h| row(tell, h)).collect();
    rows.push(Row::of(
        RowKind::Total,
        vec![
            tell.say(Word::Total).into(),
            Cell::default(),
            Cell::default(),
            tell.money(account.value).into(),
            tell.money(account.cost).into(),
            tell.money(account.gain).into(),
        ],
    ));
    Table {
        columns: vec![
            column(Word::Scheme, Fit::Words),
            column(Word::Units, Fit::Right),
            column(Word::Nav, Fit::Right),
            column(Word::Value, Fit::Right),
            column(Word::Cost, Fit::Right),
            column(Word::Gain, Fit::Right),
        ],
        rows,
    }
}

/// How the NAVs have swayed, scheme by scheme.
fn swayed(tell: Teller<'_>, account: &Account) -> Table {
    let column = |word, fit| Column {
        title: tell.say(word),
        fit,
    };
    let row = |risk: &SchemeRisk| {
        let (depth, peak, trough) = risk.fall;
        let (peak, trough) = (money::date(peak), money::date(trough));
        let between = tell.say_with(Word::FallBetween, &[("peak", &peak), ("trough", &trough)]);
        Row::of(
            RowKind::Plain,
            vec![
                risk.scheme.clone().into(),
                money::percent_f64(risk.volatility).into(),
                Cell::noted(money::percent_f64(depth), between),
            ],
        )
    };
    Table {
        columns: vec![
            column(Word::Scheme, Fit::Words),
            column(Word::Volatility, Fit::Right),
            column(Word::DeepestFall, Fit::Right),
        ],
        rows: account.risk.iter().map(row).collect(),
    }
}

fn row(tell: Teller<'_>, holding: &Holding) -> Row {
    let mut note = tell.folio(&holding.folio, &holding.amc);
    for (is_so, word) in [
        (holding.elsewhere, Word::Elsewhere),
        (holding.incomplete, Word::Incomplete),
    ] {
        if is_so {
            note = format!("{note} · {}", tell.say(word));
        }
    }
    let nav = match holding.nav {
        Some((value, date)) => Cell::noted(money::nav(value), money::date(date)),
        None => tell.say(Word::NotOnRecord).into(),
    };
    Row::of(
        RowKind::Plain,
        vec![
            Cell::noted(holding.scheme.clone(), note),
            money::units(holding.units).into(),
            nav,
            tell.money(holding.value).into(),
            tell.money(holding.cost).into(),
            tell.money(holding.gain).into(),
        ],
    )
}

fn notes(tell: Teller<'_>, account: &Account) -> Vec<String> {
    let holdings = &account.holdings;
    let mut notes = vec![tell.say(Word::NoteRecords)];
    if !holdings.is_empty() {
        notes.push(tell.say(Word::NoteNav));
    }
    let incomplete: Vec<_> = holdings
        .iter()
        .filter(|h| h.incomplete)
        .map(|h| h.scheme.as_str())
        .collect();
    if !incomplete.is_empty() {
        let schemes = incomplete.join("; ");
        notes.push(tell.say_with(Word::NoteIncomplete, &[("schemes", &schemes)]));
    }
    if holdings.iter().any(|h| h.value.is_none()) {
        notes.push(tell.say(Word::NoteUnpriced));
    }
    if holdings.iter().any(|h| h.elsewhere) {
        notes.push(tell.say(Word::NoteElsewhere));
    }
    if !account.risk.is_empty() {
        notes.push(tell.say(Word::NoteRisk));
    }
    notes.extend(tell.required(Subject::Holdings {
        shows_return: !holdings.is_empty()
            && (!account.risk.is_empty()
                || account.gain.is_some()
                || holdings.iter().any(|h| h.gain.is_some())
                || matches!(account.xirr, Some(Return::Yearly(_)))),
    }));
    notes
}
