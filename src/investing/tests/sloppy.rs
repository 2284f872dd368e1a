//! Sloppy questions: what people type, and the fund they mean.

use std::time::Instant;

use super::search::{catalog, told};
use crate::investing::scheme::{Found, OptionKind, Plan, SchemeCode};

/// A question and the name of the one fund it means, in its Regular plan with Growth.
const MEANT: &[(&str, &str)] = &[
    // Slips of the finger.
    ("parag parikh fleksi cap", "Parag Parikh Flexi Cap Fund"),
    ("paragh parikh flexi cap", "Parag Parikh Flexi Cap Fund"),
    ("parag pareekh flexicap", "Parag Parikh Flexi Cap Fund"),
    ("hdfc flexy cap", "HDFC Flexi Cap Fund"),
    ("hdfc midcapp", "HDFC Mid Cap Fund"),
    ("hdfc smal cap", "HDFC Small Cap Fund"),
    ("hdfc balnced advantage", "HDFC Balanced Advantage Fund"),
    ("sbi smll cap", "SBI SMALL CAP FUND"),
    ("sbi larg cap", "SBI Large Cap Fund"),
    ("sbi magnum gilt", "SBI GILT FUND"),
    ("nipon small cap", "Nippon India Small Cap Fund"),
    ("nippn india small cap", "Nippon India Small Cap Fund"),
    ("nippon larg cap", "Nippon India Large Cap Fund"),
    ("mire asset large cap", "Mirae Asset Large Cap Fund"),
    ("mirea asset large cap", "Mirae Asset Large Cap Fund"),
    ("motilal oswal midcp", "Motilal Oswal Midcap Fund"),
    ("motlal oswal mid cap", "Motilal Oswal Midcap Fund"),
    ("kotak flexicapp", "Kotak Flexicap Fund"),
    ("kotak emerging equity", "Kotak Midcap Fund"),
    ("quant smal cap", "quant Small Cap Fund"),
    ("canara robeko large cap", "Canara Robeco Large Cap Fund"),
    ("franklin indai small cap", "Franklin India Small Cap Fund"),
    ("edelwise mid cap", "Edelweiss Mid Cap Fund"),
    (
        "edelweis balanced advantage",
        "Edelweiss Balanced Advantage Fund",
    ),
    ("invesco smalcap", "Invesco India Smallcap Fund"),
    ("bandhan smallcap fund", "BANDHAN Small Cap Fund"),
    ("tata digitl india", "Tata Digital India Fund"),
    ("axis smal cap", "Axis Small Cap Fund"),
    ("uti nifty nxt 50", "UTI - Nifty Next 50 Index Fund"),
    (
        "icici prudential tecnology",
        "ICICI Prudential Technology Fund",
    ),
    // Abbreviations, nicknames and former names of funds and fund houses.
    ("ppfas flexi", "Parag Parikh Flexi Cap Fund"),
    ("ppfcf", "Parag Parikh Flexi Cap Fund"),
    ("pp flexi cap", "Parag Parikh Flexi Cap Fund"),
    ("ppfas elss", "Parag Parikh ELSS Tax Saver Fund"),
    ("ppfas liquid", "Parag Parikh Liquid Fund"),
    ("hdfc baf", "HDFC Balanced Advantage Fund"),
    ("icici baf", "ICICI Prudential Balanced Advantage Fund"),
    ("ipru baf", "ICICI Prudential Balanced Advantage Fund"),
    (
        "icicipru value",
        "ICICI Prudential Value Fund (erstwhile Value Discovery Fund)",
    ),
    (
        "icici bluechip",
        "ICICI Prudential Large Cap Fund (erstwhile Bluechip Fund)",
    ),
    (
        "icici pru large cap",
        "ICICI Prudential Large Cap Fund (erstwhile Bluechip Fund)",
    ),
    ("axis bluechip", "Axis Large Cap Fund"),
    ("kotak bluechip", "Kotak Large Cap Fund"),
    ("mirae emerging bluechip", "Mirae Asset Large & Midcap Fund"),
    ("hdfc top 100", "HDFC Large Cap Fund"),
    ("hdfc taxsaver", "HDFC ELSS Tax saver"),
    ("sbi tax saver", "SBI ELSS Tax Saver Fund"),
    ("sbi long term equity", "SBI ELSS Tax Saver Fund"),
    ("dsp tax saver", "DSP ELSS Tax Saver Fund"),
    ("quant tax plan", "quant ELSS Tax Saver Fund"),
    ("mirae tax saver", "Mirae Asset ELSS Tax Saver Fund"),
    ("idfc flexi cap", "BANDHAN Flexi Cap Fund"),
    ("reliance large cap", "Nippon India Large Cap Fund"),
    ("absl flexi cap", "Aditya Birla Sun Life Flexi Cap Fund"),
    ("birla sun life liquid", "Aditya Birla Sun Life Liquid Fund"),
    (
        "absl frontline equity",
        "Aditya Birla Sun Life Large Cap Fund",
    ),
    ("mosl midcap", "Motilal Oswal Midcap Fund"),
    ("boi small cap", "BANK OF INDIA SMALL CAP FUND"),
    ("lic large cap", "LIC MF Large Cap Fund"),
    ("canrob large cap", "Canara Robeco Large Cap Fund"),
    ("dsp midcap", "DSP Midcap Fund"),
    ("uti nn50", "UTI - Nifty Next 50 Index Fund"),
    ("icici n50", "ICICI Prudential Nifty 50 Index Fund"),
    ("hdfc nifty 50", "HDFC Nifty 50 Index Fund"),
    ("sbi nifty index", "SBI NIFTY INDEX FUND"),
    ("navi nifty 50", "Navi Nifty 50 Index Fund"),
    ("navi nifty next 50", "Navi Nifty Next 50 Index Fund"),
    (
        "groww nifty total market",
        "Groww Nifty Total Market Index Fund",
    ),
    (
        "motilal nasdaq 100 fof",
        "Motilal Oswal Nasdaq 100 Fund of Fund",
    ),
    ("icici nasdaq", "ICICI Prudential NASDAQ 100 Index Fund"),
    (
        "franklin us opportunities",
        "Franklin U. S. Opportunities Equity Active Fund of Funds",
    ),
    ("dsp tiger", "DSP India T.I.G.E.R. Fund"),
    ("sbi contra", "SBI CONTRA FUND"),
    ("invesco contra", "Invesco India Contra Fund"),
    ("hdfc defence", "HDFC Defence Fund"),
    ("icici multi asset", "ICICI Prudential Multi-Asset Fund"),
    ("nippon multi cap", "Nippon India Multi Cap Fund"),
    ("mahindra multi cap", "Mahindra Manulife Multi Cap Fund"),
    ("tata small cap", "Tata Small Cap Fund"),
    ("kotak gold", "Kotak Gold Fund"),
    ("sbi gold", "SBI GOLD FUND"),
    ("nippon gold savings", "Nippon India Gold Savings Fund"),
    // Hindi in Latin letters.
    (
        "bhai hdfc flexi cap ka rate kya hai aaj",
        "HDFC Flexi Cap Fund",
    ),
    ("mujhe sbi small cap me sip karni hai", "SBI SMALL CAP FUND"),
    (
        "parag parikh wala flexi cap dikhao na",
        "Parag Parikh Flexi Cap Fund",
    ),
    (
        "nippon small cap kitna chal raha hai",
        "Nippon India Small Cap Fund",
    ),
    (
        "axis tax saver me paisa dalna hai",
        "Axis ELSS Tax Saver Fund",
    ),
    (
        "icici balanced advantage kaisa fund hai",
        "ICICI Prudential Balanced Advantage Fund",
    ),
    ("kotak arbitrage ke baare me batao", "Kotak Arbitrage Fund"),
    ("hdfc liquid me 5000 lagana hai", "HDFC Liquid Fund"),
    ("sbi large cap ki sip band karo", "SBI Large Cap Fund"),
    (
        "uti nifty 50 me invest karna hai",
        "UTI Nifty 50 Index Fund",
    ),
    (
        "mirae large cap ka nav bhej do",
        "Mirae Asset Large Cap Fund",
    ),
    ("quant small cap abhi kitne ka hai", "quant Small Cap Fund"),
    ("hdfc midcap mein har mahine 2000", "HDFC Mid Cap Fund"),
    ("tata digital india ka daam", "Tata Digital India Fund"),
    ("sone wala fund hdfc gold fof", "HDFC Gold ETF Fund of Fund"),
    // Devanagari.
    ("एचडीएफसी बैलेंस्ड एडवांटेज", "HDFC Balanced Advantage Fund"),
    ("एचडीएफसी मिडकैप", "HDFC Mid Cap Fund"),
    ("एसबीआई लार्ज कैप का भाव", "SBI Large Cap Fund"),
    ("एसबीआई लिक्विड फंड", "SBI LIQUID FUND"),
    (
        "निप्पॉन इंडिया स्मॉल कैप फंड की एनएवी",
        "Nippon India Small Cap Fund",
    ),
    ("निप्पॉन इंडिया लार्ज कैप", "Nippon India Large Cap Fund"),
    ("कोटक आर्बिट्राज फंड", "Kotak Arbitrage Fund"),
    ("कोटक मिडकैप", "Kotak Midcap Fund"),
    ("मिराए एसेट लार्ज कैप", "Mirae Asset Large Cap Fund"),
    ("क्वांट स्मॉल कैप", "quant Small Cap Fund"),
    ("टाटा स्मॉल कैप में सिप करनी है", "Tata Small Cap Fund"),
    ("यूटीआई फ्लेक्सी कैप", "UTI - Flexi Cap Fund."),
    ("यूटीआई निफ्टी नेक्स्ट ५०", "UTI - Nifty Next 50 Index Fund"),
    (
        "आईसीआईसीआई प्रूडेंशियल लार्ज कैप",
        "ICICI Prudential Large Cap Fund (erstwhile Bluechip Fund)",
    ),
    (
        "आदित्य बिड़ला सन लाइफ फ्लेक्सी कैप",
        "Aditya Birla Sun Life Flexi Cap Fund",
    ),
    ("मोतीलाल ओसवाल मिडकैप", "Motilal Oswal Midcap Fund"),
    ("पराग पारिख टैक्स सेवर", "Parag Parikh ELSS Tax Saver Fund"),
    ("डीएसपी स्मॉल कैप", "DSP Small Cap Fund"),
    ("केनरा रोबेको लार्ज कैप", "Canara Robeco Large Cap Fund"),
    ("बंधन स्मॉल कैप", "BANDHAN Small Cap Fund"),
    ("फ्रैंकलिन इंडिया स्मॉल कैप", "Franklin India Small Cap Fund"),
    ("एडलवाइस मिड कैप", "Edelweiss Mid Cap Fund"),
    ("एक्सिस स्मॉल कैप", "Axis Small Cap Fund"),
    ("एचडीएफसी गोल्ड ईटीएफ फंड ऑफ फंड", "HDFC Gold ETF Fund of Fund"),
    ("नवी निफ्टी ५०", "Navi Nifty 50 Index Fund"),
];

/// Questions that name plan or option, and the one scheme they mean.
const PLANNED: &[(&str, u32)] = &[
    ("hdfc flexi cap direct", 118_955),
    ("parag parikh flexi cap direct growth plan", 122_639),
    ("ppfas flexi direct", 122_639),
    ("axis taxsaver direct growth", 120_503),
    ("uti nifty 50 direct plan", 120_716),
    ("sbi small cap direct ka nav", 125_497),
    ("hdfc flexi cap regular dividend", 101_763),
    ("एसबीआई स्मॉल कैप डायरेक्ट", 125_497),
    ("एक्सिस टैक्स सेवर डायरेक्ट ग्रोथ", 120_503),
    ("pp flexicap monthly idcw", 153_965),
    // Sold directly only.
    ("zerodha elss", 152_157),
];

#[test]
fn the_fund_meant_comes_first_however_it_is_written() {
    assert!(MEANT.len() + PLANNED.len() >= 120);
    let mut wrong = Vec::new();
    for (query, name) in MEANT {
        let found = catalog().search(query, 5);
        let is_right = match &found {
            Found::One(code) => {
                let scheme = catalog().get(*code).unwrap();
                scheme.name.eq_ignore_ascii_case(name)
                    && scheme.plan == Plan::Regular
                    && scheme.option == OptionKind::Growth
            }
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{query}: wanted {name}, found {}", told(&found)));
        }
    }
    for (query, code) in PLANNED {
        let found = catalog().search(query, 5);
        if found != Found::One(SchemeCode(*code)) {
            wrong.push(format!("{query}: wanted {code}, found {}", told(&found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Money never goes by a guess: what fits several funds equally is a list.
#[test]
fn what_may_be_several_funds_is_never_one() {
    for query in [
        "hdfc nifty",
        "sbi debt",
        "kotak",
        "axis cap",
        "mirae large",
        "tata index",
    ] {
        let found = catalog().search(query, 5);
        let is_short = matches!(&found, Found::Several(codes) if (2..=5).contains(&codes.len()));
        assert!(is_short, "{query}: {}", told(&found));
    }
}

/// Prints how long a search over the whole list takes; run it with `--nocapture`, and
/// with `--release` for the figure that counts.
#[test]
fn searching_takes_so_long() {
    let catalog = catalog();
    let mut took: Vec<_> = MEANT
        .iter()
        .map(|(query, _)| {
            let start = Instant::now();
            let found = catalog.search(query, 5);
            (start.elapsed(), *query, found)
        })
        .collect();
    took.sort_by_key(|(took, ..)| *took);
    let at = |part: usize| took[(took.len() - 1) * part / 100].0;
    let slowest = took[took.len() - 1].1;
    println!(
        "{} searches over {} schemes: p50 {:?}, p99 {:?}, slowest {:?} (`{slowest}`)",
        took.len(),
        catalog.len(),
        at(50),
        at(99),
        at(100),
    );
    assert!(took.iter().all(|(.., found)| *found != Found::Nothing));
}
