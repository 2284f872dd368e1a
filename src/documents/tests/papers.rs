//! Papers as they are laid out and as files.

use jiff::civil::date;
use sha2::{Digest, Sha256};

use crate::documents::content::report::Report;
use crate::documents::content::{self, Said};
use crate::documents::facts::Gains;
use crate::documents::layout::paper::{MARGIN, lay_out};
use crate::documents::layout::sheet::{Mark, Pages, Sheet, faults};
use crate::documents::{Document, Kind, charts, make, samples};
use crate::language::Language;

/// Every paper in every size, in one language.
fn papers(language: Language) -> Vec<(Kind, Said)> {
    let occasion = samples::occasion(language);
    let mut papers = Vec::new();
    for count in [0, 1, 3, 40] {
        let said = content::statement(&occasion, &samples::account(count));
        papers.push((Kind::Statement, said));
    }
    let (from, to) = (date(2024, 4, 1), date(2027, 8, 24));
    for (schemes, each) in [(0, 0), (1, 2), (6, 40)] {
        let histories = samples::histories(schemes, each);
        let said = content::transactions(&occasion, &histories, from, to);
        papers.push((Kind::Transactions, said));
    }
    for count in [0, 1, 12] {
        let said = content::gains(&occasion, &samples::gains(count));
        papers.push((Kind::CapitalGains, said));
    }
    for count in [0, 1, 30] {
        let said = content::sips(&occasion, &samples::sips(count));
        papers.push((Kind::SipSummary, said));
    }
    papers
}

/// What stands on the pages, words only, without what is repeated on each.
fn words(pages: &Pages) -> String {
    let texts = pages.sheets.iter().flat_map(Sheet::texts);
    let words: Vec<_> = texts.map(|text| text.text.as_str()).collect();
    words
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("")
}

#[test]
fn nothing_on_a_paper_is_cut_off_or_covered() {
    for language in Language::ALL {
        for (kind, said) in papers(language) {
            let pages = lay_out(&said.report);
            for (number, sheet) in pages.sheets.iter().enumerate() {
                let found = faults(sheet, MARGIN);
                assert!(found.is_empty(), "{language:?} {kind} {number}: {found:#?}");
                assert!(sheet.texts().count() > 2, "an empty page");
            }
        }
    }
}

#[test]
fn every_word_and_figure_of_a_report_is_printed() {
    for language in Language::ALL {
        for (kind, said) in papers(language) {
            let printed = words(&lay_out(&said.report));
            for text in said.report.spoken() {
                let text: String = text.split_whitespace().collect();
                // A long name goes over lines; each line's end may be the cell's.
                if text.chars().count() < 18 {
                    assert!(printed.contains(&text), "{language:?} {kind}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_head_of_a_table_is_repeated_and_every_page_is_numbered() {
    let occasion = samples::occasion(Language::En);
    // The holdings alone, so that every page has a part of their table.
    let mut account = samples::account(40);
    account.risk.clear();
    let said = content::statement(&occasion, &account);
    let pages = lay_out(&said.report);
    assert!(pages.sheets.len() >= 3);
    for (at, sheet) in pages.sheets.iter().enumerate() {
        let texts: Vec<_> = sheet.texts().map(|t| t.text.as_str()).collect();
        assert!(texts.contains(&"Units"), "page {at}");
        let number = format!("Page {} of {}", at + 1, pages.sheets.len());
        assert!(texts.contains(&number.as_str()), "{texts:?}");
        assert!(texts.contains(&"Made on 24-Aug-2026, 10:05 IST · ARN-123456"));
    }
}

fn all_text(report: &Report) -> String {
    report.spoken().join("\n")
}

#[test]
fn the_pan_is_masked_and_what_is_missing_is_said() {
    let mut occasion = samples::occasion(Language::En);
    let said = content::statement(&occasion, &samples::account(8));
    let text = all_text(&said.report);
    assert!(text.contains("ABxxxxxx4F") && !text.contains("CPE"));
    assert!(text.contains("History is incomplete for: Aditya Birla"));
    assert!(text.contains("not shown: history is incomplete"));
    (occasion.pan, occasion.investor) = (None, None);
    let said = content::statement(&occasion, &samples::account(0));
    let text = all_text(&said.report);
    assert_eq!(text.matches("not on record").count(), 3, "{text}");
    assert!(text.contains("No units are held"));
}

#[test]
fn how_navs_have_swayed_is_told_with_its_days_and_only_where_it_is_known() {
    let occasion = samples::occasion(Language::En);
    let mut account = samples::account(3);
    let text = all_text(&content::statement(&occasion, &account).report);
    for told in [
        "Volatility a year",
        "13.17%",
        "-15.15%",
        "02-Jan-2026 to 31-Mar-2026",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    account.risk.clear();
    let text = all_text(&content::statement(&occasion, &account).report);
    assert!(!text.contains("olatility"), "{text}");
}

#[test]
fn required_texts_follow_from_what_is_shown() {
    use crate::investing::disclosures::{MARKET_RISK, PAST_PERFORMANCE};
    for language in Language::ALL {
        let occasion = samples::occasion(language);
        let texts = |said: Said| all_text(&said.report);
        let with = texts(content::statement(&occasion, &samples::account(3)));
        assert!(with.contains(MARKET_RISK) && with.contains(PAST_PERFORMANCE));
        let none = texts(content::statement(&occasion, &samples::account(0)));
        assert!(none.contains(MARKET_RISK) && !none.contains(PAST_PERFORMANCE));
    }
}

#[test]
fn capital_gains_are_called_an_estimate_at_the_top_and_add_up() {
    let occasion = samples::occasion(Language::En);
    let facts = samples::gains(12);
    let said = content::gains(&occasion, &facts);
    assert!(
        said.report
            .warning
            .as_deref()
            .unwrap()
            .starts_with("Estimate.")
    );
    assert!(said.caption.contains("estimate"));
    let lots = facts.schemes.iter().flat_map(|scheme| &scheme.lots);
    let total: i64 = lots.map(|lot| lot.gain.0).sum();
    let printed = |label: &str| {
        let (_, rest) = said.caption.split_once(label).unwrap();
        let figure = rest
            .split([' '])
            .next()
            .unwrap()
            .trim_end_matches(['.', ',']);
        let digits: String = figure
            .chars()
            .filter(|c| "-0123456789".contains(*c))
            .collect();
        digits.parse::<i64>().unwrap()
    };
    let sum = printed("Short term ") + printed("long term ") + printed("term not on record ");
    assert_eq!(sum, total);
    let none = content::gains(
        &occasion,
        &Gains {
            year: 2026,
            ..Gains::default()
        },
    );
    assert!(all_text(&none.report).contains("No units were sold"));
    assert!(none.report.title.ends_with("2026-27"));
}

#[test]
fn a_sip_of_which_the_record_begins_later_says_so_on_paper_and_in_its_picture() {
    let occasion = samples::occasion(Language::En);
    let told = "do not go back to the first purchase";
    for (count, is_told) in [(3, false), (4, true)] {
        let text = all_text(&content::sips(&occasion, &samples::sips(count)).report);
        assert_eq!(text.contains(told), is_told, "{text}");
    }
    for (incomplete, is_told) in [(0, false), (1, true)] {
        let picture = charts::growth(&occasion, &samples::growth(90, incomplete));
        assert_eq!(picture.caption.contains(told), is_told);
        let words: Vec<_> = picture.sheet.texts().map(|t| t.text.as_str()).collect();
        assert_eq!(words.join(" ").contains(told), is_told, "{words:?}");
    }
}

#[test]
fn totals_of_all_schemes_never_stand_under_the_name_of_one() {
    let occasion = samples::occasion(Language::En);
    let mut facts = samples::gains(6);
    facts.schemes.drain(..5);
    let (long, short) = (
        facts.schemes[0].lots[0].clone(),
        facts.schemes[0].lots[1].clone(),
    );
    // One row more each time, so that the page ends before each of the totals once.
    for count in 20..100 {
        facts.schemes[0].lots = vec![long.clone(); count];
        facts.schemes[0].lots.push(short.clone());
        let pages = lay_out(&content::gains(&occasion, &facts).report);
        for sheet in &pages.sheets {
            let has = |words: &str| sheet.texts().any(|text| text.text == words);
            assert!(
                !has("SBI Liquid Fund") || has("14-Jul-2026"),
                "{count} lots: a scheme with none of its sales"
            );
        }
    }
}

#[test]
fn a_colour_is_never_the_only_sign_of_a_loss() {
    let occasion = samples::occasion(Language::En);
    let said = content::statement(&occasion, &samples::account(12));
    let pages = lay_out(&said.report);
    let red = crate::documents::layout::sheet::LOSS;
    let losses: Vec<_> = pages
        .sheets
        .iter()
        .flat_map(|sheet| &sheet.marks)
        .filter_map(|mark| match mark {
            Mark::Text(text) if text.color == red => Some(&text.text),
            _ => None,
        })
        .collect();
    assert!(losses.len() >= 3);
    assert!(
        losses.iter().all(|text| text.starts_with("-₹")),
        "{losses:?}"
    );
}

/// Every kind of document, small, in one language.
fn documents(language: Language) -> Vec<Document> {
    let occasion = samples::occasion(language);
    let mut made: Vec<_> = papers(language)
        .into_iter()
        .map(|(kind, said)| make::paper(kind, &occasion, &said).unwrap())
        .collect();
    let points = samples::points(90);
    for (kind, picture) in [
        (Kind::PortfolioChart, charts::value(&occasion, &points)),
        (
            Kind::SipGrowthChart,
            charts::growth(&occasion, &samples::growth(90, 1)),
        ),
    ] {
        made.push(make::picture(kind, &occasion, &picture).unwrap());
    }
    made
}

#[test]
fn the_same_facts_give_the_same_bytes_and_names_tell_nothing() {
    for language in [Language::En, Language::Hi] {
        let (once, again) = (documents(language), documents(language));
        for (a, b) in once.iter().zip(&again) {
            let hash = |d: &Document| Sha256::digest(&d.bytes);
            assert_eq!(hash(a), hash(b), "{}", a.kind);
            let start: &[u8] = if a.mime == "image/png" {
                b"\x89PNG"
            } else {
                b"%PDF-1.7"
            };
            assert!(a.bytes.starts_with(start));
            assert!(a.file_name.is_ascii() && !a.file_name.to_lowercase().contains("asha"));
        }
    }
}

/// What a reader of the file gets, where the usual tool is there to read it.
#[test]
fn the_text_of_a_pdf_reads_as_it_was_written() {
    let occasion = samples::occasion(Language::Hi);
    let said = content::statement(&occasion, &samples::account(3));
    let document = make::paper(Kind::Statement, &occasion, &said).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.pdf");
    std::fs::write(&path, &document.bytes).unwrap();
    let read = std::process::Command::new("pdftotext")
        .arg(&path)
        .arg("-")
        .output();
    let Ok(read) = read else {
        eprintln!("skipped: pdftotext is not installed");
        return;
    };
    let text = String::from_utf8(read.stdout).unwrap();
    for figure in [
        "₹15,110.37",
        "-₹2,400.04",
        "ABxxxxxx4F",
        "122.394",
        "24-Aug-2026",
    ] {
        assert!(text.contains(figure), "{figure} in {text}");
    }
    assert!(text.contains("खाता"), "{text}");
}
