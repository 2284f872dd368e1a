//! Fund names as words: the same treatment for AMFI's names and for what people type, so
//! that `HDFC Smallcap`, `hdfc small cap` and `एचडीएफसी स्मॉल कैप` meet.

use super::scheme::{OptionKind, Plan};
use super::words;

/// What somebody asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Words of the name, each once.
    pub(super) words: Vec<String>,
    /// The plan, if one was named.
    pub(super) plan: Option<Plan>,
    /// The option, if one was named.
    pub(super) option: Option<OptionKind>,
    /// Other words of the option (`monthly`).
    pub(super) option_words: Vec<String>,
}

/// Words that are in every name.
const IN_EVERY_NAME: &[&str] = &[
    "mutual", "fund", "funds", "scheme", "plan", "the", "of", "and",
];

/// Words around a name in a question, in English and Hindi written in Latin letters.
const FILLER: &[&str] = &[
    "a",
    "aaj",
    "abhi",
    "about",
    "aj",
    "amc",
    "an",
    "aur",
    "bata",
    "batado",
    "batao",
    "bataiye",
    "batana",
    "batayein",
    "best",
    "bhai",
    "bhejo",
    "bolo",
    "chahiye",
    "check",
    "current",
    "de",
    "dekhna",
    "detail",
    "details",
    "dikha",
    "dikhao",
    "dikhaiye",
    "dijiye",
    "do",
    "find",
    "for",
    "get",
    "give",
    "h",
    "hai",
    "he",
    "hello",
    "hi",
    "hii",
    "how",
    "i",
    "in",
    "info",
    "is",
    "isme",
    "ji",
    "ka",
    "kaa",
    "kal",
    "kar",
    "karo",
    "ke",
    "ki",
    "kitna",
    "kitne",
    "kitni",
    "know",
    "ko",
    "kya",
    "latest",
    "liye",
    "me",
    "mein",
    "mera",
    "mere",
    "mf",
    "mujhe",
    "my",
    "namaste",
    "nav",
    "navs",
    "now",
    "option",
    "par",
    "please",
    "plz",
    "pls",
    "portfolio",
    "price",
    "rate",
    "schemes",
    "show",
    "sip",
    "sir",
    "tell",
    "to",
    "today",
    "todays",
    "wala",
    "wale",
    "wali",
    "want",
    "what",
    "whats",
    "ye",
    "yeh",
];

/// Devanagari words (written without the dot below) and what they are in Latin letters;
/// an empty text is filler.
const DEVANAGARI: &[(&str, &str)] = &[
    ("एनएवी", ""),
    ("नाव", ""),
    ("का", ""),
    ("की", ""),
    ("के", ""),
    ("को", ""),
    ("क्या", ""),
    ("है", ""),
    ("हैं", ""),
    ("आज", ""),
    ("बताओ", ""),
    ("बताइए", ""),
    ("बताइये", ""),
    ("बताएं", ""),
    ("बता", ""),
    ("दो", ""),
    ("दिखाओ", ""),
    ("दिखाइए", ""),
    ("कितना", ""),
    ("कितनी", ""),
    ("मुझे", ""),
    ("मेरा", ""),
    ("में", ""),
    ("भाव", ""),
    ("फंड", ""),
    ("फण्ड", ""),
    ("स्कीम", ""),
    ("योजना", ""),
    ("म्यूचुअल", ""),
    ("म्युचुअल", ""),
    ("प्लान", ""),
    ("और", ""),
    ("सिप", ""),
    ("एसआईपी", ""),
    ("कृपया", ""),
    ("एचडीएफसी", "hdfc"),
    ("एसबीआई", "sbi"),
    ("पराग", "parag"),
    ("पारिख", "parikh"),
    ("पारीख", "parikh"),
    ("निप्पॉन", "nippon"),
    ("निप्पोन", "nippon"),
    ("निपॉन", "nippon"),
    ("इंडिया", "india"),
    ("एक्सिस", "axis"),
    ("कोटक", "kotak"),
    ("महिंद्रा", "mahindra"),
    ("महिन्द्रा", "mahindra"),
    ("आईसीआईसीआई", "icici"),
    ("प्रूडेंशियल", "prudential"),
    ("प्रुडेंशियल", "prudential"),
    ("प्रू", "prudential"),
    ("मिराए", "mirae"),
    ("मिरे", "mirae"),
    ("एसेट", "asset"),
    ("टाटा", "tata"),
    ("यूटीआई", "uti"),
    ("डीएसपी", "dsp"),
    ("आदित्य", "aditya"),
    ("बिरला", "birla"),
    ("बिड़ला", "birla"),
    ("सन", "sun"),
    ("लाइफ", "life"),
    ("फ्रैंकलिन", "franklin"),
    ("मोतीलाल", "motilal"),
    ("ओसवाल", "oswal"),
    ("क्वांट", "quant"),
    ("केनरा", "canara"),
    ("रोबेको", "robeco"),
    ("बंधन", "bandhan"),
    ("एलआईसी", "lic"),
    ("सुंदरम", "sundaram"),
    ("बजाज", "bajaj"),
    ("एडलवाइस", "edelweiss"),
    ("इन्वेस्को", "invesco"),
    ("एचएसबीसी", "hsbc"),
    ("यूनियन", "union"),
    ("ग्रो", "groww"),
    ("जीरोधा", "zerodha"),
    ("नवी", "navi"),
    ("बड़ौदा", "baroda"),
    ("बैंक", "bank"),
    ("स्मॉल", "small"),
    ("स्माल", "small"),
    ("मिड", "mid"),
    ("लार्ज", "large"),
    ("मल्टी", "multi"),
    ("फ्लेक्सी", "flexi"),
    ("फ्लैक्सी", "flexi"),
    ("कैप", "cap"),
    ("स्मॉलकैप", "small cap"),
    ("मिडकैप", "mid cap"),
    ("लार्जकैप", "large cap"),
    ("फ्लेक्सीकैप", "flexi cap"),
    ("ब्लूचिप", "bluechip"),
    ("निफ्टी", "nifty"),
    ("सेंसेक्स", "sensex"),
    ("इंडेक्स", "index"),
    ("गोल्ड", "gold"),
    ("सोना", "gold"),
    ("सिल्वर", "silver"),
    ("चांदी", "silver"),
    ("लिक्विड", "liquid"),
    ("ईएलएसएस", "elss"),
    ("टैक्स", "tax"),
    ("सेवर", "saver"),
    ("डायरेक्ट", "direct"),
    ("रेगुलर", "regular"),
    ("ग्रोथ", "growth"),
    ("डिविडेंड", "dividend"),
    ("आईडीसीडब्ल्यू", "idcw"),
    ("बैलेंस्ड", "balanced"),
    ("एडवांटेज", "advantage"),
    ("हाइब्रिड", "hybrid"),
    ("इक्विटी", "equity"),
    ("डेट", "debt"),
    ("ओवरनाइट", "overnight"),
    ("आर्बिट्राज", "arbitrage"),
    ("पचास", "50"),
];

/// One word that stands for others, in names and in questions.
const COMPOUNDS: &[(&str, &[&str])] = &[
    ("taxsaver", &["elss"]),
    ("taxsaving", &["elss"]),
    ("fofs", &["fof"]),
    ("fifty", &["50"]),
    ("hundred", &["100"]),
    ("usa", &["us"]),
    ("multiasset", &["multi", "asset"]),
    ("goldbees", &["gold", "bees"]),
    ("niftybees", &["nifty", "50", "bees"]),
    ("liquidbees", &["liquid", "bees"]),
    ("childrens", &["children"]),
    ("advantages", &["advantage"]),
    ("bse", &["bse"]),
    ("icicipru", &["icici", "prudential"]),
];

/// Nicknames and former names of fund houses and funds, in questions only.
const NICKNAMES: &[(&str, &[&str])] = &[
    ("ppfas", &["parag", "parikh"]),
    ("ppfcf", &["parag", "parikh", "flexi", "cap"]),
    ("pp", &["parag", "parikh"]),
    ("absl", &["aditya", "birla", "sun", "life"]),
    ("abslmf", &["aditya", "birla", "sun", "life"]),
    ("boi", &["bank", "india"]),
    ("idfc", &["bandhan"]),
    ("reliance", &["nippon"]),
    ("mosl", &["motilal", "oswal"]),
    ("most", &["motilal", "oswal"]),
    ("pru", &["prudential"]),
    ("ipru", &["icici", "prudential"]),
    ("canrob", &["canara", "robeco"]),
    ("bluechip", &["large", "cap"]),
    ("baf", &["balanced", "advantage"]),
    ("midcaps", &["mid", "cap"]),
    ("smallcaps", &["small", "cap"]),
    ("lt", &["hsbc"]),
    ("emerging", &["emerging"]),
    ("n50", &["nifty", "50"]),
    ("nn50", &["nifty", "next", "50"]),
];

/// Several words that stand for others; the last field says whether in questions only.
const PHRASES: &[(&[&str], &[&str], bool)] = &[
    (&["elss", "tax", "saver"], &["elss"], false),
    (&["tax", "saver"], &["elss"], false),
    (&["tax", "saving"], &["elss"], false),
    (&["fund", "of", "funds"], &["fof"], false),
    (&["fund", "of", "fund"], &["fof"], false),
    (&["funds", "of", "funds"], &["fof"], false),
    (&["long", "term", "equity"], &["elss"], true),
    (&["blue", "chip"], &["large", "cap"], true),
    (&["top", "100"], &["large", "cap"], true),
];

/// Words that make `dividend` and `regular` before them part of a name.
const NAME_GOES_ON: &[&str] = &["yield", "saving", "savings", "income"];

/// Words of an option that tell one of a fund's IDCW options from another.
const OPTION_WORDS: &[&str] = &[
    "daily",
    "weekly",
    "fortnightly",
    "monthly",
    "quarterly",
    "annual",
    "yearly",
    "payout",
    "reinvestment",
];

/// Returns the words of a name on record, each once.
pub(super) fn of_name(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let former = ["(formerly", "(erstwhile", "(earlier known"];
    let end = former.iter().filter_map(|f| lower.find(f)).min();
    let mut words = split(&lower[..end.unwrap_or(lower.len())], &[COMPOUNDS]);
    replace_phrases(&mut words, false);
    words.retain(|word| !IN_EVERY_NAME.contains(&word.as_str()));
    once_each(words)
}

/// Returns what a question asks for.
pub(super) fn of_query(text: &str) -> Query {
    let mut all = split(&text.to_lowercase(), &[COMPOUNDS, NICKNAMES]);
    all.truncate(24);
    replace_phrases(&mut all, true);
    let mut query = Query::default();
    let mut names = Vec::new();
    for (at, word) in all.iter().enumerate() {
        let goes_on = all
            .get(at + 1)
            .is_some_and(|next| NAME_GOES_ON.contains(&next.as_str()));
        let plan = words::plan(word);
        let option = words::option(word);
        if goes_on {
            names.push(word.clone());
        } else if plan != Plan::Unknown {
            query.plan = Some(plan);
        } else if OPTION_WORDS.contains(&word.as_str()) {
            query.option = Some(OptionKind::Idcw);
            query.option_words.push(word.clone());
        } else if option != OptionKind::Other {
            query.option = Some(option);
        } else {
            names.push(word.clone());
        }
    }
    let common = |w: &str| IN_EVERY_NAME.contains(&w) || FILLER.contains(&w);
    names.retain(|word| !common(word));
    query.words = once_each(names);
    query.words.truncate(10);
    query
}

/// Splits lower-cased text into words; letters and digits are parted (`nifty50`), and so
/// is `cap` from what it hangs on (`smallcap`).
fn split(text: &str, tables: &[&[(&str, &[&str])]]) -> Vec<String> {
    let mut words = Vec::new();
    let plain = plain(text);
    for run in plain
        .split(|c: char| !is_word(c))
        .filter(|run| !run.is_empty())
    {
        let latin = if run.is_ascii() {
            run
        } else {
            let row = DEVANAGARI.iter().find(|(word, _)| self::plain(word) == run);
            row.map_or(run, |(_, latin)| latin)
        };
        for run in latin.split_whitespace() {
            push_run(&mut words, run, tables);
        }
    }
    words
}

fn push_run(words: &mut Vec<String>, run: &str, tables: &[&[(&str, &[&str])]]) {
    let known = |word: &str| {
        let mut rows = tables.iter().flat_map(|table| table.iter());
        rows.find(|(from, _)| *from == word).map(|(_, to)| *to)
    };
    if let Some(to) = known(run) {
        words.extend(to.iter().map(|&word| word.to_owned()));
        return;
    }
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits);
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        match (
            known(word),
            word.strip_suffix("cap").or(word.strip_suffix("caps")),
        ) {
            (Some(to), _) => words.extend(to.iter().map(|&word| word.to_owned())),
            (None, Some(stem)) if stem.len() >= 3 => {
                words.push(stem.to_owned());
                words.push("cap".to_owned());
            }
            _ => words.push(word.to_owned()),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{900}'..='\u{963}').contains(&c)
}

/// Writes Devanagari digits as ASCII, drops the dot below and joiners, and apostrophes.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{93c}' | '\u{200c}' | '\u{200d}' | '\'' | '’' => {}
            '\u{958}' => plain.push('क'),
            '\u{959}' => plain.push('ख'),
            '\u{95a}' => plain.push('ग'),
            '\u{95b}' => plain.push('ज'),
            '\u{95c}' => plain.push('ड'),
            '\u{95d}' => plain.push('ढ'),
            '\u{95e}' => plain.push('फ'),
            '\u{966}'..='\u{96f}' => {
                plain.extend(char::from_digit(u32::from(c) - 0x966, 10));
            }
            _ => plain.push(c),
        }
    }
    plain
}

fn replace_phrases(words: &mut Vec<String>, in_question: bool) {
    for (from, to, question_only) in PHRASES {
        if *question_only && !in_question {
            continue;
        }
        while let Some(at) = words.windows(from.len()).position(|run| run == *from) {
            let to = to.iter().map(|&word| word.to_owned());
            words.splice(at..at + from.len(), to);
        }
    }
}

fn once_each(words: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_sloppy_spellings_are_the_same_words() {
        let name = of_name("HDFC Small Cap Fund");
        for query in [
            "hdfc smallcap nav batao",
            "HDFC small-cap fund ki NAV kya hai",
            "एचडीएफसी स्मॉल कैप फ़ंड की एनएवी",
        ] {
            assert_eq!(of_query(query).words, name, "{query}");
        }
        assert_eq!(of_name("Axis ELSS Tax Saver Fund"), ["axis", "elss"]);
        assert_eq!(
            of_name("HDFC Gold ETF Fund of Fund"),
            ["hdfc", "gold", "etf", "fof"]
        );
        assert_eq!(
            of_name("Tata NIFTY200 Alpha 30"),
            ["tata", "nifty", "200", "alpha", "30"]
        );
    }

    #[test]
    fn plan_and_option_words_are_taken_out_of_a_question() {
        let query = of_query("hdfc balanced advantage direct monthly idcw");
        assert_eq!(query.words, ["hdfc", "balanced", "advantage"]);
        assert_eq!(query.plan, Some(Plan::Direct));
        assert_eq!(query.option, Some(OptionKind::Idcw));
        assert_eq!(query.option_words, ["monthly"]);
        assert_eq!(
            of_query("icici dividend yield").words,
            ["icici", "dividend", "yield"]
        );
        assert_eq!(of_query("nav batao").words, Vec::<String>::new());
    }
}
