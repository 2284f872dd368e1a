//! Whether an action is wished for, refused, long done or only thought of.
//!
//! "Stop my SIP", "don't stop my SIP", "my SIP stopped" and "if I stop my SIP" have the
//! same words and one wish among them. Money and consent hang on the difference, so that
//! whatever is in doubt counts as no wish.

use super::lexicon::{Hit, LEXICON};
use super::normalise;
use super::words::Word;

/// How an action is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As a wish, or as something that is.
    Plain,
    /// As something not to be done.
    Refused,
    /// As something that has happened, or that somebody else did or said.
    Past,
    /// As something that might be done.
    Supposed,
}

/// Concepts that can be wished for, refused, done or supposed.
#[rustfmt::skip]
const ACTIONS: &[&str] = &[
    "stop", "pause", "resume", "start", "change", "increase", "decrease", "step_up", "invest", "redeem", "switch",
    "switch_funds", "yes", "ok", "proceed", "correct", "unsubscribe", "subscribe", "copy", "cancel", "erase", "once", "stp_word",
];

/// How far a word of negation reaches, in words.
const REACH: usize = 5;
/// How many words of their own may stand between a Hindi verb and its negation.
const BESIDE: usize = 1;
/// How far behind a verb its tense is found.
const TENSE: usize = 3;

/// Returns how each hit is spoken of; what is no action is always plain.
pub fn modes(words: &[Word], hits: &[Hit], is_quoted: bool) -> Vec<Mode> {
    let view = View::new(words, hits);
    let supposed_throughout = view.has("what_if");
    // Somebody else wants it, did it or says it: whoever writes may want nothing at all.
    let is_told_of = is_quoted || view.has("somebody_says");
    (0..hits.len())
        .map(|at| {
            if !view.is_action[at] {
                Mode::Plain
            } else if is_told_of {
                Mode::Past
            } else if view.is_refused(at) {
                Mode::Refused
            } else if supposed_throughout || view.is_supposed(at) {
                Mode::Supposed
            } else if hits[at].is_past || view.is_done(at) {
                Mode::Past
            } else {
                Mode::Plain
            }
        })
        .collect()
}

/// Says whether an action is spoken of.
pub fn has_action(hits: &[Hit]) -> bool {
    hits.iter()
        .any(|hit| ACTIONS.contains(&LEXICON.name(hit.concept)))
}

/// Says whether a relative or friend is the one who acts or wants: `my uncle did`, `bhai ne`,
/// `मेरे भाई को`. "For my daughter's wedding" is a reason, and none of theirs.
pub fn is_of_somebody_else(words: &[Word]) -> bool {
    words.windows(2).any(|two| {
        SOMEBODY.contains(&two[0].text.as_str()) && ACTING.contains(&two[1].text.as_str())
    })
}

/// Says whether a thing is said not to be wanted or not to be there: "no complaint", "I do
/// not want to talk to an agent", `shikayat nahi hai`. "Nobody solved my complaint" and
/// `agent phone nahi uthata` say otherwise, so that only words that add nothing may stand
/// between.
pub fn is_unwanted(words: &[Word], (from, to): (usize, usize)) -> bool {
    let is = |at: usize, known: &[&str]| {
        let word = words.get(at);
        word.is_some_and(|word| {
            known
                .iter()
                .any(|known| word.text == normalise::text(known))
        })
    };
    let is_told = |at: usize| {
        let before = at.checked_sub(1);
        before.is_some_and(|before| is(before, IT_IS) || is(at, &["not"]) && is(before, HAS_BEEN))
    };
    let said_before = (0..from)
        .rev()
        .find(|at| !is(*at, TOWARDS))
        .is_some_and(|at| is(at, NO) && !is_told(at));
    // "agent se baat" and `baat nahi karni` are one thing in two pieces.
    let behind = (to..words.len()).find(|at| !is(*at, TALK));
    let said_behind =
        behind.is_some_and(|at| is(at, NAHI) && (at + 1 == words.len() || is(at + 1, WANTED)));
    said_before || said_behind
}

const NO: &[&str] = &["no", "not", "dont", "never", "mat", "मत"];
const IT_IS: &[&str] = &["is", "are", "was", "there", "still"];
const HAS_BEEN: &[&str] = &["did", "does", "have", "has"];
#[rustfmt::skip]
const TOWARDS: &[&str] = &[
    "want", "wish", "need", "have", "to", "a", "an", "any", "the", "my", "your", "talk", "speak", "call", "file", "make",
    "with", "be", "called", "connected", "by",
];
const NAHI: &[&str] = &["nahi", "mat", "नहीं", "मत"];
const TALK: &[&str] = &["se", "baat", "ki", "से", "बात", "की", "ko", "को"];
#[rustfmt::skip]
const WANTED: &[&str] = &[
    "hai", "karni", "karna", "karo", "karein", "kijiye", "chahiye", "karunga", "karungi", "thi", "है", "करनी", "करना", "करो",
    "चाहिए", "करूंगा", "करूंगी", "थी",
];

#[rustfmt::skip]
const SOMEBODY: &[&str] = &[
    "brother", "bro", "sister", "wife", "husband", "father", "dad", "mother", "mom", "mum", "uncle", "aunt", "aunty",
    "cousin", "friend", "neighbour", "colleague", "boss", "son", "daughter", "he", "she", "they", "everyone", "everybody",
    "bhai", "bhaiya", "behen", "didi", "jija", "jijaji", "biwi", "patni", "pati", "papa", "pitaji", "maa", "mummy", "beta",
    "beti", "dost", "padosi", "chacha", "mama", "mausi", "saheli", "log", "भाई", "बहन", "दीदी", "जीजाजी", "जीजा", "पत्नी",
    "बीवी", "पति", "पापा", "पिताजी", "मां", "मम्मी", "बेटा", "बेटी", "दोस्त", "पडोसी", "चाचा", "मामा", "मौसी", "सहेली", "लोग",
];
#[rustfmt::skip]
const ACTING: &[&str] = &[
    "did", "does", "has", "had", "is", "was", "wants", "wanted", "says", "said", "told", "stopped", "sold", "switched",
    "moved", "shifted", "redeemed", "withdrew", "paused", "cancelled", "would", "will", "wrote", "sent", "keeps", "are",
    "ne", "ko", "apna", "apni", "apne", "bola", "boli", "bol", "kehta", "kehti", "wala", "chahta", "chahti", "ने", "को",
    "अपना", "अपनी", "अपने", "बोला", "बोली", "बोल", "कहता", "कहती", "चाहता", "चाहती",
];

struct View<'a> {
    words: &'a [Word],
    hits: &'a [Hit],
    clauses: Vec<usize>,
    is_action: Vec<bool>,
}

fn is(hit: &Hit, name: &str) -> bool {
    LEXICON.name(hit.concept) == name
}

impl<'a> View<'a> {
    fn new(words: &'a [Word], hits: &'a [Hit]) -> Self {
        let but = LEXICON.concept("but");
        let mut extra = 0;
        let mut clauses = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let begins = hits
                .iter()
                .any(|hit| hit.from == at && Some(hit.concept) == but);
            extra += usize::from(begins);
            clauses.push(word.clause + extra);
        }
        let is_action = hits
            .iter()
            .map(|hit| ACTIONS.contains(&LEXICON.name(hit.concept)));
        Self {
            words,
            hits,
            clauses,
            is_action: is_action.collect(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.hits.iter().any(|hit| is(hit, name))
    }

    fn shares_clause(&self, a: &Hit, b: &Hit) -> bool {
        self.clauses[a.from] == self.clauses[b.from]
    }

    /// Returns the hits of a name in the clause of an action.
    fn beside(&self, action: &'a Hit, name: &'a str) -> impl Iterator<Item = &'a Hit> {
        self.hits
            .iter()
            .filter(move |hit| is(hit, name) && self.shares_clause(hit, action))
    }

    fn is_refused(&self, at: usize) -> bool {
        let action = &self.hits[at];
        let before = |hit: &Hit| hit.to <= action.from && action.from - hit.to < REACH;
        if self.beside(action, "dont").any(before) {
            return true;
        }
        let far_behind = |hit: &Hit| hit.from >= action.to && hit.from - action.to < REACH;
        if self.beside(action, "nahi_far").any(far_behind) {
            return true;
        }
        self.beside(action, "nahi").any(|nahi| {
            let behind = far_behind(nahi) && self.own_words(action.to, nahi.from) <= BESIDE;
            // "nahi karna" has its verb and refuses nothing that follows.
            let is_bare = nahi.to - nahi.from == 1;
            let before = nahi.to <= action.from && action.from - nahi.to <= BESIDE + 1;
            behind
                || is_bare
                    && before
                    && (self.forbids_next(nahi, action) || !self.has_action_just_before(nahi))
        })
    }

    /// Counts the words between that are more than the helpers of a verb.
    fn own_words(&self, from: usize, to: usize) -> usize {
        let is_helper = |word: usize| {
            let mut hits = self.hits.iter();
            hits.any(|hit| (hit.from..hit.to).contains(&word) && is(hit, "aux"))
        };
        (from..to).filter(|word| !is_helper(*word)).count()
    }

    /// `mat` stands right before the verb it forbids: "sip band karo paisa mat nikalo".
    fn forbids_next(&self, nahi: &Hit, action: &Hit) -> bool {
        nahi.to == action.from && matches!(self.words[nahi.from].text.as_str(), "mat" | "मत")
    }

    fn has_action_just_before(&self, nahi: &Hit) -> bool {
        self.hits
            .iter()
            .zip(&self.is_action)
            .any(|(hit, is_action)| {
                *is_action
                    && self.shares_clause(hit, nahi)
                    && hit.to <= nahi.from
                    && nahi.from - hit.to <= BESIDE + 1
            })
    }

    fn is_supposed(&self, at: usize) -> bool {
        let action = &self.hits[at];
        let is_after = |hit: &Hit| hit.from >= action.to && hit.from - action.to < TENSE;
        let is_before = |hit: &Hit| hit.to <= action.from && action.from - hit.to < REACH;
        self.is_subjunctive(action)
            || self
                .hits
                .iter()
                .any(|hit| is(hit, "if") && hit.to <= action.from)
            || self.beside(action, "before_doing").any(is_before)
            || self.beside(action, "upon").any(is_after)
    }

    /// `nikalu to`, `band kar du to`, `बेच दूं तो`: "if I …" without an "if".
    fn is_subjunctive(&self, action: &Hit) -> bool {
        let last = self.words.len().saturating_sub(1).min(action.to + 1);
        (action.from..last).any(|at| {
            let verb = self.words[at].text.as_str();
            let then = self.words[at + 1].text.as_str();
            matches!(then, "to" | "toh" | "तो")
                && !matches!(verb, "you" | "menu")
                && ["u", "un", "oon", "ू", "ूं", "ऊं", "ऊ"]
                    .iter()
                    .any(|ending| verb.ends_with(ending))
        })
    }

    fn is_done(&self, at: usize) -> bool {
        let action = &self.hits[at];
        let behind = |hit: &Hit| hit.from >= action.to && hit.from - action.to < TENSE;
        let before = |hit: &Hit| hit.to <= action.from && action.from - hit.to < REACH;
        self.beside(action, "done").any(behind) || self.beside(action, "did").any(before)
    }
}
