//! The list of transactions, scheme by scheme.

use jiff::civil::Date;

use super::report::{Block, Cell, Column, Fit, Row, RowKind, Table};
use super::{Said, Teller, rupees, span};
use crate::documents::facts::{History, Movement, Occasion};
use crate::documents::words::Word;
use crate::investing::Kind;
use crate::investing::disclosures::Subject;
use crate::investing::money;

/// Says what was done from a day to a day, both included.
pub fn transactions(occasion: &Occasion, histories: &[History], from: Date, to: Date) -> Said {
    let tell = Teller { occasion };
    let mut report = tell.report(tell.say(Word::TitleTransactions));
    report.facts.push((tell.say(Word::Period), span(from, to)));
    let within = |movement: &&Movement| movement.date >= from && movement.date <= to;
    let mut rows = Vec::new();
    let mut count = 0;
    for history in histories {
        let movements: Vec<_> = history.movements.iter().filter(within).collect();
        if movements.is_empty() {
            continue;
        }
        count += movements.len();
        let folio = tell.folio(&history.folio, &history.amc);
        let group = Cell::noted(history.scheme.clone(), folio);
        rows.push(Row::of(RowKind::Group, vec![group]));
        rows.extend(movements.into_iter().map(|movement| row(tell, movement)));
    }
    report
        .facts
        .push((tell.say(Word::TitleTransactions), count.to_string()));
    let column = |word, fit| Column {
        title: tell.say(word),
        fit,
    };
    report.blocks.push(if rows.is_empty() {
        Block::Text(tell.say(Word::NoTransactions))
    } else {
        Block::Table(Table {
            columns: vec![
                column(Word::Date, Fit::Left),
                column(Word::Transaction, Fit::Words),
                column(Word::Amount, Fit::Right),
                column(Word::Nav, Fit::Right),
                column(Word::Units, Fit::Right),
                column(Word::Balance, Fit::Right),
            ],
            rows,
        })
    });
    report.notes.push(tell.say(Word::NoteRecords));
    let incomplete: Vec<_> = histories
        .iter()
        .filter(|history| history.incomplete)
        .map(|history| history.scheme.as_str())
        .collect();
    if !incomplete.is_empty() {
        let schemes = incomplete.join("; ");
        let note = tell.say_with(Word::NoteIncompleteHistory, &[("schemes", &schemes)]);
        report.notes.push(note);
    }
    report.notes.extend(tell.required(Subject::Holdings {
        shows_return: false,
    }));
    let values = [("count", &*count.to_string()), ("period", &span(from, to))];
    Said {
        caption: tell.say_with(Word::CaptionTransactions, &values),
        report,
    }
}

fn row(tell: Teller<'_>, movement: &Movement) -> Row {
    // A row of tax carries money only, a merger units only: a dash, not "not on record".
    let or_dash = |text: Option<String>| Cell::plain(text.unwrap_or_else(|| "–".to_owned()));
    Row::of(
        RowKind::Plain,
        vec![
            money::date(movement.date).into(),
            tell.say(kind(movement.kind)).into(),
            or_dash(movement.amount.map(rupees)),
            or_dash(movement.nav.map(money::nav)),
            or_dash(movement.units.map(money::units)),
            or_dash(movement.balance.map(money::units)),
        ],
    )
}

fn kind(kind: Kind) -> Word {
    match kind {
        Kind::Purchase => Word::KindPurchase,
        Kind::PurchaseSip => Word::KindPurchaseSip,
        Kind::Redemption => Word::KindRedemption,
        Kind::SwitchIn => Word::KindSwitchIn,
        Kind::SwitchOut => Word::KindSwitchOut,
        Kind::SwitchInMerger => Word::KindMergerIn,
        Kind::SwitchOutMerger => Word::KindMergerOut,
        Kind::DividendPayout => Word::KindPayout,
        Kind::DividendReinvest => Word::KindReinvest,
        Kind::SttTax => Word::KindStt,
        Kind::StampDutyTax => Word::KindStamp,
        Kind::TdsTax => Word::KindTds,
        Kind::Segregation => Word::KindSegregation,
        Kind::Reversal => Word::KindReversal,
        Kind::Misc | Kind::Unknown => Word::KindOther,
    }
}
