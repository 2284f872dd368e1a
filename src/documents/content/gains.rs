//! Realised gains of a tax year, lot by lot: always an estimate, and said to be one.

use std::collections::BTreeMap;

use super::report::{Block, Cell, Column, Fit, Row, RowKind, Table};
use super::{Said, Teller, figure, rupees};
use crate::documents::facts::{Gains, Occasion, SchemeGains, Sold, Term};
use crate::documents::words::Word;
use crate::investing::disclosures::Subject;
use crate::investing::money::{self, Paise};

/// Says what was gained and lost by selling.
pub fn gains(occasion: &Occasion, gains: &Gains) -> Said {
    let tell = Teller { occasion };
    let year = format!("{}-{:02}", gains.year, (gains.year + 1).rem_euclid(100));
    let mut report = tell.report(tell.say_with(Word::TitleGains, &[("year", &year)]));
    report.warning = Some(tell.say(Word::Estimate));
    report.facts.push((
        tell.say(Word::TaxYear),
        format!("01-Apr-{} – 31-Mar-{}", gains.year, gains.year + 1),
    ));
    let sums = sums(gains);
    let sum = |term| rupees(sums.get(&term).copied().unwrap_or_default().2);
    let (short, long) = (sum(Term::Short), sum(Term::Long));
    let unknown = sum(Term::NotOnRecord);
    if sums.is_empty() {
        report.blocks.push(Block::Text(tell.say(Word::NoGains)));
    } else {
        let mut figures = vec![
            figure(tell.say(Word::ShortTerm), short.clone()),
            figure(tell.say(Word::LongTerm), long.clone()),
        ];
        if sums.contains_key(&Term::NotOnRecord) {
            figures.push(figure(tell.say(Word::TermUnknown), unknown.clone()));
        }
        report.blocks.push(Block::Figures(figures));
        report.blocks.push(Block::Heading(tell.say(Word::Sales)));
        report.blocks.push(Block::Table(table(tell, gains, &sums)));
    }
    report.notes.push(tell.say(Word::NoteFifo));
    report.notes.push(tell.say(Word::NoteTerm));
    if !gains.unknown.is_empty() {
        let schemes = gains.unknown.join("; ");
        report
            .notes
            .push(tell.say_with(Word::NoteUnknownCost, &[("schemes", &schemes)]));
    }
    if gains.counts_2018 {
        report.notes.push(tell.say(Word::NoteGrandfathered));
    }
    if !gains.lacks_2018.is_empty() {
        let schemes = gains.lacks_2018.join("; ");
        let values = [("schemes", &*schemes)];
        report
            .notes
            .push(tell.say_with(Word::NoteLacks2018, &values));
    }
    report.notes.push(tell.say(Word::NoteNoAdvice));
    report.notes.push(tell.say(Word::NoteRecords));
    report.notes.extend(tell.required(Subject::Holdings {
        shows_return: !sums.is_empty(),
    }));
    let values = [
        ("year", &*year),
        ("short", &short),
        ("long", &long),
        ("unknown", &unknown),
    ];
    Said {
        caption: tell.say_with(Word::CaptionGains, &values),
        report,
    }
}

/// Proceeds, cost and gain.
type Sum = (Paise, Paise, Paise);

/// Sums per term.
fn sums(gains: &Gains) -> BTreeMap<Term, Sum> {
    let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
    for lot in gains.schemes.iter().flat_map(|scheme| &scheme.lots) {
        let sum = sums.entry(lot.term).or_default();
        *sum = (sum.0 + lot.proceeds, sum.1 + lot.cost, sum.2 + lot.gain);
    }
    sums
}

fn table(tell: Teller<'_>, gains: &Gains, sums: &BTreeMap<Term, Sum>) -> Table {
    let column = |word, fit| Column {
        title: tell.say(word),
        fit,
    };
    let mut rows = Vec::new();
    for scheme in gains.schemes.iter().filter(|s| !s.lots.is_empty()) {
        rows.push(group(tell, scheme));
        rows.extend(scheme.lots.iter().map(|lot| row(tell, lot)));
    }
    for (term, (proceeds, cost, gain)) in sums {
        let blank = Cell::default;
        rows.push(Row::of(
            RowKind::Total,
            vec![
                tell.say(Word::Total).into(),
                blank(),
                blank(),
                rupees(*proceeds).into(),
                rupees(*cost).into(),
                rupees(*gain).into(),
                tell.say(name(*term)).into(),
            ],
        ));
    }
    Table {
        columns: vec![
            column(Word::SoldOn, Fit::Left),
            column(Word::BoughtOn, Fit::Left),
            column(Word::Units, Fit::Right),
            column(Word::Proceeds, Fit::Right),
            column(Word::TaxCost, Fit::Right),
            column(Word::Gain, Fit::Right),
            column(Word::Term, Fit::Words),
        ],
        rows,
    }
}

fn group(tell: Teller<'_>, scheme: &SchemeGains) -> Row {
    let folio = tell.folio(&scheme.folio, &scheme.amc);
    let cell = Cell::noted(scheme.scheme.clone(), folio);
    Row::of(RowKind::Group, vec![cell])
}

fn row(tell: Teller<'_>, lot: &Sold) -> Row {
    Row::of(
        RowKind::Plain,
        vec![
            money::date(lot.sold).into(),
            money::date(lot.bought).into(),
            money::units(lot.units).into(),
            rupees(lot.proceeds).into(),
            rupees(lot.cost).into(),
            rupees(lot.gain).into(),
            tell.say(name(lot.term)).into(),
        ],
    )
}

fn name(term: Term) -> Word {
    match term {
        Term::Short => Word::ShortTerm,
        Term::Long => Word::LongTerm,
        Term::NotOnRecord => Word::TermUnknown,
    }
}
