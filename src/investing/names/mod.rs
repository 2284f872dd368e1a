//! Fund names as words: the same treatment for AMFI's names and for what people type, so
//! that `HDFC Smallcap`, `hdfc small cap` and `एचडीएफसी स्मॉल कैप` meet.

mod spellings;

pub(super) use spellings::BEFORE_CAP;

use super::scheme::{OptionKind, Plan};
use super::words;
use spellings::{
    COMPOUNDS, DEVANAGARI, FILLER, IN_EVERY_NAME, NAME_GOES_ON, NICKNAMES, OPTION_WORDS, PHRASES,
};

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
